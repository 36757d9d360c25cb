/* When on_stale takes a value's place. */
#include "mqttd/config/on_stale.h"

#include "common/model/codec.h"

/* A value that has not come since the start gets as long as one that fell silent later: until then
 * the registers keep their old content. */
static bool never_came(const struct quality_moment *moment, const struct device *device)
{
    uint64_t waited_ms = moment->now_steady_ms - device->since_ms;
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    return (moment->gateway != REASON_NONE && waited_ms > QUALITY_BROKER_LIMIT_MS) ||
           (limit_ms > 0 && waited_ms > limit_ms);
}

/* A setpoint stays SCADA's, who may have written it before this mqttd or its live table were there.
 * The registers of a new tag are zeros that nobody wrote. */
static bool is_due_without_value(const struct quality_moment *moment, const struct device *device,
                                 const struct tag *tag, const struct live_row *row)
{
    if (tag->direction != TO_MODBUS)
        return tag->is_new && row->changed == 0 && !row->is_setpoint;
    return row->changed == 0 || never_came(moment, device);
}

static bool is_due(const struct quality_moment *moment, const struct device *device,
                   const struct tag *tag, const struct live_row *row)
{
    bool replaced_before = row->outcome == LIVE_REPLACED || row->outcome == LIVE_NULL;
    if (device->unavailable && (tag->has_value || tag->direction == TO_MODBUS))
        return true;
    if (!tag->has_value)
        return is_due_without_value(moment, device, tag, row);
    return replaced_before || quality_is_too_old(moment, row, device->stale_after_s);
}

bool stale_put(struct plant *plant, struct device *device, struct tag *tag,
               const struct live_value *heard)
{
    struct live_value value = *heard;
    struct registers registers;
    if (!codec_encode_stale(&tag->point, &registers))
        return false;
    live_locate(&value, tag->settings, device->unit, &tag->point);
    value.raw = 0;
    for (unsigned i = 0; i < type_info[tag->point.type].registers; i++)
        value.raw |= (uint64_t)registers.words[i] << (16 * i);
    live_put(plant->live, tag->slot, &value, NULL, 0);
    target_mark(device->target, tag->slot);
    tag->shows_stale = true;
    if (tag->command)
        tag->command->bit_known = (int8_t)(registers.words[0] & 1);
    return true;
}

/* Once; the row's times stay those of the newest message. */
static void check_tag(struct plant *plant, const struct quality_moment *moment,
                      struct device *device, struct tag *tag)
{
    struct live_row row;
    if (tag->shows_stale || tag->direction == TO_MQTT ||
        !live_read(plant->live, tag->slot, live_owner(LIVE_TAG, tag->id), &row) ||
        !is_due(moment, device, tag, &row))
        return;
    target_hold(device->target);
    bool done = stale_put(plant, device, tag, &row.value);
    target_release(device->target);
    if (done && tag->has_value && (row.outcome == LIVE_GOOD || row.outcome == LIVE_RETAINED))
        live_outcome(plant->live, tag->slot, LIVE_REPLACED);
}

void stale_check(struct plant *plant, const struct quality_moment *moment, struct device *device)
{
    for (uint32_t i = 0; device->has_on_stale && i < device->tag_count; i++) {
        if (device->tags[i].point.stale != STALE_HOLD)
            check_tag(plant, moment, device, &device->tags[i]);
    }
}
