-- A store of schema 8, with data. Never change it.
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
INSERT INTO "free_slot" VALUES(2);
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
INSERT INTO "high_water" VALUES(1,'input_register','',9003);
CREATE TABLE leadership (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    decided INTEGER NOT NULL DEFAULT 0 CHECK (decided IN (0, 1)),   -- 0: [api] follow decides
    leader  TEXT    NOT NULL DEFAULT '',   -- URL of the leader; '': this store leads
    former  TEXT    NOT NULL DEFAULT '',   -- URL of the leader that it followed last, or ''
    gateway TEXT    NOT NULL DEFAULT '',   -- [common] gateway at the last start
    instance TEXT   NOT NULL DEFAULT ''    -- random, new at each start: a copy of the store is another
) STRICT;
INSERT INTO "leadership" VALUES(1,0,'','','','f503da9ba700c3a7');
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
CREATE TABLE profile_tag (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,   -- its place in the list of the profile
    name       TEXT    NOT NULL,
    body       TEXT    NOT NULL
) STRICT;
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
CREATE TABLE store (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    revision  INTEGER NOT NULL DEFAULT 0,   -- of the newest change
    gone_from INTEGER NOT NULL DEFAULT 0,   -- deletions up to this revision are no longer in gone
    next_slot INTEGER NOT NULL DEFAULT 0,   -- the lowest slot that was never given out
    local     TEXT    NOT NULL DEFAULT ''   -- the local Modbus server, address and units, for span
, undo_bytes INTEGER NOT NULL DEFAULT 0, undo_from INTEGER NOT NULL DEFAULT 0, term INTEGER NOT NULL DEFAULT 0, generation INTEGER NOT NULL DEFAULT 0, branch TEXT NOT NULL DEFAULT '', parent TEXT NOT NULL DEFAULT '', parent_revision INTEGER NOT NULL DEFAULT 0, parent_audit INTEGER NOT NULL DEFAULT 0) STRICT;
INSERT INTO "store" VALUES(1,7,0,6,'127.0.0.1:15201 unit ids 1',0,7,0,0,'5809dbf08b911465','',0,0);
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
CREATE TABLE undo (
    id   INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,   -- before compression
    data BLOB    NOT NULL
) STRICT;
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
INSERT INTO "sqlite_sequence" VALUES('device',2);
INSERT INTO "sqlite_sequence" VALUES('audit',7);
INSERT INTO "sqlite_sequence" VALUES('tag',4);
COMMIT;
PRAGMA user_version = 8;
