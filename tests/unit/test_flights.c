/* Flights: the position moves on only behind entries that wait for nothing, in their order. */
#include "check.h"

#include "mqttd/flights.h"

static void test_they_land_in_order(void **state)
{
    struct flights flights = {0};
    (void)state;
    assert_int_equal(flights_land(&flights), 0);
    for (uint64_t sequence = 5; sequence < 8; sequence++)
        flights_take_off(&flights, sequence);
    assert_true(flights_hold(&flights, 5));
    assert_true(flights_hold(&flights, 5));
    assert_true(flights_hold(&flights, 7));
    assert_int_equal(flights_land(&flights), 0);
    flights_release(&flights, 5);
    assert_int_equal(flights_land(&flights), 0);
    flights_release(&flights, 5);
    assert_int_equal(flights_land(&flights), 7); /* 5 and 6 have landed */
    assert_int_equal(flights_land(&flights), 0);
    flights_release(&flights, 7);
    assert_int_equal(flights_land(&flights), 8);
    assert_int_equal(flights.count, 0);
}

/* What was not told by the journal, and what has landed already, is no flight. */
static void test_strangers(void **state)
{
    struct flights flights = {0};
    (void)state;
    assert_false(flights_hold(&flights, 0));
    flights_release(&flights, 0);
    flights_take_off(&flights, 9);
    assert_false(flights_hold(&flights, 8));
    flights_release(&flights, 9); /* waits for nothing */
    assert_int_equal(flights_land(&flights), 10);
    assert_false(flights_hold(&flights, 9));
}

static void test_the_ring_goes_round(void **state)
{
    struct flights flights = {0};
    uint64_t next = 1, landed = 1;
    (void)state;
    for (int round = 0; round < 1000; round++) {
        while (flights.count < FLIGHTS_MAX) {
            flights_take_off(&flights, next);
            assert_true(flights_hold(&flights, next++));
        }
        for (int i = 0; i < 100; i++)
            flights_release(&flights, landed++);
        assert_int_equal(flights_land(&flights), landed);
        assert_int_equal(flights.count, FLIGHTS_MAX - 100);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_they_land_in_order),
        cmocka_unit_test(test_strangers),
        cmocka_unit_test(test_the_ring_goes_round),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
