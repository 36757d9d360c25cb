/* The wall clock and the steady clock. Thread-safe. */
#ifndef TAGFERRY_COMMON_BASE_CLOCK_H
#define TAGFERRY_COMMON_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds since 1970-01-01 UTC. For display and files: the time can be set back or forward. */
uint64_t clock_wall_ms(void);
/* Microseconds of the same clock. */
uint64_t clock_wall_us(void);
/* Milliseconds since boot, including suspend; the same in all processes. For ages and time-outs. */
uint64_t clock_steady_ms(void);
/* Microseconds of the same clock. */
uint64_t clock_steady_us(void);

/* The time `ms` from now on CLOCK_MONOTONIC, for pthread_cond_clockwait. A change of the wall clock
 * does not affect such a wait. */
struct timespec clock_deadline(unsigned ms);

#endif
