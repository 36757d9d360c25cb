/* Queues writes. */
#include "mqttd/targets/raw_writes.h"

#include <stdlib.h>
#include <string.h>

static bool raw_write_same_place(const struct target_write *a, const struct target_write *b)
{
    return a->unit == b->unit && a->table == b->table && a->address == b->address;
}

/* Entries between the older words and the end were written after them: the newer words must not
 * take the older ones' place. */
static void raw_writes_drop_older(struct raw_writes *raw_writes, const struct target_write *write)
{
    size_t kept = 0;
    for (size_t i = 0; i < raw_writes->count; i++) {
        const struct target_write *each = &raw_writes->item[i];
        if (!each->has_words || !raw_write_same_place(each, write))
            raw_writes->item[kept++] = *each;
    }
    raw_writes->count = kept;
}

static bool raw_writes_grow(struct raw_writes *raw_writes, size_t needed)
{
    size_t room = raw_writes->room ? raw_writes->room : 16;
    if (needed <= raw_writes->room)
        return true;
    while (room < needed)
        room *= 2;
    struct target_write *item = realloc(raw_writes->item, room * sizeof *item);
    if (!item)
        return false;
    raw_writes->item = item;
    raw_writes->room = room;
    return true;
}

bool raw_writes_reserve(struct raw_writes *raw_writes, size_t more)
{
    return raw_writes_grow(raw_writes, raw_writes->count + more);
}

void raw_writes_add(struct raw_writes *raw_writes, const struct target_write *write)
{
    if (write->has_words)
        raw_writes_drop_older(raw_writes, write);
    if (raw_writes_grow(raw_writes, raw_writes->count + 1))
        raw_writes->item[raw_writes->count++] = *write;
}

bool raw_writes_append(struct raw_writes *raw_writes, struct raw_writes *newer)
{
    if (!raw_writes_grow(raw_writes, raw_writes->count + newer->count))
        return false;
    for (size_t i = 0; i < newer->count; i++)
        raw_writes_add(raw_writes, &newer->item[i]);
    newer->count = 0;
    return true;
}

/* The bits of the entry's register that stay to be zeroed. */
static uint16_t zero_mask_left(const struct target_write *zero, uint16_t mask)
{
    uint16_t owed = zero->mask ? zero->mask : UINT16_MAX;
    return mask ? (uint16_t)(owed & ~mask) : 0;
}

void raw_writes_drop_zeros(struct raw_writes *raw_writes, uint8_t unit, uint8_t table,
                           uint16_t address, uint16_t count, uint16_t mask)
{
    size_t kept = 0;
    for (size_t i = 0; i < raw_writes->count; i++) {
        struct target_write each = raw_writes->item[i];
        if (each.unit == unit && each.table == table && each.address >= address &&
            each.address < address + count) {
            each.mask = zero_mask_left(&each, mask);
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
