/* SCADA's writes to MQTT: finds the tags that an entry of the journal wrote, publishes their
 * values, and advances the position in the journal when the broker has acknowledged them. Used by
 * the MQTT thread only. All times are of the steady clock, in milliseconds.
 *
 * inflight.h describes the states of a command, writeback_internal.h those of the recovery. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_H
#define TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "common/shared/memory_shortage.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_table.h"
#include "mqttd/mirror/mirror.h"
#include "mqttd/writeback/journal_tail.h"
#include "mqttd/writeback/journal_watch.h"
#include "mqttd/writeback/readback.h"

struct writeback;

/* All pointers are borrowed. */
struct writeback_spec {
    const struct device_table *device_table;
    struct journal_tail *journal_tail;
    struct journal_watch *journal_watch;
    struct readback *readback;
    struct counters *counters;
    struct memory_shortage *memory_shortage;
    struct mirror *mirror; /* or NULL */
    /* Publishes a command. With PUBLISH_SENT it sets *number, and writeback_note_published follows
     * if `qos` is above 0. */
    enum publish_result (*publish)(void *context, const char *topic, const char *payload,
                                   size_t len, int qos, bool retain, int *number);
    void *context; /* for `publish` */
};

/* Returns NULL when out of memory. */
struct writeback *writeback_create(const struct writeback_spec *spec);
/* Accepts NULL. */
void writeback_destroy(struct writeback *writeback);

/* Handles entries of the journal, results of reads and changes found by polls, until too many
 * commands are unacknowledged. Call it while the broker is connected, after each event and after
 * writeback_due_ms. */
void writeback_run(struct writeback *writeback, uint64_t now_ms);
/* A connection has begun: tells the mirror which tags the entries of the journal write that are not
 * published yet. */
void writeback_note_connect(struct writeback *writeback);
/* The broker has acknowledged the message of this number, or has refused it: then `refusal` is the
 * reason, else NULL. Ignores the numbers of other messages. */
void writeback_note_published(struct writeback *writeback, int number, const char *refusal,
                              uint64_t now_ms);
/* True for the number of a command that the broker has not acknowledged. */
bool writeback_has_sent(const struct writeback *writeback, int number);
/* Ends the command of this number if another gateway has a newer setpoint: the message must not be
 * sent again. False when it has to be sent. */
bool writeback_withdraw_command(struct writeback *writeback, int number, uint64_t now_ms);
/* Publishes the command of the tag's setpoint, which is in its row, once more: the device may have
 * received an older one after it. Does nothing if the row has a value of the device, or without
 * memory. */
void writeback_repeat_command(struct writeback *writeback, const struct device *device,
                              const struct tag *tag, uint64_t now_ms);
/* Milliseconds until writeback_run is due by time; -1 when it is not. */
int writeback_due_ms(const struct writeback *writeback, uint64_t now_ms);

/* Setpoints that expire (mqtt.expires_s). Lets those expire that SCADA has not written in time:
 * puts expire_value into the registers, and leaves the command to writeback_run. Call it after each
 * event and after writeback_expiry_due_ms, also while the broker is not connected, and before
 * writeback_run. */
void writeback_check_expiry(struct writeback *writeback, uint64_t now_ms);
/* Milliseconds until writeback_check_expiry is due by time; -1 when it is not. */
int writeback_expiry_due_ms(const struct writeback *writeback, uint64_t now_ms);
/* The other gateway of a pair has taken a value of the tag from SCADA, `age_ms` ago: the time
 * begins again, and this gateway lets the setpoint expire 2 s after the other one should have. Or,
 * with `is_expired`, the other one has let the setpoint expire, and publishes the command. */
void writeback_take_mirrored(struct writeback *writeback, const struct device *device,
                             const struct tag *tag, bool is_expired, uint64_t age_ms,
                             uint64_t now_ms);

#endif
