/* Limits log lines about events that a peer can cause at will. Pure. */
#ifndef TAGFERRY_COMMON_BASE_LOG_LIMIT_H
#define TAGFERRY_COMMON_BASE_LOG_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

enum { LOG_LIMIT_MS = 10000 };

struct log_limit {
    uint64_t logged_ms; /* clock_steady_ms of the last line; 0: none yet */
    unsigned since;     /* events since the last line */
};

/* Counts an event. True when a line is due: the caller then logs it, with rate->since events, and
 * calls log_limit_mark_logged. */
static inline bool log_limit_count_event(struct log_limit *rate, uint64_t now)
{
    rate->since++;
    return rate->logged_ms == 0 || now - rate->logged_ms >= LOG_LIMIT_MS;
}

/* Starts the next interval after a line. */
static inline void log_limit_mark_logged(struct log_limit *rate, uint64_t now)
{
    *rate = (struct log_limit){.logged_ms = now};
}

#endif
