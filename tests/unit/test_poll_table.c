/* Polls: a difference from the previous reading is a change, unless mqttd wrote it. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "mqttd/targets/poll_table.h"

static struct polls make(const uint16_t *addresses, size_t count, uint16_t width)
{
    struct polls polls = {.item = calloc(count, sizeof *polls.item), .count = count};
    for (size_t i = 0; i < count; i++)
        polls.item[i] = (struct poll){.tag = addresses[i],
                                      .unit = 1,
                                      .table = TABLE_HOLDING_REGISTER,
                                      .address = addresses[i],
                                      .count = width,
                                      .mask = 0xffff};
    return polls;
}

/* Like the target: checks for a change, and records it. */
static bool take(struct poll *poll, const uint16_t *words)
{
    bool news = poll_has_changed(poll, words);
    poll_store_words(poll, words);
    return news;
}

static void test_readings(void **state)
{
    static const struct {
        uint16_t words[2];
        bool news;
    } rows[] = {
        {{1, 2}, false}, /* the first reading only records the state */
        {{1, 2}, false}, {{1, 3}, true}, {{1, 3}, false}, {{0, 3}, true}, {{1, 2}, true},
    };
    struct poll poll = {.count = 2, .mask = 0xffff};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_int_equal(take(&poll, rows[i].words), rows[i].news);
}

/* Other bits of the register belong to other tags. */
static void test_a_bit(void **state)
{
    static const uint16_t off = 0x10, other = 0x30, on = 0x34;
    struct poll poll = {.count = 1, .mask = 0x04};
    (void)state;
    assert_false(take(&poll, &off));
    assert_false(take(&poll, &other));
    assert_true(take(&poll, &on));
}

/* A write covers a poll only if all its registers lie within the write. */
static void test_own_writes(void **state)
{
    static const struct {
        const char *name;
        uint8_t unit, table;
        uint16_t address, count;
        bool covers;
    } rows[] = {
        {"the same", 1, TABLE_HOLDING_REGISTER, 10, 2, true},
        {"more", 1, TABLE_HOLDING_REGISTER, 8, 6, true},
        {"its end", 1, TABLE_HOLDING_REGISTER, 11, 2, false},
        {"its beginning", 1, TABLE_HOLDING_REGISTER, 9, 2, false},
        {"before it", 1, TABLE_HOLDING_REGISTER, 8, 2, false},
        {"another unit", 2, TABLE_HOLDING_REGISTER, 10, 2, false},
        {"another table", 1, TABLE_COIL, 10, 2, false},
    };
    static const uint16_t address = 10, known[] = {1, 1}, written[] = {7, 7, 7, 7, 7, 7};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct polls polls = make(&address, 1, 2);
        take(&polls.item[0], known);
        poll_table_note_written(&polls, rows[i].unit, rows[i].table, rows[i].address, rows[i].count,
                                0, written);
        if (take(&polls.item[0], written) == rows[i].covers)
            fail_msg("%s", rows[i].name);
        poll_table_finish(&polls);
    }
}

static void test_a_write_before_the_first_reading(void **state)
{
    static const uint16_t address = 10, written = 7, read = 8;
    struct polls polls = make(&address, 1, 1);
    (void)state;
    poll_table_note_written(&polls, 1, TABLE_HOLDING_REGISTER, 10, 1, 0, &written);
    assert_true(take(&polls.item[0], &read));
    poll_table_finish(&polls);
}

/* A mask write changes only the bits of its mask; before the first reading, the other bits are
 * unknown. */
static void test_a_masked_write(void **state)
{
    static const uint16_t address = 10, known = 0x00f0, bits = 0x0005;
    static const uint16_t after = 0x00f1, other = 0x01f1;
    struct polls polls = make(&address, 1, 1);
    (void)state;
    poll_table_note_written(&polls, 1, TABLE_HOLDING_REGISTER, 10, 1, 0x0003, &bits);
    assert_false(polls.item[0].known);
    take(&polls.item[0], &known);
    poll_table_note_written(&polls, 1, TABLE_HOLDING_REGISTER, 10, 1, 0x0003, &bits);
    poll_table_note_written(&polls, 1, TABLE_HOLDING_REGISTER, 11, 1, 0x0f00, &bits);
    assert_false(take(&polls.item[0], &after));
    assert_true(take(&polls.item[0], &other));
    poll_table_finish(&polls);
}

/* The reading after a possible loss of registers counts as the first. */
static void test_forgetting(void **state)
{
    static const uint16_t addresses[] = {1, 2, 3}, word = 5, other = 6;
    struct polls polls = make(addresses, COUNT(addresses), 1);
    uint8_t units[32] = {[0] = 1 << 2};
    (void)state;
    polls.item[2].unit = 2;
    for (size_t i = 0; i < COUNT(addresses); i++)
        take(&polls.item[i], &word);
    poll_table_forget_units(&polls, units);
    poll_table_forget(&polls, 1, TABLE_HOLDING_REGISTER, 0, 2);
    assert_false(take(&polls.item[0], &other));
    assert_true(take(&polls.item[1], &other));
    assert_false(take(&polls.item[2], &other));
    poll_table_finish(&polls);
}

static void test_units(void **state)
{
    static const uint16_t addresses[] = {3, 1, 2, 4};
    static const uint8_t units[] = {7, 2, 7, 2};
    struct polls polls = {0}, newer = make(addresses, COUNT(addresses), 1);
    (void)state;
    for (size_t i = 0; i < COUNT(units); i++)
        newer.item[i].unit = units[i];
    poll_table_replace(&polls, &newer);
    assert_int_equal(poll_table_end_of_unit(&polls, 0), 2);
    assert_int_equal(poll_table_end_of_unit(&polls, 2), 4);
    assert_int_equal(polls.item[0].unit, 2);
    assert_int_equal(polls.item[2].address, 2);
    poll_table_finish(&polls);
}

/* A change of the configuration keeps the known values of the same registers. */
static void test_replacing(void **state)
{
    static const uint16_t before[] = {1, 2, 3}, after[] = {3, 1, 9}, word = 5, other = 6;
    struct polls polls = make(before, COUNT(before), 1), newer = make(after, COUNT(after), 1);
    (void)state;
    for (size_t i = 0; i < COUNT(before); i++)
        take(&polls.item[i], &word);
    newer.interval_ms = 250;
    newer.item[1].unit = 2;
    poll_table_replace(&polls, &newer);
    assert_null(newer.item);
    assert_int_equal(polls.count, COUNT(after));
    assert_int_equal(polls.interval_ms, 250);
    assert_true(take(&polls.item[0], &other));  /* 3 */
    assert_false(take(&polls.item[1], &other)); /* 9 was not polled before */
    assert_false(take(&polls.item[2], &other)); /* 1 is on another unit by now */
    poll_table_finish(&polls);
    assert_int_equal(polls.count, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_readings),   cmocka_unit_test(test_a_bit),
        cmocka_unit_test(test_own_writes), cmocka_unit_test(test_a_write_before_the_first_reading),
        cmocka_unit_test(test_replacing),  cmocka_unit_test(test_a_masked_write),
        cmocka_unit_test(test_forgetting), cmocka_unit_test(test_units),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
