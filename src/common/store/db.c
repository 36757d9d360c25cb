/* Opens SQLite files and runs small statements. */
#include "common/store/db.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sqlite3.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "common/base/require.h"

enum { BUSY_TIMEOUT_MS = 5000, FILE_MODE = 0640, OF_OTHERS = 07 };

struct sqlite3 *db_open(const char *path, enum db_mode mode, char *why, size_t why_size)
{
    static const char *const suffixes[] = {"", "-wal", "-shm"};
    sqlite3 *db = NULL;
    bool create = mode == DB_READ_WRITE_CREATE;
    int flags = create ? SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE : SQLITE_OPEN_READONLY;
    /* Denies access to others, whatever the umask is. SQLite gives the other files the mode of the
     * first. An existing file must not be opened here: closing it would release SQLite's locks. */
    if (create && access(path, F_OK) != 0 && errno == ENOENT) {
        int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
        if (fd >= 0)
            close(fd);
    }
    for (size_t i = 0; create && i < sizeof suffixes / sizeof suffixes[0]; i++) {
        char name[PATH_MAX];
        struct stat st;
        if ((size_t)snprintf(name, sizeof name, "%s%s", path, suffixes[i]) < sizeof name &&
            stat(name, &st) == 0 && (st.st_mode & OF_OTHERS) != 0 && st.st_uid == geteuid())
            (void)chmod(name, st.st_mode & ~(mode_t)OF_OTHERS & 07777);
    }

    int rc = sqlite3_open_v2(path, &db, flags | SQLITE_OPEN_NOMUTEX, NULL);
    if (rc != SQLITE_OK || sqlite3_busy_timeout(db, BUSY_TIMEOUT_MS) != SQLITE_OK ||
        !db_run_sql(db, "PRAGMA foreign_keys = ON")) {
        snprintf(why, why_size, "%s: %s", path, db ? sqlite3_errmsg(db) : sqlite3_errstr(rc));
        db_close(db);
        return NULL;
    }
    return db;
}

void db_close(struct sqlite3 *db)
{
    sqlite3_stmt *kept;
    while (db && (kept = sqlite3_next_stmt(db, NULL)))
        sqlite3_finalize(kept);
    sqlite3_close_v2(db);
}

int64_t db_schema_version(struct sqlite3 *db)
{
    return db_query_integer(db, "PRAGMA user_version", -1);
}

struct sqlite3_stmt *db_prepare(struct sqlite3 *db, const char *sql)
{
    sqlite3_stmt *statement = NULL;
    REQUIRE(db && sql);
    sqlite3_prepare_v3(db, sql, -1, SQLITE_PREPARE_PERSISTENT, &statement, NULL);
    return statement;
}

int64_t db_step_integer(struct sqlite3_stmt *statement, int64_t fallback)
{
    int64_t result = fallback;
    REQUIRE(statement);
    if (sqlite3_step(statement) == SQLITE_ROW)
        result = sqlite3_column_int64(statement, 0);
    sqlite3_reset(statement);
    return result;
}

void db_release_statement(struct sqlite3_stmt *statement)
{
    sqlite3_finalize(statement);
}

bool db_run_sql(struct sqlite3 *db, const char *sql)
{
    REQUIRE(db && sql);
    return sqlite3_exec(db, sql, NULL, NULL, NULL) == SQLITE_OK;
}

int64_t db_query_integer(struct sqlite3 *db, const char *sql, int64_t fallback)
{
    sqlite3_stmt *statement = NULL;
    int64_t result = fallback;
    if (sqlite3_prepare_v2(db, sql, -1, &statement, NULL) == SQLITE_OK &&
        sqlite3_step(statement) == SQLITE_ROW)
        result = sqlite3_column_int64(statement, 0);
    sqlite3_finalize(statement);
    return result;
}

const char *db_error_reason(struct sqlite3 *db)
{
    return sqlite3_errmsg(db);
}
