-- The effect of a JSON null on a tag with on_stale, and whether values are written again to a server
-- that has reconnected. tagferry-api is the only writer and checks the choices.

ALTER TABLE tag ADD COLUMN modbus_on_null TEXT NOT NULL DEFAULT 'hold';   -- or 'stale'
ALTER TABLE device ADD COLUMN network_rewrite_on_reconnect INTEGER NOT NULL DEFAULT 1;
