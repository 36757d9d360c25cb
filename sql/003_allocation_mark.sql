-- The allocation mark: the highest address that has been allocated in a unit and table. Earlier
-- versions also raised it for an address that a user set, so that one typing error near the end of a
-- table left no address to allocate. The store does not record which addresses were allocated. A mark
-- without space above it for the longest value, 123 registers, moves below the widest gap between
-- registers with a current owner, or with an earlier owner in the table gone: addresses that users set
-- far above lie beyond that gap.

CREATE TEMP VIEW gap AS
WITH mark AS (
    SELECT unit, "table" FROM high_water WHERE address > 65535 - 123
), used AS (
    SELECT s.unit, s."table", s.first, s.last FROM span s JOIN mark USING (unit, "table")
    WHERE s.server = ''
    UNION ALL
    SELECT g.unit, g."table", g.first, g.last FROM gone g JOIN mark USING (unit, "table")
    WHERE g.kind = 'registers'
    UNION ALL
    SELECT unit, "table", 65536, 65536 FROM mark
)
SELECT unit, "table", below, first - below AS width FROM (
    SELECT unit, "table", first, coalesce(max(last) OVER (
        PARTITION BY unit, "table" ORDER BY first, last
        ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING), -1) AS below
    FROM used
);

-- No register lies below the gap: nothing has been allocated.
DELETE FROM high_water WHERE address > 65535 - 123 AND -1 = (
    SELECT below FROM gap g WHERE g.unit = high_water.unit AND g."table" = high_water."table"
    ORDER BY width DESC, below LIMIT 1
);
UPDATE high_water SET address = (
    SELECT below FROM gap g WHERE g.unit = high_water.unit AND g."table" = high_water."table"
    ORDER BY width DESC, below LIMIT 1
) WHERE address > 65535 - 123;

DROP VIEW gap;
