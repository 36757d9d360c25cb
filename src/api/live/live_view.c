/* Follows the live table. */
#include "api/live/live_view.h"

#include <string.h>

#include "common/base/clock.h"

enum { LIVE_LOOK_INTERVAL_MS = 1000 };

/* Files without a writer may have been replaced by others that have one. True when the files that
 * are open now have a writer, which costs a system call to know. */
static bool live_view_find_files(struct live_view *view)
{
    char why[SHM_WHY_SIZE];
    bool due = view->looked_ms == 0 || view->now_ms - view->looked_ms >= LIVE_LOOK_INTERVAL_MS;
    bool has_writer = view->open && live_table_has_writer(&view->live);
    if (!due && (!view->open || has_writer))
        return has_writer;
    view->looked_ms = view->now_ms;
    if (view->open && live_table_was_replaced(&view->live))
        live_view_close(view);
    if (!view->open)
        view->open = live_table_open_reader(&view->live, view->directory, why, sizeof why);
    return view->open && live_table_has_writer(&view->live);
}

static enum daemon_state live_view_mqttd_state(const struct live_view *view, bool has_writer)
{
    if (!has_writer)
        return DAEMON_DOWN;
    if (view->now_ms > view->state.heartbeat_steady_ms + LIVE_HEARTBEAT_LIMIT_MS)
        return DAEMON_HANGS;
    return view->state.condition == LIVE_SERVING ? DAEMON_UP : DAEMON_STARTING;
}

void live_view_refresh(struct live_view *view)
{
    view->now_ms = clock_steady_ms();
    bool has_writer = live_view_find_files(view);
    view->state = view->open ? live_table_state(&view->live) : (struct live_table_state){0};
    view->mqttd = live_view_mqttd_state(view, has_writer);
    view->modbusd.directory = view->directory;
    modbusd_view_refresh(&view->modbusd, view->now_ms);
    view->moment = quality_moment(&view->state, view->now_ms);
    if (view->mqttd == DAEMON_DOWN)
        view->moment.gateway = REASON_MQTTD_DOWN;
    /* mqttd also knows of one that runs and cannot be reached. */
    view->moment.modbusd_down = view->state.modbusd_down || view->modbusd.state == DAEMON_DOWN ||
                                view->modbusd.state == DAEMON_HANGS;
    view->moment.target_counts = true;
}

void live_view_close(struct live_view *view)
{
    if (view->open)
        live_table_close(&view->live);
    view->open = false;
    modbusd_view_close(&view->modbusd);
}

bool live_view_read_row(const struct live_view *view, enum live_table_kind kind, int64_t id,
                        int64_t slot, struct live_table_row *row)
{
    memset(row, 0, sizeof *row);
    if (!view->open || slot >= (int64_t)view->state.capacity)
        return false;
    return live_table_read_row(&view->live, (uint32_t)slot, live_table_make_owner(kind, id), row);
}

bool live_view_is_alive(const struct live_view *view)
{
    return view->mqttd == DAEMON_UP || view->mqttd == DAEMON_STARTING;
}
