/* The API's view of the live table: its rows, the state that decides their quality, and the state
 * of the other two daemons. */
#ifndef TAGFERRY_API_LIVE_LIVE_VIEW_H
#define TAGFERRY_API_LIVE_LIVE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/broker_reason.h"
#include "common/shared/counters.h"
#include "common/shared/live_table.h"
#include "common/shared/quality.h"

/* With an older heartbeat, the daemon counts as hung. */
enum { DAEMON_BEAT_LIMIT_MS = 3000 };

enum daemon_state {
    DAEMON_UP,
    DAEMON_DOWN,     /* not running */
    DAEMON_HANGS,    /* running, but its loop is blocked */
    DAEMON_STARTING, /* running, but not serving yet */
};

/* tagferry-modbusd. Set the directory and zero the rest before use. One thread at a time. */
struct modbusd_view {
    const char *directory; /* runtime_dir */
    struct counters counters;
    bool open;
    uint64_t looked_ms; /* newest search for its file, steady clock */
    enum daemon_state state;
    uint64_t since_ms; /* start of this state, ms since 1970; 0: unknown */
};

/* Opens the file if it exists, switches to a file that replaced it, and updates the state.
 * live_view_refresh calls it. */
void modbusd_view_refresh(struct modbusd_view *view, uint64_t now_steady_ms);
void modbusd_view_close(struct modbusd_view *view);

/* Converts a time of the steady clock to ms since 1970; 0 for a time of another boot. */
uint64_t daemons_view_wall_ms(uint64_t steady_ms, uint64_t now_steady_ms);

/* Zero it, except the directory, before use. One thread at a time. */
struct live_view {
    const char *directory; /* runtime_dir */
    struct live_table live;
    bool open;
    uint64_t looked_ms; /* newest search for the files, steady clock */
    struct live_table_state state;
    uint64_t now_ms; /* steady, of the newest refresh */
    struct quality_moment moment;
    enum daemon_state mqttd;
    struct modbusd_view modbusd; /* its directory is the live view's */
};

/* Opens the files if they exist, switches to files that replaced them, and updates the state. Call
 * it at the start of each request. */
void live_view_refresh(struct live_view *view);
void live_view_close(struct live_view *view);

/* Reads the row of a device or tag. False, and a row of zeros, if mqttd has no row for it. */
bool live_view_read_row(const struct live_view *view, enum live_table_kind kind, int64_t id,
                        int64_t slot, struct live_table_row *row);
/* The same for its stamp (live_table.h). */
bool live_view_read_stamp(const struct live_view *view, enum live_table_kind kind, int64_t id,
                          int64_t slot, struct live_table_stamp *stamp);

/* True while mqttd runs and its heartbeat is recent. */
bool live_view_is_alive(const struct live_view *view);

#endif
