/* A connection to the store: transactions, statements, the store's revision.
 *
 * After the first error of a transaction, its further statements do nothing and its commit fails,
 * so callers need not check each statement. One thread at a time uses a connection. */
#ifndef TAGFERRY_API_STORE_STORE_H
#define TAGFERRY_API_STORE_STORE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/arena.h"
#include "api/model/fields.h"

struct store;
struct text;
struct sqlite3_stmt;

/* STORE_RAW writes, but neither creates tables nor migrates. STORE_COPY is STORE_WRITE for a copy
 * of a store, which is migrated without a backup. */
enum store_mode { STORE_READ, STORE_WRITE, STORE_RAW, STORE_COPY };

/* Configures SQLite for a daemon: called before the first store_open, while there is one thread. */
void store_prepare_process(void);
/* Opens the store. STORE_WRITE creates a missing one and migrates an older one, after a backup of
 * it (kept_store.h). The store of a newer tagferry-api is refused and not changed, except with
 * STORE_READ, which needs store_check. NULL, with the reason in `why`, on failure. */
struct store *store_open(const char *path, enum store_mode mode, char *why, size_t why_size);
/* Closes the connection. A writer first moves all changes from SQLite's log into the file, unless a
 * reader holds an older state for more than a second. NULL is allowed. */
void store_close(struct store *store);
/* Makes `to` a copy of `from` in one transaction. Neither may be in a transaction. `prepare`, or
 * NULL, is called once no other connection can write to `to`; it may change `from`, but must not
 * use `to`. False, with the reason in `why`, on failure. */
bool store_copy(struct store *from, struct store *to,
                bool (*prepare)(struct store *from, void *context), void *context, char *why,
                size_t why_size);
/* Removes SQLite's log, so that the file can be read in a folder without write permission. No other
 * connection may have the file open, and this one must not be in a transaction. False on failure.
 */
bool store_remove_wal(struct store *store);
/* False, with the reason in `why`, when the file is damaged, is not a store, is of a newer
 * tagferry-api or cannot be read. */
bool store_check(struct store *store, char *why, size_t why_size);

/* Begins a transaction: a writer takes the write lock, a reader a snapshot. The connection must not
 * be in a transaction. False, with store_failure_reason, on failure. */
bool store_begin(struct store *store);
/* Commits. False if anything has failed since store_begin: all changes are then rolled back. */
bool store_commit(struct store *store);
/* Sets a function that the commit of this transaction calls first, once. It may change the store.
 */
void store_set_finisher(struct store *store, void (*finish)(struct store *store, void *context),
                        void *context);
/* Rolls back. Does nothing outside a transaction. */
void store_rollback(struct store *store);
/* True if anything has failed since store_begin. */
bool store_has_failed(const struct store *store);
/* Describes the last failure. Valid until the next one. */
const char *store_failure_reason(const struct store *store);
/* Within a transaction that is to be rolled back: false if store_commit would refuse it, which then
 * has failed. */
bool store_may_commit(struct store *store);
/* When the last transaction failed because it would have changed the configuration while the store
 * follows another gateway's: the URL of that leader, else NULL. */
const char *store_refusing_leader(const struct store *store);

/* Returns a number that differs from one state of the store to another, even if these have the same
 * revision because the store was replaced by another one. */
int64_t store_read_edition(struct store *store);
enum { STORE_MARK_SIZE = 40 };
/* Within a transaction: a short text that tells what a follower holds from what it held before it
 * copied the store of a leader with another history, since both may have the same revisions. "" as
 * long as the store has not followed another one. */
void store_read_mark(struct store *store, char mark[STORE_MARK_SIZE]);
/* Returns the revision for the rows that this transaction writes. The first call in a transaction
 * raises the store's revision by one. */
int64_t store_raise_revision(struct store *store);
/* Says that the transaction changes rows that are no configuration and have no revision. */
void store_note_change(struct store *store);
/* True if store_raise_revision was called in this transaction. */
bool store_has_changed(const struct store *store);
/* The store's revision as this transaction sees it. */
int64_t store_read_revision(struct store *store);
/* Returns the time when this transaction began: wall clock, ms since 1970. */
int64_t store_transaction_ms(const struct store *store);

/* Shared by the connections of one process. Zero it before use. */
struct store_shared {
    atomic_uint_fast64_t commits; /* by this process */
    /* The writer could open the file only for reading. Each change opens it again, until one
     * succeeds. */
    atomic_bool read_only;
};
/* Adds a connection to those that use `shared`, which must outlive it. Called for the writer first.
 */
void store_set_shared(struct store *store, struct store_shared *shared);
/* Returns a number that changes with each change of the store: at once for changes by this process,
 * within a millisecond for changes by others. Data that is read afterwards is at least as new. 0
 * when the store cannot be read. For a connection with a store_shared, outside a transaction. */
uint64_t store_read_version(struct store *store);

/* Changes that share one commit to disk. Between these two calls, each store_begin and store_commit
 * enclose a savepoint of one transaction: the change is atomic and has its own revision as usual,
 * but a store_commit that returns true only says that nothing has failed so far. The change is
 * durable, and may be reported, once store_group_commit returns true. If that returns false, all
 * changes of the group were rolled back; see store_failure_reason. */
void store_group_begin(struct store *store);
bool store_group_commit(struct store *store);
/* Keeps or rolls back the last change of the group that store_commit has ended. A change without
 * this call is kept. Does nothing without such a change. */
void store_finish_change(struct store *store, bool keep);
/* For a request that memory_fail has left (request_memory.h): ends its queries and rolls back its
 * change, also if store_commit has ended it in a group. */
void store_abort_request(struct store *store);

/* A running statement. Parameters are bound, and columns are read, from left to right. The SQL text
 * must outlive the store: its address identifies the prepared statement. */
struct query {
    struct store *store;
    struct sqlite3_stmt *statement; /* NULL after a failure and after the last row */
    int parameter, column;
};

/* Begins a statement. The caller binds all its parameters before the first query_next_row. */
struct query store_prepare_query(struct store *store, const char *sql);
void query_bind_integer(struct query *query, int64_t number);
void query_bind_text(struct query *query, const char *text);        /* borrowed; NULL binds NULL */
void query_bind_cell(struct query *query, const struct cell *cell); /* texts are borrowed */
void query_bind_blob(struct query *query, const void *bytes, size_t len); /* borrowed */
/* Steps to the next row. False after the last one, or on failure: the query is then finished. */
bool query_next_row(struct query *query);
/* Runs a statement to its end. Rows are ignored. */
void query_execute(struct query *query);
/* Ends a query, also before its last row. May be called twice. */
void query_finish(struct query *query);
/* Read the next column of the row. Texts are copied into the arena; NULL is read as NULL. */
int64_t query_read_integer(struct query *query);
const char *query_read_text(struct query *query, struct arena *arena);
struct cell query_read_cell(struct query *query, struct arena *arena);
/* Appends the bytes of the next column to the text. */
void query_read_blob(struct query *query, struct text *text);
/* Reads the next column as one of `names`, which end with NULL. Any other text, which only a manual
 * change can have written, makes the transaction fail. */
struct cell query_read_choice(struct query *query, const char *const *names);

/* Runs a statement with integer parameters. */
#define store_execute(store, sql, ...)                                                             \
    store_execute_integers(store, sql, (const int64_t[]){__VA_ARGS__},                             \
                           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
void store_execute_integers(struct store *store, const char *sql, const int64_t *numbers,
                            size_t count);
/* Returns the first column of the first row of a statement without parameters; 0 without a row. */
int64_t store_query_integer(struct store *store, const char *sql);
/* Returns the id of the row that was inserted last. */
int64_t store_last_insert_id(struct store *store);

#endif
