/* Applies a delta that was checked. It is attached to the connection of the store as the database
 * `delta`, so that each step is one statement for all rows; they go through the constraints of the
 * store.
 *
 * A device or tag that the store has, with the same slot, name and registers, is changed in place.
 * One that differs in these is deleted and inserted again, because names and slots may have changed
 * hands. `inserted_device` and `inserted_tag` have the ids of these rows and of new ones. */
#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "api/store/store_delta_internal.h"
#include "common/base/require.h"

/* The columns in which a row that is changed in place is the same. */
#define SAME_DEVICE                                                                                \
    "'name', 'slot', 'network_modbus_host', 'network_modbus_port', 'network_unit_id',"             \
    " 'network_gateway', 'status_table', 'status_address'"
#define SAME_TAG                                                                                   \
    "'device_id', 'name', 'slot', 'profile_tag_id', 'modbus_table', 'modbus_address',"             \
    " 'modbus_type', 'modbus_length', 'modbus_bit', 'modbus_byte'"

void delta_detach(struct store *store)
{
    if (store->db && sqlite3_db_filename(store->db, "delta"))
        db_run_sql(store->db, "DETACH delta");
}

bool store_delta_prepare(struct store *store)
{
    REQUIRE(!store->in_transaction);
    store->takes_deltas = true;
    return store_connect(store) &&
           db_run_sql(store->db,
                      "PRAGMA foreign_keys = OFF; PRAGMA temp_store = MEMORY;"
                      " PRAGMA cell_size_check = ON;"
                      " CREATE TEMP TABLE IF NOT EXISTS inserted_device (id INTEGER PRIMARY KEY);"
                      " CREATE TEMP TABLE IF NOT EXISTS inserted_tag (id INTEGER PRIMARY KEY);"
                      " CREATE TEMP TABLE IF NOT EXISTS old_span (gateway, unit, \"table\", first,"
                      " last, bit, bits)");
}

/* Runs statements until one fails; then the store has failed. */
static bool delta_run(struct store *store, const char *sql)
{
    if (!store_has_failed(store) && !db_run_sql(store->db, sql))
        store_set_failed(store);
    return !store_has_failed(store);
}

/* Runs the statement that `sql` selects. */
static bool delta_run_selected(struct store *store, const char *sql)
{
    sqlite3_stmt *select = NULL;
    if (store_has_failed(store))
        return false;
    if (sqlite3_prepare_v2(store->db, sql, -1, &select, NULL) != SQLITE_OK ||
        sqlite3_step(select) != SQLITE_ROW || !sqlite3_column_text(select, 0) ||
        !db_run_sql(store->db, (const char *)sqlite3_column_text(select, 0)))
        store_set_failed(store);
    sqlite3_finalize(select);
    return !store_has_failed(store);
}

/* Within the transaction: BEGIN IMMEDIATE would ask for a delta that can be written. */
static bool delta_attach(struct store *store, const struct store_delta *delta)
{
    delta_run(store, "ATTACH ':memory:' AS delta");
    if (!store_has_failed(store) && !delta_show_bytes(store->db, "delta", delta))
        store_set_failed(store);
    return !store_has_failed(store);
}

/* Deletes rows with their registers. Their slots become free. */
#define DELETE_ROWS(table, owner, ids)                                                             \
    "INSERT OR IGNORE INTO main.free_slot SELECT slot FROM main." table " WHERE id IN (" ids ");"  \
    "DELETE FROM main.span WHERE " owner " IN (" ids ");"                                          \
    "DELETE FROM main." table " WHERE id IN (" ids ");"
#define GONE(kind) "SELECT id FROM delta.gone WHERE kind = '" kind "' AND typeof(id) = 'integer'"
#define FIND_INSERTED(table, same)                                                                 \
    "SELECT 'INSERT INTO temp.inserted_" table " SELECT n.id FROM delta." table " AS n"            \
    " LEFT JOIN main." table " AS o ON o.id = n.id WHERE o.id IS NULL OR '"                        \
    " || group_concat(printf('o.\"%w\" IS NOT n.\"%w\"', name, name), ' OR ')"                     \
    " FROM pragma_table_info('" table "', 'main') WHERE name IN (" same ")"

/* What is in the way of the new rows: rows that are gone, and those that are inserted again. */
static bool delta_make_room(struct store *store, const struct store_delta *delta)
{
    delta_run(store, "DELETE FROM temp.inserted_device; DELETE FROM temp.inserted_tag");
    if (delta->facts.whole) /* for old_span see store_delta_finish */
        return delta_run(
            store, "DELETE FROM temp.old_span;"
                   "INSERT INTO temp.old_span SELECT gateway, unit, \"table\", first, last, bit,"
                   " bits FROM main.span WHERE server = '';"
                   "DELETE FROM main.tag; DELETE FROM main.device; DELETE FROM main.profile_tag;"
                   "DELETE FROM main.profile; DELETE FROM main.gone; DELETE FROM main.span;"
                   "DELETE FROM main.free_slot;"
                   "INSERT INTO temp.inserted_device SELECT id FROM delta.device;"
                   "INSERT INTO temp.inserted_tag SELECT id FROM delta.tag");
    return delta_run(store, DELETE_ROWS("tag", "tag_id", GONE("tag"))
                                DELETE_ROWS("device", "status_of", GONE("device"))) &&
           delta_run_selected(store, FIND_INSERTED("device", SAME_DEVICE)) &&
           delta_run_selected(store, FIND_INSERTED("tag", SAME_TAG)) &&
           delta_run(
               store, DELETE_ROWS("tag", "tag_id", "SELECT id FROM temp.inserted_tag")
                          DELETE_ROWS("device", "status_of", "SELECT id FROM temp.inserted_device")
               /* Profiles have no row in `gone`: those that the leader has not are gone. */
               "DELETE FROM main.profile_tag WHERE profile_id IN (SELECT id FROM delta.profile)"
               " OR profile_id NOT IN (SELECT id FROM delta.profile_id);"
               "DELETE FROM main.profile WHERE id IN (SELECT id FROM delta.profile)"
               " OR id NOT IN (SELECT id FROM delta.profile_id)");
}

/* Oldest entries that the leader has deleted, and all where the histories differ. */
static bool delta_trim_logs(struct store *store, const struct store_delta *delta)
{
    return delta_run(store, delta->facts.keeps_logs
                                ? "DELETE FROM main.audit WHERE id < (SELECT audit_from FROM"
                                  " delta.answer); DELETE FROM main.high_water"
                                : "DELETE FROM main.audit; DELETE FROM main.undo;"
                                  "DELETE FROM main.high_water");
}

#define PUT_ROWS(table, same)                                                                      \
    "SELECT 'INSERT INTO main." table " SELECT * FROM delta." table " WHERE true ORDER BY rowid"   \
    " ON CONFLICT (id) DO UPDATE SET '"                                                            \
    " || group_concat(printf('\"%w\" = excluded.\"%w\"', name, name))"                             \
    " FROM pragma_table_info('" table "', 'main') WHERE name NOT IN ('id', " same ")"

/* Copies the rows of all tables. */
static bool delta_put_rows(struct store *store, char *why)
{
    char sql[128];
    for (size_t i = 0; i < DELTA_TABLES; i++) {
        const char *table = delta_tables[i].name;
        bool ok;
        if (strcmp(table, "device") == 0) {
            ok = delta_run_selected(store, PUT_ROWS("device", SAME_DEVICE));
        } else if (strcmp(table, "tag") == 0) {
            ok = delta_run_selected(store, PUT_ROWS("tag", SAME_TAG));
        } else {
            snprintf(sql, sizeof sql,
                     "INSERT INTO main.\"%s\" SELECT * FROM delta.\"%s\" ORDER BY rowid", table,
                     table);
            ok = delta_run(store, sql);
        }
        if (!ok)
            return delta_fail(why, table, store_failure_reason(store));
    }
    return true;
}

static void delta_write_state(struct store *store, const struct store_delta *delta)
{
    delta_run(
        store,
        /* The rows have raised them. */
        "DELETE FROM main.sqlite_sequence"
        " WHERE name IN ('device', 'tag', 'audit', 'profile', 'profile_tag');"
        "INSERT INTO main.sqlite_sequence (name, seq) SELECT name, seq FROM delta.counter;"
        /* Slots that no row has are free: those of deleted rows, and those that the leader
         * has used and freed since the last delta. */
        "INSERT OR IGNORE INTO main.free_slot WITH RECURSIVE n (slot) AS ("
        "SELECT next_slot FROM main.store WHERE next_slot < (SELECT next_slot FROM delta.state)"
        " UNION ALL"
        " SELECT slot + 1 FROM n WHERE slot + 1 < (SELECT next_slot FROM delta.state))"
        " SELECT slot FROM n;"
        "DELETE FROM main.free_slot WHERE slot IN"
        " (SELECT slot FROM main.tag WHERE id IN (SELECT id FROM temp.inserted_tag));"
        "DELETE FROM main.free_slot WHERE slot IN"
        " (SELECT slot FROM main.device WHERE id IN (SELECT id FROM temp.inserted_device));"
        "UPDATE main.store SET (revision, gone_from, next_slot, undo_bytes, undo_from, term,"
        " branch, parent, parent_revision, parent_audit) = (SELECT revision, gone_from,"
        " next_slot, undo_bytes, undo_from, term, branch, parent, parent_revision,"
        " parent_audit FROM delta.state)");
    if (delta->facts.complete)
        delta_run(store, "DELETE FROM main.undo"
                         " WHERE id < ((SELECT undo_from FROM main.store) + 1) * 1048576");
    else /* until all of it is there, nothing can be undone */
        delta_run(store, "UPDATE main.store SET undo_from = revision");
    delta_run(store, "DELETE FROM main.gone WHERE revision <= (SELECT gone_from FROM main.store)");
}

bool store_delta_apply(struct store *store, struct store_delta *delta, char *why)
{
    REQUIRE(store->in_transaction && store->takes_deltas);
    store_note_change(store);
    if (delta->facts.whole)
        delta_run(store, "UPDATE main.store SET generation = generation + 1, next_slot = 0");
    if (delta_attach(store, delta) && delta_make_room(store, delta) &&
        delta_trim_logs(store, delta)) {
        if (!delta_put_rows(store, why))
            return false;
        delta_write_state(store, delta);
    }
    return !store_has_failed(store) ||
           delta_fail(why, "the rows do not fit", store_failure_reason(store));
}

void store_delta_each_id(struct store *store, bool tags, bool (*take)(void *context, int64_t id),
                         void *context)
{
    sqlite3_stmt *ids = NULL;
    if (sqlite3_prepare_v2(store->db,
                           tags ? "SELECT id FROM delta.tag WHERE id IN"
                                  " (SELECT id FROM temp.inserted_tag) ORDER BY device_id, id"
                                : "SELECT id FROM temp.inserted_device",
                           -1, &ids, NULL) != SQLITE_OK) {
        store_set_failed(store);
        return;
    }
    while (sqlite3_step(ids) == SQLITE_ROW && take(context, sqlite3_column_int64(ids, 0)))
        continue;
    sqlite3_finalize(ids);
}

bool store_delta_finish(struct store *store, struct store_delta *delta, char *why)
{
    if (delta->facts.whole)
        delta_run(store,
                  "INSERT INTO main.gone (revision, kind, gateway, unit, \"table\", first,"
                  " last, bit, bits) SELECT (SELECT revision FROM main.store), 'registers', * FROM"
                  " (SELECT * FROM temp.old_span EXCEPT SELECT gateway, unit,"
                  " \"table\", first, last, bit, bits FROM main.span WHERE server = '')");
    /* Tags whose device or profile does not exist; and each slot is used or free, once. */
    bool fits =
        !store_has_failed(store) &&
        db_query_integer(
            store->db,
            "SELECT EXISTS (SELECT 1 FROM delta.tag AS t WHERE t.device_id NOT IN"
            " (SELECT id FROM main.device) OR (t.profile_tag_id IS NOT NULL AND"
            " t.profile_tag_id NOT IN (SELECT id FROM main.profile_tag)))"
            " + EXISTS (SELECT 1 FROM delta.profile_tag WHERE profile_id NOT IN"
            " (SELECT id FROM main.profile))"
            " + EXISTS (SELECT 1 FROM delta.gone AS g JOIN main.tag AS t ON t.device_id = g.id"
            " WHERE g.kind = 'device' AND g.id NOT IN (SELECT id FROM main.device))"
            " + ((SELECT next_slot FROM main.store) <> (SELECT count(*) FROM main.device)"
            " + (SELECT count(*) FROM main.tag) + (SELECT count(*) FROM main.free_slot))",
            -1) == 0;
    struct store_lineage own;
    if (!store_has_failed(store) && !fits)
        return delta_fail(why, "rows of the answer refer to rows that do not exist", "");
    if (!store_lineage_read(store, &own) || store_has_failed(store))
        return delta_fail(why, "the rows do not fit", store_failure_reason(store));
    const struct store_position *leader = &delta->facts.leader.position;
    if (delta->facts.complete &&
        (own.position.audit != leader->audit || own.position.undo != leader->undo))
        return delta_fail(why, "the answer lacks rows of the audit", "");
    return true;
}
