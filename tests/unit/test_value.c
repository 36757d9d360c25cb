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

static const struct value_map_entry entries[] = {{"ON", 1}, {"AUTO", 2.5}, {"7", 9}};
static const struct value_map map = {3, entries};

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
    {" 5", 0, TYPE_INT16, "not_a_number"},
    {"5 ", 0, TYPE_INT16, "not_a_number"},
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
    {"onn", 0, TYPE_BOOL, "not_a_number"},
    {"5", 0, TYPE_STRING, NULL},
    {NULL, 5, TYPE_STRING, "not_a_string"},
};

static void check_reading(const struct scalar *scalar, enum value_type type,
                          const struct value_map *with, const char *reads, const char *name)
{
    struct value value = {0};
    char text[VALUE_TEXT_SIZE];
    enum fault fault = value_read_scalar(scalar, type, with, &value);
    if (fault == FAULT_NONE)
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
        if (rows[i].reads)
            check_reading(&scalar, rows[i].type, NULL, rows[i].reads, name);
    }
}

static void test_read_others(void **state)
{
    (void)state;
    struct scalar null = {.kind = SCALAR_NULL}, other = {.kind = SCALAR_OTHER};
    struct scalar truth = {.kind = SCALAR_BOOL, .truth = true};
    struct value value;
    for (unsigned type = 0; type < TYPE_COUNT; type++) {
        assert_int_equal(value_read_scalar(&null, (enum value_type)type, NULL, &value),
                         FAULT_NULL_VALUE);
        assert_int_not_equal(value_read_scalar(&other, (enum value_type)type, NULL, &value),
                             FAULT_NONE);
    }
    assert_int_equal(value_read_scalar(&truth, TYPE_INT16, NULL, &value), FAULT_NONE);
    assert_true(value_to_double(&value) == 1);
    assert_int_equal(value_read_scalar(&truth, TYPE_STRING, NULL, &value), FAULT_NOT_A_STRING);
    struct scalar text = string("x");
    assert_int_equal(value_read_scalar(&text, TYPE_STRING, NULL, &value), FAULT_NONE);
    assert_int_equal(value.kind, VALUE_TEXT);
}

static void test_read_map(void **state)
{
    (void)state;
    static const struct {
        const char *text, *reads;
    } mapped[] = {{"ON", "1"},
                  {"AUTO", "2.5"},
                  {"7", "9"},
                  {"8", "8"},
                  {"on", "unmapped_string"},
                  {"", "unmapped_string"},
                  {"O", "unmapped_string"}};
    for (size_t i = 0; i < COUNT(mapped); i++) {
        struct scalar scalar = string(mapped[i].text);
        check_reading(&scalar, TYPE_FLOAT32, &map, mapped[i].reads, mapped[i].text);
    }
    struct value value = {.kind = VALUE_REAL, .real = 2.5};
    assert_string_equal(value_map_find_text(&map, &value), "AUTO");
    value.real = 3;
    assert_null(value_map_find_text(&map, &value));
}

static void test_long_decimals(void **state)
{
    (void)state;
    char text[600];
    struct value value;
    memset(text, '1', sizeof text);
    struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = 309};
    assert_int_equal(value_read_scalar(&scalar, TYPE_FLOAT64, NULL, &value), FAULT_NONE);
    assert_true(value.real > 1e308);
    scalar.len = sizeof text;
    assert_int_equal(value_read_scalar(&scalar, TYPE_FLOAT64, NULL, &value), FAULT_NOT_A_NUMBER);
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
    };
    char text[VALUE_TEXT_SIZE];
    for (size_t i = 0; i < COUNT(doubles); i++) {
        value_format_double(doubles[i].number, text);
        assert_string_equal(text, doubles[i].text);
    }
    struct value bad = {.kind = VALUE_REAL, .real = NAN};
    value_format_json(&bad, text);
    assert_string_equal(text, "null");
}

static void test_widen_float(void **state)
{
    (void)state;
    assert_true(value_widen_float(21.3f) == 21.3);
    assert_true(value_widen_float(0.1f) == 0.1);
    assert_true(value_widen_float(1e-45f) == 1e-45);
    assert_true(value_widen_float(16777217.0f) == 16777216.0);
    assert_true(value_widen_float(-1204.337f) == -1204.337);
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
        cmocka_unit_test(test_read),     cmocka_unit_test(test_read_others),
        cmocka_unit_test(test_read_map), cmocka_unit_test(test_long_decimals),
        cmocka_unit_test(test_format),   cmocka_unit_test(test_widen_float),
        cmocka_unit_test(test_quotes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
