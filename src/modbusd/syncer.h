/* A thread that writes the image to its disk, so that the loop never waits for one. */
#ifndef TAGFERRY_MODBUSD_SYNCER_H
#define TAGFERRY_MODBUSD_SYNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "modbusd/image.h"

struct syncer;

/* Starts the thread. It syncs what has changed at each interval, or with an interval of 0 only
 * when it is asked to. The image and the counters must outlive it. NULL with errno. */
struct syncer *syncer_create(struct image *image, struct counters *counters, long interval_ms);
/* Ends the thread, after a last sync. */
void syncer_destroy(struct syncer *syncer);

/* Asks for a sync of all that was changed before the call. Numbers must rise. */
void syncer_request_sync(struct syncer *syncer, uint64_t number);

struct syncer_results {
    uint64_t done;   /* the newest number that a sync was finished for */
    uint64_t failed; /* the newest number whose sync failed, or 0 */
};

/* Readable when there is news of syncs that were asked for. */
int syncer_event_fd(const struct syncer *syncer);
struct syncer_results syncer_take_results(struct syncer *syncer);

#endif
