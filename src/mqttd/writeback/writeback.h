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

struct commands;

struct commands_spec {
    const struct plant *plant;
    struct subscriber *subscriber;
    struct watch *watch;
    struct reader *reader;
    struct counters *counters;
    struct shortage *shortage;
};

/* NULL when out of memory. */
struct commands *commands_create(const struct commands_spec *spec);
/* Takes NULL. */
void commands_destroy(struct commands *commands);

/* Publishes what the watch has, as far as the broker keeps up. Only while it is connected. */
void commands_run(struct commands *commands);
/* The broker has taken the message of this number, or refused it for a reason, else NULL. */
void commands_published(struct commands *commands, int number, const char *refusal);
/* Milliseconds until a value has settled; -1 when none waits. */
int commands_due_ms(const struct commands *commands);

#endif
