/* Copies marked rows of the live table into items of a batch: what they hold now, and which change
 * of the row that is. The thread of one Modbus server alone. */
#ifndef TAGFERRY_MQTTD_TARGETS_ROW_SNAPSHOT_H
#define TAGFERRY_MQTTD_TARGETS_ROW_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "common/shared/live_table.h"
#include "mqttd/targets/dirty_rows.h"
#include "mqttd/targets/write_batch.h"

struct snapshot_row {
    uint32_t slot;
    uint64_t changed;
    uint64_t since_ms; /* when its message came, steady clock; 0 for status registers */
};

struct row_snapshot {
    struct batch_item *items; /* `index` of an item is its place in `rows` */
    struct snapshot_row *rows;
    uint16_t *words;
    size_t count, room, word_count, word_room;
};

/* Fills the items again with the rows that are not written and belong to the server `digest`.
 * Returns how many of the row_slots were looked at: fewer than all when out of memory. */
size_t row_snapshot_fill(struct row_snapshot *row_snapshot, const struct live_table *live,
                         uint32_t digest, const struct row_slots *row_slots);
const struct snapshot_row *row_snapshot_row(const struct row_snapshot *row_snapshot, size_t item);
void row_snapshot_finish(struct row_snapshot *row_snapshot);

#endif
