/* Writes the values of dirty rows, and writes that have no row. */
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/modbus/pdu.h"
#include "mqttd/targets/target_internal.h"

/* The log names one refused value in REFUSAL_PAUSE_MS, and the same one again after
 * SAME_REFUSAL_PAUSE_MS. */
enum { REFUSAL_PAUSE_MS = 5000, SAME_REFUSAL_PAUSE_MS = 600000 };

static const struct snapshot_row *snapshot_row_of(const struct row_snapshot *snapshot, size_t item)
{
    REQUIRE(item < snapshot->items.count);
    return &snapshot->rows.item[snapshot->items.item[item].index];
}

/* The limits of writes of the row. Call it with the lock held. */
static struct write_limit *target_limit_of(const struct target *target, uint32_t slot,
                                           const struct live_table_pending_value *pending)
{
    struct write_limit *limit =
        target->write_limits.count > 0 ? write_limits_find(&target->write_limits, slot) : NULL;
    return limit && limit->settings == pending->value.settings ? limit : NULL;
}

/* True when the value of the row waits for its interval; in the last round none does. Call it with
 * the lock held. */
static bool target_must_wait(struct target *target, struct write_limit *limit,
                             const struct live_table_pending_value *pending)
{
    bool was_held = limit->has_held;
    if (thread_is_stopping(&target->thread) ||
        !write_limits_hold(&target->write_limits, limit, pending->changed, clock_steady_ms()))
        return false;
    if (!was_held)
        counters_add(target->spec.counters, MQTTD_WRITES_DELAYED, 1);
    return true;
}

bool target_holds_row(struct target *target, uint32_t slot)
{
    pthread_mutex_lock(&target->lock);
    const struct write_limit *limit = write_limits_find(&target->write_limits, slot);
    bool is_held = limit && limit->is_held;
    pthread_mutex_unlock(&target->lock);
    return is_held;
}

/* Notes that the server has accepted the values of these rows, or that it may not have. */
static void target_note_limited(struct target *target, const struct batch_request *request,
                                bool is_accepted)
{
    uint64_t now = clock_steady_ms();
    pthread_mutex_lock(&target->lock);
    for (size_t i = 0; i < request->items && target->write_limits.count > 0; i++) {
        const struct snapshot_row *row = snapshot_row_of(&target->snapshot, request->first + i);
        struct write_limit *limit = write_limits_find(&target->write_limits, row->slot);
        if (!limit)
            continue;
        if (!is_accepted)
            write_limit_forget(limit);
        else if (write_limit_note_accepted(limit, row->changed, now))
            live_table_skip_write(target->spec.live, row->slot, limit->same);
    }
    pthread_mutex_unlock(&target->lock);
}

/* Copies the rows of `working` whose value is not written and that belong to this server. Returns
 * the number of rows of `working` that were handled: fewer than all when out of memory. Call it
 * with the lock held. */
static size_t target_snapshot_rows(struct target *target)
{
    const struct row_slots *working = &target->working;
    struct row_snapshot *snapshot = &target->snapshot;
    size_t looked_at = 0;
    snapshot->items.count = snapshot->rows.count = snapshot->words.count = 0;
    while (looked_at < working->count && ARRAY_RESERVE(&snapshot->items, 1) &&
           ARRAY_RESERVE(&snapshot->rows, 1) &&
           ARRAY_RESERVE(&snapshot->words, STRING_REGISTERS_MAX)) {
        struct live_table_pending_value pending;
        uint32_t slot = working->item[looked_at++];
        if (!live_table_read_pending_value(target->spec.live, slot, &pending) ||
            pending.changed == pending.written ||
            pending.value.settings >> 32 != target->spec.digest)
            continue;
        struct write_limit *limit = target_limit_of(target, slot, &pending);
        if (limit && target_must_wait(target, limit, &pending))
            continue;
        struct point point = live_table_location_point(pending.value.place);
        uint16_t mask = point_mask(&point);
        bool is_timed =
            live_table_owner_kind(pending.owner) == LIVE_TAG && !(limit && limit->has_held);
        if (limit)
            write_limit_note_sent(limit, pending.changed, pending.words);
        snapshot->items.item[snapshot->items.count++] =
            (struct batch_item){.unit = live_table_location_unit(pending.value.place),
                                .table = point.table,
                                .mask = mask,
                                .address = point.address,
                                .width = point.length,
                                .index = (uint32_t)snapshot->rows.count};
        snapshot->rows.item[snapshot->rows.count++] =
            (struct snapshot_row){.slot = slot,
                                  .changed = pending.changed,
                                  .since_ms = is_timed ? pending.value.steady_ms : 0};
        memcpy(snapshot->words.item + snapshot->words.count, pending.words,
               point.length * sizeof *pending.words);
        if (mask != UINT16_MAX)
            snapshot->words.item[snapshot->words.count] =
                point_place_part(&point, pending.words[0]);
        snapshot->words.count += point.length;
    }
    /* The array of words does not move any more. */
    const uint16_t *words = snapshot->words.item;
    for (size_t i = 0; i < snapshot->items.count; i++) {
        snapshot->items.item[i].words = words;
        words += snapshot->items.item[i].width;
    }
    return looked_at;
}

static void target_note_written(struct target *target, const struct batch_request *request)
{
    struct counters *counters = target->spec.counters;
    uint64_t wall_ms = clock_wall_ms(), now = clock_steady_ms(), since_ms = 0, values = 0;
    if (target->polls.count > 0)
        poll_table_note_written(&target->polls, request->unit, request->table, request->address,
                                request->count, request->mask, request->words);
    if (target->refused_zeros.count > 0)
        raw_writes_drop_zeros(&target->refused_zeros, request->unit, request->table,
                              request->address, request->count, request->mask);
    /* Values of one message came at the same time and are counted together: the counters' memory
     * moves between this thread and the one that takes messages. */
    for (size_t i = 0; i < request->items; i++) {
        const struct snapshot_row *row = snapshot_row_of(&target->snapshot, request->first + i);
        live_table_mark_written(target->spec.live, row->slot, row->changed, wall_ms);
        if (row->since_ms != since_ms) {
            if (since_ms > 0 && since_ms <= now)
                counters_observe(counters, MQTTD_WRITE_DELAY, now - since_ms, values);
            since_ms = row->since_ms;
            values = 0;
        }
        values++;
    }
    if (since_ms > 0 && since_ms <= now)
        counters_observe(counters, MQTTD_WRITE_DELAY, now - since_ms, values);
    counters_observe(counters, MQTTD_BATCH_VALUES, request->items, 1);
    if (!target->spec.local)
        target_note_limited(target, request, true);
}

uint8_t target_item_channel(const struct target *target, size_t item)
{
    const struct batch_item *at = &target->snapshot.items.item[item];
    return sender_channel_of(&target->sender, at->unit, at->table);
}

/* Parks the rows of these values, all of one channel, until the channel can be reached. */
static void target_park_rows(struct target *target, size_t first, size_t end)
{
    uint8_t channel = target_item_channel(target, first);
    struct live_table_write_fault fault = sender_outage_fault(&target->sender, channel);
    uint64_t now = clock_wall_ms();
    pthread_mutex_lock(&target->lock);
    for (size_t i = first; i < end; i++) {
        const struct snapshot_row *row = snapshot_row_of(&target->snapshot, i);
        if (fault.fault != FAULT_NONE)
            live_table_mark_write_failed(target->spec.live, row->slot, row->changed, &fault, now);
        dirty_rows_add(&target->parked, row->slot, target->taken.since_ms);
        struct write_limit *limit = write_limits_find(&target->write_limits, row->slot);
        if (limit)
            write_limit_forget(limit);
    }
    pthread_mutex_unlock(&target->lock);
    target->has_parked[channel] = true;
}

/* Keeps the rows of values that the server refused for a later attempt. */
static void target_refuse_rows(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_steady_ms(), wall_ms = clock_wall_ms();
    uint32_t place =
        (uint32_t)request->unit << 24 | (uint32_t)request->table << 16 | request->address;
    uint64_t pause = target->refusal_place == place ? SAME_REFUSAL_PAUSE_MS : REFUSAL_PAUSE_MS;
    if (target->refusal_said_ms == 0 || now - target->refusal_said_ms >= pause) {
        target->refusal_said_ms = now;
        target->refusal_place = place;
        log_warning("a value for unit %u, address %u was refused, and will be tried again: %s",
                    request->unit, request->address,
                    sender_failure_reason(&target->sender, request->table));
    }

    /* When registers go one by one, the first ones may have been written. */
    if (target->sender.pace.write_single && request->count > 1)
        poll_table_forget(&target->polls, request->unit, request->table, request->address,
                          request->count);
    if (target->refused.count == 0)
        target->refused_at_ms = now;
    struct live_table_write_fault fault = sender_exception_fault(&target->sender, request->table);
    for (size_t i = 0; i < request->items; i++) {
        const struct snapshot_row *row = snapshot_row_of(&target->snapshot, request->first + i);
        live_table_mark_write_failed(target->spec.live, row->slot, row->changed, &fault, wall_ms);
        row_slots_push(&target->refused, row->slot);
    }
    target_note_limited(target, request, false);
}

/* Writes each value alone after an exception, so that a bad address affects its own value only. */
static void target_write_one_by_one(struct target *target, size_t first, size_t end)
{
    const struct batch_limits alone = {.registers = 1, .bits = 1};
    struct batch_request *request = &target->request;
    size_t at = first;
    while (batch_next_request(target->snapshot.items.item, end, &alone, &at, request)) {
        enum modbus_result result = sender_write_request(&target->sender, request);
        if (result == MODBUS_OK) {
            target_note_written(target, request);
        } else if (result == MODBUS_EXCEPTION) {
            target_refuse_rows(target, request);
        } else {
            target_park_rows(target, request->first, end);
            return;
        }
    }
}

void target_take_results(struct target *target, size_t count, const enum modbus_result *results)
{
    const struct batch_request *requests = target->requests;
    for (size_t i = 0; i < count; i++) {
        size_t end = requests[i].first + requests[i].items;
        if (results[i] == MODBUS_OK)
            target_note_written(target, &requests[i]);
        else if (results[i] == MODBUS_UNREACHABLE)
            target_park_rows(target, requests[i].first, end);
        else if (requests[i].items == 1 && !target->spec.local)
            target_refuse_rows(target, &requests[i]);
        else
            target_write_one_by_one(target, requests[i].first, end);
    }
}

/* Writes these items of the snapshot. */
static void target_write_range(struct target *target, size_t at, size_t end)
{
    const struct batch_limits limits = {.registers = target->sender.pace.max_write_registers,
                                        .bits = MODBUS_WRITE_BITS_MAX};
    struct batch_request *requests = target->requests;
    enum modbus_result results[PIPELINE_MAX];
    bool local = target->spec.local;
    while (at < end) {
        size_t first = at, count = 0;
        uint8_t channel = target_item_channel(target, at);
        if (!sender_may_send(&target->sender, channel)) {
            while (at < end && target_item_channel(target, at) == channel)
                at++;
            target_park_rows(target, first, at);
            continue;
        }

        /* The local server takes several requests at once, a foreign one takes one. */
        do {
            batch_next_request(target->snapshot.items.item, end, &limits, &at, &requests[count++]);
        } while (local && count < PIPELINE_MAX && at < end &&
                 target_item_channel(target, at) == channel);
        sender_write_requests(&target->sender, requests, count, results);
        target_take_results(target, count, results);
    }
}

size_t target_take_dirty_rows(struct target *target)
{
    struct row_slots *working = &target->working;
    REQUIRE(working->count == 0);
    dirty_rows_take(&target->dirty_rows, working);
    target->taken = (struct target_backlog){working->count, target->dirty_rows.since_ms};
    return target_snapshot_rows(target);
}

void target_release_rows(struct target *target, size_t first)
{
    struct row_slots *working = &target->working;
    for (size_t i = first; i < working->count; i++)
        dirty_rows_add(&target->dirty_rows, working->item[i], target->taken.since_ms);
    target->taken = (struct target_backlog){0};
    working->count = 0;
}

void target_write_dirty_rows(struct target *target)
{
    const struct row_slots *working = &target->working;
    size_t first[CHANNELS_MAX], end[CHANNELS_MAX], channels = 0;
    uint8_t order[CHANNELS_MAX];
    size_t looked_at = 0;
    REQUIRE(working->count == 0);
    target->snapshot.items.count = 0;

    /* Copies the rows that were marked until now, all at the same moment, so that the values of a
     * message stay together. If there are new writes without a row, they go first: they may be
     * zeros for registers that now belong to another tag. */
    pthread_mutex_lock(&target->lock);
    if (!target->has_new_raw_writes) {
        dirty_rows_add_all(&target->dirty_rows, &target->outbox, clock_steady_ms());
        looked_at = target_take_dirty_rows(target);
    }
    pthread_mutex_unlock(&target->lock);

    /* Each unit of a foreign server has its turn; its items are neighbours after the sort. */
    size_t items = target->snapshot.items.count;
    batch_sort_items(target->snapshot.items.item, items);
    for (size_t i = 0; i < items && !target->spec.local; i++) {
        uint8_t channel = target_item_channel(target, i);
        if (channels == 0 || order[channels - 1] != channel) {
            order[channels++] = channel;
            first[channel] = i;
        }
        end[channel] = i + 1;
    }
    unit_backoff_sort(&target->sender.channels, order, channels);
    for (size_t i = 0; i < channels; i++)
        target_write_range(target, first[order[i]], end[order[i]]);
    if (target->spec.local)
        target_write_range(target, 0, items);

    target->is_short |= looked_at < working->count;
    pthread_mutex_lock(&target->lock);
    target_release_rows(target, looked_at);
    pthread_mutex_unlock(&target->lock);
}

/* Writes all registers at once, or after an exception one by one: one that is refused does not stop
 * the others. False when the channel cannot be reached. */
static bool target_send_raw_write(struct target *target, const struct target_write *write)
{
    struct batch_request *request = &target->request;
    uint16_t at = 0, count = write->count;
    while (at < write->count) {
        request->unit = write->unit;
        request->table = write->table;
        request->address = (uint16_t)(write->address + at);
        request->count = count;
        request->mask = write->mask;
        memset(request->words, 0, count * sizeof *request->words);
        if (write->has_words)
            memcpy(request->words, write->words + at, count * sizeof *request->words);
        enum modbus_result result = sender_write_request(&target->sender, request);
        if (result == MODBUS_UNREACHABLE)
            return false;
        if (result == MODBUS_EXCEPTION && count > 1) {
            count = 1;
            continue;
        }
        at = (uint16_t)(at + count);
        if (result == MODBUS_OK)
            continue;

        /* A register is refused. A zero that the server could not write now is kept; any other
         * write is given up. */
        uint8_t exception = sender_exception_fault(&target->sender, write->table).exception;
        log_warning("unit %u, address %u: %s", request->unit, request->address,
                    sender_failure_reason(&target->sender, write->table));
        if (write->has_words || exception < PDU_DEVICE_FAILURE || exception > PDU_DEVICE_BUSY)
            continue;
        struct target_write zero = *write;
        zero.address = request->address;
        zero.count = 1;
        if (target->refused_zeros.count == 0 && target->refused.count == 0)
            target->refused_at_ms = clock_steady_ms();
        bool added = raw_writes_add(&target->refused_zeros, &zero);
        REQUIRE(added); /* target_write_owed has reserved memory */
    }
    return true;
}

void target_write_owed(struct target *target)
{
    struct raw_writes *owed = &target->owed;
    struct sender *sender = &target->sender;
    size_t kept = 0;
    for (size_t i = 0; i < owed->count; i++) {
        struct target_write write = owed->item[i];
        uint8_t channel = sender_channel_of(sender, write.unit, write.table);
        /* Each refused register of zeros is kept as a write of its own. */
        bool has_room = write.has_words || ARRAY_RESERVE(&target->refused_zeros, write.count);
        target->is_short |= !has_room;
        if (has_room && sender_may_send(sender, channel) && target_send_raw_write(target, &write))
            continue;
        /* Later writes may be for the same registers and must not overtake this one. */
        unit_backoff_close(&sender->channels, channel);
        owed->item[kept++] = write;
    }
    owed->count = kept;
    pthread_mutex_lock(&target->lock);
    target->is_writing_raw = kept > 0 || target->refused_zeros.count > 0;
    pthread_mutex_unlock(&target->lock);
}
