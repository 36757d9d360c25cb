/* Dirty rows: each slot waits once, in the order of its first mark, and the wait is as old as the
 * oldest mark. */
#include "check.h"

#include "mqttd/targets/dirty_rows.h"

static void expect(const struct row_slots *row_slots, const uint32_t *items, size_t count)
{
    assert_int_equal(row_slots->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(row_slots->item[i], items[i]);
}

static void test_once_and_in_order(void **state)
{
    static const uint32_t added[] = {9, 0, 9, 5000, 0, 7, 5000, 8}, left[] = {9, 0, 5000, 7, 8};
    struct dirty_rows dirty_rows = {0};
    struct row_slots taken = {0};
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(added); i++)
            dirty_rows_add(&dirty_rows, added[i], 1);
        dirty_rows_take(&dirty_rows, &taken);
        expect(&taken, left, COUNT(left));
        assert_int_equal(dirty_rows.queue.count, 0);
        taken.count = 0;
    }
    row_slots_finish(&taken);
    dirty_rows_finish(&dirty_rows);
}

static void test_moving_all(void **state)
{
    static const uint32_t all[] = {3, 1, 2};
    struct dirty_rows dirty_rows = {0};
    struct row_slots from = {0}, taken = {0};
    (void)state;
    dirty_rows_add(&dirty_rows, 3, 1);
    for (uint32_t slot = 1; slot <= 3; slot++)
        row_slots_push(&from, slot);
    dirty_rows_add_all(&dirty_rows, &from, 1);
    assert_int_equal(from.count, 0);
    dirty_rows_take(&dirty_rows, &taken);
    expect(&taken, all, COUNT(all));
    row_slots_finish(&from);
    row_slots_finish(&taken);
    dirty_rows_finish(&dirty_rows);
}

static void test_many(void **state)
{
    enum { MANY = 100000 };
    struct dirty_rows dirty_rows = {0};
    struct row_slots taken = {0};
    (void)state;
    for (uint32_t i = 0; i < 2 * MANY; i++)
        dirty_rows_add(&dirty_rows, i * 7 % MANY, 1);
    dirty_rows_take(&dirty_rows, &taken);
    assert_int_equal(taken.count, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(taken.item[i], i * 7 % MANY);
    row_slots_finish(&taken);
    dirty_rows_finish(&dirty_rows);
}

static void test_age(void **state)
{
    struct dirty_rows dirty_rows = {0};
    struct row_slots taken = {0};
    (void)state;
    dirty_rows_add(&dirty_rows, 1, 500);
    assert_int_equal(dirty_rows.since_ms, 500);
    dirty_rows_add(&dirty_rows, 2, 900);
    assert_int_equal(dirty_rows.since_ms, 500);
    dirty_rows_add(&dirty_rows, 1, 300); /* a row that was taken before and could not be written */
    assert_int_equal(dirty_rows.since_ms, 300);
    dirty_rows_take(&dirty_rows, &taken);
    dirty_rows_add(&dirty_rows, 1, 1000);
    assert_int_equal(dirty_rows.since_ms, 1000);
    row_slots_finish(&taken);
    dirty_rows_finish(&dirty_rows);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_once_and_in_order),
        cmocka_unit_test(test_moving_all),
        cmocka_unit_test(test_many),
        cmocka_unit_test(test_age),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
