/* The counters under all interleavings: no addition is lost, no number is torn. */
#include "common/shared/counters.h"

#include "explore.h"
#include "region.h"

enum { COUNTED = MODBUSD_JOURNAL_ENTRIES, HISTOGRAM = MQTTD_BATCH_VALUES };

static struct {
    const struct counter_table *table;
    struct counters writer, saved, reader;
} bed;

static void open_both(const struct counter_table *table)
{
    char why[SHM_WHY_SIZE];
    region_remove_files();
    bed.table = table;
    explore_check(counters_open_writer(&bed.saved, table, "run", why, sizeof why) &&
                      counters_open_reader(&bed.reader, table, "run", why, sizeof why),
                  "the file opens");
}

static void begin(void)
{
    bed.writer = bed.saved;
}

static void open_counters(void)
{
    open_both(&modbusd_counters);
}

static void open_histogram(void)
{
    open_both(&mqttd_counters);
}

static int additions(void)
{
    return explore_is_deep() ? 3 : 2;
}

static void add(void)
{
    for (int i = 0; i < additions(); i++)
        counters_add(&bed.writer, COUNTED, 1);
}

static void check_sum(void)
{
    explore_check(counters_get(&bed.writer, COUNTED) == 3 * (uint64_t)additions(),
                  "no addition is lost");
}

static void read_sum(void)
{
    uint64_t before = 0;
    for (unsigned i = 0; i < 3; i++) {
        uint64_t sum = counters_get(&bed.reader, COUNTED);
        explore_check(sum >= before && sum <= 3 * (uint64_t)additions(), "a counter only grows");
        before = sum;
        explore_merge(i, sum);
    }
}

static void observe_small(void)
{
    counters_observe(&bed.writer, HISTOGRAM, 2, 1);
    counters_observe(&bed.writer, HISTOGRAM, 1, 1);
}

static void observe_large(void)
{
    counters_observe(&bed.writer, HISTOGRAM, 1000, 2);
}

static void check_histogram(void)
{
    enum { BUCKETS = MQTTD_MODBUS_FAILURES - MQTTD_BATCH_VALUES - 1 };
    uint64_t times = 0;
    for (size_t i = 0; i < BUCKETS; i++)
        times += counters_get(&bed.writer, HISTOGRAM + i);
    explore_check(times == 4 && counters_get(&bed.writer, HISTOGRAM + BUCKETS) == 2003,
                  "no observation is lost");
}

/* Both halves of a value are equal. */
static uint64_t gauge_of(uint64_t n)
{
    return n << 32 | n;
}

static void set_gauge(void)
{
    for (uint64_t i = 1; i <= (explore_is_deep() ? 4 : 3); i++)
        counters_set(&bed.writer, MODBUSD_STARTED_MS, gauge_of(i));
}

static void open_again(void)
{
    char why[SHM_WHY_SIZE];
    explore_check(counters_open_writer(&bed.writer, bed.table, "run", why, sizeof why),
                  "the next process opens the file");
    counters_set(&bed.writer, MODBUSD_STARTED_MS, gauge_of(9));
}

static void read_gauge(void)
{
    for (unsigned i = 0; i < 3; i++) {
        uint64_t seen = counters_get(&bed.reader, MODBUSD_STARTED_MS);
        explore_check(seen >> 32 == (seen & UINT32_MAX), "a number is whole");
        explore_merge(i, 0);
    }
}

int main(int argc, char **argv)
{
    static const struct scenario scenarios[] = {{.name = "add",
                                                 .set_up = open_counters,
                                                 .begin = begin,
                                                 .writers = {add, add, add},
                                                 .finish = check_sum,
                                                 .readers = {read_sum}},
                                                {.name = "observe",
                                                 .set_up = open_histogram,
                                                 .begin = begin,
                                                 .writers = {observe_small, observe_large},
                                                 .finish = check_histogram},
                                                {.name = "set",
                                                 .set_up = open_counters,
                                                 .begin = begin,
                                                 .writers = {set_gauge},
                                                 .recover = open_again,
                                                 .readers = {read_gauge}},
                                                {0}};
    static const struct mistake mistakes[] = {
        {"counters_add", "&counters->values[which]", SPLIT_ADDITION, "add"},
        {"counters_add", "&counters->values[which]", SPLIT_ADDITION, "observe"},
        {"counters_add", "&counters->values[which]", DROPPED_STORE, "observe"},
        {"counters_set", "&counters->values[which]", TORN_STORE, "set"},
        {0}};
    return explore_main(argc, argv, scenarios, mistakes);
}
