/* Starts and ends the thread of one Modbus server, and exchanges work and results with it. */
#include "mqttd/targets/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "mqttd/targets/target_internal.h"

_Static_assert((int)RAW_WRITE_REGISTERS_MAX == (int)MODBUS_WRITE_REGISTERS_MAX,
               "a raw write is one request");
_Static_assert((int)BATCH_WORDS_MAX == (int)MODBUS_WRITE_BITS_MAX,
               "a batch request is one request");
_Static_assert((int)STRING_REGISTERS_MAX <= (int)MODBUS_WRITE_REGISTERS_MAX,
               "a value is one request");

struct target *target_create(const struct target_spec *spec)
{
    struct target *target = calloc(1, sizeof *target);
    pthread_mutexattr_t recursive;
    if (!target)
        return NULL;
    /* Threads of foreign servers are numbered: a thread's name is too short for an address. */
    char name[THREAD_NAME_SIZE] = "target local";
    if (!spec->local)
        snprintf(name, sizeof name, "target %u", spec->number % 100000000);
    target->spec = *spec;
    target->pace.max_write_registers = MODBUS_WRITE_REGISTERS_MAX;
    target->sender =
        (struct sender){.spec = &target->spec, .rest = target_keep_pace, .context = target};
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&target->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    errno = ENOMEM;
    if (sender_init(&target->sender) && thread_start(&target->thread, name, target_thread, target))
        return target;
    int error = errno;
    target_destroy(target);
    errno = error;
    return NULL;
}

void target_stop(struct target *target)
{
    thread_stop(&target->thread);
}

bool target_resume(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool goes_on = !target->thread_has_ended;
    if (goes_on)
        thread_resume(&target->thread);
    pthread_mutex_unlock(&target->lock);
    return goes_on;
}

bool target_join_within(struct target *target, unsigned timeout_ms)
{
    return thread_join_within(&target->thread, timeout_ms);
}

void target_interrupt_silence(struct target *target, uint64_t since_ms)
{
    if (sender_answered_ms(&target->sender) < since_ms)
        sender_interrupt(&target->sender);
}

void target_destroy(struct target *target)
{
    if (!target)
        return;
    REQUIRE(target->lock_depth == 0);
    thread_join(&target->thread);
    pthread_mutex_destroy(&target->lock);
    sender_finish(&target->sender);
    row_slots_finish(&target->outbox);
    dirty_rows_finish(&target->dirty_rows);
    dirty_rows_finish(&target->parked);
    row_slots_finish(&target->working);
    row_slots_finish(&target->refused);
    row_slots_finish(&target->unparked);
    free(target->snapshot.items.item);
    free(target->snapshot.rows.item);
    free(target->snapshot.words.item);
    raw_writes_finish(&target->raw_writes);
    raw_writes_finish(&target->owed);
    raw_writes_finish(&target->refused_zeros);
    poll_table_finish(&target->polls);
    poll_table_finish(&target->new_polls);
    write_limits_finish(&target->write_limits);
    free(target);
}

bool target_try_destroy(struct target *target)
{
    bool has_ended = thread_try_join(&target->thread);
    if (has_ended)
        target_destroy(target);
    return has_ended;
}

bool target_matches(const struct target *target, uint32_t digest,
                    const struct modbus_endpoint *server)
{
    if (target->spec.digest != digest)
        return false;
    if (!server || target->spec.local)
        return !server && target->spec.local;
    return modbus_endpoint_is_equal(server, &target->spec.outputs);
}

void target_lock_rows(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    target->lock_depth++;
}

void target_unlock_rows(struct target *target)
{
    REQUIRE(target->lock_depth > 0);
    target->lock_depth--;
    pthread_mutex_unlock(&target->lock);
}

void target_mark_dirty(struct target *target, uint32_t slot)
{
    REQUIRE(target->lock_depth > 0);
    row_slots_push(&target->outbox, slot);
    target->has_marked = true;
}

bool target_is_unchanged(struct target *target, uint32_t slot, uint16_t *words)
{
    REQUIRE(target->lock_depth > 0);
    const struct write_limit *limit = write_limits_find(&target->write_limits, slot);
    if (!limit || !write_limit_is_unchanged(limit, words))
        return false;
    memcpy(words, limit->words, point_width(&limit->point) * sizeof *words);
    return true;
}

void target_mark_limited(struct target *target, uint32_t slot, uint64_t changed)
{
    struct write_limit *limit = write_limits_find(&target->write_limits, slot);
    if (limit)
        limit->of_message = changed;
    target_mark_dirty(target, slot);
}

/* While the value that was sent is not accepted, the row waits with it. */
void target_skip_unchanged(struct target *target, uint32_t slot, uint64_t changed)
{
    REQUIRE(target->lock_depth > 0);
    struct write_limit *limit = write_limits_find(&target->write_limits, slot);
    counters_add(target->spec.counters, MQTTD_WRITES_UNCHANGED, 1);
    if (!limit)
        return;
    limit->of_message = limit->same = changed;
    if (limit->accepted == limit->sent)
        live_table_skip_write(target->spec.live, slot, changed);
}

void target_forget_sent(struct target *target, uint32_t slot)
{
    pthread_mutex_lock(&target->lock);
    struct write_limit *limit = write_limits_find(&target->write_limits, slot);
    if (limit)
        write_limit_forget(limit);
    pthread_mutex_unlock(&target->lock);
}

void target_put_value(struct target *target, uint32_t slot, const struct live_table_value *value,
                      const struct point *point, const uint16_t *words)
{
    target_lock_rows(target);
    live_table_put_value(target->spec.live, slot, value, point->type == TYPE_STRING ? words : NULL,
                         point->length);
    target_mark_dirty(target, slot);
    target_unlock_rows(target);
}

void target_wake_thread(struct target *target)
{
    if (!target->has_marked)
        return;
    target->has_marked = false;
    pthread_mutex_lock(&target->lock);
    dirty_rows_add_all(&target->dirty_rows, &target->outbox, clock_steady_ms());
    bool is_sent = target_send_now(target);
    pthread_mutex_unlock(&target->lock);
    if (!is_sent)
        thread_wake(&target->thread);
}

bool target_take_lost_marks(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool has_lost =
        target->dirty_rows.has_lost || target->parked.has_lost || target->outbox.has_lost;
    target->dirty_rows.has_lost = target->parked.has_lost = target->outbox.has_lost = false;
    pthread_mutex_unlock(&target->lock);
    return has_lost;
}

bool target_reserve_writes(struct target *target, size_t writes)
{
    pthread_mutex_lock(&target->lock);
    bool has_room = ARRAY_RESERVE(&target->raw_writes, writes);
    pthread_mutex_unlock(&target->lock);
    return has_room;
}

void target_queue_write(struct target *target, const struct target_write *write)
{
    pthread_mutex_lock(&target->lock);
    bool added = raw_writes_add(&target->raw_writes, write);
    target->has_new_raw_writes |= added;
    pthread_mutex_unlock(&target->lock);
    thread_wake(&target->thread);
    if (!added)
        memory_shortage_note(target->spec.memory_shortage, "a write to a Modbus server");
}

bool target_has_raw_writes(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool has_raw_writes = target->is_writing_raw || target->raw_writes.count > 0;
    pthread_mutex_unlock(&target->lock);
    return has_raw_writes;
}

void target_set_limits(struct target *target, const struct target_pace *pace, struct polls *polls,
                       struct write_limits *write_limits)
{
    REQUIRE(pace->max_write_registers <= MODBUS_WRITE_REGISTERS_MAX);
    REQUIRE(polls->count == 0 || polls->item);
    pthread_mutex_lock(&target->lock);
    target->pace = *pace;
    poll_table_finish(&target->new_polls);
    target->new_polls = *polls;
    target->has_new_polls = true;
    *polls = (struct polls){0};
    write_limits_replace(&target->write_limits, write_limits, &target->dirty_rows,
                         clock_steady_ms());
    pthread_mutex_unlock(&target->lock);
    thread_wake(&target->thread);
}

void target_set_timeout(struct target *target, uint64_t timeout_ms)
{
    REQUIRE(target->spec.local);
    if (sender_set_timeout(&target->sender, timeout_ms))
        thread_wake(&target->thread);
}

bool target_is_down(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool is_down = target->is_down;
    pthread_mutex_unlock(&target->lock);
    return is_down;
}

void target_add_backlog(struct target *target, struct target_backlog *backlog)
{
    pthread_mutex_lock(&target->lock);
    const struct target_backlog parts[] = {
        {target->dirty_rows.queue.count, target->dirty_rows.since_ms},
        {target->parked.queue.count, target->parked.since_ms},
        target->taken,
    };
    pthread_mutex_unlock(&target->lock);
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].values == 0)
            continue;
        if (backlog->values == 0 || parts[i].since_ms < backlog->since_ms)
            backlog->since_ms = parts[i].since_ms;
        backlog->values += parts[i].values;
    }
}

bool target_take_losses(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool has_lost = target->has_lost;
    memcpy(target->lost_taken, target->lost, sizeof target->lost);
    memset(target->lost, 0, sizeof target->lost);
    target->has_lost = false;
    pthread_mutex_unlock(&target->lock);
    return has_lost;
}

bool target_unit_has_lost(const struct target *target, uint8_t unit)
{
    return (target->lost_taken[unit / 8] >> (unit % 8) & 1) != 0;
}

bool target_take_poll_change(struct target *target, struct poll *change)
{
    pthread_mutex_lock(&target->lock);
    /* A reading made after a loss must not be taken before the loss. */
    bool found = target->poll_change_count > 0 && !target->has_lost;
    if (found) {
        *change = target->poll_changes[target->first_poll_change];
        target->first_poll_change = (target->first_poll_change + 1) % POLL_CHANGES_MAX;
        target->poll_change_count--;
    }
    pthread_mutex_unlock(&target->lock);
    return found;
}
