/* Whose turn it is: a silent unit costs the others one time-out in a round, and is not forgotten.
 */
#include "check.h"

#include "mqttd/targets/unit_backoff.h"

enum { NOW_MS = 100000 };

static void fail_at(struct lanes *lanes, uint8_t lane, uint64_t now_ms)
{
    lanes_note_silence(lanes, lane, 0, now_ms * 1000);
}

static void test_one_time_out_a_round(void **state)
{
    struct lanes lanes = {0};
    (void)state;
    lanes_begin_round(&lanes);
    assert_true(lanes_may_go(&lanes, 1, NOW_MS));
    assert_false(lanes_note_answer(&lanes, 1));
    assert_true(lanes_may_go(&lanes, 2, NOW_MS));
    assert_true(lanes_note_silence(&lanes, 2, 0, NOW_MS * 1000));
    assert_false(lanes_may_go(&lanes, 2, NOW_MS));
    assert_false(lanes_may_go(&lanes, 3, NOW_MS)); /* nobody knows whether it will answer */
    assert_true(lanes_may_go(&lanes, 1, NOW_MS));
    lanes_begin_round(&lanes);
    assert_true(lanes_may_go(&lanes, 3, NOW_MS));
    assert_false(lanes_may_go(&lanes, 2, NOW_MS));
    unsigned left = lanes_left_ms(&lanes, 2, NOW_MS);
    assert_in_range(left, 1, BACKOFF_FIRST_MS);
    assert_true(lanes_may_go(&lanes, 2, NOW_MS + left));
}

/* Its loss and return are told once. */
static void test_loss_and_return(void **state)
{
    struct lanes lanes = {0};
    (void)state;
    lanes_begin_round(&lanes);
    assert_true(lanes_note_silence(&lanes, 5, 0, NOW_MS * 1000));
    assert_false(lanes_note_silence(&lanes, 5, 11, NOW_MS * 1000));
    assert_int_equal(lanes.item[5].exception, 11);
    assert_true(lanes_note_answer(&lanes, 5));
    assert_false(lanes_note_answer(&lanes, 5));
    assert_int_equal(lanes_left_ms(&lanes, 5, NOW_MS), 0);
}

/* A request that a unit may not know says nothing of the unit. */
static void test_doubt(void **state)
{
    struct lanes lanes = {0};
    (void)state;
    lanes_begin_round(&lanes);
    lanes_note_answer(&lanes, 5);
    lanes_note_doubt(&lanes, 5);
    assert_false(lanes_may_go(&lanes, 5, NOW_MS));
    assert_false(lanes_may_go(&lanes, 6, NOW_MS));
    assert_int_equal(lanes_left_ms(&lanes, 5, NOW_MS), 0);
    lanes_begin_round(&lanes);
    assert_true(lanes_may_go(&lanes, 5, NOW_MS));
    assert_true(lanes_note_silence(&lanes, 5, 0, NOW_MS * 1000));
}

static void test_closing(void **state)
{
    struct lanes lanes = {0};
    (void)state;
    lanes_begin_round(&lanes);
    lanes_note_answer(&lanes, 1);
    lanes_note_answer(&lanes, 2);
    lanes_close(&lanes, 1);
    assert_false(lanes_may_go(&lanes, 1, NOW_MS));
    assert_true(lanes_may_go(&lanes, 2, NOW_MS));
    lanes_close_all(&lanes);
    assert_false(lanes_may_go(&lanes, 2, NOW_MS));
    lanes_begin_round(&lanes);
    assert_true(lanes_may_go(&lanes, 1, NOW_MS));
    assert_true(lanes_may_go(&lanes, 2, NOW_MS));
}

static void test_turns(void **state)
{
    static const uint8_t wanted[] = {7, 4, 9, 2, 1, 3};
    struct lanes lanes = {0};
    uint8_t order[] = {1, 2, 3, 4, 7, 9};
    (void)state;
    lanes_begin_round(&lanes);
    lanes_note_answer(&lanes, 7);
    lanes_note_answer(&lanes, 4);
    fail_at(&lanes, 3, NOW_MS + 9000);
    fail_at(&lanes, 1, NOW_MS + 5000);
    fail_at(&lanes, 2, NOW_MS + 2000);
    order[0] = 7;
    order[4] = 1;
    lanes_sort(&lanes, order, COUNT(order));
    assert_memory_equal(order, wanted, sizeof wanted);
}

/* However many are silent, each has its turn: one that comes back is found. */
static void test_many_silent_ones(void **state)
{
    enum { UNITS = 40, ROUNDS = 400, TIMEOUT_MS = 1000 };
    struct lanes lanes = {0};
    unsigned tries[UNITS] = {0};
    uint64_t now = NOW_MS;
    (void)state;
    for (unsigned round = 0; round < ROUNDS; round++) {
        uint8_t order[UNITS];
        unsigned silences = 0;
        lanes_begin_round(&lanes);
        for (uint8_t i = 0; i < UNITS; i++)
            order[i] = i;
        lanes_sort(&lanes, order, UNITS);
        for (size_t i = 0; i < UNITS; i++) {
            if (!lanes_may_go(&lanes, order[i], now))
                continue;
            now += TIMEOUT_MS;
            silences++;
            tries[order[i]]++;
            fail_at(&lanes, order[i], now);
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
