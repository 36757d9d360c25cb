/* Metrics of the three daemons and of the store, in Prometheus's text format. */
#include <stdio.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/transaction.h"
#include "api/live/quality_lookup.h"
#include "api/monitor/metrics_text.h"
#include "api/monitor/monitor_routes.h"
#include "api/monitor/system_metrics.h"
#include "api/replica/replica.h"
#include "api/store/record_store.h"
#include "common/base/require.h"
#include "common/base/serial_line.h"
#include "common/shared/counters.h"

static const struct counter_table *const daemon_counters[DAEMONS] = {
    [DAEMON_API] = &api_counters,
    [DAEMON_MODBUSD] = &modbusd_counters,
    [DAEMON_MQTTD] = &mqttd_counters};

static void metrics_write_number(const struct counter_row *row, uint64_t number, struct text *text)
{
    if (row->per_second)
        text_printf(text, "%.15g", (double)number / row->per_second);
    else
        text_printf(text, "%llu", (unsigned long long)number);
}

/* Writes 0 for the gauges of a daemon that is down: its last values are outdated. */
static void metrics_write_series(const struct counter_table *table, const struct counters *counters,
                                 bool up, struct text *text)
{
    static const char *const types[] = {"counter", "gauge", "histogram", "histogram"};
    const char *previous = "";
    uint64_t total = 0; /* of the buckets of one histogram */
    for (size_t i = 0; i < table->count; i++) {
        const struct counter_row *row = &table->rows[i];
        bool ended = !up && row->kind == COUNTER_GAUGE;
        uint64_t number = ended ? 0 : counters_get(counters, i);
        if (strcmp(previous, row->name) != 0) {
            metrics_write_head(text, row->name, types[row->kind], row->help);
            total = 0;
        }
        previous = row->name;
        REQUIRE(row->kind < sizeof types / sizeof types[0]);
        if (row->kind == COUNTER_BUCKET) {
            total += number;
            text_printf(text, "%s_bucket{le=\"", row->name);
            if (row->limit == COUNTER_UNLIMITED)
                text_puts(text, "+Inf");
            else
                metrics_write_number(row, row->limit, text);
            text_printf(text, "\"} %llu\n", (unsigned long long)total);
        } else if (row->kind == COUNTER_SUM) {
            text_printf(text, "%s_sum ", row->name);
            metrics_write_number(row, number, text);
            text_printf(text, "\n%s_count %llu\n", row->name, (unsigned long long)total);
        } else {
            text_printf(text, "%s%s%s%s ", row->name, row->labels ? "{" : "",
                        row->labels ? row->labels : "", row->labels ? "}" : "");
            metrics_write_number(row, number, text);
            text_putc(text, '\n');
        }
    }
}

static void metrics_close_counters(void *counters)
{
    counters_close(counters);
}

static void metrics_write_daemons(struct thread_ctx *thread_ctx, struct text *text)
{
    const bool up[DAEMONS] = {[DAEMON_API] = true,
                              [DAEMON_MODBUSD] = thread_ctx->live.modbusd.state == DAEMON_UP,
                              [DAEMON_MQTTD] = live_view_is_alive(&thread_ctx->live)};
    metrics_write_head(text, "tagferry_up", "gauge", "1 if the daemon works, else 0.");
    for (size_t i = 0; i < DAEMONS; i++)
        text_printf(text, "tagferry_up{daemon=\"%s\"} %d\n", daemon_names[i], up[i]);
    system_metrics_write(&thread_ctx->settings->common, up, text);
    for (size_t i = 0; i < DAEMONS; i++) {
        struct counters counters = {0};
        struct memory_block guard;
        char why[SHM_WHY_SIZE];
        if (counters_open_reader(&counters, daemon_counters[i],
                                 thread_ctx->settings->common.runtime_dir, why, sizeof why)) {
            memory_guard(&guard, metrics_close_counters, &counters);
            metrics_write_series(daemon_counters[i], &counters, up[i], text);
            memory_unguard(&guard);
            counters_close(&counters);
        }
    }
}

/* Counts devices by quality. */
struct device_tally {
    struct quality_lookup lookup;
    int64_t devices[QUALITY_COUNT];
    int64_t elsewhere; /* held by other gateways */
};

static bool metrics_count_device(void *context, const struct record *device)
{
    struct device_tally *tally = context;
    struct live_table_row row;
    if (record_is_held_here(device, tally->lookup.common))
        tally->devices[quality_lookup_device(&tally->lookup, device, &row).quality]++;
    else
        tally->elsewhere++;
    return true;
}

static void metrics_write_store(struct thread_ctx *thread_ctx, const struct request *request,
                                struct text *text)
{
    struct device_tally tally = {.lookup = thread_ctx_make_lookup(thread_ctx)};
    struct record_filter all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    record_store_each_device(thread_ctx->store, request->arena, &all, metrics_count_device, &tally);
    metrics_write_head(text, "tagferry_devices", "gauge", "Devices of this gateway, by quality.");
    for (int i = 0; i < QUALITY_COUNT; i++)
        text_printf(text, "tagferry_devices{quality=\"%s\"} %lld\n", quality_names[i],
                    (long long)tally.devices[i]);
    metrics_write_head(text, "tagferry_devices_elsewhere", "gauge",
                       "Devices in the store that only other gateways hold.");
    text_printf(text, "tagferry_devices_elsewhere %lld\n", (long long)tally.elsewhere);
    metrics_write_head(text, "tagferry_tags", "gauge", "Tags in the store.");
    text_printf(text, "tagferry_tags %lld\n",
                (long long)record_store_count_tags(thread_ctx->store, &all));
    metrics_write_head(text, "tagferry_store_revision", "gauge", "Revision of the newest change.");
    text_printf(text, "tagferry_store_revision %lld\n",
                (long long)store_read_revision(thread_ctx->store));
    struct store_lineage own;
    struct store_role role;
    struct replica_status status;
    if (!store_lineage_read(thread_ctx->store, &own) || !store_role_read(thread_ctx->store, &role))
        return;
    bool follows = role.leader[0] != '\0';
    metrics_write_head(text, "tagferry_store_term", "gauge",
                       "Term of the store: how often its leader was changed.");
    text_printf(text, "tagferry_store_term %lld\n", (long long)own.position.term);
    metrics_write_head(text, "tagferry_store_leader", "gauge",
                       "1 if this gateway leads the configuration, 0 if it follows another one.");
    text_printf(text, "tagferry_store_leader %d\n", !follows);
    replica_read_status(thread_ctx->replica, &status);
    metrics_write_head(text, "tagferry_replica_lag_seconds", "gauge",
                       "Seconds since this follower had all changes of its leader.");
    if (follows && status.lag_s >= 0)
        text_printf(text, "tagferry_replica_lag_seconds %.1f\n", status.lag_s);
}

/* One unit of a foreign server. */
struct foreign_unit {
    char server[NET_TEXT_SIZE];
    unsigned unit;
    bool is_out_of_reach;
    unsigned failing; /* number of tags whose newest write or poll failed */
};

enum unit_series { UNIT_UP, UNIT_FAILING_TAGS };

static void metrics_write_unit(const struct foreign_unit *unit, enum unit_series which,
                               struct text *text)
{
    if (unit->server[0] == '\0')
        return;
    text_printf(text, "%s{server=\"%s\",unit=\"%u\"} %u\n",
                which == UNIT_UP ? "tagferry_foreign_unit_up"
                                 : "tagferry_foreign_unit_failing_tags",
                unit->server, unit->unit,
                which == UNIT_UP ? (unsigned)!unit->is_out_of_reach : unit->failing);
}

/* Writes one line per server and unit: the query returns the tags of each unit consecutively. */
static void metrics_write_each_unit(struct thread_ctx *thread_ctx, struct arena *arena,
                                    enum unit_series which, struct text *text)
{
    const struct net_addr *local = &thread_ctx->settings->common.modbus;
    struct foreign_unit unit = {.server = ""};
    struct query query = store_prepare_query(
        thread_ctx->store,
        "SELECT d.network_modbus_host, d.network_modbus_port, d.network_unit_id, t.id, t.slot"
        " FROM device d JOIN tag t ON t.device_id = d.id"
        " WHERE d.network_modbus_host IS NOT NULL AND d.enabled AND t.enabled ORDER BY 1, 2, 3");
    while (query_next_row(&query)) {
        struct foreign_unit next = {.server = ""};
        struct net_addr server = {.port = 0};
        struct live_table_row row;
        snprintf(server.host, sizeof server.host, "%s", query_read_text(&query, arena));
        server.port = (uint16_t)query_read_integer(&query);
        next.unit = (unsigned)query_read_integer(&query);
        int64_t id = query_read_integer(&query), slot = query_read_integer(&query);
        if (net_addr_is_equal(&server, local))
            continue;
        if (serial_line_is_host(server.host)) /* without the parameters */
            snprintf(next.server, sizeof next.server, "%s",
                     modbus_location_make(server.host, server.port, 0, NULL, local).server);
        else
            net_addr_format(&server, next.server);
        if (next.unit != unit.unit || strcmp(next.server, unit.server) != 0) {
            metrics_write_unit(&unit, which, text);
            unit = next;
        }
        live_view_read_row(&thread_ctx->live, LIVE_TAG, id, slot, &row);
        enum fault fault = row.write_fault.fault; /* of the newest write or poll */
        unit.failing += fault != FAULT_NONE;
        unit.is_out_of_reach |= fault == FAULT_MODBUS_UNREACHABLE || row.write_fault.is_of_unit;
    }
    metrics_write_unit(&unit, which, text);
}

static void metrics_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    struct text *text = &response->body;
    if (!transaction_begin(thread_ctx, response))
        return;
    metrics_write_store(thread_ctx, request, text);
    metrics_write_head(
        text, "tagferry_foreign_unit_up", "gauge",
        "0 while values or polls of a foreign server's unit fail because it does not answer.");
    metrics_write_each_unit(thread_ctx, request->arena, UNIT_UP, text);
    metrics_write_head(text, "tagferry_foreign_unit_failing_tags", "gauge",
                       "Tags of this unit whose newest write or poll failed.");
    metrics_write_each_unit(thread_ctx, request->arena, UNIT_FAILING_TAGS, text);
    if (!transaction_commit(thread_ctx, response))
        return;
    metrics_write_daemons(thread_ctx, text);
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    response->status = 200;
}

static const struct route metrics_rows[] = {
    {METHOD_GET, "/metrics", QUEUE_REPORT, .handle = metrics_handle_get},
};

const struct route_table metrics_routes = ROUTE_TABLE(metrics_rows);
