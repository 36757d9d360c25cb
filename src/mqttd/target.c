/* The thread of one Modbus server. */
#include "mqttd/target.h"

#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/clock.h"
#include "common/log.h"
#include "common/modbus_link.h"
#include "mqttd/batch.h"

enum {
    SIGN_OF_LIFE_MS = 800, /* the contract is one request a second on the inputs side */
    NEWS_MAX = 64,
    REFUSED_AGAIN_MS = 5000 /* a value that the server refused is tried again after this */
};

struct slots {
    uint32_t *item;
    size_t count, room;
};

struct taken {
    uint32_t slot;
    uint64_t changed;
    uint64_t since_ms; /* when its message came, steady clock; 0 for status registers */
};

struct target {
    struct target_spec spec;
    char name[NET_TEXT_SIZE];
    pthread_t thread;

    struct slots outbox; /* the MQTT thread's alone */

    pthread_mutex_t lock; /* for what follows */
    pthread_cond_t work;
    struct slots queue;
    uint8_t *queued; /* a bit for each slot in the queue */
    size_t queued_size;
    struct target_write *writes;
    size_t write_count, write_room;
    struct target_pace pace;
    struct polls new_polls;
    bool has_new_polls;
    struct poll news[NEWS_MAX]; /* a ring */
    size_t first_news, news_count;
    bool stop;

    /* The thread's alone. */
    struct modbus_link *outputs, *inputs;
    uint64_t inputs_used_ms, request_ms, refused_at_ms;
    uint64_t unmasked; /* of the links, as counted last */
    bool down;
    struct slots refused;
    struct target_pace pace_now;
    struct polls polls;
    uint64_t poll_at_ms;
    struct slots working;
    struct batch_item *items;
    struct taken *taken;
    uint16_t *words;
    size_t item_count, item_room, word_count, word_room;
    struct batch_request request;
};

/* False when out of memory: the mark is lost, as its value is not, and the next one brings it. */
static bool push(struct slots *slots, uint32_t slot)
{
    if (slots->count == slots->room) {
        size_t room = slots->room ? slots->room * 2 : 256;
        uint32_t *item = realloc(slots->item, room * sizeof *item);
        if (!item)
            return false;
        slots->item = item;
        slots->room = room;
    }
    slots->item[slots->count++] = slot;
    return true;
}

static bool reserve_bits(struct target *target, uint32_t slot)
{
    size_t needed = slot / 8 + 1;
    if (needed <= target->queued_size)
        return true;
    size_t size = target->queued_size * 2 > needed ? target->queued_size * 2 : needed;
    uint8_t *bits = realloc(target->queued, size);
    if (!bits)
        return false;
    memset(bits + target->queued_size, 0, size - target->queued_size);
    target->queued = bits;
    target->queued_size = size;
    return true;
}

/* With the lock held. */
static void enqueue(struct target *target, uint32_t slot)
{
    if (!reserve_bits(target, slot) || (target->queued[slot / 8] >> (slot % 8) & 1))
        return;
    if (push(&target->queue, slot))
        target->queued[slot / 8] |= (uint8_t)(1U << (slot % 8));
}

static void enqueue_all(struct target *target, struct slots *from)
{
    for (size_t i = 0; i < from->count; i++)
        enqueue(target, from->item[i]);
    from->count = 0;
}

static struct modbus_link *link_of(struct target *target, uint8_t table)
{
    bool input = table == TABLE_INPUT_REGISTER || table == TABLE_DISCRETE_INPUT;
    return input ? target->inputs : target->outputs;
}

/* The process side of the inputs takes them as the tables that can be written. */
static enum modbus_table table_on_wire(uint8_t table)
{
    return table_is_bits((enum modbus_table)table) ? TABLE_COIL : TABLE_HOLDING_REGISTER;
}

/* Waits for the server's pace between two requests; false when the target is to end. */
static bool keep_pace(struct target *target)
{
    uint64_t due = target->request_ms + target->pace_now.min_interval_ms, now;
    bool stop = false;
    if (target->pace_now.min_interval_ms > 0) {
        pthread_mutex_lock(&target->lock);
        while (!(stop = target->stop) && (now = clock_steady_ms()) < due) {
            struct timespec until = clock_deadline((unsigned)(due - now));
            pthread_cond_clockwait(&target->work, &target->lock, CLOCK_MONOTONIC, &until);
        }
        pthread_mutex_unlock(&target->lock);
    }
    target->request_ms = clock_steady_ms();
    return !stop;
}

static enum link_result write_registers(struct target *target, struct modbus_link *link,
                                        const struct batch_request *request)
{
    enum modbus_table table = table_on_wire(request->table);
    if (!target->pace_now.write_single)
        return modbus_link_write(link, request->unit, table, request->address, request->count,
                                 request->words);
    enum link_result result = LINK_OK;
    for (uint16_t i = 0; result == LINK_OK && i < request->count; i++) {
        if (i > 0 && !keep_pace(target))
            return LINK_UNREACHABLE;
        result = modbus_link_write_one(link, request->unit, table, (uint16_t)(request->address + i),
                                       request->words[i]);
    }
    return result;
}

static void count_unmasked(struct target *target)
{
    uint64_t now = modbus_link_unmasked(target->outputs);
    now += target->inputs ? modbus_link_unmasked(target->inputs) : 0;
    counters_add(target->spec.counters, MQTTD_MASK_EMULATED, now - target->unmasked);
    target->unmasked = now;
}

/* Logs the server's loss and return once each. */
static void note_result(struct target *target, const struct modbus_link *link,
                        enum link_result result)
{
    if (result == LINK_UNREACHABLE && !target->down)
        log_warning("Modbus server out of reach, its values wait: %s", modbus_link_reason(link));
    else if (result != LINK_UNREACHABLE && target->down)
        log_info("Modbus server %s is back", target->name);
    target->down = result == LINK_UNREACHABLE;
}

static enum link_result send_request(struct target *target, const struct batch_request *request)
{
    struct modbus_link *link = link_of(target, request->table);
    enum link_result result;
    if (!link || !keep_pace(target))
        return LINK_UNREACHABLE;
    if (request->mask)
        result = modbus_link_write_masked(link, request->unit, request->address, request->mask,
                                          request->words[0]);
    else
        result = write_registers(target, link, request);
    if (link == target->inputs)
        target->inputs_used_ms = clock_steady_ms();
    counters_add(target->spec.counters, MQTTD_MODBUS_REQUESTS, 1);
    counters_add(target->spec.counters,
                 result == LINK_OK ? MQTTD_MODBUS_REGISTERS : MQTTD_MODBUS_FAILURES,
                 result == LINK_OK ? request->count : 1);
    count_unmasked(target);
    note_result(target, link, result);
    return result;
}

static const struct taken *taken_of(const struct target *target, size_t item)
{
    return &target->taken[target->items[item].index];
}

/* Which of the series counts a value that took so long. */
static size_t delay_series(uint64_t ms)
{
    static const uint64_t within_ms[] = {1, 5, 20, 100, 1000};
    size_t i = 0;
    while (i < sizeof within_ms / sizeof within_ms[0] && ms > within_ms[i])
        i++;
    return MQTTD_WRITTEN_1MS + i;
}

static void count_delay(struct target *target, const struct taken *taken, uint64_t now_ms)
{
    if (taken->since_ms > 0)
        counters_add(target->spec.counters, delay_series(now_ms - taken->since_ms), 1);
}

static void settle_written(struct target *target, const struct batch_request *request)
{
    uint64_t now = clock_wall_ms(), steady = clock_steady_ms();
    if (request->mask == 0)
        polls_written(&target->polls, request->unit, request->table, request->address,
                      request->count, request->words);
    for (size_t i = request->first; i < request->first + request->items; i++) {
        const struct taken *taken = taken_of(target, i);
        live_written(target->spec.live, taken->slot, taken->changed, now);
        count_delay(target, taken, steady);
    }
}

/* The values from `first` on were not written, and wait again. */
static void put_back(struct target *target, size_t first)
{
    uint64_t now = clock_wall_ms();
    pthread_mutex_lock(&target->lock);
    for (size_t i = first; i < target->item_count; i++) {
        uint32_t slot = taken_of(target, i)->slot;
        live_write_failed(target->spec.live, slot, FAULT_MODBUS_UNREACHABLE, now);
        enqueue(target, slot);
    }
    pthread_mutex_unlock(&target->lock);
}

static void refuse(struct target *target, const struct batch_request *request)
{
    uint32_t slot = taken_of(target, request->first)->slot;
    live_write_failed(target->spec.live, slot, FAULT_MODBUS_EXCEPTION, clock_wall_ms());
    if (target->refused.count == 0) {
        target->refused_at_ms = clock_steady_ms();
        log_warning("a value for unit %u, address %u was refused, and will be tried again: %s",
                    request->unit, request->address,
                    modbus_link_reason(link_of(target, request->table)));
    }
    push(&target->refused, slot);
}

/* After an exception each value goes alone, so that one bad address costs only its own value. */
static enum link_result send_apart(struct target *target, size_t first, size_t count)
{
    const struct batch_limits alone = {.registers = 1, .bits = 1};
    for (size_t at = first; at < first + count;) {
        if (!batch_next(target->items, first + count, &alone, &at, &target->request))
            break;
        enum link_result result = send_request(target, &target->request);
        if (result == LINK_OK)
            settle_written(target, &target->request);
        else if (result == LINK_EXCEPTION)
            refuse(target, &target->request);
        else
            return result;
    }
    return LINK_OK;
}

static void write_items(struct target *target)
{
    const struct batch_limits limits = {.registers = target->pace_now.max_write_registers,
                                        .bits = LINK_WRITE_BITS_MAX};
    size_t at = 0;
    batch_sort(target->items, target->item_count);
    while (batch_next(target->items, target->item_count, &limits, &at, &target->request)) {
        size_t first = target->request.first, count = target->request.items;
        enum link_result result = send_request(target, &target->request);
        if (result == LINK_OK)
            settle_written(target, &target->request);
        else if (result == LINK_EXCEPTION && count == 1)
            refuse(target, &target->request);
        else if (result == LINK_EXCEPTION)
            result = send_apart(target, first, count);
        if (result == LINK_UNREACHABLE) {
            put_back(target, first);
            return;
        }
    }
}

static bool reserve_items(struct target *target, size_t count)
{
    if (count <= target->item_room)
        return true;
    struct batch_item *items = realloc(target->items, count * sizeof *items);
    if (items)
        target->items = items;
    struct taken *taken = realloc(target->taken, count * sizeof *taken);
    if (taken)
        target->taken = taken;
    if (items && taken)
        target->item_room = count;
    return items && taken;
}

static bool reserve_words(struct target *target)
{
    size_t needed = target->word_count + STRING_REGISTERS_MAX;
    if (needed <= target->word_room)
        return true;
    uint16_t *words = realloc(target->words, 2 * needed * sizeof *words);
    if (!words)
        return false;
    target->words = words;
    target->word_room = 2 * needed;
    return true;
}

/* Copies a marked row among the items. */
static void take_row(struct target *target, uint32_t slot)
{
    struct live_pending pending;
    if (!live_pending(target->spec.live, slot, &pending) || pending.changed == pending.written ||
        pending.value.settings >> 32 != target->spec.digest)
        return;
    struct point point = live_place_point(pending.value.place);
    memcpy(target->words + target->word_count, pending.words, point.length * sizeof *pending.words);
    target->word_count += point.length;
    target->taken[target->item_count] = (struct taken){
        .slot = slot,
        .changed = pending.changed,
        .since_ms = live_owner_kind(pending.owner) == LIVE_TAG ? pending.value.steady_ms : 0};
    target->items[target->item_count] =
        (struct batch_item){.unit = live_place_unit(pending.value.place),
                            .table = point.table,
                            .bit = point.bit,
                            .address = point.address,
                            .width = point.length,
                            .index = (uint32_t)target->item_count};
    target->item_count++;
}

/* The words have moved while there came more of them. */
static void point_at_words(struct target *target)
{
    const uint16_t *words = target->words;
    for (size_t i = 0; i < target->item_count; i++) {
        target->items[i].words = words;
        words += target->items[i].width;
    }
}

/* All that was marked together is written in one go: the tags of a message stay together. */
static void write_marks(struct target *target)
{
    struct slots *working = &target->working;
    size_t done = 0;
    target->item_count = target->word_count = 0;
    if (reserve_items(target, working->count)) {
        while (done < working->count && reserve_words(target))
            take_row(target, working->item[done++]);
    }
    point_at_words(target);
    write_items(target);
    pthread_mutex_lock(&target->lock);
    for (; done < working->count; done++)
        enqueue(target, working->item[done]);
    pthread_mutex_unlock(&target->lock);
    working->count = 0;
}

/* With the lock held. */
static void take_marks(struct target *target)
{
    struct slots taken = target->queue;
    target->queue = target->working;
    target->working = taken;
    for (size_t i = 0; i < taken.count; i++)
        target->queued[taken.item[i] / 8] &= (uint8_t) ~(1U << (taken.item[i] % 8));
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
    enum link_result result = send_request(target, request);
    if (result == LINK_EXCEPTION)
        log_warning("unit %u, address %u: %s", write->unit, write->address,
                    modbus_link_reason(link_of(target, write->table)));
    return result;
}

/* Those that could not be written go back before the newer ones. */
static void write_directs(struct target *target, struct target_write *writes, size_t count)
{
    size_t done = 0;
    while (done < count && write_direct(target, &writes[done]) != LINK_UNREACHABLE)
        done++;
    pthread_mutex_lock(&target->lock);
    if (done < count) {
        size_t left = count - done;
        struct target_write *all =
            realloc(writes, (left + target->write_count + count) * sizeof *all);
        if (all) {
            writes = NULL;
            memmove(all, all + done, left * sizeof *all);
            if (target->write_count > 0)
                memcpy(all + left, target->writes, target->write_count * sizeof *all);
            free(target->writes);
            target->writes = all;
            target->write_room = left + target->write_count + count;
            target->write_count += left;
        }
    }
    pthread_mutex_unlock(&target->lock);
    free(writes);
}

/* The inputs side must hear from its only client once a second. */
static void give_sign_of_life(struct target *target)
{
    uint16_t word;
    if (!target->inputs || clock_steady_ms() - target->inputs_used_ms < SIGN_OF_LIFE_MS)
        return;
    target->inputs_used_ms = clock_steady_ms();
    note_result(target, target->inputs,
                modbus_link_read(target->inputs, target->spec.first_unit, TABLE_HOLDING_REGISTER, 0,
                                 1, &word));
}

static void retry_refused(struct target *target)
{
    if (target->refused.count == 0 || clock_steady_ms() - target->refused_at_ms < REFUSED_AGAIN_MS)
        return;
    pthread_mutex_lock(&target->lock);
    enqueue_all(target, &target->refused);
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
    if (!keep_pace(target))
        return LINK_UNREACHABLE;
    enum link_result result =
        modbus_link_read(target->outputs, poll->unit, (enum modbus_table)poll->table, poll->address,
                         poll->count, words);
    note_result(target, target->outputs, result);
    bool news = result == LINK_OK && poll->known &&
                memcmp(poll->words, words, poll->count * sizeof *words) != 0;
    if (result == LINK_OK && (!news || tell_news(target, poll, words)))
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
    unsigned wait = target->inputs || target->refused.count > 0 ? SIGN_OF_LIFE_MS / 2 : 60000;
    uint64_t now = clock_steady_ms();
    if (target->polls.count > 0) {
        uint64_t due = target->poll_at_ms > now ? target->poll_at_ms - now : 0;
        wait = due < wait ? (unsigned)due : wait;
    }
    return wait;
}

/* Milliseconds for which writing would fail at once. */
static unsigned back_off_ms(const struct target *target)
{
    unsigned outputs = modbus_link_backoff_ms(target->outputs);
    unsigned inputs = target->inputs ? modbus_link_backoff_ms(target->inputs) : 0;
    return outputs > inputs ? outputs : inputs;
}

struct portion {
    struct target_write *writes;
    size_t write_count;
    bool stop;
};

static void wait_for_work(struct target *target, struct portion *portion)
{
    unsigned back_off = back_off_ms(target);
    unsigned wait = back_off > 0 ? back_off : patience_ms(target);
    struct timespec until = clock_deadline(wait);
    int rc = 0;
    pthread_mutex_lock(&target->lock);
    while (!target->stop && rc == 0 &&
           (back_off > 0 ||
            (target->queue.count == 0 && target->write_count == 0 && !target->has_new_polls)))
        rc = pthread_cond_clockwait(&target->work, &target->lock, CLOCK_MONOTONIC, &until);
    take_marks(target);
    portion->writes = target->writes;
    portion->write_count = target->write_count;
    portion->stop = target->stop;
    target->writes = NULL;
    target->write_count = target->write_room = 0;
    target->pace_now = target->pace;
    if (target->has_new_polls)
        polls_replace(&target->polls, &target->new_polls);
    target->has_new_polls = false;
    pthread_mutex_unlock(&target->lock);
}

static void *run(void *context)
{
    struct target *target = context;
    struct portion portion;
    do {
        wait_for_work(target, &portion);
        write_directs(target, portion.writes, portion.write_count);
        write_marks(target);
        run_polls(target);
        give_sign_of_life(target);
        retry_refused(target);
    } while (!portion.stop);
    return NULL;
}

static bool start(struct target *target)
{
    target->outputs = modbus_link_create(&target->spec.outputs, target->spec.timeout_ms);
    if (target->spec.local)
        target->inputs = modbus_link_create(&target->spec.inputs, target->spec.timeout_ms);
    if (!target->outputs || (target->spec.local && !target->inputs)) {
        errno = ENOMEM;
        return false;
    }
    pthread_cond_init(&target->work, NULL);
    pthread_mutex_init(&target->lock, NULL);
    errno = pthread_create(&target->thread, NULL, run, target);
    return errno == 0;
}

static void release(struct target *target)
{
    modbus_link_destroy(target->outputs);
    modbus_link_destroy(target->inputs);
    free(target->outbox.item);
    free(target->queue.item);
    free(target->working.item);
    free(target->items);
    free(target->taken);
    free(target->words);
    free(target->refused.item);
    free(target->queued);
    free(target->writes);
    polls_finish(&target->polls);
    polls_finish(&target->new_polls);
    free(target);
}

struct target *target_create(const struct target_spec *spec)
{
    struct target *target = calloc(1, sizeof *target);
    if (!target)
        return NULL;
    target->spec = *spec;
    target->pace.max_write_registers = LINK_WRITE_REGISTERS_MAX;
    net_addr_format(&spec->outputs, target->name);
    if (start(target))
        return target;
    int saved = errno;
    release(target);
    errno = saved;
    return NULL;
}

void target_stop(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    target->stop = true;
    pthread_cond_signal(&target->work);
    pthread_mutex_unlock(&target->lock);
}

void target_destroy(struct target *target)
{
    if (!target)
        return;
    target_stop(target);
    pthread_join(target->thread, NULL);
    pthread_cond_destroy(&target->work);
    pthread_mutex_destroy(&target->lock);
    release(target);
}

bool target_is(const struct target *target, uint32_t digest)
{
    return target->spec.digest == digest;
}

void target_mark(struct target *target, uint32_t slot)
{
    push(&target->outbox, slot);
}

static struct target_write *waiting_write(struct target *target, const struct target_write *write)
{
    for (size_t i = 0; write->has_words && i < target->write_count; i++) {
        struct target_write *each = &target->writes[i];
        if (each->has_words && each->unit == write->unit && each->table == write->table &&
            each->address == write->address)
            return each;
    }
    return NULL;
}

void target_put(struct target *target, const struct target_write *write)
{
    pthread_mutex_lock(&target->lock);
    struct target_write *waiting = waiting_write(target, write);
    if (!waiting && target->write_count == target->write_room) {
        size_t room = target->write_room ? target->write_room * 2 : 16;
        struct target_write *writes = realloc(target->writes, room * sizeof *writes);
        if (writes) {
            target->writes = writes;
            target->write_room = room;
        }
    }
    if (waiting)
        *waiting = *write;
    else if (target->write_count < target->write_room)
        target->writes[target->write_count++] = *write;
    pthread_cond_signal(&target->work);
    pthread_mutex_unlock(&target->lock);
}

void target_wake(struct target *target)
{
    if (target->outbox.count == 0)
        return;
    pthread_mutex_lock(&target->lock);
    enqueue_all(target, &target->outbox);
    pthread_cond_signal(&target->work);
    pthread_mutex_unlock(&target->lock);
}

void target_set_pace(struct target *target, const struct target_pace *pace)
{
    pthread_mutex_lock(&target->lock);
    target->pace = *pace;
    pthread_mutex_unlock(&target->lock);
}

void target_set_polls(struct target *target, struct polls *polls)
{
    pthread_mutex_lock(&target->lock);
    polls_finish(&target->new_polls);
    target->new_polls = *polls;
    target->has_new_polls = true;
    *polls = (struct polls){0};
    pthread_cond_signal(&target->work);
    pthread_mutex_unlock(&target->lock);
}

bool target_next_news(struct target *target, struct poll *news)
{
    pthread_mutex_lock(&target->lock);
    bool found = target->news_count > 0;
    if (found) {
        *news = target->news[target->first_news];
        target->first_news = (target->first_news + 1) % NEWS_MAX;
        target->news_count--;
    }
    pthread_mutex_unlock(&target->lock);
    return found;
}
