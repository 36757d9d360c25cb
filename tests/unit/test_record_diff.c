/* The differences between two states of a resource: of JSON and of records. */
#include "check.h"

#include <string.h>

#include "api/model/record_diff.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"

static void test_of_json(void **state)
{
    static const struct {
        const char *before, *after, *expected;
    } rows[] = {
        {"{\"a\":1,\"b\":{\"c\":2}}", "{\"a\":1,\"b\":{\"c\":2}}", "[]"},
        {"{\"a\":1}", "{\"a\":0.1}", "[{\"pointer\":\"/a\",\"before\":1,\"after\":0.1}]"},
        {"{\"m\":{\"scale\":1,\"modicon\":\"400001\"},\"revision\":1,\"updated_at\":\"x\"}",
         "{\"m\":{\"scale\":2,\"modicon\":\"400002\"},\"revision\":2,\"updated_at\":\"y\"}",
         "[{\"pointer\":\"/m/scale\",\"before\":1,\"after\":2}]"},
        /* A group that was null has no members; an object below a group is a member. */
        {"{\"status\":null}", "{\"status\":{\"table\":\"t\",\"address\":9}}",
         "[{\"pointer\":\"/status/table\",\"before\":null,\"after\":\"t\"},"
         "{\"pointer\":\"/status/address\",\"before\":null,\"after\":9}]"},
        {"{\"mqtt\":{\"values\":null}}", "{\"mqtt\":{\"values\":{\"ON\":1}}}",
         "[{\"pointer\":\"/mqtt/values\",\"before\":null,\"after\":{\"ON\":1}}]"},
        {"{\"mqtt\":{\"values\":{\"a/b\":1,\"x\":2}}}", "{\"mqtt\":{\"values\":{\"a/b\":3}}}",
         "[{\"pointer\":\"/mqtt/values/a~1b\",\"before\":1,\"after\":3},"
         "{\"pointer\":\"/mqtt/values/x\",\"before\":2,\"after\":null}]"},
        /* A member that an older version did not have. */
        {"{}", "{\"label\":\"\"}", "[{\"pointer\":\"/label\",\"before\":null,\"after\":\"\"}]"},
        {NULL, "{\"a\":1}", "[]"},
        {"{\"a\":1}", NULL, "[]"},
        {"{\"a\":1}", "no JSON", "[]"},
        /* Objects with ids are compared by these; gone ones are at their old places. */
        {"{\"tags\":[{\"id\":1,\"m\":{\"a\":1}},{\"id\":2},{\"id\":3,\"u\":\"V\"}]}",
         "{\"tags\":[{\"id\":1,\"m\":{\"a\":2}},{\"id\":3,\"u\":\"V\"},{\"id\":9}]}",
         "[{\"pointer\":\"/tags/1\",\"before\":{\"id\":2},\"after\":null},"
         "{\"pointer\":\"/tags/0/m/a\",\"before\":1,\"after\":2},"
         "{\"pointer\":\"/tags/2\",\"before\":null,\"after\":{\"id\":9}}]"},
        {"{\"tags\":[{\"id\":1},{\"id\":2}]}", "{\"tags\":[{\"id\":2},{\"id\":1}]}",
         "[{\"pointer\":\"/tags\",\"before\":[{\"id\":1},{\"id\":2}],"
         "\"after\":[{\"id\":2},{\"id\":1}]}]"},
        {"{\"a\":[]}", "{\"a\":[1]}", "[{\"pointer\":\"/a\",\"before\":[],\"after\":[1]}]"},
        {"[1]", "{\"a\":1}", "[{\"pointer\":\"\",\"before\":[1],\"after\":{\"a\":1}}]"},
        /* Revisions and such are left out in the resource and its groups, not below. */
        {"{\"revision\":1,\"g\":{\"warnings\":1,\"m\":{\"revision\":1}}}",
         "{\"updated_at\":1,\"g\":{\"modicon\":1,\"m\":{\"revision\":2}}}",
         "[{\"pointer\":\"/g/m/revision\",\"before\":1,\"after\":2}]"},
        {"{\"g\":{\"a\":1,\"b\":2}}", "{\"g\":null}",
         "[{\"pointer\":\"/g/a\",\"before\":1,\"after\":null},"
         "{\"pointer\":\"/g/b\",\"before\":2,\"after\":null}]"},
        {"{\"g\":{\"a\":1}}", "{\"g\":5}",
         "[{\"pointer\":\"/g\",\"before\":{\"a\":1},\"after\":5}]"},
        {"{\"a\":1,\"b\":{\"x\":1}}", "{}",
         "[{\"pointer\":\"/a\",\"before\":1,\"after\":null},"
         "{\"pointer\":\"/b/x\",\"before\":1,\"after\":null}]"},
        {"{\"g\":{\"m\":{\"a\":1}}}", "{\"g\":{}}",
         "[{\"pointer\":\"/g/m\",\"before\":{\"a\":1},\"after\":null}]"},
        /* Objects at depth 8 are compared as a whole. */
        {"{\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"x\":1,\"y\":2}}}}}}}}",
         "{\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"x\":1,\"y\":3}}}}}}}}",
         "[{\"pointer\":\"/1/2/3/4/5/6/7/y\",\"before\":2,\"after\":3}]"},
        {"{\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"8\":{\"x\":1,\"y\":2}}}}}}}}}",
         "{\"1\":{\"2\":{\"3\":{\"4\":{\"5\":{\"6\":{\"7\":{\"8\":{\"x\":1,\"y\":3}}}}}}}}}",
         "[{\"pointer\":\"/1/2/3/4/5/6/7/8\",\"before\":{\"x\":1,\"y\":2},"
         "\"after\":{\"x\":1,\"y\":3}}]"},
        /* Arrays with an element without an id, and of other types, are compared as a whole. */
        {"{\"t\":[{\"id\":1,\"a\":1},{\"a\":2}]}", "{\"t\":[{\"id\":1,\"a\":2},{\"a\":2}]}",
         "[{\"pointer\":\"/t\",\"before\":[{\"id\":1,\"a\":1},{\"a\":2}],"
         "\"after\":[{\"id\":1,\"a\":2},{\"a\":2}]}]"},
        {"{\"t\":[{\"id\":1}]}", "{\"t\":{\"id\":1}}",
         "[{\"pointer\":\"/t\",\"before\":[{\"id\":1}],\"after\":{\"id\":1}}]"},
        {"{\"t\":[{\"id\":1},{\"id\":2},{\"id\":3}]}", "{\"t\":[{\"id\":3}]}",
         "[{\"pointer\":\"/t/0\",\"before\":{\"id\":1},\"after\":null},"
         "{\"pointer\":\"/t/1\",\"before\":{\"id\":2},\"after\":null}]"},
        {"{\"t\":[]}", "{\"t\":[{\"id\":12},{\"id\":13}]}",
         "[{\"pointer\":\"/t/0\",\"before\":null,\"after\":{\"id\":12}},"
         "{\"pointer\":\"/t/1\",\"before\":null,\"after\":{\"id\":13}}]"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct arena arena = {0};
        struct text text = {0};
        record_diff_write_json(rows[i].before, rows[i].after, &arena, &text);
        assert_string_equal(text.data, rows[i].expected);
        text_finish(&text);
        arena_finish(&arena);
    }
}

/* Of records: the same as of their JSON. */
static void test_of_records(void **state)
{
    static const char *const bodies[] = {
        "{\"name\":\"x\",\"modbus\":{\"table\":\"input_register\",\"address\":1}}",
        "{\"name\":\"y\",\"enabled\":false,\"mqtt\":{\"values\":{\"ON\":1,\"OFF\":0}},"
        "\"modbus\":{\"table\":\"input_register\",\"address\":3,\"on_stale\":1.5}}",
        "{\"name\":\"y\",\"mqtt\":{\"values\":{\"ON\":2,\"MAYBE\":0}},"
        "\"modbus\":{\"table\":\"input_register\",\"address\":3,\"scale\":0.1,"
        "\"on_stale\":\"nan\"}}",
    };
    struct arena arena = {0};
    struct record records[3];
    (void)state;
    for (size_t i = 0; i < 3; i++) {
        char why[128];
        struct validation validation = validation_make(&arena);
        struct cJSON *tree = json_body_parse(bodies[i], strlen(bodies[i]), why, sizeof why);
        const struct read_only_values set = {.from_export = true};
        records[i] = (struct record){0};
        record_set_defaults(&tag_resource, NULL, &records[i]);
        record_json_read(&tag_resource, tree, false, &set, &validation, &records[i]);
        rules_apply_to_tag(&records[i], NULL, true, &validation, NULL);
        assert_int_equal(validation.found, 0);
        records[i].device = i == 2 ? "e" : "d";
        json_body_free(tree);
    }
    for (size_t i = 0; i < 9; i++) {
        const struct record *before = &records[i / 3], *after = &records[i % 3];
        struct text old = {0}, new = {0}, expected = {0}, found = {0};
        record_json_write(&tag_resource, before, NULL, &old);
        record_json_write(&tag_resource, after, NULL, &new);
        record_diff_write_json(old.data, new.data, &arena, &expected);
        record_diff_write(&tag_resource, before, after, &arena, &found);
        assert_string_equal(found.data, expected.data);
        assert_true((before == after) == (strcmp(found.data, "[]") == 0));
        text_finish(&old);
        text_finish(&new);
        text_finish(&expected);
        text_finish(&found);
    }
    arena_finish(&arena);
}

/* The members that are not the defaults, or not those of another record, in their groups. */
static void test_members(void **state)
{
    struct arena arena = {0};
    struct record none = {0}, one = {0}, two;
    static const struct cell nan = {.kind = CELL_TEXT, .as.text = "nan"},
                             twelve = {.kind = CELL_INTEGER, .as.integer = 12},
                             half = {.kind = CELL_REAL, .as.real = 0.5},
                             word = {.kind = CELL_TEXT, .as.text = "w"},
                             map = {.kind = CELL_TEXT, .as.text = "{\"a\":1}"},
                             empty = {.kind = CELL_NULL};
    (void)state;
    record_set_defaults(&tag_resource, NULL, &none);
    one = none;
    one.cells[TAG_NAME] = one.cells[TAG_UNIT] = one.cells[TAG_TOPIC] = word;
    one.cells[TAG_SETTLE_MS] = one.cells[TAG_ADDRESS] = twelve;
    one.cells[TAG_VALUES] = map;
    one.cells[TAG_SCALE] = half;
    two = one;
    two.cells[TAG_UNIT] = none.cells[TAG_UNIT];
    two.cells[TAG_ENABLED] = (struct cell){.kind = CELL_INTEGER, .as.integer = 0};
    two.cells[TAG_TOPIC] = empty;
    two.cells[TAG_ON_STALE] = nan;
    const struct {
        const struct record *record, *other;
        const char *expected;
    } rows[] = {
        {&none, NULL, "{}"},
        {&one, &one, "{}"},
        {&one, NULL,
         "{\"name\":\"w\",\"unit\":\"w\",\"mqtt\":{\"topic\":\"w\",\"values\":{\"a\":1},"
         "\"settle_ms\":12},\"modbus\":{\"address\":12,\"scale\":0.5}}"},
        {&two, &one,
         "{\"unit\":\"\",\"enabled\":false,\"mqtt\":{\"topic\":null},"
         "\"modbus\":{\"on_stale\":\"nan\"}}"},
        {&one, &two,
         "{\"unit\":\"w\",\"enabled\":true,\"mqtt\":{\"topic\":\"w\"},"
         "\"modbus\":{\"on_stale\":null}}"},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct text text = {0};
        record_diff_write_members(&tag_resource, rows[i].record, rows[i].other, &text);
        text_putc(&text, '\0');
        assert_string_equal(text.data, rows[i].expected);
        text_finish(&text);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_of_json),
        cmocka_unit_test(test_of_records),
        cmocka_unit_test(test_members),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
