/* One Modbus server that values go to, with a thread of its own, so that a slow or dead one delays
 * no other. The thread copies the marked rows of the live table, joins neighbours into requests and
 * writes them. The last value wins: a row marked twice before its turn is written once.
 *
 * Except for target_create and target_destroy, what is here never waits for the server. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/targets/poll_table.h"
#include "mqttd/targets/raw_writes.h"
#include "mqttd/targets/target_spec.h"

struct target;

/* The values that wait for a server. */
struct target_backlog {
    size_t values;     /* rows whose value the server does not have */
    uint64_t since_ms; /* when the first of them came, steady clock; undefined without values */
};

/* Starts the thread. NULL with errno. */
struct target *target_create(const struct target_spec *spec);
/* Asks the thread to try once more to write what waits, and to end. */
void target_stop(struct target *target);
/* Takes target_stop back. False when the thread has ended: destroy the target. */
bool target_resume(struct target *target);
/* Stops the thread and waits for its end. Takes NULL. */
void target_destroy(struct target *target);
/* The same without waiting, after target_stop. False when the thread has not ended yet. */
bool target_try_destroy(struct target *target);
/* True when it writes to this server, whose device_server_digest is given. NULL for the host is the
 * local server. */
bool target_matches(const struct target *target, uint32_t digest, const char *host, uint16_t port);

/* All that follow are for the MQTT thread.
 *
 * Between these two the target's thread copies no row: the values of one message are written
 * together. Make no call in between that may wait. Calls may be nested. */
void target_lock_rows(struct target *target);
void target_unlock_rows(struct target *target);
/* The row has a new value. Between target_lock_rows and target_unlock_rows. The thread is not woken
 * before target_wake_thread; it takes the row along when it writes others. */
void target_mark_dirty(struct target *target, uint32_t slot);
/* True when a mark was lost for lack of memory since the last call: mark all rows again whose value
 * is not written. */
bool target_take_lost_marks(struct target *target);
/* Makes room for so many target_queue_write. False when out of memory; then these may be lost. */
bool target_reserve_writes(struct target *target, size_t writes);
/* Replaces a write to the same place that still waits. */
void target_queue_write(struct target *target, const struct target_write *write);
/* True while a queued write waits or is under way. */
bool target_has_raw_writes(struct target *target);
/* Wakes the thread when rows were marked. */
void target_wake_thread(struct target *target);
void target_set_pace(struct target *target, const struct target_pace *pace);
/* Takes the polls over and zeroes `polls`. */
void target_set_polls(struct target *target, struct polls *polls);
/* True while the server is known to be out of reach. */
bool target_is_down(struct target *target);
/* Adds what waits for this server; the earlier of the times stays. */
void target_add_backlog(struct target *target, struct target_backlog *backlog);
/* Takes the losses since the last call: target_unit_has_lost then answers for each unit whether its
 * server may have forgotten its registers. False when there are none. */
bool target_take_losses(struct target *target);
bool target_unit_has_lost(const struct target *target, uint8_t unit);
/* Takes the next polled registers that have changed, or were read for the first time; then they are
 * not `known`. False when there are none, or while there are losses to take, which come first. */
bool target_take_poll_change(struct target *target, struct poll *change);

#endif
