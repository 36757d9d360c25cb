/* Starts the parts in the order of their dependencies and stops them in reverse order. */
#include "api/api.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/base/request_memory.h"
#include "api/discovery/discovery_routes.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/history/history.h"
#include "api/history/history_routes.h"
#include "api/http/http_listener.h"
#include "api/http/tls.h"
#include "api/http/work_queue.h"
#include "api/monitor/monitor_routes.h"
#include "api/monitor/stream.h"
#include "api/page/page_routes.h"
#include "api/replica/replica.h"
#include "api/replica/replica_routes.h"
#include "api/resources/config_service.h"
#include "api/resources/register_ranges.h"
#include "api/resources/resource_routes.h"
#include "api/store/record_store.h"
#include "api/transfer/transfer_routes.h"
#include "common/base/daemon.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "common/shared/counters.h"
#include "common/shared/daemon_info.h"

/* File descriptors in addition to those of HTTP clients: store, Modbus links, files of the other
 * daemons, connections beyond the limits. */
enum { OTHER_DESCRIPTORS = 256 };

enum { GRACE_MS = 800, TICK_MS = 1000, STATUS_TICKS = 10 };

/* Searched in this order. */
static const struct route_table *const all_tables[] = {
    &device_routes,      &tag_routes,       &value_routes,    &health_routes,   &metrics_routes,
    &tag_metrics_routes, &owner_routes,     &register_routes, &message_routes,  &client_routes,
    &backup_routes,      &transfer_routes,  &audit_routes,    &revert_routes,   &copy_routes,
    &profile_routes,     &discovery_routes, &preview_routes,  &proposal_routes, &page_routes,
    &session_routes,     &history_routes,   &store_routes,    &gateway_routes};
static const struct route_tables all_routes = ROUTE_TABLE(all_tables);

struct api {
    const struct api_settings *settings; /* at startup */
    struct settings_reload current;
    struct reload reload;
    struct counters counters;
    struct daemon_info daemon_info;
    struct store_shared store_shared;
    struct http_service service;
    struct stream_hub *streams;
    struct history *history;
    struct replica *replica;
    atomic_size_t pending; /* bytes, see http_service */
    struct work_queue queues[QUEUE_ID_COUNT];
    struct thread_ctx queue_ctxs[QUEUE_ID_COUNT];
    struct thread_ctx stream_ctx;
    struct thread_ctx history_ctx;
    struct thread_ctx replica_ctx;
    struct thread_ctx main_ctx; /* of the main thread */
    bool hangs;                 /* a thread hung at the last check of the watchdog */
    uint64_t trimmed_at;        /* requests so far when api_release_memory last released memory */
    uint64_t store_version;     /* at the last tick */
    size_t listeners;
    struct http_server *http[CONF_ADDRS_MAX];
    struct thread_ctx http_ctxs[CONF_ADDRS_MAX];
};

static void api_warn_of_overlap(void *context, const struct overlap *overlap)
{
    (void)context;
    log_warning("%s and %s share registers of %s in unit %lld: the configuration now has another "
                "address for the local Modbus server",
                overlap->owner, overlap->other, overlap->table, (long long)overlap->unit);
}

/* Register ranges depend on the address and the units of the local Modbus server, orphaned ones on
 * the name of this gateway. */
static bool api_apply_settings(struct store *store, const struct common_settings *common)
{
    struct arena arena = {0};
    bool ok = store_begin(store);
    if (ok && register_ranges_follow_settings(store, &arena, common))
        register_ranges_each_overlap(store, &arena, OVERLAPS_OF_ALL, 0, api_warn_of_overlap, NULL);
    if (ok)
        register_ranges_follow_gateway(store, common->gateway);
    if (ok)
        config_service_trim_deletions(store);
    ok = ok && store_commit(store);
    arena_finish(&arena);
    return ok;
}

static bool api_open_store_writer(struct api *api)
{
    struct thread_ctx *writer = &api->queue_ctxs[QUEUE_STORE];
    REQUIRE(!writer->store);
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", api->settings->common.database);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        daemon_make_folder(folder);
    }
    if (!thread_ctx_open(writer, api->settings, STORE_WRITE, &api->store_shared))
        return false;
    if (!api_apply_settings(writer->store, &api->settings->common)) {
        log_error("store: %s: %s", api->settings->common.database,
                  store_failure_reason(writer->store));
        return false;
    }
    writer->counters = &api->counters;
    log_info("the store is %s", api->settings->common.database);
    if (atomic_load(&api->store_shared.read_only))
        log_warning("the store is read-only: all changes are refused until it can be written");
    return true;
}

static bool api_open_links(struct api *api, struct thread_ctx *thread_ctx)
{
    if (modbus_links_open(&thread_ctx->links, &api->settings->common,
                          (unsigned)api->settings->modbus_timeout_ms))
        return true;
    log_error("Modbus: no memory");
    return false;
}

_Static_assert(QUEUE_INLINE == 0, "the loops over queues start after it");

static bool api_start_work_queues(struct api *api)
{
    static const char *const names[QUEUE_ID_COUNT] = {
        [QUEUE_STORE] = "store", [QUEUE_MODBUS] = "modbus", [QUEUE_REPORT] = "report"};
    if (!thread_ctx_open(&api->queue_ctxs[QUEUE_MODBUS], api->settings, STORE_READ,
                         &api->store_shared) ||
        !thread_ctx_open(&api->queue_ctxs[QUEUE_REPORT], api->settings, STORE_READ,
                         &api->store_shared) ||
        !api_open_links(api, &api->queue_ctxs[QUEUE_MODBUS]))
        return false;
    for (int i = QUEUE_INLINE + 1; i < QUEUE_ID_COUNT; i++) {
        const struct work_queue_group *group = i == QUEUE_STORE ? &transaction_group : NULL;
        if (!work_queue_start(&api->queues[i], names[i], &api->queue_ctxs[i], group)) {
            log_error("cannot start the thread of the %s queue", names[i]);
            return false;
        }
    }
    return true;
}

static bool api_has_started(const void *part, const char *name)
{
    if (!part)
        log_error("cannot start the thread of %s: %s", name, strerror(errno));
    return part != NULL;
}

static bool api_start_streams(struct api *api)
{
    if (!thread_ctx_open(&api->stream_ctx, api->settings, STORE_READ, &api->store_shared) ||
        !api_open_links(api, &api->stream_ctx))
        return false;
    api->streams = stream_hub_start(&api->stream_ctx, (size_t)api->settings->max_streams);
    return api_has_started(api->streams, "streams");
}

/* Before the queues get requests, so that their threads see it. */
static bool api_start_history(struct api *api)
{
    if (!thread_ctx_open(&api->history_ctx, api->settings, STORE_READ, &api->store_shared))
        return false;
    api->history = history_start(&api->history_ctx);
    api->queue_ctxs[QUEUE_MODBUS].history = api->queue_ctxs[QUEUE_REPORT].history = api->history;
    return api_has_started(api->history, "the history");
}

/* Before the queues get requests, too: the role is stored when this returns. */
static bool api_start_replica(struct api *api)
{
    if (!thread_ctx_open(&api->replica_ctx, api->settings, STORE_READ, &api->store_shared))
        return false;
    api->replica = replica_start(&(struct replica_spec){.thread_ctx = &api->replica_ctx,
                                                        .shared = &api->store_shared,
                                                        .settings = &api->current.now});
    api->queue_ctxs[QUEUE_REPORT].replica = api->replica;
    return api_has_started(api->replica, "the gateways");
}

static bool api_start_listener(struct api *api, const struct conf_addrs *addrs, size_t which,
                               int *status)
{
    const struct net_addr *addr = &addrs->item[which];
    bool both = net_serves_both_families(addrs->item, addrs->count, which);
    char why[NET_WHY_SIZE], name[NET_TEXT_SIZE];
    struct net_addr bound = *addr;
    REQUIRE(which < addrs->count && api->listeners < CONF_ADDRS_MAX && api->streams);
    struct thread_ctx *thread_ctx = &api->http_ctxs[api->listeners];
    if (!thread_ctx_open(thread_ctx, api->settings, STORE_READ, &api->store_shared))
        return false;
    thread_ctx->streams = api->streams;
    thread_ctx->history = api->history;
    thread_ctx->replica = api->replica;
    int fd = net_listen(addr, both, why, sizeof why);
    if (fd < 0 && net_is_unavailable(errno))
        *status = DAEMON_EXIT_ADDRESS;
    if (fd >= 0) {
        bound.port = net_bound_port(fd);
        api->http[api->listeners] = http_listener_start(
            &api->service,
            &(struct http_listener){fd, thread_ctx, net_host_is_loopback(addr->host)}, why,
            sizeof why);
    }
    if (!api->http[api->listeners]) {
        log_error("%s", why);
        return false;
    }
    api->listeners++;
    net_addr_format(&bound, name);
    log_info("listening on %s (http)", name);
    return true;
}

struct api *api_start(const struct reload_source *source, int *status)
{
    const struct api_settings *settings = source->settings;
    char why[SHM_WHY_SIZE];
    struct api *api = calloc(1, sizeof *api);
    *status = DAEMON_EXIT_FAILURE;
    if (!api) {
        log_error("no memory");
        return NULL;
    }
    store_prepare_process();
    replica_fetch_prepare_process();
    cJSON_InitHooks(&(cJSON_Hooks){memory_alloc, memory_free});
    api->settings = settings;
    api->current.now = settings;
    api->reload =
        (struct reload){.source = source, .ops = &settings_reload_ops, .context = &api->current};
    api->service = (struct http_service){.settings = &api->current.now,
                                         .routes = &all_routes,
                                         .callbacks = &transaction_callbacks,
                                         .queues = api->queues,
                                         .counters = &api->counters,
                                         .pending = &api->pending};
    *status = DAEMON_EXIT_CONFIG;
    if (!settings_check_serving(settings))
        goto failed;
    *status = DAEMON_EXIT_FAILURE;
    daemon_reserve_descriptors((size_t)settings->max_connections * settings->listen.count +
                               OTHER_DESCRIPTORS);
    daemon_make_folder(settings->common.runtime_dir);
    if (!counters_open_writer(&api->counters, &api_counters, settings->common.runtime_dir, why,
                              sizeof why))
        log_warning("counters: %s", why);
    if (!daemon_info_open_writer(&api->daemon_info, "api", settings->common.runtime_dir, why,
                                 sizeof why))
        log_warning("%s", why);
    if (!api_open_store_writer(api) || !api_start_work_queues(api) || !api_start_streams(api) ||
        !api_start_history(api) || !api_start_replica(api) ||
        !thread_ctx_open(&api->main_ctx, api->settings, STORE_READ, &api->store_shared))
        goto failed;
    for (size_t i = 0; i < settings->listen.count; i++) {
        if (!api_start_listener(api, &settings->listen, i, status))
            goto failed;
    }
    return api;
failed:
    api_stop(api);
    return NULL;
}

/* Reports the number of devices and tags, and the state of mqttd, to the service manager. */
static void api_report_status(struct api *api)
{
    struct record_filter all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    struct store *store = api->main_ctx.store;
    live_view_refresh(&api->main_ctx.live);
    if (!store_begin(store))
        return;
    unsigned long long devices = (unsigned long long)record_store_count_devices(store, &all);
    unsigned long long tags = (unsigned long long)record_store_count_tags(store, &all);
    if (store_commit(store))
        daemon_notify_status("%llu device%s, %llu tag%s, mqttd is %s", devices,
                             plural_suffix(devices), tags, plural_suffix(tags),
                             live_view_is_alive(&api->main_ctx.live) ? "up" : "down");
}

/* True when a thread has worked on one request for `limit_ms`, the watchdog's period, or longer.
 * Queues that run large imports and exports may take ten times as long. */
static bool api_any_thread_hangs(const struct api *api, uint64_t limit_ms)
{
    static const unsigned times[QUEUE_ID_COUNT] = {
        [QUEUE_STORE] = 10, [QUEUE_MODBUS] = 1, [QUEUE_REPORT] = 10};
    bool hangs = thread_ctx_hangs(&api->stream_ctx, limit_ms) ||
                 thread_ctx_hangs(&api->history_ctx, limit_ms);
    for (int i = QUEUE_INLINE + 1; i < QUEUE_ID_COUNT; i++)
        hangs |= thread_ctx_hangs(&api->queue_ctxs[i], limit_ms * times[i]);
    for (size_t i = 0; i < api->listeners; i++)
        hangs |= thread_ctx_hangs(&api->http_ctxs[i], limit_ms) ||
                 http_listener_hangs(api->http[i], limit_ms);
    return hangs;
}

/* The main thread never blocks for long, so it feeds the watchdog for the threads that serve. */
static void api_feed_watchdog(struct api *api)
{
    uint64_t patience_ms = daemon_watchdog_ms();
    bool hangs = patience_ms > 0 && api_any_thread_hangs(api, patience_ms);
    if (hangs && !api->hangs)
        log_error("a request does not end; the watchdog is not fed until it ends");
    api->hangs = hangs;
    if (!hangs)
        daemon_feed_watchdog();
}

/* Returns the memory to the system that requests since the last call have freed. Each thread has a
 * heap of its own, which keeps the space of its largest answer; a limit for that, such as
 * M_TRIM_THRESHOLD, would cost a third more processor time for each page of a thousand values. */
static void api_release_memory(struct api *api)
{
    uint64_t requests = counters_get(&api->counters, API_REQUESTS);
    if (requests != api->trimmed_at)
        malloc_trim(0);
    api->trimmed_at = requests;
}

/* Wakes the threads that record the history and follow other gateways, which sleep while nothing
 * changes. A store that has changed may have another role. */
static void api_wake_threads(struct api *api)
{
    struct live_view *live = &api->main_ctx.live;
    uint64_t version = store_read_version(api->main_ctx.store);
    if (version == 0 || version != api->store_version)
        replica_look(api->replica);
    api->store_version = version;
    live->looked_ms = 0; /* look for its files now: the next tick is a second away */
    live_view_refresh(live);
    history_tick(api->history, live, version);
}

void api_run(struct api *api, int signals)
{
    REQUIRE(api->listeners > 0 && signals >= 0);
    unsigned ticks = 0;
    struct pollfd poll_fd = {.fd = signals, .events = POLLIN};
    for (;;) {
        poll(&poll_fd, 1, TICK_MS);
        api_feed_watchdog(api);
        counters_repair_file(&api->counters);
        daemon_info_refresh(&api->daemon_info, -1);
        api_wake_threads(api);
        if (ticks++ % STATUS_TICKS == 0) {
            api_report_status(api);
            api_release_memory(api);
        }
        int number;
        while ((number = daemon_read_signal(signals)) != 0) {
            if (number == SIGTERM || number == SIGINT)
                return;
            if (number == SIGHUP && reload_run(&api->reload))
                replica_look(api->replica);
        }
    }
}

void api_stop(struct api *api)
{
    if (!api)
        return;
    for (size_t i = 0; i < api->listeners; i++)
        http_listener_quiesce(api->http[i], GRACE_MS);
    for (int i = 0; i < QUEUE_ID_COUNT; i++)
        work_queue_stop(&api->queues[i]);
    for (size_t i = 0; i < api->listeners; i++)
        http_listener_quiesce(api->http[i], GRACE_MS);
    if (api->streams)
        stream_hub_end_all(api->streams);
    for (size_t i = 0; i < CONF_ADDRS_MAX; i++) {
        http_listener_stop(api->http[i]);
        thread_ctx_close(&api->http_ctxs[i]);
    }
    stream_hub_stop(api->streams);
    history_stop(api->history);
    replica_stop(api->replica);
    thread_ctx_close(&api->stream_ctx);
    thread_ctx_close(&api->history_ctx);
    thread_ctx_close(&api->replica_ctx);
    thread_ctx_close(&api->main_ctx);
    for (int i = 0; i < QUEUE_ID_COUNT; i++) {
        if (i != QUEUE_STORE)
            thread_ctx_close(&api->queue_ctxs[i]);
    }
    thread_ctx_close(
        &api->queue_ctxs[QUEUE_STORE]); /* the writer last: closing it completes the store's file */
    daemon_info_close(&api->daemon_info);
    counters_close(&api->counters);
    tls_finish();
    reload_finish(&api->reload);
    free(api);
}
