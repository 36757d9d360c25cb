/* The audit: one row for each device, tag or profile that was created, changed or deleted, with its
 * author. It is written in the transaction of the change. */
#ifndef TAGFERRY_API_STORE_AUDIT_H
#define TAGFERRY_API_STORE_AUDIT_H

#include "api/base/text.h"
#include "api/model/fields.h"
#include "api/store/store.h"
#include "api/store/undo_log.h"

/* An import writes at most this many rows for single changes. One more row counts all of them. */
enum { AUDIT_DETAILS_MAX = 1000 };

/* The author of the changes of a transaction. */
struct audit {
    const char *who; /* the name of the token, "" without a token */
    const char *remote, *request_id;
    int64_t keep;    /* rows to keep, 0 or more; a thousandth more may be in the table */
    int64_t written; /* changes of this transaction, those beyond AUDIT_DETAILS_MAX included */
    struct undo_log *undo; /* what is needed to undo the changes, or NULL */
    bool muted; /* a row of a profile or device stands for single changes: they get none */
};

/* Adds a row for a change of a device or tag, unless the transaction has AUDIT_DETAILS_MAX already,
 * and what is needed to undo it. `before` is NULL for a creation, `after` for a deletion. */
void audit_add_change(struct store *store, struct audit *audit, const struct resource *resource,
                      const struct record *before, const struct record *after);
/* Adds a row for a change of a profile, in the same way. `before` and `after` are JSON or NULL. */
void audit_add_profile_change(struct store *store, struct audit *audit, int64_t id,
                              const char *before, const char *after);
/* Returns the number of rows of a revision. */
int64_t audit_count_revision(struct store *store, int64_t revision);
/* The same for a tag that is deleted with its device, whose row follows: one place is kept for it.
 */
void audit_add_deletion_with_device(struct store *store, struct audit *audit,
                                    const struct record *tag);
/* Adds a row about many changes, and returns its id. `after` is an open JSON object that describes
 * them; the number of rows for single changes, if there are any, is added as the member "details",
 * and the text is freed. */
int64_t audit_add_bulk_change(struct store *store, struct audit *audit, const char *action,
                              struct text *after);
/* Adds a row about a change of the access tokens, without a new revision. `after` is JSON. */
void audit_add_access_change(struct store *store, struct audit *audit, const char *after);

/* What a row is about. */
struct audit_subject {
    int64_t revision;
    const char *action, *kind;
    int64_t record; /* id of the device or tag; else 0 */
};
/* Returns the id of the newest row about a change of the configuration, or 0. */
int64_t audit_find_newest(struct store *store);
/* False when there is no such row, or the store has failed. */
bool audit_find_subject(struct store *store, struct arena *arena, int64_t id,
                        struct audit_subject *subject);

/* Adds a row about a discovery, which is no configuration, without a new revision. `before` or
 * `after` is JSON, the other NULL. */
void audit_add_discovery(struct store *store, struct audit *audit, const char *action,
                         const char *before, const char *after);

/* The rows that a list shows. */
struct audit_filter {
    int64_t before_id;      /* only ids below this one */
    const char *device;     /* or "" for any */
    const char *tag;        /* or "" for any */
    const char *profile;    /* or "" for any */
    const char *who;        /* or NULL for any: "" is a client without a token */
    int64_t after_revision; /* only changes with a higher revision; -1: any */
    int64_t since_ms;       /* only changes at this time or later, ms since 1970 */
    int64_t limit;          /* 1 or more */
};
/* Writes the rows as JSON objects, the newest first. Returns the id of the last one, or 0 when no
 * more follow. */
int64_t audit_write_page(struct store *store, struct arena *arena,
                         const struct audit_filter *filter, struct text *items);
/* Returns the number of rows in the whole list: `before_id` and `limit` are ignored. */
int64_t audit_count_rows(struct store *store, const struct audit_filter *filter);

#endif
