/* The journal: entries as written, lagging and overrun readers, killed writers, waiting. */
#include "common/journal.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

struct place {
    char folder[40];
    char path[64];
};

static int make_place(void **state)
{
    struct place *place = calloc(1, sizeof *place);
    strcpy(place->folder, "/tmp/test_journal.XXXXXX");
    *state = place;
    if (!mkdtemp(place->folder))
        return -1;
    snprintf(place->path, sizeof place->path, "%s/journal", place->folder);
    return 0;
}

static int remove_place(void **state)
{
    struct place *place = *state;
    unlink(place->path);
    rmdir(place->folder);
    free(place);
    return 0;
}

static void open_writer(struct journal *journal, const struct place *place)
{
    char why[SHM_WHY_SIZE];
    if (!journal_open_writer(journal, place->path, why, sizeof why))
        fail_msg("%s", why);
}

static void open_reader(struct journal *journal, const struct place *place)
{
    char why[SHM_WHY_SIZE];
    if (!journal_open_reader(journal, place->path, why, sizeof why))
        fail_msg("%s", why);
}

/* An entry all of whose words follow from one number, so that a torn one shows. */
static struct journal_entry entry_of(uint64_t number)
{
    struct journal_entry entry = {.steady_ms = number * 3,
                                  .unit = 7,
                                  .table = JOURNAL_HOLDING_REGISTER,
                                  .address = (uint16_t)(number % 60000),
                                  .count = JOURNAL_VALUES_MAX};
    for (size_t i = 0; i < JOURNAL_VALUES_MAX; i++) {
        entry.values[i] = (uint16_t)(number * 31 + i);
        entry.masks[i] = (uint16_t)(number * 17 - i);
    }
    return entry;
}

static bool entry_is(const struct journal_entry *entry, uint64_t number)
{
    struct journal_entry expected = entry_of(number);
    return entry->steady_ms == expected.steady_ms && entry->unit == expected.unit &&
           entry->table == expected.table && entry->address == expected.address &&
           entry->count == expected.count &&
           memcmp(entry->values, expected.values, sizeof entry->values) == 0 &&
           memcmp(entry->masks, expected.masks, sizeof entry->masks) == 0;
}

static void append(struct journal *journal, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++) {
        struct journal_entry entry = entry_of(number);
        journal_append(journal, &entry);
    }
}

static void test_entries_come_back(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    uint64_t position = 1;
    open_writer(&writer, *state);
    open_reader(&reader, *state);
    assert_int_equal(journal_identity(&writer), journal_identity(&reader));
    assert_int_equal(journal_end(&reader), 1);
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_EMPTY);
    append(&writer, 1, 2);
    struct journal_entry coils = {.unit = 247,
                                  .table = JOURNAL_COIL,
                                  .address = 65535 - 1967,
                                  .count = 1968,
                                  .values = {[0] = 0x8001, [122] = 0xFFFF}};
    journal_append(&writer, &coils);
    assert_int_equal(journal_end(&reader), 4);
    for (; position <= 2; position++) {
        assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_ENTRY);
        assert_int_equal(entry.sequence, position);
        assert_true(entry_is(&entry, position));
    }
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_ENTRY);
    assert_int_equal(entry.unit, 247);
    assert_int_equal(entry.table, JOURNAL_COIL);
    assert_int_equal(entry.address, 63568);
    assert_int_equal(entry.count, 1968);
    assert_memory_equal(entry.values, coils.values, sizeof entry.values);
    assert_int_equal(entry.masks[0], 0);
    position++;
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_EMPTY);
    assert_int_equal(position, 4);
    journal_close(&reader);
    journal_close(&writer);
}

static void test_writer_goes_on(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    open_writer(&writer, *state);
    uint64_t identity = journal_identity(&writer);
    append(&writer, 1, 5);
    open_reader(&reader, *state);
    journal_close(&writer);
    open_writer(&writer, *state);
    assert_int_equal(journal_identity(&writer), identity);
    append(&writer, 6, 6);
    uint64_t position = 6;
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_ENTRY);
    assert_true(entry_is(&entry, 6));
    journal_close(&reader);
    journal_close(&writer);
}

/* A writer that is killed between its last two stores has written an entry that it did not count;
 * the count lies behind the header. Its number must not be given to another entry. */
static void test_uncounted_entry(void **state)
{
    struct journal writer;
    struct journal_entry entry;
    const struct place *place = *state;
    uint64_t position = 3, uncounted = 3;
    open_writer(&writer, place);
    append(&writer, 1, 3);
    journal_close(&writer);
    int fd = open(place->path, O_RDWR);
    assert_int_equal(pwrite(fd, &uncounted, 8, sizeof(struct shm_header)), 8);
    close(fd);
    open_writer(&writer, place);
    assert_int_equal(journal_end(&writer), 4);
    append(&writer, 4, 4);
    assert_int_equal(journal_read(&writer, &position, &entry), JOURNAL_ENTRY);
    assert_true(entry_is(&entry, 3));
    journal_close(&writer);
}

static void test_one_writer_only(void **state)
{
    struct journal writer, second;
    char why[SHM_WHY_SIZE];
    const struct place *place = *state;
    open_writer(&writer, place);
    assert_false(journal_open_writer(&second, place->path, why, sizeof why));
    journal_close(&writer);
}

static void test_overrun(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    uint64_t position = 1;
    open_writer(&writer, *state);
    open_reader(&reader, *state);
    append(&writer, 1, JOURNAL_ENTRIES);
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_ENTRY);
    append(&writer, JOURNAL_ENTRIES + 1, JOURNAL_ENTRIES + 10);
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_OVERRUN);
    assert_true(position > 10 && position <= 12);
    uint64_t seen = 0;
    for (; journal_read(&reader, &position, &entry) == JOURNAL_ENTRY; position++, seen++)
        assert_true(entry_is(&entry, position));
    assert_int_equal(position, JOURNAL_ENTRIES + 11);
    assert_true(seen >= JOURNAL_ENTRIES - 1);
    journal_close(&reader);
    journal_close(&writer);
}

/* Places in the file: see struct ring. */
enum {
    AT_LAYOUT = SHM_MAGIC_SIZE,
    AT_NEXT = sizeof(struct shm_header),
    AT_SLOTS = sizeof(struct shm_header) + 32
};

static void overwrite(const struct place *place, off_t at, uint64_t word)
{
    int fd = open(place->path, O_RDWR);
    assert_int_equal(pwrite(fd, &word, sizeof word, at), sizeof word);
    close(fd);
}

static uint64_t meta_of(unsigned unit, unsigned table, unsigned address, unsigned count)
{
    return (uint64_t)unit << 40 | (uint64_t)table << 32 | (uint64_t)address << 16 | count;
}

/* What lies in the file is another process's, and the disk's: nothing of it is used unchecked. */
static void test_damaged_entries(void **state)
{
    static const struct {
        unsigned unit, table, address, count;
        enum journal_result result;
    } rows[] = {
        {7, JOURNAL_HOLDING_REGISTER, 0, 123, JOURNAL_ENTRY},
        {7, JOURNAL_HOLDING_REGISTER, 0, 124, JOURNAL_DAMAGED},
        {7, JOURNAL_HOLDING_REGISTER, 0, 65535, JOURNAL_DAMAGED},
        {7, JOURNAL_HOLDING_REGISTER, 0, 0, JOURNAL_DAMAGED},
        {7, JOURNAL_HOLDING_REGISTER, 65413, 123, JOURNAL_ENTRY},
        {7, JOURNAL_HOLDING_REGISTER, 65414, 123, JOURNAL_DAMAGED},
        {7, JOURNAL_COIL, 0, 1968, JOURNAL_ENTRY},
        {7, JOURNAL_COIL, 0, 1969, JOURNAL_DAMAGED},
        {7, JOURNAL_COIL, 65535, 2, JOURNAL_DAMAGED},
        {7, 2, 0, 1, JOURNAL_DAMAGED},
        {0, JOURNAL_COIL, 0, 1, JOURNAL_DAMAGED},
        {248, JOURNAL_COIL, 0, 1, JOURNAL_DAMAGED},
    };
    struct journal writer, reader;
    struct journal_entry entry;
    open_writer(&writer, *state);
    append(&writer, 1, 2);
    open_reader(&reader, *state);
    size_t slot = (reader.shm.mapped - AT_SLOTS) / JOURNAL_ENTRIES;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint64_t position = 1;
        overwrite(*state, (off_t)(AT_SLOTS + slot + 16),
                  meta_of(rows[i].unit, rows[i].table, rows[i].address, rows[i].count));
        enum journal_result result = journal_read(&reader, &position, &entry);
        if (result != rows[i].result || position != (result == JOURNAL_DAMAGED ? 2 : 1))
            fail_msg("row %zu: %d", i, (int)result);
        position = 2;
        assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_ENTRY);
        assert_true(entry_is(&entry, 2));
    }
    journal_close(&reader);
    journal_close(&writer);
}

/* A reader that is further than the count says does not wait until that has caught up. */
static void test_count_that_fell(void **state)
{
    struct journal writer, reader;
    struct journal_entry entry;
    uint64_t position = 6;
    open_writer(&writer, *state);
    append(&writer, 1, 5);
    open_reader(&reader, *state);
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_EMPTY);
    overwrite(*state, AT_NEXT, 3);
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_DAMAGED);
    assert_int_equal(position, 3);
    append(&writer, 3, 3);
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_ENTRY);
    assert_true(entry_is(&entry, 3));
    journal_close(&reader);
    journal_close(&writer);
}

/* As one of a version before: it is never read as if it were of this one. */
static void test_another_layout_is_replaced(void **state)
{
    struct journal writer, reader;
    char why[SHM_WHY_SIZE];
    const struct place *place = *state;
    open_writer(&writer, place);
    uint64_t identity = journal_identity(&writer);
    append(&writer, 1, 3);
    journal_close(&writer);
    overwrite(place, AT_LAYOUT, 1);
    assert_false(journal_open_reader(&reader, place->path, why, sizeof why));
    assert_non_null(strstr(why, "another layout"));
    open_writer(&writer, place);
    assert_int_equal(journal_end(&writer), 1);
    assert_true(journal_identity(&writer) != identity);
    open_reader(&reader, place);
    journal_close(&reader);
    journal_close(&writer);
}

static void test_position_zero(void **state)
{
    struct journal writer;
    struct journal_entry entry;
    uint64_t position = 0;
    open_writer(&writer, *state);
    append(&writer, 1, 1);
    assert_int_equal(journal_read(&writer, &position, &entry), JOURNAL_OVERRUN);
    assert_int_equal(position, 1);
    journal_close(&writer);
}

/* Fills a journal as fast as it can until it is killed. */
static void hammer(const struct place *place)
{
    struct journal writer;
    char why[SHM_WHY_SIZE];
    prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that fails leaves nobody behind */
    if (!journal_open_writer(&writer, place->path, why, sizeof why))
        _exit(1);
    for (;;) {
        append(&writer, journal_end(&writer), journal_end(&writer));
        journal_wake(&writer);
    }
}

/* Reads what a hammering process writes until `until` is passed; none may be torn. */
static void follow(const struct journal *reader, uint64_t *position, uint64_t until)
{
    struct journal_entry entry;
    while (*position < until) {
        switch (journal_read(reader, position, &entry)) {
        case JOURNAL_ENTRY:
            if (entry.sequence != *position || !entry_is(&entry, *position))
                fail_msg("entry %llu is torn", (unsigned long long)*position);
            ++*position;
            break;
        case JOURNAL_EMPTY:
            journal_wait(reader, *position, 100);
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
        while (journal_read(&reader, &position, &entry) != JOURNAL_EMPTY)
            position += entry.sequence == position;
        open_writer(&writer, *state);
        append(&writer, journal_end(&writer), journal_end(&writer));
        journal_wake(&writer);
        follow(&reader, &position, journal_end(&writer));
        journal_close(&writer);
    }
    journal_close(&reader);
}

/* Reads the very slot that the writer fills next, again and again: what comes back is whole, or it
 * is said to be overrun. */
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
        uint64_t position = journal_end(&reader) - JOURNAL_ENTRIES;
        uint64_t asked = position;
        if (journal_read(&reader, &position, &entry) == JOURNAL_OVERRUN) {
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

/* A reader that is killed takes nothing with it: the next one goes on where it was. */
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
            if (journal_read(&reader, &at, &entry) != JOURNAL_ENTRY)
                journal_wait(&reader, at, 1000);
            else if (write(pipes[1], &at, sizeof at) == sizeof at)
                at++;
        }
    }
    for (uint64_t number = 1; number <= 1000; number++) {
        append(&writer, number, number);
        journal_wake(&writer);
    }
    while (position < 500)
        assert_int_equal(read(pipes[0], &position, sizeof position), sizeof position);
    kill(child, SIGKILL);
    waitpid(child, NULL, 0);
    append(&writer, 1001, 2000);
    open_reader(&reader, *state);
    follow(&reader, &position, 2001);
    assert_int_equal(journal_read(&reader, &position, &entry), JOURNAL_EMPTY);
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
        if (journal_read(waiter->journal, &position, &entry) == JOURNAL_ENTRY)
            atomic_store(&waiter->seen, position++);
        else
            journal_wait(waiter->journal, position, 600000);
    }
    return NULL;
}

/* The writer appends at any moment of the reader's way from its look at the journal to its sleep. A
 * lost wake-up would outlast the test's time-out. */
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
        journal_wake(&writer);
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
        cmocka_unit_test_setup_teardown(test_entries_come_back, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_writer_goes_on, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_uncounted_entry, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_one_writer_only, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_overrun, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_damaged_entries, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_count_that_fell, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_another_layout_is_replaced, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_position_zero, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_hammered_and_killed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_read_while_overwritten, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_reader_is_killed, make_place, remove_place),
        cmocka_unit_test_setup_teardown(test_waiters_are_woken, make_place, remove_place),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
