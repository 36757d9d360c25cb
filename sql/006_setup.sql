-- Setting up: what the import of tables, profiles and discovery add.

-- Tables as people write them: the name as it was, for people.
ALTER TABLE device ADD COLUMN label TEXT NOT NULL DEFAULT '';
ALTER TABLE tag ADD COLUMN label TEXT NOT NULL DEFAULT '';
