/* The Modbus servers in use: the local one, and a foreign one for each address that a device
 * names. They stay until the end; one that no device names any more is idle. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_SET_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_SET_H

#include <stdbool.h>
#include <stddef.h>

#include "mqttd/model/device_model.h"
#include "mqttd/targets/target.h"

struct targets {
    struct target_spec local; /* what is the same for all */
    struct target **item;     /* the first is the local one */
    size_t count, room;
    struct target **ending; /* told to stop, and not waited for */
    size_t ending_count;
};

/* `local` describes the local server. False with errno. */
bool target_set_init(struct targets *targets, const struct target_spec *local);
void target_set_finish(struct targets *targets);
struct target *target_set_local(const struct targets *targets);
/* The device's server, started if need be. NULL with errno. */
struct target *target_set_find_or_start(struct targets *targets, const struct device *device);
/* What waits for any of them. */
struct target_backlog target_set_backlog(const struct targets *targets);
/* Ends the one at a place behind the first, which no device uses, and closes its connection. The
 * last one takes its place. */
void target_set_end_target(struct targets *targets, size_t place);
/* Frees those that have come to their end. Call it now and then. */
void target_set_reap_ended(struct targets *targets);
/* Holds those that are in use now, and answers how many these are, for target_set_unlock_rows. */
size_t target_set_lock_rows(const struct targets *targets);
void target_set_unlock_rows(const struct targets *targets, size_t held);
/* Hands all dirty_rows over. */
void target_set_wake_threads(const struct targets *targets);

#endif
