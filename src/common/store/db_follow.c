/* Follows the store. */
#include "common/store/db_follow.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "common/base/require.h"
#include "common/store/db.h"

enum { FILE_CHECK_MS = 1000 };

void db_follow_close(struct db_follow *follow)
{
    db_release_statement(follow->data_version);
    follow->data_version = NULL;
    db_close(follow->db);
    follow->db = NULL;
}

static bool db_follow_open(struct db_follow *follow, char *why, size_t why_size)
{
    struct stat st;
    if (stat(follow->path, &st) != 0) {
        snprintf(why, why_size, "%.400s: %s", follow->path, strerror(errno));
        return false;
    }
    follow->db = db_open(follow->path, DB_READ_ONLY, why, why_size);
    if (!follow->db)
        return false;
    int64_t version = db_schema_version(follow->db);
    if (version != DB_SCHEMA_VERSION)
        snprintf(
            why, why_size, "%.300s has schema version %lld, not %d: %s", follow->path,
            (long long)version, DB_SCHEMA_VERSION,
            version > DB_SCHEMA_VERSION
                ? "a newer tagferry-api has written it, so tagferry-mqttd needs an upgrade, too"
                : "tagferry-api migrates it when it starts");
    else if (!(follow->data_version = db_prepare(follow->db, "PRAGMA data_version")))
        snprintf(why, why_size, "%.400s: %s", follow->path, db_error_reason(follow->db));
    if (!follow->data_version) {
        db_follow_close(follow);
        return false;
    }
    follow->device = st.st_dev;
    follow->inode = st.st_ino;
    follow->seen = -1;
    return true;
}

enum db_follow_result db_follow_check(struct db_follow *follow, uint64_t now_ms, char *why,
                                      size_t why_size)
{
    struct stat st;
    if (follow->db && now_ms - follow->file_checked_ms >= FILE_CHECK_MS) {
        follow->file_checked_ms = now_ms;
        /* Another file at this path is another store. */
        if (stat(follow->path, &st) != 0 || st.st_ino != follow->inode ||
            st.st_dev != follow->device)
            db_follow_close(follow);
    }
    if (!follow->db) {
        if (!db_follow_open(follow, why, why_size))
            return DB_FOLLOW_CLOSED;
        follow->newest = db_step_integer(follow->data_version, -1);
        return DB_FOLLOW_OPENED;
    }
    follow->newest = db_step_integer(follow->data_version, -1);
    return follow->newest == follow->seen ? DB_FOLLOW_SAME : DB_FOLLOW_CHANGED;
}

void db_follow_expect_file(struct db_follow *follow)
{
    follow->file_checked_ms = 0;
}

void db_follow_mark_read(struct db_follow *follow)
{
    REQUIRE(follow->db);
    follow->seen = follow->newest;
}
