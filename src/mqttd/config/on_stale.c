/* Decides when on_stale replaces a value, and puts it. */
#include "mqttd/config/on_stale.h"

#include "common/model/codec.h"

static bool on_stale_is_due(const struct quality_moment *moment, const struct device *device,
                            const struct tag *tag, const struct live_table_row *row)
{
    if (device->unavailable && (tag->has_value || tag->direction == TO_MODBUS))
        return true;
    if (tag->has_value)
        return row->outcome == LIVE_REPLACED || row->outcome == LIVE_NULL ||
               quality_is_too_old(moment, row, device->stale_after_s);

    /* Without a value in this session, keep the setpoint: SCADA may have written it before this
     * mqttd or its live table existed. The registers of a new tag are zeros that nobody wrote. */
    if (direction_has_commands(tag->direction))
        return tag->is_new && row->changed == 0 && !row->is_setpoint;

    /* A value of an earlier session is kept as long as that of a device that stops sending. */
    uint64_t waited_ms = moment->now_steady_ms - device->since_ms;
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    return row->changed == 0 ||
           (moment->gateway != REASON_NONE && waited_ms > QUALITY_BROKER_LIMIT_MS) ||
           (limit_ms > 0 && waited_ms > limit_ms);
}

bool on_stale_put_value(struct device_table *device_table, struct device *device, struct tag *tag,
                        const struct live_table_value *message_times)
{
    struct live_table_value value = *message_times;
    struct codec_registers registers;
    if (!codec_encode_stale(&tag->point, &registers))
        return false;
    live_table_set_registers(&value, tag->settings, device->unit, &tag->point, registers.words);
    live_table_put_value(device_table->live, tag->slot, &value, NULL, 0);
    target_mark_dirty(device->target, tag->slot);
    tag->shows_stale = true;
    if (tag->command)
        tag->command->part_known = (uint8_t)registers.words[0];
    return true;
}

void on_stale_check_device(struct device_table *device_table, const struct quality_moment *moment,
                           struct device *device)
{
    for (uint32_t i = 0; device->has_on_stale && i < device->tag_count; i++) {
        struct tag *tag = &device->tags[i];
        struct live_table_row row;
        if (tag->point.stale == STALE_HOLD || tag->shows_stale ||
            !direction_has_messages(tag->direction) ||
            !live_table_read_row(device_table->live, tag->slot,
                                 live_table_make_owner(LIVE_TAG, tag->id), &row) ||
            !on_stale_is_due(moment, device, tag, &row))
            continue;
        /* The row's times stay those of the newest message. */
        target_lock_rows(device->target);
        bool done = on_stale_put_value(device_table, device, tag, &row.value);
        target_unlock_rows(device->target);
        if (done && tag->has_value && (row.outcome == LIVE_GOOD || row.outcome == LIVE_RETAINED))
            live_table_set_outcome(device_table->live, tag->slot, LIVE_REPLACED);
    }
}
