/* The order of setpoints that several gateways of one name take from SCADA. Pure.
 *
 * Each setpoint has a stamp, in microseconds since 1970, of a hybrid clock: the steady clock of the
 * machine plus an offset, which is the highest of that of the wall clock and those at which stamps
 * of other gateways have come. So the clock is never behind a stamp that was seen, neither when
 * clocks differ nor when one is set back, and it also tells when an entry of the journal was
 * written, before or after a setpoint of another gateway came. The newer stamp wins; of equal ones
 * the one of the greater client id. */
#ifndef TAGFERRY_MQTTD_MIRROR_MIRROR_ORDER_H
#define TAGFERRY_MQTTD_MIRROR_MIRROR_ORDER_H

#include <stdbool.h>
#include <stdint.h>

/* Above all stamps: a double holds each integer up to here, and the year 2255 is far. */
#define MIRROR_STAMP_LIMIT (UINT64_C(1) << 53)
/* Clocks may differ by a day. A stamp that is further ahead is refused: otherwise one wrong clock,
 * or one message of a stranger, would make all later setpoints old. */
#define MIRROR_AHEAD_US UINT64_C(86400000000)

struct mirror_clock {
    uint64_t offset_us;
};

/* Takes the present offset between the wall clock and the steady clock into account. A wall clock
 * that is set back by more than MIRROR_AHEAD_US was wrong: the clock follows it. */
void mirror_clock_set_wall(struct mirror_clock *mirror_clock, uint64_t wall_us, uint64_t steady_us);
/* Takes a stamp of another gateway into account, which came at this time of the steady clock. False
 * when it is too far ahead: then nothing changes. */
bool mirror_clock_see_stamp(struct mirror_clock *mirror_clock, uint64_t stamp, uint64_t steady_us);
/* The stamp of this time of the steady clock: 1 to MIRROR_STAMP_LIMIT - 1. */
uint64_t mirror_clock_stamp_at(const struct mirror_clock *mirror_clock, uint64_t steady_us);

/* A setpoint's place in the order. A stamp of 0 is before all. `from` is the client id, or NULL
 * with a stamp of 0. */
struct mirror_mark {
    uint64_t stamp;
    const char *from;
};

/* True when `mark` is newer than `than`. */
bool mirror_mark_is_newer(const struct mirror_mark *mark, const struct mirror_mark *than);

enum mirror_verdict {
    MIRROR_WRITE_IS_NEWEST,
    MIRROR_WRITE_IS_REPEATED,  /* an earlier process has published a newer one of this gateway */
    MIRROR_WRITE_IS_SUPERSEDED /* another gateway has a newer one */
};

/* Compares a write of SCADA at this gateway with the newest setpoint that is known. `latest`: the
 * latest stamp that the write can have, since its time is known by the millisecond; with the own
 * client id. `is_own_process`: the known one is of this process, which reads the journal in its
 * order. */
enum mirror_verdict mirror_order_judge(const struct mirror_mark *latest,
                                       const struct mirror_mark *known, bool is_own_process);

#endif
