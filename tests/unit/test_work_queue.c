/* A queue runs its jobs in order, in groups of at most 128, and ends each after its group's commit;
 * and the certificates of the HTTPS service, of which the newest pair counts. */
#include "check.h"

#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "api/http/tls.h"
#include "api/http/work_queue.h"
#include "said_log.h"
#include "tls_pems.h"

enum { JOBS = 300 };

/* What the queue has done: "b3" begins a group of three, "7" runs job 7, "c0" commits, "e7" ends
 * it,
 * "-" if it was not kept. */
static struct {
    char text[8000];
    size_t len;
    size_t groups, largest;
    bool fails; /* the commit */
} done;

static struct numbered_job {
    struct queue_job job;
    int number;
} jobs[JOBS];

static void say(const char *kind, int number, const char *kept)
{
    if (done.len < sizeof done.text - 20)
        done.len += (size_t)snprintf(done.text + done.len, 20, "%s%d%s ", kind, number, kept);
}

static void run_job(struct queue_job *job, struct thread_ctx *thread_ctx)
{
    assert_ptr_equal(thread_ctx, (struct thread_ctx *)&done);
    say("", ((struct numbered_job *)job)->number, "");
}

static void end_job(struct queue_job *job, struct thread_ctx *thread_ctx, bool kept)
{
    assert_ptr_equal(thread_ctx, (struct thread_ctx *)&done);
    say("e", ((struct numbered_job *)job)->number, kept ? "" : "-");
    job->next = job; /* it belongs to its owner again */
}

static void begin_group(struct thread_ctx *thread_ctx, size_t count)
{
    (void)thread_ctx;
    say("b", (int)count, "");
    done.groups++;
    if (count > done.largest)
        done.largest = count;
}

static bool commit_group(struct thread_ctx *thread_ctx)
{
    (void)thread_ctx;
    say("c", done.fails, "");
    return !done.fails;
}

static const struct work_queue_group group = {begin_group, commit_group};

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context);
void __wrap_thread_wake(struct thread *thread);
bool __wrap_thread_is_stopping(const struct thread *thread);
void __wrap_thread_wait(struct thread *thread, int timeout_ms);
void __wrap_thread_join(struct thread *thread);

/* The thread runs when the test ends it, or when it has nothing to do. */
static struct {
    void (*run)(void *);
    void *context;
    int wakes, waits;
    bool is_stopping, cannot_start;
} of_thread;

bool __wrap_thread_start(struct thread *thread, const char *name, void (*run)(void *),
                         void *context)
{
    assert_string_equal(name, "store");
    of_thread.run = run;
    of_thread.context = context;
    thread->running = !of_thread.cannot_start;
    return !of_thread.cannot_start;
}

void __wrap_thread_wake(struct thread *thread)
{
    (void)thread;
    of_thread.wakes++;
}

bool __wrap_thread_is_stopping(const struct thread *thread)
{
    (void)thread;
    return of_thread.is_stopping;
}

void __wrap_thread_wait(struct thread *thread, int timeout_ms)
{
    (void)thread;
    assert_int_equal(timeout_ms, THREAD_FOREVER);
    of_thread.waits++;
    of_thread.is_stopping = true; /* the test stops it when it sleeps */
}

void __wrap_thread_join(struct thread *thread)
{
    of_thread.is_stopping = true;
    of_thread.run(of_thread.context);
    thread->running = false;
}

/* Runs jobs 0 to count - 1, of which `alone` has a letter each: '.' or 'a'. */
static const char *run_jobs(const struct work_queue_group *with, const char *alone, int count)
{
    static struct work_queue queue;
    memset(&queue, 0, sizeof queue);
    memset(&of_thread, 0, sizeof of_thread);
    done.len = done.groups = done.largest = 0;
    done.text[0] = '\0';
    assert_true(work_queue_start(&queue, "store", (struct thread_ctx *)&done, with));
    for (int i = 0; i < count; i++) {
        jobs[i] = (struct numbered_job){.job = {.run = run_job,
                                                .end = end_job,
                                                .alone = alone && alone[i] == 'a',
                                                .next = &jobs[0].job},
                                        .number = i};
        work_queue_push(&queue, &jobs[i].job);
    }
    assert_int_equal(of_thread.wakes, count);
    work_queue_stop(&queue);
    for (int i = 0; i < count; i++)
        assert_ptr_equal(jobs[i].job.next, &jobs[i].job);
    assert_int_equal(of_thread.waits, 0);
    work_queue_stop(&queue); /* of a stopped queue: nothing */
    return done.text;
}

static void test_groups(void **state)
{
    (void)state;
    assert_string_equal(run_jobs(NULL, NULL, 3), "0 e0 1 e1 2 e2 ");
    assert_string_equal(run_jobs(&group, NULL, 0), "");
    assert_string_equal(run_jobs(&group, NULL, 1), "b1 0 c0 e0 ");
    assert_string_equal(run_jobs(&group, NULL, 3), "b3 0 1 2 c0 e0 e1 e2 ");
    assert_string_equal(run_jobs(&group, "..a..", 5),
                        "b2 0 1 c0 e0 e1 b1 2 c0 e2 b2 3 4 c0 e3 e4 ");
    assert_string_equal(run_jobs(&group, "aa.", 3), "b1 0 c0 e0 b1 1 c0 e1 b1 2 c0 e2 ");
    done.fails = true;
    assert_string_equal(run_jobs(&group, NULL, 2), "b2 0 1 c1 e0- e1- ");
    done.fails = false;
    run_jobs(&group, NULL, WORK_QUEUE_GROUP_MAX);
    assert_int_equal(done.groups, 1);
    run_jobs(&group, NULL, WORK_QUEUE_GROUP_MAX + 1);
    assert_int_equal(done.groups, 2);
    assert_int_equal(done.largest, WORK_QUEUE_GROUP_MAX);
    run_jobs(&group, NULL, JOBS);
    assert_int_equal(done.groups, 3);
}

/* Without jobs the thread sleeps; the list is whole again after it was empty. */
static void test_empty(void **state)
{
    static struct work_queue queue;
    (void)state;
    memset(&of_thread, 0, sizeof of_thread);
    done.len = 0;
    done.text[0] = '\0';
    assert_true(work_queue_start(&queue, "store", (struct thread_ctx *)&done, &group));
    for (int i = 0; i < 3; i++) {
        jobs[i] = (struct numbered_job){.job = {.run = run_job, .end = end_job}, .number = i};
        work_queue_push(&queue, &jobs[i].job);
        of_thread.is_stopping = false;
        of_thread.run(of_thread.context);
        assert_int_equal(of_thread.waits, i + 1);
        assert_null(queue.first);
    }
    assert_string_equal(done.text, "b1 0 c0 e0 b1 1 c0 e1 b1 2 c0 e2 ");
    work_queue_stop(&queue);
    memset(&of_thread, 0, sizeof of_thread);
    of_thread.cannot_start = true;
    memset(&queue, 0, sizeof queue);
    assert_false(work_queue_start(&queue, "store", (struct thread_ctx *)&done, NULL));
    work_queue_stop(&queue);
}

/* A file with this text; the caller removes it. */
static const char *make_file(char path[64], const char *text, mode_t mode)
{
    snprintf(path, 64, "/tmp/tagferry-pem-XXXXXX");
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
    assert_int_equal(fchmod(fd, mode), 0);
    close(fd);
    return path;
}

/* The chain and key that a handshake gets now. */
static unsigned offer(gnutls_pcert_st **chain, gnutls_privkey_t *offered)
{
    gnutls_certificate_retrieve_function2 *function =
        (gnutls_certificate_retrieve_function2 *)tls_cert_callback();
    unsigned count = 0;
    assert_int_equal(function(NULL, NULL, 0, NULL, 0, chain, &count, offered), 0);
    return count;
}

static void test_certificates(void **state)
{
    char good[64], good_key[64], other_key[64], empty[64], why[TLS_WHY_SIZE],
        expected[TLS_WHY_SIZE];
    /* A key of the same kind, of no certificate here. */
    static const char stranger[] =
        "-----BEGIN EC PRIVATE KEY-----\n"
        "MHcCAQEEIBINUpXnbYiqgeM5CN3RRXEOQn+HmHHr+qyAOxhNSNuloAoGCCqGSM49\n"
        "AwEHoUQDQgAEnkFX1FA6FbGmz95mmwaswxwXxH5eWoem7qV3kW7+VgfHBAPVkWOn\n"
        "/qE6wjGtWwecMwdny6wXGLk6AV1LL4eijw==\n"
        "-----END EC PRIVATE KEY-----\n";
    static struct said_log said;
    gnutls_pcert_st *chain, *next;
    gnutls_privkey_t offered;
    (void)state;
    make_file(good, certificate, 0600);
    make_file(good_key, key, 0600);
    make_file(other_key, stranger, 0600);
    make_file(empty, "", 0600);
    said_log_begin(&said);
    assert_false(tls_load_certificate("/nothing/here", good_key, why, sizeof why));
    assert_string_equal(why, "/nothing/here: Error while reading file.");
    assert_false(tls_load_certificate(good, "/nothing/key", why, sizeof why));
    assert_string_equal(why, "/nothing/key: Error while reading file.");
    assert_false(tls_load_certificate(empty, good_key, why, sizeof why));
    assert_memory_equal(why, empty, strlen(empty));
    assert_false(tls_load_certificate(good, empty, why, sizeof why));
    snprintf(expected, sizeof expected, "%s: ", empty);
    assert_memory_equal(why, expected, strlen(expected));
    assert_true(tls_load_certificate(good, good_key, why, sizeof why));
    assert_string_equal(said_log_end(&said), "");
    assert_int_equal(offer(&chain, &offered), 1);
    assert_non_null(offered);
    assert_false(
        tls_load_certificate(good, good, why, sizeof why)); /* no key: the former pair stays */
    assert_int_equal(offer(&next, &offered), 1);
    assert_ptr_equal(chain, next);
    assert_true(tls_load_certificate(good, good_key, why, sizeof why));
    assert_int_equal(offer(&next, &offered), 1);
    assert_ptr_not_equal(chain, next);
    assert_false(tls_load_certificate(good, other_key, why, sizeof why));
    snprintf(expected, sizeof expected, "%s: ", other_key);
    assert_memory_equal(why, expected, strlen(expected));
    /* The key of a file that others can read is taken, with a warning. */
    assert_int_equal(chmod(good_key, 0644), 0);
    said_log_begin(&said);
    assert_true(tls_load_certificate(good, good_key, why, sizeof why));
    assert_non_null(strstr(said_log_end(&said), good_key));
    tls_finish();
    tls_finish();
    const char *const files[] = {good, good_key, other_key, empty};
    for (size_t i = 0; i < COUNT(files); i++)
        unlink(files[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_empty),
        cmocka_unit_test(test_certificates),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
