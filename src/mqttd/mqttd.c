/* Wires tagferry-mqttd together and runs the MQTT thread: broker, reloads, SCADA's writes, the
 * beat of each second. */
#include "mqttd/mqttd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/counters.h"
#include "common/daemon.h"
#include "common/explain.h"
#include "common/live.h"
#include "common/log.h"
#include "common/plural.h"
#include "mqttd/claims.h"
#include "mqttd/commands.h"
#include "mqttd/flow.h"
#include "mqttd/json_pool.h"
#include "mqttd/leftovers.h"
#include "mqttd/loader.h"
#include "mqttd/options.h"
#include "mqttd/plant.h"
#include "mqttd/reader.h"
#include "mqttd/refusals.h"
#include "mqttd/report.h"
#include "mqttd/rewrite.h"
#include "mqttd/session.h"
#include "mqttd/shortage.h"
#include "mqttd/status.h"
#include "mqttd/subscriber.h"
#include "mqttd/targets.h"
#include "mqttd/watch.h"

enum { BEAT_MS = 1000, STATUS_SIZE = 160 };
enum { EVENT_SIGNAL, EVENT_NOTICE, EVENT_BROKER };

struct configuration {
    struct conf conf; /* holds the texts that the settings point to */
    struct mqttd_settings settings;
};

struct mqttd {
    const struct daemon_spec *spec;
    int argc;
    char **argv;
    const struct conf *conf; /* of the start, as what follows */
    const struct mqttd_settings *settings;
    struct configuration *newest; /* of a SIGHUP; NULL: there was none */
    struct counters counters;
    struct live live;
    struct explain explain;
    struct targets targets;
    struct plant plant;
    struct flow flow;
    struct leftovers leftovers;
    struct status status;
    struct subscriber *subscriber;
    struct watch *watch;
    struct reader *reader;
    struct commands *commands;
    struct loader *loader;
    struct session session;
    char status_topic[SESSION_TOPIC_SIZE]; /* where the birth and the will go */
    char will[STATUS_SIZE];
    int epoll_fd, notice_fd, signal_fd;
    uint64_t beat_ms;    /* when the next one is due, steady clock */
    struct reload *held; /* a reload that the live table has no room for yet */
    uint64_t held_until_ms;
    struct report report;
    struct shortage shortage;
    bool hands_back; /* messages that the broker has to give again */
    bool stop;
    char why[CONF_WHY_SIZE + SHM_WHY_SIZE];
};

/* The broker. */

static void on_message(void *context, const struct subscriber_message *message)
{
    struct mqttd *d = context;
    const char *topic = message->topic;
    if (d->hands_back && message->qos > 0)
        return;
    size_t feeds = flow_message(&d->flow, message);
    if (d->flow.is_short) {
        shortage_note(&d->shortage, "a message");
        counters_add(&d->counters, MQTTD_MESSAGES_LOST, message->qos == 0);
        d->hands_back |= message->qos > 0;
    }
    if (feeds > 0)
        return;
    /* A kept session may still have topics that were given up while mqttd was away. */
    log_debug("nobody wants %s", topic);
    subscriber_unsubscribe(d->subscriber, &topic, 1);
}

static enum subscribe_result subscribe(void *context, const char *const *filters, size_t count,
                                       int qos, bool retained, int *number)
{
    const struct mqttd *d = context;
    return subscriber_subscribe(d->subscriber, filters, count, qos, retained, number);
}

static void unsubscribe(void *context, const char *const *filters, size_t count)
{
    const struct mqttd *d = context;
    subscriber_unsubscribe(d->subscriber, filters, count);
}

static void on_subscription(void *context, const char *filter, enum fault fault)
{
    struct mqttd *d = context;
    refusals_note(&d->live, d->plant.match, filter, fault);
}

static void on_suback(void *context, int number, const int *codes, size_t count)
{
    struct mqttd *d = context;
    subscriptions_answered(d->plant.subscriptions, number, codes, count, clock_steady_ms());
}

static void write_status(const struct mqttd *d, const char *status, char text[STATUS_SIZE])
{
    snprintf(text, STATUS_SIZE,
             "{\"status\": \"%s\", \"version\": \"" TAGFERRY_VERSION
             "\", \"devices\": %zu, \"tags\": %zu}",
             status, d->plant.device_count, d->plant.tag_count);
}

/* Tells whoever listens that the values flow again. */
static void give_birth(struct mqttd *d)
{
    char text[STATUS_SIZE];
    write_status(d, "online", text);
    subscriber_announce(d->subscriber, text);
}

static void on_connected(void *context, bool kept, const struct subscription_limits *limits)
{
    struct mqttd *d = context;
    (void)kept;
    counters_add(&d->counters, MQTTD_CONNECTS, 1);
    report_broker(&d->report, subscriber_link(d->subscriber));
    d->flow.connected_ms = clock_steady_ms();
    subscriptions_connected(d->plant.subscriptions, limits, clock_steady_ms());
    leftovers_tell(&d->leftovers, d->plant.subscriptions, unsubscribe, d);
    give_birth(d);
}

static bool on_lost(void *context, bool by_broker)
{
    struct mqttd *d = context;
    report_broker(&d->report, subscriber_link(d->subscriber));
    return subscriptions_lost(d->plant.subscriptions, by_broker, clock_steady_ms());
}

static void on_published(void *context, int number, const char *refusal)
{
    struct mqttd *d = context;
    commands_published(d->commands, number, refusal);
}

/* Starting. */

static bool open_shared(struct mqttd *d)
{
    const char *dir = d->settings->common.runtime_dir;
    if (!daemon_make_dir(dir)) {
        snprintf(d->why, sizeof d->why, "%s: %s", dir, strerror(errno));
        return false;
    }
    return counters_open_writer(&d->counters, &mqttd_counters, dir, d->why, sizeof d->why) &&
           explain_open_writer(&d->explain, dir, d->why, sizeof d->why) &&
           live_open_writer(&d->live, dir, d->why, sizeof d->why);
}

static bool open_events(struct mqttd *d)
{
    struct epoll_event on_signal = {.events = EPOLLIN, .data.u64 = EVENT_SIGNAL};
    struct epoll_event on_notice = {.events = EPOLLIN, .data.u64 = EVENT_NOTICE};
    d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    d->notice_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (d->epoll_fd >= 0 && d->notice_fd >= 0 &&
        epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->signal_fd, &on_signal) == 0 &&
        epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->notice_fd, &on_notice) == 0)
        return true;
    snprintf(d->why, sizeof d->why, "cannot wait for events: %s", strerror(errno));
    return false;
}

static bool start_plant(struct mqttd *d)
{
    const struct common_settings *common = &d->settings->common;
    const struct target_spec local = {.local = true,
                                      .outputs = common->modbus_outputs,
                                      .inputs = common->modbus_inputs,
                                      .digest = target_digest(NULL, 0),
                                      .first_unit = common->units.id[0],
                                      .timeout_ms = (unsigned)d->settings->modbus_timeout_ms,
                                      .notify_fd = d->notice_fd,
                                      .live = &d->live,
                                      .counters = &d->counters};
    if (!targets_init(&d->targets, &local) || !plant_init(&d->plant, &d->live, &d->targets)) {
        snprintf(d->why, sizeof d->why, "cannot start: %s", strerror(errno));
        return false;
    }
    d->shortage.counters = &d->counters;
    d->flow = (struct flow){.plant = &d->plant,
                            .counters = &d->counters,
                            .explain = &d->explain,
                            .max_payload = (size_t)d->settings->max_payload};
    leftovers_init(&d->leftovers, common->runtime_dir);
    d->report = (struct report){.live = &d->live, .counters = &d->counters};
    d->status = (struct status){.plant = &d->plant, .gateway = d->settings->gateway_status};
    return true;
}

static bool start_subscriber(struct mqttd *d)
{
    const struct subscriber_hooks hooks = {.context = d,
                                           .message = on_message,
                                           .connected = on_connected,
                                           .lost = on_lost,
                                           .suback = on_suback,
                                           .published = on_published};
    if (!session_read(&d->session, d->settings, d->why, sizeof d->why))
        return false;
    session_status_topic(d->settings, d->status_topic);
    write_status(d, "offline", d->will);
    const struct subscriber_options options =
        session_options(&d->session, d->status_topic, d->will);
    const struct subscriptions_hooks asking = {.context = d,
                                               .subscribe = subscribe,
                                               .unsubscribe = unsubscribe,
                                               .changed = on_subscription,
                                               .reason = subscriber_suback_reason};
    subscriptions_set_hooks(d->plant.subscriptions, &asking);
    d->subscriber = subscriber_create(&options, &hooks, d->why, sizeof d->why);
    return d->subscriber != NULL;
}

static bool start_commands(struct mqttd *d)
{
    const struct common_settings *common = &d->settings->common;
    d->watch = watch_create(common->runtime_dir, d->notice_fd, &d->counters, d->why, sizeof d->why);
    if (!d->watch)
        return false;
    d->reader = reader_create(&common->modbus_outputs, (unsigned)d->settings->modbus_timeout_ms,
                              d->notice_fd);
    const struct commands_spec spec = {.plant = &d->plant,
                                       .subscriber = d->subscriber,
                                       .watch = d->watch,
                                       .reader = d->reader,
                                       .counters = &d->counters,
                                       .shortage = &d->shortage};
    d->commands = d->reader ? commands_create(&spec) : NULL;
    if (!d->commands)
        snprintf(d->why, sizeof d->why, "cannot start: %s", strerror(errno));
    return d->commands != NULL;
}

static bool start_loader(struct mqttd *d)
{
    const struct common_settings *common = &d->settings->common;
    const struct loader_spec spec = {.database = common->database,
                                     .place = {.local = &common->modbus,
                                               .first_unit = common->units.id[0],
                                               .units = &common->units},
                                     .notify_fd = d->notice_fd,
                                     .zeroed_until = (int64_t)live_state(&d->live).revision};
    d->loader = loader_create(&spec, d->why, sizeof d->why);
    return d->loader != NULL;
}

static bool start(struct mqttd *d)
{
    return open_shared(d) && open_events(d) && start_plant(d) && start_subscriber(d) &&
           start_commands(d) && start_loader(d);
}

static void free_configuration(struct configuration *configuration)
{
    if (configuration)
        conf_finish(&configuration->conf);
    free(configuration);
}

static void finish(struct mqttd *d)
{
    reload_free(d->held);
    loader_destroy(d->loader);
    watch_destroy(d->watch);
    reader_destroy(d->reader);
    subscriber_destroy(d->subscriber);
    commands_destroy(d->commands);
    targets_finish(&d->targets);
    plant_finish(&d->plant);
    flow_finish(&d->flow);
    leftovers_finish(&d->leftovers);
    free_configuration(d->newest);
    if (d->live.rows.base)
        live_set_broker(&d->live, &(struct live_broker){.reason = BROKER_LOST,
                                                        .wall_ms = clock_wall_ms(),
                                                        .steady_ms = clock_steady_ms()});
    live_close(&d->live);
    explain_close(&d->explain);
    counters_close(&d->counters);
    if (d->notice_fd >= 0)
        close(d->notice_fd);
    if (d->epoll_fd >= 0)
        close(d->epoll_fd);
}

/* The loop. */

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
        write_status(d, "offline", d->will);
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
    if (d->signal_fd < 0 || !start(d)) {
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
    finish(d);
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
