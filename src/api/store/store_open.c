/* Opens and closes connections, and copies whole stores. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wctype.h>

#include "api/store/store_internal.h"
#include "common/base/log.h"
#include "common/base/require.h"

/* The time that a closing writer waits for readers and other writers. */
enum { CLOSE_WAIT_MS = 1000 };

enum { HAS_WORDS_NUMBERS = 2, HAS_WORDS_ARGUMENTS = 4 }; /* place of the first; all */

/* fold_case(TEXT) in SQL: the text with each letter in lower case, for a search. SQLite's own
 * lower() changes only the letters of ASCII; so does this one without a locale, which is its user
 * data. Bytes that are not UTF-8 stay as they are. */
static void sql_fold_case(sqlite3_context *context, int count, sqlite3_value **values)
{
    static const unsigned char lead[] = {0, 0xc0, 0xe0, 0xf0}; /* by the number of bytes after it */
    locale_t utf8 = sqlite3_user_data(context);
    const unsigned char *at = sqlite3_value_text(values[0]);
    REQUIRE(count == 1);
    if (!at && sqlite3_value_type(values[0]) == SQLITE_NULL)
        at = (const unsigned char *)"";
    /* A character of two bytes or more may become one of four. */
    char *folded = at ? sqlite3_malloc64(2 * strlen((const char *)at) + 1) : NULL, *to = folded;
    if (!folded) {
        sqlite3_result_error_nomem(context);
        return;
    }
    while (*at) {
        size_t more = at[0] >= 0xf0 ? 3 : at[0] >= 0xe0 ? 2 : at[0] >= 0xc2 ? 1 : 0, got = 0;
        uint32_t character = more == 0 ? at[0] : at[0] & (0x3fU >> more);
        while (got < more && (at[got + 1] & 0xc0) == 0x80)
            character = character << 6 | (at[++got] & 0x3fU);
        if (got < more || (more == 0 && at[0] >= 0x80)) {
            *to++ = (char)*at++;
            continue;
        }
        at += more + 1;
        if (character < 0x80)
            character += character >= 'A' && character <= 'Z' ? 'a' - 'A' : 0;
        else if (utf8)
            character = (uint32_t)towlower_l((wint_t)character, utf8);
        more = character >= 0x10000 ? 3 : character >= 0x800 ? 2 : character >= 0x80 ? 1 : 0;
        *to++ = (char)(lead[more] | character >> (6 * more));
        while (more-- > 0)
            *to++ = (char)(0x80 | (character >> (6 * more) & 0x3f));
    }
    *to = '\0';
    sqlite3_result_text(context, folded, (int)(to - folded), sqlite3_free);
}

/* has_words(NEEDLE, TEXT, NUMBER, NUMBER) in SQL: true when each word of the needle is in the text,
 * or is one of the numbers. */
static void sql_has_words(sqlite3_context *context, int count, sqlite3_value **values)
{
    static const char blanks[] = " \t\r\n";
    const char *text[HAS_WORDS_ARGUMENTS];
    REQUIRE(count == HAS_WORDS_ARGUMENTS);
    for (int i = 0; i < count; i++) {
        text[i] = (const char *)sqlite3_value_text(values[i]);
        if (!text[i]) {
            sqlite3_result_error_nomem(context);
            return;
        }
    }
    bool found = true;
    size_t len;
    for (const char *word = text[0]; found; word += len) {
        word += strspn(word, blanks);
        len = strcspn(word, blanks);
        if (len == 0)
            break;
        found = memmem(text[1], strlen(text[1]), word, len) != NULL;
        for (int i = HAS_WORDS_NUMBERS; !found && i < count; i++)
            found = strlen(text[i]) == len && memcmp(text[i], word, len) == 0;
    }
    sqlite3_result_int(context, found);
}

static void sql_free_locale(void *locale)
{
    if (locale)
        freelocale(locale);
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
    store->version = 0; /* data_version is comparable within one connection only */
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
    /* A locale of the connection, which needs no setlocale and is freed with it. */
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t)0);
    if (sqlite3_create_function_v2(store->db, "fold_case", 1, SQLITE_UTF8 | SQLITE_DETERMINISTIC,
                                   utf8, sql_fold_case, NULL, NULL, sql_free_locale) != SQLITE_OK ||
        sqlite3_create_function_v2(store->db, "has_words", HAS_WORDS_ARGUMENTS,
                                   SQLITE_UTF8 | SQLITE_DETERMINISTIC, NULL, sql_has_words, NULL,
                                   NULL, NULL) != SQLITE_OK ||
        !store_prepare_transactions(store)) {
        snprintf(why, why_size, "%s: %s", store->path, db_error_reason(store->db));
    } else if ((store->mode != STORE_READ &&
                !store_check_version(store->db, reason, sizeof reason)) ||
               ((store->mode == STORE_WRITE || store->mode == STORE_COPY) &&
                !store_prepare_writer(store, reason, sizeof reason))) {
        snprintf(why, why_size, "%s: %s", store->path, reason);
    } else {
        return true;
    }
    store_disconnect(store);
    return false;
}

void store_prepare_process(void)
{
    /* SQLite would count all its memory under a lock, and nobody reads the sums. */
    sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
    /* Each connection would begin with memory for 20 pages; that of most threads needs one. */
    sqlite3_config(SQLITE_CONFIG_PAGECACHE, NULL, 0, 0);
}

struct store *store_open(const char *path, enum store_mode mode, char *why, size_t why_size)
{
    struct store *store = calloc(1, sizeof *store);
    if (!store || !(store->path = strdup(path))) {
        free(store);
        snprintf(why, why_size, "%s: %s", path, strerror(ENOMEM));
        return NULL;
    }
    store->mode = mode;
    if (store_open_database(store, why, why_size))
        return store;
    store_close(store);
    return NULL;
}

/* A file that SQLite has opened only for reading stays read-only while any connection of the
 * process holds it. So each connection is closed after its transaction, until a change succeeds. */
bool store_is_read_only(const struct store *store)
{
    return store->shared && atomic_load_explicit(&store->shared->read_only, memory_order_relaxed);
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

bool store_remove_wal(struct store *store)
{
    REQUIRE(store->db && !store->in_transaction);
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
    if (store->db && store->mode != STORE_READ && sqlite3_db_readonly(store->db, "main") == 0) {
        /* By itself SQLite moves the log into the file only when the last connection closes, and
         * not if that one can only read, as those of tagferry-mqttd. The file without its log could
         * then be an empty store. */
        store_free_statements(store);
        sqlite3_busy_timeout(store->db, CLOSE_WAIT_MS);
        int64_t left = db_query_integer(store->db, "PRAGMA wal_checkpoint(TRUNCATE)", 1);
        if (left != 0 && store->shared)
            log_warning("store: the newest changes are still in %s-wal; a copy needs both files",
                        store->path);
    }
    store_disconnect(store);
    free(store->path);
    free(store);
}

/* Copies this number of pages, all remaining ones for -1. Waits up to 5 s for locks. */
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
    REQUIRE(!from->in_transaction && !to->in_transaction);
    sqlite3_backup *backup = sqlite3_backup_init(to->db, "main", from->db, "main");
    int rc = backup ? backup_copy_pages(backup, 0) : SQLITE_ERROR; /* locks `to` */
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

bool store_check(struct store *store, char *why, size_t why_size)
{
    /* SQLite cannot open a file that has a log, such as one of an older version, in a folder where
     * this user cannot create files. */
    int rc = db_run_sql(store->db, "PRAGMA user_version") ? SQLITE_OK : sqlite3_errcode(store->db);
    if (rc == SQLITE_READONLY || rc == SQLITE_CANTOPEN) {
        snprintf(why, why_size,
                 "%s cannot be read in its folder, because this user cannot create files there: "
                 "copy it to a folder of this user",
                 store->path);
        return false;
    }
    if (!store_check_version(store->db, why, why_size))
        return false;
    if (db_query_integer(store->db,
                         "SELECT count(*) FROM pragma_integrity_check"
                         " WHERE integrity_check <> 'ok'",
                         -1) != 0 ||
        db_query_integer(store->db, "SELECT id FROM store", 0) != 1) {
        snprintf(why, why_size, "the file is damaged or is not a store of tagferry-api");
        return false;
    }
    return true;
}
