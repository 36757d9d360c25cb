Tags: each member with its limits, the rules between members and their warnings, types, value maps, and what PUT, PATCH and the
parts of a tag keep.

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ x() { printf "x%.0s" $(seq "$1"); }
  $ try() { errors POST "/devices/${device:-boiler}/tags?dry_run=true" "{\"name\": \"t\", $1}"; }
  $ try_modbus() { try "\"modbus\": {$1}" | sed -e 's/^{"device".*"modbus":/modbus: /; s/,"profile":false,"id".*"updated_at":"TIME"/ ../'; }
  $ tags() { printf '{"devices": [{"name": "boiler", "mqtt": {"topic": "hall/boiler"}, "tags": [%s]}]}' "$(sep=; n=0; while read -r -a row; do n=$((n + 1)); printf "$sep$1" $n "${row[@]}"; sep=', '; done)" >body
  >   errors POST '/import?mode=merge&dry_run=true' --data-binary @body -H 'Content-Type: application/json' | sed -e 's/^{"action":"create","device":"boiler",//; s/"changes":\[//'; }
  $ api POST /devices '{"name": "boiler", "mqtt": {"topic": "hall/boiler"}}' | head -1
  201
  $ api POST /devices '{"name": "far", "network": {"modbus_host": "plc-1", "unit_id": 12}, "mqtt": {"topic": "hall/far"}}' | head -1
  201

The defaults, and all members with other values:

  $ api POST /devices/boiler/tags '{"name": "temp"}'
  201
  {"device":"boiler","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"temp","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":0,"modicon":"400001","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":1,"revision":3,"created_at":"TIME","updated_at":"TIME"}
  $ api PUT /devices/boiler/tags/set.1 '{"name": "set.1", "label": "Soll é", "description": "setpoint", "unit": "°C", "enabled": false, "direction": "both",
  >   "mqtt": {"key": "/a/0/b~1c", "topic": "hall/+/x", "payload": "json", "values": {"ON": 1, "OFF": 0, "~/": -12.5},
  >     "command_topic": "hall/set", "command_template": "{\"v\": {value}}", "command_qos": 2, "command_retain": true, "settle_ms": 100,
  >     "hold_off_ms": 12000, "pattern": "^(-?[0-9.]+)", "number": "decimal_comma", "quality_key": "./q~0", "expires_s": 3600,
  >     "expire_value": "OFF", "command_on": "change", "min_interval_ms": 250, "min_change": 0.5},
  >   "modbus": {"table": "holding_register", "address": 1001, "type": "float64", "byte_order": "GHEFCDAB", "scale": -0.25, "offset": 12.5,
  >     "on_overflow": "clamp", "on_stale": "nan", "on_null": "stale"}}'
  201
  {"device":"boiler","name":"set.1","label":"Soll \xc3\xa9","description":"setpoint","unit":"\xc2\xb0C","enabled":false,"direction":"both","mqtt":{"key":"/a/0/b~1c","topic":"hall/+/x","payload":"json","values":{"ON":1,"OFF":0,"~/":-12.5},"command_topic":"hall/set","command_template":"{\\"v\\": {value}}","command_qos":2,"command_retain":true,"settle_ms":100,"hold_off_ms":12000,"pattern":"^(-?[0-9.]+)","number":"decimal_comma","quality_key":"./q~0","expires_s":3600,"expire_value":"OFF","command_on":"change","min_interval_ms":250,"min_change":0.5},"modbus":{"table":"holding_register","address":1001,"modicon":"401002","type":"float64","byte_order":"GHEFCDAB","bit":null,"byte":null,"length":null,"scale":-0.25,"offset":12.5,"on_overflow":"clamp","on_stale":"nan","on_null":"stale","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":2,"revision":4,"created_at":"TIME","updated_at":"TIME"} (esc)
  $ api GET /devices/boiler/tags/set.1/mqtt
  200
  {"key":"/a/0/b~1c","topic":"hall/+/x","payload":"json","values":{"ON":1,"OFF":0,"~/":-12.5},"command_topic":"hall/set","command_template":"{\"v\": {value}}","command_qos":2,"command_retain":true,"settle_ms":100,"hold_off_ms":12000,"pattern":"^(-?[0-9.]+)","number":"decimal_comma","quality_key":"./q~0","expires_s":3600,"expire_value":"OFF","command_on":"change","min_interval_ms":250,"min_change":0.5}
  $ api GET /devices/boiler/tags/set.1/modbus
  200
  {"table":"holding_register","address":1001,"modicon":"401002","type":"float64","byte_order":"GHEFCDAB","bit":null,"byte":null,"length":null,"scale":-0.25,"offset":12.5,"on_overflow":"clamp","on_stale":"nan","on_null":"stale","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0}
  $ headers GET /devices/boiler/tags/set.1/modbus ETag
  ETag: "4"
  $ api POST /devices/far/tags '{"name": "slow", "modbus": {"table": "holding_register", "address": 12, "type": "int16", "min_change": 2.5, "min_interval_ms": 86400000}}'
  201
  {"device":"far","name":"slow","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"slow","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":12,"modicon":"400013","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":2.5,"min_interval_ms":86400000},"profile":false,"id":3,"revision":5,"created_at":"TIME","updated_at":"TIME"}
  $ api POST /devices/boiler/tags '{"name": "one", "direction": "constant", "modbus": {"table": "input_register", "address": "300100", "type": "string", "length": 12, "constant": "text \"1\""}}'
  201
  {"device":"boiler","name":"one","label":"","description":"","unit":"","enabled":true,"direction":"constant","mqtt":{"key":"one","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":99,"modicon":"300100","type":"string","byte_order":"ABCD","bit":null,"byte":null,"length":12,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":"text \"1\"","companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":4,"revision":6,"created_at":"TIME","updated_at":"TIME"}
  $ api POST /devices/boiler/tags '{"name": "age", "direction": "companion", "modbus": {"companion": "age_s", "companion_of": "temp", "type": "uint32"}}'
  201
  {"device":"boiler","name":"age","label":"","description":"","unit":"","enabled":true,"direction":"companion","mqtt":{"key":"age","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":2,"modicon":"400003","type":"uint32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"age_s","companion_of":"temp","min_change":0,"min_interval_ms":0},"profile":false,"id":5,"revision":7,"created_at":"TIME","updated_at":"TIME"}

The greatest values, and those beyond:

  $ api PUT "/devices/boiler/tags/$(x 64)" "{\"label\": \"$(x 128)\", \"description\": \"$(x 1024)\", \"unit\": \"$(x 64)\", \"direction\": \"to_mqtt\",
  >   \"mqtt\": {\"key\": \"$(x 1024)\", \"command_template\": \"$(x 4096)\", \"command_topic\": \"$(x 1000)\", \"settle_ms\": 86400000,
  >   \"hold_off_ms\": 86400000, \"pattern\": \"($(x 254))\", \"quality_key\": \"$(x 1024)\", \"expires_s\": 31536000,
  >   \"min_interval_ms\": 86400000}, \"modbus\": {\"address\": 65411, \"type\": \"string\", \"length\": 123}}" | sed -E 's/x{40,}/x../g'
  201
  {"device":"boiler","name":"x..","label":"x..","description":"x..","unit":"x..","enabled":true,"direction":"to_mqtt","mqtt":{"key":"x..","topic":null,"payload":"json","values":null,"command_topic":"x..","command_template":"x..","command_qos":1,"command_retain":false,"settle_ms":86400000,"hold_off_ms":86400000,"pattern":"(x..)","number":"decimal","quality_key":"x..","expires_s":31536000,"expire_value":null,"command_on":"write","min_interval_ms":86400000,"min_change":0},"modbus":{"table":"holding_register","address":65411,"modicon":"465412","type":"string","byte_order":"ABCD","bit":null,"byte":null,"length":123,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":6,"revision":8,"created_at":"TIME","updated_at":"TIME"}
  $ errors PUT /devices/boiler/tags/t "{\"label\": \"$(x 129)\", \"description\": \"$(x 1025)\", \"unit\": \"$(x 65)\",
  >   \"mqtt\": {\"key\": \"$(x 1025)\", \"command_template\": \"$(x 4097)\", \"settle_ms\": 86400001, \"hold_off_ms\": 86400001,
  >   \"pattern\": \"$(x 257)\", \"quality_key\": \"$(x 1025)\", \"expires_s\": 31536001, \"min_interval_ms\": 86400001, \"command_qos\": 3,
  >   \"expire_value\": \"$(x 1025)\"},
  >   \"modbus\": {\"address\": 65536, \"length\": 124, \"bit\": 16, \"constant\": \"$(x 1025)\", \"companion_of\": \"$(x 65)\", \"min_interval_ms\": 86400001}}"
  422
  errors:
  {"pointer":"/label","code":"too_long","detail":"must have at most 128 characters, but has 129"},
  {"pointer":"/description","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/unit","code":"too_long","detail":"must have at most 64 characters, but has 65"},
  {"pointer":"/mqtt/key","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/mqtt/command_template","code":"too_long","detail":"must have at most 4096 characters, but has 4097"},
  {"pointer":"/mqtt/settle_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/hold_off_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/pattern","code":"too_long","detail":"must have at most 256 characters, but has 257"},
  {"pointer":"/mqtt/quality_key","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/mqtt/expires_s","code":"out_of_range","detail":"must be an integer from 0 to 31536000"},
  {"pointer":"/mqtt/min_interval_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/command_qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/mqtt/expire_value","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/modbus/address","code":"out_of_range","detail":"must be an offset from 0 to 65535; write a Modicon address as a string"},
  {"pointer":"/modbus/length","code":"out_of_range","detail":"must be an integer from 1 to 123"},
  {"pointer":"/modbus/bit","code":"out_of_range","detail":"must be an integer from 0 to 15"},
  {"pointer":"/modbus/constant","code":"too_long","detail":"must have at most 1024 characters, but has 1025"},
  {"pointer":"/modbus/companion_of","code":"too_long","detail":"must have at most 64 characters, but has 65"},
  {"pointer":"/modbus/min_interval_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"}]}
  $ errors PUT /devices/boiler/tags/t '{"mqtt": {"topic": "", "command_topic": "", "pattern": "", "quality_key": "", "settle_ms": -1, "hold_off_ms": -1,
  >   "expires_s": -1, "min_interval_ms": -1, "min_change": -0.001, "command_qos": -1}, "modbus": {"address": -1, "length": 0, "bit": -1, "scale": 0,
  >   "companion_of": "", "min_change": -1, "min_interval_ms": -1}}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"too_short","detail":"must not be empty"},
  {"pointer":"/mqtt/command_topic","code":"too_short","detail":"must not be empty"},
  {"pointer":"/mqtt/pattern","code":"too_short","detail":"must not be empty"},
  {"pointer":"/mqtt/quality_key","code":"too_short","detail":"must not be empty"},
  {"pointer":"/mqtt/settle_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/hold_off_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/expires_s","code":"out_of_range","detail":"must be an integer from 0 to 31536000"},
  {"pointer":"/mqtt/min_interval_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/min_change","code":"out_of_range","detail":"must be a number from 0"},
  {"pointer":"/mqtt/command_qos","code":"out_of_range","detail":"must be an integer from 0 to 2"},
  {"pointer":"/modbus/address","code":"out_of_range","detail":"must be an integer from 0 to 65535"},
  {"pointer":"/modbus/length","code":"out_of_range","detail":"must be an integer from 1 to 123"},
  {"pointer":"/modbus/bit","code":"out_of_range","detail":"must be an integer from 0 to 15"},
  {"pointer":"/modbus/scale","code":"out_of_range","detail":"must not be 0"},
  {"pointer":"/modbus/companion_of","code":"too_short","detail":"must not be empty"},
  {"pointer":"/modbus/min_change","code":"out_of_range","detail":"must be a number from 0"},
  {"pointer":"/modbus/min_interval_ms","code":"out_of_range","detail":"must be an integer from 0 to 86400000"}]}
  $ errors PUT /devices/boiler/tags/t '{"name": 1, "label": 2, "description": 3, "unit": 4, "enabled": "yes", "direction": 5, "mqtt": {"key": 1, "topic": 2,
  >   "payload": 3, "values": 4, "command_topic": 5, "command_template": 6, "command_qos": "1", "command_retain": 1, "settle_ms": 0.5,
  >   "hold_off_ms": null, "pattern": 7, "number": 8, "quality_key": 9, "expires_s": true, "expire_value": [], "command_on": 1, "min_interval_ms": "1",
  >   "min_change": "1"}, "modbus": {"table": 1, "address": true, "type": 2, "byte_order": 3, "bit": "1", "byte": 1, "length": "1", "scale": "1",
  >   "offset": "1", "on_overflow": 1, "on_stale": "NaN", "on_null": 1, "constant": {}, "companion": 1, "companion_of": 1, "min_change": [], "min_interval_ms": 1.5}}'
  422
  errors:
  {"pointer":"/name","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/label","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/description","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/unit","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/enabled","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/direction","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/key","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/topic","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/payload","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/values","code":"wrong_type","detail":"must be null or an object of numbers"},
  {"pointer":"/mqtt/command_topic","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/command_template","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/command_qos","code":"wrong_type","detail":"must be an integer from 0 to 2"},
  {"pointer":"/mqtt/command_retain","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/mqtt/settle_ms","code":"wrong_type","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/pattern","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/number","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/quality_key","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/expires_s","code":"wrong_type","detail":"must be an integer from 0 to 31536000"},
  {"pointer":"/mqtt/expire_value","code":"wrong_type","detail":"must be null, a number, a string, true or false"},
  {"pointer":"/mqtt/command_on","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/mqtt/min_interval_ms","code":"wrong_type","detail":"must be an integer from 0 to 86400000"},
  {"pointer":"/mqtt/min_change","code":"wrong_type","detail":"must be a number"},
  {"pointer":"/modbus/table","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/address","code":"wrong_type","detail":"must be an integer, or a string in Modicon form such as \"400101\""},
  {"pointer":"/modbus/type","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/byte_order","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/bit","code":"wrong_type","detail":"must be an integer from 0 to 15"},
  {"pointer":"/modbus/byte","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/length","code":"wrong_type","detail":"must be an integer from 1 to 123"},
  {"pointer":"/modbus/scale","code":"wrong_type","detail":"must be a number"},
  {"pointer":"/modbus/offset","code":"wrong_type","detail":"must be a number"},
  {"pointer":"/modbus/on_overflow","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/on_stale","code":"wrong_type","detail":"must be null, a number, or \"nan\""},
  {"pointer":"/modbus/on_null","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/constant","code":"wrong_type","detail":"must be null, a number, a string, true or false"},
  {"pointer":"/modbus/companion","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/companion_of","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/min_change","code":"wrong_type","detail":"must be a number"},
  {"pointer":"/modbus/min_interval_ms","code":"wrong_type","detail":"must be an integer from 0 to 86400000"}]}
  $ errors PUT /devices/boiler/tags/t '{"direction": "in", "mqtt": {"payload": "xml", "number": "octal", "command_on": "never"}, "modbus": {"table": "holding", "type": "int17",
  >   "byte_order": "ABDC", "byte": "middle", "on_overflow": "wrap", "on_null": "zero", "companion": "age"}}'
  422
  errors:
  {"pointer":"/direction","code":"invalid_choice","detail":"must be one of to_modbus, to_mqtt, both, constant, companion"},
  {"pointer":"/mqtt/payload","code":"invalid_choice","detail":"must be one of json, text, sparkplug"},
  {"pointer":"/mqtt/number","code":"invalid_choice","detail":"must be one of decimal, decimal_comma, hex"},
  {"pointer":"/mqtt/command_on","code":"invalid_choice","detail":"must be one of write, change"},
  {"pointer":"/modbus/table","code":"invalid_choice","detail":"must be one of coil, discrete_input, input_register, holding_register"},
  {"pointer":"/modbus/type","code":"invalid_choice","detail":"must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8"},
  {"pointer":"/modbus/byte_order","code":"invalid_choice","detail":"must be one of ABCD, CDAB, BADC, DCBA, ABCDEFGH, BADCFEHG, CDABGHEF, DCBAHGFE, EFGHABCD, FEHGBADC, GHEFCDAB, HGFEDCBA"},
  {"pointer":"/modbus/byte","code":"invalid_choice","detail":"must be one of low, high"},
  {"pointer":"/modbus/on_overflow","code":"invalid_choice","detail":"must be one of reject, clamp"},
  {"pointer":"/modbus/on_null","code":"invalid_choice","detail":"must be one of hold, stale"},
  {"pointer":"/modbus/companion","code":"invalid_choice","detail":"must be one of none, quality, age_s, time_s, time_ms"}]}
  $ errors PUT /devices/boiler/tags/t '{"mqtt": {"topic": "a/#/b", "command_topic": "a/+", "key": "/~", "quality_key": "/~2", "pattern": "é("}, "modbus": {"companion_of": "_x", "address": "x", "scale": 1e999, "offset": -1e999, "on_stale": 1e999, "constant": 1e999, "min_change": 1e999}}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"invalid_topic","detail":"must be an MQTT topic filter: '+' alone in a level, '#' alone in the last one, no control characters, at most 200 slashes"},
  {"pointer":"/mqtt/command_topic","code":"invalid_topic","detail":"must be an MQTT topic without wildcards, without control characters, with at most 200 slashes"},
  {"pointer":"/mqtt/key","code":"invalid_pointer","detail":"begins with '/', so it must be a JSON Pointer (RFC 6901), in which '~' in a name is written '~0', and '/' is written '~1'"},
  {"pointer":"/mqtt/quality_key","code":"invalid_pointer","detail":"begins with '/', so it must be a JSON Pointer (RFC 6901), in which '~' in a name is written '~0', and '/' is written '~1'"},
  {"pointer":"/mqtt/pattern","code":"invalid_pattern","detail":"must be a POSIX extended regular expression; at character 2: the parenthesis ( is not closed"},
  {"pointer":"/modbus/companion_of","code":"invalid_name","detail":"must begin with a letter or digit and contain only letters, digits, '.', '_' and '-'"},
  {"pointer":"/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/modbus/scale","code":"out_of_range","detail":"must be a number in the range of a 64-bit float"},
  {"pointer":"/modbus/offset","code":"out_of_range","detail":"must be a number in the range of a 64-bit float"},
  {"pointer":"/modbus/on_stale","code":"out_of_range","detail":"must be a number in the range of a 64-bit float"},
  {"pointer":"/modbus/constant","code":"out_of_range","detail":"must be a number in the range of a 64-bit float"},
  {"pointer":"/modbus/min_change","code":"out_of_range","detail":"must be a number in the range of a 64-bit float"}]}
  $ errors PUT /devices/boiler/tags/t '{"mqtt": {"quality_key": "./a~", "key": "a", "host": 1, "values": {"a": "1", "b": null, "c": 1e999, "d": 1, "d": 2, "e~/f": true}}, "modbus": {"modicon": 1, "warnings": 1, "unit": 1}, "device": 1, "quality": 1, "reason": 1, "profile": 1}'
  422
  errors:
  {"pointer":"/mqtt/quality_key","code":"invalid_pointer","detail":"begins with './', so a JSON Pointer (RFC 6901) must follow the dot, in which '~' in a name is written '~0', and '/' is written '~1'"},
  {"pointer":"/mqtt/host","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/mqtt/values/a","code":"wrong_type","detail":"must be a number"},
  {"pointer":"/mqtt/values/b","code":"wrong_type","detail":"must be a number"},
  {"pointer":"/mqtt/values/c","code":"out_of_range","detail":"must be a number in the range of a 64-bit float"},
  {"pointer":"/mqtt/values/d","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/mqtt/values/e~0~1f","code":"wrong_type","detail":"must be a number"},
  {"pointer":"/modbus/warnings","code":"wrong_type","detail":"must be an array"},
  {"pointer":"/modbus/unit","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/device","code":"read_only","detail":"must be the tag's device, boiler, or be left out"},
  {"pointer":"/quality","code":"wrong_type","detail":"must be a string or null"},
  {"pointer":"/reason","code":"wrong_type","detail":"must be a string or null"},
  {"pointer":"/profile","code":"wrong_type","detail":"must be true or false"},
  {"pointer":"/modbus/modicon","code":"read_only","detail":"follows from table and address and cannot be set; set address to the Modicon form, as a string, instead"}]}
  $ errors PUT /devices/boiler/tags/t '{"device": "far", "mqtt": [], "modbus": "x"}'
  422
  errors:
  {"pointer":"/device","code":"read_only","detail":"must be the tag's device, boiler, or be left out"},
  {"pointer":"/mqtt","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/modbus","code":"wrong_type","detail":"must be an object"}]}

A value map has at most 1000 entries:

  $ entries() { for i in $(seq "$1"); do printf '%s"k%d": %d' "${comma:-}" "$i" "$i"; comma=', '; done; }
  $ errors PUT '/devices/boiler/tags/t?dry_run=true' "{\"mqtt\": {\"values\": {$(entries 1000)}}}" | wc -l
  2
  $ errors PUT '/devices/boiler/tags/t?dry_run=true' "{\"mqtt\": {\"values\": {$(entries 1001)}}}"
  422
  errors:
  {"pointer":"/mqtt/values","code":"too_long","detail":"must have at most 1000 entries"}]}
  $ errors PATCH /devices/boiler/tags/set.1 "{\"mqtt\": {\"values\": {$(entries 998)}}}"
  422
  errors:
  {"pointer":"/mqtt/values","code":"too_long","detail":"must have at most 1000 entries"}]}
  $ errors PATCH '/devices/boiler/tags/set.1?dry_run=true' "{\"mqtt\": {\"values\": {$(entries 997)}}}" | wc -l
  3

Tables follow from type and direction:

  $ for type in bool int16 float64; do for direction in to_modbus to_mqtt both; do echo $direction $type; done; done |
  >   tags '{"name": "t%d", "direction": "%s", "mqtt": {"command_topic": "c"}, "modbus": {"type": "%s"}}'
  200
  {"created":9,"changed":0,"deleted":0,"dry_run":true,
  "tag":"t1","table":"discrete_input","address":0,"modicon":"100001","before":null,"after":{"name":"t1","mqtt":{"key":"t1","command_topic":"c"},"modbus":{"table":"discrete_input","address":0,"type":"bool"}}},
  "tag":"t2","table":"coil","address":0,"modicon":"000001","before":null,"after":{"name":"t2","direction":"to_mqtt","mqtt":{"key":"t2","command_topic":"c"},"modbus":{"table":"coil","address":0,"type":"bool"}}},
  "tag":"t3","table":"coil","address":1,"modicon":"000002","before":null,"after":{"name":"t3","direction":"both","mqtt":{"key":"t3","command_topic":"c"},"modbus":{"table":"coil","address":1,"type":"bool"}}},
  "tag":"t4","table":"holding_register","address":4,"modicon":"400005","before":null,"after":{"name":"t4","mqtt":{"key":"t4","command_topic":"c"},"modbus":{"table":"holding_register","address":4,"type":"int16"}}},
  "tag":"t5","table":"holding_register","address":5,"modicon":"400006","before":null,"after":{"name":"t5","direction":"to_mqtt","mqtt":{"key":"t5","command_topic":"c"},"modbus":{"table":"holding_register","address":5,"type":"int16"}}},
  "tag":"t6","table":"holding_register","address":6,"modicon":"400007","before":null,"after":{"name":"t6","direction":"both","mqtt":{"key":"t6","command_topic":"c"},"modbus":{"table":"holding_register","address":6,"type":"int16"}}},
  "tag":"t7","table":"holding_register","address":8,"modicon":"400009","before":null,"after":{"name":"t7","mqtt":{"key":"t7","command_topic":"c"},"modbus":{"table":"holding_register","address":8,"type":"float64"}}},
  "tag":"t8","table":"holding_register","address":12,"modicon":"400013","before":null,"after":{"name":"t8","direction":"to_mqtt","mqtt":{"key":"t8","command_topic":"c"},"modbus":{"table":"holding_register","address":12,"type":"float64"}}},
  "tag":"t9","table":"holding_register","address":16,"modicon":"400017","before":null,"after":{"name":"t9","direction":"both","mqtt":{"key":"t9","command_topic":"c"},"modbus":{"table":"holding_register","address":16,"type":"float64"}}}]}
  $ try_modbus '"type": "bool", "bit": 12'
  200
  modbus: {"table":"holding_register","address":4,"modicon":"400005","type":"bool","byte_order":"ABCD","bit":12,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ device=far try_modbus '"type": "bool", "address": 7'
  200
  modbus: {"table":"coil","address":7,"modicon":"000008","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ device=far try_modbus '"type": "bool", "address": 7, "bit": 0'
  200
  modbus: {"table":"holding_register","address":7,"modicon":"400008","type":"bool","byte_order":"ABCD","bit":0,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ device=far try_modbus '"type": "int16"'
  422
  errors:
  {"pointer":"/modbus/address","code":"required","detail":"is required on a Modbus server that is not the local one"}]}
  $ device=far try_modbus '"type": "int16", "table": "input_register", "address": 5'
  422
  errors:
  {"pointer":"/modbus/table","code":"read_only_table","detail":"must be coil or holding_register on a Modbus server that is not the local one"}]}
  $ device=far try_modbus '"type": "bool", "table": "discrete_input", "address": 5'
  422
  errors:
  {"pointer":"/modbus/table","code":"read_only_table","detail":"must be coil or holding_register on a Modbus server that is not the local one"}]}
  $ try_modbus '"table": "coil"'
  200
  modbus: {"table":"coil","address":0,"modicon":"000001","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"table": "coil", "type": "int16"'
  422
  errors:
  {"pointer":"/modbus/type","code":"type_mismatch","detail":"must be bool in the table coil"}]}
  $ try_modbus '"table": "discrete_input", "bit": 1'
  422
  errors:
  {"pointer":"/modbus/bit","code":"type_mismatch","detail":"must be null in the table discrete_input"}]}
  $ try_modbus '"table": "input_register", "type": "int16", "bit": 1'
  422
  errors:
  {"pointer":"/modbus/bit","code":"type_mismatch","detail":"is allowed only for the type bool"}]}
  $ try_modbus '"type": "int16", "byte": "high"'
  422
  errors:
  {"pointer":"/modbus/byte","code":"type_mismatch","detail":"is allowed only for the types int8 and uint8"}]}
  $ try_modbus '"type": "uint8", "byte": "high"'
  200
  modbus: {"table":"holding_register","address":4,"modicon":"400005","type":"uint8","byte_order":"ABCD","bit":null,"byte":"high","length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"type": "int8", "byte": "low"'
  200
  modbus: {"table":"holding_register","address":4,"modicon":"400005","type":"int8","byte_order":"ABCD","bit":null,"byte":"low","length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"type": "int8", "bit": 3'
  422
  errors:
  {"pointer":"/modbus/bit","code":"type_mismatch","detail":"is allowed only for the type bool"}]}

Addresses in Modicon form:

  $ printf '%s\n' 40101 400103 4x00105 %MW106 %M12 300001 30011 000001 100001 465535 49999 |
  >   tags '{"name": "t%d", "modbus": {"address": "%s"}}'
  200
  {"created":11,"changed":0,"deleted":0,"dry_run":true,
  "tag":"t1","table":"holding_register","address":100,"modicon":"400101","before":null,"after":{"name":"t1","mqtt":{"key":"t1"},"modbus":{"table":"holding_register","address":100,"type":"float32"}}},
  "tag":"t2","table":"holding_register","address":102,"modicon":"400103","before":null,"after":{"name":"t2","mqtt":{"key":"t2"},"modbus":{"table":"holding_register","address":102,"type":"float32"}}},
  "tag":"t3","table":"holding_register","address":104,"modicon":"400105","before":null,"after":{"name":"t3","mqtt":{"key":"t3"},"modbus":{"table":"holding_register","address":104,"type":"float32"}}},
  "tag":"t4","table":"holding_register","address":106,"modicon":"400107","before":null,"after":{"name":"t4","mqtt":{"key":"t4"},"modbus":{"table":"holding_register","address":106,"type":"float32"}}},
  "tag":"t5","table":"coil","address":12,"modicon":"000013","before":null,"after":{"name":"t5","mqtt":{"key":"t5"},"modbus":{"table":"coil","address":12,"type":"bool"}}},
  "tag":"t6","table":"input_register","address":0,"modicon":"300001","before":null,"after":{"name":"t6","mqtt":{"key":"t6"},"modbus":{"table":"input_register","address":0,"type":"float32"}}},
  "tag":"t7","table":"input_register","address":10,"modicon":"300011","before":null,"after":{"name":"t7","mqtt":{"key":"t7"},"modbus":{"table":"input_register","address":10,"type":"float32"}}},
  "tag":"t8","table":"coil","address":0,"modicon":"000001","before":null,"after":{"name":"t8","mqtt":{"key":"t8"},"modbus":{"table":"coil","address":0,"type":"bool"}}},
  "tag":"t9","table":"discrete_input","address":0,"modicon":"100001","before":null,"after":{"name":"t9","mqtt":{"key":"t9"},"modbus":{"table":"discrete_input","address":0,"type":"bool"}}},
  "tag":"t10","table":"holding_register","address":65534,"modicon":"465535","before":null,"after":{"name":"t10","mqtt":{"key":"t10"},"modbus":{"table":"holding_register","address":65534,"type":"float32"}}},
  "tag":"t11","table":"holding_register","address":9998,"modicon":"409999","before":null,"after":{"name":"t11","mqtt":{"key":"t11"},"modbus":{"table":"holding_register","address":9998,"type":"float32"}}}]}
  $ printf '%s\n' %IW7 %QW7 %IX1.2 1 465537 465536 400000 40000 4x00000 %MW65535 %MW65536 x |
  >   tags '{"name": "t%d", "modbus": {"address": "%s"}}'
  422
  errors:
  {"pointer":"/devices/0/tags/0/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/1/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/2/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/3/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/4/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/5/modbus/address","code":"out_of_range","detail":"2 registers from this address go beyond the last one, 65535"},
  {"pointer":"/devices/0/tags/6/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/7/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/8/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/9/modbus/address","code":"out_of_range","detail":"2 registers from this address go beyond the last one, 65535"},
  {"pointer":"/devices/0/tags/10/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""},
  {"pointer":"/devices/0/tags/11/modbus/address","code":"invalid_address","detail":"must be an offset from 0, or a Modicon address such as \"40101\", \"400101\", \"4x00101\", \"%MW100\""}]}
  $ try_modbus '"address": "400101", "table": "input_register"'
  422
  errors:
  {"pointer":"/modbus/address","code":"table_mismatch","detail":"400101 is in holding_register, but table is input_register"}]}
  $ try_modbus '"address": "400101", "table": "holding"'
  422
  errors:
  {"pointer":"/modbus/table","code":"invalid_choice","detail":"must be one of coil, discrete_input, input_register, holding_register"}]}
  $ try_modbus '"address": "400101", "table": "holding_register"'
  200
  modbus: {"table":"holding_register","address":100,"modicon":"400101","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"address": 40101'
  200
  modbus: {"table":"holding_register","address":40101,"modicon":"440102","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..,"warnings":[
  {"pointer":"/modbus/address","code":"looks_like_modicon","detail":"40101 was taken as an offset from 0, which is 440102 in Modicon form; if the Modicon address is meant, write it as the string \"40101\""}]}
  $ try_modbus '"address": 30101'
  200
  modbus: {"table":"holding_register","address":30101,"modicon":"430102","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"address": 30101, "table": "input_register", "type": "uint16"'
  200
  modbus: {"table":"input_register","address":30101,"modicon":"330102","type":"uint16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..,"warnings":[
  {"pointer":"/modbus/address","code":"looks_like_modicon","detail":"30101 was taken as an offset from 0, which is 330102 in Modicon form; if the Modicon address is meant, write it as the string \"30101\""}]}
  $ try_modbus '"address": 10101, "table": "discrete_input"'
  200
  modbus: {"table":"discrete_input","address":10101,"modicon":"110102","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..,"warnings":[
  {"pointer":"/modbus/address","code":"looks_like_modicon","detail":"10101 was taken as an offset from 0, which is 110102 in Modicon form; if the Modicon address is meant, write it as the string \"10101\""}]}
  $ try_modbus '"address": 400101'
  422
  errors:
  {"pointer":"/modbus/address","code":"out_of_range","detail":"must be an offset from 0 to 65535; write a Modicon address as a string"}]}
  $ try_modbus '"address": 5, "modicon": "400006"'
  200
  modbus: {"table":"holding_register","address":5,"modicon":"400006","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"address": 5, "modicon": "400007"'
  422
  errors:
  {"pointer":"/modbus/modicon","code":"read_only","detail":"follows from table and address and cannot be set; set address to the Modicon form, as a string, instead"}]}
  $ try_modbus '"modicon": "400007"'
  422
  errors:
  {"pointer":"/modbus/modicon","code":"read_only","detail":"follows from table and address and cannot be set; set address to the Modicon form, as a string, instead"}]}

The last registers of each width:

  $ printf '%s\n' 'int16 65535' 'int32 65409' 'int64 65405' 'bool 65535' 'uint8 65400' | tags '{"name": "t%d", "modbus": {"type": "%s", "address": %s}}'
  200
  {"created":5,"changed":0,"deleted":0,"dry_run":true,
  "tag":"t1","table":"holding_register","address":65535,"modicon":"465536","before":null,"after":{"name":"t1","mqtt":{"key":"t1"},"modbus":{"table":"holding_register","address":65535,"type":"int16"}}},
  "tag":"t2","table":"holding_register","address":65409,"modicon":"465410","before":null,"after":{"name":"t2","mqtt":{"key":"t2"},"modbus":{"table":"holding_register","address":65409,"type":"int32"}}},
  "tag":"t3","table":"holding_register","address":65405,"modicon":"465406","before":null,"after":{"name":"t3","mqtt":{"key":"t3"},"modbus":{"table":"holding_register","address":65405,"type":"int64"}}},
  "tag":"t4","table":"discrete_input","address":65535,"modicon":"165536","before":null,"after":{"name":"t4","mqtt":{"key":"t4"},"modbus":{"table":"discrete_input","address":65535,"type":"bool"}}},
  "tag":"t5","table":"holding_register","address":65400,"modicon":"465401","before":null,"after":{"name":"t5","mqtt":{"key":"t5"},"modbus":{"table":"holding_register","address":65400,"type":"uint8"}}}]}
  $ printf '%s\n' 'int32 65535' 'int64 65533' 'int64 65532' | tags '{"name": "t%d", "modbus": {"type": "%s", "address": %s}}'
  422
  errors:
  {"pointer":"/devices/0/tags/0/modbus/address","code":"out_of_range","detail":"2 registers from this address go beyond the last one, 65535"},
  {"pointer":"/devices/0/tags/1/modbus/address","code":"out_of_range","detail":"4 registers from this address go beyond the last one, 65535"},
  {"pointer":"/devices/0/tags/2/modbus/address","code":"overlap","detail":"holding_register 65411 to 65533 (465412 to 465534) in unit 1 belong to boiler/xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}]}
  $ try_modbus '"type": "string", "length": 1, "address": 65535'
  200
  modbus: {"table":"holding_register","address":65535,"modicon":"465536","type":"string","byte_order":"ABCD","bit":null,"byte":null,"length":1,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"type": "string", "length": 2, "address": 65535'
  422
  errors:
  {"pointer":"/modbus/address","code":"out_of_range","detail":"2 registers from this address go beyond the last one, 65535"}]}
  $ try_modbus '"type": "string"'
  422
  errors:
  {"pointer":"/modbus/length","code":"required","detail":"is required for the type string"}]}
  $ try_modbus '"type": "int16", "length": 2'
  422
  errors:
  {"pointer":"/modbus/length","code":"type_mismatch","detail":"is allowed only for the type string"}]}

Scale, offset, byte order and on_stale by the type:

  $ try_modbus '"type": "bool", "scale": 2, "offset": 1'
  422
  errors:
  {"pointer":"/modbus/scale","code":"type_mismatch","detail":"is not allowed for the type bool"},
  {"pointer":"/modbus/offset","code":"type_mismatch","detail":"is not allowed for the type bool"}]}
  $ try_modbus '"type": "string", "length": 2, "scale": 2, "offset": 1, "on_stale": 0'
  422
  errors:
  {"pointer":"/modbus/scale","code":"type_mismatch","detail":"is not allowed for the type string"},
  {"pointer":"/modbus/offset","code":"type_mismatch","detail":"is not allowed for the type string"},
  {"pointer":"/modbus/on_stale","code":"type_mismatch","detail":"must be null for the type string"}]}
  $ try_modbus '"type": "bool", "scale": 1, "offset": 0'
  200
  modbus: {"table":"discrete_input","address":0,"modicon":"100001","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ printf '%s\n' ABCD CDAB BADC DCBA ABCDEFGH GHEFCDAB BADCFEHG HGFEDCBA CDABGHEF | tags '{"name": "t%d", "modbus": {"type": "int64", "byte_order": "%s"}}'
  200
  {"created":9,"changed":0,"deleted":0,"dry_run":true,
  "tag":"t1","table":"holding_register","address":4,"modicon":"400005","before":null,"after":{"name":"t1","mqtt":{"key":"t1"},"modbus":{"table":"holding_register","address":4,"type":"int64"}}},
  "tag":"t2","table":"holding_register","address":8,"modicon":"400009","before":null,"after":{"name":"t2","mqtt":{"key":"t2"},"modbus":{"table":"holding_register","address":8,"type":"int64","byte_order":"CDAB"}}},
  "tag":"t3","table":"holding_register","address":12,"modicon":"400013","before":null,"after":{"name":"t3","mqtt":{"key":"t3"},"modbus":{"table":"holding_register","address":12,"type":"int64","byte_order":"BADC"}}},
  "tag":"t4","table":"holding_register","address":16,"modicon":"400017","before":null,"after":{"name":"t4","mqtt":{"key":"t4"},"modbus":{"table":"holding_register","address":16,"type":"int64","byte_order":"DCBA"}}},
  "tag":"t5","table":"holding_register","address":20,"modicon":"400021","before":null,"after":{"name":"t5","mqtt":{"key":"t5"},"modbus":{"table":"holding_register","address":20,"type":"int64","byte_order":"ABCDEFGH"}}},
  "tag":"t6","table":"holding_register","address":24,"modicon":"400025","before":null,"after":{"name":"t6","mqtt":{"key":"t6"},"modbus":{"table":"holding_register","address":24,"type":"int64","byte_order":"GHEFCDAB"}}},
  "tag":"t7","table":"holding_register","address":28,"modicon":"400029","before":null,"after":{"name":"t7","mqtt":{"key":"t7"},"modbus":{"table":"holding_register","address":28,"type":"int64","byte_order":"BADCFEHG"}}},
  "tag":"t8","table":"holding_register","address":32,"modicon":"400033","before":null,"after":{"name":"t8","mqtt":{"key":"t8"},"modbus":{"table":"holding_register","address":32,"type":"int64","byte_order":"HGFEDCBA"}}},
  "tag":"t9","table":"holding_register","address":36,"modicon":"400037","before":null,"after":{"name":"t9","mqtt":{"key":"t9"},"modbus":{"table":"holding_register","address":36,"type":"int64","byte_order":"CDABGHEF"}}}]}
  $ printf '%s\n' CDAB BADC DCBA | tags '{"name": "t%d", "modbus": {"type": "int32", "byte_order": "%s"}}'
  200
  {"created":3,"changed":0,"deleted":0,"dry_run":true,
  "tag":"t1","table":"holding_register","address":4,"modicon":"400005","before":null,"after":{"name":"t1","mqtt":{"key":"t1"},"modbus":{"table":"holding_register","address":4,"type":"int32","byte_order":"CDAB"}}},
  "tag":"t2","table":"holding_register","address":6,"modicon":"400007","before":null,"after":{"name":"t2","mqtt":{"key":"t2"},"modbus":{"table":"holding_register","address":6,"type":"int32","byte_order":"BADC"}}},
  "tag":"t3","table":"holding_register","address":8,"modicon":"400009","before":null,"after":{"name":"t3","mqtt":{"key":"t3"},"modbus":{"table":"holding_register","address":8,"type":"int32","byte_order":"DCBA"}}}]}
  $ printf '%s\n' ABCDEFGH GHEFCDAB BADCFEHG HGFEDCBA CDABGHEF | tags '{"name": "t%d", "modbus": {"type": "int32", "byte_order": "%s"}}'
  422
  errors:
  {"pointer":"/devices/0/tags/0/modbus/byte_order","code":"type_mismatch","detail":"has the eight letters of a value of 64 bits; must be ABCD, CDAB, BADC or DCBA for the type int32"},
  {"pointer":"/devices/0/tags/1/modbus/byte_order","code":"type_mismatch","detail":"has the eight letters of a value of 64 bits; must be ABCD, CDAB, BADC or DCBA for the type int32"},
  {"pointer":"/devices/0/tags/2/modbus/byte_order","code":"type_mismatch","detail":"has the eight letters of a value of 64 bits; must be ABCD, CDAB, BADC or DCBA for the type int32"},
  {"pointer":"/devices/0/tags/3/modbus/byte_order","code":"type_mismatch","detail":"has the eight letters of a value of 64 bits; must be ABCD, CDAB, BADC or DCBA for the type int32"},
  {"pointer":"/devices/0/tags/4/modbus/byte_order","code":"type_mismatch","detail":"has the eight letters of a value of 64 bits; must be ABCD, CDAB, BADC or DCBA for the type int32"}]}
  $ printf '%s\n' 'bool 0' 'bool 1' 'int8 -128' 'int8 127' 'uint8 255' 'int16 -32768' 'int16 32767' 'int16 -0' 'uint16 65535' 'int32 -2147483648' 'int32 2147483647' 'uint32 4294967295' \
  >   'int64 -9223372036854775808' 'int64 9223372036854774784' 'uint64 18446744073709549568' 'float32 3.4028234663852886e38' 'float64 1.7e308' 'float32 0.5' 'bcd16 9999' 'bcd32 99999999' \
  >   'float32 "nan"' 'float64 "nan"' 'int16 null' | tags '{"name": "t%d", "modbus": {"type": "%s", "on_stale": %s}}' | grep -v no_trigger
  200
  {"created":23,"changed":0,"deleted":0,"dry_run":true,"warnings":[
  "tag":"t1","table":"discrete_input","address":0,"modicon":"100001","before":null,"after":{"name":"t1","mqtt":{"key":"t1"},"modbus":{"table":"discrete_input","address":0,"type":"bool","on_stale":0}}},
  "tag":"t2","table":"discrete_input","address":1,"modicon":"100002","before":null,"after":{"name":"t2","mqtt":{"key":"t2"},"modbus":{"table":"discrete_input","address":1,"type":"bool","on_stale":1}}},
  "tag":"t3","table":"holding_register","address":4,"modicon":"400005","before":null,"after":{"name":"t3","mqtt":{"key":"t3"},"modbus":{"table":"holding_register","address":4,"type":"int8","on_stale":-128}}},
  "tag":"t4","table":"holding_register","address":5,"modicon":"400006","before":null,"after":{"name":"t4","mqtt":{"key":"t4"},"modbus":{"table":"holding_register","address":5,"type":"int8","on_stale":127}}},
  "tag":"t5","table":"holding_register","address":6,"modicon":"400007","before":null,"after":{"name":"t5","mqtt":{"key":"t5"},"modbus":{"table":"holding_register","address":6,"type":"uint8","on_stale":255}}},
  "tag":"t6","table":"holding_register","address":7,"modicon":"400008","before":null,"after":{"name":"t6","mqtt":{"key":"t6"},"modbus":{"table":"holding_register","address":7,"type":"int16","on_stale":-32768}}},
  "tag":"t7","table":"holding_register","address":8,"modicon":"400009","before":null,"after":{"name":"t7","mqtt":{"key":"t7"},"modbus":{"table":"holding_register","address":8,"type":"int16","on_stale":32767}}},
  "tag":"t8","table":"holding_register","address":9,"modicon":"400010","before":null,"after":{"name":"t8","mqtt":{"key":"t8"},"modbus":{"table":"holding_register","address":9,"type":"int16","on_stale":0}}},
  "tag":"t9","table":"holding_register","address":10,"modicon":"400011","before":null,"after":{"name":"t9","mqtt":{"key":"t9"},"modbus":{"table":"holding_register","address":10,"type":"uint16","on_stale":65535}}},
  "tag":"t10","table":"holding_register","address":12,"modicon":"400013","before":null,"after":{"name":"t10","mqtt":{"key":"t10"},"modbus":{"table":"holding_register","address":12,"type":"int32","on_stale":-2147483648}}},
  "tag":"t11","table":"holding_register","address":14,"modicon":"400015","before":null,"after":{"name":"t11","mqtt":{"key":"t11"},"modbus":{"table":"holding_register","address":14,"type":"int32","on_stale":2147483647}}},
  "tag":"t12","table":"holding_register","address":16,"modicon":"400017","before":null,"after":{"name":"t12","mqtt":{"key":"t12"},"modbus":{"table":"holding_register","address":16,"type":"uint32","on_stale":4294967295}}},
  "tag":"t13","table":"holding_register","address":18,"modicon":"400019","before":null,"after":{"name":"t13","mqtt":{"key":"t13"},"modbus":{"table":"holding_register","address":18,"type":"int64","on_stale":-9.223372036854776e+18}}},
  "tag":"t14","table":"holding_register","address":22,"modicon":"400023","before":null,"after":{"name":"t14","mqtt":{"key":"t14"},"modbus":{"table":"holding_register","address":22,"type":"int64","on_stale":9.223372036854775e+18}}},
  "tag":"t15","table":"holding_register","address":26,"modicon":"400027","before":null,"after":{"name":"t15","mqtt":{"key":"t15"},"modbus":{"table":"holding_register","address":26,"type":"uint64","on_stale":1.844674407370955e+19}}},
  "tag":"t16","table":"holding_register","address":30,"modicon":"400031","before":null,"after":{"name":"t16","mqtt":{"key":"t16"},"modbus":{"table":"holding_register","address":30,"type":"float32","on_stale":3.4028234663852886e+38}}},
  "tag":"t17","table":"holding_register","address":32,"modicon":"400033","before":null,"after":{"name":"t17","mqtt":{"key":"t17"},"modbus":{"table":"holding_register","address":32,"type":"float64","on_stale":1.7e+308}}},
  "tag":"t18","table":"holding_register","address":36,"modicon":"400037","before":null,"after":{"name":"t18","mqtt":{"key":"t18"},"modbus":{"table":"holding_register","address":36,"type":"float32","on_stale":0.5}}},
  "tag":"t19","table":"holding_register","address":38,"modicon":"400039","before":null,"after":{"name":"t19","mqtt":{"key":"t19"},"modbus":{"table":"holding_register","address":38,"type":"bcd16","on_stale":9999}}},
  "tag":"t20","table":"holding_register","address":40,"modicon":"400041","before":null,"after":{"name":"t20","mqtt":{"key":"t20"},"modbus":{"table":"holding_register","address":40,"type":"bcd32","on_stale":99999999}}},
  "tag":"t21","table":"holding_register","address":42,"modicon":"400043","before":null,"after":{"name":"t21","mqtt":{"key":"t21"},"modbus":{"table":"holding_register","address":42,"type":"float32","on_stale":"nan"}}},
  "tag":"t22","table":"holding_register","address":44,"modicon":"400045","before":null,"after":{"name":"t22","mqtt":{"key":"t22"},"modbus":{"table":"holding_register","address":44,"type":"float64","on_stale":"nan"}}},
  "tag":"t23","table":"holding_register","address":48,"modicon":"400049","before":null,"after":{"name":"t23","mqtt":{"key":"t23"},"modbus":{"table":"holding_register","address":48,"type":"int16"}}}]}
  $ printf '%s\n' 'bool 2' 'bool -1' 'int8 -129' 'int8 128' 'uint8 256' 'uint8 -1' 'int16 -32769' 'int16 32768' 'uint16 65536' 'int32 -2147483649' 'int32 2147483648' 'uint32 4294967296' \
  >   'int64 9223372036854775807' 'uint64 18446744073709551615' 'uint64 -1' 'float32 3.41e38' 'float32 -3.41e38' 'int16 0.5' 'bcd16 10000' 'bcd32 100000000' 'int16 "nan"' 'bool "nan"' |
  >   tags '{"name": "t%d", "modbus": {"type": "%s", "on_stale": %s}}'
  422
  errors:
  {"pointer":"/devices/0/tags/0/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type bool"},
  {"pointer":"/devices/0/tags/1/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type bool"},
  {"pointer":"/devices/0/tags/2/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int8"},
  {"pointer":"/devices/0/tags/3/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int8"},
  {"pointer":"/devices/0/tags/4/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type uint8"},
  {"pointer":"/devices/0/tags/5/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type uint8"},
  {"pointer":"/devices/0/tags/6/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int16"},
  {"pointer":"/devices/0/tags/7/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int16"},
  {"pointer":"/devices/0/tags/8/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type uint16"},
  {"pointer":"/devices/0/tags/9/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int32"},
  {"pointer":"/devices/0/tags/10/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int32"},
  {"pointer":"/devices/0/tags/11/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type uint32"},
  {"pointer":"/devices/0/tags/12/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int64"},
  {"pointer":"/devices/0/tags/13/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type uint64"},
  {"pointer":"/devices/0/tags/14/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type uint64"},
  {"pointer":"/devices/0/tags/15/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type float32"},
  {"pointer":"/devices/0/tags/16/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type float32"},
  {"pointer":"/devices/0/tags/17/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type int16"},
  {"pointer":"/devices/0/tags/18/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type bcd16"},
  {"pointer":"/devices/0/tags/19/modbus/on_stale","code":"out_of_range","detail":"must be a register value of the type bcd32"},
  {"pointer":"/devices/0/tags/20/modbus/on_stale","code":"type_mismatch","detail":"can be \"nan\" only for float32 and float64"},
  {"pointer":"/devices/0/tags/21/modbus/on_stale","code":"type_mismatch","detail":"can be \"nan\" only for float32 and float64"}]}

Warnings:

  $ try_modbus '"type": "int16", "on_stale": 12'
  200
  modbus: {"table":"holding_register","address":4,"modicon":"400005","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":12,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..,"warnings":[
  {"pointer":"/modbus/on_stale","code":"no_trigger","detail":"is written only when the broker is lost: set stale_after_s or availability_topic in the device's mqtt, or on_null to \"stale\""}]}
  $ try_modbus '"type": "int16", "on_null": "stale"'
  200
  modbus: {"table":"holding_register","address":4,"modicon":"400005","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"stale","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..,"warnings":[
  {"pointer":"/modbus/on_null","code":"no_effect","detail":"has no effect while on_stale is null"}]}
  $ try_modbus '"type": "int16", "on_null": "stale", "on_stale": 12'
  200
  modbus: {"table":"holding_register","address":4,"modicon":"400005","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":12,"on_null":"stale","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ api PATCH /devices/boiler '{"mqtt": {"stale_after_s": 1}}' | head -1
  200
  $ try_modbus '"type": "int16", "on_stale": 12'
  200
  modbus: {"table":"holding_register","address":4,"modicon":"400005","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":12,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ api POST /devices/boiler/tags '{"name": "stale-1", "modbus": {"address": 3000, "type": "int16", "on_stale": 12}}' | head -1
  201
  $ errors PATCH '/devices/boiler' '{"mqtt": {"stale_after_s": 0}}' | tail -1
  {"pointer":"/mqtt/stale_after_s","code":"no_trigger","detail":"with 0 here and no availability_topic, on_stale of the tag stale-1 is written only when the broker is lost"}]}
  $ errors PUT /devices/boiler/mqtt '{"topic": "hall/boiler"}'
  200
  {"topic":"hall/boiler","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null}
  $ errors PATCH '/devices/boiler?dry_run=true' '{"mqtt": {"availability_topic": "hall/lwt"}}' | tail -1 | grep -c warnings
  0
  [1]
  $ errors PUT /devices/boiler/tags/stale-1/modbus '{"address": 3000, "type": "int16", "on_stale": 13}'
  200
  {"table":"holding_register","address":3000,"modicon":"403001","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":13,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0,"warnings":[
  {"pointer":"/on_stale","code":"no_trigger","detail":"is written only when the broker is lost: set stale_after_s or availability_topic in the device's mqtt, or on_null to \"stale\""}]}
  $ errors PUT /devices/boiler/tags/stale-1/mqtt '{}'
  200
  {"key":"stale-1","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}

Directions that SCADA writes:

  $ try '"direction": "both"'
  422
  errors:
  {"pointer":"/mqtt/command_topic","code":"required","detail":"is required for direction both"}]}
  $ try '"direction": "to_mqtt", "mqtt": {"command_topic": "c"}, "modbus": {"table": "input_register"}'
  422
  errors:
  {"pointer":"/direction","code":"read_only_table","detail":"to_mqtt needs a table that a Modbus client can write, coil or holding_register"}]}
  $ try '"direction": "both", "mqtt": {"command_topic": "c"}, "modbus": {"table": "discrete_input"}'
  422
  errors:
  {"pointer":"/direction","code":"read_only_table","detail":"both needs a table that a Modbus client can write, coil or holding_register"}]}
  $ try '"direction": "both", "mqtt": {"command_topic": 7}'
  422
  errors:
  {"pointer":"/mqtt/command_topic","code":"wrong_type","detail":"must be a string"}]}
  $ values() { printf '%s: ' "$1"; try "\"direction\": \"both\", \"mqtt\": {\"command_topic\": \"c\", \"values\": {$1}}, \"modbus\": {$2}" | grep -o '"values":[^}]*}\|"code.*'; }
  $ values '"a": 1, "b": 1' '"type": "int16"'
  "a": 1, "b": 1: "code":"not_reversible","detail":"must have a different number for each string if direction is both"}]}
  $ values '"a": 1, "b": 2' '"type": "int16"'
  "a": 1, "b": 2: "values":{"a":1,"b":2}
  $ values '"a": 1, "b": 2' '"type": "bool"'
  "a": 1, "b": 2: "code":"not_reversible","detail":"must have only numbers that the registers can hold exactly if direction is both, such as 0 and 1 for the type bool"}]}
  $ values '"a": 0, "b": 1' '"type": "bool"'
  "a": 0, "b": 1: "values":{"a":0,"b":1}
  $ values '"a": 0.5, "b": 1' '"type": "int16"'
  "a": 0.5, "b": 1: "code":"not_reversible","detail":"must have only numbers that the registers can hold exactly if direction is both, such as 0 and 1 for the type bool"}]}
  $ values '"a": 0.5, "b": 1' '"type": "int16", "scale": 0.5'
  "a": 0.5, "b": 1: "values":{"a":0.5,"b":1}
  $ values '"a": 0.1' '"type": "float32"'
  "a": 0.1: "values":{"a":0.1}
  $ values '"a": 0.1' '"type": "float64"'
  "a": 0.1: "values":{"a":0.1}
  $ values '"a": 32767' '"type": "int16"'
  "a": 32767: "values":{"a":32767}
  $ values '"a": 32768' '"type": "int16"'
  "a": 32768: "code":"not_reversible","detail":"must have only numbers that the registers can hold exactly if direction is both, such as 0 and 1 for the type bool"}]}
  $ values '"a": 1, "b": 2, "c": 3, "d": 1' '"type": "string", "length": 3'
  "a": 1, "b": 2, "c": 3, "d": 1: "code":"not_reversible","detail":"must have a different number for each string if direction is both"}]}
  $ values '"a": 1, "b": 2, "c": 3' '"type": "string", "length": 3'
  "a": 1, "b": 2, "c": 3: "values":{"a":1,"b":2,"c":3}
  $ values '"a": 1, "b": 300' '"type": "int16", "scale": 0'
  "a": 1, "b": 300: "code":"out_of_range","detail":"must not be 0"}]}

Text, Sparkplug and the key of the quality:

  $ try '"mqtt": {"payload": "text"}'
  422
  errors:
  {"pointer":"/mqtt/payload","code":"type_mismatch","detail":"can be text only if key is \"\", which means the whole payload"}]}
  $ try '"mqtt": {"payload": "text", "key": ""}' | head -1
  200
  $ try '"mqtt": {"payload": "text", "key": "", "quality_key": "q"}'
  422
  errors:
  {"pointer":"/mqtt/quality_key","code":"type_mismatch","detail":"must be null if payload is text: it is the key of a member of JSON"}]}
  $ try '"mqtt": {"payload": "json", "key": "", "quality_key": "./q"}'
  422
  errors:
  {"pointer":"/mqtt/quality_key","code":"type_mismatch","detail":"cannot begin with './' if key is \"\", which means the whole payload: it has no parent; write a member's name or a JSON Pointer such as \"/q\""}]}
  $ try '"mqtt": {"payload": "json", "key": "", "quality_key": "/q"}' | head -1
  200
  $ try '"mqtt": {"payload": "sparkplug"}'
  200
  {"device":"boiler","name":"t","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"t","topic":null,"payload":"sparkplug","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":8,"revision":13,"created_at":"TIME","updated_at":"TIME","warnings":[
  {"pointer":"/mqtt/topic","code":"no_births","detail":"the device's topic is not spBv1.0/GROUP/+/NODE or spBv1.0/GROUP/+/NODE/DEVICE: metrics are found by name only, and deaths are not noticed"}]}
  $ try '"mqtt": {"payload": "sparkplug", "key": "", "quality_key": "q", "command_template": "x", "command_retain": true, "topic": "spBv1.0/g/+/n"}'
  422
  errors:
  {"pointer":"/mqtt/quality_key","code":"type_mismatch","detail":"must be null if payload is sparkplug: it is the key of a member of JSON"},
  {"pointer":"/mqtt/key","code":"required","detail":"must be the name of the metric with the payload sparkplug"},
  {"pointer":"/mqtt/command_template","code":"type_mismatch","detail":"must be null with the payload sparkplug, which has a form of its own"},
  {"pointer":"/mqtt/command_retain","code":"type_mismatch","detail":"must be false with the payload sparkplug: a retained command would be repeated with each new connection of the edge node"}]}
  $ try '"direction": "both", "mqtt": {"payload": "sparkplug", "key": "m"}'
  422
  errors:
  {"pointer":"/mqtt/command_topic","code":"required","detail":"is required, because the device's topic is not spBv1.0/GROUP/+/NODE or spBv1.0/GROUP/+/NODE/DEVICE"}]}
  $ try '"direction": "both", "mqtt": {"payload": "sparkplug", "key": "m", "topic": "spBv1.0/g/NDATA/n"}'
  200
  {"device":"boiler","name":"t","label":"","description":"","unit":"","enabled":true,"direction":"both","mqtt":{"key":"m","topic":"spBv1.0/g/NDATA/n","payload":"sparkplug","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":8,"revision":13,"created_at":"TIME","updated_at":"TIME"}
  $ try '"direction": "both", "mqtt": {"payload": "sparkplug", "key": "m", "topic": "spBv1.0/g/+/n/d"}'
  200
  {"device":"boiler","name":"t","label":"","description":"","unit":"","enabled":true,"direction":"both","mqtt":{"key":"m","topic":"spBv1.0/g/+/n/d","payload":"sparkplug","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":8,"revision":13,"created_at":"TIME","updated_at":"TIME"}
  $ api POST /devices/far/tags '{"name": "metric", "mqtt": {"payload": "sparkplug"}, "modbus": {"address": 99}}' | tail -1
  {"pointer":"/mqtt/topic","code":"no_births","detail":"the device's topic is not spBv1.0/GROUP/+/NODE or spBv1.0/GROUP/+/NODE/DEVICE: metrics are found by name only, and deaths are not noticed"}]}
  $ api PATCH /devices/far '{"label": "f"}' | tail -1
  {"pointer":"/mqtt/topic","code":"no_births","detail":"is not spBv1.0/GROUP/+/NODE or spBv1.0/GROUP/+/NODE/DEVICE, which the tag metric needs: metrics are found by name only, and deaths are not noticed"}]}

Setpoints that expire:

  $ both() { try "\"direction\": \"both\", \"mqtt\": {\"command_topic\": \"c\", $1}, \"modbus\": {$2}" | sed -e 's/^{"device".*"expires_s":/expires_s: /; s/,"profile":false,"id".*"updated_at":"TIME"/ ../'; }
  $ try '"mqtt": {"expires_s": 1}'
  422
  errors:
  {"pointer":"/mqtt/expires_s","code":"type_mismatch","detail":"must be 0 for direction to_modbus: only values that SCADA writes expire; for those of devices the device has stale_after_s"}]}
  $ try '"mqtt": {"expire_value": 1}'
  422
  errors:
  {"pointer":"/mqtt/expire_value","code":"type_mismatch","detail":"must be null for direction to_modbus: only values that SCADA writes expire"}]}
  $ try '"direction": "constant", "mqtt": {"expires_s": 1, "expire_value": 2}, "modbus": {"constant": 1}'
  422
  errors:
  {"pointer":"/mqtt/expires_s","code":"type_mismatch","detail":"must be 0 for direction constant: only values that SCADA writes expire"},
  {"pointer":"/mqtt/expire_value","code":"type_mismatch","detail":"must be null for direction constant: only values that SCADA writes expire"}]}
  $ both '"expires_s": 1, "expire_value": 12.5' '"type": "float32"'
  200
  expires_s: 1,"expire_value":12.5,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ both '"expires_s": 0, "expire_value": 12.5' '"type": "float32"'
  200
  expires_s: 0,"expire_value":12.5,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..,"warnings":[
  {"pointer":"/mqtt/expire_value","code":"no_effect","detail":"has no effect while expires_s is 0"}]}
  $ both '"expires_s": 1, "expire_value": 32768' '"type": "int16"'
  422
  errors:
  {"pointer":"/mqtt/expire_value","code":"out_of_range","detail":"is not a value that can be written to this tag: its type is int16"}]}
  $ both '"expires_s": 1, "expire_value": "ON"' '"type": "int16"'
  422
  errors:
  {"pointer":"/mqtt/expire_value","code":"not_a_number","detail":"is not a value that can be written to this tag: its type is int16"}]}
  $ both '"expires_s": 1, "expire_value": "ON", "values": {"OFF": 0}' '"type": "int16"'
  422
  errors:
  {"pointer":"/mqtt/expire_value","code":"unmapped_string","detail":"is not a value that can be written to this tag: its type is int16, and mqtt.values has no entry for it"}]}
  $ both '"expires_s": 1, "expire_value": 1, "values": {"OFF": 0}' '"type": "int16"'
  422
  errors:
  {"pointer":"/mqtt/expire_value","code":"unmapped_number","detail":"is not a value that can be written to this tag: its type is int16, and mqtt.values has no entry for it"}]}
  $ both '"expires_s": 1, "expire_value": "OFF", "values": {"OFF": 0}' '"type": "int16"'
  200
  expires_s: 1,"expire_value":"OFF","command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ both '"expires_s": 1, "expire_value": true' '"type": "bool"'
  200
  expires_s: 1,"expire_value":true,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"coil","address":0,"modicon":"000001","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ both '"expires_s": 1, "expire_value": "text"' '"type": "string", "length": 2'
  200
  expires_s: 1,"expire_value":"text","command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"string","byte_order":"ABCD","bit":null,"byte":null,"length":2,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ both '"expires_s": 1, "expire_value": "texts"' '"type": "string", "length": 2'
  422
  errors:
  {"pointer":"/mqtt/expire_value","code":"too_long","detail":"is not a value that can be written to this tag: its type is string"}]}
  $ both '"expires_s": 1, "expire_value": "x"' '"type": "string"'
  422
  errors:
  {"pointer":"/modbus/length","code":"required","detail":"is required for the type string"}]}
  $ device=far both '"expires_s": 1' '"address": 5'
  422
  errors:
  {"pointer":"/mqtt/expires_s","code":"local_only","detail":"must be 0 on a Modbus server that is not the local one: it does not tell when SCADA writes the same value again"}]}

Commands on change, and limits of writes to a slow server:

  $ try '"mqtt": {"command_on": "change", "min_interval_ms": 1, "min_change": 0.1}'
  422
  errors:
  {"pointer":"/mqtt/command_on","code":"type_mismatch","detail":"must be write for direction to_modbus, which has no commands"},
  {"pointer":"/mqtt/min_interval_ms","code":"type_mismatch","detail":"must be 0 for direction to_modbus, which has no commands"},
  {"pointer":"/mqtt/min_change","code":"type_mismatch","detail":"must be 0 for direction to_modbus, which has no commands"}]}
  $ try '"direction": "constant", "mqtt": {"command_on": "change", "min_interval_ms": 1, "min_change": 0.1}, "modbus": {"constant": 1, "min_change": 1, "min_interval_ms": 1}'
  422
  errors:
  {"pointer":"/mqtt/command_on","code":"type_mismatch","detail":"must be write for direction constant, which has no commands"},
  {"pointer":"/mqtt/min_interval_ms","code":"type_mismatch","detail":"must be 0 for direction constant, which has no commands"},
  {"pointer":"/mqtt/min_change","code":"type_mismatch","detail":"must be 0 for direction constant, which has no commands"},
  {"pointer":"/modbus/min_change","code":"type_mismatch","detail":"must be 0 for direction constant, which writes no values of messages"},
  {"pointer":"/modbus/min_interval_ms","code":"type_mismatch","detail":"must be 0 for direction constant, which writes no values of messages"}]}
  $ both '"command_on": "change", "min_change": 0.1' '"type": "bool"'
  422
  errors:
  {"pointer":"/mqtt/min_change","code":"type_mismatch","detail":"must be 0 for type bool: only numbers have a distance"}]}
  $ both '"command_on": "change", "min_change": 0.1' '"type": "string", "length": 1'
  422
  errors:
  {"pointer":"/mqtt/min_change","code":"type_mismatch","detail":"must be 0 for type string: only numbers have a distance"}]}
  $ both '"command_on": "write", "min_change": 0.1' '"type": "int16"'
  422
  errors:
  {"pointer":"/mqtt/min_change","code":"type_mismatch","detail":"must be 0 with command_on write, which publishes each write on the local server; it needs command_on change"}]}
  $ both '"command_on": "change", "min_change": 0.1, "min_interval_ms": 1' '"type": "int16"'
  200
  expires_s: 0,"expire_value":null,"command_on":"change","min_interval_ms":1,"min_change":0.1},"modbus":{"table":"holding_register","address":4,"modicon":"400005","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ device=far both '"command_on": "write", "min_change": 0.1' '"type": "int16", "address": 5'
  200
  expires_s: 0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0.1},"modbus":{"table":"holding_register","address":5,"modicon":"400006","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0} ..}
  $ try_modbus '"min_change": 0.1, "min_interval_ms": 1'
  422
  errors:
  {"pointer":"/modbus/min_change","code":"foreign_only","detail":"must be 0 on the local Modbus server, which takes each value at once: it limits writes to slow foreign servers"},
  {"pointer":"/modbus/min_interval_ms","code":"foreign_only","detail":"must be 0 on the local Modbus server, which takes each value at once: it limits writes to slow foreign servers"}]}
  $ device=far try_modbus '"min_change": 0.1, "min_interval_ms": 1, "address": 5, "type": "int16"'
  200
  modbus: {"table":"holding_register","address":5,"modicon":"400006","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0.1,"min_interval_ms":1} ..}
  $ device=far try_modbus '"min_change": 0.1, "min_interval_ms": 1, "address": 5, "type": "bool"'
  422
  errors:
  {"pointer":"/modbus/min_change","code":"type_mismatch","detail":"must be 0 for type bool: only numbers have a distance"}]}
  $ device=far try '"direction": "to_mqtt", "mqtt": {"command_topic": "c"}, "modbus": {"address": 5, "min_change": 0.1, "min_interval_ms": 1}'
  422
  errors:
  {"pointer":"/modbus/min_change","code":"type_mismatch","detail":"must be 0 for direction to_mqtt, which writes no values of messages"},
  {"pointer":"/modbus/min_interval_ms","code":"type_mismatch","detail":"must be 0 for direction to_mqtt, which writes no values of messages"}]}

Constants and companions:

  $ try '"direction": "constant"'
  422
  errors:
  {"pointer":"/modbus/constant","code":"required","detail":"is required for direction constant: the value of the registers"}]}
  $ try '"modbus": {"constant": 1}'
  422
  errors:
  {"pointer":"/modbus/constant","code":"type_mismatch","detail":"must be null for direction to_modbus; a tag with a constant has the direction constant"}]}
  $ try '"direction": "constant", "modbus": {"constant": 1e40}'
  422
  errors:
  {"pointer":"/modbus/constant","code":"out_of_range","detail":"is not a value that can be written to this tag: its type is float32"}]}
  $ try '"direction": "constant", "modbus": {"constant": "x", "type": "int16"}'
  422
  errors:
  {"pointer":"/modbus/constant","code":"not_a_number","detail":"is not a value that can be written to this tag: its type is int16"}]}
  $ try '"direction": "constant", "modbus": {"constant": 70000, "type": "uint16"}'
  422
  errors:
  {"pointer":"/modbus/constant","code":"out_of_range","detail":"is not a value that can be written to this tag: its type is uint16"}]}
  $ try '"direction": "constant", "modbus": {"constant": true, "type": "bool"}' | tail -1 | grep -o '"modbus":{.*"companion_of":[^,]*'
  "modbus":{"table":"discrete_input","address":0,"modicon":"100001","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":true,"companion":"none","companion_of":null
  $ try '"direction": "constant", "mqtt": {"topic": "t", "values": {"a": 1}, "command_topic": "c", "command_template": "x", "pattern": "p", "quality_key": "q"}, "modbus": {"constant": 1, "on_stale": 1}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"type_mismatch","detail":"must be null for direction constant, which has no messages"},
  {"pointer":"/mqtt/values","code":"type_mismatch","detail":"must be null for direction constant, which has no messages"},
  {"pointer":"/mqtt/command_topic","code":"type_mismatch","detail":"must be null for direction constant, which has no messages"},
  {"pointer":"/mqtt/command_template","code":"type_mismatch","detail":"must be null for direction constant, which has no messages"},
  {"pointer":"/mqtt/pattern","code":"type_mismatch","detail":"must be null for direction constant, which has no messages"},
  {"pointer":"/mqtt/quality_key","code":"type_mismatch","detail":"must be null for direction constant, which has no messages"},
  {"pointer":"/modbus/on_stale","code":"type_mismatch","detail":"must be null for direction constant, which has no messages"}]}
  $ try '"direction": "companion"'
  422
  errors:
  {"pointer":"/modbus/companion","code":"required","detail":"is required for direction companion: quality, age_s, time_s or time_ms"},
  {"pointer":"/modbus/companion_of","code":"required","detail":"is required for direction companion: the name of a tag of the device"}]}
  $ try '"direction": "companion", "mqtt": {"topic": "x"}, "modbus": {"companion": "quality", "companion_of": "t", "constant": 1, "type": "bool"}'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"type_mismatch","detail":"must be null for direction companion, which has no messages"},
  {"pointer":"/modbus/constant","code":"type_mismatch","detail":"must be null for direction companion; a tag with a constant has the direction constant"},
  {"pointer":"/modbus/companion_of","code":"out_of_range","detail":"must name another tag of the device"},
  {"pointer":"/modbus/type","code":"type_mismatch","detail":"must be a number for direction companion"}]}
  $ try '"direction": "companion", "modbus": {"companion": "time_ms", "companion_of": "nobody", "type": "string", "length": 2}'
  422
  errors:
  {"pointer":"/modbus/type","code":"type_mismatch","detail":"must be a number for direction companion"}]}
  $ try '"modbus": {"companion": "time_s", "companion_of": "temp"}'
  422
  errors:
  {"pointer":"/modbus/companion","code":"type_mismatch","detail":"must be none for direction to_modbus"},
  {"pointer":"/modbus/companion_of","code":"type_mismatch","detail":"must be null for direction to_modbus"}]}
  $ try '"direction": "companion", "modbus": {"companion": "none", "companion_of": 5}'
  422
  errors:
  {"pointer":"/modbus/companion_of","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/modbus/companion","code":"required","detail":"is required for direction companion: quality, age_s, time_s or time_ms"}]}

A tag that keeps its address keeps its table, if the new type allows it:

  $ api PUT /devices/boiler/tags/k '{"modbus": {"table": "input_register", "address": 500, "type": "int16"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"input_register","address":500,"modicon":"300501","type":"int16"
  $ api PUT /devices/boiler/tags/k '{"modbus": {"type": "uint16"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"input_register","address":500,"modicon":"300501","type":"uint16"
  $ api PUT /devices/boiler/tags/k '{}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"input_register","address":500,"modicon":"300501","type":"float32"
  $ api PATCH /devices/boiler/tags/k '{"modbus": {"table": null, "type": "int32"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"holding_register","address":500,"modicon":"400501","type":"int32"
  $ api PUT /devices/boiler/tags/k '{"modbus": {"type": "bool"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"holding_register","address":500,"modicon":"400501","type":"bool"
  $ api PUT /devices/boiler/tags/k '{"modbus": {"table": "discrete_input", "type": "bool"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"discrete_input","address":500,"modicon":"100501","type":"bool"
  $ api PUT /devices/boiler/tags/k '{"modbus": {"type": "int16"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"holding_register","address":500,"modicon":"400501","type":"int16"
  $ api PUT /devices/boiler/tags/k '{"modbus": {"table": "input_register"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"input_register","address":500,"modicon":"300501","type":"float32"
  $ api PUT /devices/boiler/tags/k '{"direction": "both", "mqtt": {"command_topic": "c"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"holding_register","address":500,"modicon":"400501","type":"float32"
  $ api PATCH /devices/boiler/tags/k '{"modbus": {"address": 501, "modicon": "400501"}}' | tail -1 | grep -o '"table.*"type":[^,]*'
  "table":"holding_register","address":501,"modicon":"400502","type":"float32"
  $ errors PATCH /devices/boiler/tags/k '{"modbus": {"address": 502, "modicon": "400501"}}' | tail -1
  {"pointer":"/modbus/modicon","code":"read_only","detail":"follows from table and address and cannot be set; set address to the Modicon form, as a string, instead"}]}

The parts of a tag, and what is not there:

  $ errors PUT /devices/boiler/tags/k/mqtt '{"command_topic": "d", "qos": 1}'
  422
  errors:
  {"pointer":"/qos","code":"unknown_field","detail":"unknown member"}]}
  $ api PUT /devices/boiler/tags/k/mqtt '{"command_topic": "d"}'
  200
  {"key":"k","topic":null,"payload":"json","values":null,"command_topic":"d","command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ errors PUT /devices/boiler/tags/k/mqtt '{}'
  422
  errors:
  {"pointer":"/command_topic","code":"required","detail":"is required for direction both"}]}
  $ api PUT /devices/boiler/tags/k/modbus '{"address": "400601", "scale": 10}'
  200
  {"table":"holding_register","address":600,"modicon":"400601","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":10,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0}
  $ errors PUT /devices/boiler/tags/k/modbus '{"id": 1, "modicon": "400601"}'
  422
  errors:
  {"pointer":"/id","code":"unknown_field","detail":"unknown member"}]}
  $ errors GET /devices/none/tags/k
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"none\".","errors":[]}
  $ errors GET /devices/boiler/tags/none
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no tag \"none\".","errors":[]}
  $ errors PATCH /devices/none/tags/k '{}'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"none\".","errors":[]}
  $ errors PATCH /devices/boiler/tags/none '{}'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no tag \"none\".","errors":[]}
  $ errors POST /devices/none/tags '{"name": "x"}'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No device has the name \"none\".","errors":[]}
  $ errors DELETE /devices/boiler/tags/none
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no tag \"none\".","errors":[]}
  $ errors POST /devices/boiler/tags '{"name": "temp"}'
  409
  errors:
  {"pointer":"/name","code":"name_taken","detail":"the device boiler already has a tag named temp"}]}
  $ errors PUT '/devices/boiler/tags/k?confirm=1' '{}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"Unknown query parameter \"confirm\"; this path supports: dry_run.","errors":[]}
  $ errors PUT /devices/boiler/tags/_k '{}'
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"the name in the path is not a valid name"}]}
  $ errors PUT /devices/boiler/tags/k '{"name": "l"}'
  422
  errors:
  {"pointer":"/name","code":"name_mismatch","detail":"must be the name in the path, k"}]}

Renames and moves:

  $ api PATCH /devices/boiler/tags/temp '{"name": "temp-2"}'
  200
  {"device":"boiler","name":"temp-2","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"temp","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":0,"modicon":"400001","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":1,"revision":27,"created_at":"TIME","updated_at":"TIME"}
  $ api GET /devices/boiler/tags/age | tail -1 | grep -o '"companion_of":[^,}]*'
  "companion_of":"temp-2"
  $ errors PATCH /devices/boiler/tags/temp-2 '{"name": "k"}'
  409
  errors:
  {"pointer":"/name","code":"name_taken","detail":"the device boiler already has a tag named k"}]}
  $ errors PATCH /devices/boiler/tags/temp-2 '{"device": "none"}'
  422
  errors:
  {"pointer":"/device","code":"unknown_device","detail":"no device has the name \"none\""}]}
  $ errors PATCH /devices/boiler/tags/temp-2 '{"device": null}' | head -1
  422
  $ errors PATCH /devices/boiler/tags/temp-2 '{"device": 5}'
  422
  errors:
  {"pointer":"/device","code":"read_only","detail":"must be the tag's device, boiler, or be left out"}]}
  $ errors PATCH /devices/boiler/tags/temp-2 '{"device": "boiler"}' | head -1
  200
  $ api POST /devices '{"name": "other", "mqtt": {"topic": "hall/other"}}' | head -1
  201
  $ api PATCH /devices/boiler/tags/temp-2 '{"device": "other", "name": "temp-3", "mqtt": {"key": null}}'
  200
  {"device":"other","name":"temp-3","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"temp-3","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":0,"modicon":"400001","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":1,"revision":29,"created_at":"TIME","updated_at":"TIME"}
  $ errors PATCH /devices/boiler/tags/one '{"device": "far"}'
  422
  errors:
  {"pointer":"/modbus/table","code":"read_only_table","detail":"must be coil or holding_register on a Modbus server that is not the local one"}]}
  $ api POST /devices/other/tags '{"name": "k"}' | head -1
  201
  $ errors PATCH /devices/boiler/tags/k '{"device": "other"}'
  409
  errors:
  {"pointer":"/device","code":"name_taken","detail":"the device other already has a tag named k"}]}
  $ curl -sS -o /dev/null -D - -X PATCH "$API/api/v1/devices/other/tags/k" -H 'Content-Type: application/json' -d '{"name": "k-2"}' | tr -d '\r' | grep -i '^location\|^etag'
  ETag: "31"
  Location: /api/v1/devices/other/tags/k-2
  $ curl -sS -o /dev/null -D - -X POST "$API/api/v1/devices/other/tags" -H 'Content-Type: application/json' -d '{"name": "k-3"}' | tr -d '\r' | grep -i '^location\|^etag'
  ETag: "32"
  Location: /api/v1/devices/other/tags/k-3
  $ curl -sS -o /dev/null -D - -X PUT "$API/api/v1/devices/other/tags/k-3" -H 'Content-Type: application/json' -d '{"label": "k"}' | tr -d '\r' | grep -i '^location\|^etag'
  ETag: "33"
  $ curl -sS -o /dev/null -D - -X PATCH "$API/api/v1/devices/other?dry_run=true" -H 'Content-Type: application/json' -d '{"name": "third"}' | tr -d '\r' | grep -i '^location\|^etag'
  ETag: "28"
  Location: /api/v1/devices/third
  $ curl -sS -o /dev/null -D - -X PUT "$API/api/v1/devices/new-1?dry_run=true" -H 'Content-Type: application/json' -d '{"mqtt": {"topic": "t"}}' | tr -d '\r' | grep -i '^location\|^etag'
  [1]
  $ curl -sS -o /dev/null -D - -X PUT "$API/api/v1/devices/new-1" -H 'Content-Type: application/json' -d '{"mqtt": {"topic": "t"}}' | tr -d '\r' | grep -i '^location\|^etag'
  ETag: "34"
  Location: /api/v1/devices/new-1
