/* The quality of a tag or device, with the reason if it is not good, from its row in the live table
 * and the time. Pure. */
#ifndef TAGFERRY_COMMON_SHARED_QUALITY_H
#define TAGFERRY_COMMON_SHARED_QUALITY_H

#include <stdint.h>

#include "common/shared/live_table.h"

enum quality { QUALITY_GOOD, QUALITY_STALE, QUALITY_BAD, QUALITY_NEVER, QUALITY_COUNT };

/* The names in the API, in the order of the enum, ended by NULL. */
extern const char *const quality_names[];

/* The reason why a quality is not good. */
enum quality_reason {
    REASON_NONE, /* it is good */
    REASON_NEVER_HEARD,
    REASON_SILENT,       /* no message within stale_after_s, or none after a retained one */
    REASON_UNAVAILABLE,  /* according to its availability topic */
    REASON_BROKER_LOST,  /* for longer than QUALITY_BROKER_LIMIT_MS */
    REASON_MQTTD_DOWN,   /* no heartbeat for LIVE_HEARTBEAT_LIMIT_MS */
    REASON_MODBUSD_DOWN, /* the local Modbus server cannot be reached */
    REASON_TARGET_DOWN,  /* the foreign Modbus server cannot be reached */
    REASON_REFUSED,      /* the newest value was refused; for a device, that of each tag */
    REASON_OLD_MESSAGES, /* the newest message was dropped for its time stamp */
    REASON_NOT_JSON,     /* the newest message was not valid JSON */
    REASON_SUBSCRIPTION_REFUSED,
    REASON_BAD_QUALITY, /* the device reports that the value is not good */
    REASON_EXPIRED,     /* SCADA has not written the setpoint for mqtt.expires_s */
    REASON_DISABLED,
    REASON_OTHER_GATEWAY, /* another gateway holds the device */
    REASON_COUNT
};

/* The names in the API, in the order of the enum, ended by NULL. The API shows the first, "none",
 * as null. */
extern const char *const quality_reason_names[];

struct quality_verdict {
    enum quality quality;
    enum quality_reason reason; /* REASON_NONE exactly when the quality is good */
};

/* The code in status registers: 192 good, 500 stale, 0 bad or never. */
uint16_t quality_code(enum quality quality);

/* Without a broker connection for this long, every value is stale. */
enum { QUALITY_BROKER_LIMIT_MS = 5000 };

/* The state that applies to all rows at one time, computed once for many rows. */
struct quality_moment {
    uint64_t session;            /* of mqttd: outcomes of older sessions count as none */
    uint64_t now_steady_ms;      /* clock_steady_ms */
    enum quality_reason gateway; /* MQTTD_DOWN or BROKER_LOST: every value is stale; else NONE */
    bool modbusd_down;           /* set by the caller: every value on the local server is stale */
    bool target_counts; /* set by the caller: a value that its server has not accepted is stale */
};

/* Computes the moment, with `modbusd_down` and `target_counts` false. */
struct quality_moment quality_moment(const struct live_table_state *state, uint64_t now_steady_ms);
/* True when the two are alike but for the time. */
bool quality_moment_is_same(const struct quality_moment *a, const struct quality_moment *b);

/* The relevant settings of a device, or of a tag and its device. */
struct quality_terms {
    uint32_t stale_after_s; /* 0: age alone never makes a value stale */
    bool is_foreign;        /* the registers are on a foreign Modbus server */
    bool is_disabled;
    bool is_elsewhere; /* another gateway holds the device */
    bool is_own;       /* of a tag: Tagferry sets its value, not messages */
};

/* The quality of a device. Pass a zeroed row if live_table_read_row returned false. */
struct quality_verdict quality_of_device(const struct quality_moment *moment,
                                         const struct live_table_row *device,
                                         const struct quality_terms *terms);
/* The quality of a tag. `device` is the row of its device: if that is unavailable, so is the tag.
 */
struct quality_verdict quality_of_tag(const struct quality_moment *moment,
                                      const struct live_table_row *tag,
                                      const struct live_table_row *device,
                                      const struct quality_terms *terms);

/* True when the value of the row must not be shown as a current one: because of its age, a lost
 * broker, or a refused subscription. False for a row without a value. */
bool quality_is_too_old(const struct quality_moment *moment, const struct live_table_row *row,
                        uint32_t stale_after_s);
/* Returns the time, steady ms, from which the age of the row's value makes it stale; UINT64_MAX if
 * it never does, or does already. To know when a quality changes with time alone, ask for the rows
 * of the tag and of its device. */
uint64_t quality_stale_from_ms(const struct quality_moment *moment,
                               const struct live_table_row *row, uint32_t stale_after_s);

#endif
