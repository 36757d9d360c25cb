/* Counts and logs allocations that fail while a daemon serves: each counts, and one line within ten
 * seconds covers all. From any thread.
 *
 * The rule for every failed allocation of a running daemon: the work that needed it is kept and
 * tried again, or refused to whoever asked for it, who then knows; and it is noted here. */
#ifndef TAGFERRY_COMMON_SHARED_MEMORY_SHORTAGE_H
#define TAGFERRY_COMMON_SHARED_MEMORY_SHORTAGE_H

#include <pthread.h>
#include <stddef.h>

#include "common/base/log_limit.h"
#include "common/shared/counters.h"

struct memory_shortage {
    struct counters *counters;
    size_t row; /* of the counter */
    pthread_mutex_t lock;
    struct log_limit lines; /* with the lock */
};

void memory_shortage_init(struct memory_shortage *memory_shortage, struct counters *counters,
                          size_t row);
/* `what` there was no memory for, for the log: "a message". */
void memory_shortage_note(struct memory_shortage *memory_shortage, const char *what);

#endif
