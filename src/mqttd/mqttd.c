/* Runs the MQTT thread of tagferry-mqttd: messages, updates of the configuration, SCADA's writes,
 * and a tick each second. */
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
#include "common/base/require.h"
#include "common/message/payload.h"
#include "mqttd/config/own_values.h"
#include "mqttd/config/row_claims.h"
#include "mqttd/mqttd_internal.h"
#include "mqttd/sparkplug/sparkplug_nodes.h"

enum { MQTTD_TICK_MS = 1000 };

/* Returns the next update that can be applied, or NULL. An update that does not fit into the live
 * table or into memory is held and retried each second, before the updates queued after it.
 * Meanwhile the devices in service continue. */
static struct store_update *mqttd_next_update(struct mqttd *d)
{
    uint64_t now = clock_steady_ms();
    bool again = d->held != NULL;
    struct store_update *update = d->held;
    if (again ? now < d->held_until_ms : !(update = store_watcher_take(d->store_watcher)))
        return NULL;
    d->held = NULL;
    bool has_room = row_claims_reserve(&d->device_table, update);
    if (has_room && device_table_prepare(&d->device_table, update)) {
        if (again)
            log_info("the new configuration fits into memory and live table again");
        return update;
    }
    if (has_room)
        memory_shortage_note(&d->memory_shortage, "the new configuration; retrying");
    else if (!again)
        log_error("no room in the live table for the new configuration; retrying: %s",
                  strerror(errno));
    d->held = update;
    d->held_until_ms = now + MQTTD_TICK_MS;
    return NULL;
}

static void mqttd_apply_updates(struct mqttd *d)
{
    for (struct store_update *update; (update = mqttd_next_update(d)); store_update_free(update)) {
        bool first = !d->device_table.loaded;
        device_table_apply(&d->device_table, update);
        counters_add(&d->counters, MQTTD_RELOADS, 1);
        counters_set(&d->counters, MQTTD_DEVICES, d->device_table.devices.count);
        counters_set(&d->counters, MQTTD_TAGS, d->device_table.tag_count);
        mqttd_format_status(d, "offline", d->will);
        if (first)
            status_block_refresh(&d->status, false);
        subscriptions_update(d->device_table.subscriptions, clock_steady_ms());
        d->abandoned_subs.dirty = true;
        log_info("%s %zu device%s and %zu tag%s, revision %lld", first ? "loaded" : "reloaded",
                 update->change_count, plural_suffix(update->change_count), update->tag_count,
                 plural_suffix(update->tag_count), (long long)update->revision);
    }
}

static enum live_table_condition mqttd_live_condition(const struct mqttd *d)
{
    if (d->held)
        return LIVE_WITHOUT_ROOM;
    if (d->device_table.loaded)
        return LIVE_SERVING;
    return store_watcher_is_waiting(d->store_watcher) ? LIVE_WAITING_FOR_STORE : LIVE_READING_STORE;
}

/* mqttd is ready when it serves, or when it has a reason to wait. */
static void mqttd_report_condition(struct mqttd *d)
{
    enum live_table_condition now = mqttd_live_condition(d);
    bool ready = now == LIVE_SERVING ? mqtt_session_is_connected(d->mqtt_session) ||
                                           mqtt_session_has_failed(d->mqtt_session)
                                     : now != LIVE_READING_STORE;
    status_report_set_condition(&d->report, now, ready, d->device_table.devices.count,
                                d->device_table.tag_count);
}

/* The work of each second. */
static void mqttd_tick(struct mqttd *d)
{
    uint64_t now = clock_steady_ms();
    if (now < d->tick_due_ms)
        return;
    d->tick_due_ms = now + MQTTD_TICK_MS;

    /* Restores shared files that were truncated or removed. */
    counters_repair_file(&d->counters);
    daemon_info_refresh(&d->daemon_info, -1);
    message_trace_repair_file(&d->message_trace);
    journal_tail_keep(d->journal_tail);
    mirror_keep_file(d->mirror);
    if (live_table_repair_files(&d->live))
        device_table_restore_rows(&d->device_table);
    if (owned_registers_keep(&d->owned, &d->device_table))
        memory_shortage_note(&d->memory_shortage, "the owners of registers");
    live_table_set_heartbeat(&d->live, now);

    /* Modbus servers. */
    struct daemon_facts modbusd;
    struct target_backlog backlog = target_set_backlog(&d->targets);
    bool waits = backlog.values > 0 && now > backlog.since_ms;
    counters_set(&d->counters, MQTTD_QUEUE_VALUES, backlog.values);
    counters_set(&d->counters, MQTTD_QUEUE_AGE_MS, waits ? now - backlog.since_ms : 0);
    daemon_info_read("modbusd", d->settings->common.runtime_dir, &modbusd);
    target_set_timeout(target_set_local(&d->targets), modbusd.process_timeout_ms);
    live_table_set_modbusd_down(&d->live, target_is_down(target_set_local(&d->targets)));
    target_set_reap_ended(&d->targets);
    if (device_table_retry(&d->device_table))
        memory_shortage_note(&d->memory_shortage, "values for Modbus servers");
    device_table_note_zeroed(&d->device_table);

    /* The broker, and the status registers. */
    subscriptions_update(d->device_table.subscriptions, now);
    if (d->device_table.loaded)
        own_values_refresh(&d->device_table, d->settings->common.runtime_dir);
    if (d->device_table.loaded)
        status_block_refresh(&d->status, broker_link_is_up(mqtt_session_link(d->mqtt_session)));
    if (mqtt_session_is_connected(d->mqtt_session) &&
        !device_requests_publish(&d->device_table, d->mqtt_session, now))
        memory_shortage_note(&d->memory_shortage, "a request to a device");
    /* Until the first connection the file must keep the filters of the last session. */
    if (!d->abandoned_subs.text)
        abandoned_subs_save(&d->abandoned_subs, d->device_table.subscriptions);
    mqttd_report_condition(d);
    daemon_feed_watchdog();
}

static int sooner_due_ms(int wait, int due)
{
    return due >= 0 && due < wait ? due : wait;
}

/* Milliseconds until the next tick, attempt to connect, or write of SCADA to publish. */
static int mqttd_wait_ms(const struct mqttd *d)
{
    uint64_t now = clock_steady_ms();
    int wait = d->tick_due_ms > now ? (int)(d->tick_due_ms - now) : 0;
    if (!d->device_table.loaded)
        return wait;
    wait = sooner_due_ms(wait, mqtt_session_due_ms(d->mqtt_session));
    wait = sooner_due_ms(wait, writeback_expiry_due_ms(d->writeback, now));
    if (!mqtt_session_is_connected(d->mqtt_session))
        return wait;
    wait = sooner_due_ms(wait, mirror_due_ms(d->mirror, now));
    return mirror_holds_commands(d->mirror, now)
               ? wait
               : sooner_due_ms(wait, writeback_due_ms(d->writeback, now));
}

/* Checks the new settings with the files of the password and the certificates. */
static bool mqttd_check_settings(void *context, const void *in_force, void *newer)
{
    struct mqttd *d = context;
    (void)in_force;
    if (session_settings_read(&d->next_session, newer, d->why, sizeof d->why) &&
        modbus_certificates_load(newer, &d->next_credentials, d->why, sizeof d->why))
        return true;
    log_error("%s", d->why);
    return false;
}

/* Applies d->next_session and the other settings that a reload may change. */
static void mqttd_apply_settings(void *context, const void *newer)
{
    struct mqttd *d = context;
    const struct mqttd_settings *settings = newer;
    bool changed = d->next_session.digest != d->session.digest;
    modbus_tls_keeper_put(&d->modbus_tls, d->next_credentials);
    d->next_credentials = NULL;
    REQUIRE(d->next_session.settings == settings);
    d->ingest.max_payload = (size_t)settings->max_payload;
    mqttd_place_status(d, settings);
    d->session = d->next_session;
    const struct mqtt_session_options options =
        session_settings_options(&d->session, d->status_topic, d->will);
    subscriptions_retry_all(d->device_table.subscriptions);
    mqtt_session_reconfigure(d->mqtt_session, &options, changed);
    const struct discovery_settings discovery = mqttd_discovery_settings(d, settings);
    if (!discovery_engine_configure(d->discovery_engine, &discovery))
        memory_shortage_note(&d->memory_shortage, "new settings of discoveries");
    subscriptions_update(d->device_table.subscriptions, clock_steady_ms());
}

static void mqttd_take_signals(struct mqttd *d)
{
    for (int number; (number = daemon_read_signal(d->signal_fd));) {
        if (number == SIGHUP)
            reload_run(&d->reload);
        else
            d->stop = true;
    }
}

static size_t mqttd_ingest(struct mqttd *d, const struct mqtt_message *message)
{
    size_t feeds = ingest_message(&d->ingest, message);
    if (d->ingest.is_short) {
        memory_shortage_note(&d->memory_shortage, "a message");
        counters_add(&d->counters, MQTTD_MESSAGES_LOST, message->qos == 0);
        d->needs_redelivery |= message->qos > 0;
    }
    return feeds;
}

void mqttd_on_message(void *context, const struct mqtt_message *message)
{
    struct mqttd *d = context;
    const char *topic = message->topic;
    REQUIRE(d->device_table.loaded);
    if (d->needs_redelivery && message->qos > 0)
        return;
    if (mirror_has_topic(d->mirror, topic)) {
        if (!mirror_take_message(d->mirror, message, clock_steady_ms())) {
            memory_shortage_note(&d->memory_shortage, "a mirrored setpoint");
            d->needs_redelivery |= message->qos > 0;
        }
        return;
    }
    if (mqttd_ingest(d, message) > 0)
        return;
    /* The broker's session may have topics that devices have not used since mqttd was stopped. */
    log_debug("no device uses the topic %s: unsubscribing", topic);
    mqtt_session_unsubscribe(d->mqtt_session, &topic, 1);
}

/* With QoS 0, as Sparkplug requires: a request that is lost is made again. */
static bool mqttd_publish_rebirth(void *context, const char *topic, const char *payload, size_t len)
{
    const struct mqttd *d = context;
    int number;
    return mqtt_session_publish(d->mqtt_session, topic, payload, len, 0, false, &number) !=
           PUBLISH_NO_MEMORY;
}

static enum publication_fate mqttd_judge_held(void *context, const struct publication *publication)
{
    const struct mqttd *d = context;
    bool is_withdrawn =
        publication->is_held &&
        writeback_withdraw_command(d->writeback, publication->number, clock_steady_ms());
    return is_withdrawn ? PUBLICATION_DROP : PUBLICATION_SEND;
}

/* Publishes SCADA's writes, those first that the last connection has not carried. */
static void mqttd_publish_writes(struct mqttd *d)
{
    mirror_run(d->mirror, clock_steady_ms());
    if (mirror_holds_commands(d->mirror, clock_steady_ms()))
        return;
    if (d->has_held_commands)
        mqtt_session_review(d->mqtt_session, mqttd_judge_held, d);
    d->has_held_commands = false;
    writeback_run(d->writeback, clock_steady_ms());
}

void mqttd_run_once(struct mqttd *d)
{
    struct epoll_event events[4];
    int count = epoll_wait(d->epoll_fd, events, 4, mqttd_wait_ms(d));
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == EVENT_SIGNAL)
            mqttd_take_signals(d);
        else if (events[i].data.u64 == EVENT_BROKER)
            mqtt_session_read(d->mqtt_session);
        else
            wakeup_clear(&d->wakeup);
    }
    /* Without an acknowledgement the broker sends the message, and those after it, again on the
     * next connection. */
    if (d->needs_redelivery)
        mqtt_session_abort(d->mqtt_session, "no memory for a message; it must be sent again");
    d->needs_redelivery = false;

    target_set_wake_threads(&d->targets);
    mqttd_apply_updates(d);
    device_table_rewrite_lost_units(&d->device_table);
    /* mqttd does not connect before the devices are loaded: values of messages would be lost. */
    if (d->device_table.loaded) {
        writeback_check_expiry(d->writeback, clock_steady_ms());
        mqtt_session_tick(d->mqtt_session);
        if (mqtt_session_is_connected(d->mqtt_session)) {
            mqttd_publish_writes(d);
            sparkplug_nodes_send_requests(&d->device_table.sparkplug_nodes, clock_steady_ms(),
                                          clock_wall_ms(), mqttd_publish_rebirth, d);
        }
        mqtt_session_flush(d->mqtt_session);
        status_report_set_broker(&d->report, mqtt_session_link(d->mqtt_session));
        mqtt_session_watch_socket(d->mqtt_session, d->epoll_fd, EVENT_BROKER);
    }
    mqttd_tick(d);
    if (!d->report.ready)
        mqttd_report_condition(d);
}

static int mqttd_run(struct mqttd *d)
{
    int status = DAEMON_EXIT_FAILURE;
    daemon_raise_descriptors(); /* each foreign server has a connection */
    daemon_shorten_time_slice();
    d->signal_fd = daemon_open_signals();
    if (d->signal_fd < 0 || !mqttd_start(d)) {
        log_error("%s", d->signal_fd < 0 ? strerror(errno) : d->why);
        goto done;
    }
    log_info("started, session \"%s\"", session_settings_client_id(&d->session));
    while (!d->stop)
        mqttd_run_once(d);
    daemon_notify_stopping();
    log_info("stopping");
    status = DAEMON_EXIT_OK;
done:
    mqttd_finish(d);
    reload_finish(&d->reload);
    if (d->signal_fd >= 0)
        close(d->signal_fd);
    return status;
}

static bool mqttd_check_files(const void *settings, char *why)
{
    struct modbus_tls_credentials *credentials;
    struct session_settings session;
    if (!session_settings_read(&session, settings, why, DAEMON_WHY_SIZE) ||
        !modbus_certificates_load(settings, &credentials, why, DAEMON_WHY_SIZE))
        return false;
    modbus_tls_release(credentials);
    return true;
}

int mqttd_main(int argc, char **argv)
{
    const struct conf_table all[] = {common_options, mqttd_options};
    const struct daemon_spec spec = {
        .name = "tagferry-mqttd",
        .summary = "carries values between MQTT and Modbus",
        .tables = all,
        .table_count = sizeof all / sizeof all[0],
        .check = mqttd_check_files,
    };
    static const struct reload_ops ops = {.check = mqttd_check_settings,
                                          .apply = mqttd_apply_settings};
    struct conf conf = {0};
    struct mqttd_settings settings;
    const struct reload_source source = {&spec, argc, argv, &conf, &settings, sizeof settings};
    struct mqttd d = {.settings = &settings, .epoll_fd = -1, .wakeup = {.fd = -1}};
    d.reload = (struct reload){.source = &source, .ops = &ops, .context = &d};
    int operand;
    payload_install_pool();
    int status = daemon_configure(&spec, argc, argv, &conf, &settings, &operand);
    if (status == DAEMON_RUN)
        status = mqttd_run(&d);
    conf_finish(&conf);
    return status;
}
