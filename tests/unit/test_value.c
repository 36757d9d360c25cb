/* The value of JSON scalars for each type, and values as JSON. */
#include "check.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/model/value.h"

static struct scalar number(double n)
{
    return (struct scalar){.kind = SCALAR_NUMBER, .number = n};
}

static struct scalar string(const char *text)
{
    return (struct scalar){.kind = SCALAR_STRING, .text = text, .len = strlen(text)};
}

/* In order. */
static const struct value_map_entry entries[] = {{" ON", 5}, {"-1.5", 6},  {"1e+300", 8},
                                                 {"20", 3},  {"7", 9},     {"AUTO", 2.5},
                                                 {"ON", 1},  {"false", 1}, {"true", 0}};
static const struct value_map map = {COUNT(entries), entries};
static const struct value_reading mapped = {.map = &map};

/* Strings and numbers, and the values they read as, written as JSON. */
static const struct {
    const char *text; /* NULL: the number */
    double number;
    enum value_type type;
    const char *reads; /* or a fault's name */
} rows[] = {
    {NULL, 21.5, TYPE_FLOAT32, "21.5"},
    {NULL, 0, TYPE_INT16, "0"},
    {NULL, -0.0, TYPE_INT16, "0"},
    {NULL, -3, TYPE_INT16, "-3"},
    {NULL, 1e300, TYPE_FLOAT64, "1e+300"},
    {NULL, INFINITY, TYPE_FLOAT64, "out_of_range"},
    {NULL, INFINITY, TYPE_BOOL, "out_of_range"},
    {NULL, 0x1p53 - 1, TYPE_INT64, "9007199254740991"},
    {NULL, 0x1p53, TYPE_INT64, "inexact_integer"},
    {NULL, -0x1p53, TYPE_INT64, "inexact_integer"},
    {NULL, 0x1p53, TYPE_UINT64, "inexact_integer"},
    {NULL, 0x1p53, TYPE_FLOAT64, "9007199254740992"},
    {NULL, 0x1p64, TYPE_UINT64, "1.8446744073709552e+19"},
    {NULL, 0, TYPE_BOOL, "false"},
    {NULL, -0.5, TYPE_BOOL, "true"},
    {"21.50", 0, TYPE_FLOAT32, "21.5"},
    {"007", 0, TYPE_INT16, "7"},
    {"-007", 0, TYPE_INT16, "-7"},
    {"+5", 0, TYPE_INT16, "5"},
    {"-0", 0, TYPE_INT16, "0"},
    {"1e3", 0, TYPE_INT32, "1000"},
    {"1.5E-1", 0, TYPE_FLOAT64, "0.15"},
    {"18446744073709551615", 0, TYPE_UINT64, "18446744073709551615"},
    {"-9223372036854775808", 0, TYPE_INT64, "-9223372036854775808"},
    {"9007199254740993", 0, TYPE_INT64, "9007199254740993"},
    {"18446744073709551616", 0, TYPE_UINT64, "1.8446744073709552e+19"},
    {"1e400", 0, TYPE_FLOAT64, "out_of_range"},
    {"", 0, TYPE_INT16, "not_a_number"},
    {"-", 0, TYPE_INT16, "not_a_number"},
    {".5", 0, TYPE_FLOAT32, "not_a_number"},
    {"5.", 0, TYPE_FLOAT32, "not_a_number"},
    {"1e", 0, TYPE_FLOAT32, "not_a_number"},
    {" 5", 0, TYPE_INT16, "5"},
    {"5 ", 0, TYPE_INT16, "5"},
    {"\t-7.5\r\n", 0, TYPE_FLOAT32, "-7.5"},
    {" \n\n", 0, TYPE_INT16, "not_a_number"},
    {" - 5", 0, TYPE_INT16, "not_a_number"},
    {"5 5", 0, TYPE_INT16, "not_a_number"},
    {"\v5", 0, TYPE_INT16, "not_a_number"},
    {"\xc2\xa0"
     "5",
     0, TYPE_INT16, "not_a_number"},
    {"5 C", 0, TYPE_INT16, "not_a_number"},
    {"0x10", 0, TYPE_INT16, "not_a_number"},
    {"nan", 0, TYPE_FLOAT32, "not_a_number"},
    {"inf", 0, TYPE_FLOAT32, "not_a_number"},
    {"1,5", 0, TYPE_FLOAT32, "not_a_number"},
    {"true", 0, TYPE_INT16, "not_a_number"},
    {"ON", 0, TYPE_INT16, "not_a_number"},
    {"ON", 0, TYPE_BOOL, "true"},
    {"off", 0, TYPE_BOOL, "false"},
    {"True", 0, TYPE_BOOL, "true"},
    {"FALSE", 0, TYPE_BOOL, "false"},
    {"yes", 0, TYPE_BOOL, "true"},
    {"No", 0, TYPE_BOOL, "false"},
    {"Open", 0, TYPE_BOOL, "true"},
    {"closed", 0, TYPE_BOOL, "false"},
    {"0", 0, TYPE_BOOL, "false"},
    {"0.0", 0, TYPE_BOOL, "false"},
    {"2", 0, TYPE_BOOL, "true"},
    {" on\n", 0, TYPE_BOOL, "true"},
    {"o n", 0, TYPE_BOOL, "not_a_number"},
    {"-0.0", 0, TYPE_BOOL, "false"},
    {"-1", 0, TYPE_BOOL, "true"},
    {"0.001", 0, TYPE_BOOL, "true"},
    {"1e-400", 0, TYPE_BOOL, "false"},
    {"-18446744073709551615", 0, TYPE_INT64, "-18446744073709551615"},
    {"-18446744073709551616", 0, TYPE_INT64, "-1.8446744073709552e+19"},
    {"9223372036854775808", 0, TYPE_INT64, "9223372036854775808"},
    {"9007199254740991.0", 0, TYPE_INT64, "9007199254740991"},
    {"9007199254740992.0", 0, TYPE_INT64, "inexact_integer"},
    {"-9007199254740992.0", 0, TYPE_INT64, "inexact_integer"},
    {"-9007199254740991.0", 0, TYPE_INT64, "-9007199254740991"},
    {"-9007199254740992.0", 0, TYPE_UINT64, "-9007199254740992"},
    {"9007199254740992.0", 0, TYPE_INT32, "9007199254740992"},
    {"9223372036854775808.0", 0, TYPE_INT64, "9.223372036854776e+18"},
    {"9223372036854774784.0", 0, TYPE_INT64, "inexact_integer"},
    {"1.", 0, TYPE_INT16, "not_a_number"},
    {"1.5.", 0, TYPE_FLOAT32, "not_a_number"},
    {"1e5.", 0, TYPE_FLOAT32, "not_a_number"},
    {"1e+", 0, TYPE_FLOAT32, "not_a_number"},
    {"1e-", 0, TYPE_FLOAT32, "not_a_number"},
    {"1e+05", 0, TYPE_FLOAT32, "100000"},
    {"1E-5", 0, TYPE_FLOAT64, "1e-05"},
    {"+-5", 0, TYPE_INT16, "not_a_number"},
    {"-+5", 0, TYPE_INT16, "not_a_number"},
    {"+", 0, TYPE_INT16, "not_a_number"},
    {"e5", 0, TYPE_FLOAT32, "not_a_number"},
    {"-e5", 0, TYPE_FLOAT32, "not_a_number"},
    {"1.e5", 0, TYPE_FLOAT32, "not_a_number"},
    {"+1.25e+1", 0, TYPE_FLOAT32, "12.5"},
    {"of", 0, TYPE_BOOL, "not_a_number"},
    {"opened", 0, TYPE_BOOL, "not_a_number"},
    {"onn", 0, TYPE_BOOL, "not_a_number"},
};

/* What a string tag takes. */
static const struct {
    const char *text; /* NULL: the number */
    double number;
    const char *reads; /* or a fault's name */
} texts[] = {
    {"5", 0, "5"},
    {" 5\r\n", 0, " 5\r\n"},
    {"", 0, ""},
    {NULL, 116084, "116084"},
    {NULL, -0.0, "0"},
    {NULL, -21.5, "-21.5"},
    {NULL, 1e15, "1000000000000000"},
    {NULL, 0x1p53 - 1, "9007199254740991"},
    {NULL, 0x1p53, "inexact_integer"},
    {NULL, -1e300, "inexact_integer"},
    {NULL, INFINITY, "out_of_range"},
    {NULL, 0.1, "0.1"},
    {NULL, 1234567.12345678912345, "1234567.1234567892"},
    {NULL, 1e-7, "1e-07"},
};

static enum fault read_scalar(const struct scalar *scalar, enum value_type type,
                              struct value *value)
{
    char text[VALUE_TEXT_SIZE];
    return value_read_scalar(scalar, type, NULL, text, value);
}

static void check_reading(const struct scalar *scalar, enum value_type type,
                          const struct value_reading *with, const char *reads, const char *name)
{
    struct value value = {0};
    char own[VALUE_TEXT_SIZE], text[VALUE_TEXT_SIZE];
    enum fault fault = value_read_scalar(scalar, type, with, own, &value);
    if (fault == FAULT_NONE && value.kind == VALUE_TEXT)
        snprintf(text, sizeof text, "%.*s", (int)value.len, value.text);
    else if (fault == FAULT_NONE)
        value_format_json(&value, text);
    else
        snprintf(text, sizeof text, "%s", fault_names[fault]);
    if (strcmp(text, reads) != 0)
        fail_msg("%s as %s: %s, not %s", name, type_names[type], text, reads);
}

static void test_read(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char name[64];
        struct scalar scalar = rows[i].text ? string(rows[i].text) : number(rows[i].number);
        snprintf(name, sizeof name, "%s%.17g", rows[i].text ? rows[i].text : "", rows[i].number);
        check_reading(&scalar, rows[i].type, NULL, rows[i].reads, name);
    }
}

static void test_read_texts(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(texts); i++) {
        struct scalar scalar = texts[i].text ? string(texts[i].text) : number(texts[i].number);
        check_reading(&scalar, TYPE_STRING, NULL, texts[i].reads, texts[i].reads);
        check_reading(&scalar, TYPE_STRING, &mapped, texts[i].reads, texts[i].reads);
    }
    struct scalar truth = {.kind = SCALAR_BOOL, .truth = true}, lie = {.kind = SCALAR_BOOL};
    check_reading(&truth, TYPE_STRING, NULL, "true", "true");
    check_reading(&lie, TYPE_STRING, NULL, "false", "false");
}

static void test_nuls_around(void **state)
{
    (void)state;
    struct scalar scalar = {.kind = SCALAR_STRING, .text = "\0 20.5\r\n\0\0", .len = 10};
    check_reading(&scalar, TYPE_FLOAT32, NULL, "20.5", "NULs around");
    scalar = (struct scalar){.kind = SCALAR_STRING,
                             .text = "20\0"
                                     "5",
                             .len = 4};
    check_reading(&scalar, TYPE_FLOAT32, NULL, "not_a_number", "a NUL inside");
    scalar = (struct scalar){.kind = SCALAR_STRING, .text = "\0", .len = 1};
    check_reading(&scalar, TYPE_BOOL, NULL, "not_a_number", "only a NUL");
    scalar = (struct scalar){.kind = SCALAR_STRING, .text = "AUTO\0", .len = 5};
    check_reading(&scalar, TYPE_FLOAT32, &mapped, "2.5", "a word");
}

static void test_read_others(void **state)
{
    (void)state;
    struct scalar null = {.kind = SCALAR_NULL}, other = {.kind = SCALAR_OTHER};
    struct scalar truth = {.kind = SCALAR_BOOL, .truth = true};
    struct value value;
    for (unsigned type = 0; type < TYPE_COUNT; type++) {
        assert_int_equal(read_scalar(&null, (enum value_type)type, &value), FAULT_NULL_VALUE);
        assert_int_equal(read_scalar(&other, (enum value_type)type, &value),
                         type == TYPE_STRING ? FAULT_NOT_A_STRING : FAULT_NOT_A_NUMBER);
    }
    assert_int_equal(read_scalar(&truth, TYPE_INT16, &value), FAULT_NONE);
    assert_true(value_to_double(&value) == 1);
    struct scalar text = string("x");
    assert_int_equal(read_scalar(&text, TYPE_STRING, &value), FAULT_NONE);
    assert_int_equal(value.kind, VALUE_TEXT);
}

static void test_read_map(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reads;
    } strings[] = {{"ON", "1"},
                   {" ON", "5"},
                   {"\tON\n", "1"},
                   {"AUTO", "2.5"},
                   {"7", "9"},
                   {" 7", "9"},
                   {"7.0", "7"},
                   {"8", "8"},
                   {"true", "0"},
                   {"True", "unmapped_string"},
                   {"on", "unmapped_string"},
                   {"", "unmapped_string"},
                   {"O", "unmapped_string"},
                   {"ONE", "unmapped_string"}};
    static const struct {
        double number;
        const char *reads;
    } numbers[] = {{7, "9"},     {7.5, "7.5"}, {-1.5, "6"}, {20, "3"},
                   {1e300, "8"}, {0, "0"},     {1, "1"}};
    for (size_t i = 0; i < COUNT(strings); i++) {
        struct scalar scalar = string(strings[i].text);
        check_reading(&scalar, TYPE_FLOAT64, &mapped, strings[i].reads, strings[i].text);
    }
    for (size_t i = 0; i < COUNT(numbers); i++) {
        struct scalar scalar = number(numbers[i].number);
        check_reading(&scalar, TYPE_FLOAT64, &mapped, numbers[i].reads, numbers[i].reads);
    }
    struct scalar truth = {.kind = SCALAR_BOOL, .truth = true}, lie = {.kind = SCALAR_BOOL};
    check_reading(&truth, TYPE_BOOL, &mapped, "false", "true");
    check_reading(&lie, TYPE_BOOL, &mapped, "true", "false");
    check_reading(&truth, TYPE_INT16, &mapped, "0", "true");
    struct value value = {.kind = VALUE_REAL, .real = 2.5};
    assert_string_equal(value_map_find_text(&map, &value), "AUTO");
    value.real = 33;
    assert_null(value_map_find_text(&map, &value));
}

/* An integer of 2^53 or more may be another one in the payload than the entry's. */
static void test_map_of_inexact_integers(void **state)
{
    (void)state;
    static const struct value_map_entry integers[] = {
        {"12345678901234568", 2}, {"9007199254740991", 3}, {"9007199254740992", 1}};
    static const struct value_map of_integers = {COUNT(integers), integers};
    static const struct value_reading reading = {.map = &of_integers};
    struct scalar exact = number(0x1p53 - 1), inexact = number(0x1p53),
                  longer = number(12345678901234567.0), text = string("9007199254740992");
    check_reading(&exact, TYPE_UINT64, &reading, "3", "2^53 - 1");
    check_reading(&inexact, TYPE_UINT64, &reading, "inexact_integer", "2^53");
    check_reading(&longer, TYPE_UINT64, &reading, "inexact_integer", "17 digits");
    check_reading(&text, TYPE_UINT64, &reading, "1", "a string");
}

/* Texts in the forms of mqtt.number. */
static void test_number_formats(void **state)
{
    (void)state;
    static const struct {
        enum number_format format;
        const char *text;
        enum value_type type;
        const char *reads;
    } forms[] = {
        {NUMBER_DECIMAL_COMMA, "21,5", TYPE_FLOAT32, "21.5"},
        {NUMBER_DECIMAL_COMMA, " -0,25\n", TYPE_FLOAT32, "-0.25"},
        {NUMBER_DECIMAL_COMMA, "21", TYPE_INT16, "21"},
        {NUMBER_DECIMAL_COMMA, "1.234,5", TYPE_FLOAT64, "1234.5"},
        {NUMBER_DECIMAL_COMMA, "+12.345.678", TYPE_INT32, "12345678"},
        {NUMBER_DECIMAL_COMMA, "18.446.744.073.709.551.615", TYPE_UINT64, "18446744073709551615"},
        {NUMBER_DECIMAL_COMMA, "1,5e3", TYPE_INT32, "1500"},
        {NUMBER_DECIMAL_COMMA, "1.234", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "21.5", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1.234e3", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1.23,4", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1.2345,6", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1234.567,8", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1,234.5", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1,2,3", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, ".234,5", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "0.234,5", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "-012.345.678", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "00,5", TYPE_FLOAT64, "0.5"},
        {NUMBER_DECIMAL_COMMA, ",5", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "5,", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1..234,5", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "1e3,5", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "", TYPE_FLOAT64, "not_a_number"},
        {NUMBER_DECIMAL_COMMA, "on", TYPE_BOOL, "true"},
        {NUMBER_DECIMAL_COMMA, "0,0", TYPE_BOOL, "false"},
        {NUMBER_HEX, "0190", TYPE_UINT16, "400"},
        {NUMBER_HEX, "0x190", TYPE_UINT16, "400"},
        {NUMBER_HEX, " 0XfFfF\r\n", TYPE_UINT16, "65535"},
        {NUMBER_HEX, "0000000000000000000000000000001f", TYPE_INT16, "31"},
        {NUMBER_HEX, "ffffffffffffffff", TYPE_UINT64, "18446744073709551615"},
        {NUMBER_HEX, "10000000000000000", TYPE_UINT64, "out_of_range"},
        {NUMBER_HEX, "0", TYPE_BOOL, "false"},
        {NUMBER_HEX, "0A", TYPE_BOOL, "true"},
        {NUMBER_HEX, "off", TYPE_BOOL, "false"},
        {NUMBER_HEX, "0x", TYPE_UINT16, "not_a_number"},
        {NUMBER_HEX, "x1", TYPE_UINT16, "not_a_number"},
        {NUMBER_HEX, "", TYPE_UINT16, "not_a_number"},
        {NUMBER_HEX, "-1", TYPE_INT16, "not_a_number"},
        {NUMBER_HEX, "1.5", TYPE_FLOAT32, "not_a_number"},
        {NUMBER_HEX, "0x0x1", TYPE_UINT16, "not_a_number"},
        {NUMBER_HEX, "12 34", TYPE_UINT16, "not_a_number"},
    };
    for (size_t i = 0; i < COUNT(forms); i++) {
        const struct value_reading reading = {.number = (uint8_t)forms[i].format};
        struct scalar scalar = string(forms[i].text);
        check_reading(&scalar, forms[i].type, &reading, forms[i].reads, forms[i].text);
    }
    const struct value_reading hex = {.number = NUMBER_HEX};
    struct scalar scalar = number(190);
    check_reading(&scalar, TYPE_UINT16, &hex, "190", "a JSON number is decimal");
    scalar = string("0190");
    check_reading(&scalar, TYPE_STRING, &hex, "0190", "a text stays");
    char text[600];
    memset(text, '1', sizeof text);
    scalar = (struct scalar){.kind = SCALAR_STRING, .text = text, .len = sizeof text};
    const struct value_reading comma = {.number = NUMBER_DECIMAL_COMMA};
    check_reading(&scalar, TYPE_FLOAT64, &comma, "not_a_number", "a long number");
    check_reading(&scalar, TYPE_FLOAT64, &hex, "out_of_range", "a long number");
}

static void test_pattern(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text; /* NULL: the number */
        double number;
        enum value_type type;
        enum number_format format;
        bool mapped;
        const char *reads;
    } taken[] = {
        {"^(-?[0-9.]+)", "20.5 \xe2\x84\x83", 0, TYPE_FLOAT32, NUMBER_DECIMAL, false, "20.5"},
        {"([0-9,]+) *kWh", "1.234,5kWh", 0, TYPE_FLOAT32, NUMBER_DECIMAL_COMMA, false, "234.5"},
        {"([0-9.,]+) *kWh", "1.234,5 kWh", 0, TYPE_FLOAT32, NUMBER_DECIMAL_COMMA, false, "1234.5"},
        {"^..(..)", "01ff02", 0, TYPE_UINT16, NUMBER_HEX, false, "255"},
        {"^([0-9]+) C$", "20 C\r\n", 0, TYPE_INT16, NUMBER_DECIMAL, false, "20"},
        {"^ ([0-9]+)", " 20 ", 0, TYPE_INT16, NUMBER_DECIMAL, false, "20"},
        {"state:(.*)", "state: ON ", 0, TYPE_FLOAT32, NUMBER_DECIMAL, true, "1"},
        {"state:(.*)", "state: ON", 0, TYPE_FLOAT32, NUMBER_DECIMAL, true, "5"},
        {"state:(.*)", "state:off", 0, TYPE_FLOAT32, NUMBER_DECIMAL, true, "unmapped_string"},
        {"state:(.*)", "state:off", 0, TYPE_FLOAT32, NUMBER_DECIMAL, false, "not_a_number"},
        {"state:(.*)", "off", 0, TYPE_FLOAT32, NUMBER_DECIMAL, true, "no_match"},
        {"[a-z]+", "ON off", 0, TYPE_BOOL, NUMBER_DECIMAL, false, "false"},
        {"[a-z]+", "ON off", 0, TYPE_STRING, NUMBER_DECIMAL, false, "off"},
        {"^[^ ]*", "", 0, TYPE_STRING, NUMBER_DECIMAL, false, ""},
        {"^[^ ]*", "", 0, TYPE_INT16, NUMBER_DECIMAL, false, "not_a_number"},
        {".*", " a\n", 0, TYPE_STRING, NUMBER_DECIMAL, false, " a"},
        {"..$", NULL, 116084, TYPE_INT16, NUMBER_DECIMAL, false, "84"},
        {"..$", NULL, 116084, TYPE_STRING, NUMBER_DECIMAL, false, "84"},
        {"..$", NULL, 116020, TYPE_INT16, NUMBER_DECIMAL, true, "3"},
        {"..$", NULL, 116010, TYPE_INT16, NUMBER_HEX, true, "16"},
        {"..$", NULL, 0x1p53, TYPE_INT16, NUMBER_DECIMAL, false, "inexact_integer"},
        {"..$", NULL, INFINITY, TYPE_INT16, NUMBER_DECIMAL, false, "out_of_range"},
        {"x", NULL, 5, TYPE_INT16, NUMBER_DECIMAL, false, "no_match"},
    };
    static struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error;
    for (size_t i = 0; i < COUNT(taken); i++) {
        assert_true(pattern_compile(taken[i].pattern, &room, &pattern, &error));
        const struct value_reading reading = {.map = taken[i].mapped ? &map : NULL,
                                              .pattern = &pattern,
                                              .number = (uint8_t)taken[i].format};
        struct scalar scalar = taken[i].text ? string(taken[i].text) : number(taken[i].number);
        check_reading(&scalar, taken[i].type, &reading, taken[i].reads,
                      taken[i].text ? taken[i].text : taken[i].pattern);
    }
    struct scalar truth = {.kind = SCALAR_BOOL, .truth = true}, null = {.kind = SCALAR_NULL};
    assert_true(pattern_compile(".$", &room, &pattern, &error));
    const struct value_reading last = {.pattern = &pattern};
    check_reading(&truth, TYPE_STRING, &last, "e", "true");
    check_reading(&null, TYPE_STRING, &last, "null_value", "null");

    /* Texts that are too long are refused, not cut. */
    static char text[PATTERN_TEXT_MAX + 3];
    memset(text, '7', sizeof text);
    text[PATTERN_TEXT_MAX] = '\r';
    text[PATTERN_TEXT_MAX + 1] = '\0';
    struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = PATTERN_TEXT_MAX + 2};
    check_reading(&scalar, TYPE_INT16, &last, "7", "the longest text");
    scalar.len++;
    check_reading(&scalar, TYPE_INT16, &last, "too_long", "a longer text");
}

/* Every entry of a large map is found, and nothing beside it. */
static void test_sorted_map(void **state)
{
    (void)state;
    enum { MANY = 1000 };
    static char words[MANY][8];
    static struct value_map_entry many[MANY];
    for (size_t i = 0; i < MANY; i++) {
        snprintf(words[i], sizeof words[i], "w%zu", i * 7919 % MANY);
        many[i] = (struct value_map_entry){words[i], (double)(i * 7919 % MANY)};
    }
    value_map_sort(many, MANY);
    value_map_sort(NULL, 0);
    const struct value_map large = {MANY, many};
    const struct value_reading reading = {.map = &large};
    for (size_t i = 0; i < MANY; i++) {
        char word[16], reads[8];
        snprintf(word, sizeof word, "w%zu", i);
        snprintf(reads, sizeof reads, "%zu", i);
        struct scalar scalar = string(word);
        check_reading(&scalar, TYPE_UINT16, &reading, reads, word);
        strcat(word, "x");
        scalar = string(word);
        check_reading(&scalar, TYPE_UINT16, &reading, "unmapped_string", word);
    }
}

static void test_long_decimals(void **state)
{
    (void)state;
    char text[600];
    struct value value;
    memset(text, '1', sizeof text);
    struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = 309};
    assert_int_equal(read_scalar(&scalar, TYPE_FLOAT64, &value), FAULT_NONE);
    assert_true(value.real > 1e308);
    scalar.len = sizeof text;
    assert_int_equal(read_scalar(&scalar, TYPE_FLOAT64, &value), FAULT_NOT_A_NUMBER);
    /* 400 characters at most, in both forms of numbers; leading zeros do not count as digits. */
    const struct value_reading comma = {.number = NUMBER_DECIMAL_COMMA};
    memset(text, '0', sizeof text);
    for (size_t len = 399; len <= 401; len++) {
        const char *reads = len <= 400 ? "7" : "not_a_number";
        text[len - 1] = '7';
        scalar.len = len;
        check_reading(&scalar, TYPE_UINT16, NULL, reads, "400 characters");
        check_reading(&scalar, TYPE_UINT16, &comma, reads, "400 characters, decimal_comma");
        text[len - 1] = '0';
    }
    memcpy(text, "0.", 2);
    memcpy(text + 396, "1e99", 4);
    scalar.len = 400;
    assert_int_equal(read_scalar(&scalar, TYPE_FLOAT64, &value), FAULT_NONE);
    assert_true(value.real > 0 && value.real < 1e-290);
}

static void test_format(void **state)
{
    (void)state;
    static const struct {
        double number;
        const char *text;
    } doubles[] = {
        {0, "0"},
        {-0.0, "0"},
        {1, "1"},
        {0.1, "0.1"},
        {1.0 / 3, "0.3333333333333333"},
        {-21.3, "-21.3"},
        {1e15, "1e+15"},
        {123456789012345, "123456789012345"},
        {5e-324, "5e-324"},
        {DBL_MAX, "1.7976931348623157e+308"},
        {0.1 + 0.2, "0.30000000000000004"},
        {-1, "-1"},
        {999999999999999, "999999999999999"},
        {-999999999999999, "-999999999999999"},
        {-1e15, "-1e+15"},
        {1e15 + 1, "1000000000000001"},
        {999999999999999.5, "999999999999999.5"},
        {0x1p53, "9007199254740992"},
        {0.1234567890123456, "0.1234567890123456"},
        {0.12345678901234568, "0.12345678901234568"},
        {DBL_MIN, "2.2250738585072014e-308"},
        {-5e-324, "-5e-324"},
        {1.2e-320, "1.2e-320"},
        {0.5, "0.5"},
        {100.5, "100.5"},
    };
    char text[VALUE_TEXT_SIZE];
    for (size_t i = 0; i < COUNT(doubles); i++) {
        value_format_double(doubles[i].number, text);
        assert_string_equal(text, doubles[i].text);
    }
    static const struct {
        struct value value;
        const char *text;
        double number; /* NaN: none */
        bool needs_quotes;
    } values[] = {
        {{.kind = VALUE_REAL, .real = NAN}, "null", NAN, false},
        {{.kind = VALUE_REAL, .real = -INFINITY}, "null", -INFINITY, false},
        {{.kind = VALUE_REAL, .real = -2.5}, "-2.5", -2.5, false},
        {{.kind = VALUE_NONE}, "null", NAN, false},
        {{.kind = VALUE_TEXT, .text = "5", .len = 1}, "null", NAN, false},
        {{.kind = VALUE_BOOL, .truth = true}, "true", 1, false},
        {{.kind = VALUE_BOOL, .magnitude = UINT64_MAX}, "false", 0, false},
        {{.kind = VALUE_INTEGER, .negative = true, .magnitude = 12}, "-12", -12, false},
        {{.kind = VALUE_INTEGER, .magnitude = UINT64_MAX}, "18446744073709551615", 0x1p64, true},
        {{.kind = VALUE_INTEGER, .negative = true, .magnitude = UINT64_C(1) << 63},
         "-9223372036854775808",
         -0x1p63,
         true},
    };
    for (size_t i = 0; i < COUNT(values); i++) {
        double number = value_to_double(&values[i].value);
        value_format_json(&values[i].value, text);
        assert_string_equal(text, values[i].text);
        check_row(number == values[i].number || (isnan(number) && isnan(values[i].number)), text);
        check_row(value_needs_quotes(&values[i].value) == values[i].needs_quotes, text);
    }
}

static void test_qualities_and_spans(void **state)
{
    (void)state;
    static const struct {
        struct scalar scalar;
        bool is_good;
    } qualities[] = {
        {{.kind = SCALAR_NUMBER, .number = 191.99}, false},
        {{.kind = SCALAR_NUMBER, .number = 192}, true},
        {{.kind = SCALAR_NUMBER, .number = 255}, true},
        {{.kind = SCALAR_NUMBER, .number = 255.01}, false},
        {{.kind = SCALAR_NUMBER, .number = NAN}, false},
        {{.kind = SCALAR_BOOL, .truth = true, .number = 0}, true},
        {{.kind = SCALAR_BOOL, .truth = false, .number = 200}, false},
        {{.kind = SCALAR_STRING, .text = "gOOD", .len = 4}, true},
        {{.kind = SCALAR_STRING, .text = "good ", .len = 5}, false},
        {{.kind = SCALAR_STRING, .text = "good", .len = 3}, false},
        {{.kind = SCALAR_STRING, .text = "bad!", .len = 4}, false},
        {{.kind = SCALAR_NULL, .truth = true, .number = 192}, false},
        {{.kind = SCALAR_OTHER, .truth = true, .number = 192}, false},
    };
    for (size_t i = 0; i < COUNT(qualities); i++)
        assert_int_equal(value_is_good_quality(&qualities[i].scalar), qualities[i].is_good);
    const struct text_span a = {"abc", 3}, b = {"abd", 3}, shorter = {"ab", 2}, none = {NULL, 0},
                           empty = {"", 0};
    assert_true(text_span_is_equal(a, (struct text_span){"abcd", 3}));
    assert_false(text_span_is_equal(a, b));
    assert_false(text_span_is_equal(a, shorter));
    assert_false(text_span_is_equal(shorter, a));
    assert_true(text_span_is_equal(none, empty));
    struct text_span span = text_span_trim((struct text_span){"\t \r\na b\0 \n", 10});
    assert_int_equal(span.len, 3);
    assert_memory_equal(span.text, "a b", 3);
    assert_int_equal(text_span_trim((struct text_span){" \n ", 3}).len, 0);
    assert_int_equal(text_span_trim(none).len, 0);
}

/* The text of a number in a map, by the number. */
static void test_texts_of_numbers(void **state)
{
    (void)state;
    static const struct value_map_entry large[] = {
        {"2^53", 0x1p53}, {"-5", -5}, {"2^63", 0x1p63}, {"2^64", 0x1p64}};
    static const struct value_map large_map = {COUNT(large), large};
    static const struct {
        struct value value;
        const char *text;
    } rows_out[] = {
        {{.kind = VALUE_INTEGER, .magnitude = UINT64_C(1) << 53}, "2^53"},
        {{.kind = VALUE_INTEGER, .magnitude = (UINT64_C(1) << 53) + 1}, NULL},
        {{.kind = VALUE_INTEGER, .magnitude = (UINT64_C(1) << 53) - 1}, NULL},
        {{.kind = VALUE_INTEGER, .negative = true, .magnitude = 5}, "-5"},
        {{.kind = VALUE_INTEGER, .magnitude = 5}, NULL},
        {{.kind = VALUE_REAL, .real = -5}, "-5"},
        {{.kind = VALUE_INTEGER, .magnitude = UINT64_C(1) << 63}, "2^63"},
        {{.kind = VALUE_INTEGER, .magnitude = (UINT64_C(1) << 63) + 1}, NULL},
        {{.kind = VALUE_INTEGER, .magnitude = UINT64_MAX}, NULL},
        {{.kind = VALUE_REAL, .real = 0x1p64}, "2^64"},
    };
    for (size_t i = 0; i < COUNT(rows_out); i++) {
        const char *text = value_map_find_text(&large_map, &rows_out[i].value);
        if (!text || !rows_out[i].text)
            assert_true(text == rows_out[i].text);
        else
            assert_string_equal(text, rows_out[i].text);
        assert_null(value_map_find_text(NULL, &rows_out[i].value));
    }
}

static void test_widen_float(void **state)
{
    (void)state;
    assert_true(value_widen_float(21.3f) == 21.3);
    assert_true(value_widen_float(0.1f) == 0.1);
    assert_true(value_widen_float(1e-45f) == 1e-45);
    assert_true(value_widen_float(16777217.0f) == 16777216.0);
    assert_true(value_widen_float(-1204.337f) == -1204.337);
    /* The shortest decimal, 7.038531e-26, is a double that rounds to the next float. */
    assert_true((float)value_widen_float(0x1.5c87fap-84f) == 0x1.5c87fap-84f);
    assert_true((float)value_widen_float(FLT_MAX) == FLT_MAX);
    assert_true(isinf(value_widen_float(INFINITY)));
    assert_true(isnan(value_widen_float(NAN)));
    for (uint32_t bits = 0; bits < 0x7f800000; bits += 104729) {
        float single;
        memcpy(&single, &bits, sizeof single);
        assert_true((float)value_widen_float(single) == single);
    }
}

static void test_quotes(void **state)
{
    (void)state;
    struct value value = {.kind = VALUE_INTEGER, .magnitude = (UINT64_C(1) << 53) - 1};
    assert_false(value_needs_quotes(&value));
    value.magnitude++;
    assert_true(value_needs_quotes(&value));
    value = (struct value){.kind = VALUE_REAL, .real = 1e300};
    assert_false(value_needs_quotes(&value));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_read),
        cmocka_unit_test(test_read_others),
        cmocka_unit_test(test_map_of_inexact_integers),
        cmocka_unit_test(test_read_map),
        cmocka_unit_test(test_long_decimals),
        cmocka_unit_test(test_format),
        cmocka_unit_test(test_qualities_and_spans),
        cmocka_unit_test(test_texts_of_numbers),
        cmocka_unit_test(test_widen_float),
        cmocka_unit_test(test_quotes),
        cmocka_unit_test(test_read_texts),
        cmocka_unit_test(test_nuls_around),
        cmocka_unit_test(test_sorted_map),
        cmocka_unit_test(test_number_formats),
        cmocka_unit_test(test_pattern),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
