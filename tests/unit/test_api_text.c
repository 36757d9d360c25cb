/* JSON text: numbers, times, escapes, commas. */
#include <cjson/cJSON.h>
#include <float.h>
#include <math.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/text.h"
#include "check.h"

static void expect(struct text *text, const char *expected)
{
    assert_string_equal(text->data, expected);
    assert_int_equal(text->len, strlen(expected));
    text_finish(text);
}

static void integers_at_their_limits(void **state)
{
    (void)state;
    static const struct {
        int64_t number;
        const char *expected;
    } rows[] = {{0, "0"},
                {7, "7"},
                {-1, "-1"},
                {INT64_MAX, "9223372036854775807"},
                {INT64_MIN, "-9223372036854775808"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = {0};
        json_write_integer(&text, rows[i].number);
        expect(&text, rows[i].expected);
    }
}

static void reals_in_their_shortest_form(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *expected;
    } rows[] = {{0, "0"},
                {-0.0, "0"},
                {1, "1"},
                {-40, "-40"},
                {0.1, "0.1"},
                {-21.25, "-21.25"},
                {999999999999999, "999999999999999"},
                {-999999999999999, "-999999999999999"},
                {1e15, "1e+15"},
                {9007199254740993.0, "9007199254740992"},
                {1e300, "1e+300"},
                {DBL_MAX, "1.7976931348623157e+308"},
                {(double)NAN, "null"},
                {(double)INFINITY, "null"},
                {(double)-INFINITY, "null"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = {0};
        json_write_real(&text, rows[i].number);
        expect(&text, rows[i].expected);
    }
}

static void times_of_day(void **state)
{
    (void)state;
    static const struct {
        uint64_t wall_ms;
        const char *expected;
    } rows[] = {{0, "null"},
                {1, "\"1970-01-01T00:00:00.001Z\""},
                {1767323045678, "\"2026-01-02T03:04:05.678Z\""},
                {253402300799999, "\"9999-12-31T23:59:59.999Z\""},
                {253402300800000, "null"},
                {UINT64_MAX, "null"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct text text = {0};
        json_write_time(&text, rows[i].wall_ms);
        expect(&text, rows[i].expected);
    }
}

static void strings_with_escapes(void **state)
{
    (void)state;
    struct text text = {0};
    json_open(&text, '{');
    json_write_key_escaped(&text, "a \"b\"");
    json_write_string_len(&text, "\x01\\\n\0\x1f\x7f°C\"", 10);
    json_write_key(&text, "");
    json_write_string(&text, "");
    json_write_key(&text, "none");
    json_write_string_or_null(&text, NULL);
    json_write_key(&text, "hex");
    json_write_hex(&text, "\x00\x1f\xff", 3);
    json_write_key(&text, "no_bytes");
    json_write_hex(&text, "", 0);
    json_close(&text, '}');
    expect(&text,
           "{\"a \\\"b\\\"\":\"\\u0001\\\\\\n\\u0000\\u001f\x7f°C\\\"\",\"\":\"\",\"none\":null,"
           "\"hex\":\"001fff\",\"no_bytes\":\"\"}");
}

static void items_with_commas(void **state)
{
    (void)state;
    struct text text = {0};
    json_open(&text, '[');
    json_write_integer(&text, 1);
    json_write_real(&text, 2.5);
    json_open(&text, '[');
    json_close(&text, ']');
    json_write_time(&text, 0);
    json_write_bool(&text, true);
    json_close(&text, ']');
    expect(&text, "[1,2.5,[],null,true]");
}

/* A tree is printed as it was, with all digits of its numbers. */
static void trees_as_they_were(void **state)
{
    (void)state;
    static const char *const rows[] = {
        "null",
        "true",
        "9007199254740991",
        "-8000000000000001",
        "0.30000000000000004",
        "1.7976931348623157e+308",
        "5e-324",
        "[]",
        "{}",
        "[[],{},[{}],\"a\\n\\u0001\"]",
        "{\"\":1,\"b\\\"\":[0.1,false,{\"c\":null}],\"d\":\"\xc3\xa4\"}",
    };
    struct arena arena = {0};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *tree = cJSON_Parse(rows[i]);
        assert_non_null(tree);
        assert_string_equal(json_tree_print(&arena, tree), rows[i]);
        cJSON_Delete(tree);
    }
    assert_string_equal(json_tree_print(&arena, NULL), "null");
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(integers_at_their_limits),
        cmocka_unit_test(reals_in_their_shortest_form),
        cmocka_unit_test(times_of_day),
        cmocka_unit_test(strings_with_escapes),
        cmocka_unit_test(items_with_commas),
        cmocka_unit_test(trees_as_they_were),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
