/* Constants and companions in their registers. */
#include "device_fixture.h"
#include "set_clock.h"

#include <string.h>

#include "common/shared/write_times.h"
#include "mqttd/config/own_values.h"

static bool has_losses; /* of the local server */
static struct write_times write_times;

bool __wrap_target_take_losses(struct target *target);

bool __wrap_target_take_losses(struct target *target)
{
    (void)target;
    bool losses = has_losses;
    has_losses = false;
    return losses;
}

static int open_with_times(void **state)
{
    struct fixture *f;
    char why[SHM_WHY_SIZE];
    open_fixture(state);
    f = *state;
    has_losses = false;
    assert_true(write_times_open_writer(&write_times, f->folder->path, why, sizeof why));
    const struct live_table_broker broker = {.reason = 0, .steady_ms = set_clock_ms};
    live_table_set_broker(f->live, &broker);
    return 0;
}

static int close_with_times(void **state)
{
    struct fixture *f = *state;
    char path[128];
    write_times_close(&write_times);
    snprintf(path, sizeof path, "%s/write-times", f->folder->path);
    unlink(path);
    return close_fixture(state);
}

static void scada_writes(uint8_t table, uint16_t address, uint64_t at_ms)
{
    const struct journal_entry entry = {
        .steady_ms = at_ms, .unit = 1, .table = table, .address = address, .count = 1};
    write_times_note_entry(&write_times, &entry);
}

static void refresh(struct fixture *f)
{
    live_table_set_heartbeat(f->live, set_clock_ms);
    own_values_refresh(&f->device_table, f->folder->path);
}

static void send(struct fixture *f, const char *payload)
{
    const struct mqtt_message message = {
        .topic = "d", .payload = payload, .len = strlen(payload), .qos = 1};
    ingest_message(&f->ingest, &message);
}

static struct tagdb_device device;
static struct tagdb_tag tags[6];

/* The tag "a", and its companions. */
static struct device *serve_companions(struct fixture *f)
{
    static const char *const names[] = {"a", "quality", "age", "time_s", "time_ms", "lost"};
    device = device_row(1);
    device.mqtt_stale_after_s = 10;
    for (int64_t i = 0; i < 6; i++) {
        tags[i] = tag_row(1, i + 1, names[i]);
        tags[i].point.address = (uint16_t)(10 * i);
        if (i == 0)
            continue;
        tags[i].direction = COMPANION;
        tags[i].modbus_companion = (uint8_t)(i < 5 ? COMPANION_QUALITY + i - 1 : COMPANION_AGE_S);
        tags[i].modbus_companion_of = i < 5 ? "a" : "nothing";
        tags[i].point.type = i == 4 ? TYPE_UINT64 : TYPE_UINT32;
    }
    return serve_device(f, &device, tags, 6);
}

/* A value of two or four registers. */
static uint64_t number_of(const struct fixture *f, int tag)
{
    uint64_t raw = row_of_tag(f, &tags[tag]).value.raw, number = 0;
    for (int i = 0; i < (tag == 4 ? 4 : 2); i++)
        number = number << 16 | (raw >> (16 * i) & 0xffff);
    return number;
}

static void check_companions(struct fixture *f, uint64_t quality, uint64_t age_s, uint64_t time_ms)
{
    assert_int_equal(number_of(f, 1), quality);
    assert_int_equal(number_of(f, 2), age_s);
    assert_int_equal(number_of(f, 3), time_ms / 1000);
    assert_int_equal(number_of(f, 4), time_ms);
}

static void test_companions(void **state)
{
    struct fixture *f = *state;
    serve_companions(f);
    assert_int_equal(row_of_tag(f, &tags[1]).changed, 0);
    refresh(f);
    check_companions(f, 0, 4294967295, 0);
    for (int i = 1; i < 5; i++) {
        assert_true(row_of_tag(f, &tags[i]).changed > 0);
        assert_int_equal(row_of_tag(f, &tags[i]).outcome, LIVE_GOOD);
    }
    /* One that shows no tag never had a value. */
    assert_int_equal(row_of_tag(f, &tags[5]).changed, 0);

    set_clock_ms += 2222;
    uint64_t came_ms = UINT64_C(1700000000000) + set_clock_ms;
    send(f, "{\"a\":7}");
    refresh(f);
    check_companions(f, 192, 0, came_ms);
    set_clock_ms += 999;
    refresh(f);
    check_companions(f, 192, 0, came_ms);
    set_clock_ms += 1;
    refresh(f);
    check_companions(f, 192, 1, came_ms);
    set_clock_ms += 9000;
    refresh(f);
    check_companions(f, 192, 10, came_ms);
    set_clock_ms += 1;
    refresh(f);
    check_companions(f, 500, 10, came_ms);
    send(f, "{\"a\":-7}");
    refresh(f);
    check_companions(f, 500, 10, came_ms);
    send(f, "{\"a\":8}");
    send(f, "{\"a\":-7}");
    refresh(f);
    check_companions(f, 0, 0, UINT64_C(1700000000000) + set_clock_ms);
}

/* A companion is written when it changes, and when its registers may have changed. */
static void test_companion_is_put_once(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve_companions(f);
    refresh(f);
    struct live_table_row first = row_of_tag(f, &tags[1]);
    assert_int_equal(first.value.steady_ms, set_clock_ms);
    assert_int_equal(first.value.wall_ms, UINT64_C(1700000000000) + set_clock_ms);
    set_clock_ms += 5000;
    refresh(f);
    assert_int_equal(row_of_tag(f, &tags[1]).changed, first.changed);
    scada_writes(JOURNAL_COIL, 10, set_clock_ms);
    scada_writes(JOURNAL_HOLDING_REGISTER, 12, set_clock_ms);
    refresh(f);
    assert_int_equal(row_of_tag(f, &tags[1]).changed, first.changed);
    scada_writes(JOURNAL_HOLDING_REGISTER, 11, set_clock_ms);
    live_table_set_setpoint(f->live, tags[1].slot, true);
    refresh(f);
    struct live_table_row second = row_of_tag(f, &tags[1]);
    assert_true(second.changed > first.changed);
    assert_int_equal(second.value.raw, first.value.raw);
    assert_int_equal(second.value.steady_ms, set_clock_ms);
    assert_false(second.is_setpoint);
    built->tags[1].has_value = false; /* of an earlier mqttd: the registers are not known */
    set_clock_ms += 1;
    refresh(f);
    assert_true(row_of_tag(f, &tags[1]).changed > second.changed);
    assert_true(built->tags[1].has_value);
    assert_int_equal(built->tags[1].heard, LIVE_GOOD);
}

/* A companion whose tag is gone shows what it shows of a tag without a value. */
static void test_companion_of_a_deleted_tag(void **state)
{
    struct fixture *f = *state;
    serve_companions(f);
    send(f, "{\"a\":7}");
    refresh(f);
    assert_int_equal(number_of(f, 1), 192);
    serve_device(f, &device, &tags[1], 5);
    refresh(f);
    check_companions(f, 0, 4294967295, 0);
}

/* A value that does not fit becomes the nearest one. */
static void test_companion_is_limited(void **state)
{
    struct fixture *f = *state;
    device = device_row(1);
    tags[0] = tag_row(1, 1, "a");
    for (int64_t i = 1; i < 3; i++) {
        tags[i] = tag_row(1, i + 1, i == 1 ? "age" : "quality");
        tags[i].direction = COMPANION;
        tags[i].modbus_companion = i == 1 ? COMPANION_AGE_S : COMPANION_QUALITY;
        tags[i].modbus_companion_of = "a";
    }
    tags[2].point.type = TYPE_UINT8;
    serve_device(f, &device, tags, 3);
    send(f, "{\"a\":7}");
    set_clock_ms += UINT64_C(70000) * 1000;
    refresh(f);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 65535);
    assert_int_equal(row_of_tag(f, &tags[2]).value.raw & 0xff, 192);
}

/* While modbusd is down, or the tag's value waits for its server, the value is stale. */
static void test_modbusd(void **state)
{
    struct fixture *f = *state;
    serve_companions(f);
    send(f, "{\"a\":7}");
    live_table_set_modbusd_down(f->live, true);
    refresh(f);
    assert_int_equal(number_of(f, 1), 500);
    live_table_set_modbusd_down(f->live, false);
    refresh(f);
    assert_int_equal(number_of(f, 1), 192);
    const struct live_table_write_fault fault = {.fault = FAULT_MODBUS_UNREACHABLE};
    live_table_mark_write_failed(f->live, tags[0].slot, row_of_tag(f, &tags[0]).changed, &fault, 1);
    refresh(f);
    assert_int_equal(number_of(f, 1), 500);
}

/* Constants are put when their device comes into service. */
static struct device *serve_constants(struct fixture *f, const char *host)
{
    device = device_row(1);
    device.network_modbus_host = host;
    device.network_modbus_port = 1;
    for (int64_t i = 0; i < 4; i++) {
        tags[i] = tag_row(1, i + 1, "c");
        tags[i].point.address = (uint16_t)(100 + i);
        tags[i].direction = CONSTANT;
        tags[i].modbus_constant = "12";
    }
    tags[1].point.table = TABLE_COIL;
    tags[1].point.type = TYPE_BOOL;
    tags[1].modbus_constant = "1";
    tags[2].point.table = TABLE_INPUT_REGISTER;
    tags[3].point.type = TYPE_STRING;
    tags[3].point.length = 3;
    tags[3].point.address = 200;
    tags[3].modbus_constant = "\"word\"";
    return serve_device(f, &device, tags, 4);
}

static void test_constants(void **state)
{
    struct fixture *f = *state;
    set_clock_ms += 1000;
    struct device *built = serve_constants(f, NULL);
    uint64_t wall_ms = UINT64_C(1700000000000) + set_clock_ms;
    static const uint64_t raws[] = {12, 1, 12, 0};
    for (int i = 0; i < 4; i++) {
        struct live_table_row row = row_of_tag(f, &tags[i]);
        assert_int_equal(row.value.raw, raws[i]);
        assert_int_equal(row.outcome, LIVE_GOOD);
        assert_int_equal(row.value.wall_ms, wall_ms);
        assert_int_equal(row.value.steady_ms, set_clock_ms);
        assert_int_equal(row.value.settings, built->tags[i].settings);
        assert_true(built->tags[i].has_value);
        assert_int_equal(built->tags[i].heard, LIVE_GOOD);
    }
    static const uint16_t text[] = {0x776f, 0x7264, 0};
    assert_memory_equal(row_of_tag(f, &tags[3]).text, text, sizeof text);
    assert_int_equal(marked_rows(f), 4);
}

/* Which of the constants are put again after an event. */
static void expect_put(struct fixture *f, const uint64_t before[4], const char *expected)
{
    char put[5] = "";
    set_clock_ms += 10;
    refresh(f);
    for (int i = 0; i < 4; i++)
        strcat(put, row_of_tag(f, &tags[i]).changed > before[i] ? "x" : "-");
    assert_string_equal(put, expected);
}

static void read_changed(const struct fixture *f, uint64_t changed[4])
{
    for (int i = 0; i < 4; i++)
        changed[i] = row_of_tag(f, &tags[i]).changed;
}

static void test_constants_are_put_again(void **state)
{
    struct fixture *f = *state;
    uint64_t before[4];
    serve_constants(f, NULL);
    read_changed(f, before);
    expect_put(f, before, "----");
    /* At the time of the value, and before it. */
    uint64_t put_ms = row_of_tag(f, &tags[0]).value.steady_ms;
    scada_writes(JOURNAL_HOLDING_REGISTER, 100, put_ms - 1);
    expect_put(f, before, "----");
    scada_writes(JOURNAL_HOLDING_REGISTER, 100, put_ms);
    expect_put(f, before, "x---");
    read_changed(f, before);
    expect_put(f, before, "----");
    scada_writes(JOURNAL_COIL, 101, set_clock_ms);
    scada_writes(JOURNAL_HOLDING_REGISTER, 202, set_clock_ms); /* the last one of the text */
    expect_put(f, before, "-x-x");
    read_changed(f, before);
    scada_writes(JOURNAL_HOLDING_REGISTER, 203, set_clock_ms);
    scada_writes(JOURNAL_HOLDING_REGISTER, 102, set_clock_ms); /* an input register's number */
    expect_put(f, before, "----");
    /* The same tick counts; a time ahead is from before the boot. */
    scada_writes(JOURNAL_HOLDING_REGISTER, 100, set_clock_ms + 11);
    expect_put(f, before, "----");
    scada_writes(JOURNAL_HOLDING_REGISTER, 100, set_clock_ms + 10);
    expect_put(f, before, "x---");
    read_changed(f, before);
    has_losses = true;
    expect_put(f, before, "xxxx");
    read_changed(f, before);
    expect_put(f, before, "----");
}

/* On a foreign server nobody tells who writes, and its losses are another matter. */
static void test_constants_on_a_foreign_server(void **state)
{
    struct fixture *f = *state;
    uint64_t before[4];
    serve_constants(f, "127.0.0.2");
    read_changed(f, before);
    assert_true(before[0] > 0);
    has_losses = true;
    scada_writes(JOURNAL_HOLDING_REGISTER, 100, set_clock_ms);
    expect_put(f, before, "----");
}

/* Without the file of times no write is noticed, and losses are. */
static void test_without_times(void **state)
{
    struct fixture *f = *state;
    char path[128];
    uint64_t before[4];
    serve_constants(f, NULL);
    snprintf(path, sizeof path, "%s/write-times", f->folder->path);
    unlink(path);
    read_changed(f, before);
    scada_writes(JOURNAL_HOLDING_REGISTER, 100, set_clock_ms);
    expect_put(f, before, "----");
    has_losses = true;
    expect_put(f, before, "xxxx");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_companions, open_with_times, close_with_times),
        cmocka_unit_test_setup_teardown(test_companion_is_put_once, open_with_times,
                                        close_with_times),
        cmocka_unit_test_setup_teardown(test_companion_of_a_deleted_tag, open_with_times,
                                        close_with_times),
        cmocka_unit_test_setup_teardown(test_companion_is_limited, open_with_times,
                                        close_with_times),
        cmocka_unit_test_setup_teardown(test_modbusd, open_with_times, close_with_times),
        cmocka_unit_test_setup_teardown(test_constants, open_with_times, close_with_times),
        cmocka_unit_test_setup_teardown(test_constants_are_put_again, open_with_times,
                                        close_with_times),
        cmocka_unit_test_setup_teardown(test_constants_on_a_foreign_server, open_with_times,
                                        close_with_times),
        cmocka_unit_test_setup_teardown(test_without_times, open_with_times, close_with_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
