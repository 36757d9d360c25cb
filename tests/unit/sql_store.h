/* An empty store with the real schema, in a temporary file. TAGFERRY_SQL is the folder of the
 * schema. */
#ifndef TAGFERRY_TESTS_SQL_STORE_H
#define TAGFERRY_TESTS_SQL_STORE_H

#include "check.h"

#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/store/db.h"

enum { SQL_STORE_PATH_SIZE = 64 };

static inline void sql_store_run(struct sqlite3 *db, const char *sql)
{
    if (!db_run_sql(db, sql))
        fail_msg("%s", sql);
}

static inline void sql_store_run_file(struct sqlite3 *db, const char *path)
{
    static char sql[65536];
    FILE *file = fopen(path, "r");
    assert_non_null(file);
    size_t len = fread(sql, 1, sizeof sql - 1, file);
    sql[len] = '\0';
    fclose(file);
    if (!db_run_sql(db, sql))
        fail_msg("%s", path);
}

/* Without the check of foreign keys. */
static inline struct sqlite3 *sql_store_open(char path[SQL_STORE_PATH_SIZE])
{
    char why[DB_WHY_SIZE];
    glob_t files;
    snprintf(path, SQL_STORE_PATH_SIZE, "/tmp/tagferry-sql-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    close(fd);
    struct sqlite3 *db = db_open(path, DB_READ_WRITE_CREATE, why, sizeof why);
    assert_non_null(db);
    sql_store_run(db, "PRAGMA synchronous = OFF; PRAGMA foreign_keys = OFF");
    assert_int_equal(glob(TAGFERRY_SQL "/*.sql", 0, NULL, &files), 0);
    for (size_t i = 0; i < files.gl_pathc; i++)
        sql_store_run_file(db, files.gl_pathv[i]);
    globfree(&files);
    return db;
}

static inline void sql_store_close(struct sqlite3 *db, const char *path)
{
    char beside[SQL_STORE_PATH_SIZE + 8];
    db_close(db);
    unlink(path);
    snprintf(beside, sizeof beside, "%s-wal", path);
    unlink(beside);
    snprintf(beside, sizeof beside, "%s-shm", path);
    unlink(beside);
}

#endif
