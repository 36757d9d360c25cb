/* Payloads of Sparkplug from hand-made bytes to scalars, births, and the payloads of commands. */
#include "check.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "mqttd/sparkplug/sparkplug_birth.h"
#include "mqttd/sparkplug/sparkplug_command.h"
#include "sparkplug_bytes.h"

static void decode(struct sparkplug_payload *payload, const struct bytes *bytes)
{
    assert_true(sparkplug_payload_decode(payload, bytes->data, bytes->len));
}

static void test_all_members(void **state)
{
    struct bytes bytes = {.len = 0}, metric = {.len = 0};
    struct sparkplug_payload payload;
    struct sparkplug_metric read;
    (void)state;
    put_number(&bytes, PAYLOAD_TIMESTAMP, 1700000000000);
    put_name(&metric, "a/b c");
    put_number(&metric, METRIC_ALIAS, UINT64_MAX);
    put_number(&metric, METRIC_TIMESTAMP, 1700000000001);
    put_number(&metric, METRIC_TYPE, SPARKPLUG_INT32);
    put_number(&metric, METRIC_HISTORICAL, 1);
    put_number(&metric, 6, 1);      /* is_transient, which does not matter */
    put_text(&metric, 8, "x", 1);   /* nor does the metadata */
    put_text(&metric, 100, "y", 1); /* nor what a later edition may add */
    put_quality(&metric, 500);
    put_number(&metric, METRIC_INT, 7);
    put_metric(&bytes, &metric);
    put_number(&bytes, PAYLOAD_SEQ, 255);
    put_text(&bytes, 4, "uuid", 4);
    decode(&payload, &bytes);
    assert_int_equal(payload.metric_count, 1);
    assert_int_equal(payload.timestamp_ms, 1700000000000);
    assert_true(payload.has_seq);
    assert_int_equal(payload.seq, 255);
    sparkplug_payload_read_metric(&payload, 0, &read);
    assert_memory_equal(read.name, "a/b c", 5);
    assert_int_equal(read.name_len, 5);
    assert_true(read.has_alias && read.alias == UINT64_MAX);
    assert_int_equal(read.timestamp_ms, 1700000000001);
    assert_int_equal(read.type, SPARKPLUG_INT32);
    assert_true(read.is_historical && !read.is_null);
    assert_true(read.has_quality);
    assert_int_equal(read.quality, 500);
    assert_int_equal(read.field, SPARKPLUG_INT_FIELD);
    assert_int_equal(read.integer, 7);
    sparkplug_payload_finish(&payload);

    assert_true(sparkplug_payload_decode(&payload, NULL, 0));
    assert_int_equal(payload.metric_count, 0);
    assert_false(payload.has_seq);
    sparkplug_payload_finish(&payload);
}

/* A value as others encode it, and the scalar that it becomes. */
static void test_values(void **state)
{
    static const struct {
        const char *name;
        unsigned type, field;
        uint64_t bits; /* of INT, LONG and BOOLEAN */
        double real;
        enum scalar_kind kind;
        double number;
        const char *text;
    } rows[] = {
        {"Int8 in 8 bits", 1, METRIC_INT, 0xff, 0, SCALAR_NUMBER, -1, NULL},
        {"Int8 in 32 bits", 1, METRIC_INT, 0xffffff80, 0, SCALAR_NUMBER, -128, NULL},
        {"Int16", 2, METRIC_INT, 0xffff8000, 0, SCALAR_NUMBER, -32768, NULL},
        {"Int32", 3, METRIC_INT, 0x80000000, 0, SCALAR_NUMBER, -2147483648.0, NULL},
        {"Int32 in a long", 3, METRIC_LONG, UINT64_MAX, 0, SCALAR_NUMBER, -1, NULL},
        {"Int64", 4, METRIC_LONG, (uint64_t)-5, 0, SCALAR_NUMBER, -5, NULL},
        {"Int64 least", 4, METRIC_LONG, UINT64_C(1) << 63, 0, SCALAR_STRING, 0,
         "-9223372036854775808"},
        {"Int64 above 2^53", 4, METRIC_LONG, (UINT64_C(1) << 53) + 1, 0, SCALAR_STRING, 0,
         "9007199254740993"},
        {"UInt8", 5, METRIC_INT, 255, 0, SCALAR_NUMBER, 255, NULL},
        {"UInt16", 6, METRIC_INT, 65535, 0, SCALAR_NUMBER, 65535, NULL},
        {"UInt32", 7, METRIC_LONG, 0xffffffff, 0, SCALAR_NUMBER, 4294967295.0, NULL},
        {"UInt32 in an int", 7, METRIC_INT, 0xffffffff, 0, SCALAR_NUMBER, 4294967295.0, NULL},
        {"UInt64", 8, METRIC_LONG, UINT64_MAX, 0, SCALAR_STRING, 0, "18446744073709551615"},
        {"DateTime", 13, METRIC_LONG, 1700000000000, 0, SCALAR_NUMBER, 1700000000000.0, NULL},
        {"Float", 9, METRIC_FLOAT, 0, 21.3, SCALAR_NUMBER, 21.3, NULL},
        {"Float without a type", 0, METRIC_FLOAT, 0, 21.3, SCALAR_NUMBER, 21.3, NULL},
        {"Float NaN", 9, METRIC_FLOAT, 0, NAN, SCALAR_OTHER, 0, "NaN"},
        {"Float infinity", 9, METRIC_FLOAT, 0, INFINITY, SCALAR_NUMBER, INFINITY, NULL},
        {"Double", 10, METRIC_DOUBLE, 0, 0.1, SCALAR_NUMBER, 0.1, NULL},
        {"Boolean", 11, METRIC_BOOLEAN, 1, 0, SCALAR_BOOL, 1, NULL},
        {"Int8 greatest", 1, METRIC_INT, 0x7f, 0, SCALAR_NUMBER, 127, NULL},
        {"Int16 greatest", 2, METRIC_INT, 0x7fff, 0, SCALAR_NUMBER, 32767, NULL},
        {"Int16 in a long", 2, METRIC_LONG, UINT64_MAX - 1, 0, SCALAR_NUMBER, -2, NULL},
        {"Int32 greatest", 3, METRIC_INT, 0x7fffffff, 0, SCALAR_NUMBER, 2147483647.0, NULL},
        {"Int64 in an int", 4, METRIC_INT, 0xfffffffb, 0, SCALAR_NUMBER, -5, NULL},
        {"Int64 below 2^53", 4, METRIC_LONG, (UINT64_C(1) << 53) - 1, 0, SCALAR_NUMBER, 0x1p53 - 1,
         NULL},
        {"Int64 2^53", 4, METRIC_LONG, UINT64_C(1) << 53, 0, SCALAR_STRING, 0, "9007199254740992"},
        {"Int64 above -2^53", 4, METRIC_LONG, 1 - (UINT64_C(1) << 53), 0, SCALAR_NUMBER, 1 - 0x1p53,
         NULL},
        {"Int64 -2^53", 4, METRIC_LONG, -(UINT64_C(1) << 53), 0, SCALAR_STRING, 0,
         "-9007199254740992"},
        {"Boolean false", 11, METRIC_BOOLEAN, 0, 0, SCALAR_BOOL, 0, NULL},
        {"Boolean false in an int", 11, METRIC_INT, 0, 0, SCALAR_BOOL, 0, NULL},
        {"Boolean in a long", 11, METRIC_LONG, 256, 0, SCALAR_BOOL, 1, NULL},
        {"a type of a later edition", 99, METRIC_INT, 5, 0, SCALAR_NUMBER, 5, NULL},
        {"Double infinity", 10, METRIC_DOUBLE, 0, -INFINITY, SCALAR_NUMBER, -INFINITY, NULL},
        {"Double NaN", 10, METRIC_DOUBLE, 0, NAN, SCALAR_OTHER, 0, "NaN"},
        {"Double of a float", 10, METRIC_FLOAT, 0, 0.1, SCALAR_NUMBER, 0.1, NULL},
        {"Boolean in an int", 11, METRIC_INT, 1, 0, SCALAR_BOOL, 1, NULL},
        {"String", 12, METRIC_STRING, 0, 0, SCALAR_STRING, 0, "a\xc3\xa4"},
        {"Text", 14, METRIC_STRING, 0, 0, SCALAR_STRING, 0, ""},
        {"UUID", 15, METRIC_STRING, 0, 0, SCALAR_STRING, 0, "6f1c"},
        {"no UTF-8", 12, METRIC_STRING, 0, 0, SCALAR_OTHER, 0, "a text that is no UTF-8"},
        {"DataSet", 16, METRIC_DATASET, 0, 0, SCALAR_OTHER, 0, "a data set"},
        {"Bytes", 17, METRIC_BYTES, 0, 0, SCALAR_OTHER, 0, "bytes, an array or a file"},
        {"Template", 19, METRIC_TEMPLATE, 0, 0, SCALAR_OTHER, 0, "a template"},
        {"extension", 0, 19, 0, 0, SCALAR_OTHER, 0, "no value, or one of a later edition"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes bytes = {.len = 0}, metric = {.len = 0};
        struct sparkplug_payload payload;
        struct sparkplug_metric read;
        struct scalar scalar;
        char digits[SPARKPLUG_DIGITS_SIZE];
        const char *sent = rows[i].kind == SCALAR_STRING ? rows[i].text : "\xff\xfe";
        put_number(&metric, METRIC_TYPE, rows[i].type);
        if (rows[i].field == METRIC_FLOAT)
            put_float(&metric, METRIC_FLOAT, (float)rows[i].real);
        else if (rows[i].field == METRIC_DOUBLE)
            put_double(&metric, METRIC_DOUBLE, rows[i].real);
        else if (rows[i].field >= METRIC_STRING)
            put_text(&metric, rows[i].field, sent, strlen(sent));
        else
            put_number(&metric, rows[i].field, rows[i].bits);
        put_metric(&bytes, &metric);
        decode(&payload, &bytes);
        sparkplug_payload_read_metric(&payload, 0, &read);
        check_row(read.name == NULL, rows[i].name);
        check_row(sparkplug_metric_read_scalar(&read, read.type, digits, &scalar), rows[i].name);
        check_row(scalar.kind == rows[i].kind, rows[i].name);
        if (scalar.kind == SCALAR_NUMBER)
            check_row(scalar.number == rows[i].number, rows[i].name);
        else if (scalar.kind == SCALAR_BOOL)
            check_row(scalar.truth == (rows[i].number != 0), rows[i].name);
        else
            check_row(scalar.len == strlen(rows[i].text) &&
                          memcmp(scalar.text, rows[i].text, scalar.len) == 0,
                      rows[i].name);
        sparkplug_payload_finish(&payload);
    }
}

static void test_null_and_untyped(void **state)
{
    struct bytes bytes = {.len = 0}, metric = {.len = 0};
    struct sparkplug_payload payload;
    struct sparkplug_metric read;
    struct scalar scalar;
    char digits[SPARKPLUG_DIGITS_SIZE];
    (void)state;
    put_number(&metric, METRIC_NULL, 1);
    put_metric(&bytes, &metric);
    put_integer_metric(&bytes, NULL, 1, 0, 5);
    decode(&payload, &bytes);
    sparkplug_payload_read_metric(&payload, 0, &read);
    assert_true(sparkplug_metric_read_scalar(&read, 0, digits, &scalar));
    assert_int_equal(scalar.kind, SCALAR_NULL);
    sparkplug_payload_read_metric(&payload, 1, &read);
    assert_false(sparkplug_metric_read_scalar(&read, 0, digits, &scalar));
    assert_true(sparkplug_metric_read_scalar(&read, SPARKPLUG_INT16, digits, &scalar));
    assert_true(scalar.number == 5);
    sparkplug_payload_finish(&payload);
}

static void test_refused_bytes(void **state)
{
    static const struct {
        const char *name, *data;
        size_t len;
    } rows[] = {
        {"JSON", "{\"a\":1}", 7},
        {"cut", "\x12\x05\x0a", 3},
        {"a length beyond the end", "\x12\xff\xff\xff\xff\x0f", 6},
        {"a group", "\x0b\x0c", 2},
        {"wrong wire type", "\x15\x01\x02\x03\x04", 5},
        {"an endless varint", "\x08\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff", 13},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct sparkplug_payload payload;
        check_row(!sparkplug_payload_decode(&payload, rows[i].data, rows[i].len), rows[i].name);
        check_row(!payload.is_short, rows[i].name);
        sparkplug_payload_finish(&payload);
    }
}

/* Bytes that want as much memory as can be wanted: it is refused, or within the bound. */
static void test_memory_is_bounded(void **state)
{
    enum { SIZE = 65536 };
    char *data = malloc(SIZE);
    struct sparkplug_payload payload;
    (void)state;
    assert_non_null(data);
    for (size_t i = 0; i < SIZE; i += 2) /* empty metrics */
        memcpy(data + i, "\x12\x00", 2);
    assert_false(sparkplug_payload_decode(&payload, data, SIZE));
    assert_false(payload.is_short);
    sparkplug_payload_finish(&payload);
    /* Null by alias is the shortest metric that says something. */
    size_t len = 0;
    for (; len + 6 <= SIZE; len += 6)
        memcpy(data + len, "\x12\x04\x10\x01\x38\x01", 6);
    assert_true(sparkplug_payload_decode(&payload, data, len));
    assert_int_equal(payload.metric_count, len / 6);
    sparkplug_payload_finish(&payload);
    /* One metric whose property sets are merged again and again. */
    len = 4;
    for (; len + 4 <= SIZE; len += 4)
        memcpy(data + len, "\x4a\x02\x0a\x00", 4);
    size_t inner = len - 4;
    memcpy(data, (char[]){0x12, (char)(inner | 128), (char)(inner >> 7 | 128), (char)(inner >> 14)},
           4);
    assert_false(sparkplug_payload_decode(&payload, data, len));
    assert_false(payload.is_short);
    sparkplug_payload_finish(&payload);
    free(data);
}

static void test_births(void **state)
{
    struct bytes bytes = {.len = 0};
    struct sparkplug_payload payload;
    (void)state;
    for (unsigned i = 1; i <= 100; i++) {
        char name[16];
        snprintf(name, sizeof name, "m%u", i);
        put_integer_metric(&bytes, name, i % 2 ? i * 1000 : 0, SPARKPLUG_UINT16, i);
    }
    put_integer_metric(&bytes, "m2", 7, SPARKPLUG_INT8, 1); /* once more: this one counts */
    put_integer_metric(&bytes, NULL, 9, SPARKPLUG_INT8, 1); /* names nothing */
    decode(&payload, &bytes);
    struct sparkplug_birth *birth = sparkplug_birth_create(&payload);
    sparkplug_payload_finish(&payload);
    assert_non_null(birth);
    const struct sparkplug_birth_metric *metric = sparkplug_birth_find_alias(birth, 99000);
    assert_non_null(metric);
    assert_memory_equal(metric->name, "m99", 3);
    assert_int_equal(metric->type, SPARKPLUG_UINT16);
    assert_ptr_equal(metric, sparkplug_birth_find_name(birth, "m99", 3));
    assert_null(sparkplug_birth_find_alias(birth, 100000));
    assert_null(sparkplug_birth_find_alias(birth, 0));
    assert_null(sparkplug_birth_find_alias(birth, 9));
    assert_null(sparkplug_birth_find_name(birth, "m", 1));
    metric = sparkplug_birth_find_name(birth, "m2", 2);
    assert_true(metric->has_alias && metric->alias == 7 && metric->type == SPARKPLUG_INT8);
    sparkplug_birth_destroy(birth);
    assert_null(sparkplug_birth_find_alias(NULL, 1));
    assert_null(sparkplug_birth_find_name(NULL, "a", 1));
}

/* An alias that two metrics of a birth have could put the value of one into the register of the
 * other. */
static void test_alias_of_two_metrics(void **state)
{
    struct bytes bytes = {.len = 0};
    struct sparkplug_payload payload;
    (void)state;
    static const struct {
        const char *name;
        uint64_t alias;
    } metrics[] = {{"a", 5}, {"b", 5}, {"b", 5}, {"c", 6}, {"c", 6}, {"d", 7}, {"e", 8}, {"", 9}};
    for (size_t i = 0; i < COUNT(metrics); i++)
        put_integer_metric(&bytes, metrics[i].name, metrics[i].alias, SPARKPLUG_INT16, 1);
    decode(&payload, &bytes);
    struct sparkplug_birth *birth = sparkplug_birth_create(&payload);
    struct sparkplug_metric nameless;
    sparkplug_payload_read_metric(&payload, COUNT(metrics) - 1, &nameless);
    assert_null(nameless.name); /* an empty name is none: then the alias counts */
    sparkplug_payload_finish(&payload);
    assert_non_null(birth);
    assert_null(sparkplug_birth_find_alias(birth, 5));
    assert_false(sparkplug_birth_find_name(birth, "a", 1)->has_alias);
    assert_false(sparkplug_birth_find_name(birth, "b", 1)->has_alias);
    assert_ptr_equal(sparkplug_birth_find_alias(birth, 6),
                     sparkplug_birth_find_name(birth, "c", 1));
    assert_ptr_equal(sparkplug_birth_find_alias(birth, 8),
                     sparkplug_birth_find_name(birth, "e", 1));
    assert_null(sparkplug_birth_find_alias(birth, 9));
    sparkplug_birth_destroy(birth);
}

static void test_commands(void **state)
{
    static const struct {
        const char *value;
        uint32_t type; /* of the birth; UINT32_MAX: no birth */
        enum value_type tag;
        enum fault fault;
        uint32_t sent_type;
        uint8_t field;
        uint64_t integer;
        double real;
    } rows[] = {
        {"-128", SPARKPLUG_INT8, TYPE_INT16, FAULT_NONE, 1, SPARKPLUG_INT_FIELD, 0xffffff80, 0},
        {"-129", SPARKPLUG_INT8, TYPE_INT16, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"32767", SPARKPLUG_INT16, TYPE_INT16, FAULT_NONE, 2, SPARKPLUG_INT_FIELD, 32767, 0},
        {"2147483648", SPARKPLUG_INT32, TYPE_UINT32, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"-9223372036854775808", SPARKPLUG_INT64, TYPE_INT64, FAULT_NONE, 4, SPARKPLUG_LONG_FIELD,
         UINT64_C(1) << 63, 0},
        {"255", SPARKPLUG_UINT8, TYPE_UINT16, FAULT_NONE, 5, SPARKPLUG_INT_FIELD, 255, 0},
        {"-1", SPARKPLUG_UINT8, TYPE_INT16, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"65535", SPARKPLUG_UINT16, TYPE_UINT16, FAULT_NONE, 6, SPARKPLUG_INT_FIELD, 65535, 0},
        {"4294967295", SPARKPLUG_UINT32, TYPE_UINT32, FAULT_NONE, 7, SPARKPLUG_LONG_FIELD,
         4294967295, 0},
        {"18446744073709551615", SPARKPLUG_UINT64, TYPE_UINT64, FAULT_NONE, 8, SPARKPLUG_LONG_FIELD,
         UINT64_MAX, 0},
        {"18446744073709551616", SPARKPLUG_UINT64, TYPE_FLOAT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"1700000000000", SPARKPLUG_DATETIME, TYPE_UINT64, FAULT_NONE, 13, SPARKPLUG_LONG_FIELD,
         1700000000000, 0},
        {"21.5", SPARKPLUG_INT32, TYPE_INT16, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"true", SPARKPLUG_INT32, TYPE_BOOL, FAULT_NONE, 3, SPARKPLUG_INT_FIELD, 1, 0},
        {"heat", SPARKPLUG_INT32, TYPE_INT16, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"21.5", SPARKPLUG_FLOAT, TYPE_INT16, FAULT_NONE, 9, SPARKPLUG_FLOAT_FIELD, 0, 21.5},
        {"1e39", SPARKPLUG_FLOAT, TYPE_FLOAT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"0.1", SPARKPLUG_DOUBLE, TYPE_FLOAT64, FAULT_NONE, 10, SPARKPLUG_DOUBLE_FIELD, 0, 0.1},
        {"", SPARKPLUG_DOUBLE, TYPE_STRING, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"true", SPARKPLUG_BOOLEAN, TYPE_BOOL, FAULT_NONE, 11, SPARKPLUG_BOOLEAN_FIELD, 1, 0},
        {"0", SPARKPLUG_BOOLEAN, TYPE_UINT16, FAULT_NONE, 11, SPARKPLUG_BOOLEAN_FIELD, 0, 0},
        {"21.5", SPARKPLUG_STRING, TYPE_FLOAT32, FAULT_NONE, 12, SPARKPLUG_STRING_FIELD, 0, 0},
        {"heat", SPARKPLUG_TEXT, TYPE_INT16, FAULT_NONE, 14, SPARKPLUG_STRING_FIELD, 0, 0},
        {"1", 16, TYPE_INT16, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"1", 19, TYPE_INT16, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"1", 4000000000, TYPE_INT16, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"5", UINT32_MAX, TYPE_INT16, FAULT_NONE, 3, SPARKPLUG_INT_FIELD, 5, 0},
        {"5000000000", UINT32_MAX, TYPE_UINT64, FAULT_NONE, 4, SPARKPLUG_LONG_FIELD, 5000000000, 0},
        {"21.5", UINT32_MAX, TYPE_INT16, FAULT_NONE, 10, SPARKPLUG_DOUBLE_FIELD, 0, 21.5},
        {"21", UINT32_MAX, TYPE_FLOAT32, FAULT_NONE, 9, SPARKPLUG_FLOAT_FIELD, 0, 21},
        {"false", UINT32_MAX, TYPE_BOOL, FAULT_NONE, 11, SPARKPLUG_BOOLEAN_FIELD, 0, 0},
        {"5", UINT32_MAX, TYPE_STRING, FAULT_NONE, 12, SPARKPLUG_STRING_FIELD, 0, 0},
        {"heat", SPARKPLUG_UNKNOWN, TYPE_INT16, FAULT_NONE, 12, SPARKPLUG_STRING_FIELD, 0, 0},
        {"127", SPARKPLUG_INT8, TYPE_INT16, FAULT_NONE, 1, SPARKPLUG_INT_FIELD, 127, 0},
        {"128", SPARKPLUG_INT8, TYPE_INT16, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"32768", SPARKPLUG_INT16, TYPE_INT32, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"-32768", SPARKPLUG_INT16, TYPE_INT16, FAULT_NONE, 2, SPARKPLUG_INT_FIELD, 0xffff8000, 0},
        {"-32769", SPARKPLUG_INT16, TYPE_INT32, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"2147483647", SPARKPLUG_INT32, TYPE_INT32, FAULT_NONE, 3, SPARKPLUG_INT_FIELD, 2147483647,
         0},
        {"-2147483648", SPARKPLUG_INT32, TYPE_INT32, FAULT_NONE, 3, SPARKPLUG_INT_FIELD, 0x80000000,
         0},
        {"-2147483649", SPARKPLUG_INT32, TYPE_INT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"9223372036854775807", SPARKPLUG_INT64, TYPE_INT64, FAULT_NONE, 4, SPARKPLUG_LONG_FIELD,
         INT64_MAX, 0},
        {"9223372036854775808", SPARKPLUG_INT64, TYPE_UINT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"-9223372036854775809", SPARKPLUG_INT64, TYPE_FLOAT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"256", SPARKPLUG_UINT8, TYPE_UINT16, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"65536", SPARKPLUG_UINT16, TYPE_UINT32, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"4294967296", SPARKPLUG_UINT32, TYPE_UINT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"-1", SPARKPLUG_UINT64, TYPE_INT16, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"9223372036854775807", SPARKPLUG_DATETIME, TYPE_UINT64, FAULT_NONE, 13,
         SPARKPLUG_LONG_FIELD, INT64_MAX, 0},
        {"9223372036854775808", SPARKPLUG_DATETIME, TYPE_UINT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"false", SPARKPLUG_UINT16, TYPE_BOOL, FAULT_NONE, 6, SPARKPLUG_INT_FIELD, 0, 0},
        {"5 ", SPARKPLUG_INT32, TYPE_STRING, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"-", SPARKPLUG_INT32, TYPE_STRING, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"--5", SPARKPLUG_INT32, TYPE_STRING, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"1e400", SPARKPLUG_INT32, TYPE_STRING, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"true", SPARKPLUG_FLOAT, TYPE_BOOL, FAULT_NONE, 9, SPARKPLUG_FLOAT_FIELD, 0, 1},
        {"false", SPARKPLUG_DOUBLE, TYPE_BOOL, FAULT_NONE, 10, SPARKPLUG_DOUBLE_FIELD, 0, 0},
        {"-3.4028234663852886e38", SPARKPLUG_FLOAT, TYPE_FLOAT64, FAULT_NONE, 9,
         SPARKPLUG_FLOAT_FIELD, 0, -0x1.fffffep127},
        {"-1e39", SPARKPLUG_FLOAT, TYPE_FLOAT64, FAULT_OUT_OF_RANGE, 0, 0, 0, 0},
        {"1e39", SPARKPLUG_DOUBLE, TYPE_FLOAT64, FAULT_NONE, 10, SPARKPLUG_DOUBLE_FIELD, 0, 1e39},
        {"inf", SPARKPLUG_DOUBLE, TYPE_STRING, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"1.5x", SPARKPLUG_DOUBLE, TYPE_STRING, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"false", SPARKPLUG_BOOLEAN, TYPE_BOOL, FAULT_NONE, 11, SPARKPLUG_BOOLEAN_FIELD, 0, 0},
        {"-0.5", SPARKPLUG_BOOLEAN, TYPE_FLOAT32, FAULT_NONE, 11, SPARKPLUG_BOOLEAN_FIELD, 1, 0},
        {"on", SPARKPLUG_BOOLEAN, TYPE_UINT16, FAULT_NOT_A_NUMBER, 0, 0, 0, 0},
        {"6f1c", SPARKPLUG_UUID, TYPE_STRING, FAULT_NONE, 15, SPARKPLUG_STRING_FIELD, 0, 0},
        {"", SPARKPLUG_STRING, TYPE_STRING, FAULT_NONE, 12, SPARKPLUG_STRING_FIELD, 0, 0},
        {"2147483647", UINT32_MAX, TYPE_INT32, FAULT_NONE, 3, SPARKPLUG_INT_FIELD, 2147483647, 0},
        {"2147483648", UINT32_MAX, TYPE_UINT32, FAULT_NONE, 4, SPARKPLUG_LONG_FIELD, 2147483648, 0},
        {"-7", UINT32_MAX, TYPE_INT16, FAULT_NONE, 3, SPARKPLUG_INT_FIELD, 0xfffffff9, 0},
        {"9223372036854775807", UINT32_MAX, TYPE_UINT64, FAULT_NONE, 4, SPARKPLUG_LONG_FIELD,
         INT64_MAX, 0},
        {"9223372036854775808", UINT32_MAX, TYPE_UINT64, FAULT_NONE, 8, SPARKPLUG_LONG_FIELD,
         UINT64_C(1) << 63, 0},
        {"-9223372036854775808", UINT32_MAX, TYPE_INT64, FAULT_NONE, 4, SPARKPLUG_LONG_FIELD,
         UINT64_C(1) << 63, 0},
        {"21", UINT32_MAX, TYPE_FLOAT64, FAULT_NONE, 10, SPARKPLUG_DOUBLE_FIELD, 0, 21},
        {"on", UINT32_MAX, TYPE_FLOAT32, FAULT_NONE, 12, SPARKPLUG_STRING_FIELD, 0, 0},
        {"true", UINT32_MAX, TYPE_STRING, FAULT_NONE, 12, SPARKPLUG_STRING_FIELD, 0, 0},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool has_birth = rows[i].type != UINT32_MAX;
        const struct sparkplug_birth_metric born = {
            .type = rows[i].type, .has_alias = i % 2 == 0, .alias = 77};
        const struct sparkplug_command command = {.name = "set point",
                                                  .metric = has_birth ? &born : NULL,
                                                  .value = rows[i].value,
                                                  .type = rows[i].tag,
                                                  .wall_ms = 5};
        struct sparkplug_payload payload;
        struct sparkplug_metric read;
        char out[128];
        size_t len;
        check_row(sparkplug_command_encode(&command, out, sizeof out, &len) == rows[i].fault,
                  rows[i].value);
        if (rows[i].fault != FAULT_NONE)
            continue;
        assert_true(sparkplug_payload_decode(&payload, out, len));
        assert_int_equal(payload.metric_count, 1);
        sparkplug_payload_read_metric(&payload, 0, &read);
        bool by_alias = has_birth && born.has_alias;
        check_row(read.has_alias == by_alias && (read.name == NULL) == by_alias, rows[i].value);
        check_row(by_alias ? read.alias == 77 : memcmp(read.name, "set point", 9) == 0,
                  rows[i].value);
        check_row(read.type == rows[i].sent_type && read.field == rows[i].field, rows[i].value);
        check_row(read.timestamp_ms == 5, rows[i].value);
        bool is_short = rows[i].field == SPARKPLUG_INT_FIELD;
        if (is_short || rows[i].field == SPARKPLUG_LONG_FIELD)
            check_row(read.integer == rows[i].integer, rows[i].value);
        if (rows[i].field == SPARKPLUG_BOOLEAN_FIELD)
            check_row(read.truth == (rows[i].integer != 0), rows[i].value);
        if (rows[i].field == SPARKPLUG_FLOAT_FIELD || rows[i].field == SPARKPLUG_DOUBLE_FIELD)
            check_row(read.real == rows[i].real, rows[i].value);
        if (rows[i].field == SPARKPLUG_STRING_FIELD)
            check_row(read.text_len == strlen(rows[i].value) &&
                          memcmp(read.text, rows[i].value, read.text_len) == 0,
                      rows[i].value);
        sparkplug_payload_finish(&payload);
    }
}

/* A number goes where the birth has put it. */
static void test_commands_follow_the_birth(void **state)
{
    const struct sparkplug_birth_metric born = {.type = SPARKPLUG_UINT32,
                                                .field = SPARKPLUG_INT_FIELD};
    const struct sparkplug_command command = {
        .name = "n", .metric = &born, .value = "7", .type = TYPE_UINT32};
    struct sparkplug_payload payload;
    struct sparkplug_metric read;
    char out[64];
    size_t len;
    (void)state;
    assert_int_equal(sparkplug_command_encode(&command, out, sizeof out, &len), FAULT_NONE);
    assert_true(sparkplug_payload_decode(&payload, out, len));
    sparkplug_payload_read_metric(&payload, 0, &read);
    assert_int_equal(read.field, SPARKPLUG_INT_FIELD);
    sparkplug_payload_finish(&payload);
    assert_int_equal(sparkplug_command_encode(&command, out, len - 1, &len), FAULT_TOO_LONG);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_all_members),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_null_and_untyped),
        cmocka_unit_test(test_refused_bytes),
        cmocka_unit_test(test_memory_is_bounded),
        cmocka_unit_test(test_births),
        cmocka_unit_test(test_alias_of_two_metrics),
        cmocka_unit_test(test_commands),
        cmocka_unit_test(test_commands_follow_the_birth),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
