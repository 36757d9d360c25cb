/* The queue of times against a plain list. */
#include "check.h"

#include <stdlib.h>

#include "mqttd/writeback/expiry_queue.h"

enum { TAGS = 2000 };

static void test_in_order_of_time(void **state)
{
    struct expiry_queue queue = {0};
    uint64_t due[TAGS], last = 0;
    size_t left = TAGS;
    (void)state;
    srand(4711);
    assert_null(expiry_queue_first(&queue));
    assert_true(expiry_queue_reset(&queue, TAGS));
    for (uint32_t i = 0; i < TAGS; i++) {
        due[i] = (uint64_t)(rand() % 500);
        expiry_queue_add(&queue, i, due[i]);
    }
    while (left > 0) {
        const struct expiry_item *first = expiry_queue_first(&queue);
        assert_non_null(first);
        uint32_t index = first->index;
        assert_int_equal(first->due_ms, due[index]);
        assert_true(first->due_ms >= last);
        last = first->due_ms;
        if (rand() % 3 > 0) {
            due[index] += (uint64_t)(rand() % 100);
            expiry_queue_delay_first(&queue, due[index]);
            continue;
        }
        expiry_queue_remove_first(&queue);
        left--;
        if (rand() % 20 == 0) { /* it comes back */
            due[index] += (uint64_t)(rand() % 100);
            expiry_queue_add(&queue, index, due[index]);
            left++;
        }
    }
    assert_null(expiry_queue_first(&queue));
    expiry_queue_finish(&queue);
}

/* Equal times come in the order of the indexes, whatever the order of adding was. */
static void test_equal_times(void **state)
{
    enum { EQUAL = 37 };
    struct expiry_queue queue = {0};
    (void)state;
    assert_true(expiry_queue_reset(&queue, EQUAL));
    for (uint32_t i = 0; i < EQUAL; i++)
        expiry_queue_add(&queue, i * 10 % EQUAL, 500);
    for (uint32_t i = 0; i < EQUAL; i++) {
        assert_int_equal(expiry_queue_first(&queue)->index, i);
        expiry_queue_remove_first(&queue);
    }
    for (uint32_t i = 0; i < 3; i++)
        expiry_queue_add(&queue, i, 7);
    expiry_queue_delay_first(&queue, 7); /* by nothing */
    assert_int_equal(expiry_queue_first(&queue)->index, 0);
    expiry_queue_delay_first(&queue, 8);
    assert_int_equal(expiry_queue_first(&queue)->index, 1);
    expiry_queue_delay_first(&queue, 8);
    assert_int_equal(expiry_queue_first(&queue)->index, 2);
    expiry_queue_delay_first(&queue, 9);
    assert_int_equal(expiry_queue_first(&queue)->index, 0);
    assert_int_equal(expiry_queue_first(&queue)->due_ms, 8);
    expiry_queue_finish(&queue);
}

static void test_reset_empties(void **state)
{
    struct expiry_queue queue = {0};
    (void)state;
    assert_true(expiry_queue_reset(&queue, 1));
    expiry_queue_add(&queue, 7, UINT64_MAX);
    assert_int_equal(expiry_queue_first(&queue)->index, 7);
    assert_true(expiry_queue_reset(&queue, 0));
    assert_null(expiry_queue_first(&queue));
    expiry_queue_finish(&queue);
    expiry_queue_finish(&queue);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_in_order_of_time),
        cmocka_unit_test(test_equal_times),
        cmocka_unit_test(test_reset_empties),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
