/* How long to wait before the next attempt to reach a server: 100 ms after the first failure, twice
 * as long after each further one, 5 s at most, and each time up to a quarter less, so that many
 * clients of a server that returns do not come at once. Pure. */
#ifndef TAGFERRY_COMMON_BASE_BACKOFF_H
#define TAGFERRY_COMMON_BASE_BACKOFF_H

#include <stdint.h>

enum { BACKOFF_FIRST_MS = 100, BACKOFF_LAST_MS = 5000 };

/* Zero it before use, and after a success. */
struct backoff {
    unsigned length_ms; /* of the newest wait, without what is taken off */
    uint64_t until_ms;  /* its end, steady clock */
};

/* An attempt has failed, at this time of the steady clock in microseconds, whose lowest digits say
 * how much is taken off. */
void backoff_add_failure(struct backoff *backoff, uint64_t now_us);
/* Milliseconds that are still to wait. */
unsigned backoff_remaining_ms(const struct backoff *backoff, uint64_t now_ms);

#endif
