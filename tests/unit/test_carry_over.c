/* What a device in service hands over to its replacement, and when the replacement gains. */
#include "device_fixture.h"

#include <string.h>

#include "mqttd/config/carry_over.h"

static struct tagdb_device device;
static struct tagdb_tag tags[3];

/* Rows with all that the comparisons look at. */
static void reset_rows(void)
{
    device = device_row(1);
    device.mqtt_availability_topic = "d/state";
    device.mqtt_timestamp_key = "t";
    tags[0] = tag_row(1, 1, "a");
    tags[1] = tag_row(1, 2, "b");
    tags[2] = tag_row(1, 3, "c");
    tags[2].mqtt_topic = "other";
}

static struct device *build(void)
{
    return build_device(&device, tags, COUNT(tags));
}

/* A change of the rows, by its name; "" is none. */
static void change(const char *name)
{
    static const struct {
        const char *name, **text, *value;
    } texts[] = {
        {"availability topic", &device.mqtt_availability_topic, "d/other"},
        {"no availability", &device.mqtt_availability_topic, NULL},
        {"availability key", &device.mqtt_availability_key, "k"},
        {"available", &device.mqtt_payload_available, "up"},
        {"no available", &device.mqtt_payload_available, NULL},
        {"unavailable", &device.mqtt_payload_unavailable, "down"},
        {"timestamp", &device.mqtt_timestamp_key, "u"},
        {"no timestamp", &device.mqtt_timestamp_key, NULL},
        {"where", &device.mqtt_where, "{\"n\":\"x\"}"},
        {"topic", &device.mqtt_topic, "e"},
        {"name", &device.name, "renamed"},
        {"key", &tags[1].mqtt_key, "z"},
        {"pattern", &tags[1].mqtt_pattern, "(.)"},
        {"tag topic", &tags[2].mqtt_topic, "another"},
        {"tag without topic", &tags[2].mqtt_topic, NULL},
    };
    for (size_t i = 0; i < COUNT(texts); i++) {
        if (strcmp(texts[i].name, name) == 0)
            *texts[i].text = texts[i].value;
    }
    if (strcmp(name, "scale") == 0)
        tags[1].point.scale = 2;
    if (strcmp(name, "number") == 0)
        tags[1].mqtt_number = NUMBER_HEX;
    if (strcmp(name, "another tag") == 0)
        tags[1].id = 9;
    if (strcmp(name, "stale_after_s") == 0)
        device.mqtt_stale_after_s = 7;
    if (strcmp(name, "unit") == 0)
        device.network_unit_id = 2;
}

/* The state of the device, its feeds and its availability. */
static void test_device(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *change;
        bool availability, times; /* are handed over */
    } rows[] = {
        {"", true, true},
        {"name", true, true},
        {"stale_after_s", true, true},
        {"availability topic", false, true},
        {"no availability", false, true},
        {"availability key", false, true},
        {"available", false, true},
        {"no available", false, true},
        {"unavailable", false, true},
        {"timestamp", true, false},
        {"no timestamp", true, false},
        {"where", true, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reset_rows();
        struct device *old = build();
        old->quiet = QUIET_LOGGED;
        old->since_ms = 21;
        old->unavailable = old->strange = true;
        old->status_raw = 22;
        old->source_ms = 23;
        old->feeds[0].source_ms = 24;
        old->feeds[0].old_ms = 25;
        old->feeds[0].old_count = 26;
        old->feeds[0].row_ms = 27;
        old->feeds[0].row_steady_ms = 28;
        change(rows[i].change);
        struct device *newer = build();
        device_carry_over(&f->device_table, old, newer);
        const char *name = rows[i].change;
        const struct feed *feed = &newer->feeds[0];
        uint64_t times = rows[i].times;
        check_row(newer->quiet == QUIET_LOGGED && newer->since_ms == 21, name);
        check_row(newer->status_raw == 22, name);
        check_row(newer->unavailable == rows[i].availability, name);
        check_row(newer->strange == rows[i].availability, name);
        check_row(newer->source_ms == 23 * times, name);
        check_row(feed->source_ms == 24 * times && feed->old_ms == 25 * times, name);
        check_row(feed->old_count == 26 * times && feed->row_ms == 27 * times, name);
        check_row(feed->row_steady_ms == 28 * times, name);
        device_free(old);
        device_free(newer);
    }
}

/* Which changes are a reason to ask for retained messages again. */
static void test_gains(void **state)
{
    static const struct {
        const char *change;
        bool gains;
    } rows[] = {
        {"", false},
        {"name", false},
        {"stale_after_s", false},
        {"timestamp", false},
        {"no availability", true}, /* another number of feeds */
        {"availability topic", true},
        {"availability key", true},
        {"available", true},
        {"unavailable", true},
        {"where", true},
        {"topic", true},
        {"key", true},
        {"pattern", true},
        {"number", true},
        {"scale", true},
        {"unit", true},
        {"tag topic", true},
        {"tag without topic", true},
        {"another tag", true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        reset_rows();
        struct device *old = build();
        change(rows[i].change);
        struct device *newer = build();
        check_row(device_has_gained(old, newer) == rows[i].gains, rows[i].change);
        device_free(old);
        device_free(newer);
    }
    /* A tag less is a gain of nothing, a tag more is one. */
    reset_rows();
    struct device *three = build(), *two = build_device(&device, &tags[1], 2);
    tags[2].mqtt_topic = NULL;
    struct device *all = build(), *some = build_device(&device, &tags[1], 2);
    assert_true(device_has_gained(two, three));
    assert_true(device_has_gained(some, all));
    device_free(two);
    device_free(three);
    device_free(some);
    device_free(all);
}

static struct device *build_commands(uint8_t command_on)
{
    for (int i = 0; i < 2; i++) {
        tags[i].direction = BOTH_WAYS;
        tags[i].mqtt_command_topic = "set";
        tags[i].mqtt_command_on = command_on;
    }
    return build();
}

static void test_tag(void **state)
{
    struct fixture *f = *state;
    reset_rows();
    tags[0].point.type = TYPE_UINT32;
    struct device *old = build_commands(COMMAND_ON_CHANGE), *newer = build();
    struct tag *tag = &old->tags[0];
    tag->has_value = tag->is_new = tag->shows_stale = true;
    tag->heard = LIVE_REFUSED;
    tag->live_ms = 31;
    struct mirror_record *mirror = (void *)f;
    struct tag_command *command = tag->command;
    command->written_at_ms = 32;
    command->published_ms = 33;
    command->mirror = mirror;
    command->ended_ms = 34;
    command->expire_number = 35;
    command->shown_from = 36;
    command->shown_to = 37;
    command->part_known = 38;
    command->has_known = true;
    command->known[0] = 39;
    command->known[1] = 40;
    device_carry_over(&f->device_table, old, newer);
    const struct tag *same = &newer->tags[0];
    assert_true(same->has_value && same->is_new && same->shows_stale);
    assert_int_equal(same->heard, LIVE_REFUSED);
    assert_int_equal(same->live_ms, 31);
    assert_int_equal(same->command->written_at_ms, 32);
    assert_int_equal(same->command->published_ms, 33);
    assert_ptr_equal(same->command->mirror, mirror);
    assert_int_equal(same->command->ended_ms, 34);
    assert_int_equal(same->command->expire_number, 35);
    assert_int_equal(same->command->shown_from, 36);
    assert_int_equal(same->command->shown_to, 37);
    assert_int_equal(same->command->part_known, 38);
    assert_true(same->command->has_known);
    assert_int_equal(same->command->known[0], 39);
    assert_int_equal(same->command->known[1], 40);
    assert_false(newer->tags[1].has_value || newer->tags[1].command->has_known);
    device_free(newer);

    /* Other settings: what depends on the registers is not known any more. */
    tags[0].point.scale = 3;
    newer = build();
    device_carry_over(&f->device_table, old, newer);
    same = &newer->tags[0];
    assert_true(same->has_value && same->is_new);
    assert_false(same->shows_stale);
    assert_int_equal(same->command->part_known, -1);
    assert_false(same->command->has_known);
    assert_int_equal(same->command->published_ms, 33);
    device_free(newer);
    tags[0].point.scale = 1;
    /* Another topic or template: the device may not have it. */
    static const char *const topics[] = {"other", "set"}, *const templates[] = {NULL, "{value}"};
    for (int i = 0; i < 2; i++) {
        tags[0].mqtt_command_topic = topics[i];
        tags[0].mqtt_command_template = templates[i];
        newer = build();
        device_carry_over(&f->device_table, old, newer);
        assert_false(newer->tags[0].command->has_known);
        assert_int_equal(newer->tags[0].command->part_known, 38);
        device_free(newer);
    }
    /* A tag without commands, another row, a tag that is new. */
    reset_rows();
    newer = build();
    device_carry_over(&f->device_table, old, newer);
    assert_null(newer->tags[0].command);
    device_free(newer);
    tags[0].slot = 99;
    newer = build();
    device_carry_over(&f->device_table, old, newer);
    assert_false(newer->tags[0].has_value);
    assert_int_equal(newer->tags[0].heard, LIVE_NONE);
    device_free(newer);
    device_free(old);
}

/* A value of on_stale stays while on_stale does, or SCADA has written since. */
static void test_on_stale(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name;
        uint8_t before, after;
        double raw_before, raw_after;
        bool is_setpoint, stays;
    } rows[] = {
        {"same", STALE_RAW, STALE_RAW, 5, 5, false, true},
        {"other number", STALE_RAW, STALE_RAW, 5, 6, false, false},
        {"other number, setpoint", STALE_RAW, STALE_RAW, 5, 6, true, true},
        {"nan", STALE_NAN, STALE_NAN, 5, 6, false, true},
        {"hold", STALE_RAW, STALE_HOLD, 5, 5, false, false},
        {"nan for a number", STALE_RAW, STALE_NAN, 5, 5, false, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reset_rows();
        tags[0].point.stale = rows[i].before;
        tags[0].point.stale_raw = rows[i].raw_before;
        struct device *old = build_commands(COMMAND_ON_WRITE);
        old->tags[0].shows_stale = true;
        assert_true(live_table_reserve_rows(f->live, tags[0].slot + 1));
        assert_true(live_table_claim_row(f->live, tags[0].slot,
                                         live_table_make_owner(LIVE_TAG, tags[0].id), false));
        live_table_set_setpoint(f->live, tags[0].slot, rows[i].is_setpoint);
        tags[0].point.stale = rows[i].after;
        tags[0].point.stale_raw = rows[i].raw_after;
        struct device *newer = build();
        device_carry_over(&f->device_table, old, newer);
        check_row(newer->tags[0].shows_stale == rows[i].stays, rows[i].name);
        old->tags[0].shows_stale = false;
        device_carry_over(&f->device_table, old, newer);
        check_row(!newer->tags[0].shows_stale, rows[i].name);
        device_free(old);
        device_free(newer);
    }
}

/* Registers of a foreign server that wait for min_interval_ms are those of the same place. */
static void test_waiting(void **state)
{
    struct fixture *f = *state;
    static const struct {
        const char *name, *host;
        uint16_t address, port;
        double scale;
        bool stays;
    } rows[] = {
        {"same", "127.0.0.2", 1, 1, 1, true},     {"scale", "127.0.0.2", 1, 1, 2, true},
        {"address", "127.0.0.2", 2, 1, 1, false}, {"server", "127.0.0.3", 1, 1, 1, false},
        {"port", "127.0.0.2", 1, 2, 1, false},    {"local", NULL, 1, 0, 1, false},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        reset_rows();
        tags[0].point.type = TYPE_UINT32;
        device.network_modbus_host = "127.0.0.2";
        device.network_modbus_port = 1;
        struct device *old = build_commands(COMMAND_ON_WRITE);
        old->tags[0].command->waiting[0] = 41;
        old->tags[0].command->waiting[1] = 42;
        old->tags[0].command->has_waiting = true;
        device.network_modbus_host = rows[i].host;
        device.network_modbus_port = rows[i].port;
        tags[0].point.address = rows[i].address;
        tags[0].point.scale = rows[i].scale;
        struct device *newer = build();
        device_carry_over(&f->device_table, old, newer);
        const struct tag_command *command = newer->tags[0].command;
        check_row(command->has_waiting == rows[i].stays, rows[i].name);
        check_row(!rows[i].stays || (command->waiting[0] == 41 && command->waiting[1] == 42),
                  rows[i].name);
        check_row(!newer->tags[1].command->has_waiting, rows[i].name);
        device_free(old);
        device_free(newer);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_device, open_fixture, close_fixture),
        cmocka_unit_test(test_gains),
        cmocka_unit_test_setup_teardown(test_tag, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_on_stale, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_waiting, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
