/* Expressions of mqtt.pattern: what they match, what is refused and where, and their bounds. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/pattern.h"

static const char none[] = "(no match)";

static void check_match(const char *expression, const char *text, const char *expected)
{
    static struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error;
    size_t from = 0, to = 0, len = strlen(text);
    if (!pattern_compile(expression, &room, &pattern, &error))
        fail_msg("%s: at %zu: %s", expression, error.at, error.what);
    char *copy = malloc(len + 1); /* for AddressSanitizer: no byte more */
    assert_non_null(copy);
    memcpy(copy, text, len);
    const char *found = none;
    if (pattern_find(&pattern, copy, len, &from, &to)) {
        copy[to] = '\0';
        found = copy + from;
    }
    if (strcmp(found, expected) != 0)
        fail_msg("%s in %s: \"%s\", not \"%s\"", expression, text, found, expected);
    free(copy);
}

static void test_matches(void **state)
{
    (void)state;
    static const struct {
        const char *expression, *text, *found;
    } rows[] = {
        {"^(-?[0-9.]+)", "20.5 \xe2\x84\x83", "20.5"},
        {"^[^;]*;([^;]*)", "21.5;60;1", "60"},
        {"[0-9]+", "T=21 H=60", "21"},
        {"H=([0-9]+)", "T=21 H=60", "60"},
        {"H=([0-9]+)", "T=21", none},
        {"", "abc", ""},
        {"a|b|", "xb", ""},
        {"b|bc|bcd", "abcde", "bcd"},
        {"x*", "aaa", ""},
        {"x+", "aaxxxb", "xxx"},
        {"colou?r", "a color", "color"},
        {"^b", "ab", none},
        {"a$", "ab", none},
        {"b$", "ab", "b"},
        {"^$", "", ""},
        {"^$", "a", none},
        {"(^a|b$)", "bab", "b"},
        {"a.c", "abc", "abc"},
        {"a.c", "a\nc", "a\nc"},
        {"a.c",
         "a\xc2\xb0"
         "c",
         "a\xc2\xb0"
         "c"},
        {"a..c",
         "a\xc2\xb0"
         "c",
         none},
        {"[\xc2\xb0\xe2\x84\x83]+", "1\xe2\x84\x83\xc2\xb0", "\xe2\x84\x83\xc2\xb0"},
        {"\xc2\xb0?C",
         "\xc2\xb0"
         "C",
         "\xc2\xb0"
         "C"},
        {"\xc2\xb0+", "\xc2\xb0\xc2\xb0", "\xc2\xb0\xc2\xb0"},
        {"[\xc3\xa0-\xc3\xbf]", "\xc3\xa9", "\xc3\xa9"},
        {"[^a]", "\xff", "\xff"},
        {".", "\xff", "\xff"},
        {"[a-z]", "\xff", none},
        {"[]a]+", "]a]", "]a]"},
        {"[^]a]+", "]ab", "b"},
        {"[a-]+", "b-a", "-a"},
        {"[-a]+", "b-a", "-a"},
        {"[\\.]+", "1\\.", "\\."},
        {"[[:digit:].]+", "v12.5", "12.5"},
        {"[[:xdigit:]]+", "0g1F", "0"},
        {"[[:upper:][:space:]]+", "aB C", "B C"},
        {"\\d+\\.\\d", "v12.5", "12.5"},
        {"\\w+\\s\\S\\W\\D", "a_1 b,c", "a_1 b,c"},
        {"a\\tb", "a\tb", "a\tb"},
        {"\\^\\$\\.\\[\\]\\(\\)\\*\\+\\?\\{\\}\\|\\\\\\/", "^$.[]()*+?{}|\\/", "^$.[]()*+?{}|\\/"},
        {"[0-9]{3}", "12345", "123"},
        {"[0-9]{2,3}", "1 12345", "123"},
        {"[0-9]{2,}", "1 12345", "12345"},
        {"(ab){2}", "ababab", "ab"},
        {"a{0}b", "ab", "b"},
        {"a{0,1}b", "aab", "ab"},
        {"(ab){0,2}c", "ababc", "ab"},
        {"x(y)?z", "xz", none},
        {"x(y)?z", "xyz", "y"},
        {"(a)|b", "b", none},
        {"(on|one).*", "one x", "one"},
        {"(a|ab)(bc|c)?", "abc", "ab"},
        {"(a*)(ab)*(b*)", "abb", "a"},
        {".*(a*)", "baaa", ""},
        {"(a*)*b", "aab", "aa"},
        {"(a|b)*", "abba", "a"},
        {"(()|a)+b", "aab", "a"},
        {"(a|(b))c", "bc", "b"},
        {"abcd|bc", "abce", "bc"},
        {"abc|bcde", "abcde", "abc"},
    };
    for (size_t i = 0; i < COUNT(rows); i++)
        check_match(rows[i].expression, rows[i].text, rows[i].found);
}

static void test_refused(void **state)
{
    (void)state;
    static const struct {
        const char *expression;
        size_t at;
        const char *what; /* a part of it */
    } rows[] = {
        {"(a)\\1", 3, "back-references"},
        {"a\\", 1, "backslash"},
        {"\\bx", 0, "unknown escape"},
        {"(a", 0, "not closed"},
        {"a)", 1, "not opened"},
        {"x[a", 3, "not closed"},
        {"[]", 2, "not closed"},
        {"[z-a]", 1, "reverse"},
        {"[[:word:]]", 1, "unknown class"},
        {"[[:digit]", 1, "unknown class"},
        {"[[.a.]]", 1, "not supported"},
        {"[a-[=b=]]", 3, "not supported"},
        {"[\\d]", 1, "0-9"},
        {"*a", 0, "nothing to repeat"},
        {"(+)", 1, "nothing to repeat"},
        {"a|?", 2, "nothing to repeat"},
        {"(?:a)", 1, "nothing to repeat"},
        {"^*", 1, "cannot be repeated"},
        {"a**", 2, "repeat of a repeat"},
        {"a+?", 2, "lazy"},
        {"a{1,255}{1,255}", 8, "repeat of a repeat"},
        {"a{256}", 1, "{255}"},
        {"a{2,1}", 1, "{n,m}"},
        {"a{", 1, "{n,m}"},
        {"a{,3}", 1, "{n,m}"},
        {"{", 0, "nothing to repeat"},
        {"((a{1,255}){1,255})", 3, "too large"},
        {"(((((){255}){255}){255}){255}){255}", 4, "too large"},
        {"[^x]{255}[^y]{255}z[^x]{3}", 19, "too large"},
    };
    static struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error;
    for (size_t i = 0; i < COUNT(rows); i++) {
        if (pattern_compile(rows[i].expression, &room, &pattern, &error))
            fail_msg("%s is accepted", rows[i].expression);
        if (error.at != rows[i].at || !strstr(error.what, rows[i].what))
            fail_msg("%s: at %zu: %s", rows[i].expression, error.at, error.what);
        assert_int_equal(pattern.step_count, 0);
    }
}

/* The longest expressions of each kind compile, or are refused. */
static void test_long_expressions(void **state)
{
    (void)state;
    static struct pattern_room room;
    static const char *const units[] = {
        "a",  "(",     "()", "|", "[", "[[:print:]]", "\\w", "a{9}", "^", "(|", "\xf0\x9f\x98\x80",
        "a?", "[^\\]]"};
    struct pattern pattern;
    struct pattern_error error;
    char expression[PATTERN_BYTES_MAX + 32];
    for (size_t i = 0; i < COUNT(units); i++) {
        size_t len = 0, unit = strlen(units[i]), from, to;
        for (; len + unit <= PATTERN_BYTES_MAX; len += unit)
            memcpy(expression + len, units[i], unit + 1);
        if (pattern_compile(expression, &room, &pattern, &error))
            pattern_find(&pattern, expression, len, &from, &to);
        for (; len <= PATTERN_BYTES_MAX; len += unit)
            memcpy(expression + len, units[i], unit + 1);
        assert_false(pattern_compile(expression, &room, &pattern, &error));
        assert_int_equal(error.at, PATTERN_BYTES_MAX);
    }
}

/* Expressions that cost other engines exponential time or memory, on the longest text. */
static void test_bounds(void **state)
{
    (void)state;
    static const char *const expressions[] = {"(a*)*c",
                                              "((a|b|ab)*)*((a|b)*)*c",
                                              "(a|b)*a[ab]{120}c",
                                              "(([ab]{1,20}){1,8})c",
                                              "[^x]{250}[^y]{250}z",
                                              ".*.*.*.*.*.*.*.*(.*.*.*.*.*.*.*.*)x?.*.*.*.*.*c",
                                              "(a?){100}a{100}c"};
    static struct pattern_room room;
    static char text[PATTERN_TEXT_MAX];
    struct pattern pattern;
    struct pattern_error error;
    size_t from, to;
    for (size_t i = 0; i < sizeof text; i++)
        text[i] = "ab"[i * i / 7 % 2];
    for (size_t i = 0; i < COUNT(expressions); i++) {
        assert_true(pattern_compile(expressions[i], &room, &pattern, &error));
        assert_false(pattern_find(&pattern, text, sizeof text, &from, &to));
    }
    text[sizeof text - 1] = 'c';
    assert_true(pattern_compile("((a|b)*)*c", &room, &pattern, &error));
    assert_true(pattern_find(&pattern, text, sizeof text, &from, &to));
    struct pattern empty = {0};
    assert_false(pattern_find(&empty, text, sizeof text, &from, &to));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_matches),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_long_expressions),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
