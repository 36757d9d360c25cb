/* Threads: name and signals, wake-ups before, during and instead of a wait, stop and join. */
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "check.h"
#include "common/base/clock.h"
#include "common/base/thread.h"

enum { LONG_MS = 60000, ROUNDS = 20000 };

struct probe {
    struct thread thread;
    pthread_mutex_t lock;
    unsigned given, taken; /* with the lock */
    struct wakeup reply;
    char name[THREAD_NAME_SIZE];
    bool term_blocked, bus_blocked;
};

static void look_at_oneself(void *context)
{
    struct probe *probe = context;
    sigset_t mask;
    pthread_getname_np(pthread_self(), probe->name, sizeof probe->name);
    pthread_sigmask(SIG_SETMASK, NULL, &mask);
    probe->term_blocked = sigismember(&mask, SIGTERM) && sigismember(&mask, SIGHUP);
    probe->bus_blocked = sigismember(&mask, SIGBUS);
}

static void has_its_name_and_no_signals(void **state)
{
    struct probe probe = {0};
    sigset_t before, after;
    (void)state;
    pthread_sigmask(SIG_SETMASK, NULL, &before);
    assert_true(thread_start(&probe.thread, "fifteen letters", look_at_oneself, &probe));
    thread_join(&probe.thread);
    assert_string_equal(probe.name, "fifteen letters");
    assert_true(probe.term_blocked);
    assert_false(probe.bus_blocked);
    pthread_sigmask(SIG_SETMASK, NULL, &after);
    assert_int_equal(sigismember(&before, SIGTERM), sigismember(&after, SIGTERM));
}

static void sleep_until_stopped(void *context)
{
    struct probe *probe = context;
    while (!thread_is_stopping(&probe->thread))
        thread_wait(&probe->thread, THREAD_FOREVER);
}

static void a_stop_ends_the_longest_wait(void **state)
{
    struct probe probe = {0};
    (void)state;
    for (int i = 0; i < 200; i++) {
        assert_true(thread_start(&probe.thread, "sleeper", sleep_until_stopped, &probe));
        thread_join(&probe.thread);
        thread_join(&probe.thread); /* does nothing */
    }
}

static void a_thread_that_was_not_started_is_left_alone(void **state)
{
    struct thread thread = {0};
    (void)state;
    thread_stop(&thread);
    thread_join(&thread);
    assert_true(thread_try_join(&thread));
    assert_int_not_equal(fcntl(STDIN_FILENO, F_GETFD), -1);
}

static void is_joined_without_waiting(void **state)
{
    struct probe probe = {0};
    (void)state;
    assert_true(thread_start(&probe.thread, "sleeper", sleep_until_stopped, &probe));
    assert_false(thread_try_join(&probe.thread));
    thread_stop(&probe.thread);
    while (!thread_try_join(&probe.thread))
        sched_yield();
    assert_false(probe.thread.running);
}

static void take_all(void *context)
{
    struct probe *probe = context;
    while (!thread_is_stopping(&probe->thread)) {
        pthread_mutex_lock(&probe->lock);
        bool found = probe->taken < probe->given;
        probe->taken = probe->given;
        pthread_mutex_unlock(&probe->lock);
        if (found)
            wakeup_raise(&probe->reply);
        else
            thread_wait(&probe->thread, THREAD_FOREVER);
    }
}

static unsigned taken_by(struct probe *probe)
{
    pthread_mutex_lock(&probe->lock);
    unsigned taken = probe->taken;
    pthread_mutex_unlock(&probe->lock);
    return taken;
}

/* Each round waits for its answer: a lost wake-up would block it forever. */
static void no_wake_up_is_lost(void **state)
{
    struct probe probe = {.lock = PTHREAD_MUTEX_INITIALIZER};
    (void)state;
    assert_true(wakeup_init(&probe.reply));
    assert_true(thread_start(&probe.thread, "taker", take_all, &probe));
    for (unsigned i = 1; i <= ROUNDS; i++) {
        pthread_mutex_lock(&probe.lock);
        probe.given = i;
        pthread_mutex_unlock(&probe.lock);
        thread_wake(&probe.thread);
        while (taken_by(&probe) < i) {
            struct pollfd poll_fd = {.fd = probe.reply.fd, .events = POLLIN};
            assert_int_equal(poll(&poll_fd, 1, LONG_MS), 1);
            wakeup_clear(&probe.reply);
        }
    }
    thread_join(&probe.thread);
    wakeup_finish(&probe.reply);
}

struct waits {
    struct thread thread;
    int pipe_fd;
    uint64_t after_wake_ms, after_timeout_ms, after_fd_ms;
};

static void wait_in_three_ways(void *context)
{
    struct waits *waits = context;
    uint64_t begin = clock_steady_ms();
    thread_wake(&waits->thread);
    thread_wait(&waits->thread, LONG_MS); /* was woken before */
    waits->after_wake_ms = clock_steady_ms() - begin;
    thread_wait(&waits->thread, 20);
    waits->after_timeout_ms = clock_steady_ms() - begin;
    thread_wait_fd(&waits->thread, waits->pipe_fd, LONG_MS);
    waits->after_fd_ms = clock_steady_ms() - begin;
}

static void a_wait_ends_by_wake_time_or_descriptor(void **state)
{
    struct waits waits = {0};
    int ends[2];
    (void)state;
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(write(ends[1], "x", 1), 1);
    waits.pipe_fd = ends[0];
    assert_true(thread_start(&waits.thread, "waiter", wait_in_three_ways, &waits));
    while (!thread_try_join(&waits.thread))
        sched_yield();
    assert_true(waits.after_wake_ms < LONG_MS);
    assert_true(waits.after_timeout_ms >= 19 && waits.after_timeout_ms < LONG_MS);
    assert_true(waits.after_fd_ms < LONG_MS);
    close(ends[0]);
    close(ends[1]);
}

static bool is_readable(int fd)
{
    struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
    return poll(&poll_fd, 1, 0) == 1;
}

static void many_raises_are_one(void **state)
{
    struct wakeup wakeup;
    eventfd_t count;
    (void)state;
    assert_true(wakeup_init(&wakeup));
    for (int i = 0; i < 10; i++)
        wakeup_raise(&wakeup);
    assert_int_equal(eventfd_read(wakeup.fd, &count), 0);
    assert_int_equal(count, 1);
    wakeup_clear(&wakeup);
    assert_false(is_readable(wakeup.fd));
    wakeup_raise(&wakeup);
    assert_true(is_readable(wakeup.fd));
    wakeup_finish(&wakeup);
    wakeup_finish(&wakeup);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(has_its_name_and_no_signals),
        cmocka_unit_test(a_stop_ends_the_longest_wait),
        cmocka_unit_test(a_thread_that_was_not_started_is_left_alone),
        cmocka_unit_test(is_joined_without_waiting),
        cmocka_unit_test(no_wake_up_is_lost),
        cmocka_unit_test(a_wait_ends_by_wake_time_or_descriptor),
        cmocka_unit_test(many_raises_are_one),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
