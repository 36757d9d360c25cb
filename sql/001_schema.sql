-- The first schema: devices, tags, and the tables from which readers learn of changes.
--
-- tagferry-api is the only writer. Each transaction with a change increments store.revision once and
-- stores this number in each changed row, so that a reader finds new rows with one comparison. Times
-- are milliseconds since 1970 UTC. Choices have the same names as in the REST API.
--
-- For a list of three or more words, x IN (...), SQLite builds a table in memory for each row that it
-- checks; therefore the constraints compare choices one by one.

CREATE TABLE store (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    revision  INTEGER NOT NULL DEFAULT 0,   -- of the newest change
    gone_from INTEGER NOT NULL DEFAULT 0,   -- deletions up to this revision are no longer in gone
    next_slot INTEGER NOT NULL DEFAULT 0,   -- the lowest slot that was never used
    local     TEXT    NOT NULL DEFAULT ''   -- the local Modbus server, address and units, for span
) STRICT;
INSERT INTO store (id) VALUES (1);

-- Slots are row numbers of the live table: small, dense, shared by devices and tags. free_slot holds
-- the released ones.
CREATE TABLE free_slot (
    slot INTEGER PRIMARY KEY CHECK (slot >= 0)
) STRICT;

CREATE TABLE device (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,   -- never reused
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

    mqtt_topic               TEXT    NOT NULL CHECK (length(mqtt_topic) > 0),
    mqtt_qos                 INTEGER NOT NULL DEFAULT 1 CHECK (mqtt_qos BETWEEN 0 AND 2),
    mqtt_availability_topic  TEXT,
    mqtt_payload_available   TEXT    NOT NULL DEFAULT 'online',
    mqtt_payload_unavailable TEXT    NOT NULL DEFAULT 'offline',
    mqtt_stale_after_s       INTEGER NOT NULL DEFAULT 0 CHECK (mqtt_stale_after_s >= 0),
    mqtt_timestamp_key       TEXT,

    status_table   TEXT CHECK (status_table IN ('input_register', 'holding_register')),
    status_address INTEGER CHECK (status_address BETWEEN 0 AND 65532),

    slot       INTEGER NOT NULL UNIQUE CHECK (slot >= 0),
    revision   INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    CHECK ((status_table IS NULL) = (status_address IS NULL))
) STRICT;
CREATE INDEX device_by_revision ON device (revision);

CREATE TABLE tag (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    device_id   INTEGER NOT NULL REFERENCES device (id) ON DELETE CASCADE,
    name        TEXT    NOT NULL CHECK (length(name) BETWEEN 1 AND 64),
    description TEXT    NOT NULL DEFAULT '',
    unit        TEXT    NOT NULL DEFAULT '',
    enabled     INTEGER NOT NULL DEFAULT 1 CHECK (enabled IN (0, 1)),
    direction   TEXT    NOT NULL DEFAULT 'to_modbus'
                CHECK (direction = 'to_modbus' OR direction = 'to_mqtt' OR direction = 'both'),

    mqtt_key              TEXT    NOT NULL,       -- '' is the whole payload
    mqtt_topic            TEXT,                   -- NULL: the device's
    mqtt_payload          TEXT    NOT NULL DEFAULT 'json' CHECK (mqtt_payload IN ('json', 'text')),
    mqtt_values           TEXT CHECK (mqtt_values IS NULL OR json_valid(mqtt_values)),
    mqtt_command_topic    TEXT,
    mqtt_command_template TEXT,
    mqtt_command_qos      INTEGER NOT NULL DEFAULT 1 CHECK (mqtt_command_qos BETWEEN 0 AND 2),
    mqtt_command_retain   INTEGER NOT NULL DEFAULT 0 CHECK (mqtt_command_retain IN (0, 1)),
    mqtt_settle_ms        INTEGER NOT NULL DEFAULT 50 CHECK (mqtt_settle_ms >= 0),
    mqtt_hold_off_ms      INTEGER NOT NULL DEFAULT 2000 CHECK (mqtt_hold_off_ms >= 0),

    modbus_table       TEXT    NOT NULL CHECK (
                       modbus_table = 'coil' OR modbus_table = 'discrete_input' OR
                       modbus_table = 'input_register' OR modbus_table = 'holding_register'),
    modbus_address     INTEGER NOT NULL CHECK (modbus_address BETWEEN 0 AND 65535),
    modbus_type        TEXT    NOT NULL CHECK (
                       modbus_type = 'bool' OR modbus_type = 'int16' OR modbus_type = 'uint16' OR
                       modbus_type = 'int32' OR modbus_type = 'uint32' OR modbus_type = 'int64' OR
                       modbus_type = 'uint64' OR modbus_type = 'float32' OR
                       modbus_type = 'float64' OR modbus_type = 'string'),
    modbus_byte_order  TEXT    NOT NULL DEFAULT 'ABCD'
                       CHECK (modbus_byte_order = 'ABCD' OR modbus_byte_order = 'CDAB' OR
                              modbus_byte_order = 'BADC' OR modbus_byte_order = 'DCBA'),
    modbus_bit         INTEGER CHECK (modbus_bit BETWEEN 0 AND 15),
    modbus_length      INTEGER CHECK (modbus_length BETWEEN 1 AND 123),
    modbus_scale       REAL    NOT NULL DEFAULT 1 CHECK (modbus_scale <> 0),
    modbus_offset      REAL    NOT NULL DEFAULT 0,
    modbus_on_overflow TEXT    NOT NULL DEFAULT 'reject'
                       CHECK (modbus_on_overflow IN ('reject', 'clamp')),
    modbus_on_stale    TEXT,                      -- NULL: hold; 'nan'; else a raw register value

    slot       INTEGER NOT NULL UNIQUE CHECK (slot >= 0),
    revision   INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    UNIQUE (device_id, name),
    CHECK ((modbus_type = 'string') = (modbus_length IS NOT NULL)),
    CHECK (modbus_bit IS NULL OR modbus_type = 'bool')
) STRICT;
CREATE INDEX tag_by_revision ON tag (revision);

-- The registers in use, in addition to the tags and status blocks that own them, so that one range
-- query finds an overlap. Each owner has one row. `server` is '' for the local Modbus server, else
-- its normalised host:port.
CREATE TABLE span (
    id        INTEGER PRIMARY KEY,
    server    TEXT    NOT NULL,
    unit      INTEGER NOT NULL CHECK (unit BETWEEN 0 AND 255),
    "table"   TEXT    NOT NULL,
    first     INTEGER NOT NULL CHECK (first BETWEEN 0 AND 65535),
    last      INTEGER NOT NULL CHECK (last BETWEEN first AND 65535),
    bit       INTEGER CHECK (bit BETWEEN 0 AND 15),
    tag_id    INTEGER UNIQUE REFERENCES tag (id) ON DELETE CASCADE,
    status_of INTEGER UNIQUE REFERENCES device (id) ON DELETE CASCADE,
    CHECK ((tag_id IS NULL) <> (status_of IS NULL))
) STRICT;
CREATE INDEX span_by_place ON span (server, unit, "table", first);

-- The highest address that has been used on the local server, for allocation.
CREATE TABLE high_water (
    unit    INTEGER NOT NULL,
    "table" TEXT    NOT NULL,
    address INTEGER NOT NULL CHECK (address BETWEEN 0 AND 65535),
    PRIMARY KEY (unit, "table")
) STRICT, WITHOUT ROWID;

-- Deleted devices and tags, for readers with a copy; and orphaned registers of the local server, which
-- lost their owner by a deletion, a move or a new type: tagferry-mqttd sets them to zero unless they
-- have a new owner.
CREATE TABLE gone (
    revision INTEGER NOT NULL,
    kind     TEXT    NOT NULL CHECK (kind = 'device' OR kind = 'tag' OR kind = 'registers'),
    id       INTEGER,          -- of the device or tag
    unit     INTEGER,          -- of registers, from here on
    "table"  TEXT,
    first    INTEGER,
    last     INTEGER,
    bit      INTEGER
) STRICT;
CREATE INDEX gone_by_revision ON gone (revision);

-- The audit of changes. It stores the names of tokens, not the tokens.
CREATE TABLE audit (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    revision   INTEGER NOT NULL,   -- of the change
    at_ms      INTEGER NOT NULL,
    who        TEXT    NOT NULL,   -- the token's name, '' without one
    remote     TEXT    NOT NULL,   -- the address that it came from
    request_id TEXT    NOT NULL,
    action     TEXT    NOT NULL CHECK (action = 'create' OR action = 'change' OR
                                         action = 'delete' OR action = 'import'),
    kind       TEXT    NOT NULL CHECK (kind = 'device' OR kind = 'tag' OR kind = 'all'),
    device     TEXT,
    tag        TEXT,
    before     TEXT,               -- the resource as JSON
    after      TEXT
) STRICT;
CREATE INDEX audit_by_device ON audit (device, id);
