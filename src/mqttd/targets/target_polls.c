/* Polls the registers of a foreign server, and hands changes and losses to the MQTT thread. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/targets/target_internal.h"

_Static_assert((int)POINT_REGISTERS_MAX <= (int)MODBUS_READ_REGISTERS_MAX, "a poll is one request");

void target_note_losses(struct target *target)
{
    struct sender *sender = &target->sender;
    REQUIRE(sender->has_lost);
    poll_table_forget_units(&target->polls, sender->lost);
    pthread_mutex_lock(&target->lock);
    write_limits_forget_units(&target->write_limits, sender->lost, clock_steady_ms());
    for (size_t i = 0; i < sizeof target->lost; i++)
        target->lost[i] |= sender->lost[i];
    target->has_lost = true;
    pthread_mutex_unlock(&target->lock);
    memset(sender->lost, 0, sizeof sender->lost);
    sender->has_lost = false;
    wakeup_raise(target->spec.notify);
}

/* Shows in the live table why the registers cannot be polled. A row whose value waits keeps its
 * write fault. */
static void poll_set_live_fault(const struct target *target, const struct poll *poll,
                                struct live_table_write_fault fault)
{
    struct live_table_pending_value row;
    if (!live_table_read_pending_value(target->spec.live, poll->slot, &row) ||
        row.changed != row.written)
        return;
    fault.is_of_poll = fault.fault != FAULT_NONE;
    live_table_mark_write_failed(target->spec.live, poll->slot, 0, &fault, clock_wall_ms());
}

/* True when the reading is newer than the row's value, or the value will not be written soon, since
 * the server refuses it or since it waits for its interval. A value that was put before the reading
 * and is written after it is newer than the reading; one that counts as unchanged has only newer
 * times. */
static bool poll_is_newer(struct target *target, const struct poll *poll,
                          const struct live_table_pending_value *before,
                          struct live_table_pending_value *after)
{
    const struct live_table *live = target->spec.live;
    if (!live_table_read_pending_value(live, poll->slot, after) || after->owner != before->owner)
        return false;
    bool is_written = after->changed == after->written;
    if (after->changed != before->changed || after->written != before->written)
        return is_written && before->changed == before->written && before->changed != 0 &&
               after->value.place == before->value.place &&
               memcmp(after->words, before->words, poll->count * sizeof *after->words) == 0;
    return is_written || live_table_write_is_refused(live, poll->slot) ||
           target_holds_row(target, poll->slot);
}

/* Hands a change to the MQTT thread. While the ring is full the known content stays, and the next
 * reading finds the change again. A value that waits for its interval is older than the change, and
 * is not written any more. */
static void poll_hand_over(struct target *target, struct poll *poll, const uint16_t *words)
{
    struct live_table *live = target->spec.live;
    pthread_mutex_lock(&target->lock);
    const struct write_limit *limit = write_limits_find(&target->write_limits, poll->slot);
    bool is_held = limit && limit->is_held && poll->changed != poll->written;
    if (target->poll_change_count < POLL_CHANGES_MAX &&
        (!is_held || live_table_skip_write(live, poll->slot, poll->changed))) {
        size_t place = target->first_poll_change + target->poll_change_count++;
        struct poll *change = &target->poll_changes[place % POLL_CHANGES_MAX];
        if (is_held)
            poll->written = poll->changed;
        *change = *poll;
        change->known = poll_has_changed(poll, words);
        memcpy(change->words, words, poll->count * sizeof *words);
        poll_store_words(poll, words);
    }
    pthread_mutex_unlock(&target->lock);
    wakeup_raise(target->spec.notify);
}

/* Reads the registers of one poll and hands over a change. */
static enum modbus_result target_run_poll(struct target *target, struct poll *poll)
{
    const struct live_table *live = target->spec.live;
    struct live_table_pending_value before, after;
    struct live_table_write_fault none = {.fault = FAULT_NONE};
    uint16_t words[POINT_REGISTERS_MAX];
    if (!live_table_read_pending_value(live, poll->slot, &before))
        return MODBUS_OK;
    enum modbus_result result = sender_read_registers(&target->sender, poll->unit, poll->table,
                                                      poll->address, poll->count, words);
    if (target->sender.has_lost)
        target_note_losses(target);
    counters_add(target->spec.counters, MQTTD_POLLS, 1);
    if (result != MODBUS_OK)
        counters_add(target->spec.counters, MQTTD_POLLS_FAILED, 1);
    if (result == MODBUS_EXCEPTION) {
        poll_set_live_fault(target, poll, sender_exception_fault(&target->sender, poll->table));
        uint64_t now = clock_steady_ms();
        if (!poll->has_failed && log_limit_count_event(&target->poll_faults, now)) {
            log_warning("unit %u, %s %u cannot be polled, and will be tried again: %s; %u such "
                        "polls since the last line",
                        poll->unit, table_names[poll->table], poll->address,
                        sender_failure_reason(&target->sender, poll->table),
                        target->poll_faults.since);
            log_limit_mark_logged(&target->poll_faults, now);
        }
        poll->has_failed = true;
    }
    if (result != MODBUS_OK)
        return result;

    if (poll->has_failed || !poll->known)
        poll_set_live_fault(target, poll, none);
    poll->has_failed = false;

    if (!poll_is_newer(target, poll, &before, &after))
        return result;
    poll->changed = after.changed;
    poll->written = after.written;
    /* What is read first is no change, and older than a value that waits for its interval. A row
     * that has had no value since it was claimed shows the content of the registers. */
    bool is_first = !poll->known && target_holds_row(target, poll->slot);
    if (is_first || (poll->known && before.changed != 0 && !poll_has_changed(poll, words)))
        poll_store_words(poll, words);
    else
        poll_hand_over(target, poll, words);
    return result;
}

void target_run_polls(struct target *target)
{
    struct polls *polls = &target->polls;
    size_t first[CHANNELS_MAX], count = 0;
    uint8_t order[CHANNELS_MAX];
    uint64_t now = clock_steady_ms();
    REQUIRE(!target->spec.local);
    for (size_t i = 0; i < polls->count; i = poll_table_end_of_unit(polls, i)) {
        uint8_t unit = polls->item[i].unit;
        first[unit] = i;
        if (now >= target->polls_at_ms[unit])
            order[count++] = unit;
    }
    unit_backoff_sort(&target->sender.channels, order, count);
    for (size_t i = 0; i < count; i++) {
        size_t begin = first[order[i]], end = poll_table_end_of_unit(polls, begin);
        bool is_reached = sender_may_send(&target->sender, order[i]);
        for (size_t at = begin; is_reached && at < end; at++)
            is_reached = target_run_poll(target, &polls->item[at]) != MODBUS_UNREACHABLE;
        if (is_reached) {
            target->polls_at_ms[order[i]] = now + polls->interval_ms;
            continue;
        }

        /* The sender logs a unit that cannot be reached; its rows show why. Its polls begin again
         * with its first registers. */
        struct live_table_write_fault fault = sender_outage_fault(&target->sender, order[i]);
        for (size_t at = begin; at < end && fault.fault != FAULT_NONE; at++) {
            if (!polls->item[at].has_failed)
                poll_set_live_fault(target, &polls->item[at], fault);
            polls->item[at].has_failed = true;
        }
    }
}

unsigned target_polls_due_ms(const struct target *target, unsigned most)
{
    const struct polls *polls = &target->polls;
    uint64_t now = clock_steady_ms();
    for (size_t i = 0; i < polls->count; i = poll_table_end_of_unit(polls, i)) {
        uint8_t unit = polls->item[i].unit;
        uint64_t at = target->polls_at_ms[unit];
        unsigned due = at > now ? (unsigned)(at - now) : 0;
        unsigned left = sender_channel_wait_ms(&target->sender, unit);
        due = left > due ? left : due;
        most = due < most ? due : most;
    }
    return most;
}
