/* All three daemons in Prometheus's text format. */
#include <stdio.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/handler.h"
#include "api/live/quality_lookup.h"
#include "api/routes.h"
#include "common/shared/counters.h"

static const struct {
    const char *name;
    const struct counter_table *counters;
} daemons[] = {{"api", &api_counters}, {"modbusd", &modbusd_counters}, {"mqttd", &mqttd_counters}};

enum { DAEMONS = sizeof daemons / sizeof daemons[0] };

static void write_head(struct text *text, const char *name, const char *type, const char *help)
{
    text_printf(text, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void write_number(const struct counter_row *row, uint64_t number, struct text *text)
{
    if (row->per_second)
        text_printf(text, "%.15g", (double)number / row->per_second);
    else
        text_printf(text, "%llu", (unsigned long long)number);
}

static void write_bucket(const struct counter_row *row, uint64_t total, struct text *text)
{
    text_printf(text, "%s_bucket{le=\"", row->name);
    if (row->limit == COUNTER_UNLIMITED)
        text_puts(text, "+Inf");
    else
        write_number(row, row->limit, text);
    text_printf(text, "\"} %llu\n", (unsigned long long)total);
}

static void write_sum(const struct counter_row *row, uint64_t sum, uint64_t total,
                      struct text *text)
{
    text_printf(text, "%s_sum ", row->name);
    write_number(row, sum, text);
    text_printf(text, "\n%s_count %llu\n", row->name, (unsigned long long)total);
}

static void write_plain(const struct counter_row *row, uint64_t number, struct text *text)
{
    text_printf(text, "%s%s%s%s ", row->name, row->labels ? "{" : "",
                row->labels ? row->labels : "", row->labels ? "}" : "");
    write_number(row, number, text);
    text_putc(text, '\n');
}

/* What a daemon that is gone said of its state last is not so any more: its gauges are 0. */
static void write_series(const struct counter_table *table, const struct counters *counters,
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
            write_head(text, row->name, types[row->kind], row->help);
            total = 0;
        }
        previous = row->name;
        if (row->kind == COUNTER_BUCKET)
            write_bucket(row, total += number, text);
        else if (row->kind == COUNTER_SUM)
            write_sum(row, number, total, text);
        else
            write_plain(row, number, text);
    }
}

static void write_up(const bool up[DAEMONS], struct text *text)
{
    write_head(text, "tagferry_up", "gauge", "Whether the daemon works, 1 or 0.");
    for (size_t i = 0; i < DAEMONS; i++)
        text_printf(text, "tagferry_up{daemon=\"%s\"} %d\n", daemons[i].name, up[i]);
    write_head(text, "tagferry_build_info", "gauge", "The version of tagferry-api.");
    text_printf(text, "tagferry_build_info{version=\"%s\"} 1\n", TAGFERRY_VERSION);
}

static void close_counters(void *counters)
{
    counters_close(counters);
}

static void write_counters(struct worker *worker, const bool up[DAEMONS], struct text *text)
{
    for (size_t i = 0; i < DAEMONS; i++) {
        struct counters counters = {0};
        struct memory_block guard;
        char why[SHM_WHY_SIZE];
        if (counters_open_reader(&counters, daemons[i].counters,
                                 worker->settings->common.runtime_dir, why, sizeof why)) {
            memory_guard(&guard, close_counters, &counters);
            write_series(daemons[i].counters, &counters, up[i], text);
            memory_unguard(&guard);
            counters_close(&counters);
        }
    }
}

/* Devices by quality. */
struct tally {
    struct worker *worker;
    int64_t devices[QUALITY_COUNT];
};

static bool count_device(void *context, const struct record *device)
{
    struct tally *tally = context;
    struct live_row row;
    tally->devices[judge_device(tally->worker, device, &row).quality]++;
    return true;
}

static void write_store(struct worker *worker, const struct request *request, struct text *text)
{
    struct tally tally = {.worker = worker};
    struct list all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    devices_each(worker->store, request->arena, &all, count_device, &tally);
    write_head(text, "tagferry_devices", "gauge", "Devices in the store, by quality.");
    for (int i = 0; i < QUALITY_COUNT; i++)
        text_printf(text, "tagferry_devices{quality=\"%s\"} %lld\n", quality_names[i],
                    (long long)tally.devices[i]);
    write_head(text, "tagferry_tags", "gauge", "Tags in the store.");
    text_printf(text, "tagferry_tags %lld\n", (long long)tags_count(worker->store, &all));
    write_head(text, "tagferry_store_revision", "gauge", "Revision of the newest change.");
    text_printf(text, "tagferry_store_revision %lld\n", (long long)store_revision(worker->store));
}

/* One unit of a foreign server. */
struct foreign_unit {
    char server[NET_TEXT_SIZE];
    unsigned unit;
    bool is_out_of_reach;
    unsigned failing; /* tags */
};

enum unit_series { UNIT_UP, UNIT_FAILING_TAGS };

static void write_unit(const struct foreign_unit *unit, enum unit_series which, struct text *text)
{
    if (unit->server[0] == '\0')
        return;
    text_printf(text, "%s{server=\"%s\",unit=\"%u\"} %u\n",
                which == UNIT_UP ? "tagferry_foreign_unit_up"
                                 : "tagferry_foreign_unit_failing_tags",
                unit->server, unit->unit,
                which == UNIT_UP ? (unsigned)!unit->is_out_of_reach : unit->failing);
}

/* Counts the newest write or poll of a tag for its unit. */
static void count_tag(const struct live_row *row, struct foreign_unit *unit)
{
    enum fault fault = row->write_fault.fault;
    unit->failing += fault != FAULT_NONE;
    unit->is_out_of_reach |= fault == FAULT_MODBUS_UNREACHABLE || row->write_fault.is_of_unit;
}

/* Each server's tags come together, and of these each unit's. */
static void write_each_unit(struct worker *worker, struct arena *arena, enum unit_series which,
                            struct text *text)
{
    struct foreign_unit unit = {.server = ""};
    struct query query = store_query(
        worker->store,
        "SELECT d.network_modbus_host, d.network_modbus_port, d.network_unit_id, t.id, t.slot"
        " FROM device d JOIN tag t ON t.device_id = d.id"
        " WHERE d.network_modbus_host IS NOT NULL AND d.enabled AND t.enabled ORDER BY 1, 2, 3");
    while (query_next(&query)) {
        struct foreign_unit next = {.server = ""};
        struct net_addr server = {.port = 0};
        struct live_row row;
        snprintf(server.host, sizeof server.host, "%s", query_text(&query, arena));
        server.port = (uint16_t)query_integer(&query);
        next.unit = (unsigned)query_integer(&query);
        int64_t id = query_integer(&query), slot = query_integer(&query);
        if (net_addr_same(&server, &worker->settings->common.modbus))
            continue;
        net_addr_format(&server, next.server);
        if (next.unit != unit.unit || strcmp(next.server, unit.server) != 0) {
            write_unit(&unit, which, text);
            unit = next;
        }
        live_view_row(&worker->live, LIVE_TAG, id, slot, &row);
        count_tag(&row, &unit);
    }
    write_unit(&unit, which, text);
}

static void write_units(struct worker *worker, struct arena *arena, struct text *text)
{
    write_head(
        text, "tagferry_foreign_unit_up", "gauge",
        "0 while values or polls of a foreign server's unit fail because it does not answer.");
    write_each_unit(worker, arena, UNIT_UP, text);
    write_head(text, "tagferry_foreign_unit_failing_tags", "gauge",
               "Tags there whose newest write or poll has failed.");
    write_each_unit(worker, arena, UNIT_FAILING_TAGS, text);
}

void get_metrics(struct worker *worker, const struct request *request, struct response *response)
{
    if (!begin(worker, response))
        return;
    write_store(worker, request, &response->body);
    write_units(worker, request->arena, &response->body);
    if (!end_read(worker, response))
        return;
    const bool up[DAEMONS] = {true, worker->live.modbusd.state == DAEMON_UP,
                              live_view_is_alive(&worker->live)};
    write_up(up, &response->body);
    write_counters(worker, up, &response->body);
    response->content_type = "text/plain; version=0.0.4; charset=utf-8";
    response->status = 200;
}
