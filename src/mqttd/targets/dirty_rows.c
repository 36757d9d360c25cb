/* Queues of slots. */
#include "mqttd/targets/dirty_rows.h"

#include <stdlib.h>
#include <string.h>

/* False without memory. */
static bool push(struct slots *slots, uint32_t slot)
{
    if (slots->count == slots->room) {
        size_t room = slots->room ? slots->room * 2 : 256;
        uint32_t *item = realloc(slots->item, room * sizeof *item);
        if (!item)
            return false;
        slots->item = item;
        slots->room = room;
    }
    slots->item[slots->count++] = slot;
    return true;
}

void slots_push(struct slots *slots, uint32_t slot)
{
    slots->has_lost |= !push(slots, slot);
}

void slots_finish(struct slots *slots)
{
    free(slots->item);
    *slots = (struct slots){0};
}

static bool reserve(struct marks *marks, uint32_t slot)
{
    size_t needed = slot / 8 + 1;
    if (needed <= marks->size)
        return true;
    size_t size = marks->size * 2 > needed ? marks->size * 2 : needed;
    uint8_t *present = realloc(marks->present, size);
    if (!present)
        return false;
    memset(present + marks->size, 0, size - marks->size);
    marks->present = present;
    marks->size = size;
    return true;
}

void marks_add(struct marks *marks, uint32_t slot, uint64_t since_ms)
{
    if (marks->queue.count == 0 || since_ms < marks->since_ms)
        marks->since_ms = since_ms;
    if (!reserve(marks, slot)) {
        marks->has_lost = true;
        return;
    }
    if (marks->present[slot / 8] >> (slot % 8) & 1)
        return;
    if (push(&marks->queue, slot))
        marks->present[slot / 8] |= (uint8_t)(1U << (slot % 8));
    else
        marks->has_lost = true;
}

void marks_add_all(struct marks *marks, struct slots *from, uint64_t since_ms)
{
    for (size_t i = 0; i < from->count; i++)
        marks_add(marks, from->item[i], since_ms);
    from->count = 0;
    marks->has_lost |= from->has_lost;
    from->has_lost = false;
}

void marks_take(struct marks *marks, struct slots *into)
{
    struct slots taken = marks->queue;
    marks->queue = *into;
    *into = taken;
    for (size_t i = 0; i < taken.count; i++)
        marks->present[taken.item[i] / 8] &= (uint8_t) ~(1U << (taken.item[i] % 8));
}

void marks_finish(struct marks *marks)
{
    slots_finish(&marks->queue);
    free(marks->present);
    *marks = (struct marks){0};
}
