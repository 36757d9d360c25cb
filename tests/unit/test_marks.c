/* Marks: each slot waits once, in the order of its first mark, and the wait is as old as the oldest
 * of them. */
#include "check.h"

#include "mqttd/targets/dirty_rows.h"

static void expect(const struct slots *slots, const uint32_t *items, size_t count)
{
    assert_int_equal(slots->count, count);
    for (size_t i = 0; i < count; i++)
        assert_int_equal(slots->item[i], items[i]);
}

static void test_once_and_in_order(void **state)
{
    static const uint32_t added[] = {9, 0, 9, 5000, 0, 7, 5000, 8}, left[] = {9, 0, 5000, 7, 8};
    struct marks marks = {0};
    struct slots taken = {0};
    (void)state;
    for (int round = 0; round < 3; round++) {
        for (size_t i = 0; i < COUNT(added); i++)
            marks_add(&marks, added[i], 1);
        marks_take(&marks, &taken);
        expect(&taken, left, COUNT(left));
        assert_int_equal(marks.queue.count, 0);
        taken.count = 0;
    }
    slots_finish(&taken);
    marks_finish(&marks);
}

static void test_moving_all(void **state)
{
    static const uint32_t all[] = {3, 1, 2};
    struct marks marks = {0};
    struct slots from = {0}, taken = {0};
    (void)state;
    marks_add(&marks, 3, 1);
    for (uint32_t slot = 1; slot <= 3; slot++)
        slots_push(&from, slot);
    marks_add_all(&marks, &from, 1);
    assert_int_equal(from.count, 0);
    marks_take(&marks, &taken);
    expect(&taken, all, COUNT(all));
    slots_finish(&from);
    slots_finish(&taken);
    marks_finish(&marks);
}

static void test_many(void **state)
{
    enum { MANY = 100000 };
    struct marks marks = {0};
    struct slots taken = {0};
    (void)state;
    for (uint32_t i = 0; i < 2 * MANY; i++)
        marks_add(&marks, i * 7 % MANY, 1);
    marks_take(&marks, &taken);
    assert_int_equal(taken.count, MANY);
    for (uint32_t i = 0; i < MANY; i++)
        assert_int_equal(taken.item[i], i * 7 % MANY);
    slots_finish(&taken);
    marks_finish(&marks);
}

static void test_age(void **state)
{
    struct marks marks = {0};
    struct slots taken = {0};
    (void)state;
    marks_add(&marks, 1, 500);
    assert_int_equal(marks.since_ms, 500);
    marks_add(&marks, 2, 900);
    assert_int_equal(marks.since_ms, 500);
    marks_add(&marks, 1, 300); /* one that was taken before, and could not be written */
    assert_int_equal(marks.since_ms, 300);
    marks_take(&marks, &taken);
    marks_add(&marks, 1, 1000);
    assert_int_equal(marks.since_ms, 1000);
    slots_finish(&taken);
    marks_finish(&marks);
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
