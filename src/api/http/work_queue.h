/* A thread that runs jobs in turn, so that what may wait does not hold up the HTTP thread. */
#ifndef TAGFERRY_API_HTTP_WORK_QUEUE_H
#define TAGFERRY_API_HTTP_WORK_QUEUE_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

struct worker;

/* Embed it in what is to be done; it belongs to the lane from lane_push until `end` is called. */
struct job {
    struct job *next;
    bool alone; /* takes long: never part of a group */
    void (*run)(struct job *job, struct worker *worker);
    /* Tells those who wait for it. Unless `kept`, nothing of what `run` did has come about. */
    void (*end)(struct job *job, struct worker *worker, bool kept);
};

/* How jobs that waited at the same time are done together: `begin`, all of their `run`, `commit`,
 * then all of their `end`. A job that waited by itself is a group of one. */
struct lane_group {
    void (*begin)(struct worker *worker, size_t jobs);
    bool (*commit)(struct worker *worker); /* whether what was done is kept */
};

/* No group has more, so that nobody waits for very many others. */
enum { LANE_GROUP_MAX = 128 };

/* Zero it before lane_start. */
struct lane_thread {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct job *first, **last;
    struct worker *worker;
    const struct lane_group *group;
    bool running, stopping;
};

/* Starts the thread, named for debuggers. The worker is the lane's alone. Without a group, NULL,
 * one job is done after the other. */
bool lane_start(struct lane_thread *lane, const char *name, struct worker *worker,
                const struct lane_group *group);
/* May be called from any thread. */
void lane_push(struct lane_thread *lane, struct job *job);
/* Runs what is queued, then ends the thread. */
void lane_stop(struct lane_thread *lane);

#endif
