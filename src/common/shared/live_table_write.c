/* The writer's part of the live table: rows and header. A release store after a copy's words makes
 * the copy safe without fences. */
#include "common/shared/live_table_layout.h"

#include <string.h>

#include "common/base/json_text.h"

bool live_has_text(const struct live *live, uint32_t slot)
{
    return slot < capacity_of(live) && get(&row_at(live, slot)->text) != 0;
}

static bool add_text(struct live *live, uint32_t slot)
{
    if (!live_reserve_texts(live, 1))
        return false;
    set(&text_at(live, live->strings_used)->owner, slot + UINT64_C(1));
    set(&row_at(live, slot)->text, ++live->strings_used);
    return true;
}

static void empty_row(struct stored_row *row)
{
    uint64_t text = get(&row->text);
    word *words = (word *)row;
    set(&row->owner, 0);
    for (size_t i = 1; i < sizeof *row / sizeof *words; i++)
        set(&words[i], 0);
    set(&row->text, text);
}

/* An entry that none of this writer's rows can have. */
static void drop_bad_text(const struct live *live, struct stored_row *row)
{
    if (get(&row->text) > live->strings_used)
        set(&row->text, 0);
}

bool live_claim(struct live *live, uint32_t slot, uint64_t owner, bool text)
{
    if (!live_reserve(live, slot + 1))
        return false;
    struct stored_row *row = row_at(live, slot);
    if (get(&row->owner) != owner)
        empty_row(row);
    drop_bad_text(live, row);
    if (text && get(&row->text) == 0 && !add_text(live, slot))
        return false;
    set(&row->owner, owner);
    return true;
}

void live_release(struct live *live, uint32_t slot, uint64_t owner)
{
    struct stored_row *row = row_at(live, slot);
    if (has_row(live, slot) && get(&row->owner) == owner)
        empty_row(row);
}

bool live_restore(struct live *live, uint32_t slot, uint64_t owner, bool text)
{
    if (!has_row(live, slot) || get(&row_at(live, slot)->owner) != 0)
        return live_claim(live, slot, owner, text);
    drop_bad_text(live, row_at(live, slot));
    if (text && get(&row_at(live, slot)->text) == 0 && !add_text(live, slot))
        return false;
    set(&row_at(live, slot)->owner, owner);
    return true;
}

static void put_text(struct live *live, uint32_t slot, uint64_t copy, const uint16_t *text,
                     uint16_t text_words)
{
    uint64_t packed[TEXT_WORDS] = {0};
    uint64_t entry = get(&row_at(live, slot)->text);
    if (entry == 0 || entry > strings_capacity_of(live))
        return;
    for (size_t i = 0; i < text_words; i++)
        packed[i / 4] |= (uint64_t)text[i] << (16 * (i % 4));
    struct stored_text *to = text_at(live, entry - 1);
    for (size_t i = 0; i < TEXT_WORDS; i++)
        set(&to->copies[copy][i], packed[i]);
    set(&to->owner, slot + UINT64_C(1));
}

/* A write of what the row held before it was emptied may still be on its way: its number must not
 * be one of a newer value. Each row that gets its first value begins a generation of numbers, which
 * no row has had, in any process: the file has it before it is used. */
static uint64_t next_change(struct live *live, const struct stored_row *row)
{
    uint64_t changed = get(&row->changed);
    if (changed != 0)
        return changed + 1;
    uint64_t generation = live->generation++;
    set(&head_of(live)->generation, live->generation);
    return (generation << LIVE_GENERATION_SHIFT) + 1;
}

uint64_t live_put(struct live *live, uint32_t slot, const struct live_value *value,
                  const uint16_t *text, uint16_t text_words)
{
    struct stored_row *row = row_at(live, slot);
    uint64_t words[COPY_WORDS];
    if (!has_row(live, slot))
        return 0;
    uint64_t changed = next_change(live, row);
    memcpy(words, value, sizeof words);
    for (size_t i = 0; i < COPY_WORDS; i++)
        set(&row->copies[changed & 1][i], words[i]);
    if (text)
        put_text(live, slot, changed & 1, text, text_words);
    set(&row->changed, changed);
    return changed;
}

void live_show(struct live *live, uint32_t slot, const struct live_value *value,
               const uint16_t *text, uint16_t text_words)
{
    struct stored_row *row = row_at(live, slot);
    if (!has_row(live, slot) || get(&row->changed) > get(&row->written))
        return;
    struct live_value shown = *value;
    const word *newest = row->copies[get(&row->changed) & 1];
    uint64_t words[COPY_WORDS];
    for (size_t i = 0; i < COPY_WORDS; i++)
        words[i] = get(&newest[i]);
    struct live_value before;
    memcpy(&before, words, sizeof before);
    shown.wall_ms = before.wall_ms;
    shown.steady_ms = before.steady_ms;
    shown.source_ms = before.source_ms;
    set(&row->written, live_put(live, slot, &shown, text, text_words));
}

static void add_one(word *at)
{
    set(at, get(at) + 1);
}

void live_outcome(struct live *live, uint32_t slot, enum live_outcome outcome)
{
    word *at = &row_at(live, slot)->outcome;
    uint64_t session = live->state.session;
    if (has_row(live, slot))
        set(at, (get(at) & LIVE_SETPOINT) | session << 8 | (uint64_t)outcome);
}

void live_set_setpoint(struct live *live, uint32_t slot, bool is_setpoint)
{
    word *at = &row_at(live, slot)->outcome;
    if (has_row(live, slot))
        set(at, is_setpoint ? get(at) | LIVE_SETPOINT : get(at) & ~LIVE_SETPOINT);
}

void live_count(struct live *live, uint32_t slot)
{
    if (has_row(live, slot))
        add_one(&row_at(live, slot)->messages);
}

void live_message(struct live *live, uint32_t slot, enum live_outcome outcome)
{
    live_count(live, slot);
    live_outcome(live, slot, outcome);
}

static uint64_t pack_fault(enum fault fault, uint64_t wall_ms)
{
    return (uint64_t)fault << 56 | wall_ms;
}

void live_fault(struct live *live, uint32_t slot, enum fault fault, const char *excerpt, size_t len,
                uint64_t wall_ms)
{
    struct stored_row *row = row_at(live, slot);
    uint64_t words[EXCERPT_WORDS] = {0};
    if (!has_row(live, slot))
        return;
    memcpy(words, excerpt, utf8_cut(excerpt, len, LIVE_EXCERPT_SIZE - 1));
    uint64_t faults = get(&row->faults) + 1;
    struct fault_copy *copy = &row->fault[faults & 1];
    set(&copy->code_and_time, pack_fault(fault, wall_ms));
    for (size_t i = 0; i < EXCERPT_WORDS; i++)
        set(&copy->excerpt[i], words[i]);
    set(&row->faults, faults);
}

void live_reject(struct live *live, uint32_t slot, enum fault fault, const char *excerpt,
                 size_t len, uint64_t wall_ms)
{
    if (!has_row(live, slot))
        return;
    live_fault(live, slot, fault, excerpt, len, wall_ms);
    add_one(&row_at(live, slot)->rejects);
}

/* True when the row's value has a number of the same generation: the row has the owner that it had
 * when the write began. */
static bool is_same_owners(const struct live *live, uint32_t slot, uint64_t changed)
{
    return has_row(live, slot) && changed != 0 &&
           get(&row_at(live, slot)->changed) >> LIVE_GENERATION_SHIFT ==
               changed >> LIVE_GENERATION_SHIFT;
}

/* The row may change hands right after the check. A number of an older generation is below each
 * number of the new owner, and so is not taken for one of its values. */
void live_written(struct live *live, uint32_t slot, uint64_t changed, uint64_t wall_ms)
{
    struct stored_row *row = row_at(live, slot);
    if (!is_same_owners(live, slot, changed))
        return;
    set(&row->written_wall_ms, wall_ms);
    set(&row->write_fault, 0);
    set(&row->written, changed);
}

static uint64_t pack_write_fault(const struct live_write_fault *fault, uint64_t wall_ms)
{
    uint64_t detail = (fault->exception & EXCEPTION_BITS) | (fault->is_of_unit ? OF_UNIT : 0U) |
                      (fault->is_of_poll ? OF_POLL : 0U);
    return pack_fault(fault->fault, wall_ms & (((uint64_t)1 << DETAIL_SHIFT) - 1)) |
           detail << DETAIL_SHIFT;
}

void live_write_failed(struct live *live, uint32_t slot, uint64_t changed,
                       const struct live_write_fault *fault, uint64_t wall_ms)
{
    if (has_row(live, slot) && (changed == 0 || is_same_owners(live, slot, changed)))
        set(&row_at(live, slot)->write_fault,
            fault->fault == FAULT_NONE ? 0 : pack_write_fault(fault, wall_ms));
}

void live_heartbeat(struct live *live, uint64_t steady_ms)
{
    live->state.heartbeat_steady_ms = steady_ms;
    set(&head_of(live)->heartbeat_steady_ms, steady_ms);
}

void live_set_broker(struct live *live, const struct live_broker *broker)
{
    struct stored_head *head = head_of(live);
    uint64_t words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)] = {0};
    live->broker = *broker;
    memcpy(words, broker->words,
           utf8_cut(broker->words, strlen(broker->words), LIVE_BROKER_WORDS_SIZE - 1));
    uint64_t changes = get(&head->broker_changes) + 1;
    struct broker_copy *copy = &head->broker[changes & 1];
    set(&copy->reason_and_time, (uint64_t)broker->reason << 56 | broker->wall_ms);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        set(&copy->words[i], words[i]);
    set(&head->broker_changes, changes);
    set(&head->broker_steady_ms, broker->steady_ms);
    set(&head->connected, broker->reason == BROKER_CONNECTED);
}

void live_set_condition(struct live *live, enum live_condition condition)
{
    live->state.condition = condition;
    set(&head_of(live)->condition, condition);
}

void live_set_modbusd_down(struct live *live, bool down)
{
    live->state.modbusd_down = down;
    set(&head_of(live)->modbusd_down, down);
}

void live_set_revision(struct live *live, uint64_t revision)
{
    live->state.revision = revision;
    set(&head_of(live)->revision, revision);
}
