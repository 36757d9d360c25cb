/* Puts the parts together, in the order in which they depend on each other. */
#include "api/api.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "api/base/request_memory.h"
#include "api/handler/handler.h"
#include "api/http/http_listener.h"
#include "api/http/tls.h"
#include "api/http/work_queue.h"
#include "api/monitor/stream.h"
#include "api/resources/register_ranges.h"
#include "api/routes.h"
#include "common/base/daemon.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/modbus/modbus_client.h"
#include "common/shared/counters.h"
#include "common/store/db.h"

/* Descriptors beyond those of HTTP clients: store, links, files of the other daemons, connections
 * beyond the limits. */
enum { OTHER_DESCRIPTORS = 256 };

enum { GRACE_MS = 800, TICK_MS = 1000, STATUS_TICKS = 10 };

struct api {
    const struct api_settings *settings; /* as they were at the start */
    struct reload reload;
    struct counters counters;
    struct store_news news;
    struct http_service service;
    atomic_size_t pending; /* see there */
    struct lane_thread lanes[LANE_COUNT];
    struct worker lane_workers[LANE_COUNT];
    struct worker stream_worker;
    struct worker own_worker; /* of the main thread */
    bool hangs;
    size_t listeners;
    struct http *http[CONF_ADDRS_MAX];
    struct worker http_workers[CONF_ADDRS_MAX];
};

static void warn_of_overlap(void *context, const struct overlap *overlap)
{
    (void)context;
    log_warning("%s and %s share registers of %s in unit %lld: the local Modbus server's address "
                "has changed in the configuration",
                overlap->owner, overlap->other, overlap->table, (long long)overlap->unit);
}

/* Spans depend on which server is the local one, and on its units. */
static bool follow_settings(struct store *store, const struct common_settings *common)
{
    struct arena arena = {0};
    bool ok = store_begin(store);
    if (ok && spans_follow_settings(store, &arena, common))
        spans_overlaps(store, &arena, warn_of_overlap, NULL);
    if (ok)
        registry_forget(store);
    ok = ok && store_commit(store);
    arena_finish(&arena);
    return ok;
}

static bool open_worker(struct api *api, struct worker *worker, enum store_mode mode)
{
    char why[DB_WHY_SIZE];
    worker->settings = api->settings;
    worker->live.directory = api->settings->common.runtime_dir;
    worker->store = store_open(api->settings->common.database, mode, why, sizeof why);
    if (!worker->store)
        log_error("store: %s", why);
    if (worker->store)
        store_share(worker->store, &api->news);
    return worker->store != NULL;
}

static void close_worker(struct worker *worker)
{
    store_close(worker->store);
    live_view_close(&worker->live);
    answers_finish(&worker->answers);
    page_cache_finish(&worker->pages);
    for (size_t i = 0; i < LINK_COUNT; i++)
        modbus_link_destroy(worker->links[i]);
    *worker = (struct worker){0};
}

static bool open_links(struct worker *worker)
{
    const struct common_settings *common = &worker->settings->common;
    const struct net_addr *addrs[LINK_COUNT] = {[LINK_SCADA] = &common->modbus,
                                                [LINK_INPUTS] = &common->modbus_inputs,
                                                [LINK_OUTPUTS] = &common->modbus_outputs};
    for (size_t i = 0; i < LINK_COUNT; i++) {
        worker->links[i] =
            modbus_link_create(addrs[i], (unsigned)worker->settings->modbus_timeout_ms);
        if (!worker->links[i])
            return false;
        /* A write on the SCADA side is a command: carried out twice it is published twice. On the
         * process side it says what the register holds, however often. */
        modbus_link_set_repeat(worker->links[i],
                               i == LINK_SCADA ? LINK_REPEAT_READS : LINK_REPEAT_ALL);
    }
    return true;
}

static bool open_store(struct api *api)
{
    struct worker *writer = &api->lane_workers[LANE_STORE];
    char folder[4096];
    snprintf(folder, sizeof folder, "%s", api->settings->common.database);
    char *slash = strrchr(folder, '/');
    if (slash && slash != folder) {
        *slash = '\0';
        daemon_make_dir(folder);
    }
    if (!open_worker(api, writer, STORE_WRITE))
        return false;
    if (!follow_settings(writer->store, &api->settings->common)) {
        log_error("store: %s: %s", api->settings->common.database, store_reason(writer->store));
        return false;
    }
    writer->counters = &api->counters;
    log_info("the store is %s", api->settings->common.database);
    if (atomic_load(&api->news.read_only))
        log_warning("the store may only be read: until it can be written, every change is refused");
    return true;
}

static bool start_lanes(struct api *api)
{
    static const char *const names[LANE_COUNT] = {
        [LANE_STORE] = "store", [LANE_MODBUS] = "modbus", [LANE_REPORT] = "report"};
    if (!open_worker(api, &api->lane_workers[LANE_MODBUS], STORE_READ) ||
        !open_worker(api, &api->lane_workers[LANE_REPORT], STORE_READ) ||
        !open_links(&api->lane_workers[LANE_MODBUS]))
        return false;
    for (int i = LANE_INLINE + 1; i < LANE_COUNT; i++) {
        const struct lane_group *group = i == LANE_STORE ? &store_group : NULL;
        if (!lane_start(&api->lanes[i], names[i], &api->lane_workers[i], group)) {
            log_error("cannot start the thread of the %s lane", names[i]);
            return false;
        }
    }
    return true;
}

static bool start_streams(struct api *api)
{
    if (!open_worker(api, &api->stream_worker, STORE_READ) || !open_links(&api->stream_worker))
        return false;
    api->service.streams = stream_start(&api->stream_worker, (size_t)api->settings->max_streams);
    return api->service.streams != NULL;
}

static bool start_listener(struct api *api, const struct conf_addrs *addrs, size_t which,
                           int *status)
{
    const struct net_addr *addr = &addrs->item[which];
    bool both = net_serves_both(addrs->item, addrs->count, which);
    char why[NET_WHY_SIZE], name[NET_TEXT_SIZE];
    struct net_addr bound = *addr;
    struct worker *worker = &api->http_workers[api->listeners];
    if (!open_worker(api, worker, STORE_READ))
        return false;
    int fd = net_listen(addr, both, why, sizeof why);
    if (fd < 0 && net_is_unavailable(errno))
        *status = DAEMON_EXIT_ADDRESS;
    if (fd >= 0) {
        bound.port = net_bound_port(fd);
        api->http[api->listeners] = http_start(
            &api->service, &(struct http_listener){fd, worker, net_host_is_loopback(addr->host)},
            why, sizeof why);
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

static void open_counters(struct api *api)
{
    char why[SHM_WHY_SIZE];
    if (!counters_open_writer(&api->counters, &api_counters, api->settings->common.runtime_dir, why,
                              sizeof why))
        log_warning("counters: %s", why);
}

struct api *api_start(const struct api_source *source, int *status)
{
    const struct api_settings *settings = source->settings;
    struct api *api = calloc(1, sizeof *api);
    *status = DAEMON_EXIT_FAILURE;
    if (!api) {
        log_error("no memory");
        return NULL;
    }
    records_open();
    cJSON_InitHooks(&(cJSON_Hooks){memory_alloc, memory_free});
    api->settings = settings;
    api->reload.source = source;
    api->reload.now = settings;
    api->service = (struct http_service){.settings = &api->reload.now,
                                         .routes = &routes,
                                         .lanes = api->lanes,
                                         .counters = &api->counters,
                                         .pending = &api->pending};
    *status = DAEMON_EXIT_CONFIG;
    if (!settings_serve(settings))
        goto failed;
    *status = DAEMON_EXIT_FAILURE;
    daemon_want_descriptors((size_t)settings->max_connections * settings->listen.count +
                            OTHER_DESCRIPTORS);
    daemon_make_dir(settings->common.runtime_dir);
    open_counters(api);
    if (!open_store(api) || !start_lanes(api) || !start_streams(api) ||
        !open_worker(api, &api->own_worker, STORE_READ))
        goto failed;
    for (size_t i = 0; i < settings->listen.count; i++) {
        if (!start_listener(api, &settings->listen, i, status))
            goto failed;
    }
    return api;
failed:
    api_stop(api);
    return NULL;
}

/* Tells the service manager what is served. */
static void tell_status(struct api *api)
{
    struct list all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    struct store *store = api->own_worker.store;
    live_view_refresh(&api->own_worker.live);
    if (!store_begin(store))
        return;
    unsigned long long devices = (unsigned long long)devices_count(store, &all);
    unsigned long long tags = (unsigned long long)tags_count(store, &all);
    if (store_commit(store))
        daemon_status("%llu device%s, %llu tag%s, mqttd is %s", devices, plural(devices), tags,
                      plural(tags), live_view_is_alive(&api->own_worker.live) ? "up" : "down");
}

/* Whether a thread has been at one request for as long as the service manager has patience. A large
 * import or export is given more. */
static bool any_hangs(const struct api *api, uint64_t limit_ms)
{
    static const unsigned times[LANE_COUNT] = {
        [LANE_STORE] = 10, [LANE_MODBUS] = 1, [LANE_REPORT] = 10};
    bool hangs = worker_hangs(&api->stream_worker, limit_ms);
    for (int i = LANE_INLINE + 1; i < LANE_COUNT; i++)
        hangs |= worker_hangs(&api->lane_workers[i], limit_ms * times[i]);
    for (size_t i = 0; i < api->listeners; i++)
        hangs |=
            worker_hangs(&api->http_workers[i], limit_ms) || http_hangs(api->http[i], limit_ms);
    return hangs;
}

/* This thread is never the one that hangs, so it feeds the watchdog for those that serve. */
static void feed_watchdog(struct api *api)
{
    uint64_t patience_ms = daemon_watchdog_ms();
    bool hangs = patience_ms > 0 && any_hangs(api, patience_ms);
    if (hangs && !api->hangs)
        log_error("a request does not end; the watchdog is not fed until it does");
    api->hangs = hangs;
    if (!hangs)
        daemon_alive();
}

void api_run(struct api *api, int signals)
{
    unsigned ticks = 0;
    struct pollfd poll_fd = {.fd = signals, .events = POLLIN};
    for (;;) {
        poll(&poll_fd, 1, TICK_MS);
        feed_watchdog(api);
        counters_keep(&api->counters);
        if (ticks++ % STATUS_TICKS == 0)
            tell_status(api);
        int number;
        while ((number = daemon_next_signal(signals)) != 0) {
            if (number == SIGTERM || number == SIGINT)
                return;
            if (number == SIGHUP)
                reload_run(&api->reload);
        }
    }
}

void api_stop(struct api *api)
{
    if (!api)
        return;
    for (size_t i = 0; i < api->listeners; i++)
        http_quiesce(api->http[i], GRACE_MS);
    for (int i = 0; i < LANE_COUNT; i++)
        lane_stop(&api->lanes[i]);
    for (size_t i = 0; i < api->listeners; i++)
        http_quiesce(api->http[i], GRACE_MS);
    if (api->service.streams)
        stream_end_all(api->service.streams);
    for (size_t i = 0; i < CONF_ADDRS_MAX; i++) {
        http_stop(api->http[i]);
        close_worker(&api->http_workers[i]);
    }
    stream_stop(api->service.streams);
    close_worker(&api->stream_worker);
    close_worker(&api->own_worker);
    for (int i = 0; i < LANE_COUNT; i++) {
        if (i != LANE_STORE)
            close_worker(&api->lane_workers[i]);
    }
    close_worker(&api->lane_workers[LANE_STORE]); /* the writer last: it settles the store */
    counters_close(&api->counters);
    tls_finish();
    reload_finish(&api->reload);
    free(api);
}
