/* Looks which was later, the report or the write. */
#include "mqttd/setpoint_restore.h"

/* When the row's newest value reached its target, steady clock. The wall clock, of which alone the
 * row knows that time, gives the delay since the value came: it may have been set since SCADA
 * wrote, or the one of tagferry-modbusd may be another. */
static uint64_t written_steady_ms(const struct live_row *row)
{
    uint64_t came = row->value.wall_ms, written = row->written_wall_ms;
    return row->value.steady_ms + (written > came ? written - came : 0);
}

void setpoint_restore(struct live *live, const struct journal_entry *entry, const struct site *site,
                      const uint16_t *words)
{
    const struct tag *tag = site->tag;
    struct live_row row;
    bool text = tag->point.type == TYPE_STRING;
    if (!live_read(live, tag->slot, live_owner(LIVE_TAG, tag->id), &row) || row.changed == 0 ||
        (row.changed == row.written && written_steady_ms(&row) < entry->steady_ms))
        return;
    row.value.raw = 0;
    for (unsigned i = 0; !text && i < site->width; i++)
        row.value.raw |= (uint64_t)words[i] << (16 * i);
    if (tag->point.bit != NO_BIT)
        row.value.raw = row.value.raw >> tag->point.bit & 1;
    target_hold(site->device->target);
    live_put(live, tag->slot, &row.value, text ? words : NULL, tag->point.length);
    target_mark(site->device->target, tag->slot);
    target_release(site->device->target);
}
