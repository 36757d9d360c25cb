/* Queues writes. */
#include "mqttd/targets/raw_writes.h"

#include <stdlib.h>
#include <string.h>

static bool is_same_place(const struct target_write *a, const struct target_write *b)
{
    return a->unit == b->unit && a->table == b->table && a->address == b->address;
}

/* Entries between the older words and the end were written after them: the newer words must not
 * take the older ones' place. */
static void drop_older(struct directs *directs, const struct target_write *write)
{
    size_t kept = 0;
    for (size_t i = 0; i < directs->count; i++) {
        const struct target_write *each = &directs->item[i];
        if (!each->has_words || !is_same_place(each, write))
            directs->item[kept++] = *each;
    }
    directs->count = kept;
}

static bool reserve(struct directs *directs, size_t needed)
{
    size_t room = directs->room ? directs->room : 16;
    if (needed <= directs->room)
        return true;
    while (room < needed)
        room *= 2;
    struct target_write *item = realloc(directs->item, room * sizeof *item);
    if (!item)
        return false;
    directs->item = item;
    directs->room = room;
    return true;
}

bool directs_make_room(struct directs *directs, size_t more)
{
    return reserve(directs, directs->count + more);
}

void directs_add(struct directs *directs, const struct target_write *write)
{
    if (write->has_words)
        drop_older(directs, write);
    if (reserve(directs, directs->count + 1))
        directs->item[directs->count++] = *write;
}

bool directs_append(struct directs *directs, struct directs *newer)
{
    if (!reserve(directs, directs->count + newer->count))
        return false;
    for (size_t i = 0; i < newer->count; i++)
        directs_add(directs, &newer->item[i]);
    newer->count = 0;
    return true;
}

/* The bits of the entry's register that stay to be zeroed. */
static uint16_t left_of(const struct target_write *zero, uint16_t mask)
{
    uint16_t owed = zero->mask ? zero->mask : UINT16_MAX;
    return mask ? (uint16_t)(owed & ~mask) : 0;
}

void directs_cut(struct directs *directs, uint8_t unit, uint8_t table, uint16_t address,
                 uint16_t count, uint16_t mask)
{
    size_t kept = 0;
    for (size_t i = 0; i < directs->count; i++) {
        struct target_write each = directs->item[i];
        if (each.unit == unit && each.table == table && each.address >= address &&
            each.address < address + count) {
            each.mask = left_of(&each, mask);
            if (each.mask == 0)
                continue;
        }
        directs->item[kept++] = each;
    }
    directs->count = kept;
}

void directs_finish(struct directs *directs)
{
    free(directs->item);
    *directs = (struct directs){0};
}
