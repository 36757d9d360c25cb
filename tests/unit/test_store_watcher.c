/* The thread that follows the store: updates from changes of a real store. */
#include "said_log.h"
#include "sql_store.h"

#include <poll.h>
#include <stdatomic.h>

#include "mqttd/config/store_watcher.h"

struct fixture {
    char path[SQL_STORE_PATH_SIZE], folder[40];
    struct sqlite3 *db;
    struct counters counters;
    struct memory_shortage memory_shortage;
    struct wakeup wakeup;
    struct unit_set units;
    struct store_watcher *watcher;
    atomic_uint noticed; /* calls of the hook */
    struct said_log said;
};

static const struct net_addr local = {"127.0.0.1", 502};

static void run(const struct fixture *f, const char *sql)
{
    sql_store_run(f->db, sql);
}

static int open_store(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    char why[SHM_WHY_SIZE], sql[80];
    assert_non_null(f);
    f->db = sql_store_open(f->path);
    snprintf(sql, sizeof sql, "PRAGMA user_version = %d", TAGFERRY_SCHEMA_VERSION);
    run(f, sql);
    run(f, "INSERT INTO device (id, name, mqtt_topic, slot, revision, created_ms, updated_ms) "
           "VALUES (1, 'one', 't/1', 10, 1, 0, 0), (2, 'two', 't/2', 20, 2, 0, 0)");
    run(f, "INSERT INTO tag (id, device_id, name, mqtt_key, modbus_table, modbus_address, "
           "modbus_type, slot, revision, created_ms, updated_ms) VALUES "
           "(1, 1, 'a', 'a', 'holding_register', 1, 'uint16', 11, 1, 0, 0), "
           "(2, 2, 'b', 'b', 'holding_register', 2, 'uint16', 21, 2, 0, 0)");
    run(f, "UPDATE store SET revision = 2");
    snprintf(f->folder, sizeof f->folder, "/tmp/tagferry-watcher-XXXXXX");
    assert_non_null(mkdtemp(f->folder));
    assert_true(counters_open_writer(&f->counters, &mqttd_counters, f->folder, why, sizeof why));
    memory_shortage_init(&f->memory_shortage, &f->counters, MQTTD_SHORTAGES);
    assert_true(wakeup_init(&f->wakeup));
    assert_true(unit_set_parse("1", &f->units, why, sizeof why));
    said_log_begin(&f->said);
    *state = f;
    return 0;
}

static int close_store(void **state)
{
    struct fixture *f = *state;
    char path[80];
    store_watcher_destroy(f->watcher);
    said_log_end(&f->said);
    wakeup_finish(&f->wakeup);
    counters_close(&f->counters);
    snprintf(path, sizeof path, "%s/mqttd.counters", f->folder);
    unlink(path);
    rmdir(f->folder);
    sql_store_close(f->db, f->path);
    free(f);
    return 0;
}

static void note_change(void *context)
{
    struct fixture *f = context;
    atomic_fetch_add(&f->noticed, 1);
}

static void start(struct fixture *f, const char *gateway, int64_t zeroed_until)
{
    char why[200];
    const struct store_watcher_spec spec = {
        .database = f->path,
        .place = {.local = &local, .units = &f->units, .gateway = gateway},
        .memory_shortage = &f->memory_shortage,
        .notify = &f->wakeup,
        .changed = note_change,
        .context = f,
        .zeroed_until = zeroed_until};
    f->watcher = store_watcher_create(&spec, why, sizeof why);
    assert_non_null(f->watcher);
}

/* Waits until the watcher notifies. */
static void await_notice(struct fixture *f)
{
    struct pollfd readable = {.fd = f->wakeup.fd, .events = POLLIN};
    f->wakeup.asleep = true;
    if (!atomic_load(&f->wakeup.raised))
        assert_int_equal(poll(&readable, 1, -1), 1);
    wakeup_clear(&f->wakeup);
}

static struct store_update *await_update(struct fixture *f)
{
    struct store_update *update;
    while (!(update = store_watcher_take(f->watcher)))
        await_notice(f);
    return update;
}

/* Waits for the next update: its devices as "1 -2" (deleted), and its other members. */
static void expect_update(struct fixture *f, const char *devices, int64_t revision, bool whole,
                          size_t tags)
{
    char text[200] = "", one[40];
    struct store_update *update = await_update(f);
    for (size_t i = 0; i < update->change_count; i++) {
        const struct device_change *change = &update->changes[i];
        snprintf(one, sizeof one, "%s%s%d%s%s", i > 0 ? " " : "", change->device ? "" : "-",
                 (int)change->id, change->gateway ? "@" : "",
                 change->gateway ? change->gateway : "");
        strcat(text, one);
    }
    assert_string_equal(text, devices);
    assert_int_equal(update->revision, revision);
    assert_int_equal(update->whole, whole);
    assert_int_equal(update->tag_count, tags);
    assert_false(update->keeps_zeros);
    store_update_free(update);
}

static void test_changes(void **state)
{
    struct fixture *f = *state;
    start(f, "", 0);
    expect_update(f, "1 2", 2, true, 2);
    assert_null(store_watcher_take(f->watcher));
    assert_false(store_watcher_is_waiting(f->watcher));
    assert_int_equal(f->noticed, 1);
    run(f, "BEGIN; UPDATE device SET mqtt_qos = 2, revision = 3 WHERE id = 2; "
           "UPDATE store SET revision = 3; COMMIT");
    expect_update(f, "2", 3, false, 1);
    run(f, "BEGIN; DELETE FROM tag WHERE id = 1; DELETE FROM device WHERE id = 1; "
           "INSERT INTO gone (revision, kind, id) VALUES (4, 'tag', 1), (4, 'device', 1); "
           "UPDATE store SET revision = 4; COMMIT");
    expect_update(f, "-1", 4, false, 0);
    assert_int_equal(f->noticed, 3);
    /* A change of another part of the store is no update. */
    run(f, "UPDATE store SET next_slot = 99");
    run(f, "BEGIN; UPDATE device SET mqtt_qos = 1, revision = 5 WHERE id = 2; "
           "UPDATE store SET revision = 5; COMMIT");
    expect_update(f, "2", 5, false, 1);
    /* Deletions that are no longer listed, another set of rows, an older one: all is read. */
    run(f, "UPDATE store SET revision = 7, gone_from = 6");
    expect_update(f, "2", 7, true, 1);
    run(f, "UPDATE store SET revision = 8, gone_from = 7");
    expect_update(f, "", 8, false, 0);
    run(f, "UPDATE store SET generation = generation + 1");
    expect_update(f, "2", 8, true, 1);
    run(f, "UPDATE store SET revision = 6");
    expect_update(f, "2", 6, true, 1);
}

/* Zeros for the registers that lost their owner since the revision that mqttd has zeroed. */
static void check_zeros(struct fixture *f, size_t count, uint16_t address)
{
    struct store_update *update = await_update(f);
    assert_int_equal(update->zero_count, count);
    if (count > 0)
        assert_int_equal(update->zeros[0].address, address);
    store_update_free(update);
}

static void test_zeros(void **state)
{
    struct fixture *f = *state;
    run(f, "INSERT INTO gone (revision, kind, unit, \"table\", first, last) VALUES "
           "(1, 'registers', 1, 'holding_register', 100, 100), "
           "(2, 'registers', 1, 'holding_register', 200, 200)");
    start(f, "", 1);
    check_zeros(f, 1, 200);
    run(f, "UPDATE store SET revision = 3");
    check_zeros(f, 0, 0);
    run(f, "BEGIN; INSERT INTO gone (revision, kind, unit, \"table\", first, last) VALUES "
           "(4, 'registers', 1, 'holding_register', 300, 301); "
           "UPDATE store SET revision = 4; COMMIT");
    check_zeros(f, 1, 300);
    /* Rows that were replaced have the registers of their own revision to zero. */
    run(f, "UPDATE store SET generation = generation + 1");
    check_zeros(f, 1, 300);
    run(f, "UPDATE store SET generation = generation + 1, revision = 5");
    check_zeros(f, 0, 0);
}

/* While tagferry-api runs with another name of this gateway, the registers stay as they are. */
static void test_another_gateway(void **state)
{
    struct fixture *f = *state;
    run(f, "UPDATE leadership SET gateway = 'other'");
    run(f, "INSERT INTO gone (revision, kind, unit, \"table\", first, last) VALUES "
           "(2, 'registers', 1, 'holding_register', 200, 200)");
    start(f, "", 0);
    for (int revision = 2; revision < 4; revision++) {
        struct store_update *update = await_update(f);
        assert_int_equal(update->keeps_zeros, true);
        assert_int_equal(update->zero_count, 1);
        store_update_free(update);
        run(f, "UPDATE store SET revision = revision + 1");
    }
    struct store_update *update = await_update(f);
    store_update_free(update);
    run(f, "BEGIN; UPDATE leadership SET gateway = ''; UPDATE store SET revision = 9; COMMIT");
    update = await_update(f);
    assert_false(update->keeps_zeros);
    assert_int_equal(update->zero_count, 1);
    store_update_free(update);
}

/* Ends the thread, so that all its lines are there. */
static const char *end(struct fixture *f)
{
    store_watcher_destroy(f->watcher);
    f->watcher = NULL;
    const char *text = said_log_end(&f->said);
    said_log_begin(&f->said);
    return text;
}

/* Devices that name another gateway. */
static void test_devices_elsewhere(void **state)
{
    struct fixture *f = *state;
    run(f, "UPDATE leadership SET gateway = 'east'");
    run(f, "UPDATE device SET network_gateway = 'west' WHERE id = 2");
    start(f, "east", 0);
    expect_update(f, "1 -2@west", 2, true, 1);
    assert_string_equal(end(f),
                        "info    this gateway is east: 1 device belongs to other gateways\n");
    run(f, "UPDATE device SET network_gateway = 'west' WHERE id = 1");
    start(f, "east", 0);
    expect_update(f, "-1@west -2@west", 2, true, 0);
    /* A change is not said again. */
    run(f, "BEGIN; UPDATE device SET revision = 3 WHERE id = 2; "
           "UPDATE store SET revision = 3; COMMIT");
    expect_update(f, "-2@west", 3, false, 0);
    assert_string_equal(end(f),
                        "info    this gateway is east: 2 devices belong to other gateways\n");
    run(f, "UPDATE leadership SET gateway = ''");
    start(f, "", 0);
    expect_update(f, "-1@west -2@west", 3, true, 0);
    run(f, "BEGIN; UPDATE device SET revision = 4 WHERE id = 2; "
           "UPDATE store SET revision = 4; COMMIT");
    expect_update(f, "-2@west", 4, false, 0);
    assert_string_equal(end(f),
                        "warning 2 devices are not served: one names the gateway west, but this "
                        "gateway has no name ([common] gateway)\n"
                        "warning 1 device is not served: two names the gateway west, but this "
                        "gateway has no name ([common] gateway)\n");
}

/* A store that is missing is said once, and read when it comes. */
static void test_missing_store(void **state)
{
    struct fixture *f = *state;
    char away[SQL_STORE_PATH_SIZE + 8], expected[200];
    snprintf(away, sizeof away, "%s-away", f->path);
    db_close(f->db);
    f->db = NULL;
    assert_int_equal(rename(f->path, away), 0);
    start(f, "", 0);
    while (!store_watcher_is_waiting(f->watcher))
        await_notice(f);
    await_notice(f); /* it looks again and again */
    await_notice(f);
    assert_null(store_watcher_take(f->watcher));
    assert_int_equal(f->noticed, 0);
    assert_int_equal(rename(away, f->path), 0);
    expect_update(f, "1 2", 2, true, 2);
    assert_false(store_watcher_is_waiting(f->watcher));
    const char *text = end(f);
    snprintf(expected, sizeof expected,
             "warning waiting for the store: %s: No such file or directory\n", f->path);
    assert_string_equal(text, expected);
    char why[DB_WHY_SIZE];
    f->db = db_open(f->path, DB_READ_WRITE_CREATE, why, sizeof why);
}

/* Rows that cannot be read stay in the store, and are read when they can. */
static void test_unreadable_store(void **state)
{
    struct fixture *f = *state;
    start(f, "", 0);
    expect_update(f, "1 2", 2, true, 2);
    run(f, "BEGIN; ALTER TABLE gone RENAME TO other; UPDATE store SET revision = 3; COMMIT");
    for (unsigned seen = f->noticed; f->noticed < seen + 3;) {
        struct pollfd none = {.fd = -1};
        poll(&none, 1, 10);
    }
    assert_null(store_watcher_take(f->watcher));
    run(f, "ALTER TABLE other RENAME TO gone");
    expect_update(f, "1 2", 3, true, 2);
    assert_string_equal(end(f), "warning cannot read the store: no such table: gone; 1 attempts "
                                "since the last line\n");
}

/* What was not taken is freed with the watcher. */
static void test_destroy(void **state)
{
    struct fixture *f = *state;
    start(f, "", 0);
    await_notice(f);
    store_watcher_destroy(NULL);
    store_update_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_changes, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_zeros, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_another_gateway, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_devices_elsewhere, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_missing_store, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_unreadable_store, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_destroy, open_store, close_store),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
