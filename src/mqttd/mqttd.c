/* Runs the MQTT thread of tagferry-mqttd: broker, reloads, SCADA's writes, the beat of each
 * second. */
#include "mqttd/mqttd.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "mqttd/config/row_claims.h"
#include "mqttd/config/value_rewrite.h"
#include "mqttd/ingest/json_pool.h"
#include "mqttd/mqttd_internal.h"

enum { BEAT_MS = 1000 };

static void free_configuration(struct configuration *configuration)
{
    if (configuration)
        conf_finish(&configuration->conf);
    free(configuration);
}

/* The next one that can be applied. What has no room holds up those behind it, and what is in
 * service goes on. */
static struct reload *next_reload(struct mqttd *d)
{
    uint64_t now = clock_steady_ms();
    bool again = d->held != NULL;
    struct reload *reload = d->held;
    if (again ? now < d->held_until_ms : !(reload = loader_take(d->loader)))
        return NULL;
    d->held = NULL;
    bool has_room = claims_make_room(&d->plant, reload);
    if (has_room && plant_prepare(&d->plant, reload)) {
        if (again)
            log_info("there is room for the new configuration again");
        return reload;
    }
    if (has_room)
        shortage_note(&d->shortage, "the new configuration, which has to wait");
    else if (!again)
        log_error("no room in the live table, the new configuration has to wait: %s",
                  strerror(errno));
    d->held = reload;
    d->held_until_ms = now + BEAT_MS;
    return NULL;
}

static void apply_reloads(struct mqttd *d)
{
    for (struct reload *reload; (reload = next_reload(d)); reload_free(reload)) {
        size_t devices = reload->change_count, tags = reload->tag_count;
        long long revision = (long long)reload->revision;
        bool first = !d->plant.loaded;
        plant_apply(&d->plant, reload);
        counters_add(&d->counters, MQTTD_RELOADS, 1);
        counters_set(&d->counters, MQTTD_DEVICES, d->plant.device_count);
        counters_set(&d->counters, MQTTD_TAGS, d->plant.tag_count);
        mqttd_write_status(d, "offline", d->will);
        if (first)
            status_refresh(&d->status, false);
        subscriptions_update(d->plant.subscriptions, clock_steady_ms());
        d->leftovers.dirty = true;
        log_info("%s %zu device%s and %zu tag%s, revision %lld", first ? "loaded" : "reloaded",
                 devices, plural(devices), tags, plural(tags), revision);
    }
}

/* Nothing is heard before the devices are known, or its values would be lost. */
static void run_broker(struct mqttd *d)
{
    if (!d->plant.loaded)
        return;
    subscriber_tick(d->subscriber);
    if (subscriber_is_connected(d->subscriber))
        commands_run(d->commands);
    subscriber_flush(d->subscriber);
    report_broker(&d->report, subscriber_link(d->subscriber));
    subscriber_watch(d->subscriber, d->epoll_fd, EVENT_BROKER);
}

static enum live_condition condition(const struct mqttd *d)
{
    if (d->held)
        return LIVE_WITHOUT_ROOM;
    if (d->plant.loaded)
        return LIVE_SERVING;
    return loader_is_waiting(d->loader) ? LIVE_WAITING_FOR_STORE : LIVE_READING_STORE;
}

/* Ready is who serves, or can say what it waits for. */
static void tell_others(struct mqttd *d)
{
    enum live_condition now = condition(d);
    bool ready = now == LIVE_SERVING ? subscriber_is_connected(d->subscriber) ||
                                           subscriber_has_failed(d->subscriber)
                                     : now != LIVE_READING_STORE;
    report_condition(&d->report, now, ready, d->plant.device_count, d->plant.tag_count);
}

static void count_queue(struct mqttd *d, uint64_t now)
{
    struct target_wait wait = targets_wait(&d->targets);
    bool waits = wait.values > 0 && now > wait.since_ms;
    counters_set(&d->counters, MQTTD_QUEUE_VALUES, wait.values);
    counters_set(&d->counters, MQTTD_QUEUE_AGE_MS, waits ? now - wait.since_ms : 0);
}

/* Restores the shared files when they were cut short or removed. */
static void keep_files(struct mqttd *d)
{
    counters_keep(&d->counters);
    explain_keep(&d->explain);
    watch_keep(d->watch);
    if (live_keep(&d->live))
        plant_restore(&d->plant);
}

static void beat(struct mqttd *d)
{
    uint64_t now = clock_steady_ms();
    if (now < d->beat_ms)
        return;
    d->beat_ms = now + BEAT_MS;
    keep_files(d);
    live_heartbeat(&d->live, now);
    count_queue(d, now);
    live_set_modbusd_down(&d->live, target_is_down(targets_local(&d->targets)));
    targets_reap(&d->targets);
    if (plant_make_up(&d->plant))
        shortage_note(&d->shortage, "what goes to Modbus servers");
    plant_note_zeroed(&d->plant);
    subscriptions_update(d->plant.subscriptions, now);
    if (d->plant.loaded)
        status_refresh(&d->status, broker_link_is_up(subscriber_link(d->subscriber)));
    /* Before the first connection the file still names what the last session had. */
    if (!d->leftovers.text)
        leftovers_save(&d->leftovers, d->plant.subscriptions);
    tell_others(d);
    daemon_alive();
}

static int sooner(int wait, int due)
{
    return due >= 0 && due < wait ? due : wait;
}

static int patience_ms(const struct mqttd *d)
{
    uint64_t now = clock_steady_ms();
    int wait = d->beat_ms > now ? (int)(d->beat_ms - now) : 0;
    if (!d->plant.loaded)
        return wait;
    wait = sooner(wait, subscriber_due_ms(d->subscriber));
    return subscriber_is_connected(d->subscriber) ? sooner(wait, commands_due_ms(d->commands))
                                                  : wait;
}

/* Sets all that may change while the daemon runs. */
static void apply(struct mqttd *d, const struct session *session)
{
    const struct mqttd_settings *settings = session->settings;
    bool changed = session->digest != d->session.digest;
    d->flow.max_payload = (size_t)settings->max_payload;
    d->status.gateway = settings->gateway_status;
    d->session = *session;
    const struct subscriber_options options =
        session_options(&d->session, d->status_topic, d->will);
    subscriptions_retry_all(d->plant.subscriptions);
    subscriber_change(d->subscriber, &options, changed);
    subscriptions_update(d->plant.subscriptions, clock_steady_ms());
}

/* The settings of the start, with those that may change taken from the file. */
static bool read_again(struct mqttd *d, struct configuration *newer, struct session *session)
{
    const struct conf *old = d->newest ? &d->newest->conf : d->conf;
    if (!daemon_reconfigure(d->spec, d->argc, d->argv, old, &newer->conf, &newer->settings))
        return false;
    newer->settings = *d->settings;
    conf_apply_reload(&newer->conf, &newer->settings);
    if (session_read(session, &newer->settings, d->why, sizeof d->why))
        return true;
    log_error("%s", d->why);
    return false;
}

/* On SIGHUP. A configuration with a fault changes nothing. */
static void reload(struct mqttd *d)
{
    struct configuration *newer = calloc(1, sizeof *newer);
    struct session session;
    if (!newer) {
        shortage_note(&d->shortage, "the configuration, which is not reloaded");
        return;
    }
    if (!read_again(d, newer, &session)) {
        log_open((enum log_level)d->session.settings->common.log_level);
        log_error("configuration not reloaded: it has faults, the old one stays in force");
        free_configuration(newer);
        return;
    }
    daemon_tell_restart(d->conf, &newer->conf);
    apply(d, &session);
    free_configuration(d->newest);
    d->newest = newer;
    log_info("configuration reloaded");
}

static void take_signals(struct mqttd *d)
{
    for (int number; (number = daemon_next_signal(d->signal_fd));) {
        if (number == SIGHUP)
            reload(d);
        else
            d->stop = true;
    }
}

/* For a message that there was no memory for the connection ends, and no acknowledgement leaves:
 * the broker gives it again, and those behind it. */
static void read_broker(struct mqttd *d)
{
    subscriber_read(d->subscriber);
    if (d->hands_back)
        subscriber_drop(d->subscriber, "no memory for a message, which has to come again");
    d->hands_back = false;
}

static void turn(struct mqttd *d)
{
    struct epoll_event events[4];
    uint64_t notices;
    int count = epoll_wait(d->epoll_fd, events, 4, patience_ms(d));
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == EVENT_SIGNAL)
            take_signals(d);
        else if (events[i].data.u64 == EVENT_BROKER)
            read_broker(d);
        else if (read(d->notice_fd, &notices, sizeof notices) < 0)
            log_debug("no notice after all");
    }
    targets_wake(&d->targets);
    apply_reloads(d);
    rewrite_lost(&d->plant);
    run_broker(d);
    beat(d);
    if (!d->report.ready)
        tell_others(d);
}

static int run(struct mqttd *d)
{
    int status = DAEMON_EXIT_FAILURE;
    daemon_raise_descriptors(); /* each foreign server has a connection */
    d->signal_fd = daemon_signals();
    if (d->signal_fd < 0 || !mqttd_start(d)) {
        log_error("%s", d->signal_fd < 0 ? strerror(errno) : d->why);
        goto done;
    }
    log_info("started, session \"%s\"", d->settings->client_id);
    while (!d->stop)
        turn(d);
    daemon_stopping();
    log_info("stopping");
    status = DAEMON_EXIT_OK;
done:
    mqttd_finish(d);
    free_configuration(d->newest);
    if (d->signal_fd >= 0)
        close(d->signal_fd);
    return status;
}

int mqttd_main(int argc, char **argv)
{
    const struct conf_table all[] = {common_options, mqttd_options};
    const struct daemon_spec spec = {
        .name = "tagferry-mqttd",
        .summary = "carries values between MQTT and Modbus",
        .tables = all,
        .table_count = sizeof all / sizeof all[0],
    };
    struct configuration first = {.conf = {0}};
    struct mqttd d = {.spec = &spec,
                      .argc = argc,
                      .argv = argv,
                      .conf = &first.conf,
                      .settings = &first.settings,
                      .epoll_fd = -1,
                      .notice_fd = -1};
    int operand;
    json_pool_install();
    int status = daemon_configure(&spec, argc, argv, &first.conf, &first.settings, &operand);
    if (status == DAEMON_RUN)
        status = run(&d);
    conf_finish(&first.conf);
    return status;
}
