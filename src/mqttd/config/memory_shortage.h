/* Counts and logs failed allocations, with one line for all within ten seconds. The work is
 * then retried or sent again. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_MEMORY_SHORTAGE_H
#define TAGFERRY_MQTTD_CONFIG_MEMORY_SHORTAGE_H

#include "common/base/log_limit.h"
#include "common/shared/counters.h"

struct memory_shortage {
    struct counters *counters;
    struct log_limit lines;
};

/* `what` there was no memory for, for the log: "a message". */
void memory_shortage_note(struct memory_shortage *memory_shortage, const char *what);

#endif
