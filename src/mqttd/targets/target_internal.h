/* A target from the inside: target.c has the MQTT thread's half, target_thread.c and
 * target_polls.c have the thread's. */
#ifndef TAGFERRY_MQTTD_TARGETS_TARGET_INTERNAL_H
#define TAGFERRY_MQTTD_TARGETS_TARGET_INTERNAL_H

#include <pthread.h>

#include "common/base/log_limit.h"
#include "mqttd/targets/dirty_rows.h"
#include "mqttd/targets/modbus_sender.h"
#include "mqttd/targets/raw_writes.h"
#include "mqttd/targets/row_snapshot.h"
#include "mqttd/targets/target.h"

enum { POLL_CHANGES_MAX = 64 };

struct target {
    struct target_spec spec;
    struct thread thread;

    bool touched; /* marked since target_wake_thread; the MQTT thread's alone */

    pthread_mutex_t lock;    /* for what follows, and while rows are put or copied */
    struct row_slots outbox; /* marked, and not handed over yet */
    struct dirty_rows dirty_rows;
    struct dirty_rows parked; /* the same, of channels that could not be reached */
    struct raw_writes raw_writes;
    bool has_new_raw_writes;        /* since the thread took them last */
    struct target_backlog taken;    /* out of the dirty_rows, and not written yet */
    bool is_writing_raw;            /* some are out of the raw_writes, and not written yet */
    uint8_t lost[CHANNELS_MAX / 8]; /* units that may have forgotten what they held */
    bool has_lost;
    struct target_pace pace;
    struct polls new_polls;
    bool has_new_polls;
    struct poll news[POLL_CHANGES_MAX]; /* a ring */
    size_t first_poll_change, poll_change_count;
    bool is_down; /* as the thread found it last */
    bool thread_has_ended;

    /* The MQTT thread's alone. */
    uint8_t lost_taken[CHANNELS_MAX / 8];

    /* The thread's alone. */
    struct sender sender;
    uint64_t refused_at_ms, refusal_said_ms, checked_ms;
    uint32_t refusal_place; /* that the log named last */
    struct row_slots working, refused, unparked;
    struct raw_writes owed;          /* taken out of the raw_writes, and not written yet */
    struct raw_writes refused_zeros; /* of one register each */
    bool has_parked[CHANNELS_MAX];   /* channels that rows are parked for */
    struct polls polls;
    uint64_t polls_at_ms[CHANNELS_MAX]; /* when the next round of a unit's polls is due */
    struct log_limit poll_faults;       /* lines about polls that fail */
    struct row_snapshot row_snapshot;
    struct batch_request request, requests[PIPELINE_MAX];
};

/* Runs in the thread until target_stop. `context` is the target. */
void target_thread(void *context);
/* Waits until then, on the steady clock; false when the target is to end. */
bool target_sleep_until(void *context, uint64_t until_ms);
/* Hands over what the sender has found to be lost, before anything that is read after it. */
void target_note_losses(struct target *target);
/* Polls the units that are due and can be reached. */
void target_run_polls(struct target *target);
/* Milliseconds until some unit is due and can be reached; `most` when none is. */
unsigned target_polls_due_ms(const struct target *target, unsigned most);

#endif
