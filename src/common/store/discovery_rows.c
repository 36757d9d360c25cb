/* Reads rows of the table discovery. */
#include "common/store/discovery_rows.h"

#include <sqlite3.h>

#include "common/base/require.h"
#include "common/store/db.h"

bool discovery_rows_each(struct sqlite3 *db,
                         bool (*take)(void *context, const struct discovery_row *), void *context)
{
    REQUIRE(db && take);
    sqlite3_stmt *statement =
        db_prepare(db, "SELECT id, created_ms, ends_ms FROM discovery ORDER BY id");
    int rc = SQLITE_DONE;
    bool more = true;
    while (statement && more && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        const struct discovery_row row = {.id = sqlite3_column_int64(statement, 0),
                                          .created_ms = sqlite3_column_int64(statement, 1),
                                          .ends_ms = sqlite3_column_int64(statement, 2)};
        more = take(context, &row);
    }
    db_release_statement(statement);
    return statement && (rc == SQLITE_DONE || rc == SQLITE_ROW);
}

bool discovery_rows_each_topic(struct sqlite3 *db, int64_t id,
                               bool (*take)(void *context, const char *filter), void *context)
{
    REQUIRE(db && take);
    sqlite3_stmt *statement =
        db_prepare(db, "SELECT e.value FROM discovery AS d, json_each(d.topics) AS e "
                       "WHERE d.id = ?1 AND e.type = 'text' ORDER BY e.key");
    int rc = SQLITE_DONE;
    bool more = true;
    if (statement)
        sqlite3_bind_int64(statement, 1, id);
    while (statement && more && (rc = sqlite3_step(statement)) == SQLITE_ROW) {
        const char *filter = (const char *)sqlite3_column_text(statement, 0);
        more = filter && take(context, filter);
    }
    db_release_statement(statement);
    return statement && (rc == SQLITE_DONE || rc == SQLITE_ROW);
}
