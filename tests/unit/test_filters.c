/* Subscriptions: each filter once, at the highest QoS that is needed, and the broker is told only
 * what has changed. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttd/filters.h"

/* What the broker was told, as "filter:qos" in order of the alphabet. */
struct told {
    size_t count;
    char item[16][64];
};

static int compare(const void *left, const void *right)
{
    return strcmp(left, right);
}

static void tell(void *context, const char *const *list, size_t count, int qos)
{
    struct told *told = context;
    for (size_t i = 0; i < count; i++) {
        assert_true(told->count < COUNT(told->item));
        snprintf(told->item[told->count++], sizeof told->item[0], "%s:%d", list[i], qos);
    }
}

static void check_told(struct told *told, const char *expected)
{
    char all[512] = "";
    qsort(told->item, told->count, sizeof told->item[0], compare);
    for (size_t i = 0; i < told->count; i++) {
        strcat(all, i > 0 ? " " : "");
        strcat(all, told->item[i]);
    }
    assert_string_equal(all, expected);
}

static void expect_changes(struct filters *filters, const char *expected)
{
    struct told told = {0};
    assert_true(filters_tell_changes(filters, tell, &told));
    check_told(&told, expected);
}

static void expect_all(struct filters *filters, const char *expected)
{
    struct told told = {0};
    assert_true(filters_tell_all(filters, tell, &told));
    check_told(&told, expected);
}

static void test_users(void **state)
{
    struct filters *filters = filters_create();
    (void)state;
    assert_true(filters_add(filters, "a", 1));
    assert_true(filters_add(filters, "a", 1));
    assert_true(filters_add(filters, "b/+", 0));
    expect_changes(filters, "a:1 b/+:0");
    expect_changes(filters, "");
    filters_drop(filters, "a", 1);
    expect_changes(filters, "");
    assert_true(filters_has(filters, "a"));
    filters_drop(filters, "a", 1);
    assert_false(filters_has(filters, "a"));
    expect_changes(filters, "a:-1");
    expect_all(filters, "b/+:0");
    filters_drop(filters, "a", 1);
    filters_drop(filters, "never", 0);
    expect_changes(filters, "");
    filters_destroy(filters);
}

static void test_the_highest_qos_counts(void **state)
{
    struct filters *filters = filters_create();
    (void)state;
    assert_true(filters_add(filters, "a", 0));
    expect_changes(filters, "a:0");
    assert_true(filters_add(filters, "a", 2));
    assert_true(filters_add(filters, "a", 1));
    expect_changes(filters, "a:2");
    filters_drop(filters, "a", 2);
    expect_changes(filters, "a:1");
    filters_drop(filters, "a", 0);
    expect_changes(filters, "");
    filters_destroy(filters);
}

/* A device that is exchanged drops and adds the same filters: the broker need not know. */
static void test_dropped_and_added(void **state)
{
    struct filters *filters = filters_create();
    (void)state;
    assert_true(filters_add(filters, "a", 1));
    expect_changes(filters, "a:1");
    filters_drop(filters, "a", 1);
    assert_true(filters_add(filters, "a", 1));
    expect_changes(filters, "");
    assert_true(filters_add(filters, "b", 1));
    filters_drop(filters, "b", 1);
    expect_changes(filters, "");
    filters_repeat(filters, "a");
    filters_repeat(filters, "unknown");
    expect_changes(filters, "a:1");
    expect_changes(filters, "");
    filters_destroy(filters);
}

static void count_one(void *context, const char *filter)
{
    size_t *count = context;
    assert_int_equal(strncmp(filter, "plant/", 6), 0);
    ++*count;
}

static void count_list(void *context, const char *const *list, size_t count, int qos)
{
    (void)list;
    assert_true(qos == 1 || qos == -1);
    *(size_t *)context += count;
}

static void test_many(void **state)
{
    enum { MANY = 20000 };
    struct filters *filters = filters_create();
    char text[32];
    size_t each = 0, told = 0;
    (void)state;
    for (int round = 0; round < 2; round++) {
        for (int i = 0; i < MANY; i++) {
            snprintf(text, sizeof text, "plant/%d", i);
            if (round == 0)
                assert_true(filters_add(filters, text, 1));
            else
                filters_drop(filters, text, 1);
        }
        if (round == 0)
            filters_each(filters, count_one, &each);
        assert_true(filters_tell_changes(filters, count_list, &told));
    }
    assert_int_equal(each, MANY);
    assert_int_equal(told, 2 * MANY);
    expect_all(filters, "");
    filters_destroy(filters);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_the_highest_qos_counts),
        cmocka_unit_test(test_dropped_and_added),
        cmocka_unit_test(test_many),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
