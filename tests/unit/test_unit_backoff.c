/* Turns of units: a silent unit costs the others one time-out per round, and keeps its turn. */
#include "check.h"

#include "mqttd/targets/unit_backoff.h"

enum { NOW_MS = 100000 };

static void fail_at(struct channels *channels, uint8_t channel, uint64_t now_ms)
{
    unit_backoff_note_silence(channels, channel, 0, now_ms * 1000);
}

static void test_one_time_out_a_round(void **state)
{
    struct channels channels = {0};
    (void)state;
    unit_backoff_begin_round(&channels);
    assert_true(unit_backoff_may_send(&channels, 1, NOW_MS));
    assert_false(unit_backoff_note_answer(&channels, 1));
    assert_true(unit_backoff_may_send(&channels, 2, NOW_MS));
    assert_true(unit_backoff_note_silence(&channels, 2, 0, NOW_MS * 1000));
    assert_false(unit_backoff_may_send(&channels, 2, NOW_MS));
    assert_false(
        unit_backoff_may_send(&channels, 3, NOW_MS)); /* it is unknown whether it will answer */
    assert_true(unit_backoff_may_send(&channels, 1, NOW_MS));
    unit_backoff_begin_round(&channels);
    assert_true(unit_backoff_may_send(&channels, 3, NOW_MS));
    assert_false(unit_backoff_may_send(&channels, 2, NOW_MS));
    unsigned left = unit_backoff_left_ms(&channels, 2, NOW_MS);
    assert_in_range(left, 1, BACKOFF_FIRST_MS);
    assert_true(unit_backoff_may_send(&channels, 2, NOW_MS + left));
}

/* Its loss and its return are reported once. */
static void test_loss_and_return(void **state)
{
    struct channels channels = {0};
    (void)state;
    unit_backoff_begin_round(&channels);
    assert_true(unit_backoff_note_silence(&channels, 5, 0, NOW_MS * 1000));
    assert_false(unit_backoff_note_silence(&channels, 5, 11, NOW_MS * 1000));
    assert_int_equal(channels.item[5].exception, 11);
    assert_true(unit_backoff_note_answer(&channels, 5));
    assert_false(unit_backoff_note_answer(&channels, 5));
    assert_int_equal(unit_backoff_left_ms(&channels, 5, NOW_MS), 0);
}

/* A request that a unit may not support says nothing about the unit. */
static void test_doubt(void **state)
{
    struct channels channels = {0};
    (void)state;
    unit_backoff_begin_round(&channels);
    unit_backoff_note_answer(&channels, 5);
    unit_backoff_note_doubt(&channels, 5);
    assert_false(unit_backoff_may_send(&channels, 5, NOW_MS));
    assert_false(unit_backoff_may_send(&channels, 6, NOW_MS));
    assert_int_equal(unit_backoff_left_ms(&channels, 5, NOW_MS), 0);
    unit_backoff_begin_round(&channels);
    assert_true(unit_backoff_may_send(&channels, 5, NOW_MS));
    assert_true(unit_backoff_note_silence(&channels, 5, 0, NOW_MS * 1000));
}

static void test_closing(void **state)
{
    struct channels channels = {0};
    (void)state;
    unit_backoff_begin_round(&channels);
    unit_backoff_note_answer(&channels, 1);
    unit_backoff_note_answer(&channels, 2);
    unit_backoff_close(&channels, 1);
    assert_false(unit_backoff_may_send(&channels, 1, NOW_MS));
    assert_true(unit_backoff_may_send(&channels, 2, NOW_MS));
    unit_backoff_close_all(&channels);
    assert_false(unit_backoff_may_send(&channels, 2, NOW_MS));
    unit_backoff_begin_round(&channels);
    assert_true(unit_backoff_may_send(&channels, 1, NOW_MS));
    assert_true(unit_backoff_may_send(&channels, 2, NOW_MS));
}

static void test_turns(void **state)
{
    static const uint8_t wanted[] = {7, 4, 9, 2, 1, 3};
    struct channels channels = {0};
    uint8_t order[] = {1, 2, 3, 4, 7, 9};
    (void)state;
    unit_backoff_begin_round(&channels);
    unit_backoff_note_answer(&channels, 7);
    unit_backoff_note_answer(&channels, 4);
    fail_at(&channels, 3, NOW_MS + 9000);
    fail_at(&channels, 1, NOW_MS + 5000);
    fail_at(&channels, 2, NOW_MS + 2000);
    order[0] = 7;
    order[4] = 1;
    unit_backoff_sort(&channels, order, COUNT(order));
    assert_memory_equal(order, wanted, sizeof wanted);
}

/* Each silent unit gets a turn, however many there are: one that returns is found. */
static void test_many_silent_ones(void **state)
{
    enum { UNITS = 40, ROUNDS = 400, TIMEOUT_MS = 1000 };
    struct channels channels = {0};
    unsigned tries[UNITS] = {0};
    uint64_t now = NOW_MS;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t order[UNITS];
        unsigned silences = 0;
        unit_backoff_begin_round(&channels);
        for (uint8_t i = 0; i < UNITS; i++)
            order[i] = i;
        unit_backoff_sort(&channels, order, UNITS);
        for (size_t i = 0; i < UNITS; i++) {
            if (!unit_backoff_may_send(&channels, order[i], now))
                continue;
            now += TIMEOUT_MS;
            silences++;
            tries[order[i]]++;
            fail_at(&channels, order[i], now);
        }
        assert_int_equal(silences, 1);
    }
    for (size_t i = 0; i < UNITS; i++)
        assert_in_range(tries[i], ROUNDS / UNITS - 1, ROUNDS / UNITS + 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_one_time_out_a_round),
        cmocka_unit_test(test_loss_and_return),
        cmocka_unit_test(test_doubt),
        cmocka_unit_test(test_closing),
        cmocka_unit_test(test_turns),
        cmocka_unit_test(test_many_silent_ones),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
