Copies of devices: names, topics, addresses, profiles, and what is wrong.

Options: common.units=1-20

  $ errors() { api "$@" | sed -e 's/^{"type".*"errors":\[$/errors:/'; }
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
  {"name":"kettle","label":"the kettle","description":"kettle-hall","enabled":true,"profile":null,..:{"topic":"plant/kettle/tele","qos":1,"availability_topic":"plant/kettle/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"kettle","n":5,"b":true},"request":{"topic":"plant/kettle/get","payload":"hello kettle","interval_s":60,"qos":1}},"status":{"table":"input_register","address":34},"id":2,"revision":5,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"kettle","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":1,"modicon":"100002","type":"bool",..:false,"id":4,"revision":5,"created_at":"TIME","updated_at":"TIME"},
  {"device":"kettle","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/kettle","command_template":"kettle={value} {device}",..:{"table":"holding_register","address":105,"modicon":"400106","type":"int32",..:false,"id":5,"revision":5,"created_at":"TIME","updated_at":"TIME"},
  {"device":"kettle","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/kettle/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":25,"modicon":"300026","type":"int16",..:false,"id":6,"revision":5,"created_at":"TIME","updated_at":"TIME"}]}]}
  $ api GET /devices/kettle | brief
  200
  {"name":"kettle","label":"the kettle","description":"kettle-hall","enabled":true,"profile":null,..:{"topic":"plant/kettle/tele","qos":1,"availability_topic":"plant/kettle/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"kettle","n":5,"b":true},"request":{"topic":"plant/kettle/get","payload":"hello kettle","interval_s":60,"qos":1}},"status":{"table":"input_register","address":34},"id":2,"revision":5,"created_at":"TIME","updated_at":"TIME"}
  $ places kettle
  kettle/on discrete_input 1 {"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  kettle/set holding_register 105 {"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/kettle","command_template":"kettle={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  kettle/temp input_register 25 {"key":"/boiler/temp","topic":"plant/kettle/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0}
  $ copy '{"copies": [{"name": "pot-1", "topic": "hall/2/tele"}, {"name": "pot-2", "topic": "x"}, {"name": "pot-3", "topic": "plant/boiler/tele", "label": "third", "where": {"id": "p3"}}, {"name": "pot-4", "topic": "plant/pan/tele", "unit_id": 4}]}' | brief
  201
  {"created":16,"dry_run":false,"devices":[
  {"name":"pot-1","label":"the 2","description":"2-hall","enabled":true,"profile":null,..:{"topic":"hall/2/tele","qos":1,"availability_topic":"hall/2/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"2","n":5,"b":true},"request":{"topic":"hall/2/get","payload":"hello 2","interval_s":60,"qos":1}},"status":{"table":"input_register","address":48},"id":3,"revision":6,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-1","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":2,"modicon":"100003","type":"bool",..:false,"id":7,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-1","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/2","command_template":"2={value} {device}",..:{"table":"holding_register","address":109,"modicon":"400110","type":"int32",..:false,"id":8,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-1","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"hall/2/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":39,"modicon":"300040","type":"int16",..:false,"id":9,"revision":6,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"pot-2","label":"the pot-2","description":"pot-2-hall","enabled":true,"profile":null,..:{"topic":"x","qos":1,"availability_topic":"plant/pot-2/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"pot-2","n":5,"b":true},"request":{"topic":"plant/pot-2/get","payload":"hello pot-2","interval_s":60,"qos":1}},"status":{"table":"input_register","address":62},"id":4,"revision":6,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-2","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":3,"modicon":"100004","type":"bool",..:false,"id":10,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-2","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pot-2","command_template":"pot-2={value} {device}",..:{"table":"holding_register","address":113,"modicon":"400114","type":"int32",..:false,"id":11,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-2","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/pot-2/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":53,"modicon":"300054","type":"int16",..:false,"id":12,"revision":6,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"pot-3","label":"third","description":"pot-3-hall","enabled":true,"profile":null,..:{"topic":"plant/boiler/tele","qos":1,"availability_topic":"plant/pot-3/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"p3"},"request":{"topic":"plant/pot-3/get","payload":"hello pot-3","interval_s":60,"qos":1}},"status":{"table":"input_register","address":76},"id":5,"revision":6,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-3","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":4,"modicon":"100005","type":"bool",..:false,"id":13,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-3","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pot-3","command_template":"pot-3={value} {device}",..:{"table":"holding_register","address":117,"modicon":"400118","type":"int32",..:false,"id":14,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-3","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/pot-3/temp","topic":"plant/pot-3/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":67,"modicon":"300068","type":"int16",..:false,"id":15,"revision":6,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"pot-4","label":"the pan","description":"pan-hall","enabled":true,"profile":null,..:{"topic":"plant/pan/tele","qos":1,"availability_topic":"plant/pan/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"pan","n":5,"b":true},"request":{"topic":"plant/pan/get","payload":"hello pan","interval_s":60,"qos":1}},"status":{"table":"input_register","address":20},"id":6,"revision":6,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"pot-4","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"discrete_input","address":0,"modicon":"100001","type":"bool",..:false,"id":16,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-4","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/pan","command_template":"pan={value} {device}",..:{"table":"holding_register","address":101,"modicon":"400102","type":"int32",..:false,"id":17,"revision":6,"created_at":"TIME","updated_at":"TIME"},
  {"device":"pot-4","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/pan/t","payload":"json","values":null,"command_topic":null,"command_template":null,..:{"table":"input_register","address":11,"modicon":"300012","type":"int16",..:false,"id":18,"revision":6,"created_at":"TIME","updated_at":"TIME"}]}]}
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
  {"name":"pot-3","label":"third","description":"pot-3-hall","enabled":true,"profile":null,..:{"topic":"plant/boiler/tele","qos":1,"availability_topic":"plant/pot-3/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline",..:{"id":"p3"},"request":{"topic":"plant/pot-3/get","payload":"hello pot-3","interval_s":60,"qos":1}},"status":{"table":"input_register","address":76},"id":5,"revision":6,"created_at":"TIME","updated_at":"TIME"}
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
  {"name":"c-0","label":"the c-0","description":"c-0-hall","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"plant/c-0/tele","qos":1,"availability_topic":"plant/c-0/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":{"id":"c-0","n":5,"b":true},"request":{"topic":"plant/c-0/get","payload":"hello c-0","interval_s":60,"qos":1}},"status":{"table":"input_register","address":65532},"id":9,"revision":8,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"c-0","name":"on","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"on","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"discrete_input","address":5,"modicon":"100006","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":25,"revision":8,"created_at":"TIME","updated_at":"TIME"},
  {"device":"c-0","name":"set","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"set","topic":null,"payload":"json","values":null,"command_topic":"cmnd/c-0","command_template":"c-0={value} {device}","command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":121,"modicon":"400122","type":"int32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":26,"revision":8,"created_at":"TIME","updated_at":"TIME"},
  {"device":"c-0","name":"temp","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/boiler/temp","topic":"plant/c-0/t","payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":65523,"modicon":"365524","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":27,"revision":8,"created_at":"TIME","updated_at":"TIME"}]}]}
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
  {"name":"even-2","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"t","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":12,"revision":11,"created_at":"TIME","updated_at":"TIME","tags":[]}]}
  $ errors GET /devices/even-2
  404
  {"type":"about:blank","title":"Not Found","status":404,"detail":"There is no device \"even-2\".","errors":[]}
  $ errors POST '/devices/odd/copy?dry_run=x' '{"copies": [{"name": "even-2", "topic": "t"}]}'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"dry_run must be true or false.","errors":[]}
  $ api POST /devices/odd/copy '{"copies": [{"name": "even-3", "topic": "t"}]}' -H 'If-Match: "1"'
  412
  {"type":"about:blank","title":"Precondition Failed","status":412,"detail":"If-Match does not name the current version, which is \"9\".","errors":[]}
  $ api GET '/audit?limit=1'
  200
  {"items":[
  {"id":43,"revision":10,"at":"TIME","who":"","remote":"127.0.0.1","request_id":"ID","action":"copy","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"copied":"odd","created":1,"details":1},"diff":[]}],"total":43,"next":"43"}

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
  {"name":"m-5","label":"","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":"m-5","site":"hall m-5"},"base":{"holding_register":133}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/m-5","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":20,"revision":19,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"m-5","name":"own","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"own","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":134,"modicon":"400135","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":41,"revision":19,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"m-6","label":"","description":"","enabled":true,"profile":{"name":"meter","params":{"serial":"m-6","site":"hall m-6"},"base":{"holding_register":143}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"tele/m-6","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":21,"revision":19,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"m-6","name":"own","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"own","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":144,"modicon":"400145","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":43,"revision":19,"created_at":"TIME","updated_at":"TIME"}]}]}
  $ device=m-1 copy '{"copies": [{"name": "m-5"}, {"name": "m-6"}], "stride": {"holding_register": 1000}}' | grep -o '^[0-9]*$\|{"created.*\|"profile":{.*"network"'
  409
