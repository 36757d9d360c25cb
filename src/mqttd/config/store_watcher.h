/* Follows the store in a thread of its own: reads what is new, builds the devices concerned again
 * and hands them over, so that the MQTT thread never touches SQLite. */
#ifndef TAGFERRY_MQTTD_CONFIG_STORE_WATCHER_H
#define TAGFERRY_MQTTD_CONFIG_STORE_WATCHER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/model/device_model.h"
#include "mqttd/targets/target.h"

struct loader;

struct loader_spec {
    const char *database;
    struct model_place place;
    int notify_fd;        /* an eventfd, raised when a reload waits */
    int64_t zeroed_until; /* store revision up to which ownerless registers were zeroed before */
};

struct change {
    int64_t id;
    struct device *device; /* NULL: gone, or disabled */
};

/* What has changed in the store. */
struct reload {
    struct reload *next;
    bool whole; /* devices that are not among the changes are gone */
    struct change *changes;
    size_t change_count, tag_count;
    struct target_write *zeros; /* registers of the local server that nobody owns any more */
    size_t zero_count;
    int64_t revision;
};

struct loader *loader_create(const struct loader_spec *spec, char *why, size_t why_size);
/* Takes NULL. */
void loader_destroy(struct loader *loader);

/* The oldest reload that waits, or NULL. The taker frees it, and owns the devices in it. */
struct reload *loader_take(struct loader *loader);
/* Frees the reload, and those devices whose pointers it still holds. Takes NULL. */
void reload_free(struct reload *reload);
/* True when the store was looked for and could not be read. */
bool loader_is_waiting(struct loader *loader);

#endif
