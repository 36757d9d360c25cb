/* Whether the other two daemons work, as the files that they write say it: a death shows at once by
 * the writer's lock, a hang by the beat. */
#ifndef TAGFERRY_API_LIVE_DAEMONS_VIEW_H
#define TAGFERRY_API_LIVE_DAEMONS_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/broker_reason.h"
#include "common/shared/counters.h"

/* A beat that is older means that the daemon hangs. */
enum { DAEMON_BEAT_LIMIT_MS = 3000 };

enum daemon_state {
    DAEMON_UP,
    DAEMON_DOWN,     /* it does not run */
    DAEMON_HANGS,    /* it runs, and its loop does not */
    DAEMON_STARTING, /* it runs, and has not begun to serve */
};

/* tagferry-modbusd. Set the directory and zero the rest before use. One thread at a time. */
struct modbusd_view {
    const char *directory; /* runtime_dir */
    struct counters counters;
    bool open;
    uint64_t looked_ms; /* when its file was looked for last, steady clock */
    enum daemon_state state;
    uint64_t since_ms; /* of the state, since 1970; 0: not known */
};

/* Opens the file when there is one, follows a replacement, and works out the state. Call it at the
 * beginning of each request. */
void modbusd_view_refresh(struct modbusd_view *view, uint64_t now_steady_ms);
void modbusd_view_close(struct modbusd_view *view);

/* The time since 1970 of a moment of the steady clock, 0 for one that is not of this boot. */
uint64_t daemons_view_wall_ms(uint64_t steady_ms, uint64_t now_steady_ms);

#endif
