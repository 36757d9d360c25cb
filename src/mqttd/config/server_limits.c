/* Works out paces and polls. */
#include "mqttd/config/server_limits.h"

#include <stdlib.h>

/* The pace that all devices of a server can bear. */
static void slow_down(struct target_pace *pace, const struct device *device)
{
    if (device->max_write_registers < pace->max_write_registers)
        pace->max_write_registers = device->max_write_registers;
    if (device->min_interval_ms > pace->min_interval_ms)
        pace->min_interval_ms = device->min_interval_ms;
    pace->write_single |= device->write_single;
}

struct pacing {
    const struct target *target;
    struct target_pace pace;
    struct polls polls;
    size_t poll_room;
    size_t devices;
    bool is_short; /* there was no memory for all polls */
};

static void add_poll(struct pacing *pacing, const struct device *device, const struct tag *tag)
{
    if (pacing->polls.count == pacing->poll_room) {
        size_t room = pacing->poll_room ? pacing->poll_room * 2 : 16;
        struct poll *item = realloc(pacing->polls.item, room * sizeof *item);
        if (!item) {
            pacing->is_short = true;
            return;
        }
        pacing->polls.item = item;
        pacing->poll_room = room;
    }
    const struct point *point = &tag->point;
    pacing->polls.item[pacing->polls.count++] =
        (struct poll){.device = device->id,
                      .tag = tag->id,
                      .slot = tag->slot,
                      .unit = device->unit,
                      .table = point->table,
                      .address = point->address,
                      .count = point_width(point),
                      .mask = (uint16_t)(point->bit == NO_BIT ? 0xffff : 1 << point->bit)};
}

/* The server is polled as often as the least patient of its devices asks for. */
static void add_polls(struct pacing *pacing, const struct device *device)
{
    if (!device->has_commands)
        return;
    if (pacing->polls.interval_ms == 0 || device->poll_interval_ms < pacing->polls.interval_ms)
        pacing->polls.interval_ms = device->poll_interval_ms;
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (device->tags[i].command)
            add_poll(pacing, device, &device->tags[i]);
    }
}

static void add_pace(void *context, struct device *device)
{
    struct pacing *pacing = context;
    if (device->target != pacing->target)
        return;
    pacing->devices++;
    slow_down(&pacing->pace, device);
    add_polls(pacing, device);
}

/* A server that no device is at any more loses its thread, and the connection to it. */
void paces_set(struct plant *plant)
{
    plant->lacks_paces = false;
    for (size_t i = plant->targets->count; i-- > 1;) {
        struct pacing pacing = {.target = plant->targets->item[i],
                                .pace = {.max_write_registers = 123}};
        plant_each(plant, add_pace, &pacing);
        if (pacing.is_short) {
            plant->lacks_paces = true;
            polls_finish(&pacing.polls);
            continue;
        }
        target_set_pace(plant->targets->item[i], &pacing.pace);
        target_set_polls(plant->targets->item[i], &pacing.polls);
        if (pacing.devices == 0)
            targets_end(plant->targets, i);
    }
}
