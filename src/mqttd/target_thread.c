/* What the thread of one Modbus server does: it waits for work, and writes and polls. */
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "mqttd/target_inside.h"

enum {
    TURN_MS = 400,           /* the longest wait while there is something to be done each second */
    IDLE_MS = 60000,         /* and while there is not */
    REFUSED_AGAIN_MS = 5000, /* a value that the server refused is tried again after this */
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
    if (request->mask == 0)
        polls_written(&target->polls, request->unit, request->table, request->address,
                      request->count, request->words);
    for (size_t i = request->first; i < request->first + request->items; i++) {
        const struct gathered *row = gather_row(&target->gather, i);
        live_written(target->spec.live, row->slot, row->changed, now);
    }
    count_delays(target, request);
}

/* The values from `first` on were not written, and wait again. */
static void put_back(struct target *target, size_t first)
{
    uint64_t now = clock_wall_ms();
    pthread_mutex_lock(&target->lock);
    for (size_t i = first; i < target->gather.count; i++) {
        const struct gathered *row = gather_row(&target->gather, i);
        live_write_failed(target->spec.live, row->slot, row->changed, FAULT_MODBUS_UNREACHABLE,
                          now);
        marks_add(&target->marks, row->slot, target->taken.since_ms);
    }
    pthread_mutex_unlock(&target->lock);
}

static void refuse(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_wall_ms();
    if (target->refused.count == 0) {
        target->refused_at_ms = clock_steady_ms();
        log_warning("a value for unit %u, address %u was refused, and will be tried again: %s",
                    request->unit, request->address,
                    sender_reason(&target->sender, request->table));
    }
    for (size_t i = request->first; i < request->first + request->items; i++) {
        const struct gathered *row = gather_row(&target->gather, i);
        live_write_failed(target->spec.live, row->slot, row->changed, FAULT_MODBUS_EXCEPTION, now);
        slots_push(&target->refused, row->slot);
    }
}

/* After an exception each value goes alone, so that one bad address costs only its own value. */
static enum link_result send_apart(struct target *target, size_t first, size_t count)
{
    const struct batch_limits alone = {.registers = 1, .bits = 1};
    for (size_t at = first; at < first + count;) {
        if (!batch_next(target->gather.items, first + count, &alone, &at, &target->request))
            break;
        enum link_result result = sender_write(&target->sender, &target->request);
        if (result == LINK_OK)
            settle_written(target, &target->request);
        else if (result == LINK_EXCEPTION)
            refuse(target, &target->request);
        else
            return result;
    }
    return LINK_OK;
}

/* As many requests as may be on their way at once: a foreign server gets one. */
static size_t next_requests(struct target *target, const struct batch_limits *limits, size_t *at)
{
    const struct gather *gather = &target->gather;
    struct batch_request *requests = target->requests;
    size_t most = target->spec.local ? PIPELINE_MAX : 1, count = 0;
    while (count < most && *at < gather->count &&
           (count == 0 || sender_same_side(requests[0].table, gather->items[*at].table)))
        batch_next(gather->items, gather->count, limits, at, &requests[count++]);
    return count;
}

/* False when it has to wait until the server can be reached again. */
static bool settle(struct target *target, const struct batch_request *request,
                   enum link_result result)
{
    if (result == LINK_EXCEPTION && request->items == 1 && !target->spec.local)
        refuse(target, request);
    else if (result == LINK_EXCEPTION)
        result = send_apart(target, request->first, request->items);
    else if (result == LINK_OK)
        settle_written(target, request);
    return result != LINK_UNREACHABLE;
}

static void write_items(struct target *target)
{
    const struct batch_limits limits = {.registers = target->sender.pace.max_write_registers,
                                        .bits = LINK_WRITE_BITS_MAX};
    struct gather *gather = &target->gather;
    enum link_result results[PIPELINE_MAX];
    size_t at = 0, count;
    batch_sort(gather->items, gather->count);
    while ((count = next_requests(target, &limits, &at)) > 0) {
        sender_write_many(&target->sender, target->requests, count, results);
        for (size_t i = 0; i < count; i++) {
            if (!settle(target, &target->requests[i], results[i])) {
                put_back(target, target->requests[i].first);
                return;
            }
        }
    }
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
    write_items(target);
    pthread_mutex_lock(&target->lock);
    for (; done < working->count; done++)
        marks_add(&target->marks, working->item[done], target->taken.since_ms);
    target->taken = (struct target_wait){0};
    pthread_mutex_unlock(&target->lock);
    working->count = 0;
}

static enum link_result write_direct(struct target *target, const struct target_write *write)
{
    struct batch_request *request = &target->request;
    request->unit = write->unit;
    request->table = write->table;
    request->address = write->address;
    request->count = write->count;
    request->mask = write->mask;
    memset(request->words, 0, write->count * sizeof *request->words);
    if (write->has_words)
        memcpy(request->words, write->words, write->count * sizeof *request->words);
    enum link_result result = sender_write(&target->sender, request);
    if (result == LINK_EXCEPTION)
        log_warning("unit %u, address %u: %s", write->unit, write->address,
                    sender_reason(&target->sender, write->table));
    return result;
}

static void write_directs(struct target *target)
{
    struct directs *writes = &target->directs_now;
    size_t done = 0;
    while (done < writes->count && write_direct(target, &writes->item[done]) != LINK_UNREACHABLE)
        done++;
    pthread_mutex_lock(&target->lock);
    directs_put_back(&target->directs, writes, done);
    target->is_putting = false;
    pthread_mutex_unlock(&target->lock);
}

static void retry_refused(struct target *target)
{
    if (target->refused.count == 0 || clock_steady_ms() - target->refused_at_ms < REFUSED_AGAIN_MS)
        return;
    pthread_mutex_lock(&target->lock);
    marks_add_all(&target->marks, &target->refused, clock_steady_ms());
    pthread_mutex_unlock(&target->lock);
}

/* False when the MQTT thread has not yet taken older news: the poll is put off, not lost. */
static bool tell_news(struct target *target, const struct poll *poll, const uint16_t *words)
{
    static const uint64_t one = 1;
    pthread_mutex_lock(&target->lock);
    bool room = target->news_count < NEWS_MAX;
    if (room) {
        struct poll *news = &target->news[(target->first_news + target->news_count++) % NEWS_MAX];
        *news = *poll;
        memcpy(news->words, words, poll->count * sizeof *words);
    }
    pthread_mutex_unlock(&target->lock);
    if (write(target->spec.notify_fd, &one, sizeof one) < 0)
        log_debug("the event counter is full");
    return room;
}

static enum link_result read_poll(struct target *target, struct poll *poll)
{
    uint16_t words[POINT_REGISTERS_MAX];
    enum link_result result =
        sender_read(&target->sender, poll->unit, poll->table, poll->address, poll->count, words);
    bool known = poll->known && !polls_is_news(poll, words);
    if (result == LINK_OK && (known || tell_news(target, poll, words)))
        polls_take(poll, words);
    return result;
}

static void run_polls(struct target *target)
{
    uint64_t now = clock_steady_ms();
    if (target->polls.count == 0 || now < target->poll_at_ms)
        return;
    target->poll_at_ms = now + target->polls.interval_ms;
    for (size_t i = 0; i < target->polls.count; i++) {
        if (read_poll(target, &target->polls.item[i]) == LINK_UNREACHABLE)
            return;
    }
}

/* How long to wait when there is nothing to do, or nothing that could be done. */
static unsigned patience_ms(const struct target *target)
{
    unsigned wait = target->spec.local || target->refused.count > 0 ? TURN_MS : IDLE_MS;
    uint64_t now = clock_steady_ms();
    if (target->polls.count > 0) {
        uint64_t due = target->poll_at_ms > now ? target->poll_at_ms - now : 0;
        wait = due < wait ? (unsigned)due : wait;
    }
    return wait;
}

static bool has_work(const struct target *target)
{
    return target->marks.queue.count > 0 || target->directs.count > 0 || target->has_new_polls;
}

/* With the lock held. */
static void take_work(struct target *target)
{
    target->has_new_directs = false;
    target->directs_now = target->directs;
    target->directs = (struct directs){0};
    target->is_putting = target->directs_now.count > 0;
    target->sender.pace = target->pace;
    if (target->has_new_polls)
        polls_replace(&target->polls, &target->new_polls);
    target->has_new_polls = false;
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

void *target_thread(void *context)
{
    struct target *target = context;
    bool more;
    do {
        more = wait_for_work(target);
        write_directs(target);
        write_marks(target);
        run_polls(target);
        sender_give_sign_of_life(&target->sender);
        retry_refused(target);
    } while (more);
    return NULL;
}
