/* Latencies of one run, and their percentiles. */
#include "samples.h"

#include <stdlib.h>
#include <time.h>

uint64_t now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000U + (uint64_t)now.tv_nsec;
}

static int compare(const void *a, const void *b)
{
    uint64_t first = *(const uint64_t *)a, second = *(const uint64_t *)b;
    return (first > second) - (first < second);
}

void samples_sort(uint64_t *samples, size_t count)
{
    qsort(samples, count, sizeof *samples, compare);
}

uint64_t samples_at(const uint64_t *sorted, size_t count, double share)
{
    if (count == 0)
        return 0;
    size_t index = (size_t)((double)count * share);
    return sorted[index < count ? index : count - 1];
}
