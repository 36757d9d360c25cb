/* Follows the store in a thread of its own: reads the changes, builds the devices concerned and
 * hands them over, so that the MQTT thread never touches SQLite. */
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
    struct wakeup *notify; /* raised when a reload waits */
    int64_t zeroed_until;  /* store revision up to which ownerless registers were zeroed before */
};

struct device_change {
    int64_t id;
    struct device *device; /* NULL: gone, or disabled */
};

/* What has changed in the store. */
struct store_update {
    struct store_update *next;
    bool whole; /* devices that are not among the changes are gone */
    struct device_change *changes;
    size_t change_count, tag_count;
    struct target_write *zeros; /* registers of the local server that nobody owns any more */
    size_t zero_count;
    int64_t revision;
};

struct store_watcher *store_watcher_create(const struct store_watcher_spec *spec, char *why,
                                           size_t why_size);
/* Takes NULL. */
void store_watcher_destroy(struct store_watcher *store_watcher);

/* The oldest update that waits, or NULL. The caller owns it and the devices in it. */
struct store_update *store_watcher_take(struct store_watcher *store_watcher);
/* Frees the update and the devices that it still points to. Takes NULL. */
void store_update_free(struct store_update *reload);
/* True while the store is missing or cannot be read. */
bool store_watcher_is_waiting(struct store_watcher *store_watcher);

#endif
