/* Syncs the image at an interval, or on demand: all requests during a sync share the next one. */
#include "modbusd/registers/syncer.h"

#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/base/thread.h"

struct syncer {
    struct image *image;
    struct counters *counters;
    int64_t interval_ms;
    struct wakeup news_ready; /* wakes the server's loop */
    struct thread thread;
    atomic_bool rests;    /* the thread waits for a change of the image */
    pthread_mutex_t lock; /* protects the next two */
    uint64_t asked;
    struct syncer_results news;
    bool failing;        /* the last sync failed; only for the thread, like the next one */
    uint64_t changed_ms; /* the last sync with changes; 0: none */
};

/* Writes that come at least so often find their pages writable, unless their answers wait for the
 * disk anyway. Linux writes a dirty page after 30 s: more seldom ones would not find them so. */
enum { STEADY_MS = 20000 };

/* False if the sync failed. */
static bool syncer_sync_once(struct syncer *syncer)
{
    const uint64_t now = clock_steady_ms();
    const bool is_steady =
        syncer->interval_ms > 0 && syncer->changed_ms != 0 && now - syncer->changed_ms < STEADY_MS;
    enum image_sync result = image_sync(syncer->image, is_steady);
    if (result != IMAGE_CLEAN)
        syncer->changed_ms = now;
    if (result == IMAGE_SYNC_FAILED) {
        counters_add(syncer->counters, MODBUSD_IMAGE_SYNC_FAILURES, 1);
        if (!syncer->failing)
            log_error("image: cannot be written to disk: %s; retrying", strerror(errno));
        syncer->failing = true;
    } else if (result == IMAGE_SYNCED) {
        counters_add(syncer->counters, MODBUSD_IMAGE_SYNCS, 1);
        if (syncer->failing)
            log_info("image: written to disk again");
        syncer->failing = false;
    }
    return result != IMAGE_SYNC_FAILED;
}

enum {
    RETRY_MS = 1000, /* after a failed sync, in on-demand mode */
    EARLY_PART = 8,  /* a sync comes an eighth of the interval early: the next of messages that come
                        once in an interval does not meet it */
};

/* Waits until the next sync is due: at the end of the interval, on request, or to retry a failed
 * one. */
static void syncer_wait_due(struct syncer *syncer)
{
    bool on_demand = syncer->interval_ms == 0, timed = !on_demand || syncer->failing;
    uint64_t now = clock_steady_ms(), until = UINT64_MAX;
    if (timed)
        until =
            now + (uint64_t)(on_demand ? RETRY_MS
                                       : syncer->interval_ms - syncer->interval_ms / EARLY_PART);
    for (; !thread_is_stopping(&syncer->thread) && now < until; now = clock_steady_ms()) {
        pthread_mutex_lock(&syncer->lock);
        bool requested = on_demand && syncer->asked != syncer->news.done;
        pthread_mutex_unlock(&syncer->lock);
        if (requested)
            return;
        thread_wait(&syncer->thread, timed ? (int)(until - now) : THREAD_FOREVER);
    }
}

/* At an interval: waits until the image has changed. Sets `rests`, then looks at the image; who
 * changes the image marks it, then looks at `rests`: at least one of them sees the other. */
static void syncer_wait_change(struct syncer *syncer)
{
    atomic_store(&syncer->rests, true);
    while (!thread_is_stopping(&syncer->thread) && !atomic_load(&syncer->image->dirty))
        thread_wait(&syncer->thread, THREAD_FOREVER);
    atomic_store(&syncer->rests, false);
}

static void syncer_report_done(struct syncer *syncer, uint64_t number, bool ok)
{
    pthread_mutex_lock(&syncer->lock);
    bool news = number != syncer->news.done;
    syncer->news.done = number;
    if (!ok)
        syncer->news.failed = number;
    pthread_mutex_unlock(&syncer->lock);
    if (news)
        wakeup_raise(&syncer->news_ready);
}

/* Syncs once more after the request to stop. */
static void syncer_run_thread(void *context)
{
    struct syncer *syncer = context;
    bool stopping = false;
    while (!stopping) {
        if (syncer->interval_ms > 0)
            syncer_wait_change(syncer);
        syncer_wait_due(syncer);
        stopping = thread_is_stopping(&syncer->thread);
        pthread_mutex_lock(&syncer->lock);
        uint64_t number = syncer->asked;
        pthread_mutex_unlock(&syncer->lock);
        syncer_report_done(syncer, number, syncer_sync_once(syncer));
    }
}

struct syncer *syncer_create(struct image *image, struct counters *counters, int64_t interval_ms)
{
    struct syncer *syncer = calloc(1, sizeof *syncer);
    if (!syncer)
        return NULL;
    *syncer = (struct syncer){.image = image, .counters = counters, .interval_ms = interval_ms};
    pthread_mutex_init(&syncer->lock, NULL);
    if (wakeup_init(&syncer->news_ready) &&
        thread_start(&syncer->thread, "image sync", syncer_run_thread, syncer))
        return syncer;
    int saved = errno;
    wakeup_finish(&syncer->news_ready);
    pthread_mutex_destroy(&syncer->lock);
    free(syncer);
    errno = saved;
    return NULL;
}

void syncer_destroy(struct syncer *syncer)
{
    if (!syncer)
        return;
    thread_join(&syncer->thread);
    pthread_mutex_destroy(&syncer->lock);
    wakeup_finish(&syncer->news_ready);
    free(syncer);
}

void syncer_note_changes(struct syncer *syncer)
{
    if (atomic_load(&syncer->image->dirty) && atomic_load(&syncer->rests) &&
        atomic_exchange(&syncer->rests, false))
        thread_wake(&syncer->thread);
}

void syncer_request_sync(struct syncer *syncer, uint64_t number)
{
    pthread_mutex_lock(&syncer->lock);
    REQUIRE(number >= syncer->asked);
    syncer->asked = number;
    pthread_mutex_unlock(&syncer->lock);
    thread_wake(&syncer->thread);
}

int syncer_event_fd(const struct syncer *syncer)
{
    return syncer->news_ready.fd;
}

struct syncer_results syncer_take_results(struct syncer *syncer)
{
    wakeup_clear(&syncer->news_ready);
    pthread_mutex_lock(&syncer->lock);
    struct syncer_results news = syncer->news;
    pthread_mutex_unlock(&syncer->lock);
    return news;
}
