/* The live table as the API shows it: rows, the moment that decides their quality, and whether the
 * other two daemons work. */
#ifndef TAGFERRY_API_LIVE_LIVE_VIEW_H
#define TAGFERRY_API_LIVE_LIVE_VIEW_H

#include <stdbool.h>
#include <stdint.h>

#include "common/model/broker_reason.h"
#include "common/shared/counters.h"
#include "common/shared/live_table.h"
#include "common/shared/quality.h"

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

/* Zero it, except the directory, before use. One thread at a time. */
struct live_view {
    const char *directory; /* runtime_dir */
    struct live_table live;
    bool open;
    uint64_t looked_ms; /* when the files were looked for last */
    struct live_table_state state;
    uint64_t now_ms; /* steady, of the newest refresh */
    struct quality_moment moment;
    enum daemon_state mqttd;
    struct modbusd_view modbusd; /* its directory is the live view's */
};

/* Opens the files when there are any, follows a replacement, and reads the state. Call it at the
 * beginning of each request. */
void live_view_refresh(struct live_view *view);
void live_view_close(struct live_view *view);

/* The row of a device or tag; false, and a row of zeros, when mqttd has none for it. */
bool live_view_read_row(const struct live_view *view, enum live_table_kind kind, int64_t id,
                        int64_t slot, struct live_table_row *row);

/* True while mqttd runs and its heart beats. */
bool live_view_is_alive(const struct live_view *view);

#endif
