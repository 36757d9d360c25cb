/* One Modbus server that values are written to, with a thread of its own, so that a slow or dead
 * server delays no other. The thread copies the marked rows of the live table, joins neighbours
 * into requests and writes them; for the local server, while its thread rests, the MQTT thread does
 * so, and does not wait for the answer. The last value wins: a row that is marked twice before its
 * turn is written once.
 *
 * Except for target_destroy, no function here waits for the server. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/targets/poll_table.h"
#include "mqttd/targets/raw_writes.h"
#include "mqttd/targets/target_spec.h"
#include "mqttd/targets/write_limits.h"

struct target;

/* The values that wait for a server. */
struct target_backlog {
    size_t values;     /* rows whose value is not written */
    uint64_t since_ms; /* when the first of them came, steady clock; undefined without values */
};

/* Copies the spec and starts the thread. NULL with errno. */
struct target *target_create(const struct target_spec *spec);
/* Asks the thread to retry all pending writes once and then to end. */
void target_stop(struct target *target);
/* Cancels target_stop. False when the thread has already ended: destroy the target. */
bool target_resume(struct target *target);
/* After target_stop: waits at most `timeout_ms` for the end of the thread. False while it runs. */
bool target_join_within(struct target *target, unsigned timeout_ms);
/* After target_stop: gives up the request under way if the server has not answered since
 * `since_ms`, steady clock, and any other. Repeat it until the thread has ended. */
void target_interrupt_silence(struct target *target, uint64_t since_ms);
/* Stops the thread and waits for its end. Accepts NULL. */
void target_destroy(struct target *target);
/* After target_stop: destroys the target if the thread has ended. Does not wait. False when the
 * thread still runs. */
bool target_try_destroy(struct target *target);
/* True when the target writes to this server. `digest`: its device_server_digest; NULL is the local
 * server. */
bool target_matches(const struct target *target, uint32_t digest,
                    const struct modbus_endpoint *server);

/* The functions that follow are for the MQTT thread only.
 *
 * While the rows are locked the target's thread copies none: the values of one message are written
 * together. Call nothing that may wait while they are locked. Calls may be nested. */
void target_lock_rows(struct target *target);
void target_unlock_rows(struct target *target);
/* Marks a row that has a new value. Call it with the rows locked, and target_wake_thread later:
 * until then the thread writes the row only if it runs anyway. */
void target_mark_dirty(struct target *target, uint32_t slot);
/* Stores a value in the row, as live_table_put_value does, and marks it. `words`: the registers of
 * the point, which only a string needs. Locks the rows. */
void target_put_value(struct target *target, uint32_t slot, const struct live_table_value *value,
                      const struct point *point, const uint16_t *words);
/* With the rows locked: true when the registers of a message count as those that were sent last,
 * which then replace `words`. Only with modbus.min_change of the row. */
bool target_is_unchanged(struct target *target, uint32_t slot, uint16_t *words);
/* With the rows locked, instead of target_mark_dirty: marks a row that has a new value of a
 * message, `changed`, which has to wait for modbus.min_interval_ms. */
void target_mark_limited(struct target *target, uint32_t slot, uint64_t changed);
/* The same for a value after target_is_unchanged: it is not written. */
void target_skip_unchanged(struct target *target, uint32_t slot, uint64_t changed);
/* The registers of the row may have another value than the one that was sent: the next one is
 * written. */
void target_forget_sent(struct target *target, uint32_t slot);
/* True when a mark was lost for lack of memory since the last call: mark all rows again whose value
 * is not written. */
bool target_take_lost_marks(struct target *target);
/* Reserves memory for `writes` calls of target_queue_write. False when out of memory: then those
 * writes may be lost. */
bool target_reserve_writes(struct target *target, size_t writes);
/* Queues a write and wakes the thread. Replaces words that still wait for the same registers. */
void target_queue_write(struct target *target, const struct target_write *write);
/* True while a queued write is not done. */
bool target_has_raw_writes(struct target *target);
/* If rows were marked since the last call, has them written: wakes the thread, or, while the thread
 * of the local server rests, sends their values to it. Does not wait. */
void target_wake_thread(struct target *target);
/* Sets the pace, the polls and the limits of writes of the server. Takes the polls and limits over
 * and zeroes `polls` and `write_limits`. */
void target_set_limits(struct target *target, const struct target_pace *pace, struct polls *polls,
                       struct write_limits *write_limits);
/* Of the local server: as sender_set_timeout. */
void target_set_timeout(struct target *target, uint64_t timeout_ms);
/* True while the server is known to be out of reach. */
bool target_is_down(struct target *target);
/* Adds the values that wait for this server to the backlog. */
void target_add_backlog(struct target *target, struct target_backlog *backlog);
/* Takes the losses since the last call, for target_unit_has_lost. False when there are none. */
bool target_take_losses(struct target *target);
/* True when the unit may have lost its register contents, by the losses that were taken last. */
bool target_unit_has_lost(const struct target *target, uint8_t unit);
/* Takes the next poll that found a change, or that was the first of its registers or whose row
 * shows no value: without a change it is not `known`. False when there is no such poll, or while
 * there are losses, which must be taken first.
 */
bool target_take_poll_change(struct target *target, struct poll *change);

#endif
