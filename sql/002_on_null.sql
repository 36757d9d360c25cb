-- What a JSON null does to a tag with on_stale, and whether a server that comes back is written again.
-- The API is the only writer and checks the choices.

ALTER TABLE tag ADD COLUMN modbus_on_null TEXT NOT NULL DEFAULT 'hold';   -- or 'stale'
ALTER TABLE device ADD COLUMN network_rewrite_on_reconnect INTEGER NOT NULL DEFAULT 1;
