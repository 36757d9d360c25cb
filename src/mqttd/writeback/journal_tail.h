/* Follows the journal of SCADA's writes in a thread of its own, queues its entries for the MQTT
 * thread, and keeps the position up to which they are published, over restarts. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_JOURNAL_TAIL_H
#define TAGFERRY_MQTTD_WRITEBACK_JOURNAL_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/thread.h"
#include "common/shared/counters.h"
#include "common/shared/journal.h"

struct journal_tail;

/* Starts the thread, which raises `notify` when an event is queued. Borrows `notify` and
 * `counters`. NULL with the reason in `why`. */
struct journal_tail *journal_tail_create(const char *runtime_dir, struct wakeup *notify,
                                         struct counters *counters, char *why, size_t why_size);
/* Accepts NULL. */
void journal_tail_destroy(struct journal_tail *journal_tail);

enum journal_tail_event {
    JOURNAL_TAIL_EMPTY, /* there is no event */
    JOURNAL_TAIL_ENTRY,
    JOURNAL_TAIL_LOSS /* entries were lost: overwritten before they were read, or damaged */
};

/* The functions that follow are for the MQTT thread only. */

/* Takes the next event, in the order of the journal. JOURNAL_TAIL_ENTRY sets the entry and the
 * identity of its journal. JOURNAL_TAIL_LOSS sets the identity, and the entry's sequence: the
 * number that the next entry of the journal had when the loss was found, so that those before it
 * are older than what is read from a register later; 0 if all of them have been taken or were lost.
 */
enum journal_tail_event journal_tail_next(struct journal_tail *journal_tail,
                                          struct journal_entry *entry, uint64_t *journal);
/* Stores that all entries of this journal before `position` are published: a restart begins there.
 * Does nothing when another journal has replaced it. */
void journal_tail_save(struct journal_tail *journal_tail, uint64_t journal, uint64_t position);
/* Calls `take` with each entry that is not published, as far as is known, in their order. False
 * when journal_tail_next will return JOURNAL_TAIL_LOSS. */
bool journal_tail_each_waiting(struct journal_tail *journal_tail,
                               void (*take)(void *context, const struct journal_entry *entry),
                               void *context);
/* Call it once a second: restores the file of the position if it was truncated or removed, and has
 * the thread look for another journal if there is one. Takes NULL. */
void journal_tail_keep(struct journal_tail *journal_tail);

#endif
