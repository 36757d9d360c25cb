/* Keeps the known content of the polled registers. */
#include "mqttd/targets/poll_table.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

void poll_table_finish(struct polls *polls)
{
    free(polls->item);
    *polls = (struct polls){0};
}

static int compare_polls(const void *left, const void *right)
{
    const struct poll *a = left, *b = right;
    const int orders[] = {a->unit - b->unit, a->table - b->table, a->address - b->address,
                          a->count - b->count, (a->tag > b->tag) - (a->tag < b->tag)};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (orders[i] != 0)
            return orders[i];
    }
    return 0;
}

void poll_table_replace(struct polls *polls, struct polls *newer)
{
    size_t old = 0;
    if (newer->count > 0)
        qsort(newer->item, newer->count, sizeof *newer->item, compare_polls);
    for (size_t i = 0; i < newer->count; i++) {
        struct poll *poll = &newer->item[i];
        while (old < polls->count && compare_polls(&polls->item[old], poll) < 0)
            old++;
        if (old == polls->count || compare_polls(&polls->item[old], poll) != 0)
            continue;
        poll->known = polls->item[old].known;
        poll->has_failed = polls->item[old].has_failed;
        memcpy(poll->words, polls->item[old].words, sizeof poll->words);
    }
    free(polls->item);
    *polls = *newer;
    *newer = (struct polls){0};
}

size_t poll_table_end_of_unit(const struct polls *polls, size_t first)
{
    size_t end = first;
    REQUIRE(first < polls->count);
    while (end < polls->count && polls->item[end].unit == polls->item[first].unit)
        end++;
    return end;
}

bool poll_has_changed(const struct poll *poll, const uint16_t *words)
{
    for (uint16_t i = 0; poll->known && i < poll->count; i++) {
        if ((poll->words[i] ^ words[i]) & poll->mask)
            return true;
    }
    return false;
}

void poll_store_words(struct poll *poll, const uint16_t *words)
{
    memcpy(poll->words, words, poll->count * sizeof *words);
    poll->known = true;
}

void poll_table_note_written(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                             uint16_t count, uint16_t mask, const uint16_t *words)
{
    REQUIRE(mask == 0 || count == 1);
    for (size_t i = 0; i < polls->count; i++) {
        struct poll *poll = &polls->item[i];
        if (poll->unit != unit || poll->table != table)
            continue;
        if (mask == 0) {
            if (poll->address >= address && poll->address + poll->count <= address + count)
                poll_store_words(poll, words + (poll->address - address));
        } else if (poll->known && address >= poll->address &&
                   address < poll->address + poll->count) {
            uint16_t *at = &poll->words[address - poll->address];
            *at = (uint16_t)((*at & ~mask) | (words[0] & mask));
        }
    }
}

void poll_table_forget(struct polls *polls, uint8_t unit, uint8_t table, uint16_t address,
                       uint16_t count)
{
    for (size_t i = 0; i < polls->count; i++) {
        struct poll *poll = &polls->item[i];
        if (poll->unit == unit && poll->table == table && poll->address < address + count &&
            address < poll->address + poll->count)
            poll->known = false;
    }
}

void poll_table_forget_units(struct polls *polls, const uint8_t units[32])
{
    for (size_t i = 0; i < polls->count; i++) {
        uint8_t unit = polls->item[i].unit;
        if (units[unit / 8] >> (unit % 8) & 1)
            polls->item[i].known = false;
    }
}
