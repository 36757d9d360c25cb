/* Computes waits that double. */
#include "common/base/backoff.h"

#include "common/base/require.h"

_Static_assert(BACKOFF_FIRST_MS >= 4 && BACKOFF_FIRST_MS <= BACKOFF_LAST_MS,
               "a quarter of a wait is at least 1 ms");

void backoff_add_failure(struct backoff *backoff, uint64_t now_us)
{
    unsigned next = backoff->length_ms ? backoff->length_ms * 2 : BACKOFF_FIRST_MS;
    REQUIRE(backoff->length_ms <= BACKOFF_LAST_MS);
    backoff->length_ms = next < BACKOFF_LAST_MS ? next : BACKOFF_LAST_MS;
    backoff->until_ms = now_us / 1000 + backoff->length_ms - now_us % (backoff->length_ms / 4);
}

unsigned backoff_remaining_ms(const struct backoff *backoff, uint64_t now_ms)
{
    return now_ms < backoff->until_ms ? (unsigned)(backoff->until_ms - now_ms) : 0;
}
