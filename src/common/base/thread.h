/* Named threads that are stopped and woken in the same way.
 *
 * The loop of a thread does the next job, or calls thread_wait when no job is waiting:
 *
 *     while (!thread_is_stopping(thread)) {
 *         if (!do_next_job(context))
 *             thread_wait(thread, THREAD_FOREVER);
 *     }
 *
 * To hand over work, store it first, under a lock of your own, then call thread_wake. A wake-up is
 * never lost: one before thread_wait ends that wait at once. */
#ifndef TAGFERRY_COMMON_BASE_THREAD_H
#define TAGFERRY_COMMON_BASE_THREAD_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Wakes one thread from any thread. Several calls write to the eventfd only once, and only while
 * the thread sleeps. */
struct wakeup {
    int fd;             /* readable after a wake-up; for poll and epoll */
    atomic_bool raised; /* since the last wakeup_clear */
    atomic_bool asleep; /* false: the thread will check `raised` before it sleeps */
};

/* For a loop that polls `fd` itself; a struct thread needs no call. False with errno. */
bool wakeup_init(struct wakeup *wakeup);
/* Accepts a wakeup whose fd is -1. */
void wakeup_finish(struct wakeup *wakeup);
/* Wakes the thread. From any thread. */
void wakeup_raise(struct wakeup *wakeup);
/* Call it when `fd` is readable, before looking for work. */
void wakeup_clear(struct wakeup *wakeup);

/* The longest thread name of Linux, with the NUL. */
enum { THREAD_NAME_SIZE = 16, THREAD_FOREVER = -1, THREAD_FDS_MAX = 2 };

/* Zero it before use. */
struct thread {
    pthread_t id;
    struct wakeup wakeup;
    char name[THREAD_NAME_SIZE];
    void (*run)(void *context);
    void *context;
    atomic_bool stopping;
    bool running; /* started and not joined; only the starting thread uses it */
};

/* Starts a thread that calls `run` with `context`. `name`, at most 15 bytes, appears in debuggers,
 * ps and top. The thread blocks SIGTERM, SIGINT and SIGHUP. Do not move the struct before
 * thread_join. False with errno. */
bool thread_start(struct thread *thread, const char *name, void (*run)(void *), void *context);
/* Asks the thread to end and wakes it. From any thread. */
void thread_stop(struct thread *thread);
/* Cancels thread_stop. The thread may have seen it already: the caller must know. */
void thread_resume(struct thread *thread);
/* True after thread_stop. From any thread. */
bool thread_is_stopping(const struct thread *thread);
/* Ends the current thread_wait of the thread, or the next one. From any thread, between
 * thread_start and the end of thread_join. */
void thread_wake(struct thread *thread);
/* Stops the thread and waits for its end. Does nothing if it was not started. */
void thread_join(struct thread *thread);
/* Waits at most `timeout_ms` for the end of a thread, and joins it. False while it is running. */
bool thread_join_within(struct thread *thread, unsigned timeout_ms);
/* Joins a thread that has ended. False, without waiting, while it is still running. */
bool thread_try_join(struct thread *thread);

/* Only in the thread itself: waits until it is woken or stopped, or for `timeout_ms` of the
 * monotonic clock (THREAD_FOREVER: no limit). May return early: look for work in a loop. */
void thread_wait(struct thread *thread, int timeout_ms);
/* The same, but also returns when `fd` is readable. */
void thread_wait_fd(struct thread *thread, int fd, int timeout_ms);
/* The same for 1 to THREAD_FDS_MAX descriptors; those below 0 are left out. True when one of them
 * is readable or closed. */
bool thread_wait_fds(struct thread *thread, const int *fds, size_t count, int timeout_ms);

#endif
