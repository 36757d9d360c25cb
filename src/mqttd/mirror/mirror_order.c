/* Compares setpoints by their stamps. */
#include "mqttd/mirror/mirror_order.h"

#include <string.h>

#include "common/base/require.h"

void mirror_clock_set_wall(struct mirror_clock *mirror_clock, uint64_t wall_us, uint64_t steady_us)
{
    uint64_t offset_us = wall_us > steady_us ? wall_us - steady_us : 0;
    if (offset_us > mirror_clock->offset_us ||
        mirror_clock->offset_us - offset_us > MIRROR_AHEAD_US)
        mirror_clock->offset_us = offset_us;
}

bool mirror_clock_see_stamp(struct mirror_clock *mirror_clock, uint64_t stamp, uint64_t steady_us)
{
    uint64_t now = mirror_clock_stamp_at(mirror_clock, steady_us);
    if (stamp >= MIRROR_STAMP_LIMIT || (stamp > now && stamp - now > MIRROR_AHEAD_US))
        return false;
    if (stamp > now)
        mirror_clock->offset_us += stamp - now;
    return true;
}

uint64_t mirror_clock_stamp_at(const struct mirror_clock *mirror_clock, uint64_t steady_us)
{
    uint64_t most = MIRROR_STAMP_LIMIT - 1, offset_us = mirror_clock->offset_us;
    if (steady_us > most || offset_us > most - steady_us)
        return most;
    return steady_us + offset_us > 0 ? steady_us + offset_us : 1;
}

bool mirror_mark_is_newer(const struct mirror_mark *mark, const struct mirror_mark *than)
{
    REQUIRE(mark->stamp == 0 || mark->from);
    REQUIRE(than->stamp == 0 || than->from);
    if (mark->stamp != than->stamp)
        return mark->stamp > than->stamp;
    return mark->stamp != 0 && strcmp(mark->from, than->from) > 0;
}

enum mirror_verdict mirror_order_judge(const struct mirror_mark *latest,
                                       const struct mirror_mark *known, bool is_own_process)
{
    REQUIRE(latest->stamp > 0 && latest->from);
    if (known->stamp == 0 || mirror_mark_is_newer(latest, known))
        return MIRROR_WRITE_IS_NEWEST;
    if (strcmp(latest->from, known->from) != 0)
        return MIRROR_WRITE_IS_SUPERSEDED;
    return is_own_process || latest->stamp == known->stamp ? MIRROR_WRITE_IS_NEWEST
                                                           : MIRROR_WRITE_IS_REPEATED;
}
