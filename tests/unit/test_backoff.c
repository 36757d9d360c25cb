/* Waits grow up to their limit, restart after a success, and differ between clients. */
#include "check.h"

#include "common/base/backoff.h"

static void test_waits_grow(void **state)
{
    static const unsigned lengths[] = {100, 200, 400, 800, 1600, 3200, 5000, 5000, 5000};
    struct backoff backoff = {0};
    uint64_t now_us = 1000000000;
    (void)state;
    for (size_t i = 0; i < COUNT(lengths); i++) {
        backoff_add_failure(&backoff, now_us);
        unsigned left = backoff_remaining_ms(&backoff, now_us / 1000);
        assert_in_range(left, lengths[i] - lengths[i] / 4, lengths[i]);
        assert_int_equal(backoff_remaining_ms(&backoff, backoff.until_ms), 0);
        assert_int_equal(backoff_remaining_ms(&backoff, backoff.until_ms - 1), 1);
        now_us = backoff.until_ms * 1000 + 77;
    }
    backoff = (struct backoff){0};
    assert_int_equal(backoff_remaining_ms(&backoff, now_us / 1000), 0);
    backoff_add_failure(&backoff, now_us);
    assert_in_range(backoff_remaining_ms(&backoff, now_us / 1000), 75, 100);
}

/* Clients that lost a server within the same millisecond reconnect spread over a quarter of the
 * wait. */
static void test_clients_spread(void **state)
{
    unsigned least = UINT32_MAX, most = 0;
    (void)state;
    for (uint64_t us = 0; us < 1000; us++) {
        struct backoff backoff = {.length_ms = 2500};
        backoff_add_failure(&backoff, 5000000000 + us);
        unsigned left = backoff_remaining_ms(&backoff, 5000000);
        least = left < least ? left : least;
        most = left > most ? left : most;
    }
    assert_in_range(least, 3750, 4100);
    assert_in_range(most, 4900, 5000);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_waits_grow),
        cmocka_unit_test(test_clients_spread),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
