/* From rows to items. */
#include "mqttd/targets/row_snapshot.h"

#include <stdlib.h>
#include <string.h>

static bool snapshot_reserve_items(struct row_snapshot *row_snapshot, size_t count)
{
    if (count <= row_snapshot->room)
        return true;
    struct batch_item *items = realloc(row_snapshot->items, count * sizeof *items);
    if (items)
        row_snapshot->items = items;
    struct snapshot_row *rows = realloc(row_snapshot->rows, count * sizeof *rows);
    if (rows)
        row_snapshot->rows = rows;
    if (items && rows)
        row_snapshot->room = count;
    return items && rows;
}

static bool snapshot_reserve_words(struct row_snapshot *row_snapshot)
{
    size_t needed = row_snapshot->word_count + STRING_REGISTERS_MAX;
    if (needed <= row_snapshot->word_room)
        return true;
    uint16_t *words = realloc(row_snapshot->words, 2 * needed * sizeof *words);
    if (!words)
        return false;
    row_snapshot->words = words;
    row_snapshot->word_room = 2 * needed;
    return true;
}

static void snapshot_take_row(struct row_snapshot *row_snapshot, const struct live_table *live,
                              uint32_t digest, uint32_t slot)
{
    struct live_table_pending_value pending;
    if (!live_table_pending_value(live, slot, &pending) || pending.changed == pending.written ||
        pending.value.settings >> 32 != digest)
        return;
    struct point point = live_table_location_point(pending.value.place);
    memcpy(row_snapshot->words + row_snapshot->word_count, pending.words,
           point.length * sizeof *pending.words);
    row_snapshot->word_count += point.length;
    row_snapshot->rows[row_snapshot->count] = (struct snapshot_row){
        .slot = slot,
        .changed = pending.changed,
        .since_ms = live_table_owner_kind(pending.owner) == LIVE_TAG ? pending.value.steady_ms : 0};
    row_snapshot->items[row_snapshot->count] =
        (struct batch_item){.unit = live_table_location_unit(pending.value.place),
                            .table = point.table,
                            .bit = point.bit,
                            .address = point.address,
                            .width = point.length,
                            .index = (uint32_t)row_snapshot->count};
    row_snapshot->count++;
}

/* The words have moved while there came more of them. */
static void snapshot_link_words(struct row_snapshot *row_snapshot)
{
    const uint16_t *words = row_snapshot->words;
    for (size_t i = 0; i < row_snapshot->count; i++) {
        row_snapshot->items[i].words = words;
        words += row_snapshot->items[i].width;
    }
}

size_t row_snapshot_fill(struct row_snapshot *row_snapshot, const struct live_table *live,
                         uint32_t digest, const struct row_slots *row_slots)
{
    size_t done = 0;
    row_snapshot->count = row_snapshot->word_count = 0;
    if (snapshot_reserve_items(row_snapshot, row_slots->count)) {
        while (done < row_slots->count && snapshot_reserve_words(row_snapshot))
            snapshot_take_row(row_snapshot, live, digest, row_slots->item[done++]);
    }
    snapshot_link_words(row_snapshot);
    return done;
}

const struct snapshot_row *row_snapshot_row(const struct row_snapshot *row_snapshot, size_t item)
{
    return &row_snapshot->rows[row_snapshot->items[item].index];
}

void row_snapshot_finish(struct row_snapshot *row_snapshot)
{
    free(row_snapshot->items);
    free(row_snapshot->rows);
    free(row_snapshot->words);
    *row_snapshot = (struct row_snapshot){0};
}
