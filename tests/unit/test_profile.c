/* Profiles: placeholders in texts, addresses from the base, tags that are recognised. */
#include "check.h"

#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "api/model/profile.h"
#include "api/model/record_json.h"

static struct common_settings common;

#define DECLARED                                                                                   \
    "{\"s\":{},\"d\":{\"default\":\"dd\"},\"n\":{\"default\":7},\"b\":{\"default\":true}}"

/* Fills the members of a tag, and compares the result, or "code pointer;" of the errors. */
static void check_filled(const char *members, const char *given, bool sample, const char *expected)
{
    struct arena arena = {0};
    struct validation validation = validation_make(&arena);
    cJSON *tree = cJSON_Parse(members), *declared = cJSON_Parse(DECLARED),
          *params = cJSON_Parse(given);
    const struct profile_values values = {
        .device = "dev", .declared = declared, .given = params, .sample = sample};
    assert_true(tree && declared && params);
    cJSON *filled = profile_fill(&tag_resource, tree, &values, &validation);
    char *printed = cJSON_PrintUnformatted(filled), found[512] = "";
    size_t used = 0;
    for (size_t i = 0; i < validation.count; i++)
        used += (size_t)snprintf(found + used, sizeof found - used, "%s %s;",
                                 validation.items[i].code, validation.items[i].pointer);
    const char *result = validation.count > 0 ? found : printed;
    if (strcmp(result, expected) != 0)
        fail_msg("%s with %s\n  gives   %s\n  in place of %s", members, given, result, expected);
    cJSON_free(printed);
    cJSON_Delete(filled);
    cJSON_Delete(tree);
    cJSON_Delete(declared);
    cJSON_Delete(params);
    arena_finish(&arena);
}

static void test_placeholders(void **state)
{
    static const struct {
        const char *members, *given, *expected;
    } rows[] = {
        {"{\"unit\":\"a{s}b{d}c\"}", "{\"s\":\"1\"}", "{\"unit\":\"a1bddc\"}"},
        {"{\"unit\":\"{device}\"}", "{}", "{\"unit\":\"dev\"}"},
        {"{\"name\":\"{s}\"}", "{\"s\":\"1\"}", "{\"name\":\"{s}\"}"},
        /* A text that is one placeholder alone has the type that its member needs. */
        {"{\"unit\":\"{n}\"}", "{}", "{\"unit\":\"7\"}"},
        {"{\"modbus\":{\"scale\":\"{n}\"}}", "{}", "{\"modbus\":{\"scale\":7}}"},
        {"{\"modbus\":{\"scale\":\"{s}\"}}", "{\"s\":\"0.5\"}", "{\"modbus\":{\"scale\":0.5}}"},
        {"{\"modbus\":{\"scale\":\"{s}\"}}", "{\"s\":\"x\"}", "{\"modbus\":{\"scale\":\"x\"}}"},
        {"{\"enabled\":\"{b}\"}", "{\"b\":\"false\"}", "{\"enabled\":false}"},
        {"{\"mqtt\":{\"values\":{\"{s}\":\"{n}\"}}}", "{}", "{\"mqtt\":{\"values\":{\"{s}\":7}}}"},
        /* Topics. */
        {"{\"mqtt\":{\"topic\":\"{s}/x\"}}", "{\"s\":\"a/b\"}", "{\"mqtt\":{\"topic\":\"a/b/x\"}}"},
        {"{\"mqtt\":{\"topic\":\"{s}/x\"}}", "{\"s\":\"\"}", "invalid_topic /mqtt/topic;"},
        {"{\"mqtt\":{\"topic\":\"{s}\"}}", "{\"s\":\"+\"}", "invalid_topic /mqtt/topic;"},
        {"{\"mqtt\":{\"command_topic\":\"{s}\"}}", "{\"s\":\"a\\n\"}",
         "invalid_topic /mqtt/command_topic;"},
        {"{\"mqtt\":{\"topic\":\"+/{d}/#\"}}", "{}", "{\"mqtt\":{\"topic\":\"+/dd/#\"}}"},
        /* Pointers, but not names of members. */
        {"{\"mqtt\":{\"key\":\"/{s}\"}}", "{\"s\":\"a/~\"}", "{\"mqtt\":{\"key\":\"/a~1~0\"}}"},
        {"{\"mqtt\":{\"key\":\"{s}x\"}}", "{\"s\":\"a/~\"}", "{\"mqtt\":{\"key\":\"a/~x\"}}"},
        {"{\"mqtt\":{\"quality_key\":\"./{s}\"}}", "{\"s\":\"/\"}",
         "{\"mqtt\":{\"quality_key\":\"./~1\"}}"},
        /* Templates. */
        {"{\"mqtt\":{\"command_template\":\"{device}{tag}{value}{x}{s}\"}}", "{\"s\":\"\\\"\"}",
         "{\"mqtt\":{\"command_template\":\"{device}{tag}{value}{x}\\\\\\\"\"}}"},
        /* What is no placeholder stays. */
        {"{\"unit\":\"{}{1}{s {\"}", "{\"s\":\"1\"}", "{\"unit\":\"{}{1}{s {\"}"},
        {"{\"unit\":\"{{s}}\"}", "{\"s\":\"1\"}", "{\"unit\":\"{1}\"}"},
        {"{\"unit\":\"a{x}\"}", "{}", "unknown_placeholder /unit;"},
        /* A value of a flag, a number, a choice, and values that do not suit. */
        {"{\"enabled\":\"{b}\"}", "{}", "{\"enabled\":true}"},
        {"{\"enabled\":\"{b}\"}", "{\"b\":\"true\"}", "{\"enabled\":true}"},
        {"{\"enabled\":\"{b}\"}", "{\"b\":\"1\"}", "{\"enabled\":\"1\"}"},
        {"{\"enabled\":\"{b}\"}", "{\"b\":null}", "{\"enabled\":true}"},
        {"{\"enabled\":\"{n}\"}", "{}", "{\"enabled\":7}"},
        {"{\"direction\":\"{s}\"}", "{\"s\":\"both\"}", "{\"direction\":\"both\"}"},
        {"{\"mqtt\":{\"settle_ms\":\"{s}\"}}", "{\"s\":\"-12e1\"}",
         "{\"mqtt\":{\"settle_ms\":-120}}"},
        {"{\"mqtt\":{\"settle_ms\":\"{s}\"}}", "{\"s\":\"0x10\"}",
         "{\"mqtt\":{\"settle_ms\":\"0x10\"}}"},
        {"{\"mqtt\":{\"settle_ms\":\"{s}\"}}", "{\"s\":\" 5\"}",
         "{\"mqtt\":{\"settle_ms\":\" 5\"}}"},
        {"{\"mqtt\":{\"settle_ms\":\"{s}\"}}", "{\"s\":\"5s\"}",
         "{\"mqtt\":{\"settle_ms\":\"5s\"}}"},
        {"{\"mqtt\":{\"settle_ms\":\"{s}\"}}", "{\"s\":\"inf\"}",
         "{\"mqtt\":{\"settle_ms\":\"inf\"}}"},
        {"{\"mqtt\":{\"settle_ms\":\"{s}\"}}", "{\"s\":\"\"}", "{\"mqtt\":{\"settle_ms\":\"\"}}"},
        {"{\"mqtt\":{\"settle_ms\":\"{b}\"}}", "{}", "{\"mqtt\":{\"settle_ms\":true}}"},
        {"{\"mqtt\":{\"settle_ms\":\"{s}\"}}", "{}", "{\"mqtt\":{\"settle_ms\":\"\"}}"},
        {"{\"unit\":\"{s}{n}{b}\"}", "{\"s\":0.5,\"b\":false}", "{\"unit\":\"0.57false\"}"},
        {"{\"modbus\":{\"constant\":\"{s}\"}}", "{\"s\":\"4711\"}",
         "{\"modbus\":{\"constant\":4711}}"},
        {"{\"mqtt\":{\"values\":{\"a\":\"{s}\"}}}", "{\"s\":\"12\"}",
         "{\"mqtt\":{\"values\":{\"a\":\"12\"}}}"},
        /* Each wrong character of a topic, and its neighbours. */
        {"{\"mqtt\":{\"topic\":\"{s}\"}}", "{\"s\":\"#\"}", "invalid_topic /mqtt/topic;"},
        {"{\"mqtt\":{\"topic\":\"{s}\"}}", "{\"s\":\"a\\u001f\"}", "invalid_topic /mqtt/topic;"},
        {"{\"mqtt\":{\"topic\":\"{s}\"}}", "{\"s\":\"a\\u007f\"}", "invalid_topic /mqtt/topic;"},
        {"{\"mqtt\":{\"topic\":\"{s}\"}}", "{\"s\":\" ~*\"}", "{\"mqtt\":{\"topic\":\" ~*\"}}"},
        {"{\"mqtt\":{\"topic\":\"{x}{y}\"}}", "{}",
         "unknown_placeholder /mqtt/topic;unknown_placeholder /mqtt/topic;"},
        {"{\"mqtt\":{\"command_template\":\"{n}{b}{d}\"}}", "{}",
         "{\"mqtt\":{\"command_template\":\"7truedd\"}}"},
        {"{\"a\":[\"{n}\",[\"x{s}\"],{\"c\":\"{x}\"}]}", "{\"s\":\"1\"}",
         "unknown_placeholder /a/0/c;"},
        {"{\"a\":[\"{n}\",[\"x{s}\"]]}", "{\"s\":\"1\"}", "{\"a\":[7,[\"x1\"]]}"},
        /* A parameter is not filled again. */
        {"{\"unit\":\"{s}{d}\"}", "{\"s\":\"{d}\"}", "{\"unit\":\"{d}dd\"}"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check_filled(rows[i].members, rows[i].given, false, rows[i].expected);
}

static void test_samples(void **state)
{
    (void)state;
    check_filled("{\"unit\":\"{s}\",\"mqtt\":{\"topic\":\"a/{s}\"}}", "{}", true,
                 "{\"unit\":\"x\",\"mqtt\":{\"topic\":\"a/x\"}}");
    check_filled("{\"modbus\":{\"scale\":\"{s}\",\"byte_order\":\"{s}\"}}", "{}", true,
                 "{\"modbus\":{}}");
    check_filled("{\"modbus\":{\"constant\":\"{s}\"},\"mqtt\":{\"values\":{\"a\":\"{s}\"},"
                 "\"key\":\"/{s}\",\"command_template\":\"{s}\",\"expire_value\":\"{s}\"}}",
                 "{}", true,
                 "{\"modbus\":{\"constant\":1},\"mqtt\":{\"values\":{\"a\":1},"
                 "\"key\":\"/x\",\"command_template\":\"x\"}}");
    check_filled("{\"unit\":\"{d}\",\"label\":\"{x}\",\"description\":\"{device}\"}", "{}", true,
                 "unknown_placeholder /label;");
}

/* A text is refused when it is longer than the longest topic by more than one byte. */
static void test_longest_texts(void **state)
{
    enum { LONGEST = FIELD_TOPIC_MAX + 1 };
    char *given = test_malloc(LONGEST + 32);
    (void)state;
    for (int extra = 0; extra <= 1; extra++) {
        char expected[LONGEST + 64];
        memcpy(given, "{\"s\":\"", 6);
        memset(given + 6, 'x', (size_t)(LONGEST - 1 + extra));
        memcpy(given + 5 + LONGEST + extra, "\"}", 3);
        snprintf(expected, sizeof expected, "{\"unit\":\"-%.*s\"}", LONGEST - 1, given + 6);
        check_filled("{\"unit\":\"-{s}\"}", given, false, extra ? "too_long /unit;" : expected);
    }
    test_free(given);
}

/* Errors of the parameters of a device, each with its place and text. */
static void test_params_of_a_device(void **state)
{
    static const struct {
        const char *given, *expected;
    } rows[] = {
        {"{\"s\":\"\"}", ""},
        {"{\"s\":1,\"d\":null}", ""},
        {"{}", "/profile/params/s required is required by the profile p;"
               "/profile/params/t required is required by the profile p: the type;"},
        {"{\"s\":null,\"t\":1,\"a/b\":1}",
         "/profile/params/a~1b unknown_field is no parameter of the profile p;"
         "/profile/params/s required is required by the profile p;"},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct validation validation = validation_make(&arena);
        struct profile profile = {.name = "p"};
        char found[512] = "";
        size_t used = 0;
        profile.params = cJSON_Parse(
            i == 0 || i == 1 ? "{\"s\":{\"description\":\"\"},\"d\":{\"default\":\"x\"}}"
                             : "{\"s\":{\"default\":null},\"t\":{\"description\":\"the type\"},"
                               "\"d\":{\"default\":0}}");
        cJSON *given = cJSON_Parse(rows[i].given);
        profile_check_params(&profile, given, &validation);
        for (size_t k = 0; k < validation.count; k++)
            used += (size_t)snprintf(found + used, sizeof found - used, "%s %s %s;",
                                     validation.items[k].pointer, validation.items[k].code,
                                     validation.items[k].detail);
        assert_string_equal(found, rows[i].expected);
        cJSON_Delete(given);
        cJSON_Delete(profile.params);
        arena_finish(&arena);
    }
}

/* Placeholders are found in the texts of any depth. */
static void test_texts_with_placeholders(void **state)
{
    static const struct {
        const char *json;
        bool has;
    } rows[] = {{"\"{a}\"", true},
                {"\"x{a_9}y\"", true},
                {"\"{{a}\"", true},
                {"{\"a\":[1,{\"b\":\"{c}\"}]}", true},
                {"\"{}\"", false},
                {"\"{9}\"", false},
                {"\"{_}\"", false},
                {"\"{a\"", false},
                {"\"{a b}\"", false},
                {"\"a}\"", false},
                {"{\"{a}\":[1,null,true,\"\"]}", false},
                {"12", false}};
    (void)state;
    assert_false(profile_has_placeholder(NULL));
    for (size_t i = 0; i < COUNT(rows); i++) {
        cJSON *tree = cJSON_Parse(rows[i].json);
        check_row(profile_has_placeholder(tree) == rows[i].has, rows[i].json);
        cJSON_Delete(tree);
    }
}

static void test_names_of_parameters(void **state)
{
    static const char *const good[] = {"a", "A9_", "abcdefghijabcdefghijabcdefghijab"};
    static const char *const bad[] = {
        "",    "9",     "_a",       "a b", "device",
        "tag", "value", "\xc3\xa4", "a-b", "abcdefghijabcdefghijabcdefghijabc"};
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++)
        assert_true(profile_param_name_is_valid(good[i]));
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(profile_param_name_is_valid(bad[i]));
}

static struct profile *compile(const char *text, const struct profile *old, struct arena *arena)
{
    char why[128];
    struct validation validation = validation_make(arena);
    struct cJSON *body = json_body_parse(text, strlen(text), why, sizeof why);
    assert_non_null(body);
    struct profile *profile = profile_read(body, old, false, &validation);
    profile_compile(profile, old, &common, &validation);
    for (size_t i = 0; i < validation.count; i++)
        fail_msg("%s: %s", validation.items[i].pointer, validation.items[i].detail);
    json_body_free(body);
    return profile;
}

static void test_addresses_and_ids(void **state)
{
    struct arena arena = {0};
    (void)state;
    struct profile *old =
        compile("{\"name\":\"p\",\"room\":{\"coil\":9},\"tags\":[{\"name\":\"a\"},"
                "{\"name\":\"b\",\"modbus\":{\"address\":\"40004\",\"type\":"
                "\"int16\"}},{\"name\":\"c\"},{\"name\":\"d\",\"modbus\":{"
                "\"table\":\"coil\"}}]}",
                NULL, &arena);
    static const int64_t first[] = {4, 3, 6, 0};
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(old->tags[i].first, first[i]);
        old->tags[i].id = (int64_t)i + 1;
    }
    assert_int_equal(old->first[TABLE_HOLDING_REGISTER], 3);
    assert_int_equal(old->end[TABLE_HOLDING_REGISTER], 8);
    assert_int_equal(old->end[TABLE_COIL], 9);

    /* By name; by id, with another name; new. Kept addresses stay. */
    struct profile *new = compile("{\"name\":\"p\",\"tags\":[{\"name\":\"c\"},{\"id\":1,\"name\":"
                                  "\"z\"},{\"name\":\"a\"}]}",
                                  old, &arena);
    assert_int_equal(new->tags[0].id, 3);
    assert_int_equal(new->tags[0].first, 6);
    assert_int_equal(new->tags[1].id, 1);
    assert_int_equal(new->tags[1].first, 4);
    assert_int_equal(new->tags[2].id, 0);
    assert_int_equal(new->tags[2].first, 8);
    profile_finish(old);
    profile_finish(new);
    arena_finish(&arena);
}

/* The registers that a device needs: of tags, the status block and room. */
static void test_registers_of_a_device(void **state)
{
    static const struct {
        const char *text;
        int table;
        int64_t first, end;
        bool tags_use;
    } rows[] = {
        {"{\"name\":\"p\"}", TABLE_HOLDING_REGISTER, 0, 0, false},
        {"{\"name\":\"p\",\"device\":{\"status\":{\"address\":6}}}", TABLE_INPUT_REGISTER, 6, 10,
         false},
        {"{\"name\":\"p\",\"device\":{\"status\":{\"table\":\"holding_register\",\"address\":6}},"
         "\"tags\":[{\"name\":\"a\",\"modbus\":{\"address\":12,\"type\":\"int64\"}}]}",
         TABLE_HOLDING_REGISTER, 6, 16, true},
        {"{\"name\":\"p\",\"room\":{\"holding_register\":12},"
         "\"tags\":[{\"name\":\"a\",\"modbus\":{\"address\":12,\"type\":\"int64\"}}]}",
         TABLE_HOLDING_REGISTER, 12, 24, true},
        {"{\"name\":\"p\",\"room\":{\"holding_register\":2},"
         "\"tags\":[{\"name\":\"a\",\"modbus\":{\"address\":12,\"type\":\"int64\"}},"
         "{\"name\":\"b\",\"modbus\":{\"address\":10,\"type\":\"int16\"}}]}",
         TABLE_HOLDING_REGISTER, 10, 16, true},
        {"{\"name\":\"p\",\"room\":{\"coil\":65536},"
         "\"tags\":[{\"name\":\"a\",\"modbus\":{\"table\":\"coil\"}}]}",
         TABLE_COIL, 0, 65536, true},
        {"{\"name\":\"p\",\"room\":{\"coil\":9}}", TABLE_COIL, 0, 0, false},
        {"{\"name\":\"p\",\"tags\":[{\"name\":\"a\",\"modbus\":{\"address\":65535,"
         "\"type\":\"int16\"}}]}",
         TABLE_HOLDING_REGISTER, 65535, 65536, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct arena arena = {0};
        struct profile *profile = compile(rows[i].text, NULL, &arena);
        check_row(profile->first[rows[i].table] == rows[i].first, rows[i].text);
        check_row(profile->end[rows[i].table] == rows[i].end, rows[i].text);
        check_row(profile->tags_use[rows[i].table] == rows[i].tags_use, rows[i].text);
        profile_finish(profile);
        arena_finish(&arena);
    }
}

static void test_expansion(void **state)
{
    struct arena arena = {0};
    struct validation validation = validation_make(&arena);
    struct record device = {0}, tag;
    (void)state;
    struct profile *profile = compile("{\"name\":\"p\",\"params\":{\"s\":{}},\"tags\":[{\"name\":"
                                      "\"a\",\"unit\":\"{s}\",\"modbus\":{\"address\":3}}]}",
                                      NULL, &arena);
    cJSON *params = cJSON_Parse("{\"s\":\"V\"}");
    const struct profile_values values = {
        .device = "dev", .declared = profile->params, .given = params};
    record_set_defaults(&device_resource, NULL, &device);
    profile_expand_tag(&profile->tags[0], &device, true, 100, &values, &validation, &tag);
    assert_int_equal(validation.found, 0);
    assert_int_equal(record_field_integer(&tag, TAG_ADDRESS), 103);
    assert_string_equal(record_field_text(&tag, TAG_UNIT), "V");
    profile_expand_tag(&profile->tags[0], &device, true, 65532, &values, &validation, &tag);
    assert_int_equal(validation.found, 1);
    assert_string_equal(validation.items[0].code, "out_of_range");
    cJSON_Delete(params);
    profile_finish(profile);
    arena_finish(&arena);
}

int main(void)
{
    char why[128];
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_placeholders),
        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_names_of_parameters),
        cmocka_unit_test(test_addresses_and_ids),
        cmocka_unit_test(test_expansion),
        cmocka_unit_test(test_longest_texts),
        cmocka_unit_test(test_params_of_a_device),
        cmocka_unit_test(test_texts_with_placeholders),
        cmocka_unit_test(test_registers_of_a_device),
    };
    if (!unit_set_parse("1-247", &common.units, why, sizeof why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
