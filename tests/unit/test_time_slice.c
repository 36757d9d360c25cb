/* The slice that a daemon's threads have, as the kernel says it. Each case runs in a thread of its
 * own, because a slice cannot be unset for the whole program. */
#include "check.h"

#include <pthread.h>
#include <sched.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "common/base/time_slice.h"

/* The words of struct sched_attr of 48 bytes: size and policy, flags, nice and priority, the
 * runtime in ns. */
struct words {
    uint32_t size, policy;
    uint64_t flags;
    int32_t nice;
    uint32_t priority;
    uint64_t runtime_ns, deadline_ns, period_ns;
};

static struct words seen;
static bool shortened;

static void *look(void *unused)
{
    (void)unused;
    memset(&seen, 0, sizeof seen);
    assert_int_equal(syscall(SYS_sched_getattr, 0, &seen, sizeof seen, 0), 0);
    return NULL;
}

static void run(void *(*function)(void *))
{
    pthread_t thread;
    assert_int_equal(pthread_create(&thread, NULL, function, NULL), 0);
    assert_int_equal(pthread_join(thread, NULL), 0);
}

/* Slices of threads came with Linux 6.12; before, the kernel says 0. */
static bool kernel_has_slices(void)
{
    struct utsname name;
    unsigned major = 0, minor = 0;
    assert_int_equal(uname(&name), 0);
    assert_int_equal(sscanf(name.release, "%u.%u", &major, &minor), 2);
    return major > 6 || (major == 6 && minor >= 12);
}

static void *shorten_and_look(void *unused)
{
    shortened = time_slice_shorten();
    return look(unused);
}

static void *shorten_and_start(void *unused)
{
    (void)unused;
    shortened = time_slice_shorten();
    run(look);
    return NULL;
}

static void *shorten_when_nice(void *unused)
{
    assert_int_equal(setpriority(PRIO_PROCESS, (id_t)gettid(), 7), 0);
    return shorten_and_look(unused);
}

static void *shorten_a_batch(void *unused)
{
    const struct sched_param parameters = {0};
    assert_int_equal(sched_setscheduler(0, SCHED_BATCH, &parameters), 0);
    return shorten_and_look(unused);
}

static void expect_short(int nice)
{
    assert_true(shortened);
    assert_int_equal(seen.policy, SCHED_OTHER);
    assert_int_equal(seen.nice, nice);
    if (kernel_has_slices())
        assert_int_equal(seen.runtime_ns, TIME_SLICE_SHORTEST_NS);
}

static void test_the_thread_itself(void **state)
{
    (void)state;
    run(shorten_and_look);
    expect_short(getpriority(PRIO_PROCESS, 0));
}

static void test_later_threads(void **state)
{
    (void)state;
    run(shorten_and_start);
    expect_short(getpriority(PRIO_PROCESS, 0));
}

static void test_the_nice_value_stays(void **state)
{
    (void)state;
    run(shorten_when_nice);
    expect_short(7);
}

static void test_a_chosen_policy_stays(void **state)
{
    (void)state;
    run(shorten_a_batch);
    assert_true(shortened);
    assert_int_equal(seen.policy, SCHED_BATCH);
    assert_int_not_equal(seen.runtime_ns, TIME_SLICE_SHORTEST_NS);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_thread_itself),
        cmocka_unit_test(test_later_threads),
        cmocka_unit_test(test_the_nice_value_stays),
        cmocka_unit_test(test_a_chosen_policy_stays),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
