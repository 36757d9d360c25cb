/* Threads with a name, stopped and woken in one way.
 *
 * A thread's own loop looks for work, does it, and calls thread_wait when there is none:
 *
 *     while (!thread_is_stopping(thread)) {
 *         if (!do_next_job(context))
 *             thread_wait(thread, THREAD_FOREVER);
 *     }
 *
 * Whoever hands over work stores it first, under a lock of the user's, and then calls thread_wake.
 * A wake-up is never lost: one that comes before thread_wait ends that wait at once. */
#ifndef TAGFERRY_COMMON_BASE_THREAD_H
#define TAGFERRY_COMMON_BASE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>

/* Wakes one thread, from any thread: an eventfd that is written to once, not once for each call,
 * and only while that thread sleeps. */
struct wakeup {
    int fd;             /* readable when a sleeper has been woken; for poll and epoll */
    atomic_bool raised; /* since the last wakeup_clear */
    atomic_bool asleep; /* false: the sleeper looks at `raised` before it sleeps */
};

/* For a loop that polls `fd` itself. False with errno. */
bool wakeup_init(struct wakeup *wakeup);
/* Takes one whose fd is -1. */
void wakeup_finish(struct wakeup *wakeup);
void wakeup_raise(struct wakeup *wakeup);
/* Call it when `fd` is readable, and before looking for what the wake-up was for. */
void wakeup_clear(struct wakeup *wakeup);

/* With the NUL, the longest name that Linux keeps. */
enum { THREAD_NAME_SIZE = 16, THREAD_FOREVER = -1 };

/* Zero it before use. */
struct thread {
    pthread_t id;
    struct wakeup wakeup;
    char name[THREAD_NAME_SIZE];
    void (*run)(void *context);
    void *context;
    atomic_bool stopping;
    bool running; /* the starter's: started and not joined */
};

/* Runs `run` in a thread of this name, which debuggers, ps and top show. SIGTERM, SIGINT and SIGHUP
 * are blocked in it. The struct stays in place until thread_join. False with errno. */
bool thread_start(struct thread *thread, const char *name, void (*run)(void *), void *context);
/* Asks the thread to end and wakes it. From any thread. */
void thread_stop(struct thread *thread);
/* Takes thread_stop back. Whether the thread saw it before is the user's to know. */
void thread_resume(struct thread *thread);
bool thread_is_stopping(const struct thread *thread);
/* Ends the wait of the thread, or the next one. From any thread, between thread_start and the end
 * of thread_join. */
void thread_wake(struct thread *thread);
/* Stops the thread and waits for its end. Does nothing for one that was not started. */
void thread_join(struct thread *thread);
/* The same without waiting. False when the thread has not ended yet. */
bool thread_try_join(struct thread *thread);

/* For the thread itself: returns when it is woken or stopped, or after so many milliseconds of the
 * monotonic clock, or THREAD_FOREVER. May also return early: look for work in a loop. */
void thread_wait(struct thread *thread, int timeout_ms);
/* Returns also when this descriptor is readable. */
void thread_wait_fd(struct thread *thread, int fd, int timeout_ms);

#endif
