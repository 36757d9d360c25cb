/* Migrations by PRAGMA user_version: the file at place n of sql/ leads to version n + 1. */
#include "api/store/migrate.h"

#include <sqlite3.h>
#include <stdio.h>

#include "api/base/embedded.h"
#include "common/store/db.h"

static bool migrate_apply_file(sqlite3 *db, const struct embedded *file, int version)
{
    char pragma[64];
    snprintf(pragma, sizeof pragma, "PRAGMA user_version = %d", version);
    if (!db_run_sql(db, "BEGIN IMMEDIATE"))
        return false;
    if (db_run_sql(db, file->data) && db_run_sql(db, pragma) && db_run_sql(db, "COMMIT"))
        return true;
    /* ROLLBACK would replace the reason. */
    return false;
}

static int migrate_known_version(void)
{
    int known = 0;
    while (schema_files[known].name)
        known++;
    return known;
}

bool migrate_check_version(struct sqlite3 *db, char *why, size_t why_size)
{
    int known = migrate_known_version();
    int64_t found = db_schema_version(db);
    if (found < 0)
        snprintf(why, why_size, "cannot read the store: %s", db_error_reason(db));
    else if (found > known)
        snprintf(why, why_size,
                 "the store has schema version %lld, this program knows %d: it was written by a "
                 "newer tagferry-api",
                 (long long)found, known);
    else if (found == 0 && db_query_integer(db, "SELECT count(*) FROM sqlite_schema", 0) != 0)
        snprintf(why, why_size, "this is another program's database");
    else
        return true;
    return false;
}

bool migrate_run(struct sqlite3 *db, char *why, size_t why_size)
{
    int known = migrate_known_version();
    for (int version = (int)db_schema_version(db); version < known; version++) {
        if (!migrate_apply_file(db, &schema_files[version], version + 1)) {
            snprintf(why, why_size, "%s: %s", schema_files[version].name, db_error_reason(db));
            db_run_sql(db, "ROLLBACK");
            return false;
        }
    }
    return true;
}
