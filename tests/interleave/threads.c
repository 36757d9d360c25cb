/* The modules with real threads and the atomic operations of the processor: one writer, and readers
 * that check what they get. See --help. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/require.h"
#include "common/shared/counters.h"
#include "common/shared/journal.h"
#include "common/shared/live_table.h"
#include "common/shared/message_trace.h"
#include "numbered_value.h"

enum { READERS_MAX = 64, TEXT_LENGTH = 100, COUNTED = MODBUSD_JOURNAL_ENTRIES };

static struct {
    unsigned rounds, readers;
    char folder[64], journal_path[96];
    atomic_bool has_ended; /* the writer */
    struct live_table live;
    struct journal journal;
    struct message_trace trace;
    struct counters counters;
    uint64_t owner;
} bed = {.rounds = 20000, .readers = 4};

/* Ends the process with the name of the property. */
static void check(bool holds, const char *property)
{
    if (holds)
        return;
    fprintf(stderr, "does not hold: %s\n", property);
    exit(EXIT_FAILURE);
}

static void write_live_table(uint64_t n)
{
    struct live_table_value value = numbered_value(n, UINT64_C(1) << 56 | 123 << 16);
    uint16_t text[TEXT_LENGTH];
    char excerpt[LIVE_EXCERPT_SIZE];
    for (unsigned i = 0; i < TEXT_LENGTH; i++)
        text[i] = (uint16_t)n;
    memset(excerpt, 'a' + (int)(n % 26), sizeof excerpt);
    live_table_put_value(&bed.live, 0, &value, text, TEXT_LENGTH);
    live_table_reject_value(&bed.live, 0, FAULT_NONE, excerpt, sizeof excerpt - 1, n);
}

static void read_live_table(const struct live_table *live, uint64_t *newest)
{
    struct live_table_row row;
    check(live_table_read_row(live, 0, bed.owner, &row), "the row keeps its owner");
    uint64_t n = row.value.raw;
    check(row.value.settings == n && row.value.coding == (n << 8 | 1) &&
              row.value.scale == (double)n && row.value.offset == (double)n &&
              row.value.wall_ms == n && row.value.steady_ms == n && row.value.source_ms == n,
          "a value is whole");
    for (unsigned i = 0; i < TEXT_LENGTH; i++)
        check(row.text[i] == (uint16_t)n, "a string is whole, and that of its value");
    for (unsigned i = 0; row.fault_wall_ms != 0 && i + 1 < LIVE_EXCERPT_SIZE; i++)
        check(row.excerpt[i] == 'a' + (int)(row.fault_wall_ms % 26), "a fault is whole");
    check(n >= *newest, "no value is older than one before");
    *newest = n;
}

static void write_journal(uint64_t n)
{
    struct journal_entry entry = {.steady_ms = n,
                                  .unit = 1,
                                  .table = JOURNAL_HOLDING_REGISTER,
                                  .count = (uint16_t)(1 + n % JOURNAL_VALUES_MAX)};
    for (unsigned i = 0; i < entry.count; i++)
        entry.values[i] = entry.masks[i] = (uint16_t)n;
    journal_append_entry(&bed.journal, &entry);
}

static void read_journal(const struct journal *journal, uint64_t *position)
{
    struct journal_entry entry;
    enum journal_result result = journal_read_entry(journal, position, &entry);
    check(result != JOURNAL_DAMAGED, "no entry is damaged");
    if (result != JOURNAL_ENTRY)
        return;
    uint64_t n = entry.sequence;
    check(n == *position && entry.steady_ms == n && entry.count == 1 + n % JOURNAL_VALUES_MAX,
          "an entry is that of its number");
    for (unsigned i = 0; i < entry.count; i++)
        check(entry.values[i] == (uint16_t)n && entry.masks[i] == (uint16_t)n, "an entry is whole");
    ++*position;
}

static void write_trace(uint64_t n)
{
    char payload[TRACE_PAYLOAD_SIZE];
    struct message_trace_entry entry = {
        .wall_ms = n, .device = (int64_t)n, .fault_tag = (int64_t)n};
    entry.len = (uint32_t)(n % 200);
    memset(payload, 'a' + (int)(n % 26), entry.len);
    snprintf(entry.topic, sizeof entry.topic, "%llu", (unsigned long long)n);
    message_trace_add_entry(&bed.trace, &entry, payload);
}

static void read_trace(const struct message_trace *trace, uint64_t *random)
{
    struct message_trace_entry entry;
    char payload[TRACE_PAYLOAD_SIZE];
    uint64_t newest = message_trace_newest_sequence(trace);
    *random = *random * UINT64_C(6364136223846793005) + 1;
    uint64_t n = newest > TRACE_ENTRIES && *random >> 63 ? newest - TRACE_ENTRIES + 1 : newest;
    if (!message_trace_read_entry(trace, n, &entry, payload))
        return;
    check(entry.wall_ms == n && entry.device == (int64_t)n && entry.fault_tag == (int64_t)n &&
              entry.len == n % 200 && strtoull(entry.topic, NULL, 10) == n,
          "an entry is whole");
    for (unsigned i = 0; i < entry.kept; i++)
        check(payload[i] == 'a' + (int)(n % 26), "an entry is whole");
}

static void *run_reader(void *context)
{
    char why[SHM_WHY_SIZE];
    struct live_table live;
    struct journal journal;
    struct message_trace trace;
    uint64_t newest = 0, position = 1, random = 1;
    (void)context;
    check(live_table_open_reader(&live, bed.folder, why, sizeof why) &&
              journal_open_reader(&journal, bed.journal_path, why, sizeof why) &&
              message_trace_open_reader(&trace, bed.folder, why, sizeof why),
          "the files open");
    while (!atomic_load(&bed.has_ended)) {
        read_live_table(&live, &newest);
        read_journal(&journal, &position);
        read_trace(&trace, &random);
        counters_add(&bed.counters, COUNTED, 1);
        counters_add(&bed.counters, MODBUSD_IMAGE_SYNCS, 1);
    }
    for (unsigned i = 0; i < bed.rounds; i++)
        counters_add(&bed.counters, MODBUSD_BYTES_IN, 1);
    live_table_close(&live);
    journal_close(&journal);
    message_trace_close(&trace);
    return NULL;
}

static void remove_folder(void)
{
    static const char *const names[] = {"live", "live-strings", "messages", "modbusd.counters",
                                        "journal"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", bed.folder, names[i]);
        unlink(path);
    }
    rmdir(bed.folder);
}

static void open_files(void)
{
    char why[SHM_WHY_SIZE];
    const char *parent = getenv("TMPDIR");
    snprintf(bed.folder, sizeof bed.folder, "%s/interleave-XXXXXX", parent ? parent : "/tmp");
    check(mkdtemp(bed.folder) != NULL, "there is a temporary folder");
    atexit(remove_folder);
    snprintf(bed.journal_path, sizeof bed.journal_path, "%s/journal", bed.folder);
    bed.owner = live_table_make_owner(LIVE_TAG, 1);
    check(live_table_open_writer(&bed.live, bed.folder, why, sizeof why) &&
              live_table_claim_row(&bed.live, 0, bed.owner, true) &&
              journal_open_writer(&bed.journal, bed.journal_path, why, sizeof why) &&
              message_trace_open_writer(&bed.trace, bed.folder, why, sizeof why) &&
              counters_open_writer(&bed.counters, &modbusd_counters, bed.folder, why, sizeof why),
          "the files open");
    write_live_table(1);
    write_journal(1);
    write_trace(1);
}

int main(int argc, char **argv)
{
    if (argc > 1)
        bed.rounds = (unsigned)strtoul(argv[1], NULL, 10);
    if (argc > 2)
        bed.readers = (unsigned)strtoul(argv[2], NULL, 10);
    if (argc > 3 || bed.rounds < 1 || bed.readers < 1 || bed.readers > READERS_MAX) {
        printf("Usage: %s [ROUNDS [READERS]]\n\n"
               "The writer does ROUNDS operations of each kind, 20000 by default, beside READERS "
               "threads\n"
               "that read, 4 by default and %d at most.\n",
               argv[0], READERS_MAX);
        return argc > 1 && strcmp(argv[1], "--help") == 0 ? EXIT_SUCCESS : 2;
    }
    pthread_t threads[READERS_MAX];
    open_files();
    for (unsigned i = 0; i < bed.readers; i++)
        REQUIRE(pthread_create(&threads[i], NULL, run_reader, NULL) == 0);
    for (uint64_t n = 2; n < 2 + (uint64_t)bed.rounds; n++) {
        write_live_table(n);
        write_journal(n);
        write_trace(n);
    }
    atomic_store(&bed.has_ended, true);
    for (unsigned i = 0; i < bed.readers; i++)
        pthread_join(threads[i], NULL);
    uint64_t reads = counters_get(&bed.counters, COUNTED);
    check(reads == counters_get(&bed.counters, MODBUSD_IMAGE_SYNCS) &&
              counters_get(&bed.counters, MODBUSD_BYTES_IN) == (uint64_t)bed.rounds * bed.readers,
          "no addition is lost");
    printf("%u rounds of the writer, %llu of %u readers\n", bed.rounds, (unsigned long long)reads,
           bed.readers);
    live_table_close(&bed.live);
    journal_close(&bed.journal);
    message_trace_close(&bed.trace);
    counters_close(&bed.counters);
    return EXIT_SUCCESS;
}
