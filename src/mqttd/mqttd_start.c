/* Starts the parts of tagferry-mqttd and connects them, and ends them. */
#include "mqttd/mqttd_internal.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/config/suback_errors.h"
#include "mqttd/sparkplug/sparkplug_nodes.h"

/* Hooks of the MQTT session and of the subscriptions. */

static enum subscribe_result mqttd_subscribe(void *context, const char *const *filters,
                                             size_t count, int qos, bool retained, int *number)
{
    const struct mqttd *d = context;
    return mqtt_session_subscribe(d->mqtt_session, filters, count, qos, retained, number);
}

static void mqttd_unsubscribe(void *context, const char *const *filters, size_t count)
{
    const struct mqttd *d = context;
    mqtt_session_unsubscribe(d->mqtt_session, filters, count);
}

static void mqttd_on_subscription(void *context, const char *filter, enum fault fault)
{
    struct mqttd *d = context;
    mirror_note_subscription(d->mirror, filter, fault, clock_steady_ms());
    suback_errors_note(&d->live, d->device_table.topic_tree, filter, fault);
}

static void mqttd_on_suback(void *context, int number, const int *codes, size_t count)
{
    struct mqttd *d = context;
    subscriptions_on_suback(d->device_table.subscriptions, number, codes, count, clock_steady_ms());
}

void mqttd_format_status(const struct mqttd *d, const char *status,
                         char text[MQTTD_STATUS_TEXT_SIZE])
{
    snprintf(text, MQTTD_STATUS_TEXT_SIZE,
             "{\"status\": \"%s\", \"version\": \"" TAGFERRY_VERSION
             "\", \"devices\": %zu, \"tags\": %zu}",
             status, d->device_table.devices.count, d->device_table.tag_count);
}

static void mqttd_on_connected(void *context, bool kept, const struct subscription_limits *limits)
{
    struct mqttd *d = context;
    char birth[MQTTD_STATUS_TEXT_SIZE];
    counters_add(&d->counters, MQTTD_CONNECTS, 1);
    status_report_set_broker(&d->report, mqtt_session_link(d->mqtt_session));
    d->ingest.connected_ms = clock_steady_ms();
    mirror_note_connect(d->mirror, clock_steady_ms());
    writeback_note_connect(d->writeback);
    subscriptions_on_connect(d->device_table.subscriptions, limits, clock_steady_ms());
    abandoned_subs_unsubscribe(&d->abandoned_subs, d->device_table.subscriptions, mqttd_unsubscribe,
                               d);
    mqttd_format_status(d, "online", birth);
    mqtt_session_announce(d->mqtt_session, birth);
    device_requests_restart(&d->device_table);
    sparkplug_nodes_note_connect(&d->device_table.sparkplug_nodes, kept, clock_steady_ms());
}

/* In a pair a command that the broker may not have is sent again only if no other gateway has a
 * newer setpoint by then. */
static enum publication_fate mqttd_judge_unacknowledged(void *context,
                                                        const struct publication *publication)
{
    struct mqttd *d = context;
    if (mirror_drops_message(d->mirror, publication->topic, publication->len))
        return PUBLICATION_DROP;
    bool is_command = writeback_has_sent(d->writeback, publication->number);
    d->has_held_commands |= is_command;
    return is_command ? PUBLICATION_HOLD : PUBLICATION_SEND;
}

static bool mqttd_on_lost(void *context, bool by_broker)
{
    struct mqttd *d = context;
    status_report_set_broker(&d->report, mqtt_session_link(d->mqtt_session));
    mirror_note_lost(d->mirror, by_broker, clock_steady_ms());
    if (d->mirror)
        mqtt_session_review(d->mqtt_session, mqttd_judge_unacknowledged, d);
    return subscriptions_on_disconnect(d->device_table.subscriptions, by_broker, clock_steady_ms());
}

static void mqttd_on_published(void *context, int number, const char *refusal)
{
    struct mqttd *d = context;
    mirror_note_published(d->mirror, number, refusal, clock_steady_ms());
    writeback_note_published(d->writeback, number, refusal, clock_steady_ms());
}

static enum publish_result mqttd_publish_command(void *context, const char *topic,
                                                 const char *payload, size_t len, int qos,
                                                 bool retain, int *number)
{
    const struct mqttd *d = context;
    return mqtt_session_publish(d->mqtt_session, topic, payload, len, qos, retain, number);
}

/* Starting. */

static bool mqttd_open_shared(struct mqttd *d)
{
    const char *dir = d->settings->common.runtime_dir;
    if (!daemon_make_folder(dir)) {
        snprintf(d->why, sizeof d->why, "%s: %s", dir, strerror(errno));
        return false;
    }
    return counters_open_writer(&d->counters, &mqttd_counters, dir, d->why, sizeof d->why) &&
           daemon_info_open_writer(&d->daemon_info, "mqttd", dir, d->why, sizeof d->why) &&
           message_trace_open_writer(&d->message_trace, dir, d->why, sizeof d->why) &&
           register_owners_open_writer(&d->owned.file, dir, d->why, sizeof d->why) &&
           live_table_open_writer(&d->live, dir, d->why, sizeof d->why);
}

static bool mqttd_open_events(struct mqttd *d)
{
    struct epoll_event on_signal = {.events = EPOLLIN, .data.u64 = EVENT_SIGNAL};
    struct epoll_event on_notice = {.events = EPOLLIN, .data.u64 = EVENT_NOTIFY};
    d->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (d->epoll_fd >= 0 && wakeup_init(&d->wakeup) &&
        epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->signal_fd, &on_signal) == 0 &&
        epoll_ctl(d->epoll_fd, EPOLL_CTL_ADD, d->wakeup.fd, &on_notice) == 0)
        return true;
    snprintf(d->why, sizeof d->why, "cannot wait for events: %s", strerror(errno));
    return false;
}

static bool mqttd_load_certificates(struct mqttd *d)
{
    struct modbus_tls_credentials *credentials;
    if (!modbus_certificates_load(d->settings, &credentials, d->why, sizeof d->why))
        return false;
    modbus_tls_keeper_put(&d->modbus_tls, credentials);
    return true;
}

static bool mqttd_start_device_table(struct mqttd *d)
{
    const struct common_settings *common = &d->settings->common;
    const struct target_spec local = {.local = true,
                                      .outputs.addr = common->modbus_outputs,
                                      .inputs = common->modbus_inputs,
                                      .tls = &d->modbus_tls,
                                      .digest = device_server_digest(NULL, 0),
                                      .first_unit = common->units.id[0],
                                      .timeout_ms = (unsigned)d->settings->modbus_timeout_ms,
                                      .memory_shortage = &d->memory_shortage,
                                      .notify = &d->wakeup,
                                      .live = &d->live,
                                      .counters = &d->counters};
    memory_shortage_init(&d->memory_shortage, &d->counters, MQTTD_SHORTAGES);
    if (!target_set_init(&d->targets, &local) ||
        !device_table_init(&d->device_table, &d->live, &d->targets)) {
        snprintf(d->why, sizeof d->why, "cannot start: %s", strerror(errno));
        return false;
    }
    d->ingest = (struct ingest){.device_table = &d->device_table,
                                .counters = &d->counters,
                                .message_trace = &d->message_trace,
                                .max_payload = (size_t)d->settings->max_payload};
    abandoned_subs_init(&d->abandoned_subs, common->runtime_dir);
    d->report = (struct status_report){.live = &d->live, .counters = &d->counters};
    d->status = (struct status_block){.device_table = &d->device_table,
                                      .gateway = d->settings->gateway_status};
    d->device_table.owned = &d->owned;
    mqttd_place_status(d, d->settings);
    return true;
}

void mqttd_place_status(struct mqttd *d, const struct mqttd_settings *settings)
{
    const struct gateway_status_location *place = &settings->gateway_status;
    d->status.gateway = *place;
    owned_registers_move_gateway(&d->owned, place->on, place->unit, (enum modbus_table)place->table,
                                 place->address);
}

static bool mqttd_start_session(struct mqttd *d)
{
    REQUIRE(d->device_table.subscriptions);
    const struct mqtt_session_hooks hooks = {.context = d,
                                             .message = mqttd_on_message,
                                             .connected = mqttd_on_connected,
                                             .lost = mqttd_on_lost,
                                             .suback = mqttd_on_suback,
                                             .published = mqttd_on_published};
    if (!session_settings_read(&d->session, d->settings, d->why, sizeof d->why))
        return false;
    session_settings_status_topic(&d->session, d->status_topic);
    mqttd_format_status(d, "offline", d->will);
    const struct mqtt_session_options options =
        session_settings_options(&d->session, d->status_topic, d->will);
    const struct subscriptions_hooks asking = {.context = d,
                                               .subscribe = mqttd_subscribe,
                                               .unsubscribe = mqttd_unsubscribe,
                                               .changed = mqttd_on_subscription,
                                               .reason = mqtt_session_suback_reason};
    subscriptions_set_hooks(d->device_table.subscriptions, &asking);
    d->mqtt_session = mqtt_session_create(&options, &hooks, d->why, sizeof d->why);
    return d->mqtt_session != NULL;
}

static void mqttd_on_mirrored(void *context, const struct device *device, const struct tag *tag,
                              bool is_expired, uint64_t age_ms)
{
    const struct mqttd *d = context;
    writeback_take_mirrored(d->writeback, device, tag, is_expired, age_ms, clock_steady_ms());
}

static void mqttd_on_overtaken(void *context, const struct device *device, const struct tag *tag)
{
    const struct mqttd *d = context;
    writeback_repeat_command(d->writeback, device, tag, clock_steady_ms());
}

static bool mqttd_start_mirror(struct mqttd *d)
{
    const struct common_settings *common = &d->settings->common;
    const struct mirror_spec spec = {.device_table = &d->device_table,
                                     .counters = &d->counters,
                                     .memory_shortage = &d->memory_shortage,
                                     .runtime_dir = common->runtime_dir,
                                     .topic = d->settings->mirror_topic,
                                     .gateway = common->gateway,
                                     .client_id = session_settings_client_id(&d->session),
                                     .publish = mqttd_publish_command,
                                     .taken = mqttd_on_mirrored,
                                     .overtaken = mqttd_on_overtaken,
                                     .context = d};
    if (!common->gateway[0] || !d->settings->mirror_topic[0])
        return true;
    d->mirror = mirror_create(&spec, d->why, sizeof d->why);
    d->device_table.leaving = d->mirror ? mirror_hand_over : NULL;
    d->device_table.leaving_context = d->mirror;
    return d->mirror != NULL;
}

static bool mqttd_start_writeback(struct mqttd *d)
{
    REQUIRE(d->mqtt_session);
    const struct common_settings *common = &d->settings->common;
    d->journal_tail =
        journal_tail_create(common->runtime_dir, &d->wakeup, &d->counters, d->why, sizeof d->why);
    if (!d->journal_tail)
        return false;
    d->readback = readback_create(&common->modbus_outputs, (unsigned)d->settings->modbus_timeout_ms,
                                  &d->wakeup);
    d->journal_watch = journal_watch_create(common->runtime_dir);
    const struct writeback_spec spec = {.device_table = &d->device_table,
                                        .journal_tail = d->journal_tail,
                                        .journal_watch = d->journal_watch,
                                        .readback = d->readback,
                                        .counters = &d->counters,
                                        .memory_shortage = &d->memory_shortage,
                                        .mirror = d->mirror,
                                        .publish = mqttd_publish_command,
                                        .context = d};
    d->writeback = d->readback && d->journal_watch ? writeback_create(&spec) : NULL;
    if (!d->writeback)
        snprintf(d->why, sizeof d->why, "cannot start: %s", strerror(errno));
    return d->writeback != NULL;
}

static void mqttd_on_store_change(void *context)
{
    const struct mqttd *d = context;
    discovery_engine_note_store(d->discovery_engine);
}

/* After the discoveries, whose thread it wakes. */
static bool mqttd_start_store_watcher(struct mqttd *d)
{
    const struct common_settings *common = &d->settings->common;
    const struct store_watcher_spec spec = {
        .database = common->database,
        .place = {.local = &common->modbus, .units = &common->units, .gateway = common->gateway},
        .memory_shortage = &d->memory_shortage,
        .notify = &d->wakeup,
        .changed = mqttd_on_store_change,
        .context = d,
        .zeroed_until = (int64_t)live_table_read_state(&d->live).revision};
    d->store_watcher = store_watcher_create(&spec, d->why, sizeof d->why);
    return d->store_watcher != NULL;
}

struct discovery_settings mqttd_discovery_settings(const struct mqttd *d,
                                                   const struct mqttd_settings *settings)
{
    return (struct discovery_settings){.session = session_settings_options(&d->session, "", NULL),
                                       .memory_bytes = (size_t)settings->discovery_mb << 20,
                                       .messages_per_s =
                                           (unsigned)settings->discovery_messages_per_s};
}

static bool mqttd_start_discoveries(struct mqttd *d)
{
    const struct common_settings *common = &d->settings->common;
    const struct discovery_engine_spec spec = {.database = common->database,
                                               .runtime_dir = common->runtime_dir,
                                               .counters = &d->counters,
                                               .memory_shortage = &d->memory_shortage};
    const struct discovery_settings settings = mqttd_discovery_settings(d, d->settings);
    d->discovery_engine = discovery_engine_create(&spec, &settings, d->why, sizeof d->why);
    return d->discovery_engine != NULL;
}

bool mqttd_start(struct mqttd *d)
{
    modbus_tls_keeper_init(&d->modbus_tls);
    return mqttd_load_certificates(d) && mqttd_open_shared(d) && mqttd_open_events(d) &&
           mqttd_start_device_table(d) && mqttd_start_session(d) && mqttd_start_mirror(d) &&
           mqttd_start_writeback(d) && mqttd_start_discoveries(d) && mqttd_start_store_watcher(d);
}

void mqttd_finish(struct mqttd *d)
{
    store_update_free(d->held);
    store_watcher_destroy(d->store_watcher);
    discovery_engine_destroy(d->discovery_engine);
    journal_tail_destroy(d->journal_tail);
    journal_watch_destroy(d->journal_watch);
    readback_destroy(d->readback);
    mqtt_session_destroy(d->mqtt_session);
    writeback_destroy(d->writeback);
    mirror_destroy(d->mirror);
    target_set_finish(&d->targets);
    modbus_tls_keeper_finish(&d->modbus_tls);
    device_table_finish(&d->device_table);
    ingest_finish(&d->ingest);
    abandoned_subs_finish(&d->abandoned_subs);
    if (d->live.rows.base)
        live_table_set_broker(&d->live,
                              &(struct live_table_broker){.reason = BROKER_LOST,
                                                          .wall_ms = clock_wall_ms(),
                                                          .steady_ms = clock_steady_ms()});
    live_table_close(&d->live);
    register_owners_close(&d->owned.file);
    message_trace_close(&d->message_trace);
    daemon_info_close(&d->daemon_info);
    counters_close(&d->counters);
    wakeup_finish(&d->wakeup);
    if (d->epoll_fd >= 0)
        close(d->epoll_fd);
}
