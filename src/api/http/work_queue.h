/* A thread that runs jobs one after the other, so that slow work does not block the HTTP thread. */
#ifndef TAGFERRY_API_HTTP_WORK_QUEUE_H
#define TAGFERRY_API_HTTP_WORK_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/thread.h"

struct thread_ctx;

/* Embed it in the struct of the work. The queue owns it from work_queue_push until `end` is called.
 */
struct queue_job {
    struct queue_job *next;
    bool alone; /* a long job: never part of a group */
    void (*run)(struct queue_job *job, struct thread_ctx *thread_ctx);
    /* The last call: returns the job to its owner. If `kept` is false, the changes made by `run`
     * were rolled back. */
    void (*end)(struct queue_job *job, struct thread_ctx *thread_ctx, bool kept);
};

/* Runs waiting jobs as a group: `begin`, `run` of each job, `commit`, then `end` of each. A single
 * waiting job is a group of one. */
struct work_queue_group {
    void (*begin)(struct thread_ctx *thread_ctx, size_t jobs);
    bool (*commit)(struct thread_ctx *thread_ctx); /* false: the changes were rolled back */
};

/* The most jobs in a group, so that no job waits too long. */
enum { WORK_QUEUE_GROUP_MAX = 128 };

/* Zero it before work_queue_start. */
struct work_queue {
    struct thread thread;
    pthread_mutex_t mutex; /* of the list */
    struct queue_job *first, **last;
    struct thread_ctx *thread_ctx;
    const struct work_queue_group *group;
};

/* Starts the thread and names it for debuggers. Only the queue may use the thread_ctx. If `group`
 * is NULL, jobs run one by one. False when the thread cannot start. */
bool work_queue_start(struct work_queue *queue, const char *name, struct thread_ctx *thread_ctx,
                      const struct work_queue_group *group);
/* Appends a job. Any thread may call it. */
void work_queue_push(struct work_queue *queue, struct queue_job *job);
/* Runs the queued jobs, then ends the thread. */
void work_queue_stop(struct work_queue *queue);

#endif
