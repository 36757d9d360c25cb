/* Flights: the position moves on only behind entries that wait for nothing, in their order. */
#include "check.h"

#include "mqttd/writeback/inflight.h"

enum { JOURNAL = 77, OTHER_JOURNAL = 78 };

/* The position behind what has landed now; 0 when nothing has. */
static uint64_t landed(struct flights *flights)
{
    struct flight_position position = {0};
    if (!flights_land(flights, &position))
        return 0;
    assert_int_equal(position.journal, JOURNAL);
    return position.position;
}

static void test_they_land_in_order(void **state)
{
    struct flights flights = {0};
    uint64_t number[3];
    (void)state;
    assert_int_equal(landed(&flights), 0);
    for (uint64_t i = 0; i < 3; i++)
        number[i] = flights_take_off(&flights, JOURNAL, 5 + i);
    assert_true(flights_hold(&flights, number[0]));
    assert_true(flights_hold(&flights, number[0]));
    assert_true(flights_hold(&flights, number[2]));
    assert_int_equal(landed(&flights), 0);
    flights_release(&flights, number[0]);
    assert_int_equal(landed(&flights), 0);
    flights_release(&flights, number[0]);
    assert_int_equal(landed(&flights), 7); /* 5 and 6 have landed */
    assert_int_equal(landed(&flights), 0);
    flights_release(&flights, number[2]);
    assert_int_equal(landed(&flights), 8);
    assert_int_equal(flights.count, 0);
}

/* What was not told by the journal, and what has landed already, is no flight. */
static void test_strangers(void **state)
{
    struct flights flights = {0};
    (void)state;
    assert_false(flights_hold(&flights, 0));
    flights_release(&flights, 0);
    uint64_t number = flights_take_off(&flights, JOURNAL, 9);
    assert_false(flights_hold(&flights, number - 1));
    assert_false(flights_hold(&flights, number + 1));
    flights_release(&flights, number); /* waits for nothing */
    assert_int_equal(landed(&flights), 10);
    assert_false(flights_hold(&flights, number));
}

static void test_the_ring_goes_round(void **state)
{
    struct flights flights = {0};
    uint64_t next = 1, done = 1;
    (void)state;
    for (int round = 0; round < 1000; round++) {
        while (flights.count < FLIGHTS_MAX) {
            assert_int_equal(flights_take_off(&flights, JOURNAL, next + 100), next);
            assert_true(flights_hold(&flights, next++));
        }
        for (int i = 0; i < 100; i++)
            flights_release(&flights, done++);
        assert_int_equal(landed(&flights), done + 100);
        assert_int_equal(flights.count, FLIGHTS_MAX - 100);
    }
}

/* A journal that takes the place of another begins at 1 again: its entries are not those of the old
 * one that have the same numbers. */
static void test_sequences_that_repeat(void **state)
{
    struct flights flights = {0};
    struct flight_position position;
    (void)state;
    uint64_t old = flights_take_off(&flights, OTHER_JOURNAL, 5);
    assert_true(flights_hold(&flights, old));
    uint64_t first = flights_take_off(&flights, JOURNAL, 1);
    uint64_t same = flights_take_off(&flights, JOURNAL, 5);
    assert_true(flights_hold(&flights, same));
    flights_release(&flights, same);
    flights_release(&flights, first);
    assert_false(flights_land(&flights, &position)); /* the old one is still under way */
    assert_true(flights_hold(&flights, same));
    flights_release(&flights, old);
    assert_true(flights_land(&flights, &position));
    assert_int_equal(position.journal, JOURNAL);
    assert_int_equal(position.position, 2);
    flights_release(&flights, same);
    assert_true(flights_land(&flights, &position));
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
