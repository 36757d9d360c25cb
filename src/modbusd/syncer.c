/* Syncs the image at an interval, or on demand; all who ask while it works share the next sync. */
#include "modbusd/syncer.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/log.h"

struct syncer {
    struct image *image;
    struct counters *counters;
    long interval_ms;
    int news_fd;
    pthread_t thread;
    pthread_mutex_t lock; /* guards the next three */
    bool stopping;
    uint64_t asked;
    struct syncer_results news;
    pthread_cond_t changed;
    bool failing; /* the thread's own: the last sync failed */
};

/* False when it failed. */
static bool syncer_sync_once(struct syncer *syncer)
{
    enum image_sync result = image_sync(syncer->image);
    if (result == IMAGE_SYNC_FAILED) {
        counters_add(syncer->counters, MODBUSD_IMAGE_SYNC_FAILURES, 1);
        if (!syncer->failing)
            log_error("image: cannot be written to its disk: %s; retrying", strerror(errno));
        syncer->failing = true;
    } else if (result == IMAGE_SYNCED) {
        counters_add(syncer->counters, MODBUSD_IMAGE_SYNCS, 1);
        if (syncer->failing)
            log_info("image: written to its disk again");
        syncer->failing = false;
    }
    return result != IMAGE_SYNC_FAILED;
}

enum { RETRY_MS = 1000 }; /* after a sync that failed, when syncs are on demand */

static void syncer_wait_ms(struct syncer *syncer, long ms)
{
    struct timespec until = clock_deadline((unsigned)ms);
    while (!syncer->stopping && pthread_cond_clockwait(&syncer->changed, &syncer->lock,
                                                       CLOCK_MONOTONIC, &until) != ETIMEDOUT)
        ;
}

/* A failed write is tried again, whether somebody asks or not. */
static void syncer_wait_request(struct syncer *syncer)
{
    struct timespec until = clock_deadline(RETRY_MS);
    int rc = 0;
    while (!syncer->stopping && syncer->asked == syncer->news.done && rc != ETIMEDOUT)
        rc = syncer->failing
                 ? pthread_cond_clockwait(&syncer->changed, &syncer->lock, CLOCK_MONOTONIC, &until)
                 : pthread_cond_wait(&syncer->changed, &syncer->lock);
}

static void syncer_report_done(struct syncer *syncer, uint64_t number, bool ok)
{
    static const uint64_t one = 1;
    pthread_mutex_lock(&syncer->lock);
    bool news = number != syncer->news.done;
    syncer->news.done = number;
    if (!ok)
        syncer->news.failed = number;
    pthread_mutex_unlock(&syncer->lock);
    if (news && write(syncer->news_fd, &one, sizeof one) != (ssize_t)sizeof one)
        log_error("image: the loop cannot be told of a sync: %s", strerror(errno));
}

static void *syncer_thread_run(void *context)
{
    struct syncer *syncer = context;
    bool stopping = false;
    while (!stopping) {
        pthread_mutex_lock(&syncer->lock);
        if (syncer->interval_ms > 0)
            syncer_wait_ms(syncer, syncer->interval_ms);
        else
            syncer_wait_request(syncer);
        stopping = syncer->stopping;
        uint64_t number = syncer->asked;
        pthread_mutex_unlock(&syncer->lock);
        syncer_report_done(syncer, number, syncer_sync_once(syncer));
    }
    return NULL;
}

static bool syncer_start_thread(struct syncer *syncer)
{
    pthread_mutex_init(&syncer->lock, NULL);
    pthread_cond_init(&syncer->changed, NULL);
    errno = pthread_create(&syncer->thread, NULL, syncer_thread_run, syncer);
    if (errno == 0)
        return true;
    pthread_cond_destroy(&syncer->changed);
    pthread_mutex_destroy(&syncer->lock);
    return false;
}

struct syncer *syncer_create(struct image *image, struct counters *counters, long interval_ms)
{
    struct syncer *syncer = calloc(1, sizeof *syncer);
    if (!syncer)
        return NULL;
    *syncer = (struct syncer){.image = image, .counters = counters, .interval_ms = interval_ms};
    syncer->news_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (syncer->news_fd >= 0 && syncer_start_thread(syncer))
        return syncer;
    if (syncer->news_fd >= 0)
        close(syncer->news_fd);
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
    close(syncer->news_fd);
    free(syncer);
}

void syncer_request_sync(struct syncer *syncer, uint64_t number)
{
    pthread_mutex_lock(&syncer->lock);
    syncer->asked = number;
    pthread_cond_signal(&syncer->changed);
    pthread_mutex_unlock(&syncer->lock);
}

int syncer_event_fd(const struct syncer *syncer)
{
    return syncer->news_fd;
}

struct syncer_results syncer_take_results(struct syncer *syncer)
{
    uint64_t count;
    ssize_t got = read(syncer->news_fd, &count, sizeof count);
    (void)got; /* nothing to read is no news */
    pthread_mutex_lock(&syncer->lock);
    struct syncer_results news = syncer->news;
    pthread_mutex_unlock(&syncer->lock);
    return news;
}
