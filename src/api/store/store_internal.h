/* A store from the inside: store_open.c has the connection, store.c transactions and revisions,
 * store_query.c statements. */
#ifndef TAGFERRY_API_STORE_STORE_INTERNAL_H
#define TAGFERRY_API_STORE_STORE_INTERNAL_H

#include <sqlite3.h>

#include "api/store/store.h"
#include "common/store/db.h"

enum { STATEMENTS_MAX = 96 };

/* LOST: its transaction could not be begun, or SQLite has taken it back as a whole. */
enum store_group { GROUP_NONE, GROUP_WAITS, GROUP_OPEN, GROUP_LOST };

struct store {
    char *path;
    sqlite3 *db; /* NULL between transactions while the store may only be read */
    enum store_mode mode;
    enum store_group group;
    bool group_changed; /* something in the group is to be committed */
    bool in_transaction, failed;
    bool held; /* a change of the group is done, and its savepoint open until store_finish_change */
    int64_t touched; /* the revision of this transaction, 0 before the first touch */
    int64_t now;
    struct store_shared *news; /* or NULL */
    uint64_t version, versions, commits, looked_us;
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
/* Prepares what begins and ends transactions: whatever else may fail for want of memory, what was
 * begun can be ended. */
bool store_prepare_transactions(struct store *store);
/* Connects a store that is not. False with the reason, which counts as a failure. */
bool store_connect(struct store *store);
/* Closes the connection; statements go with it. */
void store_disconnect(struct store *store);
/* True as long as the file can be read only and each change tries again to write it. */
bool store_is_read_only(const struct store *store);

#endif
