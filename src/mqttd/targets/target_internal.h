/* The inner parts of a target. target.c has the functions for the MQTT thread. The other files are
 * for the target's thread: target_thread.c waits for work and calls target_write.c and
 * target_polls.c. While the thread of the local target rests, the MQTT thread sends in its place:
 * target_send_now.c. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_INTERNAL_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_INTERNAL_H

#include <pthread.h>

#include "common/base/array.h"
#include "common/base/log_limit.h"
#include "mqttd/targets/dirty_rows.h"
#include "mqttd/targets/modbus_sender.h"
#include "mqttd/targets/target.h"

enum { POLL_CHANGES_MAX = 64 };

/* A row whose value is being written. */
struct snapshot_row {
    uint32_t slot;
    uint64_t changed;
    uint64_t since_ms; /* when its message came, steady clock; 0: status registers, or it had to
                        * wait for modbus.min_interval_ms */
};

/* Copies of rows, all made at the same moment. */
struct row_snapshot {
    ARRAY_OF(struct batch_item) items; /* sorted; `index` points into `rows` */
    ARRAY_OF(struct snapshot_row) rows;
    ARRAY_OF(uint16_t) words;
};

struct target {
    struct target_spec spec;
    struct thread thread;

    /* Used by the MQTT thread only. */
    bool has_marked;                      /* since target_wake_thread */
    unsigned lock_depth;                  /* of target_lock_rows */
    uint8_t lost_taken[CHANNELS_MAX / 8]; /* units, by target_take_losses */

    /* Protects the members of this paragraph, and rows while they are put or copied. */
    pthread_mutex_t lock;
    struct row_slots outbox; /* marked since target_wake_thread */
    struct dirty_rows dirty_rows;
    struct dirty_rows parked;         /* rows of channels that are out of reach */
    struct write_limits write_limits; /* also keeps the rows that wait for their interval */
    struct raw_writes raw_writes;
    bool has_new_raw_writes;        /* since the thread took them last */
    struct target_backlog taken;    /* from dirty_rows, and not written yet */
    bool is_writing_raw;            /* some were taken from raw_writes, and are not written yet */
    uint8_t lost[CHANNELS_MAX / 8]; /* units that may have lost their register contents */
    bool has_lost;
    struct target_pace pace;
    struct polls new_polls;
    bool has_new_polls;
    struct poll poll_changes[POLL_CHANGES_MAX]; /* a ring */
    size_t first_poll_change, poll_change_count;
    bool is_down; /* as the thread found it last */
    bool thread_has_ended;
    bool may_send_now; /* the thread rests: see target_send_now */
    size_t sent_count; /* `requests` that target_send_now has sent */

    /* Used by the target's thread only; `sender`, `working`, `snapshot` and `requests` also by
     * target_send_now. */
    struct sender sender;
    uint64_t checked_ms;             /* when the connection was checked last */
    bool has_lost_link;              /* a socket of the local server was readable unasked */
    bool is_short;                   /* there was no memory for a part of this round */
    struct row_slots working;        /* rows that are being written */
    struct row_slots unparked;       /* empty except while rows move from `parked` */
    bool has_parked[CHANNELS_MAX];   /* the channel has rows in `parked` */
    struct row_slots refused;        /* rows whose value the server refused */
    struct raw_writes owed;          /* taken from raw_writes, and not written yet */
    struct raw_writes refused_zeros; /* of one register each */
    uint64_t refused_at_ms;          /* when the first row or zero was refused */
    uint64_t refusal_said_ms;        /* when the log named a refused value last */
    uint32_t refusal_place;          /* of that value: unit, table and address */
    struct polls polls;
    uint64_t polls_at_ms[CHANNELS_MAX]; /* when the next round of a unit's polls is due */
    struct log_limit poll_faults;       /* lines about polls that fail */
    struct row_snapshot snapshot;
    struct batch_request request, requests[PIPELINE_MAX];
};

/* The thread's function: runs until target_stop. `context` is the target. */
void target_thread(void *context);
/* The rest of a sender, whose pace it updates. `context` is the target. */
bool target_keep_pace(void *context, uint64_t since_ms);

/* True when the value of the row waits for modbus.min_interval_ms. Locks. */
bool target_holds_row(struct target *target, uint32_t slot);
/* Writes `owed`, which is not empty. Writes that are not possible now remain in it. */
void target_write_owed(struct target *target);
/* With the lock held: moves the dirty rows to `working`, and copies those whose value is not
 * written and that belong to this server, in any order. Returns the number of rows that were looked
 * at: fewer than all when out of memory. */
size_t target_take_dirty_rows(struct target *target);
/* With the lock held: empties `working`; its rows from `first` on are dirty again. */
void target_release_rows(struct target *target, size_t first);
/* The channel of an item of the snapshot. */
uint8_t target_item_channel(const struct target *target, size_t item);
/* Takes the results of the first `count` of `requests`: notes what was written, parks rows of a
 * channel out of reach, and writes values of a refused request one by one. */
void target_take_results(struct target *target, size_t count, const enum modbus_result *results);
/* Called by the MQTT thread with the lock held, when rows were marked: while the local target's
 * thread rests, sends the dirty rows without waiting, so that they need not wait until that thread
 * has woken up. It takes the answers. False if the thread has to be woken to write the rows. */
bool target_send_now(struct target *target);
/* Decides whether target_send_now may send while the thread waits. Call it with the lock held, at
 * the start of the wait. */
void target_offer_rest(struct target *target);
/* Waits for the answers to what target_send_now has sent, and takes them. */
void target_take_answers(struct target *target);
/* Writes the dirty rows. Rows of a channel out of reach are parked, and refused rows are kept for a
 * later attempt; rows that there is no memory for stay dirty. */
void target_write_dirty_rows(struct target *target);

/* Hands the losses that the sender has noted to the MQTT thread. Call it only when there are some,
 * and before a poll that was read after them is handed over. */
void target_note_losses(struct target *target);
/* Polls the units that are due and can be reached. */
void target_run_polls(struct target *target);
/* Milliseconds until a unit is due and can be reached; at most `most`. */
unsigned target_polls_due_ms(const struct target *target, unsigned most);

#endif
