-- Modbus as the plant floor has it: more types, constants, companions, commands on change, serial lines
-- and TLS of foreign servers.

-- The value of a tag with direction 'constant', as JSON.
ALTER TABLE tag ADD COLUMN modbus_constant TEXT;
