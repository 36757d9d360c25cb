/* CSV reader and writer, iteration over JSON, string maps. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "api/base/csv.h"
#include "api/base/json_split.h"
#include "api/base/string_map.h"

/* Reads all rows as "line:cell|cell;" and the result that ended it. */
static enum table_result read_all(const char *text, size_t len, char *out, size_t size)
{
    struct csv csv;
    struct table_row row;
    struct arena arena = {0};
    enum table_result result;
    size_t used = 0;
    csv_open(&csv, text, len);
    out[0] = '\0';
    while ((result = csv_read_row(&csv, &arena, &row)) == TABLE_ROW) {
        used += (size_t)snprintf(out + used, size - used, "%ld:", row.number);
        for (size_t i = 0; i < row.count; i++)
            used += (size_t)snprintf(out + used, size - used, "%s%s", i ? "|" : "", row.cells[i]);
        used += (size_t)snprintf(out + used, size - used, ";");
    }
    arena_finish(&arena);
    return result;
}

static void test_read(void **state)
{
    static const struct {
        const char *text, *rows;
        enum table_result end;
    } rows[] = {
        {"", "", TABLE_END},
        {"\n\r\n\r", "", TABLE_END},
        {"a,b\nc,d\n", "1:a|b;2:c|d;", TABLE_END},
        {"a,b\r\nc,d", "1:a|b;2:c|d;", TABLE_END},
        {"a\rb\r", "1:a;2:b;", TABLE_END},
        {"\xef\xbb\xbf"
         "a,b",
         "1:a|b;", TABLE_END},
        {"a;b\nc;d,e", "1:a|b;2:c|d,e;", TABLE_END},
        {"a,b;c\n", "1:a|b;c;", TABLE_END},
        {"a\tb\nc\t1,5", "1:a|b;2:c|1,5;", TABLE_END},
        {"a;b\tc\n", "1:a|b\tc;", TABLE_END},
        {"\n\r\na;b\nc;d", "3:a|b;4:c|d;", TABLE_END},
        {"a;b\rc;d,e\r", "1:a|b;2:c|d,e;", TABLE_END},
        {"\"a\rb\r\nc\",d\re", "1:a\rb\r\nc|d;4:e;", TABLE_END},
        {",\n", "1:|;", TABLE_END},
        {"\"a\"\"b\",\"c,d\"", "1:a\"b|c,d;", TABLE_END},
        {"\"a\nb\",c\nd", "1:a\nb|c;3:d;", TABLE_END},
        {"\n\nx\n\ny", "3:x;5:y;", TABLE_END},
        {"a,\"\"\n", "1:a|;", TABLE_END},
        {"a,b\"c\n", "1:a|b\"c;", TABLE_END},
        {"a;5\",b\nc;6\n", "1:a|5\",b;2:c|6;", TABLE_END},
        {"a;\"b\n,,,,\n,,,,\n,,,,\"\nc;d\n", "1:a|b\n,,,,\n,,,,\n,,,,;5:c|d;", TABLE_END},
        {"\"a", "", TABLE_BAD_QUOTE},
        {"\"a\"b\n", "", TABLE_BAD_QUOTE},
        {"x\n\"a\"b,c\n", "1:x;", TABLE_BAD_QUOTE},
        {"\xff\n", "", TABLE_BAD_TEXT},
    };
    char out[256];
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        enum table_result end = read_all(rows[i].text, strlen(rows[i].text), out, sizeof out);
        check_row(end == rows[i].end, rows[i].text);
        assert_string_equal(out, rows[i].rows);
    }
    assert_int_equal(read_all("a\0b\n", 4, out, sizeof out), TABLE_BAD_TEXT);
}

static void test_goes_on_behind_a_bad_row(void **state)
{
    static const char text[] = "\"a\"b\nc\n";
    struct csv csv;
    struct table_row row;
    struct arena arena = {0};
    (void)state;
    csv_open(&csv, text, sizeof text - 1);
    assert_int_equal(csv_read_row(&csv, &arena, &row), TABLE_BAD_QUOTE);
    assert_int_equal(csv_read_row(&csv, &arena, &row), TABLE_ROW);
    assert_int_equal(row.number, 2);
    assert_string_equal(row.cells[0], "c");
    arena_finish(&arena);
}

/* A written value reads back unchanged and does not start a formula. */
static void test_round_trip(void **state)
{
    static const char *const cells[] = {"",   "a",    "a,b",      "a;b",    "\"",  "a\r\nb",
                                        " a", "=1+1", "-5",       "+x",     "@y",  "\tz",
                                        "'q", "''",   "\xc3\xa4", "=\"a\"", "a\"b"};
    struct text text = {0};
    struct csv csv;
    struct table_row row;
    struct arena arena = {0};
    (void)state;
    csv_write_cell(&text, "head,er", '\0');
    csv_write_row_end(&text);
    for (size_t i = 0; i < COUNT(cells); i++)
        csv_write_text_cell(&text, cells[i], i == 0 ? '\0' : ',');
    csv_write_row_end(&text);
    csv_open(&csv, text.data, text.len);
    assert_int_equal(csv_read_row(&csv, &arena, &row), TABLE_ROW);
    assert_int_equal(csv_read_row(&csv, &arena, &row), TABLE_ROW);
    assert_int_equal(row.count, COUNT(cells));
    for (size_t i = 0; i < COUNT(cells); i++) {
        assert_null(row.cells[i][0] ? strchr("=+-@\t", row.cells[i][0]) : NULL);
        assert_string_equal(csv_strip_quote_mark(row.cells[i]), cells[i]);
    }
    text_finish(&text);
    arena_finish(&arena);
}

/* Texts with more separators than a row has, in several lines, do not hide that of the file. */
static void test_separators_in_texts(void **state)
{
    static const char *const texts[] = {"a\n;;;;\n;;;;;\n;;;;;;", "a\n,,,,\n,,,,,\n,,,,,,",
                                        "a\t\t\t\tb", "\"\n,;\t\"\n\"\",;\t,;\t\n,;\t,;\t\"\"\""};
    static const char separators[] = {',', ';', '\t'};
    struct arena arena = {0};
    (void)state;
    for (size_t i = 0; i < COUNT(texts) * sizeof separators; i++) {
        const char *cell = texts[i / sizeof separators];
        char separator = separators[i % sizeof separators];
        struct text text = {0};
        struct csv csv;
        struct table_row row;
        for (size_t k = 0; k < 4; k++) {
            csv_write_text_cell(&text, "x", '\0');
            csv_write_text_cell(&text, k > 0 ? cell : "head", separator);
            csv_write_row_end(&text);
        }
        csv_open(&csv, text.data, text.len);
        assert_int_equal(csv.separator, separator);
        for (size_t k = 0; k < 4; k++) {
            assert_int_equal(csv_read_row(&csv, &arena, &row), TABLE_ROW);
            assert_int_equal(row.count, 2);
            assert_string_equal(row.cells[1], k > 0 ? cell : "head");
        }
        text_finish(&text);
    }
    arena_finish(&arena);
}

static void test_walk(void **state)
{
    static const char text[] = " {\"a\" : [1, \"],[\\\"\", {\"x\":[ ]}, null ] ,\"b\":-1.5e3} ";
    static const char *const elements[] = {"1", "\"],[\\\"\"", "{\"x\":[ ]}", "null"};
    struct json_part whole = json_split_root(text, sizeof text - 1), key, value, element;
    struct json_walk members, items;
    (void)state;
    assert_false(json_split_enter(&whole, '[', &members));
    assert_true(json_split_enter(&whole, '{', &members));
    assert_true(json_split_next_member(&members, &key, &value));
    assert_true(json_split_key_equals(&key, "a") && !json_split_key_equals(&key, "b"));
    assert_true(json_split_enter(&value, '[', &items));
    for (size_t i = 0; i < COUNT(elements); i++) {
        assert_true(json_split_next_element(&items, &element));
        assert_int_equal(element.len, strlen(elements[i]));
        assert_memory_equal(element.text, elements[i], element.len);
    }
    assert_false(json_split_next_element(&items, &element));
    assert_true(json_split_next_member(&members, &key, &value));
    assert_true(json_split_key_equals(&key, "b"));
    assert_memory_equal(value.text, "-1.5e3", value.len);
    assert_false(json_split_next_member(&members, &key, &value));
}

static void test_names(void **state)
{
    struct arena arena = {0};
    struct string_map names = {.arena = &arena};
    (void)state;
    assert_null(string_map_find(&names, "a"));
    for (int i = 0; i < 1000; i++)
        string_map_add(&names, arena_format(&arena, "name%d", i), arena_format(&arena, "%d", i));
    for (int i = 0; i < 1000; i++)
        assert_string_equal(string_map_find(&names, arena_format(&arena, "name%d", i)),
                            arena_format(&arena, "%d", i));
    assert_null(string_map_find(&names, "name1000"));
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),       cmocka_unit_test(test_goes_on_behind_a_bad_row),
        cmocka_unit_test(test_round_trip), cmocka_unit_test(test_separators_in_texts),
        cmocka_unit_test(test_walk),       cmocka_unit_test(test_names),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
