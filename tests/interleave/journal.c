/* The journal under all interleavings: a reader gets entries whole and in order, or an overrun for
 * those that are overwritten, and it is woken for each. */
#include "common/shared/journal.h"

#include <string.h>

#include "common/base/hash.h"
#include "explore.h"
#include "memory.h"
#include "region.h"

static struct {
    struct journal writer, saved, reader;
    unsigned process;  /* 0: the first writer, 1: its successor */
    uint64_t appended; /* the newest sequence number whose entry is complete */
    uint64_t first;    /* the sequence number of the first entry that the writers append */
    uint64_t position; /* of the reader */
} bed;

/* Each number of an entry follows from its sequence number and the process. */
static void make_entry(struct journal_entry *entry, uint64_t sequence, unsigned process)
{
    memset(entry, 0, sizeof *entry);
    entry->sequence = sequence;
    entry->steady_ms = sequence * 2 + process;
    entry->unit = (uint8_t)(1 + process);
    entry->table = JOURNAL_HOLDING_REGISTER;
    entry->address = (uint16_t)sequence;
    entry->count = (uint16_t)(3 + process);
    for (unsigned i = 0; i < entry->count; i++) {
        entry->values[i] = (uint16_t)(sequence + i);
        entry->masks[i] = (uint16_t)(sequence + process);
    }
}

static void append(unsigned count, bool wakes)
{
    struct journal_entry entry;
    for (unsigned i = 0; i < count; i++) {
        make_entry(&entry, bed.writer.next, bed.process);
        journal_append_entry(&bed.writer, &entry);
        if (wakes)
            journal_wake_readers(&bed.writer);
    }
}

static void open_journal(void)
{
    char why[SHM_WHY_SIZE];
    region_remove_files();
    bed.process = 0;
    explore_check(journal_open_writer(&bed.writer, "run/journal", why, sizeof why) &&
                      journal_open_reader(&bed.reader, "run/journal", why, sizeof why),
                  "the file opens");
    append(3, false);
    bed.saved = bed.writer;
}

/* A whole ring: the next entry overwrites the first one. */
static void open_full_journal(void)
{
    open_journal();
    append(JOURNAL_ENTRIES - 3, false);
    bed.saved = bed.writer;
}

static void begin(void)
{
    bed.writer = bed.saved;
    bed.first = bed.saved.next;
    bed.process = 0;
}

static void append_entries(void)
{
    append(explore_is_deep() ? 3 : 2, false);
}

static void append_and_wake(void)
{
    append(explore_is_deep() ? 3 : 2, true);
}

static void open_again(void)
{
    char why[SHM_WHY_SIZE];
    bed.process = 1;
    explore_check(journal_open_writer(&bed.writer, "run/journal", why, sizeof why),
                  "the next process opens the file");
    append(1, true);
}

static void check_entry(const struct journal_entry *entry)
{
    struct journal_entry expected;
    unsigned process = entry->unit - 1U;
    explore_check(entry->sequence == bed.position && process < 2, "an entry is that of its number");
    make_entry(&expected, entry->sequence, process);
    explore_check(entry->steady_ms == expected.steady_ms && entry->table == expected.table &&
                      entry->address == expected.address && entry->count == expected.count &&
                      memcmp(entry->values, expected.values, 4 * sizeof *entry->values) == 0 &&
                      memcmp(entry->masks, expected.masks, 4 * sizeof *entry->masks) == 0,
                  "an entry is whole");
    explore_check(process == 0 || entry->sequence >= bed.first, "an entry is appended once");
}

/* Reads the next entry. The writer's `next` says what is in the ring in the end. */
static enum journal_result read_next(struct journal_entry *entry)
{
    uint64_t before = bed.position, end = bed.writer.next;
    enum journal_result result = journal_read_entry(&bed.reader, &bed.position, entry);
    explore_check(result != JOURNAL_DAMAGED, "no entry is damaged");
    if (result == JOURNAL_ENTRY) {
        check_entry(entry);
        bed.position++;
    }
    explore_check(result != JOURNAL_OVERRUN ||
                      (bed.position > before && bed.position - 1 + JOURNAL_ENTRIES <= end),
                  "only overwritten entries are skipped");
    explore_check(result != JOURNAL_EMPTY || bed.position == before, "nothing moves the position");
    explore_check(bed.position <= end, "no entry is read before it is appended");
    return result;
}

static void read_entries(uint64_t position, unsigned times)
{
    struct journal_entry entry;
    bed.position = position;
    for (unsigned i = 0; i < times; i++) {
        enum journal_result result = read_next(&entry);
        explore_merge(i, hash64_add(bed.position, &result, sizeof result));
    }
}

static void read_first(void)
{
    read_entries(1, 3);
}

static void read_second(void)
{
    read_entries(2, 2);
}

static void read_newest(void)
{
    read_entries(bed.first - 1, 4);
}

static void follow(void)
{
    struct journal_entry entry;
    bed.position = bed.first;
    while (bed.position < bed.writer.next) {
        if (read_next(&entry) == JOURNAL_EMPTY)
            journal_wait_entry(&bed.reader, bed.position, 1000);
        explore_merge(0, bed.position);
    }
}

static void check_sleep(void)
{
    explore_check(bed.position == bed.writer.next, "a reader is woken for each entry");
}

int main(int argc, char **argv)
{
    static const struct scenario scenarios[] = {{.name = "append",
                                                 .set_up = open_journal,
                                                 .begin = begin,
                                                 .writers = {append_entries},
                                                 .recover = open_again,
                                                 .readers = {read_newest}},
                                                {.name = "overwrite",
                                                 .set_up = open_full_journal,
                                                 .begin = begin,
                                                 .writers = {append_entries},
                                                 .recover = open_again,
                                                 .readers = {read_first, read_second, read_newest}},
                                                {.name = "wake",
                                                 .set_up = open_journal,
                                                 .begin = begin,
                                                 .writers = {append_and_wake},
                                                 .recover = open_again,
                                                 .readers = {follow},
                                                 .on_sleep = check_sleep},
                                                {0}};
    static const struct mistake mistakes[] = {
        {"journal_store_values", "&to[i]", RELAXED_ORDER, "overwrite"},
        {"journal_store_values", "&to[i]", LATE_STORE, "append"},
        {"journal_load_values", "&from[i]", RELAXED_ORDER, "overwrite"},
        {"journal_append_entry", "&slot->body[0]", RELAXED_ORDER, "overwrite"},
        {"journal_append_entry", "&slot->sequence", DROPPED_MARK, "overwrite"},
        {"journal_append_entry", "&slot->sequence", LATE_STORE, "append"},
        {"journal_read_entry", "&slot->body[1]", RELAXED_ORDER, "overwrite"},
        {"journal_set_next", "&journal_ring_of(journal)->next", RELAXED_ORDER, "append"},
        {"journal_set_next", "&journal_ring_of(journal)->next", LATE_STORE, "wake"},
        {"journal_set_next", "&journal_ring_of(journal)->next", DROPPED_STORE, "append"},
        {"journal_wake_readers", "&ring->wake", RELAXED_ORDER, "wake"},
        {"journal_wait_entry", "&ring->wake", RELAXED_ORDER, "wake"},
        {0}};
    return explore_main(argc, argv, scenarios, mistakes);
}
