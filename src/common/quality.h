/* The quality of a tag or device: what its row in the live table says, at a given time. Pure. */
#ifndef TAGFERRY_COMMON_QUALITY_H
#define TAGFERRY_COMMON_QUALITY_H

#include <stdint.h>

#include "common/live.h"

enum quality { QUALITY_GOOD, QUALITY_STALE, QUALITY_BAD, QUALITY_NEVER, QUALITY_COUNT };

/* As the API names them, in the order of the enum, ended by NULL. */
extern const char *const quality_names[];

/* What status registers hold: 192, 500, 0, 0. */
uint16_t quality_code(enum quality quality);

/* After this long without a broker every value is stale. */
enum { QUALITY_BROKER_LIMIT_MS = 5000 };

/* What holds for all rows at a moment, worked out once for many. */
struct quality_moment {
    uint64_t session;       /* of mqttd: what an older one heard counts as never */
    uint64_t now_steady_ms; /* by the clock of clock_steady_ms */
    bool adrift;            /* mqttd is gone, or the broker lost for too long */
};

struct quality_moment quality_moment(const struct live_state *state, uint64_t now_steady_ms);

/* A row that live_read did not find is given as a zeroed one. `stale_after_s` is the device's; 0:
 * age alone never makes a value stale. */
enum quality quality_of_device(const struct quality_moment *moment, const struct live_row *device,
                               uint32_t stale_after_s);
/* `device` is the row of the tag's device: where that is unavailable, so is the tag. */
enum quality quality_of_tag(const struct quality_moment *moment, const struct live_row *tag,
                            const struct live_row *device, uint32_t stale_after_s);

#endif
