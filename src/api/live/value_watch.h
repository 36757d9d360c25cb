/* The values of all tags, watched for changes, for those who stream them. One thread at a time. */
#ifndef TAGFERRY_API_LIVE_VALUE_WATCH_H
#define TAGFERRY_API_LIVE_VALUE_WATCH_H

#include "api/live/tag_io.h"

struct feed_tag;

/* Zero it, except the worker, before use. */
struct feed {
    struct worker *worker; /* its links are the feed's own */
    int64_t revision;      /* of the store that the tags are from */
    uint64_t tick;         /* counts the looks; a tag's version is that of its newest change */
    size_t count;
    struct feed_tag *tags; /* in order of device and name */
    struct arena arena;    /* of the tags' texts */
};

/* Looks at all values again. False when the store cannot be read. */
bool feed_look(struct feed *feed);
void feed_finish(struct feed *feed);
/* Begins again with nothing, after feed_look was left for want of memory and its memory freed. */
void feed_forget(struct feed *feed);

/* Where a reader stands. Zero it at first: it then gets everything. */
struct feed_reader {
    uint64_t seen;     /* changes up to this tick were taken */
    uint64_t scanning; /* the tick at which the scan under way began */
    int64_t revision;  /* of the tags that `at` counts in */
    size_t at;
};

/* Writes a JSON array of what has changed for the reader, at most `limit` values, of one device or
 * of all for NULL. False when there is nothing, and nothing is written. */
bool feed_take(struct feed *feed, struct feed_reader *reader, const char *device, size_t limit,
               struct text *text);

#endif
