/* Transactions of the store, alone or in groups, and its revisions. Errors stick. */
#include "api/store/store.h"

#include "api/store/store_internal.h"
#include "common/base/clock.h"
#include "common/base/log.h"

enum { CACHE_KEPT_BYTES = 2 << 20, VERSION_CHECK_US = 1000 };

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

static void store_end_transaction(struct store *store)
{
    if (store_is_read_only(store))
        store_disconnect(store);
}

static void store_note_writable(struct store *store)
{
    if (!store_is_read_only(store) || sqlite3_total_changes(store->db) == 0)
        return;
    atomic_store(&store->news->read_only, false);
    log_info("the store can be written again");
}

/* Runs a statement without parameters or results, also after a failure. */
static bool store_step_sql(struct store *store, const char *sql)
{
    sqlite3_stmt *statement = store_prepare_statement(store, sql);
    if (!statement)
        return false;
    sqlite3_step(statement);
    return sqlite3_reset(statement) == SQLITE_OK;
}

static bool store_step_or_fail(struct store *store, const char *sql)
{
    bool ok = store_step_sql(store, sql);
    if (!ok)
        store_set_failed(store);
    return ok;
}

/* Some failures, a full disk among them, make SQLite take the whole transaction back by itself. */
static bool store_has_transaction(const struct store *store)
{
    return store->db && !sqlite3_get_autocommit(store->db);
}

/* A lost group's reason goes on to all that follow in it. */
static bool store_begin_in_group(struct store *store)
{
    if (store->group == GROUP_WAITS)
        store->group = store_connect(store) && store_step_or_fail(store, begin_write) ? GROUP_OPEN
                                                                                      : GROUP_LOST;
    if (store->group == GROUP_OPEN && !store_step_or_fail(store, begin_change))
        store->group = GROUP_LOST;
    store->failed = store->group == GROUP_LOST;
    return !store->failed;
}

bool store_begin(struct store *store)
{
    store_finish_change(store, true);
    store->failed = false;
    store->touched = 0;
    store->now = (int64_t)clock_wall_ms();
    if (store->group != GROUP_NONE)
        store->in_transaction = store_begin_in_group(store);
    else /* a deferred transaction that becomes a writer fails at once when another has written */
        store->in_transaction =
            store_connect(store) &&
            store_step_or_fail(store, store->mode == STORE_READ ? begin_read : begin_write);
    if (!store->in_transaction && store->group == GROUP_NONE)
        store_end_transaction(store);
    return store->in_transaction;
}

/* A commit that failed to reach the disk has been written all the same, and would count after a
 * crash. One in its place that changes nothing makes it void, whether that reaches the disk or not.
 */
static void store_void_commit(struct store *store)
{
    if (store_step_sql(store, begin_write) &&
        store_step_sql(store, "UPDATE store SET revision = revision + 1") &&
        store_step_sql(store, "UPDATE store SET revision = revision - 1"))
        store_step_sql(store, commit_all);
    if (store_has_transaction(store))
        store_step_sql(store, roll_back);
}

/* The writer's cache may grow for an import's sake. What it gathers otherwise are mostly pages of
 * the audit, which nobody reads: they would stay for as long as the process lives. */
static void store_trim_cache(struct store *store)
{
    int used = 0, highest = 0;
    if (sqlite3_db_status(store->db, SQLITE_DBSTATUS_CACHE_USED, &used, &highest, 0) == SQLITE_OK &&
        used > CACHE_KEPT_BYTES)
        sqlite3_db_release_memory(store->db);
}

static bool store_commit_transaction(struct store *store)
{
    if (store_step_or_fail(store, commit_all)) {
        store_trim_cache(store);
        store_note_writable(store);
        if (store->mode != STORE_READ && store->news)
            atomic_fetch_add_explicit(&store->news->commits, 1, memory_order_release);
        return true;
    }
    if (store_has_transaction(store))
        store_step_sql(store, roll_back);
    if (store->mode == STORE_WRITE)
        store_void_commit(store);
    return false;
}

bool store_commit(struct store *store)
{
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

/* Takes back what the savepoint of a change has seen. */
static void store_undo_change(struct store *store)
{
    if (store_has_transaction(store) && store_step_sql(store, undo_change) &&
        store_step_sql(store, keep_change))
        return;
    store_set_failed(store);
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
    store->held = false;
    if (!keep) {
        store_undo_change(store);
    } else if (store_step_or_fail(store, keep_change)) {
        store->group_changed = store->group_changed || store->touched != 0;
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
    store->group = GROUP_WAITS;
    store->group_changed = false;
}

bool store_group_commit(struct store *store)
{
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
    struct query query = store_prepare_query(store, "SELECT revision FROM store");
    int64_t revision = 0;
    if (query_next_row(&query)) {
        revision = query_read_integer(&query);
        query_finish(&query);
    }
    return revision;
}

void store_set_shared(struct store *store, struct store_shared *news)
{
    store->news = news;
    if (store->mode == STORE_WRITE && sqlite3_db_readonly(store->db, "main") != 0)
        atomic_store(&news->read_only, true);
    store_end_transaction(store);
}

/* Costs two system calls, so that it is not asked for each request. */
static int64_t store_read_data_version(struct store *store)
{
    struct query query = store_prepare_query(store, "PRAGMA data_version");
    int64_t version = 0;
    if (query_next_row(&query)) {
        version = query_read_integer(&query);
        query_finish(&query);
    }
    return version;
}

uint64_t store_read_version(struct store *store)
{
    if (store_is_read_only(store))
        return store->version = ++store->versions;
    uint64_t now = clock_steady_us();
    uint64_t commits = atomic_load_explicit(&store->news->commits, memory_order_acquire);
    if (store->version != 0 && commits == store->commits &&
        now - store->looked_us < VERSION_CHECK_US)
        return store->version;
    store->failed = false;
    int64_t data = store_connect(store) ? store_read_data_version(store) : 0;
    if (data == 0)
        return store->version = 0;
    if (commits != store->commits || data != store->data_version || store->version == 0)
        store->version = ++store->versions;
    store->commits = commits;
    store->data_version = data;
    store->looked_us = now;
    return store->version;
}

int64_t store_raise_revision(struct store *store)
{
    if (store->touched == 0) {
        struct query query = store_prepare_query(store, "UPDATE store SET revision = revision + 1");
        query_execute(&query);
        store->touched = store_read_revision(store);
    }
    return store->touched;
}

bool store_has_changed(const struct store *store)
{
    return store->touched != 0;
}

int64_t store_transaction_ms(const struct store *store)
{
    return store->now;
}
