/* Follows the journal of SCADA's writes in its own thread, hands the entries to the MQTT thread,
 * and keeps the position up to which they have been published, over restarts. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_JOURNAL_TAIL_H
#define TAGFERRY_MQTTD_WRITEBACK_JOURNAL_TAIL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/thread.h"
#include "common/shared/counters.h"
#include "common/shared/journal.h"

struct journal_tail;

/* `notify` is raised when an event waits. NULL with the reason. */
struct journal_tail *journal_tail_create(const char *runtime_dir, struct wakeup *notify,
                                         struct counters *counters, char *why, size_t why_size);
/* Takes NULL. */
void journal_tail_destroy(struct journal_tail *journal_tail);

enum journal_tail_event {
    JOURNAL_TAIL_EMPTY, /* nothing waits */
    JOURNAL_TAIL_ENTRY,
    JOURNAL_TAIL_LOSS /* entries were lost: overwritten before they were read, or damaged */
};

/* The rest is for the MQTT thread. */

/* The next event, in the order of the journal. ENTRY fills the entry and the identity of the
 * journal that it is from. */
enum journal_tail_event journal_tail_next(struct journal_tail *journal_tail,
                                          struct journal_entry *entry, uint64_t *journal);
/* All entries of this journal below `position` are published: a restart begins there. Does nothing
 * when another journal has taken its place. */
void journal_tail_save(struct journal_tail *journal_tail, uint64_t journal, uint64_t position);
/* Restores the file of the position when it was cut short or removed. Call it once a second. Takes
 * NULL. */
void journal_tail_keep(struct journal_tail *journal_tail);

#endif
