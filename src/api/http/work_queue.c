/* A queue, a condition, a thread. */
#include "api/http/work_queue.h"

#include <stddef.h>

/* Jobs to be done together, from the first that waits; their last one's `next` is NULL. */
static struct job *cut_group(struct lane_thread *lane, size_t *count)
{
    struct job *first = lane->first, *last = first;
    for (*count = 1; lane->group && !first->alone && *count < LANE_GROUP_MAX; ++*count) {
        if (!last->next || last->next->alone)
            break;
        last = last->next;
    }
    lane->first = last->next;
    if (!lane->first)
        lane->last = &lane->first;
    last->next = NULL;
    return first;
}

/* The next jobs, or NULL when the lane is empty and stopping. */
static struct job *next_jobs(struct lane_thread *lane, size_t *count)
{
    pthread_mutex_lock(&lane->mutex);
    while (!lane->first && !lane->stopping)
        pthread_cond_wait(&lane->wake, &lane->mutex);
    struct job *first = lane->first ? cut_group(lane, count) : NULL;
    pthread_mutex_unlock(&lane->mutex);
    return first;
}

static void run_jobs(struct lane_thread *lane, struct job *first, size_t count)
{
    bool kept = true;
    if (lane->group)
        lane->group->begin(lane->worker, count);
    for (struct job *job = first; job; job = job->next)
        job->run(job, lane->worker);
    if (lane->group)
        kept = lane->group->commit(lane->worker);
    for (struct job *job = first, *next; job; job = next) {
        next = job->next; /* `end` gives the job away */
        job->end(job, lane->worker, kept);
    }
}

static void *run(void *context)
{
    struct lane_thread *lane = context;
    struct job *first;
    size_t count;
    while ((first = next_jobs(lane, &count)))
        run_jobs(lane, first, count);
    return NULL;
}

bool lane_start(struct lane_thread *lane, const char *name, struct worker *worker,
                const struct lane_group *group)
{
    lane->group = group;
    lane->worker = worker;
    lane->last = &lane->first;
    pthread_mutex_init(&lane->mutex, NULL);
    pthread_cond_init(&lane->wake, NULL);
    lane->running = pthread_create(&lane->thread, NULL, run, lane) == 0;
    if (lane->running)
        pthread_setname_np(lane->thread, name);
    return lane->running;
}

void lane_push(struct lane_thread *lane, struct job *job)
{
    pthread_mutex_lock(&lane->mutex);
    job->next = NULL;
    *lane->last = job;
    lane->last = &job->next;
    pthread_cond_signal(&lane->wake);
    pthread_mutex_unlock(&lane->mutex);
}

void lane_stop(struct lane_thread *lane)
{
    if (!lane->running)
        return;
    pthread_mutex_lock(&lane->mutex);
    lane->stopping = true;
    pthread_cond_signal(&lane->wake);
    pthread_mutex_unlock(&lane->mutex);
    pthread_join(lane->thread, NULL);
    pthread_cond_destroy(&lane->wake);
    pthread_mutex_destroy(&lane->mutex);
    lane->running = false;
}
