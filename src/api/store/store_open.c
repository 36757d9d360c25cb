/* Opens and closes the store's connections, and copies whole stores. */
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/base/casefold.h"
#include "api/base/request_memory.h"
#include "api/store/migrate.h"
#include "api/store/store_internal.h"
#include "common/base/log.h"

/* How long a closing writer waits for readers and other writers. */
enum { CLOSE_WAIT_MS = 1000 };

static bool store_prepare_writer(struct store *store, char *why, size_t why_size)
{
    if (!migrate_check_version(store->db, why, why_size))
        return false;
    /* A cache that holds a large import's dirty pages; it is taken only as needed. */
    if (!db_run_sql(store->db, "PRAGMA journal_mode = WAL") ||
        !db_run_sql(store->db, "PRAGMA synchronous = FULL") ||
        !db_run_sql(store->db, "PRAGMA cache_size = -65536")) {
        snprintf(why, why_size, "%s", db_error_reason(store->db));
        return false;
    }
    return migrate_run(store->db, why, why_size);
}

/* Each piece of memory would be counted under a lock, and nobody asks for the sum. */
static void store_prepare_process(void)
{
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    casefold_open();
}

/* A call of casefold_text in SQL. */
struct fold_call {
    const char *string;
    struct text folded;
};

static void fold_call_string(void *context)
{
    struct fold_call *fold_call = context;
    casefold_text(&fold_call->folded, fold_call->string);
}

/* casefold_text(TEXT) in SQL; the one of SQLite's own, lower(), knows the letters of ASCII only.
 * SQLite is not to be left in its midst. */
static void sql_run_fold_case(sqlite3_context *context, int count, sqlite3_value **values)
{
    struct memory memory = {0};
    struct fold_call fold_call = {.string = (const char *)sqlite3_value_text(values[0])};
    (void)count;
    if (!fold_call.string && sqlite3_value_type(values[0]) == SQLITE_NULL)
        fold_call.string = "";
    if (fold_call.string && memory_run(&memory, fold_call_string, &fold_call))
        sqlite3_result_text(context, fold_call.folded.data ? fold_call.folded.data : "",
                            (int)fold_call.folded.len, SQLITE_TRANSIENT);
    else
        sqlite3_result_error_nomem(context);
    memory_finish(&memory);
}

static bool sql_add_functions(sqlite3 *db)
{
    return sqlite3_create_function(db, "fold_case", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL,
                                   sql_run_fold_case, NULL, NULL) == SQLITE_OK;
}

static void store_free_statements(struct store *store)
{
    for (size_t i = 0; i < store->count; i++)
        sqlite3_finalize(store->prepared[i].statement);
    store->count = 0;
}

void store_disconnect(struct store *store)
{
    store_free_statements(store);
    store->version = 0; /* the next connection counts from its own start */
    db_close(store->db);
    store->db = NULL;
}

static bool store_open_database(struct store *store, char *why, size_t why_size)
{
    char reason[DB_WHY_SIZE];
    store->db =
        db_open(store->path, store->mode == STORE_READ ? DB_READ_ONLY : DB_READ_WRITE_CREATE, why,
                why_size);
    if (!store->db)
        return false;
    if (!sql_add_functions(store->db) || !store_prepare_transactions(store)) {
        snprintf(why, why_size, "%s: %s", store->path, db_error_reason(store->db));
    } else if (store->mode == STORE_WRITE && !store_prepare_writer(store, reason, sizeof reason)) {
        snprintf(why, why_size, "%s: %s", store->path, reason);
    } else {
        return true;
    }
    store_disconnect(store);
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
    pthread_once(&once, store_prepare_process);
    store->mode = mode;
    if (store_open_database(store, why, why_size))
        return store;
    store_close(store);
    return NULL;
}

/* Once opened for reading only, SQLite's files stay so for as long as any connection of the process
 * holds them. So all connections are closed after each transaction, until a change succeeds. */
bool store_is_read_only(const struct store *store)
{
    return store->news && atomic_load_explicit(&store->news->read_only, memory_order_relaxed);
}

/* Never recreate a missing database file: its file system may be unmounted. */
bool store_connect(struct store *store)
{
    if (store->db)
        return true;
    if (access(store->path, F_OK) != 0)
        snprintf(store->reason, sizeof store->reason, "%s", strerror(errno));
    else if (store_open_database(store, store->reason, sizeof store->reason))
        return true;
    store->failed = true;
    return false;
}

/* Moves all changes from the log into the file itself, as far as readers let it. Left alone, SQLite
 * does so only when the last connection closes, and never when that one may only read, as those of
 * tagferry-mqttd do: the file alone could be an empty store. */
static void store_checkpoint_wal(struct store *store)
{
    store_free_statements(store);
    sqlite3_busy_timeout(store->db, CLOSE_WAIT_MS);
    int64_t left = db_query_integer(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", 1);
    if (left != 0 && store->news)
        log_warning("store: the newest changes are in %s-wal still; a copy needs both files",
                    store->path);
}

bool store_remove_wal(struct store *store)
{
    store_free_statements(store);
    if (db_run_sql(store->db, "PRAGMA journal_mode = DELETE"))
        return true;
    store_set_failed(store);
    return false;
}

void store_close(struct store *store)
{
    if (!store)
        return;
    store_rollback(store);
    if (store->db && store->mode != STORE_READ && sqlite3_db_readonly(store->db, "main") == 0)
        store_checkpoint_wal(store);
    store_disconnect(store);
    free(store->path);
    free(store);
}

/* Copies so many pages, -1 for all that are left. */
static int backup_copy_pages(sqlite3_backup *backup, int pages)
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
    int rc = backup ? backup_copy_pages(backup, 0) : SQLITE_ERROR; /* takes the lock */
    if (rc == SQLITE_OK && prepare && !prepare(from, context)) {
        snprintf(why, why_size, "the copy failed: %s", from->reason);
        sqlite3_backup_finish(backup);
        return false;
    }
    if (rc == SQLITE_OK)
        rc = backup_copy_pages(backup, -1);
    if (sqlite3_backup_finish(backup) == SQLITE_OK && rc == SQLITE_DONE)
        return true;
    snprintf(why, why_size, "the copy failed: %s",
             rc == SQLITE_DONE || rc == SQLITE_ERROR ? sqlite3_errmsg(to->db) : sqlite3_errstr(rc));
    return false;
}

/* A file that has a log, of an older version say, in a folder where this user makes no files. */
static bool store_lacks_wal_access(struct store *store)
{
    int rc = db_run_sql(store->db, "PRAGMA user_version") ? SQLITE_OK : sqlite3_errcode(store->db);
    return rc == SQLITE_READONLY || rc == SQLITE_CANTOPEN;
}

bool store_check(struct store *store, char *why, size_t why_size)
{
    if (store_lacks_wal_access(store)) {
        snprintf(why, why_size,
                 "%s cannot be read where it is, as this user cannot write beside it: copy it to a "
                 "folder of this user's",
                 store->path);
        return false;
    }
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
