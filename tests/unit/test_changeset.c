/* The devices that changes of the store affect, read from a store with the real schema. */
#include "check.h"
#include "sql_store.h"

#include <stdlib.h>
#include <string.h>

#include "mqttd/config/changeset.h"

struct fixture {
    char path[SQL_STORE_PATH_SIZE];
    struct sqlite3 *db;
    struct changeset changeset;
    /* Of the newest read. */
    struct device_change *changes;
    size_t count, tags;
};

static void run(const struct fixture *f, const char *sql)
{
    sql_store_run(f->db, sql);
}

static void drop_changes(struct fixture *f)
{
    for (size_t i = 0; i < f->count; i++)
        device_free(f->changes[i].device);
    free(f->changes);
    f->changes = NULL;
    f->count = 0;
}

static int open_store(void **state)
{
    static const struct net_addr local = {"127.0.0.1", 502};
    static struct unit_set units;
    static const struct local_server place = {.local = &local, .units = &units, .gateway = ""};
    struct fixture *f = calloc(1, sizeof *f);
    char why[DB_WHY_SIZE];
    assert_non_null(f);
    assert_true(unit_set_parse("1", &units, why, sizeof why));
    f->db = sql_store_open(f->path);
    run(f, "PRAGMA foreign_keys = ON");
    f->changeset.place = &place;
    run(f, "INSERT INTO device (id, name, mqtt_topic, slot, revision, created_ms, updated_ms) "
           "VALUES (1, 'one', 't/1', 10, 1, 0, 0), (2, 'two', 't/2', 20, 2, 0, 0)");
    run(f, "INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address, "
           "modbus_type, slot, revision, created_ms, updated_ms, enabled, mqtt_values) VALUES "
           "(1, 1, 'a', 'ka', 'holding_register', 1, 'uint16', 11, 1, 0, 0, 1, '{\"on\":1}'), "
           "(2, 1, 'b', 'kb', 'holding_register', 2, 'uint16', 12, 1, 0, 0, 0, NULL), "
           "(3, 2, 'c', 'kc', 'holding_register', 3, 'uint16', 21, 2, 0, 0, 1, NULL)");
    *state = f;
    return 0;
}

static int close_store(void **state)
{
    struct fixture *f = *state;
    drop_changes(f);
    changeset_finish(&f->changeset);
    sql_store_close(f->db, f->path);
    free(f);
    return 0;
}

/* Reads what is newer than the revision. */
static void read_since(struct fixture *f, int64_t since)
{
    drop_changes(f);
    run(f, "BEGIN");
    bool ok = changeset_read(&f->changeset, f->db, since);
    run(f, "COMMIT");
    assert_true(ok);
    changeset_take(&f->changeset, &f->changes, &f->count, &f->tags);
}

static void test_whole_store(void **state)
{
    struct fixture *f = *state;
    read_since(f, -1);
    assert_int_equal(f->count, 2);
    assert_int_equal(f->tags, 2); /* those in service */
    const struct device *one = f->changes[0].device;
    assert_int_equal(f->changes[0].id, 1);
    assert_string_equal(one->name, "one");
    assert_int_equal(one->tag_count, 1);
    assert_string_equal(one->tags[0].name, "a");
    assert_string_equal(one->tags[0].key, "ka");
    assert_int_equal(one->tags[0].slot, 11);
    assert_int_equal(one->tags[0].reading.map->count, 1);
    assert_string_equal(one->tags[0].reading.map->entries[0].text, "on");
    assert_string_equal(one->feeds[0].filter, "t/1");
    assert_int_equal(f->changes[1].id, 2);
}

/* Which devices a change affects. */
static void test_changes(void **state)
{
    static const struct {
        const char *sql;
        int64_t id;   /* of the one device, 0: none */
        bool removed; /* from service */
        uint32_t tags;
    } rows[] = {
        {"UPDATE store SET revision = 3", 0, false, 0},
        {"UPDATE device SET mqtt_qos = 2, revision = 3 WHERE id = 2", 2, false, 1},
        {"UPDATE tag SET modbus_address = 9, revision = 3 WHERE id = 1", 1, false, 1},
        {"UPDATE tag SET enabled = 1, revision = 3 WHERE id = 2", 1, false, 2},
        {"UPDATE tag SET revision = 3 WHERE device_id = 1", 1, false, 1},
        {"UPDATE tag SET enabled = 1 - enabled, revision = 3 WHERE device_id = 1", 1, false, 1},
        {"UPDATE device SET enabled = 0, revision = 3 WHERE id = 1", 1, true, 0},
        {"DELETE FROM tag WHERE id = 1;"
         "INSERT INTO gone (revision, kind, id) VALUES (3, 'tag', 1)",
         1, false, 0},
        {"DELETE FROM tag WHERE device_id = 2; DELETE FROM device WHERE id = 2;"
         "INSERT INTO gone (revision, kind, id) VALUES (3, 'tag', 3), (3, 'device', 2)",
         2, true, 0},
        {"INSERT INTO gone (revision, kind, unit, \"table\", first, last) "
         "VALUES (3, 'registers', 1, 'holding_register', 1, 1)",
         0, false, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        open_store((void **)&f);
        read_since(f, -1);
        run(f, rows[i].sql);
        read_since(f, 2);
        check_row(f->count == (rows[i].id != 0), rows[i].sql);
        if (f->count == 1) {
            const struct device *device = f->changes[0].device;
            check_row(f->changes[0].id == rows[i].id, rows[i].sql);
            check_row(!device == rows[i].removed, rows[i].sql);
            check_row(!device || device->tag_count == rows[i].tags, rows[i].sql);
        }
        read_since(f, 3);
        check_row(f->count == 0, rows[i].sql);
        close_store((void **)&f);
    }
}

/* Finds a deleted tag by its device, also one created after the full read. */
static void test_deletion_of_a_new_tag(void **state)
{
    struct fixture *f = *state;
    read_since(f, -1);
    run(f, "INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address, "
           "modbus_type, slot, revision, created_ms, updated_ms) "
           "VALUES (4, 2, 'd', 'kd', 'holding_register', 4, 'uint16', 22, 3, 0, 0)");
    read_since(f, 2);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->changes[0].device->tag_count, 2);
    run(f, "DELETE FROM tag WHERE id = 4; "
           "INSERT INTO gone (revision, kind, id) VALUES (4, 'tag', 4)");
    read_since(f, 3);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->changes[0].id, 2);
    assert_int_equal(f->changes[0].device->tag_count, 1);
}

/* A tag that moves changes both devices, also again. */
static void test_move_of_a_tag(void **state)
{
    struct fixture *f = *state;
    read_since(f, -1);
    for (int64_t revision = 3; revision < 7; revision++) {
        bool away = revision % 2 == 1;
        char sql[128];
        snprintf(sql, sizeof sql, "UPDATE tag SET device_id = %d, revision = %d WHERE id = 1",
                 away ? 2 : 1, (int)revision);
        run(f, sql);
        read_since(f, revision - 1);
        assert_int_equal(f->count, 2);
        assert_int_equal(f->changes[0].device->tag_count, away ? 0 : 1);
        assert_int_equal(f->changes[1].device->tag_count, away ? 2 : 1);
    }
    run(f, "DELETE FROM tag WHERE id = 1; "
           "INSERT INTO gone (revision, kind, id) VALUES (7, 'tag', 1)");
    read_since(f, 6);
    assert_int_equal(f->count, 1);
    assert_int_equal(f->changes[0].id, 1);
}

/* An error of the database leaves no change behind. */
static void test_error(void **state)
{
    struct fixture *f = *state;
    read_since(f, -1);
    run(f, "DROP TABLE gone");
    assert_false(changeset_read(&f->changeset, f->db, 0));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_whole_store, open_store, close_store),
        cmocka_unit_test(test_changes),
        cmocka_unit_test_setup_teardown(test_deletion_of_a_new_tag, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_move_of_a_tag, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_error, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
