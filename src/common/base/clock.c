/* Reads the clocks. */
#include "common/base/clock.h"

#include "common/base/require.h"

static uint64_t clock_read_units(clockid_t id, uint64_t per_second)
{
    struct timespec now;
    int error = clock_gettime(id, &now);
    REQUIRE(error == 0);
    uint64_t fraction = (uint64_t)now.tv_nsec / (1000000000U / per_second);
    return (uint64_t)now.tv_sec * per_second + fraction;
}

uint64_t clock_wall_ms(void)
{
    return clock_read_units(CLOCK_REALTIME, 1000);
}

uint64_t clock_wall_us(void)
{
    return clock_read_units(CLOCK_REALTIME, 1000000);
}

uint64_t clock_steady_ms(void)
{
    return clock_read_units(CLOCK_BOOTTIME, 1000);
}

uint64_t clock_steady_us(void)
{
    return clock_read_units(CLOCK_BOOTTIME, 1000000);
}

struct timespec clock_deadline(unsigned ms)
{
    struct timespec at;
    clock_gettime(CLOCK_MONOTONIC, &at);
    at.tv_nsec += (long)(ms % 1000) * 1000000;
    at.tv_sec += (time_t)(ms / 1000) + at.tv_nsec / 1000000000;
    at.tv_nsec %= 1000000000;
    return at;
}
