/* Devices and tags: from JSON, rules, and back to JSON. */
#include "check.h"

#include <stdio.h>
#include <string.h>

#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "common/base/json_text.h"

static struct unit_set units;

/* Reads a body as a POST does, or as a PUT in place of an old resource, and lists the faults as
 * "pointer code;pointer code;". */
static void read_over(const struct resource *resource, bool local, const char *body,
                      const struct record *old, struct arena *arena, struct record *record,
                      char *found, size_t size)
{
    char why[128];
    struct cJSON *tree = json_body_parse(body, strlen(body), why, sizeof why);
    struct validation validation = validation_make(arena);
    size_t used = 0;
    assert_non_null(tree);
    *record = (struct record){0};
    record_set_defaults(resource, NULL, record);
    struct read_only_values set = {.old = old, .device = "d"};
    record_json_read(resource, tree, false, &set, &validation, record);
    if (resource == &tag_resource)
        rules_apply_to_tag(record, old, local, &validation, NULL);
    else
        rules_apply_to_device(record, local, &units, &validation);
    json_body_free(tree);
    found[0] = '\0';
    for (size_t i = 0; i < validation.count; i++)
        used += (size_t)snprintf(found + used, size - used, "%s %s;", validation.items[i].pointer,
                                 validation.items[i].code);
}

static void read_as(const struct resource *resource, bool local, const char *body,
                    struct arena *arena, struct record *record, char *found, size_t size)
{
    read_over(resource, local, body, NULL, arena, record, found, size);
}

static void check(const struct resource *resource, bool local, const char *body,
                  const char *expected)
{
    char found[1024];
    struct arena arena = {0};
    struct record record;
    read_as(resource, local, body, &arena, &record, found, sizeof found);
    if (strcmp(found, expected) != 0)
        fail_msg("%s\n  gives   %s\n  in place of %s", body, found, expected);
    arena_finish(&arena);
}

static void test_device_rules(void **state)
{
    static const struct {
        const char *body, *faults;
    } rows[] = {
        {"{\"name\":\"a\",\"mqtt\":{\"topic\":\"t\"}}", ""},
        {"{}", "/name required;/mqtt/topic required;"},
        {"{\"name\":\"a\",\"mqtt\":null}", "/mqtt/topic required;"},
        {"{\"name\":\"\",\"mqtt\":{\"topic\":\"t\"}}", "/name too_short;"},
        {"{\"name\":\"a\",\"mqtt\":{\"topic\":\"t\"},\"status\":{}}", "/status/address required;"},
        {"{\"name\":\"a\",\"mqtt\":{\"topic\":\"t\"},\"status\":{\"address\":65533}}",
         "/status/address out_of_range;"},
        {"{\"name\":\"a\",\"mqtt\":{\"topic\":\"t\"},\"network\":{\"unit_id\":9}}",
         "/network/unit_id unknown_unit;"},
        {"{\"name\":\"a\",\"mqtt\":{\"topic\":\"t\"},\"id\":{},\"revision\":\"x\"}",
         "/id read_only;/revision read_only;"},
        {"[]", " wrong_type;/name required;/mqtt/topic required;"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        check(&device_resource, true, rows[i].body, rows[i].faults);
}

static void test_tag_rules(void **state)
{
    static const struct {
        const char *modbus; /* the group; of a tag "a" */
        const char *faults;
    } rows[] = {
        {"{}", ""},
        {"{\"type\":\"int17\"}", "/modbus/type invalid_choice;"},
        {"{\"type\":\"float64\",\"address\":65532}", ""},
        {"{\"type\":\"float64\",\"address\":65533}", "/modbus/address out_of_range;"},
        {"{\"address\":\"465536\"}", "/modbus/address out_of_range;"},
        {"{\"address\":\"465537\"}", "/modbus/address invalid_address;"},
        {"{\"type\":\"uint64\",\"on_stale\":18446744073709551616}",
         "/modbus/on_stale out_of_range;"},
        {"{\"type\":\"float32\",\"on_stale\":1e39}", "/modbus/on_stale out_of_range;"},
        {"{\"type\":\"float64\",\"on_stale\":1e39}", ""},
        {"{\"type\":\"int16\",\"on_stale\":1.5}", "/modbus/on_stale out_of_range;"},
        {"{\"type\":\"bool\",\"on_stale\":1}", ""},
        {"{\"type\":\"bool\",\"on_stale\":2}", "/modbus/on_stale out_of_range;"},
        {"{\"type\":\"string\",\"length\":1,\"on_stale\":0}", "/modbus/on_stale type_mismatch;"},
        {"{\"scale\":null,\"type\":null,\"address\":null}", ""},
        {"{\"scale\":1e400}", "/modbus/scale out_of_range;"},
    };
    char body[256];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        snprintf(body, sizeof body, "{\"name\":\"a\",\"modbus\":%s}", rows[i].modbus);
        check(&tag_resource, true, body, rows[i].faults);
    }
    check(&tag_resource, true,
          "{\"name\":\"a\",\"mqtt\":{\"values\":{\"A\":1,\"B\":null,\"A\":2}}}",
          "/mqtt/values/B wrong_type;/mqtt/values/A duplicate;");
    check(&tag_resource, false, "{\"name\":\"a\"}", "/modbus/address required;");
    check(&tag_resource, false, "{\"name\":\"a\",\"modbus\":{\"address\":\"30001\"}}",
          "/modbus/table read_only_table;");
}

/* A refused value is reported once, and no rule uses it. */
static void test_one_mistake_is_reported_once(void **state)
{
    (void)state;
    check(&tag_resource, true,
          "{\"name\":5,\"modbus\":{\"table\":\"x\",\"type\":1,\"address\":{}}}",
          "/name wrong_type;/modbus/table invalid_choice;/modbus/type wrong_type;"
          "/modbus/address wrong_type;");
}

/* A written resource reads back unchanged. */
static void test_round_trip(void **state)
{
    static const char body[] =
        "{\"name\":\"a\",\"description\":\"q\\\"\\\\\\n\\u0001\\u00e4\",\"direction\":\"to_"
        "modbus\","
        "\"mqtt\":{\"key\":\"/x~1y\",\"values\":{\"a\":0.1,\"b\":1e300},\"command_topic\":\"c\"},"
        "\"modbus\":{\"address\":\"4x00010\",\"type\":\"int32\",\"scale\":0.1,\"on_stale\":-5}}";
    char found[256];
    struct arena arena = {0};
    struct record first, second;
    struct text text = {0};
    size_t at;
    (void)state;
    read_as(&tag_resource, true, body, &arena, &first, found, sizeof found);
    assert_string_equal(found, "");
    first.device = "d";
    first.created_ms = first.updated_ms = 1;
    record_json_write(&tag_resource, &first, NULL, &text);
    assert_true(json_text_is_valid(text.data, text.len, &at));
    assert_non_null(strstr(text.data, "\"address\":9,\"modicon\":\"400010\""));
    assert_non_null(strstr(text.data, "\"scale\":0.1,"));
    assert_non_null(strstr(text.data, "\"on_stale\":-5"));
    read_over(&tag_resource, true, text.data, &first, &arena, &second, found, sizeof found);
    assert_string_equal(found, "");
    assert_true(record_is_equal(&tag_resource, &first, &second));
    text_finish(&text);
    arena_finish(&arena);
}

static void test_many_members_are_refused_at_once(void **state)
{
    struct text body = {0};
    (void)state;
    text_putc(&body, '{');
    for (int i = 0; i < 200000; i++)
        text_printf(&body, "%s\"m%d\":0", i ? "," : "", i);
    text_putc(&body, '}');
    check(&device_resource, true, body.data, " too_long;/name required;/mqtt/topic required;");
    text_finish(&body);
}

static int set_up(void **state)
{
    char why[128];
    (void)state;
    return unit_set_parse("1-4", &units, why, sizeof why) ? 0 : -1;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_device_rules),
        cmocka_unit_test(test_tag_rules),
        cmocka_unit_test(test_one_mistake_is_reported_once),
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_many_members_are_refused_at_once),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
