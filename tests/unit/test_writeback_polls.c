/* What changes of foreign servers are published with a dead band and at an interval, without a
 * server. */
#include "writeback_fixture.h"

enum { INTERVAL_MS = 1000 };

static struct tag *served_tag(void)
{
    return &device_table_next(&w.f->device_table, NULL)->tags[0];
}

/* Serves the tag "v" from a foreign server. */
static void use_limits(double min_change, uint32_t min_interval_ms)
{
    w.device.network_modbus_host = "127.0.0.1";
    w.device.network_modbus_port = 1;
    w.tags[0].mqtt_min_change = min_change;
    w.tags[0].mqtt_min_interval_ms = min_interval_ms;
    w.tags[0].mqtt_command_qos = 0;
    reload();
}

/* A poll has read the value; `is_change`: the one before it read another. */
static void read_value(uint16_t value, bool is_change)
{
    struct live_table_row row = row_of_tag(w.f, &w.tags[0]);
    w.poll = (struct poll){.device = 1,
                           .tag = w.tags[0].id,
                           .count = 1,
                           .known = is_change,
                           .changed = row.changed,
                           .written = row.written,
                           .words = {value}};
    w.has_poll = true;
    run();
}

static void change(uint16_t value)
{
    read_value(value, true);
}

/* mqttd has put a value of the device and written it to the server. */
static void report(uint16_t value)
{
    struct tag *tag = served_tag();
    struct live_table_value put = {.raw = value, .wall_ms = 1, .steady_ms = 1};
    live_table_set_location(&put, tag->settings, 1, &tag->point);
    uint64_t changed = live_table_put_value(w.f->live, tag->slot, &put, NULL, 0);
    live_table_mark_written(w.f->live, tag->slot, changed, 1);
    live_table_set_setpoint(w.f->live, tag->slot, false);
    tag->has_value = true;
}

static uint64_t unchanged(void)
{
    return counters_get(&w.f->counters, MQTTD_COMMANDS_UNCHANGED);
}

static uint64_t shown(void)
{
    return row_of_tag(w.f, &w.tags[0]).value.raw;
}

/* The first change is published, since nothing is known; then the band is measured from what was
 * published. */
static void test_a_band(void **state)
{
    (void)state;
    w.tags[0].point.scale = 0.1;
    use_limits(0.3, 0);
    static const uint16_t drift[] = {698, 699, 700, 701, 702, 703, 704, 702, 701};
    read_value(697, false);
    for (size_t i = 0; i < COUNT(drift); i++)
        change(drift[i]);
    expect("v=69.8#0 v=70.1#0 v=70.4#0 v=70.1#0");
    assert_int_equal(unchanged(), 5);
    change(700);
    assert_int_equal(shown(), 700);
    expect("");
}

static void test_each_change_by_default(void **state)
{
    (void)state;
    use_limits(0, 0);
    w.tags[0].mqtt_command_on = COMMAND_ON_CHANGE;
    reload();
    for (uint16_t value = 1; value < 4; value++)
        change(value);
    change(2);
    expect("v=1#0 v=2#0 v=3#0 v=2#0");
    assert_int_equal(unchanged(), 0);
    assert_null(served_tag()->command->known);
}

/* The band is measured from the device's own newer value, too. */
static void test_the_device_has_a_value(void **state)
{
    (void)state;
    use_limits(10, 0);
    change(50);
    report(100);
    change(109);
    change(92);
    change(55);
    expect("v=50#0 v=55#0");
    assert_int_equal(unchanged(), 2);
    /* After a loss the registers have what the device does not have. */
    report(100);
    read_value(7, false);
    change(8);
    expect("v=8#0");
}

static void test_a_refused_command(void **state)
{
    (void)state;
    w.tags[0].mqtt_command_qos = 1;
    use_limits(10, 0);
    w.tags[0].mqtt_command_qos = 1;
    reload();
    change(50);
    expect("v=50#1");
    writeback_note_published(w.writeback, 1, "Not authorized", w.now_ms);
    change(51);
    expect("v=51#2");
}

static void test_an_interval(void **state)
{
    (void)state;
    use_limits(0, INTERVAL_MS);
    read_value(1, false);
    change(2);
    expect("v=2#0");
    w.now_ms += 400;
    change(3);
    w.now_ms += 400;
    change(4);
    expect("");
    assert_int_equal(shown(), 4);
    assert_int_equal(due_ms(), 200);
    assert_int_equal(served_tag()->command->written_at_ms, w.now_ms + 200);
    pass(199);
    expect("");
    pass(1);
    expect("v=4#0");
    assert_int_equal(w.writeback->inflight.delayed, 0);
    assert_int_equal(count_in(COMMAND_SETTLING), 0);
    assert_int_equal(due_ms(), -1);
    pass(INTERVAL_MS);
    change(5);
    expect("v=5#0");
}

/* The value may be back, or within the band, when the interval ends, or before. */
static void test_an_interval_and_a_band(void **state)
{
    (void)state;
    use_limits(10, INTERVAL_MS);
    change(50);
    change(70);
    assert_int_equal(count_in(COMMAND_SETTLING), 1);
    change(52);
    assert_int_equal(count_in(COMMAND_SETTLING), 0);
    change(71);
    change(73);
    pass(INTERVAL_MS);
    expect("v=50#0 v=73#0");
    assert_int_equal(unchanged(), 1);
    /* mqttd has written a newer value of the device. */
    change(90);
    report(95);
    pass(INTERVAL_MS);
    expect("");
    assert_int_equal(count_in(COMMAND_SETTLING), 0);
    change(104);
    expect("");
    change(105);
    expect("v=105#0");
}

/* What waits is published, also when the server has lost its registers meanwhile. */
static void test_a_loss_while_a_value_waits(void **state)
{
    (void)state;
    use_limits(0, INTERVAL_MS);
    change(1);
    change(2);
    read_value(0, false);
    assert_int_equal(shown(), 0);
    pass(INTERVAL_MS);
    expect("v=1#0 v=2#0");
}

static void test_reloads(void **state)
{
    (void)state;
    use_limits(5, INTERVAL_MS);
    change(50);
    change(60);
    w.tags[0].mqtt_hold_off_ms = 1;
    reload();
    pass(INTERVAL_MS);
    expect("v=50#0 v=60#0");
    change(64);
    expect("");
    change(65);
    w.tags[0].point.scale = 2; /* of the same registers */
    reload();
    pass(INTERVAL_MS);
    expect("v=130#0");
    change(70);
    use_limits(0, 0); /* neither limit any more */
    pass(INTERVAL_MS);
    expect("v=140#0");
    use_limits(0, INTERVAL_MS);
    pass(INTERVAL_MS);
    change(71);
    change(72);
    w.tags[0].point.address = 1; /* other registers */
    reload();
    pass(INTERVAL_MS);
    expect("v=142#0");
    assert_int_equal(count_in(COMMAND_SETTLING), 0);
    change(73);
    change(74);
    w.tag_count = 2; /* the tag is removed */
    w.tags[0].id = 9;
    reload();
    pass(INTERVAL_MS);
    expect("v=146#0");
    assert_int_equal(count_in(COMMAND_SETTLING), 0);
}

/* A command of the other server does not stay with the tag. */
static void test_a_move_to_the_local_server(void **state)
{
    (void)state;
    use_limits(0, INTERVAL_MS);
    change(1);
    change(2);
    w.device.network_modbus_host = NULL;
    reload();
    write_one(7, 0, 3);
    run();
    expect("v=1#0"); /* the entry waits for its command */
    assert_int_equal(count_in(COMMAND_SETTLING), 1);
    use_limits(0, INTERVAL_MS);
    change(4);
    expect("at 8");
    assert_int_equal(count_in(COMMAND_SETTLING), 1);
    pass(INTERVAL_MS);
    expect("v=4#0");
    assert_int_equal(w.read_count, 0);
}

static void test_a_bit(void **state)
{
    (void)state;
    w.tags[0].point.type = TYPE_BOOL;
    w.tags[0].point.bit = 3;
    use_limits(0, INTERVAL_MS);
    change(0x08);
    change(0x10);
    change(0xff);
    expect("v=true#0");
    assert_int_equal(count_in(COMMAND_SETTLING), 0);
    change(0xf7);
    pass(INTERVAL_MS);
    expect("v=false#0");
    change(0x10); /* another bit */
    change(0x08);
    pass(INTERVAL_MS);
    expect("v=true#0");
}

static void test_no_memory(void **state)
{
    (void)state;
    use_limits(5, INTERVAL_MS);
    change(10);
    change(20);
    w.publish_result = PUBLISH_NO_MEMORY;
    pass(INTERVAL_MS);
    assert_int_equal(due_ms(), WRITEBACK_RETRY_MS);
    w.publish_result = PUBLISH_SENT;
    pass(WRITEBACK_RETRY_MS);
    expect("v=10#0 v=20#0");
    assert_int_equal(w.writeback->inflight.delayed, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_band),
        TEST(test_each_change_by_default),
        TEST(test_the_device_has_a_value),
        TEST(test_a_refused_command),
        TEST(test_an_interval),
        TEST(test_an_interval_and_a_band),
        TEST(test_a_loss_while_a_value_waits),
        TEST(test_reloads),
        TEST(test_a_move_to_the_local_server),
        TEST(test_a_bit),
        TEST(test_no_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
