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

/* The text of a body that is refused before it is parsed; NULL: it is taken. */
static void test_bodies(void **state)
{
    static const char nul[] = "The body has a string with \\u0000, which is not allowed.";
    static const struct {
        const char *body, *why;
    } rows[] = {
        {"", "The body is empty; JSON is expected."},
        {"{", "The body is not valid JSON: syntax error at byte 1."},
        {"{\"a\":12,}", "The body is not valid JSON: syntax error at byte 8."},
        {"{\"a\":1} x", "The body is not valid JSON: syntax error at byte 8."},
        {"[\"\\u0000\"]", nul},
        {"[\"a\\\\\\u0000\"]", nul},
        {"[\"\\u0000b\"]", nul},
        {"{\"\\u0000\":1}", nul},
        {"[\"\\\\u0000\"]", NULL},
        {"[\"\\u0001\"]", NULL},
        {"[\"\\u1000\"]", NULL},
        {"[\"\\u00000\"]", nul},
        {"[\"u0000\"]", NULL},
        {" null ", NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char why[128] = "";
        size_t len = strlen(rows[i].body);
        struct cJSON *tree = json_body_parse(rows[i].body, len, why, sizeof why);
        check_row((tree == NULL) == (rows[i].why != NULL), rows[i].body);
        assert_string_equal(why, rows[i].why ? rows[i].why : "");
        assert_int_equal(json_body_check(rows[i].body, len, why, sizeof why), tree != NULL);
        json_body_free(tree);
    }
}

/* Members that only the server sets: of a new resource, of a stored one, and of an export. */
static void test_read_only_members(void **state)
{
    static const char same[] = "{\"id\":12,\"revision\":34,\"created_at\":\"2026-01-02T03:04:05Z\","
                               "\"updated_at\":\"2026-01-02T03:04:06.007Z\",\"device\":\"d\"}";
    static const char other[] =
        "{\"id\":13,\"revision\":33,\"created_at\":\"2026-01-02T03:04:06Z\","
        "\"updated_at\":\"2026-01-02T03:04:06Z\",\"device\":\"e\"}";
    static const char wrong[] = "{\"id\":\"12\",\"revision\":null,\"created_at\":1767323045000,"
                                "\"updated_at\":\"\",\"device\":1,\"quality\":1,\"reason\":[],"
                                "\"warnings\":{},\"profile\":0}";
    static const char types[] =
        "{\"quality\":\"good\",\"reason\":null,\"warnings\":[1],\"profile\":true}";
    const struct record stored = {
        .id = 12, .revision = 34, .created_ms = 1767323045000, .updated_ms = 1767323046007};
    const struct {
        const char *body;
        struct read_only_values set;
        const char *faults, *move_to;
    } rows[] = {
        {same, {.old = &stored, .device = "d"}, "", NULL},
        {other,
         {.old = &stored, .device = "d"},
         "/id read_only;/revision read_only;/created_at read_only;/updated_at read_only;"
         "/device read_only;",
         NULL},
        {wrong,
         {.old = &stored, .device = "d"},
         "/id read_only;/revision read_only;/created_at read_only;/updated_at read_only;"
         "/device read_only;/quality wrong_type;/reason wrong_type;/warnings wrong_type;"
         "/profile wrong_type;",
         NULL},
        {types, {.old = &stored, .device = "d"}, "", NULL},
        {same,
         {.device = "d"},
         "/id read_only;/revision read_only;/created_at read_only;/updated_at read_only;",
         NULL},
        {same, {.from_export = true}, "", NULL},
        {other, {.from_export = true}, "", NULL},
        {other, {.from_export = true, .device = "d"}, "/device read_only;", NULL},
        {other,
         {.old = &stored, .device = "d", .may_move = true},
         "/id read_only;/revision read_only;/created_at read_only;/updated_at read_only;",
         "e"},
        {"{\"device\":7}",
         {.old = &stored, .device = "d", .may_move = true},
         "/device read_only;",
         NULL},
        {"{\"modbus/modicon\":1,\"mqtt\":{\"id\":1,\"modicon\":2},\"modicon\":3}",
         {.old = &stored},
         "/modbus~1modicon unknown_field;/mqtt/id unknown_field;/mqtt/modicon unknown_field;"
         "/modicon unknown_field;",
         NULL},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        char why[128], found[512] = "";
        size_t used = 0;
        struct arena arena = {0};
        struct validation validation = validation_make(&arena);
        struct record record = stored;
        struct cJSON *tree = json_body_parse(rows[i].body, strlen(rows[i].body), why, sizeof why);
        record_json_read(&tag_resource, tree, true, &rows[i].set, &validation, &record);
        for (size_t k = 0; k < validation.count; k++)
            used += (size_t)snprintf(found + used, sizeof found - used, "%s %s;",
                                     validation.items[k].pointer, validation.items[k].code);
        assert_string_equal(found, rows[i].faults);
        assert_int_equal(record.move_to != NULL, rows[i].move_to != NULL);
        if (rows[i].move_to)
            assert_string_equal(record.move_to, rows[i].move_to);
        json_body_free(tree);
        arena_finish(&arena);
    }
}

/* Access to fields of records, and their comparison. */
static void test_access_to_fields(void **state)
{
    struct record a = {0}, b;
    struct arena arena = {0};
    struct field_error why;
    const struct scalar text = {.kind = SCALAR_STRING, .text = "x", .len = 1},
                        number = {.kind = SCALAR_NUMBER, .number = 12},
                        null = {.kind = SCALAR_NULL};
    (void)state;
    assert_int_equal(resource_find_field(&device_resource, NULL, "name"), DEVICE_NAME);
    assert_int_equal(resource_find_field(&device_resource, "network", "name"), -1);
    assert_int_equal(resource_find_field(&device_resource, "network", "address"), DEVICE_ADDRESS);
    assert_int_equal(resource_find_field(&device_resource, "status", "address"),
                     DEVICE_STATUS_ADDRESS);
    assert_int_equal(resource_find_field(&device_resource, NULL, "address"), -1);
    assert_int_equal(resource_find_field(&tag_resource, "modbus", "min_interval_ms"),
                     TAG_WRITE_INTERVAL_MS);

    record_set_defaults(&device_resource, NULL, &a);
    assert_int_equal(record_field_integer(&a, DEVICE_MODBUS_PORT), 502);
    assert_string_equal(record_field_text(&a, DEVICE_PAYLOAD_AVAILABLE), "online");
    assert_null(record_field_text(&a, DEVICE_MODBUS_PORT));
    assert_int_equal(record_field_integer(&a, DEVICE_PAYLOAD_AVAILABLE), 0);
    assert_true(record_field_real(&a, DEVICE_MODBUS_PORT) == 0);
    b = a;
    assert_true(record_is_equal(&device_resource, &a, &b));
    assert_true(record_set_value(&device_resource, &a, DEVICE_QOS, &null, &arena, &why));
    assert_int_equal(record_field_integer(&a, DEVICE_QOS), 1);
    assert_false(record_set_value(&device_resource, &a, DEVICE_QOS, &number, &arena, &why));
    assert_string_equal(why.code, "out_of_range");
    assert_string_equal(why.detail, "must be an integer from 0 to 2");
    assert_true(record_is_given(&a, DEVICE_QOS) && !record_is_given(&a, DEVICE_TOPIC));
    assert_false(record_has_value(&a, DEVICE_QOS));
    assert_true(record_is_equal(&device_resource, &a, &b));
    assert_true(record_set_value(&device_resource, &a, DEVICE_TOPIC, &text, &arena, &why));
    assert_true(record_has_value(&a, DEVICE_TOPIC) && record_is_given(&a, DEVICE_TOPIC));
    assert_false(record_is_equal(&device_resource, &a, &b));
    assert_true(
        record_set_value(&device_resource, &a, DEVICE_PAYLOAD_AVAILABLE, &null, &arena, &why));
    assert_true(record_field_is_null(&a, DEVICE_PAYLOAD_AVAILABLE));
    record_set_defaults(&device_resource, "mqtt", &a);
    assert_false(record_is_given(&a, DEVICE_TOPIC));
    assert_string_equal(record_field_text(&a, DEVICE_PAYLOAD_AVAILABLE), "online");
    assert_int_equal(record_field_choice(&device_resource, &a, DEVICE_FRAMING), 0);
    arena_finish(&arena);
}

static void test_equal_cells(void **state)
{
    const struct cell cells[] = {
        {.kind = CELL_NULL},
        {.kind = CELL_INTEGER, .as.integer = 12},
        {.kind = CELL_INTEGER, .as.integer = 13},
        {.kind = CELL_REAL, .as.real = 12},
        {.kind = CELL_REAL, .as.real = 0.5},
        {.kind = CELL_TEXT, .as.text = "12"},
        {.kind = CELL_TEXT, .as.text = ""},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(cells); i++) {
        for (size_t k = 0; k < COUNT(cells); k++)
            assert_int_equal(cell_is_equal(&cells[i], &cells[k]), i == k);
    }
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
        cmocka_unit_test(test_bodies),
        cmocka_unit_test(test_read_only_members),
        cmocka_unit_test(test_access_to_fields),
        cmocka_unit_test(test_equal_cells),
    };
    return cmocka_run_group_tests(tests, set_up, NULL);
}
