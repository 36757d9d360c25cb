/* What the service shows of clients, messages, health, owners and the history: each whole answer is
 * compared with a file of tests/unit/api. */
#include "api_devices.h"

#include <math.h>

#include "api/history/history.h"
#include "api/history/history_ring.h"
#include "api/history/history_routes.h"
#include "api/monitor/monitor_routes.h"
#include "api/resources/resource_routes.h"
#include "common/shared/client_table.h"
#include "common/shared/daemon_info.h"
#include "common/shared/message_trace.h"

static const struct route_table *const tables[] = {&device_routes, &tag_routes,     &health_routes,
                                                   &owner_routes,  &message_routes, &client_routes,
                                                   &history_routes};
static const struct route_tables routes = ROUTE_TABLE(tables);

/* What the history says. */
static struct {
    const char *why; /* it is off */
    size_t points;
    struct history_point point[3];
    size_t events;
    struct history_entry event[9];
    uint64_t left_out;
    struct text *said;
} others;

bool __wrap_history_read_tag(struct history *history, int64_t tag, struct history_query *query,
                             uint64_t *kept_from_ms, char *why, size_t why_size);

bool __wrap_history_read_tag(struct history *history, int64_t tag, struct history_query *query,
                             uint64_t *kept_from_ms, char *why, size_t why_size)
{
    assert_null(history);
    text_printf(others.said, "! history of %lld from %llu to %llu: %zu points, %zu events\n",
                (long long)tag, (unsigned long long)query->from_ms,
                (unsigned long long)query->to_ms, query->points_max, query->events_max);
    if (others.why) {
        snprintf(why, why_size, "The history is off: %s.", others.why);
        return false;
    }
    memcpy(query->points, others.point, others.points * sizeof others.point[0]);
    memcpy(query->events, others.event, others.events * sizeof others.event[0]);
    query->point_count = others.points;
    query->event_count = others.events;
    query->events_left_out = others.left_out;
    *kept_from_ms = 1234567890123;
    return true;
}

static void open_bed(struct api_bed *bed)
{
    memset(&others, 0, sizeof others);
    api_bed_open(bed, &routes);
    others.said = &bed->said;
    make_devices(bed);
}

static void test_clients(void **state)
{
    static struct api_bed bed;
    static struct client_table table;
    static struct client_entry entries[5];
    char why[SHM_WHY_SIZE];
    (void)state;
    open_bed(&bed);
    static const struct client_facts clients[5] = {
        {.address = {[10] = 255, [11] = 255, 10, 20, 30, 40},
         .port = 65535,
         .side = CLIENT_SCADA,
         .since_ms = 1700000000000},
        {.address = {[10] = 255, [11] = 255, 10, 20, 30, 40},
         .port = 1024,
         .side = CLIENT_SCADA,
         .protocol = CLIENT_TLS,
         .role = "operator",
         .since_ms = 1700000001000},
        {.address = {[10] = 255, [11] = 255, 10, 20, 30, 39},
         .port = 65535,
         .side = CLIENT_SCADA,
         .protocol = CLIENT_RTU,
         .since_ms = 1700000002000},
        {.address = {0x20, 1, 0x0d, 0xb8, [15] = 0x1f},
         .port = 33,
         .side = CLIENT_OUTPUTS,
         .protocol = CLIENT_UDP,
         .since_ms = 1700000003000},
        {.address = "/dev/ttyUSB12345",
         .port = 9,
         .side = CLIENT_INPUTS,
         .protocol = CLIENT_SERIAL,
         .since_ms = 1700000004000}};
    assert_true(client_table_open_writer(&table, bed.folder.path, why, sizeof why));
    api_bed_get(&bed, "/api/v1/modbus/clients"); /* tagferry-modbusd is down */
    struct counters modbusd = run_modbusd(&bed, false);
    api_bed_get(&bed, "/api/v1/modbus/clients"); /* it starts */
    counters_set(&modbusd, MODBUSD_BEAT_MS, set_clock_ms);
    for (size_t i = 0; i < COUNT(clients); i++)
        client_table_add_client(&table, &clients[i], &entries[i]);
    const uint8_t read[] = {3, 0x12, 0x34, 0, 125}, other[] = {99}, mask[] = {22, 0, 1, 0, 2, 0, 3};
    for (int i = 0; i < 12; i++) {
        client_entry_note_request(&entries[0], CLIENT_FUNCTION_OTHER, 0, 1, other, sizeof other);
        client_entry_note_request(&entries[0], (enum client_function)2, (uint8_t)(60 + i), 0, read,
                                  sizeof read);
        client_entry_publish(&entries[0], 1700000010000 + (uint64_t)i);
        client_entry_take_beat(&entries[0], 1700000010000 + (uint64_t)i * 700);
    }
    client_entry_note_request(&entries[1], (enum client_function)9, 255, 11, mask, sizeof mask);
    client_entry_publish(&entries[1], 1700000011000);
    client_entry_note_request(&entries[3], CLIENT_FUNCTION_OTHER, 128, 1, other, sizeof other);
    client_entry_publish(&entries[3], 1700000012000);
    struct client_refusal refusal = {.address = {[10] = 255, [11] = 255, 192, 168, 100, 200},
                                     .port = 50000,
                                     .side = CLIENT_OUTPUTS,
                                     .reason = CLIENT_IP_LIMIT,
                                     .at_ms = 1700000005000,
                                     .detail = "12 connections"};
    client_table_note_refusal(&table, &refusal);
    refusal.reason = CLIENT_TLS_BAD_ROLE;
    refusal.detail[0] = '\0';
    client_table_note_refusal(&table, &refusal);
    refusal.reason = CLIENT_IP_LIMIT;
    refusal.port = 50001;
    refusal.at_ms = 1700000007000;
    client_table_note_refusal(&table, &refusal);
    refusal.side = CLIENT_SCADA;
    client_table_note_refusal(&table, &refusal);
    struct daemon_info info = {0};
    assert_true(daemon_info_open_writer(&info, "modbusd", bed.folder.path, why, sizeof why));
    daemon_info_add_address(
        &info,
        &(struct daemon_address){.address = {[10] = 255, [11] = 255, 127, 0, 0, 1}, .port = 502});
    daemon_info_add_address(&info, &(struct daemon_address){
                                       .address = {[15] = 1}, .port = 802, .protocol = CLIENT_TLS});
    daemon_info_refresh(&info, -1);
    api_bed_get(&bed, "/api/v1/modbus/clients");
    api_bed_get(&bed, "/api/v1/modbus/clients?limit=4");
    api_bed_get(&bed, "/api/v1/modbus/clients?side=outputs");
    api_bed_get(&bed, "/api/v1/modbus/clients?side=inputs&limit=1");
    api_bed_get(&bed, "/api/v1/modbus/clients?side=input");
    set_clock_ms += 3001;
    api_bed_get(&bed, "/api/v1/modbus/clients?side=inputs"); /* it hangs */
    client_table_close(&table);
    api_bed_get(&bed, "/api/v1/modbus/clients?side=inputs"); /* its table has no writer */
    daemon_info_close(&info);
    counters_close(&modbusd);
    api_bed_check(&bed, "clients.txt");
    api_bed_close(&bed);
}

static void test_messages(void **state)
{
    static struct api_bed bed;
    static struct message_trace trace;
    char why[SHM_WHY_SIZE], device[100];
    (void)state;
    open_bed(&bed);
    const int64_t kiln = api_bed_find(&bed, "kiln", NULL).id,
                  far = api_bed_find(&bed, "far", NULL).id;
    const int64_t temp = api_bed_find(&bed, "kiln", "temp").id;
    const struct {
        struct message_trace_entry entry;
        const char *payload;
    } messages[] = {
        {{.device = kiln,
          .wall_ms = 1700000000001,
          .tags = 11,
          .written = 12,
          .rejected = 13,
          .held = 14,
          .topic = "kiln"},
         "{\"t\": 20.5}"},
        {{.device = kiln,
          .wall_ms = 1700000000002,
          .verdict = TRACE_NOT_JSON,
          .fault_at = 17,
          .topic = "kiln/x"},
         "{\"t\": 20.5, \"u\""},
        {{.device = far,
          .wall_ms = 1700000000003,
          .verdict = TRACE_TOO_LARGE,
          .topic = "far",
          .retained = true},
         "long"},
        {{.device = kiln,
          .wall_ms = 1700000000004,
          .fault = FAULT_OUT_OF_RANGE,
          .fault_tag = temp,
          .rejected = 1,
          .topic = "kiln",
          .keys = "a, b"},
         "{\"t\": 1e99}"},
        {{.device = 999,
          .wall_ms = 1700000000005,
          .fault = FAULT_NOT_A_NUMBER,
          .fault_tag = 999,
          .topic = "gone"},
         "\xfe\xff\x01\x80"},
        {{.wall_ms = 1700000000006, .verdict = TRACE_NOBODY, .topic = "nobody"}, "caf\xc3\xa9"},
        {{.wall_ms = 1700000000007, .topic = "new"}, ""},
    };
    api_bed_get(&bed, "/api/v1/messages"); /* there is no trace */
    assert_true(message_trace_open_writer(&trace, bed.folder.path, why, sizeof why));
    api_bed_get(&bed, "/api/v1/messages"); /* it is empty */
    for (size_t i = 0; i < COUNT(messages); i++) {
        struct message_trace_entry entry = messages[i].entry;
        entry.len = (uint32_t)strlen(messages[i].payload);
        message_trace_add_entry(&trace, &entry, messages[i].payload);
    }
    api_bed_get(&bed, "/api/v1/messages");
    api_bed_get(&bed, "/api/v1/messages?limit=2");
    api_bed_get(&bed, "/api/v1/messages?device=kiln&limit=1");
    snprintf(device, sizeof device, "/api/v1/messages?device=far&newer_than=%d", 2);
    api_bed_get(&bed, device);
    api_bed_get(&bed, "/api/v1/messages?newer_than=6");
    api_bed_get(&bed, "/api/v1/messages?newer_than=7");
    api_bed_get(&bed, "/api/v1/messages?newer_than=8&limit=1"); /* of another ring */
    api_bed_get(&bed, "/api/v1/messages?limit=0");
    api_bed_get(&bed, "/api/v1/messages?device=nobody");
    message_trace_close(&trace);
    api_bed_check(&bed, "messages.txt");
    api_bed_close(&bed);
}

static void test_health(void **state)
{
    static struct api_bed bed;
    (void)state;
    open_bed(&bed);
    api_bed_get(&bed, "/healthz");
    api_bed_get(&bed, "/readyz");
    struct counters modbusd = run_modbusd(&bed, false);
    api_bed_get(&bed, "/readyz?need=modbusd");
    counters_set(&modbusd, MODBUSD_BEAT_MS, set_clock_ms);
    api_bed_get(&bed, "/readyz");
    live_table_set_broker(&bed.live, &(struct live_table_broker){.reason = BROKER_NOT_AUTHORIZED,
                                                                 .wall_ms = 1700000000123,
                                                                 .steady_ms = 5,
                                                                 .words = "bad user name"});
    for (enum live_table_condition condition = LIVE_STARTING; condition <= LIVE_SERVING;
         condition++) {
        live_table_set_condition(&bed.live, condition);
        api_bed_get(&bed, "/readyz?need=store,broker");
        api_bed_get(&bed, "/readyz?need=mqttd");
    }
    live_table_set_modbusd_down(&bed.live, true);
    api_bed_get(&bed, "/readyz?need=store,mqttd,modbusd,store");
    set_clock_ms += 3000;
    api_bed_get(&bed, "/readyz?need=mqttd,modbusd");
    set_clock_ms++;
    api_bed_get(&bed, "/readyz?need=mqttd");
    api_bed_get(&bed, "/readyz?need=mqtt");
    api_bed_get(&bed, "/readyz?need=store,");
    live_table_close(&bed.live);
    counters_close(&modbusd);
    api_bed_get(&bed, "/readyz?need=store");
    /* A daemon that has restarted is found at the next request, if a second has passed. */
    char why[SHM_WHY_SIZE];
    assert_true(live_table_open_writer(&bed.live, bed.folder.path, why, sizeof why));
    live_table_set_heartbeat(&bed.live, set_clock_ms);
    modbusd = run_modbusd(&bed, true);
    api_bed_get(&bed, "/readyz");
    counters_close(&modbusd);
    api_bed_ask_with(&bed, METHOD_GET, "/api/v1/registers/holding_register/owners", NULL, NULL);
    api_bed_get(&bed, "/api/v1/registers");
    api_bed_get(&bed, "/api/v1/registers/holding_register/owners?gateway=mill&unit=3");
    api_bed_get(&bed, "/api/v1/registers/holding_register/owners?server=10.9.8.7:1502&unit=17");
    api_bed_get(&bed, "/api/v1/registers/input_register/owners");
    api_bed_check(&bed, "health.txt");
    api_bed_close(&bed);
}

static void test_history(void **state)
{
    static const struct history_entry events[] = {
        {.wall_ms = 1700000000001, .writer = WRITER_SCADA, .has_value = true, .value = 12.5},
        {.wall_ms = 1700000000002, .writer = WRITER_API},
        {.wall_ms = 1700000000003, .has_quality = true, .verdict = {QUALITY_STALE, REASON_SILENT}},
        {.wall_ms = 1700000000004, .has_quality = true, .verdict = {QUALITY_GOOD, REASON_NONE}},
        {.wall_ms = 1700000000005, .fault = FAULT_OUT_OF_RANGE},
        {.wall_ms = 1700000000006,
         .writer = WRITER_API,
         .has_value = true,
         .value = NAN,
         .fault = FAULT_NOT_A_NUMBER,
         .has_quality = true,
         .verdict = {QUALITY_BAD, REASON_REFUSED}},
    };
    static const struct history_point points[] = {
        {.wall_ms = 10, .min = -1.5, .max = 2.25, .last = 1, .is_set = true},
        {.wall_ms = 20, .min = NAN, .max = NAN, .last = NAN, .is_set = true},
        {.wall_ms = 30, .min = 1e300, .max = 1e300, .last = 1e300, .is_set = true}};
    static struct api_bed bed;
    const char *target = "/api/v1/devices/kiln/tags/high/history?from=5&to=1700000000999&points=77";
    (void)state;
    open_bed(&bed);
    struct bed_row row = api_bed_claim(&bed, "kiln", "high");
    api_bed_get(&bed, "/api/v1/devices/kiln/tags/high/history");
    memcpy(others.event, events, sizeof events);
    memcpy(others.point, points, sizeof points);
    others.events = COUNT(events);
    others.points = COUNT(points);
    others.left_out = 123;
    api_bed_get(&bed, target);
    /* The text of the newest refused value is in the row, if that was refused about then. */
    static const struct {
        enum fault fault;
        uint64_t wall_ms;
    } refused[] = {{FAULT_NOT_A_NUMBER, 1700000002006},
                   {FAULT_NOT_A_NUMBER, 1700000002007},
                   {FAULT_NOT_A_NUMBER, 1699999998006},
                   {FAULT_NOT_A_NUMBER, 1699999998005},
                   {FAULT_OUT_OF_RANGE, 1700000000006}};
    others.events = 1;
    others.event[0] = events[5];
    others.points = 0;
    for (size_t i = 0; i < COUNT(refused); i++) {
        live_table_reject_value(&bed.live, row.slot, refused[i].fault, "abc", 3,
                                refused[i].wall_ms);
        api_bed_get(&bed, target);
    }
    others.events = 2;
    others.event[0] = events[4]; /* only the newest one */
    others.event[1] = events[5];
    live_table_reject_value(&bed.live, row.slot, FAULT_OUT_OF_RANGE, "300", 3, 1700000000005);
    api_bed_get(&bed, target);
    live_table_reject_value(&bed.live, row.slot, FAULT_NOT_A_NUMBER, "xyz", 3, 1700000000005);
    api_bed_get(&bed, target);
    others.events = 0;
    api_bed_get(&bed, "/api/v1/devices/kiln/tags/text/history?from=0&to=1");
    others.why = "[api] history_mb is 0";
    api_bed_get(&bed, "/api/v1/devices/kiln/tags/text/history?from=0&to=1");
    api_bed_check(&bed, "history.txt");
    api_bed_close(&bed);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_clients),
        cmocka_unit_test(test_messages),
        cmocka_unit_test(test_health),
        cmocka_unit_test(test_history),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
