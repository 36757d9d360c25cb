/* Puts constants and companions into rows of the live table. */
#include "mqttd/config/own_values.h"

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/model/codec.h"
#include "common/shared/quality.h"
#include "common/shared/write_times.h"
#include "mqttd/targets/target_set.h"

/* The age of a value that has not come yet. */
#define AGE_WITHOUT_VALUE 4294967295.0

/* One refresh. */
struct own_look {
    struct device_table *device_table;
    struct quality_moment moment;
    const char *runtime_dir;
    struct write_times write_times; /* opened when the first tag asks for it: modbusd may have made
                                     * the file again */
    bool is_tried, is_open;
    bool has_lost; /* the local server may have lost its registers */
};

static bool own_read_row(const struct device_table *device_table, const struct tag *tag,
                         struct live_table_row *row)
{
    return live_table_read_row(device_table->live, tag->slot,
                               live_table_make_owner(LIVE_TAG, tag->id), row);
}

/* Without the texts of the row, which may be long: constants are looked at each second. */
static bool own_read_constant(const struct device_table *device_table, const struct tag *tag,
                              struct live_table_value *value)
{
    struct live_table_pending_value pending;
    struct live_table_row row;
    if (live_table_read_pending_value(device_table->live, tag->slot, &pending)) {
        *value = pending.value;
        return pending.owner == live_table_make_owner(LIVE_TAG, tag->id);
    }
    if (!own_read_row(device_table, tag, &row)) /* a row whose string was lost can be read */
        return false;
    *value = row.value;
    return true;
}

static void own_put(struct device_table *device_table, const struct device *device, struct tag *tag,
                    const uint16_t *words)
{
    struct live_table_value value = {.wall_ms = clock_wall_ms(), .steady_ms = clock_steady_ms()};
    live_table_set_registers(&value, tag->settings, device->unit, &tag->point, words);
    live_table_set_setpoint(device_table->live, tag->slot, false);
    target_put_value(device->target, tag->slot, &value, &tag->point, words);
    live_table_set_outcome(device_table->live, tag->slot, LIVE_GOOD);
    tag->has_value = true;
    tag->heard = LIVE_GOOD;
}

void own_values_put(struct device_table *device_table, struct device *device)
{
    REQUIRE(device->target || !device->has_own_values);
    for (uint32_t i = 0; device->has_own_values && i < device->tag_count; i++) {
        if (device->tags[i].constant)
            own_put(device_table, device, &device->tags[i], device->tags[i].constant);
    }
}

static bool own_look_open_times(struct own_look *own_look)
{
    char why[SHM_WHY_SIZE];
    if (!own_look->is_tried)
        own_look->is_open =
            write_times_open_reader(&own_look->write_times, own_look->runtime_dir, why, sizeof why);
    own_look->is_tried = true;
    return own_look->is_open;
}

/* True when the registers may not have the value, which the row has: SCADA has written to them
 * since it was put, or the server has lost them. */
static bool own_is_overwritten(struct own_look *own_look, const struct device *device,
                               const struct tag *tag, const struct live_table_value *value)
{
    enum journal_table table =
        tag->point.table == TABLE_COIL ? JOURNAL_COIL : JOURNAL_HOLDING_REGISTER;
    if (device->host)
        return false;
    if (own_look->has_lost)
        return true;
    if (!table_is_writable(tag->point.table) || !own_look_open_times(own_look))
        return false;
    uint64_t written_ms = write_times_newest(&own_look->write_times, device->unit, table,
                                             tag->point.address, point_width(&tag->point));
    /* A time after the present one is from before the boot. */
    return written_ms >= value->steady_ms && written_ms <= clock_steady_ms();
}

/* What a companion shows of another tag's row. */
static double companion_number(const struct own_look *own_look, enum companion companion,
                               const struct live_table_row *row, struct quality_verdict verdict)
{
    uint64_t now_ms = own_look->moment.now_steady_ms, then_ms = row->value.steady_ms;
    uint64_t age_s = now_ms > then_ms ? (now_ms - then_ms) / 1000 : 0;
    uint64_t time_s = row->value.wall_ms / 1000;
    switch (companion) {
    case COMPANION_QUALITY:
        return quality_code(verdict.quality);
    case COMPANION_AGE_S:
        return row->value.wall_ms > 0 ? (double)age_s : AGE_WITHOUT_VALUE;
    case COMPANION_TIME_S:
        return (double)time_s;
    case COMPANION_TIME_MS:
        return (double)row->value.wall_ms;
    case COMPANION_NONE:
        break;
    }
    return 0;
}

/* Encodes what a companion shows now; once it has a value, of a tag that the device does not have
 * any more what it shows of a tag without a value. False when it never had one. */
static bool companion_encode(const struct own_look *own_look, const struct device *device,
                             const struct live_table_row *device_row, const struct tag *tag,
                             struct codec_registers *registers)
{
    struct live_table_row row = {0};
    const struct tag *shown = tag->shown;
    struct quality_verdict verdict = {.quality = QUALITY_NEVER};
    if (shown ? !own_read_row(own_look->device_table, shown, &row) : !tag->has_value)
        return false;
    const struct quality_terms terms = {.stale_after_s = device->stale_after_s,
                                        .is_foreign = device->host != NULL,
                                        .is_own = shown && direction_is_own(shown->direction)};
    if (shown)
        verdict = quality_of_tag(&own_look->moment, &row, device_row, &terms);
    const struct value value = {
        .kind = VALUE_REAL,
        .real = companion_number(own_look, (enum companion)tag->companion, &row, verdict)};
    struct point point = tag->point;
    point.overflow = OVERFLOW_CLAMP;
    return codec_encode(&point, &value, registers) == FAULT_NONE;
}

static void own_look_at_constant(struct own_look *own_look, const struct device *device,
                                 struct tag *tag)
{
    struct live_table_value value;
    if (own_read_constant(own_look->device_table, tag, &value) &&
        own_is_overwritten(own_look, device, tag, &value))
        own_put(own_look->device_table, device, tag, tag->constant);
}

static void own_look_at_companion(struct own_look *own_look, const struct device *device,
                                  const struct live_table_row *device_row, struct tag *tag)
{
    struct live_table_row row;
    struct codec_registers registers = {{0}};
    if (!own_read_row(own_look->device_table, tag, &row) ||
        !companion_encode(own_look, device, device_row, tag, &registers))
        return;
    bool is_new = row.changed == 0 || !tag->has_value ||
                  row.value.raw != live_table_pack_raw(&tag->point, registers.words);
    if (is_new || own_is_overwritten(own_look, device, tag, &row.value))
        own_put(own_look->device_table, device, tag, registers.words);
}

static void own_look_at_device(struct own_look *own_look, struct device *device)
{
    struct device_table *device_table = own_look->device_table;
    struct live_table_row device_row = {0};
    live_table_read_row(device_table->live, device->slot,
                        live_table_make_owner(LIVE_DEVICE, device->id), &device_row);
    for (uint32_t i = 0; i < device->tag_count; i++) {
        struct tag *tag = &device->tags[i];
        if (tag->constant)
            own_look_at_constant(own_look, device, tag);
        else if (tag->companion)
            own_look_at_companion(own_look, device, &device_row, tag);
    }
}

void own_values_refresh(struct device_table *device_table, const char *runtime_dir)
{
    REQUIRE(device_table->live && runtime_dir);
    struct live_table_state state = live_table_read_state(device_table->live);
    struct own_look own_look = {.device_table = device_table,
                                .moment = quality_moment(&state, clock_steady_ms()),
                                .runtime_dir = runtime_dir,
                                .has_lost =
                                    target_take_losses(target_set_local(device_table->targets))};
    own_look.moment.target_counts = true;
    own_look.moment.modbusd_down = state.modbusd_down;
    for (struct device *at = device_table_next(device_table, NULL); at;
         at = device_table_next(device_table, at)) {
        if (at->has_own_values)
            own_look_at_device(&own_look, at);
    }
    if (own_look.is_open)
        write_times_close(&own_look.write_times);
}
