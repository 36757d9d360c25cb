/* Follows the live table and the counters of tagferry-modbusd. The lock of a file shows immediately
 * that its writer has ended; the heartbeat shows that it hangs. */
#include "api/live/live_view.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/require.h"

enum { LIVE_LOOK_INTERVAL_MS = 1000, MODBUSD_LOOK_INTERVAL_MS = 1000 };

uint64_t daemons_view_wall_ms(uint64_t steady_ms, uint64_t now_steady_ms)
{
    if (steady_ms == 0 || steady_ms > now_steady_ms)
        return 0;
    return clock_wall_ms() - (now_steady_ms - steady_ms);
}

/* Opens the file, or the file that replaced one without a writer. True when the open file has a
 * writer; this check costs a system call. */
static bool modbusd_view_find_file(struct modbusd_view *view, uint64_t now)
{
    char why[SHM_WHY_SIZE];
    bool due = view->looked_ms == 0 || now - view->looked_ms >= MODBUSD_LOOK_INTERVAL_MS;
    if (view->open && shm_has_writer(&view->counters.shm))
        return true;
    if (view->open && !counters_were_replaced(&view->counters, &modbusd_counters, view->directory))
        return false;
    if (!view->open && !due)
        return false;
    modbusd_view_close(view);
    view->looked_ms = now;
    view->open =
        counters_open_reader(&view->counters, &modbusd_counters, view->directory, why, sizeof why);
    return view->open && shm_has_writer(&view->counters.shm);
}

void modbusd_view_refresh(struct modbusd_view *view, uint64_t now_steady_ms)
{
    bool has_writer = modbusd_view_find_file(view, now_steady_ms);
    uint64_t beat = view->open ? counters_get(&view->counters, MODBUSD_BEAT_MS) : 0;
    view->since_ms = daemons_view_wall_ms(beat, now_steady_ms);
    if (!has_writer) {
        view->state = DAEMON_DOWN;
    } else if (beat == 0) {
        view->state = DAEMON_STARTING;
        view->since_ms = counters_get(&view->counters, MODBUSD_STARTED_MS);
    } else if (now_steady_ms > beat + DAEMON_BEAT_LIMIT_MS) {
        view->state = DAEMON_HANGS;
    } else {
        view->state = DAEMON_UP;
        view->since_ms = counters_get(&view->counters, MODBUSD_STARTED_MS);
    }
}

void modbusd_view_close(struct modbusd_view *view)
{
    if (view->open)
        counters_close(&view->counters);
    view->open = false;
}

/* Opens the files, or those that replaced files without a writer. True when the open files have a
 * writer; this check costs a system call. */
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

void live_view_refresh(struct live_view *view)
{
    REQUIRE(view->directory);
    view->now_ms = clock_steady_ms();
    bool has_writer = live_view_find_files(view);
    view->state = view->open ? live_table_read_state(&view->live) : (struct live_table_state){0};
    if (!has_writer)
        view->mqttd = DAEMON_DOWN;
    else if (view->now_ms > view->state.heartbeat_steady_ms + LIVE_HEARTBEAT_LIMIT_MS)
        view->mqttd = DAEMON_HANGS;
    else
        view->mqttd = view->state.condition == LIVE_SERVING ? DAEMON_UP : DAEMON_STARTING;
    view->modbusd.directory = view->directory;
    modbusd_view_refresh(&view->modbusd, view->now_ms);
    view->moment = quality_moment(&view->state, view->now_ms);
    if (view->mqttd == DAEMON_DOWN)
        view->moment.gateway = REASON_MQTTD_DOWN;
    /* tagferry-mqttd also reports a tagferry-modbusd that runs but does not answer. */
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

bool live_view_read_stamp(const struct live_view *view, enum live_table_kind kind, int64_t id,
                          int64_t slot, struct live_table_stamp *stamp)
{
    *stamp = (struct live_table_stamp){0};
    if (!view->open || slot >= (int64_t)view->state.capacity)
        return false;
    return live_table_read_stamp(&view->live, (uint32_t)slot, live_table_make_owner(kind, id),
                                 stamp);
}

bool live_view_is_alive(const struct live_view *view)
{
    return view->mqttd == DAEMON_UP || view->mqttd == DAEMON_STARTING;
}
