/* Reads rows and head of the live table. A copy that the writer changed meanwhile is read again. */
#include "common/shared/live_table_layout.h"

#include <string.h>

#include "common/base/json_text.h"

static enum fault live_table_fault_code(uint64_t packed)
{
    uint64_t code = packed >> CODE_SHIFT;
    return code < FAULT_COUNT ? (enum fault)code : FAULT_NONE;
}

struct live_table_state live_table_read_state(const struct live_table *live)
{
    const struct stored_head *head = live_table_head(live);
    return (struct live_table_state){
        .session = shared_word_load(&head->session),
        .started_wall_ms = shared_word_load(&head->started_wall_ms),
        .heartbeat_steady_ms = shared_word_load(&head->heartbeat_steady_ms),
        .revision = shared_word_load(&head->revision),
        .connected = shared_word_load(&head->connected),
        .broker_steady_ms = shared_word_load(&head->broker_steady_ms),
        .capacity = live_table_capacity(live),
        .changes = shared_word_load(&head->changes),
        .modbusd_down = shared_word_load(&head->modbusd_down) != 0,
        .condition = shared_word_load(&head->condition) <= LIVE_SERVING
                         ? (enum live_table_condition)shared_word_load(&head->condition)
                         : LIVE_STARTING,
    };
}

struct live_table_broker live_table_read_broker(const struct live_table *live)
{
    const struct stored_head *head = live_table_head(live);
    struct live_table_broker broker = {.steady_ms = shared_word_load(&head->broker_steady_ms)};
    uint64_t words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)], changes, reason_and_time;
    do {
        changes = shared_word_load(&head->broker_changes);
        const struct broker_copy *copy = &head->broker[changes & 1];
        reason_and_time = shared_word_load(&copy->reason_and_time);
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            words[i] = shared_word_load(&copy->words[i]);
    } while (shared_word_load(&head->broker_changes) != changes);
    memcpy(broker.words, words, sizeof words);
    utf8_terminate_text(broker.words, sizeof broker.words);
    uint64_t reason = reason_and_time >> CODE_SHIFT;
    broker.reason = reason < BROKER_REASON_COUNT ? (enum broker_reason)reason : BROKER_LOST;
    broker.wall_ms = reason_and_time & TIME_MASK;
    return broker;
}

/* Copies the registers of the row's string. False if the row has no string entry, or it was lost.
 */
static bool live_table_read_text(const struct live_table *live, uint32_t slot, uint64_t copy,
                                 uint16_t text[STRING_REGISTERS_MAX])
{
    uint64_t entry = shared_word_load(&live_table_row_at(live, slot)->text);
    if (entry == 0 || entry > live_table_strings_capacity(live))
        return false;
    const struct stored_text *stored = live_table_text_at(live, entry - 1);
    if (shared_word_load(&stored->owner) != slot + UINT64_C(1))
        return false;
    for (size_t i = 0; i < STRING_REGISTERS_MAX; i++)
        text[i] = (uint16_t)(shared_word_load(&stored->copies[copy][i / 4]) >> (16 * (i % 4)));
    return true;
}

bool live_table_read_pending_value(const struct live_table *live, uint32_t slot,
                                   struct live_table_pending_value *pending)
{
    const struct stored_row *row = live_table_row_at(live, slot);
    uint64_t words[COPY_WORDS];
    bool whole;
    if (!live_table_has_row(live, slot) || (pending->owner = shared_word_load(&row->owner)) == 0)
        return false;
    pending->written = shared_word_load(&row->written);
    do {
        pending->changed = shared_word_load(&row->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = shared_word_load(&row->copies[pending->changed & 1][i]);
        memcpy(&pending->value, words, sizeof words);
        whole = !live_table_location_is_text(pending->value.place) ||
                live_table_read_text(live, slot, pending->changed & 1, pending->words);
    } while (shared_word_load(&row->changed) != pending->changed);
    if (pending->written > pending->changed)
        pending->written = pending->changed;
    for (size_t i = 0; !live_table_location_is_text(pending->value.place) && i < 4; i++)
        pending->words[i] = (uint16_t)(pending->value.raw >> (16 * i));
    return whole && live_table_location_is_sound(pending->value.place);
}

static struct live_table_write_fault live_table_unpack_write_fault(uint64_t packed)
{
    unsigned detail = (unsigned)(packed >> DETAIL_SHIFT & 0xff);
    enum fault fault = live_table_fault_code(packed);
    unsigned code = detail & EXCEPTION_BITS;
    bool unreachable = fault == FAULT_MODBUS_UNREACHABLE;
    bool is_tls = unreachable && code < TLS_FAULT_COUNT;
    return (struct live_table_write_fault){.fault = fault,
                                           .exception = (uint8_t)(unreachable ? 0 : code),
                                           .wrong_crc = unreachable && code == DETAIL_WRONG_CRC,
                                           .tls_fault =
                                               is_tls ? (enum tls_fault)code : TLS_FAULT_NONE,
                                           .is_of_unit = (detail & OF_UNIT) != 0,
                                           .is_of_poll = (detail & OF_POLL) != 0};
}

bool live_table_write_is_refused(const struct live_table *live, uint32_t slot)
{
    if (!live_table_has_row(live, slot))
        return false;
    struct live_table_write_fault fault = live_table_unpack_write_fault(
        shared_word_load(&live_table_row_at(live, slot)->write_fault));
    return fault.fault == FAULT_MODBUS_EXCEPTION && !fault.is_of_poll && !fault.is_of_unit;
}

bool live_table_read_stamp(const struct live_table *live, uint32_t slot, uint64_t owner,
                           struct live_table_stamp *stamp)
{
    *stamp = (struct live_table_stamp){0};
    if (!live_table_has_row(live, slot))
        return false;
    const struct stored_row *stored = live_table_row_at(live, slot);
    if (shared_word_load(&stored->owner) != owner)
        return false;
    *stamp = (struct live_table_stamp){
        .changed = shared_word_load(&stored->changed),
        .written = shared_word_load(&stored->written),
        .write_fault = shared_word_load(&stored->write_fault),
        .rejects = shared_word_load(&stored->rejects),
        .outcome = shared_word_load(&stored->outcome),
        .faults = shared_word_load(&stored->faults),
    };
    return true;
}

bool live_table_stamp_is_equal(const struct live_table_stamp *a, const struct live_table_stamp *b)
{
    _Static_assert(sizeof *a == 6 * sizeof(uint64_t), "it has no padding");
    return memcmp(a, b, sizeof *a) == 0;
}

bool live_table_read_row(const struct live_table *live, uint32_t slot, uint64_t owner,
                         struct live_table_row *row)
{
    *row = (struct live_table_row){0};
    if (!live_table_has_row(live, slot))
        return false;
    const struct stored_row *stored = live_table_row_at(live, slot);
    row->owner = shared_word_load(&stored->owner);
    if (row->owner == 0 || (owner != 0 && row->owner != owner))
        return false;

    /* Reads `written` before `changed`: in the other order, the write of a newer value could be
     * taken for the write of this one. */
    row->written = shared_word_load(&stored->written);
    uint64_t words[COPY_WORDS];
    do {
        row->changed = shared_word_load(&stored->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = shared_word_load(&stored->copies[row->changed & 1][i]);
        live_table_read_text(live, slot, row->changed & 1, row->text);
    } while (shared_word_load(&stored->changed) != row->changed);
    memcpy(&row->value, words, sizeof words);
    if (row->written > row->changed)
        row->written = row->changed;

    /* The latest fault. */
    uint64_t faults, packed, excerpt[EXCERPT_WORDS];
    do {
        faults = shared_word_load(&stored->faults);
        packed = shared_word_load(&stored->fault[faults & 1].code_and_time);
        for (size_t i = 0; i < EXCERPT_WORDS; i++)
            excerpt[i] = shared_word_load(&stored->fault[faults & 1].excerpt[i]);
    } while (shared_word_load(&stored->faults) != faults);
    row->fault = live_table_fault_code(packed);
    row->fault_wall_ms = packed & TIME_MASK;
    memcpy(row->excerpt, excerpt, sizeof excerpt);
    utf8_terminate_text(row->excerpt, sizeof row->excerpt);

    /* The latest write, and the outcome of the latest message. */
    uint64_t write_fault = shared_word_load(&stored->write_fault),
             outcome = shared_word_load(&stored->outcome), code = outcome & 0xff;
    row->written_wall_ms = shared_word_load(&stored->written_wall_ms);
    row->write_fault = live_table_unpack_write_fault(write_fault);
    row->write_fault_wall_ms = write_fault & ((UINT64_C(1) << DETAIL_SHIFT) - 1);
    row->messages = shared_word_load(&stored->messages);
    row->rejects = shared_word_load(&stored->rejects);
    row->outcome = code < LIVE_OUTCOME_COUNT ? (enum live_table_outcome)code : LIVE_NONE;
    row->session = (outcome & ~LIVE_FLAGS) >> 8;
    row->is_setpoint = (outcome & LIVE_SETPOINT) != 0;
    row->is_settled = (outcome & LIVE_SETTLED) != 0;
    row->expiry =
        (struct live_table_expiry){.steady_ms = shared_word_load(&stored->expiry_steady_ms),
                                   .wall_ms = shared_word_load(&stored->expiry_wall_ms),
                                   .is_expired = (outcome & LIVE_EXPIRED) != 0,
                                   .is_owed = (outcome & LIVE_OWED) != 0};
    return shared_word_load(&stored->owner) == row->owner;
}
