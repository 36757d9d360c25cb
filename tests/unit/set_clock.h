/* A clock that the test sets. Link with --wrap=clock_steady_ms and --wrap=clock_wall_ms. */
#ifndef TAGFERRY_TESTS_SET_CLOCK_H
#define TAGFERRY_TESTS_SET_CLOCK_H

#include <stdatomic.h>
#include <stdint.h>

#define SET_CLOCK_START UINT64_C(1000000)

static _Atomic uint64_t set_clock_ms = SET_CLOCK_START;

uint64_t __wrap_clock_steady_ms(void);
uint64_t __wrap_clock_wall_ms(void);

uint64_t __wrap_clock_steady_ms(void)
{
    return set_clock_ms;
}

/* The year 2023. */
uint64_t __wrap_clock_wall_ms(void)
{
    return UINT64_C(1700000000000) + set_clock_ms;
}

#endif
