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
#include "mqttd/writeback/journal_tail.h"
#include "mqttd/writeback/readback.h"

struct writeback;

/* All pointers are borrowed. */
struct writeback_spec {
    const struct device_table *device_table;
    struct journal_tail *journal_tail;
    struct readback *readback;
    struct counters *counters;
    struct memory_shortage *memory_shortage;
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
/* The broker has acknowledged the message of this number, or has refused it: then `refusal` is the
 * reason, else NULL. Ignores the numbers of other messages. */
void writeback_note_published(struct writeback *writeback, int number, const char *refusal,
                              uint64_t now_ms);
/* Milliseconds until writeback_run is due by time; -1 when it is not. */
int writeback_due_ms(const struct writeback *writeback, uint64_t now_ms);

#endif
