/* Polls the registers of a foreign server. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "mqttd/targets/target_internal.h"

/* False when the MQTT thread has not yet taken older news: the poll is put off, not lost. */
static bool target_tell_poll_change(struct target *target, const struct poll *poll,
                                    const uint16_t *words)
{
    pthread_mutex_lock(&target->lock);
    bool room = target->poll_change_count < POLL_CHANGES_MAX;
    if (room) {
        struct poll *news =
            &target->news[(target->first_poll_change + target->poll_change_count++) %
                          POLL_CHANGES_MAX];
        *news = *poll;
        memcpy(news->words, words, poll->count * sizeof *words);
    }
    pthread_mutex_unlock(&target->lock);
    wakeup_raise(target->spec.notify);
    return room;
}

/* A row whose value waits shows why that is so; any other one, why it cannot be polled. */
static void poll_set_live_fault(const struct target *target, const struct poll *poll,
                                struct live_table_write_fault fault)
{
    struct live_table_pending_value row;
    if (!live_table_pending_value(target->spec.live, poll->slot, &row) ||
        row.changed != row.written)
        return;
    fault.is_of_poll = fault.fault != FAULT_NONE;
    live_table_mark_write_failed(target->spec.live, poll->slot, 0, &fault, clock_wall_ms());
}

static void poll_log_failure(struct target *target, const struct poll *poll)
{
    uint64_t now = clock_steady_ms();
    if (!log_limit_count_event(&target->poll_faults, now))
        return;
    log_warning("unit %u, %s %u cannot be polled, and will be tried again: %s; %u such polls since "
                "the last line",
                poll->unit, table_names[poll->table], poll->address,
                sender_failure_reason(&target->sender, poll->table), target->poll_faults.since);
    log_limit_mark_logged(&target->poll_faults, now);
}

static void poll_note_refusal(struct target *target, struct poll *poll)
{
    counters_add(target->spec.counters, MQTTD_POLLS_FAILED, 1);
    poll_set_live_fault(target, poll, sender_exception_fault(&target->sender, poll->table));
    if (!poll->has_failed)
        poll_log_failure(target, poll);
    poll->has_failed = true;
}

/* The loss of a unit is logged elsewhere. */
static void poll_note_outage(struct target *target, size_t first)
{
    struct polls *polls = &target->polls;
    struct live_table_write_fault fault =
        sender_outage_fault(&target->sender, polls->item[first].unit);
    size_t end = poll_table_end_of_unit(polls, first);
    for (size_t i = first; i < end && fault.fault != FAULT_NONE; i++) {
        if (!polls->item[i].has_failed)
            poll_set_live_fault(target, &polls->item[i], fault);
        polls->item[i].has_failed = true;
    }
}

/* A value that was put before the reading and written after it is newer than what was read. One
 * that the server refuses is not written. */
static bool poll_is_outdated(const struct target *target, const struct poll *poll,
                             const struct live_table_pending_value *before)
{
    struct live_table_pending_value now;
    if (!live_table_pending_value(target->spec.live, poll->slot, &now) ||
        now.owner != before->owner || now.changed != before->changed ||
        now.written != before->written)
        return true;
    return now.changed != now.written &&
           !live_table_write_is_refused(target->spec.live, poll->slot);
}

static void poll_take_reading(struct target *target, struct poll *poll, const uint16_t *words,
                              const struct live_table_pending_value *before)
{
    if (poll->has_failed || !poll->known)
        poll_set_live_fault(target, poll, (struct live_table_write_fault){.fault = FAULT_NONE});
    poll->has_failed = false;
    /* A row that was begun again has to be shown what is there, too. */
    poll->known = poll->known && before->changed != 0;
    if (poll_is_outdated(target, poll, before))
        return;
    poll->changed = before->changed;
    poll->written = before->written;
    if ((poll->known && !poll_has_changed(poll, words)) ||
        target_tell_poll_change(target, poll, words))
        poll_store_words(poll, words);
}

static enum modbus_result poll_read_registers(struct target *target, struct poll *poll)
{
    uint16_t words[POINT_REGISTERS_MAX];
    struct live_table_pending_value before;
    if (!live_table_pending_value(target->spec.live, poll->slot, &before))
        return MODBUS_OK;
    enum modbus_result result = sender_read_registers(&target->sender, poll->unit, poll->table,
                                                      poll->address, poll->count, words);
    target_note_losses(target);
    counters_add(target->spec.counters, MQTTD_POLLS, 1);
    if (result == MODBUS_OK)
        poll_take_reading(target, poll, words, &before);
    else if (result == MODBUS_EXCEPTION)
        poll_note_refusal(target, poll);
    else
        counters_add(target->spec.counters, MQTTD_POLLS_FAILED, 1);
    return result;
}

/* A unit that falls silent is tried again from its first poll on. */
static void target_poll_unit(struct target *target, size_t first, uint64_t now)
{
    struct polls *polls = &target->polls;
    size_t end = poll_table_end_of_unit(polls, first);
    for (size_t i = first; i < end; i++) {
        if (poll_read_registers(target, &polls->item[i]) == MODBUS_UNREACHABLE) {
            poll_note_outage(target, first);
            return;
        }
    }
    target->polls_at_ms[polls->item[first].unit] = now + polls->interval_ms;
}

void target_run_polls(struct target *target)
{
    const struct polls *polls = &target->polls;
    size_t first[CHANNELS_MAX], count = 0;
    uint8_t order[CHANNELS_MAX];
    uint64_t now = clock_steady_ms();
    for (size_t i = 0; i < polls->count; i = poll_table_end_of_unit(polls, i)) {
        uint8_t unit = polls->item[i].unit;
        first[unit] = i;
        if (now >= target->polls_at_ms[unit])
            order[count++] = unit;
    }
    unit_backoff_sort(&target->sender.channels, order, count);
    for (size_t i = 0; i < count; i++) {
        if (sender_may_send(&target->sender, order[i]))
            target_poll_unit(target, first[order[i]], now);
        else
            poll_note_outage(target, first[order[i]]);
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
