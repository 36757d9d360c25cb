Profiles: each member with its limits and errors, placeholders, and how tags get their places. Copies of devices.

Options: common.units=1-20

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ x() { printf "x%.0s" $(seq "$1"); }
  $ try() { errors PUT "/profiles/p" "{$1}"; }
  $ tags() { try "\"tags\": [$1]" | grep -v '^200$' | sed -e 's/^{"name":"p".*/profile:/; s/,"devices":.*/ ../'; }

The least, and all members:

  $ api POST /profiles '{"name": "least"}'
  201
  {"name":"least","label":"","description":"","params":{},"room":{},"device":{},"tags":[],"devices":0,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}
  $ api PUT /profiles/all '{"name": "all", "label": "Zähler", "description": "a meter",
  >   "params": {"serial": {"description": "on its plate"}, "unit": {"default": 3}, "qos": {"default": "1"}, "on": {"default": true}, "factor": {"default": 0.5}, "empty": {"default": null}, "v_9": {}},
  >   "room": {"input_register": 40, "holding_register": 12},
  >   "device": {"label": "meter {serial}", "enabled": "{on}", "network": {"unit_id": "{unit}"}, "mqtt": {"topic": "tele/{serial}/#", "qos": "{qos}",
  >       "availability_topic": "tele/{device}/lwt", "timestamp_key": "/{serial}/at", "where": {"id": "{serial}", "{serial}": 1},
  >       "request": {"topic": "cmnd/{serial}", "payload": "{\"id\": \"{serial}\", \"x\": {other}}", "interval_s": "{unit}"}},
  >     "status": {"table": "input_register", "address": 36}},
  >   "tags": [
  >     {"name": "power", "unit": "kW {serial}", "mqtt": {"key": "/{serial}/power", "quality_key": "./{serial}"}, "modbus": {"scale": "{factor}", "table": "input_register", "type": "float32"}},
  >     {"name": "set", "direction": "both", "mqtt": {"command_topic": "cmnd/{device}", "command_template": "{\"id\": \"{serial}\", \"v\": {value}, \"t\": \"{tag}\"}"}, "modbus": {"type": "int16", "address": 7}},
  >     {"name": "count", "modbus": {"type": "uint64"}},
  >     {"name": "door", "mqtt": {"values": {"open": 1, "closed": 0}}, "modbus": {"type": "bool"}},
  >     {"name": "kind", "direction": "constant", "modbus": {"constant": "{serial}", "type": "string", "length": 12, "table": "input_register"}},
  >     {"name": "limit", "modbus": {"type": "int16", "on_stale": "{unit}", "table": "input_register"}}]}'
  201
  {"name":"all","label":"Z\xc3\xa4hler","description":"a meter","params":{"serial":{"description":"on its plate"},"unit":{"default":3},"qos":{"default":"1"},"on":{"default":true},"factor":{"default":0.5},"empty":{"default":null},"v_9":{}},"room":{"input_register":40,"holding_register":12},"device":{"label":"meter {serial}","enabled":"{on}","network":{"unit_id":"{unit}"},"mqtt":{"topic":"tele/{serial}/#","qos":"{qos}","availability_topic":"tele/{device}/lwt","timestamp_key":"/{serial}/at","where":{"id":"{serial}","{serial}":1},"request":{"topic":"cmnd/{serial}","payload":"{\\"id\\": \\"{serial}\\", \\"x\\": {other}}","interval_s":"{unit}"}},"status":{"table":"input_register","address":36}},"tags":[ (esc)
  {"id":1,"name":"power","unit":"kW {serial}","mqtt":{"key":"/{serial}/power","quality_key":"./{serial}"},"modbus":{"scale":"{factor}","table":"input_register","type":"float32","address":0}},
  {"id":2,"name":"set","direction":"both","mqtt":{"command_topic":"cmnd/{device}","command_template":"{\"id\": \"{serial}\", \"v\": {value}, \"t\": \"{tag}\"}"},"modbus":{"type":"int16","address":7,"table":"holding_register"}},
  {"id":3,"name":"count","modbus":{"type":"uint64","table":"holding_register","address":8}},
  {"id":4,"name":"door","mqtt":{"values":{"open":1,"closed":0}},"modbus":{"type":"bool","table":"discrete_input","address":0}},
  {"id":5,"name":"kind","direction":"constant","modbus":{"constant":"{serial}","type":"string","length":12,"table":"input_register","address":2}},
  {"id":6,"name":"limit","modbus":{"type":"int16","on_stale":"{unit}","table":"input_register","address":14}}],"devices":0,"id":2,"revision":2,"created_at":"TIME","updated_at":"TIME"}
  $ headers GET /profiles/all ETag Content-Type
  ETag: "2"
  Content-Type: application/json
  $ api GET /profiles/all | head -1
  200
  $ api GET /profiles/none
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No profile has the name \"none\".","errors":[]}
  $ api GET '/profiles?limit=1'
  200
  {"items":[
  {"name":"all","label":"Z\xc3\xa4hler","description":"a meter","params":{"serial":{"description":"on its plate"},"unit":{"default":3},"qos":{"default":"1"},"on":{"default":true},"factor":{"default":0.5},"empty":{"default":null},"v_9":{}},"room":{"input_register":40,"holding_register":12},"device":{"label":"meter {serial}","enabled":"{on}","network":{"unit_id":"{unit}"},"mqtt":{"topic":"tele/{serial}/#","qos":"{qos}","availability_topic":"tele/{device}/lwt","timestamp_key":"/{serial}/at","where":{"id":"{serial}","{serial}":1},"request":{"topic":"cmnd/{serial}","payload":"{\\"id\\": \\"{serial}\\", \\"x\\": {other}}","interval_s":"{unit}"}},"status":{"table":"input_register","address":36}},"tags":[ (esc)
  {"id":1,"name":"power","unit":"kW {serial}","mqtt":{"key":"/{serial}/power","quality_key":"./{serial}"},"modbus":{"scale":"{factor}","table":"input_register","type":"float32","address":0}},
  {"id":2,"name":"set","direction":"both","mqtt":{"command_topic":"cmnd/{device}","command_template":"{\"id\": \"{serial}\", \"v\": {value}, \"t\": \"{tag}\"}"},"modbus":{"type":"int16","address":7,"table":"holding_register"}},
  {"id":3,"name":"count","modbus":{"type":"uint64","table":"holding_register","address":8}},
  {"id":4,"name":"door","mqtt":{"values":{"open":1,"closed":0}},"modbus":{"type":"bool","table":"discrete_input","address":0}},
  {"id":5,"name":"kind","direction":"constant","modbus":{"constant":"{serial}","type":"string","length":12,"table":"input_register","address":2}},
  {"id":6,"name":"limit","modbus":{"type":"int16","on_stale":"{unit}","table":"input_register","address":14}}],"devices":0,"id":2,"revision":2,"created_at":"TIME","updated_at":"TIME"}],"total":2,"next":"all"}
  $ api GET '/profiles?limit=1&after=all'
  200
  {"items":[
  {"name":"least","label":"","description":"","params":{},"room":{},"device":{},"tags":[],"devices":0,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}],"total":2,"next":null}
  $ api GET '/profiles?q=EAS' | tail -1
  {"name":"least","label":"","description":"","params":{},"room":{},"device":{},"tags":[],"devices":0,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}],"total":1,"next":null}
  $ for query in q=none limit=0 limit=1001 library=yes x=1; do errors GET "/profiles?$query"; done
  200
  {"items":[],"total":0,"next":null}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"limit must be an integer from 1 to 1000.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"library must be true or false.","errors":[]}
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"x\"; this path supports: library q limit after.","errors":[]}
  $ api GET /profiles/all/devices
  200
  {"items":[],"total":0,"next":null}
  $ api GET /profiles/none/devices
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No profile has the name \"none\".","errors":[]}

Members of a profile:

  $ errors POST /profiles '{}'
  422
  errors:
  {"pointer":"/name","code":"required","detail":"is required"}]}
  $ errors POST /profiles '[]'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/name","code":"required","detail":"is required"}]}
  $ errors POST /profiles '{"name": "_", "label": 1, "description": [], "params": [], "room": 5, "device": "x", "tags": {}, "color": 1, "a/b": 2}'
  422
  errors:
  {"pointer":"/color","code":"unknown_field","detail":"unknown member; expected one of: name, label, description, params, room, device, tags, id, revision, created_at, updated_at, devices, warnings"},
  {"pointer":"/a~1b","code":"unknown_field","detail":"unknown member; expected one of: name, label, description, params, room, device, tags, id, revision, created_at, updated_at, devices, warnings"},
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"},
  {"pointer":"/label","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/description","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/params","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/room","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/device","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/tags","code":"wrong_type","detail":"must be an array"}]}
  $ errors POST /profiles "{\"name\": \"$(x 65)\", \"label\": \"$(x 129)\", \"description\": \"$(x 1025)\"}"
  422
  errors:
  {"pointer":"/name","code":"too_long","detail":"must have at most 64 characters, but has 65"},
  {"pointer":"/label","code":"too_long","detail":"must have at most 128 characters, but has 129"},
  {"pointer":"/description","code":"too_long","detail":"must have at most 1024 characters, but has 1025"}]}
  $ errors POST /profiles '{"name": "least"}'
  409
  errors:
  {"pointer":"/name","code":"name_taken","detail":"a profile named least already exists"}]}
  $ errors PUT /profiles/p '{"name": "q"}'
  422
  errors:
  {"pointer":"/name","code":"name_mismatch","detail":"must be the name in the path, p"}]}
  $ errors PUT /profiles/_p '{}'
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"},
  {"pointer":"/name","code":"name_mismatch","detail":"must be the name in the path, _p"}]}
  $ errors PUT /profiles/all '{"revision": 1, "id": 99}'
  422
  errors:
  {"pointer":"/revision","code":"read_only","detail":"is 2 now: the profile has changed since you read it; read it again, or leave out the revision to overwrite it"},
  {"pointer":"/id","code":"read_only","detail":"is 2 and cannot be changed"}]}
  $ errors POST /profiles '{"name": "n", "tags": [1, {"name": 5}, {"name": "a"}, {"name": "a"}, {}]}'
  422
  errors:
  {"pointer":"/tags/0","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/tags/3/name","code":"duplicate","detail":"appears more than once in the profile"},
  {"pointer":"/tags/0/name","code":"required","detail":"is required"},
  {"pointer":"/tags/1/name","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/tags/4/name","code":"required","detail":"is required"}]}
  $ errors POST /profiles '{"name": null, "label": null, "description": null, "params": null, "room": null, "device": null, "tags": null}'
  422
  errors:
  {"pointer":"/name","code":"required","detail":"is required"}]}
  $ errors POST /profiles '{"name": "n", "name": "m"}'
  422
  errors:
  {"pointer":"/name","code":"duplicate","detail":"appears more than once"}]}

Parameters:

  $ try '"params": {"": {}, "9a": {}, "a-b": {}, "device": {}, "tag": {}, "value": {}, "a": 1, "b": {"default": []}, "c": {"default": 1e999, "description": 5, "x": 1}, "e": {}, "e": {}, "é": {}}'
  422
  errors:
  {"pointer":"/params/","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"},
  {"pointer":"/params/9a","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"},
  {"pointer":"/params/a-b","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"},
  {"pointer":"/params/device","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"},
  {"pointer":"/params/tag","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"},
  {"pointer":"/params/value","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"},
  {"pointer":"/params/a","code":"wrong_type","detail":"must be an object, {} or with default and description"},
  {"pointer":"/params/b/default","code":"wrong_type","detail":"must be a text of at most 1024 bytes, a number, true or false"},
  {"pointer":"/params/c/x","code":"unknown_field","detail":"unknown member; expected one of: default, description"},
  {"pointer":"/params/c/description","code":"wrong_type","detail":"must be a string of at most 1024 bytes"},
  {"pointer":"/params/c/default","code":"wrong_type","detail":"must be a text of at most 1024 bytes, a number, true or false"},
  {"pointer":"/params/e","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/params/\xc3\xa9","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"}]} (esc)
  $ try "\"params\": {\"$(x 32)\": {\"default\": \"$(x 1024)\", \"description\": \"$(x 1024)\"}}" | head -1
  201
  $ try "\"params\": {\"$(x 33)\": {\"default\": \"$(x 1025)\", \"description\": \"$(x 1025)\"}}"
  422
  errors:
  {"pointer":"/params/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"},
  {"pointer":"/params/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/description","code":"wrong_type","detail":"must be a string of at most 1024 bytes"},
  {"pointer":"/params/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx/default","code":"wrong_type","detail":"must be a text of at most 1024 bytes, a number, true or false"}]}
  $ params() { for i in $(seq "$1"); do printf '%s"p%d": {}' "${comma:-}" "$i"; comma=', '; done; }
  $ try "\"params\": {$(params 32)}" | head -1
  200
  $ try "\"params\": {$(params 33)}"
  422
  errors:
  {"pointer":"/params","code":"too_long","detail":"must have at most 32 parameters"}]}

Placeholders that are unknown, at places that are fixed, or do not suit:

  $ try '"params": {"a": {}}, "device": {"name": "x", "profile": "y", "tags": [], "label": "{b}", "mqtt": {"topic": "{c}/{a}", "request": {"topic": "{d}", "payload": "{e}", "interval_s": "{a}"}}, "status": {"table": "{a}", "address": "{a}"}}'
  422
  errors:
  {"pointer":"/device/name","code":"unknown_field","detail":"belongs to each device"},
  {"pointer":"/device/profile","code":"unknown_field","detail":"belongs to each device"},
  {"pointer":"/device/tags","code":"unknown_field","detail":"belongs beside device, not into it"},
  {"pointer":"/device/status/table","code":"placeholder","detail":"cannot have a placeholder: it must be the same for all devices"},
  {"pointer":"/device/status/address","code":"placeholder","detail":"cannot have a placeholder: it must be the same for all devices"},
  {"pointer":"/device/label","code":"unknown_placeholder","detail":"{b} is no parameter: declare it in params"},
  {"pointer":"/device/mqtt/topic","code":"unknown_placeholder","detail":"{c} is no parameter: declare it in params"},
  {"pointer":"/device/mqtt/request/topic","code":"unknown_placeholder","detail":"{d} is no parameter: declare it in params"},
  {"pointer":"/device/status/address","code":"required","detail":"is required"}]}
  $ tags '{"name": "{a}", "label": "{a}", "modbus": {"table": "{a}", "address": "{a}", "type": "{a}", "length": "{a}", "bit": "{a}", "scale": "{x}"}, "mqtt": {"command_template": "{y}", "key": "{z}"}}'
  422
  errors:
  {"pointer":"/tags/0/modbus/table","code":"placeholder","detail":"cannot have a placeholder: it must be the same for all devices"},
  {"pointer":"/tags/0/modbus/address","code":"placeholder","detail":"cannot have a placeholder: it must be the same for all devices"},
  {"pointer":"/tags/0/modbus/type","code":"placeholder","detail":"cannot have a placeholder: it must be the same for all devices"},
  {"pointer":"/tags/0/modbus/length","code":"placeholder","detail":"cannot have a placeholder: it must be the same for all devices"},
  {"pointer":"/tags/0/modbus/bit","code":"placeholder","detail":"cannot have a placeholder: it must be the same for all devices"}]}
  $ try '"params": {"a": {"default": "x+"}, "b": {"default": ""}, "c": {"default": "\u001f"}, "d": {"default": "\u007f"}, "e": {"default": " /é"}}, "device": {"mqtt": {"topic": "t/{a}", "availability_topic": "{b}/{c}", "request": {"topic": "{d}/{e}", "interval_s": 1}}}'
  422
  errors:
  {"pointer":"/device/mqtt/topic","code":"invalid_topic","detail":"the parameter a must not be empty and must not have +, # or control characters: it is a part of a topic"},
  {"pointer":"/device/mqtt/availability_topic","code":"invalid_topic","detail":"the parameter b must not be empty and must not have +, # or control characters: it is a part of a topic"},
  {"pointer":"/device/mqtt/availability_topic","code":"invalid_topic","detail":"the parameter c must not be empty and must not have +, # or control characters: it is a part of a topic"},
  {"pointer":"/device/mqtt/request/topic","code":"invalid_topic","detail":"the parameter d must not be empty and must not have +, # or control characters: it is a part of a topic"}]}
  $ try '"params": {"a": {"default": "fast"}, "b": {"default": "12x"}, "c": {"default": "true"}, "d": {"default": true}, "e": {"default": 5}}, "device": {"enabled": "{a}", "network": {"unit_id": "{b}", "modbus_port": "{c}", "write_single": "{c}", "tls": "{e}"}, "mqtt": {"qos": "{d}", "topic": "{e}", "stale_after_s": "{e}"}}'
  422
  errors:
  {"pointer":"/device/enabled","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/device/network/unit_id","code":"wrong_type","detail":"must be an integer from 0 to 255"},
  {"pointer":"/device/network/modbus_port","code":"wrong_type","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/device/network/tls","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/device/mqtt/qos","code":"wrong_type","detail":"must be an integer from 0 to 2"}]}
  $ try '"device": {"label": "{}", "description": "{1} {a b} {a", "mqtt": {"topic": "{device}"}}'
  200
  {"name":"p","label":"","description":"","params":{},"room":{},"device":{"label":"{}","description":"{1} {a b} {a","mqtt":{"topic":"{device}"}},"tags":[],"devices":0,"id":3,"revision":5,"created_at":"TIME","updated_at":"TIME"}
  $ try '"device": {"mqtt": {"where": {"id": "{x}"}, "payload_available": "{device}{x}"}}'
  422
  errors:
  {"pointer":"/device/mqtt/where/id","code":"unknown_placeholder","detail":"{x} is no parameter: declare it in params"},
  {"pointer":"/device/mqtt/payload_available","code":"unknown_placeholder","detail":"{x} is no parameter: declare it in params"}]}
  $ try "\"params\": {\"a\": {\"default\": \"$(x 1024)\"}}, \"device\": {\"description\": \"{a}y\"}"
  422
  errors:
  {"pointer":"/device/description","code":"too_long","detail":"must have at most 1024 characters, but has 1025"}]}

The device of a profile:

  $ try '"device": {"color": 1, "network": {"unit_id": 300}, "mqtt": {"qos": 5, "payload_available": null, "payload_unavailable": null}, "status": {"address": 65533}}'
  422
  errors:
  {"pointer":"/device/color","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/device/network/unit_id","code":"out_of_range","detail":"must be an integer from 0 to 255"},
  {"pointer":"/device/mqtt/qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/device/status/address","code":"out_of_range","detail":"must be an integer from 0 to 65532"},
  {"pointer":"/device/mqtt/payload_unavailable","code":"required","detail":"must not be null while payload_available is null, too"}]}
  $ try '"device": {"network": {"tls": true}}'
  422
  errors:
  {"pointer":"/device/network/tls","code":"foreign_only","detail":"must be false on the local server: it is for another Modbus server, which modbus_host names"}]}
  $ try '"device": {"network": {"unit_id": 12}}'
  200
  {"name":"p","label":"","description":"","params":{},"room":{},"device":{"network":{"unit_id":12}},"tags":[],"devices":0,"id":3,"revision":6,"created_at":"TIME","updated_at":"TIME"}
  $ try '"device": {"status": {}}'
  422
  errors:
  {"pointer":"/device/status/address","code":"required","detail":"is required"}]}
  $ try '"device": {"id": 5, "revision": 6, "created_at": "x", "updated_at": 7, "quality": "good"}' | tail -1
  {"name":"p","label":"","description":"","params":{},"room":{},"device":{},"tags":[],"devices":0,"id":3,"revision":7,"created_at":"TIME","updated_at":"TIME"}
  $ try '"device": null' | head -1
  200

Tags get the next place above all, of which those of several registers are even; given addresses stay:

  $ tags '{"name": "a", "modbus": {"type": "int16"}}, {"name": "b"}, {"name": "c", "modbus": {"type": "int16"}}, {"name": "d", "modbus": {"type": "int64", "address": 20}}, {"name": "e", "modbus": {"type": "bool"}}, {"name": "f", "modbus": {"type": "bool", "bit": 3}}, {"name": "g", "modbus": {"table": "input_register"}}, {"name": "h", "modbus": {"address": "300012"}}, {"name": "i", "modbus": {"table": "input_register", "type": "string", "length": 3}}'
  profile:
  {"id":7,"name":"a","modbus":{"type":"int16","table":"holding_register","address":24}},
  {"id":8,"name":"b","modbus":{"table":"holding_register","address":26,"type":"float32"}},
  {"id":9,"name":"c","modbus":{"type":"int16","table":"holding_register","address":28}},
  {"id":10,"name":"d","modbus":{"type":"int64","address":20,"table":"holding_register"}},
  {"id":11,"name":"e","modbus":{"type":"bool","table":"discrete_input","address":0}},
  {"id":12,"name":"f","modbus":{"type":"bool","bit":3,"table":"holding_register","address":29}},
  {"id":13,"name":"g","modbus":{"table":"input_register","address":14,"type":"float32"}},
  {"id":14,"name":"h","modbus":{"address":11,"table":"input_register","type":"float32"}},
  {"id":15,"name":"i","modbus":{"table":"input_register","type":"string","length":3,"address":16}}] ..
  $ errors PUT /profiles/p '{"tags": [{"name": "i", "modbus": {"table": "input_register", "type": "string", "length": 3}}, {"name": "new", "modbus": {"type": "int16"}}, {"name": "c", "modbus": {"type": "int16"}}, {"name": "b", "modbus": {"type": "int16"}}]}' | tail -4
  {"id":15,"name":"i","modbus":{"table":"input_register","type":"string","length":3,"address":16}},
  {"id":16,"name":"new","modbus":{"type":"int16","table":"holding_register","address":29}},
  {"id":9,"name":"c","modbus":{"type":"int16","table":"holding_register","address":28}},
  {"id":8,"name":"b","modbus":{"type":"int16","table":"holding_register","address":26}}],"devices":0,"id":3,"revision":9,"created_at":"TIME","updated_at":"TIME"}
  $ tags '{"name": "a", "modbus": {"address": 10, "type": "int32"}}, {"name": "b", "modbus": {"address": 11}}, {"name": "c", "modbus": {"address": 12, "type": "bool", "bit": 5}}, {"name": "d", "modbus": {"address": 12, "type": "bool", "bit": 5}}, {"name": "e", "modbus": {"address": 12, "type": "uint8"}}, {"name": "f", "modbus": {"address": 12, "type": "uint8", "byte": "high"}}'
  422
  errors:
  {"pointer":"/tags/1/modbus/address","code":"overlap","detail":"holding_register 10 to 11 of the profile belong to the tag a"},
  {"pointer":"/tags/2/modbus/address","code":"overlap","detail":"holding_register 11 to 12 of the profile belong to the tag b"},
  {"pointer":"/tags/3/modbus/address","code":"overlap","detail":"holding_register 11 to 12 of the profile belong to the tag b"},
  {"pointer":"/tags/3/modbus/address","code":"overlap","detail":"holding_register 12 of the profile belongs to the tag c"},
  {"pointer":"/tags/4/modbus/address","code":"overlap","detail":"holding_register 11 to 12 of the profile belong to the tag b"},
  {"pointer":"/tags/4/modbus/address","code":"overlap","detail":"holding_register 12 of the profile belongs to the tag c"},
  {"pointer":"/tags/4/modbus/address","code":"overlap","detail":"holding_register 12 of the profile belongs to the tag d"},
  {"pointer":"/tags/5/modbus/address","code":"overlap","detail":"holding_register 11 to 12 of the profile belong to the tag b"}]}
  $ try '"device": {"status": {"address": 10}}, "tags": [{"name": "a", "modbus": {"table": "input_register", "address": 13, "type": "int16"}}, {"name": "b", "modbus": {"table": "input_register", "address": 14, "type": "int16"}}, {"name": "c", "modbus": {"table": "input_register", "address": 9, "type": "int32"}}, {"name": "d", "modbus": {"table": "input_register", "address": 9, "type": "int16"}}]'
  422
  errors:
  {"pointer":"/tags/0/modbus/address","code":"overlap","detail":"input_register 10 to 13 of the profile belong to the status block"},
  {"pointer":"/tags/2/modbus/address","code":"overlap","detail":"input_register 10 to 13 of the profile belong to the status block"},
  {"pointer":"/tags/3/modbus/address","code":"overlap","detail":"input_register 9 to 10 of the profile belong to the tag c"}]}
  $ tags '{"name": "a", "modbus": {"address": 65535, "type": "int16"}}, {"name": "b"}, {"name": "c", "modbus": {"type": "int16"}}'
  profile:
  {"id":17,"name":"a","modbus":{"address":65535,"type":"int16","table":"holding_register"}},
  {"id":8,"name":"b","modbus":{"table":"holding_register","address":26,"type":"float32"}},
  {"id":9,"name":"c","modbus":{"type":"int16","table":"holding_register","address":28}}] ..
  $ tags '{"name": "a", "modbus": {"address": 65534}}'
  profile:
  {"id":17,"name":"a","modbus":{"address":65534,"table":"holding_register","type":"float32"}}] ..
  $ tags '{"name": "a", "modbus": {"address": 65535}}'
  422
  errors:
  {"pointer":"/tags/0/modbus/address","code":"out_of_range","detail":"2 registers from this address go beyond the last one, 65535"}]}
  $ tags '{"name": "a", "mqtt": {"qos": 1}, "modbus": {"type": "int17"}, "color": 5}, {"name": "b", "direction": "both"}, {"name": "c", "mqtt": {"payload": "sparkplug"}, "direction": "both"}, {"name": "_d"}'
  422
  errors:
  {"pointer":"/tags/0/mqtt/qos","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/tags/0/modbus/type","code":"invalid_choice","detail":"must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8"},
  {"pointer":"/tags/0/color","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/tags/1/mqtt/command_topic","code":"required","detail":"is required for direction both"},
  {"pointer":"/tags/2/mqtt/command_topic","code":"required","detail":"is required, because the device's topic is not spBv1.0/GROUP/+/NODE or spBv1.0/GROUP/+/NODE/DEVICE"},
  {"pointer":"/tags/3/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  $ tags '{"name": "slow", "modbus": {"min_change": 5, "min_interval_ms": 100}}, {"name": "exp", "direction": "both", "mqtt": {"command_topic": "c", "expires_s": 9}}'
  profile:
  {"id":18,"name":"slow","modbus":{"min_change":5,"min_interval_ms":100,"table":"holding_register","address":0,"type":"float32"}},
  {"id":19,"name":"exp","direction":"both","mqtt":{"command_topic":"c","expires_s":9},"modbus":{"table":"holding_register","address":2,"type":"float32"}}] ..
  $ tags '{"name": "a", "device": "x", "id": 7, "revision": 8, "quality": "good", "profile": true, "modbus": {"modicon": "400099", "warnings": []}}'
  profile:
  {"id":20,"name":"a","modbus":{"table":"holding_register","address":0,"type":"float32"}}] ..
  $ many() { for i in $(seq "$1"); do printf '%s{"name":"t%d","modbus":{"type":"int16"}}' "${comma:-}" "$i"; comma=', '; done; }
  $ printf '{"tags": [%s]}' "$(many 1001)" >body
  $ errors PUT /profiles/p --data-binary @body -H 'Content-Type: application/json'
  422
  errors:
  {"pointer":"/tags","code":"too_long","detail":"must have at most 1000 tags"}]}
  $ printf '{"tags": [%s]}' "$(many 1000)" >body
  $ errors PUT '/profiles/p?confirm=9' --data-binary @body -H 'Content-Type: application/json'
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"confirm is 9, but this deletes 0 objects: 1 tag of the profile in each of 0 devices. Nothing was changed."}],"confirm":0}
  $ errors PUT '/profiles/p?confirm=0' --data-binary @body -H 'Content-Type: application/json' | tail -2
  {"id":1019,"name":"t999","modbus":{"type":"int16","table":"holding_register","address":998}},
  {"id":1020,"name":"t1000","modbus":{"type":"int16","table":"holding_register","address":999}}],"devices":0,"id":3,"revision":14,"created_at":"TIME","updated_at":"TIME"}

Room:

  $ try '"room": {"coil": 1, "discrete_input": 65536, "registers": 5, "input_register": 0, "holding_register": 65537}'
  422
  errors:
  {"pointer":"/room/registers","code":"unknown_field","detail":"is no table; the tables are coil, discrete_input, input_register, holding_register"},
  {"pointer":"/room/input_register","code":"out_of_range","detail":"must be an integer from 1 to 65536"},
  {"pointer":"/room/holding_register","code":"out_of_range","detail":"must be an integer from 1 to 65536"}]}
  $ try '"room": {"coil": 1.5, "input_register": "9", "holding_register": null, "coil": 2}'
  422
  errors:
  {"pointer":"/room/coil","code":"wrong_type","detail":"must be an integer from 1 to 65536"},
  {"pointer":"/room/input_register","code":"wrong_type","detail":"must be an integer from 1 to 65536"},
  {"pointer":"/room/holding_register","code":"wrong_type","detail":"must be an integer from 1 to 65536"},
  {"pointer":"/room/coil","code":"duplicate","detail":"appears more than once"}]}

Ids of tags, and names that are exchanged:

  $ try '"tags": [{"name": "a", "modbus": {"type": "int16"}}, {"name": "b", "modbus": {"type": "int16"}}]' | grep -o '"tags.*\|^{"id.*'
  "tags":[
  {"id":1021,"name":"a","modbus":{"type":"int16","table":"holding_register","address":0}},
  {"id":1022,"name":"b","modbus":{"type":"int16","table":"holding_register","address":1}}],"devices":0,"id":3,"revision":15,"created_at":"TIME","updated_at":"TIME"}
  $ first=$(api GET /profiles/p | grep -o '^{"id":[0-9]*' | head -1 | grep -o '[0-9]*'); id() { sed -e "s/\"id\":$first\b/\"id\":A/; s/\"id\":$((first + 1))\b/\"id\":B/"; }
  $ try "\"tags\": [{\"id\": $first, \"name\": \"b\", \"modbus\": {\"type\": \"int16\"}}, {\"id\": $((first + 1)), \"name\": \"a\", \"modbus\": {\"type\": \"int16\"}}]" | grep -o '"tags.*\|^{"id.*' | id
  "tags":[
  {"id":A,"name":"b","modbus":{"type":"int16","table":"holding_register","address":0}},
  {"id":B,"name":"a","modbus":{"type":"int16","table":"holding_register","address":1}}],"devices":0,"id":3,"revision":16,"created_at":"TIME","updated_at":"TIME"}
  $ try "\"tags\": [{\"id\": $first, \"name\": \"c\"}, {\"id\": $first, \"name\": \"d\"}]"
  422
  errors:
  {"pointer":"/tags/1/id","code":"duplicate","detail":"is the id of an earlier tag, too"},
  {"pointer":"/tags/1/modbus/address","code":"overlap","detail":"holding_register 0 to 1 of the profile belong to the tag c"}]}
  $ try "\"tags\": [{\"name\": \"a\", \"modbus\": {\"type\": \"int16\"}}, {\"id\": 0, \"name\": \"new\"}, {\"id\": 0.5, \"name\": \"new-2\"}, {\"id\": 99999, \"name\": \"b\", \"modbus\": {\"type\": \"int16\"}}]" | id
  200
  {"name":"p","label":"","description":"","params":{},"room":{},"device":{},"tags":[
  {"id":B,"name":"a","modbus":{"type":"int16","table":"holding_register","address":1}},
  {"id":1023,"name":"new","modbus":{"table":"holding_register","address":2,"type":"float32"}},
  {"id":1024,"name":"new-2","modbus":{"table":"holding_register","address":4,"type":"float32"}},
  {"id":A,"name":"b","modbus":{"type":"int16","table":"holding_register","address":0}}],"devices":0,"id":3,"revision":17,"created_at":"TIME","updated_at":"TIME"}

PATCH is a merge patch; entity tags; deletion:

  $ api PATCH /profiles/all '{"label": null, "params": {"v_9": null, "w": {}}, "room": {"input_register": 50}, "tags": [{"name": "power"}]}'
  200
  {"name":"all","label":"","description":"a meter","params":{"serial":{"description":"on its plate"},"unit":{"default":3},"qos":{"default":"1"},"on":{"default":true},"factor":{"default":0.5},"empty":{"default":null},"w":{}},"room":{"holding_register":12,"input_register":50},"device":{"label":"meter {serial}","enabled":"{on}","network":{"unit_id":"{unit}"},"mqtt":{"topic":"tele/{serial}/#","qos":"{qos}","availability_topic":"tele/{device}/lwt","timestamp_key":"/{serial}/at","where":{"id":"{serial}","{serial}":1},"request":{"topic":"cmnd/{serial}","payload":"{\"id\": \"{serial}\", \"x\": {other}}","interval_s":"{unit}"}},"status":{"table":"input_register","address":36}},"tags":[
  {"id":1,"name":"power","modbus":{"table":"holding_register","address":0,"type":"float32"}}],"devices":0,"id":2,"revision":18,"created_at":"TIME","updated_at":"TIME"}
  $ errors PATCH /profiles/none '{}'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No profile has the name \"none\".","errors":[]}
  $ errors PATCH /profiles/all '[]'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/name","code":"required","detail":"is required"}]}
  $ errors PATCH /profiles/all '{"name": "least"}'
  409
  errors:
  {"pointer":"/name","code":"name_taken","detail":"a profile named least already exists"}]}
  $ api PATCH /profiles/all '{"name": "renamed"}' | head -1
  200
  $ errors GET /profiles/all
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No profile has the name \"all\".","errors":[]}
  $ change() { api "$1" "$2" "$3" -H "$4" | sed -e 's/^{"name".*/profile:/' | head -2; }
  $ revision=$(api GET /profiles/renamed | tail -1 | grep -o '"revision":[0-9]*' | grep -o '[0-9]*')
  $ change PATCH /profiles/renamed '{"label": "a"}' "If-Match: \"$revision\""
  200
  profile:
  $ change PATCH /profiles/renamed '{"label": "b"}' "If-Match: \"1\"" | sed -e 's/"[0-9]*\\"/"N\\"/'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"N\".","errors":[]}
  $ change PUT /profiles/renamed '{"label": "b"}' "If-None-Match: *" | sed -e 's/"[0-9]*\\"/"N\\"/'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-None-Match names the current version, \"N\".","errors":[]}
  $ change PUT /profiles/brand-new '{"label": "b"}' "If-None-Match: *"
  201
  profile:
  $ change POST /profiles '{"name": "last"}' 'If-Match: "1"' | sed -e 's/"[0-9]*\\"/"N\\"/'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"N\".","errors":[]}
  $ api DELETE /profiles/renamed -H 'If-Match: "1"' | sed -e 's/"[0-9]*\\"/"N\\"/'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"N\".","errors":[]}
  $ api DELETE /profiles/renamed
  204
  $ api DELETE /profiles/renamed
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No profile has the name \"renamed\".","errors":[]}
  $ api DELETE '/profiles/least?confirm=1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"confirm\"; this path supports: none.","errors":[]}

The library:

  $ api GET '/profiles?library=true&limit=2'
  200
  {"items":[
  {"name":"chirpstack-contact","label":"ChirpStack door or window contact","description":"A LoRaWAN contact at ChirpStack 4, whose codec says door open or closed. The names of the values are those of its codec; change the keys if yours has others.","params":{"application":{"description":"The application's id in ChirpStack"},"dev_eui":{"description":"The device's DevEUI, in small letters"},"stale_after_s":{"default":7200,"description":"Seconds without a message after which its values are stale"}},"tags":4},
  {"name":"chirpstack-pulse-meter","label":"ChirpStack pulse counter","description":"A LoRaWAN pulse counter at ChirpStack 4, for water, gas or energy. The names of the values are those of its codec; change the keys if yours has others.","params":{"application":{"description":"The application's id in ChirpStack"},"dev_eui":{"description":"The device's DevEUI, in small letters"},"stale_after_s":{"default":7200,"description":"Seconds without a message after which its values are stale"}},"tags":5}],"total":43,"next":"chirpstack-pulse-meter"}
  $ api GET '/profiles?library=true&limit=1&after=energy-meter&q=sensor'
  200
  {"items":[
  {"name":"sensor","label":"Temperature and humidity","description":"A room sensor that sends temperature, humidity and the charge of its battery in one JSON object.","params":{"topic":{"description":"The topic of its messages, such as plant/hall/sensor-3"},"stale_after_s":{"default":900,"description":"Seconds without a message after which its values are stale"}},"tags":3}],"total":1,"next":null}
  $ api GET '/profiles?library=true&q=nothing'
  200
  {"items":[],"total":0,"next":null}
  $ api GET '/profiles?library=false&limit=1' | head -1
  200
  $ api GET '/profiles/sensor?library=true' | head -3 | cut -c1-400
  200
  {"name":"sensor","label":"Temperature and humidity","description":"A room sensor that sends temperature, humidity and the charge of its battery in one JSON object.","params":{"topic":{"description":"The topic of its messages, such as plant/hall/sensor-3"},"stale_after_s":{"default":900,"description":"Seconds without a message after which its values are stale"}},"room":{"input_register":12},"device
  {"name":"temperature","unit":"\xc2\xb0C","modbus":{"table":"input_register","address":0,"type":"float32","on_stale":"nan"}}, (esc)
  $ api GET '/profiles/none?library=true'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"The library ROOT/config/profiles has no profile none.","errors":[]}
  $ api GET '/profiles/..?library=true' --path-as-is
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"This cannot be the name of a profile.","errors":[]}
  $ api GET '/profiles/_x?library=true'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"This cannot be the name of a profile.","errors":[]}
  $ api GET '/profiles/sensor?library=1'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"library must be true or false.","errors":[]}
  $ errors POST /profiles '{"library": "none"}'
  422
  errors:
  {"pointer":"/library","code":"unknown_profile","detail":"The library ROOT/config/profiles has no profile none."}]}
  $ errors POST /profiles '{"library": 5, "color": 1}'
  422
  errors:
  {"pointer":"/color","code":"unknown_field","detail":"unknown member; expected one of: library, name"},
  {"pointer":"/library","code":"unknown_profile","detail":"must be the name of a profile in the library"}]}
  $ errors POST /profiles '{"library": "sensor", "name": "_"}'
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"}]}
  $ api POST /profiles '{"library": "sensor", "name": "my-sensor"}' | head -3 | cut -c1-300
  201
  {"name":"my-sensor","label":"Temperature and humidity","description":"A room sensor that sends temperature, humidity and the charge of its battery in one JSON object.","params":{"topic":{"description":"The topic of its messages, such as plant/hall/sensor-3"},"stale_after_s":{"default":900,"descripti
  {"id":1025,"name":"temperature","unit":"\xc2\xb0C","modbus":{"table":"input_register","address":0,"type":"float32","on_stale":"nan"}}, (esc)
  $ errors POST /profiles '{"library": "sensor", "name": "my-sensor"}'
  409
  errors:
  {"pointer":"/name","code":"name_taken","detail":"a profile named my-sensor already exists"}]}

Copies of devices: names, topics, addresses, profiles, and what is wrong.

  $ copy() { errors POST "/devices/${device:-boiler}/copy" "$1"; }
  $ places() { api GET "/tags?device=$1" | sed -n 's/^{"device":"\([^"]*\)","name":"\([^"]*\)".*"mqtt":\({.*}\),"modbus":.*"table":"\([^"]*\)","address":\([0-9]*\),.*/\1\/\2 \4 \5 \3/p'; }
  $ brief() { sed -e 's/"command_qos".*"min_change":[0-9]*},"modbus"/../; s/"byte_order".*"profile"/../; s/"network":.*"mqtt"/../; s/"stale_after_s".*"where"/../'; }
  $ api PUT /devices/boiler '{"label": "the boiler", "description": "boiler-hall", "network": {"address": "10.0.0.1"}, "mqtt": {"topic": "plant/boiler/tele", "availability_topic": "plant/boiler/lwt",
  >   "where": {"id": "boiler", "n": 5, "b": true}, "request": {"topic": "plant/boiler/get", "payload": "hello boiler", "interval_s": 60, "qos": 1}}, "status": {"address": 20}}' | head -1
  201
  $ api PUT /devices/boiler/tags/temp '{"mqtt": {"key": "/boiler/temp", "topic": "plant/boiler/t"}, "modbus": {"table": "input_register", "address": 11, "type": "int16"}}' | head -1
  201
  $ api PUT /devices/boiler/tags/set '{"direction": "to_mqtt", "mqtt": {"command_topic": "cmnd/boiler", "command_template": "boiler={value} {device}"}, "modbus": {"address": 101, "type": "int32"}}' | head -1
  201
  $ api PUT /devices/boiler/tags/on '{"modbus": {"type": "bool"}}' | head -1
  201

One block in each table, laid out as the device's; names in topics, templates, where, label:

  $ copy '{"copies": [{"name": "kettle"}]}' | brief
  201
  {"created":4,"dry_run":false,"devices":[
  {"name":"kettle","label":"the kettle","description":"kettle-hall","enabled":true,"profile":null,..:{"topic":"plant/kettle/tele","qos":1,"availability_topic":"plant/kettle/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"kettle","n":5,"b":true},"request":{"topic":"plant/kettle/get","payload":"hello kettle","interval_s":60,"qos":1}},"status":{"table":"input_register","address":34},"id":2,"revision":28,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"kettle","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":1,"modicon":"100002","type":"bool",..:false,"id":4,"revision":28,"created_at":"TIME","updated_at":"TIME"},
  {"device":"kettle","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/kettle","command_template":"kettle={value} {device}",..:{"table":"holding_register","address":105,"modicon":"400106","type":"int32",..:false,"id":5,"revision":28,"created_at":"TIME","updated_at":"TIME"},
  {"device":"kettle","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/kettle/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":25,"modicon":"300026","type":"int16",..:false,"id":6,"revision":28,"created_at":"TIME","updated_at":"TIME"}]}]}
  $ api GET /devices/kettle | brief
  200
  {"name":"kettle","label":"the kettle","description":"kettle-hall","enabled":true,"profile":null,..:{"topic":"plant/kettle/tele","qos":1,"availability_topic":"plant/kettle/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"kettle","n":5,"b":true},"request":{"topic":"plant/kettle/get","payload":"hello kettle","interval_s":60,"qos":1}},"status":{"table":"input_register","address":34},"id":2,"revision":28,"created_at":"TIME","updated_at":"TIME"}
  $ places kettle
  kettle/on discrete_input 1 {"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  kettle/set holding_register 105 {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/kettle","command_template":"kettle={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  kettle/temp input_register 25 {"key":"/boiler/temp","topic":"plant/kettle/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ copy '{"copies": [{"name": "pot-1", "topic": "hall/2/tele"}, {"name": "pot-2", "topic": "x"}, {"name": "pot-3", "topic": "plant/boiler/tele", "label": "third", "where": {"id": "p3"}}, {"name": "pot-4", "topic": "plant/pan/tele", "unit_id": 4}]}' | brief
  201
  {"created":16,"dry_run":false,"devices":[
  {"name":"pot-1","label":"the 2","description":"2-hall","enabled":true,"profile":null,..:{"topic":"hall/2/tele","qos":1,"availability_topic":"hall/2/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"2","n":5,"b":true},"request":{"topic":"hall/2/get","payload":"hello 2","interval_s":60,"qos":1}},"status":{"table":"input_register","address":48},"id":3,"revision":29,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-1","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":2,"modicon":"100003","type":"bool",..:false,"id":7,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-1","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/2","command_template":"2={value} {device}",..:{"table":"holding_register","address":109,"modicon":"400110","type":"int32",..:false,"id":8,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-1","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"hall/2/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":39,"modicon":"300040","type":"int16",..:false,"id":9,"revision":29,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"pot-2","label":"the pot-2","description":"pot-2-hall","enabled":true,"profile":null,..:{"topic":"x","qos":1,"availability_topic":"plant/pot-2/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"pot-2","n":5,"b":true},"request":{"topic":"plant/pot-2/get","payload":"hello pot-2","interval_s":60,"qos":1}},"status":{"table":"input_register","address":62},"id":4,"revision":29,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-2","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":3,"modicon":"100004","type":"bool",..:false,"id":10,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-2","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pot-2","command_template":"pot-2={value} {device}",..:{"table":"holding_register","address":113,"modicon":"400114","type":"int32",..:false,"id":11,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-2","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/pot-2/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":53,"modicon":"300054","type":"int16",..:false,"id":12,"revision":29,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"pot-3","label":"third","description":"pot-3-hall","enabled":true,"profile":null,..:{"topic":"plant/boiler/tele","qos":1,"availability_topic":"plant/pot-3/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"p3"},"request":{"topic":"plant/pot-3/get","payload":"hello pot-3","interval_s":60,"qos":1}},"status":{"table":"input_register","address":76},"id":5,"revision":29,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-3","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":4,"modicon":"100005","type":"bool",..:false,"id":13,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-3","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pot-3","command_template":"pot-3={value} {device}",..:{"table":"holding_register","address":117,"modicon":"400118","type":"int32",..:false,"id":14,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-3","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/pot-3/temp","topic":"plant/pot-3/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":67,"modicon":"300068","type":"int16",..:false,"id":15,"revision":29,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"pot-4","label":"the pan","description":"pan-hall","enabled":true,"profile":null,..:{"topic":"plant/pan/tele","qos":1,"availability_topic":"plant/pan/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"pan","n":5,"b":true},"request":{"topic":"plant/pan/get","payload":"hello pan","interval_s":60,"qos":1}},"status":{"table":"input_register","address":20},"id":6,"revision":29,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-4","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":0,"modicon":"100001","type":"bool",..:false,"id":16,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-4","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pan","command_template":"pan={value} {device}",..:{"table":"holding_register","address":101,"modicon":"400102","type":"int32",..:false,"id":17,"revision":29,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-4","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/pan/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":11,"modicon":"300012","type":"int16",..:false,"id":18,"revision":29,"created_at":"TIME","updated_at":"TIME"}]}]}
  $ places pot-1; places pot-2; places pot-3; places pot-4
  pot-1/on discrete_input 2 {"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-1/set holding_register 109 {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/2","command_template":"2={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-1/temp input_register 39 {"key":"/boiler/temp","topic":"hall/2/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-2/on discrete_input 3 {"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-2/set holding_register 113 {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pot-2","command_template":"pot-2={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-2/temp input_register 53 {"key":"/boiler/temp","topic":"plant/pot-2/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-3/on discrete_input 4 {"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-3/set holding_register 117 {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pot-3","command_template":"pot-3={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-3/temp input_register 67 {"key":"/pot-3/temp","topic":"plant/pot-3/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-4/on discrete_input 0 {"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-4/set holding_register 101 {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pan","command_template":"pan={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  pot-4/temp input_register 11 {"key":"/boiler/temp","topic":"plant/pan/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ api GET /devices/pot-3 | brief
  200
  {"name":"pot-3","label":"third","description":"pot-3-hall","enabled":true,"profile":null,..:{"topic":"plant/boiler/tele","qos":1,"availability_topic":"plant/pot-3/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"p3"},"request":{"topic":"plant/pot-3/get","payload":"hello pot-3","interval_s":60,"qos":1}},"status":{"table":"input_register","address":76},"id":5,"revision":29,"created_at":"TIME","updated_at":"TIME"}
  $ copy '{"copies": [{"name": "st-1"}, {"name": "st-2"}], "stride": {"input_register": 1000, "holding_register": 500, "discrete_input": 7, "coil": 1}}' | head -2
  201
  {"created":8,"dry_run":false,"devices":[
  $ places st-1 | cut -d ' ' -f 1-3; places st-2 | cut -d ' ' -f 1-3; api GET /devices/st-2 | grep -o '"status":{[^}]*}'
  st-1/on discrete_input 7
  st-1/set holding_register 601
  st-1/temp input_register 1011
  st-2/on discrete_input 14
  st-2/set holding_register 1101
  st-2/temp input_register 2011
  "status":{"table":"input_register","address":2020}

What is wrong:

  $ copy '[]'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an object"}]}
  $ copy '{}'
  422
  errors:
  {"pointer":"/copies","code":"required","detail":"is required"}]}
  $ copy '{"copies": []}'
  422
  errors:
  {"pointer":"/copies","code":"wrong_type","detail":"must be an array of 1 to 1000 objects, one for each copy"}]}
  $ copy '{"copies": {}, "stride": [], "color": 1}'
  422
  errors:
  {"pointer":"/color","code":"unknown_field","detail":"unknown member; expected one of: copies, stride"},
  {"pointer":"/stride","code":"wrong_type","detail":"must be an object from tables to numbers, such as {\"holding_register\": 100}"},
  {"pointer":"/copies","code":"wrong_type","detail":"must be an array of 1 to 1000 objects, one for each copy"}]}
  $ copy '{"copies": null, "stride": null}'
  422
  errors:
  {"pointer":"/copies","code":"wrong_type","detail":"must be an array of 1 to 1000 objects, one for each copy"}]}
  $ copy "{\"copies\": [$(printf '1,%.0s' {1..1000})1]}"
  422
  errors:
  {"pointer":"/copies","code":"wrong_type","detail":"must be an array of 1 to 1000 objects, one for each copy"}]}
  $ copy '{"copies": [1, {}, {"name": null}, {"name": 5, "topic": 6, "unit_id": "7", "label": 8, "where": 9, "color": 10, "params": {}}, {"name": "_", "topic": "a/#/b", "unit_id": 99}]}'
  422
  errors:
  {"pointer":"/copies/0","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/copies/1/name","code":"required","detail":"is required"},
  {"pointer":"/copies/2/name","code":"required","detail":"is required"},
  {"pointer":"/copies/3/name","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/copies/3/topic","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/copies/3/unit_id","code":"wrong_type","detail":"must be an integer from 0 to 255"},
  {"pointer":"/copies/3/label","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/copies/3/where","code":"wrong_type","detail":"must be null or an object from keys to values, such as {\"id\": 37}"},
  {"pointer":"/copies/3/color","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/copies/3/params","code":"no_profile","detail":"boiler does not use a profile, so that there are no parameters"},
  {"pointer":"/copies/4/name","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"},
  {"pointer":"/copies/4/topic","code":"invalid_topic","detail":"must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes"}]}
  $ copy '{"copies": [{"name": "c-1", "name": "c-2", "where": {"a": []}}, {"name": "boiler"}, {"name": "kettle", "topic": "t"}, {"name": "c-3"}, {"name": "c-3"}, {"name": "c-4", "unit_id": 21}]}'
  422
  errors:
  {"pointer":"/copies/0/name","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/copies/0/where","code":"wrong_type","detail":"must be a string, a number, true or false"},
  {"pointer":"/copies/4/name","code":"duplicate","detail":"is the name of another copy"},
  {"pointer":"/copies/5/unit_id","code":"unknown_unit","detail":"unit 21 is not on the local server; [common] units lists its units"}]}
  $ copy '{"copies": [{"name": "boiler"}, {"name": "kettle", "topic": "t"}]}'
  409
  errors:
  {"pointer":"/copies/0/name","code":"name_taken","detail":"a device named boiler already exists"},
  {"pointer":"/copies/1/name","code":"name_taken","detail":"a device named kettle already exists"}]}
  $ copy '{"copies": [{"name": "c-1"}], "stride": {"coil": 0, "registers": 1, "input_register": 65536, "holding_register": 1.5, "discrete_input": "1", "coil": 1}}'
  422
  errors:
  {"pointer":"/stride/coil","code":"out_of_range","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/stride/registers","code":"unknown_field","detail":"is no table; the tables are coil, discrete_input, input_register, holding_register"},
  {"pointer":"/stride/input_register","code":"out_of_range","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/stride/holding_register","code":"wrong_type","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/stride/discrete_input","code":"wrong_type","detail":"must be an integer from 1 to 65535"},
  {"pointer":"/stride/coil","code":"duplicate","detail":"appears more than once"}]}
  $ copy '{"copies": [{"name": "c-1"}], "stride": {"input_register": 65520}}'
  422
  errors:
  {"pointer":"/copies/0","code":"out_of_range","detail":"the status block would be at 65540 of input_register, beyond the last address"}]}
  $ copy '{"copies": [{"name": "c-0"}], "stride": {"input_register": 65512}}'
  201
  {"created":4,"dry_run":false,"devices":[
  {"name":"c-0","label":"the c-0","description":"c-0-hall","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"plant/c-0/tele","qos":1,"availability_topic":"plant/c-0/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":{"id":"c-0","n":5,"b":true},"request":{"topic":"plant/c-0/get","payload":"hello c-0","interval_s":60,"qos":1}},"status":{"table":"input_register","address":65532},"id":9,"revision":31,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"c-0","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"discrete_input","address":5,"modicon":"100006","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":25,"revision":31,"created_at":"TIME","updated_at":"TIME"},
  {"device":"c-0","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/c-0","command_template":"c-0={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":121,"modicon":"400122","type":"int32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":26,"revision":31,"created_at":"TIME","updated_at":"TIME"},
  {"device":"c-0","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/c-0/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":65523,"modicon":"365524","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":27,"revision":31,"created_at":"TIME","updated_at":"TIME"}]}]}
  $ copy '{"copies": [{"name": "c-1"}], "stride": {"holding_register": 65434}}'
  422
  errors:
  {"pointer":"/stride/holding_register","code":"out_of_range","detail":"c-1/set would be at 65535 of holding_register, beyond the last address"}]}
  $ copy '{"copies": [{"name": "c-1"}], "stride": {"holding_register": 1, "input_register": 1}}'
  409
  errors:
  {"pointer":"/copies/0","code":"overlap","detail":"c-1/set: holding_register 101 to 102 (400102 to 400103) in unit 1 belong to boiler/set"},
  {"pointer":"/copies/0","code":"overlap","detail":"the status block of c-1: input_register 20 to 23 (300021 to 300024) in unit 1 belong to the status block of boiler"}]}
  $ copy '{"copies": [{"name": "c-1"}, {"name": "c-2"}], "stride": {"holding_register": 1}}'
  409
  errors:
  {"pointer":"/copies/0","code":"overlap","detail":"c-1/set: holding_register 101 to 102 (400102 to 400103) in unit 1 belong to boiler/set"},
  {"pointer":"/copies/0","code":"overlap","detail":"c-1/set: holding_register 103 to 104 (400104 to 400105) in unit 1 belong to c-2/set"},
  {"pointer":"/copies/1","code":"overlap","detail":"c-2/set: holding_register 102 to 103 (400103 to 400104) in unit 1 belong to c-1/set"}]}
  $ device=none copy '{"copies": [{"name": "c-1"}]}'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"none\".","errors":[]}
  $ api PUT /devices/odd '{"mqtt": {"topic": "nothing"}}' | head -1
  201
  $ device=odd copy '{"copies": [{"name": "even"}]}'
  422
  errors:
  {"pointer":"/copies/0/topic","code":"required","detail":"is required: the topic nothing does not contain the name odd"}]}
  $ device=odd copy '{"copies": [{"name": "even", "topic": "t"}]}' | head -2
  201
  {"created":1,"dry_run":false,"devices":[
  $ api POST '/devices/odd/copy?dry_run=true' '{"copies": [{"name": "even-2", "topic": "t"}]}'
  200
  {"created":1,"dry_run":true,"devices":[
  {"name":"even-2","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":12,"revision":34,"created_at":"TIME","updated_at":"TIME","tags":[]}]}
  $ errors GET /devices/even-2
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"even-2\".","errors":[]}
  $ errors POST '/devices/odd/copy?dry_run=x' '{"copies": [{"name": "even-2", "topic": "t"}]}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"dry_run must be true or false.","errors":[]}
  $ api POST /devices/odd/copy '{"copies": [{"name": "even-3", "topic": "t"}]}' -H 'If-Match: "1"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"32\".","errors":[]}
  $ api GET '/audit?limit=1' | sed 's/"request_id":"[^"]*"/"request_id":"ID"/'
  200
  {"items":[
  {"id":66,"revision":33,"at":"TIME","who":"","remote":"127.0.0.1","request_id":"ID","action":"copy","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"copied":"odd","created":1,"details":1},"diff":[]}],"total":66,"next":"66"}

Of a device on another server, and of one with a profile:

  $ api PUT /devices/far '{"network": {"modbus_host": "plc-1", "unit_id": 3}, "mqtt": {"topic": "far/x"}}' | head -1
  201
  $ api PUT /devices/far/tags/a '{"modbus": {"address": 40, "type": "int16"}}' | head -1
  201
  $ device=far copy '{"copies": [{"name": "far-2"}]}'
  422
  errors:
  {"pointer":"/stride/holding_register","code":"required","detail":"is required: addresses are not allocated on a Modbus server that is not the local one"}]}
  $ device=far copy '{"copies": [{"name": "far-2", "unit_id": 4}], "stride": {}}' | head -2
  201
  {"created":2,"dry_run":false,"devices":[
  $ device=far copy '{"copies": [{"name": "far-3"}, {"name": "far-4"}], "stride": {"holding_register": 10}}' | head -2
  201
  {"created":4,"dry_run":false,"devices":[
  $ places far-2; places far-4
  far-2/a holding_register 40 {"key":"a","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  far-4/a holding_register 60 {"key":"a","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ device=far copy '{"copies": [{"name": "far-5", "unit_id": 248}]}'
  422
  errors:
  {"pointer":"/copies/0/unit_id","code":"out_of_range","detail":"must be from 0 to 247, or 255: the ids in between are reserved"}]}
  $ api PUT /profiles/meter '{"params": {"serial": {}, "site": {"default": "s"}}, "device": {"mqtt": {"topic": "tele/{serial}"}}, "tags": [{"name": "p", "modbus": {"type": "int16"}}]}' | head -1
  201
  $ api PUT /devices/m-1 '{"profile": {"name": "meter", "params": {"serial": "m-1", "site": "hall m-1"}}}' | head -1
  201
  $ api PUT /devices/m-1/tags/own '{"modbus": {"type": "int16"}}' | head -1
  201
  $ device=m-1 copy '{"copies": [{"name": "m-2"}, {"name": "m-3", "params": {"serial": "4713"}}, {"name": "m-4", "unit_id": 6}]}' | grep -o '^[0-9]*$\|{"created.*\|"profile":{.*"network"'
  201
  {"created":9,"dry_run":false,"devices":[
  "profile":{"name":"meter","params":{"serial":"m-2","site":"hall m-2"},"base":{"holding_register":125}},"network"
  "profile":{"name":"meter","params":{"serial":"4713"},"base":{"holding_register":127}},"network"
  "profile":{"name":"meter","params":{"serial":"m-4","site":"hall m-4"},"base":{"holding_register":123}},"network"
  $ places m-2 | cut -d ' ' -f 1-3; places m-4 | cut -d ' ' -f 1-3
  m-2/own holding_register 126
  m-2/p holding_register 125
  m-4/own holding_register 124
  m-4/p holding_register 123
  $ device=m-1 copy '{"copies": [{"name": "m-5", "params": {"serial": "#"}}, {"name": "m-6", "params": {}}, {"name": "m-7", "params": 5}, {"name": "m-8", "topic": "own"}]}'
  422
  errors:
  {"pointer":"/copies/0","code":"invalid_topic","detail":"/device/mqtt/topic of the profile meter: the parameter serial must not be empty and must not have +, # or control characters: it is a part of a topic"},
  {"pointer":"/copies/1/params","code":"required","detail":"is required by the profile meter"},
  {"pointer":"/copies/2/params","code":"wrong_type","detail":"must be an object, such as {\"serial\": \"4711\"}"},
  {"pointer":"/copies/3/topic","code":"profile_setting","detail":"is set by the profile meter: change the profile or the parameters of the device, or let the device leave it with \"profile\": null"}]}
  $ device=m-1 copy '{"copies": [{"name": "m-5"}, {"name": "m-6"}], "stride": {"holding_register": 10}}'
  201
  {"created":6,"dry_run":false,"devices":[
  {"name":"m-5","label":"","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":"m-5","site":"hall m-5"},"base":{"holding_register":133}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/m-5","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":20,"revision":42,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"m-5","name":"own","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"own","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":134,"modicon":"400135","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":41,"revision":42,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"m-6","label":"","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":"m-6","site":"hall m-6"},"base":{"holding_register":143}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/m-6","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":21,"revision":42,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"m-6","name":"own","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"own","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":144,"modicon":"400145","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":43,"revision":42,"created_at":"TIME","updated_at":"TIME"}]}]}
  $ device=m-1 copy '{"copies": [{"name": "m-5"}, {"name": "m-6"}], "stride": {"holding_register": 1000}}' | grep -o '^[0-9]*$\|{"created.*\|"profile":{.*"network"'
  409
