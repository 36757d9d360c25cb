/* From rows to items. */
#include "mqttd/targets/row_snapshot.h"

#include <stdlib.h>
#include <string.h>

static bool reserve_items(struct gather *gather, size_t count)
{
    if (count <= gather->room)
        return true;
    struct batch_item *items = realloc(gather->items, count * sizeof *items);
    if (items)
        gather->items = items;
    struct gathered *rows = realloc(gather->rows, count * sizeof *rows);
    if (rows)
        gather->rows = rows;
    if (items && rows)
        gather->room = count;
    return items && rows;
}

static bool reserve_words(struct gather *gather)
{
    size_t needed = gather->word_count + STRING_REGISTERS_MAX;
    if (needed <= gather->word_room)
        return true;
    uint16_t *words = realloc(gather->words, 2 * needed * sizeof *words);
    if (!words)
        return false;
    gather->words = words;
    gather->word_room = 2 * needed;
    return true;
}

static void take_row(struct gather *gather, const struct live *live, uint32_t digest, uint32_t slot)
{
    struct live_pending pending;
    if (!live_pending(live, slot, &pending) || pending.changed == pending.written ||
        pending.value.settings >> 32 != digest)
        return;
    struct point point = live_place_point(pending.value.place);
    memcpy(gather->words + gather->word_count, pending.words, point.length * sizeof *pending.words);
    gather->word_count += point.length;
    gather->rows[gather->count] = (struct gathered){
        .slot = slot,
        .changed = pending.changed,
        .since_ms = live_owner_kind(pending.owner) == LIVE_TAG ? pending.value.steady_ms : 0};
    gather->items[gather->count] = (struct batch_item){.unit = live_place_unit(pending.value.place),
                                                       .table = point.table,
                                                       .bit = point.bit,
                                                       .address = point.address,
                                                       .width = point.length,
                                                       .index = (uint32_t)gather->count};
    gather->count++;
}

/* The words have moved while there came more of them. */
static void point_at_words(struct gather *gather)
{
    const uint16_t *words = gather->words;
    for (size_t i = 0; i < gather->count; i++) {
        gather->items[i].words = words;
        words += gather->items[i].width;
    }
}

size_t gather_rows(struct gather *gather, const struct live *live, uint32_t digest,
                   const struct slots *slots)
{
    size_t done = 0;
    gather->count = gather->word_count = 0;
    if (reserve_items(gather, slots->count)) {
        while (done < slots->count && reserve_words(gather))
            take_row(gather, live, digest, slots->item[done++]);
    }
    point_at_words(gather);
    return done;
}

const struct gathered *gather_row(const struct gather *gather, size_t item)
{
    return &gather->rows[gather->items[item].index];
}

void gather_finish(struct gather *gather)
{
    free(gather->items);
    free(gather->rows);
    free(gather->words);
    *gather = (struct gather){0};
}
