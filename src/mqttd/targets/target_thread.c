/* What the thread of one Modbus server does: it waits for work, and writes and polls. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/modbus/pdu.h"
#include "mqttd/targets/target_internal.h"

enum {
    TURN_MS = 400,           /* the longest wait while there is something to be done each second */
    CHECK_MS = 1000,         /* a foreign server is looked after so often */
    SHORT_MS = 100,          /* without memory for all values */
    REFUSED_AGAIN_MS = 5000, /* a value that the server refused is tried again after this */
    SAME_AGAIN_MS = 600000,  /* and named again after this */
};

bool target_sleep_until(void *context, uint64_t until_ms)
{
    struct target *target = context;
    uint64_t now;
    while (!thread_is_stopping(&target->thread) && (now = clock_steady_ms()) < until_ms)
        thread_wait(&target->thread, (int)(until_ms - now));
    return !thread_is_stopping(&target->thread);
}

/* Values of one message have come at the same time, and are counted together: the counters' memory
 * goes to and fro between this thread and the one of the messages. */
static void target_count_delays(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_steady_ms(), since = 0, times = 0;
    for (size_t i = request->first; i <= request->first + request->items; i++) {
        bool last = i == request->first + request->items;
        uint64_t next = last ? 0 : row_snapshot_row(&target->row_snapshot, i)->since_ms;
        if (next != since && since > 0 && since <= now)
            counters_observe(target->spec.counters, MQTTD_WRITE_DELAY, now - since, times);
        times = next == since ? times + 1 : 1;
        since = next;
    }
    counters_observe(target->spec.counters, MQTTD_BATCH_VALUES, request->items, 1);
}

static void target_note_written(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_wall_ms();
    poll_table_note_written(&target->polls, request->unit, request->table, request->address,
                            request->count, request->mask, request->words);
    if (target->refused_zeros.count > 0)
        raw_writes_drop_zeros(&target->refused_zeros, request->unit, request->table,
                              request->address, request->count, request->mask);
    for (size_t i = request->first; i < request->first + request->items; i++) {
        const struct snapshot_row *row = row_snapshot_row(&target->row_snapshot, i);
        live_table_mark_written(target->spec.live, row->slot, row->changed, now);
    }
    target_count_delays(target, request);
}

static uint8_t target_item_channel(const struct target *target, size_t item)
{
    const struct batch_item *at = &target->row_snapshot.items[item];
    return sender_channel_of(&target->sender, at->unit, at->table);
}

/* These values, all of one channel, were not written, and wait until the channel can be reached. */
static void target_park_rows(struct target *target, size_t first, size_t end)
{
    uint8_t channel = target_item_channel(target, first);
    struct live_table_write_fault fault = sender_outage_fault(&target->sender, channel);
    uint64_t now = clock_wall_ms();
    pthread_mutex_lock(&target->lock);
    for (size_t i = first; i < end; i++) {
        const struct snapshot_row *row = row_snapshot_row(&target->row_snapshot, i);
        if (fault.fault != FAULT_NONE)
            live_table_mark_write_failed(target->spec.live, row->slot, row->changed, &fault, now);
        dirty_rows_add(&target->parked, row->slot, target->taken.since_ms);
    }
    pthread_mutex_unlock(&target->lock);
    target->has_parked[channel] = true;
}

/* The same place is not named every 5 s, and many places not all at once. */
static void target_log_refused(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_steady_ms();
    uint32_t place =
        (uint32_t)request->unit << 24 | (uint32_t)request->table << 16 | request->address;
    uint64_t pause = target->refusal_place == place ? SAME_AGAIN_MS : REFUSED_AGAIN_MS;
    if (target->refusal_said_ms > 0 && now - target->refusal_said_ms < pause)
        return;
    target->refusal_said_ms = now;
    target->refusal_place = place;
    log_warning("a value for unit %u, address %u was refused, and will be tried again: %s",
                request->unit, request->address,
                sender_failure_reason(&target->sender, request->table));
}

static void target_refuse_rows(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_wall_ms();
    struct live_table_write_fault fault = sender_exception_fault(&target->sender, request->table);
    if (target->refused.count == 0)
        target->refused_at_ms = clock_steady_ms();
    target_log_refused(target, request);
    /* Register by register, the first ones may have been written. */
    if (target->sender.pace.write_single && request->count > 1)
        poll_table_forget(&target->polls, request->unit, request->table, request->address,
                          request->count);
    for (size_t i = request->first; i < request->first + request->items; i++) {
        const struct snapshot_row *row = row_snapshot_row(&target->row_snapshot, i);
        live_table_mark_write_failed(target->spec.live, row->slot, row->changed, &fault, now);
        row_slots_push(&target->refused, row->slot);
    }
}

/* After an exception each value goes alone, so that one bad address costs only its own value. */
static void target_send_one_by_one(struct target *target, size_t first, size_t count)
{
    const struct batch_limits alone = {.registers = 1, .bits = 1};
    for (size_t at = first; at < first + count;) {
        if (!batch_next_request(target->row_snapshot.items, first + count, &alone, &at,
                                &target->request))
            break;
        enum modbus_result result = sender_write_request(&target->sender, &target->request);
        if (result == MODBUS_OK) {
            target_note_written(target, &target->request);
        } else if (result == MODBUS_EXCEPTION) {
            target_refuse_rows(target, &target->request);
        } else {
            target_park_rows(target, target->request.first, first + count);
            break;
        }
    }
}

/* As many requests as may be on their way at once: a foreign server gets one. */
static size_t target_next_requests(struct target *target, const struct batch_limits *limits,
                                   size_t end, size_t *at)
{
    const struct row_snapshot *row_snapshot = &target->row_snapshot;
    struct batch_request *requests = target->requests;
    size_t most = target->spec.local ? PIPELINE_MAX : 1, count = 0;
    uint8_t channel = target_item_channel(target, *at);
    while (count < most && *at < end && target_item_channel(target, *at) == channel)
        batch_next_request(row_snapshot->items, end, limits, at, &requests[count++]);
    return count;
}

static void target_conclude_request(struct target *target, const struct batch_request *request,
                                    enum modbus_result result)
{
    if (result == MODBUS_OK)
        target_note_written(target, request);
    else if (result == MODBUS_UNREACHABLE)
        target_park_rows(target, request->first, request->first + request->items);
    else if (request->items == 1 && !target->spec.local)
        target_refuse_rows(target, request);
    else
        target_send_one_by_one(target, request->first, request->items);
}

static void target_write_range(struct target *target, size_t at, size_t end)
{
    const struct batch_limits limits = {.registers = target->sender.pace.max_write_registers,
                                        .bits = MODBUS_WRITE_BITS_MAX};
    enum modbus_result results[PIPELINE_MAX];
    while (at < end) {
        size_t first = at;
        uint8_t channel = target_item_channel(target, at);
        if (!sender_may_send(&target->sender, channel)) {
            while (at < end && target_item_channel(target, at) == channel)
                at++;
            target_park_rows(target, first, at);
            continue;
        }
        size_t count = target_next_requests(target, &limits, end, &at);
        sender_write_requests(&target->sender, target->requests, count, results);
        for (size_t i = 0; i < count; i++)
            target_conclude_request(target, &target->requests[i], results[i]);
    }
}

/* The items of a unit stand together: each unit has its turn. */
static void target_write_by_unit(struct target *target)
{
    size_t first[CHANNELS_MAX], end[CHANNELS_MAX], count = 0;
    uint8_t order[CHANNELS_MAX];
    for (size_t i = 0; i < target->row_snapshot.count; i++) {
        uint8_t channel = target_item_channel(target, i);
        if (count == 0 || order[count - 1] != channel) {
            order[count++] = channel;
            first[channel] = i;
        }
        end[channel] = i + 1;
    }
    unit_backoff_sort(&target->sender.channels, order, count);
    for (size_t i = 0; i < count; i++)
        target_write_range(target, first[order[i]], end[order[i]]);
}

static void target_write_items(struct target *target)
{
    batch_sort_items(target->row_snapshot.items, target->row_snapshot.count);
    if (target->spec.local)
        target_write_range(target, 0, target->row_snapshot.count);
    else
        target_write_by_unit(target);
}

/* All that was put until now is marked, and copied as it is in this moment: the tags of a message
 * stay together, however many messages have come since they were marked. Writes without a row that
 * came meanwhile have their turn first: they may be zeros for registers that are another tag's now.
 */
static size_t target_snapshot_rows(struct target *target)
{
    struct row_slots *working = &target->working;
    pthread_mutex_lock(&target->lock);
    if (!target->has_new_raw_writes) {
        dirty_rows_add_all(&target->dirty_rows, &target->outbox, clock_steady_ms());
        dirty_rows_take(&target->dirty_rows, working);
        target->taken = (struct target_backlog){working->count, target->dirty_rows.since_ms};
    }
    size_t done =
        row_snapshot_fill(&target->row_snapshot, target->spec.live, target->spec.digest, working);
    pthread_mutex_unlock(&target->lock);
    return done;
}

static void target_write_dirty_rows(struct target *target)
{
    struct row_slots *working = &target->working;
    size_t done = target_snapshot_rows(target);
    bool is_short = done < working->count;
    target_write_items(target);
    pthread_mutex_lock(&target->lock);
    for (; done < working->count; done++)
        dirty_rows_add(&target->dirty_rows, working->item[done], target->taken.since_ms);
    target->taken = (struct target_backlog){0};
    pthread_mutex_unlock(&target->lock);
    working->count = 0;
    if (is_short)
        target_sleep_until(target, clock_steady_ms() + SHORT_MS);
}

/* The registers of a write from `from` on. */
static enum modbus_result target_send_raw_write(struct target *target,
                                                const struct target_write *write, uint16_t from,
                                                uint16_t count)
{
    struct batch_request *request = &target->request;
    request->unit = write->unit;
    request->table = write->table;
    request->address = (uint16_t)(write->address + from);
    request->count = count;
    request->mask = write->mask;
    memset(request->words, 0, count * sizeof *request->words);
    if (write->has_words)
        memcpy(request->words, write->words + from, count * sizeof *request->words);
    return sender_write_request(&target->sender, request);
}

/* Gives up a write that will never succeed; keeps a zero that the server could not write now. */
static void target_refuse_raw_write(struct target *target, const struct target_write *write,
                                    uint16_t at)
{
    struct live_table_write_fault fault = sender_exception_fault(&target->sender, write->table);
    struct target_write zero = *write;
    log_warning("unit %u, address %u: %s", write->unit, (unsigned)write->address + at,
                sender_failure_reason(&target->sender, write->table));
    if (write->has_words || fault.exception < PDU_DEVICE_FAILURE ||
        fault.exception > PDU_DEVICE_BUSY)
        return;
    zero.address = (uint16_t)(write->address + at);
    zero.count = 1;
    if (target->refused_zeros.count == 0 && target->refused.count == 0)
        target->refused_at_ms = clock_steady_ms();
    raw_writes_add(&target->refused_zeros, &zero);
}

/* One register that is refused costs no other. False when the channel cannot be reached. */
static bool target_write_raw_write(struct target *target, const struct target_write *write)
{
    enum modbus_result result = target_send_raw_write(target, write, 0, write->count);
    if (result == MODBUS_EXCEPTION && write->count == 1)
        target_refuse_raw_write(target, write, 0);
    for (uint16_t i = 0; result == MODBUS_EXCEPTION && write->count > 1 && i < write->count; i++) {
        enum modbus_result one = target_send_raw_write(target, write, i, 1);
        if (one == MODBUS_UNREACHABLE)
            result = one;
        else if (one == MODBUS_EXCEPTION)
            target_refuse_raw_write(target, write, i);
    }
    return result != MODBUS_UNREACHABLE;
}

/* Writes what is owed. A channel that does not take all of it is closed: what comes later may be
 * for the same registers, and must not be written before. */
static void target_write_owed(struct target *target)
{
    struct raw_writes *owed = &target->owed;
    struct sender *sender = &target->sender;
    size_t kept = 0;
    for (size_t i = 0; i < owed->count; i++) {
        struct target_write write = owed->item[i];
        uint8_t channel = sender_channel_of(sender, write.unit, write.table);
        if (sender_may_send(sender, channel) && target_write_raw_write(target, &write))
            continue;
        unit_backoff_close(&sender->channels, channel);
        owed->item[kept++] = write;
    }
    owed->count = kept;
    pthread_mutex_lock(&target->lock);
    target->is_writing_raw = kept > 0 || target->refused_zeros.count > 0;
    pthread_mutex_unlock(&target->lock);
}

static void target_retry_refused(struct target *target)
{
    if ((target->refused.count == 0 && target->refused_zeros.count == 0) ||
        clock_steady_ms() - target->refused_at_ms < REFUSED_AGAIN_MS)
        return;
    raw_writes_append(&target->owed, &target->refused_zeros);
    pthread_mutex_lock(&target->lock);
    dirty_rows_add_all(&target->dirty_rows, &target->refused, clock_steady_ms());
    pthread_mutex_unlock(&target->lock);
}

void target_note_losses(struct target *target)
{
    struct sender *sender = &target->sender;
    if (!sender->has_lost)
        return;
    poll_table_forget_units(&target->polls, sender->lost);
    pthread_mutex_lock(&target->lock);
    for (size_t i = 0; i < sizeof target->lost; i++)
        target->lost[i] |= sender->lost[i];
    target->has_lost = true;
    pthread_mutex_unlock(&target->lock);
    memset(sender->lost, 0, sizeof sender->lost);
    sender->has_lost = false;
    wakeup_raise(target->spec.notify);
}

static unsigned target_parked_due_ms(const struct target *target, unsigned most)
{
    for (unsigned channel = 0; channel < CHANNELS_MAX; channel++) {
        unsigned left = target->has_parked[channel]
                            ? sender_channel_wait_ms(&target->sender, (uint8_t)channel)
                            : most;
        most = left < most ? left : most;
    }
    return most;
}

static unsigned target_owed_due_ms(const struct target *target, unsigned most)
{
    for (size_t i = 0; i < target->owed.count; i++) {
        const struct target_write *write = &target->owed.item[i];
        unsigned left = sender_channel_wait_ms(
            &target->sender, sender_channel_of(&target->sender, write->unit, write->table));
        most = left < most ? left : most;
    }
    return most;
}

/* How long to wait when there is nothing to do, or nothing that could be done. */
static unsigned target_idle_wait_ms(const struct target *target)
{
    bool beats = target->spec.local || target->refused.count > 0;
    unsigned wait = target_polls_due_ms(target, beats ? TURN_MS : CHECK_MS);
    if (target->parked.queue.count > 0)
        wait = target_parked_due_ms(target, wait);
    return target_owed_due_ms(target, wait);
}

static bool target_has_work(const struct target *target)
{
    return target->dirty_rows.queue.count > 0 || target->raw_writes.count > 0 ||
           target->has_new_polls;
}

/* With the lock held. */
static void target_unpark_rows(struct target *target)
{
    uint64_t since = target->parked.since_ms;
    if (target->parked.queue.count == 0 ||
        (!thread_is_stopping(&target->thread) && target_parked_due_ms(target, 1) > 0))
        return;
    dirty_rows_take(&target->parked, &target->unparked);
    dirty_rows_add_all(&target->dirty_rows, &target->unparked, since);
    memset(target->has_parked, 0, sizeof target->has_parked);
}

/* With the lock held. */
static void target_take_work(struct target *target)
{
    if (raw_writes_append(&target->owed, &target->raw_writes))
        target->has_new_raw_writes = false;
    target->is_writing_raw = target->owed.count > 0 || target->refused_zeros.count > 0;
    target->sender.pace = target->pace;
    if (target->has_new_polls)
        poll_table_replace(&target->polls, &target->new_polls);
    target->has_new_polls = false;
    target_unpark_rows(target);
}

/* False when this is the last work. */
static bool target_wait_for_work(struct target *target)
{
    unsigned back_off = sender_backoff_ms(&target->sender);
    uint64_t now = clock_steady_ms();
    uint64_t until = now + (back_off > 0 ? back_off : target_idle_wait_ms(target));
    bool stop;
    pthread_mutex_lock(&target->lock);
    while (!(stop = thread_is_stopping(&target->thread)) && now < until &&
           (back_off > 0 || !target_has_work(target))) {
        pthread_mutex_unlock(&target->lock);
        thread_wait(&target->thread, (int)(until - now));
        now = clock_steady_ms();
        pthread_mutex_lock(&target->lock);
    }
    target_take_work(target);
    pthread_mutex_unlock(&target->lock);
    return !stop;
}

/* True unless target_resume was called meanwhile. */
static bool thread_has_ended(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool ended = target->thread_has_ended = thread_is_stopping(&target->thread);
    pthread_mutex_unlock(&target->lock);
    return ended;
}

static void target_note_reach(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    target->is_down = sender_is_down(&target->sender);
    pthread_mutex_unlock(&target->lock);
}

static void target_check_server(struct target *target)
{
    uint64_t now = clock_steady_ms();
    if (now - target->checked_ms < CHECK_MS)
        return;
    target->checked_ms = now;
    sender_check_server(&target->sender);
    target_note_losses(target);
}

void target_thread(void *context)
{
    struct target *target = context;
    bool more;
    do {
        more = target_wait_for_work(target);
        unit_backoff_begin_round(&target->sender.channels);
        target_check_server(target);
        target_write_owed(target);
        target_write_dirty_rows(target);
        target_note_losses(target);
        target_run_polls(target);
        sender_keep_alive(&target->sender);
        target_retry_refused(target);
        target_note_reach(target);
    } while (more || !thread_has_ended(target));
}
