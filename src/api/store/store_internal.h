/* The members of a store, for its four files: store_open.c opens and closes the connection,
 * store_migrate.c migrates it, store.c runs transactions and counts revisions, store_query.c runs
 * statements. */
#ifndef TAGFERRY_API_STORE_STORE_INTERNAL_H
#define TAGFERRY_API_STORE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "api/store/store.h"
#include "api/store/store_role.h"
#include "common/store/db.h"

enum { STATEMENTS_MAX = 192 };

/* WAITS: the group has no transaction yet. OPEN: it has one. LOST: the transaction could not begin,
 * or SQLite has rolled it back. */
enum store_group { GROUP_NONE, GROUP_WAITS, GROUP_OPEN, GROUP_LOST };

struct store {
    char *path;
    sqlite3 *db; /* NULL between transactions while the store may only be read */
    enum store_mode mode;
    enum store_group group;
    bool group_changed; /* the group has a change to commit */
    bool in_transaction, failed;
    char refusing[STORE_URL_SIZE]; /* leader for which a change was refused, or "" */
    bool held; /* the last change of the group is complete, but its savepoint is still open */
    void (*finish)(struct store *store, void *context); /* at the commit; or NULL */
    void *finish_context;
    bool takes_deltas;           /* of the leader, see store_delta.h */
    bool must_commit;            /* this transaction has changes, even without a new revision */
    int64_t new_revision;        /* of this transaction, 0 before store_raise_revision */
    int64_t now;                 /* when this transaction began, ms since 1970 */
    struct store_shared *shared; /* or NULL */
    /* For store_read_version: its last result, the number of its results, and the values of
     * store_shared.commits, the steady clock and PRAGMA data_version at that time. */
    uint64_t version, versions, commits, checked_us;
    int64_t data_version;
    char reason[DB_WHY_SIZE];
    size_t count;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } prepared[STATEMENTS_MAX];
};

/* Marks the transaction as failed, with the error of the connection, unless it has failed already.
 */
void store_set_failed(struct store *store);
/* Returns the statement of this text, which is prepared at its first use. NULL after
 * store_set_failed. The store must be connected. */
sqlite3_stmt *store_prepare_statement(struct store *store, const char *sql);
/* Prepares the statements that begin and end transactions, so that a transaction can be ended even
 * when out of memory. */
bool store_prepare_transactions(struct store *store);
/* Connects the store if it is not connected. False, with the reason in the store, on failure. */
bool store_connect(struct store *store);
/* Closes the connection and its statements. */
void store_disconnect(struct store *store);
/* False, with the reason in `why`, for the store of a newer tagferry-api: this program must not
 * change it. Changes nothing. */
bool store_check_version(sqlite3 *db, char *why, size_t why_size);
/* Prepares a connection for writing and migrates an older store, of which it first makes a backup
 * beside it, unless the mode is STORE_COPY. False, with the reason in `why`, on failure: the store
 * is then as before. */
bool store_prepare_writer(struct store *store, char *why, size_t why_size);
/* True while the file can only be read. Each change then opens the file again to write it. */
bool store_is_read_only(const struct store *store);

#endif
