/* A connection to the store: transactions, statements, the store's revision.
 *
 * Errors stick: the first one of a transaction is kept, what follows does nothing, and the commit
 * fails. So callers need not look after every statement. One thread at a time. */
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

/* RAW: writes, but neither creates tables nor migrates. */
enum store_mode { STORE_READ, STORE_WRITE, STORE_RAW };

/* Opens the store. The writer creates and migrates it. NULL with the reason in `why`. */
struct store *store_open(const char *path, enum store_mode mode, char *why, size_t why_size);
/* Takes NULL. A connection that may write leaves all changes in the file itself, not in SQLite's
 * log beside it, unless a reader holds on to an older state for more than a second. */
void store_close(struct store *store);
/* Makes `to` a copy of `from`, in one transaction. `prepare`, or NULL, is called when nobody else
 * can write to `to` any more; it may still change `from`, and must not use `to`. False with the
 * reason in `why`. */
bool store_copy(struct store *from, struct store *to,
                bool (*prepare)(struct store *from, void *context), void *context, char *why,
                size_t why_size);
/* Makes the file one that is read where nothing can be written: with a log beside it SQLite has to
 * write there. Nobody else may have it open, and no transaction either. */
bool store_remove_wal(struct store *store);
/* False when the file is damaged, no store or cannot be read, with the reason in `why`. */
bool store_check(struct store *store, char *why, size_t why_size);

/* Begins: a writer takes the write lock, a reader a snapshot. False when the store is not to be
 * had; store_failure_reason says why. */
bool store_begin(struct store *store);
/* False when anything went wrong since store_begin; nothing has changed then. */
bool store_commit(struct store *store);
/* Takes everything back. Does nothing outside of a transaction. */
void store_rollback(struct store *store);
bool store_has_failed(const struct store *store);
const char *store_failure_reason(const struct store *store);

/* The revision that the rows of this transaction get: raises the store's at the first call. */
int64_t store_raise_revision(struct store *store);
/* True when store_raise_revision was called in this transaction. */
bool store_has_changed(const struct store *store);
/* The store's revision as this transaction sees it. */
int64_t store_read_revision(struct store *store);

/* What the connections of one process tell each other. Zero it before use. */
struct store_shared {
    atomic_uint_fast64_t commits;
    /* The writer could open the file for reading only: each change tries again, until one succeeds.
     */
    atomic_bool read_only;
};
/* Joins a connection to those that share `news`, which must outlive it. The writer comes first. */
void store_set_shared(struct store *store, struct store_shared *news);
/* A number that is another one after each change of the store, for a reader that shares news,
 * outside of a transaction: at once for changes by this process, within a millisecond for those by
 * others. What is read afterwards is at least as new. 0 when the store cannot be read. */
uint64_t store_read_version(struct store *store);
/* Wall time of this transaction's begin, in ms. */
int64_t store_transaction_ms(const struct store *store);

/* Changes that share one wait for the disk. Between these two calls what lies between store_begin
 * and store_commit is a savepoint of one transaction, atomic and with a revision of its own as
 * ever, but store_commit then only says that nothing went wrong so far: it is durable, and may be
 * told to anybody, once store_group_commit answers true. When that answers false, nothing of the
 * group has changed, and store_failure_reason says why. */
void store_group_begin(struct store *store);
bool store_group_commit(struct store *store);
/* Decides of the change that store_commit ended last whether it stays in the group. Without it, it
 * stays. Does nothing without such a change. */
void store_finish_change(struct store *store, bool keep);
/* For a request that was left in its midst (memory.h): ends its queries, and takes back its change
 * in full, also when store_commit had ended that in a group. */
void store_abort_request(struct store *store);

/* A statement on its way. Parameters are bound, columns read, from left to right. The text of the
 * SQL must live as long as the store: its address names the prepared statement. */
struct query {
    struct store *store;
    struct sqlite3_stmt *statement; /* NULL after a failure: then nothing happens */
    int parameter, column;
};

struct query store_prepare_query(struct store *store, const char *sql);
void query_bind_integer(struct query *query, int64_t number);
void query_bind_text(struct query *query, const char *text); /* NULL is NULL; borrowed */
void query_bind_null(struct query *query);
void query_bind_cell(struct query *query, const struct cell *cell);
/* Steps to the next row. After the last one, false, and the statement is reset. */
bool query_next_row(struct query *query);
/* Steps through, dropping rows. */
void query_execute(struct query *query);
/* Ends a query before its last row. */
void query_finish(struct query *query);
int64_t query_read_integer(struct query *query);
/* The text, copied into the arena, or NULL. */
const char *query_read_text(struct query *query, struct arena *arena);
struct cell query_read_cell(struct query *query, struct arena *arena);

/* Runs a statement with whole-number parameters. */
#define store_execute(store, sql, ...)                                                             \
    store_execute_integers(store, sql, (const int64_t[]){__VA_ARGS__},                             \
                           sizeof((const int64_t[]){__VA_ARGS__}) / sizeof(int64_t))
void store_execute_integers(struct store *store, const char *sql, const int64_t *numbers,
                            size_t count);
int64_t store_last_insert_id(struct store *store);

#endif
