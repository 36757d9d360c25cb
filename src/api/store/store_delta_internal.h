/* The tables of a delta, for the two sides that write and read one. */
#ifndef TAGFERRY_API_STORE_STORE_DELTA_INTERNAL_H
#define TAGFERRY_API_STORE_STORE_DELTA_INTERNAL_H

#include "api/store/store_delta.h"
#include "api/store/store_internal.h"

struct store_delta {
    struct store *store;
    sqlite3 *db; /* of its own, while it is checked */
    const void *bytes;
    size_t len;
    struct delta_facts facts;
};

/* Writes the reason. Returns false. */
bool delta_fail(char *why, const char *what, const char *reason);
/* Makes the bytes of the delta the database `name` of a connection, which only reads them. */
bool delta_show_bytes(struct sqlite3 *db, const char *name, const struct store_delta *delta);
/* Ends that for the connection of the store, outside a transaction. */
void delta_detach(struct store *store);

/* A table that is copied row by row, with all columns. */
struct delta_table {
    const char *name;
    const char *changed; /* selects its rows; ?1: the revision, or the newest id for a log */
    bool is_log;         /* rows beyond DELTA_LOG_BYTES wait for the next delta */
};

enum { DELTA_TABLES = 8, DELTA_EXTRA_TABLES = 4, DELTA_LOG_BYTES = 8 << 20 };
extern const struct delta_table delta_tables[DELTA_TABLES];
/* Tables that only deltas have, with the statements that create them. */
extern const char *const delta_extra_tables[DELTA_EXTRA_TABLES][2];

/* Writes the statement that creates a table of the delta with the columns of the store's table.
 * False when the store has failed. */
bool delta_write_schema(struct sqlite3 *db, const char *table, char *sql, size_t size);
enum { DELTA_SQL_SIZE = 4096 };

/* Prepares "INSERT INTO table VALUES (?, ...)". NULL on error. */
struct sqlite3_stmt *delta_prepare_insert(struct sqlite3 *db, const char *table, int columns);

#endif
