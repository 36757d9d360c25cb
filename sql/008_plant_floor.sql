-- Modbus as the plant floor has it: more types, constants, companions, commands on change, serial lines
-- and TLS of foreign servers.

-- The value of a tag with direction 'constant', as JSON.
ALTER TABLE tag ADD COLUMN modbus_constant TEXT;

-- What a tag with direction 'companion' shows, and of which tag of its device.
ALTER TABLE tag ADD COLUMN modbus_companion TEXT NOT NULL DEFAULT 'none';
ALTER TABLE tag ADD COLUMN modbus_companion_of TEXT;
