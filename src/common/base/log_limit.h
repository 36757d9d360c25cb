/* Keeps lines that others could cause at will from filling the log. Pure. */
#ifndef TAGFERRY_COMMON_BASE_LOG_LIMIT_H
#define TAGFERRY_COMMON_BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { RATE_MS = 10000 };

struct rate {
    uint64_t said;  /* when the newest line was written, of clock_steady_ms; 0: never */
    unsigned since; /* events since then, the newest one included */
};

/* Counts an event. True when a line about it, and the rate->since before it, is due; the caller
 * writes the line and calls rate_said. */
static inline bool rate_due(struct rate *rate, uint64_t now)
{
    rate->since++;
    return rate->said == 0 || now - rate->said >= RATE_MS;
}

static inline void rate_said(struct rate *rate, uint64_t now)
{
    *rate = (struct rate){.said = now};
}

#endif
