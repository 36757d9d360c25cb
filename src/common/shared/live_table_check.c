/* Checks the rows that an earlier process has left in the live table. */
#include "common/shared/live_table_layout.h"

#include <string.h>

static const char damaged[] = "its rows are damaged";

enum { GENERATIONS_MAX = 1 << 30 };

static bool is_owner(uint64_t owner)
{
    enum live_kind kind = live_owner_kind(owner);
    return (kind == LIVE_DEVICE || kind == LIVE_TAG) && owner << 8 != 0;
}

static bool is_fault(uint64_t packed)
{
    return packed >> 56 < FAULT_COUNT;
}

/* A row without an owner may have been half emptied when its writer was killed. */
static bool is_sound(const struct stored_row *row)
{
    uint64_t owner = get(&row->owner), changed = get(&row->changed);
    if (owner == 0)
        return true;
    return is_owner(owner) && (get(&row->outcome) & 0xff) < LIVE_OUTCOME_COUNT &&
           is_fault(get(&row->write_fault)) && is_fault(get(&row->fault[0].code_and_time)) &&
           is_fault(get(&row->fault[1].code_and_time)) &&
           changed >> LIVE_GENERATION_SHIFT < GENERATIONS_MAX &&
           live_place_is_sound(get(
               &row->copies[changed & 1][offsetof(struct live_value, place) / sizeof(uint64_t)]));
}

/* An entry is one row's. In a table of an older version no entry says whose it is. */
static bool take_text(const struct live *live, uint32_t slot, uint64_t entry, uint64_t strings)
{
    if (entry > strings)
        return false;
    word *owner = &text_at(live, entry - 1)->owner;
    if (get(owner) == 0)
        set(owner, slot + UINT64_C(1));
    return get(owner) == slot + UINT64_C(1);
}

const char *live_check(const struct live *live, uint64_t rows, uint64_t strings,
                       struct live_findings *findings)
{
    if (findings->generation >= GENERATIONS_MAX)
        return damaged;
    for (uint32_t slot = 0; slot < rows; slot++) {
        const struct stored_row *row = row_at(live, slot);
        uint64_t text = get(&row->text), generation = get(&row->changed) >> LIVE_GENERATION_SHIFT;
        if (!is_sound(row) || (text != 0 && !take_text(live, slot, text, strings)))
            return damaged;
        if (text > findings->strings)
            findings->strings = text;
        if (get(&row->changed) != 0 && generation >= findings->generation)
            findings->generation = generation + 1;
    }
    return NULL;
}
