-- A store of schema 8 with a device for what each schema since 5 added. Never change it.
BEGIN TRANSACTION;
CREATE TABLE "audit" (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    revision   INTEGER NOT NULL,   -- of the change
    at_ms      INTEGER NOT NULL,
    who        TEXT    NOT NULL,   -- the token's name, '' without one
    remote     TEXT    NOT NULL,   -- the address that it came from
    request_id TEXT    NOT NULL,
    action     TEXT    NOT NULL,   -- 'create', 'change', 'delete' or 'import'
    kind       TEXT    NOT NULL,   -- 'device', 'tag' or 'all'
    device     TEXT,
    tag        TEXT,
    before     TEXT,               -- the resource as JSON
    after      TEXT
) STRICT;
INSERT INTO "audit" VALUES(1,1,1795375998332,'','127.0.0.1','1c8e4a6f7-1','create','device','boiler-7',NULL,NULL,'{"name":"boiler-7","description":"it''s the first; really","enabled":true,"network":{"address":null,"modbus_host":null,"modbus_port":502,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000},"mqtt":{"topic":"plant/boiler-7/telemetry","qos":1,"availability_topic":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null},"status":{"table":"input_register","address":9000},"id":1,"revision":1,"created_at":"2026-11-22T19:33:18.332Z","updated_at":"2026-11-22T19:33:18.332Z"}');
INSERT INTO "audit" VALUES(2,2,1795375998339,'','127.0.0.1','1c8e4bf9c-2','create','tag','boiler-7','supply_temperature',NULL,'{"device":"boiler-7","name":"supply_temperature","description":"","unit":"°C","enabled":true,"direction":"to_modbus","mqtt":{"key":"supply_temperature","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000},"modbus":{"table":"input_register","address":100,"modicon":"300101","type":"float32","byte_order":"ABCD","bit":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":"nan"},"id":1,"revision":2,"created_at":"2026-11-22T19:33:18.339Z","updated_at":"2026-11-22T19:33:18.339Z"}');
INSERT INTO "audit" VALUES(3,3,1795375998387,'','127.0.0.1','1c8e57bbe-3','create','tag','boiler-7','mode',NULL,'{"device":"boiler-7","name":"mode","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"mode","topic":null,"payload":"json","values":{"OFF":0,"ECO":1,"ON":2},"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000},"modbus":{"table":"holding_register","address":7,"modicon":"400008","type":"uint16","byte_order":"ABCD","bit":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null},"id":2,"revision":3,"created_at":"2026-11-22T19:33:18.387Z","updated_at":"2026-11-22T19:33:18.387Z"}');
INSERT INTO "audit" VALUES(4,4,1795375998394,'','127.0.0.1','1c8e5983b-4','create','tag','boiler-7','setpoint',NULL,'{"device":"boiler-7","name":"setpoint","description":"","unit":"","enabled":true,"direction":"both","mqtt":{"key":"setpoint","topic":null,"payload":"json","values":null,"command_topic":"plant/boiler-7/set","command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000},"modbus":{"table":"holding_register","address":200,"modicon":"400201","type":"int16","byte_order":"ABCD","bit":null,"length":null,"scale":0.1,"offset":0,"on_overflow":"reject","on_stale":null},"id":3,"revision":4,"created_at":"2026-11-22T19:33:18.394Z","updated_at":"2026-11-22T19:33:18.394Z"}');
INSERT INTO "audit" VALUES(5,5,1795375998398,'','127.0.0.1','1c8e5a7c8-5','create','device','meter-1',NULL,NULL,'{"name":"meter-1","description":"","enabled":true,"network":{"address":null,"modbus_host":null,"modbus_port":502,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000},"mqtt":{"topic":"tele/meter-1/SENSOR","qos":1,"availability_topic":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null},"status":null,"id":2,"revision":5,"created_at":"2026-11-22T19:33:18.398Z","updated_at":"2026-11-22T19:33:18.398Z"}');
INSERT INTO "audit" VALUES(6,6,1795375998399,'','127.0.0.1','1c8e5adb5-6','create','tag','meter-1','power',NULL,'{"device":"meter-1","name":"power","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/ENERGY/Power/0","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000},"modbus":{"table":"input_register","address":0,"modicon":"300001","type":"int32","byte_order":"CDAB","bit":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null},"id":4,"revision":6,"created_at":"2026-11-22T19:33:18.399Z","updated_at":"2026-11-22T19:33:18.399Z"}');
INSERT INTO "audit" VALUES(7,7,1795375998401,'','127.0.0.1','1c8e5b4a9-7','delete','tag','boiler-7','mode','{"device":"boiler-7","name":"mode","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"mode","topic":null,"payload":"json","values":{"OFF":0,"ECO":1,"ON":2},"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000},"modbus":{"table":"holding_register","address":7,"modicon":"400008","type":"uint16","byte_order":"ABCD","bit":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null},"id":2,"revision":3,"created_at":"2026-11-22T19:33:18.387Z","updated_at":"2026-11-22T19:33:18.387Z"}',NULL);
INSERT INTO "audit" VALUES(8,8,1796039757341,'','127.0.0.1','346f72945-1','create','device','logger',NULL,NULL,'{"name":"logger","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"site/logger","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":3,"revision":8,"created_at":"2026-11-30T11:55:57.341Z","updated_at":"2026-11-30T11:55:57.341Z"}');
INSERT INTO "audit" VALUES(9,9,1796039757387,'','127.0.0.1','346f7dc4b-2','create','tag','logger','level',NULL,'{"device":"logger","name":"level","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"/text","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":"level=([0-9,]+)","number":"decimal_comma","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":20000,"modicon":"320001","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":5,"revision":9,"created_at":"2026-11-30T11:55:57.387Z","updated_at":"2026-11-30T11:55:57.387Z"}');
INSERT INTO "audit" VALUES(10,10,1796039757413,'','127.0.0.1','346f84500-3','create','profile',NULL,NULL,NULL,'{"name":"pump","label":"Pump","description":"","params":{"serial":{"description":"The serial number"}},"room":{},"device":{"mqtt":{"topic":"pump/{serial}"}},"tags":[{"id":1,"name":"speed","unit":"rpm","modbus":{"type":"uint16","table":"input_register","address":0}}],"devices":0,"id":1,"revision":10,"created_at":"2026-11-30T11:55:57.413Z","updated_at":"2026-11-30T11:55:57.413Z"}');
INSERT INTO "audit" VALUES(11,11,1796039757460,'','127.0.0.1','346f8fbcf-4','create','device','pump-1',NULL,NULL,'{"name":"pump-1","label":"Pump No. 1","description":"","enabled":true,"profile":{"name":"pump","params":{"serial":"77"},"base":{"input_register":9004}},"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"pump/77","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":4,"revision":11,"created_at":"2026-11-30T11:55:57.460Z","updated_at":"2026-11-30T11:55:57.460Z"}');
INSERT INTO "audit" VALUES(12,11,1796039757460,'','127.0.0.1','346f8fbcf-4','create','all',NULL,NULL,NULL,'{"profile":"pump","created":1,"details":1}');
INSERT INTO "audit" VALUES(13,12,1796039757492,'','127.0.0.1','346f97918-5','create','device','cabin',NULL,NULL,'{"name":"cabin","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":"gw-a"},"mqtt":{"topic":"cabin","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":5,"revision":12,"created_at":"2026-11-30T11:55:57.492Z","updated_at":"2026-11-30T11:55:57.492Z"}');
INSERT INTO "audit" VALUES(14,13,1796039757510,'','127.0.0.1','346f9acfd-6','create','tag','cabin','lamp',NULL,'{"device":"cabin","name":"lamp","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"lamp","topic":null,"payload":"json","values":null,"command_topic":"cabin/set","command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":30,"expire_value":1,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":20100,"modicon":"420101","type":"uint16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":7,"revision":13,"created_at":"2026-11-30T11:55:57.510Z","updated_at":"2026-11-30T11:55:57.510Z"}');
INSERT INTO "audit" VALUES(15,14,1796039757544,'','127.0.0.1','346fa3461-7','create','device','line-3',NULL,NULL,'{"name":"line-3","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":null,"modbus_port":502,"framing":"tcp","tls":false,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"line/3","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":6,"revision":14,"created_at":"2026-11-30T11:55:57.544Z","updated_at":"2026-11-30T11:55:57.544Z"}');
INSERT INTO "audit" VALUES(16,15,1796039757551,'','127.0.0.1','346fa5d50-8','create','tag','line-3','low',NULL,'{"device":"line-3","name":"low","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"low","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":20200,"modicon":"320201","type":"uint8","byte_order":"ABCD","bit":null,"byte":"low","length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":8,"revision":15,"created_at":"2026-11-30T11:55:57.551Z","updated_at":"2026-11-30T11:55:57.551Z"}');
INSERT INTO "audit" VALUES(17,16,1796039757658,'','127.0.0.1','346fbff30-9','create','tag','line-3','high',NULL,'{"device":"line-3","name":"high","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"high","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":20200,"modicon":"320201","type":"int8","byte_order":"ABCD","bit":null,"byte":"high","length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":9,"revision":16,"created_at":"2026-11-30T11:55:57.658Z","updated_at":"2026-11-30T11:55:57.658Z"}');
INSERT INTO "audit" VALUES(18,17,1796039757684,'','127.0.0.1','346fc613d-a','create','tag','line-3','count',NULL,'{"device":"line-3","name":"count","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"count","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":20202,"modicon":"320203","type":"bcd32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":10,"revision":17,"created_at":"2026-11-30T11:55:57.684Z","updated_at":"2026-11-30T11:55:57.684Z"}');
INSERT INTO "audit" VALUES(19,18,1796039757699,'','127.0.0.1','346fc9d3b-b','create','tag','line-3','fixed',NULL,'{"device":"line-3","name":"fixed","label":"","description":"","unit":"","enabled":true,"direction":"constant","mqtt":{"key":"fixed","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":20210,"modicon":"320211","type":"uint16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":103,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":11,"revision":18,"created_at":"2026-11-30T11:55:57.699Z","updated_at":"2026-11-30T11:55:57.699Z"}');
INSERT INTO "audit" VALUES(20,19,1796039757713,'','127.0.0.1','346fcd583-c','create','tag','line-3','age',NULL,'{"device":"line-3","name":"age","label":"","description":"","unit":"","enabled":true,"direction":"companion","mqtt":{"key":"age","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"input_register","address":20212,"modicon":"320213","type":"uint16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"age_s","companion_of":"count","min_change":0,"min_interval_ms":0},"profile":false,"id":12,"revision":19,"created_at":"2026-11-30T11:55:57.713Z","updated_at":"2026-11-30T11:55:57.713Z"}');
INSERT INTO "audit" VALUES(21,20,1796039757727,'','127.0.0.1','346fd0c37-d','create','tag','line-3','mode',NULL,'{"device":"line-3","name":"mode","label":"","description":"","unit":"","enabled":true,"direction":"to_mqtt","mqtt":{"key":"mode","topic":null,"payload":"json","values":null,"command_topic":"line/3/set","command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"change","min_interval_ms":200,"min_change":0.5},"modbus":{"table":"holding_register","address":20220,"modicon":"420221","type":"float32","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":13,"revision":20,"created_at":"2026-11-30T11:55:57.727Z","updated_at":"2026-11-30T11:55:57.727Z"}');
INSERT INTO "audit" VALUES(22,21,1796039757760,'','127.0.0.1','346fd8cf7-e','create','device','line-4',NULL,NULL,'{"name":"line-4","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"serial:/dev/ttyUSB0:9600,8N1","modbus_port":502,"framing":"rtu","tls":false,"unit_id":4,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"line/4","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":7,"revision":21,"created_at":"2026-11-30T11:55:57.760Z","updated_at":"2026-11-30T11:55:57.760Z"}');
INSERT INTO "audit" VALUES(23,22,1796039757784,'','127.0.0.1','346fdece8-f','create','tag','line-4','x',NULL,'{"device":"line-4","name":"x","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"x","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":7,"modicon":"400008","type":"uint16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":14,"revision":22,"created_at":"2026-11-30T11:55:57.784Z","updated_at":"2026-11-30T11:55:57.784Z"}');
INSERT INTO "audit" VALUES(24,23,1796039757796,'','127.0.0.1','346fe0685-10','create','device','line-5',NULL,NULL,'{"name":"line-5","label":"","description":"","enabled":true,"profile":null,"network":{"address":null,"modbus_host":"plc.example","modbus_port":802,"framing":"tcp","tls":true,"unit_id":1,"max_write_registers":123,"min_interval_ms":0,"write_single":false,"poll_interval_ms":1000,"rewrite_on_reconnect":true,"gateway":null},"mqtt":{"topic":"line/5","qos":1,"availability_topic":null,"availability_key":null,"payload_available":"online","payload_unavailable":"offline","stale_after_s":0,"timestamp_key":null,"where":null,"request":null},"status":null,"id":8,"revision":23,"created_at":"2026-11-30T11:55:57.796Z","updated_at":"2026-11-30T11:55:57.796Z"}');
INSERT INTO "audit" VALUES(25,24,1796039757813,'','127.0.0.1','346fe5df5-11','create','tag','line-5','x',NULL,'{"device":"line-5","name":"x","label":"","description":"","unit":"","enabled":true,"direction":"to_modbus","mqtt":{"key":"x","topic":null,"payload":"json","values":null,"command_topic":null,"command_template":null,"command_qos":1,"command_retain":false,"settle_ms":50,"hold_off_ms":2000,"pattern":null,"number":"decimal","quality_key":null,"expires_s":0,"expire_value":null,"command_on":"write","min_interval_ms":0,"min_change":0},"modbus":{"table":"holding_register","address":7,"modicon":"400008","type":"uint16","byte_order":"ABCD","bit":null,"byte":null,"length":null,"scale":1,"offset":0,"on_overflow":"reject","on_stale":null,"on_null":"hold","constant":null,"companion":"none","companion_of":null,"min_change":0,"min_interval_ms":0},"profile":false,"id":15,"revision":24,"created_at":"2026-11-30T11:55:57.813Z","updated_at":"2026-11-30T11:55:57.813Z"}');
CREATE TABLE "device" (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,   -- never given out a second time
    name        TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    description TEXT    NOT NULL DEFAULT '',
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),

    network_address             TEXT,
    network_modbus_host         TEXT,            -- NULL: the local server
    network_modbus_port         INTEGER NOT NULL DEFAULT 502
                                CHECK (network_modbus_port BETWEEN 1 AND 65535),
    network_unit_id             INTEGER NOT NULL DEFAULT 1
                                CHECK (network_unit_id BETWEEN 0 AND 255),
    network_max_write_registers INTEGER NOT NULL DEFAULT 123
                                CHECK (network_max_write_registers BETWEEN 1 AND 123),
    network_min_interval_ms     INTEGER NOT NULL DEFAULT 0 CHECK (network_min_interval_ms >= 0),
    network_write_single        INTEGER NOT NULL DEFAULT 0 CHECK (network_write_single IN (0, 1)),
    network_poll_interval_ms    INTEGER NOT NULL DEFAULT 1000 CHECK (network_poll_interval_ms > 0),
    network_rewrite_on_reconnect INTEGER NOT NULL DEFAULT 1
                                CHECK (network_rewrite_on_reconnect IN (0, 1)),

    mqtt_topic               TEXT    NOT NULL CHECK (length(mqtt_topic) > 0),
    mqtt_qos                 INTEGER NOT NULL DEFAULT 1 CHECK (mqtt_qos BETWEEN 0 AND 2),
    mqtt_availability_topic  TEXT,
    mqtt_stale_after_s       INTEGER NOT NULL DEFAULT 0 CHECK (mqtt_stale_after_s >= 0),
    mqtt_timestamp_key       TEXT,

    status_table   TEXT,
    status_address INTEGER CHECK (status_address BETWEEN 0 AND 65532),

    slot       INTEGER NOT NULL UNIQUE CHECK (slot >= 0),
    revision   INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL, mqtt_availability_key TEXT, mqtt_where TEXT, mqtt_request TEXT, mqtt_payload_available TEXT DEFAULT 'online', mqtt_payload_unavailable TEXT DEFAULT 'offline', label TEXT NOT NULL DEFAULT '', profile TEXT, network_gateway TEXT, network_framing TEXT NOT NULL DEFAULT 'tcp', network_tls INTEGER NOT NULL DEFAULT 0,
    CHECK ((status_table IS NULL) = (status_address IS NULL))
) STRICT;
INSERT INTO "device" VALUES(1,'boiler-7','it''s the first; really',1,NULL,NULL,502,1,123,0,0,1000,1,'plant/boiler-7/telemetry',1,NULL,0,NULL,'input_register',9000,0,1,1795375998332,1795375998332,NULL,NULL,NULL,'online','offline','',NULL,NULL,'tcp',0);
INSERT INTO "device" VALUES(2,'meter-1','',1,NULL,NULL,502,1,123,0,0,1000,0,'tele/meter-1/SENSOR',1,NULL,0,NULL,NULL,NULL,4,5,1795375998398,1795375998398,'state','{"id":37}','{"topic":"ask","payload":"","interval_s":30,"qos":0}','online',NULL,'',NULL,NULL,'tcp',0);
INSERT INTO "device" VALUES(3,'logger','',1,NULL,NULL,502,1,123,0,0,1000,1,'site/logger',1,NULL,0,NULL,NULL,NULL,2,8,1796039757341,1796039757341,NULL,NULL,NULL,'online','offline','',NULL,NULL,'tcp',0);
INSERT INTO "device" VALUES(4,'pump-1','',1,NULL,NULL,502,1,123,0,0,1000,1,'pump/77',1,NULL,0,NULL,NULL,NULL,7,11,1796039757460,1796039757460,NULL,NULL,NULL,'online','offline','Pump No. 1','{"name":"pump","params":{"serial":"77"},"base":{"input_register":9004}}',NULL,'tcp',0);
INSERT INTO "device" VALUES(5,'cabin','',1,NULL,NULL,502,1,123,0,0,1000,1,'cabin',1,NULL,0,NULL,NULL,NULL,9,12,1796039757492,1796039757492,NULL,NULL,NULL,'online','offline','',NULL,'gw-a','tcp',0);
INSERT INTO "device" VALUES(6,'line-3','',1,NULL,NULL,502,1,123,0,0,1000,1,'line/3',1,NULL,0,NULL,NULL,NULL,11,14,1796039757544,1796039757544,NULL,NULL,NULL,'online','offline','',NULL,NULL,'tcp',0);
INSERT INTO "device" VALUES(7,'line-4','',1,NULL,'serial:/dev/ttyUSB0:9600,8N1',502,4,123,0,0,1000,1,'line/4',1,NULL,0,NULL,NULL,NULL,18,21,1796039757760,1796039757760,NULL,NULL,NULL,'online','offline','',NULL,NULL,'rtu',0);
INSERT INTO "device" VALUES(8,'line-5','',1,NULL,'plc.example',802,1,123,0,0,1000,1,'line/5',1,NULL,0,NULL,NULL,NULL,20,23,1796039757796,1796039757796,NULL,NULL,NULL,'online','offline','',NULL,NULL,'tcp',1);
CREATE TABLE discovery (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- never reused
    topics     TEXT    NOT NULL CHECK (json_valid(topics)),   -- an array of filters
    seconds    INTEGER NOT NULL CHECK (seconds BETWEEN 1 AND 3600),
    created_ms INTEGER NOT NULL,
    ends_ms    INTEGER NOT NULL CHECK (ends_ms >= created_ms),
    who        TEXT    NOT NULL DEFAULT ''          -- the token's name, '' without one
) STRICT;
CREATE TABLE free_slot (
    slot INTEGER PRIMARY KEY CHECK (slot >= 0)
) STRICT;
CREATE TABLE "gone" (
    revision INTEGER NOT NULL,
    kind     TEXT    NOT NULL,   -- 'device', 'tag' or 'registers'
    id       INTEGER,            -- of the device or tag
    unit     INTEGER,            -- of registers, from here on
    "table"  TEXT,
    first    INTEGER,
    last     INTEGER,
    bit      INTEGER
, gateway TEXT NOT NULL DEFAULT '', bits INTEGER NOT NULL DEFAULT 1) STRICT;
INSERT INTO "gone" VALUES(7,'registers',NULL,1,'holding_register',7,7,NULL,'',1);
INSERT INTO "gone" VALUES(7,'tag',2,NULL,NULL,NULL,NULL,NULL,'',1);
CREATE TABLE "high_water" (
    unit    INTEGER NOT NULL,
    "table" TEXT    NOT NULL,
    gateway TEXT    NOT NULL,
    address INTEGER NOT NULL CHECK (address BETWEEN 0 AND 65535),
    PRIMARY KEY (unit, "table", gateway)
) STRICT, WITHOUT ROWID;
INSERT INTO "high_water" VALUES(1,'holding_register','',200);
INSERT INTO "high_water" VALUES(1,'input_register','',9004);
CREATE TABLE leadership (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    decided INTEGER NOT NULL DEFAULT 0 CHECK (decided IN (0, 1)),   -- 0: [api] follow decides
    leader  TEXT    NOT NULL DEFAULT '',   -- URL of the leader; '': this store leads
    former  TEXT    NOT NULL DEFAULT '',   -- URL of the leader that it followed last, or ''
    gateway TEXT    NOT NULL DEFAULT '',   -- [common] gateway at the last start
    instance TEXT   NOT NULL DEFAULT ''    -- random, new at each start: a copy of the store is another
) STRICT;
INSERT INTO "leadership" VALUES(1,0,'','','','e727aacac2a181f0');
CREATE TABLE profile (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    label       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    params      TEXT    NOT NULL,
    room        TEXT    NOT NULL,
    device      TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL
) STRICT;
INSERT INTO "profile" VALUES(1,'pump','Pump','','{"serial":{"description":"The serial number"}}','{}','{"mqtt":{"topic":"pump/{serial}"}}',10,1796039757413,1796039757413);
CREATE TABLE profile_tag (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,   -- its place in the list of the profile
    name       TEXT    NOT NULL,
    body       TEXT    NOT NULL
) STRICT;
INSERT INTO "profile_tag" VALUES(1,1,0,'speed','{"name":"speed","unit":"rpm","modbus":{"type":"uint16","table":"input_register","address":0}}');
CREATE TABLE span (
    id        INTEGER PRIMARY KEY,
    server    TEXT    NOT NULL,
    unit      INTEGER NOT NULL CHECK (unit BETWEEN 0 AND 255),
    "table"   TEXT    NOT NULL,
    first     INTEGER NOT NULL CHECK (first BETWEEN 0 AND 65535),
    last      INTEGER NOT NULL CHECK (last BETWEEN first AND 65535),
    bit       INTEGER CHECK (bit BETWEEN 0 AND 15),
    tag_id    INTEGER UNIQUE REFERENCES tag (id) ON DELETE CASCADE,
    status_of INTEGER UNIQUE REFERENCES device (id) ON DELETE CASCADE, gateway TEXT NOT NULL DEFAULT '', bits INTEGER NOT NULL DEFAULT 1 CHECK (bits BETWEEN 1 AND 16),
    CHECK ((tag_id IS NULL) <> (status_of IS NULL))
) STRICT;
INSERT INTO "span" VALUES(2,'',1,'input_register',100,101,NULL,1,NULL,'',1);
INSERT INTO "span" VALUES(4,'',1,'holding_register',200,200,NULL,3,NULL,'',1);
INSERT INTO "span" VALUES(5,'',1,'input_register',0,1,NULL,4,NULL,'',1);
INSERT INTO "span" VALUES(6,'',1,'input_register',9000,9003,NULL,NULL,1,'',16);
INSERT INTO "span" VALUES(7,'',1,'input_register',20000,20001,NULL,5,NULL,'',16);
INSERT INTO "span" VALUES(8,'',1,'input_register',9004,9004,NULL,6,NULL,'',16);
INSERT INTO "span" VALUES(9,'',1,'holding_register',20100,20100,NULL,7,NULL,'gw-a',16);
INSERT INTO "span" VALUES(10,'',1,'input_register',20200,20200,0,8,NULL,'',8);
INSERT INTO "span" VALUES(11,'',1,'input_register',20200,20200,8,9,NULL,'',8);
INSERT INTO "span" VALUES(12,'',1,'input_register',20202,20203,NULL,10,NULL,'',16);
INSERT INTO "span" VALUES(13,'',1,'input_register',20210,20210,NULL,11,NULL,'',16);
INSERT INTO "span" VALUES(14,'',1,'input_register',20212,20212,NULL,12,NULL,'',16);
INSERT INTO "span" VALUES(15,'',1,'holding_register',20220,20221,NULL,13,NULL,'',16);
INSERT INTO "span" VALUES(16,'serial:/dev/ttyUSB0',4,'holding_register',7,7,NULL,14,NULL,'',16);
INSERT INTO "span" VALUES(17,'plc.example:802',1,'holding_register',7,7,NULL,15,NULL,'',16);
CREATE TABLE store (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    revision  INTEGER NOT NULL DEFAULT 0,   -- of the newest change
    gone_from INTEGER NOT NULL DEFAULT 0,   -- deletions up to this revision are no longer in gone
    next_slot INTEGER NOT NULL DEFAULT 0,   -- the lowest slot that was never given out
    local     TEXT    NOT NULL DEFAULT ''   -- the local Modbus server, address and units, for span
, undo_bytes INTEGER NOT NULL DEFAULT 0, undo_from INTEGER NOT NULL DEFAULT 0, term INTEGER NOT NULL DEFAULT 0, generation INTEGER NOT NULL DEFAULT 0, branch TEXT NOT NULL DEFAULT '', parent TEXT NOT NULL DEFAULT '', parent_revision INTEGER NOT NULL DEFAULT 0, parent_audit INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "store" VALUES(1,24,0,22,'127.0.0.1:20449 unit ids 1',1427,7,0,0,'5809dbf08b911465','',0,0);
CREATE TABLE "tag" (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id   INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    description TEXT    NOT NULL DEFAULT '',
    unit        TEXT    NOT NULL DEFAULT '',
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    direction   TEXT    NOT NULL DEFAULT 'to_modbus',

    mqtt_key              TEXT    NOT NULL,       -- '' is the whole payload
    mqtt_topic            TEXT,                   -- NULL: the device's
    mqtt_payload          TEXT    NOT NULL DEFAULT 'json',
    mqtt_values           TEXT CHECK (mqtt_values IS NULL OR json_valid(mqtt_values)),
    mqtt_command_topic    TEXT,
    mqtt_command_template TEXT,
    mqtt_command_qos      INTEGER NOT NULL DEFAULT 1 CHECK (mqtt_command_qos BETWEEN 0 AND 2),
    mqtt_command_retain   INTEGER NOT NULL DEFAULT 0 CHECK (mqtt_command_retain IN (0, 1)),
    mqtt_settle_ms        INTEGER NOT NULL DEFAULT 50 CHECK (mqtt_settle_ms >= 0),
    mqtt_hold_off_ms      INTEGER NOT NULL DEFAULT 2000 CHECK (mqtt_hold_off_ms >= 0),

    modbus_table       TEXT    NOT NULL,
    modbus_address     INTEGER NOT NULL CHECK (modbus_address BETWEEN 0 AND 65535),
    modbus_type        TEXT    NOT NULL,
    modbus_byte_order  TEXT    NOT NULL DEFAULT 'ABCD',
    modbus_bit         INTEGER CHECK (modbus_bit BETWEEN 0 AND 15),
    modbus_length      INTEGER CHECK (modbus_length BETWEEN 1 AND 123),
    modbus_scale       REAL    NOT NULL DEFAULT 1 CHECK (modbus_scale <> 0),
    modbus_offset      REAL    NOT NULL DEFAULT 0,
    modbus_on_overflow TEXT    NOT NULL DEFAULT 'reject',
    modbus_on_stale    TEXT,                      -- NULL: hold; 'nan'; else a raw register value
    modbus_on_null     TEXT    NOT NULL DEFAULT 'hold',

    slot       INTEGER NOT NULL UNIQUE CHECK (slot >= 0),
    revision   INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL, mqtt_pattern TEXT, mqtt_number  TEXT NOT NULL DEFAULT 'decimal', mqtt_quality_key TEXT, label TEXT NOT NULL DEFAULT '', profile_tag_id INTEGER REFERENCES profile_tag (id), mqtt_expires_s INTEGER NOT NULL DEFAULT 0, mqtt_expire_value TEXT, modbus_constant TEXT, modbus_companion TEXT NOT NULL DEFAULT 'none', modbus_companion_of TEXT, modbus_byte TEXT, mqtt_command_on TEXT NOT NULL DEFAULT 'write', mqtt_min_interval_ms INTEGER NOT NULL DEFAULT 0, mqtt_min_change REAL NOT NULL DEFAULT 0, modbus_min_change REAL NOT NULL DEFAULT 0, modbus_min_interval_ms INTEGER NOT NULL DEFAULT 0,
    UNIQUE (device_id, name)
) STRICT;
INSERT INTO "tag" VALUES(1,1,'supply_temperature','','°C',1,'to_modbus','supply_temperature',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',100,'float32','ABCD',NULL,NULL,1.0,0.0,'reject','nan','stale',1,2,1795375998339,1795375998339,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(3,1,'setpoint','','',1,'both','setpoint',NULL,'json',NULL,'plant/boiler-7/set',NULL,1,0,50,2000,'holding_register',200,'int16','ABCD',NULL,NULL,0.1,0.0,'reject',NULL,'hold',3,4,1795375998394,1795375998394,NULL,'decimal',NULL,'',NULL,60,'0',NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(4,2,'power','','',1,'to_modbus','/ENERGY/Power/0',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',0,'int32','CDAB',NULL,NULL,1.0,0.0,'reject',NULL,'hold',5,6,1795375998399,1795375998399,'^([0-9]+)','hex','./q','',NULL,0,NULL,NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(5,3,'level','','',1,'to_modbus','/text',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',20000,'float32','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',6,9,1796039757387,1796039757387,'level=([0-9,]+)','decimal_comma',NULL,'',NULL,0,NULL,NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(6,4,'speed','','rpm',1,'to_modbus','speed',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',9004,'uint16','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',8,11,1796039757460,1796039757460,NULL,'decimal',NULL,'',1,0,NULL,NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(7,5,'lamp','','',1,'to_mqtt','lamp',NULL,'json',NULL,'cabin/set',NULL,1,0,50,2000,'holding_register',20100,'uint16','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',10,13,1796039757510,1796039757510,NULL,'decimal',NULL,'',NULL,30,'1',NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(8,6,'low','','',1,'to_modbus','low',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',20200,'uint8','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',12,15,1796039757551,1796039757551,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'none',NULL,'low','write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(9,6,'high','','',1,'to_modbus','high',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',20200,'int8','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',13,16,1796039757658,1796039757658,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'none',NULL,'high','write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(10,6,'count','','',1,'to_modbus','count',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',20202,'bcd32','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',14,17,1796039757684,1796039757684,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(11,6,'fixed','','',1,'constant','fixed',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',20210,'uint16','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',15,18,1796039757699,1796039757699,NULL,'decimal',NULL,'',NULL,0,NULL,'103','none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(12,6,'age','','',1,'companion','age',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'input_register',20212,'uint16','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',16,19,1796039757713,1796039757713,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'age_s','count',NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(13,6,'mode','','',1,'to_mqtt','mode',NULL,'json',NULL,'line/3/set',NULL,1,0,50,2000,'holding_register',20220,'float32','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',17,20,1796039757727,1796039757727,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'none',NULL,NULL,'change',200,0.5,0.0,0);
INSERT INTO "tag" VALUES(14,7,'x','','',1,'to_modbus','x',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'holding_register',7,'uint16','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',19,22,1796039757784,1796039757784,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
INSERT INTO "tag" VALUES(15,8,'x','','',1,'to_modbus','x',NULL,'json',NULL,NULL,NULL,1,0,50,2000,'holding_register',7,'uint16','ABCD',NULL,NULL,1.0,0.0,'reject',NULL,'hold',21,24,1796039757813,1796039757813,NULL,'decimal',NULL,'',NULL,0,NULL,NULL,'none',NULL,NULL,'write',0,0.0,0.0,0);
CREATE TABLE undo (
    id   INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,   -- before compression
    data BLOB    NOT NULL
) STRICT;
INSERT INTO "undo" VALUES(8388608,39,X'7B226F70223A22637265617465222C226B696E64223A22646576696365222C226964223A337D0A');
INSERT INTO "undo" VALUES(9437184,36,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A357D0A');
INSERT INTO "undo" VALUES(10485760,443,X'1F8B08000000000004038551CB4EC33010BCF315D59E53885B52247F05879E40A872E26D59113FF0030959FE77D6498BC489933DB3B39ED97501E741C2145025840E3EC86AC63EB833CD8D2086A28311CF2E20489BE7B903754E184016B0CA30093E1BCFDA598D38337C5EA1C63805F2899C6592EB5E056562EB8B1848B1B4C05FD1F11D376B6D63B319D9A4D60E827386B57CD3F845133B16309F29B533394FD335C243597BEBD295D485BD5ECB6D846BD6E8113587C996F80108DE30304E8F794996BE7D9B28934DE2C095A446DE8304B23EA753C00BC5363BEF40EB80917BFA5ADF6EC91AFCDD59E0B071195E30B9AE589F5473DDF5BBC35688EDBE3F0A2187410E4FF78F62FFD27279CD5FF19FAED6BB1FA79CA3C7BB010000');
INSERT INTO "undo" VALUES(11534336,39,X'7B226F70223A22637265617465222C226B696E64223A22646576696365222C226964223A347D0A');
INSERT INTO "undo" VALUES(12582912,39,X'7B226F70223A22637265617465222C226B696E64223A22646576696365222C226964223A357D0A');
INSERT INTO "undo" VALUES(13631488,36,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A377D0A');
INSERT INTO "undo" VALUES(14680064,39,X'7B226F70223A22637265617465222C226B696E64223A22646576696365222C226964223A367D0A');
INSERT INTO "undo" VALUES(15728640,36,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A387D0A');
INSERT INTO "undo" VALUES(16777216,36,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A397D0A');
INSERT INTO "undo" VALUES(17825792,37,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A31307D0A');
INSERT INTO "undo" VALUES(18874368,37,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A31317D0A');
INSERT INTO "undo" VALUES(19922944,37,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A31327D0A');
INSERT INTO "undo" VALUES(20971520,37,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A31337D0A');
INSERT INTO "undo" VALUES(22020096,39,X'7B226F70223A22637265617465222C226B696E64223A22646576696365222C226964223A377D0A');
INSERT INTO "undo" VALUES(23068672,37,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A31347D0A');
INSERT INTO "undo" VALUES(24117248,39,X'7B226F70223A22637265617465222C226B696E64223A22646576696365222C226964223A387D0A');
INSERT INTO "undo" VALUES(25165824,37,X'7B226F70223A22637265617465222C226B696E64223A22746167222C226964223A31357D0A');
CREATE INDEX device_by_revision ON device (revision);
CREATE INDEX tag_by_revision ON tag (revision);
CREATE INDEX gone_by_revision ON gone (revision);
CREATE INDEX audit_by_device ON audit (device, id);
CREATE INDEX profile_tag_by_profile ON profile_tag (profile_id, place);
CREATE INDEX device_by_profile ON device (json_extract(profile, '$.name')) WHERE profile IS NOT NULL;
CREATE INDEX tag_by_profile ON tag (profile_tag_id, device_id) WHERE profile_tag_id IS NOT NULL;
CREATE INDEX span_by_place ON span (server, gateway, unit, "table", first);
CREATE INDEX span_of_one_gateway ON span (unit, "table", first) WHERE gateway <> '';
CREATE INDEX device_on_line ON device (id) WHERE substr(network_modbus_host, 1, 7) = 'serial:';
CREATE INDEX device_by_rtu ON device (id) WHERE network_framing = 'rtu';
CREATE INDEX device_by_tls ON device (id) WHERE network_tls = 1;
DELETE FROM "sqlite_sequence";
INSERT INTO "sqlite_sequence" VALUES('device',8);
INSERT INTO "sqlite_sequence" VALUES('audit',25);
INSERT INTO "sqlite_sequence" VALUES('tag',15);
INSERT INTO "sqlite_sequence" VALUES('profile',1);
INSERT INTO "sqlite_sequence" VALUES('profile_tag',1);
COMMIT;
PRAGMA user_version = 8;
