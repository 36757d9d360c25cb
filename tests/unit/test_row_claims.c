/* Values of rows that are brought to new settings. */
#include "device_fixture.h"

#include <string.h>

static struct tagdb_device device;
static struct tagdb_tag tag;

static size_t send(struct fixture *f, const char *payload)
{
    const struct mqtt_message message = {
        .topic = "d", .payload = payload, .len = strlen(payload), .qos = 1};
    return ingest_message(&f->ingest, &message);
}

static void reset_rows(const char *host)
{
    device = device_row(1);
    device.network_modbus_host = host;
    device.network_modbus_port = 1;
    tag = tag_row(1, 1, "a");
}

static struct device *serve(struct fixture *f)
{
    return serve_device(f, &device, &tag, 1);
}

/* A value that the target has already, at the tag's present place. */
static void put_as_written(struct fixture *f, uint64_t settings, uint64_t raw)
{
    struct live_table_value value = {.raw = raw, .wall_ms = 5, .steady_ms = 6};
    live_table_set_location(&value, settings, device.network_unit_id, &tag.point);
    uint64_t changed = live_table_put_value(f->live, tag.slot, &value, NULL, 0);
    live_table_mark_written(f->live, tag.slot, changed, 1);
}

/* What a foreign server has itself is only read in another way. */
static void test_value_of_a_foreign_server(void **state)
{
    static const struct {
        const char *name;
        uint16_t address;
        double scale;
        bool is_setpoint, has_settings;
        uint64_t raw; /* after the change; 0: the row is empty */
    } rows[] = {
        {"read, other scale", 1, 0.5, false, false, 20},
        {"read, other address", 2, 1, false, false, 0},
        {"setpoint, other address", 2, 1, true, true, 0},
        {"setpoint, other scale", 1, 0.5, true, true, 0},
        {"of a message, other scale", 1, 0.5, false, true, 40},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        open_fixture((void **)&f);
        reset_rows("127.0.0.2");
        tag.direction = BOTH_WAYS;
        tag.mqtt_command_topic = "set";
        const struct device *built = serve(f);
        put_as_written(f, rows[i].has_settings ? built->tags[0].settings : 0, 20);
        live_table_set_setpoint(f->live, tag.slot, rows[i].is_setpoint);
        tag.point.address = rows[i].address;
        tag.point.scale = rows[i].scale;
        built = serve(f);
        struct live_table_row row = row_of_tag(f, &tag);
        check_row(row.value.raw == rows[i].raw, rows[i].name);
        check_row((row.changed == 0) == (rows[i].raw == 0), rows[i].name);
        bool is_converted = rows[i].raw == 40;
        check_row(row.value.settings == (is_converted ? built->tags[0].settings : 0), rows[i].name);
        check_row((row.changed != row.written) == is_converted, rows[i].name);
        if (rows[i].raw) {
            struct point point;
            check_row(live_table_value_point(&row.value, &point), rows[i].name);
            check_row(point.scale == rows[i].scale, rows[i].name);
        }
        close_fixture((void **)&f);
    }
}

/* Texts and numbers become one another. */
static void test_texts(void **state)
{
    static const struct {
        const char *name, *payload;
        uint8_t before, after;
        uint16_t length_before, length_after;
        uint64_t raw;
        const char *text; /* of the new registers */
        enum live_table_outcome outcome;
        enum fault fault;
    } rows[] = {
        {"number to text", "12", TYPE_UINT16, TYPE_STRING, 0, 2, 0, "12", LIVE_GOOD, FAULT_NONE},
        {"text to number", "\"34\"", TYPE_STRING, TYPE_UINT16, 2, 0, 34, NULL, LIVE_GOOD,
         FAULT_NONE},
        {"word to number", "\"on\"", TYPE_STRING, TYPE_UINT16, 2, 0, 0, NULL, LIVE_REFUSED,
         FAULT_NOT_A_NUMBER},
        {"longer", "\"abcd\"", TYPE_STRING, TYPE_STRING, 2, 3, 0, "abcd", LIVE_GOOD, FAULT_NONE},
        {"too short", "\"abcd\"", TYPE_STRING, TYPE_STRING, 2, 1, 0, "", LIVE_REFUSED,
         FAULT_TOO_LONG},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        char payload[40], text[10] = "";
        open_fixture((void **)&f);
        reset_rows(NULL);
        tag.point.type = rows[i].before;
        tag.point.length = rows[i].length_before;
        serve(f);
        snprintf(payload, sizeof payload, "{\"a\":%s}", rows[i].payload);
        send(f, payload);
        check_row(row_of_tag(f, &tag).outcome == LIVE_GOOD, rows[i].name);
        tag.point.type = rows[i].after;
        tag.point.length = rows[i].length_after;
        const struct device *built = serve(f);
        struct live_table_row row = row_of_tag(f, &tag);
        check_row(row.value.raw == rows[i].raw, rows[i].name);
        check_row(row.outcome == rows[i].outcome, rows[i].name);
        check_row(row.fault == rows[i].fault, rows[i].name);
        check_row(row.rejects == (rows[i].fault != FAULT_NONE), rows[i].name);
        check_row(built->tags[0].heard == rows[i].outcome, rows[i].name);
        check_row(row.changed != row.written, rows[i].name);
        for (int at = 0; at < 4 && rows[i].text; at++)
            text[at] = (char)(row.text[at / 2] >> (at % 2 ? 0 : 8));
        check_row(!rows[i].text || strcmp(text, rows[i].text) == 0, rows[i].name);
        close_fixture((void **)&f);
    }
}

/* A value that on_stale has put is replaced by the present one. */
static void test_value_of_on_stale(void **state)
{
    struct fixture *f = *state;
    reset_rows(NULL);
    tag.direction = BOTH_WAYS;
    tag.mqtt_command_topic = "set";
    tag.point.stale = STALE_RAW;
    tag.point.stale_raw = 7;
    struct device *built = serve(f);
    send(f, "{\"a\":20}");
    live_table_set_outcome(f->live, tag.slot, LIVE_REPLACED);
    uint64_t steady_ms = row_of_tag(f, &tag).value.steady_ms;
    tag.point.stale_raw = 8;
    tag.point.address = 5;
    built = serve(f);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 8);
    assert_int_equal(row_of_tag(f, &tag).value.steady_ms, steady_ms);
    assert_true(built->tags[0].shows_stale);
    /* What SCADA has written since is converted. */
    live_table_set_setpoint(f->live, tag.slot, true);
    tag.point.stale_raw = 9;
    tag.point.scale = 0.5;
    serve(f);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 16);
    /* And so is the value when on_stale is gone. */
    live_table_set_setpoint(f->live, tag.slot, false);
    tag.point.stale = STALE_HOLD;
    tag.point.scale = 1;
    built = serve(f);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 8);
    assert_false(built->tags[0].shows_stale);
}

/* The time of a setpoint stays with mqtt.expires_s, and ends without it. */
static void test_expiry(void **state)
{
    struct fixture *f = *state;
    const struct live_table_expiry times = {.steady_ms = 50, .wall_ms = 60, .is_expired = true};
    reset_rows(NULL);
    tag.direction = BOTH_WAYS;
    tag.mqtt_command_topic = "set";
    tag.mqtt_expires_s = 10;
    serve(f);
    live_table_set_expiry(f->live, tag.slot, &times);
    const struct device *built = serve(f);
    assert_int_equal(built->tags[0].command->expiry.steady_ms, 50);
    assert_int_equal(built->tags[0].command->expiry.wall_ms, 60);
    assert_true(built->tags[0].command->expiry.is_expired);
    assert_int_equal(row_of_tag(f, &tag).expiry.wall_ms, 60);
    tag.mqtt_expires_s = 0;
    built = serve(f);
    assert_int_equal(built->tags[0].command->expiry.wall_ms, 0);
    assert_int_equal(row_of_tag(f, &tag).expiry.wall_ms, 0);
    assert_false(row_of_tag(f, &tag).expiry.is_expired);
    live_table_set_expiry(f->live, tag.slot, &times);
    tag.direction = TO_MODBUS;
    serve(f);
    assert_int_equal(row_of_tag(f, &tag).expiry.wall_ms, 0);
}

/* A status block that waits follows its device to the new place. */
static void test_status_block(void **state)
{
    struct fixture *f = *state;
    reset_rows(NULL);
    device.status_table = TABLE_INPUT_REGISTER;
    device.status_address = 100;
    const struct device *built = serve(f);
    struct live_table_value value = {.raw = 192, .wall_ms = 5, .steady_ms = 6};
    live_table_set_location(&value, built->status_settings, built->status_unit, &built->status);
    live_table_put_value(f->live, device.slot, &value, NULL, 0);
    uint64_t changed = row_of_device(f, &device).changed;
    serve(f);
    assert_int_equal(row_of_device(f, &device).changed, changed);
    device.status_address = 104;
    built = serve(f);
    struct live_table_row row = row_of_device(f, &device);
    assert_true(row.changed > changed);
    assert_int_equal(row.value.settings, built->status_settings);
    assert_int_equal(row.value.place, live_table_pack_location(built->status_unit, &built->status));
    assert_int_equal(row.value.raw, 192);
    assert_int_equal(row.value.wall_ms, 5);
}

/* A word keeps its meaning when mqtt.values gives it another number. */
static void test_remap(void **state)
{
    struct value_map_entry before[] = {{.text = "off", .number = 1}, {.text = "on", .number = 2}},
                           after[] = {{.text = "off", .number = 5}, {.text = "on", .number = 6}},
                           without[] = {{.text = "off", .number = 5}};
    static const struct {
        const char *name, *payload;
        int map; /* 1: after, 2: without the word, 0: none */
        uint64_t raw;
    } rows[] = {{"word", "\"on\"", 1, 6},         {"other word", "\"off\"", 1, 5},
                {"number of a word", "2", 1, 6},  {"number", "3", 1, 3},
                {"word is gone", "\"on\"", 2, 2}, {"map is gone", "\"on\"", 0, 2}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        char payload[40];
        open_fixture((void **)&f);
        reset_rows(NULL);
        tag.mqtt_values = (struct value_map){.entries = before, .count = 2};
        serve(f);
        snprintf(payload, sizeof payload, "{\"a\":%s}", rows[i].payload);
        send(f, payload);
        struct live_table_row first = row_of_tag(f, &tag);
        tag.mqtt_values = rows[i].map == 1   ? (struct value_map){.entries = after, .count = 2}
                          : rows[i].map == 2 ? (struct value_map){.entries = without, .count = 1}
                                             : (struct value_map){.count = 0};
        serve(f);
        struct live_table_row row = row_of_tag(f, &tag);
        check_row(row.value.raw == rows[i].raw, rows[i].name);
        check_row((row.changed > first.changed) == (row.value.raw != first.value.raw),
                  rows[i].name);
        check_row(row.value.wall_ms == first.value.wall_ms, rows[i].name);
        close_fixture((void **)&f);
    }
}

/* Setpoints and values of on_stale have no word to keep. */
static void test_no_remap(void **state)
{
    struct value_map_entry before[] = {{.text = "on", .number = 2}},
                           after[] = {{.text = "on", .number = 6}};
    (void)state;
    for (int i = 0; i < 3; i++) {
        struct fixture *f;
        open_fixture((void **)&f);
        reset_rows(NULL);
        tag.mqtt_values = (struct value_map){.entries = before, .count = 1};
        struct device *built = serve(f);
        send(f, "{\"a\":\"on\"}");
        if (i == 0)
            live_table_set_setpoint(f->live, tag.slot, true);
        if (i == 1)
            built->tags[0].shows_stale = true;
        if (i == 2)
            built->tags[0].has_value = false;
        tag.mqtt_values = (struct value_map){.entries = after, .count = 1};
        serve(f);
        assert_int_equal(row_of_tag(f, &tag).value.raw, 2);
        close_fixture((void **)&f);
    }
}

/* Room for all rows and texts is made before anything changes. */
static void test_reserve(void **state)
{
    struct fixture *f = *state;
    reset_rows(NULL);
    tag.slot = LIVE_ROWS_MAX;
    struct store_update *update = make_update(1, build_device(&device, &tag, 1), false);
    assert_false(row_claims_reserve(&f->device_table, update));
    store_update_free(update);
    tag.slot = 5;
    device.slot = LIVE_ROWS_MAX;
    update = make_update(1, build_device(&device, &tag, 1), false);
    assert_false(row_claims_reserve(&f->device_table, update));
    store_update_free(update);
    update = make_update(1, NULL, false);
    assert_true(row_claims_reserve(&f->device_table, update));
    store_update_free(update);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_value_of_a_foreign_server),
        cmocka_unit_test(test_texts),
        cmocka_unit_test_setup_teardown(test_value_of_on_stale, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_expiry, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_status_block, open_fixture, close_fixture),
        cmocka_unit_test(test_remap),
        cmocka_unit_test(test_no_remap),
        cmocka_unit_test_setup_teardown(test_reserve, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
