/* A sorted array. */
#include "mqttd/writeback/command_index.h"

#include <stdlib.h>

uint32_t sites_place(uint8_t unit, uint8_t table, uint16_t address)
{
    return (uint32_t)unit << 24 | (uint32_t)(table == TABLE_COIL) << 16 | address;
}

static void add(struct sites *sites, struct device *device, struct tag *tag)
{
    const struct point *point = &tag->point;
    if (sites->count == sites->room) {
        size_t room = sites->room ? sites->room * 2 : 64;
        struct site *item = realloc(sites->item, room * sizeof *item);
        if (!item) {
            sites->is_short = true;
            return;
        }
        sites->item = item;
        sites->room = room;
    }
    uint16_t width = point_width(point);
    sites->item[sites->count++] = (struct site){
        .place =
            device->host ? SITE_FOREIGN : sites_place(device->unit, point->table, point->address),
        .width = width,
        .device = device,
        .tag = tag};
    if (width > sites->widest)
        sites->widest = width;
}

static void gather(void *context, struct device *device)
{
    for (uint32_t i = 0; device->has_commands && i < device->tag_count; i++) {
        if (device->tags[i].command)
            add(context, device, &device->tags[i]);
    }
}

static int compare(const void *left, const void *right)
{
    const struct site *a = left, *b = right;
    return a->place < b->place ? -1 : a->place > b->place;
}

bool sites_refresh(struct sites *sites, const struct plant *plant)
{
    if (sites->generation == plant->generation)
        return true;
    sites->count = sites->widest = 0;
    sites->is_short = false;
    plant_each(plant, gather, sites);
    if (sites->is_short) {
        sites->count = sites->widest = 0;
        return false;
    }
    if (sites->count > 0)
        qsort(sites->item, sites->count, sizeof *sites->item, compare);
    sites->generation = plant->generation;
    return true;
}

void sites_finish(struct sites *sites)
{
    free(sites->item);
}

size_t sites_first(const struct sites *sites, uint32_t place)
{
    size_t low = 0, high = sites->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (sites->item[middle].place < place)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

const struct site *sites_find(const struct sites *sites, int64_t device, int64_t tag)
{
    for (size_t i = 0; i < sites->count; i++) {
        const struct site *site = &sites->item[i];
        if (site->device->id == device && site->tag->id == tag)
            return site;
    }
    return NULL;
}
