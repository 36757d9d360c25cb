/* Starts the thread of one Modbus server, ends it, and hands it work. */
#include "mqttd/targets/target.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/clock.h"
#include "mqttd/targets/target_internal.h"

static bool start(struct target *target)
{
    target->sender = (struct sender){.spec = &target->spec, .rest = target_rest, .context = target};
    if (!sender_init(&target->sender)) {
        errno = ENOMEM;
        return false;
    }
    pthread_mutexattr_t recursive;
    pthread_cond_init(&target->work, NULL);
    pthread_mutexattr_init(&recursive);
    pthread_mutexattr_settype(&recursive, PTHREAD_MUTEX_RECURSIVE);
    pthread_mutex_init(&target->lock, &recursive);
    pthread_mutexattr_destroy(&recursive);
    errno = pthread_create(&target->thread, NULL, target_thread, target);
    return errno == 0;
}

static void release(struct target *target)
{
    sender_finish(&target->sender);
    slots_finish(&target->outbox);
    marks_finish(&target->marks);
    marks_finish(&target->parked);
    slots_finish(&target->working);
    slots_finish(&target->refused);
    slots_finish(&target->unparked);
    gather_finish(&target->gather);
    directs_finish(&target->directs);
    directs_finish(&target->owed);
    directs_finish(&target->refused_zeros);
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

bool target_resume(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool goes_on = !target->has_ended;
    if (goes_on)
        target->stop = false;
    pthread_mutex_unlock(&target->lock);
    return goes_on;
}

static void finish(struct target *target)
{
    pthread_cond_destroy(&target->work);
    pthread_mutex_destroy(&target->lock);
    release(target);
}

void target_destroy(struct target *target)
{
    if (!target)
        return;
    target_stop(target);
    pthread_join(target->thread, NULL);
    finish(target);
}

bool target_try_destroy(struct target *target)
{
    bool ended = pthread_tryjoin_np(target->thread, NULL) == 0;
    if (ended)
        finish(target);
    return ended;
}

bool target_is(const struct target *target, uint32_t digest, const char *host, uint16_t port)
{
    struct net_addr server = {.port = port};
    if (target->spec.digest != digest)
        return false;
    if (!host || target->spec.local)
        return !host && target->spec.local;
    snprintf(server.host, sizeof server.host, "%s", host);
    return net_addr_same(&server, &target->spec.outputs);
}

void target_hold(struct target *target)
{
    pthread_mutex_lock(&target->lock);
}

void target_release(struct target *target)
{
    pthread_mutex_unlock(&target->lock);
}

void target_mark(struct target *target, uint32_t slot)
{
    slots_push(&target->outbox, slot);
    target->touched = true;
}

bool target_take_lost(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool has_lost = target->marks.has_lost || target->parked.has_lost || target->outbox.has_lost;
    target->marks.has_lost = target->parked.has_lost = target->outbox.has_lost = false;
    pthread_mutex_unlock(&target->lock);
    return has_lost;
}

bool target_make_room(struct target *target, size_t writes)
{
    pthread_mutex_lock(&target->lock);
    bool has_room = directs_make_room(&target->directs, writes);
    pthread_mutex_unlock(&target->lock);
    return has_room;
}

void target_put(struct target *target, const struct target_write *write)
{
    pthread_mutex_lock(&target->lock);
    directs_add(&target->directs, write);
    target->has_new_directs = true;
    pthread_cond_signal(&target->work);
    pthread_mutex_unlock(&target->lock);
}

bool target_is_putting(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool is_putting = target->is_putting || target->directs.count > 0;
    pthread_mutex_unlock(&target->lock);
    return is_putting;
}

void target_wake(struct target *target)
{
    if (!target->touched)
        return;
    target->touched = false;
    pthread_mutex_lock(&target->lock);
    marks_add_all(&target->marks, &target->outbox, clock_steady_ms());
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

bool target_is_down(struct target *target)
{
    pthread_mutex_lock(&target->lock);
    bool is_down = target->is_down;
    pthread_mutex_unlock(&target->lock);
    return is_down;
}

static void add_wait(struct target_wait *wait, size_t values, uint64_t since_ms)
{
    if (values > 0 && (wait->values == 0 || since_ms < wait->since_ms))
        wait->since_ms = since_ms;
    wait->values += values;
}

void target_add_wait(struct target *target, struct target_wait *wait)
{
    pthread_mutex_lock(&target->lock);
    add_wait(wait, target->marks.queue.count, target->marks.since_ms);
    add_wait(wait, target->parked.queue.count, target->parked.since_ms);
    add_wait(wait, target->taken.values, target->taken.since_ms);
    pthread_mutex_unlock(&target->lock);
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

bool target_has_lost(const struct target *target, uint8_t unit)
{
    return (target->lost_taken[unit / 8] >> (unit % 8) & 1) != 0;
}

bool target_next_news(struct target *target, struct poll *news)
{
    pthread_mutex_lock(&target->lock);
    /* A reading made after a loss must not come before it. */
    bool found = target->news_count > 0 && !target->has_lost;
    if (found) {
        *news = target->news[target->first_news];
        target->first_news = (target->first_news + 1) % NEWS_MAX;
        target->news_count--;
    }
    pthread_mutex_unlock(&target->lock);
    return found;
}
