/* The history of tags: a thread that records changes, at most once a second, and queries. */
#ifndef TAGFERRY_API_HISTORY_HISTORY_H
#define TAGFERRY_API_HISTORY_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct history;
struct history_query;
struct live_view;
struct thread_ctx;
struct value;

/* Opens the file and starts the thread; only this thread may use the thread_ctx. With history_mb of
 * 0, and while the file cannot be opened, which is logged and tried again, the history is off. NULL
 * when out of memory or the thread cannot start. */
struct history *history_start(struct thread_ctx *thread_ctx);
/* Accepts NULL. */
void history_stop(struct history *history);

/* Call it once a second, from one thread: repairs the file, and wakes the thread if there may be
 * something to record. `live` was refreshed; `version` is from store_read_version. Accepts a NULL
 * history. */
void history_tick(struct history *history, const struct live_view *live, uint64_t version);
/* Says that the API has written this value to the tag; NULL for one that is not known. From any
 * thread. Does not block for long. Accepts a NULL history. */
void history_note_write(struct history *history, int64_t tag, const struct value *value);
/* Reads a tag's history; `query` is as for history_ring_query. False, with the reason as a sentence
 * in `why`, while the history is off. From any thread; blocks the others while it reads the tag: in
 * all about 10 ms for 30,000 entries. */
bool history_read_tag(struct history *history, int64_t tag, struct history_query *query,
                      uint64_t *kept_from_ms, char *why, size_t why_size);

#endif
