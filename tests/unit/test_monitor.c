/* What the service shows of values, registers and metrics, in all states that the other daemons may
 * have left: each whole answer is compared with a file of tests/unit/api. */
#include "api_devices.h"

#include "api/history/history.h"
#include "api/monitor/monitor_routes.h"
#include "api/replica/replica.h"
#include "api/resources/resource_routes.h"
#include "common/shared/daemon_info.h"

static const struct route_table *const tables[] = {&device_routes,      &tag_routes,
                                                   &value_routes,       &metrics_routes,
                                                   &tag_metrics_routes, &register_routes};
static const struct route_tables routes = ROUTE_TABLE(tables);

/* What the others say. */
static struct {
    struct replica_status replica;
    struct text *said;
} others;

void __wrap_history_note_write(struct history *history, int64_t tag, const struct value *value);
void __wrap_replica_read_status(struct replica *replica, struct replica_status *status);

void __wrap_history_note_write(struct history *history, int64_t tag, const struct value *value)
{
    assert_null(history);
    if (value->kind == VALUE_TEXT)
        text_printf(others.said, "! note of %lld: a text\n", (long long)tag);
    else
        text_printf(others.said, "! note of %lld: %.15g\n", (long long)tag,
                    value->kind == VALUE_NONE ? -1 : value_to_double(value));
}

void __wrap_replica_read_status(struct replica *replica, struct replica_status *status)
{
    assert_null(replica);
    *status = others.replica;
}

static void open_bed(struct api_bed *bed)
{
    memset(&others, 0, sizeof others);
    others.replica.lag_s = -1;
    api_bed_open(bed, &routes);
    others.said = &bed->said;
    make_devices(bed);
}

static void test_values(void **state)
{
    static struct api_bed bed;
    (void)state;
    open_bed(&bed);
    struct counters modbusd = run_modbusd(&bed, true);
    fill_rows(&bed);
    api_bed_get(&bed, "/api/v1/values");
    bed_server.refused_address = 200;
    api_bed_get(&bed, "/api/v1/values?device=kiln&q=l");
    bed_server.refused_address = -1;
    api_bed_get(&bed, "/api/v1/values?quality=good&limit=2");
    api_bed_get(&bed, "/api/v1/values?quality=good&limit=2&after=kiln/lamp");
    api_bed_get(&bed, "/api/v1/values?reason=target_down");
    api_bed_get(&bed, "/api/v1/values/stream");
    api_bed_get(&bed, "/api/v1/values/stream?device=far");
    api_bed_get(&bed, "/api/v1/devices/far/status");
    api_bed_get(&bed, "/api/v1/devices/far2/status");
    api_bed_get(&bed, "/api/v1/devices/kiln/status");
    bed_server.result = MODBUS_UNREACHABLE;
    api_bed_get(&bed, "/api/v1/values?limit=4&after=kiln/fixed");
    bed_server.result = MODBUS_OK;
    counters_close(&modbusd);
    api_bed_get(&bed, "/api/v1/values?device=kiln&q=lamp"); /* tagferry-modbusd is down */
    set_clock_ms += 3000;
    api_bed_get(&bed, "/api/v1/devices/far/tags/flow/value");
    set_clock_ms++;
    api_bed_get(&bed, "/api/v1/devices/far/tags/flow/value"); /* tagferry-mqttd hangs */
    live_table_close(&bed.live);
    api_bed_get(&bed, "/api/v1/devices/far/tags/flow/value"); /* it is down */
    api_bed_check(&bed, "values.txt");
    api_bed_close(&bed);
}

static void put_value(struct api_bed *bed, const char *tag, const char *value)
{
    char target[100], body[100];
    snprintf(target, sizeof target, "/api/v1/devices/%.*s/tags/%s/value", (int)strcspn(tag, "/"),
             tag, strchr(tag, '/') + 1);
    snprintf(body, sizeof body, "{\"value\": %s}", value);
    api_bed_ask_with(bed, METHOD_PUT, target, body, NULL);
}

static void test_writes(void **state)
{
    static const char *const writes[][2] = {{"kiln/temp", "20.125"},
                                            {"kiln/temp", "null"},
                                            {"kiln/low", "255"},
                                            {"kiln/low", "256"},
                                            {"kiln/high", "-128"},
                                            {"kiln/bit15", "true"},
                                            {"kiln/bit15", "\"no\""},
                                            {"kiln/bit15", "\"warm\""},
                                            {"kiln/level", "-124"},
                                            {"kiln/lamp", "false"},
                                            {"kiln/text", "\"hello!\""},
                                            {"kiln/text", "\"hello!!\""},
                                            {"kiln/set", "4294967295"},
                                            {"kiln/set", "4294967296"},
                                            {"kiln/bcd", "9999"},
                                            {"kiln/bcd", "10000"},
                                            {"kiln/fixed", "1"},
                                            {"far/flow", "65538"},
                                            {"far/part", "17"},
                                            {"far2/a", "65535"},
                                            {"line/a", "1"},
                                            {"other/x", "1"}};
    static struct api_bed bed;
    (void)state;
    open_bed(&bed);
    struct counters modbusd = run_modbusd(&bed, true);
    for (size_t i = 0; i < COUNT(writes); i++)
        put_value(&bed, writes[i][0], writes[i][1]);
    static const char *const more[][2] = {{"idle/mode", "\"run\""},
                                          {"idle/mode", "\"walk\""},
                                          {"idle/mode", "65536"},
                                          {"idle/mode", "null"},
                                          {"idle/scaled", "3271.7"},
                                          {"idle/scaled", "3271.8"},
                                          {"idle/scaled", "\"x\""},
                                          {"idle/wide", "9007199254740991"},
                                          {"idle/wide", "9007199254740992"},
                                          {"idle/wide", "18446744073709551615"},
                                          {"idle/wide", "18446744073709551616"},
                                          {"idle/wide", "-1"},
                                          {"idle/scaled", "9007199254740992"}};
    for (size_t i = 0; i < COUNT(more); i++)
        put_value(&bed, more[i][0], more[i][1]);
    bed_server.refused_address = 65535;
    put_value(&bed, "far/flow", "1");
    bed_server.refused_address = 101;
    put_value(&bed, "kiln/temp", "1");
    bed_server.result = MODBUS_UNREACHABLE;
    put_value(&bed, "far2/a", "2");
    put_value(&bed, "kiln/low", "3");
    bed_server.result = MODBUS_OK;
    bed.settings.common.gateway = "";
    put_value(&bed, "other/x", "1");
    counters_close(&modbusd);
    api_bed_check(&bed, "writes.txt");
    api_bed_close(&bed);
}

static void test_registers(void **state)
{
    static struct api_bed bed;
    (void)state;
    open_bed(&bed);
    fill_rows(&bed);
    api_bed_get(&bed, "/api/v1/registers/holding_register?start=199&count=4");
    api_bed_get(&bed, "/api/v1/registers/holding_register?start=65530&count=1000&unit=1");
    api_bed_get(&bed, "/api/v1/registers/holding_register?start=65535&count=1");
    api_bed_get(&bed, "/api/v1/registers/input_register?unit=1&start=899&count=6");
    api_bed_get(&bed, "/api/v1/registers/discrete_input?start=9&count=2&unit=2");
    api_bed_get(&bed, "/api/v1/registers/holding");
    api_bed_get(&bed, "/api/v1/registers/coil?unit=4");
    api_bed_get(&bed, "/api/v1/registers/coil?unit=20");
    api_bed_get(&bed, "/api/v1/registers/coil?start=65536");
    api_bed_get(&bed, "/api/v1/registers/coil?count=1001");
    api_bed_get(&bed, "/api/v1/registers/coil?unit=256");
    bed_server.refused_address = 250; /* the first word of the third request */
    api_bed_get(&bed, "/api/v1/registers/coil?count=1000");
    bed_server.refused_address = 124;
    api_bed_get(&bed, "/api/v1/registers/coil?count=126");
    bed.settings.common.gateway = "mill";
    bed_server.refused_address = -1;
    api_bed_get(&bed, "/api/v1/registers/holding_register?unit=3&start=100&count=1");
    api_bed_check(&bed, "registers.txt");
    api_bed_close(&bed);
}

/* Hides what differs from machine to machine behind these words. */
static void mask_numbers(struct text *said)
{
    static const char *const words[] = {"process_resident_memory_bytes{",
                                        "tagferry_store_size_bytes{", "tagferry_filesystem_"};
    struct text masked = {0};
    for (const char *line = said->data, *end; *line; line = end + 1) {
        end = strchr(line, '\n');
        assert_non_null(end);
        size_t len = (size_t)(end - line);
        const char *version = strstr(line, TAGFERRY_VERSION);
        if (strncmp(line, "tagferry_build_info", 19) == 0 && version && version < end) {
            text_append(&masked, line, (size_t)(version - line));
            text_puts(&masked, "VERSION\"} 1\n");
            continue;
        }
        for (size_t i = 0; i < COUNT(words); i++) {
            if (strncmp(line, words[i], strlen(words[i])) == 0) {
                const char *comma = memchr(line, ',', len);
                len = comma ? (size_t)(comma - line) : strcspn(line, "}");
            }
        }
        text_append(&masked, line, len);
        text_putc(&masked, '\n');
    }
    text_finish(said);
    *said = masked;
}

static void test_metrics(void **state)
{
    static struct api_bed bed;
    struct counters mqttd = {0}, api = {0};
    struct daemon_info info = {0};
    char why[SHM_WHY_SIZE];
    (void)state;
    open_bed(&bed);
    fill_rows(&bed);
    api_bed_get(&bed, "/metrics/values");
    api_bed_get(&bed, "/metrics/values?limit=4");
    api_bed_get(&bed, "/metrics/values?limit=2&device=far&q=l");
    api_bed_get(&bed, "/metrics/values?limit=9");
    api_bed_get(&bed, "/metrics/values?limit=10");
    api_bed_get(&bed, "/metrics/values?device=nobody");
    api_bed_get(&bed, "/metrics/values?limit=100001");
    bed_server.refused_address = 201;
    api_bed_get(&bed, "/metrics/values?q=bit15");
    bed_server.refused_address = -1;
    api_bed_get(&bed, "/metrics"); /* no daemon has counters */
    struct counters modbusd = run_modbusd(&bed, true);
    assert_true(counters_open_writer(&mqttd, &mqttd_counters, bed.folder.path, why, sizeof why));
    assert_true(counters_open_writer(&api, &api_counters, bed.folder.path, why, sizeof why));
    assert_true(daemon_info_open_writer(&info, "mqttd", bed.folder.path, why, sizeof why));
    daemon_info_refresh(&info, -1);
    for (size_t i = 0; i < MODBUSD_STARTED_MS; i++)
        counters_set(&modbusd, i, 1000 + i);
    for (size_t i = 0; i < MQTTD_COUNTERS; i++)
        counters_set(&mqttd, i, 2000 + i);
    for (size_t i = 0; i < API_COUNTERS; i++)
        counters_set(&api, i, UINT64_MAX - i);
    others.replica = (struct replica_status){.lag_s = 12.34, .follows = true};
    api_bed_get(&bed, "/metrics");
    counters_close(&modbusd); /* tagferry-modbusd ends: its gauges are 0 */
    assert_true(store_begin(bed.ctx.store));
    store_role_follow(bed.ctx.store, "https://10.0.0.9:5000");
    assert_true(store_commit(bed.ctx.store));
    api_bed_get(&bed, "/metrics");
    daemon_info_close(&info);
    counters_close(&mqttd);
    counters_close(&api);
    mask_numbers(&bed.said);
    api_bed_check(&bed, "metrics.txt");
    api_bed_close(&bed);
}

/* The tags are read in portions of 1,000; the limit is of all. */
static void test_many_metrics(void **state)
{
    static const struct {
        const char *target;
        size_t tags;
        bool is_cut;
    } scrapes[] = {{"/metrics/values?device=many", 2001, false},
                   {"/metrics/values?device=many&limit=2001", 2001, false},
                   {"/metrics/values?device=many&limit=2000", 2000, true},
                   {"/metrics/values?device=many&limit=1500", 1500, true},
                   {"/metrics/values?device=many&limit=1000", 1000, true},
                   {"/metrics/values?device=many&limit=999", 999, true},
                   {"/metrics/values?device=many&q=many1", 1000, false}};
    static struct api_bed bed;
    struct arena arena = {0};
    (void)state;
    open_bed(&bed);
    assert_true(store_begin(bed.ctx.store));
    struct record device = store_add_device(bed.ctx.store, "many", "many");
    for (size_t i = 0; i < 2001; i++)
        store_add_tag(bed.ctx.store, &device, arena_format(&arena, "many%04zu", i), (int64_t)i);
    assert_true(store_commit(bed.ctx.store));
    for (size_t i = 0; i < COUNT(scrapes); i++) {
        bed.said.len = 0;
        api_bed_get(&bed, scrapes[i].target);
        size_t tags = 0;
        for (const char *at = bed.said.data; (at = strstr(at, "\ntagferry_tag_good{")); at++)
            tags++;
        check_row(tags == scrapes[i].tags, scrapes[i].target);
        check_row(!strstr(bed.said.data, "\ntagferry_tag_values_cut 1") == !scrapes[i].is_cut,
                  scrapes[i].target);
    }
    arena_finish(&arena);
    api_bed_close(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_values),       cmocka_unit_test(test_writes),
        cmocka_unit_test(test_registers),    cmocka_unit_test(test_metrics),
        cmocka_unit_test(test_many_metrics),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
