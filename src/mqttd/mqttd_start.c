/* Wires the parts of tagferry-mqttd together: hooks of the broker, start and end. */
#include "mqttd/mqttd_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "mqttd/config/suback_errors.h"

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

void mqttd_write_status(const struct mqttd *d, const char *status, char text[MQTTD_STATUS_SIZE])
{
    snprintf(text, MQTTD_STATUS_SIZE,
             "{\"status\": \"%s\", \"version\": \"" TAGFERRY_VERSION
             "\", \"devices\": %zu, \"tags\": %zu}",
             status, d->plant.device_count, d->plant.tag_count);
}

/* Tells whoever listens that the values flow again. */
static void give_birth(struct mqttd *d)
{
    char text[MQTTD_STATUS_SIZE];
    mqttd_write_status(d, "online", text);
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
    mqttd_write_status(d, "offline", d->will);
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

bool mqttd_start(struct mqttd *d)
{
    return open_shared(d) && open_events(d) && start_plant(d) && start_subscriber(d) &&
           start_commands(d) && start_loader(d);
}

void mqttd_finish(struct mqttd *d)
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
