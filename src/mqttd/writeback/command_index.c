/* A sorted array. */
#include "mqttd/writeback/command_index.h"

#include <stdlib.h>

uint32_t command_index_place_of(uint8_t unit, uint8_t table, uint16_t address)
{
    return (uint32_t)unit << 24 | (uint32_t)(table == TABLE_COIL) << 16 | address;
}

static void command_index_add_tag(struct command_index *command_index, struct device *device,
                                  struct tag *tag)
{
    const struct point *point = &tag->point;
    if (command_index->count == command_index->room) {
        size_t room = command_index->room ? command_index->room * 2 : 64;
        struct command_tag *item = realloc(command_index->item, room * sizeof *item);
        if (!item) {
            command_index->is_short = true;
            return;
        }
        command_index->item = item;
        command_index->room = room;
    }
    uint16_t width = point_width(point);
    command_index->item[command_index->count++] = (struct command_tag){
        .place = device->host ? COMMAND_FOREIGN
                              : command_index_place_of(device->unit, point->table, point->address),
        .width = width,
        .device = device,
        .tag = tag};
    if (width > command_index->widest)
        command_index->widest = width;
}

static void command_index_add_device(void *context, struct device *device)
{
    for (uint32_t i = 0; device->has_commands && i < device->tag_count; i++) {
        if (device->tags[i].command)
            command_index_add_tag(context, device, &device->tags[i]);
    }
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
    device_table_for_each(device_table, command_index_add_device, command_index);
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

const struct command_tag *command_index_find(const struct command_index *command_index,
                                             int64_t device, int64_t tag)
{
    for (size_t i = 0; i < command_index->count; i++) {
        const struct command_tag *command_tag = &command_index->item[i];
        if (command_tag->device->id == device && command_tag->tag->id == tag)
            return command_tag;
    }
    return NULL;
}
