/* Writes rows and head of the live table. The word that selects a copy is stored after the copy. */
#include "common/shared/live_table_layout.h"

#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

bool live_table_has_text(const struct live_table *live, uint32_t slot)
{
    return slot < live_table_capacity(live) &&
           shared_word_load(&live_table_row_at(live, slot)->text) != 0;
}

static void live_table_empty_row(const struct live_table *live, struct stored_row *row)
{
    uint64_t text = shared_word_load(&row->text);
    word *words = (word *)row;
    shared_word_store(&row->owner, 0);
    for (size_t i = 1; i < sizeof *row / sizeof *words; i++)
        shared_word_store(&words[i], 0);
    shared_word_store(&row->text, text);
    live_table_note_change(live);
}

/* Sets the owner of the row; with `text`, gives the row a string entry. False with errno. */
static bool live_table_give_row(struct live_table *live, uint32_t slot, uint64_t owner, bool text)
{
    struct stored_row *row = live_table_row_at(live, slot);
    if (shared_word_load(&row->text) > live->strings_used)
        shared_word_store(&row->text, 0); /* no entry of this writer */
    if (text && shared_word_load(&row->text) == 0) {
        if (!live_table_reserve_texts(live, 1))
            return false;
        shared_word_store(&live_table_text_at(live, live->strings_used)->owner, slot + UINT64_C(1));
        shared_word_store(&row->text, ++live->strings_used);
    }
    shared_word_store(&row->owner, owner);
    live_table_note_change(live);
    return true;
}

bool live_table_claim_row(struct live_table *live, uint32_t slot, uint64_t owner, bool text)
{
    REQUIRE(live->is_writer && owner != 0);
    if (!live_table_reserve_rows(live, slot + 1))
        return false;
    struct stored_row *row = live_table_row_at(live, slot);
    if (shared_word_load(&row->owner) != owner)
        live_table_empty_row(live, row);
    return live_table_give_row(live, slot, owner, text);
}

void live_table_release_row(struct live_table *live, uint32_t slot, uint64_t owner)
{
    struct stored_row *row = live_table_row_at(live, slot);
    if (live_table_has_row(live, slot) && shared_word_load(&row->owner) == owner)
        live_table_empty_row(live, row);
}

bool live_table_restore_row(struct live_table *live, uint32_t slot, uint64_t owner, bool text)
{
    if (!live_table_has_row(live, slot) ||
        shared_word_load(&live_table_row_at(live, slot)->owner) != 0)
        return live_table_claim_row(live, slot, owner, text);
    return live_table_give_row(live, slot, owner, text);
}

uint64_t live_table_put_value(struct live_table *live, uint32_t slot,
                              const struct live_table_value *value, const uint16_t *text,
                              uint16_t text_words)
{
    REQUIRE(live->is_writer && text_words <= STRING_REGISTERS_MAX);
    if (!live_table_has_row(live, slot))
        return 0;
    struct stored_row *row = live_table_row_at(live, slot);

    /* A write of the previous owner's value may still be in progress: no newer value may get its
     * number. So the first value of a row begins a new generation, which no row has used before.
     * The generation is stored in the file before it is used, so that it is new after a crash, too.
     * After 2^32 values the row needs another one: the next number may be that of a later owner.
     * The number stays even then, since an odd one has the copy that is valid now. */
    uint64_t changed = shared_word_load(&row->changed) + 1;
    if (changed == 1 || (changed & LIVE_COUNT_MASK) == 0) {
        uint64_t generation = live->generation++;
        shared_word_store(&live_table_head(live)->generation, live->generation);
        changed = (generation << LIVE_GENERATION_SHIFT) + (changed == 1 ? 1 : 2);
    }

    /* Writes to the copy that is not valid; storing `changed` then makes it the valid one. */
    uint64_t words[COPY_WORDS];
    memcpy(words, value, sizeof words);
    for (size_t i = 0; i < COPY_WORDS; i++)
        shared_word_store(&row->copies[changed & 1][i], words[i]);
    uint64_t entry = text ? shared_word_load(&row->text) : 0;
    if (entry != 0 && entry <= live_table_strings_capacity(live)) {
        struct stored_text *to = live_table_text_at(live, entry - 1);
        uint64_t packed[TEXT_WORDS] = {0};
        for (size_t i = 0; i < text_words; i++)
            packed[i / 4] |= (uint64_t)text[i] << (16 * (i % 4));
        for (size_t i = 0; i < TEXT_WORDS; i++)
            shared_word_store(&to->copies[changed & 1][i], packed[i]);
        shared_word_store(&to->owner, slot + UINT64_C(1));
    }
    shared_word_store(&row->changed, changed);
    live_table_note_change(live);
    return changed;
}

void live_table_put_target_value(struct live_table *live, uint32_t slot,
                                 const struct live_table_value *value, const uint16_t *text,
                                 uint16_t text_words)
{
    struct stored_row *row = live_table_row_at(live, slot);
    if (!live_table_has_row(live, slot) ||
        shared_word_load(&row->changed) > shared_word_load(&row->written))
        return;
    struct live_table_value shown = *value;
    const word *newest = row->copies[shared_word_load(&row->changed) & 1];
    uint64_t words[COPY_WORDS];
    for (size_t i = 0; i < COPY_WORDS; i++)
        words[i] = shared_word_load(&newest[i]);
    struct live_table_value before;
    memcpy(&before, words, sizeof before);
    shown.wall_ms = before.wall_ms;
    shown.steady_ms = before.steady_ms;
    shown.source_ms = before.source_ms;
    shared_word_store(&row->written, live_table_put_value(live, slot, &shown, text, text_words));
    live_table_note_change(live);
}

void live_table_set_outcome(struct live_table *live, uint32_t slot, enum live_table_outcome outcome)
{
    word *at = &live_table_row_at(live, slot)->outcome;
    uint64_t session = live->state.session;
    REQUIRE(live->is_writer && outcome < LIVE_OUTCOME_COUNT);
    if (!live_table_has_row(live, slot))
        return;
    shared_word_store(at, (shared_word_load(at) & LIVE_FLAGS) | session << 8 | (uint64_t)outcome);
    live_table_note_change(live);
}

void live_table_set_setpoint(struct live_table *live, uint32_t slot, bool is_setpoint)
{
    word *at = &live_table_row_at(live, slot)->outcome;
    if (!live_table_has_row(live, slot))
        return;
    shared_word_store(at, (shared_word_load(at) & ~(LIVE_SETPOINT | LIVE_SETTLED)) |
                              (is_setpoint ? LIVE_SETPOINT : 0));
    live_table_note_change(live);
}

void live_table_set_settled_setpoint(struct live_table *live, uint32_t slot)
{
    word *at = &live_table_row_at(live, slot)->outcome;
    if (!live_table_has_row(live, slot))
        return;
    shared_word_store(at, shared_word_load(at) | LIVE_SETPOINT | LIVE_SETTLED);
    live_table_note_change(live);
}

/* The time first: a row that has not expired must never show the time of an earlier write. */
void live_table_set_expiry(struct live_table *live, uint32_t slot,
                           const struct live_table_expiry *expiry)
{
    struct stored_row *row = live_table_row_at(live, slot);
    REQUIRE(live->is_writer);
    if (!live_table_has_row(live, slot))
        return;
    shared_word_store(&row->expiry_steady_ms, expiry->steady_ms);
    shared_word_store(&row->expiry_wall_ms, expiry->wall_ms);
    uint64_t flags = (expiry->is_expired ? LIVE_EXPIRED : 0U) | (expiry->is_owed ? LIVE_OWED : 0U);
    uint64_t before = shared_word_load(&row->outcome);
    shared_word_store(&row->outcome, (before & ~(LIVE_EXPIRED | LIVE_OWED)) | flags);
    live_table_note_change(live);
}

void live_table_count_message(struct live_table *live, uint32_t slot)
{
    word *messages = &live_table_row_at(live, slot)->messages;
    REQUIRE(live->is_writer);
    if (live_table_has_row(live, slot))
        shared_word_store(messages, shared_word_load(messages) + 1);
}

void live_table_add_message(struct live_table *live, uint32_t slot, enum live_table_outcome outcome)
{
    live_table_count_message(live, slot);
    live_table_set_outcome(live, slot, outcome);
}

void live_table_set_fault(struct live_table *live, uint32_t slot, enum fault fault,
                          const char *excerpt, size_t len, uint64_t wall_ms)
{
    struct stored_row *row = live_table_row_at(live, slot);
    uint64_t words[EXCERPT_WORDS] = {0};
    REQUIRE(live->is_writer && fault < FAULT_COUNT);
    if (!live_table_has_row(live, slot))
        return;
    memcpy(words, excerpt, utf8_prefix_len(excerpt, len, LIVE_EXCERPT_SIZE - 1));
    uint64_t faults = shared_word_load(&row->faults) + 1;
    struct fault_copy *copy = &row->fault[faults & 1];
    shared_word_store(&copy->code_and_time, (uint64_t)fault << CODE_SHIFT | wall_ms);
    for (size_t i = 0; i < EXCERPT_WORDS; i++)
        shared_word_store(&copy->excerpt[i], words[i]);
    shared_word_store(&row->faults, faults);
    live_table_note_change(live);
}

void live_table_reject_value(struct live_table *live, uint32_t slot, enum fault fault,
                             const char *excerpt, size_t len, uint64_t wall_ms)
{
    word *rejects = &live_table_row_at(live, slot)->rejects;
    if (!live_table_has_row(live, slot))
        return;
    live_table_set_fault(live, slot, fault, excerpt, len, wall_ms);
    shared_word_store(rejects, shared_word_load(rejects) + 1);
    live_table_note_change(live);
}

/* True when the value of the row is of the same generation as `changed`: the row still has the
 * owner for which the write began. */
static bool live_table_is_same_owner(const struct live_table *live, uint32_t slot, uint64_t changed)
{
    return live_table_has_row(live, slot) && changed != 0 &&
           shared_word_load(&live_table_row_at(live, slot)->changed) >> LIVE_GENERATION_SHIFT ==
               changed >> LIVE_GENERATION_SHIFT;
}

/* The row may get another owner right after the check. That is harmless: a number of an older
 * generation is below all numbers of the new owner. */
void live_table_mark_written(struct live_table *live, uint32_t slot, uint64_t changed,
                             uint64_t wall_ms)
{
    struct stored_row *row = live_table_row_at(live, slot);
    if (!live_table_is_same_owner(live, slot, changed))
        return;
    shared_word_store(&row->written_wall_ms, wall_ms);
    shared_word_store(&row->write_fault, 0);
    shared_word_store(&row->written, changed);
    live_table_note_change(live);
}

bool live_table_skip_write(struct live_table *live, uint32_t slot, uint64_t changed)
{
    struct stored_row *row = live_table_row_at(live, slot);
    REQUIRE(live->is_writer);
    if (changed == 0 || !live_table_has_row(live, slot) ||
        shared_word_load(&row->changed) != changed)
        return false;
    shared_word_store(&row->written, changed);
    live_table_note_change(live);
    return true;
}

void live_table_mark_write_failed(struct live_table *live, uint32_t slot, uint64_t changed,
                                  const struct live_table_write_fault *fault, uint64_t wall_ms)
{
    REQUIRE(fault->fault < FAULT_COUNT);
    if (!live_table_has_row(live, slot) ||
        (changed != 0 && !live_table_is_same_owner(live, slot, changed)))
        return;
    REQUIRE((!fault->wrong_crc && fault->tls_fault == TLS_FAULT_NONE) ||
            fault->fault == FAULT_MODBUS_UNREACHABLE);
    uint64_t detail =
        (fault->wrong_crc                           ? DETAIL_WRONG_CRC
         : fault->fault == FAULT_MODBUS_UNREACHABLE ? fault->tls_fault
                                                    : fault->exception & EXCEPTION_BITS) |
        (fault->is_of_unit ? OF_UNIT : 0U) | (fault->is_of_poll ? OF_POLL : 0U);
    uint64_t packed = (uint64_t)fault->fault << CODE_SHIFT | detail << DETAIL_SHIFT |
                      (wall_ms & ((UINT64_C(1) << DETAIL_SHIFT) - 1));
    shared_word_store(&live_table_row_at(live, slot)->write_fault,
                      fault->fault == FAULT_NONE ? 0 : packed);
    live_table_note_change(live);
}

void live_table_set_heartbeat(struct live_table *live, uint64_t steady_ms)
{
    REQUIRE(live->is_writer);
    live->state.heartbeat_steady_ms = steady_ms;
    shared_word_store(&live_table_head(live)->heartbeat_steady_ms, steady_ms);
    /* A thread that finds the number odd leaves it so: a reader may see the next, even number
     * before that thread's change of the row. So one more number follows a second later. */
    word *changes = &live_table_head(live)->changes;
    bool has_changed = (shared_word_load(changes) & 1) != 0;
    if (has_changed || live->changes_settle)
        live->state.changes = atomic_fetch_add(changes, has_changed ? 1 : 2);
    live->changes_settle = has_changed;
}

void live_table_set_broker(struct live_table *live, const struct live_table_broker *broker)
{
    struct stored_head *head = live_table_head(live);
    uint64_t words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)] = {0};
    REQUIRE(live->is_writer && broker->reason < BROKER_REASON_COUNT);
    live->broker = *broker;
    memcpy(words, broker->words,
           utf8_prefix_len(broker->words, strlen(broker->words), LIVE_BROKER_WORDS_SIZE - 1));
    uint64_t changes = shared_word_load(&head->broker_changes) + 1;
    struct broker_copy *copy = &head->broker[changes & 1];
    shared_word_store(&copy->reason_and_time,
                      (uint64_t)broker->reason << CODE_SHIFT | broker->wall_ms);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        shared_word_store(&copy->words[i], words[i]);
    shared_word_store(&head->broker_changes, changes);
    shared_word_store(&head->broker_steady_ms, broker->steady_ms);
    shared_word_store(&head->connected, broker->reason == BROKER_CONNECTED);
}

void live_table_set_condition(struct live_table *live, enum live_table_condition condition)
{
    REQUIRE(live->is_writer && condition <= LIVE_SERVING);
    live->state.condition = condition;
    shared_word_store(&live_table_head(live)->condition, condition);
}

void live_table_set_modbusd_down(struct live_table *live, bool down)
{
    REQUIRE(live->is_writer);
    live->state.modbusd_down = down;
    shared_word_store(&live_table_head(live)->modbusd_down, down);
}

void live_table_set_revision(struct live_table *live, uint64_t revision)
{
    REQUIRE(live->is_writer);
    live->state.revision = revision;
    shared_word_store(&live_table_head(live)->revision, revision);
}
