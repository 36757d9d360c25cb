/* Flights: the position moves on only behind entries that wait for nothing, in their order. */
#include "check.h"

#include "mqttd/writeback/inflight.h"

enum { JOURNAL = 77, OTHER_JOURNAL = 78 };

/* The position behind what has landed now; 0 when nothing has. */
static uint64_t landed(struct inflight *inflight)
{
    struct inflight_position position = {0};
    if (!inflight_pop_completed(inflight, &position))
        return 0;
    assert_int_equal(position.journal, JOURNAL);
    return position.position;
}

static void test_they_land_in_order(void **state)
{
    struct inflight inflight = {0};
    uint64_t number[3];
    (void)state;
    assert_int_equal(landed(&inflight), 0);
    for (uint64_t i = 0; i < 3; i++)
        number[i] = inflight_add_entry(&inflight, JOURNAL, 5 + i);
    assert_true(inflight_hold_entry(&inflight, number[0]));
    assert_true(inflight_hold_entry(&inflight, number[0]));
    assert_true(inflight_hold_entry(&inflight, number[2]));
    assert_int_equal(landed(&inflight), 0);
    inflight_release_entry(&inflight, number[0]);
    assert_int_equal(landed(&inflight), 0);
    inflight_release_entry(&inflight, number[0]);
    assert_int_equal(landed(&inflight), 7); /* 5 and 6 have landed */
    assert_int_equal(landed(&inflight), 0);
    inflight_release_entry(&inflight, number[2]);
    assert_int_equal(landed(&inflight), 8);
    assert_int_equal(inflight.count, 0);
}

/* What was not told by the journal, and what has landed already, is no inflight_entry. */
static void test_strangers(void **state)
{
    struct inflight inflight = {0};
    (void)state;
    assert_false(inflight_hold_entry(&inflight, 0));
    inflight_release_entry(&inflight, 0);
    uint64_t number = inflight_add_entry(&inflight, JOURNAL, 9);
    assert_false(inflight_hold_entry(&inflight, number - 1));
    assert_false(inflight_hold_entry(&inflight, number + 1));
    inflight_release_entry(&inflight, number); /* waits for nothing */
    assert_int_equal(landed(&inflight), 10);
    assert_false(inflight_hold_entry(&inflight, number));
}

static void test_the_ring_goes_round(void **state)
{
    struct inflight inflight = {0};
    uint64_t next = 1, done = 1;
    (void)state;
    for (int round = 0; round < 1000; round++) {
        while (inflight.count < INFLIGHT_MAX) {
            assert_int_equal(inflight_add_entry(&inflight, JOURNAL, next + 100), next);
            assert_true(inflight_hold_entry(&inflight, next++));
        }
        for (int i = 0; i < 100; i++)
            inflight_release_entry(&inflight, done++);
        assert_int_equal(landed(&inflight), done + 100);
        assert_int_equal(inflight.count, INFLIGHT_MAX - 100);
    }
}

/* A journal that takes the place of another begins at 1 again: its entries are not those of the old
 * one that have the same numbers. */
static void test_sequences_that_repeat(void **state)
{
    struct inflight inflight = {0};
    struct inflight_position position;
    (void)state;
    uint64_t old = inflight_add_entry(&inflight, OTHER_JOURNAL, 5);
    assert_true(inflight_hold_entry(&inflight, old));
    uint64_t first = inflight_add_entry(&inflight, JOURNAL, 1);
    uint64_t same = inflight_add_entry(&inflight, JOURNAL, 5);
    assert_true(inflight_hold_entry(&inflight, same));
    inflight_release_entry(&inflight, same);
    inflight_release_entry(&inflight, first);
    assert_false(inflight_pop_completed(&inflight, &position)); /* the old one is still under way */
    assert_true(inflight_hold_entry(&inflight, same));
    inflight_release_entry(&inflight, old);
    assert_true(inflight_pop_completed(&inflight, &position));
    assert_int_equal(position.journal, JOURNAL);
    assert_int_equal(position.position, 2);
    inflight_release_entry(&inflight, same);
    assert_true(inflight_pop_completed(&inflight, &position));
    assert_int_equal(position.position, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_land_in_order),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_the_ring_goes_round),
        cmocka_unit_test(test_sequences_that_repeat),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
