Export and import of the whole configuration as JSON, with profiles; the register map; what an import of JSON refuses.
Options: common.units=1-20

  $ put() { api POST "/import?${1-}" -H 'Content-Type: application/json' --data-binary @-; }
  $ text() { api POST "/import?${1-}" -H 'Content-Type: application/json' -H 'Accept: text/plain' --data-binary @-; }

Nothing is there.

  $ api GET /export
  200
  {"profiles":[],"devices":[]}
  $ api GET '/export?format=csv' | tr -d '\r'
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description
  $ api GET '/export?format=map' | sed 's/<style>.*<.style>//'
  200
  <!doctype html>
  <html lang=en><head><meta charset=utf-8><title>Register map</title></head><body>
  <h1>Register map</h1>
  <p>value = register \xc3\x97 scale + add. Offsets count from 0, Modicon addresses from 1.</p> (esc)
  </body></html>
  $ api GET '/export?format=map' -H 'Accept: text/csv' | tr -d '\r'
  200
  Device,Server,Modbus unit,Tag,Table,Modicon,Offset,Registers,Type,Order,Bit,Byte,Scale,Add,Unit,Access,Description
  $ api GET '/export?format=kepware' | tr -d '\r'
  200
  Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value
  $ api GET '/export?format=ignition'
  200
  {"tags":[]}

A profile, a device of it, a device with tags of every kind, a device on another server.

  $ cat >all.json <<'END'
  > {"devices": [
  >  {"name": "press-1", "label": "Press \u003c1\u003e", "description": "a & \"b\"", "network": {"unit_id": 12}, "mqtt": {"topic": "hall/press", "qos": 2, "stale_after_s": 30, "availability_topic": "hall/lwt"}, "status": {"table": "input_register", "address": 1000}, "tags": [
  >   {"name": "temp", "unit": "°C", "description": "x > y", "mqtt": {"key": "t"}, "modbus": {"address": 100, "type": "float32", "byte_order": "CDAB", "scale": 0.1, "offset": -40, "on_stale": "nan"}},
  >   {"name": "run", "direction": "both", "mqtt": {"key": "r", "command_topic": "hall/set"}, "modbus": {"table": "coil", "address": 15, "type": "bool"}},
  >   {"name": "flag", "enabled": false, "mqtt": {"key": "f"}, "modbus": {"address": 50, "type": "bool", "bit": 11}},
  >   {"name": "flag2", "mqtt": {"key": "f2"}, "modbus": {"address": 50, "type": "bool", "bit": 2}},
  >   {"name": "low", "mqtt": {"key": "l"}, "modbus": {"address": 51, "type": "uint8", "byte": "high"}},
  >   {"name": "word", "mqtt": {"key": "w"}, "modbus": {"table": "input_register", "address": 10, "type": "string", "length": 16}}]},
  >  {"name": "oven", "network": {"unit_id": 13}, "mqtt": {"topic": "o"}},
  >  {"name": "far", "enabled": false, "network": {"modbus_host": "192.0.2.9", "modbus_port": 1502, "unit_id": 7}, "mqtt": {"topic": "f"}, "tags": [{"name": "x", "modbus": {"address": 65535, "type": "int16"}}]},
  >  {"name": "near", "network": {"gateway": "line-2", "unit_id": 14}, "mqtt": {"topic": "n"}, "tags": [{"name": "x", "modbus": {"address": 3, "type": "int16"}}]},
  >  {"name": "m-1", "network": {"unit_id": 15}, "profile": {"name": "meter", "params": {"id": 37}, "base": {"holding_register": 200}}, "tags": [{"name": "own", "modbus": {"address": 300, "type": "int16"}}]}],
  >  "profiles": [{"name": "meter", "params": {"id": {}}, "device": {"mqtt": {"topic": "meter/{id}"}}, "tags": [{"name": "p", "mqtt": {"key": "p"}, "modbus": {"address": 2, "type": "int32"}}]}]}
  > END
  $ text dry_run=true <all.json
  200
  Nothing is imported yet, this is a dry run: 15 created, 0 changed, 0 deleted.
  action  name           address    type     difference
  create  profile meter
  create  press-1
  create  press-1/temp   400101     float32
  create  press-1/run    000016     bool
  create  press-1/flag   400051.11  bool
  create  press-1/flag2  400051.2   bool
  create  press-1/low    400052     uint8
  create  press-1/word   300011     string
  create  oven
  create  far
  create  far/x          465536     int16
  create  near
  create  near/x         400004     int16
  create  m-1
  create  m-1/own        400301     int16
  $ put <all.json
  200
  {"created":15,"changed":0,"deleted":0,"dry_run":false,"changes":[
  {"action":"create","profile":"meter"},
  {"action":"create","device":"press-1","tag":null,"before":null,"after":{"name":"press-1","label":"Press <1>","description":"a & \"b\"","network":{"unit_id":12},"mqtt":{"topic":"hall/press","qos":2,"availability_topic":"hall/lwt","stale_after_s":30},"status":{"table":"input_register","address":1000}}},
  {"action":"create","device":"press-1","tag":"temp","table":"holding_register","address":100,"modicon":"400101","before":null,"after":{"name":"temp","description":"x > y","unit":"\xc2\xb0C","mqtt":{"key":"t"},"modbus":{"table":"holding_register","address":100,"type":"float32","byte_order":"CDAB","scale":0.1,"offset":-40,"on_stale":"nan"}}}, (esc)
  {"action":"create","device":"press-1","tag":"run","table":"coil","address":15,"modicon":"000016","before":null,"after":{"name":"run","direction":"both","mqtt":{"key":"r","command_topic":"hall/set"},"modbus":{"table":"coil","address":15,"type":"bool"}}},
  {"action":"create","device":"press-1","tag":"flag","table":"holding_register","address":50,"modicon":"400051","before":null,"after":{"name":"flag","enabled":false,"mqtt":{"key":"f"},"modbus":{"table":"holding_register","address":50,"type":"bool","bit":11}}},
  {"action":"create","device":"press-1","tag":"flag2","table":"holding_register","address":50,"modicon":"400051","before":null,"after":{"name":"flag2","mqtt":{"key":"f2"},"modbus":{"table":"holding_register","address":50,"type":"bool","bit":2}}},
  {"action":"create","device":"press-1","tag":"low","table":"holding_register","address":51,"modicon":"400052","before":null,"after":{"name":"low","mqtt":{"key":"l"},"modbus":{"table":"holding_register","address":51,"type":"uint8","byte":"high"}}},
  {"action":"create","device":"press-1","tag":"word","table":"input_register","address":10,"modicon":"300011","before":null,"after":{"name":"word","mqtt":{"key":"w"},"modbus":{"table":"input_register","address":10,"type":"string","length":16}}},
  {"action":"create","device":"oven","tag":null,"before":null,"after":{"name":"oven","network":{"unit_id":13},"mqtt":{"topic":"o"}}},
  {"action":"create","device":"far","tag":null,"before":null,"after":{"name":"far","enabled":false,"network":{"modbus_host":"192.0.2.9","modbus_port":1502,"unit_id":7},"mqtt":{"topic":"f"}}},
  {"action":"create","device":"far","tag":"x","table":"holding_register","address":65535,"modicon":"465536","before":null,"after":{"name":"x","mqtt":{"key":"x"},"modbus":{"table":"holding_register","address":65535,"type":"int16"}}},
  {"action":"create","device":"near","tag":null,"before":null,"after":{"name":"near","network":{"unit_id":14,"gateway":"line-2"},"mqtt":{"topic":"n"}}},
  {"action":"create","device":"near","tag":"x","table":"holding_register","address":3,"modicon":"400004","before":null,"after":{"name":"x","mqtt":{"key":"x"},"modbus":{"table":"holding_register","address":3,"type":"int16"}}},
  {"action":"create","device":"m-1","tag":null,"before":null,"after":{"name":"m-1","profile":{"name":"meter","params":{"id":37},"base":{"holding_register":200}},"network":{"unit_id":15},"mqtt":{"topic":"meter/37"}}},
  {"action":"create","device":"m-1","tag":"own","table":"holding_register","address":300,"modicon":"400301","before":null,"after":{"name":"own","mqtt":{"key":"own"},"modbus":{"table":"holding_register","address":300,"type":"int16"}}}]}
  $ put changes=none <all.json
  200
  {"created":0,"changed":0,"deleted":0,"dry_run":false}
  $ api GET /export >export.json; cat export.json
  200
  {"profiles":[
  {"name":"meter","label":"","description":"","params":{"id":{}},"room":{},"device":{"mqtt":{"topic":"meter/{id}"}},"tags":[
  {"id":1,"name":"p","mqtt":{"key":"p"},"modbus":{"address":2,"type":"int32","table":"holding_register"}}],"devices":1,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}],"devices":[
  {"name":"far","label":"","description":"","enabled":false,"profile":null,"network":{"address":null,"modbus_host":"192.0.2.9","modbus_port":1502,"framing":"tcp","tls":false,"unit_id":7,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"f","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":3,"revision":1,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"far","name":"x","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"x","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":65535,"modicon":"465536","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":7,"revision":1,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"m-1","label":"","description":"","enabled":true,"profile":{"name":"meter","params":{"id":37},"base":{"holding_register":200}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":15,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"meter/37","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":5,"revision":1,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"m-1","name":"own","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"own","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":300,"modicon":"400301","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":10,"revision":1,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"near","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":14,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":"line-2"},"mqtt":{"topic":"n","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":4,"revision":1,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"near","name":"x","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"x","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":3,"modicon":"400004","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":8,"revision":1,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"oven","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":13,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"o","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":2,"revision":1,"created_at":"TIME","updated_at":"TIME","tags":[]},
  {"name":"press-1","label":"Press <1>","description":"a & \"b\"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":12,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"hall/press","qos":2,"availability_topic":"hall/lwt","availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":30,"timestamp_key":null,"where":null,"request":null},"status":{"table":"input_register","address":1000},"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"press-1","name":"flag","label":"","description":"","unit":"","enabled":false,"direction":"to_modbus","mqtt":{"key":"f","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":50,"modicon":"400051","type":"bool","byte_order":"ABCD","bit":11,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":3,"revision":1,"created_at":"TIME","updated_at":"TIME"},
  {"device":"press-1","name":"flag2","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"f2","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":50,"modicon":"400051","type":"bool","byte_order":"ABCD","bit":2,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":4,"revision":1,"created_at":"TIME","updated_at":"TIME"},
  {"device":"press-1","name":"low","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"l","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":51,"modicon":"400052","type":"uint8","byte_order":"ABCD","bit":null,"byte":"high","length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":5,"revision":1,"created_at":"TIME","updated_at":"TIME"},
  {"device":"press-1","name":"run","label":"","description":"","unit":"","enabled":true,"direction":"both","mqtt":{"key":"r","topic":null,"payload":"json","values":null,"command_topic":"hall/set","command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"coil","address":15,"modicon":"000016","type":"bool","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":2,"revision":1,"created_at":"TIME","updated_at":"TIME"},
  {"device":"press-1","name":"temp","label":"","description":"x > y","unit":"\xc2\xb0C","enabled":true,"direction":"to_modbus","mqtt":{"key":"t","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":100,"modicon":"400101","type":"float32","byte_order":"CDAB","bit":null,"byte":null,"length":null,"scale":0.1,"offset":-40,"on_overflow":"reject","on_stale":"nan","on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}, (esc)
  {"device":"press-1","name":"word","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"w","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":10,"modicon":"300011","type":"string","byte_order":"ABCD","bit":null,"byte":null,"length":16,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":6,"revision":1,"created_at":"TIME","updated_at":"TIME"}]}]}
  $ api GET '/export?device=oven,m-1'
  200
  {"profiles":[
  {"name":"meter","label":"","description":"","params":{"id":{}},"room":{},"device":{"mqtt":{"topic":"meter/{id}"}},"tags":[
  {"id":1,"name":"p","mqtt":{"key":"p"},"modbus":{"address":2,"type":"int32","table":"holding_register"}}],"devices":1,"id":1,"revision":1,"created_at":"TIME","updated_at":"TIME"}],"devices":[
  {"name":"m-1","label":"","description":"","enabled":true,"profile":{"name":"meter","params":{"id":37},"base":{"holding_register":200}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":15,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"meter/37","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":5,"revision":1,"created_at":"TIME","updated_at":"TIME","tags":[
  {"device":"m-1","name":"own","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"own","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":300,"modicon":"400301","type":"int16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":10,"revision":1,"created_at":"TIME","updated_at":"TIME"}]},
  {"name":"oven","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":13,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"o","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":2,"revision":1,"created_at":"TIME","updated_at":"TIME","tags":[]}]}
  $ tail -n +2 export.json | text 'mode=replace&dry_run=true'
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  action     name           address    type     difference
  unchanged  far/x          465536     int16
  unchanged  m-1/own        400301     int16
  unchanged  near/x         400004     int16
  unchanged  press-1/flag   400051.11  bool
  unchanged  press-1/flag2  400051.2   bool
  unchanged  press-1/low    400052     uint8
  unchanged  press-1/run    000016     bool
  unchanged  press-1/temp   400101     float32
  unchanged  press-1/word   300011     string
  $ tail -n +2 export.json | put 'mode=replace&changes=none'
  200
  {"created":0,"changed":0,"deleted":0,"dry_run":false}
  $ api GET '/export?format=csv&delimiter=semicolon' | tr -d '\r'
  200
  \xef\xbb\xbfdevice;topic;unit_id;tag;key;direction;table;address;type;byte_order;bit;length;scale;offset;on_overflow;on_stale;unit;enabled;description;device_label;device_description;device_enabled;profile;modbus_host;modbus_port;gateway;qos;availability_topic;stale_after_s;status_table;status_address;command_topic;byte (esc)
  far;f;7;x;x;to_modbus;holding_register;65535;int16;ABCD;;;1;0;reject;;;true;;;;false;;192.0.2.9;1502;;1;;0;;;;
  m-1;meter/37;15;own;own;to_modbus;holding_register;300;int16;ABCD;;;1;0;reject;;;true;;;;true;"{""name"":""meter"",""params"":{""id"":37},""base"":{""holding_register"":200}}";;502;;1;;0;;;;
  m-1;meter/37;15;p;p;to_modbus;holding_register;202;int32;ABCD;;;1;0;reject;;;true;;;;true;"{""name"":""meter"",""params"":{""id"":37},""base"":{""holding_register"":200}}";;502;;1;;0;;;;
  near;n;14;x;x;to_modbus;holding_register;3;int16;ABCD;;;1;0;reject;;;true;;;;true;;;502;line-2;1;;0;;;;
  oven;o;13;;;;;;;;;;;;;;;;;;;true;;;502;;1;;0;;;;
  press-1;hall/press;12;flag;f;to_modbus;holding_register;50;bool;ABCD;11;;1;0;reject;;;false;;Press <1>;"a & ""b""";true;;;502;;2;hall/lwt;30;input_register;1000;;
  press-1;hall/press;12;flag2;f2;to_modbus;holding_register;50;bool;ABCD;2;;1;0;reject;;;true;;Press <1>;"a & ""b""";true;;;502;;2;hall/lwt;30;input_register;1000;;
  press-1;hall/press;12;low;l;to_modbus;holding_register;51;uint8;ABCD;;;1;0;reject;;;true;;Press <1>;"a & ""b""";true;;;502;;2;hall/lwt;30;input_register;1000;;high
  press-1;hall/press;12;run;r;both;coil;15;bool;ABCD;;;1;0;reject;;;true;;Press <1>;"a & ""b""";true;;;502;;2;hall/lwt;30;input_register;1000;hall/set;
  press-1;hall/press;12;temp;t;to_modbus;holding_register;100;float32;CDAB;;;"0,1";-40;reject;nan;\xc2\xb0C;true;x > y;Press <1>;"a & ""b""";true;;;502;;2;hall/lwt;30;input_register;1000;; (esc)
  press-1;hall/press;12;word;w;to_modbus;input_register;10;string;ABCD;;16;1;0;reject;;;true;;Press <1>;"a & ""b""";true;;;502;;2;hall/lwt;30;input_register;1000;;
  $ api GET '/export?format=map' | sed 's/<style>.*<.style>//'
  200
  <!doctype html>
  <html lang=en><head><meta charset=utf-8><title>Register map</title></head><body>
  <h1>Register map</h1>
  <p>value = register \xc3\x97 scale + add. Offsets count from 0, Modicon addresses from 1.</p> (esc)
  <h2>far</h2>
  <p></p>
  <p>Modbus server: 192.0.2.9:1502, unit 7</p>
  <table>
  <thead><tr><th>Tag</th><th>Table</th><th>Modicon</th><th>Offset</th><th>Registers</th><th>Type</th><th>Order</th><th>Bit</th><th>Byte</th><th>Scale</th><th>Add</th><th>Unit</th><th>Access</th><th>Description</th></tr></thead>
  <tr><td>x</td><td>holding_register</td><td class=n>465536</td><td class=n>65535</td><td class=n>1</td><td>int16</td><td>ABCD</td><td></td><td></td><td>1</td><td>0</td><td></td><td>disabled</td><td></td></tr>
  </table>
  <h2>m-1</h2>
  <p></p>
  <p>Modbus server: Tagferry, unit 15</p>
  <table>
  <thead><tr><th>Tag</th><th>Table</th><th>Modicon</th><th>Offset</th><th>Registers</th><th>Type</th><th>Order</th><th>Bit</th><th>Byte</th><th>Scale</th><th>Add</th><th>Unit</th><th>Access</th><th>Description</th></tr></thead>
  <tr><td>p</td><td>holding_register</td><td class=n>400203</td><td class=n>202</td><td class=n>2</td><td>int32</td><td>ABCD</td><td></td><td></td><td>1</td><td>0</td><td></td><td>read</td><td></td></tr>
  <tr><td>own</td><td>holding_register</td><td class=n>400301</td><td class=n>300</td><td class=n>1</td><td>int16</td><td>ABCD</td><td></td><td></td><td>1</td><td>0</td><td></td><td>read</td><td></td></tr>
  </table>
  <h2>near</h2>
  <p></p>
  <p>Modbus server: Tagferry at line-2, unit 14</p>
  <table>
  <thead><tr><th>Tag</th><th>Table</th><th>Modicon</th><th>Offset</th><th>Registers</th><th>Type</th><th>Order</th><th>Bit</th><th>Byte</th><th>Scale</th><th>Add</th><th>Unit</th><th>Access</th><th>Description</th></tr></thead>
  <tr><td>x</td><td>holding_register</td><td class=n>400004</td><td class=n>3</td><td class=n>1</td><td>int16</td><td>ABCD</td><td></td><td></td><td>1</td><td>0</td><td></td><td>read</td><td></td></tr>
  </table>
  <h2>press-1</h2>
  <p>a &amp; &quot;b&quot;</p>
  <p>Modbus server: Tagferry, unit 12</p>
  <p>Status: Tagferry, unit 12, input_register 301001, offsets 1000 to 1003: quality (192 good, 500 stale, 0 bad or no message yet), age in s, messages, refused</p>
  <table>
  <thead><tr><th>Tag</th><th>Table</th><th>Modicon</th><th>Offset</th><th>Registers</th><th>Type</th><th>Order</th><th>Bit</th><th>Byte</th><th>Scale</th><th>Add</th><th>Unit</th><th>Access</th><th>Description</th></tr></thead>
  <tr><td>run</td><td>coil</td><td class=n>000016</td><td class=n>15</td><td class=n>1</td><td>bool</td><td></td><td></td><td></td><td>1</td><td>0</td><td></td><td>read and write</td><td></td></tr>
  <tr><td>word</td><td>input_register</td><td class=n>300011</td><td class=n>10</td><td class=n>16</td><td>string</td><td>ABCD</td><td></td><td></td><td>1</td><td>0</td><td></td><td>read</td><td></td></tr>
  <tr><td>flag2</td><td>holding_register</td><td class=n>400051</td><td class=n>50</td><td class=n>1</td><td>bool</td><td>ABCD</td><td>2</td><td></td><td>1</td><td>0</td><td></td><td>read</td><td></td></tr>
  <tr><td>flag</td><td>holding_register</td><td class=n>400051</td><td class=n>50</td><td class=n>1</td><td>bool</td><td>ABCD</td><td>11</td><td></td><td>1</td><td>0</td><td></td><td>disabled</td><td></td></tr>
  <tr><td>low</td><td>holding_register</td><td class=n>400052</td><td class=n>51</td><td class=n>1</td><td>uint8</td><td>ABCD</td><td></td><td>high</td><td>1</td><td>0</td><td></td><td>read</td><td></td></tr>
  <tr><td>temp</td><td>holding_register</td><td class=n>400101</td><td class=n>100</td><td class=n>2</td><td>float32</td><td>CDAB</td><td></td><td></td><td>0.1</td><td>-40</td><td>\xc2\xb0C</td><td>read</td><td>x &gt; y</td></tr> (esc)
  </table>
  </body></html>
  $ api GET '/export?format=map' -H 'Accept: text/csv' | tr -d '\r'
  200
  Device,Server,Modbus unit,Tag,Table,Modicon,Offset,Registers,Type,Order,Bit,Byte,Scale,Add,Unit,Access,Description
  far,192.0.2.9:1502,7,x,holding_register,465536,65535,1,int16,ABCD,,,1,0,,disabled,
  m-1,Tagferry,15,own,holding_register,400301,300,1,int16,ABCD,,,1,0,,read,
  m-1,Tagferry,15,p,holding_register,400203,202,2,int32,ABCD,,,1,0,,read,
  near,Tagferry at line-2,14,x,holding_register,400004,3,1,int16,ABCD,,,1,0,,read,
  press-1,Tagferry,12,flag,holding_register,400051,50,1,bool,ABCD,11,,1,0,,disabled,
  press-1,Tagferry,12,flag2,holding_register,400051,50,1,bool,ABCD,2,,1,0,,read,
  press-1,Tagferry,12,low,holding_register,400052,51,1,uint8,ABCD,,high,1,0,,read,
  press-1,Tagferry,12,run,coil,000016,15,1,bool,,,,1,0,,read and write,
  press-1,Tagferry,12,temp,holding_register,400101,100,2,float32,CDAB,,,0.1,-40,\xc2\xb0C,read,x > y (esc)
  press-1,Tagferry,12,word,input_register,300011,10,16,string,ABCD,,,1,0,,read,
  $ api GET /export -H 'Accept: text/csv' | tr -d '\r' | head -3
  200
  device,topic,unit_id,tag,key,direction,table,address,type,byte_order,bit,length,scale,offset,on_overflow,on_stale,unit,enabled,description,device_label,device_description,device_enabled,profile,modbus_host,modbus_port,gateway,qos,availability_topic,stale_after_s,status_table,status_address,command_topic,byte
  far,f,7,x,x,to_modbus,holding_register,65535,int16,ABCD,,,1,0,reject,,,true,,,,false,,192.0.2.9,1502,,1,,0,,,,
  $ api GET '/export?format=json' -H "If-None-Match: \"$(curl -s "$API/api/v1/export" -D - -o /dev/null | tr -d '\r"' | sed -n 's/^ETag: //pi')\""
  304
  $ api GET '/export?format=kepware'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"A file of KEPServerEX is of one device, but these registers are in several units or servers: 192.0.2.9:1502 unit 7, Tagferry unit 15, Tagferry unit 12. Choose with unit=, or with device=.","errors":[]}
  $ api GET '/export?format=kepware&device=far' | tr -d '\r'
  200
  Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value
  far.x,465536,Short,1,RO,1000,,,,,,,,,,[Tagferry: disabled],
  $ api GET '/export?format=kepware&gateway=line-2' | tr -d '\r'
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"A file of KEPServerEX is of one device, but these registers are in several units or servers: 192.0.2.9:1502 unit 7, Tagferry unit 15, Tagferry unit 14, Tagferry unit 12. Choose with unit=, or with device=.","errors":[]}
  $ api GET '/export?format=kepware&gateway=line-3&unit=15' | tr -d '\r'
  200
  Tag Name,Address,Data Type,Respect Data Type,Client Access,Scan Rate,Scaling,Raw Low,Raw High,Scaled Low,Scaled High,Scaled Data Type,Clamp Low,Clamp High,Eng Units,Description,Negate Value
  m-1.own,400301,Short,1,RO,1000,,,,,,,,,,,
  m-1.p,400203,Long,1,RO,1000,,,,,,,,,,[Tagferry: byte order ABCD],
  $ api GET '/export?format=ignition&device=far'
  200
  {"tags":[
  {"name":"far","tagType":"Folder","tags":[
  {"name":"x","tagType":"AtomicTag","valueSource":"opc","dataType":"Int2","opcServer":"Ignition OPC UA Server","opcItemPath":"ns=1;s=[192_0_2_9_1502]7.HR65536","readOnly":true,"enabled":false}]}]}

Changes and deletions, with what they were; profiles; confirmation.

  $ sed 's/"unit_id": 13/"unit_id": 16/; s/"scale": 0.1/"scale": 0.01/; s/"name": "own"/"name": "mine"/; s/"key": "p"/"key": "power"/; s/"byte_order": "CDAB", //' all.json >changed.json
  $ put dry_run=true <changed.json
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"/devices/4/tags/0/modbus/address","code":"overlap","detail":"holding_register 300 (400301) in unit 15 belongs to m-1/own"}]}
  $ text 'mode=replace&dry_run=true' <changed.json
  200
  Nothing is imported yet, this is a dry run: 1 created, 3 changed, 1 deleted.
  action     name           address    type     difference
  change     profile meter
  change     press-1/temp   400101     float32  modbus.byte_order "CDAB" -> "ABCD"; modbus.scale 0.1 -> 0.01
  unchanged  press-1/run    000016     bool
  unchanged  press-1/flag   400051.11  bool
  unchanged  press-1/flag2  400051.2   bool
  unchanged  press-1/low    400052     uint8
  unchanged  press-1/word   300011     string
  change     oven                               network.unit_id 13 -> 16
  unchanged  far/x          465536     int16
  unchanged  near/x         400004     int16
  create     m-1/mine       400301     int16
  delete     m-1/own        400301     int16
  $ text 'mode=replace&device=oven,m-1&dry_run=true' <<'END'
  > {"devices": [{"name": "new", "mqtt": {"topic": "x"}}]}
  > END
  200
  Nothing is imported yet, this is a dry run: 1 created, 0 changed, 3 deleted.
  action  name     address  type   difference
  create  new
  delete  m-1/own  400301   int16
  delete  oven
  delete  m-1
  $ put 'mode=replace&confirm=1' <changed.json
  200
  {"created":1,"changed":3,"deleted":1,"dry_run":false,"changes":[
  {"action":"change","profile":"meter"},
  {"action":"change","device":"press-1","tag":"temp","table":"holding_register","address":100,"modicon":"400101","before":{"modbus":{"byte_order":"CDAB","scale":0.1}},"after":{"modbus":{"byte_order":"ABCD","scale":0.01}}},
  {"action":"change","device":"oven","tag":null,"before":{"network":{"unit_id":13}},"after":{"network":{"unit_id":16}}},
  {"action":"create","device":"m-1","tag":"mine","table":"holding_register","address":300,"modicon":"400301","before":null,"after":{"name":"mine","mqtt":{"key":"mine"},"modbus":{"table":"holding_register","address":300,"type":"int16"}}},
  {"action":"delete","device":"m-1","tag":"own","table":"holding_register","address":300,"modicon":"400301","before":{"name":"own","mqtt":{"key":"own"},"modbus":{"table":"holding_register","address":300,"type":"int16"}},"after":null}]}
  $ put 'mode=replace&confirm=2' <changed.json
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"","code":"confirm_required","detail":"confirm is 2, but this deletes 0 objects: 0 devices and 0 tags that the file does not have. Nothing was changed."}],"confirm":0}
  $ text 'mode=replace&dry_run=true' <<'END'
  > {"profiles": []}
  > END
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 0 deleted.
  $ text 'mode=replace&dry_run=true' <<'END'
  > {"devices": [], "profiles": []}
  > END
  200
  Nothing is imported yet, this is a dry run: 0 created, 0 changed, 15 deleted.
  action  name           address    type     difference
  delete  press-1/word   300011     string
  delete  press-1/temp   400101     float32
  delete  press-1/run    000016     bool
  delete  press-1/low    400052     uint8
  delete  press-1/flag2  400051.2   bool
  delete  press-1/flag   400051.11  bool
  delete  near/x         400004     int16
  delete  m-1/mine       400301     int16
  delete  far/x          465536     int16
  delete  press-1
  delete  oven
  delete  near
  delete  m-1
  delete  far
  delete  profile meter
  $ put 'mode=replace&confirm=14' <<'END'
  > {"devices": [], "profiles": []}
  > END
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"","code":"confirm_required","detail":"confirm is 14, but this deletes 15 objects: 5 devices, 1 profile and 9 tags that the file does not have. Nothing was changed."}],"confirm":15}
  $ put 'mode=replace&changes=none' <<'END'
  > {"devices": [], "profiles": []}
  > END
  200
  {"created":0,"changed":0,"deleted":15,"dry_run":false}
  $ api GET '/audit?limit=1' | sed -E 's/"request_id":"[^"]*"/"request_id":ID/'
  200
  {"items":[
  {"id":38,"revision":3,"at":"TIME","who":"","remote":"127.0.0.1","request_id":ID,"action":"import","kind":"all","device":null,"tag":null,"profile":null,"before":null,"after":{"created":0,"changed":0,"deleted":15,"details":15},"diff":[]}],"total":38,"next":"38"}

What is refused, each with its place.

  $ echo '[]' | put
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"","code":"wrong_type","detail":"must be an object"}]}
  $ echo '{}' | put
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/devices","code":"required","detail":"is required"}]}
  $ echo '{"devices": {}, "profiles": 1, "notes": 2, "other": 3, "a/b~c": 4, "devices": []}' | put
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 6 errors; see errors.","errors":[
  {"pointer":"/notes","code":"wrong_type","detail":"must be an array"},
  {"pointer":"/other","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/a~1b~0c","code":"unknown_field","detail":"unknown member"},
  {"pointer":"/devices","code":"duplicate","detail":"appears more than once"},
  {"pointer":"/profiles","code":"wrong_type","detail":"must be an array"},
  {"pointer":"/devices","code":"wrong_type","detail":"must be an array"}]}
  $ echo '{"profiles": [1, {"name": "p"}, {"name": "meter"}, {"name": "meter"}]}' | put
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 2 errors; see errors.","errors":[
  {"pointer":"/profiles/0","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/profiles/3/name","code":"duplicate","detail":"appears more than once in the document"}]}
  $ echo '{"devices": [1, {"name": 7}, {"name": "d", "tags": 5, "mqtt": {"topic": "x"}}, {"name": "press-1"}, {"name": "press-1"}, {}]}' | put
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 8 errors; see errors.","errors":[
  {"pointer":"/devices/0","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/devices/1/name","code":"wrong_type","detail":"must be a string"},
  {"pointer":"/devices/1/mqtt/topic","code":"required","detail":"is required"},
  {"pointer":"/devices/2/tags","code":"wrong_type","detail":"must be an array"},
  {"pointer":"/devices/3/mqtt/topic","code":"required","detail":"is required"},
  {"pointer":"/devices/4/name","code":"duplicate","detail":"appears more than once in the document"},
  {"pointer":"/devices/5/name","code":"required","detail":"is required"},
  {"pointer":"/devices/5/mqtt/topic","code":"required","detail":"is required"}]}
  $ echo '{"devices": [{"name": "d", "mqtt": {"topic": "x"}, "tags": [1, {"name": "t"}, {"name": "t"}, {"modbus": {"type": "int16"}}, {"name": "u", "modbus": {"type": "int17", "address": -1}}, {"name": "v", "device": "other"}]}]}' | put
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There are 6 errors; see errors.","errors":[
  {"pointer":"/devices/0/tags/0","code":"wrong_type","detail":"must be an object"},
  {"pointer":"/devices/0/tags/2/name","code":"duplicate","detail":"appears more than once in the device"},
  {"pointer":"/devices/0/tags/3/name","code":"required","detail":"is required"},
  {"pointer":"/devices/0/tags/4/modbus/type","code":"invalid_choice","detail":"must be one of bool, int16, uint16, int32, uint32, int64, uint64, float32, float64, string, bcd16, bcd32, int8, uint8"},
  {"pointer":"/devices/0/tags/4/modbus/address","code":"out_of_range","detail":"must be an integer from 0 to 65535"},
  {"pointer":"/devices/0/tags/5/device","code":"read_only","detail":"must be the tag's device, d, or be left out"}]}
  $ echo '{"devices": [{"name": "d", "mqtt": {"topic": "x"}, "tags": [{"name": "t", "modbus": {"address": 10, "type": "int32"}}, {"name": "u", "modbus": {"address": 11, "type": "int16"}}, {"name": "v", "modbus": {"address": 12, "type": "int16", "scale": 0}}]}]}' | text
  422
  Nothing was imported: there are 3 faults.
  place                             what is right
  /devices/0/tags/2/modbus/scale    must not be 0
  /devices/0/tags/0/modbus/address  holding_register 11 (400012) in unit 1 belongs to d/u
  /devices/0/tags/1/modbus/address  holding_register 10 to 11 (400011 to 400012) in unit 1 belong to d/t
  Each register belongs to one tag, and up to 100 overlaps are listed. Give the tag another address, or the device a unit_id of its own.
  $ echo '{"devices": [{"name": "d", "mqtt": {"topic": "x"}, "tags": [{"name": "t", "modbus": {"address": 10, "type": "int32"}}, {"name": "u", "modbus": {"address": 11, "type": "int16"}}]}]}' | text
  409
  Nothing was imported: there are 2 faults.
  place                             what is right
  /devices/0/tags/0/modbus/address  holding_register 11 (400012) in unit 1 belongs to d/u
  /devices/0/tags/1/modbus/address  holding_register 10 to 11 (400011 to 400012) in unit 1 belong to d/t
  Each register belongs to one tag, and up to 100 overlaps are listed. Give the tag another address, or the device a unit_id of its own.
  $ echo '{"devices": [{"name": "d", "mqtt": {"topic": "x"}, "tags": [{"name": "t", "modbus": {"address": 10, "type": "int32"}}, {"name": "u", "modbus": {"address": 11, "type": "int16"}}]}], "notes": []}' | put
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There are 2 conflicts; see errors.","errors":[
  {"pointer":"/devices/0/tags/0/modbus/address","code":"overlap","detail":"holding_register 11 (400012) in unit 1 belongs to d/u"},
  {"pointer":"/devices/0/tags/1/modbus/address","code":"overlap","detail":"holding_register 10 to 11 (400011 to 400012) in unit 1 belong to d/t"}]}
  $ echo '{"devices": [{"name": "d", "mqtt": {"topic": "x"}, "profile": {"name": "nothing"}}]}' | put
  422
  {"type":"about:blank","title":"Unprocessable Content","status":422,"detail":"There is one error; see errors.","errors":[
  {"pointer":"/devices/0/profile/name","code":"unknown_profile","detail":"there is no profile nothing: create it, or take it from the library"}]}
  $ echo '{"devices": [' | put
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is not valid JSON: syntax error at byte 14.","errors":[]}
  $ printf '' | put
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body is empty; JSON is expected.","errors":[]}
  $ echo '{"devices": [{"name": "a\u0000"}]}' | put
  400
  {"type":"about:blank","title":"Bad Request","status":400,"detail":"The body has a string with \\u0000, which is not allowed.","errors":[]}
  $ (printf '{"devices": [{"name": "full", "network": {"unit_id": 20}, "mqtt": {"topic": "x"}, "tags": ['; for i in {0..531}; do printf '{"name": "t%s", "modbus": {"address": %s, "type": "string", "length": 123}},' $i $((i * 123)); done; printf '{"name": "end", "modbus": {"type": "string", "length": 123}}]}]}') | put changes=none
  409
  {"type":"about:blank","title":"Conflict","status":409,"detail":"There is one conflict; see errors.","errors":[
  {"pointer":"/devices/0/tags/532/modbus/address","code":"table_full","detail":"holding_register of unit 20 has no gap of 123 free registers"}]}

The backup: a copy of the store that no older download stops, and why there is none.

  $ put changes=none <all.json
  200
  {"created":15,"changed":0,"deleted":0,"dry_run":false}
  $ headers GET /backup Content-Type Content-Disposition Cache-Control
  Content-Type: application/vnd.sqlite3
  Content-Disposition: attachment; filename="tagferry.db"
  Cache-Control: no-store
  $ api GET /backup -o copy.db
  200
  $ sqlite3 copy.db 'SELECT name FROM device ORDER BY name; SELECT count(*) FROM tag'
  far
  m-1
  near
  oven
  press-1
  10
  $ echo old >"$STORE.download"; api GET /backup -o copy.db; [ -e "$STORE.download" ] || echo gone
  200
  gone
  $ mkdir "$STORE.download"; api GET /backup | sed 's#"detail":"The backup failed: .*/#"detail":"The backup failed: PATH/#'; rmdir "$STORE.download"
  503
  {"type":"about:blank","title":"Service Unavailable","status":503,"detail":"The backup failed: PATH/tagferry.db.download: File exists.","errors":[]}
