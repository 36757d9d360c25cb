/* The devices in service, with their topics, rows and targets. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_DEVICE_TABLE_H
#define TAGFERRY_MQTTD_CONFIG_DEVICE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"
#include "common/shared/live_table.h"
#include "mqttd/broker/subscriptions.h"
#include "mqttd/config/owned_registers.h"
#include "mqttd/config/store_watcher.h"
#include "mqttd/config/topic_tree.h"
#include "mqttd/sparkplug/sparkplug_nodes.h"
#include "mqttd/targets/target_set.h"

/* A tag that an update moves from one device to another. */
struct tag_move {
    int64_t id;
    struct tag *from, *to; /* of the device in service, and of the one that replaces it or is new */
};

struct device_table {
    struct live_table *live;
    struct targets *targets;
    struct owned_registers *owned; /* shows SCADA's server who owns what; or NULL */
    struct topic_tree *topic_tree;
    struct subscriptions *subscriptions;
    struct sparkplug_nodes sparkplug_nodes;
    /* Called before a device goes out of service because another gateway holds it now; or NULL. */
    void (*leaving)(void *context, const struct device *device, const char *gateway);
    void *leaving_context;
    struct hash_table devices; /* by id */
    size_t tag_count;
    uint64_t generation;             /* incremented by each update */
    int64_t revision;                /* of the store, as of the newest update */
    int64_t newest_tag;              /* the highest id that was ever in service */
    ARRAY_OF(struct tag_move) moves; /* of the update that is prepared */
    bool is_replaced;         /* the update is that of another store: nothing in service stays */
    int64_t asked_last;       /* the device whose request was published last, or 0 */
    bool is_zeroing;          /* zeros for orphaned registers are not written yet */
    bool lacks_server_limits; /* there was no memory for the pace and polls of some server */
    bool loaded;              /* the first update was applied */
};

/* Borrows `live` and `targets`. False when out of memory; call device_table_finish in either case.
 */
bool device_table_init(struct device_table *device_table, struct live_table *live,
                       struct targets *targets);
/* Frees the devices. Accepts a zeroed table. */
void device_table_finish(struct device_table *device_table);

/* Returns the devices in turn, in no particular order: after NULL the first one, and NULL after the
 * last one. Neither add nor remove devices meanwhile. */
struct device *device_table_next(const struct device_table *device_table,
                                 const struct device *device);

/* NULL when no such device is in service. */
struct device *device_table_find(const struct device_table *device_table, int64_t id);

/* True when a Sparkplug device or node that the device takes its values from is dead. */
bool device_table_sees_death(const struct device *device);

/* Does the steps of an update that need memory: starts targets, and adds the topics of the new
 * devices. False with errno ENOMEM; then nothing has changed, and the devices in service continue.
 * After true, call device_table_apply before the next message is handled. */
bool device_table_prepare(struct device_table *device_table, const struct store_update *update);
/* Takes the devices of the update into service, and takes those that they replace, or that are
 * gone, out of service. Call it after row_claims_reserve and device_table_prepare. The first call
 * also marks the rows whose values an earlier mqttd has not written. */
void device_table_apply(struct device_table *device_table, struct store_update *update);

/* Repeats what failed for lack of memory: marks rows again whose marks were lost, and sets paces
 * and polls of servers. True when something had failed. Call it once a second. */
bool device_table_retry(struct device_table *device_table);

/* Records in the live table that the zeros for orphaned registers are written, once they are: the
 * next start does not write them again. Call it once a second. */
void device_table_note_zeroed(struct device_table *device_table);
/* After live_table_repair_files: claims all rows again for their devices and tags, and marks those
 * whose values are not written. */
void device_table_restore_rows(struct device_table *device_table);
/* Marks the newest values of all tags on the units whose server may have lost its register contents
 * since the last call. Call it before changes that were polled are taken from the targets. */
void device_table_rewrite_lost_units(struct device_table *device_table);

#endif
