-- Modbus as the plant floor has it: more types, constants, companions, commands on change, serial lines
-- and TLS of foreign servers.

-- The value of a tag with direction 'constant', as JSON.
ALTER TABLE tag ADD COLUMN modbus_constant TEXT;

-- What a tag with direction 'companion' shows, and of which tag of its device.
ALTER TABLE tag ADD COLUMN modbus_companion TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tag ADD COLUMN modbus_companion_of TEXT;

-- The byte of its register that a value of int8 or uint8 has: NULL, 'low' or 'high'.
ALTER TABLE tag ADD COLUMN modbus_byte TEXT;
-- How many bits from `bit` on have this owner: 8 of a byte. Without `bit` it is the whole register.
ALTER TABLE span ADD COLUMN bits INTEGER NOT NULL DEFAULT 1 CHECK (bits BETWEEN 1 AND 16);
ALTER TABLE gone ADD COLUMN bits INTEGER NOT NULL DEFAULT 1;   -- of registers

-- Foreign servers that are reached by RTU.
ALTER TABLE device ADD COLUMN network_framing TEXT NOT NULL DEFAULT 'tcp';
-- Those that are compared with each new one, since a line has the same parameters for all its devices.
CREATE INDEX device_on_line ON device (id) WHERE substr(network_modbus_host, 1, 7) = 'serial:';
CREATE INDEX device_by_rtu ON device (id) WHERE network_framing = 'rtu';

-- Which of SCADA's writes are published: 'write', each of them, or 'change', with a dead band; and how often.
ALTER TABLE tag ADD COLUMN mqtt_command_on TEXT NOT NULL DEFAULT 'write';
ALTER TABLE tag ADD COLUMN mqtt_min_interval_ms INTEGER NOT NULL DEFAULT 0;
ALTER TABLE tag ADD COLUMN mqtt_min_change REAL NOT NULL DEFAULT 0;

-- Foreign servers that are reached by Modbus/TCP Security.
ALTER TABLE device ADD COLUMN network_tls INTEGER NOT NULL DEFAULT 0;
CREATE INDEX device_by_tls ON device (id) WHERE network_tls = 1;

-- Limits of writes to a slow foreign server: a dead band, and the shortest time between two of a tag's writes.
ALTER TABLE tag ADD COLUMN modbus_min_change REAL NOT NULL DEFAULT 0;
ALTER TABLE tag ADD COLUMN modbus_min_interval_ms INTEGER NOT NULL DEFAULT 0;
