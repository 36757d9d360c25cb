/* Copies of rows and header of the live table. Acquire loads make the copies safe without fences.
 */
#include "common/shared/live_table_layout.h"

#include <string.h>

#include "common/base/json_text.h"

static uint64_t time_of(uint64_t packed)
{
    return packed & ((UINT64_C(1) << 56) - 1);
}

struct live_state live_state(const struct live *live)
{
    const struct stored_head *head = head_of(live);
    return (struct live_state){
        .session = get(&head->session),
        .started_wall_ms = get(&head->started_wall_ms),
        .heartbeat_steady_ms = get(&head->heartbeat_steady_ms),
        .revision = get(&head->revision),
        .connected = get(&head->connected),
        .broker_steady_ms = get(&head->broker_steady_ms),
        .capacity = capacity_of(live),
        .modbusd_down = get(&head->modbusd_down) != 0,
        .condition = get(&head->condition) <= LIVE_SERVING
                         ? (enum live_condition)get(&head->condition)
                         : LIVE_STARTING,
    };
}

/* Makes bytes of a file a terminated, valid UTF-8 text. */
static void make_text(char *text, size_t size)
{
    text[size - 1] = '\0';
    if (!utf8_is_valid(text, strlen(text)))
        text[0] = '\0';
}

struct live_broker live_broker(const struct live *live)
{
    const struct stored_head *head = head_of(live);
    struct live_broker broker = {.steady_ms = get(&head->broker_steady_ms)};
    uint64_t words[LIVE_BROKER_WORDS_SIZE / sizeof(uint64_t)], changes, reason_and_time;
    do {
        changes = get(&head->broker_changes);
        const struct broker_copy *copy = &head->broker[changes & 1];
        reason_and_time = get(&copy->reason_and_time);
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            words[i] = get(&copy->words[i]);
    } while (get(&head->broker_changes) != changes);
    memcpy(broker.words, words, sizeof words);
    make_text(broker.words, sizeof broker.words);
    uint64_t reason = reason_and_time >> 56;
    broker.reason = reason < BROKER_REASON_COUNT ? (enum broker_reason)reason : BROKER_LOST;
    broker.wall_ms = time_of(reason_and_time);
    return broker;
}

/* The row's entry for its string, or NULL: it has none, or it was lost. */
static struct stored_text *text_of(const struct live *live, uint32_t slot)
{
    uint64_t entry = get(&row_at(live, slot)->text);
    if (entry == 0 || entry > strings_capacity_of(live))
        return NULL;
    struct stored_text *text = text_at(live, entry - 1);
    return get(&text->owner) == slot + UINT64_C(1) ? text : NULL;
}

static bool read_text(const struct live *live, uint32_t slot, uint64_t copy,
                      uint16_t text[STRING_REGISTERS_MAX])
{
    const struct stored_text *stored = text_of(live, slot);
    for (size_t i = 0; stored && i < STRING_REGISTERS_MAX; i++)
        text[i] = (uint16_t)(get(&stored->copies[copy][i / 4]) >> (16 * (i % 4)));
    return stored != NULL;
}

/* Copies the value, again while a put changed it meanwhile. */
static void read_value(const struct live *live, uint32_t slot, struct live_row *row)
{
    const struct stored_row *stored = row_at(live, slot);
    uint64_t words[COPY_WORDS];
    do {
        row->changed = get(&stored->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = get(&stored->copies[row->changed & 1][i]);
        read_text(live, slot, row->changed & 1, row->text);
    } while (get(&stored->changed) != row->changed);
    memcpy(&row->value, words, sizeof words);
}

bool live_pending(const struct live *live, uint32_t slot, struct live_pending *pending)
{
    const struct stored_row *row = row_at(live, slot);
    uint64_t words[COPY_WORDS];
    bool whole;
    if (!has_row(live, slot) || (pending->owner = get(&row->owner)) == 0)
        return false;
    pending->written = get(&row->written);
    do {
        pending->changed = get(&row->changed);
        for (size_t i = 0; i < COPY_WORDS; i++)
            words[i] = get(&row->copies[pending->changed & 1][i]);
        memcpy(&pending->value, words, sizeof words);
        whole = !live_place_is_text(pending->value.place) ||
                read_text(live, slot, pending->changed & 1, pending->words);
    } while (get(&row->changed) != pending->changed);
    if (pending->written > pending->changed)
        pending->written = pending->changed;
    for (size_t i = 0; !live_place_is_text(pending->value.place) && i < 4; i++)
        pending->words[i] = (uint16_t)(pending->value.raw >> (16 * i));
    return whole && live_place_is_sound(pending->value.place);
}

static void read_fault(const struct stored_row *stored, struct live_row *row)
{
    uint64_t faults, packed, words[EXCERPT_WORDS];
    do {
        faults = get(&stored->faults);
        packed = get(&stored->fault[faults & 1].code_and_time);
        for (size_t i = 0; i < EXCERPT_WORDS; i++)
            words[i] = get(&stored->fault[faults & 1].excerpt[i]);
    } while (get(&stored->faults) != faults);
    row->fault = fault_of(packed);
    row->fault_wall_ms = time_of(packed);
    memcpy(row->excerpt, words, sizeof words);
    make_text(row->excerpt, sizeof row->excerpt);
}

static struct live_write_fault write_fault_of(uint64_t packed)
{
    unsigned detail = (unsigned)(packed >> DETAIL_SHIFT & 0xff);
    return (struct live_write_fault){.fault = fault_of(packed),
                                     .exception = (uint8_t)(detail & EXCEPTION_BITS),
                                     .is_of_unit = (detail & OF_UNIT) != 0,
                                     .is_of_poll = (detail & OF_POLL) != 0};
}

bool live_write_is_refused(const struct live *live, uint32_t slot)
{
    struct live_write_fault fault = write_fault_of(get(&row_at(live, slot)->write_fault));
    return fault.fault == FAULT_MODBUS_EXCEPTION && !fault.is_of_poll && !fault.is_of_unit;
}

bool live_read(const struct live *live, uint32_t slot, uint64_t owner, struct live_row *row)
{
    *row = (struct live_row){0};
    if (!has_row(live, slot))
        return false;
    const struct stored_row *stored = row_at(live, slot);
    row->owner = get(&stored->owner);
    if (row->owner == 0 || (owner != 0 && row->owner != owner))
        return false;
    /* Before `changed`, or a write of a newer value would seem to be one of this value. */
    row->written = get(&stored->written);
    read_value(live, slot, row);
    read_fault(stored, row);
    if (row->written > row->changed)
        row->written = row->changed;
    uint64_t write_fault = get(&stored->write_fault), outcome = get(&stored->outcome);
    row->written_wall_ms = get(&stored->written_wall_ms);
    row->write_fault = write_fault_of(write_fault);
    row->write_fault_wall_ms = write_fault & (((uint64_t)1 << DETAIL_SHIFT) - 1);
    row->messages = get(&stored->messages);
    row->rejects = get(&stored->rejects);
    uint64_t code = outcome & 0xff;
    row->outcome = code < LIVE_OUTCOME_COUNT ? (enum live_outcome)code : LIVE_NONE;
    row->session = (outcome & ~LIVE_SETPOINT) >> 8;
    row->is_setpoint = (outcome & LIVE_SETPOINT) != 0;
    return get(&stored->owner) == row->owner;
}
