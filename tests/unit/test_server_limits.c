/* The pace, polls and limits of foreign servers. */
#include "device_fixture.h"

#include <stdlib.h>
#include <string.h>

#include "mqttd/config/server_limits.h"

/* What the targets were given last, with copies of the lists. */
static struct given {
    const struct target *target;
    struct target_pace pace;
    uint32_t poll_interval_ms;
    size_t poll_count, limit_count;
    struct poll polls[16];
    struct write_limit limits[16];
} given[16];
static size_t given_count;
static _Thread_local int allocations_left = -1; /* before one fails; -1: all work */

void __real_target_set_limits(struct target *target, const struct target_pace *pace,
                              struct polls *polls, struct write_limits *write_limits);
void __wrap_target_set_limits(struct target *target, const struct target_pace *pace,
                              struct polls *polls, struct write_limits *write_limits);
void *__real_realloc(void *memory, size_t size);
void *__wrap_realloc(void *memory, size_t size);

void __wrap_target_set_limits(struct target *target, const struct target_pace *pace,
                              struct polls *polls, struct write_limits *write_limits)
{
    assert_true(given_count < COUNT(given));
    struct given *at = &given[given_count++];
    *at = (struct given){.target = target,
                         .pace = *pace,
                         .poll_interval_ms = polls->interval_ms,
                         .poll_count = polls->count,
                         .limit_count = write_limits->count};
    for (size_t i = 0; i < polls->count; i++)
        at->polls[i] = polls->item[i];
    for (size_t i = 0; i < write_limits->count; i++)
        at->limits[i] = write_limits->item[i];
    __real_target_set_limits(target, pace, polls, write_limits);
}

void *__wrap_realloc(void *memory, size_t size)
{
    if (allocations_left == 0)
        return NULL;
    allocations_left -= allocations_left > 0;
    return __real_realloc(memory, size);
}

static struct tagdb_device foreign_row(int64_t id, const char *host)
{
    struct tagdb_device row = device_row(id);
    row.network_modbus_host = host;
    row.network_modbus_port = 1; /* nobody listens there */
    return row;
}

static struct tagdb_tag setpoint_row(int64_t device, int64_t id)
{
    struct tagdb_tag tag = tag_row(device, id, "a");
    tag.direction = TO_MQTT;
    tag.mqtt_command_topic = "set";
    return tag;
}

static const struct given *given_to(const struct fixture *f, int64_t device)
{
    const struct target *target = device_table_find(&f->device_table, device)->target;
    for (size_t i = given_count; i-- > 0;) {
        if (given[i].target == target)
            return &given[i];
    }
    fail_msg("nothing is given to the server of device %d", (int)device);
    return NULL;
}

static void apply(struct fixture *f)
{
    given_count = 0;
    server_limits_apply(&f->device_table);
}

/* The local server has none. */
static void test_local(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device row = device_row(1);
    const struct tagdb_tag tag = setpoint_row(1, 1);
    serve_device(f, &row, &tag, 1);
    apply(f);
    assert_int_equal(given_count, 0);
    assert_false(f->device_table.lacks_server_limits);
}

/* The slowest pace of the devices of a server. */
static void test_pace(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device one = foreign_row(1, "127.0.0.2"), two = foreign_row(2, "127.0.0.2");
    const struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(2, 2, "b")};
    serve_device(f, &one, &tags[0], 1);
    apply(f);
    assert_int_equal(given_count, 1);
    const struct given *got = given_to(f, 1);
    assert_int_equal(got->pace.max_write_registers, 123);
    assert_int_equal(got->pace.min_interval_ms, 0);
    assert_false(got->pace.write_single);
    assert_int_equal(got->poll_count + got->limit_count + got->poll_interval_ms, 0);
    one.network_max_write_registers = 100;
    one.network_min_interval_ms = 250;
    two.network_max_write_registers = 20;
    two.network_min_interval_ms = 40;
    two.network_write_single = true;
    serve_device(f, &one, &tags[0], 1);
    serve_device(f, &two, &tags[1], 1);
    apply(f);
    got = given_to(f, 2);
    assert_ptr_equal(got, given_to(f, 1));
    assert_int_equal(got->pace.max_write_registers, 20);
    assert_int_equal(got->pace.min_interval_ms, 250);
    assert_true(got->pace.write_single);
    apply_update(f, make_update(2, NULL, false));
    apply(f);
    got = given_to(f, 1);
    assert_int_equal(got->pace.max_write_registers, 100);
    assert_false(got->pace.write_single);
}

/* All setpoints are polled, as often as the quickest device asks. */
static void test_polls(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device one = foreign_row(1, "127.0.0.2"), two = foreign_row(2, "127.0.0.2"),
                        three = foreign_row(3, "127.0.0.2"), other = foreign_row(4, "127.0.0.3");
    struct tagdb_tag tags[] = {setpoint_row(1, 11), tag_row(1, 12, "b"), setpoint_row(1, 13),
                               setpoint_row(2, 21), tag_row(3, 31, "c"), setpoint_row(4, 41)};
    tags[2].point.type = TYPE_UINT64;
    tags[2].point.address = 300;
    tags[3].point.type = TYPE_BOOL;
    tags[3].point.bit = 5;
    two.network_unit_id = 17;
    one.network_poll_interval_ms = 5000;
    two.network_poll_interval_ms = 700;
    three.network_poll_interval_ms = 30; /* without setpoints */
    other.network_poll_interval_ms = 60000;
    serve_device(f, &one, &tags[0], 3);
    serve_device(f, &two, &tags[3], 1);
    serve_device(f, &three, &tags[4], 1);
    serve_device(f, &other, &tags[5], 1);
    apply(f);
    assert_int_equal(given_count, 2);
    const struct given *got = given_to(f, 1);
    assert_int_equal(got->poll_interval_ms, 700);
    assert_int_equal(got->poll_count, 3);
    assert_int_equal(got->limit_count, 0);
    bool seen[3] = {false};
    for (size_t i = 0; i < 3; i++) {
        const struct poll *poll = &got->polls[i];
        size_t at = poll->tag == 11 ? 0 : poll->tag == 13 ? 1 : 2;
        const struct tagdb_tag *tag = at == 0 ? &tags[0] : at == 1 ? &tags[2] : &tags[3];
        seen[at] = true;
        assert_int_equal(poll->tag, tag->id);
        assert_int_equal(poll->device, tag->device_id);
        assert_int_equal(poll->slot, tag->slot);
        assert_int_equal(poll->unit, at == 2 ? 17 : 1);
        assert_int_equal(poll->table, TABLE_HOLDING_REGISTER);
        assert_int_equal(poll->address, tag->point.address);
        assert_int_equal(poll->count, at == 1 ? 4 : 1);
        assert_int_equal(poll->mask, at == 2 ? 0x20 : 0xffff);
        assert_false(poll->known);
    }
    assert_true(seen[0] && seen[1] && seen[2]);
    got = given_to(f, 4);
    assert_int_equal(got->poll_interval_ms, 60000);
    assert_int_equal(got->poll_count, 1);
}

static void test_write_limits(void **state)
{
    struct fixture *f = *state;
    struct tagdb_device row = foreign_row(1, "127.0.0.2");
    struct tagdb_tag tags[] = {tag_row(1, 1, "a"), tag_row(1, 2, "b"), tag_row(1, 3, "c")};
    row.network_unit_id = 9;
    tags[0].modbus_min_change = 0.25;
    tags[2].modbus_min_interval_ms = 1500;
    const struct device *device = serve_device(f, &row, tags, 3);
    apply(f);
    const struct given *got = given_to(f, 1);
    assert_int_equal(got->poll_count, 0);
    assert_int_equal(got->limit_count, 2);
    for (size_t i = 0; i < 2; i++) {
        const struct write_limit *limit = &got->limits[i];
        const struct tagdb_tag *tag = &tags[2 * i];
        assert_int_equal(limit->tag, tag->id);
        assert_int_equal(limit->slot, tag->slot);
        assert_int_equal(limit->settings, device->tags[2 * i].settings);
        assert_int_equal(limit->unit, 9);
        assert_true(limit->min_change == (i == 0 ? 0.25 : 0));
        assert_int_equal(limit->min_interval_ms, i == 0 ? 0 : 1500);
        assert_int_equal(limit->point.address, tag->point.address);
    }
}

/* A server without a device is not served any more. */
static void test_last_device_leaves(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device rows[] = {foreign_row(1, "127.0.0.2"), foreign_row(2, "127.0.0.3"),
                                        foreign_row(3, "127.0.0.4")};
    for (int64_t i = 0; i < 3; i++) {
        const struct tagdb_tag tag = tag_row(i + 1, i + 1, "a");
        serve_device(f, &rows[i], &tag, 1);
    }
    assert_int_equal(f->targets.count, 4);
    apply_update(f, make_update(1, NULL, false));
    assert_int_equal(f->targets.count, 3);
    assert_int_equal(f->targets.ending.count, 1);
    given_count = 0;
    apply_update(f, make_update(0, NULL, true));
    assert_int_equal(given_count, 2);
    assert_int_equal(f->targets.count, 1);
    assert_int_equal(f->targets.ending.count, 3);
    assert_false(f->device_table.lacks_server_limits);
}

/* Without memory for its lists a server keeps what it has. */
static void test_no_memory(void **state)
{
    struct fixture *f = *state;
    const struct tagdb_device row = foreign_row(1, "127.0.0.2");
    struct tagdb_tag tags[] = {setpoint_row(1, 1), tag_row(1, 2, "b")};
    tags[1].modbus_min_change = 1;
    serve_device(f, &row, tags, 2);
    for (int left = 0; left < 2; left++) {
        allocations_left = left;
        apply(f);
        allocations_left = -1;
        assert_int_equal(given_count, 0);
        assert_true(f->device_table.lacks_server_limits);
        assert_true(device_table_retry(&f->device_table));
        assert_int_equal(given_to(f, 1)->poll_count, 1);
        assert_int_equal(given_to(f, 1)->limit_count, 1);
        assert_false(f->device_table.lacks_server_limits);
        assert_false(device_table_retry(&f->device_table));
    }

    /* A target that cannot end goes on, and ends later. */
    apply_update(f, make_update(1, NULL, false));
    assert_int_equal(f->targets.count, 1);
    serve_device(f, &row, tags, 2);
    free(f->targets.ending.item);
    memset(&f->targets.ending, 0, sizeof f->targets.ending);
    struct store_update *update = make_update(1, NULL, false);
    assert_true(row_claims_reserve(&f->device_table, update));
    assert_true(device_table_prepare(&f->device_table, update));
    allocations_left = 0;
    device_table_apply(&f->device_table, update);
    allocations_left = -1;
    store_update_free(update);
    assert_int_equal(f->targets.count, 2);
    assert_true(f->device_table.lacks_server_limits);
    assert_true(device_table_retry(&f->device_table));
    assert_int_equal(f->targets.count, 1);
    assert_false(f->device_table.lacks_server_limits);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_local, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_pace, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_polls, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_write_limits, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_last_device_leaves, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_no_memory, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
