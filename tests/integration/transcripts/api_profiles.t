Profiles: each member with its limits and errors, placeholders, and how tags get their places.

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
