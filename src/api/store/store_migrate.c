/* Migrates an older store, in one transaction, after a backup of it. */
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "api/base/embedded.h"
#include "api/store/backup.h"
#include "api/store/kept_store.h"
#include "api/store/store_internal.h"
#include "common/base/log.h"
#include "common/base/require.h"

bool store_check_version(sqlite3 *db, char *why, size_t why_size)
{
    int64_t found = db_schema_version(db);
    if (found <= DB_SCHEMA_VERSION)
        return true;
    /* Otherwise SQLite would move its log into the file. */
    sqlite3_db_config(db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
    snprintf(why, why_size,
             "the store has schema version %lld, but this program supports only %d: a newer "
             "tagferry-api has written it. Nothing was changed. Install that version again, or use "
             "the backup that its upgrade made, as \"Upgrade\" in docs/operations.md says",
             (long long)found, DB_SCHEMA_VERSION);
    return false;
}

/* Runs the file that changes the schema from `version` to the next one. */
static bool migrate_step(sqlite3 *db, int version, char *why, size_t why_size)
{
    const struct embedded *file = &schema_files[version];
    char set_version[64];
    int64_t dangling = 0;
    snprintf(set_version, sizeof set_version, "PRAGMA user_version = %d", version + 1);
    if (db_run_sql(db, file->data) &&
        (dangling = db_query_integer(db, "SELECT count(*) FROM pragma_foreign_key_check", -1)) ==
            0 &&
        db_run_sql(db, set_version))
        return true;
    if (dangling > 0)
        snprintf(why, why_size, "%s: %lld rows refer to rows that do not exist", file->name,
                 (long long)dangling);
    else
        snprintf(why, why_size, "%s: %s", file->name, db_error_reason(db));
    return false;
}

/* MIGRATE_UNCERTAIN: the commit failed, but may be on the disk and valid after a crash. */
enum migrated { MIGRATE_DONE, MIGRATE_UNCHANGED, MIGRATE_UNCERTAIN };

/* Migrates the store in one transaction: killed at any moment, it is of the old version or of the
 * newest. PRAGMA user_version holds the version; the file at index n of schema_files changes the
 * schema from version n to n + 1. Foreign keys are off meanwhile, so that a file can rebuild a
 * table: otherwise DROP TABLE would delete the rows that refer to it. They are checked after each
 * file. After a failure they stay off, and the caller closes the connection. */
static enum migrated migrate_store(sqlite3 *db, char *why, size_t why_size)
{
    /* Within a transaction the pragma would have no effect. */
    REQUIRE(sqlite3_get_autocommit(db));
    db_run_sql(db, "PRAGMA foreign_keys = OFF");
    if (!db_run_sql(db, "BEGIN IMMEDIATE")) {
        snprintf(why, why_size, "%s", db_error_reason(db));
        return MIGRATE_UNCHANGED;
    }
    for (int version = (int)db_schema_version(db); version < DB_SCHEMA_VERSION; version++) {
        if (!migrate_step(db, version, why, why_size)) {
            db_run_sql(db, "ROLLBACK");
            return MIGRATE_UNCHANGED;
        }
    }
    if (db_run_sql(db, "COMMIT"))
        return MIGRATE_DONE;
    snprintf(why, why_size, "%s", db_error_reason(db));
    db_run_sql(db, "ROLLBACK");
    return MIGRATE_UNCERTAIN;
}

/* A new, empty store has the version 0, and nothing to copy. */
static bool migrate_is_older(int64_t version, int64_t newest)
{
    return version > 0 && version < newest;
}

/* Copies the store to a file before its migration, while no other process can write to it. Writes
 * the path to `backup`; "" if another process has migrated the store meanwhile. */
static bool migrate_make_backup(const struct store *store, char backup[PATH_MAX], char *why,
                                size_t why_size)
{
    char reason[BACKUP_WHY_SIZE] = "";
    backup[0] = '\0';
    if (!db_run_sql(store->db, "BEGIN IMMEDIATE")) {
        snprintf(why, why_size, "%s", db_error_reason(store->db));
        return false;
    }
    int64_t version = db_schema_version(store->db);
    bool needed = migrate_is_older(version, DB_SCHEMA_VERSION);
    bool ok = !needed ||
              kept_store_create(store->path, KEPT_SCHEMA, version, backup, reason, sizeof reason);
    db_run_sql(store->db, "ROLLBACK");
    if (!ok) {
        snprintf(why, why_size,
                 "no backup can be made before its migration from schema version %lld to %d: "
                 "%.250s. Nothing was changed",
                 (long long)version, DB_SCHEMA_VERSION, reason);
        return false;
    }
    if (needed)
        log_info("store: before its migration from schema version %lld to %d, %s was copied to %s",
                 (long long)version, DB_SCHEMA_VERSION, store->path, backup);
    return true;
}

/* Sets up the connection and migrates an older store. */
static enum migrated migrate_prepare(sqlite3 *db, char *why, size_t why_size)
{
    enum migrated migrated = MIGRATE_DONE;
    if (!db_run_sql(db, "PRAGMA journal_mode = WAL") ||
        !db_run_sql(db, "PRAGMA synchronous = FULL") ||
        /* Large enough for the changes of a large import; allocated as needed. */
        !db_run_sql(db, "PRAGMA cache_size = -65536")) {
        snprintf(why, why_size, "%s", db_error_reason(db));
        return MIGRATE_UNCHANGED;
    }
    if (db_schema_version(db) < DB_SCHEMA_VERSION)
        migrated = migrate_store(db, why, why_size);
    if (migrated == MIGRATE_DONE)
        db_run_sql(db, "PRAGMA foreign_keys = ON");
    return migrated;
}

bool store_prepare_writer(struct store *store, char *why, size_t why_size)
{
    char backup[PATH_MAX] = "";
    REQUIRE(schema_files[DB_SCHEMA_VERSION - 1].name && !schema_files[DB_SCHEMA_VERSION].name);
    int64_t found = db_schema_version(store->db);
    if (found < 0) {
        snprintf(why, why_size, "cannot read the store: %s", db_error_reason(store->db));
        return false;
    }
    if (found == 0 && db_query_integer(store->db, "SELECT count(*) FROM sqlite_schema", 0) != 0) {
        snprintf(why, why_size, "this is another program's database");
        return false;
    }
    if (migrate_is_older(found, DB_SCHEMA_VERSION) && store->mode == STORE_WRITE) {
        kept_store_limit(store->path, KEPT_SCHEMA); /* of starts that were killed */
        if (!migrate_make_backup(store, backup, why, why_size))
            return false;
    }
    enum migrated migrated = migrate_prepare(store->db, why, why_size);
    if (backup[0] != '\0' && migrated == MIGRATE_UNCHANGED)
        unlink(backup);
    else if (backup[0] != '\0')
        kept_store_limit(store->path, KEPT_SCHEMA);
    return migrated == MIGRATE_DONE;
}
