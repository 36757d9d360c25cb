/* The thread of one Modbus server: waits for work, takes it and does one round. */
#include <string.h>

#include "common/base/clock.h"
#include "mqttd/targets/target_internal.h"

enum {
    TURN_MS = 400,           /* the longest wait while the server refuses values */
    CHECK_MS = 1000,         /* between two checks of a foreign server's connection */
    SHORT_MS = 100,          /* the pause after a lack of memory */
    REFUSED_AGAIN_MS = 5000, /* the pause before refused values are written again */
};

/* Waits until this time, steady clock. False when the thread has to end. */
static bool target_sleep_until(struct target *target, uint64_t until_ms)
{
    uint64_t now;
    while (!thread_is_stopping(&target->thread) && (now = clock_steady_ms()) < until_ms)
        thread_wait(&target->thread, (int)(until_ms - now));
    return !thread_is_stopping(&target->thread);
}

bool target_keep_pace(void *context, uint64_t since_ms)
{
    struct target *target = context;
    while (!thread_is_stopping(&target->thread)) {
        pthread_mutex_lock(&target->lock); /* the pace may have changed since the last wake-up */
        uint32_t interval_ms = target->pace.min_interval_ms;
        pthread_mutex_unlock(&target->lock);
        target->sender.pace.min_interval_ms = interval_ms;
        uint64_t now = clock_steady_ms();
        if (now >= since_ms + interval_ms)
            break;
        thread_wait(&target->thread, (int)(since_ms + interval_ms - now));
    }
    return !thread_is_stopping(&target->thread);
}

/* Milliseconds until a channel that has parked rows can be tried; at most `most`. */
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

/* Milliseconds until a row that waits for its interval is due; at most `most`. */
static unsigned target_held_due_ms(struct target *target, uint64_t now, unsigned most)
{
    pthread_mutex_lock(&target->lock);
    const struct write_limits *limits = &target->write_limits;
    uint64_t left = limits->held == 0 ? most : limits->due_ms > now ? limits->due_ms - now : 0;
    pthread_mutex_unlock(&target->lock);
    return left < most ? (unsigned)left : most;
}

/* Waits for work and takes it. False when this is the last work. */
static bool target_wait_for_work(struct target *target)
{
    const struct sender *sender = &target->sender;
    unsigned backoff = sender_backoff_ms(sender);

    /* How long to wait without new work: until the next of the things that are due by time. */
    unsigned wait = target->spec.local ? sender_keep_alive_due_ms(sender) : CHECK_MS;
    if ((target->refused.count > 0 || target->refused_zeros.count > 0) && wait > TURN_MS)
        wait = TURN_MS;
    if (target->polls.count > 0)
        wait = target_polls_due_ms(target, wait);
    if (target->parked.queue.count > 0)
        wait = target_parked_due_ms(target, wait);
    for (size_t i = 0; i < target->owed.count; i++) {
        const struct target_write *write = &target->owed.item[i];
        unsigned left =
            sender_channel_wait_ms(sender, sender_channel_of(sender, write->unit, write->table));
        wait = left < wait ? left : wait;
    }

    uint64_t now = clock_steady_ms();
    if (!target->spec.local)
        wait = target_held_due_ms(target, now, wait);
    uint64_t until = now + (backoff > 0 ? backoff : wait);
    bool stops, readable = false;
    int sockets[SENDER_LINKS_MAX] = {-1, -1};
    if (target->spec.local)
        sender_sockets(sender, sockets);
    pthread_mutex_lock(&target->lock);
    target_offer_rest(target);
    while (!(stops = thread_is_stopping(&target->thread)) && now < until) {
        bool has_work = target->dirty_rows.queue.count > 0 || target->raw_writes.count > 0 ||
                        target->has_new_polls;
        if ((has_work && backoff == 0) || target->sent_count > 0 || readable)
            break;
        pthread_mutex_unlock(&target->lock);
        readable = thread_wait_fds(&target->thread, sockets, SENDER_LINKS_MAX, (int)(until - now));
        now = clock_steady_ms();
        pthread_mutex_lock(&target->lock);
    }

    target->may_send_now = false;
    target->has_lost_link = readable && target->sent_count == 0;

    /* Rows that have waited for their interval; in the last round all of them. */
    write_limits_release(&target->write_limits, &target->dirty_rows, stops ? UINT64_MAX : now);

    /* Takes all that the MQTT thread has handed over. */
    if (target->has_new_raw_writes) {
        target->has_new_raw_writes = !raw_writes_append(&target->owed, &target->raw_writes);
        target->is_short |= target->has_new_raw_writes;
    }
    target->is_writing_raw = target->owed.count > 0 || target->refused_zeros.count > 0;
    target->sender.pace = target->pace;
    if (target->has_new_polls)
        poll_table_replace(&target->polls, &target->new_polls);
    target->has_new_polls = false;

    /* Takes the parked rows when one of their channels can be tried, and in the last round. */
    if (target->parked.queue.count > 0 && (stops || target_parked_due_ms(target, 1) == 0)) {
        uint64_t since_ms = target->parked.since_ms;
        dirty_rows_take(&target->parked, &target->unparked);
        dirty_rows_add_all(&target->dirty_rows, &target->unparked, since_ms);
        memset(target->has_parked, 0, sizeof target->has_parked);
    }
    pthread_mutex_unlock(&target->lock);
    return !stops;
}

void target_thread(void *context)
{
    struct target *target = context;
    struct sender *sender = &target->sender;
    bool goes_on;
    do {
        goes_on = target_wait_for_work(target);
        unit_backoff_begin_round(&sender->channels);
        if (target->sent_count > 0)
            target_take_answers(target);
        uint64_t now = clock_steady_ms();
        if (target->spec.local ? target->has_lost_link : now - target->checked_ms >= CHECK_MS) {
            target->checked_ms = now;
            sender_check_server(sender);
            if (sender->has_lost)
                target_note_losses(target);
        }

        /* Writes without a row come first: they may be zeros for registers that now belong to
         * another tag, whose row is dirty. */
        if (target->owed.count > 0)
            target_write_owed(target);
        target_write_dirty_rows(target);
        sender_keep_alive(sender);
        if (sender->has_lost)
            target_note_losses(target);
        if (target->polls.count > 0 && goes_on)
            target_run_polls(target);

        bool has_refused = target->refused.count > 0 || target->refused_zeros.count > 0;
        bool retries = has_refused && clock_steady_ms() - target->refused_at_ms >= REFUSED_AGAIN_MS;
        if (retries)
            target->is_short |= !raw_writes_append(&target->owed, &target->refused_zeros);
        pthread_mutex_lock(&target->lock);
        /* Refused rows that there was no memory to keep count as lost marks. */
        target->dirty_rows.has_lost |= target->refused.has_lost;
        target->refused.has_lost = false;
        if (retries)
            dirty_rows_add_all(&target->dirty_rows, &target->refused, clock_steady_ms());
        target->is_down = sender_is_down(sender);
        /* target_resume can cancel a stop until here. */
        goes_on = goes_on || !thread_is_stopping(&target->thread);
        target->thread_has_ended = !goes_on;
        pthread_mutex_unlock(&target->lock);

        if (target->is_short) {
            memory_shortage_note(target->spec.memory_shortage, "a write to a Modbus server");
            target_sleep_until(target, clock_steady_ms() + SHORT_MS);
        }
        target->is_short = false;
    } while (goes_on);
}
