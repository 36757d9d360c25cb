/* The journal tail: its events in order, and the position that survives it. */
#include "journal_fixture.h"

#include <poll.h>

#include "mqttd/writeback/journal_tail.h"

enum { QUEUED = 64, DEADLINE_MS = 60000, SLOTS_AT = 64, PLACE_AT = 16 };

void __real_journal_wait_entry(const struct journal *journal, uint64_t position, int timeout_ms);
void __wrap_journal_wait_entry(const struct journal *journal, uint64_t position, int timeout_ms);

/* Waits so long that only a wake-up ends it in time. */
void __wrap_journal_wait_entry(const struct journal *journal, uint64_t position, int timeout_ms)
{
    __real_journal_wait_entry(journal, position, timeout_ms + 10 * DEADLINE_MS);
}

/* Takes events like the MQTT thread. */
struct taker {
    struct place *place;
    struct journal writer;
    struct counters counters;
    struct wakeup wakeup;
    struct journal_tail *tail;
    struct journal_entry entry;
    uint64_t journal;
};

static void create_tail(struct taker *taker)
{
    char why[SHM_WHY_SIZE];
    taker->tail = journal_tail_create(taker->place->folder, &taker->wakeup, &taker->counters, why,
                                      sizeof why);
    if (!taker->tail)
        fail_msg("%s", why);
}

static uint64_t read_total(const struct taker *taker)
{
    return counters_get(&taker->counters, MQTTD_JOURNAL_READ);
}

static enum journal_tail_event next_event(struct taker *taker)
{
    struct pollfd wakeup = {.fd = taker->wakeup.fd, .events = POLLIN};
    enum journal_tail_event event;
    while ((event = journal_tail_next(taker->tail, &taker->entry, &taker->journal)) ==
           JOURNAL_TAIL_EMPTY) {
        if (poll(&wakeup, 1, DEADLINE_MS) <= 0)
            fail_msg("no event");
        wakeup_clear(&taker->wakeup);
    }
    return event;
}

static void expect_entries(struct taker *taker, uint64_t first, uint64_t last)
{
    for (uint64_t number = first; number <= last; number++) {
        assert_int_equal(next_event(taker), JOURNAL_TAIL_ENTRY);
        assert_int_equal(taker->entry.sequence, number);
        assert_true(entry_is(&taker->entry, number));
        assert_int_equal(taker->journal, journal_identity(&taker->writer));
    }
}

/* Waits until the thread has read this many entries in total and found this many losses. */
static void wait_counts(const struct taker *taker, uint64_t entries, uint64_t losses)
{
    for (unsigned i = 0; i < DEADLINE_MS; i++) {
        if (read_total(taker) >= entries &&
            counters_get(&taker->counters, MQTTD_JOURNAL_OVERRUNS) >= losses)
            return;
        poll(NULL, 0, 1);
    }
    fail_msg("%d entries read", (int)read_total(taker));
}

/* A journal without entries; its reader waits for the first one. */
static int open_taker(void **state)
{
    struct taker *taker = calloc(1, sizeof *taker);
    char why[SHM_WHY_SIZE];
    make_place((void **)&taker->place);
    assert_true(counters_open_writer(&taker->counters, &mqttd_counters, taker->place->folder, why,
                                     sizeof why));
    assert_true(wakeup_init(&taker->wakeup));
    open_writer(&taker->writer, taker->place);
    append(&taker->writer, 1, 1);
    create_tail(taker);
    /* It starts at the end of the journal and does not read earlier entries. */
    for (uint64_t next = 2; read_total(taker) == 0; next++) {
        append(&taker->writer, next, next);
        journal_wake_readers(&taker->writer);
        poll(NULL, 0, 1);
    }
    uint64_t end = journal_next_sequence(&taker->writer);
    while (next_event(taker) != JOURNAL_TAIL_ENTRY || taker->entry.sequence != end - 1)
        ;
    journal_tail_save(taker->tail, taker->journal, end);
    *state = taker;
    return 0;
}

static int close_taker(void **state)
{
    struct taker *taker = *state;
    char path[128];
    journal_tail_destroy(taker->tail);
    journal_close(&taker->writer);
    wakeup_finish(&taker->wakeup);
    counters_close(&taker->counters);
    static const char *const names[] = {"mqttd.counters", "journal-position"};
    for (size_t i = 0; i < COUNT(names); i++) {
        snprintf(path, sizeof path, "%s/%s", taker->place->folder, names[i]);
        unlink(path);
    }
    remove_place((void **)&taker->place);
    free(taker);
    return 0;
}

static void append_and_wake(struct taker *taker, uint64_t first, uint64_t last)
{
    append(&taker->writer, first, last);
    journal_wake_readers(&taker->writer);
}

static void test_more_entries_than_are_queued(void **state)
{
    struct taker *taker = *state;
    uint64_t first = journal_next_sequence(&taker->writer);
    append_and_wake(taker, first, first + 5 * QUEUED);
    expect_entries(taker, first, first + 5 * QUEUED);
    assert_int_equal(journal_tail_next(taker->tail, &taker->entry, &taker->journal),
                     JOURNAL_TAIL_EMPTY);
}

/* Entries that were read earlier come first. */
static void test_a_loss_stands_in_its_order(void **state)
{
    struct taker *taker = *state;
    uint64_t first = journal_next_sequence(&taker->writer);
    uint64_t before = read_total(taker);
    append_and_wake(taker, first, first + QUEUED);
    wait_counts(taker, before + QUEUED + 1, 0); /* one of them waits for space */
    uint64_t last = first + QUEUED + JOURNAL_ENTRIES + 100;
    append_and_wake(taker, first + QUEUED + 1, last);
    expect_entries(taker, first, first + QUEUED);
    assert_int_equal(next_event(taker), JOURNAL_TAIL_LOSS);
    assert_int_equal(taker->entry.sequence, last + 1);
    assert_int_equal(next_event(taker), JOURNAL_TAIL_ENTRY);
    assert_true(taker->entry.sequence > first + QUEUED + 1);
    expect_entries(taker, taker->entry.sequence + 1, last);
}

static void damage(struct taker *taker, uint64_t sequence)
{
    const struct shm *shm = &taker->writer.shm;
    size_t slot = (shm->mapped - SLOTS_AT) / JOURNAL_ENTRIES;
    memset((char *)shm->base + SLOTS_AT + sequence % JOURNAL_ENTRIES * slot + PLACE_AT, 0xFF, 8);
}

/* Two losses that have not been taken become one, at the position of the later one. */
static void test_losses_are_merged(void **state)
{
    struct taker *taker = *state;
    uint64_t first = journal_next_sequence(&taker->writer);
    uint64_t before = read_total(taker);
    journal_tail_destroy(taker->tail);
    append(&taker->writer, first, first + 6);
    damage(taker, first + 1);
    damage(taker, first + 2);
    damage(taker, first + 4);
    create_tail(taker);
    wait_counts(taker, before + 4, 3);
    expect_entries(taker, first, first);
    expect_entries(taker, first + 3, first + 3);
    assert_int_equal(next_event(taker), JOURNAL_TAIL_LOSS);
    assert_int_equal(taker->entry.sequence, first + 7);
    expect_entries(taker, first + 5, first + 6);
    assert_int_equal(journal_tail_next(taker->tail, &taker->entry, &taker->journal),
                     JOURNAL_TAIL_EMPTY);
}

static void test_the_position(void **state)
{
    struct taker *taker = *state;
    uint64_t first = journal_next_sequence(&taker->writer);
    append_and_wake(taker, first, first + 9);
    expect_entries(taker, first, first + 9);
    journal_tail_save(taker->tail, taker->journal, first + 4);
    journal_tail_save(taker->tail, taker->journal + 1, first + 7); /* of another journal */
    journal_tail_destroy(taker->tail);
    create_tail(taker);
    expect_entries(taker, first + 4, first + 9);
}

/* Waits until the tail has read this many entries in total, with the work of each second. */
static void keep_until_read(struct taker *taker, uint64_t entries)
{
    for (unsigned i = 0; i < DEADLINE_MS && read_total(taker) < entries; i++) {
        journal_tail_keep(taker->tail);
        poll(NULL, 0, 1);
    }
    assert_true(read_total(taker) >= entries);
}

/* A modbusd that was killed between the two. */
static void test_an_entry_without_a_wake_up(void **state)
{
    struct taker *taker = *state;
    uint64_t first = journal_next_sequence(&taker->writer);
    append(&taker->writer, first, first);
    keep_until_read(taker, read_total(taker) + 1);
    expect_entries(taker, first, first);
}

/* Nobody wakes those who wait at the former file. */
static void test_a_journal_that_was_replaced(void **state)
{
    struct taker *taker = *state;
    uint64_t before = read_total(taker);
    journal_close(&taker->writer);
    unlink(taker->place->path);
    open_writer(&taker->writer, taker->place);
    append(&taker->writer, 1, 3);
    keep_until_read(taker, before + 3);
    expect_entries(taker, 1, 3);
}

int main(void)
{
#define TEST(function) cmocka_unit_test_setup_teardown(function, open_taker, close_taker)
    const struct CMUnitTest tests[] = {
        TEST(test_more_entries_than_are_queued),
        TEST(test_a_loss_stands_in_its_order),
        TEST(test_losses_are_merged),
        TEST(test_the_position),
        TEST(test_an_entry_without_a_wake_up),
        TEST(test_a_journal_that_was_replaced),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
