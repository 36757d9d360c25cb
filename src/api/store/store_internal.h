/* The members of a store, for its three files: store_open.c has the connection, store.c
 * transactions and revisions, store_query.c statements. */
#ifndef TAGFERRY_API_STORE_STORE_INTERNAL_H
#define TAGFERRY_API_STORE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "api/store/store.h"
#include "common/store/db.h"

enum { STATEMENTS_MAX = 96 };

/* WAITS: nothing has begun yet. OPEN: it has a transaction. LOST: that could not begin, or SQLite
 * has rolled it back as a whole. */
enum store_group { GROUP_NONE, GROUP_WAITS, GROUP_OPEN, GROUP_LOST };

struct store {
    char *path;
    sqlite3 *db; /* NULL between transactions while the store may only be read */
    enum store_mode mode;
    enum store_group group;
    bool group_changed; /* something in the group is to be committed */
    bool in_transaction, failed;
    bool held; /* a change of the group ended, its savepoint is open until store_finish_change */
    int64_t new_revision;        /* of this transaction, 0 before store_raise_revision */
    int64_t now;                 /* when this transaction began, ms since 1970 */
    struct store_shared *shared; /* or NULL */
    /* For store_read_version: what it answered last, how many answers there were, and what it knew
     * then. */
    uint64_t version, versions, commits, checked_us;
    int64_t data_version;
    char reason[DB_WHY_SIZE];
    size_t count;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } prepared[STATEMENTS_MAX];
};

/* Keeps the connection's error as the first one of the transaction. */
void store_set_failed(struct store *store);
/* The statement of this text, prepared at its first use. NULL after store_set_failed. The store is
 * connected. */
sqlite3_stmt *store_prepare_statement(struct store *store, const char *sql);
/* Prepares the statements that begin and end transactions, so that a transaction can be ended even
 * when there is no memory. */
bool store_prepare_transactions(struct store *store);
/* Connects unless it is connected. False with the reason, which counts as a failure. */
bool store_connect(struct store *store);
/* Closes the connection; statements go with it. */
void store_disconnect(struct store *store);
/* True while the file can only be read; each change then tries again to write it. */
bool store_is_read_only(const struct store *store);

#endif
