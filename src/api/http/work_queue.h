/* A thread that runs jobs in turn, so that what may wait does not hold up the HTTP thread. */
#ifndef TAGFERRY_API_HTTP_WORK_QUEUE_H
#define TAGFERRY_API_HTTP_WORK_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include "common/base/thread.h"

struct thread_ctx;

/* Embed it in the struct of the work. It is the queue's from work_queue_push until `end` is
 * called. */
struct queue_job {
    struct queue_job *next;
    bool alone; /* takes long: never part of a group */
    void (*run)(struct queue_job *job, struct thread_ctx *thread_ctx);
    /* The last call; the job is its owner's again. When `kept` is false, the changes made by `run`
     * were rolled back. */
    void (*end)(struct queue_job *job, struct thread_ctx *thread_ctx, bool kept);
};

/* How jobs that wait at the same time are run together: `begin`, `run` of each, `commit`, then
 * `end` of each. A job that waits by itself is a group of one. */
struct work_queue_group {
    void (*begin)(struct thread_ctx *thread_ctx, size_t jobs);
    bool (*commit)(struct thread_ctx *thread_ctx); /* false: the changes were rolled back */
};

/* The most jobs of a group, so that none of them waits too long. */
enum { WORK_QUEUE_GROUP_MAX = 128 };

/* Zero it before work_queue_start. */
struct work_queue {
    struct thread thread;
    pthread_mutex_t mutex; /* of the list */
    struct queue_job *first, **last;
    struct thread_ctx *thread_ctx;
    const struct work_queue_group *group;
};

/* Starts the thread, named for debuggers. The thread_ctx is the queue's alone. Without a group,
 * NULL, one job is done after the other. */
bool work_queue_start(struct work_queue *queue, const char *name, struct thread_ctx *thread_ctx,
                      const struct work_queue_group *group);
/* May be called from any thread. */
void work_queue_push(struct work_queue *queue, struct queue_job *job);
/* Runs what is queued, then ends the thread. */
void work_queue_stop(struct work_queue *queue);

#endif
