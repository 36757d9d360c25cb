/* A queue, a condition, a thread. */
#include "api/http/work_queue.h"

#include <stddef.h>

/* Jobs to be done together, from the first that waits; their last one's `next` is NULL. */
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

/* The next jobs, or NULL when the queue is empty and stopping. */
static struct queue_job *work_queue_next_jobs(struct work_queue *queue, size_t *count)
{
    pthread_mutex_lock(&queue->mutex);
    while (!queue->first && !queue->stopping)
        pthread_cond_wait(&queue->wake, &queue->mutex);
    struct queue_job *first = queue->first ? work_queue_cut_group(queue, count) : NULL;
    pthread_mutex_unlock(&queue->mutex);
    return first;
}

static void work_queue_run_jobs(struct work_queue *queue, struct queue_job *first, size_t count)
{
    bool kept = true;
    if (queue->group)
        queue->group->begin(queue->thread_ctx, count);
    for (struct queue_job *job = first; job; job = job->next)
        job->run(job, queue->thread_ctx);
    if (queue->group)
        kept = queue->group->commit(queue->thread_ctx);
    for (struct queue_job *job = first, *next; job; job = next) {
        next = job->next; /* `end` gives the job away */
        job->end(job, queue->thread_ctx, kept);
    }
}

static void *work_queue_thread(void *context)
{
    struct work_queue *queue = context;
    struct queue_job *first;
    size_t count;
    while ((first = work_queue_next_jobs(queue, &count)))
        work_queue_run_jobs(queue, first, count);
    return NULL;
}

bool work_queue_start(struct work_queue *queue, const char *name, struct thread_ctx *thread_ctx,
                      const struct work_queue_group *group)
{
    queue->group = group;
    queue->thread_ctx = thread_ctx;
    queue->last = &queue->first;
    pthread_mutex_init(&queue->mutex, NULL);
    pthread_cond_init(&queue->wake, NULL);
    queue->running = pthread_create(&queue->thread, NULL, work_queue_thread, queue) == 0;
    if (queue->running)
        pthread_setname_np(queue->thread, name);
    return queue->running;
}

void work_queue_push(struct work_queue *queue, struct queue_job *job)
{
    pthread_mutex_lock(&queue->mutex);
    job->next = NULL;
    *queue->last = job;
    queue->last = &job->next;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
}

void work_queue_stop(struct work_queue *queue)
{
    if (!queue->running)
        return;
    pthread_mutex_lock(&queue->mutex);
    queue->stopping = true;
    pthread_cond_signal(&queue->wake);
    pthread_mutex_unlock(&queue->mutex);
    pthread_join(queue->thread, NULL);
    pthread_cond_destroy(&queue->wake);
    pthread_mutex_destroy(&queue->mutex);
    queue->running = false;
}
