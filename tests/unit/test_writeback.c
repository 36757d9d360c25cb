/* The writeback without a broker: the order of entries, acknowledgements, the position, values that
 * cannot be published, polls. */
#include "writeback_fixture.h"

#include <errno.h>

#include "common/base/clock.h"

static bool refuses_memory;

void *__real_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size);
void *__wrap_realloc(void *block, size_t size)
{
    if (refuses_memory) {
        errno = ENOMEM;
        return NULL;
    }
    return __real_realloc(block, size);
}

static void test_a_whole_value(void **state)
{
    (void)state;
    write_one(7, 0, 5);
    run();
    expect("v=5#1");
    assert_int_equal(count_in(COMMAND_SENT), 1);
    acknowledge(1);
    expect("at 8");
    assert_int_equal(count_in(COMMAND_SENT), 0);
    acknowledge(1); /* once more, and one that was never sent */
    acknowledge(2);
    run();
    expect("");
    assert_int_equal(due_ms(), -1);
}

static void test_acknowledgements_out_of_order(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 4; i++)
        write_one(7 + i, 0, i);
    run();
    expect("v=0#1 v=1#2 v=2#3 v=3#4");
    acknowledge(3);
    acknowledge(2);
    expect("");
    acknowledge(1);
    expect("at 10");
    acknowledge(4);
    expect("at 11");
}

static void test_entries_of_other_registers(void **state)
{
    (void)state;
    write_one(7, 1, 5);
    write_one(8, 9, 5);
    write_one(9, 12, 5);
    run();
    expect("at 8 at 9 at 10");
}

static void test_one_entry_with_several_values(void **state)
{
    (void)state;
    const uint16_t values[22] = {[0] = 1, [11] = 2, [21] = 3};
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, 7, 0, COUNT(values), values);
    run();
    expect("v=1#1 w=2#2 z=3#0");
    acknowledge(1);
    expect("");
    acknowledge(2);
    expect("at 8");
}

static void test_qos_0_is_not_waited_for(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 3; i++)
        write_two(7 + i, 20, 4);
    run();
    expect("z=4#0 at 8 z=4#0 at 9 z=4#0 at 10");
}

static void test_two_journals(void **state)
{
    (void)state;
    const uint16_t value = 3;
    write_one(7, 0, 1);
    feed(JOURNAL_TAIL_ENTRY, JOURNAL + 1, 1, 0, 1, &value);
    run();
    expect("v=1#1 v=3#2");
    acknowledge(2);
    expect("");
    acknowledge(1);
    expect("at 2 of 78");
}

/* The writeback does not run while the broker is down. The library sends the message again. */
static void test_the_broker_is_lost_before_it_acknowledges(void **state)
{
    (void)state;
    write_one(7, 0, 5);
    run();
    expect("v=5#1");
    write_one(8, 0, 6);
    w.now_ms += 60000;
    expect("");
    acknowledge(1); /* with the new connection */
    expect("at 8");
    run();
    expect("v=6#2");
    acknowledge(2);
    expect("at 9");
}

static void test_the_broker_refuses(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < 3; i++) {
        write_one(7 + i, 0, i);
        run();
        writeback_note_published(w.writeback, i + 1, "Not authorized", w.now_ms);
    }
    expect("v=0#1 at 8 v=1#2 at 9 v=2#3 at 10");
    assert_int_equal(w.writeback->refused.since, 2); /* one line for many */
    write_one(10, 0, 4);
    run();
    w.tag_count = 1;
    w.tags[0].id = 9;
    reload();
    writeback_note_published(w.writeback, 4, "Not authorized", w.now_ms + 60000);
    expect("v=4#4 at 11"); /* of a tag that is gone */
    assert_int_equal(w.writeback->refused.since, 3);
}

static void test_the_library_refuses(void **state)
{
    (void)state;
    w.publish_result = PUBLISH_REFUSED;
    write_one(7, 0, 5);
    run();
    expect("at 8");
    write_one(8, 10, 1);
    pass(0);
    pass(SETTLE_MS);
    answer(MODBUS_OK, 9);
    expect("read 10+2 at 9");
}

static void test_a_message_that_is_too_long(void **state)
{
    (void)state;
    char template[2000] = "";
    for (size_t i = 0; i < 280; i++)
        strcat(template, "{value}");
    w.tags[0].mqtt_command_template = template;
    w.tags[0].point.type = TYPE_STRING;
    w.tags[0].point.length = 123;
    w.tags[0].point.address = 100;
    reload();
    uint16_t values[123];
    memset(values, 'A', sizeof values);
    for (uint64_t i = 0; i < 3; i++)
        feed(JOURNAL_TAIL_ENTRY, JOURNAL, 7 + i, 100, COUNT(values), values);
    run();
    expect("at 8 at 9 at 10");
    assert_int_equal(w.writeback->too_long.since, 2);
}

static void test_a_value_that_no_message_can_carry(void **state)
{
    (void)state;
    static struct value_map_entry entries[] = {{"ON", 1}};
    w.tags[0].mqtt_values = (struct value_map){.count = 1, .entries = entries};
    w.tags[1].mqtt_values = (struct value_map){.count = 1, .entries = entries};
    reload();
    write_one(7, 0, 5);
    write_one(8, 10, 5);
    run();
    expect("at 8");
    pass(SETTLE_MS);
    answer(MODBUS_OK, 7);
    expect("read 10+2 at 9");
    assert_int_equal(counters_get(&w.f->counters, MQTTD_COMMANDS_REFUSED), 2);
    assert_int_equal(row_of_tag(w.f, &w.tags[0]).fault, FAULT_UNMAPPED_NUMBER);
    write_one(9, 0, 1);
    run();
    expect("v=ON#1");
}

/* The entry is retried, and newer ones wait for it. */
static void test_no_memory_for_an_entry(void **state)
{
    (void)state;
    write_one(7, 0, 5);
    write_one(8, 0, 6);
    w.publish_result = PUBLISH_NO_MEMORY;
    for (unsigned i = 0; i < 3; i++) {
        run();
        expect("");
        assert_int_equal(due_ms(), WRITEBACK_RETRY_MS);
        pass(WRITEBACK_RETRY_MS - 1);
        assert_int_equal(due_ms(), 1);
        w.now_ms++;
        assert_int_equal(due_ms(), 0);
    }
    w.publish_result = PUBLISH_SENT;
    run();
    expect("v=5#1 v=6#2");
    acknowledge(2);
    expect("");
    acknowledge(1);
    expect("at 9");
    assert_int_equal(due_ms(), -1);
}

/* A reload meanwhile drops its tag, or moves it to registers that the entry did not write. */
static void test_no_memory_for_an_entry_whose_tag_goes(void **state)
{
    (void)state;
    w.publish_result = PUBLISH_NO_MEMORY;
    write_one(7, 0, 5);
    run();
    w.tags[0].point.address = 30;
    reload();
    w.publish_result = PUBLISH_SENT;
    pass(WRITEBACK_RETRY_MS);
    expect("at 8");
}

static void test_no_memory_for_the_index(void **state)
{
    (void)state;
    write_one(7, 0, 5);
    run();
    write_one(8, 0, 6);
    for (uint32_t i = 3; i < 100; i++)
        add_tag("many", TYPE_UINT16, (uint16_t)(1000 + i), 1);
    reload();
    refuses_memory = true;
    for (unsigned i = 0; i < 3; i++)
        run();
    expect("v=5#1");
    writeback_note_published(w.writeback, 1, "Not authorized", w.now_ms);
    expect("at 8"); /* acknowledgements need no index */
    refuses_memory = false;
    run();
    expect("v=6#2");
}

static void test_entries_wait_while_the_broker_is_slow(void **state)
{
    (void)state;
    for (uint16_t i = 0; i < INFLIGHT_ENTRIES_MAX + 2; i++)
        write_one(1 + i, 0, 0);
    run();
    assert_int_equal(w.last_number, INFLIGHT_ENTRIES_MAX);
    w.trace[0] = '\0';
    for (unsigned i = 0; i < 3; i++)
        run();
    expect("");
    acknowledge(1);
    expect("at 2");
    run();
    expect("v=0#257");
    acknowledge(2);
    run();
    expect("at 3 v=0#258");
}

/* Each entry has the maximum number of commands. */
static void test_entries_with_many_commands(void **state)
{
    (void)state;
    w.tag_count = 0;
    for (uint16_t i = 0; i < 16; i++)
        add_tag("b", TYPE_BOOL, 40, 1)->point.bit = (int8_t)i;
    reload();
    for (uint64_t i = 0; i < 200; i++)
        write_one(1 + i, 40, 1);
    for (unsigned i = 0; i < 3; i++)
        run();
    size_t sent = count_in(COMMAND_SENT);
    assert_true(sent <= INFLIGHT_COMMANDS_MAX - INFLIGHT_COMMANDS_PER_ENTRY && sent % 16 == 0);
    w.trace[0] = '\0';
    for (int number = 1; number <= 200 * 16; number++) {
        acknowledge(number);
        run();
    }
    assert_int_equal(count_in(COMMAND_SENT), 0);
    assert_int_equal(w.last_number, 200 * 16);
}

/* Restores SCADA's value in a register that an older report has overwritten. */
static void test_the_register_is_restored(void **state)
{
    (void)state;
    const struct live_table_value report = {
        .raw = 1, .wall_ms = 1, .steady_ms = w.now_ms + 10, .settings = 1};
    write_one(7, 0, 5);
    uint64_t changed = live_table_put_value(w.f->live, w.tags[0].slot, &report, NULL, 0);
    live_table_mark_written(w.f->live, w.tags[0].slot, changed, 2);
    run();
    expect("v=5#1");
    struct live_table_row row = row_of_tag(w.f, &w.tags[0]);
    assert_int_equal(row.value.raw, 5);
    assert_true(row.changed > row.written && row.is_setpoint);
    live_table_mark_written(w.f->live, w.tags[0].slot, row.changed, 3);
    w.now_ms += 1000; /* the report is older than this one */
    write_one(8, 0, 6);
    run();
    row = row_of_tag(w.f, &w.tags[0]);
    assert_int_equal(row.value.raw, 6);
    assert_int_equal(row.changed, row.written);
}

/* The same, if this thread has not run since before SCADA's write. */
static void test_the_register_is_restored_late(void **state)
{
    (void)state;
    w.now_ms = clock_steady_ms();
    write_one(7, 0, 5);
    struct live_table_value mirrored = {.raw = 1, .settings = 1};
    uint64_t changed = live_table_put_value(w.f->live, w.tags[0].slot, &mirrored, NULL, 0);
    live_table_mark_written(w.f->live, w.tags[0].slot, changed, clock_wall_ms());
    w.now_ms -= 1000;
    run();
    struct live_table_row row = row_of_tag(w.f, &w.tags[0]);
    assert_int_equal(row.value.raw, 5);
    assert_true(row.changed > row.written);
}

static void repeat(size_t tag)
{
    const struct device *device = device_table_next(&w.f->device_table, NULL);
    writeback_repeat_command(w.writeback, device, &device->tags[tag], w.now_ms);
}

static void test_a_command_is_repeated(void **state)
{
    (void)state;
    add_tag("b", TYPE_BOOL, 30, 1)->point.bit = 3;
    add_tag("s", TYPE_STRING, 40, 1)->point.length = 2;
    reload();
    repeat(0);
    expect(""); /* there is no setpoint */
    write_one(7, 0, 5);
    write_two(8, 20, 6);
    write_one(9, 30, 0xff);
    const uint16_t text[] = {0x4142, 0x4300};
    feed(JOURNAL_TAIL_ENTRY, JOURNAL, 10, 40, 2, text);
    run();
    expect("v=5#1 z=6#0 b=true#3 s=ABC#4");
    for (size_t i = 0; i < w.tag_count; i++)
        repeat(i);
    expect("v=5#5 z=6#0 b=true#7 s=ABC#8");
    assert_int_equal(counters_get(&w.f->counters, MQTTD_COMMANDS_REPEATED), 4);
    assert_int_equal(count_in(COMMAND_SENT), 6);
    acknowledge(5);
    assert_int_equal(count_in(COMMAND_SENT), 5);

    w.publish_result = PUBLISH_NO_MEMORY;
    repeat(0);
    w.publish_result = PUBLISH_SENT;
    live_table_set_setpoint(w.f->live, w.tags[0].slot, false); /* the device has answered */
    repeat(0);
    assert_int_equal(counters_get(&w.f->counters, MQTTD_COMMANDS_REPEATED), 4);
}

static void make_foreign(void)
{
    w.device.network_modbus_host = "127.0.0.1";
    w.device.network_modbus_port = 1;
    reload();
}

static void find_by_poll(uint16_t value, bool is_known)
{
    struct live_table_row row = row_of_tag(w.f, &w.tags[0]);
    w.poll = (struct poll){.device = 1,
                           .tag = w.tags[0].id,
                           .count = 1,
                           .known = is_known,
                           .changed = row.changed,
                           .written = row.written,
                           .words = {value}};
    w.has_poll = true;
    run();
}

static void test_polls(void **state)
{
    (void)state;
    make_foreign();
    write_one(7, 0, 9); /* of the local server: not of this tag */
    find_by_poll(1, false);
    expect("at 8"); /* the first reading is not a command */
    find_by_poll(2, true);
    expect("v=2#1");
    acknowledge(1);
    find_by_poll(3, true);
    find_by_poll(4, true);
    expect("v=3#2 v=4#3");
    assert_int_equal(count_in(COMMAND_SENT), 2);
    writeback_note_published(w.writeback, 3, "Not authorized", w.now_ms);
    assert_int_equal(w.writeback->refused.logged_ms, w.now_ms);
    acknowledge(2);
    expect(""); /* polled changes are not in a journal */
    assert_int_equal(count_in(COMMAND_SENT), 0);
    lose();
    run();
    expect(""); /* and are not recovered */
}

static void test_no_memory_for_a_poll(void **state)
{
    (void)state;
    make_foreign();
    w.publish_result = PUBLISH_NO_MEMORY;
    find_by_poll(2, true);
    assert_int_equal(due_ms(), WRITEBACK_RETRY_MS);
    w.publish_result = PUBLISH_SENT;
    pass(WRITEBACK_RETRY_MS - 1);
    expect("");
    pass(1);
    expect("v=2#1");
    assert_int_equal(due_ms(), -1);
    w.publish_result = PUBLISH_NO_MEMORY;
    find_by_poll(3, true);
    w.tag_count = 2; /* the tag is removed */
    w.tags[0].id = 9;
    reload();
    w.publish_result = PUBLISH_SENT;
    pass(WRITEBACK_RETRY_MS);
    expect("");
    assert_int_equal(due_ms(), -1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_whole_value),
        TEST(test_acknowledgements_out_of_order),
        TEST(test_entries_of_other_registers),
        TEST(test_one_entry_with_several_values),
        TEST(test_qos_0_is_not_waited_for),
        TEST(test_two_journals),
        TEST(test_the_broker_is_lost_before_it_acknowledges),
        TEST(test_the_broker_refuses),
        TEST(test_the_library_refuses),
        TEST(test_a_message_that_is_too_long),
        TEST(test_a_value_that_no_message_can_carry),
        TEST(test_no_memory_for_an_entry),
        TEST(test_no_memory_for_an_entry_whose_tag_goes),
        TEST(test_no_memory_for_the_index),
        TEST(test_entries_wait_while_the_broker_is_slow),
        TEST(test_entries_with_many_commands),
        TEST(test_the_register_is_restored),
        TEST(test_the_register_is_restored_late),
        TEST(test_a_command_is_repeated),
        TEST(test_polls),
        TEST(test_no_memory_for_a_poll),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
