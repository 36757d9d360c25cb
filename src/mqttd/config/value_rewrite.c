/* Looks for the tags of lost units. */
#include "mqttd/config/value_rewrite.h"

/* A value that nobody has sent, and that is only what the server was found to hold, is its own. */
static void rewrite_tag(struct plant *plant, const struct device *device, const struct tag *tag)
{
    struct live_row row;
    if (tag->direction == TO_MQTT ||
        !live_read(plant->live, tag->slot, live_owner(LIVE_TAG, tag->id), &row) ||
        row.changed == 0 ||
        (row.value.settings != tag->settings && row.value.wall_ms == 0 && !row.is_setpoint))
        return;
    bool text = tag->point.type == TYPE_STRING;
    row.value.settings = tag->settings;
    row.value.place = live_place(device->unit, &tag->point);
    live_put(plant->live, tag->slot, &row.value, text ? row.text : NULL, tag->point.length);
    target_mark(device->target, tag->slot);
}

static void rewrite_device(void *context, struct device *device)
{
    struct plant *plant = context;
    if (!device->host || !device->rewrite_on_reconnect ||
        !target_has_lost(device->target, device->unit))
        return;
    target_hold(device->target);
    for (uint32_t i = 0; i < device->tag_count; i++)
        rewrite_tag(plant, device, &device->tags[i]);
    target_release(device->target);
}

void rewrite_lost(struct plant *plant)
{
    bool has_lost = false;
    for (size_t i = 1; i < plant->targets->count; i++)
        has_lost |= target_take_losses(plant->targets->item[i]);
    if (!has_lost)
        return;
    plant_each(plant, rewrite_device, plant);
    targets_wake(plant->targets);
}
