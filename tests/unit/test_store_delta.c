/* Deltas between two stores: what each kind brings, that afterwards both stores are equal, and what
 * a follower refuses. */
#include "store_fixture.h"

#include "api/store/audit.h"
#include "api/store/store_delta.h"
#include "api/store/undo_log.h"

struct fixture {
    struct store_folder folder;
    char follower_database[STORE_PATH_SIZE];
    struct store *leader, *follower;
    struct arena arena;
    struct text bytes, ids;
    struct audit audit;
    struct undo_log undo_log;
    struct delta_facts facts; /* of the newest delta */
    char why[DELTA_WHY_SIZE];
    enum delta_result result;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    store_folder_make(&f->folder);
    snprintf(f->follower_database, STORE_PATH_SIZE, "%s/follower.db", f->folder.path);
    f->leader = store_open_well(f->folder.database, STORE_WRITE);
    f->follower = store_open_well(f->follower_database, STORE_WRITE);
    f->undo_log.keep_bytes = 1 << 30;
    f->audit = (struct audit){
        .who = "ann", .remote = "local", .request_id = "", .keep = 1000000, .undo = &f->undo_log};
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    store_close(f->leader);
    store_close(f->follower);
    store_folder_remove(&f->folder);
    arena_finish(&f->arena);
    text_finish(&f->bytes);
    text_finish(&f->ids);
    free(f);
    return 0;
}

static void run(struct store *store, const char *sql)
{
    store_execute_integers(store, sql, NULL, 0);
    assert_false(store_has_failed(store));
}

static struct record add_device(struct fixture *f, const char *name)
{
    struct record device = store_add_device(f->leader, name, name);
    audit_add_change(f->leader, &f->audit, &device_resource, NULL, &device);
    return device;
}

static struct record add_tag(struct fixture *f, const struct record *device, const char *name,
                             int64_t address)
{
    struct record tag = store_add_tag(f->leader, device, name, address);
    audit_add_change(f->leader, &f->audit, &tag_resource, NULL, &tag);
    return tag;
}

static void fill_leader(struct fixture *f)
{
    assert_true(store_begin(f->leader));
    struct record a = add_device(f, "a"), b = add_device(f, "b");
    add_tag(f, &b, "y", 300);
    add_tag(f, &a, "x", 100);
    add_tag(f, &a, "z", 200);
    run(f->leader, "INSERT INTO profile (name, label, description, params, room, device, revision,"
                   " created_ms, updated_ms) VALUES ('p', '', '', '{}', '{}', '{}', 1, 2, 3)");
    run(f->leader,
        "INSERT INTO profile_tag (profile_id, place, name, body) VALUES (1, 0, 'x', '{}')");
    run(f->leader, "INSERT INTO high_water VALUES (1, 'holding_register', '', 300)");
    assert_true(store_commit(f->leader));
}

static struct store_position position_of(struct store *store)
{
    struct store_lineage lineage;
    assert_true(store_begin(store));
    assert_true(store_lineage_read(store, &lineage));
    assert_true(store_commit(store));
    return lineage.position;
}

static void write_delta(struct fixture *f, const struct store_position *have)
{
    text_finish(&f->bytes);
    assert_true(store_begin(f->leader));
    store_delta_write(f->leader, have, &f->bytes);
    assert_true(store_commit(f->leader));
}

static bool take_id(void *context, int64_t id)
{
    text_printf(context, "%d ", (int)id);
    return true;
}

/* Applies the delta. `ids` is then "ids of devices / ids of tags" that the caller would give
 * registers. */
static bool apply(struct fixture *f)
{
    struct store_delta *delta =
        store_delta_open(f->follower, f->bytes.data, f->bytes.len, &f->result, f->why);
    if (!delta)
        return false;
    f->facts = *store_delta_facts(delta);
    assert_true(store_delta_prepare(f->follower));
    assert_true(store_begin(f->follower));
    bool ok = store_delta_apply(f->follower, delta, f->why);
    text_finish(&f->ids);
    text_puts(&f->ids, "");
    if (ok) {
        store_delta_each_id(f->follower, false, take_id, &f->ids);
        text_puts(&f->ids, "/ ");
        store_delta_each_id(f->follower, true, take_id, &f->ids);
        ok = store_delta_finish(f->follower, delta, f->why);
    }
    if (ok)
        ok = store_commit(f->follower);
    else
        store_rollback(f->follower);
    store_delta_close(delta);
    return ok;
}

/* Takes what the follower lacks. */
static void follow(struct fixture *f)
{
    struct store_position have = position_of(f->follower);
    f->why[0] = '\0';
    write_delta(f, &have);
    if (!apply(f))
        fail_msg("%s", f->why);
}

/* The tables that differ, "" for none. */
static const char *differences(struct fixture *f)
{
    static const char *const tables[] = {
        "device",     "tag",   "profile", "profile_tag", "gone",
        "high_water", "audit", "undo",    "free_slot",   "sqlite_sequence"};
    struct store *both = store_open_well(f->folder.database, STORE_RAW);
    struct text found = {0};
    text_puts(&found, "");
    run(both, arena_format(&f->arena, "ATTACH '%s' AS other", f->follower_database));
    for (size_t i = 0; i < COUNT(tables); i++) {
        const char *sql = arena_format(
            &f->arena,
            "SELECT (SELECT count(*) FROM (SELECT * FROM main.%1$s EXCEPT SELECT * FROM "
            "other.%1$s))"
            " + (SELECT count(*) FROM (SELECT * FROM other.%1$s EXCEPT SELECT * FROM main.%1$s))",
            tables[i]);
        if (store_query_integer(both, sql) != 0)
            text_printf(&found, "%s ", tables[i]);
        assert_false(store_has_failed(both));
    }
    if (store_query_integer(both,
                            "SELECT count(*) FROM main.store AS a, other.store AS b WHERE"
                            " (a.revision, a.gone_from, a.next_slot, a.undo_bytes, a.undo_from,"
                            " a.term, a.branch, a.parent, a.parent_revision, a.parent_audit)"
                            " = (b.revision, b.gone_from, b.next_slot, b.undo_bytes,"
                            " b.undo_from, b.term, b.branch, b.parent, b.parent_revision,"
                            " b.parent_audit)") != 1)
        text_puts(&found, "store ");
    store_close(both);
    const char *text = arena_strdup(&f->arena, found.data);
    text_finish(&found);
    return text;
}

static void check_facts(struct fixture *f, int64_t since, bool whole, bool keeps_logs,
                        bool complete)
{
    assert_int_equal(f->facts.since, since);
    assert_int_equal(f->facts.whole, whole);
    assert_int_equal(f->facts.keeps_logs, keeps_logs);
    assert_int_equal(f->facts.complete, complete);
}

static void test_whole(void **state)
{
    struct fixture *f = *state;
    fill_leader(f);
    follow(f);
    check_facts(f, 0, true, false, true);
    assert_string_equal(f->ids.data, "1 2 / 2 3 1 "); /* tags of one device together */
    assert_string_equal(differences(f), "");
    struct store_position one = position_of(f->leader), other = position_of(f->follower);
    assert_true(store_position_is_equal(&one, &other));
    assert_int_equal(f->facts.leader.position.revision, 1);
    assert_int_equal(f->facts.leader.position.audit, 5);
    assert_int_equal(f->facts.leader.position.undo, 1 << 20);
    assert_true(store_begin(f->follower));
    assert_int_equal(store_query_integer(f->follower, "SELECT generation FROM store"), 1);
    assert_true(store_commit(f->follower));
    follow(f); /* nothing new */
    check_facts(f, 1, false, true, true);
    assert_string_equal(f->ids.data, "/ ");
    assert_string_equal(differences(f), "");
}

static void test_changes(void **state)
{
    struct fixture *f = *state;
    struct record device, tag;
    fill_leader(f);
    follow(f);
    assert_true(store_begin(f->leader));
    /* x changes in place, z gets another address, y goes with its slot, b gets another name, c is
     * new and has the slot of y; a slot is used and freed in between. */
    assert_true(record_store_find_tag(f->leader, &f->arena, "a", "x", &tag));
    tag.revision = store_raise_revision(f->leader);
    tag.cells[TAG_UNIT] = (struct cell){.kind = CELL_TEXT, .as.text = "bar"};
    record_store_update(f->leader, &tag_resource, &tag);
    assert_true(record_store_find_tag(f->leader, &f->arena, "a", "z", &tag));
    tag.revision = store_raise_revision(f->leader);
    tag.cells[TAG_ADDRESS].as.integer = 777;
    record_store_update(f->leader, &tag_resource, &tag);
    run(f->leader, "DELETE FROM tag WHERE name = 'y'");
    run(f->leader, "INSERT INTO gone (revision, kind, id) VALUES (2, 'tag', 1)");
    assert_true(record_store_find_device(f->leader, &f->arena, "b", &device));
    device.revision = store_raise_revision(f->leader);
    device.cells[DEVICE_NAME].as.text = "b2";
    record_store_update(f->leader, &device_resource, &device);
    struct record c = add_device(f, "c");
    run(f->leader, "UPDATE device SET slot = 2 WHERE name = 'c'");
    run(f->leader, "INSERT INTO free_slot VALUES (5), (6)");
    run(f->leader, "UPDATE store SET next_slot = 7");
    run(f->leader, "UPDATE profile SET label = 'P', revision = 2");
    run(f->leader, "UPDATE high_water SET address = 777");
    assert_true(store_commit(f->leader));
    follow(f);
    check_facts(f, 1, false, true, true);
    assert_string_equal(f->ids.data, arena_format(&f->arena, "2 %d / 3 ", (int)c.id));
    assert_string_equal(differences(f), "");
    assert_true(store_begin(f->follower));
    assert_int_equal(store_query_integer(f->follower, "SELECT generation FROM store"), 1);
    assert_true(store_commit(f->follower));

    /* A device goes with its tags, a profile goes, the oldest entries of the logs go. */
    assert_true(store_begin(f->leader));
    store_raise_revision(f->leader);
    run(f->leader, "INSERT INTO free_slot SELECT slot FROM tag WHERE device_id = 1");
    run(f->leader, "INSERT INTO free_slot SELECT slot FROM device WHERE id = 1");
    run(f->leader,
        "INSERT INTO gone (revision, kind, id) SELECT 3, 'tag', id FROM tag WHERE device_id = 1");
    run(f->leader, "INSERT INTO gone (revision, kind, id) VALUES (3, 'device', 1)");
    run(f->leader, "DELETE FROM device WHERE id = 1");
    run(f->leader, "DELETE FROM profile_tag");
    run(f->leader, "DELETE FROM profile");
    run(f->leader, "DELETE FROM audit WHERE id <= 2");
    run(f->leader, "DELETE FROM undo WHERE id < 2 << 20");
    run(f->leader, "UPDATE store SET undo_from = 1");
    run(f->leader, "UPDATE store SET gone_from = 2");
    run(f->leader, "DELETE FROM gone WHERE revision <= 2");
    assert_true(store_commit(f->leader));
    follow(f);
    check_facts(f, 2, false, true, true);
    assert_string_equal(f->ids.data, "/ ");
    assert_string_equal(differences(f), "");
}

/* The three reasons for all rows: deletions that are no longer in `gone`, another history, and an
 * entry of the audit that was written again. */
static void test_whole_again(void **state)
{
    struct fixture *f = *state;
    fill_leader(f);
    follow(f);
    assert_true(store_begin(f->leader));
    add_device(f, "c");
    run(f->leader, "UPDATE store SET gone_from = 2");
    assert_true(store_commit(f->leader));
    follow(f);
    check_facts(f, 0, true, true, true);
    assert_string_equal(f->ids.data, "1 2 3 / 2 3 1 ");
    assert_string_equal(differences(f), "");
    follow(f);
    check_facts(f, 2, false, true, true); /* revision 2 is not below gone_from */

    run(f->leader, "UPDATE audit SET at_ms = at_ms + 1 WHERE id = 6");
    follow(f);
    check_facts(f, 0, true, false, true);
    assert_string_equal(differences(f), "");

    run(f->leader, "UPDATE store SET branch = 'another'");
    follow(f);
    check_facts(f, 0, true, false, true);
    assert_string_equal(differences(f), "");

    /* A promotion continues the history. */
    assert_true(store_begin(f->leader));
    store_role_promote(f->leader);
    assert_true(store_commit(f->leader));
    follow(f);
    check_facts(f, 2, false, true, true);
    assert_string_equal(differences(f), "");
    assert_int_equal(position_of(f->follower).term, 1);
    assert_string_equal(f->facts.leader.parent, "another");
    assert_int_equal(f->facts.leader.parent_revision, 2);
    assert_int_equal(f->facts.leader.parent_audit, 6);
    assert_int_equal(f->facts.leader.gone_from, 2);
}

/* Rows of the logs beyond 8 MiB wait; meanwhile nothing can be undone. */
static void test_long_logs(void **state)
{
    struct fixture *f = *state;
    fill_leader(f);
    run(f->leader,
        "UPDATE audit SET after = '\"' || hex(zeroblob(2097152)) || '\"' WHERE id IN (1, 2)");
    follow(f);
    check_facts(f, 0, true, false, false);
    assert_string_equal(differences(f), "audit store "); /* undo_from */
    assert_true(store_begin(f->follower));
    assert_int_equal(store_query_integer(f->follower, "SELECT max(id) FROM audit"), 2);
    assert_int_equal(store_query_integer(f->follower, "SELECT undo_from FROM store"), 1);
    assert_true(store_commit(f->follower));
    follow(f);
    check_facts(f, 1, false, true, true);
    assert_string_equal(differences(f), "");
}

/* Writes the delta to a file, changes it there, and reads it back. */
static void change_delta(struct fixture *f, const char *sql)
{
    char path[STORE_PATH_SIZE];
    snprintf(path, sizeof path, "%s/delta.db", f->folder.path);
    FILE *file = fopen(path, "w");
    assert_int_equal(fwrite(f->bytes.data, 1, f->bytes.len, file), f->bytes.len);
    fclose(file);
    struct store *store = store_open_well(path, STORE_RAW);
    run(store, sql);
    store_close(store);
    file = fopen(path, "r");
    text_finish(&f->bytes);
    char part[4096];
    for (size_t len; (len = fread(part, 1, sizeof part, file)) > 0;)
        text_append(&f->bytes, part, len);
    fclose(file);
    unlink(path);
}

static void test_refused(void **state)
{
    static const struct {
        const char *sql;
        enum delta_result result;
        const char *why;
    } rows[] = {
        {"UPDATE answer SET schema = schema - 1", DELTA_OTHER_VERSION,
         "the leader's store has schema version "},
        {"UPDATE answer SET schema = schema + 1", DELTA_OTHER_VERSION,
         "the leader's store has schema version "},
        {"UPDATE answer SET schema = -1", DELTA_DAMAGED, NULL},
        {"DROP TABLE high_water", DELTA_DAMAGED, NULL},
        {"DROP TABLE counter", DELTA_DAMAGED, NULL},
        {"CREATE TABLE more (x)", DELTA_DAMAGED, NULL},
        {"CREATE INDEX more ON device (id)", DELTA_DAMAGED, NULL},
        {"ALTER TABLE device ADD COLUMN more", DELTA_DAMAGED, NULL},
        {"ALTER TABLE counter ADD COLUMN more", DELTA_DAMAGED, NULL},
        {"DELETE FROM answer", DELTA_DAMAGED, NULL},
        {"DELETE FROM state", DELTA_DAMAGED, NULL},
        {"INSERT INTO answer SELECT * FROM answer", DELTA_DAMAGED, NULL},
        {"INSERT INTO state SELECT * FROM state", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET since = -1", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET since = 2", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET audit_from = -1", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET parent_audit = -1, term = term", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET branch = ''", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET revision = 2", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET term = 1", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET branch = 'x'", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET parent = 'x'", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET parent_revision = 1", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET parent_audit = 1", DELTA_DAMAGED, NULL},
        {"UPDATE answer SET gone_from = 1", DELTA_DAMAGED, NULL},
        {"UPDATE state SET next_slot = -1", DELTA_DAMAGED, NULL},
        {"UPDATE state SET next_slot = 4194305", DELTA_DAMAGED, NULL},
        {"UPDATE state SET undo_bytes = -1", DELTA_DAMAGED, NULL},
        {"UPDATE state SET undo_from = -1", DELTA_DAMAGED, NULL},
        {"UPDATE state SET undo_from = 0", DELTA_GOOD, ""},
        /* These are opened, and do not fit the store. */
        {"UPDATE tag SET device_id = 99 WHERE name = 'x'", DELTA_GOOD,
         "rows of the answer refer to rows that do not exist"},
        {"UPDATE tag SET profile_tag_id = 99 WHERE name = 'x'", DELTA_GOOD,
         "rows of the answer refer to rows that do not exist"},
        {"UPDATE profile_tag SET profile_id = 99", DELTA_GOOD,
         "rows of the answer refer to rows that do not exist"},
        {"UPDATE state SET next_slot = 4", DELTA_GOOD,
         "rows of the answer refer to rows that do not exist"},
        {"UPDATE state SET next_slot = 6", DELTA_GOOD, ""},
        {"DELETE FROM audit WHERE id = 5", DELTA_GOOD, "the answer lacks rows of the audit"},
        {"DELETE FROM undo", DELTA_GOOD, "the answer lacks rows of the audit"},
        {"UPDATE answer SET complete = 0", DELTA_GOOD, ""},
        {"UPDATE device SET name = 'a'", DELTA_GOOD,
         "device: UNIQUE constraint failed: device.name"},
        {"UPDATE tag SET modbus_address = 65536", DELTA_GOOD, "tag: CHECK constraint failed"},
        {"UPDATE device SET revision = 'x'", DELTA_GOOD, "device: cannot store TEXT value"},
        {"UPDATE gone SET kind = 'x'", DELTA_GOOD, ""},
    };
    struct fixture *f = *state;
    const struct store_position nothing = {.term = 0};
    fill_leader(f);
    for (size_t i = 0; i < COUNT(rows); i++) {
        write_delta(f, &nothing);
        change_delta(f, rows[i].sql);
        strcpy(f->why, "");
        bool ok = apply(f);
        check_row(f->result == rows[i].result, rows[i].sql);
        check_row(ok == (rows[i].why && !*rows[i].why), rows[i].sql);
        const char *why =
            rows[i].why ? rows[i].why : "the database of the answer has other tables than a store";
        if (strncmp(f->why, why, strlen(why)) != 0 || (!*why && *f->why))
            fail_msg("%s: %s", rows[i].sql, f->why);
        if (ok) { /* begin with an empty follower again */
            store_close(f->follower);
            unlink(f->follower_database);
            f->follower = store_open_well(f->follower_database, STORE_WRITE);
        }
    }
    /* None of them has left something behind. */
    assert_true(store_begin(f->follower));
    assert_int_equal(store_query_integer(f->follower, "SELECT count(*) FROM device"), 0);
    assert_true(store_commit(f->follower));
    follow(f);
    assert_string_equal(differences(f), "");
}

static void test_no_database(void **state)
{
    static const char magic[] = "SQLite format 3";
    struct fixture *f = *state;
    const struct store_position nothing = {.term = 0};
    fill_leader(f);
    write_delta(f, &nothing);
    size_t whole = f->bytes.len;
    assert_null(store_delta_open(f->follower, "", 0, &f->result, f->why));
    assert_int_equal(f->result, DELTA_DAMAGED);
    assert_string_equal(f->why, "the answer is no database");
    assert_null(store_delta_open(f->follower, magic, 15, &f->result, f->why));
    assert_string_equal(f->why, "the answer is no database");
    assert_null(store_delta_open(f->follower, "SQLite format 4", 16, &f->result, f->why));
    assert_string_equal(f->why, "the answer is no database");
    f->bytes.len = whole - 4096;
    assert_false(apply(f));
    assert_int_equal(f->result, DELTA_DAMAGED);
    f->bytes.len = whole;
    memset(f->bytes.data + 4096, 'x', 4096); /* the second page */
    assert_false(apply(f));
    assert_int_equal(f->result, DELTA_DAMAGED);
    assert_string_equal(f->why, "the database of the answer is damaged");
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
    const struct CMUnitTest tests[] = {
        TEST(test_whole),     TEST(test_changes), TEST(test_whole_again),
        TEST(test_long_logs), TEST(test_refused), TEST(test_no_database),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
