/* Growable arrays: growth, allocation failure, and sizes beyond any memory. */
#include "check.h"

#include <errno.h>
#include <stdlib.h>

#include "common/base/array.h"

void *__real_realloc(void *old, size_t size);
void *__wrap_realloc(void *old, size_t size);

static bool without_memory;
static size_t calls, newest_size;

void *__wrap_realloc(void *old, size_t size)
{
    calls++;
    newest_size = size;
    if (!without_memory)
        return __real_realloc(old, size);
    errno = ENOMEM;
    return NULL;
}

struct pair {
    uint32_t a, b, c;
};

static void grows_by_doubling(void **state)
{
    ARRAY_OF(struct pair) pairs = {0};
    (void)state;
    calls = 0;
    for (uint32_t i = 0; i < 1000; i++) {
        struct pair pair = {i, 2 * i, 3 * i};
        assert_true(ARRAY_PUSH(&pairs, pair));
    }
    assert_int_equal(pairs.count, 1000);
    assert_int_equal(pairs.room, 1024);
    assert_int_equal(calls, 7);
    for (uint32_t i = 0; i < 1000; i++)
        assert_true(pairs.item[i].a == i && pairs.item[i].b == 2 * i && pairs.item[i].c == 3 * i);
    free(pairs.item);
}

static void reserves_at_once(void **state)
{
    ARRAY_OF(uint64_t) numbers = {0};
    (void)state;
    calls = 0;
    size_t none = 0;
    assert_true(ARRAY_RESERVE(&numbers, none));
    assert_null(numbers.item);
    assert_true(ARRAY_RESERVE(&numbers, 100));
    assert_int_equal(numbers.count, 0);
    assert_int_equal(calls, 1);
    for (uint64_t i = 0; i < 100; i++)
        assert_true(ARRAY_PUSH(&numbers, i));
    assert_int_equal(calls, 1);
    free(numbers.item);
}

static void extends_with_zeros(void **state)
{
    ARRAY_OF(uint8_t) bytes = {0};
    (void)state;
    assert_true(ARRAY_EXTEND(&bytes, 3));
    bytes.item[2] = 7;
    assert_true(ARRAY_EXTEND(&bytes, 500));
    assert_true(ARRAY_EXTEND(&bytes, 10));
    assert_int_equal(bytes.count, 500);
    for (size_t i = 0; i < 500; i++)
        assert_int_equal(bytes.item[i], i == 2 ? 7 : 0);
    free(bytes.item);
}

static void is_as_before_without_memory(void **state)
{
    ARRAY_OF(int) numbers = {0};
    (void)state;
    without_memory = true;
    assert_false(ARRAY_PUSH(&numbers, 1));
    assert_true(numbers.item == NULL && numbers.count == 0 && numbers.room == 0);
    without_memory = false;
    for (int i = 0; i < 16; i++)
        assert_true(ARRAY_PUSH(&numbers, i));
    int *before = numbers.item;
    without_memory = true;
    errno = 0;
    assert_false(ARRAY_PUSH(&numbers, 16));
    assert_int_equal(errno, ENOMEM);
    assert_false(ARRAY_EXTEND(&numbers, 17));
    without_memory = false;
    assert_true(numbers.item == before && numbers.count == 16 && numbers.room == 16);
    for (int i = 0; i < 16; i++)
        assert_int_equal(numbers.item[i], i);
    free(numbers.item);
}

/* Size computations do not wrap around. */
static void refuses_what_cannot_be_addressed(void **state)
{
    static const size_t sizes[] = {SIZE_MAX,          SIZE_MAX - 1,        SIZE_MAX / 2,
                                   SIZE_MAX / 2 + 1,  SIZE_MAX / 8,        SIZE_MAX / 12,
                                   SIZE_MAX / 12 + 1, PTRDIFF_MAX / 12 + 1};
    ARRAY_OF(struct pair) pairs = {0};
    (void)state;
    assert_true(ARRAY_EXTEND(&pairs, 3));
    calls = 0;
    for (size_t i = 0; i < COUNT(sizes); i++) {
        errno = 0;
        assert_false(ARRAY_RESERVE(&pairs, sizes[i]));
        assert_int_equal(errno, ENOMEM);
        assert_false(ARRAY_EXTEND(&pairs, sizes[i]));
    }
    assert_int_equal(calls, 0);
    without_memory = true; /* more memory than any machine has */
    assert_false(ARRAY_RESERVE(&pairs, PTRDIFF_MAX / 12 - 3));
    without_memory = false;
    assert_int_equal(calls, 1);
    assert_in_range(newest_size, PTRDIFF_MAX - 12, PTRDIFF_MAX);
    assert_true(pairs.count == 3 && pairs.room == 16);
    free(pairs.item);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grows_by_doubling),
        cmocka_unit_test(reserves_at_once),
        cmocka_unit_test(extends_with_zeros),
        cmocka_unit_test(is_as_before_without_memory),
        cmocka_unit_test(refuses_what_cannot_be_addressed),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
