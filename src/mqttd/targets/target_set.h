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
    struct target_spec local; /* what is the same for all */
    struct target **item;     /* the first is the local one */
    size_t count, room;
    ARRAY_OF(struct target *) ending; /* stopped, and not waited for */
};

/* `local` describes the local server. False with errno. */
bool target_set_init(struct targets *targets, const struct target_spec *local);
void target_set_finish(struct targets *targets);
struct target *target_set_local(const struct targets *targets);
/* The device's server, started when it is not in use yet. NULL with errno. */
struct target *target_set_find_or_start(struct targets *targets, const struct device *device);
/* The values that wait for any of them. */
struct target_backlog target_set_backlog(const struct targets *targets);
/* Stops the one at this place, which is not the first and which no device uses. The last one takes
 * its place. False when out of memory: it goes on. */
bool target_set_end_target(struct targets *targets, size_t place);
/* Frees the stopped ones that have ended. Call it each second or so. */
void target_set_reap_ended(struct targets *targets);
/* Locks the rows of all targets in use. Returns their number for target_set_unlock_rows: targets
 * may be started in between. */
size_t target_set_lock_rows(const struct targets *targets);
void target_set_unlock_rows(const struct targets *targets, size_t held);
/* Wakes the threads that rows were marked for. */
void target_set_wake_threads(const struct targets *targets);

#endif
