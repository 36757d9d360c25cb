/* What the thread of one Modbus server does: it waits for work, and writes and polls. */
#include <string.h>
#include <time.h>
#include <unistd.h>

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

bool target_rest(void *context, uint64_t until_ms)
{
    struct target *target = context;
    uint64_t now;
    bool stop;
    pthread_mutex_lock(&target->lock);
    while (!(stop = target->stop) && (now = clock_steady_ms()) < until_ms) {
        struct timespec until = clock_deadline((unsigned)(until_ms - now));
        pthread_cond_clockwait(&target->work, &target->lock, CLOCK_MONOTONIC, &until);
    }
    pthread_mutex_unlock(&target->lock);
    return !stop;
}

/* Values of one message have come at the same time, and are counted together: the counters' memory
 * goes to and fro between this thread and the one of the messages. */
static void count_delays(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_steady_ms(), since = 0, times = 0;
    for (size_t i = request->first; i <= request->first + request->items; i++) {
        bool last = i == request->first + request->items;
        uint64_t next = last ? 0 : gather_row(&target->gather, i)->since_ms;
        if (next != since && since > 0 && since <= now)
            counters_observe(target->spec.counters, MQTTD_WRITE_DELAY, now - since, times);
        times = next == since ? times + 1 : 1;
        since = next;
    }
    counters_observe(target->spec.counters, MQTTD_BATCH_VALUES, request->items, 1);
}

static void settle_written(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_wall_ms();
    polls_written(&target->polls, request->unit, request->table, request->address, request->count,
                  request->mask, request->words);
    if (target->refused_zeros.count > 0)
        directs_cut(&target->refused_zeros, request->unit, request->table, request->address,
                    request->count, request->mask);
    for (size_t i = request->first; i < request->first + request->items; i++) {
        const struct gathered *row = gather_row(&target->gather, i);
        live_written(target->spec.live, row->slot, row->changed, now);
    }
    count_delays(target, request);
}

static uint8_t lane_of(const struct target *target, size_t item)
{
    const struct batch_item *at = &target->gather.items[item];
    return sender_lane(&target->sender, at->unit, at->table);
}

/* These values, all of one lane, were not written, and wait until the lane can be reached. */
static void park(struct target *target, size_t first, size_t end)
{
    uint8_t lane = lane_of(target, first);
    struct live_write_fault fault = sender_outage(&target->sender, lane);
    uint64_t now = clock_wall_ms();
    pthread_mutex_lock(&target->lock);
    for (size_t i = first; i < end; i++) {
        const struct gathered *row = gather_row(&target->gather, i);
        if (fault.fault != FAULT_NONE)
            live_write_failed(target->spec.live, row->slot, row->changed, &fault, now);
        marks_add(&target->parked, row->slot, target->taken.since_ms);
    }
    pthread_mutex_unlock(&target->lock);
    target->has_parked[lane] = true;
}

/* The same place is not named every 5 s, and many places not all at once. */
static void log_refused(struct target *target, const struct batch_request *request)
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
                request->unit, request->address, sender_reason(&target->sender, request->table));
}

static void refuse(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_wall_ms();
    struct live_write_fault fault = sender_refusal(&target->sender, request->table);
    if (target->refused.count == 0)
        target->refused_at_ms = clock_steady_ms();
    log_refused(target, request);
    /* Register by register, the first ones may have been written. */
    if (target->sender.pace.write_single && request->count > 1)
        polls_forget(&target->polls, request->unit, request->table, request->address,
                     request->count);
    for (size_t i = request->first; i < request->first + request->items; i++) {
        const struct gathered *row = gather_row(&target->gather, i);
        live_write_failed(target->spec.live, row->slot, row->changed, &fault, now);
        slots_push(&target->refused, row->slot);
    }
}

/* After an exception each value goes alone, so that one bad address costs only its own value. */
static void send_apart(struct target *target, size_t first, size_t count)
{
    const struct batch_limits alone = {.registers = 1, .bits = 1};
    for (size_t at = first; at < first + count;) {
        if (!batch_next(target->gather.items, first + count, &alone, &at, &target->request))
            break;
        enum link_result result = sender_write(&target->sender, &target->request);
        if (result == LINK_OK) {
            settle_written(target, &target->request);
        } else if (result == LINK_EXCEPTION) {
            refuse(target, &target->request);
        } else {
            park(target, target->request.first, first + count);
            break;
        }
    }
}

/* As many requests as may be on their way at once: a foreign server gets one. */
static size_t next_requests(struct target *target, const struct batch_limits *limits, size_t end,
                            size_t *at)
{
    const struct gather *gather = &target->gather;
    struct batch_request *requests = target->requests;
    size_t most = target->spec.local ? PIPELINE_MAX : 1, count = 0;
    uint8_t lane = lane_of(target, *at);
    while (count < most && *at < end && lane_of(target, *at) == lane)
        batch_next(gather->items, end, limits, at, &requests[count++]);
    return count;
}

static void settle(struct target *target, const struct batch_request *request,
                   enum link_result result)
{
    if (result == LINK_OK)
        settle_written(target, request);
    else if (result == LINK_UNREACHABLE)
        park(target, request->first, request->first + request->items);
    else if (request->items == 1 && !target->spec.local)
        refuse(target, request);
    else
        send_apart(target, request->first, request->items);
}

static void write_range(struct target *target, size_t at, size_t end)
{
    const struct batch_limits limits = {.registers = target->sender.pace.max_write_registers,
                                        .bits = LINK_WRITE_BITS_MAX};
    enum link_result results[PIPELINE_MAX];
    while (at < end) {
        size_t first = at;
        uint8_t lane = lane_of(target, at);
        if (!sender_may_go(&target->sender, lane)) {
            while (at < end && lane_of(target, at) == lane)
                at++;
            park(target, first, at);
            continue;
        }
        size_t count = next_requests(target, &limits, end, &at);
        sender_write_many(&target->sender, target->requests, count, results);
        for (size_t i = 0; i < count; i++)
            settle(target, &target->requests[i], results[i]);
    }
}

/* The items of a unit stand together: each unit has its turn. */
static void write_by_units(struct target *target)
{
    size_t first[LANES_MAX], end[LANES_MAX], count = 0;
    uint8_t order[LANES_MAX];
    for (size_t i = 0; i < target->gather.count; i++) {
        uint8_t lane = lane_of(target, i);
        if (count == 0 || order[count - 1] != lane) {
            order[count++] = lane;
            first[lane] = i;
        }
        end[lane] = i + 1;
    }
    lanes_sort(&target->sender.lanes, order, count);
    for (size_t i = 0; i < count; i++)
        write_range(target, first[order[i]], end[order[i]]);
}

static void write_items(struct target *target)
{
    batch_sort(target->gather.items, target->gather.count);
    if (target->spec.local)
        write_range(target, 0, target->gather.count);
    else
        write_by_units(target);
}

/* All that was put until now is marked, and copied as it is in this moment: the tags of a message
 * stay together, however many messages have come since they were marked. Writes without a row that
 * came meanwhile have their turn first: they may be zeros for registers that are another tag's now.
 */
static size_t gather_marks(struct target *target)
{
    struct slots *working = &target->working;
    pthread_mutex_lock(&target->lock);
    if (!target->has_new_directs) {
        marks_add_all(&target->marks, &target->outbox, clock_steady_ms());
        marks_take(&target->marks, working);
        target->taken = (struct target_wait){working->count, target->marks.since_ms};
    }
    size_t done = gather_rows(&target->gather, target->spec.live, target->spec.digest, working);
    pthread_mutex_unlock(&target->lock);
    return done;
}

static void write_marks(struct target *target)
{
    struct slots *working = &target->working;
    size_t done = gather_marks(target);
    bool is_short = done < working->count;
    write_items(target);
    pthread_mutex_lock(&target->lock);
    for (; done < working->count; done++)
        marks_add(&target->marks, working->item[done], target->taken.since_ms);
    target->taken = (struct target_wait){0};
    pthread_mutex_unlock(&target->lock);
    working->count = 0;
    if (is_short)
        target_rest(target, clock_steady_ms() + SHORT_MS);
}

/* The registers of a write from `from` on. */
static enum link_result send_direct(struct target *target, const struct target_write *write,
                                    uint16_t from, uint16_t count)
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
    return sender_write(&target->sender, request);
}

/* Gives up a write that will never succeed; keeps a zero that the server could not write now. */
static void refuse_direct(struct target *target, const struct target_write *write, uint16_t at)
{
    struct live_write_fault fault = sender_refusal(&target->sender, write->table);
    struct target_write zero = *write;
    log_warning("unit %u, address %u: %s", write->unit, (unsigned)write->address + at,
                sender_reason(&target->sender, write->table));
    if (write->has_words || fault.exception < PDU_DEVICE_FAILURE ||
        fault.exception > PDU_DEVICE_BUSY)
        return;
    zero.address = (uint16_t)(write->address + at);
    zero.count = 1;
    if (target->refused_zeros.count == 0 && target->refused.count == 0)
        target->refused_at_ms = clock_steady_ms();
    directs_add(&target->refused_zeros, &zero);
}

/* One register that is refused costs no other. False when the lane cannot be reached. */
static bool write_direct(struct target *target, const struct target_write *write)
{
    enum link_result result = send_direct(target, write, 0, write->count);
    if (result == LINK_EXCEPTION && write->count == 1)
        refuse_direct(target, write, 0);
    for (uint16_t i = 0; result == LINK_EXCEPTION && write->count > 1 && i < write->count; i++) {
        enum link_result one = send_direct(target, write, i, 1);
        if (one == LINK_UNREACHABLE)
            result = one;
        else if (one == LINK_EXCEPTION)
            refuse_direct(target, write, i);
    }
    return result != LINK_UNREACHABLE;
}

/* Writes what is owed. A lane that does not take all of it is closed: what comes later may be for
 * the same registers, and must not be written before. */
static void write_owed(struct target *target)
{
    struct directs *owed = &target->owed;
    struct sender *sender = &target->sender;
    size_t kept = 0;
    for (size_t i = 0; i < owed->count; i++) {
        struct target_write write = owed->item[i];
        uint8_t lane = sender_lane(sender, write.unit, write.table);
        if (sender_may_go(sender, lane) && write_direct(target, &write))
            continue;
        lanes_close(&sender->lanes, lane);
        owed->item[kept++] = write;
    }
    owed->count = kept;
    pthread_mutex_lock(&target->lock);
    target->is_putting = kept > 0 || target->refused_zeros.count > 0;
    pthread_mutex_unlock(&target->lock);
}

static void retry_refused(struct target *target)
{
    if ((target->refused.count == 0 && target->refused_zeros.count == 0) ||
        clock_steady_ms() - target->refused_at_ms < REFUSED_AGAIN_MS)
        return;
    directs_append(&target->owed, &target->refused_zeros);
    pthread_mutex_lock(&target->lock);
    marks_add_all(&target->marks, &target->refused, clock_steady_ms());
    pthread_mutex_unlock(&target->lock);
}

void target_note_losses(struct target *target)
{
    static const uint64_t one = 1;
    struct sender *sender = &target->sender;
    if (!sender->has_lost)
        return;
    polls_forget_units(&target->polls, sender->lost);
    pthread_mutex_lock(&target->lock);
    for (size_t i = 0; i < sizeof target->lost; i++)
        target->lost[i] |= sender->lost[i];
    target->has_lost = true;
    pthread_mutex_unlock(&target->lock);
    memset(sender->lost, 0, sizeof sender->lost);
    sender->has_lost = false;
    if (write(target->spec.notify_fd, &one, sizeof one) < 0)
        log_debug("the event counter is full");
}

static unsigned parked_due_ms(const struct target *target, unsigned most)
{
    for (unsigned lane = 0; lane < LANES_MAX; lane++) {
        unsigned left =
            target->has_parked[lane] ? sender_left_ms(&target->sender, (uint8_t)lane) : most;
        most = left < most ? left : most;
    }
    return most;
}

static unsigned owed_due_ms(const struct target *target, unsigned most)
{
    for (size_t i = 0; i < target->owed.count; i++) {
        const struct target_write *write = &target->owed.item[i];
        unsigned left = sender_left_ms(&target->sender,
                                       sender_lane(&target->sender, write->unit, write->table));
        most = left < most ? left : most;
    }
    return most;
}

/* How long to wait when there is nothing to do, or nothing that could be done. */
static unsigned patience_ms(const struct target *target)
{
    bool beats = target->spec.local || target->refused.count > 0;
    unsigned wait = target_polls_due_ms(target, beats ? TURN_MS : CHECK_MS);
    if (target->parked.queue.count > 0)
        wait = parked_due_ms(target, wait);
    return owed_due_ms(target, wait);
}

static bool has_work(const struct target *target)
{
    return target->marks.queue.count > 0 || target->directs.count > 0 || target->has_new_polls;
}

/* With the lock held. */
static void unpark(struct target *target)
{
    uint64_t since = target->parked.since_ms;
    if (target->parked.queue.count == 0 || (!target->stop && parked_due_ms(target, 1) > 0))
        return;
    marks_take(&target->parked, &target->unparked);
    marks_add_all(&target->marks, &target->unparked, since);
    memset(target->has_parked, 0, sizeof target->has_parked);
}

/* With the lock held. */
static void take_work(struct target *target)
{
    if (directs_append(&target->owed, &target->directs))
        target->has_new_directs = false;
    target->is_putting = target->owed.count > 0 || target->refused_zeros.count > 0;
    target->sender.pace = target->pace;
    if (target->has_new_polls)
        polls_replace(&target->polls, &target->new_polls);
    target->has_new_polls = false;
    unpark(target);
}

/* False when this is the last work. */
static bool wait_for_work(struct target *target)
{
    unsigned back_off = sender_back_off_ms(&target->sender);
    unsigned wait = back_off > 0 ? back_off : patience_ms(target);
    struct timespec until = clock_deadline(wait);
    int rc = 0;
    pthread_mutex_lock(&target->lock);
    while (!target->stop && rc == 0 && (back_off > 0 || !has_work(target)))
        rc = pthread_cond_clockwait(&target->work, &target->lock, CLOCK_MONOTONIC, &until);
    take_work(target);
    bool stop = target->stop;
    pthread_mutex_unlock(&target->lock);
    return !stop;
}

/* True unless target_resume was called meanwhile. */
static bool has_ended(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool ended = target->has_ended = target->stop;
    pthread_mutex_unlock(&target->lock);
    return ended;
}

static void note_reach(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    target->is_down = sender_is_down(&target->sender);
    pthread_mutex_unlock(&target->lock);
}

static void check_server(struct target *target)
{
    uint64_t now = clock_steady_ms();
    if (now - target->checked_ms < CHECK_MS)
        return;
    target->checked_ms = now;
    sender_check(&target->sender);
    target_note_losses(target);
}

void *target_thread(void *context)
{
    struct target *target = context;
    bool more;
    do {
        more = wait_for_work(target);
        lanes_begin_round(&target->sender.lanes);
        check_server(target);
        write_owed(target);
        write_marks(target);
        target_note_losses(target);
        target_run_polls(target);
        sender_give_sign_of_life(&target->sender);
        retry_refused(target);
        note_reach(target);
    } while (more || !has_ended(target));
    return NULL;
}
