/* Counters that are a few before a power of two step across it: values of a row, entries of the
 * journal, of the message trace and of the history. */
#include "live_fixture.h"

#include <fcntl.h>
#include <string.h>

#include "api/history/history_ring.h"
#include "common/shared/counters.h"
#include "common/shared/journal.h"
#include "common/shared/message_trace.h"

enum { NEXT_AT = 32, STEPS = 6, BEFORE = 3 }; /* each file has its number behind the header */

static const uint64_t limits[] = {UINT64_C(1) << 16, UINT64_C(1) << 31, UINT64_C(1) << 32,
                                  UINT64_C(1) << 53};

static void set_number(const char *folder, const char *name, uint64_t number)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    int fd = open(path, O_WRONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    assert_int_equal(pwrite(fd, &number, sizeof number, NEXT_AT), sizeof number);
    close(fd);
}

static void remove_file(const char *folder, const char *name)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    unlink(path);
}

/* 50 days at 1,000 messages a second. */
static void test_values_of_a_row(void **state)
{
    struct folder *f = *state;
    const uint64_t first = live_table_make_owner(LIVE_TAG, 5),
                   second = live_table_make_owner(LIVE_TAG, 6);
    const uint64_t last = UINT64_C(0xffffffff);
    struct live_table_row row;
    struct live_table_value value = {.raw = 1};
    assert_true(live_table_claim_row(&f->writer, 0, first, false));
    uint64_t generation = live_table_put_value(&f->writer, 0, &value, NULL, 0) & ~last;
    shared_word_store(&live_table_row_at(&f->writer, 0)->changed, generation | (last - BEFORE));
    uint64_t newest = generation | (last - BEFORE), across = 0;
    for (uint64_t i = 2; i < 2 + 2 * BEFORE; i++) {
        uint64_t before = newest;
        const word *valid = live_table_row_at(&f->writer, 0)->copies[before & 1];
        value.raw = i;
        newest = live_table_put_value(&f->writer, 0, &value, NULL, 0);
        assert_true(newest > before);
        /* The copy that a reader may be reading is not the one that was written. */
        assert_ptr_not_equal(valid, live_table_row_at(&f->writer, 0)->copies[newest & 1]);
        assert_true(live_table_read_row(&f->reader, 0, first, &row));
        assert_int_equal(row.value.raw, i);
        assert_true(row.written < row.changed); /* it is still to be written */
        live_table_mark_written(&f->writer, 0, newest, i);
        assert_true(live_table_read_row(&f->reader, 0, first, &row));
        assert_true(row.written == newest && row.written_wall_ms == i);
        across = newest;
    }
    /* Another tag gets the row while a write of the first one is under way: that is none of its
     * values. */
    assert_true(live_table_claim_row(&f->writer, 0, second, false));
    uint64_t other = live_table_put_value(&f->writer, 0, &value, NULL, 0);
    assert_true(other > across);
    live_table_mark_written(&f->writer, 0, across, 1);
    assert_true(live_table_read_row(&f->reader, 0, second, &row));
    assert_true(row.changed == other && row.written < other && row.written_wall_ms == 0);
    reopen(f);
    assert_true(live_table_read_row(&f->reader, 0, second, &row));
    assert_true(row.changed == other);
}

static void test_entries_of_the_journal(void **state)
{
    struct folder *f = *state;
    char path[128];
    snprintf(path, sizeof path, "%s/journal", f->path);
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct journal writer, reader;
        struct journal_entry entry = {.unit = 1, .table = JOURNAL_HOLDING_REGISTER, .count = 1};
        assert_true(journal_open_writer(&writer, path, f->why, sizeof f->why));
        journal_close(&writer);
        uint64_t first = limits[i] - BEFORE, position = first;
        set_number(f->path, "journal", first);
        assert_true(journal_open_writer(&writer, path, f->why, sizeof f->why));
        assert_true(journal_open_reader(&reader, path, f->why, sizeof f->why));
        for (uint64_t step = 0; step < STEPS; step++) {
            entry.address = (uint16_t)step;
            journal_append_entry(&writer, &entry);
            struct journal_entry found;
            assert_int_equal(journal_read_entry(&reader, &position, &found), JOURNAL_ENTRY);
            assert_true(found.sequence == first + step && found.address == step &&
                        position == first + step);
            position++;
        }
        /* An overrun leads to the oldest entry. */
        for (unsigned more = 0; more <= JOURNAL_ENTRIES; more++)
            journal_append_entry(&writer, &entry);
        assert_int_equal(journal_read_entry(&reader, &position, &entry), JOURNAL_OVERRUN);
        assert_true(position == first + STEPS + 2);
        journal_close(&writer);
        assert_true(
            journal_open_writer(&writer, path, f->why, sizeof f->why)); /* its numbers are sound */
        assert_true(journal_next_sequence(&writer) == first + STEPS + JOURNAL_ENTRIES + 1);
        journal_close(&writer);
        journal_close(&reader);
        remove_file(f->path, "journal");
    }
}

static void test_entries_of_the_message_trace(void **state)
{
    struct folder *f = *state;
    char payload[TRACE_PAYLOAD_SIZE];
    for (size_t i = 0; i < COUNT(limits); i++) {
        struct message_trace writer, reader;
        struct message_trace_entry found;
        assert_true(message_trace_open_writer(&writer, f->path, f->why, sizeof f->why));
        message_trace_close(&writer);
        uint64_t newest = limits[i] - BEFORE;
        set_number(f->path, "messages", newest);
        assert_true(message_trace_open_writer(&writer, f->path, f->why, sizeof f->why));
        assert_true(message_trace_open_reader(&reader, f->path, f->why, sizeof f->why));
        for (uint64_t step = 1; step <= STEPS; step++) {
            message_trace_add_entry(&writer, &(struct message_trace_entry){.wall_ms = step}, NULL);
            assert_true(message_trace_newest_sequence(&reader) == newest + step);
        }
        for (uint64_t step = 1; step <= STEPS; step++) {
            assert_true(message_trace_read_entry(&reader, newest + step, &found, payload));
            assert_true(found.sequence == newest + step && found.wall_ms == step);
        }
        message_trace_close(&writer);
        assert_true(message_trace_open_writer(&writer, f->path, f->why, sizeof f->why));
        assert_true(message_trace_newest_sequence(&reader) == newest + STEPS);
        message_trace_close(&writer);
        message_trace_close(&reader);
        remove_file(f->path, "messages");
    }
}

static void test_entries_of_the_history(void **state)
{
    (void)state;
    enum { ENTRIES = 8, SIZE = HISTORY_HEAD_SIZE + ENTRIES * HISTORY_ENTRY_SIZE };
    for (size_t i = 0; i < COUNT(limits); i++) {
        uint64_t memory[SIZE / sizeof(uint64_t)] = {0};
        struct history_ring ring;
        assert_int_equal(history_ring_init(&ring, memory, SIZE, 1), HISTORY_EMPTY);
        uint64_t first = ring.next = limits[i] - BEFORE;
        for (uint64_t step = 0; step < STEPS; step++) {
            struct history_entry entry = {
                .wall_ms = 10 + step, .value = (double)step, .has_value = true};
            history_ring_append(&ring, history_ring_add_tag(&ring, 1 + step % 2), &entry);
        }
        history_ring_finish(&ring);
        assert_int_equal(history_ring_init(&ring, memory, SIZE, 1), HISTORY_KEPT);
        assert_true(ring.next == first + STEPS);
        /* The entries of a tag follow one another backwards. */
        const struct history_tag *tag = history_ring_find_tag(&ring, 1);
        assert_non_null(tag);
        assert_true(tag->newest == first + STEPS - 2);
        uint64_t at = tag->newest;
        for (unsigned count = 1; count < STEPS / 2; count++)
            at -= ring.older[at % ring.capacity];
        assert_true(at == first);
        history_ring_finish(&ring);
    }
}

/* A counter has all of its 64 bits, and does not stop. */
static void test_counters(void **state)
{
    struct folder *f = *state;
    struct counters writer;
    assert_true(counters_open_writer(&writer, &mqttd_counters, f->path, f->why, sizeof f->why));
    for (size_t i = 0; i < COUNT(limits); i++) {
        counters_set(&writer, MQTTD_MESSAGES, limits[i] - BEFORE);
        for (uint64_t step = 1; step <= STEPS; step++) {
            counters_add(&writer, MQTTD_MESSAGES, 1);
            assert_true(counters_get(&writer, MQTTD_MESSAGES) == limits[i] - BEFORE + step);
        }
    }
    counters_close(&writer);
    remove_file(f->path, mqttd_counters.file);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values_of_a_row, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_entries_of_the_journal, open_folder, close_folder),
        cmocka_unit_test_setup_teardown(test_entries_of_the_message_trace, open_folder,
                                        close_folder),
        cmocka_unit_test(test_entries_of_the_history),
        cmocka_unit_test_setup_teardown(test_counters, open_folder, close_folder),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
