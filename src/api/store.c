/* SQLite behind an interface of transactions and sticky errors. */
#include "api/store.h"

#include <errno.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/fold.h"
#include "api/memory.h"
#include "api/migrate.h"
#include "common/clock.h"
#include "common/db.h"
#include "common/log.h"

enum { STATEMENTS_MAX = 96, CACHE_KEPT_BYTES = 2 << 20, LOOK_US = 1000 };
/* How long a closing writer waits for readers and other writers. */
enum { SETTLE_MS = 1000 };

/* LOST: its transaction could not be begun, or SQLite has taken it back as a whole. */
enum group { GROUP_NONE, GROUP_WAITS, GROUP_OPEN, GROUP_LOST };

struct store {
    char *path;
    sqlite3 *db; /* NULL between transactions while the store may only be read */
    enum store_mode mode;
    enum group group;
    bool group_changed; /* something in the group is to be committed */
    bool in_transaction, failed;
    bool held;       /* a change of the group is done, and its savepoint open until store_settle */
    int64_t touched; /* the revision of this transaction, 0 before the first touch */
    int64_t now;
    struct store_news *news; /* or NULL */
    uint64_t version, versions, commits, looked_us;
    int64_t data_version;
    char reason[DB_WHY_SIZE];
    size_t count;
    struct {
        const char *sql;
        sqlite3_stmt *statement;
    } prepared[STATEMENTS_MAX];
};

static void fail(struct store *store)
{
    if (store->failed)
        return;
    store->failed = true;
    snprintf(store->reason, sizeof store->reason, "%s", sqlite3_errmsg(store->db));
}

static bool prepare_writer(struct store *store, char *why, size_t why_size)
{
    if (!migrate_may(store->db, why, why_size))
        return false;
    /* A cache that holds a large import's dirty pages; it is taken only as needed. */
    if (!db_run(store->db, "PRAGMA journal_mode = WAL") ||
        !db_run(store->db, "PRAGMA synchronous = FULL") ||
        !db_run(store->db, "PRAGMA cache_size = -65536")) {
        snprintf(why, why_size, "%s", db_reason(store->db));
        return false;
    }
    return migrate(store->db, why, why_size);
}

/* Each piece of memory would be counted under a lock, and nobody asks for the sum. */
static void prepare_process(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    fold_open();
}

/* A call of fold_case in SQL. */
struct folding {
    const char *string;
    struct text folded;
};

static void fold(void *context)
{
    struct folding *folding = context;
    fold_case(&folding->folded, folding->string);
}

/* fold_case(TEXT) in SQL; the one of SQLite's own, lower(), knows the letters of ASCII only. SQLite
 * is not to be left in its midst. */
static void run_fold_case(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct memory memory = {0};
    struct folding folding = {.string = (const char *)sqlite3_value_text(values[0])};
    (void)count;
    if (!folding.string && sqlite3_value_type(values[0]) == SQLITE_NULL)
        folding.string = "";
    if (folding.string && memory_run(&memory, fold, &folding))
        sqlite3_result_text(context, folding.folded.data ? folding.folded.data : "",
                            (int)folding.folded.len, SQLITE_TRANSIENT);
    else
        sqlite3_result_error_nomem(context);
    memory_finish(&memory);
}

static bool add_functions(sqlite3 *db)
{
    return sqlite3_create_function(db, "fold_case", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                   run_fold_case, NULL, NULL) == SQLITE_OK;
}

static void release_statements(struct store *store)
{
    for (size_t i = 0; i < store->count; i++)
        sqlite3_finalize(store->prepared[i].statement);
    store->count = 0;
}

static void close_db(struct store *store)
{
    release_statements(store);
    store->version = 0; /* the next connection counts anew */
    db_close(store->db);
    store->db = NULL;
}

static sqlite3_stmt *find_statement(struct store *store, const char *sql);

static const char begin_read[] = "BEGIN", begin_write[] = "BEGIN IMMEDIATE",
                  commit_all[] = "COMMIT", roll_back[] = "ROLLBACK",
                  begin_change[] = "SAVEPOINT change", keep_change[] = "RELEASE change",
                  undo_change[] = "ROLLBACK TO change";

/* Whatever else may fail for want of memory, what was begun can be ended. */
static bool prepare_transactions(struct store *store)
{
    const char *const all[] = {begin_read,   begin_write, commit_all, roll_back,
                               begin_change, keep_change, undo_change};
    bool ok = true;
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        ok = ok && find_statement(store, all[i]) != NULL;
    return ok;
}

static bool open_db(struct store *store, char *why, size_t why_size)
{
    char reason[DB_WHY_SIZE];
    store->db =
        db_open(store->path, store->mode == STORE_READ ? DB_READ_ONLY : DB_READ_WRITE_CREATE, why,
                why_size);
    if (!store->db)
        return false;
    if (!add_functions(store->db) || !prepare_transactions(store)) {
        snprintf(why, why_size, "%s: %s", store->path, db_reason(store->db));
    } else if (store->mode == STORE_WRITE && !prepare_writer(store, reason, sizeof reason)) {
        snprintf(why, why_size, "%s: %s", store->path, reason);
    } else {
        return true;
    }
    close_db(store);
    return false;
}

struct store *store_open(const char *path, enum store_mode mode, char *why, size_t why_size)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    struct store *store = calloc(1, sizeof *store);
    if (!store || !(store->path = strdup(path))) {
        free(store);
        snprintf(why, why_size, "%s: %s", path, strerror(ENOMEM));
        return NULL;
    }
    pthread_once(&once, prepare_process);
    store->mode = mode;
    if (open_db(store, why, why_size))
        return store;
    store_close(store);
    return NULL;
}

/* Once opened for reading only, SQLite's files stay so for as long as any connection of the process
 * holds them. So all connections are closed after each transaction, until a change succeeds. */
static bool awaits_writing(const struct store *store)
{
    return store->news && atomic_load_explicit(&store->news->read_only, memory_order_relaxed);
}

/* A store that has gone, its file system perhaps, is not made anew. */
static bool is_connected(struct store *store)
{
    if (store->db)
        return true;
    if (access(store->path, F_OK) != 0)
        snprintf(store->reason, sizeof store->reason, "%s", strerror(errno));
    else if (open_db(store, store->reason, sizeof store->reason))
        return true;
    store->failed = true;
    return false;
}

static void end_transaction(struct store *store)
{
    if (awaits_writing(store))
        close_db(store);
}

static void note_written(struct store *store)
{
    if (!awaits_writing(store) || sqlite3_total_changes(store->db) == 0)
        return;
    atomic_store(&store->news->read_only, false);
    log_info("the store can be written again");
}

/* Moves all changes from the log into the file itself, as far as readers let it. Left alone, SQLite
 * does so only when the last connection closes, and never when that one may only read, as those of
 * tagferry-mqttd do: the file alone could be an empty store. */
static void settle(struct store *store)
{
    release_statements(store);
    sqlite3_busy_timeout(store->db, SETTLE_MS);
    int64_t left = db_query_integer(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", 1);
    if (left != 0 && store->news)
        log_warning("store: the newest changes are in %s-wal still; a copy needs both files",
                    store->path);
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_rollback(store);
    if (store->db && store->mode != STORE_READ && sqlite3_db_readonly(store->db, "main") == 0)
        settle(store);
    close_db(store);
    free(store->path);
    free(store);
}

/* Copies so many pages, -1 for all that are left. */
static int copy_pages(sqlite3_backup *backup, int pages)
{
    int rc = sqlite3_backup_step(backup, pages);
    for (int tries = 0; (rc == SQLITE_BUSY || rc == SQLITE_LOCKED) && tries < 100; tries++) {
        sqlite3_sleep(50);
        rc = sqlite3_backup_step(backup, pages);
    }
    return rc;
}

bool store_copy(struct store *from, struct store *to,
                bool (*prepare)(struct store *from, void *context), void *context, char *why,
                size_t why_size)
{
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
    int rc = backup ? copy_pages(backup, 0) : SQLITE_ERROR; /* takes the lock */
    if (rc == SQLITE_OK && prepare && !prepare(from, context)) {
        snprintf(why, why_size, "the copy failed: %s", from->reason);
        sqlite3_backup_finish(backup);
        return false;
    }
    if (rc == SQLITE_OK)
        rc = copy_pages(backup, -1);
    if (sqlite3_backup_finish(backup) == SQLITE_OK && rc == SQLITE_DONE)
        return true;
    snprintf(why, why_size, "the copy failed: %s",
             rc == SQLITE_DONE || rc == SQLITE_ERROR ? sqlite3_errmsg(to->db) : sqlite3_errstr(rc));
    return false;
}

bool store_check(struct store *store, char *why, size_t why_size)
{
    if (db_query_integer(store->db,
                         "SELECT count(*) FROM pragma_integrity_check"
                         " WHERE integrity_check <> 'ok'",
                         -1) != 0 ||
        db_query_integer(store->db, "SELECT id FROM store", 0) != 1) {
        snprintf(why, why_size, "the file is damaged, or no store of tagferry-api");
        return false;
    }
    return true;
}

/* Runs a statement without parameters or results, also after a failure. */
static bool step(struct store *store, const char *sql)
{
    sqlite3_stmt *statement = find_statement(store, sql);
    if (!statement)
        return false;
    sqlite3_step(statement);
    return sqlite3_reset(statement) == SQLITE_OK;
}

static bool step_or_fail(struct store *store, const char *sql)
{
    bool ok = step(store, sql);
    if (!ok)
        fail(store);
    return ok;
}

/* Some failures, a full disk among them, make SQLite take the whole transaction back by itself. */
static bool is_open(const struct store *store)
{
    return store->db && !sqlite3_get_autocommit(store->db);
}

/* A lost group's reason goes on to all that follow in it. */
static bool begin_in_group(struct store *store)
{
    if (store->group == GROUP_WAITS)
        store->group =
            is_connected(store) && step_or_fail(store, begin_write) ? GROUP_OPEN : GROUP_LOST;
    if (store->group == GROUP_OPEN && !step_or_fail(store, begin_change))
        store->group = GROUP_LOST;
    store->failed = store->group == GROUP_LOST;
    return !store->failed;
}

bool store_begin(struct store *store)
{
    store_settle(store, true);
    store->failed = false;
    store->touched = 0;
    store->now = (int64_t)clock_wall_ms();
    if (store->group != GROUP_NONE)
        store->in_transaction = begin_in_group(store);
    else /* a deferred transaction that becomes a writer fails at once when another has written */
        store->in_transaction =
            is_connected(store) &&
            step_or_fail(store, store->mode == STORE_READ ? begin_read : begin_write);
    if (!store->in_transaction && store->group == GROUP_NONE)
        end_transaction(store);
    return store->in_transaction;
}

/* A commit that failed to reach the disk has been written all the same, and would count after a
 * crash. One in its place that changes nothing makes it void, whether that reaches the disk or not.
 */
static void unwrite(struct store *store)
{
    if (step(store, begin_write) && step(store, "UPDATE store SET revision = revision + 1") &&
        step(store, "UPDATE store SET revision = revision - 1"))
        step(store, commit_all);
    if (is_open(store))
        step(store, roll_back);
}

/* The writer's cache may grow for an import's sake. What it gathers otherwise are mostly pages of
 * the audit, which nobody reads: they would stay for as long as the process lives. */
static void trim_cache(struct store *store)
{
    int used = 0, highest = 0;
    if (sqlite3_db_status(store->db, SQLITE_DBSTATUS_CACHE_USED, &used, &highest, 0) == SQLITE_OK &&
        used > CACHE_KEPT_BYTES)
        sqlite3_db_release_memory(store->db);
}

static bool commit(struct store *store)
{
    if (step_or_fail(store, commit_all)) {
        trim_cache(store);
        note_written(store);
        if (store->mode != STORE_READ && store->news)
            atomic_fetch_add_explicit(&store->news->commits, 1, memory_order_release);
        return true;
    }
    if (is_open(store))
        step(store, roll_back);
    if (store->mode == STORE_WRITE)
        unwrite(store);
    return false;
}

bool store_commit(struct store *store)
{
    bool grouped = store->group != GROUP_NONE;
    if (grouped && !is_open(store))
        fail(store);
    if (store->failed || !(grouped || commit(store))) {
        store_rollback(store);
        return false;
    }
    store->in_transaction = false;
    store->held = grouped;
    if (!grouped)
        end_transaction(store);
    return true;
}

/* Takes back what the savepoint of a change has seen. */
static void undo(struct store *store)
{
    if (is_open(store) && step(store, undo_change) && step(store, keep_change))
        return;
    fail(store);
    store->group = GROUP_LOST;
}

void store_rollback(struct store *store)
{
    if (!store->in_transaction)
        return;
    store->in_transaction = false;
    if (store->group != GROUP_NONE) {
        undo(store);
        return;
    }
    if (is_open(store))
        step(store, roll_back);
    end_transaction(store);
}

void store_settle(struct store *store, bool keep)
{
    if (!store->held)
        return;
    store->held = false;
    if (!keep) {
        undo(store);
    } else if (step_or_fail(store, keep_change)) {
        store->group_changed = store->group_changed || store->touched != 0;
    } else {
        store->group = GROUP_LOST;
    }
}

void store_abandon(struct store *store)
{
    for (size_t i = 0; i < store->count; i++)
        sqlite3_reset(store->prepared[i].statement);
    store_settle(store, false);
    store_rollback(store);
    if (store->group == GROUP_NONE && is_open(store))
        close_db(store); /* the next transaction opens it again */
}

void store_group_begin(struct store *store)
{
    store->group = GROUP_WAITS;
    store->group_changed = false;
}

bool store_group_commit(struct store *store)
{
    store_settle(store, true);
    bool kept = store->group != GROUP_LOST;
    if (kept && store->group_changed) {
        store->failed = false;
        kept = commit(store);
    }
    store->group = GROUP_NONE;
    if (is_open(store))
        step(store, roll_back);
    end_transaction(store);
    return kept;
}

bool store_failed(const struct store *store)
{
    return store->failed;
}

const char *store_reason(const struct store *store)
{
    return store->reason;
}

static sqlite3_stmt *find_statement(struct store *store, const char *sql)
{
    for (size_t i = 0; i < store->count; i++) {
        if (store->prepared[i].sql == sql)
            return store->prepared[i].statement;
    }
    if (store->count == STATEMENTS_MAX)
        abort(); /* more kinds of statements than this program has */
    sqlite3_stmt *statement = db_prepare(store->db, sql);
    if (!statement) {
        fail(store);
        return NULL;
    }
    store->prepared[store->count].sql = sql;
    store->prepared[store->count++].statement = statement;
    return statement;
}

struct query store_query(struct store *store, const char *sql)
{
    struct query query = {.store = store};
    if (!store->failed)
        query.statement = find_statement(store, sql);
    return query;
}

static void note_bound(const struct query *query, int rc)
{
    if (rc != SQLITE_OK)
        fail(query->store);
}

void query_bind(struct query *query, int64_t number)
{
    if (query->statement)
        note_bound(query, sqlite3_bind_int64(query->statement, ++query->parameter, number));
}

void query_bind_text(struct query *query, const char *text)
{
    if (query->statement)
        note_bound(query, sqlite3_bind_text(query->statement, ++query->parameter, text, -1,
                                            SQLITE_STATIC));
}

void query_bind_null(struct query *query)
{
    if (query->statement)
        note_bound(query, sqlite3_bind_null(query->statement, ++query->parameter));
}

void query_bind_cell(struct query *query, const struct cell *cell)
{
    switch (cell->kind) {
    case CELL_NULL:
        query_bind_null(query);
        break;
    case CELL_INTEGER:
        query_bind(query, cell->as.integer);
        break;
    case CELL_REAL:
        if (query->statement)
            note_bound(query,
                       sqlite3_bind_double(query->statement, ++query->parameter, cell->as.real));
        break;
    case CELL_TEXT:
        query_bind_text(query, cell->as.text);
        break;
    }
}

void query_end(struct query *query)
{
    if (query->statement)
        sqlite3_reset(query->statement);
    query->statement = NULL;
}

bool query_next(struct query *query)
{
    if (!query->statement)
        return false;
    int rc = sqlite3_step(query->statement);
    query->column = 0;
    if (rc == SQLITE_ROW)
        return true;
    if (rc != SQLITE_DONE)
        fail(query->store);
    query_end(query);
    return false;
}

void query_run(struct query *query)
{
    while (query_next(query)) {
    }
}

/* The next column. A connection without a mutex has only protected values: it is of one thread. */
static sqlite3_value *next_value(struct query *query)
{
    return sqlite3_column_value(query->statement, query->column++);
}

int64_t query_integer(struct query *query)
{
    return sqlite3_value_int64(next_value(query));
}

static const char *copy_text(sqlite3_value *value, struct arena *arena)
{
    const char *text = (const char *)sqlite3_value_text(value);
    if (!text && sqlite3_value_type(value) != SQLITE_NULL)
        memory_fail();
    return text ? arena_copy(arena, text, (size_t)sqlite3_value_bytes(value)) : NULL;
}

const char *query_text(struct query *query, struct arena *arena)
{
    return copy_text(next_value(query), arena);
}

struct cell query_cell(struct query *query, struct arena *arena)
{
    struct cell cell = {.kind = CELL_NULL};
    sqlite3_value *value = next_value(query);
    switch (sqlite3_value_type(value)) {
    case SQLITE_INTEGER:
        cell.kind = CELL_INTEGER;
        cell.as.integer = sqlite3_value_int64(value);
        break;
    case SQLITE_FLOAT:
        cell.kind = CELL_REAL;
        cell.as.real = sqlite3_value_double(value);
        break;
    case SQLITE_TEXT:
        cell.kind = CELL_TEXT;
        cell.as.text = copy_text(value, arena);
        break;
    default:
        break;
    }
    return cell;
}

void store_run_numbers(struct store *store, const char *sql, const int64_t *numbers, size_t count)
{
    struct query query = store_query(store, sql);
    for (size_t i = 0; i < count; i++)
        query_bind(&query, numbers[i]);
    query_run(&query);
}

int64_t store_last_id(struct store *store)
{
    return sqlite3_last_insert_rowid(store->db);
}

int64_t store_revision(struct store *store)
{
    struct query query = store_query(store, "SELECT revision FROM store");
    int64_t revision = 0;
    if (query_next(&query)) {
        revision = query_integer(&query);
        query_end(&query);
    }
    return revision;
}

void store_share(struct store *store, struct store_news *news)
{
    store->news = news;
    if (store->mode == STORE_WRITE && sqlite3_db_readonly(store->db, "main") != 0)
        atomic_store(&news->read_only, true);
    end_transaction(store);
}

/* Costs two system calls, so that it is not asked for each request. */
static int64_t data_version(struct store *store)
{
    struct query query = store_query(store, "PRAGMA data_version");
    int64_t version = 0;
    if (query_next(&query)) {
        version = query_integer(&query);
        query_end(&query);
    }
    return version;
}

uint64_t store_version(struct store *store)
{
    if (awaits_writing(store))
        return store->version = ++store->versions;
    uint64_t now = clock_steady_us();
    uint64_t commits = atomic_load_explicit(&store->news->commits, memory_order_acquire);
    if (store->version != 0 && commits == store->commits && now - store->looked_us < LOOK_US)
        return store->version;
    store->failed = false;
    int64_t data = is_connected(store) ? data_version(store) : 0;
    if (data == 0)
        return store->version = 0;
    if (commits != store->commits || data != store->data_version || store->version == 0)
        store->version = ++store->versions;
    store->commits = commits;
    store->data_version = data;
    store->looked_us = now;
    return store->version;
}

int64_t store_touch(struct store *store)
{
    if (store->touched == 0) {
        struct query query = store_query(store, "UPDATE store SET revision = revision + 1");
        query_run(&query);
        store->touched = store_revision(store);
    }
    return store->touched;
}

bool store_touched(const struct store *store)
{
    return store->touched != 0;
}

int64_t store_now(const struct store *store)
{
    return store->now;
}
