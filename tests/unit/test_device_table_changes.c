/* Devices in service when memory is short, servers are lost, or the store is another one. */
#include "device_fixture.h"
#include "said_log.h"

#include <errno.h>
#include <string.h>

static _Thread_local int allocations_left = -1; /* before one fails; -1: all work */
/* What the targets report; -1: ask them. */
static int lost_marks = -1, losses = -1, lost_unit = -1;
static int start_error; /* of a server that cannot be started */
static size_t marked_count;
static uint32_t marked_slot; /* the newest */

void __real_target_mark_dirty(struct target *target, uint32_t slot);
void __wrap_target_mark_dirty(struct target *target, uint32_t slot);
void *__real_malloc(size_t size);
void *__real_calloc(size_t count, size_t size);
void *__real_realloc(void *memory, size_t size);
void *__wrap_malloc(size_t size);
void *__wrap_calloc(size_t count, size_t size);
void *__wrap_realloc(void *memory, size_t size);
bool __real_target_take_lost_marks(struct target *target);
bool __wrap_target_take_lost_marks(struct target *target);
bool __real_target_take_losses(struct target *target);
bool __wrap_target_take_losses(struct target *target);
bool __real_target_unit_has_lost(const struct target *target, uint8_t unit);
bool __wrap_target_unit_has_lost(const struct target *target, uint8_t unit);
struct target *__real_target_set_find_or_start(struct targets *targets,
                                               const struct device *device);
struct target *__wrap_target_set_find_or_start(struct targets *targets,
                                               const struct device *device);

static bool may_allocate(void)
{
    if (allocations_left == 0)
        return false;
    allocations_left -= allocations_left > 0;
    return true;
}

void *__wrap_malloc(size_t size)
{
    return may_allocate() ? __real_malloc(size) : NULL;
}

void *__wrap_calloc(size_t count, size_t size)
{
    return may_allocate() ? __real_calloc(count, size) : NULL;
}

void *__wrap_realloc(void *memory, size_t size)
{
    return may_allocate() ? __real_realloc(memory, size) : NULL;
}

void __wrap_target_mark_dirty(struct target *target, uint32_t slot)
{
    marked_count++;
    marked_slot = slot;
    __real_target_mark_dirty(target, slot);
}

bool __wrap_target_take_lost_marks(struct target *target)
{
    return lost_marks < 0 ? __real_target_take_lost_marks(target) : lost_marks > 0;
}

bool __wrap_target_take_losses(struct target *target)
{
    return losses < 0 ? __real_target_take_losses(target) : losses > 0;
}

bool __wrap_target_unit_has_lost(const struct target *target, uint8_t unit)
{
    return lost_unit < 0 ? __real_target_unit_has_lost(target, unit) : lost_unit == unit;
}

struct target *__wrap_target_set_find_or_start(struct targets *targets, const struct device *device)
{
    if (!start_error || !device->host)
        return __real_target_set_find_or_start(targets, device);
    errno = start_error;
    return NULL;
}

static bool is_subscribed(const struct fixture *f, const char *filter)
{
    return subscriptions_has_filter(f->device_table.subscriptions, filter);
}

static size_t send(struct fixture *f, const char *topic, const char *payload)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = strlen(payload), .qos = 1};
    return ingest_message(&f->ingest, &message);
}

/* Each allocation of a preparation may fail: nothing of the update is in service then. */
static void test_no_memory(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device rows[] = {device_row(1), device_row(2)};
    struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b"), tag_row(2, 21, "c")};
    rows[0].mqtt_availability_topic = "d/state";
    rows[0].mqtt_where = "{\"n\":\"x\"}";
    rows[1].mqtt_topic = "spBv1.0/Plant/DDATA/Edge/Pump";
    tags[1].mqtt_topic = "other/+/x";
    tags[2].mqtt_payload = PAYLOAD_SPARKPLUG;
    struct store_update *update = make_update(1, build_device(&rows[0], tags, 2), true);
    update->changes = realloc(update->changes, 2 * sizeof *update->changes);
    assert_non_null(update->changes);
    update->changes[1] = (struct device_change){2, build_device(&rows[1], &tags[2], 1), NULL};
    update->change_count = 2;
    int fails = 0;
    for (;; fails++) {
        errno = 0;
        allocations_left = fails;
        bool ok = device_table_prepare(&f->device_table, update);
        allocations_left = -1;
        if (ok)
            break;
        assert_int_equal(errno, ENOMEM);
        static const char *const filters[] = {"d", "d/state", "other/+/x"};
        for (size_t i = 0; i < COUNT(filters); i++)
            assert_false(is_subscribed(f, filters[i]));
        assert_int_equal(send(f, "d", "{\"n\":\"x\",\"a\":1}"), 0);
        assert_int_equal(send(f, "other/1/x", "{\"n\":\"x\",\"b\":1}"), 0);
        assert_int_equal(f->device_table.devices.count, 0);
    }
    assert_in_range(fails, 8, 60);
    assert_true(row_claims_reserve(&f->device_table, update));
    device_table_apply(&f->device_table, update);
    store_update_free(update);
    assert_int_equal(send(f, "d", "{\"n\":\"x\",\"a\":1}"), 1);
    assert_int_equal(send(f, "other/1/x", "{\"n\":\"x\",\"b\":1}"), 1);
    assert_int_equal(f->device_table.tag_count, 3);
}

/* Without a thread for its server a device is in service, and its values wait. */
static void test_server_cannot_be_started(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device row = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "a");
    struct said_log said;
    row.network_modbus_host = "127.0.0.2";
    row.network_modbus_port = 1;
    row.name = "press";
    said_log_begin(&said);
    start_error = EAGAIN;
    serve_device(f, &row, &tag, 1);
    start_error = 0;
    assert_string_equal(said_log_end(&said),
                        "error   cannot serve press: Resource temporarily unavailable\n");
    assert_int_equal(send(f, "d", "{\"a\":7}"), 1);
    struct store_update *update = make_update(1, build_device(&row, &tag, 1), false);
    start_error = ENOMEM;
    assert_false(device_table_prepare(&f->device_table, update));
    start_error = 0;
    assert_int_equal(errno, ENOMEM);
    store_update_free(update);
    assert_int_equal(row_of_tag(f, &tag).value.raw, 7);
}

/* The rows of another store have nothing to do with those in service, though the ids are alike. */
static void test_another_store(void **state)
{
    static const struct {
        const char *name;
        int64_t device_created, tag_created;
        bool whole, stays;
    } rows[] = {
        {"the same", 5, 6, true, true},
        {"another device", 7, 6, true, false},
        {"another tag", 5, 7, true, false},
        {"a change", 7, 6, false, true}, /* it cannot be of another store */
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        struct tagdb_device row = device_row(1);
        struct tagdb_tag tag = tag_row(1, 1, "a");
        open_fixture((void **)&f);
        row.created_ms = 5;
        tag.created_ms = 6;
        serve_device(f, &row, &tag, 1);
        send(f, "d", "{\"a\":7}");
        row.created_ms = rows[i].device_created;
        tag.created_ms = rows[i].tag_created;
        apply_update(f, make_update(1, build_device(&row, &tag, 1), rows[i].whole));
        check_row((row_of_tag(f, &tag).value.raw == 7) == rows[i].stays, rows[i].name);
        check_row((row_of_tag(f, &tag).changed > 0) == rows[i].stays, rows[i].name);
        check_row(device_table_find(&f->device_table, 1)->tags[0].has_value == rows[i].stays,
                  rows[i].name);
        check_row(f->device_table.devices.count == 1 && f->device_table.tag_count == 1,
                  rows[i].name);
        close_fixture((void **)&f);
    }
}

/* A tag is new when its id is higher than any in service before, except in the first update. */
static void test_new_tags(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device row = device_row(1);
    const struct tagdb_tag tags[] = {tag_row(1, 5, "a"), tag_row(1, 6, "b"), tag_row(1, 7, "c"),
                                     tag_row(1, 8, "d")};
    const struct device *device = serve_device(f, &row, &tags[1], 1);
    assert_false(device->tags[0].is_new);
    assert_int_equal(f->device_table.newest_tag, 6);
    device = serve_device(f, &row, tags, 3);
    assert_false(device->tags[0].is_new || device->tags[1].is_new);
    assert_true(device->tags[2].is_new);
    assert_int_equal(f->device_table.newest_tag, 7);
    apply_update(f, make_update(1, NULL, false));
    device = serve_device(f, &row, tags, 4);
    assert_false(device->tags[2].is_new);
    assert_true(device->tags[3].is_new);
    assert_int_equal(f->device_table.generation, 4);
}

static const char *left;

static void note_leaving(void *context, const struct device *device, const char *gateway)
{
    static char text[60];
    assert_ptr_equal(context, &left);
    snprintf(text, sizeof text, "%d to %s", (int)device->id, gateway);
    left = text;
}

/* The hook sees a device that another gateway holds now, and no other. */
static void test_leaving(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device row = device_row(1);
    const struct tagdb_tag tag = tag_row(1, 1, "a");
    f->device_table.leaving_context = &left;
    for (int i = 0; i < 3; i++) {
        left = "nobody";
        f->device_table.leaving = i == 2 ? NULL : note_leaving;
        serve_device(f, &row, &tag, 1);
        struct store_update *update = make_update(1, NULL, false);
        update->changes[0].gateway = i == 0 ? NULL : "west";
        apply_update(f, update);
        assert_string_equal(left, i == 1 ? "1 to west" : "nobody");
    }
}

/* Rows of a file that was removed are made again, with what devices know. */
static void test_restored_rows(void **state)
{
    struct fixture *f = *state;
    char path[128];
    const struct tagdb_device row = device_row(1);
    struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b")};
    tags[0].point.type = TYPE_STRING;
    tags[0].point.length = 4;
    tags[1].direction = BOTH_WAYS;
    tags[1].mqtt_command_topic = "set";
    tags[1].mqtt_expires_s = 60;
    struct device *device = serve_device(f, &row, tags, 2);
    device->tags[1].command->expiry =
        (struct live_table_expiry){.steady_ms = 5, .wall_ms = 6, .is_expired = true};
    snprintf(path, sizeof path, "%s/live", f->folder->path);
    assert_int_equal(unlink(path), 0);
    assert_true(live_table_repair_files(f->live));
    device_table_restore_rows(&f->device_table);
    assert_int_equal(row_of_device(f, &row).owner, live_table_make_owner(LIVE_DEVICE, 1));
    row_of_tag(f, &tags[0]);
    assert_int_equal(row_of_tag(f, &tags[1]).expiry.wall_ms, 6);
    assert_true(row_of_tag(f, &tags[1]).expiry.is_expired);
    send(f, "d", "{\"a\":\"text\",\"b\":9}");
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 9);
    assert_int_equal(row_of_tag(f, &tags[0]).text[0], 't' << 8 | 'e');
    device_table_restore_rows(&f->device_table);
    assert_int_equal(row_of_tag(f, &tags[1]).value.raw, 9);
}

/* Marks that were lost are made again for all that is not written. */
static void test_lost_marks(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device row = device_row(1);
    const struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b")};
    serve_device(f, &row, tags, 2);
    send(f, "d", "{\"a\":1,\"b\":2}");
    live_table_mark_written(f->live, tags[0].slot, row_of_tag(f, &tags[0]).changed, 1);
    for (int lost = 0; lost < 2; lost++) {
        marked_count = 0;
        lost_marks = lost;
        assert_int_equal(device_table_retry(&f->device_table), lost);
        lost_marks = -1;
        assert_int_equal(marked_count, lost);
    }
    assert_int_equal(marked_slot, tags[1].slot);
}

/* Which values of a foreign server are written again after it has lost them. */
static void test_rewrite(void **state)
{
    static const struct {
        const char *name;
        int direction;
        bool rewrites, is_read, is_setpoint;
        int unit; /* that has lost its registers */
        bool put; /* again */
    } rows[] = {
        {"value", TO_MODBUS, true, false, false, 1, true},
        {"other unit", TO_MODBUS, true, false, false, 2, false},
        {"not wanted", TO_MODBUS, false, false, false, 1, false},
        {"setpoint", TO_MQTT, true, false, true, 1, false},
        {"both ways", BOTH_WAYS, true, false, false, 1, true},
        {"both ways, only read", BOTH_WAYS, true, true, false, 1, false},
        {"both ways, written by SCADA", BOTH_WAYS, true, true, true, 1, true},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct fixture *f;
        struct tagdb_device row = device_row(1);
        struct tagdb_tag tag = tag_row(1, 1, "a");
        open_fixture((void **)&f);
        row.network_modbus_host = "127.0.0.2";
        row.network_modbus_port = 1;
        row.network_rewrite_on_reconnect = rows[i].rewrites;
        tag.direction = (uint8_t)rows[i].direction;
        tag.mqtt_command_topic = rows[i].direction == TO_MODBUS ? NULL : "set";
        const struct device *device = serve_device(f, &row, &tag, 1);
        struct live_table_value value = {.raw = 7, .wall_ms = rows[i].is_read ? 0 : 5};
        live_table_set_location(&value, rows[i].is_read ? 0 : device->tags[0].settings, 1,
                                &tag.point);
        uint64_t changed = live_table_put_value(f->live, tag.slot, &value, NULL, 0);
        live_table_mark_written(f->live, tag.slot, changed, 1);
        live_table_set_setpoint(f->live, tag.slot, rows[i].is_setpoint);
        losses = 0;
        device_table_rewrite_lost_units(&f->device_table);
        check_row(row_of_tag(f, &tag).changed == changed, rows[i].name);
        losses = 1;
        lost_unit = rows[i].unit;
        device_table_rewrite_lost_units(&f->device_table);
        losses = lost_unit = -1;
        struct live_table_row after = row_of_tag(f, &tag);
        check_row((after.changed > changed) == rows[i].put, rows[i].name);
        check_row(after.value.raw == 7, rows[i].name);
        check_row(!rows[i].put || after.value.settings == device->tags[0].settings, rows[i].name);
        check_row(!rows[i].put || after.value.place == live_table_pack_location(1, &tag.point),
                  rows[i].name);
        check_row((after.changed != after.written) == rows[i].put, rows[i].name);
        close_fixture((void **)&f);
    }
}

/* After a start the values of foreign servers are written again, but not those that SCADA may have
 * changed meanwhile. */
static void test_first_update_rewrites(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct fixture *f;
        bool is_foreign = i != 1, rewrites = i != 2, is_both = i == 3;
        struct tagdb_device row = device_row(1);
        struct tagdb_tag tag = tag_row(1, 1, "a");
        open_fixture((void **)&f);
        row.network_modbus_host = is_foreign ? "127.0.0.2" : NULL;
        row.network_modbus_port = 1;
        row.network_rewrite_on_reconnect = rewrites;
        tag.direction = is_both ? BOTH_WAYS : TO_MODBUS;
        tag.mqtt_command_topic = is_both ? "set" : NULL;
        struct device *built = build_device(&row, &tag, 1);
        struct live_table_value value = {.raw = 5, .wall_ms = 1, .steady_ms = 1};
        live_table_set_location(&value, built->tags[0].settings, 1, &tag.point);
        assert_true(live_table_reserve_rows(f->live, tag.slot + 1));
        assert_true(live_table_claim_row(f->live, tag.slot, live_table_make_owner(LIVE_TAG, tag.id),
                                         false));
        uint64_t changed = live_table_put_value(f->live, tag.slot, &value, NULL, 0);
        live_table_mark_written(f->live, tag.slot, changed, 1);
        apply_update(f, make_update(1, built, true));
        bool is_put = row_of_tag(f, &tag).changed > changed;
        assert_int_equal(is_put, i == 0);
        assert_int_equal(row_of_tag(f, &tag).value.raw, 5);
        /* Only the first update does so. */
        changed = row_of_tag(f, &tag).changed;
        apply_update(f, make_update(1, build_device(&row, &tag, 1), true));
        assert_int_equal(row_of_tag(f, &tag).changed, changed);
        close_fixture((void **)&f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_no_memory, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_server_cannot_be_started, open_fixture, close_fixture),
        cmocka_unit_test(test_another_store),
        cmocka_unit_test_setup_teardown(test_new_tags, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_leaving, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_restored_rows, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_lost_marks, open_fixture, close_fixture),
        cmocka_unit_test(test_rewrite),
        cmocka_unit_test(test_first_update_rewrites),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
