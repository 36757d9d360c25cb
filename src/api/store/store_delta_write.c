/* Makes a delta: copies rows into a database in memory, whose bytes are the delta. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/store/store_delta_internal.h"
#include "common/base/require.h"

enum { NUMBER_BYTES = 8 };

/* In the order in which they are applied. */
const struct delta_table delta_tables[DELTA_TABLES] = {
    {"profile", "SELECT * FROM profile WHERE revision > ?1 ORDER BY id", false},
    {"profile_tag",
     "SELECT * FROM profile_tag WHERE profile_id IN (SELECT id FROM profile WHERE revision > ?1)"
     " ORDER BY id",
     false},
    {"device", "SELECT * FROM device WHERE revision > ?1 ORDER BY revision, rowid", false},
    {"tag", "SELECT * FROM tag WHERE revision > ?1 ORDER BY revision, rowid", false},
    {"gone", "SELECT * FROM gone WHERE revision > ?1 ORDER BY revision, rowid", false},
    {"high_water", "SELECT * FROM high_water WHERE ?1 = ?1", false},
    {"audit", "SELECT * FROM audit WHERE id > ?1 ORDER BY id", true},
    {"undo", "SELECT * FROM undo WHERE id > ?1 ORDER BY id", true},
};

/* `counter` is the table sqlite_sequence, of the rows that are copied. */
const char *const delta_extra_tables[DELTA_EXTRA_TABLES][2] = {
    {"answer",
     "CREATE TABLE answer(schema,since,whole,keeps_logs,complete,audit_from,term,revision,"
     "audit,undo,branch,gone_from,parent,parent_revision,parent_audit)"},
    {"state", "CREATE TABLE state(revision,gone_from,next_slot,undo_bytes,undo_from,term,branch,"
              "parent,parent_revision,parent_audit)"},
    {"counter", "CREATE TABLE counter(name,seq)"},
    {"profile_id", "CREATE TABLE profile_id(id)"},
};

bool delta_write_schema(struct sqlite3 *db, const char *table, char *sql, size_t size)
{
    sqlite3_stmt *columns = NULL;
    int len = snprintf(sql, size, "CREATE TABLE \"%s\"", table), count = 0, rc = SQLITE_ERROR;
    if (sqlite3_prepare_v2(db, "SELECT name FROM pragma_table_info(?) ORDER BY cid", -1, &columns,
                           NULL) == SQLITE_OK &&
        sqlite3_bind_text(columns, 1, table, -1, SQLITE_STATIC) == SQLITE_OK) {
        while ((rc = sqlite3_step(columns)) == SQLITE_ROW && (size_t)len < size)
            len += snprintf(sql + len, size - (size_t)len, "%s\"%s\"", count++ ? "," : "(",
                            (const char *)sqlite3_column_text(columns, 0));
    }
    sqlite3_finalize(columns);
    if ((size_t)len < size)
        len += snprintf(sql + len, size - (size_t)len, ")");
    return rc == SQLITE_DONE && count > 0 && (size_t)len < size;
}

struct sqlite3_stmt *delta_prepare_insert(struct sqlite3 *db, const char *table, int columns)
{
    char sql[DELTA_SQL_SIZE];
    sqlite3_stmt *insert = NULL;
    int len = snprintf(sql, sizeof sql, "INSERT INTO \"%s\" VALUES (", table);
    for (int i = 0; i < columns && (size_t)len < sizeof sql - 4; i++)
        len += snprintf(sql + len, sizeof sql - (size_t)len, "?%s", i + 1 < columns ? "," : ")");
    sqlite3_prepare_v2(db, sql, -1, &insert, NULL);
    return insert;
}

/* Binds a column without a copy of its bytes, which last until the next step of `from`, and adds
 * them to *bytes. Only texts and blobs have them: asked for those of a number, SQLite prints it. */
static int draft_bind_column(sqlite3_stmt *from, sqlite3_stmt *to, int column, int64_t *bytes)
{
    sqlite3_value *value = sqlite3_column_value(from, column);
    int type = sqlite3_value_type(value), place = column + 1;
    *bytes += NUMBER_BYTES;
    if (type != SQLITE_TEXT && type != SQLITE_BLOB)
        return sqlite3_bind_value(to, place, value);
    const void *data = type == SQLITE_TEXT ? sqlite3_value_text(value) : sqlite3_value_blob(value);
    int len = sqlite3_value_bytes(value);
    *bytes += len;
    if (!data) /* no bytes */
        return sqlite3_bind_value(to, place, value);
    return type == SQLITE_TEXT ? sqlite3_bind_text(to, place, data, len, SQLITE_STATIC)
                               : sqlite3_bind_blob(to, place, data, len, SQLITE_STATIC);
}

/* Copies the rows of `from` into `to`, whose parameters are its columns, until more than `limit`
 * bytes are copied; both are reset. False on an error of either. *more is set when rows are left.
 */
static bool draft_copy_rows(sqlite3_stmt *from, sqlite3_stmt *to, int64_t limit, bool *more)
{
    int64_t bytes = 0;
    int rc = SQLITE_ERROR, columns = from ? sqlite3_column_count(from) : 0;
    *more = false;
    while (from && to && (rc = sqlite3_step(from)) == SQLITE_ROW) {
        if (bytes > limit) {
            *more = true;
            rc = SQLITE_DONE;
            break;
        }
        for (int i = 0; i < columns; i++) {
            if (draft_bind_column(from, to, i, &bytes) != SQLITE_OK)
                rc = SQLITE_ERROR;
        }
        if (rc != SQLITE_ROW || sqlite3_step(to) != SQLITE_DONE) {
            rc = SQLITE_ERROR;
            break;
        }
        sqlite3_reset(to);
    }
    sqlite3_reset(from);
    sqlite3_reset(to);
    return rc == SQLITE_DONE;
}

/* The making of a delta. */
struct delta_draft {
    struct store *store;
    sqlite3 *db; /* in memory */
    struct delta_facts facts;
    int64_t audit_after, undo_after;
    bool failed; /* of `db`; otherwise the store's */
};

static void delta_draft_close(void *context)
{
    sqlite3_close_v2(((struct delta_draft *)context)->db);
}

/* Copies one table. A failure is that of the store, or of memory. */
static void delta_draft_copy(struct delta_draft *draft, const char *name, const char *select,
                             int64_t after, bool is_log)
{
    sqlite3_stmt *from = NULL;
    bool more = false;
    int64_t limit = is_log ? DELTA_LOG_BYTES : INT64_MAX;
    if (draft->failed || store_has_failed(draft->store))
        return;
    if (sqlite3_prepare_v2(draft->store->db, select, -1, &from, NULL) != SQLITE_OK) {
        store_set_failed(draft->store);
        return;
    }
    if (sqlite3_bind_parameter_count(from) > 0)
        sqlite3_bind_int64(from, 1, after);
    sqlite3_stmt *to = delta_prepare_insert(draft->db, name, sqlite3_column_count(from));
    draft->failed = !draft_copy_rows(from, to, limit, &more);
    draft->facts.complete = draft->facts.complete && !more;
    sqlite3_finalize(to);
    sqlite3_finalize(from);
}

static void delta_draft_write_answer(struct delta_draft *draft)
{
    const struct delta_facts *facts = &draft->facts;
    const struct store_lineage *leader = &facts->leader;
    int64_t audit_from =
        store_query_integer(draft->store, "SELECT coalesce(min(id), 0) FROM audit");
    const int64_t numbers[] = {DB_SCHEMA_VERSION,      facts->since,
                               facts->whole,           facts->keeps_logs,
                               facts->complete,        audit_from,
                               leader->position.term,  leader->position.revision,
                               leader->position.audit, leader->position.undo};
    enum { NUMBERS = sizeof numbers / sizeof numbers[0], ANSWER_COLUMNS = NUMBERS + 5 };
    sqlite3_stmt *insert = delta_prepare_insert(draft->db, "answer", ANSWER_COLUMNS);
    int rc = insert ? SQLITE_OK : SQLITE_NOMEM;
    for (int i = 0; i < NUMBERS && rc == SQLITE_OK; i++)
        rc = sqlite3_bind_int64(insert, i + 1, numbers[i]);
    if (rc == SQLITE_OK) {
        sqlite3_bind_text(insert, NUMBERS + 1, leader->position.branch, -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, NUMBERS + 2, leader->gone_from);
        sqlite3_bind_text(insert, NUMBERS + 3, leader->parent, -1, SQLITE_STATIC);
        sqlite3_bind_int64(insert, NUMBERS + 4, leader->parent_revision);
        sqlite3_bind_int64(insert, NUMBERS + 5, leader->parent_audit);
        rc = sqlite3_step(insert);
    }
    draft->failed = draft->failed || rc != SQLITE_DONE;
    sqlite3_finalize(insert);
}

/* Creates the tables and fills them. */
static void delta_draft_fill(struct delta_draft *draft)
{
    char sql[DELTA_SQL_SIZE];
    const struct delta_facts *facts = &draft->facts;
    int64_t since = facts->whole ? -1 : facts->since;
    draft->failed = !db_run_sql(draft->db, facts->whole ? "PRAGMA page_size = 4096"
                                                        : "PRAGMA page_size = 1024") ||
                    !db_run_sql(draft->db, "PRAGMA journal_mode = OFF; BEGIN");
    for (size_t i = 0; i < DELTA_EXTRA_TABLES && !draft->failed; i++)
        draft->failed = !db_run_sql(draft->db, delta_extra_tables[i][1]);
    delta_draft_copy(draft, "state",
                     "SELECT revision, gone_from, next_slot, undo_bytes, undo_from, term, branch,"
                     " parent, parent_revision, parent_audit FROM store",
                     0, false);
    delta_draft_copy(draft, "counter",
                     "SELECT name, seq FROM sqlite_sequence"
                     " WHERE name IN ('device', 'tag', 'audit', 'profile', 'profile_tag')",
                     0, false);
    delta_draft_copy(draft, "profile_id", "SELECT id FROM profile", 0, false);
    for (size_t i = 0; i < DELTA_TABLES && !draft->failed; i++) {
        const struct delta_table *table = &delta_tables[i];
        bool is_audit = strcmp(table->name, "audit") == 0;
        if (!delta_write_schema(draft->store->db, table->name, sql, sizeof sql)) {
            store_set_failed(draft->store);
            return;
        }
        draft->failed = !db_run_sql(draft->db, sql);
        delta_draft_copy(draft, table->name, table->changed,
                         !table->is_log ? since
                         : is_audit     ? draft->audit_after
                                        : draft->undo_after,
                         table->is_log);
    }
    if (!store_has_failed(draft->store) && !draft->failed)
        delta_draft_write_answer(draft);
    draft->failed = draft->failed || !db_run_sql(draft->db, "COMMIT");
}

/* A follower may have entries of the audit that this store has lost: its file, or the machine, was
 * put back to an older state. Since then other entries have the same numbers, and another time. */
static bool delta_shares_history(struct store *store, const struct store_position *have)
{
    struct query query = store_prepare_query(store, "SELECT at_ms FROM audit WHERE id = ?");
    query_bind_integer(&query, have->audit);
    bool differs = query_next_row(&query) && query_read_integer(&query) != have->audit_ms;
    query_finish(&query);
    return !differs;
}

void store_delta_write(struct store *store, const struct store_position *have, struct text *bytes)
{
    struct memory_block guard;
    struct delta_draft draft = {.store = store, .facts = {.complete = true}};
    struct store_lineage *own = &draft.facts.leader;
    if (!store_lineage_read(store, own))
        return;
    draft.facts.keeps_logs =
        store_lineage_continues(own, have) && delta_shares_history(store, have);
    draft.facts.whole =
        !draft.facts.keeps_logs || have->revision == 0 || have->revision < own->gone_from;
    draft.facts.since = draft.facts.whole ? 0 : have->revision;
    draft.audit_after = draft.facts.keeps_logs ? have->audit : 0;
    draft.undo_after = draft.facts.keeps_logs ? have->undo : 0;
    if (sqlite3_open_v2(":memory:", &draft.db, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, NULL) !=
        SQLITE_OK) {
        sqlite3_close_v2(draft.db);
        memory_fail();
    }
    memory_guard(&guard, delta_draft_close, &draft);
    /* A database of this kind is one piece of memory, which serialize shows without a copy. */
    if (sqlite3_deserialize(draft.db, "main", NULL, 0, 0,
                            SQLITE_DESERIALIZE_FREEONCLOSE | SQLITE_DESERIALIZE_RESIZEABLE) !=
        SQLITE_OK)
        memory_fail();
    sqlite3_int64 most = DELTA_BYTES_MAX;
    sqlite3_file_control(draft.db, "main", SQLITE_FCNTL_SIZE_LIMIT, &most);
    delta_draft_fill(&draft);
    if (!store_has_failed(store)) {
        sqlite3_int64 size = 0;
        const unsigned char *data =
            draft.failed ? NULL
                         : sqlite3_serialize(draft.db, "main", &size, SQLITE_SERIALIZE_NOCOPY);
        if (!data)
            memory_fail();
        text_append(bytes, (const char *)data, (size_t)size);
    }
    memory_unguard(&guard);
    sqlite3_close_v2(draft.db);
}
