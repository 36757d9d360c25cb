/* Messages of Sparkplug in a survey. */
#include "check.h"

#include <math.h>
#include <stdio.h>

#include "mqttd/discovery/discovery_sparkplug.h"
#include "mqttd/sparkplug/sparkplug_payload.h"
#include "sparkplug_bytes.h"

static _Alignas(16) char block[SURVEY_BLOCK_MIN];
static const char topic[] = "spBv1.0/Plant/DBIRTH/Edge/Boiler";

static bool add(struct survey *survey, const char *to, const struct bytes *bytes)
{
    const struct mqtt_message message = {
        .topic = to, .payload = bytes->data, .len = bytes->len, .retained = true};
    return discovery_add_sparkplug(survey, &message, 4711);
}

/* One metric of each type. */
static void test_values(void **state)
{
    static const struct {
        const char *name;
        uint32_t type;
        unsigned field; /* of the payload */
        uint64_t integer;
        double real;
        const char *text;
        unsigned kinds;
        const char *sample, *type_name;
        double number; /* NaN: none */
        unsigned decimals;
    } rows[] = {
        {"i8", SPARKPLUG_INT8, METRIC_INT, 0xffffffff, 0, NULL, SURVEY_INTEGER, "-1", "Int8", -1,
         0},
        {"i16", SPARKPLUG_INT16, METRIC_INT, 0x8000, 0, NULL, SURVEY_INTEGER, "-32768", "Int16",
         -32768, 0},
        {"i32", SPARKPLUG_INT32, METRIC_INT, 12, 0, NULL, SURVEY_INTEGER, "12", "Int32", 12, 0},
        {"i64", SPARKPLUG_INT64, METRIC_LONG, UINT64_MAX - 12, 0, NULL, SURVEY_INTEGER, "-13",
         "Int64", -13, 0},
        {"u8", SPARKPLUG_UINT8, METRIC_INT, 255, 0, NULL, SURVEY_INTEGER, "255", "UInt8", 255, 0},
        {"u16", SPARKPLUG_UINT16, METRIC_INT, 65535, 0, NULL, SURVEY_INTEGER, "65535", "UInt16",
         65535, 0},
        {"u32", SPARKPLUG_UINT32, METRIC_LONG, 4294967295, 0, NULL, SURVEY_INTEGER, "4294967295",
         "UInt32", 4294967295, 0},
        {"u64", SPARKPLUG_UINT64, METRIC_LONG, UINT64_MAX, 0, NULL, SURVEY_INTEGER,
         "18446744073709551615", "UInt64", 18446744073709551615.0, 0},
        {"float", SPARKPLUG_FLOAT, METRIC_FLOAT, 0, 21.25, NULL, SURVEY_DECIMAL, "21.25", "Float",
         21.25, 2},
        {"whole", SPARKPLUG_DOUBLE, METRIC_DOUBLE, 0, 21, NULL, SURVEY_INTEGER, "21", "Double", 21,
         0},
        {"small", SPARKPLUG_DOUBLE, METRIC_DOUBLE, 0, 0.125, NULL, SURVEY_DECIMAL, "0.125",
         "Double", 0.125, 3},
        {"on", SPARKPLUG_BOOLEAN, METRIC_BOOLEAN, 1, 0, NULL, SURVEY_BOOL, "true", "Boolean", NAN,
         0},
        {"off", SPARKPLUG_BOOLEAN, METRIC_BOOLEAN, 0, 0, NULL, SURVEY_BOOL, "false", "Boolean", NAN,
         0},
        {"text", SPARKPLUG_STRING, METRIC_STRING, 0, 0, "12", SURVEY_TEXT, "12", "String", NAN, 0},
        {"time", SPARKPLUG_DATETIME, METRIC_LONG, 1700000000000, 0, NULL, SURVEY_INTEGER,
         "1700000000000", "DateTime", 1700000000000, 0},
        {"words", SPARKPLUG_TEXT, METRIC_STRING, 0, 0, "abc", SURVEY_TEXT, "abc", "Text", NAN, 0},
        {"uuid", SPARKPLUG_UUID, METRIC_STRING, 0, 0, "u-1", SURVEY_TEXT, "u-1", "UUID", NAN, 0},
        {"none", SPARKPLUG_INT32, METRIC_NULL, 1, 0, NULL, SURVEY_NULL, "null", "Int32", NAN, 0},
        {"set", 16, METRIC_DATASET, 0, 0, "", SURVEY_EMPTY, NULL, "Other", NAN, 0},
        {"beyond", 99, METRIC_BYTES, 0, 0, "xy", SURVEY_EMPTY, NULL, "Other", NAN, 0},
        {"untyped", SPARKPLUG_UNKNOWN, METRIC_STRING, 0, 0, "t", SURVEY_TEXT, "t", "Unknown", NAN,
         0},
    };
    struct bytes payload = {.len = 0};
    struct survey *survey = survey_make(block, sizeof block);
    struct survey_topic found;
    (void)state;
    put_integer_metric(&payload, "sign unknown", 0, 0, 5);
    put_integer_metric(&payload, NULL, 12, SPARKPLUG_INT32, 5); /* only an alias */
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct bytes metric = {.len = 0};
        put_name(&metric, rows[i].name);
        if (rows[i].type)
            put_number(&metric, METRIC_TYPE, rows[i].type);
        if (rows[i].text)
            put_text(&metric, rows[i].field, rows[i].text, strlen(rows[i].text));
        else if (rows[i].field == METRIC_FLOAT)
            put_float(&metric, METRIC_FLOAT, (float)rows[i].real);
        else if (rows[i].field == METRIC_DOUBLE)
            put_double(&metric, METRIC_DOUBLE, rows[i].real);
        else
            put_number(&metric, rows[i].field, rows[i].integer);
        put_metric(&payload, &metric);
    }
    assert_true(add(survey, topic, &payload));
    assert_true(survey_find_topic(survey, topic, &found));
    assert_int_equal(found.format, SURVEY_SPARKPLUG);
    assert_int_equal(found.messages, 1);
    assert_true(found.retained);
    assert_int_equal(found.newest_ms, 4711);
    assert_int_equal(found.payload_whole_len, payload.len);
    assert_int_equal(found.keys, COUNT(rows));
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct survey_key key;
        assert_true(survey_read_key(survey, &found, i, &key));
        check_row(strcmp(key.key, rows[i].name) == 0, rows[i].name);
        check_row(key.kinds == rows[i].kinds, rows[i].name);
        check_row(strcmp(key.type, rows[i].type_name) == 0, rows[i].name);
        check_row(!rows[i].sample || strcmp(key.sample, rows[i].sample) == 0, key.sample);
        check_row(key.decimals == rows[i].decimals, rows[i].name);
        if (isnan(rows[i].number)) {
            check_row(isnan(key.smallest) && isnan(key.largest), rows[i].name);
        } else {
            check_row(key.smallest == rows[i].number && key.largest == rows[i].number,
                      rows[i].name);
        }
    }
}

/* What is not Sparkplug is added as any other message. */
static void test_other_messages(void **state)
{
    struct bytes payload = {.len = 0}, junk = {.data = "\xff\xff\xff", .len = 3};
    struct survey *survey = survey_make(block, sizeof block);
    (void)state;
    put_integer_metric(&payload, "a", 0, SPARKPLUG_INT32, 5);
    assert_false(add(survey, "spBv1.0/Plant", &payload));
    assert_false(add(survey, "plant/boiler", &payload));
    assert_false(add(survey, topic, &junk));
    assert_int_equal(survey_read_totals(survey).messages, 0);
    assert_true(add(survey, topic, &payload));
    assert_true(add(survey, "spBv1.0/Plant/NDATA/Edge", &payload));
    assert_int_equal(survey_read_totals(survey).messages, 2);
}

/* A long payload is not decoded. */
static void test_long_payload(void **state)
{
    enum { LIMIT = 256 * 1024 };
    static char data[LIMIT + 1];
    struct survey *survey = survey_make(block, sizeof block);
    struct bytes head = {.len = 0};
    (void)state;
    for (size_t len = LIMIT; len <= LIMIT + 1; len++) {
        /* One metric with a text that fills the payload. */
        head.len = 0;
        put_varint(&head, PAYLOAD_METRIC << 3 | 2);
        put_varint(&head, len - 4);
        put_name(&head, "a");
        put_varint(&head, METRIC_STRING << 3 | 2);
        size_t left = len - head.len - 3;
        put_varint(&head, left);
        memset(data, 't', len);
        memcpy(data, head.data, head.len);
        assert_int_equal(head.len + left, len);
        const struct mqtt_message message = {.topic = topic, .payload = data, .len = len};
        assert_int_equal(discovery_add_sparkplug(survey, &message, 1), len == LIMIT);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_other_messages),
        cmocka_unit_test(test_long_payload),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
