/* The quality of a tag or device, and why it is not good: what its row in the live table says, at a
 * given time. Pure. */
#ifndef TAGFERRY_COMMON_SHARED_QUALITY_H
#define TAGFERRY_COMMON_SHARED_QUALITY_H

#include <stdint.h>

#include "common/shared/live_table.h"

enum quality { QUALITY_GOOD, QUALITY_STALE, QUALITY_BAD, QUALITY_NEVER, QUALITY_COUNT };

/* As the API names them, in the order of the enum, ended by NULL. */
extern const char *const quality_names[];

/* Why a quality is not good. */
enum quality_reason {
    REASON_NONE, /* it is good */
    REASON_NEVER_HEARD,
    REASON_SILENT,       /* nothing came within stale_after_s, or live since a retained message */
    REASON_UNAVAILABLE,  /* by its availability topic */
    REASON_BROKER_LOST,  /* for longer than QUALITY_BROKER_LIMIT_MS */
    REASON_MQTTD_DOWN,   /* its heartbeat is missing */
    REASON_MODBUSD_DOWN, /* the local Modbus server is out of reach */
    REASON_TARGET_DOWN,  /* so is the foreign one that has the registers */
    REASON_REFUSED,      /* the newest value, or of a device every newest value, was refused */
    REASON_OLD_MESSAGES, /* the newest message was dropped for its time stamp */
    REASON_NOT_JSON,     /* the newest message was no JSON */
    REASON_SUBSCRIPTION_REFUSED,
    REASON_BAD_QUALITY, /* the device itself says that the value is not good */
    REASON_EXPIRED,
    REASON_DISABLED,
    REASON_COUNT
};

/* As the API names them, in the order of the enum, ended by NULL. The first is "none", which the
 * API shows as null. */
extern const char *const quality_reason_names[];

struct quality_verdict {
    enum quality quality;
    enum quality_reason reason; /* REASON_NONE if and only if the quality is good */
};

/* What status registers hold: 192, 500, 0, 0. */
uint16_t quality_code(enum quality quality);

/* After this long without a broker every value is stale. */
enum { QUALITY_BROKER_LIMIT_MS = 5000 };

/* What holds for all rows at a moment, worked out once for many. */
struct quality_moment {
    uint64_t session;            /* of mqttd: what an older one heard counts as never */
    uint64_t now_steady_ms;      /* by the clock of clock_steady_ms */
    enum quality_reason gateway; /* MQTTD_DOWN or BROKER_LOST: every value is stale; else NONE */
    bool modbusd_down;  /* set by whoever knows: every value on the local server is stale */
    bool target_counts; /* a write that the value's server has not taken makes it stale */
};

/* `modbusd_down` and `target_counts` are false in it. */
struct quality_moment quality_moment(const struct live_table_state *state, uint64_t now_steady_ms);

/* The settings of a device, or of a tag and its device, that decide. */
struct quality_terms {
    uint32_t stale_after_s; /* 0: age alone never makes a value stale */
    bool is_foreign;        /* the registers lie on a foreign Modbus server */
    bool is_disabled;
};

/* A row that live_table_read_row did not find is given as a zeroed one. */
struct quality_verdict quality_of_device(const struct quality_moment *moment,
                                         const struct live_table_row *device,
                                         const struct quality_terms *terms);
/* `device` is the row of the tag's device: where that is unavailable, so is the tag. */
struct quality_verdict quality_of_tag(const struct quality_moment *moment,
                                      const struct live_table_row *tag,
                                      const struct live_table_row *device,
                                      const struct quality_terms *terms);

/* True when no value has come for so long, whatever came in its place, that the row's value must
 * not pass for a new one: by age, by a lost broker, or because its topic is refused. False for a
 * row without a value. */
bool quality_is_too_old(const struct quality_moment *moment, const struct live_table_row *row,
                        uint32_t stale_after_s);

#endif
