Lists: pages, their order, what they are filtered by; entity tags of resources and lists; deletions; the audit.

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ names() { api GET "$@" | grep -o '^[0-9]*$\|{"name":"[^"]*"\|^{"device":"[^"]*","name":"[^"]*"\|"items":\[\]\|"total".*\|"detail":.*\|"quality":"[a-z]*","reason":[^}]*}.*'; }
  $ put() { curl -sS -o /dev/null -w '%{http_code}\n' -X PUT "$API/api/v1$1" -H 'Content-Type: application/json' -d "$2"; }
  $ etag() { curl -sS -o /dev/null -D - "$API/api/v1$1" | tr -d '\r' | sed -n 's/^ETag: //p'; }

Empty lists:

  $ api GET /devices
  200
  {"items":[],"total":0,"next":null}
  $ api GET /tags
  200
  {"items":[],"total":0,"next":null}
  $ api GET /profiles
  200
  {"items":[],"total":0,"next":null}
  $ api GET /audit
  200
  {"items":[],"total":0,"next":null}
  $ api GET /devices/none/tags
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"none\".","errors":[]}
  $ headers GET /devices ETag
  ETag: "0"
  $ headers GET '/tags?limit=1000' ETag
  ETag: "0"

Twelve devices, some with tags:

  $ for i in b-2 a-10 c.1 B-1 a-2 a-1 d_1 e-1 f-1 g-1 h-1 i-1; do put /devices/$i "{\"label\": \"Kessel $i\", \"description\": \"%_\\\\ hall ${i#*-}\", \"mqtt\": {\"topic\": \"t/$i\"}}"; done | uniq -c
       12 201
  $ for i in t-2 t-10 u T-1; do for device in a-1 a-2 b-2; do put /devices/$device/tags/$i "{\"unit\": \"kW\", \"label\": \"Wert $i\", \"mqtt\": {\"key\": \"/k/$i\", \"topic\": \"own/$i\"}}"; done; done | uniq -c
       12 201
  $ api PUT /devices/a-1/tags/in '{"modbus": {"table": "input_register", "address": 4321, "type": "int16"}}' | head -1
  201
  $ api PUT /devices/a-1/tags/bit '{"description": "pump", "modbus": {"type": "bool"}}' | head -1
  201

Pages of devices, in the order of bytes:

  $ names '/devices'
  200
  {"name":"B-1"
  {"name":"a-1"
  {"name":"a-10"
  {"name":"a-2"
  {"name":"b-2"
  {"name":"c.1"
  {"name":"d_1"
  {"name":"e-1"
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  {"name":"i-1"
  "total":12,"next":null}
  $ names '/devices?limit=1'
  200
  {"name":"B-1"
  "total":12,"next":"B-1"}
  $ names '/devices?limit=5'
  200
  {"name":"B-1"
  {"name":"a-1"
  {"name":"a-10"
  {"name":"a-2"
  {"name":"b-2"
  "total":12,"next":"b-2"}
  $ names '/devices?limit=5&after=a-2'
  200
  {"name":"b-2"
  {"name":"c.1"
  {"name":"d_1"
  {"name":"e-1"
  {"name":"f-1"
  "total":12,"next":"f-1"}
  $ names '/devices?limit=5&after=e-1'
  200
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  {"name":"i-1"
  "total":12,"next":null}
  $ names '/devices?limit=4&after=e-1'
  200
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  {"name":"i-1"
  "total":12,"next":null}
  $ names '/devices?limit=3&after=e-1'
  200
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  "total":12,"next":"h-1"}
  $ names '/devices?after=i-1'
  200
  "items":[]
  "total":12,"next":null}
  $ names '/devices?after=zzz'
  200
  "items":[]
  "total":12,"next":null}
  $ names '/devices?after='
  200
  {"name":"B-1"
  {"name":"a-1"
  {"name":"a-10"
  {"name":"a-2"
  {"name":"b-2"
  {"name":"c.1"
  {"name":"d_1"
  {"name":"e-1"
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  {"name":"i-1"
  "total":12,"next":null}
  $ names '/devices?limit=12'
  200
  {"name":"B-1"
  {"name":"a-1"
  {"name":"a-10"
  {"name":"a-2"
  {"name":"b-2"
  {"name":"c.1"
  {"name":"d_1"
  {"name":"e-1"
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  {"name":"i-1"
  "total":12,"next":null}
  $ names '/devices?limit=11'
  200
  {"name":"B-1"
  {"name":"a-1"
  {"name":"a-10"
  {"name":"a-2"
  {"name":"b-2"
  {"name":"c.1"
  {"name":"d_1"
  {"name":"e-1"
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  "total":12,"next":"h-1"}
  $ for limit in 0 1001 -1 x '' 1.5 1e2 99999999999999999999; do names "/devices?limit=$limit"; done
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ names '/devices?limit=1000' | tail -1
  "total":12,"next":null}

What q finds, in names, labels and descriptions:

  $ names '/devices?q=a-1'
  200
  {"name":"a-1"
  {"name":"a-10"
  "total":2,"next":null}
  $ names '/devices?q=A-1'
  200
  {"name":"a-1"
  {"name":"a-10"
  "total":2,"next":null}
  $ names '/devices?q=KESSEL%20c'
  200
  {"name":"c.1"
  "total":1,"next":null}
  $ names '/devices?q=hall%2010'
  200
  {"name":"a-10"
  "total":1,"next":null}
  $ names '/devices?q=%25_'
  200
  {"name":"B-1"
  {"name":"a-1"
  {"name":"a-10"
  {"name":"a-2"
  {"name":"b-2"
  {"name":"c.1"
  {"name":"d_1"
  {"name":"e-1"
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  {"name":"i-1"
  "total":12,"next":null}
  $ names '/devices?q=%25%25'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/devices?q=nothing'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/devices?q='
  200
  {"name":"B-1"
  {"name":"a-1"
  {"name":"a-10"
  {"name":"a-2"
  {"name":"b-2"
  {"name":"c.1"
  {"name":"d_1"
  {"name":"e-1"
  {"name":"f-1"
  {"name":"g-1"
  {"name":"h-1"
  {"name":"i-1"
  "total":12,"next":null}
  $ names '/devices?q=-1&limit=2'
  200
  {"name":"B-1"
  {"name":"a-1"
  "total":8,"next":"a-1"}
  $ names '/devices?q=-1&limit=2&after=a-1'
  200
  {"name":"a-10"
  {"name":"e-1"
  "total":8,"next":"e-1"}
  $ names '/devices?q=t/a'
  200
  "items":[]
  "total":0,"next":null}

What devices are, and their values:

  $ names '/devices?quality=never' | tail -1
  "quality":"never","reason":"mqttd_down"}],"total":12,"next":null}
  $ names '/devices?quality=good'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/devices?quality=good,never&limit=2'
  200
  {"name":"B-1"
  "quality":"never","reason":"mqttd_down"},
  {"name":"a-1"
  "quality":"never","reason":"mqttd_down"}],"total":12,"next":"a-1"}
  $ names '/devices?quality=never&reason=mqttd_down&limit=2&after=a-1&q=a'
  200
  {"name":"a-10"
  "quality":"never","reason":"mqttd_down"},
  {"name":"a-2"
  "quality":"never","reason":"mqttd_down"}],"total":12,"next":"a-2"}
  $ names '/devices?reason=never_heard'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/devices?reason=never_heard,mqttd_down&limit=1'
  200
  {"name":"B-1"
  "quality":"never","reason":"mqttd_down"}],"total":12,"next":"B-1"}
  $ api GET '/devices?live=true&q=a-1&limit=1'
  200
  {"items":[
  {"name":"a-1","label":"Kessel a-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t/a-1","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":6,"revision":6,"created_at":"TIME","updated_at":"TIME","quality":"never","reason":"mqttd_down","live":{"last_message_at":null,"age_ms":null,"messages":0,"rejects":0,"tags":6}}],"total":2,"next":"a-1"}
  $ api GET '/devices?live=true&quality=never&q=a-1&limit=1&after=a-1'
  200
  {"items":[
  {"name":"a-10","label":"Kessel a-10","description":"%_\\ hall 10","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t/a-10","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":2,"revision":2,"created_at":"TIME","updated_at":"TIME","quality":"never","reason":"mqttd_down","live":{"last_message_at":null,"age_ms":null,"messages":0,"rejects":0,"tags":0}}],"total":2,"next":null}
  $ names '/devices?live=false&limit=1'
  200
  {"name":"B-1"
  "total":12,"next":"B-1"}
  $ for query in live=yes live= quality=bad quality= quality=good, quality=,good reason=none reason= reason=never_heard,x x=1 limit=1\&limit=2; do errors GET "/devices?$query"; done
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"live must be true or false.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"live must be true or false.","errors":[]}
  200
  {"items":[],"total":0,"next":null}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"quality must be one of good, stale, bad, never.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"quality must be one of good, stale, bad, never.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"quality must be one of good, stale, bad, never.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"reason must be one of never_heard, silent, unavailable, broker_lost, mqttd_down, modbusd_down, target_down, refused, old_messages, not_json, subscription_refused, bad_quality, expired, disabled, other_gateway.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"reason must be one of never_heard, silent, unavailable, broker_lost, mqttd_down, modbusd_down, target_down, refused, old_messages, not_json, subscription_refused, bad_quality, expired, disabled, other_gateway.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"reason must be one of never_heard, silent, unavailable, broker_lost, mqttd_down, modbusd_down, target_down, refused, old_messages, not_json, subscription_refused, bad_quality, expired, disabled, other_gateway.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"x\"; this path supports: quality reason live q limit after.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The query parameter \"limit\" appears more than once.","errors":[]}

Tags of a device, and of all:

  $ names /devices/a-1/tags
  200
  {"device":"a-1","name":"T-1"
  {"device":"a-1","name":"bit"
  {"device":"a-1","name":"in"
  {"device":"a-1","name":"t-10"
  {"device":"a-1","name":"t-2"
  {"device":"a-1","name":"u"
  "total":6,"next":null}
  $ names '/devices/a-1/tags?limit=2'
  200
  {"device":"a-1","name":"T-1"
  {"device":"a-1","name":"bit"
  "total":6,"next":"bit"}
  $ names '/devices/a-1/tags?limit=2&after=bit'
  200
  {"device":"a-1","name":"in"
  {"device":"a-1","name":"t-10"
  "total":6,"next":"t-10"}
  $ names '/devices/a-1/tags?limit=2&after=t-10'
  200
  {"device":"a-1","name":"t-2"
  {"device":"a-1","name":"u"
  "total":6,"next":null}
  $ names '/devices/a-1/tags?q=pump'
  200
  {"device":"a-1","name":"bit"
  "total":1,"next":null}
  $ names '/devices/a-1/tags?q=4321'
  200
  {"device":"a-1","name":"in"
  "total":1,"next":null}
  $ names '/devices/a-1/tags?q=304322'
  200
  {"device":"a-1","name":"in"
  "total":1,"next":null}
  $ names '/devices/a-1/tags?q=/k/t-1'
  200
  {"device":"a-1","name":"T-1"
  {"device":"a-1","name":"t-10"
  "total":2,"next":null}
  $ names '/devices/a-1/tags?q=own/u'
  200
  {"device":"a-1","name":"u"
  "total":1,"next":null}
  $ names '/devices/a-1/tags?q=Kessel'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/devices/b-2/tags?limit=1000'
  200
  {"device":"b-2","name":"T-1"
  {"device":"b-2","name":"t-10"
  {"device":"b-2","name":"t-2"
  {"device":"b-2","name":"u"
  "total":4,"next":null}
  $ names '/devices/none/tags'
  404
  "detail":"No device has the name \"none\".","errors":[]}
  $ names '/tags?limit=5'
  200
  {"device":"a-1","name":"T-1"
  {"device":"a-1","name":"bit"
  {"device":"a-1","name":"in"
  {"device":"a-1","name":"t-10"
  {"device":"a-1","name":"t-2"
  "total":14,"next":"a-1/t-2"}
  $ names '/tags?limit=5&after=a-1/t-10'
  200
  {"device":"a-1","name":"t-2"
  {"device":"a-1","name":"u"
  {"device":"a-2","name":"T-1"
  {"device":"a-2","name":"t-10"
  {"device":"a-2","name":"t-2"
  "total":14,"next":"a-2/t-2"}
  $ names '/tags?limit=50&after=a-2/t-10'
  200
  {"device":"a-2","name":"t-2"
  {"device":"a-2","name":"u"
  {"device":"b-2","name":"T-1"
  {"device":"b-2","name":"t-10"
  {"device":"b-2","name":"t-2"
  {"device":"b-2","name":"u"
  "total":14,"next":null}
  $ names '/tags?limit=50&after=a-2/zz'
  200
  {"device":"b-2","name":"T-1"
  {"device":"b-2","name":"t-10"
  {"device":"b-2","name":"t-2"
  {"device":"b-2","name":"u"
  "total":14,"next":null}
  $ names '/tags?limit=50&after=a-11/zz'
  200
  {"device":"a-2","name":"T-1"
  {"device":"a-2","name":"t-10"
  {"device":"a-2","name":"t-2"
  {"device":"a-2","name":"u"
  {"device":"b-2","name":"T-1"
  {"device":"b-2","name":"t-10"
  {"device":"b-2","name":"t-2"
  {"device":"b-2","name":"u"
  "total":14,"next":null}
  $ names '/tags?limit=50&after=b-2/u'
  200
  "items":[]
  "total":14,"next":null}
  $ names '/tags?after=a-1'
  400
  "detail":"after must be DEVICE/TAG, the value of next in the previous page.","errors":[]}
  $ names '/tags?after=/'  | tail -1
  "total":14,"next":null}
  $ names '/tags?device=b-2&limit=3'
  200
  {"device":"b-2","name":"T-1"
  {"device":"b-2","name":"t-10"
  {"device":"b-2","name":"t-2"
  "total":4,"next":"b-2/t-2"}
  $ names '/tags?device=b-2&limit=3&after=b-2/t-10'
  200
  {"device":"b-2","name":"t-2"
  {"device":"b-2","name":"u"
  "total":4,"next":null}
  $ names '/tags?device=none'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/tags?table=input_register'
  200
  {"device":"a-1","name":"in"
  "total":1,"next":null}
  $ names '/tags?table=discrete_input&device=a-1'
  200
  {"device":"a-1","name":"bit"
  "total":1,"next":null}
  $ names '/tags?table=discrete_input&device=b-2'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/tags?table=registers'
  400
  "detail":"table must be coil, discrete_input, input_register or holding_register.","errors":[]}
  $ names '/tags?q=Kessel%20b'
  200
  {"device":"a-1","name":"bit"
  {"device":"b-2","name":"T-1"
  {"device":"b-2","name":"t-10"
  {"device":"b-2","name":"t-2"
  {"device":"b-2","name":"u"
  "total":5,"next":null}
  $ names '/tags?q=t-10&device=a-2'
  200
  {"device":"a-2","name":"t-10"
  "total":1,"next":null}
  $ names '/tags?quality=never&limit=2'
  200
  {"device":"a-1","name":"T-1"
  "quality":"never","reason":"mqttd_down"},
  {"device":"a-1","name":"bit"
  "quality":"never","reason":"mqttd_down"}],"total":14,"next":"a-1/bit"}
  $ names '/tags?quality=never&limit=2&after=b-2/t-2'
  200
  {"device":"b-2","name":"u"
  "quality":"never","reason":"mqttd_down"}],"total":14,"next":null}
  $ names '/tags?quality=never&device=a-1&table=input_register'
  200
  {"device":"a-1","name":"in"
  "quality":"never","reason":"mqttd_down"}],"total":1,"next":null}
  $ names '/tags?quality=good&limit=2'
  200
  "items":[]
  "total":0,"next":null}
  $ names '/tags?reason=mqttd_down&q=pump'
  200
  {"device":"a-1","name":"bit"
  "quality":"never","reason":"mqttd_down"}],"total":1,"next":null}
  $ names '/tags?reason=other'
  400
  "detail":"reason must be one of never_heard, silent, unavailable, broker_lost, mqttd_down, modbusd_down, target_down, refused, old_messages, not_json, subscription_refused, bad_quality, expired, disabled, other_gateway.","errors":[]}
  $ errors GET '/devices/a-1/tags?device=a-1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"device\"; this path supports: limit after q.","errors":[]}

Entity tags: of a resource, its parts, a list:

  $ etag /devices/a-1; etag /devices/a-1/mqtt; etag /devices/a-1/tags/u; etag /devices; etag /tags; etag /devices/a-1/tags; etag /profiles; etag '/devices?q=nothing'
  "6"
  "6"
  "19"
  "26"
  "26"
  "26"
  "26"
  "26"
  $ get() { api GET "$1" -H "$2" | cut -c1-140; }
  $ get /devices/a-1 'If-None-Match: "6"'
  304
  $ get /devices/a-1 'If-None-Match: "7"'
  200
  {"name":"a-1","label":"Kessel a-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"m
  $ get /devices/a-1 'If-None-Match: W/"6"'
  304
  $ get /devices/a-1 'If-None-Match: "5", "6"'
  304
  $ get /devices/a-1 'If-None-Match: *'
  304
  $ get /devices/none 'If-None-Match: *'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"none\".","errors":[]}
  $ get /devices/a-1 'If-Match: "6"'
  200
  {"name":"a-1","label":"Kessel a-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"m
  $ get /devices/a-1 'If-Match: "7"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"6\".","err
  $ get /devices/a-1 'If-Match: W/"6"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"6\".","err
  $ get /devices/a-1 'If-Match: *'
  200
  {"name":"a-1","label":"Kessel a-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"m
  $ get '/devices?limit=1' 'If-None-Match: "26"'
  304
  $ get '/devices?limit=1' 'If-None-Match: "25"'
  200
  {"items":[
  {"name":"B-1","label":"Kessel B-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"m
  $ get '/tags?limit=1' 'If-None-Match: W/"26"'
  304
  $ get '/devices/a-1/tags?limit=1' 'If-None-Match: "26"'
  304
  $ change() { api "$1" "$2" "$3" -H "$4" | cut -c1-200; }
  $ change PATCH /devices/a-1 '{"label": "A"}' 'If-Match: "5"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"6\".","errors":[]}
  $ change PATCH /devices/a-1 '{"label": "A"}' 'If-Match: "6"'
  200
  {"name":"a-1","label":"A","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_re
  $ change PATCH /devices/a-1 '{"label": "A"}' 'If-Match: "6"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"27\".","errors":[]}
  $ change PATCH /devices/a-1 '{"label": "A"}' 'If-None-Match: "27"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-None-Match names the current version, \"27\".","errors":[]}
  $ change PATCH /devices/a-1 '{"label": "A"}' 'If-None-Match: "26"'
  200
  {"name":"a-1","label":"A","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_re
  $ change PUT /devices/a-1 '{"mqtt": {"topic": "t"}}' 'If-None-Match: *'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-None-Match names the current version, \"27\".","errors":[]}
  $ change PUT /devices/a-9 '{"mqtt": {"topic": "t"}}' 'If-Match: *'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version: the resource does not exist.","errors":[]}
  $ change PUT /devices/a-9 '{"mqtt": {"topic": "t"}}' 'If-Match: "1"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version: the resource does not exist.","errors":[]}
  $ change PUT /devices/a-9 '{"mqtt": {"topic": "t"}}' 'If-None-Match: *'
  201
  {"name":"a-9","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123
  $ change PUT /devices/a-9/network '{}' 'If-Match: "27"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"28\".","errors":[]}
  $ change PUT /devices/a-9/network '{"unit_id": 1}' 'If-Match: "28"'
  200
  {"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reco
  $ change POST /devices '{"name": "new", "mqtt": {"topic": "t"}}' 'If-Match: "27"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"28\".","errors":[]}
  $ change POST /devices '{"name": "new", "mqtt": {"topic": "t"}}' 'If-Match: "28"'
  201
  {"name":"new","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123
  $ change POST /devices/new/tags '{"name": "new"}' 'If-Match: "28"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"29\".","errors":[]}
  $ change POST /devices/new/tags '{"name": "new"}' 'If-Match: "29"'
  201
  {"device":"new","name":"new","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"new","topic":null,"payload":"json","values":null,"command_topic":null,"command_
  $ change PUT /devices/new/tags/new '{}' 'If-Match: "29"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"30\".","errors":[]}
  $ change PUT /devices/new/tags/new '{"label": "n"}' 'If-Match: "30"'
  200
  {"device":"new","name":"new","label":"n","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"new","topic":null,"payload":"json","values":null,"command_topic":null,"command
  $ change PUT '/devices/new/tags/new?dry_run=true' '{"label": "m"}' 'If-Match: "31"'
  200
  {"device":"new","name":"new","label":"m","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"new","topic":null,"payload":"json","values":null,"command_topic":null,"command
  $ change PUT '/devices/new/tags/new?dry_run=true' '{"label": "m"}' 'If-Match: "30"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"31\".","errors":[]}

The same again changes nothing:

  $ api PUT /devices/new/tags/new '{"label": "n"}' | tail -1 | grep -o '"id".*'
  "id":15,"revision":31,"created_at":"TIME","updated_at":"TIME"}
  $ api PATCH /devices/new '{}' | tail -1 | grep -o '"id".*'
  "id":14,"revision":29,"created_at":"TIME","updated_at":"TIME"}
  $ etag /devices
  "31"

A resource can be sent back as it was read, and its revision works like If-Match:

  $ curl -sS "$API/api/v1/devices/new" >device
  $ api PUT /devices/new --data-binary @device -H 'Content-Type: application/json' | tail -1 | grep -o '"id".*'
  "id":14,"revision":29,"created_at":"TIME","updated_at":"TIME"}
  $ api PATCH /devices/new '{"label": "changed"}' | head -1
  200
  $ errors PUT /devices/new --data-binary @device -H 'Content-Type: application/json'
  422
  errors:
  {"pointer":"/revision","code":"read_only","detail":"is 32 now: the resource has changed since you read it; read it again, or leave out the revision to overwrite it"},
  {"pointer":"/updated_at","code":"read_only","detail":"is set by the server: the resource has changed since you read it"}]}
  $ curl -sS "$API/api/v1/devices/new/tags/new" >tag
  $ api PUT /devices/new/tags/new --data-binary @tag -H 'Content-Type: application/json' | tail -1 | grep -o '"id".*'
  "id":15,"revision":31,"created_at":"TIME","updated_at":"TIME"}
  $ sed -e 's/"id":[0-9]*/"id":99/; s/"modicon":"[0-9]*"/"modicon":"400999"/; s/"device":"new"/"device":"a-1"/' tag >other
  $ errors PUT /devices/new/tags/new --data-binary @other -H 'Content-Type: application/json'
  422
  errors:
  {"pointer":"/device","code":"read_only","detail":"must be the tag's device, new, or be left out"},
  {"pointer":"/id","code":"read_only","detail":"is 15 and cannot be changed"},
  {"pointer":"/modbus/modicon","code":"read_only","detail":"follows from table and address and cannot be set; set address to the Modicon form, as a string, instead"}]}

Deletions:

  $ api DELETE /devices/new/tags/new -H 'If-Match: "30"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"31\".","errors":[]}
  $ api DELETE '/devices/new/tags/new?dry_run=true' -H 'If-Match: "31"'
  204
  $ api DELETE /devices/new/tags/new -H 'If-Match: "31"'
  204
  $ api DELETE /devices/new/tags/new
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no tag \"new\".","errors":[]}
  $ api DELETE '/devices/new?confirm=2'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"","code":"confirm_required","detail":"confirm is 2, but this deletes 1 object: the device new with its 0 tags. Nothing was changed."}],"confirm":1}
  $ api DELETE '/devices/new?confirm=0'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"","code":"confirm_required","detail":"confirm is 0, but this deletes 1 object: the device new with its 0 tags. Nothing was changed."}],"confirm":1}
  $ api DELETE '/devices/new?confirm=-1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"confirm must be an integer from 0 to 9223372036854775807.","errors":[]}
  $ api DELETE '/devices/new?confirm=1&dry_run=no'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"dry_run must be true or false.","errors":[]}
  $ api DELETE '/devices/new?confirm=1'
  204
  $ api DELETE /devices/new
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"new\".","errors":[]}
  $ for i in $(seq 1 19); do put /devices/i-1/tags/t$i '{}'; done | uniq -c
       19 201
  $ api DELETE '/devices/i-1?dry_run=true'
  204
  $ api PUT /devices/i-1/tags/t20 '{}' | head -1
  201
  $ api DELETE '/devices/i-1?dry_run=true'
  204
  $ api DELETE /devices/i-1
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"","code":"confirm_required","detail":"This deletes 21 objects: the device i-1 with its 20 tags. Repeat the request with confirm=21 to delete them."}],"confirm":21}
  $ api DELETE '/devices/i-1?confirm=20'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"","code":"confirm_required","detail":"confirm is 20, but this deletes 21 objects: the device i-1 with its 20 tags. Nothing was changed."}],"confirm":21}
  $ api DELETE /devices/i-1/tags/t20
  204
  $ api DELETE /devices/i-1
  204
  $ api GET /devices/i-1/tags/t1
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"i-1\".","errors":[]}

The audit, newest first:

  $ audit() { api GET "/audit$1" | grep -o '^[0-9]*$\|^{"id":[0-9]*\|"action.*'; }
  $ api GET '/audit?limit=3' | sed 's/"request_id":"[^"]*"/"request_id":"ID"/'
  200
  {"items":[
  {"id":75,"revision":56,"at":"TIME","who":"","remote":"127.0.0.1","request_id":"ID","action":"delete","kind":"device","device":"i-1","tag":null,"profile":null,"before":{"name":"i-1","label":"Kessel i-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t/i-1","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":12,"revision":12,"created_at":"TIME","updated_at":"TIME"},"after":null,"diff":[]},
  {"id":74,"revision":56,"at":"TIME","who":"","remote":"127.0.0.1","request_id":"ID","action":"delete","kind":"tag","device":"i-1","tag":"t9","profile":null,"before":{"device":"i-1","name":"t9","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"t9","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":42,"modicon":"400043","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":24,"revision":43,"created_at":"TIME","updated_at":"TIME"},"after":null,"diff":[]},
  {"id":73,"revision":56,"at":"TIME","who":"","remote":"127.0.0.1","request_id":"ID","action":"delete","kind":"tag","device":"i-1","tag":"t8","profile":null,"before":{"device":"i-1","name":"t8","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"t8","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":40,"modicon":"400041","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":23,"revision":42,"created_at":"TIME","updated_at":"TIME"},"after":null,"diff":[]}],"total":75,"next":"73"}
  $ audit '?limit=2&after=50' | cut -c1-500
  200
  {"id":49
  "action":"create","kind":"tag","device":"i-1","tag":"t15","profile":null,"before":null,"after":{"device":"i-1","name":"t15","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"t15","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_inte
  {"id":48
  "action":"create","kind":"tag","device":"i-1","tag":"t14","profile":null,"before":null,"after":{"device":"i-1","name":"t14","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"t14","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_inte
  $ audit '?limit=1&after=2'
  200
  {"id":1
  "action":"create","kind":"device","device":"b-2","tag":null,"profile":null,"before":null,"after":{"name":"b-2","label":"Kessel b-2","description":"%_\\ hall 2","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t/b-2","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"},"diff":[]}],"total":75,"next":null}
  $ audit '?limit=1&after=1'
  200
  $ audit '?device=a-9'
  200
  {"id":28
  "action":"create","kind":"device","device":"a-9","tag":null,"profile":null,"before":null,"after":{"name":"a-9","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":13,"revision":28,"created_at":"TIME","updated_at":"TIME"},"diff":[]}],"total":1,"next":null}
  $ audit '?device=a-1&tag=in' | cut -c1-200
  200
  {"id":25
  "action":"create","kind":"tag","device":"a-1","tag":"in","profile":null,"before":null,"after":{"device":"a-1","name":"in","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","
  $ audit '?tag=in' | cut -c1-200
  200
  {"id":25
  "action":"create","kind":"tag","device":"a-1","tag":"in","profile":null,"before":null,"after":{"device":"a-1","name":"in","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","
  $ audit '?profile=x'
  200
  $ audit '?who=nobody'
  200
  $ audit '?since=54&limit=2' | cut -c1-100
  200
  {"id":75
  "action":"delete","kind":"device","device":"i-1","tag":null,"profile":null,"before":{"name":"i-1","l
  {"id":74
  "action":"delete","kind":"tag","device":"i-1","tag":"t9","profile":null,"before":{"device":"i-1","na
  $ audit '?since=1000'
  200
  $ audit '?since=0&limit=1' | tail -1
  "action":"delete","kind":"device","device":"i-1","tag":null,"profile":null,"before":{"name":"i-1","label":"Kessel i-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t/i-1","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":12,"revision":12,"created_at":"TIME","updated_at":"TIME"},"after":null,"diff":[]}],"total":75,"next":"75"}
  $ audit '?since=2026-01-02T03:04:05Z&limit=1' | tail -1
  "action":"delete","kind":"device","device":"i-1","tag":null,"profile":null,"before":{"name":"i-1","label":"Kessel i-1","description":"%_\\ hall 1","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t/i-1","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":12,"revision":12,"created_at":"TIME","updated_at":"TIME"},"after":null,"diff":[]}],"total":75,"next":"75"}
  $ audit '?since=2999-01-02T03:04:05Z&limit=1' | tail -1
  200
  $ for query in since= since=x since=-1 since=1234567890123456789 since=123456789012345678 limit=0 limit=1001 after=0 after=x after=2147483648 after=2147483647 q=1; do errors GET "/audit?$query" | tail -1 | grep -o '"detail.*\|"total.*'; done
  "detail":"since must be a revision, such as 42, or a time, such as TIME.","errors":[]}
  "detail":"since must be a revision, such as 42, or a time, such as TIME.","errors":[]}
  "detail":"since must be a revision, such as 42, or a time, such as TIME.","errors":[]}
  "detail":"since must be a revision, such as 42, or a time, such as TIME.","errors":[]}
  "total":0,"next":null}
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  "detail":"after must be an integer from 1 to 2147483647.","errors":[]}
  "detail":"after must be an integer from 1 to 2147483647.","errors":[]}
  "detail":"after must be an integer from 1 to 2147483647.","errors":[]}
  "total":75,"next":null}
  "detail":"Unknown query parameter \"q\"; this path supports: device tag profile who since limit after.","errors":[]}

The page and the session:

  $ api GET /session | sed -e 's/"version":"[^"]*"/"version":"V"/'
  200
  {"tokens":false,"name":null,"scope":"write","version":"V"}
  $ errors GET '/session?x=1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"x\"; this path supports: none.","errors":[]}
  $ errors GET /assets/none.js
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The dashboard has no file \"none.js\".","errors":[]}
  $ errors GET /assets/index.html
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The dashboard has no file \"index.html\".","errors":[]}
  $ errors POST /session '{}'
  405
  {"type":"about:blank","title":"Method Not Allowed","status":405,"detail":"This path supports GET, HEAD, OPTIONS.","errors":[]}
  $ for part in /healthz /readyz '/readyz?need=store' '/readyz?need=x' '/readyz?need=mqttd,store' '/readyz?need='; do api GET "$part"; done
  200
  {"status":"ok"}
  503
  {"status":"not_ready","revision":56,"mqttd":{"state":"down","reason":"not_running","detail":null,"since":null},"modbusd":{"state":"down","reason":"not_running","detail":null,"since":null},"broker":{"state":"down","reason":"mqttd_down","detail":null,"since":null},"store":{"state":"up","reason":null,"detail":null,"since":"TIME"}}
  200
  {"status":"ready","revision":56,"mqttd":{"state":"down","reason":"not_running","detail":null,"since":null},"modbusd":{"state":"down","reason":"not_running","detail":null,"since":null},"broker":{"state":"down","reason":"mqttd_down","detail":null,"since":null},"store":{"state":"up","reason":null,"detail":null,"since":"TIME"}}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  503
  {"status":"not_ready","revision":56,"mqttd":{"state":"down","reason":"not_running","detail":null,"since":null},"modbusd":{"state":"down","reason":"not_running","detail":null,"since":null},"broker":{"state":"down","reason":"mqttd_down","detail":null,"since":null},"store":{"state":"up","reason":null,"detail":null,"since":"TIME"}}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
