/* A thread that runs jobs in turn, so that what may wait does not hold up the HTTP thread. */
#ifndef TAGFERRY_API_LANE_H
#define TAGFERRY_API_LANE_H

#include <pthread.h>
#include <stdbool.h>

struct worker;

/* Embed it in what is to be done; it belongs to the lane from lane_push until it is run. */
struct job {
    struct job *next;
    void (*run)(struct job *job, struct worker *worker);
};

/* Zero it before lane_start. */
struct lane_thread {
    pthread_t thread;
    pthread_mutex_t mutex;
    pthread_cond_t wake;
    struct job *first, **last;
    struct worker *worker;
    bool running, stopping;
};

/* Starts the thread, named for debuggers. The worker is the lane's alone. */
bool lane_start(struct lane_thread *lane, const char *name, struct worker *worker);
/* May be called from any thread. */
void lane_push(struct lane_thread *lane, struct job *job);
/* Runs what is queued, then ends the thread. */
void lane_stop(struct lane_thread *lane);

#endif
