/* Keeps lines that others could cause at will from filling the log. Pure. */
#ifndef TAGFERRY_COMMON_BASE_LOG_LIMIT_H
#define TAGFERRY_COMMON_BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LOG_LIMIT_MS = 10000 };

struct log_limit {
    uint64_t said;  /* when the newest line was written, of clock_steady_ms; 0: never */
    unsigned since; /* events since then, the newest one included */
};

/* Counts an event. True when a line about it, and the rate->since before it, is due; the caller
 * writes the line and calls log_limit_mark_logged. */
static inline bool log_limit_count_event(struct log_limit *rate, uint64_t now)
{
    rate->since++;
    return rate->said == 0 || now - rate->said >= LOG_LIMIT_MS;
}

static inline void log_limit_mark_logged(struct log_limit *rate, uint64_t now)
{
    *rate = (struct log_limit){.said = now};
}

#endif
