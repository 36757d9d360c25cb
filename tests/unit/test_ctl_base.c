/* Text in columns, members of answers, kept memory, tables, queries and settings. */
#include <locale.h>
#include <signal.h>

#include "ctl/base/interrupt.h"
#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/base/text_width.h"
#include "ctl/client/query.h"
#include "ctl/command/command_line.h"
#include "ctl/output/words.h"
#include "golden.h"

static void test_widths(void **state)
{
    static const struct {
        const char *text;
        size_t width;
        const char *shown; /* in ten columns */
    } rows[] = {
        {"", 0, ""},
        {"0123456789", 10, "0123456789"},
        {"0123456789a", 11, "012345678…"},
        {"größe", 5, "größe"},
        {"温度温度温", 10, "温度温度温"},
        {"温度温度温度", 12, "温度温度…"},
        {"a温度温度温", 11, "a温度温度…"},
        {"e\xcc\x81", 1, "e\xcc\x81"}, /* a combining accent takes no column */
        {"a\tb\nc", 5, "a?b?c"},
        {"a\x7f\x1b[1m", 6, "a??[1m"},
        {"\xff\xfe", 2, "??"},
        {"\xc3", 1, "?"},
        {"\xc3(", 2, "?("},
        {"\xe2\x82", 1, "?"},
        {"\xe2\x82(", 2, "?("},
        {"\xf0\x9f\x98", 1, "?"},
        {"\xfe\x88\x80\x80\x80", 2, "??"}, /* at most four bytes are one character */
        {"\xc3\xa4\xc3", 2, "ä?"},
        {"\xd8\x9c", 1, "?"},
        {"\xd8\x9b", 1, "\xd8\x9b"},
        {"\xe2\x80\x8e", 1, "?"},
        {"\xe2\x80\x8f", 1, "?"},
        {"\xe2\x80\xa7", 1, "\xe2\x80\xa7"},
        {"\xe2\x80\xa8", 1, "?"},
        {"\xe2\x80\xae", 1, "?"},
        {"\xe2\x80\xb0", 1, "\xe2\x80\xb0"},
        {"\xe2\x81\xa5", 1, "?"}, /* not assigned */
        {"\xe2\x81\xa6", 1, "?"},
        {"\xe2\x81\xa9", 1, "?"},
        {"\xef\xbb\xbf", 1, "?"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char shown[64];
        size_t used = text_copy_columns(shown, sizeof shown, rows[i].text, 10);
        check_row(text_width(rows[i].text) == rows[i].width, rows[i].text);
        check_row(strcmp(shown, rows[i].shown) == 0, rows[i].text);
        check_row(used == text_width(shown), rows[i].text);
    }
}

static void test_text_in_columns(void **state)
{
    char text[8];
    (void)state;
    assert_int_equal(text_copy_columns(text, sizeof text, "abc", 0), 0);
    assert_string_equal(text, "");
    assert_int_equal(text_copy_columns(text, sizeof text, "abc", 1), 1);
    assert_string_equal(text, "…");
    assert_int_equal(text_copy_columns(text, sizeof text, "温度", 3), 3);
    assert_string_equal(text, "温…");
    assert_int_equal(text_copy_columns(text, sizeof text, "温度", 2), 1);
    assert_string_equal(text, "…");
    assert_int_equal(text_copy_columns(text, 4, "ab", 9), 2);
    assert_string_equal(text, "ab");
    text_copy_columns(text, 4, "ää", 9); /* no character is cut */
    assert_string_equal(text, "ä");
    text_copy_columns(text, 1, "ab", 9);
    assert_string_equal(text, "");
    text[0] = 'x';
    text_copy_columns(text, 0, "ab", 9);
    assert_int_equal(text[0], 'x');
    char *printed = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&printed, &len);
    assert_int_equal(text_print_columns(out, "abcdef", 4), 4);
    text_print_line(out, "a\033[1m größe");
    fclose(out);
    assert_string_equal(printed, "abc…a?[1m größe\n");
    free(printed);
    setlocale(LC_CTYPE, "C");
    assert_int_equal(text_copy_columns(text, sizeof text, "abcdef", 4), 4);
    assert_string_equal(text, "abc~");
    assert_int_equal(text_copy_columns(text, sizeof text, "ä€x", 4), 3);
    assert_string_equal(text, "??x");
    assert_int_equal(text_width("\xc3\xa4\xe2\x82\xac\xf0\x9f\x98\x80"), 3);
    setlocale(LC_CTYPE, "C.UTF-8");
}

static void test_members_of_answers(void **state)
{
    (void)state;
    static const char longest[] = "m23456789012345678901234567890123456789012345678901234567890123";
    cJSON *json =
        cJSON_Parse("{\"a\":{\"b\":{\"c\":5},\"n\":null,\"t\":\"x\",\"f\":false,\"y\":true,"
                    "\"l\":[1,\"2\"],\"d\":-0.5,\"A\":1,\"big\":3000000000},\"s\":\"text\"}");
    static const struct {
        const char *path, *text;
        double number;
        int whole;
        bool is_true;
    } rows[] = {
        {"a.b.c", "5", 5, 5, false},
        {"a.b", "{\"c\":5}", 0, 0, false},
        {"a.n", "", 0, 0, false},
        {"a.t", "x", 0, 0, false},
        {"a.f", "false", 0, 0, false},
        {"a.y", "true", 0, 0, true},
        {"a.l", "[1,\"2\"]", 0, 0, false},
        {"a.d", "-0.5", -0.5, 0, false},
        {"a.A", "1", 1, 1, false},
        {"a.a", "", 0, 0, false},
        {"a.big", "3000000000", 3e9, 2147483647, false},
        {"a.b.c.d", "", 0, 0, false},
        {"s.x", "", 0, 0, false},
        {"a.", "", 0, 0, false},
        {".a", "", 0, 0, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        check_row(strcmp(json_read_text(json, rows[i].path), rows[i].text) == 0, rows[i].path);
        check_row(json_read_number(json, rows[i].path) == rows[i].number, rows[i].path);
        check_row(json_read_int(json, rows[i].path) == rows[i].whole, rows[i].path);
        check_row(json_read_bool(json, rows[i].path) == rows[i].is_true, rows[i].path);
        check_row((json_read_array(json, rows[i].path) != NULL) ==
                      (strcmp(rows[i].path, "a.l") == 0),
                  rows[i].path);
        check_row((json_read_object(json, rows[i].path) != NULL) ==
                      (strcmp(rows[i].path, "a.b") == 0),
                  rows[i].path);
    }
    assert_null(json_read_member(NULL, "a"));
    assert_string_equal(json_value_text(NULL), "");
    assert_string_equal(json_quote_text("a\"b\\\n\xc3\xa4"), "\"a\\\"b\\\\\\n\xc3\xa4\"");
    /* A name of 63 bytes. */
    cJSON_AddNumberToObject(json, longest, 7);
    assert_int_equal(strlen(longest), 63);
    assert_int_equal(json_read_int(json, longest), 7);
    cJSON_AddNumberToObject(json, keep_format("%sx", longest), 8);
    assert_null(json_read_member(json, keep_format("%sx", longest)));
    cJSON_Delete(json);
}

static void test_durations(void **state)
{
    static const struct {
        double ms;
        const char *text;
    } rows[] = {{0, "0.0 s"},     {49, "0.0 s"},       {51, "0.1 s"},      {9999, "10.0 s"},
                {10000, "10 s"},  {119999, "120 s"},   {120000, "2 min"},  {7199999, "120 min"},
                {7200000, "2 h"}, {172799999, "48 h"}, {172800000, "2 d"}, {8640000000, "100 d"}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        assert_string_equal(duration_text(rows[i].ms), rows[i].text);
}

static void test_kept_memory(void **state)
{
    (void)state;
    char *before = keep_text("before");
    void *outer = keep_mark();
    char *first = keep_bytes("ab\0cd", 5), *second = keep_format("%s-%d", "x", 17);
    assert_memory_equal(first, "ab\0cd", 6);
    assert_string_equal(second, "x-17");
    assert_string_equal(keep_bytes(NULL, 0), "");
    char *zeroed = keep_zeroed(3);
    assert_memory_equal(zeroed, "\0\0\0", 3);
    /* Blocks in the middle grow, also those before a mark. */
    first = keep_resize(first, 100000);
    assert_memory_equal(first, "ab\0cd", 6);
    before = keep_resize(before, 200000);
    assert_string_equal(before, "before");
    second = keep_resize(second, 300000);
    void *inner = keep_mark();
    keep_text("inside");
    second = keep_resize(second, 5);
    keep_release(inner);
    assert_memory_equal(second, "x-17", 5);
    keep_text("behind");
    keep_release(outer);
    assert_string_equal(before, "before");
    before = keep_resize(before, 300000);
    memset(before, 'b', 300000);
    keep_release(keep_mark());
    char *own = keep_malloc(0);
    own = keep_realloc(own, 0);
    own = keep_realloc(own, 1);
    own[0] = 'x';
    free(own);
}

static void test_queries(void **state)
{
    (void)state;
    assert_string_equal(url_encode("aZ09-._~"), "aZ09-._~");
    assert_string_equal(url_encode(" /?&=%+ä\x01\xff"), "%20%2F%3F%26%3D%25%2B%C3%A4%01%FF");
    assert_null(query_add(NULL, "a", NULL));
    assert_string_equal(query_add(NULL, "a", ""), "a=");
    assert_string_equal(query_add("x=1", "a", "b c"), "x=1&a=b%20c");
    assert_string_equal(query_add("x=1", "a", NULL), "x=1");
    assert_string_equal(query_add_number("x=1", "n", -9007199254740993LL),
                        "x=1&n=-9007199254740993");
    assert_string_equal(client_path("/a/{}/b/{}", "x/y", ".."), "/a/x%2Fy/b/..");
    assert_string_equal(client_path("/a"), "/a");
}

static void test_times_of_the_command_line(void **state)
{
    static const struct {
        const char *text;
        long ms;
    } rows[] = {{"1", 1000},
                {"1s", 1000},
                {"1ms", 1},
                {"2m", 120000},
                {"24h", 86400000},
                {"25h", -1},
                {"86400", 86400000},
                {"86401", -1},
                {"86400000ms", 86400000},
                {"86400001ms", -1},
                {"1440m", 86400000},
                {"1441m", -1},
                {"0", -1},
                {"0ms", -1},
                {"", -1},
                {"s", -1},
                {"-1s", -1},
                {" 1s", -1},
                {"1 s", -1},
                {"1d", -1},
                {"1.5s", -1},
                {"99999999999999999999", -1}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(command_line_read_duration(rows[i].text) == rows[i].ms, rows[i].text);
}

static void test_words(void **state)
{
    (void)state;
    struct words words = words_find("reasons", "silent");
    assert_string_equal(words.title, "no message for too long");
    words = words_find("part_reasons", "unreachable");
    assert_string_equal(words.title, "cannot be reached");
    assert_string_equal(words.text, "There is no TCP connection, or its name cannot be resolved.");
    assert_string_equal(words.remedy, "Check the broker, the network, and [mqttd] broker.");
    words = words_find("reasons", "no_such_code_here");
    assert_string_equal(words.title, "no such code here");
    assert_string_equal(words.text, "");
    assert_string_equal(words.remedy, "");
    assert_string_equal(words_find("reason", "silent").title, "silent"); /* no file of this name */
    assert_string_equal(words_find("reasonsx", "silent").title, "silent");
    assert_string_equal(words_of_function(3), "read holding registers");
    assert_string_equal(words_of_function(99), "function 99");
    assert_string_equal(words_of_exception(2), "exception 2, address beyond the table");
    assert_string_equal(words_of_exception(99), "exception 99");
    assert_string_equal(words_of_outcome("nobody"), "no device has this topic");
    assert_string_equal(words_of_outcome("no_such"), "no such");
    assert_string_equal(words_of_part("not_running"), "does not run");
    assert_string_equal(words_of_error("null_value"), "the value is null");
    assert_string_equal(words_of_reason("silent"), "no message for too long");
}

static int own_signals;

static void note_own_signal(int number)
{
    own_signals += number;
}

/* Signals are noted between begin and end, and mean what they meant before then. */
static void test_interrupts(void **state)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};
    (void)state;
    assert_int_equal(interrupt_signal(), 0);
    for (size_t i = 0; i < COUNT(signals); i++)
        signal(signals[i], note_own_signal);
    for (size_t i = 0; i < COUNT(signals); i++) {
        interrupt_begin();
        assert_int_equal(interrupt_signal(), 0);
        raise(signals[i]);
        assert_int_equal(interrupt_signal(), signals[i]);
        interrupt_end();
        assert_int_equal(interrupt_signal(), signals[i]);
        assert_int_equal(own_signals, 0);
        raise(signals[i]);
        assert_int_equal(own_signals, signals[i]);
        own_signals = 0;
    }
    for (size_t i = 0; i < COUNT(signals); i++)
        signal(signals[i], SIG_DFL);
}

int main(void)
{
    setlocale(LC_CTYPE, "C.UTF-8");
    keep_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_widths),
        cmocka_unit_test(test_text_in_columns),
        cmocka_unit_test(test_members_of_answers),
        cmocka_unit_test(test_durations),
        cmocka_unit_test(test_kept_memory),
        cmocka_unit_test(test_queries),
        cmocka_unit_test(test_times_of_the_command_line),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_interrupts),
    };
    return cmocka_run_group_tests_name("ctl_base", tests, NULL, NULL);
}
