-- Setting up: what the import of tables, profiles and discovery add.

-- Tables as people write them: the name as it was, for people.
ALTER TABLE device ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE tag ADD COLUMN label TEXT NOT NULL DEFAULT '';

-- Discoveries that are asked for. tagferry-mqttd runs each until ends_ms and keeps what it has heard
-- in a file of runtime_dir until the row is deleted. Rows are no configuration: they have no revision.
CREATE TABLE discovery (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,   -- never reused
    topics     TEXT    NOT NULL CHECK (json_valid(topics)),   -- an array of filters
    seconds    INTEGER NOT NULL CHECK (seconds BETWEEN 1 AND 3600),
    created_ms INTEGER NOT NULL,
    ends_ms    INTEGER NOT NULL CHECK (ends_ms >= created_ms),
    who        TEXT    NOT NULL DEFAULT ''          -- the token's name, '' without one
) STRICT;
