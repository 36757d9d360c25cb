/* The table discovery: what was asked for. Within a transaction. */
#ifndef TAGFERRY_API_DISCOVERY_DISCOVERY_STORE_H
#define TAGFERRY_API_DISCOVERY_DISCOVERY_STORE_H

#include "api/store/store.h"

enum {
    DISCOVERY_ENDED_MAX = 20, /* that are kept */
    DISCOVERY_ROWS_MAX = 100, /* that are listed; there are fewer */
};

struct discovery {
    int64_t id;
    const char *topics; /* a JSON array of filters */
    int64_t seconds;
    int64_t created_ms, ends_ms; /* since 1970 */
    const char *who;             /* the token's name, or "" */
};

/* Returns the number of rows, the newest first. */
size_t discovery_store_list(struct store *store, struct arena *arena,
                            struct discovery discoveries[DISCOVERY_ROWS_MAX]);
bool discovery_store_find(struct store *store, struct arena *arena, int64_t id,
                          struct discovery *discovery);
/* Adds a row, with the time of the transaction, and sets its id and times. Deletes the oldest of
 * those that have ended, beyond DISCOVERY_ENDED_MAX. */
void discovery_store_insert(struct store *store, struct discovery *discovery);
void discovery_store_delete(struct store *store, int64_t id);

#endif
