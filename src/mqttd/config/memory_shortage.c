/* Counts and logs. */
#include "mqttd/config/memory_shortage.h"

#include "common/base/clock.h"
#include "common/base/log.h"

void memory_shortage_note(struct memory_shortage *memory_shortage, const char *what)
{
    uint64_t now = clock_steady_ms();
    counters_add(memory_shortage->counters, MQTTD_SHORTAGES, 1);
    if (!log_limit_count_event(&memory_shortage->lines, now))
        return;
    log_error("no memory for %s; %u refusals of memory since the last line", what,
              memory_shortage->lines.since);
    log_limit_mark_logged(&memory_shortage->lines, now);
}
