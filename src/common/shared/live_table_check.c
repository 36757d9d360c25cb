/* Checks the rows that an earlier process has left in the live table. */
#include "common/shared/live_table_layout.h"

#include <string.h>

static const char damaged[] = "its rows are damaged";

enum { GENERATIONS_MAX = 1 << 30 };

static bool live_table_is_owner(uint64_t owner)
{
    enum live_table_kind kind = live_table_owner_kind(owner);
    return (kind == LIVE_DEVICE || kind == LIVE_TAG) && owner << 8 != 0;
}

static bool live_table_is_fault(uint64_t packed)
{
    return packed >> 56 < FAULT_COUNT;
}

/* A row without an owner may have been half emptied when its writer was killed. */
static bool live_table_row_is_sound(const struct stored_row *row)
{
    uint64_t owner = live_word_load(&row->owner), changed = live_word_load(&row->changed);
    if (owner == 0)
        return true;
    return live_table_is_owner(owner) &&
           (live_word_load(&row->outcome) & 0xff) < LIVE_OUTCOME_COUNT &&
           live_table_is_fault(live_word_load(&row->write_fault)) &&
           live_table_is_fault(live_word_load(&row->fault[0].code_and_time)) &&
           live_table_is_fault(live_word_load(&row->fault[1].code_and_time)) &&
           changed >> LIVE_GENERATION_SHIFT < GENERATIONS_MAX &&
           live_table_location_is_sound(
               live_word_load(&row->copies[changed & 1][offsetof(struct live_table_value, place) /
                                                        sizeof(uint64_t)]));
}

/* An entry is one row's. In a table of an older version no entry says whose it is. */
static bool live_table_check_text(const struct live_table *live, uint32_t slot, uint64_t entry,
                                  uint64_t strings)
{
    if (entry > strings)
        return false;
    word *owner = &live_table_text_at(live, entry - 1)->owner;
    if (live_word_load(owner) == 0)
        live_word_store(owner, slot + UINT64_C(1));
    return live_word_load(owner) == slot + UINT64_C(1);
}

const char *live_table_check_rows(const struct live_table *live, uint64_t rows, uint64_t strings,
                                  struct live_table_findings *findings)
{
    if (findings->generation >= GENERATIONS_MAX)
        return damaged;
    for (uint32_t slot = 0; slot < rows; slot++) {
        const struct stored_row *row = live_table_row_at(live, slot);
        uint64_t text = live_word_load(&row->text),
                 generation = live_word_load(&row->changed) >> LIVE_GENERATION_SHIFT;
        if (!live_table_row_is_sound(row) ||
            (text != 0 && !live_table_check_text(live, slot, text, strings)))
            return damaged;
        if (text > findings->strings)
            findings->strings = text;
        if (live_word_load(&row->changed) != 0 && generation >= findings->generation)
            findings->generation = generation + 1;
    }
    return NULL;
}
