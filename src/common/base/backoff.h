/* Computes the wait before the next attempt to reach a server: 100 ms after the first failure,
 * twice as long after each further one, at most 5 s. Each wait is shortened by up to a quarter, so
 * that many clients do not reconnect at the same moment. Pure. */
#ifndef TAGFERRY_COMMON_BASE_BACKOFF_H
#define TAGFERRY_COMMON_BASE_BACKOFF_H

#include <stdint.h>

enum { BACKOFF_FIRST_MS = 100, BACKOFF_LAST_MS = 5000 };

/* Zero it before use, and after a success. */
struct backoff {
    unsigned length_ms; /* of the last wait, before it is shortened */
    uint64_t until_ms;  /* end of the last wait, clock_steady_ms */
};

/* Starts the next wait after a failed attempt. `now_us` is clock_steady_us; its lowest digits serve
 * as the random number that shortens the wait. */
void backoff_add_failure(struct backoff *backoff, uint64_t now_us);
/* Milliseconds until the wait ends; 0 when it is over. `now_ms` is clock_steady_ms. */
unsigned backoff_remaining_ms(const struct backoff *backoff, uint64_t now_ms);

#endif
