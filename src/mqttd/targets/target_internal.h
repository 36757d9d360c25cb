/* A target from the inside. target.c has the MQTT thread's half. The other files are the thread's:
 * target_thread.c waits for work and calls target_write.c and target_polls.c. */
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
    uint64_t since_ms; /* when its message came, steady clock; 0 for status registers */
};

/* Copies of rows: what they held when they were taken. */
struct row_snapshot {
    ARRAY_OF(struct batch_item) items; /* sorted; `index` of one is its place in `rows` */
    ARRAY_OF(struct snapshot_row) rows;
    ARRAY_OF(uint16_t) words;
};

struct target {
    struct target_spec spec;
    struct thread thread;

    /* The MQTT thread's. */
    bool has_marked;     /* since target_wake_thread */
    unsigned lock_depth; /* of target_lock_rows */
    uint8_t lost_taken[CHANNELS_MAX / 8];

    pthread_mutex_t lock;    /* for what follows, and while rows are put or copied */
    struct row_slots outbox; /* marked since target_wake_thread */
    struct dirty_rows dirty_rows;
    struct dirty_rows parked; /* rows of channels that could not be reached */
    struct raw_writes raw_writes;
    bool has_new_raw_writes;        /* since the thread took them last */
    struct target_backlog taken;    /* out of dirty_rows, and not written yet */
    bool is_writing_raw;            /* some are out of raw_writes, and not written yet */
    uint8_t lost[CHANNELS_MAX / 8]; /* units that may have forgotten their registers */
    bool has_lost;
    struct target_pace pace;
    struct polls new_polls;
    bool has_new_polls;
    struct poll poll_changes[POLL_CHANGES_MAX]; /* a ring */
    size_t first_poll_change, poll_change_count;
    bool is_down; /* as the thread found it last */
    bool thread_has_ended;

    /* The thread's. */
    struct sender sender;
    uint64_t checked_ms;       /* when the connection was checked last */
    bool is_short;             /* there was no memory for some work of this round, which waits */
    struct row_slots working;  /* rows in hand */
    struct row_slots unparked; /* empty but while they move */
    bool has_parked[CHANNELS_MAX];
    struct row_slots refused;        /* rows whose value the server refused */
    struct raw_writes owed;          /* taken out of raw_writes, and not written yet */
    struct raw_writes refused_zeros; /* of one register each */
    uint64_t refused_at_ms;          /* when the first of the refused ones was refused */
    uint64_t refusal_said_ms;        /* when the log named one last */
    uint32_t refusal_place;          /* and which */
    struct polls polls;
    uint64_t polls_at_ms[CHANNELS_MAX]; /* when the next round of a unit's polls is due */
    struct log_limit poll_faults;       /* lines about polls that fail */
    struct row_snapshot snapshot;
    struct batch_request request, requests[PIPELINE_MAX];
};

/* Runs in the thread until target_stop. `context` is the target. */
void target_thread(void *context);
/* Waits until then, on the steady clock; `context` is the target. False when it is to end. */
bool target_sleep_until(void *context, uint64_t until_ms);

/* Tries to write `owed`, which is not empty. What cannot be written now stays in it. */
void target_write_owed(struct target *target);
/* Writes the dirty rows. Those that cannot be written now are parked, or kept as refused; those
 * that there is no memory for stay dirty. */
void target_write_dirty_rows(struct target *target);

/* Hands the sender's losses, of which there are some, to the MQTT thread. Call it before anything
 * that was read after them is handed over. */
void target_note_losses(struct target *target);
/* Polls the units that are due and can be reached. */
void target_run_polls(struct target *target);
/* Milliseconds until a unit is due and can be reached; at most `most`. */
unsigned target_polls_due_ms(const struct target *target, unsigned most);

#endif
