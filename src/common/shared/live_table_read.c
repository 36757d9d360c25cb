/* Copies of rows and header of the live table. Acquire loads make the copies safe without fences.
 */
#include "common/shared/live_table_layout.h"

#include <string.h>

#include "common/base/json_text.h"

static uint64_t live_table_fault_time(uint64_t packed)
{
    return packed & ((UINT64_C(1) << 56) - 1);
}

struct live_table_state live_table_read_state(const struct live_table *live)
{
    const struct stored_head *head = live_table_head(live);
    return (struct live_table_state){
        .session = live_word_load(&head->session),
        .started_wall_ms = live_word_load(&head->started_wall_ms),
        .heartbeat_steady_ms = live_word_load(&head->heartbeat_steady_ms),
        .revision = live_word_load(&head->revision),
        .connected = live_word_load(&head->connected),
        .broker_steady_ms = live_word_load(&head->broker_steady_ms),
        .capacity = live_table_capacity(live),
        .modbusd_down = live_word_load(&head->modbusd_down) != 0,
        .condition = live_word_load(&head->condition) <= LIVE_SERVING
                         ? (enum live_table_condition)live_word_load(&head->condition)
                         : LIVE_STARTING,
    };
}

/* Makes bytes of a file a terminated, valid UTF-8 text. */
static void live_table_make_text(char *text, size_t size)
{
    text[size - 1] = '\0';
    if (!utf8_is_valid(text, strlen(text)))
        text[0] = '\0';
}

struct live_table_broker live_table_read_broker(const struct live_table *live)
{
    const struct stored_head *head = live_table_head(live);
    struct live_table_broker broker = {.steady_ms = live_word_load(&head->broker_steady_ms)};
    uint64_t words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)], changes, reason_and_time;
    do {
        changes = live_word_load(&head->broker_changes);
        const struct broker_copy *copy = &head->broker[changes & 1];
        reason_and_time = live_word_load(&copy->reason_and_time);
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            words[i] = live_word_load(&copy->words[i]);
    } while (live_word_load(&head->broker_changes) != changes);
    memcpy(broker.words, words, sizeof words);
    live_table_make_text(broker.words, sizeof broker.words);
    uint64_t reason = reason_and_time >> 56;
    broker.reason = reason < BROKER_REASON_COUNT ? (enum broker_reason)reason : BROKER_LOST;
    broker.wall_ms = live_table_fault_time(reason_and_time);
    return broker;
}

/* Copies the registers of the row's string. False if the row has no entry, or it was lost. */
static bool live_table_read_text(const struct live_table *live, uint32_t slot, uint64_t copy,
                                 uint16_t text[STRING_REGISTERS_MAX])
{
    uint64_t entry = live_word_load(&live_table_row_at(live, slot)->text);
    if (entry == 0 || entry > live_table_strings_capacity(live))
        return false;
    const struct stored_text *stored = live_table_text_at(live, entry - 1);
    if (live_word_load(&stored->owner) != slot + UINT64_C(1))
        return false;
    for (size_t i = 0; i < STRING_REGISTERS_MAX; i++)
        text[i] = (uint16_t)(live_word_load(&stored->copies[copy][i / 4]) >> (16 * (i % 4)));
    return true;
}

bool live_table_read_pending_value(const struct live_table *live, uint32_t slot,
                                   struct live_table_pending_value *pending)
{
    const struct stored_row *row = live_table_row_at(live, slot);
    uint64_t words[COPY_WORDS];
    bool whole;
    if (!live_table_has_row(live, slot) || (pending->owner = live_word_load(&row->owner)) == 0)
        return false;
    pending->written = live_word_load(&row->written);
    do {
        pending->changed = live_word_load(&row->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = live_word_load(&row->copies[pending->changed & 1][i]);
        memcpy(&pending->value, words, sizeof words);
        whole = !live_table_location_is_text(pending->value.place) ||
                live_table_read_text(live, slot, pending->changed & 1, pending->words);
    } while (live_word_load(&row->changed) != pending->changed);
    if (pending->written > pending->changed)
        pending->written = pending->changed;
    for (size_t i = 0; !live_table_location_is_text(pending->value.place) && i < 4; i++)
        pending->words[i] = (uint16_t)(pending->value.raw >> (16 * i));
    return whole && live_table_location_is_sound(pending->value.place);
}

static struct live_table_write_fault live_table_unpack_write_fault(uint64_t packed)
{
    unsigned detail = (unsigned)(packed >> DETAIL_SHIFT & 0xff);
    return (struct live_table_write_fault){.fault = live_table_fault_code(packed),
                                           .exception = (uint8_t)(detail & EXCEPTION_BITS),
                                           .is_of_unit = (detail & OF_UNIT) != 0,
                                           .is_of_poll = (detail & OF_POLL) != 0};
}

bool live_table_write_is_refused(const struct live_table *live, uint32_t slot)
{
    if (!live_table_has_row(live, slot))
        return false;
    struct live_table_write_fault fault =
        live_table_unpack_write_fault(live_word_load(&live_table_row_at(live, slot)->write_fault));
    return fault.fault == FAULT_MODBUS_EXCEPTION && !fault.is_of_poll && !fault.is_of_unit;
}

bool live_table_read_row(const struct live_table *live, uint32_t slot, uint64_t owner,
                         struct live_table_row *row)
{
    *row = (struct live_table_row){0};
    if (!live_table_has_row(live, slot))
        return false;
    const struct stored_row *stored = live_table_row_at(live, slot);
    row->owner = live_word_load(&stored->owner);
    if (row->owner == 0 || (owner != 0 && row->owner != owner))
        return false;

    /* `written` before `changed`, or a write of a newer value would seem to be one of this value.
     * A copy is read again if a put changed it meanwhile. */
    row->written = live_word_load(&stored->written);
    uint64_t words[COPY_WORDS];
    do {
        row->changed = live_word_load(&stored->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = live_word_load(&stored->copies[row->changed & 1][i]);
        live_table_read_text(live, slot, row->changed & 1, row->text);
    } while (live_word_load(&stored->changed) != row->changed);
    memcpy(&row->value, words, sizeof words);
    if (row->written > row->changed)
        row->written = row->changed;

    /* The newest refusal. */
    uint64_t faults, packed, excerpt[EXCERPT_WORDS];
    do {
        faults = live_word_load(&stored->faults);
        packed = live_word_load(&stored->fault[faults & 1].code_and_time);
        for (size_t i = 0; i < EXCERPT_WORDS; i++)
            excerpt[i] = live_word_load(&stored->fault[faults & 1].excerpt[i]);
    } while (live_word_load(&stored->faults) != faults);
    row->fault = live_table_fault_code(packed);
    row->fault_wall_ms = live_table_fault_time(packed);
    memcpy(row->excerpt, excerpt, sizeof excerpt);
    live_table_make_text(row->excerpt, sizeof row->excerpt);

    /* The newest write, and the outcome of the newest message. */
    uint64_t write_fault = live_word_load(&stored->write_fault),
             outcome = live_word_load(&stored->outcome), code = outcome & 0xff;
    row->written_wall_ms = live_word_load(&stored->written_wall_ms);
    row->write_fault = live_table_unpack_write_fault(write_fault);
    row->write_fault_wall_ms = write_fault & ((UINT64_C(1) << DETAIL_SHIFT) - 1);
    row->messages = live_word_load(&stored->messages);
    row->rejects = live_word_load(&stored->rejects);
    row->outcome = code < LIVE_OUTCOME_COUNT ? (enum live_table_outcome)code : LIVE_NONE;
    row->session = (outcome & ~LIVE_SETPOINT) >> 8;
    row->is_setpoint = (outcome & LIVE_SETPOINT) != 0;
    return live_word_load(&stored->owner) == row->owner;
}
