/* The Modbus servers in use: the local one, and a foreign one for each address that a device names.
 * Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_SET_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/base/array.h"
#include "mqttd/model/device_model.h"
#include "mqttd/targets/target.h"

struct targets {
    struct target_spec local; /* of the local server, and the template of the others */
    struct target **item;     /* the first one is the local server's */
    size_t count, room;
    unsigned last_number;             /* of the foreign server that was started last */
    ARRAY_OF(struct target *) ending; /* stopped; their threads may still run */
};

/* Starts the target of the local server. False with errno. */
bool target_set_init(struct targets *targets, const struct target_spec *local);
/* A server that is silent for so long while targets end gets no more requests. */
enum { TARGET_STOP_SILENCE_MS = 2000 };

/* Stops all targets and waits for their ends: as long as servers answer, but not for the time-outs
 * of servers that do not. Accepts a zeroed set. */
void target_set_finish(struct targets *targets);
/* The local server's target. */
struct target *target_set_local(const struct targets *targets);
/* Returns the target of the device's server, which is started if it is not in use yet. NULL with
 * errno. */
struct target *target_set_find_or_start(struct targets *targets, const struct device *device);
/* The values that wait for any of the servers. */
struct target_backlog target_set_backlog(const struct targets *targets);
/* Stops the target at this index, which is not 0 and which no device uses. The last target moves to
 * this index. False when out of memory: then the target continues. */
bool target_set_end_target(struct targets *targets, size_t place);
/* Frees the stopped targets whose threads have ended. Call it about once a second. */
void target_set_reap_ended(struct targets *targets);
/* Locks the rows of all targets in use. Returns their number for target_set_unlock_rows: targets
 * may be started before that call. */
size_t target_set_lock_rows(const struct targets *targets);
void target_set_unlock_rows(const struct targets *targets, size_t held);
/* Wakes the threads whose rows were marked. */
void target_set_wake_threads(const struct targets *targets);

#endif
