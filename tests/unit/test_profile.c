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
        cmocka_unit_test(test_placeholders),        cmocka_unit_test(test_samples),
        cmocka_unit_test(test_names_of_parameters), cmocka_unit_test(test_addresses_and_ids),
        cmocka_unit_test(test_expansion),
    };
    if (!unit_set_parse("1-247", &common.units, why, sizeof why))
        return 1;
    return cmocka_run_group_tests(tests, NULL, NULL);
}
