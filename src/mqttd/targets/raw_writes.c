/* A queue of writes. */
#include "mqttd/targets/raw_writes.h"

#include <stdlib.h>

#include "common/base/array.h"
#include "common/base/require.h"

bool raw_writes_add(struct raw_writes *raw_writes, const struct target_write *write)
{
    REQUIRE(write->count >= 1 && write->count <= RAW_WRITE_REGISTERS_MAX);
    REQUIRE(!write->has_words || write->count <= RAW_WRITE_WORDS_MAX);
    REQUIRE(write->mask == 0 || write->count == 1);
    /* Older words for the same place are dropped. The new ones go to the end of the queue, after
     * the writes that were made in between. */
    size_t kept = write->has_words ? 0 : raw_writes->count;
    for (size_t i = kept; i < raw_writes->count; i++) {
        const struct target_write *each = &raw_writes->item[i];
        if (!each->has_words || each->unit != write->unit || each->table != write->table ||
            each->address != write->address)
            raw_writes->item[kept++] = *each;
    }
    raw_writes->count = kept;
    return ARRAY_PUSH(raw_writes, *write);
}

bool raw_writes_append(struct raw_writes *raw_writes, struct raw_writes *newer)
{
    REQUIRE(raw_writes != newer);
    if (!ARRAY_RESERVE(raw_writes, newer->count))
        return false;
    for (size_t i = 0; i < newer->count; i++)
        raw_writes_add(raw_writes, &newer->item[i]);
    newer->count = 0;
    return true;
}

void raw_writes_drop_zeros(struct raw_writes *raw_writes, uint8_t unit, uint8_t table,
                           uint16_t address, uint16_t count, uint16_t mask)
{
    size_t kept = 0;
    for (size_t i = 0; i < raw_writes->count; i++) {
        struct target_write each = raw_writes->item[i];
        if (each.unit == unit && each.table == table && each.address >= address &&
            each.address < address + count) {
            /* The bits that still have to be zeroed. */
            uint16_t owed = each.mask ? each.mask : UINT16_MAX;
            each.mask = mask ? (uint16_t)(owed & ~mask) : 0;
            if (each.mask == 0)
                continue;
        }
        raw_writes->item[kept++] = each;
    }
    raw_writes->count = kept;
}

void raw_writes_finish(struct raw_writes *raw_writes)
{
    free(raw_writes->item);
    *raw_writes = (struct raw_writes){0};
}
