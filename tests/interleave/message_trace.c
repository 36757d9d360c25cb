/* The message trace under all interleavings: a reader gets an entry whole, or not at all. */
#include "common/shared/message_trace.h"

#include <stdio.h>
#include <string.h>

#include "explore.h"
#include "region.h"

/* The format of the file, which message_trace.c asserts. */
enum { FIRST_SLOT = 64, SLOT_SIZE = 1376, FACTS_SKIPPED = 16 };

static struct {
    struct message_trace writer, saved, reader;
    unsigned process; /* 0: the first writer, 1: its successor */
} bed;

/* Each member of an entry follows from its sequence number and the process. */
static void make_entry(struct message_trace_entry *entry, char payload[TRACE_PAYLOAD_SIZE],
                       uint64_t sequence, unsigned process)
{
    int64_t n = (int64_t)sequence * 2 + process;
    memset(entry, 0, sizeof *entry);
    entry->sequence = sequence;
    entry->wall_ms = (uint64_t)n;
    entry->device = n;
    entry->fault_at = (uint32_t)n;
    entry->tags = (uint16_t)n;
    entry->verdict = TRACE_TAKEN;
    entry->fault_tag = n;
    entry->len = (uint32_t)snprintf(payload, TRACE_PAYLOAD_SIZE, "%d", (int)n);
    entry->kept = (uint16_t)entry->len;
    snprintf(entry->topic, sizeof entry->topic, "t%d", (int)n);
    snprintf(entry->keys, sizeof entry->keys, "k%d", (int)n);
}

static void add(unsigned count)
{
    struct message_trace_entry entry;
    char payload[TRACE_PAYLOAD_SIZE];
    for (unsigned i = 0; i < count; i++) {
        make_entry(&entry, payload, bed.writer.sequence + 1, bed.process);
        message_trace_add_entry(&bed.writer, &entry, payload);
    }
}

/* A whole ring: the next entry overwrites the first one. */
static void open_full_trace(void)
{
    char why[SHM_WHY_SIZE];
    region_remove_files();
    bed.process = 0;
    explore_check(message_trace_open_writer(&bed.writer, "run", why, sizeof why) &&
                      message_trace_open_reader(&bed.reader, "run", why, sizeof why),
                  "the file opens");
    add(TRACE_ENTRIES);
    bed.saved = bed.writer;
    /* All words of an entry are alike: four of them have no choice, to save time. The first slots
     * are those of the numbers 1024 and 1025. */
    for (size_t i = 0; i < 4 && !explore_is_deep(); i++)
        explore_read_oldest((const char *)bed.reader.shm.base + FIRST_SLOT + i * SLOT_SIZE +
                                FACTS_SKIPPED,
                            4 * sizeof(uint64_t));
}

static void begin(void)
{
    bed.writer = bed.saved;
    bed.process = 0;
}

static void add_entries(void)
{
    add(explore_is_deep() ? 3 : 2);
}

static void open_again(void)
{
    char why[SHM_WHY_SIZE];
    bed.process = 1;
    explore_check(message_trace_open_writer(&bed.writer, "run", why, sizeof why),
                  "the next process opens the file");
    add(1);
}

/* Reads an entry and checks it. False if the reader does not get it. */
static bool read_entry(uint64_t sequence)
{
    struct message_trace_entry entry, expected;
    char payload[TRACE_PAYLOAD_SIZE], expected_payload[TRACE_PAYLOAD_SIZE];
    if (!message_trace_read_entry(&bed.reader, sequence, &entry, payload))
        return false;
    make_entry(&expected, expected_payload, sequence, entry.wall_ms % 2);
    explore_check(entry.sequence == sequence && entry.wall_ms == expected.wall_ms &&
                      entry.device == expected.device && entry.fault_at == expected.fault_at &&
                      entry.tags == expected.tags && entry.fault_tag == expected.fault_tag &&
                      entry.len == expected.len && entry.kept == expected.kept &&
                      strcmp(entry.topic, expected.topic) == 0 &&
                      strcmp(entry.keys, expected.keys) == 0 &&
                      strcmp(payload, expected_payload) == 0,
                  "an entry is whole");
    return true;
}

static void read_newest(void)
{
    uint64_t before = TRACE_ENTRIES;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t newest = message_trace_newest_sequence(&bed.reader);
        explore_check(newest >= before, "the newest number only grows");
        explore_check(read_entry(newest), "the newest entry is there");
        before = newest;
        explore_merge(i, newest);
    }
}

/* The entry that is overwritten first. */
static void read_oldest(void)
{
    read_entry(1);
    explore_merge(1, 0);
    read_entry(2);
}

/* The next entry, which may not be counted yet. */
static void read_next(void)
{
    read_entry(TRACE_ENTRIES + 1);
    explore_merge(1, 0);
    read_entry(TRACE_ENTRIES + 2);
}

int main(int argc, char **argv)
{
    static const struct scenario scenarios[] = {{.name = "add",
                                                 .set_up = open_full_trace,
                                                 .begin = begin,
                                                 .writers = {add_entries},
                                                 .recover = open_again,
                                                 .readers = {read_newest, read_oldest, read_next}},
                                                {0}};
    static const struct mistake mistakes[] = {
        {"trace_store_bytes", "to++", RELAXED_ORDER, "add"},
        {"trace_store_bytes", "to", LATE_STORE, "add"},
        {"trace_load_bytes", "from", RELAXED_ORDER, "add"},
        {"message_trace_add_entry", "&place->sequence", DROPPED_MARK, "add"},
        {"message_trace_add_entry", "&place->sequence", LATE_STORE, "add"},
        {"message_trace_add_entry", "&place->sequence", RELAXED_ORDER, "add"},
        {"message_trace_read_entry", "&place->sequence", RELAXED_ORDER, "add"},
        {"message_trace_add_entry", "&trace_ring_of(explain)->newest", RELAXED_ORDER, "add"},
        {0}};
    return explore_main(argc, argv, scenarios, mistakes);
}
