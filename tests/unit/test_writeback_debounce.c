/* Values that SCADA writes in parts, without a broker: each transition of such a command, each
 * event repeated, and a reload in each state. */
#include "writeback_fixture.h"

static void test_a_value_written_in_parts(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    assert_int_equal(count_in(COMMAND_SETTLING), 1);
    assert_int_equal(due_ms(), SETTLE_MS);
    for (uint64_t i = 0; i < 3; i++) { /* each part restarts the time */
        w.now_ms += SETTLE_MS - 1;
        write_one(8 + i, 11, 1);
        run();
        assert_int_equal(due_ms(), SETTLE_MS);
        assert_int_equal(count_in(COMMAND_SETTLING), 1);
    }
    pass(SETTLE_MS - 1);
    expect("");
    pass(1);
    expect("read 10+2");
    assert_int_equal(count_in(COMMAND_READING), 1);
    assert_int_equal(due_ms(), -1);
    answer(MODBUS_OK, 9);
    expect("w=9#1");
    assert_int_equal(count_in(COMMAND_SENT), 1);
    acknowledge(1);
    expect("at 11"); /* all four entries */
    assert_true(row_of_tag(w.f, &w.tags[1]).is_setpoint);
}

static void test_entries_behind_a_part_wait_for_it(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    write_one(8, 0, 5);
    run();
    expect("v=5#1");
    acknowledge(1);
    expect("");
    pass(SETTLE_MS);
    answer(MODBUS_OK, 9);
    acknowledge(2);
    expect("read 10+2 w=9#2 at 9");
}

static void test_qos_0(void **state)
{
    (void)state;
    write_one(7, 20, 1);
    run();
    pass(SETTLE_MS);
    answer(MODBUS_OK, 9);
    expect("read 20+2 z=9#0 at 8");
}

/* A part is written during a read of the registers: the result may mix two values. */
static void test_a_part_while_reading(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    for (uint16_t i = 0; i < 3; i++) {
        pass(SETTLE_MS);
        expect("read 10+2");
        write_one(8 + i, 11, i);
        run();
        assert_int_equal(count_in(COMMAND_SETTLING), 1);
        answer(MODBUS_OK, 9);
        expect("");
    }
    pass(SETTLE_MS);
    answer(MODBUS_OK, 5);
    acknowledge(1);
    expect("read 10+2 w=5#1 at 11");
}

static void test_a_whole_value_while_settling(void **state)
{
    (void)state;
    for (uint64_t i = 0; i < 3; i++) {
        write_one(7 + 2 * i, 10, 1);
        write_two(8 + 2 * i, 10, 4);
    }
    run();
    expect("w=4#1 at 8 w=4#2 w=4#3");
    assert_int_equal(due_ms(), -1);
    acknowledge(1);
    expect("at 10");
    acknowledge(3);
    acknowledge(2);
    expect("at 13");
}

static void test_a_whole_value_while_reading(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    pass(SETTLE_MS);
    write_two(8, 10, 4);
    run();
    expect("read 10+2 w=4#1 at 8");
    answer(MODBUS_OK, 9); /* older than the whole value */
    expect("");
    acknowledge(1);
    expect("at 9");
}

static void test_a_part_behind_a_whole_value(void **state)
{
    (void)state;
    write_two(7, 10, 4);
    write_one(8, 11, 5);
    run();
    expect("w=4#1");
    assert_int_equal(count_in(COMMAND_SENT), 1);
    assert_int_equal(count_in(COMMAND_SETTLING), 1);
    acknowledge(1);
    expect("at 8");
    pass(SETTLE_MS);
    answer(MODBUS_OK, 5);
    acknowledge(2);
    expect("read 10+2 w=5#2 at 9");
}

static void test_a_server_that_cannot_be_reached(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    pass(SETTLE_MS);
    expect("read 10+2");
    for (unsigned i = 0; i < 3; i++) {
        answer(MODBUS_UNREACHABLE, 0);
        expect("");
        assert_int_equal(due_ms(), WRITEBACK_RETRY_MS);
        pass(WRITEBACK_RETRY_MS);
        expect("read 10+2");
    }
    answer(MODBUS_OK, 9);
    acknowledge(1);
    expect("w=9#1 at 8");
}

static void test_a_server_that_refuses_the_read(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    pass(SETTLE_MS);
    answer(MODBUS_EXCEPTION, 0);
    expect("read 10+2 at 8");
    assert_int_equal(due_ms(), -1);
}

/* It is read again later, but not continuously. */
static void test_a_reader_with_too_much_to_do(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    w.is_reader_busy = true;
    pass(SETTLE_MS);
    for (unsigned i = 0; i < 3; i++) {
        assert_int_equal(due_ms(), WRITEBACK_RETRY_MS);
        assert_int_equal(count_in(COMMAND_SETTLING), 1);
        pass(WRITEBACK_RETRY_MS);
    }
    w.is_reader_busy = false;
    pass(WRITEBACK_RETRY_MS);
    answer(MODBUS_OK, 9);
    expect("read 10+2 w=9#1");
}

static void test_no_memory_for_a_value_that_was_read(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    pass(SETTLE_MS);
    expect("read 10+2");
    w.publish_result = PUBLISH_NO_MEMORY;
    for (unsigned i = 0; i < 3; i++) {
        answer(MODBUS_OK, 9);
        assert_int_equal(due_ms(), WRITEBACK_RETRY_MS);
        pass(WRITEBACK_RETRY_MS);
        expect("read 10+2");
    }
    w.publish_result = PUBLISH_SENT;
    answer(MODBUS_OK, 9);
    acknowledge(1);
    expect("w=9#1 at 8");
}

/* The part is outdated, and its entry completes with that of the whole value. */
static void test_no_memory_for_a_whole_value_behind_a_part(void **state)
{
    (void)state;
    write_one(7, 10, 1);
    run();
    w.publish_result = PUBLISH_NO_MEMORY;
    write_two(8, 10, 4);
    run();
    expect("at 8");
    assert_int_equal(count_in(COMMAND_SETTLING), 0);
    w.publish_result = PUBLISH_SENT;
    pass(WRITEBACK_RETRY_MS);
    acknowledge(1);
    expect("w=4#1 at 9");
}

/* Brings the tag "w" to a state by entry 7. */
static void bring_to(enum command_state state)
{
    write_one(7, 10, 1);
    run();
    if (state != COMMAND_SETTLING)
        pass(SETTLE_MS);
    if (state == COMMAND_READING_AGAIN)
        lose();
    run();
    if (state == COMMAND_SENT)
        answer(MODBUS_OK, 9);
    w.trace[0] = '\0';
    assert_int_equal(count_in(state), 1);
}

static void drop_tag(void)
{
    w.tags[1].direction = TO_MODBUS;
    w.tags[1].mqtt_command_topic = NULL;
    reload();
}

static void move_tag(void)
{
    w.tags[1].point.address = 30;
    reload();
}

static void widen_tag(void)
{
    w.tags[1].point.type = TYPE_UINT64;
    reload();
}

static void move_device(void)
{
    w.device.network_unit_id = 2;
    reload();
}

static void make_device_foreign(void)
{
    w.device.network_modbus_host = "127.0.0.1";
    w.device.network_modbus_port = 1;
    reload();
}

static void remove_device(void)
{
    apply_update(w.f, make_update(1, NULL, false));
}

static void rename_topic(void)
{
    w.tags[1].mqtt_command_topic = "other";
    reload();
}

/* All remaining actions for the tag, with acknowledgements. */
static void finish_all(void)
{
    for (unsigned round = 0; round < 4; round++) {
        pass(SETTLE_MS);
        while (w.read_count > 0)
            answer(MODBUS_OK, 9);
        for (int number = 1; number <= w.last_number; number++)
            acknowledge(number);
    }
}

/* The value is published if the tag still has the same registers. */
static void test_reloads(void **state)
{
    static const struct {
        const char *name;
        void (*change)(void);
        const char *settling, *reading, *reading_again;
    } rows[] = {
        {"tag without a command", drop_tag, "at 8", "at 8", "at 8"},
        {"tag at another address", move_tag, "at 8", "at 8", "at 8"},
        {"tag of another width", widen_tag, "at 8", "at 8", "at 8"},
        {"device with another unit", move_device, "at 8", "at 8", "at 8"},
        {"device on another server", make_device_foreign, "at 8", "at 8", "at 8"},
        {"no device", remove_device, "at 8", "at 8", "at 8"},
        {"another topic", rename_topic, "read 10+2 other=9#1 at 8", "other=9#1 at 8",
         "other=9#1 read 10+2 other=9#2 at 8"},
        {"nothing that matters", reload, "read 10+2 w=9#1 at 8", "w=9#1 at 8",
         "w=9#1 read 10+2 w=9#2 at 8"},
    };
    close_writeback(state);
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *const expected[] = {[COMMAND_SETTLING] = rows[i].settling,
                                        [COMMAND_READING] = rows[i].reading,
                                        [COMMAND_READING_AGAIN] = rows[i].reading_again,
                                        [COMMAND_SENT] = "at 8"}; /* a sent command stays sent */
        for (int from = COMMAND_SETTLING; from <= COMMAND_SENT; from++) {
            open_writeback(state);
            w.tag_count = 2; /* "w" alone has a command */
            w.tags[0].direction = TO_MODBUS;
            w.tags[0].mqtt_command_topic = NULL;
            reload();
            bring_to((enum command_state)from);
            rows[i].change();
            for (unsigned repeat = 0; repeat < 3; repeat++)
                run();
            finish_all();
            if (strcmp(w.trace, expected[from]) != 0)
                fail_msg("%s, state %d: %s", rows[i].name, from, w.trace);
            check_row(w.writeback->inflight.entry_count == 0, rows[i].name);
            check_row(w.writeback->recovery.state == RECOVER_IDLE, rows[i].name);
            check_row(due_ms() == -1, rows[i].name);
            close_writeback(state);
        }
    }
    open_writeback(state);
}

/* A part written after the tag has moved belongs to its new registers. */
static void test_a_part_after_the_tag_has_moved(void **state)
{
    (void)state;
    for (int from = COMMAND_SETTLING; from <= COMMAND_READING; from++) {
        w.tags[1].point.address = 10;
        reload();
        bring_to((enum command_state)from);
        move_tag();
        write_one(8, 30, 1);
        run();
        if (from == COMMAND_READING)
            answer(MODBUS_OK, 7);
        expect("");
        pass(SETTLE_MS);
        answer(MODBUS_OK, 9);
        acknowledge(w.last_number);
        assert_string_equal(w.trace + strlen(w.trace) - 4, "at 9");
        assert_true(strncmp(w.trace, "read 30+2 w=9#", 14) == 0);
        w.trace[0] = '\0';
    }
}

/* The number of settling commands is limited by the reads; entries wait meanwhile. */
static void test_many_that_settle(void **state)
{
    (void)state;
    w.tag_count = 0;
    for (uint16_t i = 0; i < 200; i++) {
        add_tag("many", TYPE_UINT32, (uint16_t)(1000 + 2 * i), 0);
        write_one(1 + i, (uint16_t)(1000 + 2 * i), 1);
    }
    reload();
    for (unsigned i = 0; i < 3; i++)
        run();
    assert_true(count_in(COMMAND_SETTLING) <= INFLIGHT_UNSETTLED_MAX);
    assert_true(w.first_event < 200);
    for (unsigned i = 0; i < 3; i++) {
        pass(SETTLE_MS);
        while (w.read_count > 0) {
            answer(MODBUS_OK, 1);
            w.trace[0] = '\0';
        }
    }
    assert_int_equal(w.writeback->inflight.entry_count, 0);
    assert_int_equal(w.last_number, 200);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_value_written_in_parts),
        TEST(test_entries_behind_a_part_wait_for_it),
        TEST(test_qos_0),
        TEST(test_a_part_while_reading),
        TEST(test_a_whole_value_while_settling),
        TEST(test_a_whole_value_while_reading),
        TEST(test_a_part_behind_a_whole_value),
        TEST(test_a_server_that_cannot_be_reached),
        TEST(test_a_server_that_refuses_the_read),
        TEST(test_a_reader_with_too_much_to_do),
        TEST(test_no_memory_for_a_value_that_was_read),
        TEST(test_no_memory_for_a_whole_value_behind_a_part),
        TEST(test_reloads),
        TEST(test_a_part_after_the_tag_has_moved),
        TEST(test_many_that_settle),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
