/* Queries, percent-encoding, entity tags. */
#include "check.h"

#include <string.h>

#include "api/http/etag.h"
#include "api/http/query.h"

static void test_decode(void **state)
{
    static const struct {
        const char *text, *plain;
    } rows[] = {
        {"", ""},       {"abc", "abc"}, {"a%2Fb", "a/b"},     {"%c3%a4", "\xc3\xa4"},
        {"a+b", "a b"}, {"%", NULL},    {"%4", NULL},         {"%4g", NULL},
        {"ab%4", NULL}, {"%00", NULL},  {"%ff", NULL},        {"%C3", NULL},
        {"%2B", "+"},   {"%25", "%"},   {"a%20b%20", "a b "}, {"%%", NULL},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *plain = percent_decode(&arena, rows[i].text, strlen(rows[i].text), true);
        if (rows[i].plain)
            assert_string_equal(plain, rows[i].plain);
        else
            assert_null(plain);
    }
    assert_string_equal(percent_decode(&arena, "a+b", 3, false), "a+b");
    arena_finish(&arena);
}

static void test_encode(void **state)
{
    struct arena arena = {0};
    (void)state;
    assert_string_equal(percent_encode(&arena, "a/b c\xc3\xa4-._~"), "a%2Fb%20c%C3%A4-._~");
    arena_finish(&arena);
}

static void test_arguments(void **state)
{
    static const struct {
        const char *query, *limit, *q; /* expected values; limit NULL: refused */
    } rows[] = {
        {"", "none", "none"},
        {"limit=5", "5", "none"},
        {"q=a%26b&limit=7", "7", "a&b"},
        {"limit=", "", "none"},
        {"limit", "", "none"},
        {"&&q=x&", "none", "x"},
        {"q=a=b", "none", "a=b"},
        {"limit=1&limit=2", NULL, NULL},
        {"lim=1", NULL, NULL},
        {"q=%zz", NULL, NULL},
        {"=1", NULL, NULL},
        {"Limit=1", NULL, NULL},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct query_params query_params;
        const char *why = NULL;
        bool ok = query_params_parse(rows[i].query, "limit after q", &arena, &query_params, &why);
        assert_int_equal(ok, rows[i].limit != NULL);
        if (!ok) {
            assert_non_null(why);
            continue;
        }
        assert_string_equal(query_param(&query_params, "limit", "none"), rows[i].limit);
        assert_string_equal(query_param(&query_params, "q", "none"), rows[i].q);
    }
    arena_finish(&arena);
}

static void test_numbers(void **state)
{
    static const struct {
        const char *query;
        int64_t number; /* -1: refused */
    } rows[] = {
        {"", 100},
        {"limit=1", 1},
        {"limit=1000", 1000},
        {"limit=0", -1},
        {"limit=1001", -1},
        {"limit=-1", -1},
        {"limit=", -1},
        {"limit=1x", -1},
        {"limit=%201", -1},
        {"limit=99999999999999999999", -1},
    };
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct query_params query_params;
        const char *why;
        int64_t number = 100;
        assert_true(query_params_parse(rows[i].query, "limit", &arena, &query_params, &why));
        bool ok = query_param_number(&query_params, "limit", 1, 1000, &arena, &number, &why);
        assert_int_equal(ok ? number : -1, rows[i].number);
    }
    arena_finish(&arena);
}

/* Numbers of messages need 64 bits, also where a long has 32. */
static void test_large_number(void **state)
{
    struct arena arena = {0};
    struct query_params query_params;
    const char *why;
    int64_t number = 0;
    (void)state;
    assert_true(
        query_params_parse("newer_than=4294967296", "newer_than", &arena, &query_params, &why));
    assert_true(
        query_param_number(&query_params, "newer_than", 0, INT64_MAX, &arena, &number, &why));
    assert_true(number == INT64_C(4294967296));
    arena_finish(&arena);
}

static void test_etags(void **state)
{
    static const struct {
        const char *list, *etag;
        bool strong, weak;
    } rows[] = {
        {"\"7\"", "\"7\"", true, true},
        {"\"8\"", "\"7\"", false, false},
        {"*", "\"7\"", true, true},
        {"*", NULL, false, false},
        {"\"1\", \"7\"", "\"7\"", true, true},
        {"W/\"7\"", "\"7\"", false, true},
        {"\"1\",W/\"2\" , \"7\"", "\"7\"", true, true},
        {"\"7-gzip\"", "\"7\"", true, true},
        {"\"7-other\"", "\"7\"", false, false},
        {"\"77\"", "\"7\"", false, false},
        {"7", "\"7\"", false, false},
        {"\"7", "\"7\"", false, false},
        {"", "\"7\"", false, false},
        {"\"\"", "\"7\"", false, false},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        assert_int_equal(etag_matches(rows[i].list, rows[i].etag, false), rows[i].strong);
        assert_int_equal(etag_matches(rows[i].list, rows[i].etag, true), rows[i].weak);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_decode),       cmocka_unit_test(test_encode),
        cmocka_unit_test(test_arguments),    cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_large_number), cmocka_unit_test(test_etags),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
