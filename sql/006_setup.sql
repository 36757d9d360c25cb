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

-- What is needed to undo changes of devices and tags (src/api/store/undo_log.h): one or more parts for
-- each revision, gzip-compressed unless `size` is the length of `data`. The id is the revision * 2^20 +
-- the number of the part. Earlier changes cannot be undone.
CREATE TABLE undo (
    id   INTEGER PRIMARY KEY,
    size INTEGER NOT NULL,   -- before compression
    data BLOB    NOT NULL
) STRICT;
ALTER TABLE store ADD COLUMN undo_bytes INTEGER NOT NULL DEFAULT 0;   -- in all parts
ALTER TABLE store ADD COLUMN undo_from INTEGER NOT NULL DEFAULT 0;    -- no parts up to this revision
UPDATE store SET undo_from = revision;

-- Profiles. The tags of a device that uses one are rows of `tag` like any others; profile_tag_id says
-- which tag of the profile each follows. `params`, `room`, `device` and `body` are JSON.
CREATE TABLE profile (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    name        TEXT    NOT NULL UNIQUE CHECK (length(name) BETWEEN 1 AND 64),
    label       TEXT    NOT NULL,
    description TEXT    NOT NULL,
    params      TEXT    NOT NULL,
    room        TEXT    NOT NULL,
    device      TEXT    NOT NULL,
    revision    INTEGER NOT NULL,
    created_ms  INTEGER NOT NULL,
    updated_ms  INTEGER NOT NULL
) STRICT;
CREATE TABLE profile_tag (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    profile_id INTEGER NOT NULL REFERENCES profile (id) ON DELETE CASCADE,
    place      INTEGER NOT NULL,   -- its place in the list of the profile
    name       TEXT    NOT NULL,
    body       TEXT    NOT NULL
) STRICT;
CREATE INDEX profile_tag_by_profile ON profile_tag (profile_id, place);

ALTER TABLE device ADD COLUMN profile TEXT;   -- NULL, or JSON: name, params, base
ALTER TABLE tag ADD COLUMN profile_tag_id INTEGER REFERENCES profile_tag (id);
CREATE INDEX device_by_profile ON device (json_extract(profile, '$.name')) WHERE profile IS NOT NULL;
CREATE INDEX tag_by_profile ON tag (profile_tag_id, device_id) WHERE profile_tag_id IS NOT NULL;
