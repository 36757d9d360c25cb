/* Transactions of the store, alone or in groups, and its revisions.
 *
 *             store_begin            store_commit          store_group_commit
 *   alone     BEGIN [IMMEDIATE]      COMMIT
 *   in group  BEGIN IMMEDIATE once,  the savepoint stays   RELEASE of the last one,
 *             SAVEPOINT change       open ("held")         COMMIT
 *
 * The change that is held is released by store_finish_change, at the latest when the next one
 * begins. */
#include "api/store/store.h"

#include <stdio.h>

#include "api/store/store_internal.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

enum { CACHE_KEPT_BYTES = 512 << 10, VERSION_CHECK_US = 1000 };

static const char begin_read[] = "BEGIN", begin_write[] = "BEGIN IMMEDIATE",
                  commit_all[] = "COMMIT", roll_back[] = "ROLLBACK",
                  begin_change[] = "SAVEPOINT change", keep_change[] = "RELEASE change",
                  undo_change[] = "ROLLBACK TO change";

bool store_prepare_transactions(struct store *store)
{
    const char *const all[] = {begin_read,   begin_write, commit_all, roll_back,
                               begin_change, keep_change, undo_change};
    bool ok = true;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ok = ok && store_prepare_statement(store, all[i]) != NULL;
    return ok;
}

/* Closes the connection while the store can only be read; see store_is_read_only. */
static void store_end_transaction(struct store *store)
{
    if (store_is_read_only(store))
        store_disconnect(store);
}

/* Runs a statement without parameters or results, also after a failure. False after
 * store_set_failed. */
static bool store_step_sql(struct store *store, const char *sql)
{
    sqlite3_stmt *statement = store_prepare_statement(store, sql);
    if (!statement)
        return false;
    sqlite3_step(statement);
    if (sqlite3_reset(statement) == SQLITE_OK)
        return true;
    store_set_failed(store);
    return false;
}

/* False also after a failure, such as a full disk, for which SQLite rolls back the transaction. */
static bool store_has_transaction(const struct store *store)
{
    return store->db && !sqlite3_get_autocommit(store->db);
}

bool store_begin(struct store *store)
{
    REQUIRE(!store->in_transaction);
    store_finish_change(store, true);
    store->failed = false;
    store->finish = NULL;
    store->new_revision = 0;
    store->must_commit = false;
    store->refusing[0] = '\0';
    store->now = (int64_t)clock_wall_ms();
    if (store->group == GROUP_NONE) {
        /* A deferred transaction cannot become a writer after another connection has written. */
        store->in_transaction =
            store_connect(store) &&
            store_step_sql(store, store->mode == STORE_READ ? begin_read : begin_write);
        if (!store->in_transaction)
            store_end_transaction(store);
        return store->in_transaction;
    }
    if (store->group == GROUP_WAITS)
        store->group =
            store_connect(store) && store_step_sql(store, begin_write) ? GROUP_OPEN : GROUP_LOST;
    if (store->group == GROUP_OPEN && !store_step_sql(store, begin_change))
        store->group = GROUP_LOST;
    store->failed = store->group == GROUP_LOST; /* store->reason is that of the lost group */
    store->in_transaction = !store->failed;
    return store->in_transaction;
}

static bool store_commit_transaction(struct store *store)
{
    if (!store_step_sql(store, commit_all)) {
        if (store_has_transaction(store))
            store_step_sql(store, roll_back);
        if (store->mode != STORE_WRITE)
            return false;
        /* A commit that failed may still be on the disk and would be valid after a crash. Another
         * commit, which changes nothing, replaces it, even if that one does not reach the disk. */
        if (store_step_sql(store, begin_write) &&
            store_step_sql(store, "UPDATE store SET revision = revision + 1") &&
            store_step_sql(store, "UPDATE store SET revision = revision - 1"))
            store_step_sql(store, commit_all);
        if (store_has_transaction(store))
            store_step_sql(store, roll_back);
        return false;
    }
    /* The cache grows with each change: it would keep pages of the audit, which nobody reads, until
     * the process ends. */
    int used = 0, highest = 0;
    if (sqlite3_db_status(store->db, SQLITE_DBSTATUS_CACHE_USED, &used, &highest, 0) == SQLITE_OK &&
        used > CACHE_KEPT_BYTES)
        sqlite3_db_release_memory(store->db);
    if (store_is_read_only(store) && sqlite3_total_changes(store->db) > 0) {
        atomic_store(&store->shared->read_only, false);
        log_info("the store can be written again");
    }
    if (store->mode != STORE_READ && store->shared)
        atomic_fetch_add_explicit(&store->shared->commits, 1, memory_order_release);
    return true;
}

void store_set_finisher(struct store *store, void (*finish)(struct store *store, void *context),
                        void *context)
{
    REQUIRE(store->in_transaction || store->failed);
    store->finish = finish;
    store->finish_context = context;
}

/* A store that follows another takes no change of the configuration from its own service. Decided
 * here, within the transaction, so that it cannot race with a change of the role. */
static void store_refuse_as_follower(struct store *store)
{
    struct store_role role;
    if (store->failed || store->new_revision == 0 || !store->shared || store->takes_deltas ||
        !store_role_read(store, &role) || role.leader[0] == '\0')
        return;
    store->failed = true;
    snprintf(store->refusing, sizeof store->refusing, "%s", role.leader);
    snprintf(store->reason, sizeof store->reason, "this gateway follows %.400s", role.leader);
}

bool store_may_commit(struct store *store)
{
    REQUIRE(store->in_transaction || store->failed);
    store_refuse_as_follower(store);
    return !store->failed;
}

const char *store_refusing_leader(const struct store *store)
{
    return store->refusing[0] ? store->refusing : NULL;
}

bool store_commit(struct store *store)
{
    REQUIRE(store->in_transaction || store->failed);
    if (store->finish && !store->failed)
        store->finish(store, store->finish_context);
    store->finish = NULL;
    store_refuse_as_follower(store);
    bool grouped = store->group != GROUP_NONE;
    if (grouped && !store_has_transaction(store))
        store_set_failed(store);
    if (store->failed || !(grouped || store_commit_transaction(store))) {
        store_rollback(store);
        return false;
    }
    store->in_transaction = false;
    store->held = grouped;
    if (!grouped)
        store_end_transaction(store);
    return true;
}

/* Rolls back to the savepoint of the change. */
static void store_undo_change(struct store *store)
{
    REQUIRE(store->group != GROUP_NONE);
    if (!store_has_transaction(store))
        store_set_failed(store);
    else if (store_step_sql(store, undo_change) && store_step_sql(store, keep_change))
        return;
    store->group = GROUP_LOST;
}

void store_rollback(struct store *store)
{
    if (!store->in_transaction)
        return;
    store->in_transaction = false;
    if (store->group != GROUP_NONE) {
        store_undo_change(store);
        return;
    }
    if (store_has_transaction(store))
        store_step_sql(store, roll_back);
    store_end_transaction(store);
}

void store_finish_change(struct store *store, bool keep)
{
    if (!store->held)
        return;
    REQUIRE(!store->in_transaction);
    store->held = false;
    if (!keep) {
        store_undo_change(store);
    } else if (store_step_sql(store, keep_change)) {
        store->group_changed =
            store->group_changed || store->must_commit || store->new_revision != 0;
    } else {
        store->group = GROUP_LOST;
    }
}

void store_abort_request(struct store *store)
{
    for (size_t i = 0; i < store->count; i++)
        sqlite3_reset(store->prepared[i].statement);
    store_finish_change(store, false);
    store_rollback(store);
    if (store->group == GROUP_NONE && store_has_transaction(store))
        store_disconnect(store); /* the next transaction opens it again */
}

void store_group_begin(struct store *store)
{
    REQUIRE(store->group == GROUP_NONE && !store->in_transaction);
    store->group = GROUP_WAITS;
    store->group_changed = false;
}

bool store_group_commit(struct store *store)
{
    REQUIRE(store->group != GROUP_NONE && !store->in_transaction);
    store_finish_change(store, true);
    bool kept = store->group != GROUP_LOST;
    if (kept && store->group_changed) {
        store->failed = false;
        kept = store_commit_transaction(store);
    }
    store->group = GROUP_NONE;
    if (store_has_transaction(store))
        store_step_sql(store, roll_back);
    store_end_transaction(store);
    return kept;
}

bool store_has_failed(const struct store *store)
{
    return store->failed;
}

const char *store_failure_reason(const struct store *store)
{
    return store->reason;
}

int64_t store_read_revision(struct store *store)
{
    return store_query_integer(store, "SELECT revision FROM store");
}

int64_t store_read_edition(struct store *store)
{
    return store_query_integer(store, "SELECT generation * 1099511627776 + revision FROM store");
}

void store_read_mark(struct store *store, char mark[STORE_MARK_SIZE])
{
    struct query query = store_prepare_query(
        store, "SELECT CASE WHEN generation = 0 OR former = '' THEN ''"
               " ELSE printf('-%d-%.8s', generation, branch) END FROM store, leadership");
    mark[0] = '\0';
    if (query_next_row(&query))
        snprintf(mark, STORE_MARK_SIZE, "%s",
                 (const char *)sqlite3_column_text(query.statement, query.column));
    query_finish(&query);
}

int64_t store_raise_revision(struct store *store)
{
    REQUIRE(store->in_transaction);
    if (store->new_revision == 0) {
        store_execute_integers(store, "UPDATE store SET revision = revision + 1", NULL, 0);
        store->new_revision = store_read_revision(store);
    }
    return store->new_revision;
}

void store_note_change(struct store *store)
{
    store->must_commit = true;
}

bool store_has_changed(const struct store *store)
{
    return store->new_revision != 0;
}

int64_t store_transaction_ms(const struct store *store)
{
    return store->now;
}

void store_set_shared(struct store *store, struct store_shared *shared)
{
    REQUIRE(!store->in_transaction);
    store->shared = shared;
    if (store->mode == STORE_WRITE && sqlite3_db_readonly(store->db, "main") != 0)
        atomic_store(&shared->read_only, true);
    store_end_transaction(store);
}

uint64_t store_read_version(struct store *store)
{
    REQUIRE(store->shared && !store->in_transaction);
    if (store_is_read_only(store))
        return store->version = ++store->versions;
    uint64_t now = clock_steady_us();
    uint64_t commits = atomic_load_explicit(&store->shared->commits, memory_order_acquire);
    if (store->version != 0 && commits == store->commits &&
        now - store->checked_us < VERSION_CHECK_US)
        return store->version;
    /* The pragma costs two system calls, so it does not run for each request. */
    store->failed = false;
    int64_t data_version =
        store_connect(store) ? store_query_integer(store, "PRAGMA data_version") : 0;
    if (data_version == 0)
        return store->version = 0;
    if (commits != store->commits || data_version != store->data_version || store->version == 0)
        store->version = ++store->versions;
    store->commits = commits;
    store->data_version = data_version;
    store->checked_us = now;
    return store->version;
}
