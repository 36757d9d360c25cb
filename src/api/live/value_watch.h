/* Watches the values of all tags for changes, for streams. One thread at a time. */
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
    int64_t revision; /* of the store when the tags were read */
    uint64_t tick;    /* number of polls; a tag's version is the tick of its newest change */
    size_t count;
    struct watched_tag *tags; /* sorted by device and name */
    struct arena arena;       /* of the tags' texts */
};

/* Reads all values again. False when the store cannot be read. */
bool value_watch_poll(struct value_watch *watch);
/* Frees the tags; the next value_watch_poll loads them again. */
void value_watch_finish(struct value_watch *watch);
/* Empties the watch after value_watch_poll ran out of memory and its memory was freed. */
void value_watch_reset(struct value_watch *watch);

/* The position of a reader. Zero it before use: the first scan then returns all values. */
struct value_watch_reader {
    uint64_t seen;     /* the reader has all changes up to this tick */
    uint64_t scanning; /* the tick at which the current scan began */
    int64_t revision;  /* of the tags that `at` refers to */
    size_t at;         /* the next tag of the current scan; 0: no scan */
};

/* Writes a JSON array of the values that have changed since the reader's last scan: at most `limit`
 * values, of `device`, or of all devices if NULL. False, and writes nothing, when no value has
 * changed. */
bool value_watch_take_changes(struct value_watch *watch, struct value_watch_reader *reader,
                              const char *device, size_t limit, struct text *text);

#endif
