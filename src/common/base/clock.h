/* The two clocks, in milliseconds. */
#ifndef TAGFERRY_COMMON_BASE_CLOCK_H
#define TAGFERRY_COMMON_BASE_CLOCK_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

/* Milliseconds since 1970-01-01 UTC. For people and files; it may be stepped. */
uint64_t clock_wall_ms(void);
/* Milliseconds since boot, suspend included, the same in every process. For ages and time-outs. */
uint64_t clock_steady_ms(void);
/* Microseconds of the same clock. */
uint64_t clock_steady_us(void);

/* `ms` from now, for pthread_cond_clockwait with CLOCK_MONOTONIC: a wait that a step of the time of
 * day neither cuts short nor draws out. */
struct timespec clock_deadline(unsigned ms);

#endif
