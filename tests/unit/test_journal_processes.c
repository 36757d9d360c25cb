/* The journal between processes and threads: killed writers and readers, torn reads, waiting. */
#include "journal_fixture.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdatomic.h>
#include <sys/prctl.h>
#include <sys/wait.h>

/* Fills a journal at full speed until it is killed. */
static void hammer(const struct place *place)
{
    struct journal writer;
    char why[SHM_WHY_SIZE];
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failing test leaves no process behind */
    if (!journal_open_writer(&writer, place->path, why, sizeof why))
        _exit(1);
    for (;;) {
        append(&writer, journal_next_sequence(&writer), journal_next_sequence(&writer));
        journal_wake_readers(&writer);
    }
}

/* Reads the entries of a process at full speed until `until` is passed; none may be torn. */
static void follow(const struct journal *reader, uint64_t *position, uint64_t until)
{
    struct journal_entry entry;
    while (*position < until) {
        switch (journal_read_entry(reader, position, &entry)) {
        case JOURNAL_ENTRY:
            if (entry.sequence != *position || !entry_is(&entry, *position))
                fail_msg("entry %llu is torn", (unsigned long long)*position);
            ++*position;
            break;
        case JOURNAL_EMPTY:
            journal_wait_entry(reader, *position, 100);
            break;
        case JOURNAL_OVERRUN:
            break;
        case JOURNAL_DAMAGED:
            fail_msg("entry %llu is damaged", (unsigned long long)*position);
        }
    }
}

static void test_hammered_and_killed(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    uint64_t position = 1;
    open_writer(&writer, *state);
    journal_close(&writer);
    open_reader(&reader, *state);
    for (int round = 0; round < 20; round++) {
        pid_t child = fork();
        if (child == 0)
            hammer(*state);
        follow(&reader, &position, position + 2000 + (uint64_t)round * 137);
        assert_int_equal(kill(child, SIGKILL), 0);
        waitpid(child, NULL, 0);
        while (journal_read_entry(&reader, &position, &entry) != JOURNAL_EMPTY)
            position += entry.sequence == position;
        open_writer(&writer, *state);
        append(&writer, journal_next_sequence(&writer), journal_next_sequence(&writer));
        journal_wake_readers(&writer);
        follow(&reader, &position, journal_next_sequence(&writer));
        journal_close(&writer);
    }
    journal_close(&reader);
}

/* Repeatedly reads the slot that the writer fills next: the result is complete, or reported as
 * overrun. */
static void test_read_while_overwritten(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    unsigned whole = 0, overrun = 0;
    open_writer(&writer, *state);
    append(&writer, 1, JOURNAL_ENTRIES);
    journal_close(&writer);
    open_reader(&reader, *state);
    pid_t child = fork();
    if (child == 0)
        hammer(*state);
    while (overrun < 20000 || whole < 20000) {
        uint64_t position = journal_next_sequence(&reader) - JOURNAL_ENTRIES;
        uint64_t asked = position;
        if (journal_read_entry(&reader, &position, &entry) == JOURNAL_OVERRUN) {
            assert_true(position > asked);
            overrun++;
            continue;
        }
        if (entry.sequence != asked || !entry_is(&entry, asked))
            fail_msg("entry %llu is torn", (unsigned long long)asked);
        whole++;
    }
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    journal_close(&reader);
}

/* A killed reader loses no entries: the next one continues at its position. */
static void test_reader_is_killed(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    int pipes[2];
    uint64_t position = 0;
    open_writer(&writer, *state);
    assert_int_equal(pipe(pipes), 0);
    pid_t child = fork();
    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        open_reader(&reader, *state);
        for (uint64_t at = 1;;) {
            if (journal_read_entry(&reader, &at, &entry) != JOURNAL_ENTRY)
                journal_wait_entry(&reader, at, 1000);
            else if (write(pipes[1], &at, sizeof at) == sizeof at)
                at++;
        }
    }
    for (uint64_t number = 1; number <= 1000; number++) {
        append(&writer, number, number);
        journal_wake_readers(&writer);
    }
    while (position < 500)
        assert_int_equal(read(pipes[0], &position, sizeof position), sizeof position);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    append(&writer, 1001, 2000);
    open_reader(&reader, *state);
    follow(&reader, &position, 2001);
    assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_EMPTY);
    close(pipes[0]);
    close(pipes[1]);
    journal_close(&reader);
    journal_close(&writer);
}

enum { WAKE_UPS = 20000 };

struct waiter {
    const struct journal *journal;
    _Atomic uint64_t seen;
};

static void *wait_for_entries(void *context)
{
    struct waiter *waiter = context;
    struct journal_entry entry;
    for (uint64_t position = 1; position <= WAKE_UPS;) {
        if (journal_read_entry(waiter->journal, &position, &entry) == JOURNAL_ENTRY)
            atomic_store(&waiter->seen, position++);
        else
            journal_wait_entry(waiter->journal, position, 600000);
    }
    return NULL;
}

/* The writer appends at any moment between the reader's check of the journal and its sleep. A lost
 * wake-up would exceed the test's time-out. */
static void test_waiters_are_woken(void **state)
{
    struct journal writer, reader;
    pthread_t thread;
    open_writer(&writer, *state);
    open_reader(&reader, *state);
    struct waiter waiter = {.journal = &reader};
    assert_int_equal(pthread_create(&thread, NULL, wait_for_entries, &waiter), 0);
    for (uint64_t number = 1; number <= WAKE_UPS; number++) {
        append(&writer, number, number);
        journal_wake_readers(&writer);
        while (atomic_load(&waiter.seen) < number)
            sched_yield();
        for (volatile uint64_t pause = 0; pause < number % 997; pause++)
            ;
    }
    pthread_join(thread, NULL);
    journal_close(&reader);
    journal_close(&writer);
}

int main(void)
{
    static const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_hammered_and_killed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_read_while_overwritten, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_reader_is_killed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_waiters_are_woken, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
