/* Writes without a row of the live table, in order, until their server takes them. Pure. */
#ifndef TAGFERRY_MQTTD_DIRECTS_H
#define TAGFERRY_MQTTD_DIRECTS_H

#include <stddef.h>

#include "mqttd/target.h"

struct directs {
    struct target_write *item;
    size_t count, room;
};

/* One that waits for the same place is replaced, where it stands. Out of memory it is lost. */
void directs_add(struct directs *directs, const struct target_write *write);
/* Puts those of `writes` from `done` on, which could not be written, before the newer ones, and
 * empties `writes`. */
void directs_put_back(struct directs *directs, struct directs *writes, size_t done);
void directs_finish(struct directs *directs);

#endif
