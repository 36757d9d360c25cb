/* Lost entries of the journal, without a broker: an overrun in each state of a command, a repeated
 * overrun, and reloads. The position stays before the loss until all registers are published. */
#include "writeback_fixture.h"

/* The recovery's states that follow a loss. */
static enum recover_state recovery_state(void)
{
    return w.writeback->recovery.state;
}

static void answer_all(uint16_t value)
{
    while (w.read_count > 0)
        answer(MODBUS_OK, value);
}

static void test_a_loss(void **state)
{
    (void)state;
    write_one(7, 5, 1);
    lose();
    write_one(20, 5, 1);
    run();
    expect("at 8"); /* before the loss */
    assert_int_equal(recovery_state(), RECOVER_FINISHING);
    assert_int_equal(count_in(COMMAND_SETTLING), 3);
    pass(SETTLE_MS);
    expect("read 0+1 read 10+2 read 20+2");
    answer_all(4);
    expect("v=4#1 w=4#2 z=4#0");
    acknowledge(2);
    assert_int_equal(recovery_state(), RECOVER_FINISHING);
    expect("");
    acknowledge(1);
    expect("at 21");
    assert_int_equal(recovery_state(), RECOVER_IDLE);
    assert_int_equal(w.writeback->inflight.recovering, 0);
    for (unsigned i = 0; i < 3; i++)
        pass(SETTLE_MS);
    expect("");
}

/* An entry read before the loss is older than the content of the registers. */
static void test_an_entry_in_front_of_a_loss(void **state)
{
    (void)state;
    write_one(7, 0, 5);
    lose();
    run();
    expect("v=5#1");
    pass(SETTLE_MS);
    expect("read 0+1 read 10+2 read 20+2");
    answer(MODBUS_OK, 7);
    expect("v=7#2");
    acknowledge(1);
    acknowledge(2);
    expect(""); /* not before the recovery is over */
    answer_all(0);
    acknowledge(3);
    expect("w=0#3 z=0#0 at 8");
    assert_int_equal(recovery_state(), RECOVER_IDLE);
}

static void test_a_whole_value_behind_a_loss(void **state)
{
    (void)state;
    lose();
    write_one(20, 0, 5);
    run();
    expect("v=5#1");
    acknowledge(1);
    expect(""); /* the others are not recovered yet */
    pass(SETTLE_MS);
    expect("read 10+2 read 20+2");
    answer_all(1);
    acknowledge(2);
    expect("w=1#2 z=1#0 at 21");
}

/* The registers are read behind the entries that were in the journal at the loss: otherwise the
 * newest value would be published before older ones. */
static void test_reads_wait_for_older_entries(void **state)
{
    (void)state;
    feed(JOURNAL_TAIL_LOSS, JOURNAL, 23, 0, 0, NULL);
    write_one(20, 90, 1);
    write_one(21, 0, 5);
    run();
    pass(SETTLE_MS);
    expect("v=5#1");
    reload(); /* it does not end the wait */
    pass(SETTLE_MS);
    expect("");
    write_one(22, 0, 6); /* the last one */
    run();
    expect("v=6#2");
    pass(SETTLE_MS);
    expect("read 0+1 read 10+2 read 20+2");
    answer_all(6);
    acknowledge(1);
    acknowledge(2);
    acknowledge(3);
    expect("v=6#3 w=6#4 z=6#0");
    acknowledge(4);
    expect("at 23");
}

/* A further loss and another journal end the wait. */
static void test_what_ends_the_wait_for_older_entries(void **state)
{
    (void)state;
    feed(JOURNAL_TAIL_LOSS, JOURNAL, 23, 0, 0, NULL);
    feed(JOURNAL_TAIL_LOSS, JOURNAL, 9000, 0, 0, NULL);
    write_one(40, 90, 1);
    run();
    pass(SETTLE_MS);
    expect("read 0+1 read 10+2 read 20+2");
    close_writeback(state);
    open_writeback(state);
    feed(JOURNAL_TAIL_LOSS, JOURNAL, 23, 0, 0, NULL);
    lose();
    run();
    pass(SETTLE_MS);
    expect("read 0+1 read 10+2 read 20+2");
    close_writeback(state);
    open_writeback(state);
    feed(JOURNAL_TAIL_LOSS, JOURNAL, 23, 0, 0, NULL);
    feed(JOURNAL_TAIL_ENTRY, JOURNAL + 1, 1, 90, 1, (const uint16_t[]){1});
    run();
    pass(SETTLE_MS);
    expect("read 0+1 read 10+2 read 20+2");
}

static void test_a_part_behind_a_loss(void **state)
{
    (void)state;
    w.tag_count = 2;
    w.tags[0].direction = TO_MODBUS;
    w.tags[0].mqtt_command_topic = NULL;
    reload();
    lose();
    run();
    pass(SETTLE_MS - 1);
    write_one(20, 10, 1);
    run();
    pass(1);
    expect(""); /* it settles longer */
    pass(SETTLE_MS);
    expect("read 10+2");
    write_one(21, 11, 1);
    run();
    answer(MODBUS_OK, 8);
    expect("");
    pass(SETTLE_MS);
    answer(MODBUS_OK, 9);
    acknowledge(1);
    expect("read 10+2 w=9#1 at 22");
}

/* Repeated losses: each tag is published nevertheless. */
static void test_losses_in_a_row(void **state)
{
    (void)state;
    for (unsigned i = 0; i < 4; i++) {
        lose();
        pass(SETTLE_MS / 2);
    }
    expect("read 0+1 read 10+2 read 20+2");
    assert_int_equal(count_in(COMMAND_READING_AGAIN), 3);
    lose();
    run();
    assert_int_equal(count_in(COMMAND_READING_AGAIN), 3);
    answer_all(1);
    expect("v=1#1 w=1#2 z=1#0");
    assert_int_equal(count_in(COMMAND_SETTLING), 3);
    assert_int_equal(count_in(COMMAND_SENT), 2);
    acknowledge(1);
    acknowledge(2);
    assert_int_equal(recovery_state(), RECOVER_FINISHING);
    pass(SETTLE_MS);
    answer_all(2);
    expect("read 0+1 read 10+2 read 20+2 v=2#4 w=2#5 z=2#0");
    acknowledge(4);
    acknowledge(5);
    assert_int_equal(recovery_state(), RECOVER_IDLE);
}

/* Entries are lost while the tag "w" is in a state by entry 7: checks how often it is published,
 * and that the position waits. */
static void test_a_loss_in_each_state(void **state)
{
    static const struct {
        enum command_state from, to;
        const char *then;
    } rows[] = {
        {COMMAND_FREE, COMMAND_SETTLING, "read 10+2 w=9#1"},
        {COMMAND_SETTLING, COMMAND_SETTLING, "read 10+2 w=9#1"},
        {COMMAND_READING, COMMAND_READING_AGAIN, "w=9#1 read 10+2 w=9#2"},
        {COMMAND_SENT, COMMAND_SETTLING, "read 10+2 w=9#2"},
    };
    close_writeback(state);
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_writeback(state);
        w.tag_count = 2;
        w.tags[0].direction = TO_MODBUS;
        w.tags[0].mqtt_command_topic = NULL;
        reload();
        if (rows[i].from == COMMAND_FREE)
            write_one(7, 90, 1);
        else
            write_one(7, 10, 1);
        run();
        if (rows[i].from >= COMMAND_READING)
            pass(SETTLE_MS);
        if (rows[i].from == COMMAND_SENT)
            answer(MODBUS_OK, 9);
        w.trace[0] = '\0';
        for (unsigned repeat = 0; repeat < 3; repeat++) {
            lose();
            run();
            assert_int_equal(count_in(rows[i].to), 1);
        }
        write_one(30, 90, 1);
        for (unsigned round = 0; round < 3; round++) {
            pass(SETTLE_MS);
            answer_all(9);
        }
        expect(rows[i].then);
        for (int number = 1; number < w.last_number; number++)
            acknowledge(number);
        assert_null(strstr(w.trace, "at 31"));
        acknowledge(w.last_number);
        assert_string_equal(w.trace + strlen(w.trace) - 5, "at 31");
        close_writeback(state);
    }
    open_writeback(state);
}

static void test_reads_that_fail(void **state)
{
    (void)state;
    lose();
    write_one(20, 90, 1);
    run();
    pass(SETTLE_MS);
    expect("read 0+1 read 10+2 read 20+2");
    answer(MODBUS_EXCEPTION, 0);
    answer(MODBUS_UNREACHABLE, 0);
    w.publish_result = PUBLISH_NO_MEMORY;
    answer(MODBUS_OK, 1);
    expect("");
    assert_int_equal(w.writeback->inflight.recovering, 2);
    pass(WRITEBACK_RETRY_MS);
    w.publish_result = PUBLISH_REFUSED;
    answer_all(2);
    expect("read 10+2 read 20+2 at 21"); /* the library publishes neither of the two */
}

static void test_without_command_tags(void **state)
{
    (void)state;
    apply_update(w.f, make_update(1, NULL, false));
    lose();
    write_one(20, 0, 1);
    run();
    expect("at 21");
    lose();
    lose();
    run();
    assert_int_equal(recovery_state(), RECOVER_IDLE);
}

enum { MANY = 300 };

static void add_many(void)
{
    w.tag_count = 0;
    for (uint16_t i = 0; i < MANY; i++)
        add_tag("many", TYPE_UINT16, (uint16_t)(1000 + i), 0);
    reload();
}

/* Answers reads until none is left, and counts the commands. */
static int finish_reads(void)
{
    int before = w.last_number;
    for (unsigned round = 0; round < 40; round++) {
        pass(SETTLE_MS);
        while (w.read_count > 0) {
            answer(MODBUS_OK, 1);
            w.trace[0] = '\0';
        }
    }
    return w.last_number - before;
}

static void test_more_tags_than_can_settle(void **state)
{
    (void)state;
    add_many();
    lose();
    run();
    assert_int_equal(recovery_state(), RECOVER_VISITING_TAGS);
    assert_true(count_in(COMMAND_SETTLING) <= INFLIGHT_UNSETTLED_MAX);
    assert_int_equal(finish_reads(), MANY);
    assert_int_equal(recovery_state(), RECOVER_IDLE);
}

/* Another round for each, after the current one. */
static void test_a_loss_while_tags_are_visited(void **state)
{
    (void)state;
    add_many();
    for (unsigned i = 0; i < 3; i++) {
        lose();
        run();
        assert_int_equal(recovery_state(), RECOVER_VISITING_TAGS);
        assert_true(count_in(COMMAND_SETTLING) <= INFLIGHT_UNSETTLED_MAX);
    }
    assert_int_equal(finish_reads(), 3 * MANY);
    assert_int_equal(recovery_state(), RECOVER_IDLE);
}

static void test_reloads_while_tags_are_visited(void **state)
{
    (void)state;
    add_many();
    lose();
    run();
    for (unsigned i = 0; i < 3; i++) {
        w.tags[i].point.address += 1000;
        reload();
        run();
        assert_int_equal(recovery_state(), RECOVER_VISITING_TAGS);
    }
    int published = finish_reads(); /* the visits start again: some */
    assert_true(published >= MANY && published < 2 * MANY);
    assert_int_equal(recovery_state(), RECOVER_IDLE);
    lose();
    run();
    w.tag_count = 1;
    reload();
    run(); /* the others are removed; those that settle */
    assert_int_equal(finish_reads(), 1);
    assert_int_equal(recovery_state(), RECOVER_IDLE);
}

/* Its tags are removed before the first run that has space for it. */
static void test_no_command_tag_is_left(void **state)
{
    (void)state;
    add_many();
    lose();
    run();
    apply_update(w.f, make_update(1, NULL, false));
    run();
    assert_int_equal(finish_reads(), 0);
    assert_int_equal(recovery_state(), RECOVER_IDLE);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_a_loss),
        TEST(test_an_entry_in_front_of_a_loss),
        TEST(test_a_whole_value_behind_a_loss),
        TEST(test_reads_wait_for_older_entries),
        TEST(test_what_ends_the_wait_for_older_entries),
        TEST(test_a_part_behind_a_loss),
        TEST(test_losses_in_a_row),
        TEST(test_a_loss_in_each_state),
        TEST(test_reads_that_fail),
        TEST(test_without_command_tags),
        TEST(test_more_tags_than_can_settle),
        TEST(test_a_loss_while_tags_are_visited),
        TEST(test_reloads_while_tags_are_visited),
        TEST(test_no_command_tag_is_left),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
