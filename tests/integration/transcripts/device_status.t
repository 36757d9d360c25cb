Devices and tags while messages come: status, quality, reason, filters, and the newest error.

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ live() { api GET "$@" | grep -o '^[0-9]*$\|^{"name":"[^"]*"\|^{"device":"[^"]*","name":"[^"]*"\|"quality":.*\|"total".*'; }
  $ has() { local want=$1; shift; await "$want" "$@" >shown; tail -1 shown; }
  $ api PUT /devices/kiln '{"mqtt": {"topic": "kiln/data", "availability_topic": "kiln/lwt"}}' | head -1
  201
  $ api PUT /devices/oven '{"mqtt": {"topic": "oven/data"}}' | head -1
  201
  $ api PUT /devices/spare '{"mqtt": {"topic": "spare/data"}}' | head -1
  201
  $ api PUT /devices/off '{"enabled": false, "mqtt": {"topic": "off/data"}}' | head -1
  201
  $ api PUT /devices/south '{"network": {"gateway": "south"}, "mqtt": {"topic": "south/data"}}' | head -1
  201
  $ for tag in a b; do api PUT /devices/kiln/tags/$tag '{"modbus": {"type": "int16"}}' | head -1; done
  201
  201
  $ api PUT /devices/oven/tags/word '{"mqtt": {"values": {"on": 1}}, "modbus": {"type": "int16"}}' | head -1
  201
  $ api PUT /devices/oven/tags/off '{"enabled": false, "modbus": {"type": "int16"}}' | head -1
  201

Before a message:

  $ settle
  $ has never_heard api GET /devices/kiln/status
  {"device":"kiln","quality":"never","reason":"never_heard","gateway":null,"last_message_at":null,"messages":0,"rejects":0,"last_error":null}
  $ live '/devices?quality=never'
  200
  {"name":"kiln"
  "quality":"never","reason":"never_heard"},
  {"name":"off"
  "quality":"never","reason":"disabled"},
  {"name":"oven"
  "quality":"never","reason":"never_heard"},
  {"name":"south"
  "quality":"never","reason":"other_gateway"},
  {"name":"spare"
  "quality":"never","reason":"never_heard"}],"total":5,"next":null}
  $ live '/devices?reason=disabled,other_gateway'
  200
  {"name":"off"
  "quality":"never","reason":"disabled"},
  {"name":"south"
  "quality":"never","reason":"other_gateway"}],"total":2,"next":null}
  $ api GET /devices/off/status | tail -1
  {"device":"off","quality":"never","reason":"disabled","gateway":null,"last_message_at":null,"messages":0,"rejects":0,"last_error":null}
  $ api GET /devices/south/status | tail -1
  {"device":"south","quality":"never","reason":"other_gateway","gateway":"south","last_message_at":null,"messages":0,"rejects":0,"last_error":null}
  $ live '/tags?quality=never'
  200
  {"device":"kiln","name":"a"
  "quality":"never","reason":"never_heard"},
  {"device":"kiln","name":"b"
  "quality":"never","reason":"never_heard"},
  {"device":"oven","name":"off"
  "quality":"never","reason":"disabled"},
  {"device":"oven","name":"word"
  "quality":"never","reason":"never_heard"}],"total":4,"next":null}

Messages, good ones and refused ones:

  $ publish kiln/data '{"a": 12, "b": -345}'
  $ has '"quality":"good"' api GET /devices/kiln/status
  {"device":"kiln","quality":"good","reason":null,"gateway":null,"last_message_at":"TIME","messages":1,"rejects":0,"last_error":null}
  $ publish kiln/data '{"a": 13, "b": 70000}'
  $ has out_of_range api GET /devices/kiln/status
  {"device":"kiln","quality":"good","reason":null,"gateway":null,"last_message_at":"TIME","messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"70000","at":"TIME"}}
  $ publish kiln/data '{"a": "x", "b": 14}'
  $ has not_a_number api GET /devices/kiln/status
  {"device":"kiln","quality":"good","reason":null,"gateway":null,"last_message_at":"TIME","messages":3,"rejects":2,"last_error":{"code":"not_a_number","detail":"x","at":"TIME"}}
  $ publish kiln/data 'no JSON'
  $ has not_json api GET /devices/kiln/status
  {"device":"kiln","quality":"bad","reason":"not_json","gateway":null,"last_message_at":"TIME","messages":4,"rejects":3,"last_error":{"code":"invalid_json","detail":"no JSON","at":"TIME"}}
  $ publish oven/data '{"word": "off"}'
  $ has unmapped_string api GET /devices/oven/status
  {"device":"oven","quality":"bad","reason":"refused","gateway":null,"last_message_at":"TIME","messages":1,"rejects":1,"last_error":{"code":"unmapped_string","detail":"off","at":"TIME"}}
  $ publish oven/data '{"word": "on"}'
  $ has '"quality":"good"' api GET /devices/oven/status
  {"device":"oven","quality":"good","reason":null,"gateway":null,"last_message_at":"TIME","messages":2,"rejects":1,"last_error":{"code":"unmapped_string","detail":"off","at":"TIME"}}

Lists of what is good, and of what is not:

  $ live '/devices?quality=good'
  200
  {"name":"oven"
  "quality":"good","reason":null}],"total":1,"next":null}
  $ live '/devices?quality=bad,stale'
  200
  {"name":"kiln"
  "quality":"bad","reason":"not_json"}],"total":1,"next":null}
  $ live '/devices?quality=good&live=true&limit=1'
  200
  {"name":"oven"
  "quality":"good","reason":null,"live":{"last_message_at":"TIME","age_ms":MS,"messages":2,"rejects":1,"tags":2}}],"total":1,"next":null}
  $ live '/devices?live=true&after=kiln&limit=1'
  200
  {"name":"off"
  "quality":"never","reason":"disabled","live":{"last_message_at":null,"age_ms":null,"messages":0,"rejects":0,"tags":0}}],"total":5,"next":"off"}
  $ live '/devices?live=true&after=oven&limit=1'
  200
  {"name":"south"
  "quality":"never","reason":"other_gateway","live":{"last_message_at":null,"age_ms":null,"messages":0,"rejects":0,"tags":0}}],"total":5,"next":"south"}
  $ live '/tags?quality=good'
  200
  {"device":"oven","name":"word"
  "quality":"good","reason":null}],"total":1,"next":null}
  $ live '/tags?quality=good&limit=1'
  200
  {"device":"oven","name":"word"
  "quality":"good","reason":null}],"total":1,"next":null}
  $ live '/tags?quality=good&limit=1&after=kiln/a'
  200
  {"device":"oven","name":"word"
  "quality":"good","reason":null}],"total":1,"next":null}
  $ live '/tags?quality=never,bad'
  200
  {"device":"kiln","name":"a"
  "quality":"bad","reason":"not_json"},
  {"device":"kiln","name":"b"
  "quality":"bad","reason":"not_json"},
  {"device":"oven","name":"off"
  "quality":"never","reason":"disabled"}],"total":3,"next":null}
  $ live '/tags?reason=refused'
  200
  "total":0,"next":null}
  $ live '/tags?reason=disabled'
  200
  {"device":"oven","name":"off"
  "quality":"never","reason":"disabled"}],"total":1,"next":null}
  $ live '/tags?quality=good&device=kiln&q=b'
  200
  "total":0,"next":null}

The device is not available, and is again:

  $ publish kiln/data '{"a": 5, "b": 6}'
  $ has '"quality":"good"' api GET /devices/kiln/status
  {"device":"kiln","quality":"good","reason":null,"gateway":null,"last_message_at":"TIME","messages":5,"rejects":3,"last_error":{"code":"invalid_json","detail":"no JSON","at":"TIME"}}
  $ live '/tags?quality=good&limit=2'
  200
  {"device":"kiln","name":"a"
  "quality":"good","reason":null},
  {"device":"kiln","name":"b"
  "quality":"good","reason":null}],"total":3,"next":"kiln/b"}
  $ live '/tags?quality=good&limit=2&after=kiln/a'
  200
  {"device":"kiln","name":"b"
  "quality":"good","reason":null},
  {"device":"oven","name":"word"
  "quality":"good","reason":null}],"total":3,"next":null}
  $ publish kiln/lwt offline
  $ has unavailable api GET /devices/kiln/status
  {"device":"kiln","quality":"bad","reason":"unavailable","gateway":null,"last_message_at":"TIME","messages":5,"rejects":3,"last_error":{"code":"invalid_json","detail":"no JSON","at":"TIME"}}
  $ live '/devices?quality=stale'
  200
  "total":0,"next":null}
  $ live '/tags?reason=unavailable'
  200
  {"device":"kiln","name":"a"
  "quality":"bad","reason":"unavailable"},
  {"device":"kiln","name":"b"
  "quality":"bad","reason":"unavailable"}],"total":2,"next":null}
  $ publish kiln/lwt online
  $ has '"quality":"good"' api GET /devices/kiln/status
  {"device":"kiln","quality":"good","reason":null,"gateway":null,"last_message_at":"TIME","messages":5,"rejects":3,"last_error":{"code":"invalid_json","detail":"no JSON","at":"TIME"}}

A renamed device keeps its messages; a new one of its name has none:

  $ api PATCH /devices/kiln '{"name": "furnace"}' | head -1
  200
  $ settle
  $ has '"messages":5' api GET /devices/furnace/status
  {"device":"furnace","quality":"good","reason":null,"gateway":null,"last_message_at":"TIME","messages":5,"rejects":3,"last_error":{"code":"invalid_json","detail":"no JSON","at":"TIME"}}
  $ api PUT /devices/kiln '{"mqtt": {"topic": "kiln/other"}}' | head -1
  201
  $ settle
  $ has never_heard api GET /devices/kiln/status
  {"device":"kiln","quality":"never","reason":"never_heard","gateway":null,"last_message_at":null,"messages":0,"rejects":0,"last_error":null}
  $ errors GET /devices/gone/status
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"gone\".","errors":[]}
