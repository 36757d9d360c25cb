/* SQLite connections and statements, for the one writer and the readers of the store. A connection
 * and its statements are used by one thread at a time. */
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

/* Opens a connection with a busy time-out of 5 s and foreign keys enabled. For writing, removes
 * access for others from the files of the store. NULL with the reason in `why`. */
struct sqlite3 *db_open(const char *path, enum db_mode mode, char *why, size_t why_size);
/* Closes the connection and releases its statements. Accepts NULL. */
void db_close(struct sqlite3 *db);

/* PRAGMA user_version, or -1. */
int64_t db_schema_version(struct sqlite3 *db);

/* Prepares a statement to be used many times. NULL on error: see db_error_reason. */
struct sqlite3_stmt *db_prepare(struct sqlite3 *db, const char *sql);
/* Runs such a statement, without parameters. Returns the first column of its first row, or
 * `fallback`. */
int64_t db_step_integer(struct sqlite3_stmt *statement, int64_t fallback);
/* Accepts NULL. Not needed before db_close. */
void db_release_statement(struct sqlite3_stmt *statement);
/* Runs one or more statements without results. False on error. */
bool db_run_sql(struct sqlite3 *db, const char *sql);
/* Runs a query without parameters. Returns the first column of its first row, or `fallback`. */
int64_t db_query_integer(struct sqlite3 *db, const char *sql, int64_t fallback);
/* The last error of the connection. The text is valid until the next call. */
const char *db_error_reason(struct sqlite3 *db);

#endif
