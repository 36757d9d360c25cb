/* The members that tagferryctl knows, and the JSON of the texts for them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/base/json_read.h"
#include "ctl/base/keep.h"
#include "ctl/members/member_value.h"

/* What a path and a text put into an empty object: its JSON, or "! " and the reason. */
static const char *put_value(const struct member_list *list, const char *path, const char *text,
                             bool is_whole_text)
{
    const char *rest, *why = NULL;
    const struct member *member = member_find(list, path, &rest);
    if (!member)
        return keep_format("? %s", member_suggest(list, path));
    cJSON *value = member_value_read(member, rest, text, is_whole_text, &why);
    if (!value)
        return keep_format("! %s", why);
    cJSON *object = cJSON_CreateObject();
    member_value_put(object, member, rest, value);
    const char *kept = json_value_json(object);
    cJSON_Delete(object);
    return kept;
}

static void assert_puts(const struct member_list *list, const char *path, const char *text,
                        const char *json)
{
    assert_string_equal(put_value(list, path, text, false), json);
}

static void test_each_kind(void **state)
{
    (void)state;
    static const struct {
        const char *path, *text, *json;
    } rows[] = {
        {"label", "123", "{\"label\":\"123\"}"},
        {"label", "null", "{\"label\":\"null\"}"}, /* is never null */
        {"unit", "", "{\"unit\":\"\"}"},
        {"enabled", "false", "{\"enabled\":false}"},
        {"enabled", "ON", "{\"enabled\":true}"},
        {"enabled", "null", "{\"enabled\":null}"},
        {"enabled", "2", "! it must be true or false"},
        {"direction", "both", "{\"direction\":\"both\"}"},
        {"device", "boiler-8", "{\"device\":\"boiler-8\"}"},
        {"mqtt.key", "/a/b", "{\"mqtt\":{\"key\":\"/a/b\"}}"},
        {"mqtt.topic", "null", "{\"mqtt\":{\"topic\":null}}"},
        {"mqtt.settle_ms", "50", "{\"mqtt\":{\"settle_ms\":50}}"},
        {"mqtt.settle_ms", "5.0", "! it must be a whole number, such as 10"},
        {"mqtt.settle_ms", "", "! it must be a whole number, such as 10"},
        {"mqtt.expire_value", "-1.5", "{\"mqtt\":{\"expire_value\":-1.5}}"},
        {"mqtt.expire_value", "off", "{\"mqtt\":{\"expire_value\":\"off\"}}"},
        {"mqtt.expire_value", "\"5\"", "{\"mqtt\":{\"expire_value\":\"5\"}}"},
        {"mqtt.values", "{\"ON\":1}", "{\"mqtt\":{\"values\":{\"ON\":1}}}"},
        {"mqtt.values", "null", "{\"mqtt\":{\"values\":null}}"},
        {"mqtt.values.a.b", "2", "{\"mqtt\":{\"values\":{\"a.b\":2}}}"},
        {"mqtt.values.ON", "null", "{\"mqtt\":{\"values\":{\"ON\":null}}}"},
        {"modbus.scale", "0.1", "{\"modbus\":{\"scale\":0.1}}"},
        {"modbus.scale", "-1e-3", "{\"modbus\":{\"scale\":-0.001}}"},
        {"modbus.scale", "1e999", "! it must be a number, such as 0.1"},
        {"modbus.scale", "0x10", "! it must be a number, such as 0.1"},
        {"modbus.scale", "0,1", "! it must be a number, with a point before decimals: 0.1"},
        {"modbus.bit", "null", "{\"modbus\":{\"bit\":null}}"},
        {"modbus.bit", "7", "{\"modbus\":{\"bit\":7}}"},
        {"modbus.on_stale", "nan", "{\"modbus\":{\"on_stale\":\"nan\"}}"},
        {"modbus.on_stale", "-1", "{\"modbus\":{\"on_stale\":-1}}"},
        {"modbus.on_stale", "x", "! it must be a number, nan or null"},
        {"modbus.address", "100", "{\"modbus\":{\"address\":100}}"},
        {"modbus.address", "40101", "{\"modbus\":{\"address\":\"40101\"}}"},
        {"modbus.address", "000010", "{\"modbus\":{\"address\":\"000010\"}}"},
        {"modbus.address", "%MW7", "{\"modbus\":{\"address\":\"%MW7\"}}"},
        {"modbus.address", "4x00101", "{\"modbus\":{\"address\":\"4x00101\"}}"},
        {"modbus.address", "null", "{\"modbus\":{\"address\":null}}"},
        {"modbus.address", "0x10",
         "! it must be an offset from 0, such as 100, or a Modicon address, such as 40101"},
        {"modbus", "{\"scale\":2}", "{\"modbus\":{\"scale\":2}}"},
        {"modbus", "null", "{\"modbus\":null}"},
        {"modbus", "[]",
         "! it must be a JSON object, in the quotes of the shell: 'modbus={\"a\": 1}'"},
        {"mqtt.values", "x",
         "! it must be a JSON object, in the quotes of the shell: 'mqtt.values={\"ON\": 1}'"},
        {"mqtt.values", "{} x",
         "! it must be a JSON object, in the quotes of the shell: 'mqtt.values={\"ON\": 1}'"},
        {"mqtt.values.ON", "{x", "{\"mqtt\":{\"values\":{\"ON\":\"{x\"}}}"},
        {"enabled", "yes", "{\"enabled\":true}"},
        {"enabled", "True", "{\"enabled\":true}"},
        {"enabled", "1", "{\"enabled\":true}"},
        {"enabled", "no", "{\"enabled\":false}"},
        {"enabled", "Off", "{\"enabled\":false}"},
        {"enabled", "0", "{\"enabled\":false}"},
        {"enabled", "", "! it must be true or false"},
        {"mqtt.settle_ms", "5e3", "! it must be a whole number, such as 10"},
        {"mqtt.settle_ms", "5E3", "! it must be a whole number, such as 10"},
        {"mqtt.settle_ms", "-5", "{\"mqtt\":{\"settle_ms\":-5}}"},
        {"mqtt.settle_ms", "\"5\"", "! it must be a whole number, such as 10"},
        {"mqtt.settle_ms", "null", "{\"mqtt\":{\"settle_ms\":null}}"},
        {"mqtt.expire_value", "null", "{\"mqtt\":{\"expire_value\":null}}"},
        {"mqtt.expire_value", "true", "{\"mqtt\":{\"expire_value\":true}}"},
        {"mqtt.expire_value", "[1]", "{\"mqtt\":{\"expire_value\":\"[1]\"}}"},
        {"modbus.scale", "1 2", "! it must be a number, such as 0.1"},
        {"modbus.scale", "-1e999", "! it must be a number, such as 0.1"},
        {"modbus.on_stale", "NaN", "{\"modbus\":{\"on_stale\":\"nan\"}}"},
        {"modbus.on_stale", "null", "{\"modbus\":{\"on_stale\":null}}"},
        {"modbus.on_stale", "0,5", "! it must be a number, nan or null"},
        {"modbus.table", "null", "{\"modbus\":{\"table\":null}}"},
        {"modbus.table", "anything", "{\"modbus\":{\"table\":\"anything\"}}"},
        {"modbus.address", "",
         "! it must be an offset from 0, such as 100, or a Modicon address, such as 40101"},
        {"modbus.address", "-1",
         "! it must be an offset from 0, such as 100, or a Modicon address, such as 40101"},
        {"modbus.address", "100 ",
         "! it must be an offset from 0, such as 100, or a Modicon address, such as 40101"},
        {"modbus.address", "65536", "{\"modbus\":{\"address\":65536}}"},
        {"modbus.address", "010", "{\"modbus\":{\"address\":10}}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        assert_puts(&tag_members, rows[i].path, rows[i].text, rows[i].json);
    assert_puts(&device_members, "network.unit_id", "2", "{\"network\":{\"unit_id\":2}}");
    assert_puts(&device_members, "status", "null", "{\"status\":null}");
    assert_puts(&device_members, "status.address", "9000", "{\"status\":{\"address\":9000}}");
    assert_puts(&device_members, "mqtt.where./a/b", "x", "{\"mqtt\":{\"where\":{\"/a/b\":\"x\"}}}");
    assert_puts(&device_members, "profile.params.serial", "17",
                "{\"profile\":{\"params\":{\"serial\":17}}}");
    assert_puts(&device_members, "mqtt.payload_available", "null",
                "{\"mqtt\":{\"payload_available\":null}}");
    assert_string_equal(put_value(&device_members, "mqtt.payload_available", "null", true),
                        "{\"mqtt\":{\"payload_available\":\"null\"}}");
    assert_puts(&profile_members, "tags", "[]", "{\"tags\":[]}");
    assert_puts(&profile_members, "tags", "{}",
                "! it must be a JSON array, in the quotes of the shell, or @FILE");
}

static void test_unknown_members(void **state)
{
    (void)state;
    assert_puts(&tag_members, "modbus.scael", "1", "? do you mean modbus.scale?");
    assert_puts(&tag_members, "scale", "1", "? do you mean modbus.scale?");
    assert_puts(&tag_members, "topic", "1", "? do you mean mqtt.topic?");
    assert_puts(&tag_members, "/mqtt/key", "1", "? do you mean mqtt.key?");
    assert_puts(&device_members, "network.unit", "1", "? do you mean network.unit_id?");
    const char *text = put_value(&device_members, "network.nothing", "1", false);
    assert_ptr_equal(strstr(text, "? network has address, modbus_host,"), text);
    text = put_value(&device_members, "nothing.at.all", "1", false);
    assert_ptr_equal(strstr(text, "? a device has name, label,"), text);
    assert_non_null(strstr(text, "network.MEMBER, mqtt.MEMBER"));
    text = put_value(&tag_members, "modbus.scale.x", "1", false);
    assert_ptr_equal(strstr(text, "? "), text);
    static char longest[2000];
    memset(longest, 'x', sizeof longest - 1);
    text = put_value(&tag_members, longest, "1", false);
    assert_ptr_equal(strstr(text, "? a tag has"), text);
}

/* Every suggestion, whole. */
static void test_suggestions(void **state)
{
    static const struct {
        const struct member_list *list;
        const char *path, *text;
    } rows[] = {
        {&tag_members, "scal", "do you mean modbus.scale?"},
        {&tag_members, "SCALE", "do you mean modbus.scale?"},
        {&tag_members, "scalexx", "do you mean modbus.scale?"},
        {&tag_members, "scalexxx",
         "a tag has name, label, description, unit, enabled, direction, "
         "device, mqtt.MEMBER, modbus.MEMBER"},
        {&tag_members, "bi", "do you mean modbus.bit?"},
        {&tag_members, "xit", "do you mean modbus.bit?"},
        {&tag_members, "xyt",
         "a tag has name, label, description, unit, enabled, direction, device, "
         "mqtt.MEMBER, modbus.MEMBER"},
        {&tag_members, "mqtt.", "mqtt has "},
        {&tag_members, "mqt",
         "a tag has name, label, description, unit, enabled, direction, device, "
         "mqtt.MEMBER, modbus.MEMBER"},
        {&tag_members, "",
         "a tag has name, label, description, unit, enabled, direction, device, "
         "mqtt.MEMBER, modbus.MEMBER"},
        {&tag_members, "/",
         "a tag has name, label, description, unit, enabled, direction, device, "
         "mqtt.MEMBER, modbus.MEMBER"},
        {&tag_members, "modbus/scael", "do you mean modbus.scale?"},
        {&device_members, "topic", "do you mean mqtt.topic?"},
        {&device_members, "adress", "do you mean network.address, status.address?"},
        {&device_members, "profil", "do you mean profile?"},
        {&device_members, "network.qqqqq",
         "network has address, modbus_host, modbus_port, framing, tls, unit_id, "
         "max_write_registers, min_interval_ms, write_single, poll_interval_ms, "
         "rewrite_on_reconnect, gateway"},
        {&profile_members, "nothing-like-it",
         "a profile has name, label, description, params, room, device, tags"},
        {&profile_members, "tag", "do you mean tags?"},
    };
    char longest[66];
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *text = member_suggest(rows[i].list, rows[i].path);
        size_t len = strcmp(rows[i].path, "mqtt.") == 0 ? strlen(rows[i].text) : SIZE_MAX;
        if (strncmp(text, rows[i].text, len) != 0)
            fail_msg("%s: %s", rows[i].path, text);
    }
    /* Names of other lengths are far from it. */
    memset(longest, 'n', sizeof longest);
    for (size_t len = 63; len <= 65; len++) {
        longest[len - 1] = '\0';
        const char *text = member_suggest(&profile_members, longest);
        assert_string_equal(text,
                            "a profile has name, label, description, params, room, device, tags");
    }
}

/* Paths that lead into a member, and those that do not. */
static void test_paths(void **state)
{
    static const struct {
        const struct member_list *list;
        const char *path, *member, *rest;
    } rows[] = {
        {&tag_members, "mqtt.values", "mqtt.values", ""},
        {&tag_members, "mqtt.values.a", "mqtt.values", "a"},
        {&tag_members, "mqtt.values.a.b.", "mqtt.values", "a.b."},
        {&tag_members, "mqtt.values.", NULL, NULL},
        {&tag_members, "mqtt.valuesx", NULL, NULL},
        {&tag_members, "mqtt", "mqtt", ""},
        {&tag_members, "mqtt.nothing", NULL, NULL},
        {&tag_members, "modbus.bit", "modbus.bit", ""},
        {&tag_members, "modbus.byte", "modbus.byte", ""},
        {&tag_members, "modbus.byte_order", "modbus.byte_order", ""},
        {&tag_members, "modbus.byte_order.x", NULL, NULL},
        {&tag_members, "name", "name", ""},
        {&tag_members, "", NULL, NULL},
        {&device_members, "profile.params.serial", "profile", "params.serial"},
        {&device_members, "mqtt.where./a/b", "mqtt.where", "/a/b"},
        {&device_members, "mqtt.request.topic", "mqtt.request", "topic"},
        {&profile_members, "params.serial.default", "params", "serial.default"},
        {&profile_members, "tags.0", NULL, NULL},
    };
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *rest = "unset";
        const struct member *member = member_find(rows[i].list, rows[i].path, &rest);
        if (!member != !rows[i].member)
            fail_msg("%s", rows[i].path);
        if (!member)
            continue;
        assert_string_equal(member_path(member), rows[i].member);
        assert_string_equal(rest, rows[i].rest);
    }
}

/* Values that are put into an object that has some already. */
static void test_values_are_put(void **state)
{
    static const struct {
        const struct member_list *list;
        const char *path, *text;
    } puts[] = {
        {&device_members, "label", "a"},
        {&device_members, "label", "b"},
        {&device_members, "mqtt.topic", "t"},
        {&device_members, "mqtt.qos", "0"},
        {&device_members, "mqtt.topic", "u"},
        {&device_members, "profile.params.a.b", "1"},
        {&device_members, "profile.params.a.c", "[2]"},
        {&device_members, "profile.name", "x"},
        {&device_members, "profile.name.deep", "y"},
        {&device_members, "mqtt.where.a.b", "{\"c\":1}"},
        {&device_members, "mqtt.where.a.d", "null"},
    };
    (void)state;
    cJSON *object = cJSON_Parse("{\"network\":{\"unit_id\":1},\"mqtt\":5}");
    for (size_t i = 0; i < sizeof puts / sizeof puts[0]; i++) {
        const char *rest, *why;
        const struct member *member = member_find(puts[i].list, puts[i].path, &rest);
        assert_non_null(member);
        member_value_put(object, member, rest,
                         member_value_read(member, rest, puts[i].text, false, &why));
    }
    assert_string_equal(json_value_json(object),
                        "{\"network\":{\"unit_id\":1},\"label\":\"b\","
                        "\"mqtt\":{\"qos\":0,\"topic\":\"u\","
                        "\"where\":{\"a.b\":{\"c\":1},\"a.d\":null}},"
                        "\"profile\":{\"params\":{\"a\":{\"b\":1,\"c\":[2]}},"
                        "\"name\":{\"deep\":\"y\"}}}");
    cJSON_Delete(object);
}

/* The address that five digits become, "?" if that is not clear. */
static const char *settle_address(const char *text, const char *given, const char *table)
{
    const char *why = NULL, *rest;
    cJSON *object = cJSON_CreateObject();
    const struct member *member = member_find(&tag_members, "modbus.address", &rest);
    member_value_put(object, member, "", member_value_read(member, "", text, false, &why));
    if (given)
        member_value_put(object, member_find(&tag_members, "modbus.table", &rest), "",
                         cJSON_CreateString(given));
    bool is_clear = member_address_settle(object, table, &why);
    cJSON *address = cJSON_GetObjectItemCaseSensitive(
        cJSON_GetObjectItemCaseSensitive(object, "modbus"), "address");
    char *json = cJSON_PrintUnformatted(address);
    const char *kept = is_clear ? keep_text(json) : keep_format("? %s", why);
    free(json);
    cJSON_Delete(object);
    return kept;
}

static void test_five_digits(void **state)
{
    (void)state;
    assert_string_equal(settle_address("40101", NULL, "holding_register"), "\"40101\"");
    assert_string_equal(settle_address("40101", NULL, ""), "\"40101\"");
    assert_string_equal(settle_address("12000", "holding_register", "coil"), "12000");
    assert_string_equal(settle_address("412000", NULL, "coil"), "\"412000\"");
    assert_string_equal(settle_address("100", NULL, "coil"), "100");
    assert_string_equal(settle_address("4321", NULL, "coil"), "4321");
    assert_string_equal(settle_address("00001", NULL, "holding_register"), "\"00001\"");
    assert_string_equal(settle_address("40101", "no_table", "coil"), "\"40101\"");
    assert_string_equal(settle_address("40101", "coil", "holding_register"), "40101");
    assert_string_equal(settle_address("40101", "holding_register", "coil"), "\"40101\"");
    assert_string_equal(settle_address("%MW101", NULL, "coil"), "\"%MW101\"");
    assert_string_equal(
        settle_address("30010", NULL, "coil"),
        "? 30010 may be the offset 30010 in coil, which is 030011 in Modicon form with six digits, "
        "or it may be 300010, which is in input_register: write one of these");
    cJSON *none = cJSON_CreateObject();
    const char *nothing = NULL;
    assert_true(member_address_settle(none, "coil", &nothing));
    assert_null(nothing);
    cJSON_Delete(none);
    const char *unclear = settle_address("12000", NULL, "holding_register");
    assert_non_null(strstr(unclear, "? 12000 may be the offset 12000 in holding_register"));
    assert_non_null(strstr(unclear, "412001"));
    assert_non_null(strstr(unclear, "102000"));
}

/* All digits of a number, which cJSON leaves out when they differ by little. */
static void test_numbers(void **state)
{
    static const char *const rows[] = {"9007199254740991",
                                       "-8000000000000001",
                                       "0.30000000000000004",
                                       "1.7976931348623157e+308",
                                       "5e-324",
                                       "21.5",
                                       "-3",
                                       "0"};
    (void)state;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        cJSON *value = cJSON_Parse(rows[i]);
        assert_string_equal(json_value_json(value), rows[i]);
        assert_string_equal(json_value_text(value), rows[i]);
        cJSON *object = cJSON_CreateObject();
        cJSON_AddItemToObjectCS(object, "v", value);
        assert_string_equal(json_value_json(object), keep_format("{\"v\":%s}", rows[i]));
        cJSON_Delete(object);
    }
    assert_string_equal(json_value_json(NULL), "");
}

int main(void)
{
    keep_init();
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_each_kind),      cmocka_unit_test(test_unknown_members),
        cmocka_unit_test(test_suggestions),    cmocka_unit_test(test_paths),
        cmocka_unit_test(test_values_are_put), cmocka_unit_test(test_five_digits),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
