/* Puts constants into rows of the live table. */
#include "mqttd/config/constants.h"

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/shared/write_times.h"
#include "mqttd/targets/target_set.h"

static void constant_put(struct device_table *device_table, const struct device *device,
                         struct tag *tag)
{
    struct live_table_value value = {.wall_ms = clock_wall_ms(), .steady_ms = clock_steady_ms()};
    REQUIRE(tag->constant);
    live_table_set_registers(&value, tag->settings, device->unit, &tag->point, tag->constant);
    live_table_set_setpoint(device_table->live, tag->slot, false);
    target_put_value(device->target, tag->slot, &value, &tag->point, tag->constant);
    live_table_set_outcome(device_table->live, tag->slot, LIVE_GOOD);
    tag->has_value = true;
    tag->heard = LIVE_GOOD;
}

void constants_put(struct device_table *device_table, struct device *device)
{
    for (uint32_t i = 0; device->has_constants && i < device->tag_count; i++) {
        if (device->tags[i].constant)
            constant_put(device_table, device, &device->tags[i]);
    }
}

/* True when SCADA has written to the constant's registers since it was put. */
static bool constant_is_overwritten(const struct device_table *device_table,
                                    const struct write_times *write_times,
                                    const struct device *device, const struct tag *tag)
{
    struct live_table_row row;
    bool is_coil = tag->point.table == TABLE_COIL;
    if (!live_table_read_row(device_table->live, tag->slot,
                             live_table_make_owner(LIVE_TAG, tag->id), &row))
        return false;
    uint64_t written_ms = write_times_newest(write_times, device->unit,
                                             is_coil ? JOURNAL_COIL : JOURNAL_HOLDING_REGISTER,
                                             tag->point.address, point_width(&tag->point));
    /* A time after the present one is from before the boot. */
    return written_ms >= row.value.steady_ms && written_ms <= clock_steady_ms();
}

/* Opened when the first tag asks for it, once a call: modbusd may have made the file again. */
struct overwriting {
    struct write_times write_times;
    bool is_tried, is_open;
};

static bool overwriting_open(struct overwriting *overwriting, const char *runtime_dir)
{
    char why[SHM_WHY_SIZE];
    if (!overwriting->is_tried)
        overwriting->is_open =
            write_times_open_reader(&overwriting->write_times, runtime_dir, why, sizeof why);
    overwriting->is_tried = true;
    return overwriting->is_open;
}

void constants_restore(struct device_table *device_table, const char *runtime_dir)
{
    struct overwriting overwriting = {.is_open = false};
    bool has_lost = target_take_losses(target_set_local(device_table->targets));
    for (struct device *at = device_table_next(device_table, NULL); at;
         at = device_table_next(device_table, at)) {
        for (uint32_t i = 0; at->has_constants && !at->host && i < at->tag_count; i++) {
            struct tag *tag = &at->tags[i];
            if (tag->constant &&
                (has_lost ||
                 (table_is_writable(tag->point.table) &&
                  overwriting_open(&overwriting, runtime_dir) &&
                  constant_is_overwritten(device_table, &overwriting.write_times, at, tag))))
                constant_put(device_table, at, tag);
        }
    }
    if (overwriting.is_open)
        write_times_close(&overwriting.write_times);
}
