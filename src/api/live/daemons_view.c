/* Looks at locks and beats. */
#include "api/live/daemons_view.h"

#include "common/base/clock.h"

enum { MODBUSD_LOOK_INTERVAL_MS = 1000 };

uint64_t daemons_view_wall_ms(uint64_t steady_ms, uint64_t now_steady_ms)
{
    if (steady_ms == 0 || steady_ms > now_steady_ms)
        return 0;
    return clock_wall_ms() - (now_steady_ms - steady_ms);
}

/* A file without a writer may have been replaced by one that has. True when the file that is open
 * now has a writer, which costs a system call to know. */
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
