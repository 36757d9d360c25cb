/* Latencies of one run, and their percentiles. */
#ifndef TAGFERRY_BENCH_SAMPLES_H
#define TAGFERRY_BENCH_SAMPLES_H

#include <stddef.h>
#include <stdint.h>

/* Nanoseconds of the monotonic clock. */
uint64_t now_ns(void);
/* Sorts the samples. */
void samples_sort(uint64_t *samples, size_t count);
/* The sample below which `share` (0 to 1) of the sorted samples lie; 0 without samples. */
uint64_t samples_at(const uint64_t *sorted, size_t count, double share);

#endif
