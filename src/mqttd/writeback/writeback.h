/* From SCADA's writes to messages: which tags an entry of the journal concerns, what they publish,
 * and how far the broker has taken it. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_H
#define TAGFERRY_MQTTD_WRITEBACK_WRITEBACK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "common/shared/journal.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_table.h"
#include "mqttd/config/memory_shortage.h"
#include "mqttd/writeback/journal_tail.h"

struct writeback;

struct writeback_spec {
    const struct device_table *device_table;
    struct mqtt_session *mqtt_session;
    struct journal_tail *journal_tail;
    struct readback *readback;
    struct counters *counters;
    struct memory_shortage *memory_shortage;
};

/* NULL when out of memory. */
struct writeback *writeback_create(const struct writeback_spec *spec);
/* Takes NULL. */
void writeback_destroy(struct writeback *writeback);

/* Publishes what the journal_tail has, as far as the broker keeps up. Only while it is connected.
 */
void writeback_run(struct writeback *writeback);
/* The broker has taken the message of this number, or refused it for a reason, else NULL. */
void writeback_note_published(struct writeback *writeback, int number, const char *refusal);
/* Milliseconds until a value has settled; -1 when none waits. */
int writeback_due_ms(const struct writeback *writeback);

#endif
