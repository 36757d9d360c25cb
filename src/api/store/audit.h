/* The record of who changed what: one row for each device or tag that was created, changed or
 * deleted, written in the transaction of the change itself. */
#ifndef TAGFERRY_API_STORE_AUDIT_H
#define TAGFERRY_API_STORE_AUDIT_H

#include "api/base/text.h"
#include "api/model/fields.h"
#include "api/store/store.h"

/* An import writes at most this many rows for single changes; its own row counts all of them. */
enum { AUDIT_DETAILS_MAX = 1000 };

/* Who makes the changes of a transaction. */
struct audit {
    const char *who; /* the token's name, "" without one */
    const char *remote, *request_id;
    int64_t keep;    /* rows that the table holds, at most a thousandth more; 0 or more */
    int64_t written; /* by this transaction, those beyond AUDIT_DETAILS_MAX included */
};

/* Adds a row for a change. `before` is NULL for a creation, `after` for a deletion. */
void audit_add_change(struct store *store, struct audit *audit, const struct resource *resource,
                      const struct record *before, const struct record *after);
/* Adds a row about the configuration as a whole; `after` is JSON. */
void audit_add_bulk_change(struct store *store, struct audit *audit, const char *action,
                           const char *after);
/* Adds a row about who may change the configuration. The configuration and the store's revision
 * stay as they are. */
void audit_add_access_change(struct store *store, struct audit *audit, const char *after);

/* Writes rows with ids below `before_id`, the newest first, at most `limit` of them; of one device,
 * or "" for all. Returns the id of the last one, or 0 when no more follow. */
int64_t audit_write_page(struct store *store, struct arena *arena, int64_t before_id,
                         const char *device, int64_t limit, struct text *items);
/* The number of rows, of one device, or "" for all. */
int64_t audit_count_rows(struct store *store, const char *device);

#endif
