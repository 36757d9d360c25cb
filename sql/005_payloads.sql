-- Options of tags and devices for payloads of the field. The columns are appended: tagferry-mqttd
-- reads them by name.

ALTER TABLE tag ADD COLUMN mqtt_pattern TEXT;                    -- NULL: none
ALTER TABLE tag ADD COLUMN mqtt_number  TEXT NOT NULL DEFAULT 'decimal';
ALTER TABLE tag ADD COLUMN mqtt_quality_key TEXT;                -- NULL: none

ALTER TABLE device ADD COLUMN mqtt_availability_key TEXT;
ALTER TABLE device ADD COLUMN mqtt_where TEXT;     -- NULL, or a JSON object from keys to scalars
ALTER TABLE device ADD COLUMN mqtt_request TEXT;   -- NULL, or a JSON object

-- NULL now stands for any other payload. SQLite cannot drop NOT NULL, so the columns are replaced.
ALTER TABLE device ADD COLUMN new_payload_available TEXT DEFAULT 'online';
ALTER TABLE device ADD COLUMN new_payload_unavailable TEXT DEFAULT 'offline';
UPDATE device SET new_payload_available = mqtt_payload_available,
                  new_payload_unavailable = mqtt_payload_unavailable;
ALTER TABLE device DROP COLUMN mqtt_payload_available;
ALTER TABLE device DROP COLUMN mqtt_payload_unavailable;
ALTER TABLE device RENAME COLUMN new_payload_available TO mqtt_payload_available;
ALTER TABLE device RENAME COLUMN new_payload_unavailable TO mqtt_payload_unavailable;
