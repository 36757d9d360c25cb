/* Reads the journal of SCADA's writes a second time, without a thread, to know when setpoints were
 * written last: also while the broker is away, when journal_tail waits. Used by the MQTT thread
 * only. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_JOURNAL_WATCH_H
#define TAGFERRY_MQTTD_WRITEBACK_JOURNAL_WATCH_H

#include "mqttd/writeback/journal_tail.h"

struct journal_watch;

/* NULL when out of memory. */
struct journal_watch *journal_watch_create(const char *runtime_dir);
/* Accepts NULL. */
void journal_watch_destroy(struct journal_watch *journal_watch);
/* Returns the next event, from the oldest entry that the journal has. JOURNAL_TAIL_LOSS: entries
 * before the next one were lost. Does not wait. */
enum journal_tail_event journal_watch_next(struct journal_watch *journal_watch,
                                           struct journal_entry *entry, uint64_t now_ms);
/* Ends the reading: the next call begins with the oldest entry again. */
void journal_watch_stop(struct journal_watch *journal_watch);

#endif
