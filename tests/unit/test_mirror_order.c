/* Which setpoint is the newest, and the clock that says it. */
#include "check.h"

#include "mqttd/mirror/mirror_order.h"

enum { SECOND = 1000000 };

static const uint64_t WALL = UINT64_C(1700000000) * SECOND; /* at the steady time 100 s */

static struct mirror_clock clock_at_start(void)
{
    struct mirror_clock clock = {0};
    mirror_clock_set_wall(&clock, WALL, 100 * SECOND);
    return clock;
}

static void test_the_wall_clock(void **state)
{
    struct mirror_clock clock = clock_at_start();
    (void)state;
    assert_int_equal(mirror_clock_stamp_at(&clock, 100 * SECOND), WALL);
    assert_int_equal(mirror_clock_stamp_at(&clock, 99 * SECOND), WALL - SECOND);
    /* Set forward: followed. Set back: not followed. */
    mirror_clock_set_wall(&clock, WALL + 61 * SECOND, 101 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&clock, 101 * SECOND), WALL + 61 * SECOND);
    mirror_clock_set_wall(&clock, WALL + 2 * SECOND, 102 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&clock, 102 * SECOND), WALL + 62 * SECOND);
    /* Set back by as much as stamps may be ahead: not followed; by more: it was wrong. */
    mirror_clock_set_wall(&clock, WALL + 62 * SECOND - MIRROR_AHEAD_US, 102 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&clock, 102 * SECOND), WALL + 62 * SECOND);
    struct mirror_clock wrong = clock;
    mirror_clock_set_wall(&wrong, WALL + 62 * SECOND - MIRROR_AHEAD_US - 1, 102 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&wrong, 102 * SECOND),
                     WALL + 62 * SECOND - MIRROR_AHEAD_US - 1);
    mirror_clock_set_wall(&clock, WALL - 2 * MIRROR_AHEAD_US, 103 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&clock, 103 * SECOND), WALL - 2 * MIRROR_AHEAD_US);
}

static void test_stamps_of_others(void **state)
{
    struct mirror_clock clock = clock_at_start();
    (void)state;
    /* One in the past teaches nothing, one that is ahead moves the clock, for earlier times, too.
     */
    assert_true(mirror_clock_see_stamp(&clock, WALL - 5 * SECOND, 100 * SECOND));
    assert_int_equal(mirror_clock_stamp_at(&clock, 100 * SECOND), WALL);
    assert_true(mirror_clock_see_stamp(&clock, WALL + 10 * SECOND, 100 * SECOND));
    assert_int_equal(mirror_clock_stamp_at(&clock, 100 * SECOND), WALL + 10 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&clock, 95 * SECOND), WALL + 5 * SECOND);
    mirror_clock_set_wall(&clock, WALL + SECOND, 101 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&clock, 101 * SECOND), WALL + 11 * SECOND);
    /* One that is days ahead is refused. */
    assert_false(
        mirror_clock_see_stamp(&clock, WALL + 12 * SECOND + MIRROR_AHEAD_US, 101 * SECOND));
    assert_false(
        mirror_clock_see_stamp(&clock, WALL + 11 * SECOND + MIRROR_AHEAD_US + 1, 101 * SECOND));
    assert_int_equal(mirror_clock_stamp_at(&clock, 101 * SECOND), WALL + 11 * SECOND);
    struct mirror_clock other = clock;
    assert_true(mirror_clock_see_stamp(&other, WALL + 11 * SECOND + MIRROR_AHEAD_US, 101 * SECOND));
    assert_int_equal(mirror_clock_stamp_at(&other, 101 * SECOND),
                     WALL + 11 * SECOND + MIRROR_AHEAD_US);
    assert_false(mirror_clock_see_stamp(&clock, MIRROR_STAMP_LIMIT, 101 * SECOND));
    assert_false(mirror_clock_see_stamp(&clock, UINT64_MAX, 101 * SECOND));
    assert_int_equal(mirror_clock_stamp_at(&clock, 101 * SECOND), WALL + 11 * SECOND);
}

static void test_limits(void **state)
{
    struct mirror_clock clock = {0};
    (void)state;
    assert_int_equal(mirror_clock_stamp_at(&clock, 0), 1);
    assert_int_equal(mirror_clock_stamp_at(&clock, UINT64_MAX), MIRROR_STAMP_LIMIT - 1);
    assert_int_equal(mirror_clock_stamp_at(&clock, 1), 1);
    assert_int_equal(mirror_clock_stamp_at(&clock, 2), 2);
    assert_int_equal(mirror_clock_stamp_at(&clock, MIRROR_STAMP_LIMIT - 2), MIRROR_STAMP_LIMIT - 2);
    clock.offset_us = 1;
    assert_int_equal(mirror_clock_stamp_at(&clock, 0), 1);
    assert_int_equal(mirror_clock_stamp_at(&clock, MIRROR_STAMP_LIMIT - 3), MIRROR_STAMP_LIMIT - 2);
    assert_int_equal(mirror_clock_stamp_at(&clock, MIRROR_STAMP_LIMIT - 2), MIRROR_STAMP_LIMIT - 1);
    assert_int_equal(mirror_clock_stamp_at(&clock, MIRROR_STAMP_LIMIT - 1), MIRROR_STAMP_LIMIT - 1);
    clock.offset_us = UINT64_MAX; /* a damaged file */
    assert_int_equal(mirror_clock_stamp_at(&clock, 7), MIRROR_STAMP_LIMIT - 1);
    mirror_clock_set_wall(&clock, WALL, 100 * SECOND);
    assert_int_equal(mirror_clock_stamp_at(&clock, 100 * SECOND), WALL);
    mirror_clock_set_wall(&clock, 5, 100 * SECOND); /* a wall clock of 1970 */
    assert_int_equal(mirror_clock_stamp_at(&clock, 100 * SECOND), 100 * SECOND);
}

static void test_marks(void **state)
{
    static const struct {
        const char *name;
        struct mirror_mark mark, than;
        bool is_newer;
    } rows[] = {
        {"a later stamp", {2, "a"}, {1, "b"}, true},
        {"an earlier one", {1, "b"}, {2, "a"}, false},
        {"the greater id", {2, "b"}, {2, "a"}, true},
        {"the lower id", {2, "a"}, {2, "b"}, false},
        {"the same", {2, "a"}, {2, "a"}, false},
        {"after none", {1, "a"}, {0, NULL}, true},
        {"none", {0, NULL}, {1, "a"}, false},
        {"none after none", {0, NULL}, {0, NULL}, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(mirror_mark_is_newer(&rows[i].mark, &rows[i].than) == rows[i].is_newer,
                  rows[i].name);
}

static void test_writes(void **state)
{
    static const struct {
        const char *name;
        uint64_t latest;
        struct mirror_mark known;
        bool is_own_process;
        enum mirror_verdict verdict;
    } rows[] = {
        {"the first", 5, {0, NULL}, false, MIRROR_WRITE_IS_NEWEST},
        {"after another's", 5, {4, "z"}, false, MIRROR_WRITE_IS_NEWEST},
        {"before another's", 5, {6, "a"}, false, MIRROR_WRITE_IS_SUPERSEDED},
        {"with another's, lower id", 5, {5, "z"}, false, MIRROR_WRITE_IS_SUPERSEDED},
        {"with another's, greater id", 5, {5, "a"}, false, MIRROR_WRITE_IS_NEWEST},
        {"after an own one", 5, {4, "m"}, true, MIRROR_WRITE_IS_NEWEST},
        {"the same millisecond as own ones", 5, {7, "m"}, true, MIRROR_WRITE_IS_NEWEST},
        {"read again after a restart", 5, {7, "m"}, false, MIRROR_WRITE_IS_REPEATED},
        {"the last one before a restart", 5, {5, "m"}, false, MIRROR_WRITE_IS_NEWEST},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct mirror_mark latest = {rows[i].latest, "m"};
        check_row(mirror_order_judge(&latest, &rows[i].known, rows[i].is_own_process) ==
                      rows[i].verdict,
                  rows[i].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_wall_clock), cmocka_unit_test(test_stamps_of_others),
        cmocka_unit_test(test_limits),         cmocka_unit_test(test_marks),
        cmocka_unit_test(test_writes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
