/* Counts and logs failed allocations. */
#include "common/shared/memory_shortage.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

void memory_shortage_init(struct memory_shortage *memory_shortage, struct counters *counters,
                          size_t row)
{
    *memory_shortage = (struct memory_shortage){
        .counters = counters, .row = row, .lock = PTHREAD_MUTEX_INITIALIZER};
}

void memory_shortage_note(struct memory_shortage *memory_shortage, const char *what)
{
    uint64_t now = clock_steady_ms();
    REQUIRE(what);
    counters_add(memory_shortage->counters, memory_shortage->row, 1);
    pthread_mutex_lock(&memory_shortage->lock);
    if (log_limit_count_event(&memory_shortage->lines, now)) {
        log_error("no memory for %s; %u failed allocations since the last line", what,
                  memory_shortage->lines.since);
        log_limit_mark_logged(&memory_shortage->lines, now);
    }
    pthread_mutex_unlock(&memory_shortage->lock);
}
