/* Reads the discoveries that are asked for. */
#ifndef TAGFERRY_COMMON_STORE_DISCOVERY_ROWS_H
#define TAGFERRY_COMMON_STORE_DISCOVERY_ROWS_H

#include <stdbool.h>
#include <stdint.h>

struct sqlite3;

/* A row of `discovery`. */
struct discovery_row {
    int64_t id;
    int64_t created_ms, ends_ms; /* since 1970 */
};

/* Reads all rows, in order of id. False on an error of the database. A callback that returns false
 * ends the reading. */
bool discovery_rows_each(struct sqlite3 *db,
                         bool (*take)(void *context, const struct discovery_row *), void *context);
/* Reads the filters of a row. The text is valid during the callback. */
bool discovery_rows_each_topic(struct sqlite3 *db, int64_t id,
                               bool (*take)(void *context, const char *filter), void *context);

#endif
