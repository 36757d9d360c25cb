/* A thread that writes the image to its disk, so that the loop never waits for one. */
#ifndef TAGFERRY_MODBUSD_SYNCER_H
#define TAGFERRY_MODBUSD_SYNCER_H

#include <stdbool.h>

#include "common/counters.h"
#include "modbusd/image.h"

struct syncer;

/* Starts the thread. The image and the counters must outlive it. NULL with errno. */
struct syncer *syncer_create(struct image *image, struct counters *counters, long interval_ms);
/* Ends the thread, after a last sync. */
void syncer_destroy(struct syncer *syncer);

#endif
