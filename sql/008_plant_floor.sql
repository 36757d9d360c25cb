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
