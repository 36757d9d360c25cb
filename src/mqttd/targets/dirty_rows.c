/* Queues of row_slots. */
#include "mqttd/targets/dirty_rows.h"

#include <stdlib.h>
#include <string.h>

/* False without memory. */
static bool row_slots_try_push(struct row_slots *row_slots, uint32_t slot)
{
    if (row_slots->count == row_slots->room) {
        size_t room = row_slots->room ? row_slots->room * 2 : 256;
        uint32_t *item = realloc(row_slots->item, room * sizeof *item);
        if (!item)
            return false;
        row_slots->item = item;
        row_slots->room = room;
    }
    row_slots->item[row_slots->count++] = slot;
    return true;
}

void row_slots_push(struct row_slots *row_slots, uint32_t slot)
{
    row_slots->has_lost |= !row_slots_try_push(row_slots, slot);
}

void row_slots_finish(struct row_slots *row_slots)
{
    free(row_slots->item);
    *row_slots = (struct row_slots){0};
}

static bool dirty_rows_reserve(struct dirty_rows *dirty_rows, uint32_t slot)
{
    size_t needed = slot / 8 + 1;
    if (needed <= dirty_rows->size)
        return true;
    size_t size = dirty_rows->size * 2 > needed ? dirty_rows->size * 2 : needed;
    uint8_t *present = realloc(dirty_rows->present, size);
    if (!present)
        return false;
    memset(present + dirty_rows->size, 0, size - dirty_rows->size);
    dirty_rows->present = present;
    dirty_rows->size = size;
    return true;
}

void dirty_rows_add(struct dirty_rows *dirty_rows, uint32_t slot, uint64_t since_ms)
{
    if (dirty_rows->queue.count == 0 || since_ms < dirty_rows->since_ms)
        dirty_rows->since_ms = since_ms;
    if (!dirty_rows_reserve(dirty_rows, slot)) {
        dirty_rows->has_lost = true;
        return;
    }
    if (dirty_rows->present[slot / 8] >> (slot % 8) & 1)
        return;
    if (row_slots_try_push(&dirty_rows->queue, slot))
        dirty_rows->present[slot / 8] |= (uint8_t)(1U << (slot % 8));
    else
        dirty_rows->has_lost = true;
}

void dirty_rows_add_all(struct dirty_rows *dirty_rows, struct row_slots *from, uint64_t since_ms)
{
    for (size_t i = 0; i < from->count; i++)
        dirty_rows_add(dirty_rows, from->item[i], since_ms);
    from->count = 0;
    dirty_rows->has_lost |= from->has_lost;
    from->has_lost = false;
}

void dirty_rows_take(struct dirty_rows *dirty_rows, struct row_slots *into)
{
    struct row_slots taken = dirty_rows->queue;
    dirty_rows->queue = *into;
    *into = taken;
    for (size_t i = 0; i < taken.count; i++)
        dirty_rows->present[taken.item[i] / 8] &= (uint8_t) ~(1U << (taken.item[i] % 8));
}

void dirty_rows_finish(struct dirty_rows *dirty_rows)
{
    row_slots_finish(&dirty_rows->queue);
    free(dirty_rows->present);
    *dirty_rows = (struct dirty_rows){0};
}
