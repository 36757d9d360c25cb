/* Looks at the live table for changes of tags and adds them to the ring. One thread at a time. */
#ifndef TAGFERRY_API_HISTORY_HISTORY_WATCH_H
#define TAGFERRY_API_HISTORY_HISTORY_WATCH_H

#include <pthread.h>

#include "api/history/history_ring.h"
#include "api/live/live_view.h"
#include "api/store/store.h"
#include "common/base/settings.h"

/* A value that the API has written to a tag. */
struct history_note {
    int64_t tag;
    uint64_t wall_ms;
    bool has_value;
    double value;
};

struct recorded_device;
struct recorded_tag;

/* Set the first five members and zero the rest before use. */
struct history_watch {
    struct store *store;
    struct live_view *live;
    const struct common_settings *common;
    struct history_ring *ring;
    pthread_mutex_t *mutex;          /* held while the ring is changed */
    uint64_t version;                /* store_read_version when the tags were read */
    int64_t edition;                 /* see store_read_edition */
    struct recorded_device *devices; /* both sorted by id */
    struct recorded_tag *tags;
    size_t device_count, tag_count;
    struct quality_moment moment; /* of the newest look */
    bool saw_live;                /* the live table was there */
    uint64_t since_ms, now_ms;    /* wall clock: of the look before, and of this one */
    uint64_t due_ms; /* steady: when the time alone changes a quality; UINT64_MAX: never */
};

/* Adds an entry for each tag of which something has changed since the last call, and sets `due_ms`;
 * call it at most once a second. Reads the tags of the store again when they have changed.
 * Allocates in the innermost memory_run. False when the store cannot be read. */
bool history_watch_look(struct history_watch *watch, const struct history_note *notes,
                        size_t note_count);
/* Forgets the tags, also after history_watch_look ran out of memory and its memory was freed. The
 * next call reads them again. */
void history_watch_reset(struct history_watch *watch);

#endif
