/* SCADA's writes to messages: finds the tags that an entry of the journal wrote, publishes their
 * values, and moves the position in the journal on when the broker has acknowledged them. The MQTT
 * thread's alone. All times are of the steady clock, in milliseconds.
 *
 * inflight.h has the states of a command, writeback_internal.h those of the recovery. */
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
    /* Publishes a command. SENT with *number: writeback_note_published is called for it, if `qos`
     * is above 0. */
    enum publish_result (*publish)(void *context, const char *topic, const char *payload,
                                   size_t len, int qos, bool retain, int *number);
    void *context; /* for `publish` */
};

/* NULL when out of memory. */
struct writeback *writeback_create(const struct writeback_spec *spec);
/* Takes NULL. */
void writeback_destroy(struct writeback *writeback);

/* Does all that is due: takes entries of the journal, results of reads and poll changes, as far as
 * the broker keeps up. Call it while the broker is connected, whenever something has happened and
 * when writeback_due_ms says so. */
void writeback_run(struct writeback *writeback, uint64_t now_ms);
/* The broker has acknowledged the message of this number, or refused it when `refusal` is the
 * reason and not NULL. Numbers of other messages are ignored. */
void writeback_note_published(struct writeback *writeback, int number, const char *refusal,
                              uint64_t now_ms);
/* Milliseconds until writeback_run has something to do, as far as time alone decides; -1 for
 * never. */
int writeback_due_ms(const struct writeback *writeback, uint64_t now_ms);

#endif
