/* Expressions of mqtt.pattern: what they match, what is refused and where, and their bounds. */
#include "check.h"

#include <ctype.h>
#include <regex.h>
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

/* Each text that says why, as people see it. */
static void test_reasons(void **state)
{
    static const struct {
        const char *expression, *what;
    } rows[] = {
        {"[a", "the bracket [ is not closed"},
        {"[[.", "[. and [= are not supported"},
        {"[\\w]", "in brackets a backslash stands for itself: write 0-9 for digits, [:space:] for "
                  "blanks"},
        {"[[:x:]]", "unknown class in brackets, such as [:digit:]"},
        {"[b-a]", "the range is in reverse order"},
        {"\\", "a backslash at the end"},
        {"\\9", "back-references are not supported"},
        {"\\b",
         "unknown escape; a backslash stands before a character such as . or before d, w, s, "
         "t, r, n"},
        {"(", "the parenthesis ( is not closed"},
        {")", "the parenthesis ) was not opened"},
        {"+", "nothing to repeat; a character * + ? or { itself has a backslash before it"},
        {"a{b}",
         "a repeat is {n}, {n,} or {n,m}, at most {255}; a character { itself has a backslash "
         "before it"},
        {"a*?", "a repeat of a repeat, or a lazy repeat, is not supported"},
        {"$+", "^ and $ cannot be repeated"},
        {"(((a{200}){200}){200})", "the expression is too large, by its repeats"},
    };
    static struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error;
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_row(!pattern_compile(rows[i].expression, &room, &pattern, &error),
                  rows[i].expression);
        assert_string_equal(error.what, rows[i].what);
    }
}

/* Which bytes of ASCII each class has, and each escape. */
static void test_classes(void **state)
{
    static const struct {
        const char *expression;
        int (*has)(int);
        bool is_negated;
    } rows[] = {
        {"[[:alnum:]]", isalnum, false},
        {"[[:alpha:]]", isalpha, false},
        {"[[:blank:]]", isblank, false},
        {"[[:cntrl:]]", iscntrl, false},
        {"[[:digit:]]", isdigit, false},
        {"[[:graph:]]", isgraph, false},
        {"[[:lower:]]", islower, false},
        {"[[:print:]]", isprint, false},
        {"[[:punct:]]", ispunct, false},
        {"[[:space:]]", isspace, false},
        {"[[:upper:]]", isupper, false},
        {"[[:xdigit:]]", isxdigit, false},
        {"[^[:xdigit:]]", isxdigit, true},
        {"\\d", isdigit, false},
        {"\\D", isdigit, true},
        {"\\s", isspace, false},
        {"\\S", isspace, true},
    };
    static struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error;
    size_t from, to;
    (void)state;
    for (int c = 0; c < 0x80; c++) {
        const char text = (char)c;
        for (size_t i = 0; i < COUNT(rows); i++) {
            assert_true(pattern_compile(rows[i].expression, &room, &pattern, &error));
            if (pattern_find(&pattern, &text, 1, &from, &to) !=
                ((rows[i].has(c) != 0) != rows[i].is_negated))
                fail_msg("%s and the byte %d", rows[i].expression, c);
        }
        bool is_word = isalnum(c) || c == '_';
        assert_true(pattern_compile("\\w", &room, &pattern, &error));
        assert_int_equal(pattern_find(&pattern, &text, 1, &from, &to), is_word);
        assert_true(pattern_compile("\\W", &room, &pattern, &error));
        assert_int_equal(pattern_find(&pattern, &text, 1, &from, &to), !is_word);
        /* Before all that is no letter or digit, a backslash takes its meaning. */
        const char escaped[] = {'\\', text, '\0'};
        if (c > 0 && !isalnum(c)) {
            assert_true(pattern_compile(escaped, &room, &pattern, &error));
            assert_true(pattern_find(&pattern, &text, 1, &from, &to));
            assert_true(!pattern_find(&pattern, c == 'x' ? "y" : "x", 1, &from, &to));
        }
    }
}

/* A random expression of the operators that the C library has, too. */
static size_t put_expression(char *text, unsigned *seed, unsigned depth)
{
    static const char *const atoms[] = {"a", "b", "c", ".", "[ab]", "[^b]", "[a-b]", "\\.", "[]a]"};
    static const char *const repeats[] = {"*", "+", "?", "{2}", "{1,2}", "{2,}", "{0,1}"};
    size_t len = 0;
    unsigned items = 1 + (unsigned)rand_r(seed) % 3;
    for (unsigned i = 0; i < items; i++) {
        unsigned kind = (unsigned)rand_r(seed) % 11;
        if (kind < 3 && depth > 0) {
            text[len++] = '(';
            len += put_expression(text + len, seed, depth - 1);
            if (kind == 0) {
                text[len++] = '|';
                len += put_expression(text + len, seed, depth - 1);
            }
            text[len++] = ')';
        } else {
            len += (size_t)sprintf(text + len, "%s", atoms[(unsigned)rand_r(seed) % COUNT(atoms)]);
        }
        if (rand_r(seed) % 3 == 0)
            len +=
                (size_t)sprintf(text + len, "%s", repeats[(unsigned)rand_r(seed) % COUNT(repeats)]);
    }
    return len;
}

/* Finds the same place as the C library: the leftmost, and of these the longest. */
static void test_against_the_c_library(void **state)
{
    enum { EXPRESSIONS = 4000, TEXTS = 4, LEN = 8 };
    static struct pattern_room room;
    unsigned seed = 1, found = 0;
    (void)state;
    for (unsigned i = 0; i < EXPRESSIONS; i++) {
        char expression[2000] = "(", text[LEN + 1];
        struct pattern pattern;
        struct pattern_error error;
        regex_t regex;
        size_t len = 1;
        if (rand_r(&seed) % 6 == 0)
            expression[len++] = '^';
        len += put_expression(expression + len, &seed, 2);
        snprintf(expression + len, sizeof expression - len, "%s)", i % 6 ? "" : "$");
        assert_int_equal(regcomp(&regex, expression, REG_EXTENDED), 0);
        check_row(pattern_compile(expression, &room, &pattern, &error), expression);
        for (unsigned k = 0; k < TEXTS; k++) {
            regmatch_t match;
            size_t from = 0, to = 0, text_len = (unsigned)rand_r(&seed) % LEN;
            for (size_t at = 0; at < text_len; at++)
                text[at] = "abc."[(unsigned)rand_r(&seed) % 4];
            text[text_len] = '\0';
            bool is_found = pattern_find(&pattern, text, text_len, &from, &to);
            bool is_expected = regexec(&regex, text, 1, &match, 0) == 0;
            if (is_found != is_expected ||
                (is_found && ((regoff_t)from != match.rm_so || (regoff_t)to != match.rm_eo)))
                fail_msg("%s in %s: %d %zu to %zu, not %d %d to %d", expression, text, is_found,
                         from, to, is_expected, (int)match.rm_so, (int)match.rm_eo);
            found += is_found;
        }
        regfree(&regex);
    }
    assert_true(found > EXPRESSIONS);
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
        cmocka_unit_test(test_reasons),
        cmocka_unit_test(test_classes),
        cmocka_unit_test(test_against_the_c_library),
        cmocka_unit_test(test_long_expressions),
        cmocka_unit_test(test_bounds),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
