/* Templates of Home Assistant: which are simple, and what they take or write. */
#include "check.h"

#include <string.h>

#include "api/base/arena.h"
#include "api/recognisers/ha_template.h"

static void test_values(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pointer; /* NULL: not simple */
        bool is_text;
        double factor;
    } rows[] = {
        {"{{ value }}", "", true, 1},
        {"{{value}}", "", true, 1},
        {" {{- value -}} ", "", true, 1},
        {"{{ value | float }}", "", true, 1},
        {"{{ value_json }}", "", false, 1},
        {"{{ value_json.a }}", "/a", false, 1},
        {"{{value_json.a.b_2}}", "/a/b_2", false, 1},
        {"{{ value_json['a'] }}", "/a", false, 1},
        {"{{ value_json[\"a b\"].c }}", "/a b/c", false, 1},
        {"{{ value_json['a/b~c'] }}", "/a~1b~0c", false, 1},
        {"{{ value_json.a[0] }}", "/a/0", false, 1},
        {"{{ value_json.a[-1].b }}", "/a/-1/b", false, 1},
        {"{{ value_json.get('a') }}", "/a", false, 1},
        {"{{ value_json.get('a', 'none)') | int }}", "/a", false, 1},
        {"{{ value_json.get }}", "/get", false, 1},
        {"{{ value_json.a | float(0) | round(2) }}", "/a", false, 1},
        {"{{ value_json.a | default('a\"b') }}", "/a", false, 1},
        {"{{ value_json.a | is_defined }}", "/a", false, 1},
        {"{{ value_json.a | float / 10 }}", "/a", false, 0.1},
        {"{{ value_json.a * 0.5 }}", "/a", false, 0.5},
        {"{{ (value_json.a | float / 1000) | round(1) }}", "/a", false, 0.001},
        {"{{ value_json.a if value_json.a is defined else 0 }}", "/a", false, 1},
        {"{{ value_json.a.b if value_json.a is defined and value_json.a.b is defined }}", "/a/b",
         false, 1},
        {"", NULL, false, 1},
        {"value", NULL, false, 1},
        {"{{ value", NULL, false, 1},
        {"{{ }}", NULL, false, 1},
        {"{{ values }}", NULL, false, 1},
        {"{{ value }} W", NULL, false, 1},
        {"{{ value }}{{ value }}", NULL, false, 1},
        {"{{ value.a }}", NULL, false, 1},
        {"{{ value_json. }}", NULL, false, 1},
        {"{{ value_json[ }}", NULL, false, 1},
        {"{{ value_json[1234567] }}", NULL, false, 1},
        {"{{ value_json['a }}", NULL, false, 1},
        {"{{ value_json['a\\'b'] }}", NULL, false, 1},
        {"{{ value_json.get(a) }}", NULL, false, 1},
        {"{{ value_json.get('a' }}", NULL, false, 1},
        {"{{ value_json.a | upper }}", NULL, false, 1},
        {"{{ value_json.a | float / 10 | round(1) }}", NULL, false, 1},
        {"{{ value_json.a / 0 }}", NULL, false, 1},
        {"{{ value_json.a / x }}", NULL, false, 1},
        {"{{ value_json.a * 1e999 }}", NULL, false, 1},
        {"{{ value_json.a + 1 }}", NULL, false, 1},
        {"{{ (value_json.a }}", NULL, false, 1},
        {"{{ value_json.a if value_json.b is defined }}", NULL, false, 1},
        {"{{ value_json.ab if value_json.a is defined }}", NULL, false, 1},
        {"{{ value_json.a if value_json.a > 3 else 0 }}", NULL, false, 1},
        {"{{ value_json.a if value_json.a is defined else 0", NULL, false, 1},
        {"{{ 'ON' if value_json.a else 'OFF' }}", NULL, false, 1},
        {"{% if value %}1{% endif %}", NULL, false, 1},
        {"{{ states('sensor.a') }}", NULL, false, 1},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct ha_value value;
        bool is_simple = ha_template_read_value(&arena, rows[i].text, &value);
        check_row(is_simple == (rows[i].pointer != NULL), rows[i].text);
        if (!is_simple)
            continue;
        check_row(strcmp(value.pointer, rows[i].pointer) == 0, rows[i].text);
        check_row(value.is_text == rows[i].is_text, rows[i].text);
        check_row(value.factor == rows[i].factor, rows[i].text);
    }
    arena_finish(&arena);
}

static void test_commands(void **state)
{
    (void)state;
    static const struct {
        const char *text, *command; /* NULL: not simple */
    } rows[] = {
        {"{{ value }}", "{value}"},
        {"{{value|int}}", "{value}"},
        {"set {{ value | round(1) }} now", "set {value} now"},
        {"{\"x\": {{ value }} }", "{\"x\": {value} }"},
        {"{\"x\":{{ value }}}", "{\"x\":{value}}"},
        {"{\"x\": \"{{ value }}\"}", "{\"x\": \"{value}\"}"},
        {"{\"position\": {{ position }}}", "{\"position\": {value}}"},
        {"{\"tilt\": {{ tilt_position }}}", "{\"tilt\": {value}}"},
        {"", NULL},
        {"ON", NULL},
        {"{{ value", NULL},
        {"{{ value * 10 }}", NULL},
        {"{{ value_json.a }}", NULL},
        {"{{ value }}{{ value }}", NULL},
        {"{value} {{ value }}", NULL},
        {"{\"{tag}\": {{ value }}}", NULL},
        {"{% if value %}{{ value }}{% endif %}", NULL},
        {"{# note #}{{ value }}", NULL},
    };
    struct arena arena = {0};
    for (size_t i = 0; i < COUNT(rows); i++) {
        const char *command = ha_template_read_command(&arena, rows[i].text);
        check_row((command != NULL) == (rows[i].command != NULL), rows[i].text);
        if (command && rows[i].command)
            check_row(strcmp(command, rows[i].command) == 0, rows[i].text);
    }
    arena_finish(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_commands),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
