/* Devices that are added, replaced and removed: their rows, topics and values. */
#include "device_fixture.h"

#include <string.h>

static size_t send(struct fixture *f, const char *topic, const char *payload)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = strlen(payload), .qos = 1};
    return ingest_message(&f->ingest, &message);
}

static bool has_row(const struct fixture *f, uint32_t slot)
{
    struct live_table_row row;
    return live_table_read_row(f->live, slot, 0, &row) && row.owner != 0;
}

static bool is_subscribed(const struct fixture *f, const char *filter)
{
    return subscriptions_has_filter(f->device_table.subscriptions, filter);
}

static void test_comes_and_goes(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device device = device_row(1);
    struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b")};
    device.mqtt_availability_topic = "d/state";
    tags[1].mqtt_topic = "other";
    serve_device(f, &device, tags, COUNT(tags));
    assert_int_equal(f->device_table.devices.count, 1);
    assert_int_equal(f->device_table.tag_count, 2);
    assert_true(has_row(f, device.slot) && has_row(f, tags[0].slot) && has_row(f, tags[1].slot));
    assert_true(is_subscribed(f, "d") && is_subscribed(f, "d/state") && is_subscribed(f, "other"));
    assert_int_equal(send(f, "other", "{\"b\":3}"), 1);
    apply_update(f, make_update(device.id, NULL, false));
    assert_int_equal(f->device_table.devices.count, 0);
    assert_int_equal(f->device_table.tag_count, 0);
    assert_false(has_row(f, device.slot) || has_row(f, tags[0].slot) || has_row(f, tags[1].slot));
    assert_false(is_subscribed(f, "d") || is_subscribed(f, "d/state") || is_subscribed(f, "other"));
    assert_int_equal(send(f, "other", "{\"b\":3}"), 0);
}

/* An update with all devices removes the others. */
static void test_whole_update(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device devices[] = {device_row(1), device_row(2)};
    const struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(2, 2, "b")};
    for (size_t i = 0; i < COUNT(devices); i++)
        serve_device(f, &devices[i], &tags[i], 1);
    apply_update(f, make_update(2, build_device(&devices[1], &tags[1], 1), true));
    assert_int_equal(f->device_table.devices.count, 1);
    assert_false(has_row(f, tags[0].slot));
    assert_true(has_row(f, tags[1].slot));
}

/* The effect of a change of a tag on its value 20, sent as the number 20. */
static void test_value_after_change(void **state)
{
    static const struct {
        const char *name;
        struct point point;
        uint64_t raw;
        enum live_table_outcome outcome;
        bool waits; /* for its target, once more */
    } rows[] = {
        {"the same", {.type = TYPE_UINT16, .address = 1, .scale = 1}, 20, LIVE_GOOD, false},
        {"address", {.type = TYPE_UINT16, .address = 9, .scale = 1}, 20, LIVE_GOOD, true},
        {"scale", {.type = TYPE_UINT16, .address = 1, .scale = 0.5}, 40, LIVE_GOOD, true},
        {"type", {.type = TYPE_FLOAT32, .address = 1, .scale = 1}, 0x41a0, LIVE_GOOD, true},
        {"does not fit",
         {.type = TYPE_UINT16, .address = 1, .scale = 0.0001},
         0,
         LIVE_REFUSED,
         true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        const struct tagdb_device device = device_row(1);
        struct tagdb_tag tag = tag_row(1, 1, "a");
        open_fixture((void **)&f);
        serve_device(f, &device, &tag, 1);
        send(f, "d", "{\"a\":20}");
        struct live_table_row before = row_of_tag(f, &tag);
        live_table_mark_written(f->live, tag.slot, before.changed, 1);
        tag.point = rows[i].point;
        tag.point.table = TABLE_HOLDING_REGISTER;
        tag.point.bit = NO_BIT;
        serve_device(f, &device, &tag, 1);
        struct live_table_row row = row_of_tag(f, &tag);
        check_row(row.value.raw == rows[i].raw, rows[i].name);
        check_row(row.outcome == rows[i].outcome, rows[i].name);
        check_row((row.changed != row.written) == rows[i].waits, rows[i].name);
        check_row(row.value.wall_ms == before.value.wall_ms, rows[i].name);
        close_fixture((void **)&f);
    }
}

/* A replaced device keeps its learned state. */
static void test_replacement_keeps_state(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device device = device_row(1);
    struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b")};
    device.mqtt_availability_topic = "d/state";
    device.mqtt_timestamp_key = "t";
    serve_device(f, &device, tags, COUNT(tags));
    send(f, "d", "{\"a\":1,\"t\":1000}");
    send(f, "d/state", "off");
    device.mqtt_stale_after_s = 60;
    const struct device *newer = serve_device(f, &device, tags, COUNT(tags));
    assert_true(newer->unavailable);
    assert_true(newer->tags[0].has_value);
    assert_false(newer->tags[1].has_value);
    assert_int_equal(newer->tags[0].heard, LIVE_GOOD);
    assert_int_equal(newer->feeds[0].source_ms, 1000000);
    assert_int_equal(newer->feeds[0].valued_tags, 1);
    assert_int_equal(newer->working_feeds, 1);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_UNAVAILABLE);
    device.mqtt_payload_unavailable = "away"; /* other words: the last payload does not count */
    newer = serve_device(f, &device, tags, COUNT(tags));
    assert_false(newer->unavailable);
    assert_int_equal(row_of_device(f, &device).outcome, LIVE_GOOD);
}

/* A tag that moves to another device keeps its row, whichever of the two comes first and whether
 * the update is whole or not. */
static void test_moved_tag_keeps_its_value(void **state)
{
    (void)state;
    for (int i = 0; i < 8; i++) {
        struct fixture *f;
        bool is_whole = i & 1, is_new = i & 2;
        int64_t from = i & 4 ? 1 : 2, to = 3 - from;
        const struct tagdb_device devices[] = {device_row(1), device_row(2)};
        struct tagdb_tag tag = tag_row(from, 7, "a"), other = tag_row(to, 3, "b");
        open_fixture((void **)&f);
        serve_device(f, &devices[from - 1], &tag, 1);
        if (!is_new)
            serve_device(f, &devices[to - 1], &other, 1);
        send(f, "d", "{\"a\":20}");
        struct live_table_row before = row_of_tag(f, &tag);
        live_table_mark_written(f->live, tag.slot, before.changed, 1);

        struct store_update *update = make_update(1, NULL, is_whole);
        update->changes = realloc(update->changes, 2 * sizeof *update->changes);
        assert_non_null(update->changes);
        const struct tagdb_tag both[] = {other, tag};
        update->changes[from - 1] =
            (struct device_change){from, build_device(&devices[from - 1], NULL, 0), NULL};
        update->changes[to - 1] =
            (struct device_change){to, build_device(&devices[to - 1], both, 2), NULL};
        update->change_count = 2;
        apply_update(f, update);
        struct live_table_row row = row_of_tag(f, &tag);
        assert_int_equal(row.value.raw, 20);
        assert_int_equal(row.outcome, LIVE_GOOD);
        assert_int_equal(row.changed, before.changed);
        const struct device *newer = device_table_find(&f->device_table, to);
        assert_true(newer->tags[1].has_value);
        assert_int_equal(f->device_table.tag_count, 2);

        /* The device that the tag has left may go now. */
        apply_update(f, make_update(from, NULL, false));
        assert_int_equal(row_of_tag(f, &tag).value.raw, 20);
        close_fixture((void **)&f);
    }
}

/* Loading the devices marks values that a stopped mqttd had not written. */
static void test_first_load_marks_unwritten(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    const struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b")};
    struct device *built = build_device(&device, tags, COUNT(tags));
    for (size_t i = 0; i < COUNT(tags); i++) {
        struct live_table_value value = {.raw = 5, .wall_ms = 1, .steady_ms = 1};
        live_table_set_location(&value, built->tags[i].settings, 1, &tags[i].point);
        assert_true(live_table_reserve_rows(f->live, tags[i].slot + 1));
        assert_true(live_table_claim_row(f->live, tags[i].slot,
                                         live_table_make_owner(LIVE_TAG, tags[i].id), false));
        uint64_t changed = live_table_put_value(f->live, tags[i].slot, &value, NULL, 0);
        if (i == 0)
            live_table_mark_written(f->live, tags[i].slot, changed, 1);
    }
    apply_update(f, make_update(1, built, true));
    assert_int_equal(row_of_tag(f, &tags[0]).written, row_of_tag(f, &tags[0]).changed);
    assert_true(marked_rows(f) > 0);
}

/* The store's revision is recorded once the zeros up to it are written. */
static void test_zeros_delay_the_revision(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device device = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "a");
    struct store_update *update = make_update(1, build_device(&device, &tag, 1), true);
    update->revision = 5;
    apply_update(f, update);
    assert_int_equal(live_table_read_state(f->live).revision, 5);
    update = make_update(1, NULL, false);
    update->revision = 6;
    update->zeros = calloc(1, sizeof *update->zeros);
    assert_non_null(update->zeros);
    update->zeros[0] =
        (struct target_write){.unit = 1, .table = TABLE_HOLDING_REGISTER, .address = 1, .count = 1};
    update->zero_count = 1;
    apply_update(f, update);
    assert_true(f->device_table.is_zeroing);
    assert_int_equal(live_table_read_state(f->live).revision, 5);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_comes_and_goes, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_whole_update, open_fixture, close_fixture),
        cmocka_unit_test(test_value_after_change),
        cmocka_unit_test(test_moved_tag_keeps_its_value),
        cmocka_unit_test_setup_teardown(test_replacement_keeps_state, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_first_load_marks_unwritten, open_fixture,
                                        close_fixture),
        cmocka_unit_test_setup_teardown(test_zeros_delay_the_revision, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
