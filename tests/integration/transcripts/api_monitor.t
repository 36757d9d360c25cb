What tagferry-api shows of the gateway while no other daemon runs: health, metrics, registers, values, messages, clients,
history, gateways.
Options: common.units=1-3,20=1 common.gateway=hall

  $ api POST /devices '{"name": "kiln", "status": {"table": "input_register", "address": 900}, "mqtt": {"topic": "kiln", "stale_after_s": 90}}' | head -1
  201
  $ tag() { api POST "/devices/$1/tags" "$2" | sed -n "1p; /errors/,\$p"; }
  $ tag kiln '{"name": "temp", "unit": "°C", "mqtt": {"key": "t"}, "modbus": {"address": 100, "type": "float32", "byte_order": "CDAB", "scale": 0.5, "offset": 10}}'
  201
  $ tag kiln '{"name": "low", "mqtt": {"key": "l"}, "modbus": {"address": 200, "type": "uint8", "byte": "low"}}'
  201
  $ tag kiln '{"name": "high", "mqtt": {"key": "h"}, "modbus": {"address": 200, "type": "int8", "byte": "high"}}'
  201
  $ tag kiln '{"name": "bit0", "mqtt": {"key": "b0"}, "modbus": {"address": 201, "type": "bool", "bit": 0}}'
  201
  $ tag kiln '{"name": "bit15", "mqtt": {"key": "b15"}, "modbus": {"address": 201, "type": "bool", "bit": 15}}'
  201
  $ tag kiln '{"name": "text", "mqtt": {"key": "s"}, "modbus": {"address": 65413, "type": "string", "length": 123}}'
  201
  $ tag kiln '{"name": "set", "direction": "to_mqtt", "mqtt": {"command_topic": "kiln/set"}, "modbus": {"table": "coil", "address": 12, "type": "bool"}}'
  201
  $ tag kiln '{"name": "fixed", "direction": "constant", "modbus": {"address": 300, "type": "int16", "constant": -5}}'
  201
  $ api POST /devices '{"name": "far", "network": {"modbus_host": "10.9.8.7", "modbus_port": 1502, "unit_id": 17}, "mqtt": {"topic": "far"}}' | head -1
  201
  $ tag far '{"name": "flow", "mqtt": {"key": "f"}, "modbus": {"address": 65535, "type": "uint16"}}'
  201
  $ api POST /devices '{"name": "other", "network": {"gateway": "mill", "unit_id": 3}, "mqtt": {"topic": "o"}}' | head -1
  201
  $ tag other '{"name": "x", "mqtt": {"key": "x"}, "modbus": {"address": 100, "type": "uint16"}}'
  201

Health: alive, ready, each part that is needed, and lists that are none.

  $ api GET /healthz
  200
  {"status":"ok"}
  $ api GET /readyz
  503
  {"status":"not_ready","revision":13,"mqttd":{"state":"down","reason":"not_running","detail":null,"since":null},"modbusd":{"state":"down","reason":"not_running","detail":null,"since":null},"broker":{"state":"down","reason":"mqttd_down","detail":null,"since":null},"store":{"state":"up","reason":null,"detail":null,"since":"TIME"}}
  $ api GET '/readyz?need=store'
  200
  {"status":"ready","revision":13,"mqttd":{"state":"down","reason":"not_running","detail":null,"since":null},"modbusd":{"state":"down","reason":"not_running","detail":null,"since":null},"broker":{"state":"down","reason":"mqttd_down","detail":null,"since":null},"store":{"state":"up","reason":null,"detail":null,"since":"TIME"}}
  $ api GET '/readyz?need=store,store' | head -1
  200
  $ api GET '/readyz?need=broker' | head -1
  503
  $ api GET '/readyz?need=modbusd,store' | head -1
  503
  $ for need in '' , store, ,store stor stores 'store mqttd' Store; do api GET "/readyz?need=${need/ /%20}"; done
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"need must be a comma-separated list of mqttd, modbusd, broker and store.","errors":[]}

The owners of registers: of the local server and of another one, of this gateway and of another one.

  $ api GET /registers
  200
  {"server":"127.0.0.1:PORT","gateway":"hall","units":[1,2,3],"items":[
  {"server":null,"gateway":null,"unit":1,"table":"coil","owners":1,"first":12,"last":12},
  {"server":null,"gateway":null,"unit":1,"table":"holding_register","owners":7,"first":100,"last":65535},
  {"server":null,"gateway":null,"unit":1,"table":"input_register","owners":1,"first":900,"last":903},
  {"server":null,"gateway":"mill","unit":3,"table":"holding_register","owners":1,"first":100,"last":100},
  {"server":"10.9.8.7:1502","gateway":null,"unit":17,"table":"holding_register","owners":1,"first":65535,"last":65535}]}
  $ api GET /registers/holding_register/owners
  200
  {"server":null,"gateway":"hall","unit":1,"table":"holding_register","items":[
  {"first":100,"last":101,"bit":null,"byte":null,"gateway":null,"device":"kiln","tag":"temp","type":"float32","byte_order":"CDAB","unit":"\xc2\xb0C","scale":0.5,"offset":10}, (esc)
  {"first":200,"last":200,"bit":null,"byte":"low","gateway":null,"device":"kiln","tag":"low","type":"uint8","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":200,"last":200,"bit":null,"byte":"high","gateway":null,"device":"kiln","tag":"high","type":"int8","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":201,"last":201,"bit":0,"byte":null,"gateway":null,"device":"kiln","tag":"bit0","type":"bool","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":201,"last":201,"bit":15,"byte":null,"gateway":null,"device":"kiln","tag":"bit15","type":"bool","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":300,"last":300,"bit":null,"byte":null,"gateway":null,"device":"kiln","tag":"fixed","type":"int16","byte_order":"ABCD","unit":"","scale":1,"offset":0},
  {"first":65413,"last":65535,"bit":null,"byte":null,"gateway":null,"device":"kiln","tag":"text","type":"string","byte_order":"ABCD","unit":"","scale":1,"offset":0}]}
  $ api GET '/registers/coil/owners?unit=1'
  200
  {"server":null,"gateway":"hall","unit":1,"table":"coil","items":[
  {"first":12,"last":12,"bit":null,"byte":null,"gateway":null,"device":"kiln","tag":"set","type":"bool","byte_order":"ABCD","unit":"","scale":1,"offset":0}]}
  $ api GET '/registers/holding_register/owners?unit=3'
  200
  {"server":null,"gateway":"hall","unit":3,"table":"holding_register","items":[]}
  $ api GET '/registers/holding_register/owners?unit=3&gateway=mill'
  200
  {"server":null,"gateway":"mill","unit":3,"table":"holding_register","items":[
  {"first":100,"last":100,"bit":null,"byte":null,"gateway":"mill","device":"other","tag":"x","type":"uint16","byte_order":"ABCD","unit":"","scale":1,"offset":0}]}
  $ api GET '/registers/holding_register/owners?unit=17&server=10.9.8.7:1502'
  200
  {"server":"10.9.8.7:1502","gateway":"hall","unit":17,"table":"holding_register","items":[
  {"first":65535,"last":65535,"bit":null,"byte":null,"gateway":null,"device":"far","tag":"flow","type":"uint16","byte_order":"ABCD","unit":"","scale":1,"offset":0}]}
  $ api GET '/registers/input_register/owners?unit=255'
  200
  {"server":null,"gateway":"hall","unit":255,"table":"input_register","items":[]}
  $ api GET '/registers/holding_register/owners?unit=256'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit must be an integer from 0 to 255.","errors":[]}
  $ api GET '/registers/holding_register/owners?unit=-1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit must be an integer from 0 to 255.","errors":[]}
  $ api GET '/registers/holding_register/owners?gateway='
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"gateway must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'.","errors":[]}
  $ api GET "/registers/holding_register/owners?gateway=$(printf 'g%.0s' {1..65})"
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"gateway must begin with a letter or digit, have at most 64 characters, and contain only letters, digits, '_' and '-'.","errors":[]}
  $ api GET '/registers/holding/owners'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No table has the name \"holding\".","errors":[]}
  $ etag=$(headers GET /registers/holding_register/owners ETag | sed 's/.*: //'); echo "$etag" | sed -E 's/[0-9a-f]{16}/HASH/'
  "13-HASH"
  $ api GET /registers/holding_register/owners -H "If-None-Match: $etag"
  304
  $ api GET /registers/holding_register/owners -H "If-None-Match: W/$etag"
  304

Registers and values that cannot be read.

  $ api GET /registers/holding_register
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server did not serve this request: 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ api GET '/registers/holding_register?unit=20'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unit 20 is another name of unit 1: ask for unit 1.","errors":[]}
  $ api GET '/registers/holding_register?unit=4'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The local server does not serve unit 4.","errors":[]}
  $ api GET '/registers/holding_register?unit=0'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The local server does not serve unit 0.","errors":[]}
  $ api GET '/registers/holding_register?unit=256'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"unit must be an integer from 0 to 255.","errors":[]}
  $ api GET '/registers/holding_register?start=65536'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"start must be an integer from 0 to 65535.","errors":[]}
  $ api GET '/registers/holding_register?count=0'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"count must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/registers/holding_register?count=1001'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"count must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/registers/nothing'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No table has the name \"nothing\".","errors":[]}
  $ api GET /devices/kiln/tags/temp/value
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server cannot serve this value (modbus_unreachable): 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ api GET /devices/far/tags/flow/value
  200
  {"device":"far","tag":"flow","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null}
  $ api GET /devices/other/tags/x/value
  200
  {"device":"other","tag":"x","value":null,"raw":null,"quality":"never","reason":"other_gateway","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null}
  $ api GET /devices/kiln/tags/nothing/value
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The device kiln has no tag \"nothing\".","errors":[]}
  $ api GET /values
  200
  {"items":[
  {"device":"far","tag":"flow","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null},
  {"device":"kiln","tag":"bit0","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"kiln","tag":"bit15","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"kiln","tag":"fixed","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"kiln","tag":"high","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"kiln","tag":"low","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"kiln","tag":"set","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"kiln","tag":"temp","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"kiln","tag":"text","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}},
  {"device":"other","tag":"x","value":null,"raw":null,"quality":"never","reason":"other_gateway","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null}],"total":10,"next":null}
  $ api GET '/values?limit=2'
  200
  {"items":[
  {"device":"far","tag":"flow","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":null},
  {"device":"kiln","tag":"bit0","value":null,"raw":null,"quality":"never","reason":"mqttd_down","received_at":null,"written_at":null,"age_ms":null,"expires_at":null,"messages":0,"rejects":0,"last_error":{"code":"modbus_unreachable","detail":"127.0.0.1:PORT: cannot connect: Connection refused","at":"TIME"}}],"total":10,"next":"kiln/bit0"}
  $ api GET '/values?limit=2&after=kiln/fixed' | sed 's/"value".*//'
  200
  {"items":[
  {"device":"kiln","tag":"high",
  {"device":"kiln","tag":"low",
  $ api GET '/values?after=kiln'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"after must be DEVICE/TAG, the value of next in the previous page.","errors":[]}
  $ api GET '/values?quality=never&limit=1' | tail -1 | sed 's/.*"total"/"total"/'
  "total":10,"next":"far/flow"}
  $ api GET '/values?quality=good'
  200
  {"items":[],"total":0,"next":null}
  $ api GET '/values?quality=fine'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"quality must be one of good, stale, bad, never.","errors":[]}
  $ api GET '/values?reason=other_gateway' | tail -1 | sed 's/.*"total"/"total"/'
  "total":1,"next":null}
  $ api GET '/values?reason=nothing'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"reason must be one of never_heard, silent, unavailable, broker_lost, mqttd_down, modbusd_down, target_down, refused, old_messages, not_json, subscription_refused, bad_quality, expired, disabled, other_gateway.","errors":[]}
  $ api GET '/values?table=coil' | sed 's/"value".*"total"/ ... "total"/'
  200
  {"items":[
  {"device":"kiln","tag":"set", ... "total":1,"next":null}
  $ api GET '/values?table=coils'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"table must be coil, discrete_input, input_register or holding_register.","errors":[]}
  $ api GET '/values?device=far&q=flo' | sed 's/"value".*"total"/ ... "total"/'
  200
  {"items":[
  {"device":"far","tag":"flow", ... "total":1,"next":null}
  $ api GET '/values?device=nobody'
  200
  {"items":[],"total":0,"next":null}
  $ api GET '/values/stream?device=nobody'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"nobody\".","errors":[]}

Values that cannot be written.

  $ value() { api PUT "/devices/$1/value" "$2"; }
  $ value kiln/tags/temp '{"value": 20.5}'
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server cannot serve this value (modbus_unreachable): 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ value kiln/tags/temp '{}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"required","detail":"is required"}]}
  $ value kiln/tags/temp '[]'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"","code":"wrong_type","detail":"must be an object"}]}
  $ value kiln/tags/temp '{"value": 1, "valu": 2}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/valu","code":"unknown_field","detail":"unknown member; expected one of: value"}]}
  $ value kiln/tags/temp '{"value": "warm"}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"not_a_number","detail":"is not a value of type float32, which is a finite number"}]}
  $ value kiln/tags/temp '{"value": null}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"null_value","detail":"is not a value of type float32, which is a finite number"}]}
  $ value kiln/tags/low '{"value": 256}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint8, which goes from 0 to 255"}]}
  $ value kiln/tags/low '{"value": -1}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint8, which goes from 0 to 255"}]}
  $ value kiln/tags/low '{"value": 1.5}'
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server cannot serve this value (modbus_unreachable): 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ value kiln/tags/high '{"value": 128}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type int8, which goes from -128 to 127"}]}
  $ value kiln/tags/high '{"value": -129}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type int8, which goes from -128 to 127"}]}
  $ value kiln/tags/bit0 '{"value": 2}'
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server cannot serve this value (modbus_unreachable): 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ value kiln/tags/bit0 '{"value": "on"}'
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server cannot serve this value (modbus_unreachable): 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ value kiln/tags/text "{\"value\": \"$(printf 's%.0s' {1..247})\"}"
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"too_long","detail":"is not a value of type string, which is a text of at most 246 bytes"}]}
  $ value kiln/tags/text '{"value": 5}'
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server cannot serve this value (modbus_unreachable): 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ value kiln/tags/set '{"value": 5}'
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The Modbus server cannot serve this value (modbus_unreachable): 127.0.0.1:PORT: cannot connect: Connection refused.","errors":[]}
  $ value kiln/tags/fixed '{"value": 5}'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"Tagferry sets the value of the tag kiln/fixed itself, and would write its own again: change modbus.constant of the tag.","errors":[]}
  $ value other/tags/x '{"value": 5}'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"The device other belongs to the gateway mill, and this gateway is hall: write the value there.","errors":[]}
  $ value far/tags/flow '{"value": 65536}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/value","code":"out_of_range","detail":"is not a value of type uint16, which goes from 0 to 65535"}]}
  $ api PUT /devices/kiln/tags/temp/value '{"value": 1}' -H 'If-Match: "99"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"2\".","errors":[]}

Messages, clients and the history are empty.

  $ api GET /messages
  200
  {"items":[],"total":0,"next":null}
  $ api GET '/messages?device=kiln&limit=1000&newer_than=9223372036854775807'
  200
  {"items":[],"total":0,"next":null}
  $ api GET '/messages?limit=1001'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ api GET '/messages?newer_than=9223372036854775808'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"newer_than must be an integer from 0 to 9223372036854775807.","errors":[]}
  $ api GET '/messages?device=nobody'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"nobody\".","errors":[]}
  $ api GET /modbus/clients
  200
  {"state":"down","listen":[],"items":[],"total":0,"refused":[]}
  $ api GET '/modbus/clients?side=scada&limit=10000'
  200
  {"state":"down","listen":[],"items":[],"total":0,"refused":[]}
  $ api GET '/modbus/clients?limit=10001'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 10000.","errors":[]}
  $ api GET '/modbus/clients?side=scad'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"side must be scada, inputs or outputs.","errors":[]}
  $ history() { api GET "/devices/kiln/tags/$1" | sed -E 's/"(kept_from|at)":[0-9]{13}/"\1":MS/'; }
  $ history 'temp/history?from=1000&to=2000'
  200
  {"device":"kiln","tag":"temp","from":1000,"to":2000,"kept_from":MS,"points":[],"events":[],"events_left_out":0}
  $ history 'text/history?from=1000&to=2000&points=2'
  200
  {"device":"kiln","tag":"text","from":1000,"to":2000,"kept_from":MS,"points":[],"events":[],"events_left_out":0,"warnings":[
  {"code":"no_points","detail":"A string has no points: only its events are recorded."}]}
  $ history 'temp/history?from=2026-01-02T03:04:05Z&to=2026-01-02T03:04:05.678Z'
  200
  {"device":"kiln","tag":"temp","from":1767323045000,"to":1767323045678,"kept_from":MS,"points":[],"events":[],"events_left_out":0}
  $ history 'temp/history?to=3600001'
  200
  {"device":"kiln","tag":"temp","from":1,"to":3600001,"kept_from":MS,"points":[],"events":[],"events_left_out":0}
  $ history 'temp/history?to=3600000'
  200
  {"device":"kiln","tag":"temp","from":0,"to":3600000,"kept_from":MS,"points":[],"events":[],"events_left_out":0}
  $ history 'temp/history?to=3599999'
  200
  {"device":"kiln","tag":"temp","from":0,"to":3599999,"kept_from":MS,"points":[],"events":[],"events_left_out":0}
  $ history 'temp/history?from=5&to=5'
  200
  {"device":"kiln","tag":"temp","from":5,"to":5,"kept_from":MS,"points":[],"events":[],"events_left_out":0}
  $ history 'temp/history?from=6&to=5'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"from must not be after to, which is now unless it is given.","errors":[]}
  $ history 'temp/history?from=yesterday'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"from and to must be times, such as TIME, or milliseconds since 1970.","errors":[]}
  $ history 'temp/history?from=&to=5'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"from and to must be times, such as TIME, or milliseconds since 1970.","errors":[]}
  $ history 'temp/history?from=0&to=17592186044415'
  200
  {"device":"kiln","tag":"temp","from":0,"to":17592186044415,"kept_from":MS,"points":[],"events":[
  {"at":MS,"kind":"quality","code":"never","detail":"mqttd_down"}],"events_left_out":0}
  $ history 'temp/history?from=0&to=17592186044416'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"from and to must be times, such as TIME, or milliseconds since 1970.","errors":[]}
  $ history 'temp/history?points=1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"points must be an integer from 2 to 5000.","errors":[]}
  $ history 'temp/history?points=5001'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"points must be an integer from 2 to 5000.","errors":[]}
  $ history 'temp/history?from=0&to=1&points=5000'
  200
  {"device":"kiln","tag":"temp","from":0,"to":1,"kept_from":MS,"points":[],"events":[],"events_left_out":0}
  $ history 'nothing/history'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The device kiln has no tag \"nothing\".","errors":[]}

Metrics, all of them, with masks where a number differs from run to run.

  $ metrics() { # without the buckets and series of other daemons
  >     api GET "$1" | sed -E -e 's/^(process_[a-z_]+\{daemon="api"\}) .*/\1 NUMBER/; s/^(tagferry_store_size_bytes\{file="(database|wal|history)"\}) .*/\1 NUMBER/' \
  >         -e 's/^(tagferry_filesystem_[a-z_]+\{use="[a-z_]+",filesystem=")[0-9]+:[0-9]+"\} .*/\1DEVICE"} NUMBER/; s/version="[^"]*"/version="VERSION"/; s/^(tagferry_api_connections) .*/\1 NUMBER/'
  > }
  $ metrics /metrics
  200
  # HELP tagferry_devices Devices of this gateway, by quality.
  # TYPE tagferry_devices gauge
  tagferry_devices{quality="good"} 0
  tagferry_devices{quality="stale"} 0
  tagferry_devices{quality="bad"} 0
  tagferry_devices{quality="never"} 2
  # HELP tagferry_devices_elsewhere Devices in the store that only other gateways hold.
  # TYPE tagferry_devices_elsewhere gauge
  tagferry_devices_elsewhere 1
  # HELP tagferry_tags Tags in the store.
  # TYPE tagferry_tags gauge
  tagferry_tags 10
  # HELP tagferry_store_revision Revision of the newest change.
  # TYPE tagferry_store_revision gauge
  tagferry_store_revision 13
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
  tagferry_foreign_unit_up{server="10.9.8.7:1502",unit="17"} 1
  # HELP tagferry_foreign_unit_failing_tags Tags of this unit whose newest write or poll failed.
  # TYPE tagferry_foreign_unit_failing_tags gauge
  tagferry_foreign_unit_failing_tags{server="10.9.8.7:1502",unit="17"} 0
  # HELP tagferry_up 1 if the daemon works, else 0.
  # TYPE tagferry_up gauge
  tagferry_up{daemon="api"} 1
  tagferry_up{daemon="modbusd"} 0
  tagferry_up{daemon="mqttd"} 0
  # HELP tagferry_build_info The versions of the daemons that run; "unknown" is another one.
  # TYPE tagferry_build_info gauge
  tagferry_build_info{daemon="api",version="VERSION"} 1
  # HELP process_resident_memory_bytes Resident memory of the daemon.
  # TYPE process_resident_memory_bytes gauge
  process_resident_memory_bytes{daemon="api"} NUMBER
  # HELP process_start_time_seconds Start time of the daemon, since 1970.
  # TYPE process_start_time_seconds gauge
  process_start_time_seconds{daemon="api"} NUMBER
  # HELP tagferry_store_size_bytes Sizes of the store's files.
  # TYPE tagferry_store_size_bytes gauge
  tagferry_store_size_bytes{file="database"} NUMBER
  tagferry_store_size_bytes{file="wal"} NUMBER
  tagferry_store_size_bytes{file="history"} NUMBER
  # HELP tagferry_filesystem_size_bytes Size of the file system of the store, runtime_dir and image.
  # TYPE tagferry_filesystem_size_bytes gauge
  tagferry_filesystem_size_bytes{use="store",filesystem="DEVICE"} NUMBER
  tagferry_filesystem_size_bytes{use="runtime_dir",filesystem="DEVICE"} NUMBER
  # HELP tagferry_filesystem_avail_bytes Free bytes of the file system of the store, runtime_dir and image.
  # TYPE tagferry_filesystem_avail_bytes gauge
  tagferry_filesystem_avail_bytes{use="store",filesystem="DEVICE"} NUMBER
  tagferry_filesystem_avail_bytes{use="runtime_dir",filesystem="DEVICE"} NUMBER
  # HELP tagferry_api_requests_total HTTP requests.
  # TYPE tagferry_api_requests_total counter
  tagferry_api_requests_total 114
  # HELP tagferry_api_client_errors_total HTTP requests answered with 4xx.
  # TYPE tagferry_api_client_errors_total counter
  tagferry_api_client_errors_total 53
  # HELP tagferry_api_server_errors_total HTTP requests answered with 5xx.
  # TYPE tagferry_api_server_errors_total counter
  tagferry_api_server_errors_total 11
  # HELP tagferry_api_store_groups_total Commits of several changes at once.
  # TYPE tagferry_api_store_groups_total counter
  tagferry_api_store_groups_total 0
  # HELP tagferry_api_store_grouped_total Changes committed together with others.
  # TYPE tagferry_api_store_grouped_total counter
  tagferry_api_store_grouped_total 0
  # HELP tagferry_api_connections HTTP connections open.
  # TYPE tagferry_api_connections gauge
  tagferry_api_connections NUMBER
  # HELP tagferry_api_connections_closed_total HTTP connections that the server closed.
  # TYPE tagferry_api_connections_closed_total counter
  tagferry_api_connections_closed_total{reason="head_timeout"} 0
  tagferry_api_connections_closed_total{reason="body_timeout"} 0
  tagferry_api_connections_closed_total{reason="answer_timeout"} 0
  tagferry_api_connections_closed_total{reason="made_room"} 0
  # HELP tagferry_api_connections_refused_total HTTP connections closed as soon as they were accepted, or answered with 503 at once.
  # TYPE tagferry_api_connections_refused_total counter
  tagferry_api_connections_refused_total{reason="limit"} 0
  tagferry_api_connections_refused_total{reason="memory"} 0
  tagferry_api_connections_refused_total{reason="health_checks_only"} 0
  # HELP tagferry_api_no_memory_total HTTP requests answered with 503 for lack of memory.
  # TYPE tagferry_api_no_memory_total counter
  tagferry_api_no_memory_total 0
  $ api GET /metrics | grep -c "_bytes{use=\"store\",filesystem=\"$(stat -c %Hd:%Ld "$STORE")\"} [0-9]"
  2
  $ metrics /metrics/values
  200
  # HELP tagferry_tag_value Value of the tag in its unit; a bool is 0 or 1. Missing while unknown.
  # TYPE tagferry_tag_value gauge
  # HELP tagferry_tag_good 1 while the quality of the tag is good, else 0.
  # TYPE tagferry_tag_good gauge
  tagferry_tag_good{device="far",tag="flow"} 0
  tagferry_tag_good{device="kiln",tag="bit0"} 0
  tagferry_tag_good{device="kiln",tag="bit15"} 0
  tagferry_tag_good{device="kiln",tag="fixed"} 0
  tagferry_tag_good{device="kiln",tag="high"} 0
  tagferry_tag_good{device="kiln",tag="low"} 0
  tagferry_tag_good{device="kiln",tag="temp"} 0
  # HELP tagferry_tag_age_seconds Age of the newest value. Missing before the first one.
  # TYPE tagferry_tag_age_seconds gauge
  # HELP tagferry_tag_values_cut 1 if `limit` left out tags, else 0.
  # TYPE tagferry_tag_values_cut gauge
  tagferry_tag_values_cut 0
  $ metrics '/metrics/values?device=kiln&limit=1'
  200
  # HELP tagferry_tag_value Value of the tag in its unit; a bool is 0 or 1. Missing while unknown.
  # TYPE tagferry_tag_value gauge
  # HELP tagferry_tag_good 1 while the quality of the tag is good, else 0.
  # TYPE tagferry_tag_good gauge
  tagferry_tag_good{device="kiln",tag="bit0"} 0
  # HELP tagferry_tag_age_seconds Age of the newest value. Missing before the first one.
  # TYPE tagferry_tag_age_seconds gauge
  # HELP tagferry_tag_values_cut 1 if `limit` left out tags, else 0.
  # TYPE tagferry_tag_values_cut gauge
  tagferry_tag_values_cut 1
  $ api GET '/metrics/values?limit=0'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 100000.","errors":[]}
  $ api GET '/metrics/values?limit=100001'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 100000.","errors":[]}
  $ api GET '/metrics/values?device=nobody'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"nobody\".","errors":[]}
  $ api GET '/metrics/values?q=nothing'
  200
  # HELP tagferry_tag_value Value of the tag in its unit; a bool is 0 or 1. Missing while unknown.
  # TYPE tagferry_tag_value gauge
  # HELP tagferry_tag_good 1 while the quality of the tag is good, else 0.
  # TYPE tagferry_tag_good gauge
  # HELP tagferry_tag_age_seconds Age of the newest value. Missing before the first one.
  # TYPE tagferry_tag_age_seconds gauge
  # HELP tagferry_tag_values_cut 1 if `limit` left out tags, else 0.
  # TYPE tagferry_tag_values_cut gauge
  tagferry_tag_values_cut 0

The gateways: this one, and those whose names devices have.

  $ gateways() { api GET /gateways | sed -E 's/"host":"[^"]*"/"host":"HOST"/; s/"parts":\{.*\}\}/"parts":{}/'; }
  $ gateways
  200
  {"items":[
  {"name":"hall","host":"HOST","self":true,"role":"leader","leader":null,"term":0,"revision":13,"lag_s":null,"last_error":null,"devices":2,"last_seen":null,"ready":false,"parts":{},
  {"name":"mill","host":null,"self":false,"role":null,"leader":null,"term":null,"revision":null,"lag_s":null,"last_error":null,"devices":3,"last_seen":null,"ready":null,"parts":null}],"total":2,"kept":[]}
  $ role() { api POST /gateways "$1"; }
  $ role '{}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/role","code":"invalid_choice","detail":"must be leader or follower"}]}
  $ role '[]'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"","code":"wrong_type","detail":"must be an object"}]}
  $ role '{"role": "boss"}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/role","code":"invalid_choice","detail":"must be leader or follower"}]}
  $ role '{"role": 1, "extra": 2}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 2 errors; see errors.","errors":[
  {"pointer":"/extra","code":"unknown_field","detail":"unknown member; expected one of: role, leader"},
  {"pointer":"/role","code":"invalid_choice","detail":"must be leader or follower"}]}
  $ role '{"role": "leader", "leader": "http://a"}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/leader","code":"not_allowed","detail":"a leader follows nobody: leave leader out"}]}
  $ role '{"role": "follower"}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/leader","code":"wrong_format","detail":"the URL of a leader begins with http:// or https:// and has a host, such as https://10.0.0.1:5000"}]}
  $ role '{"role": "follower", "leader": "a"}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/leader","code":"wrong_format","detail":"the URL of a leader begins with http:// or https:// and has a host, such as https://10.0.0.1:5000"}]}
  $ role '{"role": "follower", "leader": "http://127.0.0.1:1"}' | sed 's/after [0-9]* ms/after MS ms/'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"Nothing is changed: http://127.0.0.1:PORT/api/v1/store: Failed to connect to 127.0.0.1 port 1 after MS ms: Couldn't connect to server.","errors":[]}
  $ role "{\"role\": \"follower\", \"leader\": \"$API\"}"
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"Nothing is changed: http://127.0.0.1:PORT is this gateway itself.","errors":[]}
  $ role '{"role": "leader", "leader": null}' | sed -E 's/"host":"[^"]*"/"host":"HOST"/; s/"parts":\{.*\}\}/"parts":{}/'
  200
  {"items":[
  {"name":"hall","host":"HOST","self":true,"role":"leader","leader":null,"term":1,"revision":13,"lag_s":null,"last_error":null,"devices":2,"last_seen":null,"ready":false,"parts":{},
  {"name":"mill","host":null,"self":false,"role":null,"leader":null,"term":null,"revision":null,"lag_s":null,"last_error":null,"devices":3,"last_seen":null,"ready":null,"parts":null}],"total":2,"kept":[]}
  $ role '{"role": "leader", "role": "leader"}'
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/role","code":"duplicate","detail":"appears more than once"}]}

What another gateway is answered that asks for the store: its state, news, nothing new, a newer store.

  $ store() { api GET "/store?$1" "${@:2}" | sed -E 's/"(branch|instance)":"[0-9a-f]*"/"\1":"RANDOM"/g'; }
  $ store 'role=leader'
  200
  {"role":"leader","leader":null,"term":1,"revision":13,"branch":"RANDOM","instance":"RANDOM"}
  $ store 'role=leader&branch=0a&term=0&since=12&gateway=mill&host=m.example&parts=mqttd,modbusd:not_running,broker,store:cannot_be_read'
  200
  {"role":"leader","leader":null,"term":1,"revision":13,"branch":"RANDOM","instance":"RANDOM"}
  $ store 'since=12&term=1&branch=0b&gateway=silo&host=s.example&error=truncated&detail=only%20half' -o /dev/null
  200
  $ store 'term=2'
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"This gateway leads with term 1; a store of term 2 is newer and does not follow it.","errors":[],"code":"older_term"}
  $ store 'term=2&role=king'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"since, term, audit, audit_ms and undo are numbers, and role may be leader.","errors":[]}
  $ for number in since=-1 term=x audit=1x audit_ms= undo=9223372036854775808 undo=%2B1; do store "$number"; done
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"since, term, audit, audit_ms and undo are numbers, and role may be leader.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"since, term, audit, audit_ms and undo are numbers, and role may be leader.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"since, term, audit, audit_ms and undo are numbers, and role may be leader.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"since, term, audit, audit_ms and undo are numbers, and role may be leader.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"since, term, audit, audit_ms and undo are numbers, and role may be leader.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"since, term, audit, audit_ms and undo are numbers, and role may be leader.","errors":[]}
  $ etag=$(headers GET /store ETag | sed 's/.*: //'); echo "$etag" | sed -E 's/-[0-9]{13}-/-MS-/; s/[0-9a-f]{16}/BRANCH/'
  "1-13-14-13631488-MS-BRANCH"
  $ store 'term=1&branch=0c&gateway=g!&host=h%20h&parts=a' -H "If-None-Match: $etag"
  304
  $ store "term=1&branch=0d&gateway=$(printf 'g%.0s' {1..64})&host=$(printf 'h%.0s' {1..64})" -H "If-None-Match: W/$etag"
  304
  $ store "term=1&branch=0d&gateway=$(printf 'g%.0s' {1..65})&host=$(printf 'h%.0s' {1..65})" -H "If-None-Match: $etag"
  304
  $ headers GET /store Content-Type Cache-Control
  Content-Type: application/vnd.sqlite3
  Cache-Control: no-cache
  $ known() { # without the host of this gateway and its parts, which are those of /readyz
  >     api GET /gateways | sed -E -e 's/"lag_s":[0-9.]+/"lag_s":S/; s/"name":"hall","host":"[^"]*"/"name":"hall","host":"HOST"/' \
  >         -e '/"name":"hall"/s/"parts":\{.*/"parts":{.../'
  > }
  $ known
  200
  {"items":[
  {"name":"hall","host":"HOST","self":true,"role":"leader","leader":null,"term":1,"revision":13,"lag_s":null,"last_error":null,"devices":2,"last_seen":null,"ready":false,"parts":{...
  {"name":"mill","host":"m.example","self":false,"role":"leader","leader":null,"term":0,"revision":12,"lag_s":null,"last_error":null,"devices":3,"last_seen":"TIME","ready":false,"parts":{"mqttd":{"state":"up","reason":null},"modbusd":{"state":"down","reason":"not_running"},"broker":{"state":"up","reason":null},"store":{"state":"down","reason":"cannot_be_read"}}},
  {"name":"silo","host":"s.example","self":false,"role":"follower","leader":null,"term":1,"revision":12,"lag_s":S,"last_error":{"code":"truncated","detail":"only half","at":"TIME"},"devices":2,"last_seen":"TIME","ready":null,"parts":null},
  {"name":"gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg","host":"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh","self":false,"role":"follower","leader":null,"term":1,"revision":0,"lag_s":S,"last_error":null,"devices":2,"last_seen":"TIME","ready":null,"parts":null}],"total":4,"kept":[]}
  $ store 'role=leader&branch=0e&term=1&since=14&gateway=rival&host=r.example' -o /dev/null
  200
  $ await two_leaders known
  200
  {"items":[
  {"name":"hall","host":"HOST","self":true,"role":"leader","leader":null,"term":1,"revision":13,"lag_s":null,"last_error":{"code":"two_leaders","detail":"r.example leads, too, with the same term 1: let one of them follow the other","at":"TIME"},"devices":2,"last_seen":null,"ready":false,"parts":{...
  {"name":"mill","host":"m.example","self":false,"role":"leader","leader":null,"term":0,"revision":12,"lag_s":null,"last_error":null,"devices":3,"last_seen":"TIME","ready":false,"parts":{"mqttd":{"state":"up","reason":null},"modbusd":{"state":"down","reason":"not_running"},"broker":{"state":"up","reason":null},"store":{"state":"down","reason":"cannot_be_read"}}},
  {"name":"silo","host":"s.example","self":false,"role":"follower","leader":null,"term":1,"revision":12,"lag_s":S,"last_error":{"code":"truncated","detail":"only half","at":"TIME"},"devices":2,"last_seen":"TIME","ready":null,"parts":null},
  {"name":"gggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggggg","host":"hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh","self":false,"role":"follower","leader":null,"term":1,"revision":0,"lag_s":S,"last_error":null,"devices":2,"last_seen":"TIME","ready":null,"parts":null},
  {"name":"rival","host":"r.example","self":false,"role":"leader","leader":null,"term":1,"revision":14,"lag_s":null,"last_error":null,"devices":2,"last_seen":"TIME","ready":null,"parts":null}],"total":5,"kept":[]}
  $ store 'branch=0e&term=1&since=14&gateway=rival&host=r.example&error=truncated&detail=again' -o /dev/null
  200
  $ known | grep rival
  {"name":"rival","host":"r.example","self":false,"role":"follower","leader":null,"term":1,"revision":14,"lag_s":S,"last_error":{"code":"truncated","detail":"again","at":"TIME"},"devices":2,"last_seen":"TIME","ready":null,"parts":null}],"total":5,"kept":[]}
