/* The state of tagferry-mqttd, for mqttd_start.c and mqttd.c. */
#ifndef TAGFERRY_MQTTD_MQTTD_INTERNAL_H
#define TAGFERRY_MQTTD_MQTTD_INTERNAL_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/conf.h"
#include "common/base/daemon.h"
#include "common/base/reload.h"
#include "common/base/thread.h"
#include "common/shared/counters.h"
#include "common/shared/daemon_info.h"
#include "common/shared/live_table.h"
#include "common/shared/memory_shortage.h"
#include "common/shared/message_trace.h"
#include "mqttd/broker/abandoned_subscriptions.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_requests.h"
#include "mqttd/config/device_table.h"
#include "mqttd/config/owned_registers.h"
#include "mqttd/config/store_watcher.h"
#include "mqttd/discovery/discovery_engine.h"
#include "mqttd/ingest/ingest.h"
#include "mqttd/mirror/mirror.h"
#include "mqttd/modbus_certificates.h"
#include "mqttd/options.h"
#include "mqttd/session_settings.h"
#include "mqttd/status_block.h"
#include "mqttd/status_report.h"
#include "mqttd/targets/target_set.h"
#include "mqttd/writeback/journal_tail.h"
#include "mqttd/writeback/readback.h"
#include "mqttd/writeback/writeback.h"

enum { MQTTD_STATUS_TEXT_SIZE = 160 };
/* Values in epoll's data. */
enum { EVENT_SIGNAL, EVENT_NOTIFY, EVENT_BROKER };

struct mqttd {
    const struct mqttd_settings *settings; /* as of the start */
    struct reload reload;
    struct counters counters;
    struct daemon_info daemon_info;
    struct live_table live;
    struct message_trace message_trace;
    struct modbus_tls_keeper modbus_tls; /* certificates for foreign servers */
    struct targets targets;
    struct owned_registers owned;
    struct device_table device_table;
    struct ingest ingest;
    struct abandoned_subs abandoned_subs;
    struct status_block status;
    struct mqtt_session *mqtt_session;
    struct journal_tail *journal_tail;
    struct journal_watch *journal_watch;
    struct readback *readback;
    struct mirror *mirror; /* NULL: setpoints are not mirrored */
    struct writeback *writeback;
    struct store_watcher *store_watcher;
    struct discovery_engine *discovery_engine;
    struct session_settings session;
    /* New settings, checked and not yet applied. */
    struct session_settings next_session;
    struct modbus_tls_credentials *next_credentials;
    char status_topic[SESSION_TOPIC_SIZE]; /* of the birth message and the will */
    char will[MQTTD_STATUS_TEXT_SIZE];
    int epoll_fd, signal_fd;
    struct wakeup wakeup;      /* raised by the other threads */
    uint64_t tick_due_ms;      /* when the next tick is due, steady clock */
    struct store_update *held; /* an update that waits for room in the live table, or memory */
    uint64_t held_until_ms;    /* when it is tried again, steady clock */
    struct status_report report;
    struct memory_shortage memory_shortage;
    bool has_held_commands; /* commands of the last connection wait for mirrored setpoints */
    bool needs_redelivery;  /* there was no memory for a message: the broker has to send it again */
    bool stop;
    char why[CONF_WHY_SIZE + SHM_WHY_SIZE];
};

/* Opens the shared files and starts all parts. Set d->settings and d->signal_fd before. False with
 * the reason in d->why. Call mqttd_finish in either case. */
bool mqttd_start(struct mqttd *d);
/* One turn of the MQTT thread: waits for events, handles them, and does all that is due. */
void mqttd_run_once(struct mqttd *d);
/* The settings of discoveries: those of `session`, and the budgets of `settings`. */
struct discovery_settings mqttd_discovery_settings(const struct mqttd *d,
                                                   const struct mqttd_settings *settings);
/* The hook of the MQTT session for a message. `context` is the struct mqttd. */
void mqttd_on_message(void *context, const struct mqtt_message *message);
/* Shows the gateway's status registers at their place in `settings`. */
void mqttd_place_status(struct mqttd *d, const struct mqttd_settings *settings);
/* Ends all parts, except d->reload and d->signal_fd, which the caller ends. */
void mqttd_finish(struct mqttd *d);
/* Writes the payload of birth or will as JSON: status, version, number of devices and of tags. */
void mqttd_format_status(const struct mqttd *d, const char *status,
                         char text[MQTTD_STATUS_TEXT_SIZE]);

#endif
