/* The status registers, and the lines about devices that stop and resume sending. */
#include "device_fixture.h"
#include "said_log.h"
#include "set_clock.h"

#include <string.h>

#include "mqttd/status_block.h"

/* All raw writes to the local server, which is away. */
static struct target_write queued[16];
static size_t queued_count;

void __wrap_target_queue_write(struct target *target, const struct target_write *write);

void __wrap_target_queue_write(struct target *target, const struct target_write *write)
{
    (void)target;
    assert_true(queued_count < COUNT(queued));
    queued[queued_count++] = *write;
}

/* The broker is there since `ago_ms`, and mqttd is alive. */
static void connect_broker(struct fixture *f, uint64_t ago_ms)
{
    const struct live_table_broker broker = {.reason = 0, .steady_ms = set_clock_ms - ago_ms};
    live_table_set_broker(f->live, &broker);
    live_table_set_heartbeat(f->live, set_clock_ms);
}

static void pass(struct fixture *f, uint64_t ms)
{
    set_clock_ms += ms;
    live_table_set_heartbeat(f->live, set_clock_ms);
}

static void send(struct fixture *f, const char *topic, const char *payload)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = strlen(payload), .qos = 1};
    ingest_message(&f->ingest, &message);
}

/* A device with a status block, whose messages come on the topic of its name. */
static void serve(struct fixture *f, int64_t id, const char *name, uint32_t stale_after_s)
{
    struct tagdb_device device = device_row(id);
    struct tagdb_tag tag = tag_row(id, id, "a");
    device.name = device.mqtt_topic = name;
    device.mqtt_stale_after_s = stale_after_s;
    device.status_table = TABLE_INPUT_REGISTER;
    device.status_address = (uint16_t)(100 * id);
    serve_device(f, &device, &tag, 1);
}

/* Ids whose slots differ: the last digit is not 0. */
static int64_t id_of(int64_t i)
{
    return i + 1 + i / 9;
}

/* The four registers of a device. */
static void check_registers(struct fixture *f, int64_t id, uint64_t quality, uint64_t age_s,
                            uint64_t messages, uint64_t rejects)
{
    const struct tagdb_device device = device_row(id);
    struct live_table_row row = row_of_device(f, &device);
    assert_int_equal(row.value.raw, quality | age_s << 16 | messages << 32 | rejects << 48);
    assert_int_equal(device_table_find(&f->device_table, id)->status_raw, row.value.raw);
}

static void test_registers_of_a_device(void **state)
{
    struct fixture *f = *state;
    struct status_block status = {.device_table = &f->device_table};
    connect_broker(f, 20000);
    serve(f, 1, "one", 0);
    status_block_refresh(&status, true);
    check_registers(f, 1, 0, 65535, 0, 0);
    send(f, "one", "{\"a\":1}");
    pass(f, 999);
    status_block_refresh(&status, true);
    check_registers(f, 1, 192, 0, 1, 0);
    pass(f, 1);
    status_block_refresh(&status, true);
    check_registers(f, 1, 192, 1, 1, 0);
    for (int i = 0; i < 11; i++)
        send(f, "one", "{\"a\":70000}");
    pass(f, 65534000);
    status_block_refresh(&status, true);
    struct live_table_row row = row_of_device(f, &(struct tagdb_device){.id = 1, .slot = 10});
    assert_int_equal(row.value.raw >> 32, 12 | 11 << 16);
    assert_int_equal(row.value.raw & 0xffff, 0); /* bad */
    send(f, "one", "{\"a\":7}");
    pass(f, 65535000);
    status_block_refresh(&status, true);
    check_registers(f, 1, 192, 65535, 13, 11);
    pass(f, 1000);
    status_block_refresh(&status, true);
    check_registers(f, 1, 192, 65535, 13, 11);
    assert_int_equal(queued_count, 0);
    assert_int_equal(row_of_device(f, &(struct tagdb_device){.id = 1, .slot = 10}).value.wall_ms,
                     UINT64_C(1700000000000) + set_clock_ms - 65536000);
}

static void test_registers_of_the_gateway(void **state)
{
    struct fixture *f = *state;
    const struct gateway_status_location place = {true, 12, TABLE_INPUT_REGISTER, 9000};
    struct status_block status = {
        .device_table = &f->device_table, .gateway = place, .beats = UINT16_MAX - 1};
    connect_broker(f, 20000);
    serve(f, 1, "one", 0);
    serve(f, 2, "two", 0);
    serve(f, 3, "three", 0);
    send(f, "two", "{\"a\":1}");
    for (int i = 0; i < 10; i++)
        send(f, "three", "{\"a\":-1}");
    send(f, "two", "no");
    send(f, "two", "{\"a\":1}");
    queued_count = 0;
    status_block_refresh(&status, false);
    status_block_refresh(&status, true);
    assert_int_equal(queued_count, 2);
    assert_int_equal(queued[0].unit, 12);
    assert_int_equal(queued[0].table, TABLE_INPUT_REGISTER);
    assert_int_equal(queued[0].address, 9000);
    assert_int_equal(queued[0].count, 4);
    assert_int_equal(queued[0].mask, 0);
    assert_true(queued[0].has_words);
    const uint16_t first[] = {65535, 0, 2, 11}, second[] = {0, 1, 2, 11};
    assert_memory_equal(queued[0].words, first, sizeof first);
    assert_memory_equal(queued[1].words, second, sizeof second);
    status.gateway.on = false;
    status_block_refresh(&status, true);
    assert_int_equal(queued_count, 2);
    queued_count = 0;
}

static void test_silence(void **state)
{
    struct fixture *f = *state;
    struct status_block status = {.device_table = &f->device_table};
    struct said_log said;
    connect_broker(f, 20000);
    serve(f, 1, "one", 60);
    serve(f, 2, "never-heard", 60);
    serve(f, 3, "without", 0);
    send(f, "one", "{\"a\":1}");
    send(f, "without", "{\"a\":1}");
    said_log_begin(&said);
    pass(f, 60000);
    status_block_refresh(&status, true);
    assert_int_equal(device_table_find(&f->device_table, 1)->quiet, QUIET_NOT);
    pass(f, 1);
    for (int i = 0; i < 3; i++)
        status_block_refresh(&status, true);
    check_registers(f, 1, 500, 60, 1, 0);
    assert_int_equal(device_table_find(&f->device_table, 1)->quiet, QUIET_LOGGED);
    send(f, "one", "{\"a\":2}");
    for (int i = 0; i < 3; i++)
        status_block_refresh(&status, true);
    pass(f, 60001);
    status_block_refresh(&status, true);
    assert_string_equal(said_log_end(&said), "warning one is stale: no message for 60 s\n"
                                             "info    one sends again\n"
                                             "warning one is stale: no message for 60 s\n");
}

/* A device whose messages are not understood is not silent. */
static void test_silence_with_messages(void **state)
{
    struct fixture *f = *state;
    struct status_block status = {.device_table = &f->device_table};
    static const char *const names[] = {"json", "refused"}, *const payloads[] = {"no",
                                                                                 "{\"a\":-1}"};
    struct said_log said;
    connect_broker(f, 20000);
    for (int64_t i = 0; i < 2; i++) {
        serve(f, i + 1, names[i], 10);
        send(f, names[i], "{\"a\":1}");
    }
    pass(f, 9000);
    for (int i = 0; i < 2; i++)
        send(f, names[i], payloads[i]);
    said_log_begin(&said);
    pass(f, 1001);
    status_block_refresh(&status, true);
    const char *text = said_log_end(&said);
    const char *line =
        strstr(text, "warning json is stale: no valid message for 10 s; the received "
                     "messages are not JSON\n");
    if (!line)
        fail_msg("%s", text);
}

/* More than 20 lines in one second are one. */
static void test_many_fall_silent(void **state)
{
    struct fixture *f = *state;
    struct status_block status = {.device_table = &f->device_table};
    static char names[22][16];
    struct said_log said;
    connect_broker(f, 20000);
    for (int64_t count = 20; count <= 22; count++) {
        char expected[200];
        for (int64_t i = 0; i < 22; i++) {
            snprintf(names[i], sizeof names[i], "dev-%d", (int)i);
            serve(f, id_of(i), names[i], i < count ? 10 : 0);
            send(f, names[i], "{\"a\":1}");
        }
        pass(f, 10001);
        said_log_begin(&said);
        status_block_refresh(&status, true);
        const char *text = said_log_end(&said);
        size_t lines = 0;
        for (const char *at = text; (at = strstr(at, " is stale: no message for 10 s\n")); at++)
            lines++;
        assert_int_equal(lines, 20);
        snprintf(expected, sizeof expected, "warning %d more device%s stopped or resumed sending\n",
                 (int)count - 20, count == 21 ? "" : "s");
        assert_int_equal(strstr(text, expected) != NULL, count > 20);
        assert_int_equal(strstr(text, " more device") != NULL, count > 20);
        for (int64_t i = 0; i < 22; i++)
            send(f, names[i], "{\"a\":1}");
        said_log_begin(&said);
        status_block_refresh(&status, true);
        text = said_log_end(&said);
        lines = 0;
        for (const char *at = text; (at = strstr(at, " sends again\n")); at++)
            lines++;
        assert_int_equal(lines, 20);
    }
}

/* After an outage of the broker those that stay silent are named in one line. */
static void test_silence_since_an_outage(void **state)
{
    struct fixture *f = *state;
    struct status_block status = {.device_table = &f->device_table};
    struct said_log said;
    connect_broker(f, 20000);
    serve(f, 1, "one", 10);
    serve(f, 2, "two", 10);
    send(f, "one", "{\"a\":1}");
    send(f, "two", "{\"a\":1}");
    pass(f, 1);
    said_log_begin(&said);
    const struct live_table_broker lost = {.reason = 1, .steady_ms = set_clock_ms};
    live_table_set_broker(f->live, &lost);
    pass(f, 30000);
    status_block_refresh(&status, false);
    connect_broker(f, 0);
    status_block_refresh(&status, true);
    pass(f, 10000);
    status_block_refresh(&status, true);
    assert_int_equal(device_table_find(&f->device_table, 1)->quiet, QUIET_NOT);
    send(f, "two", "{\"a\":1}");
    pass(f, 1);
    status_block_refresh(&status, true);
    status_block_refresh(&status, true);
    assert_int_equal(device_table_find(&f->device_table, 1)->quiet, QUIET_SINCE_OUTAGE);
    send(f, "one", "{\"a\":1}");
    status_block_refresh(&status, true);
    assert_int_equal(device_table_find(&f->device_table, 1)->quiet, QUIET_NOT);
    assert_string_equal(said_log_end(&said),
                        "warning 1 device has not been heard since the broker is back: one\n");
}

/* The names that do not fit into the line are left out. */
static void test_many_since_an_outage(void **state)
{
    struct fixture *f = *state;
    struct status_block status = {.device_table = &f->device_table};
    static char names[12][40];
    char line[400] = "warning 12 devices have not been heard since the broker is back: ";
    struct said_log said;
    connect_broker(f, 20000);
    for (int64_t i = 0; i < 12; i++) {
        snprintf(names[i], sizeof names[i], "a-long-name-of-a-device-%d", 10 + (int)i);
        serve(f, id_of(i), names[i], 10);
        send(f, names[i], "{\"a\":1}");
    }
    pass(f, 1000);
    connect_broker(f, 0);
    pass(f, 10001);
    said_log_begin(&said);
    status_block_refresh(&status, true);
    const char *text = said_log_end(&said);
    assert_memory_equal(text, line, strlen(line));
    size_t listed = 0;
    for (const char *at = text; (at = strstr(at, "a-long-name")); at++)
        listed++;
    assert_int_equal(listed, 5); /* of 26 bytes, with ", " 28: 5 * 28 - 2 + 28 + 4 are above 160 */
    assert_string_equal(text + strlen(text) - strlen(", …\n"), ", …\n");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_registers_of_a_device, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_registers_of_the_gateway, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_silence, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_silence_with_messages, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_many_fall_silent, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_silence_since_an_outage, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_many_since_an_outage, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
