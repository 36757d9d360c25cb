/* Follows the store in a thread of its own: reads the changes, builds the devices that they concern
 * and queues them as updates, so that the MQTT thread never calls SQLite. */
#ifndef TAGFERRY_MQTTD_CONFIG_STORE_WATCHER_H
#define TAGFERRY_MQTTD_CONFIG_STORE_WATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/thread.h"
#include "common/shared/memory_shortage.h"
#include "mqttd/model/device_model.h"
#include "mqttd/targets/target.h"

struct store_watcher;

struct store_watcher_spec {
    const char *database;
    struct local_server place;
    struct memory_shortage *memory_shortage;
    struct wakeup *notify; /* raised when an update is queued, or the store cannot be opened */
    /* Called by the thread when any part of the store has changed, or the store was opened. */
    void (*changed)(void *context);
    void *context;
    int64_t zeroed_until; /* revision up to which an earlier mqttd has zeroed orphaned registers */
};

struct device_change {
    int64_t id;
    struct device *device; /* NULL: deleted, disabled, or another gateway's */
    const char *gateway;   /* the name of that gateway, or NULL; borrowed from the changeset */
};

/* The changes between two revisions of the store. */
struct store_update {
    struct store_update *next;
    bool whole; /* devices that are not among the changes are gone */
    struct device_change *changes;
    size_t change_count, tag_count;
    struct target_write *zeros; /* for registers of the local server that have no owner any more */
    size_t zero_count;
    bool keeps_zeros; /* this process runs with a former name of the gateway: the next one has to
                       * find the registers without an owner again */
    int64_t revision; /* the newer one */
};

/* Starts the thread. Copies `spec` and borrows all that it points to. NULL with the reason in `why`
 * when out of memory or without a thread; a store that cannot be opened is no failure. */
struct store_watcher *store_watcher_create(const struct store_watcher_spec *spec, char *why,
                                           size_t why_size);
/* Stops the thread and waits for its end. Accepts NULL. */
void store_watcher_destroy(struct store_watcher *store_watcher);

/* Takes the oldest update out of the queue, or returns NULL when the queue is empty. The caller
 * owns the update and the devices in it. Any thread. */
struct store_update *store_watcher_take(struct store_watcher *store_watcher);
/* Frees the update and the devices that it still points to. Accepts NULL. */
void store_update_free(struct store_update *update);
/* True while the store is missing or cannot be opened. Any thread. */
bool store_watcher_is_waiting(struct store_watcher *store_watcher);

#endif
