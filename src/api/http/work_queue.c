/* A list with a mutex, and the thread that empties it. */
#include "api/http/work_queue.h"

#include <stddef.h>

#include "common/base/require.h"

/* Removes the first job, and those that may run in one group with it, from the list. Returns the
 * first; `next` of the last is NULL. */
static struct queue_job *work_queue_cut_group(struct work_queue *queue, size_t *count)
{
    struct queue_job *first = queue->first, *last = first;
    for (*count = 1; queue->group && !first->alone && *count < WORK_QUEUE_GROUP_MAX; ++*count) {
        if (!last->next || last->next->alone)
            break;
        last = last->next;
    }
    queue->first = last->next;
    if (!queue->first)
        queue->last = &queue->first;
    last->next = NULL;
    return first;
}

static void work_queue_run_jobs(struct work_queue *queue, struct queue_job *first, size_t count)
{
    bool kept = true;
    REQUIRE(count >= 1 && count <= WORK_QUEUE_GROUP_MAX);
    if (queue->group)
        queue->group->begin(queue->thread_ctx, count);
    for (struct queue_job *job = first; job; job = job->next)
        job->run(job, queue->thread_ctx);
    if (queue->group)
        kept = queue->group->commit(queue->thread_ctx);
    for (struct queue_job *job = first, *next; job; job = next) {
        next = job->next; /* `end` gives up the job */
        job->end(job, queue->thread_ctx, kept);
    }
}

/* Runs all queued jobs before the thread ends. */
static void work_queue_run_thread(void *context)
{
    struct work_queue *queue = context;
    for (;;) {
        bool stopping = thread_is_stopping(&queue->thread);
        size_t count;
        pthread_mutex_lock(&queue->mutex);
        struct queue_job *first = queue->first ? work_queue_cut_group(queue, &count) : NULL;
        pthread_mutex_unlock(&queue->mutex);
        if (first)
            work_queue_run_jobs(queue, first, count);
        else if (stopping)
            return;
        else
            thread_wait(&queue->thread, THREAD_FOREVER);
    }
}

bool work_queue_start(struct work_queue *queue, const char *name, struct thread_ctx *thread_ctx,
                      const struct work_queue_group *group)
{
    REQUIRE(!queue->thread.running && thread_ctx);
    queue->group = group;
    queue->thread_ctx = thread_ctx;
    queue->last = &queue->first;
    pthread_mutex_init(&queue->mutex, NULL);
    return thread_start(&queue->thread, name, work_queue_run_thread, queue);
}

void work_queue_push(struct work_queue *queue, struct queue_job *job)
{
    REQUIRE(job->run && job->end);
    pthread_mutex_lock(&queue->mutex);
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
    pthread_mutex_unlock(&queue->mutex);
    thread_wake(&queue->thread);
}

void work_queue_stop(struct work_queue *queue)
{
    if (!queue->thread.running)
        return;
    thread_join(&queue->thread);
    pthread_mutex_destroy(&queue->mutex);
}
