/* The devices in service: who they are, which topics reach them, which rows and targets are theirs.
 * The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_DEVICE_TABLE_H
#define TAGFERRY_MQTTD_CONFIG_DEVICE_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/live_table.h"
#include "mqttd/broker/subscriptions.h"
#include "mqttd/config/store_watcher.h"
#include "mqttd/config/topic_tree.h"
#include "mqttd/targets/target_set.h"

struct device_table {
    struct live_table *live;
    struct targets *targets;
    struct topic_tree *topic_tree;
    struct subscriptions *subscriptions;
    struct hash_table devices; /* by id */
    size_t tag_count;
    uint64_t generation;      /* raised by each reload */
    int64_t revision;         /* of the store */
    int64_t newest_tag;       /* the highest id that was ever in service */
    bool is_zeroing;          /* registers that were given up wait for their zeros */
    bool lacks_server_limits; /* a server has not got its pace and polls yet */
    bool loaded;              /* the first reload has come */
};

/* False when out of memory. */
bool device_table_init(struct device_table *device_table, struct live_table *live,
                       struct targets *targets);
void device_table_finish(struct device_table *device_table);

/* Makes ready what takes memory: what is in service goes on, and a device must not be in service
 * with half of its topics. False with errno without memory; nothing has changed then. Apply the
 * reload before any message is taken. */
bool device_table_prepare(struct device_table *device_table, const struct store_update *reload);
/* After device_table_prepare. Takes the reload's devices into service, for which row_claims_reserve
 * has made room, each in place of the one of the same id. Rows that were not written before a crash
 * are marked for their targets at the first one. */
void device_table_apply(struct device_table *device_table, struct store_update *reload);

/* Makes up for what there was no memory for: values that are not written are marked again, servers
 * get their paces and polls. True when something was missing. Call it now and then. */
bool device_table_retry(struct device_table *device_table);

/* Notes that the zeros are written, once they are, so that a start after that need not write them.
 * Call it now and then. */
void device_table_note_zeroed(struct device_table *device_table);
/* After live_table_repair_files: claims all rows again for their devices and tags, and marks those
 * whose values are not written. */
void device_table_restore_rows(struct device_table *device_table);

void device_table_for_each(const struct device_table *device_table,
                           void (*take)(void *context, struct device *device), void *context);

#endif
