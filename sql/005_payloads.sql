-- Options of tags and devices for payloads of the field. The columns are appended: tagferry-mqttd
-- reads them by name.

ALTER TABLE tag ADD COLUMN mqtt_pattern TEXT;                    -- NULL: none
ALTER TABLE tag ADD COLUMN mqtt_number  TEXT NOT NULL DEFAULT 'decimal';
