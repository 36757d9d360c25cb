/* Syncs the image at an interval, while there is something to sync. */
#include "modbusd/syncer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/log.h"

struct syncer {
    struct image *image;
    struct counters *counters;
    long interval_ms;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool stopping; /* guarded by lock */
    bool failing;  /* the thread's own: the last sync failed */
};

static void sync_once(struct syncer *syncer)
{
    enum image_sync result = image_sync(syncer->image);
    if (result == IMAGE_SYNC_FAILED) {
        counters_add(syncer->counters, MODBUSD_IMAGE_SYNC_FAILURES, 1);
        if (!syncer->failing)
            log_error("image: cannot be written to its disk: %s; trying again each interval",
                      strerror(errno));
        syncer->failing = true;
    } else if (result == IMAGE_SYNCED) {
        counters_add(syncer->counters, MODBUSD_IMAGE_SYNCS, 1);
        if (syncer->failing)
            log_info("image: written to its disk again");
        syncer->failing = false;
    }
}

static void wait_interval(struct syncer *syncer)
{
    struct timespec until;
    clock_gettime(CLOCK_MONOTONIC, &until);
    until.tv_sec += syncer->interval_ms / 1000;
    until.tv_nsec += syncer->interval_ms % 1000 * 1000000L;
    if (until.tv_nsec >= 1000000000L) {
        until.tv_sec++;
        until.tv_nsec -= 1000000000L;
    }
    while (!syncer->stopping &&
           pthread_cond_timedwait(&syncer->changed, &syncer->lock, &until) != ETIMEDOUT)
        ;
}

static void *run(void *context)
{
    struct syncer *syncer = context;
    bool stopping = false;
    while (!stopping) {
        pthread_mutex_lock(&syncer->lock);
        wait_interval(syncer);
        stopping = syncer->stopping;
        pthread_mutex_unlock(&syncer->lock);
        sync_once(syncer);
    }
    return NULL;
}

struct syncer *syncer_create(struct image *image, struct counters *counters, long interval_ms)
{
    struct syncer *syncer = calloc(1, sizeof *syncer);
    pthread_condattr_t attributes;
    if (!syncer)
        return NULL;
    *syncer = (struct syncer){.image = image, .counters = counters, .interval_ms = interval_ms};
    pthread_mutex_init(&syncer->lock, NULL);
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&syncer->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    errno = pthread_create(&syncer->thread, NULL, run, syncer);
    if (errno == 0)
        return syncer;
    pthread_cond_destroy(&syncer->changed);
    pthread_mutex_destroy(&syncer->lock);
    free(syncer);
    return NULL;
}

void syncer_destroy(struct syncer *syncer)
{
    if (!syncer)
        return;
    pthread_mutex_lock(&syncer->lock);
    syncer->stopping = true;
    pthread_cond_signal(&syncer->changed);
    pthread_mutex_unlock(&syncer->lock);
    pthread_join(syncer->thread, NULL);
    pthread_cond_destroy(&syncer->changed);
    pthread_mutex_destroy(&syncer->lock);
    free(syncer);
}
