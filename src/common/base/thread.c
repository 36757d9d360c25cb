/* Starts, wakes, stops and joins threads. */
#include "common/base/thread.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <time.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/require.h"

/* The current thread; NULL when thread_start did not start it. */
static _Thread_local const struct thread *thread_current;

bool wakeup_init(struct wakeup *wakeup)
{
    wakeup->fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    atomic_init(&wakeup->raised, false);
    atomic_init(&wakeup->asleep, true);
    return wakeup->fd >= 0;
}

void wakeup_finish(struct wakeup *wakeup)
{
    if (wakeup->fd >= 0)
        close(wakeup->fd);
    wakeup->fd = -1;
}

/* The sleeping thread sets `asleep`, then checks `raised`; this function sets `raised`, then checks
 * `asleep`: at least one of them sees the other's flag. The eventfd's counter cannot overflow,
 * because it is written about once for each read. */
void wakeup_raise(struct wakeup *wakeup)
{
    if (!atomic_exchange(&wakeup->raised, true) && atomic_load(&wakeup->asleep))
        eventfd_write(wakeup->fd, 1);
}

/* Reads first: a raise after the exchange writes again. */
void wakeup_clear(struct wakeup *wakeup)
{
    eventfd_t count;
    eventfd_read(wakeup->fd, &count);
    atomic_exchange(&wakeup->raised, false);
}

static void *thread_run(void *context)
{
    struct thread *thread = context;
    thread_current = thread;
    pthread_setname_np(pthread_self(), thread->name);
    thread->run(thread->context);
    return NULL;
}

bool thread_start(struct thread *thread, const char *name, void (*run)(void *), void *context)
{
    sigset_t daemon_signals, before;
    REQUIRE(!thread->running && run);
    REQUIRE(strlen(name) < sizeof thread->name);
    snprintf(thread->name, sizeof thread->name, "%s", name);
    thread->run = run;
    thread->context = context;
    atomic_init(&thread->stopping, false);
    if (!wakeup_init(&thread->wakeup))
        return false;
    atomic_init(&thread->wakeup.asleep, false); /* thread_wait sets it */
    sigemptyset(&daemon_signals);
    sigaddset(&daemon_signals, SIGTERM);
    sigaddset(&daemon_signals, SIGINT);
    sigaddset(&daemon_signals, SIGHUP);
    pthread_sigmask(SIG_BLOCK, &daemon_signals, &before);
    int error = pthread_create(&thread->id, NULL, thread_run, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    thread->running = error == 0;
    if (error != 0)
        wakeup_finish(&thread->wakeup);
    errno = error;
    return error == 0;
}

void thread_stop(struct thread *thread)
{
    atomic_store(&thread->stopping, true);
    thread_wake(thread);
}

void thread_resume(struct thread *thread)
{
    atomic_store(&thread->stopping, false);
}

bool thread_is_stopping(const struct thread *thread)
{
    return atomic_load(&thread->stopping);
}

void thread_wake(struct thread *thread)
{
    wakeup_raise(&thread->wakeup);
}

void thread_join(struct thread *thread)
{
    if (!thread->running)
        return;
    REQUIRE(thread_current != thread);
    thread_stop(thread);
    int error = pthread_join(thread->id, NULL);
    REQUIRE(error == 0);
    thread->running = false;
    wakeup_finish(&thread->wakeup);
}

bool thread_try_join(struct thread *thread)
{
    if (thread->running && pthread_tryjoin_np(thread->id, NULL) != 0)
        return false;
    if (thread->running)
        wakeup_finish(&thread->wakeup);
    thread->running = false;
    return true;
}

/* pthread_timedjoin_np would use the wall clock, which may be set back. */
bool thread_join_within(struct thread *thread, unsigned timeout_ms)
{
    enum { PAUSE_MAX_US = 20000 };
    const uint64_t until_us = clock_steady_us() + timeout_ms * UINT64_C(1000);
    long pause_us = 200;
    bool has_ended;
    while (!(has_ended = thread_try_join(thread)) && clock_steady_us() < until_us) {
        const struct timespec pause = {.tv_nsec = pause_us * 1000};
        nanosleep(&pause, NULL);
        pause_us = pause_us < PAUSE_MAX_US / 2 ? pause_us * 2 : PAUSE_MAX_US;
    }
    return has_ended;
}

bool thread_wait_fds(struct thread *thread, const int *fds, size_t count, int timeout_ms)
{
    struct wakeup *wakeup = &thread->wakeup;
    struct pollfd polled[1 + THREAD_FDS_MAX] = {{.fd = wakeup->fd, .events = POLLIN}};
    bool readable = false;
    REQUIRE(thread_current == thread);
    REQUIRE(timeout_ms >= THREAD_FOREVER && count >= 1 && count <= THREAD_FDS_MAX);
    for (size_t i = 0; i < count; i++)
        polled[1 + i] = (struct pollfd){.fd = fds[i], .events = POLLIN};
    atomic_store(&wakeup->asleep, true);
    if (!atomic_exchange(&wakeup->raised, false)) {
        poll(polled, 1 + count, timeout_ms);
        if (polled[0].revents)
            wakeup_clear(wakeup);
        for (size_t i = 0; i < count; i++)
            readable |= polled[1 + i].revents != 0;
    }
    atomic_store(&wakeup->asleep, false);
    return readable;
}

void thread_wait_fd(struct thread *thread, int fd, int timeout_ms)
{
    thread_wait_fds(thread, &fd, 1, timeout_ms);
}

void thread_wait(struct thread *thread, int timeout_ms)
{
    thread_wait_fd(thread, -1, timeout_ms);
}
