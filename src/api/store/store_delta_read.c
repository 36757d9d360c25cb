/* Checks a delta. Nothing in it is trusted: it is opened by a connection of its own, and has to be
 * of exactly the expected tables. */
#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/store/store_delta_internal.h"
#include "common/base/require.h"

enum { TEXT_BYTES_MAX = 64 << 20, SLOT_MAX = 1 << 22 /* rows of the live table */ };

bool delta_fail(char *why, const char *what, const char *reason)
{
    snprintf(why, DELTA_WHY_SIZE, "%.200s%s%.300s", what, *reason ? ": " : "", reason);
    return false;
}

bool delta_show_bytes(struct sqlite3 *db, const char *name, const struct store_delta *delta)
{
    unsigned char *image = (unsigned char *)(uintptr_t)delta->bytes; /* only read */
    return sqlite3_deserialize(db, name, image, (sqlite3_int64)delta->len,
                               (sqlite3_int64)delta->len, SQLITE_DESERIALIZE_READONLY) == SQLITE_OK;
}

static bool delta_open_bytes(struct store_delta *delta)
{
    if (sqlite3_open_v2(":memory:", &delta->db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX,
                        NULL) != SQLITE_OK)
        return false;
    sqlite3_db_config(delta->db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
    sqlite3_db_config(delta->db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
    sqlite3_db_config(delta->db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
    sqlite3_db_config(delta->db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
    sqlite3_limit(delta->db, SQLITE_LIMIT_LENGTH, TEXT_BYTES_MAX);
    sqlite3_limit(delta->db, SQLITE_LIMIT_ATTACHED, 0);
    return delta_show_bytes(delta->db, "main", delta) &&
           db_run_sql(delta->db, "PRAGMA cell_size_check = ON; PRAGMA query_only = ON");
}

/* True when the delta has the table, created by exactly this statement. */
static bool delta_has_table(struct sqlite3 *db, const char *name, const char *sql)
{
    sqlite3_stmt *find = NULL;
    bool found = false;
    if (sqlite3_prepare_v2(db,
                           "SELECT 1 FROM sqlite_schema WHERE type = 'table' AND name = ?1"
                           " AND tbl_name = ?1 AND sql = ?2 AND rootpage > 1",
                           -1, &find, NULL) == SQLITE_OK) {
        sqlite3_bind_text(find, 1, name, -1, SQLITE_STATIC);
        sqlite3_bind_text(find, 2, sql, -1, SQLITE_STATIC);
        found = sqlite3_step(find) == SQLITE_ROW;
    }
    sqlite3_finalize(find);
    return found;
}

static bool delta_check_tables(struct store *store, struct store_delta *delta)
{
    char sql[DELTA_SQL_SIZE];
    for (size_t i = 0; i < DELTA_TABLES; i++) {
        if (!delta_write_schema(store->db, delta_tables[i].name, sql, sizeof sql) ||
            !delta_has_table(delta->db, delta_tables[i].name, sql))
            return false;
    }
    for (size_t i = 0; i < DELTA_EXTRA_TABLES; i++) {
        if (!delta_has_table(delta->db, delta_extra_tables[i][0], delta_extra_tables[i][1]))
            return false;
    }
    return db_query_integer(delta->db, "SELECT count(*) FROM sqlite_schema", -1) ==
               DELTA_TABLES + DELTA_EXTRA_TABLES &&
           db_query_integer(delta->db, "SELECT count(*) FROM answer", -1) == 1 &&
           db_query_integer(delta->db, "SELECT count(*) FROM state", -1) == 1;
}

static void delta_read_name(sqlite3_stmt *row, int column, char name[STORE_BRANCH_SIZE])
{
    const unsigned char *text = sqlite3_column_text(row, column);
    snprintf(name, STORE_BRANCH_SIZE, "%s", text ? (const char *)text : "");
}

/* Reads `answer`. False when it is impossible. */
static bool delta_read_facts(struct store_delta *delta)
{
    struct delta_facts *facts = &delta->facts;
    struct store_lineage *leader = &facts->leader;
    sqlite3_stmt *row = NULL;
    bool ok = sqlite3_prepare_v2(delta->db,
                                 "SELECT since, whole, keeps_logs, complete, audit_from, term,"
                                 " revision, audit, undo, gone_from, parent_revision, parent_audit,"
                                 " branch, parent FROM answer",
                                 -1, &row, NULL) == SQLITE_OK &&
              sqlite3_step(row) == SQLITE_ROW;
    if (ok) {
        enum { NUMBERS = 12 };
        int64_t numbers[NUMBERS];
        for (int i = 0; i < NUMBERS; i++) {
            numbers[i] = sqlite3_column_int64(row, i);
            ok = ok && numbers[i] >= 0;
        }
        facts->since = numbers[0];
        facts->whole = numbers[1] != 0;
        facts->keeps_logs = numbers[2] != 0;
        facts->complete = numbers[3] != 0;
        leader->position = (struct store_position){
            .term = numbers[5], .revision = numbers[6], .audit = numbers[7], .undo = numbers[8]};
        leader->gone_from = numbers[9];
        leader->parent_revision = numbers[10];
        leader->parent_audit = numbers[11];
        delta_read_name(row, NUMBERS, leader->position.branch);
        delta_read_name(row, NUMBERS + 1, leader->parent);
        ok = ok && leader->position.branch[0] != '\0' && facts->since <= leader->position.revision;
    }
    sqlite3_finalize(row);
    /* The rows are of the revisions that `answer` says. */
    return ok && db_query_integer(delta->db,
                                  "SELECT count(*) FROM answer, state AS s"
                                  " WHERE s.revision = answer.revision AND s.term = answer.term"
                                  " AND s.branch = answer.branch AND s.parent = answer.parent"
                                  " AND s.parent_revision = answer.parent_revision"
                                  " AND s.parent_audit = answer.parent_audit"
                                  " AND s.gone_from = answer.gone_from"
                                  " AND s.next_slot BETWEEN 0 AND 4194304"
                                  " AND s.undo_bytes >= 0 AND s.undo_from >= 0",
                                  0) == 1;
}

struct store_delta *store_delta_open(struct store *store, const void *bytes, size_t len,
                                     enum delta_result *result, char *why)
{
    static const char magic[] = "SQLite format 3";
    _Static_assert(SLOT_MAX == 4194304, "the limit in delta_read_facts");
    REQUIRE(!store->in_transaction);
    struct store_delta *delta = calloc(1, sizeof *delta);
    *result = DELTA_FAILED;
    if (!delta || !store_connect(store)) {
        delta_fail(why, "no memory", "");
        free(delta);
        return NULL;
    }
    *delta = (struct store_delta){.store = store, .bytes = bytes, .len = len};
    *result = DELTA_DAMAGED;
    if (len < sizeof magic || len > DELTA_BYTES_MAX || memcmp(bytes, magic, sizeof magic) != 0 ||
        !delta_open_bytes(delta)) {
        delta_fail(why, "the answer is no database", "");
    } else if (db_query_integer(delta->db,
                                "SELECT count(*) FROM pragma_quick_check"
                                " WHERE quick_check <> 'ok'",
                                -1) != 0) {
        delta_fail(why, "the database of the answer is damaged", "");
    } else {
        int64_t schema = db_query_integer(delta->db, "SELECT schema FROM answer", -1);
        if (schema >= 0 && schema != DB_SCHEMA_VERSION) {
            *result = DELTA_OTHER_VERSION;
            snprintf(why, DELTA_WHY_SIZE,
                     "the leader's store has schema version %lld, this one %d: upgrade the older "
                     "gateway",
                     (long long)schema, DB_SCHEMA_VERSION);
        } else if (schema >= 0 && delta_check_tables(store, delta) && delta_read_facts(delta)) {
            *result = DELTA_GOOD;
            db_close(delta->db);
            delta->db = NULL;
            return delta;
        } else {
            delta_fail(why, "the database of the answer has other tables than a store", "");
        }
    }
    store_delta_close(delta);
    return NULL;
}

const struct delta_facts *store_delta_facts(const struct store_delta *delta)
{
    return &delta->facts;
}

void store_delta_close(struct store_delta *delta)
{
    if (!delta)
        return;
    if (delta->store->in_transaction) /* out of memory */
        store_rollback(delta->store);
    delta_detach(delta->store);
    db_close(delta->db);
    free(delta);
}
