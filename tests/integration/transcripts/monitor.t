What the API shows while all daemons run: values and their stream, registers, messages, clients, history, metrics.
Options: common.units=1-2

  $ await '"status":"ready"' api GET /readyz
  200
  {"status":"ready","revision":0,"mqttd":{"state":"up","reason":null,"detail":null,"since":"TIME"},"modbusd":{"state":"up","reason":null,"detail":null,"since":"TIME"},"broker":{"state":"up","reason":null,"detail":null,"since":"TIME"},"store":{"state":"up","reason":null,"detail":null,"since":"TIME"}}
  $ tag() { api POST "/devices/$1/tags" "$2" | sed -n "1p; /errors/,\$p"; }
  $ api POST /devices '{"name": "kiln", "status": {"table": "input_register", "address": 900}, "mqtt": {"topic": "kiln"}}' | head -1
  201
  $ tag kiln '{"name": "temp", "unit": "degC", "mqtt": {"key": "t"}, "modbus": {"address": 100, "type": "float32", "byte_order": "CDAB", "scale": 0.5, "offset": 10}}'
  201
  $ tag kiln '{"name": "count", "unit": "a\\b\"c", "mqtt": {"key": "n"}, "modbus": {"address": 102, "type": "uint64"}}'
  201
  $ tag kiln '{"name": "flag", "mqtt": {"key": "b"}, "modbus": {"table": "discrete_input", "address": 7, "type": "bool"}}'
  201
  $ tag kiln '{"name": "low", "mqtt": {"key": "l"}, "modbus": {"address": 200, "type": "uint8", "byte": "low"}}'
  201
  $ tag kiln '{"name": "high", "mqtt": {"key": "h"}, "modbus": {"address": 200, "type": "int8", "byte": "high"}}'
  201
  $ tag kiln '{"name": "bit15", "mqtt": {"key": "b15"}, "modbus": {"address": 201, "type": "bool", "bit": 15}}'
  201
  $ tag kiln '{"name": "text", "mqtt": {"key": "s"}, "modbus": {"address": 65413, "type": "string", "length": 123}}'
  201
  $ tag kiln '{"name": "state", "mqtt": {"key": "m", "values": {"off": 0, "on": 1, "auto": 12}}, "modbus": {"address": 210, "type": "uint16"}}'
  201
  $ tag kiln '{"name": "set", "direction": "to_mqtt", "mqtt": {"command_topic": "kiln/set"}, "modbus": {"address": 12, "type": "int32", "scale": 0.1}}'
  201
  $ tag kiln '{"name": "silent", "enabled": false, "mqtt": {"key": "x"}, "modbus": {"address": 220, "type": "int16"}}'
  201
  $ api POST /devices '{"name": "mute", "network": {"unit_id": 2}, "mqtt": {"topic": "mute", "stale_after_s": 3600}}' | head -1
  201
  $ tag mute '{"name": "v", "mqtt": {"key": "v"}, "modbus": {"address": 65535, "type": "uint16"}}'
  201
  $ api POST /devices '{"name": "far", "network": {"modbus_host": "127.0.0.1", "modbus_port": 1, "unit_id": 17}, "mqtt": {"topic": "far"}}' | head -1
  201
  $ tag far '{"name": "f", "mqtt": {"key": "f"}, "modbus": {"address": 99, "type": "uint16"}}'
  201
  $ settle

Messages: one that brings values, one that is refused in parts, and those that are none.

  $ publish kiln '{"t": 5'
  $ publish kiln "$(printf 'x%.0s' {1..600})"
  $ publish kiln '{"t": 21.5, "n": "18446744073709551615", "b": true, "l": 255, "h": -128, "b15": 1, "s": "Gr\u00fc\u00dfe", "m": "auto"}'
  $ await '"value":12' api GET /devices/kiln/tags/state/value
  200
  {"device":"kiln","tag":"state","value":12,"raw":[12],"quality":"good","reason":null,"received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":1,"rejects":0,"last_error":{"code":"invalid_json","detail":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","at":"TIME"}}
  $ publish kiln '{"t": "warm", "l": 256, "m": "idle", "x": 1}'
  $ publish mute '{"other": 1}' -r
  $ publish far '{"f": 65535}'
  $ await '"total":6' api GET /messages
  200
  {"items":[
  {"sequence":6,"at":"TIME","device":"far","topic":"far","payload":"{\"f\": 65535}","encoding":"text","looks_like":null,"bytes":12,"retained":false,"outcome":"taken","tags":1,"written":1,"rejected":0,"held":0,"error":null,"keys":null},
  {"sequence":5,"at":"TIME","device":"mute","topic":"mute","payload":"{\"other\": 1}","encoding":"text","looks_like":null,"bytes":12,"retained":false,"outcome":"taken","tags":1,"written":0,"rejected":0,"held":0,"error":null,"keys":"other"},
  {"sequence":4,"at":"TIME","device":"kiln","topic":"kiln","payload":"{\"t\": \"warm\", \"l\": 256, \"m\": \"idle\", \"x\": 1}","encoding":"text","looks_like":null,"bytes":44,"retained":false,"outcome":"taken","tags":8,"written":0,"rejected":3,"held":0,"error":{"code":"not_a_number","tag":"temp","byte":null},"keys":"t, l, m, x"},
  {"sequence":3,"at":"TIME","device":"kiln","topic":"kiln","payload":"{\"t\": 21.5, \"n\": \"18446744073709551615\", \"b\": true, \"l\": 255, \"h\": -128, \"b15\": 1, \"s\": \"Gr\\u00fc\\u00dfe\", \"m\": \"auto\"}","encoding":"text","looks_like":null,"bytes":119,"retained":false,"outcome":"taken","tags":8,"written":8,"rejected":0,"held":0,"error":null,"keys":null},
  {"sequence":2,"at":"TIME","device":"kiln","topic":"kiln","payload":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","encoding":"text","looks_like":null,"bytes":600,"retained":false,"outcome":"not_json","tags":8,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":0},"keys":null},
  {"sequence":1,"at":"TIME","device":"kiln","topic":"kiln","payload":"{\"t\": 5","encoding":"text","looks_like":null,"bytes":7,"retained":false,"outcome":"not_json","tags":8,"written":0,"rejected":0,"held":0,"error":{"code":"invalid_json","tag":null,"byte":7},"keys":null}],"total":6,"next":null}
  $ api GET '/messages?limit=1&device=kiln' | cut -c1-300
  200
  {"items":[
  {"sequence":4,"at":"TIME","device":"kiln","topic":"kiln","payload":"{\"t\": \"warm\", \"l\": 256, \"m\": \"idle\", \"x\": 1}","encoding":"text","looks_like":null,"bytes":44,"retained":false,"outcome":"taken","tags":8,"written":0,"rejected":3,"held":0,"error":{"code":"not_a_number","tag":"temp","byte
  $ api GET '/messages?newer_than=4&limit=1' | sed -n 's/.*"sequence":\([0-9]*\).*/\1/p; s/.*"total"/"total"/p'
  6
  $ api GET '/messages?newer_than=6'
  200
  {"items":[],"total":0,"next":null}
  $ api GET '/messages?newer_than=7' | sed 's/.*"total"/"total"/' | tail -1
  "total":6,"next":null}
  $ api GET '/messages?device=mute' | sed 's/.*"total"/"total"/' | tail -1
  "total":1,"next":null}

Values: of the registers, with raw words and errors; by quality and reason; pages.

  $ api GET '/values?device=kiln'
  200
  {"items":[
  {"device":"kiln","tag":"bit15","value":true,"raw":[32768],"quality":"good","reason":null,"received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":1,"rejects":0,"last_error":{"code":"invalid_json","detail":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","at":"TIME"}},
  {"device":"kiln","tag":"count","value":"18446744073709551615","raw":[65535,65535,65535,65535],"quality":"good","reason":null,"received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":1,"rejects":0,"last_error":{"code":"invalid_json","detail":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","at":"TIME"}},
  {"device":"kiln","tag":"flag","value":true,"raw":[1],"quality":"good","reason":null,"received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":1,"rejects":0,"last_error":{"code":"invalid_json","detail":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","at":"TIME"}},
  {"device":"kiln","tag":"high","value":-128,"raw":[33023],"quality":"good","reason":null,"received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":1,"rejects":0,"last_error":{"code":"invalid_json","detail":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","at":"TIME"}},
  {"device":"kiln","tag":"low","value":255,"raw":[33023],"quality":"bad","reason":"refused","received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":2,"rejects":1,"last_error":{"code":"out_of_range","detail":"256","at":"TIME"}},
  {"device":"kiln","tag":"set","value":0,"raw":[0,0],"quality":"never","reason":"never_heard","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null},
  {"device":"kiln","tag":"silent","value":0,"raw":[0],"quality":"never","reason":"disabled","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null},
  {"device":"kiln","tag":"state","value":12,"raw":[12],"quality":"bad","reason":"refused","received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":2,"rejects":1,"last_error":{"code":"unmapped_string","detail":"idle","at":"TIME"}},
  {"device":"kiln","tag":"temp","value":21.5,"raw":[0,16824],"quality":"bad","reason":"refused","received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":2,"rejects":1,"last_error":{"code":"not_a_number","detail":"warm","at":"TIME"}},
  {"device":"kiln","tag":"text","value":"Gr\xc3\xbc\xc3\x9fe","raw":[18290,50108,50079,25856,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0],"quality":"good","reason":null,"received_at":"TIME","written_at":"TIME","age_ms":MS,"expires_at":null,"messages":1,"rejects":0,"last_error":{"code":"invalid_json","detail":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","at":"TIME"}}],"total":10,"next":null} (esc)
  $ api GET '/values?quality=good&limit=3' | sed 's/"value".*//' ; api GET '/values?quality=good&limit=3' | tail -1 | sed 's/.*"total"/"total"/'
  200
  {"items":[
  {"device":"kiln","tag":"bit15",
  {"device":"kiln","tag":"count",
  {"device":"kiln","tag":"flag",
  "total":5,"next":"kiln/flag"}
  $ api GET '/values?quality=good&limit=3&after=kiln/count' | sed 's/"value".*"total"/ ... "total"/; s/"value".*//'
  200
  {"items":[
  {"device":"kiln","tag":"flag",
  {"device":"kiln","tag":"high",
  {"device":"kiln","tag":"text", ... "total":5,"next":null}
  $ api GET '/values?reason=disabled' | sed 's/"value".*"total"/ ... "total"/'
  200
  {"items":[
  {"device":"kiln","tag":"silent", ... "total":1,"next":null}
  $ api GET '/values?reason=never_heard' | sed 's/"value".*"total"/ ... "total"/'
  200
  {"items":[
  {"device":"kiln","tag":"set","value":0,"raw":[0,0],"quality":"never","reason":"never_heard","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null},
  {"device":"mute","tag":"v", ... "total":2,"next":null}
  $ api GET '/values?table=discrete_input' | sed 's/"quality".*"total"/ ... "total"/'
  200
  {"items":[
  {"device":"kiln","tag":"flag","value":true,"raw":[1], ... "total":1,"next":null}
  $ await '"modbus_unreachable"' api GET /devices/far/tags/f/value | sed -E 's/"(rejects|messages)":[0-9]+/"\1":N/g'
  200
  {"device":"far","tag":"f","value":65535,"raw":[65535],"quality":"stale","reason":"target_down","received_at":"TIME","written_at":null,"age_ms":MS,"expires_at":null,"messages":N,"rejects":N,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT","at":"TIME"}}

Writing values: the exact limits, words for values, what is refused, tags that Tagferry writes by itself.

  $ value() { api PUT "/devices/kiln/tags/$1/value" "{\"value\": $2}" | sed 's/"received_at".*//'; }
  $ value low 0
  200
  {"device":"kiln","tag":"low","value":0,"raw":[32768],"quality":"bad","reason":"refused",
  $ value low 255
  200
  {"device":"kiln","tag":"low","value":255,"raw":[33023],"quality":"bad","reason":"refused",
  $ value high 127
  200
  {"device":"kiln","tag":"high","value":127,"raw":[32767],"quality":"good","reason":null,
  $ value high -128
  200
  {"device":"kiln","tag":"high","value":-128,"raw":[33023],"quality":"good","reason":null,
  $ value bit15 false
  200
  {"device":"kiln","tag":"bit15","value":false,"raw":[0],"quality":"good","reason":null,
  $ value flag true
  200
  {"device":"kiln","tag":"flag","value":true,"raw":[1],"quality":"good","reason":null,
  $ value count '"18446744073709551615"'
  200
  {"device":"kiln","tag":"count","value":"18446744073709551615","raw":[65535,65535,65535,65535],"quality":"good","reason":null,
  $ value count '"18446744073709551616"'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint64, which goes from 0 to 18446744073709551615"}]}
  $ value count 9007199254740991
  200
  {"device":"kiln","tag":"count","value":9007199254740991,"raw":[31,65535,65535,65535],"quality":"good","reason":null,
  $ value count 9007199254740993
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"inexact_integer","detail":"is not a value of type uint64, which goes from 0 to 18446744073709551615; an integer of 2^53 or more is exact only as a string"}]}
  $ value count '"9007199254740993"'
  200
  {"device":"kiln","tag":"count","value":"9007199254740993","raw":[32,0,0,1],"quality":"good","reason":null,
  $ value count 18446744073709551615
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint64, which goes from 0 to 18446744073709551615; an integer of 2^53 or more is exact only as a string"}]}
  $ value count -1
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint64, which goes from 0 to 18446744073709551615"}]}
  $ value temp 10.25
  200
  {"device":"kiln","tag":"temp","value":10.25,"raw":[0,16128],"quality":"bad","reason":"refused",
  $ value temp 1e300
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type float32, which is a finite number"}]}
  $ value text '"x\u0000y"'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a string with \\u0000, which is not allowed.","errors":[]}
  $ value text "\"$(printf 's%.0s' {1..246})\"" | sed 's/"raw".*"quality"/ ... "quality"/'
  200
  {"device":"kiln","tag":"text","value":"ssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssssss", ... "quality":"good","reason":null,
  $ value state '"on"'
  200
  {"device":"kiln","tag":"state","value":1,"raw":[1],"quality":"bad","reason":"refused",
  $ value state '"idle"'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"unmapped_string","detail":"is not a value of type uint16, which goes from 0 to 65535; mqtt.values has the words auto, off, on"}]}
  $ value state 65536
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint16, which goes from 0 to 65535; mqtt.values has the words auto, off, on"}]}
  $ value set 214748364.7
  200
  {"device":"kiln","tag":"set","value":214748364.7,"raw":[32767,65535],"quality":"never","reason":"never_heard",
  $ value set 214748364.8
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type int32, which goes from -214748364.8 to 214748364.7 with its scale"}]}
  $ value set -214748364.8
  200
  {"device":"kiln","tag":"set","value":-214748364.8,"raw":[32768,0],"quality":"never","reason":"never_heard",
  $ value silent 5
  200
  {"device":"kiln","tag":"silent","value":5,"raw":[5],"quality":"never","reason":"disabled",
  $ registers 100 6; registers 200 2; registers 210 1; registers 12 2; registers 7 1 1 1
  100: 0
  101: 16128
  102: 32
  103: 0
  104: 0
  105: 1
  200: 33023 (-32513)
  201: 0
  210: 1
  12: 32768 (-32768)
  13: 0
  7: 1

Registers with their owners: the first, the last, a window at the end, another unit.

  $ api GET '/registers/holding_register?start=99&count=5'
  200
  {"table":"holding_register","unit":1,"start":99,"count":5,"items":[
  {"address":99,"modicon":"400100","raw":0,"owners":[]},
  {"address":100,"modicon":"400101","raw":0,"owners":[
  {"device":"kiln","tag":"temp","gateway":null,"bit":null,"byte":null}]},
  {"address":101,"modicon":"400102","raw":16128,"owners":[
  {"device":"kiln","tag":"temp","gateway":null,"bit":null,"byte":null}]},
  {"address":102,"modicon":"400103","raw":32,"owners":[
  {"device":"kiln","tag":"count","gateway":null,"bit":null,"byte":null}]},
  {"address":103,"modicon":"400104","raw":0,"owners":[
  {"device":"kiln","tag":"count","gateway":null,"bit":null,"byte":null}]}]}
  $ api GET '/registers/holding_register?start=101&count=1'
  200
  {"table":"holding_register","unit":1,"start":101,"count":1,"items":[
  {"address":101,"modicon":"400102","raw":16128,"owners":[
  {"device":"kiln","tag":"temp","gateway":null,"bit":null,"byte":null}]}]}
  $ api GET '/registers/holding_register?start=200&count=2'
  200
  {"table":"holding_register","unit":1,"start":200,"count":2,"items":[
  {"address":200,"modicon":"400201","raw":33023,"owners":[
  {"device":"kiln","tag":"low","gateway":null,"bit":null,"byte":"low"},
  {"device":"kiln","tag":"high","gateway":null,"bit":null,"byte":"high"}]},
  {"address":201,"modicon":"400202","raw":0,"owners":[
  {"device":"kiln","tag":"bit15","gateway":null,"bit":15,"byte":null}]}]}
  $ api GET '/registers/holding_register?start=65534&count=1000'
  200
  {"table":"holding_register","unit":1,"start":65534,"count":2,"items":[
  {"address":65534,"modicon":"465535","raw":29555,"owners":[
  {"device":"kiln","tag":"text","gateway":null,"bit":null,"byte":null}]},
  {"address":65535,"modicon":"465536","raw":29555,"owners":[
  {"device":"kiln","tag":"text","gateway":null,"bit":null,"byte":null}]}]}
  $ api GET '/registers/holding_register?start=65535&count=1&unit=2'
  200
  {"table":"holding_register","unit":2,"start":65535,"count":1,"items":[
  {"address":65535,"modicon":"465536","raw":0,"owners":[
  {"device":"mute","tag":"v","gateway":null,"bit":null,"byte":null}]}]}
  $ api GET '/registers/discrete_input?start=7&count=1'
  200
  {"table":"discrete_input","unit":1,"start":7,"count":1,"items":[
  {"address":7,"modicon":"100008","raw":1,"owners":[
  {"device":"kiln","tag":"flag","gateway":null,"bit":null,"byte":null}]}]}
  $ await '"raw":5' api GET '/registers/input_register?start=903&count=2'
  200
  {"table":"input_register","unit":1,"start":903,"count":2,"items":[
  {"address":903,"modicon":"300904","raw":5,"owners":[
  {"device":"kiln","tag":null,"gateway":null,"bit":null,"byte":null}]},
  {"address":904,"modicon":"300905","raw":0,"owners":[]}]}
  $ api GET '/registers/coil?start=65535'
  200
  {"table":"coil","unit":1,"start":65535,"count":1,"items":[
  {"address":65535,"modicon":"065536","raw":0,"owners":[]}]}
  $ api GET '/registers/holding_register?count=1000' | grep -c address
  1000
  $ api GET '/registers/holding_register' | grep -c address
  100

The clients of tagferry-modbusd.

  $ clients() { api GET "/modbus/clients?$1" | sed -E 's/"port":[0-9]+/"port":PORT/g; s/"rate":[0-9.e-]+/"rate":R/g; s/"requests":[0-9]+/"requests":N/; s/"functions":\{[^}]*\}/"functions":{}/; s/"last_request":(null|\{[^}]*\})/"last_request":{}/'; }
  $ clients side=scada
  200
  {"state":"up","listen":[
  {"address":"127.0.0.1","port":PORT,"protocol":"tcp"}],"items":[
  {"address":"127.0.0.1","port":PORT,"side":"scada","protocol":"tcp","role":null,"since":"TIME","units":[1,2],"functions":{},"requests":N,"exceptions":0,"rate":R,"last_request":{}}],"total":1,"refused":[]}
  $ clients 'limit=1' | grep -c '"side"'
  1
  $ clients side=inputs | tail -1 | sed 's/.*"total"/"total"/'
  "total":2,"refused":[]}

History: what the tags were, with values, writes, rejects and qualities.

  $ history() { api GET "/devices/kiln/tags/$1/history?${2:-}" | sed -E 's/"(kept_from|at|from|to)":[0-9]{13}/"\1":MS/g; s/\[[0-9]{13},/[MS,/g'; }
  $ event() { await "$2" history "$1" | grep -o "{[^{]*$2[^}]*}" | tail -1; }
  $ event high '"detail":"-128"'
  {"at":MS,"kind":"write","code":"api","detail":"-128"}
  $ event temp '"code":"not_a_number"'
  {"at":MS,"kind":"reject","code":"not_a_number","detail":"warm"}
  $ event silent '"detail":"disabled"'
  {"at":MS,"kind":"quality","code":"never","detail":"disabled"}
  $ event text '"kind":"write"'
  {"at":MS,"kind":"write","code":"api","detail":null}
  $ history text | tail -1
  {"code":"no_points","detail":"A string has no points: only its events are recorded."}]}

Metrics of all daemons, and of values.

  $ metrics() { # with masks for times, sizes, and what depends on timers
  >     api GET "$1" | sed -E -e 's/^(process_[a-z_]+\{daemon="[a-z]+"\}) .*/\1 NUMBER/; s/^(tagferry_store_size_bytes\{file="[a-z]+"\}) .*/\1 NUMBER/' \
  >         -e 's/^(tagferry_filesystem_[a-z_]+\{use="[a-z_]+",filesystem=")[0-9]+:[0-9]+"\} .*/\1DEVICE"} NUMBER/; s/version="[^"]*"/version="VERSION"/' \
  >         -e 's/^(tagferry_(api|modbusd)[a-z_]*(\{[^}]*\})?) [0-9.e+-]+$/\1 NUMBER/; s/^(tagferry_mqttd_(modbus|batch|queue|polls|published|reloads|connects|write_delay|journal)[a-z_]*(\{[^}]*\})?) [0-9.e+-]+$/\1 NUMBER/'
  > }
  $ metrics /metrics
  200
  # HELP tagferry_devices Devices of this gateway, by quality.
  # TYPE tagferry_devices gauge
  tagferry_devices{quality="good"} 2
  tagferry_devices{quality="stale"} 1
  tagferry_devices{quality="bad"} 0
  tagferry_devices{quality="never"} 0
  # HELP tagferry_devices_elsewhere Devices in the store that only other gateways hold.
  # TYPE tagferry_devices_elsewhere gauge
  tagferry_devices_elsewhere 0
  # HELP tagferry_tags Tags in the store.
  # TYPE tagferry_tags gauge
  tagferry_tags 12
  # HELP tagferry_store_revision Revision of the newest change.
  # TYPE tagferry_store_revision gauge
  tagferry_store_revision 15
  # HELP tagferry_store_term Term of the store: how often its leader was changed.
  # TYPE tagferry_store_term gauge
  tagferry_store_term 0
  # HELP tagferry_store_leader 1 if this gateway leads the configuration, 0 if it follows another one.
  # TYPE tagferry_store_leader gauge
  tagferry_store_leader 1
  # HELP tagferry_replica_lag_seconds Seconds since this follower had all changes of its leader.
  # TYPE tagferry_replica_lag_seconds gauge
  # HELP tagferry_foreign_unit_up 0 while values or polls of a foreign server's unit fail because it does not answer.
  # TYPE tagferry_foreign_unit_up gauge
  tagferry_foreign_unit_up{server="127.0.0.1:PORT",unit="17"} 0
  # HELP tagferry_foreign_unit_failing_tags Tags of this unit whose newest write or poll failed.
  # TYPE tagferry_foreign_unit_failing_tags gauge
  tagferry_foreign_unit_failing_tags{server="127.0.0.1:PORT",unit="17"} 1
  # HELP tagferry_up 1 if the daemon works, else 0.
  # TYPE tagferry_up gauge
  tagferry_up{daemon="api"} 1
  tagferry_up{daemon="modbusd"} 1
  tagferry_up{daemon="mqttd"} 1
  # HELP tagferry_build_info The versions of the daemons that run; "unknown" is another one.
  # TYPE tagferry_build_info gauge
  tagferry_build_info{daemon="api",version="VERSION"} 1
  tagferry_build_info{daemon="modbusd",version="VERSION"} 1
  tagferry_build_info{daemon="mqttd",version="VERSION"} 1
  # HELP process_resident_memory_bytes Resident memory of the daemon.
  # TYPE process_resident_memory_bytes gauge
  process_resident_memory_bytes{daemon="api"} NUMBER
  process_resident_memory_bytes{daemon="modbusd"} NUMBER
  process_resident_memory_bytes{daemon="mqttd"} NUMBER
  # HELP process_start_time_seconds Start time of the daemon, since 1970.
  # TYPE process_start_time_seconds gauge
  process_start_time_seconds{daemon="api"} NUMBER
  process_start_time_seconds{daemon="modbusd"} NUMBER
  process_start_time_seconds{daemon="mqttd"} NUMBER
  # HELP tagferry_store_size_bytes Sizes of the store's files.
  # TYPE tagferry_store_size_bytes gauge
  tagferry_store_size_bytes{file="database"} NUMBER
  tagferry_store_size_bytes{file="wal"} NUMBER
  tagferry_store_size_bytes{file="history"} NUMBER
  # HELP tagferry_filesystem_size_bytes Size of the file system of the store, runtime_dir and image.
  # TYPE tagferry_filesystem_size_bytes gauge
  tagferry_filesystem_size_bytes{use="store",filesystem="DEVICE"} NUMBER
  tagferry_filesystem_size_bytes{use="runtime_dir",filesystem="DEVICE"} NUMBER
  tagferry_filesystem_size_bytes{use="image",filesystem="DEVICE"} NUMBER
  # HELP tagferry_filesystem_avail_bytes Free bytes of the file system of the store, runtime_dir and image.
  # TYPE tagferry_filesystem_avail_bytes gauge
  tagferry_filesystem_avail_bytes{use="store",filesystem="DEVICE"} NUMBER
  tagferry_filesystem_avail_bytes{use="runtime_dir",filesystem="DEVICE"} NUMBER
  tagferry_filesystem_avail_bytes{use="image",filesystem="DEVICE"} NUMBER
  # HELP tagferry_api_requests_total HTTP requests.
  # TYPE tagferry_api_requests_total counter
  tagferry_api_requests_total NUMBER
  # HELP tagferry_api_client_errors_total HTTP requests answered with 4xx.
  # TYPE tagferry_api_client_errors_total counter
  tagferry_api_client_errors_total NUMBER
  # HELP tagferry_api_server_errors_total HTTP requests answered with 5xx.
  # TYPE tagferry_api_server_errors_total counter
  tagferry_api_server_errors_total NUMBER
  # HELP tagferry_api_store_groups_total Commits of several changes at once.
  # TYPE tagferry_api_store_groups_total counter
  tagferry_api_store_groups_total NUMBER
  # HELP tagferry_api_store_grouped_total Changes committed together with others.
  # TYPE tagferry_api_store_grouped_total counter
  tagferry_api_store_grouped_total NUMBER
  # HELP tagferry_api_connections HTTP connections open.
  # TYPE tagferry_api_connections gauge
  tagferry_api_connections NUMBER
  # HELP tagferry_api_connections_closed_total HTTP connections that the server closed.
  # TYPE tagferry_api_connections_closed_total counter
  tagferry_api_connections_closed_total{reason="head_timeout"} NUMBER
  tagferry_api_connections_closed_total{reason="body_timeout"} NUMBER
  tagferry_api_connections_closed_total{reason="answer_timeout"} NUMBER
  tagferry_api_connections_closed_total{reason="made_room"} NUMBER
  # HELP tagferry_api_connections_refused_total HTTP connections closed as soon as they were accepted, or answered with 503 at once.
  # TYPE tagferry_api_connections_refused_total counter
  tagferry_api_connections_refused_total{reason="limit"} NUMBER
  tagferry_api_connections_refused_total{reason="memory"} NUMBER
  tagferry_api_connections_refused_total{reason="health_checks_only"} NUMBER
  # HELP tagferry_api_no_memory_total HTTP requests answered with 503 for lack of memory.
  # TYPE tagferry_api_no_memory_total counter
  tagferry_api_no_memory_total NUMBER
  # HELP tagferry_modbusd_connections SCADA connections open now.
  # TYPE tagferry_modbusd_connections gauge
  tagferry_modbusd_connections NUMBER
  # HELP tagferry_modbusd_process_connections Connections of the process side open now.
  # TYPE tagferry_modbusd_process_connections gauge
  tagferry_modbusd_process_connections NUMBER
  # HELP tagferry_modbusd_connections_accepted_total Connections accepted, on either side.
  # TYPE tagferry_modbusd_connections_accepted_total counter
  tagferry_modbusd_connections_accepted_total NUMBER
  # HELP tagferry_modbusd_connections_refused_total Connections closed as soon as they were accepted.
  # TYPE tagferry_modbusd_connections_refused_total counter
  tagferry_modbusd_connections_refused_total{reason="limit"} NUMBER
  tagferry_modbusd_connections_refused_total{reason="ip_limit"} NUMBER
  tagferry_modbusd_connections_refused_total{reason="rule"} NUMBER
  tagferry_modbusd_connections_refused_total{reason="memory"} NUMBER
  tagferry_modbusd_connections_refused_total{reason="certificate"} NUMBER
  # HELP tagferry_modbusd_connections_closed_total Connections that the server closed.
  # TYPE tagferry_modbusd_connections_closed_total counter
  tagferry_modbusd_connections_closed_total{reason="frame_timeout"} NUMBER
  tagferry_modbusd_connections_closed_total{reason="write_timeout"} NUMBER
  tagferry_modbusd_connections_closed_total{reason="idle"} NUMBER
  tagferry_modbusd_connections_closed_total{reason="proxy_header"} NUMBER
  tagferry_modbusd_connections_closed_total{reason="tls_handshake"} NUMBER
  # HELP tagferry_modbusd_tls_handshakes_total TLS handshakes that succeeded.
  # TYPE tagferry_modbusd_tls_handshakes_total counter
  tagferry_modbusd_tls_handshakes_total NUMBER
  # HELP tagferry_modbusd_tls_resumed_total TLS handshakes that resumed an earlier session.
  # TYPE tagferry_modbusd_tls_resumed_total counter
  tagferry_modbusd_tls_resumed_total NUMBER
  # HELP tagferry_modbusd_bad_frames_total Invalid frames, whose connections were closed.
  # TYPE tagferry_modbusd_bad_frames_total counter
  tagferry_modbusd_bad_frames_total NUMBER
  # HELP tagferry_modbusd_rtu_crc_errors_total Times that bytes were skipped because of a wrong CRC or an impossible length.
  # TYPE tagferry_modbusd_rtu_crc_errors_total counter
  tagferry_modbusd_rtu_crc_errors_total NUMBER
  # HELP tagferry_modbusd_rtu_skipped_bytes_total Bytes that were skipped for that reason.
  # TYPE tagferry_modbusd_rtu_skipped_bytes_total counter
  tagferry_modbusd_rtu_skipped_bytes_total NUMBER
  # HELP tagferry_modbusd_rtu_broadcasts_total Requests to unit 0, which all units take.
  # TYPE tagferry_modbusd_rtu_broadcasts_total counter
  tagferry_modbusd_rtu_broadcasts_total NUMBER
  # HELP tagferry_modbusd_udp_dropped_total Datagrams that were not answered, by reason.
  # TYPE tagferry_modbusd_udp_dropped_total counter
  tagferry_modbusd_udp_dropped_total{reason="malformed"} NUMBER
  tagferry_modbusd_udp_dropped_total{reason="rule"} NUMBER
  tagferry_modbusd_udp_dropped_total{reason="busy"} NUMBER
  # HELP tagferry_modbusd_serial_lines_open Serial lines that are open now.
  # TYPE tagferry_modbusd_serial_lines_open gauge
  tagferry_modbusd_serial_lines_open NUMBER
  # HELP tagferry_modbusd_serial_other_frames_total Frames on serial lines to and from other devices, and echoes.
  # TYPE tagferry_modbusd_serial_other_frames_total counter
  tagferry_modbusd_serial_other_frames_total NUMBER
  # HELP tagferry_modbusd_serial_late_answers_total Answers that were not sent because the line had gone on, or did not take them.
  # TYPE tagferry_modbusd_serial_late_answers_total counter
  tagferry_modbusd_serial_late_answers_total NUMBER
  # HELP tagferry_modbusd_received_bytes_total Bytes received.
  # TYPE tagferry_modbusd_received_bytes_total counter
  tagferry_modbusd_received_bytes_total NUMBER
  # HELP tagferry_modbusd_sent_bytes_total Bytes sent.
  # TYPE tagferry_modbusd_sent_bytes_total counter
  tagferry_modbusd_sent_bytes_total NUMBER
  # HELP tagferry_modbusd_requests_total Requests by function code.
  # TYPE tagferry_modbusd_requests_total counter
  tagferry_modbusd_requests_total{function="1"} NUMBER
  tagferry_modbusd_requests_total{function="2"} NUMBER
  tagferry_modbusd_requests_total{function="3"} NUMBER
  tagferry_modbusd_requests_total{function="4"} NUMBER
  tagferry_modbusd_requests_total{function="5"} NUMBER
  tagferry_modbusd_requests_total{function="6"} NUMBER
  tagferry_modbusd_requests_total{function="15"} NUMBER
  tagferry_modbusd_requests_total{function="16"} NUMBER
  tagferry_modbusd_requests_total{function="17"} NUMBER
  tagferry_modbusd_requests_total{function="22"} NUMBER
  tagferry_modbusd_requests_total{function="23"} NUMBER
  tagferry_modbusd_requests_total{function="43"} NUMBER
  tagferry_modbusd_requests_total{function="other"} NUMBER
  # HELP tagferry_modbusd_exceptions_total Exceptions answered, by code.
  # TYPE tagferry_modbusd_exceptions_total counter
  tagferry_modbusd_exceptions_total{code="1"} NUMBER
  tagferry_modbusd_exceptions_total{code="2"} NUMBER
  tagferry_modbusd_exceptions_total{code="3"} NUMBER
  tagferry_modbusd_exceptions_total{code="4"} NUMBER
  tagferry_modbusd_exceptions_total{code="11"} NUMBER
  # HELP tagferry_modbusd_writes_refused_total Writes that the access rules refused.
  # TYPE tagferry_modbusd_writes_refused_total counter
  tagferry_modbusd_writes_refused_total NUMBER
  # HELP tagferry_modbusd_requests_refused_total Requests that the access rules refused, because of the function or of a register.
  # TYPE tagferry_modbusd_requests_refused_total counter
  tagferry_modbusd_requests_refused_total{reason="function"} NUMBER
  tagferry_modbusd_requests_refused_total{reason="register"} NUMBER
  # HELP tagferry_modbusd_gap_reads_refused_total Reads that [modbusd] gaps refused.
  # TYPE tagferry_modbusd_gap_reads_refused_total counter
  tagferry_modbusd_gap_reads_refused_total NUMBER
  # HELP tagferry_modbusd_gap_writes_refused_total Writes that [modbusd] writes = tags refused.
  # TYPE tagferry_modbusd_gap_writes_refused_total counter
  tagferry_modbusd_gap_writes_refused_total NUMBER
  # HELP tagferry_modbusd_journal_entries_total SCADA writes added to the journal.
  # TYPE tagferry_modbusd_journal_entries_total counter
  tagferry_modbusd_journal_entries_total NUMBER
  # HELP tagferry_modbusd_image_syncs_total Writes of the image to disk.
  # TYPE tagferry_modbusd_image_syncs_total counter
  tagferry_modbusd_image_syncs_total NUMBER
  # HELP tagferry_modbusd_image_sync_failures_total Failed writes of the image to disk.
  # TYPE tagferry_modbusd_image_sync_failures_total counter
  tagferry_modbusd_image_sync_failures_total NUMBER
  # HELP tagferry_modbusd_slowest_turn_seconds Longest duration of one turn of the loop.
  # TYPE tagferry_modbusd_slowest_turn_seconds gauge
  tagferry_modbusd_slowest_turn_seconds NUMBER
  # HELP tagferry_modbusd_process_lost 1 while reads are refused because the process is lost.
  # TYPE tagferry_modbusd_process_lost gauge
  tagferry_modbusd_process_lost NUMBER
  # HELP tagferry_modbusd_start_time_seconds Start time, since 1970.
  # TYPE tagferry_modbusd_start_time_seconds gauge
  tagferry_modbusd_start_time_seconds NUMBER
  # HELP tagferry_modbusd_beat_seconds Latest heartbeat of the loop, since boot.
  # TYPE tagferry_modbusd_beat_seconds gauge
  tagferry_modbusd_beat_seconds NUMBER
  # HELP tagferry_mqttd_broker_connected 1 while the broker is connected.
  # TYPE tagferry_mqttd_broker_connected gauge
  tagferry_mqttd_broker_connected 1
  # HELP tagferry_mqttd_connects_total Connections made to the broker.
  # TYPE tagferry_mqttd_connects_total counter
  tagferry_mqttd_connects_total NUMBER
  # HELP tagferry_mqttd_messages_total Messages received.
  # TYPE tagferry_mqttd_messages_total counter
  tagferry_mqttd_messages_total 6
  # HELP tagferry_mqttd_received_bytes_total Bytes of their payloads.
  # TYPE tagferry_mqttd_received_bytes_total counter
  tagferry_mqttd_received_bytes_total 794
  # HELP tagferry_mqttd_messages_refused_total Messages refused as a whole.
  # TYPE tagferry_mqttd_messages_refused_total counter
  tagferry_mqttd_messages_refused_total 2
  # HELP tagferry_mqttd_messages_lost_total Messages of QoS 0 lost for lack of memory.
  # TYPE tagferry_mqttd_messages_lost_total counter
  tagferry_mqttd_messages_lost_total 0
  # HELP tagferry_mqttd_no_memory_total Failed memory allocations.
  # TYPE tagferry_mqttd_no_memory_total counter
  tagferry_mqttd_no_memory_total 0
  # HELP tagferry_mqttd_message_outcomes_total Messages by outcome, counted once for each device that uses the topic.
  # TYPE tagferry_mqttd_message_outcomes_total counter
  tagferry_mqttd_message_outcomes_total{outcome="taken"} 4
  tagferry_mqttd_message_outcomes_total{outcome="not_json"} 2
  tagferry_mqttd_message_outcomes_total{outcome="too_large"} 0
  tagferry_mqttd_message_outcomes_total{outcome="old"} 0
  tagferry_mqttd_message_outcomes_total{outcome="nobody"} 0
  tagferry_mqttd_message_outcomes_total{outcome="unknown_availability"} 0
  tagferry_mqttd_message_outcomes_total{outcome="not_selected"} 0
  tagferry_mqttd_message_outcomes_total{outcome="not_sparkplug"} 0
  tagferry_mqttd_message_outcomes_total{outcome="no_birth"} 0
  # HELP tagferry_mqttd_values_total Values accepted for tags.
  # TYPE tagferry_mqttd_values_total counter
  tagferry_mqttd_values_total 9
  # HELP tagferry_mqttd_values_refused_total Values refused.
  # TYPE tagferry_mqttd_values_refused_total counter
  tagferry_mqttd_values_refused_total 3
  # HELP tagferry_mqttd_values_held_total Values ignored because of newer ones, such as SCADA's.
  # TYPE tagferry_mqttd_values_held_total counter
  tagferry_mqttd_values_held_total 0
  # HELP tagferry_mqttd_write_delay_seconds Time from a value's message to its register.
  # TYPE tagferry_mqttd_write_delay_seconds histogram
  tagferry_mqttd_write_delay_seconds_bucket{le="0.001"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.002"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.005"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.01"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.02"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.05"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.1"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.25"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="0.5"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="1"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="5"} NUMBER
  tagferry_mqttd_write_delay_seconds_bucket{le="+Inf"} NUMBER
  tagferry_mqttd_write_delay_seconds_sum NUMBER
  tagferry_mqttd_write_delay_seconds_count NUMBER
  # HELP tagferry_mqttd_published_total Commands published.
  # TYPE tagferry_mqttd_published_total counter
  tagferry_mqttd_published_total NUMBER
  # HELP tagferry_mqttd_commands_refused_total Values from SCADA that cannot be published.
  # TYPE tagferry_mqttd_commands_refused_total counter
  tagferry_mqttd_commands_refused_total 0
  # HELP tagferry_mqttd_setpoints_expired_total Setpoints that SCADA did not write in time.
  # TYPE tagferry_mqttd_setpoints_expired_total counter
  tagferry_mqttd_setpoints_expired_total 0
  # HELP tagferry_mqttd_queue_values Values and status registers waiting for their Modbus server.
  # TYPE tagferry_mqttd_queue_values gauge
  tagferry_mqttd_queue_values NUMBER
  # HELP tagferry_mqttd_queue_age_seconds Age of the oldest of them.
  # TYPE tagferry_mqttd_queue_age_seconds gauge
  tagferry_mqttd_queue_age_seconds NUMBER
  # HELP tagferry_mqttd_modbus_requests_total Modbus requests sent.
  # TYPE tagferry_mqttd_modbus_requests_total counter
  tagferry_mqttd_modbus_requests_total NUMBER
  # HELP tagferry_mqttd_batch_values Values in one successful Modbus request.
  # TYPE tagferry_mqttd_batch_values histogram
  tagferry_mqttd_batch_values_bucket{le="1"} NUMBER
  tagferry_mqttd_batch_values_bucket{le="2"} NUMBER
  tagferry_mqttd_batch_values_bucket{le="5"} NUMBER
  tagferry_mqttd_batch_values_bucket{le="10"} NUMBER
  tagferry_mqttd_batch_values_bucket{le="25"} NUMBER
  tagferry_mqttd_batch_values_bucket{le="50"} NUMBER
  tagferry_mqttd_batch_values_bucket{le="100"} NUMBER
  tagferry_mqttd_batch_values_bucket{le="+Inf"} NUMBER
  tagferry_mqttd_batch_values_sum NUMBER
  tagferry_mqttd_batch_values_count NUMBER
  # HELP tagferry_mqttd_modbus_failures_total Modbus requests that failed.
  # TYPE tagferry_mqttd_modbus_failures_total counter
  tagferry_mqttd_modbus_failures_total NUMBER
  # HELP tagferry_mqttd_modbus_registers_total Registers and bits written.
  # TYPE tagferry_mqttd_modbus_registers_total counter
  tagferry_mqttd_modbus_registers_total NUMBER
  # HELP tagferry_mqttd_mask_emulated_total Bits written by read and write, because the server lacks function 22.
  # TYPE tagferry_mqttd_mask_emulated_total counter
  tagferry_mqttd_mask_emulated_total 0
  # HELP tagferry_mqttd_polls_total Polls of foreign servers.
  # TYPE tagferry_mqttd_polls_total counter
  tagferry_mqttd_polls_total NUMBER
  # HELP tagferry_mqttd_polls_failed_total Polls that were refused or not answered.
  # TYPE tagferry_mqttd_polls_failed_total counter
  tagferry_mqttd_polls_failed_total NUMBER
  # HELP tagferry_mqttd_journal_read_total Journal entries read.
  # TYPE tagferry_mqttd_journal_read_total counter
  tagferry_mqttd_journal_read_total NUMBER
  # HELP tagferry_mqttd_journal_overruns_total Journal overruns.
  # TYPE tagferry_mqttd_journal_overruns_total counter
  tagferry_mqttd_journal_overruns_total NUMBER
  # HELP tagferry_mqttd_reloads_total Reloads of the configuration.
  # TYPE tagferry_mqttd_reloads_total counter
  tagferry_mqttd_reloads_total NUMBER
  # HELP tagferry_mqttd_discovery_messages_total Messages that discoveries have received.
  # TYPE tagferry_mqttd_discovery_messages_total counter
  tagferry_mqttd_discovery_messages_total 0
  # HELP tagferry_mqttd_discovery_dropped_total Those of them that were over the budget.
  # TYPE tagferry_mqttd_discovery_dropped_total counter
  tagferry_mqttd_discovery_dropped_total 0
  # HELP tagferry_mqttd_mirror_published_total Setpoints published for the paired gateways.
  # TYPE tagferry_mqttd_mirror_published_total counter
  tagferry_mqttd_mirror_published_total 0
  # HELP tagferry_mqttd_mirror_applied_total Setpoints of paired gateways put into the registers.
  # TYPE tagferry_mqttd_mirror_applied_total counter
  tagferry_mqttd_mirror_applied_total 0
  # HELP tagferry_mqttd_mirror_ignored_total Mirrored setpoints that were received and not put into the registers.
  # TYPE tagferry_mqttd_mirror_ignored_total counter
  tagferry_mqttd_mirror_ignored_total{reason="own"} 0
  tagferry_mqttd_mirror_ignored_total{reason="older"} 0
  tagferry_mqttd_mirror_ignored_total{reason="unknown_tag"} 0
  tagferry_mqttd_mirror_ignored_total{reason="other_registers"} 0
  tagferry_mqttd_mirror_ignored_total{reason="invalid"} 0
  # HELP tagferry_mqttd_mirror_refused_total Mirrored setpoints, and tests of the mirror topic, that the broker refused.
  # TYPE tagferry_mqttd_mirror_refused_total counter
  tagferry_mqttd_mirror_refused_total 0
  # HELP tagferry_mqttd_commands_superseded_total Commands not published, because a paired gateway has a newer setpoint.
  # TYPE tagferry_mqttd_commands_superseded_total counter
  tagferry_mqttd_commands_superseded_total 0
  # HELP tagferry_mqttd_commands_repeated_total Commands published again, because an older one may have come after them.
  # TYPE tagferry_mqttd_commands_repeated_total counter
  tagferry_mqttd_commands_repeated_total 0
  # HELP tagferry_mqttd_commands_unchanged_total Writes of SCADA and changes of foreign servers not published, because the device has the value.
  # TYPE tagferry_mqttd_commands_unchanged_total counter
  tagferry_mqttd_commands_unchanged_total 0
  # HELP tagferry_mqttd_writes_unchanged_total Values not written to a foreign server, by modbus.min_change.
  # TYPE tagferry_mqttd_writes_unchanged_total counter
  tagferry_mqttd_writes_unchanged_total 0
  # HELP tagferry_mqttd_writes_delayed_total Writes to a foreign server that waited for modbus.min_interval_ms.
  # TYPE tagferry_mqttd_writes_delayed_total counter
  tagferry_mqttd_writes_delayed_total 0
  # HELP tagferry_mqttd_devices Devices in service.
  # TYPE tagferry_mqttd_devices gauge
  tagferry_mqttd_devices 3
  # HELP tagferry_mqttd_tags Tags in service.
  # TYPE tagferry_mqttd_tags gauge
  tagferry_mqttd_tags 11
  # HELP tagferry_mqttd_broker_down 1 for the reason why the broker is not connected, else 0.
  # TYPE tagferry_mqttd_broker_down gauge
  tagferry_mqttd_broker_down{reason="connecting"} 0
  tagferry_mqttd_broker_down{reason="unreachable"} 0
  tagferry_mqttd_broker_down{reason="tls_failed"} 0
  tagferry_mqttd_broker_down{reason="no_answer"} 0
  tagferry_mqttd_broker_down{reason="closed"} 0
  tagferry_mqttd_broker_down{reason="protocol_refused"} 0
  tagferry_mqttd_broker_down{reason="client_id_refused"} 0
  tagferry_mqttd_broker_down{reason="not_authorized"} 0
  tagferry_mqttd_broker_down{reason="refused"} 0
  tagferry_mqttd_broker_down{reason="lost"} 0
  tagferry_mqttd_broker_down{reason="session_taken_over"} 0
  tagferry_mqttd_broker_down{reason="closed_on_subscribe"} 0
  tagferry_mqttd_broker_down{reason="closed_on_publish"} 0
  tagferry_mqttd_broker_down{reason="no_memory"} 0
  $ metrics /metrics/values | sed -E 's/(age_seconds.*) [0-9.]+$/\1 S/'
  200
  # HELP tagferry_tag_value Value of the tag in its unit; a bool is 0 or 1. Missing while unknown.
  # TYPE tagferry_tag_value gauge
  tagferry_tag_value{device="far",tag="f",unit=""} 65535
  tagferry_tag_value{device="kiln",tag="bit15",unit=""} 0
  tagferry_tag_value{device="kiln",tag="count",unit="a\\b\"c"} 9007199254740993
  tagferry_tag_value{device="kiln",tag="flag",unit=""} 1
  tagferry_tag_value{device="kiln",tag="high",unit=""} -128
  tagferry_tag_value{device="kiln",tag="low",unit=""} 255
  tagferry_tag_value{device="kiln",tag="set",unit=""} -214748364.8
  tagferry_tag_value{device="kiln",tag="state",unit=""} 1
  tagferry_tag_value{device="kiln",tag="temp",unit="degC"} 10.25
  # HELP tagferry_tag_good 1 while the quality of the tag is good, else 0.
  # TYPE tagferry_tag_good gauge
  tagferry_tag_good{device="far",tag="f"} 0
  tagferry_tag_good{device="kiln",tag="bit15"} 1
  tagferry_tag_good{device="kiln",tag="count"} 1
  tagferry_tag_good{device="kiln",tag="flag"} 1
  tagferry_tag_good{device="kiln",tag="high"} 1
  tagferry_tag_good{device="kiln",tag="low"} 0
  tagferry_tag_good{device="kiln",tag="state"} 0
  tagferry_tag_good{device="kiln",tag="temp"} 0
  tagferry_tag_good{device="mute",tag="v"} 0
  # HELP tagferry_tag_age_seconds Age of the newest value. Missing before the first one.
  # TYPE tagferry_tag_age_seconds gauge
  tagferry_tag_age_seconds{device="far",tag="f"} S
  tagferry_tag_age_seconds{device="kiln",tag="bit15"} S
  tagferry_tag_age_seconds{device="kiln",tag="count"} S
  tagferry_tag_age_seconds{device="kiln",tag="flag"} S
  tagferry_tag_age_seconds{device="kiln",tag="high"} S
  tagferry_tag_age_seconds{device="kiln",tag="low"} S
  tagferry_tag_age_seconds{device="kiln",tag="state"} S
  tagferry_tag_age_seconds{device="kiln",tag="temp"} S
  # HELP tagferry_tag_values_cut 1 if `limit` left out tags, else 0.
  # TYPE tagferry_tag_values_cut gauge
  tagferry_tag_values_cut 0
  $ metrics '/metrics/values?device=kiln&limit=2' | sed -E 's/(age_seconds.*) [0-9.]+$/\1 S/'
  200
  # HELP tagferry_tag_value Value of the tag in its unit; a bool is 0 or 1. Missing while unknown.
  # TYPE tagferry_tag_value gauge
  tagferry_tag_value{device="kiln",tag="bit15",unit=""} 0
  tagferry_tag_value{device="kiln",tag="count",unit="a\\b\"c"} 9007199254740993
  # HELP tagferry_tag_good 1 while the quality of the tag is good, else 0.
  # TYPE tagferry_tag_good gauge
  tagferry_tag_good{device="kiln",tag="bit15"} 1
  tagferry_tag_good{device="kiln",tag="count"} 1
  # HELP tagferry_tag_age_seconds Age of the newest value. Missing before the first one.
  # TYPE tagferry_tag_age_seconds gauge
  tagferry_tag_age_seconds{device="kiln",tag="bit15"} S
  tagferry_tag_age_seconds{device="kiln",tag="count"} S
  # HELP tagferry_tag_values_cut 1 if `limit` left out tags, else 0.
  # TYPE tagferry_tag_values_cut gauge
  tagferry_tag_values_cut 1
  $ metrics '/metrics/values?q=flag' | grep value
  # HELP tagferry_tag_value Value of the tag in its unit; a bool is 0 or 1. Missing while unknown.
  # TYPE tagferry_tag_value gauge
  tagferry_tag_value{device="kiln",tag="flag",unit=""} 1
  # HELP tagferry_tag_age_seconds Age of the newest value. Missing before the first one.
  # HELP tagferry_tag_values_cut 1 if `limit` left out tags, else 0.
  # TYPE tagferry_tag_values_cut gauge
  tagferry_tag_values_cut 0

The stream begins with all values of a device.

  $ curl -sS -N --max-time 1 "$API/api/v1/values/stream?device=mute" 2>&1 | mask | sed '/^$/d; /^curl/d' | head -6
  retry: 2000
  event: revision
  data:{"revision":15}
  event: values
  data:[{"device":"mute","tag":"v","value":0,"raw":[0],"quality":"never","reason":"never_heard","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null}]
  event: complete
