/* Limits of writes to slow servers: which values count as unchanged, which wait, and until when. */
#include "check.h"

#include <stdlib.h>
#include <string.h>

#include "mqttd/targets/write_limits.h"

enum { SLOT = 7, UNIT = 3 };

struct limited_bed {
    struct write_limits limits;
    struct dirty_rows dirty;
};

static struct write_limit limit_of(uint32_t slot, double min_change, uint32_t min_interval_ms)
{
    return (struct write_limit){.tag = 100 + slot,
                                .settings = 5,
                                .slot = slot,
                                .unit = UNIT,
                                .min_change = min_change,
                                .min_interval_ms = min_interval_ms,
                                .point = {.type = TYPE_INT16, .bit = NO_BIT, .scale = 1}};
}

static void set_limits(struct limited_bed *bed, const struct write_limit *rows, size_t count,
                       uint64_t now_ms)
{
    struct write_limits newer = {0};
    for (size_t i = 0; i < count; i++)
        assert_true(ARRAY_PUSH(&newer, rows[i]));
    write_limits_replace(&bed->limits, &newer, &bed->dirty, now_ms);
    assert_null(newer.item);
}

static void finish(struct limited_bed *bed)
{
    write_limits_finish(&bed->limits);
    dirty_rows_finish(&bed->dirty);
}

static struct write_limit *made(struct limited_bed *bed, double min_change, uint32_t interval_ms)
{
    const struct write_limit rows[] = {limit_of(9, 0, 1), limit_of(SLOT, min_change, interval_ms),
                                       limit_of(2, 0, 1)};
    set_limits(bed, rows, 3, 0);
    struct write_limit *limit = write_limits_find(&bed->limits, SLOT);
    assert_non_null(limit);
    assert_null(write_limits_find(&bed->limits, 8));
    return limit;
}

static void send(struct write_limit *limit, uint64_t number, uint16_t word, uint64_t now_ms)
{
    write_limit_note_sent(limit, number, &word);
    assert_true(write_limit_note_accepted(limit, number, now_ms));
}

static bool is_unchanged(const struct write_limit *limit, uint16_t word)
{
    return write_limit_is_unchanged(limit, &word);
}

static void test_a_dead_band_is_measured_from_what_was_sent(void **state)
{
    struct limited_bed bed = {0};
    struct write_limit *limit = made(&bed, 5, 0);
    (void)state;
    assert_false(is_unchanged(limit, 20)); /* nothing is known */
    send(limit, 1, 20, 1000);
    assert_true(is_unchanged(limit, 16));
    assert_true(is_unchanged(limit, 24));
    assert_false(is_unchanged(limit, 15));
    assert_false(is_unchanged(limit, 25));
    send(limit, 2, 25, 1001);
    assert_false(is_unchanged(limit, 20));
    write_limit_forget(limit);
    assert_false(is_unchanged(limit, 25));
    finish(&bed);
}

static void test_without_a_band_all_is_written(void **state)
{
    struct limited_bed bed = {0};
    struct write_limit *limit = made(&bed, 0, 1000);
    (void)state;
    send(limit, 1, 20, 1000);
    assert_false(is_unchanged(limit, 20));
    finish(&bed);
}

static void test_an_interval(void **state)
{
    struct limited_bed bed = {0};
    struct write_limit *limit = made(&bed, 0, 1000);
    (void)state;
    limit->of_message = 1;
    assert_false(write_limits_hold(&bed.limits, limit, 1, 5000));
    send(limit, 1, 20, 5010);
    assert_false(write_limits_hold(&bed.limits, limit, 2, 5011)); /* not of a message */
    limit->of_message = 3;
    assert_true(write_limits_hold(&bed.limits, limit, 3, 5011));
    assert_true(write_limits_hold(&bed.limits, limit, 3, 6009));
    assert_int_equal(bed.limits.held, 1);
    assert_int_equal(bed.limits.due_ms, 6010);
    write_limits_release(&bed.limits, &bed.dirty, 6009);
    assert_int_equal(bed.dirty.queue.count, 0);
    write_limits_release(&bed.limits, &bed.dirty, 6010);
    assert_int_equal(bed.dirty.queue.count, 1);
    assert_int_equal(bed.dirty.queue.item[0], SLOT);
    assert_int_equal(bed.limits.held, 0);
    assert_false(limit->is_held);
    assert_true(limit->has_held);
    assert_false(write_limits_hold(&bed.limits, limit, 3, 6010));
    send(limit, 3, 21, 6020);
    assert_false(limit->has_held);
    finish(&bed);
}

/* A value that must not wait, such as one of on_stale, takes the row out of those that wait. */
static void test_a_value_at_once(void **state)
{
    struct limited_bed bed = {0};
    struct write_limit *limit = made(&bed, 0, 1000);
    (void)state;
    send(limit, 1, 20, 5000);
    limit->of_message = 2;
    assert_true(write_limits_hold(&bed.limits, limit, 2, 5001));
    assert_false(write_limits_hold(&bed.limits, limit, 3, 5002));
    assert_int_equal(bed.limits.held, 0);
    write_limits_release(&bed.limits, &bed.dirty, UINT64_MAX);
    assert_int_equal(bed.dirty.queue.count, 0);
    finish(&bed);
}

static void test_the_earliest_of_several(void **state)
{
    struct limited_bed bed = {0};
    const struct write_limit rows[] = {limit_of(1, 0, 500), limit_of(2, 0, 100),
                                       limit_of(3, 0, 300)};
    (void)state;
    set_limits(&bed, rows, 3, 0);
    for (uint32_t slot = 1; slot <= 3; slot++) {
        struct write_limit *limit = write_limits_find(&bed.limits, slot);
        send(limit, slot, 0, 1000);
        limit->of_message = 10;
        assert_true(write_limits_hold(&bed.limits, limit, 10, 1001));
    }
    assert_int_equal(bed.limits.due_ms, 1100);
    write_limits_release(&bed.limits, &bed.dirty, 1299);
    assert_int_equal(bed.dirty.queue.count, 1);
    assert_int_equal(bed.limits.due_ms, 1300);
    write_limits_release(&bed.limits, &bed.dirty, UINT64_MAX);
    assert_int_equal(bed.dirty.queue.count, 3);
    assert_int_equal(bed.limits.held, 0);
    finish(&bed);
}

/* After a loss the next value is written, and rows that wait are due; other units stay. */
static void test_a_lost_unit(void **state)
{
    struct limited_bed bed = {0};
    struct write_limit *limit = made(&bed, 5, 1000);
    uint8_t units[32] = {0};
    (void)state;
    send(limit, 1, 20, 5000);
    limit->of_message = 2;
    assert_true(write_limits_hold(&bed.limits, limit, 2, 5001));
    units[0] = 1 << 2;
    write_limits_forget_units(&bed.limits, units, 5002);
    assert_true(is_unchanged(limit, 20));
    units[0] = 1 << UNIT;
    write_limits_forget_units(&bed.limits, units, 5003);
    assert_false(is_unchanged(limit, 20));
    write_limits_release(&bed.limits, &bed.dirty, 5003);
    assert_int_equal(bed.dirty.queue.count, 1);
    assert_false(write_limits_hold(&bed.limits, limit, 2, 5003));
    finish(&bed);
}

/* Only an answer for the value that was sent last counts. */
static void test_another_answer(void **state)
{
    struct limited_bed bed = {0};
    struct write_limit *limit = made(&bed, 5, 1000);
    const uint16_t word = 20;
    (void)state;
    write_limit_note_sent(limit, 4, &word);
    assert_false(write_limit_note_accepted(limit, 3, 5000));
    assert_int_equal(limit->accepted_ms, 0);
    assert_true(write_limit_note_accepted(limit, 4, 5000));
    finish(&bed);
}

/* A row that waits still waits after a reload, or is written if its limits are gone or new. */
static void test_a_reload(void **state)
{
    struct limited_bed bed = {0};
    struct write_limit rows[4];
    (void)state;
    for (uint32_t i = 0; i < 4; i++)
        rows[i] = limit_of(i, 5, 1000);
    set_limits(&bed, rows, 4, 0);
    for (uint32_t slot = 0; slot < 4; slot++) {
        struct write_limit *limit = write_limits_find(&bed.limits, slot);
        send(limit, 1, 20, 5000);
        limit->of_message = 2;
        assert_true(write_limits_hold(&bed.limits, limit, 2, 5001));
    }
    rows[1].min_interval_ms = 1001;
    rows[2].tag = 1;                 /* another tag has the slot */
    set_limits(&bed, rows, 3, 5002); /* the last one has gone */
    assert_int_equal(bed.limits.held, 1);
    assert_int_equal(bed.limits.due_ms, 6000);
    assert_int_equal(bed.dirty.queue.count, 3);
    assert_true(is_unchanged(write_limits_find(&bed.limits, 0), 20));
    assert_false(is_unchanged(write_limits_find(&bed.limits, 1), 20));
    set_limits(&bed, NULL, 0, 5003);
    assert_int_equal(bed.limits.held, 0);
    assert_int_equal(bed.dirty.queue.count, 4);
    finish(&bed);
}

/* Many rows that begin and end to wait in any order: each is released when it is due, not before.
 */
static void test_many_that_wait(void **state)
{
    enum { ROWS = 200, STEPS = 20000 };
    struct limited_bed bed = {0};
    struct write_limit rows[ROWS];
    uint64_t due[ROWS] = {0}, now = 1000; /* 0: does not wait */
    unsigned random = 1;
    (void)state;
    for (uint32_t i = 0; i < ROWS; i++)
        rows[i] = limit_of(i, 0, 1 + i % 97);
    set_limits(&bed, rows, ROWS, now);
    for (size_t step = 0; step < STEPS; step++) {
        random = random * 1103515245 + 12345;
        uint32_t slot = (random >> 8) % ROWS;
        size_t held = 0;
        if (step % 1000 == 999)
            set_limits(&bed, rows, ROWS, now);
        struct write_limit *limit = write_limits_find(&bed.limits, slot);
        if (!limit->is_held)
            send(limit, 2 * step + 1, 0, now - (random >> 20) % 50);
        limit->of_message = 2 * step + 2;
        due[slot] = write_limits_hold(&bed.limits, limit, 2 * step + 2, now)
                        ? limit->accepted_ms + limit->min_interval_ms
                        : 0;
        now += step % 3 == 0;
        write_limits_release(&bed.limits, &bed.dirty, now);
        uint64_t first = UINT64_MAX;
        for (uint32_t i = 0; i < ROWS; i++) {
            if (due[i] > 0 && due[i] <= now)
                due[i] = 0;
            held += due[i] > 0;
            first = due[i] > 0 && due[i] < first ? due[i] : first;
            assert_int_equal(write_limits_find(&bed.limits, i)->is_held, due[i] > 0);
        }
        assert_int_equal(bed.limits.held, held);
        assert_true(held == 0 || bed.limits.due_ms == first);
        bed.dirty.queue.count = 0;
        if (bed.dirty.present.count > 0)
            memset(bed.dirty.present.item, 0, bed.dirty.present.count);
    }
    finish(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_dead_band_is_measured_from_what_was_sent),
        cmocka_unit_test(test_without_a_band_all_is_written),
        cmocka_unit_test(test_an_interval),
        cmocka_unit_test(test_a_value_at_once),
        cmocka_unit_test(test_the_earliest_of_several),
        cmocka_unit_test(test_many_that_wait),
        cmocka_unit_test(test_a_lost_unit),
        cmocka_unit_test(test_another_answer),
        cmocka_unit_test(test_a_reload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
