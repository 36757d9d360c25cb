/* Copies marked rows of the live table into items of a batch: what they hold now, and which change
 * of the row that is. The thread of one Modbus server alone. */
#ifndef TAGFERRY_MQTTD_TARGETS_ROW_SNAPSHOT_H
#define TAGFERRY_MQTTD_TARGETS_ROW_SNAPSHOT_H

#include <stddef.h>
#include <stdint.h>

#include "common/shared/live_table.h"
#include "mqttd/targets/dirty_rows.h"
#include "mqttd/targets/write_batch.h"

struct gathered {
    uint32_t slot;
    uint64_t changed;
    uint64_t since_ms; /* when its message came, steady clock; 0 for status registers */
};

struct gather {
    struct batch_item *items; /* `index` of an item is its place in `rows` */
    struct gathered *rows;
    uint16_t *words;
    size_t count, room, word_count, word_room;
};

/* Fills the items again with the rows that are not written and belong to the server `digest`.
 * Returns how many of the slots were looked at: fewer than all when out of memory. */
size_t gather_rows(struct gather *gather, const struct live *live, uint32_t digest,
                   const struct slots *slots);
const struct gathered *gather_row(const struct gather *gather, size_t item);
void gather_finish(struct gather *gather);

#endif
