/* The audit: one row for each device or tag that was created, changed or deleted, with its author.
 * It is written in the transaction of the change. */
#ifndef TAGFERRY_API_STORE_AUDIT_H
#define TAGFERRY_API_STORE_AUDIT_H

#include "api/base/text.h"
#include "api/model/fields.h"
#include "api/store/store.h"

/* An import writes at most this many rows for single changes. One more row counts all of them. */
enum { AUDIT_DETAILS_MAX = 1000 };

/* The author of the changes of a transaction. */
struct audit {
    const char *who; /* the name of the token, "" without a token */
    const char *remote, *request_id;
    int64_t keep;    /* rows to keep, 0 or more; a thousandth more may be in the table */
    int64_t written; /* changes of this transaction, those beyond AUDIT_DETAILS_MAX included */
};

/* Adds a row for a change of a device or tag, unless the transaction has AUDIT_DETAILS_MAX already.
 * `before` is NULL for a creation, `after` for a deletion. */
void audit_add_change(struct store *store, struct audit *audit, const struct resource *resource,
                      const struct record *before, const struct record *after);
/* Adds a row about the whole configuration. `after` is JSON. */
void audit_add_bulk_change(struct store *store, struct audit *audit, const char *action,
                           const char *after);
/* Adds a row about a change of the access tokens, without a new revision. `after` is JSON. */
void audit_add_access_change(struct store *store, struct audit *audit, const char *after);

/* Writes at most `limit` rows with ids below `before_id` as JSON objects, the newest first: the
 * rows of one device, or of all for "". Returns the id of the last one, or 0 when no more follow.
 */
int64_t audit_write_page(struct store *store, struct arena *arena, int64_t before_id,
                         const char *device, int64_t limit, struct text *items);
/* Returns the number of rows of one device, or of all for "". */
int64_t audit_count_rows(struct store *store, const char *device);

#endif
