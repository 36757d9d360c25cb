/* Compares extents and bits. */
#include "mqttd/writeback/journal_match.h"

#include <assert.h>
#include <stdbool.h>

static uint16_t journal_entry_word(const struct journal_entry *entry, unsigned offset)
{
    if (entry->table == JOURNAL_COIL)
        return (uint16_t)(entry->values[offset / 16] >> (offset % 16) & 1);
    return entry->values[offset];
}

/* A mask write may mean no bit at all. */
static bool journal_entry_means(const struct journal_entry *entry, const struct point *point,
                                unsigned offset)
{
    unsigned bits = point->bit != NO_BIT ? 1U << point->bit : UINT16_MAX;
    return entry->table == JOURNAL_COIL || (entry->masks[offset] & bits) != 0;
}

enum journal_match_entry journal_match_entry(const struct journal_entry *entry,
                                             const struct point *point,
                                             uint16_t words[POINT_REGISTERS_MAX])
{
    unsigned width = point_width(point), from = entry->address, end = from + entry->count;
    unsigned written = 0, meant = 0;
    assert((entry->table == JOURNAL_COIL) == (point->table == TABLE_COIL));
    for (unsigned i = 0; i < width; i++) {
        unsigned address = point->address + i;
        if (address < from || address >= end)
            continue;
        words[i] = journal_entry_word(entry, address - from);
        written++;
        meant += journal_entry_means(entry, point, address - from);
    }
    if (meant == 0)
        return JOURNAL_MATCH_NONE;
    return written == width ? JOURNAL_MATCH_WHOLE : JOURNAL_MATCH_PART;
}
