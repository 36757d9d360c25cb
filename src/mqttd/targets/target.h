/* One Modbus server that values go to, with a thread of its own, so that a slow or dead one delays
 * nobody else. Its thread copies the marked rows of the live table, joins neighbours into requests
 * and writes. The last value wins: a row marked twice before its turn is written once.
 *
 * The local server has two process sides, one for the tables that SCADA writes and one for the
 * inputs; a foreign one has a single connection and its own pace. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/net.h"
#include "common/base/thread.h"
#include "common/shared/counters.h"
#include "common/shared/live_table.h"
#include "mqttd/targets/poll_table.h"

struct target;

struct target_spec {
    bool local;
    struct net_addr outputs; /* or the foreign server */
    struct net_addr inputs;  /* of the local one */
    uint32_t digest;         /* device_server_digest of it: rows of another are not written */
    uint8_t first_unit;      /* of the local one, for the sign of life */
    unsigned timeout_ms;     /* of one request */
    struct live_table *live;
    struct counters *counters;
    struct wakeup *notify; /* raised when there are poll changes or losses to take */
};

struct target_pace {
    uint16_t max_write_registers;
    uint32_t min_interval_ms;
    bool write_single;
};

/* A write without a row. */
struct target_write {
    uint8_t unit, table;
    uint16_t address, count; /* 1 to 123 */
    uint16_t mask;           /* not 0: only these bits of one register */
    bool has_words;          /* else zeros */
    uint16_t words[4];
};

/* What waits for a server. */
struct target_backlog {
    size_t values;     /* rows whose value it has not */
    uint64_t since_ms; /* the first of them, steady clock; nothing when there is none */
};

/* Starts the thread. NULL with errno. */
struct target *target_create(const struct target_spec *spec);
/* Asks the thread to write what waits once more, where the server can be reached, and to end. */
void target_stop(struct target *target);
/* Has one that was told to stop go on. False when its thread has come to its end. */
bool target_resume(struct target *target);
/* Stops the thread and waits for its end. Takes NULL. */
void target_destroy(struct target *target);
/* The same for one that was told to stop. False when its thread has not come to its end yet. */
bool target_try_destroy(struct target *target);
/* True when it writes to this server, whose device_server_digest is given; NULL for the host: the
 * local one. */
bool target_matches(const struct target *target, uint32_t digest, const char *host, uint16_t port);

/* For the MQTT thread. Between these two the target's thread copies no row, so that what a message
 * puts is written together. Short: no call that may wait comes in between. One hold may lie within
 * another. */
void target_lock_rows(struct target *target);
void target_unlock_rows(struct target *target);
/* A row has been put, between target_lock_rows and target_unlock_rows. The thread is told by
 * target_wake_thread, and takes it along if it comes by before. */
void target_mark_dirty(struct target *target, uint32_t slot);
/* True when there was no memory for a mark since the last call: the rows whose values are not
 * written are to be marked again. */
bool target_take_lost_marks(struct target *target);
/* Makes room for so many more target_queue_write, which without it do nothing. False without
 * memory. */
bool target_reserve_writes(struct target *target, size_t writes);
/* A write to the same place that still waits is replaced. */
void target_queue_write(struct target *target, const struct target_write *write);
/* True while such a write waits. */
bool target_has_raw_writes(struct target *target);
void target_wake_thread(struct target *target);
void target_set_pace(struct target *target, const struct target_pace *pace);
/* Takes over the polls, which it zeroes. */
void target_set_polls(struct target *target, struct polls *polls);
/* True while it cannot be reached, as far as is known. */
bool target_is_down(struct target *target);
/* Adds what waits for this server; of the times the earlier one stays. */
void target_add_backlog(struct target *target, struct target_backlog *wait);
/* Takes what the server may have forgotten since the last call; false when that is nothing.
 * target_unit_has_lost then says it of each unit. There are no news while something is to be taken.
 */
bool target_take_losses(struct target *target);
bool target_unit_has_lost(const struct target *target, uint8_t unit);
/* The next polled registers that have changed. False when there are none. */
bool target_take_poll_change(struct target *target, struct poll *news);

#endif
