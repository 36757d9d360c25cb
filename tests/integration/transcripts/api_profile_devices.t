Devices of profiles: what they get, what they may change, where their registers are, what a change of the profile does in them, and
profiles that are made of devices.

Options: common.units=1-20

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
  $ device() { errors PUT "/devices/$1" "{$2}"; }
  $ places() { api GET "/tags?device=$1" | sed -n 's/^{"device":"\([^"]*\)","name":"\([^"]*\)".*"table":"\([^"]*\)","address":\([0-9]*\),.*"type":"\([^"]*\)".*"profile":\([a-z]*\),"id":\([0-9]*\),.*/\1\/\2 \3 \4 \5 \6 \7/p'; }
  $ api PUT /profiles/meter '{"params": {"serial": {"description": "on its plate"}, "stale": {"default": 60}},
  >   "room": {"input_register": 20},
  >   "device": {"label": "meter {serial}", "mqtt": {"topic": "tele/{serial}", "stale_after_s": "{stale}", "where": {"id": "{serial}"}}, "status": {"address": 10}},
  >   "tags": [{"name": "power", "unit": "{serial}", "mqtt": {"key": "/{serial}/p"}, "modbus": {"table": "input_register", "type": "float32"}},
  >     {"name": "count", "modbus": {"table": "input_register", "type": "uint32"}},
  >     {"name": "set", "direction": "both", "mqtt": {"command_topic": "cmnd/{device}", "command_template": "{\"s\": \"{serial}\", \"v\": {value}}"}, "modbus": {"type": "int16"}}]}' | head -1
  201
  $ api PUT /profiles/plain '{"room": {"holding_register": 30}, "tags": [{"name": "power"}, {"name": "other", "modbus": {"type": "int16"}}]}' | head -1
  201

What a device gets:

  $ device m-1 '"profile": {"name": "meter", "params": {"serial": "4711"}}'
  201
  {"name":"m-1","label":"meter 4711","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":"4711"},"base":{"input_register":0,"holding_register":0}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/4711","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":60,"timestamp_key":null,"where":{"id":"4711"},"request":null},"status":{"table":"input_register","address":10},"id":1,"revision":3,"created_at":"TIME","updated_at":"TIME"}
  $ api GET /devices/m-1/tags/power
  200
  {"device":"m-1","name":"power","label":"","description":"","unit":"4711","enabled":true,"direction":"to_modbus","mqtt":{"key":"/4711/p","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":0,"modicon":"300001","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":true,"id":1,"revision":3,"created_at":"TIME","updated_at":"TIME"}
  $ api GET /devices/m-1/tags/set/mqtt
  200
  {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/m-1","command_template":"{\"s\": \"4711\", \"v\": {value}}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ places m-1
  m-1/count input_register 2 uint32 true 2
  m-1/power input_register 0 float32 true 1
  m-1/set holding_register 0 int16 true 3
  $ device m-2 '"profile": {"name": "meter", "params": {"serial": "a/b~\"c", "stale": "90"}}'
  201
  {"name":"m-2","label":"meter a/b~\"c","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":"a/b~\"c","stale":"90"},"base":{"input_register":20,"holding_register":1}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/a/b~\"c","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":90,"timestamp_key":null,"where":{"id":"a/b~\"c"},"request":null},"status":{"table":"input_register","address":30},"id":2,"revision":4,"created_at":"TIME","updated_at":"TIME"}
  $ api GET /devices/m-2/tags/power/mqtt
  200
  {"key":"/a~1b~0\"c/p","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ api GET /devices/m-2/tags/set/mqtt
  200
  {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/m-2","command_template":"{\"s\": \"a/b~\\\"c\", \"v\": {value}}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ places m-2
  m-2/count input_register 22 uint32 true 5
  m-2/power input_register 20 float32 true 4
  m-2/set holding_register 1 int16 true 6
  $ device m-3 '"profile": {"name": "meter", "params": {"serial": 4713.5, "stale": null}, "base": {"input_register": 300}}'
  201
  {"name":"m-3","label":"meter 4713.5","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":4713.5},"base":{"input_register":300,"holding_register":2}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/4713.5","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":60,"timestamp_key":null,"where":{"id":4713.5},"request":null},"status":{"table":"input_register","address":310},"id":3,"revision":5,"created_at":"TIME","updated_at":"TIME"}
  $ places m-3
  m-3/count input_register 302 uint32 true 8
  m-3/power input_register 300 float32 true 7
  m-3/set holding_register 2 int16 true 9
  $ device p-1 '"profile": "plain", "mqtt": {"topic": "own"}'
  201
  {"name":"p-1","label":"","description":"","enabled":true,"profile":{"name":"plain","params":{},"base":{"holding_register":4}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"own","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":4,"revision":6,"created_at":"TIME","updated_at":"TIME"}
  $ places p-1
  p-1/other holding_register 6 int16 true 11
  p-1/power holding_register 4 float32 true 10

What is wrong with the member profile:

  $ device x '"profile": "none"'
  422
  errors:
  {"pointer":"/profile/name","code":"unknown_profile","detail":"there is no profile none: create it, or take it from the library"}]}
  $ device x '"profile": {"name": "none", "params": {"a": 1}}'
  422
  errors:
  {"pointer":"/profile/name","code":"unknown_profile","detail":"there is no profile none: create it, or take it from the library"}]}
  $ device x '"profile": "_"'
  422
  errors:
  {"pointer":"/profile","code":"wrong_type","detail":"must be null, the name of a profile, or an object such as {\"name\": \"meter\", \"params\": {\"serial\": \"4711\"}}"}]}
  $ device x '"profile": ""'
  422
  errors:
  {"pointer":"/profile","code":"wrong_type","detail":"must be null, the name of a profile, or an object such as {\"name\": \"meter\", \"params\": {\"serial\": \"4711\"}}"}]}
  $ device x '"profile": "{"'
  422
  errors:
  {"pointer":"/profile","code":"wrong_type","detail":"must be null, the name of a profile, or an object such as {\"name\": \"meter\", \"params\": {\"serial\": \"4711\"}}"}]}
  $ device x '"profile": "{\"name\": \"plain\", \"color\": 1}"'
  422
  errors:
  {"pointer":"/profile","code":"unknown_field","detail":"/profile/color: unknown member; it has name, params and base"}]}
  $ device x '"profile": "{\"name\": \"plain\"}", "mqtt": {"topic": "t"}' | head -1
  201
  $ api DELETE /devices/x
  204
  $ device x '"profile": {}'
  422
  errors:
  {"pointer":"/profile/name","code":"required","detail":"is required"}]}
  $ device x '"profile": {"name": null, "params": null, "base": null}'
  422
  errors:
  {"pointer":"/profile/name","code":"required","detail":"is required"}]}
  $ device x '"profile": {"name": 5, "params": [], "base": 5, "color": 1, "name": 6}'
  422
  errors:
  {"pointer":"/profile/color","code":"unknown_field","detail":"unknown member; it has name, params and base"},
  {"pointer":"/profile/name","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/profile/name","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/profile/params","code":"wrong_type","detail":"must be an object, such as {\"serial\": \"4711\"}"},
  {"pointer":"/profile/base","code":"wrong_type","detail":"must be an object from tables to registers, such as {\"holding_register\": 100}, or \"new\", which allocates"}]}
  $ device x '"profile": {"name": "_", "base": "old"}'
  422
  errors:
  {"pointer":"/profile/name","code":"invalid_name","detail":"is not the name of a profile"},
  {"pointer":"/profile/base","code":"wrong_type","detail":"must be an object from tables to registers, such as {\"holding_register\": 100}, or \"new\", which allocates"}]}
  $ device x '"profile": {"name": "meter", "params": {"serial": "1", "serial": "2", "a/b": [], "big": 1e999}, "base": {"coil": -1, "registers": 0, "input_register": 65536, "holding_register": 1.5, "discrete_input": "0", "coil": null}}'
  422
  errors:
  {"pointer":"/profile/params/serial","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/profile/params/a~1b","code":"wrong_type","detail":"must be a text, a number, true or false"},
  {"pointer":"/profile/params/big","code":"wrong_type","detail":"must be a text, a number, true or false"},
  {"pointer":"/profile/base/coil","code":"out_of_range","detail":"must be an integer from 0 to 65535"},
  {"pointer":"/profile/base/registers","code":"unknown_field","detail":"is no table; the tables are coil, discrete_input, input_register, holding_register"},
  {"pointer":"/profile/base/input_register","code":"out_of_range","detail":"must be an integer from 0 to 65535"},
  {"pointer":"/profile/base/holding_register","code":"wrong_type","detail":"must be an integer from 0 to 65535"},
  {"pointer":"/profile/base/discrete_input","code":"wrong_type","detail":"must be an integer from 0 to 65535"},
  {"pointer":"/profile/base/coil","code":"duplicate","detail":"appears more than once"}]}
  $ device x "\"profile\": {\"name\": \"meter\", \"params\": {\"serial\": \"$(printf 'é%.0s' {1..1025})\"}}"
  422
  errors:
  {"pointer":"/profile/params/serial","code":"too_long","detail":"must have at most 1024 characters"}]}
  $ params() { for i in $(seq "$1"); do printf '%s"p%d": 1' "${comma:-}" "$i"; comma=', '; done; }
  $ device x "\"profile\": {\"name\": \"plain\", \"params\": {$(params 33)}}"
  422
  errors:
  {"pointer":"/profile/params","code":"too_long","detail":"must have at most 32 parameters"}]}
  $ device x "\"profile\": {\"name\": \"plain\", \"params\": {$(params 32)}}" | tail -2
  {"pointer":"/profile/params/p8","code":"unknown_field","detail":"is no parameter of the profile plain"},
  {"pointer":"/profile/params/p9","code":"unknown_field","detail":"is no parameter of the profile plain"}]}
  $ device x '"profile": {"name": "meter"}'
  422
  errors:
  {"pointer":"/profile/params/serial","code":"required","detail":"is required by the profile meter: on its plate"}]}
  $ device x '"profile": {"name": "meter", "params": {"serial": null, "other": 1}}'
  422
  errors:
  {"pointer":"/profile/params/other","code":"unknown_field","detail":"is no parameter of the profile meter"},
  {"pointer":"/profile/params/serial","code":"required","detail":"is required by the profile meter: on its plate"}]}
  $ device x '"profile": {"name": "meter", "params": {"serial": "+"}}'
  422
  errors:
  {"pointer":"/profile","code":"invalid_topic","detail":"/device/mqtt/topic of the profile meter: the parameter serial must not be empty and must not have +, # or control characters: it is a part of a topic"}]}
  $ device x '"profile": {"name": "meter", "params": {"serial": "1", "stale": "long"}}'
  422
  errors:
  {"pointer":"/profile","code":"wrong_type","detail":"/device/mqtt/stale_after_s of the profile meter: must be an integer from 0 to 31536000"}]}
  $ device x '"profile": {"name": "meter", "params": {"serial": "1", "stale": -1}}'
  422
  errors:
  {"pointer":"/profile","code":"out_of_range","detail":"/device/mqtt/stale_after_s of the profile meter: must be an integer from 0 to 31536000"}]}
  $ device x '"profile": "plain"'
  422
  errors:
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}
  $ device '_' '"profile": "plain"'
  422
  errors:
  {"pointer":"/name","code":"invalid_name","detail":"the name in the path is not a valid name"},
  {"pointer":"/mqtt/topic","code":"required","detail":"is required"}]}

What the profile sets, the device cannot change:

  $ errors PATCH /devices/m-1 '{"label": "mine", "mqtt": {"topic": "mine", "stale_after_s": 5, "where": null}, "status": {"address": 50}}'
  422
  errors:
  {"pointer":"/label","code":"profile_setting","detail":"is set by the profile meter: change the profile or the parameters of the device, or let the device leave it with \"profile\": null"},
  {"pointer":"/mqtt/topic","code":"profile_setting","detail":"is set by the profile meter: change the profile or the parameters of the device, or let the device leave it with \"profile\": null"},
  {"pointer":"/mqtt/stale_after_s","code":"profile_setting","detail":"is set by the profile meter: change the profile or the parameters of the device, or let the device leave it with \"profile\": null"},
  {"pointer":"/status/address","code":"profile_setting","detail":"is set by the profile meter: change the profile or the parameters of the device, or let the device leave it with \"profile\": null"}]}
  $ errors PATCH /devices/m-1 '{"label": "meter 4711", "description": "own", "network": {"address": "10.0.0.41"}, "mqtt": {"qos": 2}}' | tail -1 | cut -c1-600
  {"name":"m-1","label":"meter 4711","description":"own","enabled":true,"profile":{"name":"meter","params":{"serial":"4711"},"base":{"input_register":0,"holding_register":0}},"network":{"address":"10.0.0.41","modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/4711","qos":2,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":60,"timestamp_key":
  $ errors PUT /devices/m-1/mqtt '{"topic": "mine"}'
  422
  errors:
  {"pointer":"/topic","code":"profile_setting","detail":"is set by the profile meter: change the profile or the parameters of the device, or let the device leave it with \"profile\": null"}]}
  $ errors PUT /devices/m-1/mqtt '{}' | head -1
  200
  $ errors PATCH /devices/m-1/tags/power '{"unit": "kW"}'
  409
  errors:
  {"pointer":"","code":"profile_tag","detail":"the tag power of the device m-1 follows the profile meter: change it there, at /api/v1/profiles/meter, or let the device leave the profile and keep its tags, with PATCH of the device and {\"profile\": null}"}]}
  $ errors PATCH /devices/m-1/tags/power '{}' | head -1
  200
  $ errors PUT /devices/m-1/tags/power '{}'
  409
  errors:
  {"pointer":"","code":"profile_tag","detail":"the tag power of the device m-1 follows the profile meter: change it there, at /api/v1/profiles/meter, or let the device leave the profile and keep its tags, with PATCH of the device and {\"profile\": null}"}]}
  $ errors DELETE /devices/m-1/tags/power
  409
  errors:
  {"pointer":"","code":"profile_tag","detail":"the tag power follows the device's profile: delete it there, or let the device leave the profile and keep its tags, with PATCH of the device and {\"profile\": null}"}]}
  $ errors PATCH /devices/m-1/tags/power '{"device": "m-2"}'
  409
  errors:
  {"pointer":"","code":"profile_tag","detail":"the tag power of the device m-1 follows the profile meter: change it there, at /api/v1/profiles/meter, or let the device leave the profile and keep its tags, with PATCH of the device and {\"profile\": null}"}]}
  $ errors POST /devices/m-1/tags '{"name": "power"}'
  409
  errors:
  {"pointer":"/name","code":"name_taken","detail":"the device m-1 already has a tag named power"}]}
  $ api POST /devices/m-1/tags '{"name": "door", "modbus": {"type": "bool"}}' | head -1
  201
  $ places m-1
  m-1/count input_register 2 uint32 true 2
  m-1/door discrete_input 0 bool false 14
  m-1/power input_register 0 float32 true 1
  m-1/set holding_register 0 int16 true 3

Parameters, base, unit:

  $ errors PATCH /devices/m-1 '{"profile": {"params": {"serial": "5000"}}}' | tail -1 | grep -o '"label":"[^"]*"\|"profile":{.*"network"\|"topic":[^,]*\|"where":{[^}]*}'
  "label":"meter 5000"
  "profile":{"name":"meter","params":{"serial":"5000"},"base":{"input_register":0,"holding_register":0}},"network"
  "topic":"tele/5000"
  "where":{"id":"5000"}
  $ errors PATCH /devices/m-1 '{"profile": {"base": {"input_register": 301}}}'
  409
  errors:
  {"pointer":"/profile/base","code":"overlap","detail":"m-1/power would overlap: input_register 300 to 301 (300301 to 300302) in unit 1 belong to m-3/power"},
  {"pointer":"/profile/base","code":"overlap","detail":"m-1/power would overlap: input_register 302 to 303 (300303 to 300304) in unit 1 belong to m-3/count"},
  {"pointer":"/profile/base","code":"overlap","detail":"m-1/count would overlap: input_register 302 to 303 (300303 to 300304) in unit 1 belong to m-3/count"},
  {"pointer":"/profile/base","code":"overlap","detail":"the status block of m-1 would overlap: input_register 310 to 313 (300311 to 300314) in unit 1 belong to the status block of m-3"}]}
  $ errors PATCH /devices/m-1 '{"profile": {"base": {"input_register": 65525}}}'
  422
  errors:
  {"pointer":"/profile","code":"out_of_range","detail":"/device/status/address of the profile meter: 65535, with the base, goes beyond the last register"}]}
  $ errors PATCH /devices/m-1 '{"profile": {"base": {"input_register": 65532}}}'
  422
  errors:
  {"pointer":"/profile","code":"out_of_range","detail":"/device/status/address of the profile meter: 65542, with the base, goes beyond the last register"}]}
  $ errors PATCH /devices/m-1 '{"profile": {"base": {"input_register": 65522}}}' | tail -1 | grep -o '"profile":{.*"network"\|"status":{[^}]*}'
  "profile":{"name":"meter","params":{"serial":"5000"},"base":{"input_register":65522,"holding_register":0}},"network"
  "status":{"table":"input_register","address":65532}
  $ places m-1
  m-1/count input_register 65524 uint32 true 2
  m-1/door discrete_input 0 bool false 14
  m-1/power input_register 65522 float32 true 1
  m-1/set holding_register 0 int16 true 3
  $ errors PATCH /devices/m-1 '{"profile": {"base": "new"}}' | tail -1 | grep -o '"profile":{.*"network"\|"status":{[^}]*}'
  "profile":{"name":"meter","params":{"serial":"5000"},"base":{"input_register":40,"holding_register":64}},"network"
  "status":{"table":"input_register","address":50}
  $ errors PATCH /devices/m-1 '{"profile": {"base": null}}' | tail -1 | grep -o '"profile":{.*"network"\|"status":{[^}]*}'
  "profile":{"name":"meter","params":{"serial":"5000"},"base":{"input_register":40,"holding_register":64}},"network"
  "status":{"table":"input_register","address":50}
  $ errors PATCH /devices/m-1 '{"network": {"unit_id": 12}}' | tail -1 | grep -o '"profile":{.*"network"\|"status":{[^}]*}'
  "profile":{"name":"meter","params":{"serial":"5000"},"base":{"input_register":40,"holding_register":64}},"network"
  "status":{"table":"input_register","address":50}
  $ device u-1 '"network": {"unit_id": 13}, "profile": {"name": "meter", "params": {"serial": "1"}}' | tail -1 | grep -o '"profile":{.*"network"\|"status":{[^}]*}'
  "profile":{"name":"meter","params":{"serial":"1"},"base":{"input_register":0,"holding_register":0}},"network"
  "status":{"table":"input_register","address":10}
  $ device u-2 '"network": {"unit_id": 13}, "profile": {"name": "meter", "params": {"serial": "1"}}' | tail -1 | grep -o '"profile":{.*"network"\|"status":{[^}]*}'
  "profile":{"name":"meter","params":{"serial":"1"},"base":{"input_register":20,"holding_register":1}},"network"
  "status":{"table":"input_register","address":30}
  $ errors PATCH /devices/u-2 '{"network": {"unit_id": 12}, "profile": {"base": {"input_register": 20, "holding_register": 0}}}'
  200
  {"name":"u-2","label":"meter 1","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":"1"},"base":{"input_register":20,"holding_register":0}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":12,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/1","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":60,"timestamp_key":null,"where":{"id":"1"},"request":null},"status":{"table":"input_register","address":30},"id":7,"revision":18,"created_at":"TIME","updated_at":"TIME"}
  $ device far '"network": {"modbus_host": "plc-1"}, "profile": {"name": "meter", "params": {"serial": "1"}}'
  422
  errors:
  {"pointer":"/profile","code":"read_only_table","detail":"/tags/0/modbus/table of the profile meter: must be coil or holding_register on a Modbus server that is not the local one"},
  {"pointer":"/profile","code":"read_only_table","detail":"/tags/1/modbus/table of the profile meter: must be coil or holding_register on a Modbus server that is not the local one"}]}
  $ device far '"network": {"modbus_host": "plc-1"}, "mqtt": {"topic": "t"}, "profile": "plain"' | tail -1 | grep -o '"profile":{.*"network"'
  "profile":{"name":"plain","params":{},"base":{"holding_register":0}},"network"
  $ places far
  far/other holding_register 2 int16 true 22
  far/power holding_register 0 float32 true 21

To leave a profile, to take one, to change it for another:

  $ errors PATCH /devices/m-3 '{"profile": null}' | tail -1 | cut -c1-300
  {"name":"m-3","label":"meter 4713.5","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect"
  $ places m-3
  m-3/count input_register 302 uint32 false 8
  m-3/power input_register 300 float32 false 7
  m-3/set holding_register 2 int16 false 9
  $ errors PATCH /devices/m-3 '{"profile": {"name": "meter", "params": {"serial": "9"}, "base": {"input_register": 300}}}'
  409
  errors:
  {"pointer":"/profile","code":"name_taken","detail":"/tags/0/name of the profile meter: the device m-3 has a tag power of its own, which differs in unit, mqtt.key"},
  {"pointer":"/profile","code":"name_taken","detail":"/tags/2/name of the profile meter: the device m-3 has a tag set of its own, which differs in mqtt.command_template, modbus.address"}]}
  $ errors PATCH /devices/m-3 '{"profile": {"name": "meter", "params": {"serial": 4713.5}, "base": {"input_register": 300, "holding_register": 2}}}' | head -1
  200
  $ places m-3
  m-3/count input_register 302 uint32 true 8
  m-3/power input_register 300 float32 true 7
  m-3/set holding_register 2 int16 true 9
  $ errors PATCH /devices/m-3 '{"profile": "plain"}' | head -1
  200
  $ places m-3
  m-3/other holding_register 68 int16 true 23
  m-3/power holding_register 66 float32 true 7
  $ api GET /devices/m-3 | tail -1 | grep -o '"profile":{.*"network"\|"status":.*}'
  "profile":{"name":"plain","params":{},"base":{"holding_register":66}},"network"
  "status":{"table":"input_register","address":310},"id":3,"revision":22,"created_at":"TIME","updated_at":"TIME"}
  $ api POST /devices/m-3/tags '{"name": "count"}' | head -1
  201
  $ errors PATCH /devices/m-3 '{"profile": {"name": "meter", "params": {"serial": "4713.5"}}}'
  409
  errors:
  {"pointer":"/profile","code":"name_taken","detail":"/tags/1/name of the profile meter: the device m-3 has a tag count of its own, which differs in modbus.table, modbus.address, modbus.type"}]}

A change of the profile changes its devices:

  $ api PATCH /profiles/meter '{"params": {"stale": {"default": 120}, "new": {"default": "n"}}, "device": {"description": "{new}", "mqtt": {"where": null}}}' | tail -1 | grep -o '"devices".*'
  "devices":4,"id":1,"revision":24,"created_at":"TIME","updated_at":"TIME"}
  $ api GET /devices/m-1 | tail -1 | grep -o '"label".*"enabled"\|"stale_after_s":[0-9]*\|"where":[^r]*'
  "label":"meter 5000","description":"n","enabled"
  "stale_after_s":120
  "where":{"id":"5000"},"
  $ api GET /devices/m-2 | tail -1 | grep -o '"label".*"enabled"\|"stale_after_s":[0-9]*\|"where":[^r]*'
  "label":"meter a/b~\"c","description":"n","enabled"
  "stale_after_s":90
  "where":{"id":"a/b~\"c"},"
  $ errors PATCH /profiles/meter '{"params": {"must": {}}}'
  422
  errors:
  {"pointer":"/profile/params/must","code":"required","detail":"device m-1: is required by the profile meter"},
  {"pointer":"/profile/params/must","code":"required","detail":"device m-2: is required by the profile meter"},
  {"pointer":"/profile/params/must","code":"required","detail":"device u-1: is required by the profile meter"},
  {"pointer":"/profile/params/must","code":"required","detail":"device u-2: is required by the profile meter"}]}
  $ errors PATCH /profiles/meter '{"device": {"mqtt": {"topic": "x/{serial}", "qos": "{new}"}}}'
  422
  errors:
  {"pointer":"/device/mqtt/qos","code":"wrong_type","detail":"must be an integer from 0 to 2"}]}
  $ errors PATCH /profiles/meter '{"device": {"status": {"address": 8}}}' | tail -1 | grep -o '"devices".*'
  "devices":4,"id":1,"revision":25,"created_at":"TIME","updated_at":"TIME"}
  $ places m-1; api GET /devices/m-1 | grep -o '"status":{[^}]*}'
  m-1/count input_register 42 uint32 true 2
  m-1/door discrete_input 0 bool false 14
  m-1/power input_register 40 float32 true 1
  m-1/set holding_register 64 int16 true 3
  "status":{"table":"input_register","address":48}
  $ errors PATCH /profiles/meter '{"device": {"status": null}}' | tail -1 | grep -o '"devices".*'
  "devices":4,"id":1,"revision":26,"created_at":"TIME","updated_at":"TIME"}
  $ api GET /devices/m-1 | grep -o '"status":[^,]*'
  "status":{"table":"input_register"
  $ tags() { errors PATCH /profiles/meter "{\"tags\": [$1]}"; }
  $ power='{"name": "power", "unit": "{serial}", "mqtt": {"key": "/{serial}/p"}, "modbus": {"table": "input_register", "type": "float32"}}'
  $ tags "$power" | tail -2
  {"name":"meter","label":"","description":"","params":{"serial":{"description":"on its plate"},"stale":{"default":120},"new":{"default":"n"}},"room":{"input_register":20},"device":{"label":"meter {serial}","mqtt":{"topic":"tele/{serial}","stale_after_s":"{stale}"},"description":"{new}"},"tags":[
  {"id":1,"name":"power","unit":"{serial}","mqtt":{"key":"/{serial}/p"},"modbus":{"table":"input_register","type":"float32","address":0}}],"devices":4,"id":1,"revision":27,"created_at":"TIME","updated_at":"TIME"}
  $ places m-1
  m-1/door discrete_input 0 bool false 14
  m-1/power input_register 40 float32 true 1
  $ tags "$power, {\"name\": \"volt\", \"modbus\": {\"table\": \"input_register\", \"address\": 2, \"type\": \"string\", \"length\": 19}}"
  409
  errors:
  {"pointer":"/tags/1/modbus/address","code":"overlap","detail":"m-2/volt would overlap: input_register 28 to 31 (300029 to 300032) in unit 1 belong to the status block of m-2"},
  {"pointer":"/tags/1/modbus/address","code":"overlap","detail":"u-2/volt would overlap: input_register 28 to 31 (300029 to 300032) in unit 12 belong to the status block of u-2"},
  {"pointer":"/tags/1/modbus/address","code":"overlap","detail":"u-2/volt would overlap: input_register 40 to 41 (300041 to 300042) in unit 12 belong to m-1/power"},
  {"pointer":"/tags/1/modbus/address","code":"overlap","detail":"m-1/volt would overlap: input_register 48 to 51 (300049 to 300052) in unit 12 belong to the status block of m-1"},
  {"pointer":"/tags/1/modbus/address","code":"overlap","detail":"u-1/volt would overlap: input_register 8 to 11 (300009 to 300012) in unit 13 belong to the status block of u-1"}]}
  $ tags "$power, {\"name\": \"door\", \"modbus\": {\"type\": \"int16\"}}"
  409
  errors:
  {"pointer":"/tags/1/name","code":"name_taken","detail":"device m-1: the device m-1 has a tag door of its own, which differs in modbus.table, modbus.address, modbus.type"}]}
  $ tags "$power, {\"name\": \"volt\", \"modbus\": {\"table\": \"input_register\", \"address\": 2, \"type\": \"int16\"}}, {\"name\": \"amp\", \"modbus\": {\"table\": \"input_register\", \"type\": \"int16\"}}" | tail -1
  {"id":7,"name":"amp","modbus":{"table":"input_register","type":"int16","address":3}}],"devices":4,"id":1,"revision":28,"created_at":"TIME","updated_at":"TIME"}
  $ places m-1; places m-2
  m-1/amp input_register 43 int16 true 26
  m-1/door discrete_input 0 bool false 14
  m-1/power input_register 40 float32 true 1
  m-1/volt input_register 42 int16 true 25
  m-2/amp input_register 23 int16 true 28
  m-2/power input_register 20 float32 true 4
  m-2/volt input_register 22 int16 true 27
  $ id=$(api GET /profiles/meter | sed -n 's/^{"id":\([0-9]*\),"name":"volt".*/\1/p')
  $ tags "$power, {\"id\": $id, \"name\": \"amp\", \"modbus\": {\"table\": \"input_register\", \"address\": 2, \"type\": \"int16\"}}, {\"id\": $((id + 1)), \"name\": \"volt\", \"modbus\": {\"table\": \"input_register\", \"type\": \"int16\"}}" | tail -1
  {"id":7,"name":"volt","modbus":{"table":"input_register","type":"int16","address":3}}],"devices":4,"id":1,"revision":29,"created_at":"TIME","updated_at":"TIME"}
  $ places m-1
  m-1/amp input_register 42 int16 true 25
  m-1/door discrete_input 0 bool false 14
  m-1/power input_register 40 float32 true 1
  m-1/volt input_register 43 int16 true 26
  $ tags "$power, {\"name\": \"amp\", \"modbus\": {\"table\": \"input_register\", \"address\": 65000, \"type\": \"int16\"}}"
  200
  {"name":"meter","label":"","description":"","params":{"serial":{"description":"on its plate"},"stale":{"default":120},"new":{"default":"n"}},"room":{"input_register":20},"device":{"label":"meter {serial}","mqtt":{"topic":"tele/{serial}","stale_after_s":"{stale}"},"description":"{new}"},"tags":[
  {"id":1,"name":"power","unit":"{serial}","mqtt":{"key":"/{serial}/p"},"modbus":{"table":"input_register","type":"float32","address":0}},
  {"id":6,"name":"amp","modbus":{"table":"input_register","address":65000,"type":"int16"}}],"devices":4,"id":1,"revision":30,"created_at":"TIME","updated_at":"TIME"}
  $ errors PATCH /profiles/meter '{"name": "meter-2"}' | tail -1 | grep -o '"devices".*'
  "devices":4,"id":1,"revision":31,"created_at":"TIME","updated_at":"TIME"}
  $ api GET /devices/m-1 | grep -o '"profile":{"name":"[^"]*"'
  "profile":{"name":"meter-2"
  $ errors PATCH /devices/m-1/tags/amp '{"unit": "A"}'
  409
  errors:
  {"pointer":"","code":"profile_tag","detail":"the tag amp of the device m-1 follows the profile meter-2: change it there, at /api/v1/profiles/meter-2, or let the device leave the profile and keep its tags, with PATCH of the device and {\"profile\": null}"}]}

Devices of a profile: pages; many at once; more deletions than 20:

  $ list() { api GET "/profiles/$1" | grep -o '^[0-9]*$\|^{"name":"[^"]*"\|"total".*\|"items":\[\]\|"detail":.*'; }
  $ list meter-2/devices
  200
  {"name":"m-1"
  {"name":"m-2"
  {"name":"u-1"
  {"name":"u-2"
  "total":4,"next":null}
  $ list 'meter-2/devices?limit=2'
  200
  {"name":"m-1"
  {"name":"m-2"
  "total":4,"next":"m-2"}
  $ list 'meter-2/devices?limit=2&after=m-2'
  200
  {"name":"u-1"
  {"name":"u-2"
  "total":4,"next":null}
  $ list 'meter-2/devices?limit=0'
  400
  "detail":"limit must be an integer from 1 to 1000.","errors":[]}
  $ list 'plain/devices?after=p-1'
  200
  "items":[]
  "total":3,"next":null}
  $ errors DELETE /profiles/meter-2
  409
  errors:
  {"pointer":"","code":"in_use","detail":"4 devices use the profile: m-1, m-2, u-1, u-2; delete them first, or let them leave it with \"profile\": null"}]}
  $ many() { errors POST "/profiles/${profile:-meter-2}/devices" "$1"; }
  $ many '[{"name": "n-1", "params": {"serial": "1"}}, {"name": "n-2", "params": {"serial": "2"}, "unit_id": 14, "base": {"input_register": 100}, "label": "meter 2", "description": "n", "network": {"address": "k", "unit_id": 3}}]'
  422
  errors:
  {"pointer":"/0","code":"table_full","detail":"input_register of unit 1 has no gap of 65001 free registers"}]}
  $ places n-2
  $ errors PATCH /profiles/meter-2 "{\"tags\": [$power]}" | head -1
  200
  $ many '[{"name": "n-1", "params": {"serial": "1"}}, {"name": "n-2", "params": {"serial": "2"}, "unit_id": 14, "base": {"input_register": 100}, "label": "meter 2", "description": "n", "network": {"address": "k", "unit_id": 3}}]'
  201
  {"created":2,"devices":[
  {"name":"n-1","unit_id":1,"profile":{"name":"meter-2","params":{"serial":"1"},"base":{"input_register":60}}},
  {"name":"n-2","unit_id":14,"profile":{"name":"meter-2","params":{"serial":"2"},"base":{"input_register":100}}}]}
  $ places n-2
  n-2/power input_register 100 float32 true 34
  $ many '[]'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an array of devices, such as [{\"name\": \"meter-1\", \"params\": {\"serial\": \"4711\"}}]"}]}
  $ many '{}'
  422
  errors:
  {"pointer":"","code":"wrong_type","detail":"must be an array of devices, such as [{\"name\": \"meter-1\", \"params\": {\"serial\": \"4711\"}}]"}]}
  $ many '[5, {"name": "n-3", "profile": "meter-2"}, {"name": "n-1", "params": {"serial": "1"}}, {"params": {"serial": 1}}, {"name": "n-4"}, {"name": "n-5", "params": {"serial": "1", "x": 2}, "base": {"coil": -1}, "color": 3, "unit_id": 99, "network": 5}, {"name": "n-6", "params": {"serial": "1"}, "label": "own", "unit_id": 21}]'
  422
  errors:
  {"pointer":"/0","code":"wrong_type","detail":"must be an object, a device"},
  {"pointer":"/1/profile","code":"unknown_field","detail":"follows from the path; params and base belong beside the name"},
  {"pointer":"/3/name","code":"required","detail":"is required"},
  {"pointer":"/4/params/serial","code":"required","detail":"is required by the profile meter-2: on its plate"},
  {"pointer":"/5/color","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/5/base/coil","code":"out_of_range","detail":"must be an integer from 0 to 65535"},
  {"pointer":"/5/unit_id","code":"unknown_unit","detail":"unit 99 is not on the local server; [common] units lists its units"},
  {"pointer":"/6/label","code":"profile_setting","detail":"is set by the profile meter-2: change the profile or the parameters of the device, or let the device leave it with \"profile\": null"},
  {"pointer":"/6/unit_id","code":"unknown_unit","detail":"unit 21 is not on the local server; [common] units lists its units"}]}
  $ many '[{"name": "n-1", "params": {"serial": "1"}}, {"name": "n-7", "params": {"serial": "1"}}, {"name": "n-7", "params": {"serial": "1"}}]'
  409
  errors:
  {"pointer":"/0/name","code":"name_taken","detail":"a device named n-1 already exists"},
  {"pointer":"/2/name","code":"name_taken","detail":"a device named n-7 already exists"}]}
  $ many '[{"name": "n-8", "params": {"serial": "1"}, "base": {"input_register": 0}, "unit_id": 15}, {"name": "n-9", "params": {"serial": "1"}, "base": {"input_register": 1}, "unit_id": 15}]'
  409
  errors:
  {"pointer":"/0","code":"overlap","detail":"n-8/power would overlap: input_register 1 to 2 (300002 to 300003) in unit 15 belong to n-9/power; give the device another base or unit_id"},
  {"pointer":"/1","code":"overlap","detail":"n-9/power would overlap: input_register 0 to 1 (300001 to 300002) in unit 15 belong to n-8/power; give the device another base or unit_id"}]}
  $ profile=none many '[]'
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"No profile has the name \"none\".","errors":[]}
  $ profile=plain many '[{"name": "n-8"}]'
  422
  errors:
  {"pointer":"/0/mqtt/topic","code":"required","detail":"is required"}]}
  $ profile=plain many '[{"name": "n-8", "mqtt": {"topic": "t"}}, {"name": "n-9", "mqtt": {"topic": "t"}}]'
  201
  {"created":2,"devices":[
  {"name":"n-8","unit_id":1,"profile":{"name":"plain","params":{},"base":{"holding_register":98}}},
  {"name":"n-9","unit_id":1,"profile":{"name":"plain","params":{},"base":{"holding_register":128}}}]}
  $ twenty() { for i in $(seq 0 "$1"); do printf '%s{"name":"v%d","modbus":{"type":"int16"}}' "${comma:-}" "$i"; comma=', '; done; }
  $ errors PUT /profiles/plain "{\"room\": {\"holding_register\": 30}, \"tags\": [$(twenty 6)]}" | head -1
  200
  $ errors PUT /profiles/plain "{\"room\": {\"holding_register\": 30}, \"tags\": [$(twenty 0)]}"
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"This deletes 30 objects: 6 tags of the profile in each of 5 devices. Repeat the request with confirm=30 to delete them."}],"confirm":30}
  $ errors PUT '/profiles/plain?confirm=29' "{\"room\": {\"holding_register\": 30}, \"tags\": [$(twenty 0)]}"
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"confirm is 29, but this deletes 30 objects: 6 tags of the profile in each of 5 devices. Nothing was changed."}],"confirm":30}
  $ errors PUT '/profiles/plain?confirm=30' "{\"room\": {\"holding_register\": 30}, \"tags\": [$(twenty 0)]}" | head -1
  200
  $ errors PUT /profiles/plain "{\"room\": {\"holding_register\": 30}, \"tags\": [$(twenty 21)]}" | head -1
  200
  $ errors PATCH /devices/n-9 '{"profile": {"name": "meter-2", "params": {"serial": 1}}, "mqtt": {"topic": null}}'
  409
  errors:
  {"pointer":"","code":"confirm_required","detail":"This deletes 22 objects: tags of the former profile that the new one does not have. Repeat the request with confirm=22 to delete them."}],"confirm":22}
  $ errors PATCH '/devices/n-9?dry_run=true' '{"profile": {"name": "meter-2", "params": {"serial": 1}}, "mqtt": {"topic": null}}' | head -1
  200
  $ errors PATCH '/devices/n-9?confirm=22' '{"profile": {"name": "meter-2", "params": {"serial": 1}}, "mqtt": {"topic": null}}' | head -1
  200
  $ for i in $(seq 1 6); do device "z-$i" '"mqtt": {"topic": "t"}, "profile": "plain"' | head -1; done | uniq -c
        6 201
  $ errors DELETE /profiles/plain
  409
  errors:
  {"pointer":"","code":"in_use","detail":"10 devices use the profile: far, m-3, n-8, p-1, z-1, z-2, z-3, z-4, z-5, z-6; delete them first, or let them leave it with \"profile\": null"}]}
  $ device z-7 '"mqtt": {"topic": "t"}, "profile": "plain"' | head -1
  201
  $ errors DELETE /profiles/plain
  409
  errors:
  {"pointer":"","code":"in_use","detail":"11 devices use the profile: far, m-3, n-8, p-1, z-1, z-2, z-3, z-4, z-5, z-6, \xe2\x80\xa6; delete them first, or let them leave it with \\"profile\\": null"}]} (esc)

A profile of a device:

  $ device own '"label": "Kessel 4712", "description": "x", "enabled": false, "network": {"unit_id": 16, "address": "k", "poll_interval_ms": 500}, "mqtt": {"topic": "plant/own/4712", "qos": 2, "availability_topic": "own", "where": {"id": "4712", "n": 4712}, "request": {"topic": "own/get", "payload": "own 4712", "interval_s": 60}}, "status": {"address": 107}' | head -1
  201
  $ errors PUT /devices/own/tags/t-1 '{"unit": "4712", "mqtt": {"key": "/4712/x", "values": {"own": 1, "4712": 2}, "topic": "own/x/ownx", "pattern": "4712(.)"}, "modbus": {"table": "input_register", "address": 101, "type": "int16", "on_stale": 4712}}' | head -1
  201
  $ errors PUT /devices/own/tags/t-2 '{"direction": "to_mqtt", "mqtt": {"command_topic": "4712/own", "command_template": "own 4712 {value}", "expires_s": 5, "expire_value": 4712}, "modbus": {"address": 7, "type": "int16"}}' | head -1
  201
  $ errors PUT /devices/own/tags/t-3 '{"direction": "constant", "modbus": {"constant": "4712", "type": "string", "length": 2, "address": 10}}' | head -1
  201
  $ errors PUT /devices/own/tags/t-4 '{"mqtt": {"key": "other"}, "modbus": {"type": "float32", "address": 12, "on_stale": "nan", "scale": 0.5}}' | head -1
  201
  $ errors POST /profiles '{"from_device": "own", "name": "of-own", "label": "L", "params": {"serial": "4712", "part": "47"}, "use": false}'
  201
  {"name":"of-own","label":"L","description":"","params":{"serial":{},"part":{}},"room":{},"device":{"label":"Kessel {serial}","enabled":false,"network":{"poll_interval_ms":500},"mqtt":{"topic":"plant/{device}/{serial}","qos":2,"availability_topic":"{device}","where":{"id":"{serial}","n":4712},"request":{"topic":"{device}/get","payload":"own {serial}","interval_s":60,"qos":0}},"status":{"table":"input_register","address":7}},"tags":[
  {"id":36,"name":"t-1","unit":"{serial}","mqtt":{"key":"/{serial}/x","topic":"{device}/x/ownx","values":{"own":1,"4712":2},"pattern":"{serial}(.)"},"modbus":{"table":"input_register","address":1,"type":"int16","on_stale":4712}},
  {"id":37,"name":"t-2","direction":"to_mqtt","mqtt":{"command_topic":"{serial}/{device}","command_template":"own {serial} {value}","expires_s":5,"expire_value":4712},"modbus":{"table":"holding_register","address":1,"type":"int16"}},
  {"id":38,"name":"t-3","direction":"constant","modbus":{"table":"holding_register","address":4,"type":"string","length":2,"constant":"4712"}},
  {"id":39,"name":"t-4","mqtt":{"key":"other"},"modbus":{"table":"holding_register","address":6,"type":"float32","scale":0.5,"on_stale":"nan"}}],"devices":0,"id":3,"revision":51,"created_at":"TIME","updated_at":"TIME"}
  $ errors POST /profiles '{"from_device": "own", "name": "of-own"}'
  409
  errors:
  {"pointer":"/name","code":"name_taken","detail":"a profile named of-own already exists"}]}
  $ errors POST /profiles '{"from_device": "own", "name": "of-own-2", "params": {"serial": "4712"}, "use": true}' | head -1
  201
  $ api GET /devices/own | tail -1 | grep -o '"profile":{.*"network"\|"status":.*'
  "profile":{"name":"of-own-2","params":{"serial":"4712"},"base":{"input_register":100,"holding_register":6}},"network"
  "status":{"table":"input_register","address":107},"id":20,"revision":52,"created_at":"TIME","updated_at":"TIME"}
  $ places own
  own/t-1 input_register 101 int16 true 334
  own/t-2 holding_register 7 int16 true 335
  own/t-3 holding_register 10 string true 336
  own/t-4 holding_register 12 float32 true 337
  $ errors POST /profiles '{"from_device": "none", "name": 5, "params": [], "use": 1, "color": 2}'
  422
  errors:
  {"pointer":"/color","code":"unknown_field","detail":"unknown member; expected one of: from_device, name, label, description, params, use"},
  {"pointer":"/from_device","code":"unknown_device","detail":"must be the name of a device"},
  {"pointer":"/params","code":"wrong_type","detail":"must be an object, from parameters to their texts in this device"},
  {"pointer":"/use","code":"wrong_type","detail":"must be true or false"}]}
  $ errors POST /profiles '{"from_device": 5, "params": {"a": 1, "b/c": "", "d": null}, "use": "true"}'
  422
  errors:
  {"pointer":"/from_device","code":"unknown_device","detail":"must be the name of a device"},
  {"pointer":"/params/a","code":"wrong_type","detail":"must be the text that stands in this device"},
  {"pointer":"/params/b~1c","code":"wrong_type","detail":"must be the text that stands in this device"},
  {"pointer":"/params/d","code":"wrong_type","detail":"must be the text that stands in this device"},
  {"pointer":"/use","code":"wrong_type","detail":"must be true or false"}]}
  $ errors POST /profiles '{"from_device": "own"}'
  422
  errors:
  {"pointer":"/name","code":"required","detail":"is required"}]}
  $ errors POST /profiles '{"from_device": "own", "name": "x", "params": {"device": "4712"}}'
  422
  errors:
  {"pointer":"/params/device","code":"invalid_name","detail":"must begin with a letter and have only letters, digits and '_', at most 32; device, tag and value have a meaning of their own"}]}
  $ errors POST /profiles '{"from_device": "p-1", "name": "of-p", "params": null, "use": null}' | head -2
  201
  {"name":"of-p","label":"","description":"","params":{},"room":{},"device":{"mqtt":{"topic":"own"}},"tags":[

The audit of a profile:

  $ api GET '/audit?profile=meter-2&limit=2' | sed 's/"request_id":"[^"]*"/"request_id":"ID"/'
  200
  {"items":[
  {"id":35,"revision":33,"at":"TIME","who":"","remote":"127.0.0.1","request_id":"ID","action":"create","kind":"all","device":null,"tag":null,"profile":"meter-2","before":null,"after":{"profile":"meter-2","created":2,"details":2},"diff":[]},
  {"id":32,"revision":32,"at":"TIME","who":"","remote":"127.0.0.1","request_id":"ID","action":"change","kind":"profile","device":null,"tag":null,"profile":"meter-2","before":{"name":"meter-2","label":"","description":"","params":{"serial":{"description":"on its plate"},"stale":{"default":120},"new":{"default":"n"}},"room":{"input_register":20},"device":{"label":"meter {serial}","mqtt":{"topic":"tele/{serial}","stale_after_s":"{stale}"},"description":"{new}"},"tags":[
  {"id":1,"name":"power","unit":"{serial}","mqtt":{"key":"/{serial}/p"},"modbus":{"table":"input_register","type":"float32","address":0}},
  {"id":6,"name":"amp","modbus":{"table":"input_register","address":65000,"type":"int16"}}],"devices":0,"id":1,"revision":31,"created_at":"TIME","updated_at":"TIME"},"after":{"name":"meter-2","label":"","description":"","params":{"serial":{"description":"on its plate"},"stale":{"default":120},"new":{"default":"n"}},"room":{"input_register":20},"device":{"label":"meter {serial}","mqtt":{"topic":"tele/{serial}","stale_after_s":"{stale}"},"description":"{new}"},"tags":[
  {"id":1,"name":"power","unit":"{serial}","mqtt":{"key":"/{serial}/p"},"modbus":{"table":"input_register","type":"float32","address":0}}],"devices":0,"id":1,"revision":32,"created_at":"TIME","updated_at":"TIME"},"diff":[
  {"pointer":"/tags/1","before":{"id":6,"name":"amp","modbus":{"table":"input_register","address":65000,"type":"int16"}},"after":null}]}],"total":3,"next":"32"}
