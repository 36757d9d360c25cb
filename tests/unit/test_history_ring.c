/* The ring of the history: entries come back after a restart, the oldest go first, torn and foreign
 * entries are left out, queries are thinned to points. */
#include "check.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/history/history_ring.h"

enum { ENTRIES = 64, SIZE = HISTORY_HEAD_SIZE + ENTRIES * HISTORY_ENTRY_SIZE, POINTS = 10 };

static const uint64_t began = 1000000;

struct fixture {
    uint64_t memory[SIZE / sizeof(uint64_t)];
    struct history_ring ring;
    struct history_point points[POINTS];
    struct history_entry events[ENTRIES];
    struct history_query query;
};

static int set_up(void **state)
{
    struct fixture *f = calloc(1, sizeof *f);
    *state = f;
    return f && history_ring_init(&f->ring, f->memory, SIZE, began) == HISTORY_EMPTY ? 0 : -1;
}

static int tear_down(void **state)
{
    struct fixture *f = *state;
    history_ring_finish(&f->ring);
    free(f);
    return 0;
}

static enum history_state restart(struct fixture *f)
{
    history_ring_finish(&f->ring);
    return history_ring_init(&f->ring, f->memory, SIZE, began + 999);
}

static void put(struct fixture *f, uint64_t id, uint64_t wall_ms, double value)
{
    struct history_entry entry = {.wall_ms = wall_ms, .value = value, .has_value = true};
    history_ring_append(&f->ring, history_ring_add_tag(&f->ring, id), &entry);
}

static void put_entry(struct fixture *f, uint64_t id, const struct history_entry *entry)
{
    history_ring_append(&f->ring, history_ring_add_tag(&f->ring, id), entry);
}

static const struct history_query *ask(struct fixture *f, uint64_t id, uint64_t from_ms,
                                       uint64_t to_ms)
{
    const struct history_tag *tag = history_ring_find_tag(&f->ring, id);
    f->query = (struct history_query){.from_ms = from_ms,
                                      .to_ms = to_ms,
                                      .points = f->points,
                                      .points_max = POINTS,
                                      .events = f->events,
                                      .events_max = 4};
    assert_non_null(tag);
    history_ring_query(&f->ring, tag, &f->query);
    return &f->query;
}

static void check_point(const struct history_point *point, uint64_t wall_ms, double min, double max,
                        double last)
{
    assert_int_equal(point->wall_ms, wall_ms);
    assert_true(point->min == min && point->max == max && point->last == last);
}

static void test_a_new_ring_is_empty(void **state)
{
    struct fixture *f = *state;
    assert_int_equal(history_ring_kept_from(&f->ring), began);
    assert_int_equal(history_ring_newest_ms(&f->ring), 0);
    assert_null(history_ring_find_tag(&f->ring, 1));
    assert_int_equal(restart(f), HISTORY_EMPTY);
    assert_int_equal(history_ring_kept_from(&f->ring), began);
    assert_null(history_ring_add_tag(&f->ring, HISTORY_ID_MAX + 1));
    assert_null(history_ring_add_tag(&f->ring, 0));
}

/* Files of earlier versions must stay readable: these are the words of two entries. */
static void test_the_format_stays(void **state)
{
    struct fixture *f = *state;
    const struct history_entry entry = {.wall_ms = 1700000000123,
                                        .value = -2.5,
                                        .has_value = true,
                                        .has_quality = true,
                                        .writer = WRITER_API,
                                        .verdict = {QUALITY_BAD, REASON_REFUSED},
                                        .fault = FAULT_OUT_OF_RANGE};
    put_entry(f, HISTORY_ID_MAX, &entry);
    put(f, 1, 12, 1);
    const uint64_t *cell = f->memory + (HISTORY_HEAD_SIZE + HISTORY_ENTRY_SIZE) / sizeof *cell;
    static const uint64_t expected[] = {0x222d18bcfe5687b, 0xc004000000000000, 0x1a9c7cffffffffff,
                                        0x10000000000c,    0x3ff0000000000000, 0x1f15e30000000001};
    for (size_t i = 0; i < COUNT(expected); i++) {
        if (cell[i] != expected[i])
            fail_msg("word %zu is 0x%llx", i, (unsigned long long)cell[i]);
    }
}

static void test_values_of_a_tag_are_its_own(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 5; i++) {
        put(f, 1, 100 + i, i);
        put(f, 2, 100 + i, 10 * i);
    }
    for (int round = 0; round < 2; round++) {
        const struct history_query *query = ask(f, 2, 0, 104);
        assert_int_equal(query->point_count, 1);
        check_point(&f->points[0], 104, 0, 40, 40);
        ask(f, 1, 102, 104);
        check_point(&f->points[0], 102, 1, 1, 1); /* the value before begins the line */
        check_point(&f->points[1], 102, 2, 2, 2);
        check_point(&f->points[2], 103, 3, 3, 3);
        check_point(&f->points[3], 104, 4, 4, 4);
        assert_int_equal(query->event_count, 0);
        assert_int_equal(restart(f), HISTORY_KEPT);
        assert_int_equal(f->ring.lost, 0);
        assert_int_equal(history_ring_newest_ms(&f->ring), 104);
    }
}

static void test_entries_come_back_as_written(void **state)
{
    struct fixture *f = *state;
    struct history_entry entry, all = {.wall_ms = (UINT64_C(1) << 44) - 1,
                                       .value = -0.1,
                                       .has_value = true,
                                       .has_quality = true,
                                       .writer = WRITER_API,
                                       .verdict = {QUALITY_NEVER, REASON_COUNT - 1},
                                       .fault = FAULT_COUNT - 1};
    uint64_t id;
    put_entry(f, HISTORY_ID_MAX, &all);
    all.wall_ms++; /* beyond what fits */
    put_entry(f, 5, &all);
    assert_int_equal(restart(f), HISTORY_KEPT);
    for (uint64_t at = 1; at <= 2; at++) {
        assert_true(history_ring_read_entry(&f->ring, at, &entry, &id));
        assert_int_equal(id, at == 1 ? HISTORY_ID_MAX : 5);
        assert_int_equal(entry.wall_ms, (UINT64_C(1) << 44) - 1);
        assert_true(entry.value == -0.1 && entry.has_value && entry.has_quality);
        assert_int_equal(entry.writer, WRITER_API);
        assert_int_equal(entry.verdict.quality, QUALITY_NEVER);
        assert_int_equal(entry.verdict.reason, REASON_COUNT - 1);
        assert_int_equal(entry.fault, FAULT_COUNT - 1);
    }
    assert_false(history_ring_read_entry(&f->ring, 3, &entry, &id));
    assert_false(history_ring_read_entry(&f->ring, 0, &entry, &id));
}

static void test_the_oldest_go_first(void **state)
{
    struct fixture *f = *state;
    put(f, 7, 50, 77);
    for (unsigned i = 0; i < 3 * ENTRIES + 5; i++)
        put(f, 1 + i % 2, 100 + i, i);
    for (int round = 0; round < 2; round++) {
        assert_int_equal(history_ring_kept_from(&f->ring), 100 + 2 * ENTRIES + 5);
        const struct history_query *query = ask(f, 1, 0, 1000);
        double total = 0;
        for (size_t i = 0; i < query->point_count; i++)
            total += f->points[i].last;
        assert_true(f->points[0].min == 2 * ENTRIES + 6 && total > 0);
        if (round == 0) {
            /* The newest value is known although its entry is gone. */
            query = ask(f, 7, 1000, 2000);
            assert_int_equal(query->point_count, 1);
            check_point(&f->points[0], 1000, 77, 77, 77);
            query = ask(f, 7, 0, 99);
            assert_int_equal(query->point_count, 1);
            check_point(&f->points[0], 50, 77, 77, 77);
            history_ring_begin_tags(&f->ring);
            assert_non_null(history_ring_add_tag(&f->ring, 7));
            history_ring_end_tags(&f->ring);
            assert_non_null(history_ring_find_tag(&f->ring, 7));
            assert_non_null(history_ring_find_tag(&f->ring, 1)); /* it has entries */
            history_ring_begin_tags(&f->ring);
            history_ring_end_tags(&f->ring);
        }
        assert_null(history_ring_find_tag(&f->ring, 7));
        assert_int_equal(restart(f), HISTORY_KEPT);
    }
}

static void test_points_are_thinned(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 60; i++)
        put(f, 1, 1000 + i, i % 2 ? i : -(double)i);
    const struct history_query *query = ask(f, 1, 1000, 1059);
    assert_int_equal(query->point_count, POINTS - 1); /* no value before */
    double min = 0, max = 0;
    for (size_t i = 0; i < query->point_count; i++) {
        min = fmin(min, f->points[i].min);
        max = fmax(max, f->points[i].max);
        assert_true(i == 0 || f->points[i].wall_ms > f->points[i - 1].wall_ms);
    }
    assert_true(min == -58 && max == 59);
    assert_true(f->points[query->point_count - 1].last == 59);
    query = ask(f, 1, 1010, 1059);
    assert_int_equal(query->point_count, POINTS);
    check_point(&f->points[0], 1010, 9, 9, 9);
    query = ask(f, 1, 5000, 6000);
    assert_int_equal(query->point_count, 1);
    check_point(&f->points[0], 5000, 59, 59, 59);
    assert_int_equal(ask(f, 1, 0, 999)->point_count, 0);
    query = ask(f, 1, 1003, 1003); /* one millisecond */
    assert_int_equal(query->point_count, 2);
    check_point(&f->points[1], 1003, 3, 3, 3);
    assert_int_equal(ask(f, 1, 0, (UINT64_C(1) << 44) - 1)->point_count, 1);
}

static void test_nan_is_a_gap(void **state)
{
    struct fixture *f = *state;
    put(f, 1, 100, 5);
    put(f, 1, 101, (double)NAN);
    put(f, 1, 500, -(double)NAN);
    const struct history_query *query = ask(f, 1, 100, 900);
    assert_int_equal(query->point_count, 2);
    assert_true(f->points[0].min == 5 && f->points[0].max == 5 && isnan(f->points[0].last));
    assert_true(isnan(f->points[1].min) && isnan(f->points[1].max) && isnan(f->points[1].last));
}

static void test_events_are_bounded(void **state)
{
    struct fixture *f = *state;
    for (unsigned i = 0; i < 6; i++)
        put_entry(f, 1,
                  &(struct history_entry){.wall_ms = 100 + i,
                                          .writer = i == 5 ? WRITER_SCADA : WRITER_NONE,
                                          .has_quality = i % 2 == 0,
                                          .verdict = {QUALITY_STALE, REASON_SILENT},
                                          .fault = i % 2 ? FAULT_TOO_LONG : FAULT_NONE});
    const struct history_query *query = ask(f, 1, 100, 105);
    assert_int_equal(query->event_count, 4);
    assert_int_equal(query->events_left_out, 2);
    assert_int_equal(query->point_count, 0);
    for (unsigned i = 0; i < 4; i++)
        assert_int_equal(f->events[i].wall_ms, 102 + i);
    assert_int_equal(f->events[3].writer, WRITER_SCADA);
    assert_int_equal(ask(f, 1, 101, 102)->event_count, 2);
    const struct history_tag *tag = history_ring_find_tag(&f->ring, 1);
    assert_true(tag->has_verdict && !tag->value.has_value);
    assert_int_equal(tag->newest_verdict.reason, REASON_SILENT);
}

/* The clock is set back, and forward again. */
static void test_the_clock_hides_nothing(void **state)
{
    struct fixture *f = *state;
    put(f, 1, 5000, 1);
    put(f, 1, 9000, 2);
    put(f, 1, 100, 3);
    put(f, 1, 101, 4);
    put(f, 1, 9500, 5);
    put(f, 1, 50, 6);
    const struct history_query *query = ask(f, 1, 8000, 10000);
    assert_int_equal(query->point_count, 3);
    check_point(&f->points[0], 8000, 1, 1, 1);
    assert_true(f->points[1].last == 2 && f->points[2].last == 5);
    query = ask(f, 1, 0, 200);
    assert_int_equal(query->point_count, 2);
    check_point(&f->points[0], 50, 6, 6, 6);
    check_point(&f->points[1], 101, 3, 4, 4);
    query = ask(f, 1, 75, 85);
    check_point(&f->points[0], 75, 6, 6, 6);
    assert_int_equal(restart(f), HISTORY_KEPT);
    assert_int_equal(ask(f, 1, 8000, 10000)->point_count, 3);
}

static void test_torn_entries_are_left_out(void **state)
{
    struct fixture *f = *state;
    for (unsigned word = 0; word < 3; word++) {
        for (unsigned i = 0; i < 20; i++)
            put(f, 1, 100 + i, i);
        uint64_t *cell = f->memory + HISTORY_HEAD_SIZE / 8 + (f->ring.next - 10) % ENTRIES * 3;
        cell[word] ^= UINT64_C(1) << 20;
        const struct history_query *query = ask(f, 1, 0, 1000);
        assert_int_equal(query->point_count, 2);
        assert_int_equal(restart(f), HISTORY_KEPT);
        assert_int_equal(f->ring.lost, word + 1);
        query = ask(f, 1, 0, 1000);
        assert_true(f->points[query->point_count - 1].last == 19);
        assert_true(f->points[0].min == 0);
    }
}

/* The page with the head is older than the entries, or newer. */
static void test_the_head_is_not_trusted(void **state)
{
    struct fixture *f = *state;
    uint64_t *next = f->memory + 4;
    for (unsigned i = 0; i < 2 * ENTRIES; i++)
        put(f, 1, 100 + i, i);
    assert_int_equal(*next, 2 * ENTRIES + 1);
    *next -= 30;
    assert_int_equal(restart(f), HISTORY_KEPT);
    assert_int_equal(f->ring.next, 2 * ENTRIES + 1);
    assert_int_equal(f->ring.lost, 0);
    *next += 30;
    assert_int_equal(restart(f), HISTORY_KEPT);
    assert_int_equal(f->ring.next, 2 * ENTRIES + 31);
    assert_int_equal(f->ring.lost, 30);
    put(f, 1, 1000, 7);
    assert_true(ask(f, 1, 0, 1000)->point_count > 1);
    *next = UINT64_MAX;
    assert_int_equal(restart(f), HISTORY_DAMAGED);
    *next = 123456789;
    assert_int_equal(history_ring_init(&f->ring, f->memory, SIZE, 1), HISTORY_DAMAGED);
    memset(f->memory, 0xff, sizeof f->memory);
    assert_int_equal(history_ring_init(&f->ring, f->memory, SIZE, 1), HISTORY_DAMAGED);
    memset(f->memory, 0, sizeof f->memory);
    assert_int_equal(history_ring_init(&f->ring, f->memory, SIZE, 1), HISTORY_EMPTY);
}

/* What was written before a process was killed between the entry and the head. */
static void test_an_uncounted_entry_counts(void **state)
{
    struct fixture *f = *state;
    put(f, 1, 100, 1);
    put(f, 1, 101, 2);
    f->memory[4] = 0; /* the head was never written */
    f->memory[5] = 0;
    assert_int_equal(restart(f), HISTORY_KEPT);
    assert_int_equal(f->ring.next, 3);
    memset(f->memory + 4, 0xee, 8);
    history_ring_restore_head(&f->ring);
    assert_int_equal(f->memory[4], 3);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_a_new_ring_is_empty, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_format_stays, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_values_of_a_tag_are_its_own, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_entries_come_back_as_written, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_oldest_go_first, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_points_are_thinned, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_nan_is_a_gap, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_events_are_bounded, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_clock_hides_nothing, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_torn_entries_are_left_out, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_the_head_is_not_trusted, set_up, tear_down),
        cmocka_unit_test_setup_teardown(test_an_uncounted_entry_counts, set_up, tear_down),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
