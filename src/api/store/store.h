/* A connection to the store: transactions, statements, the store's revision.
 *
 * The first error of a transaction is kept: the statements that follow do nothing, and the commit
 * fails. So callers need not check each statement. One thread at a time uses a connection. */
#ifndef TAGFERRY_API_STORE_STORE_H
#define TAGFERRY_API_STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/arena.h"
#include "api/model/fields.h"

struct store;
struct sqlite3_stmt;

/* RAW writes, too, but neither creates tables nor migrates. */
enum store_mode { STORE_READ, STORE_WRITE, STORE_RAW };

/* Configures SQLite for a daemon: called before the first store_open, while there is one thread. */
void store_prepare_process(void);
/* Opens the store. STORE_WRITE creates it, and migrates an older one. NULL with the reason in
 * `why`. */
struct store *store_open(const char *path, enum store_mode mode, char *why, size_t why_size);
/* Closes it. A connection that may write first moves all changes from SQLite's log beside the file
 * into the file itself, unless a reader keeps an older state for more than a second. Takes NULL. */
void store_close(struct store *store);
/* Makes `to` a copy of `from` in one transaction. `prepare`, or NULL, is called when no other
 * connection can write to `to` any more; it may still change `from`, but must not use `to`. False
 * with the reason in `why`. Neither may be in a transaction. */
bool store_copy(struct store *from, struct store *to,
                bool (*prepare)(struct store *from, void *context), void *context, char *why,
                size_t why_size);
/* Removes SQLite's log, so that the file can be read where nothing can be written. Only this
 * connection may have the file open, and not in a transaction. False after a failure. */
bool store_remove_wal(struct store *store);
/* False, with the reason in `why`, when the file is damaged, is no store or cannot be read. */
bool store_check(struct store *store, char *why, size_t why_size);

/* Begins a transaction: a writer takes the write lock, a reader a snapshot. The connection must not
 * be in one. False, with store_failure_reason, when the store cannot be used. */
bool store_begin(struct store *store);
/* Commits. False when anything failed since store_begin: then nothing has changed. */
bool store_commit(struct store *store);
/* Rolls back. Does nothing outside of a transaction. */
void store_rollback(struct store *store);
/* True when anything failed since store_begin. */
bool store_has_failed(const struct store *store);
/* A sentence about the last failure. Valid until the next one. */
const char *store_failure_reason(const struct store *store);

/* The revision for the rows that this transaction writes: the first call raises the store's. */
int64_t store_raise_revision(struct store *store);
/* True when store_raise_revision was called in this transaction. */
bool store_has_changed(const struct store *store);
/* The store's revision as this transaction sees it. */
int64_t store_read_revision(struct store *store);
/* When this transaction began, wall clock, ms since 1970. */
int64_t store_transaction_ms(const struct store *store);

/* What the connections of one process share. Zero it before use. */
struct store_shared {
    atomic_uint_fast64_t commits; /* by this process */
    /* The writer could open the file only for reading: each change tries again, until one succeeds.
     */
    atomic_bool read_only;
};
/* Joins a connection to those that use `shared`, which must outlive it. The writer joins first. */
void store_set_shared(struct store *store, struct store_shared *shared);
/* A number that differs after each change of the store, for a reader that uses a store_shared,
 * outside of a transaction: at once for changes by this process, within a millisecond for those by
 * others. What is read afterwards is at least as new. 0 when the store cannot be read. */
uint64_t store_read_version(struct store *store);

/* Changes that share one commit to disk. Between these two calls, each store_begin and store_commit
 * enclose a savepoint of one transaction, which is atomic and has its own revision as usual. But
 * store_commit then only says that nothing has failed yet; the change is durable, and may be
 * reported, once store_group_commit returns true. When that returns false, no change of the group
 * was made, and store_failure_reason says why. */
void store_group_begin(struct store *store);
bool store_group_commit(struct store *store);
/* Keeps or drops the change that store_commit ended last in the group. Without this call it is
 * kept. Does nothing when there is no such change. */
void store_finish_change(struct store *store, bool keep);
/* For a request that was left in the middle (request_memory.h): ends its queries and rolls back all
 * of its change, even if store_commit had ended it in a group. */
void store_abort_request(struct store *store);

/* A running statement. Parameters are bound, and columns read, from left to right. The SQL text
 * must live as long as the store: its address identifies the prepared statement. */
struct query {
    struct store *store;
    struct sqlite3_stmt *statement; /* NULL after a failure: then nothing happens */
    int parameter, column;
};

/* Begins a statement; each ? is then bound, and all of them before the first row. */
struct query store_prepare_query(struct store *store, const char *sql);
void query_bind_integer(struct query *query, int64_t number);
void query_bind_text(struct query *query, const char *text); /* NULL is NULL; borrowed */
void query_bind_null(struct query *query);
void query_bind_cell(struct query *query, const struct cell *cell); /* texts are borrowed */
/* Steps to the next row. After the last one, or a failure, false; the query is then finished. */
bool query_next_row(struct query *query);
/* Steps through all rows and drops them. */
void query_execute(struct query *query);
/* Ends a query, also before its last row. */
void query_finish(struct query *query);
/* The next column of the row. A text is copied into the arena; NULL for NULL. */
int64_t query_read_integer(struct query *query);
const char *query_read_text(struct query *query, struct arena *arena);
struct cell query_read_cell(struct query *query, struct arena *arena);
/* The next column as one of `names`, which end with NULL. The transaction fails when the column has
 * another text, which only a change by hand puts there. */
struct cell query_read_choice(struct query *query, const char *const *names);

/* Runs a statement with integer parameters. */
#define store_execute(store, sql, ...)                                                             \
    store_execute_integers(store, sql, (const int64_t[]){__VA_ARGS__},                             \
                           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
void store_execute_integers(struct store *store, const char *sql, const int64_t *numbers,
                            size_t count);
/* The first column of the first row of a statement without parameters; 0 without a row. */
int64_t store_query_integer(struct store *store, const char *sql);
/* The id of the row that was inserted last. */
int64_t store_last_insert_id(struct store *store);

#endif
