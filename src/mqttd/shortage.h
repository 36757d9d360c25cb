/* What mqttd does about an allocation that is refused: it counts it and says it, in one line for
 * all within ten seconds. What is at hand then waits, or comes again. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_SHORTAGE_H
#define TAGFERRY_MQTTD_SHORTAGE_H

#include "common/counters.h"
#include "common/rate.h"

struct shortage {
    struct counters *counters;
    struct rate lines;
};

/* There was no memory for this: "a message", say. */
void shortage_note(struct shortage *shortage, const char *what);

#endif
