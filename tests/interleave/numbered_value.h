/* A value of the live table of which each word tells a number, so that a torn one is noticed. */
#ifndef TAGFERRY_INTERLEAVE_NUMBERED_VALUE_H
#define TAGFERRY_INTERLEAVE_NUMBERED_VALUE_H

#include "common/shared/live_table.h"

static inline struct live_table_value numbered_value(uint64_t n, uint64_t place)
{
    return (struct live_table_value){.settings = n,
                                     .place = place,
                                     .coding = n << 8 | 1,
                                     .scale = (double)n,
                                     .offset = (double)n,
                                     .raw = n,
                                     .wall_ms = n,
                                     .steady_ms = n,
                                     .source_ms = n};
}

#endif
