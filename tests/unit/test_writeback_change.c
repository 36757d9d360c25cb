/* Commands on change, with a dead band and at an interval, without a broker. */
#include "writeback_fixture.h"

enum { INTERVAL_MS = 1000 };

static uint64_t sequence;

static struct device *served_device(void)
{
    return device_table_next(&w.f->device_table, NULL);
}

/* SCADA writes register 0, and mqttd takes it. */
static void scada(uint16_t value)
{
    write_one(++sequence, 0, value);
    run();
}

/* The device reports a value of the tag at register 0. */
static void report(uint16_t value)
{
    struct tag *tag = &served_device()->tags[0];
    const struct live_table_value put = {
        .raw = value, .wall_ms = 1, .steady_ms = 1, .settings = tag->settings};
    uint64_t changed = live_table_put_value(w.f->live, tag->slot, &put, NULL, 0);
    live_table_mark_written(w.f->live, tag->slot, changed, 1);
    live_table_set_setpoint(w.f->live, tag->slot, false);
    tag->has_value = true;
}

static uint64_t unchanged(void)
{
    return counters_get(&w.f->counters, MQTTD_COMMANDS_UNCHANGED);
}

static void use_change(double min_change, double scale)
{
    for (uint32_t i = 0; i < w.tag_count; i++) {
        w.tags[i].mqtt_command_on = COMMAND_ON_CHANGE;
        w.tags[i].mqtt_min_change = min_change;
        w.tags[i].point.scale = scale;
    }
    w.tags[0].mqtt_command_qos = 0;
    reload();
    sequence = 0;
}

static void use_interval(uint8_t command_on)
{
    for (uint32_t i = 0; i < w.tag_count; i++) {
        w.tags[i].mqtt_command_on = command_on;
        w.tags[i].mqtt_min_interval_ms = INTERVAL_MS;
    }
    reload();
    sequence = 0;
}

static void test_the_same_value(void **state)
{
    (void)state;
    use_change(0, 1);
    for (unsigned i = 0; i < 20; i++)
        scada(5);
    assert_int_equal(unchanged(), 19);
    assert_non_null(strstr(w.trace, "v=5#0 at 2 at 3"));
    w.trace[0] = '\0';
    scada(6);
    scada(6);
    scada(5);
    expect("v=6#0 at 22 at 23 v=5#0 at 24");
    assert_true(row_of_tag(w.f, &w.tags[0]).is_setpoint);
}

static void test_each_write_by_default(void **state)
{
    (void)state;
    sequence = 0;
    scada(5);
    scada(5);
    expect("v=5#1 v=5#2");
    assert_int_equal(unchanged(), 0);
}

/* Measured from what was published, so that a drift is published in steps. */
static void test_a_dead_band(void **state)
{
    (void)state;
    use_change(0.3, 0.1);
    static const uint16_t drift[] = {698, 699, 700, 701, 702, 703, 704, 702, 701};
    for (size_t i = 0; i < COUNT(drift); i++)
        scada(drift[i]);
    expect("v=69.8#0 at 2 at 3 at 4 v=70.1#0 at 5 at 6 at 7 v=70.4#0 at 8 at 9 v=70.1#0 at 10");
    struct live_table_row row = row_of_tag(w.f, &w.tags[0]);
    assert_int_equal(row.value.raw, 701);
}

static void test_a_suppressed_value_is_shown(void **state)
{
    (void)state;
    use_change(10, 1);
    scada(50);
    scada(55);
    expect("v=50#0 at 2 at 3");
    assert_int_equal(row_of_tag(w.f, &w.tags[0]).value.raw, 55);
}

static void test_the_device_has_another_value(void **state)
{
    (void)state;
    use_change(0, 1);
    scada(5);
    report(7);
    scada(7); /* the device has it */
    scada(7); /* and still has */
    scada(5);
    report(7);
    scada(5);
    expect("v=5#0 at 2 at 3 at 4 v=5#0 at 5 v=5#0 at 6");
    report(9);
    served_device()->tags[0].shows_stale = true; /* the register has another one */
    scada(9);
    expect("v=9#0 at 7");
}

static void test_bits_and_registers(void **state)
{
    (void)state;
    add_tag("b", TYPE_BOOL, 30, 0)->point.bit = 3;
    add_tag("s", TYPE_STRING, 40, 0)->point.length = 2;
    struct tagdb_tag *byte = add_tag("h", TYPE_INT8, 50, 0);
    byte->point.byte = BYTE_HIGH;
    use_change(0, 1);
    byte->mqtt_min_change = 2;
    reload();
    static const uint16_t text[] = {0x4142, 0x4300}, other[] = {0x4142, 0x4400};
    write_one(1, 30, 0xff);
    write_one(2, 30, 0x08); /* another bit */
    write_one(3, 30, 0);
    write_one(4, 30, 0xf7);
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, 5, 40, 2, text);
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, 6, 40, 2, text);
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, 7, 40, 2, other);
    run();
    expect("b=true#0 at 2 at 3 b=false#0 at 4 at 5 s=ABC#0 at 6 at 7 s=ABD#0 at 8");
    assert_int_equal(unchanged(), 3);
    w.trace[0] = '\0';
    write_two(8, 20, 4);
    run();
    write_one(9, 21, 4); /* in part, with the same value */
    run();
    pass(SETTLE_MS);
    answer(MODBUS_OK, 4);
    expect("z=4#0 at 9 read 20+2 at 10");
    assert_int_equal(unchanged(), 4);
    w.trace[0] = '\0';
    write_one(10, 50, 0xff07); /* -1, another byte, then 0 and 1 */
    write_one(11, 50, 0xff08);
    write_one(12, 50, 0x0008);
    write_one(13, 50, 0x0108);
    run();
    expect("h=-1#0 at 11 at 12 at 13 h=1#0 at 14");
}

/* What the device does not have is published again. */
static void test_commands_that_fail(void **state)
{
    (void)state;
    use_change(0, 1);
    static const enum publish_result results[] = {PUBLISH_BLOCKED, PUBLISH_REFUSED};
    for (size_t i = 0; i < COUNT(results); i++) {
        w.publish_result = results[i];
        scada(5);
    }
    w.publish_result = PUBLISH_SENT;
    scada(5);
    expect("at 2 at 3 v=5#0 at 4");
    w.tags[0].mqtt_command_qos = 1;
    reload();
    scada(6);
    writeback_note_published(w.writeback, 2, "Not authorized", w.now_ms);
    scada(6);
    expect("v=6#2 at 5 v=6#3");
}

/* A change of other settings keeps what is known, one of the message does not. */
static void test_reloads(void **state)
{
    (void)state;
    use_change(0, 1);
    scada(5);
    w.tags[0].mqtt_hold_off_ms = 1;
    reload();
    scada(5);
    expect("v=5#0 at 2 at 3");
    w.tags[0].mqtt_command_topic = "other";
    reload();
    scada(5);
    expect("other=5#0 at 4");
    w.tags[0].point.scale = 2;
    reload();
    scada(5);
    expect("other=10#0 at 5");
    /* After a restart nothing is known. */
    served_device()->tags[0].command->has_known = false;
    scada(5);
    expect("other=10#0 at 6");
}

static void test_an_interval(void **state)
{
    (void)state;
    use_interval(COMMAND_ON_WRITE);
    scada(1);
    expect("v=1#1");
    acknowledge(1);
    w.now_ms += 400;
    scada(2);
    w.now_ms += 400;
    scada(3);            /* does not prolong it */
    expect("at 2 at 3"); /* the newest entry has all */
    assert_int_equal(due_ms(), 200);
    assert_int_equal(served_device()->tags[0].command->written_at_ms, w.now_ms + 200);
    struct live_table_row row = row_of_tag(w.f, &w.tags[0]);
    assert_true(row.is_setpoint && row.value.raw == 3);
    pass(199);
    expect("");
    pass(1);
    answer(MODBUS_OK, 3);
    expect("read 0+1 v=3#2");
    acknowledge(2);
    expect("at 4");
    assert_int_equal(w.writeback->inflight.delayed, 0);
    pass(INTERVAL_MS);
    scada(3);
    expect("v=3#3");
}

/* With command_on change, the value may be back when the interval ends, or before. */
static void test_an_interval_on_change(void **state)
{
    (void)state;
    use_interval(COMMAND_ON_CHANGE);
    scada(1);
    acknowledge(1);
    scada(2);
    assert_int_equal(w.writeback->inflight.delayed, 1);
    scada(1);
    expect("v=1#1 at 2 at 4");
    assert_int_equal(w.writeback->inflight.delayed, 0);
    assert_true(served_device()->tags[0].command->written_at_ms <= w.now_ms);
    scada(2);
    pass(INTERVAL_MS);
    answer(MODBUS_OK, 1); /* written meanwhile, and not taken yet */
    expect("read 0+1 at 5");
    assert_int_equal(unchanged(), 2);
    /* A device that had another value before the wait. */
    report(9);
    scada(7);
    expect("v=7#2");
    report(9);
    scada(8);
    scada(7); /* not what the device has now */
    acknowledge(2);
    assert_int_equal(w.writeback->inflight.delayed, 1);
    pass(INTERVAL_MS);
    answer(MODBUS_OK, 7);
    expect("at 7 read 0+1 v=7#3");
}

static void test_parts_and_an_interval(void **state)
{
    (void)state;
    use_interval(COMMAND_ON_WRITE);
    write_two(1, 10, 4);
    run();
    expect("w=4#1");
    w.now_ms += INTERVAL_MS - 10;
    write_one(2, 11, 5);
    run();
    assert_int_equal(due_ms(), SETTLE_MS); /* the later one */
    pass(SETTLE_MS);
    answer(MODBUS_OK, 5);
    expect("read 10+2 w=5#2");
    write_one(3, 11, 6);
    run();
    assert_int_equal(due_ms(), INTERVAL_MS);
    write_two(4, 10, 7);
    run();
    assert_int_equal(due_ms(), INTERVAL_MS);
    lose();
    run();
    pass(INTERVAL_MS);
    while (w.read_count > 0)
        answer(MODBUS_OK, 7);
    assert_non_null(strstr(w.trace, "w=7#"));
}

/* More tags wait than commands may settle, and the entries of others do not wait for them. */
static void test_many_tags_wait(void **state)
{
    (void)state;
    w.tag_count = 1;
    for (uint16_t i = 0; i < 250; i++)
        add_tag("many", TYPE_UINT16, (uint16_t)(100 + i), 0)->mqtt_min_interval_ms = 60000;
    reload();
    uint16_t values[120] = {0};
    for (unsigned turn = 0; turn < 2; turn++) {
        feed(JOURNAL_TAIL_ENTRY, JOURNAL, 1 + 2 * turn, 100, COUNT(values), values);
        feed(JOURNAL_TAIL_ENTRY, JOURNAL, 2 + 2 * turn, 220, COUNT(values), values);
        run();
        w.trace[0] = '\0';
    }
    assert_int_equal(w.writeback->inflight.delayed, 240);
    for (uint64_t i = 0; i < 2 * INFLIGHT_ENTRIES_MAX; i += 2) {
        write_one(5 + i, 0, 5);
        write_one(6 + i, 9, 5);
        if (w.event_count == EVENTS_MAX - 2) {
            run();
            w.first_event = w.event_count = 0;
        }
    }
    run();
    for (int number = 1; number <= w.last_number; number++)
        acknowledge(number);
    run();
    assert_int_equal(w.first_event, w.event_count);
    w.trace[0] = '\0';
}

/* When the ring of entries is full, the command that holds it up is published early. */
static void test_a_full_ring(void **state)
{
    (void)state;
    use_interval(COMMAND_ON_WRITE);
    scada(1);
    acknowledge(1);
    scada(2);
    w.trace[0] = '\0';
    for (unsigned i = 0; i < INFLIGHT_RING_SIZE - 1; i++) {
        w.first_event = w.event_count = 0;
        write_one(++sequence, 9, 1);
        run();
    }
    assert_int_equal(w.writeback->inflight.entry_count, INFLIGHT_RING_SIZE);
    expect("");
    assert_int_equal(due_ms(), 0);
    run();
    answer(MODBUS_OK, 2);
    acknowledge(2);
    expect("read 0+1 v=2#2 at 8194");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_the_same_value),
        TEST(test_each_write_by_default),
        TEST(test_a_dead_band),
        TEST(test_a_suppressed_value_is_shown),
        TEST(test_the_device_has_another_value),
        TEST(test_bits_and_registers),
        TEST(test_commands_that_fail),
        TEST(test_reloads),
        TEST(test_an_interval),
        TEST(test_an_interval_on_change),
        TEST(test_parts_and_an_interval),
        TEST(test_many_tags_wait),
        TEST(test_a_full_ring),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
