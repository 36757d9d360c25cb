/* Compares the times of the device's report and of SCADA's write. */
#include "mqttd/writeback/setpoint_restore.h"

#include "common/base/clock.h"

/* When the row's newest value reached its target, steady clock; 0: never. The wall clock, of which
 * alone the row knows that time, gives the delay since the value came: it may have been set since
 * SCADA wrote, or the one of tagferry-modbusd may be another. Without a message
 * only the time since the write counts. */
static uint64_t row_written_steady_ms(const struct live_table_row *row)
{
    uint64_t came = row->value.wall_ms, written = row->written_wall_ms;
    if (came == 0 && written > 0) {
        uint64_t wall_ms = clock_wall_ms(), steady_ms = clock_steady_ms();
        uint64_t since = wall_ms > written ? wall_ms - written : 0;
        return steady_ms > since ? steady_ms - since : 0;
    }
    return row->value.steady_ms + (written > came ? written - came : 0);
}

void setpoint_restore(struct live_table *live, const struct journal_entry *entry,
                      const struct command_tag *command_tag, const uint16_t *words)
{
    const struct tag *tag = command_tag->tag;
    struct live_table_row row;
    bool text = tag->point.type == TYPE_STRING;
    if (!live_table_read_row(live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id), &row) ||
        row.changed == 0 ||
        (row.changed == row.written && row_written_steady_ms(&row) < entry->steady_ms))
        return;
    row.value.raw = live_table_pack_raw(&tag->point, words);
    target_lock_rows(command_tag->device->target);
    live_table_put_value(live, tag->slot, &row.value, text ? words : NULL, tag->point.length);
    target_mark_dirty(command_tag->device->target, tag->slot);
    target_unlock_rows(command_tag->device->target);
}

void setpoint_note_value(struct live_table *live, const struct command_tag *command_tag,
                         const uint16_t *words)
{
    const struct tag *tag = command_tag->tag;
    struct live_table_value value = {.raw = live_table_pack_raw(&tag->point, words)};
    bool text = tag->point.type == TYPE_STRING;
    live_table_set_location(&value, tag->settings, command_tag->device->unit, &tag->point);
    live_table_put_target_value(live, tag->slot, &value, text ? words : NULL, tag->point.length);
}
