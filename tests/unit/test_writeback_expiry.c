/* Setpoints that expire: what renews them, the command, restarts, lost entries, the other gateway.
 */
#include "writeback_fixture.h"

#include "common/base/clock.h"

enum { EXPIRES_MS = 5000 };

/* As the loop of mqttd does, with and without a broker. */
static void turn(uint64_t ms, bool is_connected)
{
    w.now_ms += ms;
    writeback_check_expiry(w.writeback, w.now_ms);
    if (is_connected)
        run();
}

static void forget_events(void)
{
    w.first_event = w.first_watched = w.event_count = 0;
}

/* Lets the tags "v", "w" and "z" expire. */
static void expire_all(const char *value)
{
    for (uint32_t i = 0; i < 3; i++) {
        w.tags[i].mqtt_expires_s = EXPIRES_MS / 1000;
        w.tags[i].mqtt_expire_value = value;
    }
    reload();
    turn(0, true);
    expect("");
}

static struct live_table_expiry expiry_of(size_t tag)
{
    return row_of_tag(w.f, &w.tags[tag]).expiry;
}

static uint64_t raw_of(size_t tag)
{
    return row_of_tag(w.f, &w.tags[tag]).value.raw;
}

static void expect_expired(size_t tag, bool is_expired, bool is_owed)
{
    assert_int_equal(expiry_of(tag).is_expired, is_expired);
    assert_int_equal(expiry_of(tag).is_owed, is_owed);
}

static void test_expires_once(void **state)
{
    (void)state;
    w.tags[0].mqtt_expires_s = EXPIRES_MS / 1000;
    w.tags[0].mqtt_expire_value = "9";
    reload();
    turn(0, true);
    write_one(7, 0, 5);
    turn(10, true);
    expect("v=5#1");
    acknowledge(1);
    expect("at 8");
    assert_int_equal(writeback_expiry_due_ms(w.writeback, w.now_ms), EXPIRES_MS - 10);
    turn(EXPIRES_MS - 11, true);
    expect_expired(0, false, false);
    turn(1, true);
    expect("v=9#2");
    expect_expired(0, true, true);
    assert_int_equal(raw_of(0), 9);
    assert_true(row_of_tag(w.f, &w.tags[0]).changed != row_of_tag(w.f, &w.tags[0]).written);
    assert_int_equal(counters_get(&w.f->counters, MQTTD_SETPOINTS_EXPIRED), 1);
    acknowledge(2);
    expect_expired(0, true, false);
    assert_int_equal(writeback_expiry_due_ms(w.writeback, w.now_ms), -1);
    assert_int_equal(due_ms(), -1);
    turn(EXPIRES_MS * 10, true);
    expect("");

    /* The next write ends it, also one of the value that it fell back to. */
    write_one(8, 0, 9);
    turn(0, true);
    expect("v=9#3");
    expect_expired(0, false, false);
    acknowledge(3);
    expect("at 9");
    turn(EXPIRES_MS, true);
    expect("v=9#4");
}

static void test_renewals(void **state)
{
    (void)state;
    w.tags[0].point.bit = 3;
    w.tags[0].point.type = TYPE_BOOL;
    expire_all("1");
    for (uint64_t i = 0; i < 5; i++) {
        const uint16_t other_bit = 0x10;
        feed(JOURNAL_TAIL_ENTRY, JOURNAL, 7 + i, 0, 1, &other_bit);
        w.events[w.event_count - 1].entry.masks[0] = 0x10; /* not the tag's */
        write_one(20 + i, 11, 0);                          /* one of two registers */
        write_two(40 + i, 20, 4);                          /* always the same */
        turn(EXPIRES_MS - 1, true);
        for (size_t tag = 0; tag < 3; tag++)
            expect_expired(tag, false, false);
    }
    w.trace[0] = '\0';
    turn(1, true);
    for (size_t tag = 0; tag < 3; tag++)
        expect_expired(tag, true, tag < 2); /* "z" has QoS 0 */
    expect("v=true#6 w=1#7 z=1#0");
}

/* Without a value only the state changes; a value that the type cannot have counts as none. */
static void test_without_a_value(void **state)
{
    (void)state;
    expire_all(NULL);
    w.tags[1].mqtt_expire_value = "\"text\"";
    w.tags[2].mqtt_expire_value = "[1]";
    reload();
    turn(EXPIRES_MS, true);
    for (size_t tag = 0; tag < 3; tag++)
        expect_expired(tag, true, false);
    expect("");
    assert_int_equal(row_of_tag(w.f, &w.tags[0]).changed, 0);
}

static void test_the_broker_is_away(void **state)
{
    (void)state;
    expire_all("9");
    write_one(7, 0, 5);
    write_two(8, 10, 6);
    turn(0, false);
    turn(EXPIRES_MS, false);
    expect("");
    assert_int_equal(raw_of(0), 9);
    assert_int_equal(raw_of(1) >> 16, 9);
    /* "w" is written again, in part, and before the command could be published. */
    write_one(9, 10, 0);
    turn(1000, false);
    expect_expired(1, false, false);
    /* Older writes of what has expired are not published. */
    turn(0, true);
    expect("at 8 w=6#1 v=9#2 z=9#0");
    turn(SETTLE_MS, true);
    expect("read 10+2");
}

/* Another process goes on with what is in the rows. */
static void test_restarts(void **state)
{
    (void)state;
    expire_all("9");
    write_one(7, 0, 5);
    turn(1, true);
    expect("v=5#1");
    uint64_t began_ms = expiry_of(0).steady_ms;
    for (int process = 0; process < 3; process++) {
        struct writeback_spec spec = w.writeback->spec;
        writeback_destroy(w.writeback);
        forget_events();
        w.writeback = writeback_create(&spec);
        reload();
        turn(100, true);
        assert_int_equal(expiry_of(0).steady_ms, began_ms);
    }
    turn(EXPIRES_MS - 301, true);
    expect("v=9#2 w=9#3 z=9#0");

    /* Owed commands are published again, others are not. */
    acknowledge(3);
    struct writeback_spec spec = w.writeback->spec;
    writeback_destroy(w.writeback);
    forget_events();
    for (uint32_t i = 0; i < 3; i++) {
        struct device *device = device_table_find(&w.f->device_table, 1);
        device->tags[i].command->expire_number = 0;
    }
    w.writeback = writeback_create(&spec);
    reload();
    turn(1000, true);
    expect("v=9#5");
}

/* The clock of the rows is of another boot: the wall clock counts. */
static void test_another_boot(void **state)
{
    (void)state;
    expire_all("9");
    struct live_table_expiry expiry = {.steady_ms = w.now_ms + 9999999,
                                       .wall_ms = clock_wall_ms() - 2000};
    live_table_set_expiry(w.f->live, w.tags[0].slot, &expiry);
    expiry.wall_ms = clock_wall_ms() - w.now_ms - EXPIRES_MS; /* before this boot */
    live_table_set_expiry(w.f->live, w.tags[1].slot, &expiry);
    expiry.wall_ms = clock_wall_ms() + 1000000; /* the clock was set back */
    live_table_set_expiry(w.f->live, w.tags[2].slot, &expiry);
    reload();
    turn(0, true);
    expect("w=9#1");
    turn(EXPIRES_MS - 2000, true);
    expect("v=9#2");
    turn(2000, true);
    expect("z=9#0");
}

static void test_lost_entries(void **state)
{
    (void)state;
    expire_all("9");
    turn(EXPIRES_MS - 1000, true);
    w.tags[0].mqtt_expires_s = 1;
    reload();
    turn(0, true);
    expect("v=9#1"); /* a shorter time counts from the same moment */
    lose();
    write_one(7, 500, 1);
    turn(999, true);
    turn(EXPIRES_MS - 1000, true);
    expect_expired(0, true, true);
    expect_expired(1, false, false);
    turn(1000, true);
    expect_expired(1, true, true);
    lose();
    turn(0, false);
    expect_expired(1, true, true);
}

static void test_acknowledgements(void **state)
{
    (void)state;
    expire_all("9");
    turn(EXPIRES_MS, true);
    expect("v=9#1 w=9#2 z=9#0");
    write_one(7, 0, 5);
    turn(0, true);
    expect("v=5#4");
    turn(EXPIRES_MS, true);
    expect("v=9#5");
    acknowledge(1); /* of the first time */
    expect_expired(0, true, true);
    writeback_note_published(w.writeback, 5, "refused", w.now_ms);
    expect_expired(0, true, false);
    w.tag_count = 0; /* the tags are gone */
    reload();
    acknowledge(2);
    expect("");
}

static void test_a_lack_of_memory(void **state)
{
    (void)state;
    expire_all("9");
    w.publish_result = PUBLISH_NO_MEMORY;
    turn(EXPIRES_MS, true);
    expect("");
    assert_int_equal(due_ms(), WRITEBACK_RETRY_MS);
    w.publish_result = PUBLISH_SENT;
    turn(WRITEBACK_RETRY_MS, true);
    expect("v=9#1 w=9#2 z=9#0");
}

/* More than the broker may be sent at once. */
static void test_many_at_once(void **state)
{
    (void)state;
    static char names[TAGS_MAX][8];
    for (uint32_t i = 3; i < TAGS_MAX; i++) {
        snprintf(names[i], sizeof names[i], "%u", i);
        add_tag(names[i], TYPE_UINT16, (uint16_t)(100 + i), 1);
    }
    for (uint32_t i = 0; i < TAGS_MAX; i++) {
        w.tags[i].mqtt_expires_s = 1;
        w.tags[i].mqtt_expire_value = "0";
    }
    reload();
    turn(0, true);
    for (uint64_t times = 1; times <= 3; times++) {
        turn(1000, true);
        for (int done = 0; done < w.last_number; done++) {
            acknowledge(done + 1);
            turn(0, true);
        }
        for (uint32_t i = 0; i < TAGS_MAX; i++)
            expect_expired(i, true, false);
        assert_int_equal(counters_get(&w.f->counters, MQTTD_PUBLISHED), TAGS_MAX * times);

        /* They are written again while the broker is away. */
        const uint16_t values[JOURNAL_VALUES_MAX] = {0};
        forget_events();
        for (uint16_t at = 0; at < 500; at += JOURNAL_VALUES_MAX)
            feed(JOURNAL_TAIL_ENTRY, JOURNAL, 7, at, JOURNAL_VALUES_MAX, values);
        turn(0, false);
        for (uint32_t i = 0; i < TAGS_MAX; i++)
            expect_expired(i, false, false);
        forget_events(); /* what is published of these is another matter */
        w.trace[0] = '\0';
    }
}

static void test_the_other_gateway(void **state)
{
    (void)state;
    expire_all("9");
    const struct device *device = device_table_find(&w.f->device_table, 1);
    turn(1000, true);
    writeback_take_mirrored(w.writeback, device, &device->tags[0], false, 0, w.now_ms);
    writeback_take_mirrored(w.writeback, device, &device->tags[1], false, 0, w.now_ms);
    turn(EXPIRES_MS, true);
    expect("z=9#0");
    writeback_take_mirrored(w.writeback, device, &device->tags[1], true, 0, w.now_ms);
    expect_expired(1, true, false);
    turn(2000, true);
    expect("v=9#2");
    expect_expired(1, true, false);
    /* A retained message of then does not end it; SCADA at either gateway does. */
    writeback_take_mirrored(w.writeback, device, &device->tags[1], false, EXPIRES_MS + 2000,
                            w.now_ms);
    expect_expired(1, true, false);
    writeback_take_mirrored(w.writeback, device, &device->tags[1], false, 0, w.now_ms);
    expect_expired(1, false, false);
    turn(EXPIRES_MS + 2000, true);
    expect("w=9#3");
}

/* expires_s is taken away and comes back. */
static void test_switched_off(void **state)
{
    (void)state;
    expire_all("9");
    turn(EXPIRES_MS, false);
    expect_expired(0, true, true);
    w.tags[0].mqtt_expires_s = 0;
    w.tags[1].mqtt_expires_s = 0;
    w.tags[2].mqtt_expires_s = 0;
    reload();
    turn(0, true);
    expect_expired(0, false, false);
    assert_int_equal(expiry_of(0).wall_ms, 0);
    assert_int_equal(writeback_expiry_due_ms(w.writeback, w.now_ms), -1);
    expect("");
    w.tags[0].mqtt_expires_s = EXPIRES_MS / 1000;
    reload();
    turn(1, true);
    turn(EXPIRES_MS - 1, true);
    expect("");
    turn(1, true);
    expect("v=9#1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_expires_once),       TEST(test_renewals),          TEST(test_without_a_value),
        TEST(test_the_broker_is_away), TEST(test_restarts),          TEST(test_another_boot),
        TEST(test_lost_entries),       TEST(test_acknowledgements),  TEST(test_a_lack_of_memory),
        TEST(test_many_at_once),       TEST(test_the_other_gateway), TEST(test_switched_off),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
