/* SQLite connections and statements, the same for the store's one writer and its readers. */
#ifndef TAGFERRY_COMMON_STORE_DB_H
#define TAGFERRY_COMMON_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct sqlite3;
struct sqlite3_stmt;

enum { DB_WHY_SIZE = 512 };

/* The schema that this program knows: the number of files in sql/, each of which raises it by 1. */
enum { DB_SCHEMA_VERSION = TAGFERRY_SCHEMA_VERSION };

enum db_mode { DB_READ_ONLY, DB_READ_WRITE_CREATE };

/* Opens with a busy time-out of 5 s and foreign keys on. For writing, the files of the store are
 * closed to all but their owner and group. NULL with the reason in `why`. One connection serves one
 * thread at a time. */
struct sqlite3 *db_open(const char *path, enum db_mode mode, char *why, size_t why_size);
/* Takes NULL. Releases the connection's statements, too. */
void db_close(struct sqlite3 *db);

/* PRAGMA user_version, or -1. */
int64_t db_schema_version(struct sqlite3 *db);

/* Prepares a statement that is kept for the life of the connection. NULL on error: db_error_reason.
 */
struct sqlite3_stmt *db_prepare(struct sqlite3 *db, const char *sql);
/* Runs such a statement, which has no parameters: the first column of its first row, or `fallback`.
 */
int64_t db_step_integer(struct sqlite3_stmt *statement, int64_t fallback);
/* Takes NULL. */
void db_release_statement(struct sqlite3_stmt *statement);
/* Runs statements without results. */
bool db_run_sql(struct sqlite3 *db, const char *sql);
/* The first column of the first row of a query without parameters, or `fallback`. */
int64_t db_query_integer(struct sqlite3 *db, const char *sql, int64_t fallback);
/* The last error of this connection, as text that is valid until its next call. */
const char *db_error_reason(struct sqlite3 *db);

#endif
