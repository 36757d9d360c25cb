/* Counts and logs failed allocations of a running daemon: counts each, and logs at most one line in
 * ten seconds. Thread-safe.
 *
 * A running daemon handles every failed allocation in the same way: it keeps the work and retries
 * it, or refuses it with an error to the client; and it calls memory_shortage_note. */
#ifndef TAGFERRY_COMMON_SHARED_MEMORY_SHORTAGE_H
#define TAGFERRY_COMMON_SHARED_MEMORY_SHORTAGE_H

#include <pthread.h>
#include <stddef.h>

#include "common/base/log_limit.h"
#include "common/shared/counters.h"

struct memory_shortage {
    struct counters *counters;
    size_t row; /* index of the counter */
    pthread_mutex_t lock;
    struct log_limit lines; /* protected by the lock */
};

/* Failures are added to this row of the counters, which must outlive the struct. No finish
 * function. */
void memory_shortage_init(struct memory_shortage *memory_shortage, struct counters *counters,
                          size_t row);
/* Records a failure. `what` names what needed the memory, for the log: "a message". */
void memory_shortage_note(struct memory_shortage *memory_shortage, const char *what);

#endif
