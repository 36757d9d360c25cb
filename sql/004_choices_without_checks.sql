-- Rebuilds the tables whose CHECK constraints list choices, and drops these constraints: SQLite cannot
-- alter a constraint, so each new value type or action would require such a rebuild. tagferry-api is
-- the only writer and checks the choices (src/common/model/resource_fields.h). Ranges and flags keep
-- their checks. The columns get the order of the fields.
--
-- Foreign keys are off during a migration and are checked at its end (store_open.c), so that DROP
-- TABLE deletes no rows of other tables. Ids, rowids and the counters of AUTOINCREMENT stay.

CREATE TABLE new_device (
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
    network_rewrite_on_reconnect INTEGER NOT NULL DEFAULT 1
                                CHECK (network_rewrite_on_reconnect IN (0, 1)),

    mqtt_topic               TEXT    NOT NULL CHECK (length(mqtt_topic) > 0),
    mqtt_qos                 INTEGER NOT NULL DEFAULT 1 CHECK (mqtt_qos BETWEEN 0 AND 2),
    mqtt_availability_topic  TEXT,
    mqtt_payload_available   TEXT    NOT NULL DEFAULT 'online',
    mqtt_payload_unavailable TEXT    NOT NULL DEFAULT 'offline',
    mqtt_stale_after_s       INTEGER NOT NULL DEFAULT 0 CHECK (mqtt_stale_after_s >= 0),
    mqtt_timestamp_key       TEXT,

    status_table   TEXT,
    status_address INTEGER CHECK (status_address BETWEEN 0 AND 65532),

    slot       INTEGER NOT NULL UNIQUE CHECK (slot >= 0),
    revision   INTEGER NOT NULL,
    created_ms INTEGER NOT NULL,
    updated_ms INTEGER NOT NULL,
    CHECK ((status_table IS NULL) = (status_address IS NULL))
) STRICT;

CREATE TABLE new_tag (
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
    updated_ms INTEGER NOT NULL,
    UNIQUE (device_id, name)
) STRICT;

CREATE TABLE new_gone (
    revision INTEGER NOT NULL,
    kind     TEXT    NOT NULL,   -- 'device', 'tag' or 'registers'
    id       INTEGER,            -- of the device or tag
    unit     INTEGER,            -- of registers, from here on
    "table"  TEXT,
    first    INTEGER,
    last     INTEGER,
    bit      INTEGER
) STRICT;

CREATE TABLE new_audit (
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

-- Copies the counters first, so that the copies below do not change them.
INSERT INTO sqlite_sequence (name, seq)
SELECT 'new_' || name, seq FROM sqlite_sequence WHERE name IN ('device', 'tag', 'audit');

INSERT INTO new_device (
    id, name, description, enabled, network_address, network_modbus_host, network_modbus_port,
    network_unit_id, network_max_write_registers, network_min_interval_ms, network_write_single,
    network_poll_interval_ms, network_rewrite_on_reconnect, mqtt_topic, mqtt_qos,
    mqtt_availability_topic, mqtt_payload_available, mqtt_payload_unavailable, mqtt_stale_after_s,
    mqtt_timestamp_key, status_table, status_address, slot, revision, created_ms, updated_ms)
SELECT
    id, name, description, enabled, network_address, network_modbus_host, network_modbus_port,
    network_unit_id, network_max_write_registers, network_min_interval_ms, network_write_single,
    network_poll_interval_ms, network_rewrite_on_reconnect, mqtt_topic, mqtt_qos,
    mqtt_availability_topic, mqtt_payload_available, mqtt_payload_unavailable, mqtt_stale_after_s,
    mqtt_timestamp_key, status_table, status_address, slot, revision, created_ms, updated_ms
FROM device;

INSERT INTO new_tag (
    id, device_id, name, description, unit, enabled, direction, mqtt_key, mqtt_topic, mqtt_payload,
    mqtt_values, mqtt_command_topic, mqtt_command_template, mqtt_command_qos, mqtt_command_retain,
    mqtt_settle_ms, mqtt_hold_off_ms, modbus_table, modbus_address, modbus_type, modbus_byte_order,
    modbus_bit, modbus_length, modbus_scale, modbus_offset, modbus_on_overflow, modbus_on_stale,
    modbus_on_null, slot, revision, created_ms, updated_ms)
SELECT
    id, device_id, name, description, unit, enabled, direction, mqtt_key, mqtt_topic, mqtt_payload,
    mqtt_values, mqtt_command_topic, mqtt_command_template, mqtt_command_qos, mqtt_command_retain,
    mqtt_settle_ms, mqtt_hold_off_ms, modbus_table, modbus_address, modbus_type, modbus_byte_order,
    modbus_bit, modbus_length, modbus_scale, modbus_offset, modbus_on_overflow, modbus_on_stale,
    modbus_on_null, slot, revision, created_ms, updated_ms
FROM tag;

INSERT INTO new_gone (rowid, revision, kind, id, unit, "table", first, last, bit)
SELECT rowid, revision, kind, id, unit, "table", first, last, bit FROM gone;

INSERT INTO new_audit (id, revision, at_ms, who, remote, request_id, action, kind, device, tag,
                       before, after)
SELECT id, revision, at_ms, who, remote, request_id, action, kind, device, tag, before, after
FROM audit;

DROP TABLE tag;
DROP TABLE device;
DROP TABLE gone;
DROP TABLE audit;
ALTER TABLE new_device RENAME TO device;
ALTER TABLE new_tag RENAME TO tag;
ALTER TABLE new_gone RENAME TO gone;
ALTER TABLE new_audit RENAME TO audit;

CREATE INDEX device_by_revision ON device (revision);
CREATE INDEX tag_by_revision ON tag (revision);
CREATE INDEX gone_by_revision ON gone (revision);
CREATE INDEX audit_by_device ON audit (device, id);
