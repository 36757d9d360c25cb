/* The live table as the API shows it: rows, and the moment that decides their quality. */
#ifndef TAGFERRY_API_LIVE_LIVE_VIEW_H
#define TAGFERRY_API_LIVE_LIVE_VIEW_H

#include "api/live/daemons_view.h"
#include "common/shared/live_table.h"
#include "common/shared/quality.h"

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
