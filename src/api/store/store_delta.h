/* The difference between two states of a store, as a small SQLite database: a leader makes it, a
 * follower applies it.
 *
 * Tables of the database, with the columns of the store's tables of the same names and the rows
 * that are new: `store`, `device`, `tag`, `profile`, `profile_tag`, `gone`, `audit` and `undo`.
 * `high_water` and `counter`, the newest ids, are whole, and `profile_id` has the ids of all
 * profiles. `answer` says how to apply it. The rows of `audit` and `undo` are limited in number:
 * the rest comes with the next one. */
#ifndef TAGFERRY_API_STORE_STORE_DELTA_H
#define TAGFERRY_API_STORE_STORE_DELTA_H

#include "api/base/text.h"
#include "api/store/store_role.h"

/* DELTA_BYTES_MAX: no larger one is taken. */
enum { DELTA_WHY_SIZE = 512, DELTA_BYTES_MAX = 512 << 20 };

/* Appends what a store at `have` lacks of this one. Within a transaction, which fails on an error.
 * Calls memory_fail. */
void store_delta_write(struct store *store, const struct store_position *have, struct text *bytes);

/* A delta that was received. */
struct store_delta;

enum delta_result {
    DELTA_GOOD,
    DELTA_DAMAGED,       /* no database, or another one than expected */
    DELTA_OTHER_VERSION, /* of another version of the schema */
    DELTA_FAILED         /* the store has failed, or there is no memory */
};

/* What a delta says of itself. */
struct delta_facts {
    struct store_lineage leader; /* of the store that it comes from */
    int64_t since;               /* the revision that it begins at */
    bool whole;                  /* it has all rows, in place of those of the store */
    bool keeps_logs;             /* audit and undo of the store stay, and get the new rows */
    bool complete;               /* it has all new rows of audit and undo */
};

/* Opens and checks a delta: only the expected tables with the columns of `store`, undamaged. The
 * bytes must last until store_delta_close. NULL with the result, and the reason in `why`. `store`
 * is outside a transaction. */
struct store_delta *store_delta_open(struct store *store, const void *bytes, size_t len,
                                     enum delta_result *result, char *why);
const struct delta_facts *store_delta_facts(const struct store_delta *delta);
/* Ends a transaction of the store, too, as after a lack of memory. Accepts NULL. */
void store_delta_close(struct store_delta *delta);

/* Prepares a connection for store_delta_apply: foreign keys are off, and a store that follows takes
 * its changes. False when the store has failed. Outside a transaction, before each one. */
bool store_delta_prepare(struct store *store);
/* Within a transaction, once for a delta: puts the rows in place of the older ones. The registers
 * of new devices and tags, and of those that have moved, have no entries in `span` then: the caller
 * adds them. False, with the reason in `why`, when they do not fit the store. */
bool store_delta_apply(struct store *store, struct store_delta *delta, char *why);
/* After it, in the same transaction: calls `take` with the id of each of these devices, or of these
 * tags, those of one device together. */
void store_delta_each_id(struct store *store, bool tags, bool (*take)(void *context, int64_t id),
                         void *context);
/* Within the transaction, after the registers were added: checks that no row refers to one that
 * does not exist, and records registers that have lost their owner. False with the reason in `why`.
 */
bool store_delta_finish(struct store *store, struct store_delta *delta, char *why);

#endif
