/* Looks for the tags of lost units. */
#include "mqttd/config/value_rewrite.h"

/* A value that nobody has sent, and that is only what the server was found to hold, is its own. */
static void value_rewrite_tag(struct device_table *device_table, const struct device *device,
                              const struct tag *tag)
{
    struct live_table_row row;
    if (tag->direction == TO_MQTT ||
        !live_table_read_row(device_table->live, tag->slot,
                             live_table_make_owner(LIVE_TAG, tag->id), &row) ||
        row.changed == 0 ||
        (row.value.settings != tag->settings && row.value.wall_ms == 0 && !row.is_setpoint))
        return;
    bool text = tag->point.type == TYPE_STRING;
    row.value.settings = tag->settings;
    row.value.place = live_table_pack_location(device->unit, &tag->point);
    live_table_put_value(device_table->live, tag->slot, &row.value, text ? row.text : NULL,
                         tag->point.length);
    target_mark_dirty(device->target, tag->slot);
}

static void value_rewrite_device(void *context, struct device *device)
{
    struct device_table *device_table = context;
    if (!device->host || !device->rewrite_on_reconnect ||
        !target_unit_has_lost(device->target, device->unit))
        return;
    target_lock_rows(device->target);
    for (uint32_t i = 0; i < device->tag_count; i++)
        value_rewrite_tag(device_table, device, &device->tags[i]);
    target_unlock_rows(device->target);
}

void value_rewrite_lost_units(struct device_table *device_table)
{
    bool has_lost = false;
    for (size_t i = 1; i < device_table->targets->count; i++)
        has_lost |= target_take_losses(device_table->targets->item[i]);
    if (!has_lost)
        return;
    device_table_for_each(device_table, value_rewrite_device, device_table);
    target_set_wake_threads(device_table->targets);
}
