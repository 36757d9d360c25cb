/* Queues of row slots. */
#include "mqttd/targets/dirty_rows.h"

#include <stdlib.h>

#include "common/base/require.h"

void row_slots_push(struct row_slots *row_slots, uint32_t slot)
{
    if (!ARRAY_PUSH(row_slots, slot))
        row_slots->has_lost = true;
}

void row_slots_finish(struct row_slots *row_slots)
{
    free(row_slots->item);
    *row_slots = (struct row_slots){0};
}

void dirty_rows_add(struct dirty_rows *dirty_rows, uint32_t slot, uint64_t since_ms)
{
    struct row_slots *queue = &dirty_rows->queue;
    size_t byte = slot / 8;
    uint8_t bit = (uint8_t)(1U << (slot % 8));
    if (queue->count == 0 || since_ms < dirty_rows->since_ms)
        dirty_rows->since_ms = since_ms;
    if (!ARRAY_EXTEND(&dirty_rows->present, byte + 1)) {
        dirty_rows->has_lost = true;
        return;
    }
    uint8_t *present = &dirty_rows->present.item[byte];
    if (*present & bit)
        return;
    if (ARRAY_PUSH(queue, slot))
        *present |= bit;
    else
        dirty_rows->has_lost = true;
}

void dirty_rows_add_all(struct dirty_rows *dirty_rows, struct row_slots *from, uint64_t since_ms)
{
    REQUIRE(from != &dirty_rows->queue);
    for (size_t i = 0; i < from->count; i++)
        dirty_rows_add(dirty_rows, from->item[i], since_ms);
    from->count = 0;
    dirty_rows->has_lost |= from->has_lost;
    from->has_lost = false;
}

void dirty_rows_take(struct dirty_rows *dirty_rows, struct row_slots *into)
{
    REQUIRE(into->count == 0 && !into->has_lost);
    struct row_slots taken = dirty_rows->queue;
    dirty_rows->queue = *into;
    *into = taken;
    for (size_t i = 0; i < taken.count; i++)
        dirty_rows->present.item[taken.item[i] / 8] &= (uint8_t) ~(1U << (taken.item[i] % 8));
}

void dirty_rows_finish(struct dirty_rows *dirty_rows)
{
    row_slots_finish(&dirty_rows->queue);
    free(dirty_rows->present.item);
    *dirty_rows = (struct dirty_rows){0};
}
