/* A thread that writes the image to disk, so that the main loop never waits for the disk. */
#ifndef TAGFERRY_MODBUSD_REGISTERS_SYNCER_H
#define TAGFERRY_MODBUSD_REGISTERS_SYNCER_H

#include <stdbool.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "modbusd/registers/image.h"

struct syncer;

/* Starts the thread, which syncs a change at most an interval after syncer_note_changes, and sleeps
 * while nothing changes, or, with an interval of 0, syncs only on request. The image and the
 * counters must outlive it. NULL with errno. */
struct syncer *syncer_create(struct image *image, struct counters *counters, int64_t interval_ms);
/* Syncs a last time and ends the thread. Accepts NULL. */
void syncer_destroy(struct syncer *syncer);

/* To be called after changes of the image, when nothing is more urgent: waking the thread takes as
 * long as a request. */
void syncer_note_changes(struct syncer *syncer);

/* Requests a sync of all changes made before the call. Numbers must not decrease. */
void syncer_request_sync(struct syncer *syncer, uint64_t number);

struct syncer_results {
    uint64_t done;   /* the latest number whose sync is complete */
    uint64_t failed; /* the latest number whose sync failed, or 0 */
};

/* A descriptor that is readable when requested syncs are complete. */
int syncer_event_fd(const struct syncer *syncer);
/* Clears the event and returns the results. */
struct syncer_results syncer_take_results(struct syncer *syncer);

#endif
