/* Follows the live table and judges its rows. */
#include "api/live_view.h"

#include <string.h>

#include "common/clock.h"

enum { LOOK_INTERVAL_MS = 1000, BROKER_LOST_LIMIT_MS = 5000 };

const char *const quality_names[] = {"never", "bad", "stale", "good", NULL};

void live_view_refresh(struct live_view *view)
{
    char why[SHM_WHY_SIZE];
    view->now_ms = clock_steady_ms();
    bool due = view->looked_ms == 0 || view->now_ms - view->looked_ms >= LOOK_INTERVAL_MS;
    if (due) {
        view->looked_ms = view->now_ms;
        if (view->open && live_was_replaced(&view->live))
            live_view_close(view);
        if (!view->open)
            view->open = live_open_reader(&view->live, view->directory, why, sizeof why);
    }
    view->state = view->open ? live_state(&view->live) : (struct live_state){0};
}

void live_view_close(struct live_view *view)
{
    if (view->open)
        live_close(&view->live);
    view->open = false;
}

bool live_view_row(const struct live_view *view, enum live_kind kind, int64_t id, int64_t slot,
                   struct live_row *row)
{
    memset(row, 0, sizeof *row);
    if (!view->open || slot >= (int64_t)view->state.capacity)
        return false;
    return live_read(&view->live, (uint32_t)slot, live_owner(kind, id), row);
}

bool live_view_is_alive(const struct live_view *view)
{
    return view->open && view->now_ms < view->state.heartbeat_steady_ms + LIVE_HEARTBEAT_LIMIT_MS;
}

/* What is wrong for all devices alike. */
static bool is_cut_off(const struct live_view *view)
{
    if (!live_view_is_alive(view))
        return true;
    return view->state.connected == 0 &&
           view->now_ms > view->state.broker_steady_ms + BROKER_LOST_LIMIT_MS;
}

enum quality live_view_quality(const struct live_view *view, const struct live_row *row,
                               int64_t stale_after_s)
{
    bool is_device = row->owner == 0 || row->owner >> 56 == LIVE_DEVICE;
    uint64_t limit_ms = (uint64_t)stale_after_s * 1000;
    if (row->outcome == LIVE_NONE || row->session != view->state.session)
        return QUALITY_NEVER;
    if (row->outcome == LIVE_UNAVAILABLE || (row->outcome == LIVE_REFUSED && !is_device))
        return QUALITY_BAD;
    if (is_cut_off(view))
        return QUALITY_STALE;
    if (limit_ms > 0 &&
        (row->outcome == LIVE_RETAINED || view->now_ms > row->value.steady_ms + limit_ms))
        return QUALITY_STALE;
    return QUALITY_GOOD;
}
