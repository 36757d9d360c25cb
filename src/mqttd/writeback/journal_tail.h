/* Follows the journal of SCADA's writes in a thread of its own, hands the entries to the MQTT
 * thread, and remembers how far they have been published. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_JOURNAL_TAIL_H
#define TAGFERRY_MQTTD_WRITEBACK_JOURNAL_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/thread.h"
#include "common/shared/counters.h"
#include "common/shared/journal.h"

struct journal_tail;

/* `notify` is raised when entries wait. NULL with the reason. */
struct journal_tail *journal_tail_create(const char *runtime_dir, struct wakeup *notify,
                                         struct counters *counters, char *why, size_t why_size);
/* Takes NULL. */
void journal_tail_destroy(struct journal_tail *journal_tail);

/* The next entry, in order, and the identity of the journal that it is from. False when none waits,
 * or when journal_tail_take_lost has something to say. */
bool journal_tail_next(struct journal_tail *journal_tail, struct journal_entry *entry,
                       uint64_t *journal);
/* True once after entries were lost, because the journal went round before they were read, or is
 * damaged. */
bool journal_tail_take_lost(struct journal_tail *journal_tail);
/* The MQTT thread is done with all entries of this journal below `position`: a restart begins
 * there. Ignored when another journal has taken its place. */
void journal_tail_save(struct journal_tail *journal_tail, uint64_t journal, uint64_t position);

/* To be called once a second: makes the file of the position whole again. */
void journal_tail_keep(struct journal_tail *journal_tail);

#endif
