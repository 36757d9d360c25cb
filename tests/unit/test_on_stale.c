/* Values that on_stale replaces. */
#include "device_fixture.h"
#include "set_clock.h"

#include <string.h>

#include "mqttd/config/on_stale.h"

static struct tagdb_device device;
static struct tagdb_tag tag;

/* A device whose tag gets 77 when it is stale after 10 s. */
static struct device *serve(struct fixture *f, int direction)
{
    device = device_row(1);
    device.mqtt_stale_after_s = 10;
    tag = tag_row(1, 1, "a");
    tag.direction = (uint8_t)direction;
    tag.mqtt_command_topic = direction == BOTH_WAYS ? "set" : NULL;
    tag.point.stale = STALE_RAW;
    tag.point.stale_raw = 77;
    tag.point.scale = 0.5; /* it does not apply to 77 */
    live_table_set_heartbeat(f->live, set_clock_ms);
    const struct live_table_broker broker = {.reason = 0, .steady_ms = set_clock_ms};
    live_table_set_broker(f->live, &broker);
    return serve_device(f, &device, &tag, 1);
}

static void send(struct fixture *f, const char *payload)
{
    const struct mqtt_message message = {
        .topic = "d", .payload = payload, .len = strlen(payload), .qos = 1};
    ingest_message(&f->ingest, &message);
}

static void check(struct fixture *f, struct device *built)
{
    live_table_set_heartbeat(f->live, set_clock_ms);
    struct live_table_state state = live_table_read_state(f->live);
    struct quality_moment moment = quality_moment(&state, set_clock_ms);
    on_stale_check_device(&f->device_table, &moment, built);
}

/* The registers, and whether on_stale has put them. */
static void expect(const struct fixture *f, const struct device *built, uint64_t raw,
                   bool shows_stale)
{
    assert_int_equal(row_of_tag(f, &tag).value.raw, raw);
    assert_int_equal(built->tags[0].shows_stale, shows_stale);
}

/* A new tag without a value has its on_stale value at once. */
static void test_new_tag(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f, TO_MODBUS);
    expect(f, built, 77, true);
    struct live_table_row row = row_of_tag(f, &tag);
    assert_int_equal(row.value.wall_ms, 0);
    assert_int_equal(row.outcome, LIVE_NONE);
    assert_int_equal(row.messages, 0);
    assert_int_equal(row.value.settings, built->tags[0].settings);
    assert_int_equal(row.value.place, live_table_pack_location(1, &tag.point));
    assert_int_equal(marked_rows(f), 1);
    send(f, "{\"a\":4}");
    expect(f, built, 8, false);
}

static void test_age(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f, TO_MODBUS);
    for (int round = 0; round < 2; round++) {
        send(f, "{\"a\":4}");
        struct live_table_row before = row_of_tag(f, &tag);
        set_clock_ms += 10000;
        check(f, built);
        expect(f, built, 8, false);
        assert_int_equal(row_of_tag(f, &tag).changed, before.changed);
        set_clock_ms += 1;
        check(f, built);
        expect(f, built, 77, true);
        struct live_table_row after = row_of_tag(f, &tag);
        assert_int_equal(after.outcome, LIVE_REPLACED);
        assert_int_equal(after.value.wall_ms, before.value.wall_ms);
        assert_int_equal(after.value.steady_ms, before.value.steady_ms);
        assert_true(after.changed > before.changed);
        /* Once. */
        check(f, built);
        assert_int_equal(row_of_tag(f, &tag).changed, after.changed);
    }
}

/* A refused value keeps its outcome when its registers are replaced. */
static void test_outcome_of_a_refused_value(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f, TO_MODBUS);
    send(f, "{\"a\":4}");
    send(f, "{\"a\":-4}");
    set_clock_ms += 10001;
    check(f, built);
    expect(f, built, 77, true);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_REFUSED);
}

static void test_unavailable(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f, TO_MODBUS);
    send(f, "{\"a\":4}");
    built->unavailable = true;
    check(f, built);
    expect(f, built, 77, true);
    assert_int_equal(row_of_tag(f, &tag).outcome, LIVE_REPLACED);
}

/* Without stale_after_s, age alone replaces nothing; the loss of the broker does. */
static void test_broker(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f, TO_MODBUS);
    built->stale_after_s = 0;
    send(f, "{\"a\":4}");
    set_clock_ms += 100000000;
    check(f, built);
    expect(f, built, 8, false);
    const struct live_table_broker lost = {.reason = BROKER_LOST, .steady_ms = set_clock_ms};
    live_table_set_broker(f->live, &lost);
    set_clock_ms += QUALITY_BROKER_LIMIT_MS;
    check(f, built);
    expect(f, built, 8, false);
    set_clock_ms += 1;
    check(f, built);
    expect(f, built, 77, true);
}

/* A value of an earlier mqttd is kept for as long as that of a silent device. */
static void test_earlier_session(void **state)
{
    static const struct {
        const char *name;
        uint32_t stale_after_s;
        bool is_connected;
        uint64_t wait_ms; /* the longest without a replacement; 0: for ever */
    } rows[] = {{"age", 10, true, 10000},
                {"no age", 0, true, 0},
                {"broker", 0, false, QUALITY_BROKER_LIMIT_MS},
                {"broker and age", 3, false, 3000}};
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        open_fixture((void **)&f);
        struct device *built = serve(f, TO_MODBUS);
        send(f, "{\"a\":4}");
        built->tags[0].has_value = built->tags[0].shows_stale = false;
        built->stale_after_s = rows[i].stale_after_s;
        built->since_ms = set_clock_ms;
        if (!rows[i].is_connected) {
            const struct live_table_broker lost = {.reason = BROKER_LOST,
                                                   .steady_ms = set_clock_ms - 60000};
            live_table_set_broker(f->live, &lost);
        }
        set_clock_ms += rows[i].wait_ms ? rows[i].wait_ms : 100000000;
        check(f, built);
        check_row(!built->tags[0].shows_stale, rows[i].name);
        set_clock_ms++;
        check(f, built);
        check_row(built->tags[0].shows_stale == (rows[i].wait_ms > 0), rows[i].name);
        check_row(row_of_tag(f, &tag).value.raw == (rows[i].wait_ms > 0 ? 77 : 8), rows[i].name);
        /* It is no value of this session, whose outcome would change. */
        check_row(row_of_tag(f, &tag).outcome == LIVE_GOOD, rows[i].name);
        close_fixture((void **)&f);
    }
}

/* Of a tag in both directions SCADA's value is kept. */
static void test_setpoints(void **state)
{
    struct fixture *f = *state;
    /* Before any update is loaded, a tag is not new. */
    struct device *built = serve(f, BOTH_WAYS);
    assert_false(built->tags[0].is_new);
    set_clock_ms += 100000;
    check(f, built);
    expect(f, built, 0, false);
    built->unavailable = true;
    check(f, built);
    expect(f, built, 0, false);
    built->unavailable = false;
    built->tags[0].is_new = true;
    live_table_set_setpoint(f->live, tag.slot, true);
    check(f, built);
    expect(f, built, 0, false);
    live_table_set_setpoint(f->live, tag.slot, false);
    built->tags[0].command->part_known = -1;
    check(f, built);
    expect(f, built, 77, true);
    assert_int_equal(built->tags[0].command->part_known, 77);
    built->tags[0].shows_stale = false;
    check(f, built); /* it has a value now */
    expect(f, built, 77, false);
}

static void test_hold(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f, TO_MODBUS);
    const struct live_table_value times = {.wall_ms = 5, .steady_ms = 6};
    send(f, "{\"a\":4}");
    built->tags[0].point.stale = STALE_HOLD;
    set_clock_ms += 100000;
    check(f, built);
    expect(f, built, 8, false);
    target_lock_rows(built->target);
    assert_false(on_stale_put_value(&f->device_table, built, &built->tags[0], &times));
    built->tags[0].point.stale = STALE_RAW;
    built->tags[0].point.stale_raw = 70000; /* the largest value in its place */
    assert_true(on_stale_put_value(&f->device_table, built, &built->tags[0], &times));
    target_unlock_rows(built->target);
    expect(f, built, 65535, true);
    assert_int_equal(row_of_tag(f, &tag).value.wall_ms, 5);
    assert_int_equal(row_of_tag(f, &tag).value.steady_ms, 6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_new_tag, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_age, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_outcome_of_a_refused_value, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(test_unavailable, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_broker, open_fixture, close_fixture),
        cmocka_unit_test(test_earlier_session),
        cmocka_unit_test_setup_teardown(test_setpoints, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_hold, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
