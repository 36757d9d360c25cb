/* The values of all tags, watched for changes, for streams. One thread at a time. */
#ifndef TAGFERRY_API_LIVE_VALUE_WATCH_H
#define TAGFERRY_API_LIVE_VALUE_WATCH_H

#include "api/live/tag_io.h"

struct watched_tag;

/* Set the first four members and zero the rest before use. */
struct value_watch {
    struct store *store;
    struct live_view *live;
    const struct modbus_links *links;
    const struct common_settings *common;
    int64_t revision; /* of the store that the tags are from */
    uint64_t tick;    /* counts the polls; a tag's version is that of its newest change */
    size_t count;
    struct watched_tag *tags; /* in order of device and name */
    struct arena arena;       /* of the tags' texts */
};

/* Looks at all values again. False when the store cannot be read. */
bool value_watch_poll(struct value_watch *watch);
void value_watch_finish(struct value_watch *watch);
/* Empties it after value_watch_poll was left for want of memory and its memory was freed. */
void value_watch_reset(struct value_watch *watch);

/* The position of a reader. Zero it before use: it then gets all values. */
struct value_watch_reader {
    uint64_t seen;     /* changes up to this tick were taken */
    uint64_t scanning; /* the tick at which the scan under way began */
    int64_t revision;  /* of the tags that `at` counts in */
    size_t at;
};

/* Writes a JSON array of what has changed for the reader, at most `limit` values, of one device or
 * of all for NULL. False when there is nothing, and nothing is written. */
bool value_watch_take_changes(struct value_watch *watch, struct value_watch_reader *reader,
                              const char *device, size_t limit, struct text *text);

#endif
