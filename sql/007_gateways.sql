-- More than one gateway: devices that one gateway holds, and stores that follow another's.

-- The gateway that holds the device's registers. NULL: every gateway.
ALTER TABLE device ADD COLUMN network_gateway TEXT;

-- Each gateway has registers of its own on its local server; '' stands for all gateways. A register of
-- all gateways overlaps with the same one of any. Foreign servers are the same ones for all gateways:
-- there the column is ''.
ALTER TABLE span ADD COLUMN gateway TEXT NOT NULL DEFAULT '';
DROP INDEX span_by_place;
CREATE INDEX span_by_place ON span (server, gateway, unit, "table", first);
-- Those of any one gateway, for comparison with those of all gateways.
CREATE INDEX span_of_one_gateway ON span (unit, "table", first) WHERE gateway <> '';
ALTER TABLE gone ADD COLUMN gateway TEXT NOT NULL DEFAULT '';   -- of registers
CREATE TABLE new_high_water (
    unit    INTEGER NOT NULL,
    "table" TEXT    NOT NULL,
    gateway TEXT    NOT NULL,
    address INTEGER NOT NULL CHECK (address BETWEEN 0 AND 65535),
    PRIMARY KEY (unit, "table", gateway)
) STRICT, WITHOUT ROWID;
INSERT INTO new_high_water (unit, "table", gateway, address)
SELECT unit, "table", '', address FROM high_water;
DROP TABLE high_water;
ALTER TABLE new_high_water RENAME TO high_water;

-- The term counts the changes of the leader. Stores of the same term have the same history: of two, the
-- one with the lower revision is an older state of the other.
ALTER TABLE store ADD COLUMN term INTEGER NOT NULL DEFAULT 0;
-- Raised when the content was replaced as a whole: readers then read everything again, whatever their
-- revision. Each store counts for itself.
ALTER TABLE store ADD COLUMN generation INTEGER NOT NULL DEFAULT 0;
-- A random name of what one leader writes in one term: two leaders of the same term have different
-- ones. `parent` is the name before the last promotion, and the other two the newest change and entry of
-- the audit then. A store of that name which has no more than these is an older state of this one.
ALTER TABLE store ADD COLUMN branch TEXT NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN parent TEXT NOT NULL DEFAULT '';
ALTER TABLE store ADD COLUMN parent_revision INTEGER NOT NULL DEFAULT 0;
ALTER TABLE store ADD COLUMN parent_audit INTEGER NOT NULL DEFAULT 0;
UPDATE store SET branch = lower(hex(randomblob(8)));
-- The role of this store. No part of the configuration: a follower does not copy it.
CREATE TABLE leadership (
    id      INTEGER PRIMARY KEY CHECK (id = 1),
    decided INTEGER NOT NULL DEFAULT 0 CHECK (decided IN (0, 1)),   -- 0: [api] follow decides
    leader  TEXT    NOT NULL DEFAULT '',   -- URL of the leader; '': this store leads
    former  TEXT    NOT NULL DEFAULT '',   -- URL of the leader that it followed last, or ''
    gateway TEXT    NOT NULL DEFAULT '',   -- [common] gateway at the last start
    instance TEXT   NOT NULL DEFAULT ''    -- random, new at each start: a copy of the store is another
) STRICT;
INSERT INTO leadership (id) VALUES (1);

-- Setpoints that expire unless SCADA writes them again.
ALTER TABLE tag ADD COLUMN mqtt_expires_s INTEGER NOT NULL DEFAULT 0;   -- 0: never
ALTER TABLE tag ADD COLUMN mqtt_expire_value TEXT;   -- NULL, or a JSON number, text, true or false
