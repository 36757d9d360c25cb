/* Counts and logs. */
#include "mqttd/config/memory_shortage.h"

#include "common/base/clock.h"
#include "common/base/log.h"

void shortage_note(struct shortage *shortage, const char *what)
{
    uint64_t now = clock_steady_ms();
    counters_add(shortage->counters, MQTTD_SHORTAGES, 1);
    if (!rate_due(&shortage->lines, now))
        return;
    log_error("no memory for %s; %u refusals of memory since the last line", what,
              shortage->lines.since);
    rate_said(&shortage->lines, now);
}
