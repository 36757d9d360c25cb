/* A queue, a condition, a thread. */
#include "api/lane.h"

#include <stddef.h>

/* The next job, or NULL when the lane is empty and stopping. */
static struct job *next_job(struct lane_thread *lane)
{
    pthread_mutex_lock(&lane->mutex);
    while (!lane->first && !lane->stopping)
        pthread_cond_wait(&lane->wake, &lane->mutex);
    struct job *job = lane->first;
    if (job) {
        lane->first = job->next;
        if (!lane->first)
            lane->last = &lane->first;
    }
    pthread_mutex_unlock(&lane->mutex);
    return job;
}

static void *run(void *context)
{
    struct lane_thread *lane = context;
    struct job *job;
    while ((job = next_job(lane)))
        job->run(job, lane->worker);
    return NULL;
}

bool lane_start(struct lane_thread *lane, const char *name, struct worker *worker)
{
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
