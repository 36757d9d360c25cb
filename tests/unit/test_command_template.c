/* Templates and translation: the payload of a command. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/message/translate.h"
#include "mqttd/writeback/command_template.h"

static void test_templates(void **state)
{
    (void)state;
    static const struct {
        const char *template_text, *key, *json, *bare;
        bool text;
        const char *expected;
    } rows[] = {
        {NULL, "v", "21.5", "21.5", false, "{\"v\": 21.5}"},
        {NULL, "v", "\"ON\"", "ON", false, "{\"v\": \"ON\"}"},
        {NULL, "", "\"ON\"", "ON", false, "\"ON\""},
        {NULL, "", "\"ON\"", "ON", true, "ON"},
        {NULL, "", "5", "5", false, "5"},
        {NULL, "/a/b", "1", "1", false, "{\"b\": 1}"},
        {NULL, "/a/b~1c~0d", "1", "1", false, "{\"b/c~d\": 1}"},
        {NULL, "q\"\\", "1", "1", false, "{\"q\\\"\\\\\": 1}"},
        {"{value}", "v", "\"ON\"", "ON", false, "ON"},
        {" {value}", "v", "\"ON\"", "ON", false, " ON"},
        {"set {tag} {value} of {device}", "v", "7", "7", false, "set t 7 of d"},
        {"{\"a\": {value}}", "v", "\"x\\\"y\"", "x\"y", false, "{\"a\": \"x\\\"y\"}"},
        {"{\"a\": \"{value}\"}", "v", "\"x\\\"y\"", "x\"y", false, "{\"a\": \"x\\\"y\"}"},
        {"{\"a\": \"\\\"{value}\"}", "v", "5", "5", false, "{\"a\": \"\\\"5\"}"},
        {"{\"a\": \"\\", "v", "1", "1", false, "{\"a\": \"\\"}, /* ends within an escape */
        {"{\"a\": \"\\\\\", \"b\": {value}}", "v", "\"z\"", "z", false,
         "{\"a\": \"\\\\\", \"b\": \"z\"}"},
        {"[{value},{value}]", "v", "1", "1", false, "[1,1]"},
        {"{valu}{val", "v", "1", "1", false, "{valu}{val"},
        {"", "v", "1", "1", false, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        const struct template_values values = {.device = "d",
                                               .tag = "t",
                                               .key = rows[i].key,
                                               .json = rows[i].json,
                                               .bare = rows[i].bare,
                                               .text = rows[i].text};
        char out[128];
        size_t len, expected = strlen(rows[i].expected);
        assert_true(command_template_render(rows[i].template_text, &values, out, sizeof out, &len));
        if (len != expected || memcmp(out, rows[i].expected, len) != 0)
            fail_msg("row %zu: %.*s", i, (int)len, out);
        assert_true(command_template_render(rows[i].template_text, &values, out, expected, &len));
        if (expected > 0)
            assert_false(
                command_template_render(rows[i].template_text, &values, out, expected - 1, &len));
    }
}

static void test_out(void **state)
{
    (void)state;
    static const struct value_map_entry entries[] = {
        {"OFF", 0}, {"H\"EAT", 2}, {"true", 3}, {"false", 4}, {"-2.5e3", 5}, {"007", 6},
        {"8 ", 7},  {"null", 8},   {"", 9},     {"1", 10},    {"[1,1]", 11}, {"True", 12}};
    static const struct value_map map = {COUNT(entries), entries};
    static const struct {
        struct point point;
        bool mapped;
        uint16_t words[4];
        const char *json, *bare;
    } rows[] = {
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, false, {7}, "7", "7"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {2}, "\"H\\\"EAT\"", "H\"EAT"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {3}, "true", "true"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {4}, "false", "false"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {5}, "-2.5e3", "-2.5e3"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {6}, "\"007\"", "007"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {7}, "\"8 \"", "8 "},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {8}, "\"null\"", "null"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {9}, "\"\"", ""},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {10}, "1", "1"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {11}, "\"[1,1]\"", "[1,1]"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, true, {12}, "\"True\"", "True"},
        {{.type = TYPE_INT16, .bit = NO_BIT, .scale = 0.1}, false, {0xfffd}, "-0.3", "-0.3"},
        {{.type = TYPE_FLOAT32, .bit = NO_BIT, .scale = 1},
         false,
         {0x41aa, 0x6666},
         "21.3",
         "21.3"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 0.1}, true, {20}, "\"H\\\"EAT\"", "H\"EAT"},
        {{.type = TYPE_BOOL, .bit = NO_BIT, .scale = 1}, false, {1}, "true", "true"},
        {{.type = TYPE_BOOL, .bit = NO_BIT, .scale = 1}, true, {0}, "\"OFF\"", "OFF"},
        {{.type = TYPE_BOOL, .bit = 3, .scale = 1}, false, {8}, "true", "true"},
        {{.type = TYPE_STRING, .bit = NO_BIT, .length = 2, .scale = 1},
         false,
         {0x6122, 0x0a00},
         "\"a\\\"\\u000a\"",
         "a\"\n"},
        {{.type = TYPE_UINT64, .bit = NO_BIT, .scale = 1},
         false,
         {0xffff, 0xffff, 0xffff, 0xffff},
         "\"18446744073709551615\"",
         "18446744073709551615"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct translated translated;
        assert_int_equal(translate_to_json(&rows[i].point, rows[i].mapped ? &map : NULL,
                                           rows[i].words, &translated),
                         FAULT_NONE);
        if (strcmp(translated.json, rows[i].json) != 0 ||
            strcmp(translated.bare, rows[i].bare) != 0)
            fail_msg("row %zu: %s, %s", i, translated.json, translated.bare);
    }
}

/* Values that cannot be published, and their text in the log. */
static void test_out_refused(void **state)
{
    (void)state;
    static const struct value_map_entry entries[] = {
        {"OFF", 0}, {"HALF", 0.5}, {"ON", 1}, {"2^53", 9007199254740992}};
    static const struct value_map map = {4, entries}, none = {0, NULL};
    static const struct {
        struct point point;
        const struct value_map *map;
        uint16_t words[4];
        enum fault fault;
        const char *bare;
    } rows[] = {
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, &map, {5}, FAULT_UNMAPPED_NUMBER, "5"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1}, &none, {5}, FAULT_NONE, "5"},
        {{.type = TYPE_INT16, .bit = NO_BIT, .scale = 1},
         &map,
         {0xffff},
         FAULT_UNMAPPED_NUMBER,
         "-1"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 0.1}, &map, {5}, FAULT_NONE, "HALF"},
        {{.type = TYPE_UINT16, .bit = NO_BIT, .scale = 0.1},
         &map,
         {6},
         FAULT_UNMAPPED_NUMBER,
         "0.6"},
        {{.type = TYPE_BOOL, .bit = NO_BIT, .scale = 1}, &map, {7}, FAULT_NONE, "ON"},
        {{.type = TYPE_BOOL, .bit = 2, .scale = 1}, &map, {3}, FAULT_NONE, "OFF"},
        {{.type = TYPE_UINT64, .bit = NO_BIT, .scale = 1},
         &map,
         {0x20, 0, 0, 0},
         FAULT_NONE,
         "2^53"},
        {{.type = TYPE_UINT64, .bit = NO_BIT, .scale = 1},
         &map,
         {0x20, 0, 0, 1},
         FAULT_UNMAPPED_NUMBER,
         "9007199254740993"},
        {{.type = TYPE_FLOAT32, .bit = NO_BIT, .scale = 1},
         NULL,
         {0x7fc0, 0},
         FAULT_NOT_A_NUMBER,
         "nan"},
        {{.type = TYPE_FLOAT32, .bit = NO_BIT, .scale = 1},
         &map,
         {0x7fc0, 0},
         FAULT_NOT_A_NUMBER,
         "nan"},
        {{.type = TYPE_FLOAT32, .bit = NO_BIT, .scale = 1},
         NULL,
         {0x7f80, 0},
         FAULT_OUT_OF_RANGE,
         "inf"},
        {{.type = TYPE_FLOAT32, .bit = NO_BIT, .order = ORDER_DCBA, .scale = 1},
         NULL,
         {0, 0x80ff},
         FAULT_OUT_OF_RANGE,
         "-inf"},
        {{.type = TYPE_FLOAT64, .bit = NO_BIT, .scale = 1},
         NULL,
         {0x7ff0, 0, 0, 1},
         FAULT_NOT_A_NUMBER,
         "nan"},
        {{.type = TYPE_FLOAT64, .bit = NO_BIT, .scale = 10},
         NULL,
         {0x7fef, 0xffff, 0xffff, 0xffff},
         FAULT_OUT_OF_RANGE,
         "inf"},
        {{.type = TYPE_UINT32, .bit = NO_BIT, .scale = 1e300},
         NULL,
         {0xffff, 0xffff},
         FAULT_OUT_OF_RANGE,
         "inf"},
        {{.type = TYPE_FLOAT64, .bit = NO_BIT, .scale = 1},
         NULL,
         {0x7fef, 0xffff, 0xffff, 0xffff},
         FAULT_NONE,
         "1.7976931348623157e+308"},
        {{.type = TYPE_STRING, .bit = NO_BIT, .length = 2, .scale = 1},
         NULL,
         {0x4bfc, 0x6368}, /* "Küch" in Latin-1 */
         FAULT_NOT_A_STRING,
         "K"},
        {{.type = TYPE_STRING, .bit = NO_BIT, .length = 2, .scale = 1},
         NULL,
         {0x4b00, 0xfcff}, /* bytes after the NUL are not text */
         FAULT_NONE,
         "K"},
        {{.type = TYPE_STRING, .bit = NO_BIT, .length = 2, .scale = 1}, NULL, {0}, FAULT_NONE, ""},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct translated translated;
        enum fault fault =
            translate_to_json(&rows[i].point, rows[i].map, rows[i].words, &translated);
        const char *bare = translated.bare;
        if (fault == FAULT_NOT_A_NUMBER && bare[0] == '-')
            bare++; /* a NaN has a sign, too */
        if (fault != rows[i].fault || strcmp(bare, rows[i].bare) != 0)
            fail_msg("row %zu: %s, %s", i, fault_names[fault], bare);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_templates),
        cmocka_unit_test(test_out),
        cmocka_unit_test(test_out_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
