/* Keeps command tags in a sorted array. */
#include "mqttd/writeback/command_index.h"

#include <stdlib.h>

#include "common/base/array.h"
#include "common/base/require.h"

uint32_t command_index_place_of(uint8_t unit, uint8_t table, uint16_t address)
{
    return (uint32_t)unit << 24 | (uint32_t)(table == TABLE_COIL) << 16 | address;
}

static void command_index_add_tag(struct command_index *command_index, struct device *device,
                                  struct tag *tag)
{
    const struct point *point = &tag->point;
    uint16_t width = point_width(point);
    /* The API rejects such a tag, but the file of the store may have one. */
    if (!table_is_writable(point->table) || width == 0 || width > POINT_REGISTERS_MAX)
        return;
    const struct command_tag command_tag = {
        .place = device->host ? COMMAND_FOREIGN
                              : command_index_place_of(device->unit, point->table, point->address),
        .width = width,
        .device = device,
        .tag = tag};
    if (!ARRAY_PUSH(command_index, command_tag))
        command_index->is_short = true;
    if (width > command_index->widest)
        command_index->widest = width;
}

static int compare_command_tags(const void *left, const void *right)
{
    const struct command_tag *a = left, *b = right;
    return a->place < b->place ? -1 : a->place > b->place;
}

bool command_index_refresh(struct command_index *command_index,
                           const struct device_table *device_table)
{
    if (command_index->generation == device_table->generation)
        return true;
    command_index->count = command_index->widest = 0;
    command_index->is_short = false;
    for (struct device *at = device_table_next(device_table, NULL); at;
         at = device_table_next(device_table, at)) {
        for (uint32_t i = 0; at->has_commands && i < at->tag_count; i++) {
            if (at->tags[i].command)
                command_index_add_tag(command_index, at, &at->tags[i]);
        }
    }
    if (command_index->is_short) {
        command_index->count = command_index->widest = 0;
        return false;
    }
    if (command_index->count > 0)
        qsort(command_index->item, command_index->count, sizeof *command_index->item,
              compare_command_tags);
    command_index->generation = device_table->generation;
    return true;
}

void command_index_finish(struct command_index *command_index)
{
    free(command_index->item);
}

size_t command_index_lower_bound(const struct command_index *command_index, uint32_t place)
{
    size_t low = 0, high = command_index->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (command_index->item[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

size_t command_index_first_of(const struct command_index *command_index,
                              const struct journal_entry *entry, uint32_t *end)
{
    uint8_t table = entry->table == JOURNAL_COIL ? TABLE_COIL : TABLE_HOLDING_REGISTER;
    uint16_t before = command_index->widest > 0 ? (uint16_t)(command_index->widest - 1) : 0;
    uint16_t from = entry->address > before ? (uint16_t)(entry->address - before) : 0;
    *end = command_index_place_of(entry->unit, table, entry->address) + entry->count;
    return command_index_lower_bound(command_index,
                                     command_index_place_of(entry->unit, table, from));
}

const struct command_tag *command_index_find_at(const struct command_index *command_index,
                                                uint32_t place, int64_t tag)
{
    size_t i = command_index_lower_bound(command_index, place);
    for (; i < command_index->count && command_index->item[i].place == place; i++) {
        if (command_index->item[i].tag->id == tag)
            return &command_index->item[i];
    }
    return NULL;
}

const struct command_tag *command_index_find(const struct command_index *command_index, int64_t tag)
{
    for (size_t i = 0; i < command_index->count; i++) {
        if (command_index->item[i].tag->id == tag)
            return &command_index->item[i];
    }
    return NULL;
}

/* True when the entry wrote bits of the tag at this register. A mask write may write none. */
static bool journal_entry_means(const struct journal_entry *entry, const struct point *point,
                                unsigned offset)
{
    return entry->table == JOURNAL_COIL || (entry->masks[offset] & point_mask(point)) != 0;
}

enum command_match command_match_entry(const struct journal_entry *entry, const struct point *point,
                                       uint16_t words[POINT_REGISTERS_MAX])
{
    unsigned width = point_width(point), from = entry->address, end = from + entry->count;
    unsigned written = 0, meant = 0;
    bool is_coil = entry->table == JOURNAL_COIL;
    REQUIRE(is_coil == (point->table == TABLE_COIL) && width <= POINT_REGISTERS_MAX);
    for (unsigned i = 0; i < width; i++) {
        unsigned address = point->address + i, offset = address - from;
        if (address < from || address >= end)
            continue;
        if (is_coil)
            words[i] = (uint16_t)(entry->values[offset / 16] >> (offset % 16) & 1);
        else
            words[i] = entry->values[offset];
        written++;
        meant += journal_entry_means(entry, point, offset);
    }
    if (meant == 0)
        return COMMAND_MATCH_NONE;
    return written == width ? COMMAND_MATCH_WHOLE : COMMAND_MATCH_PART;
}
