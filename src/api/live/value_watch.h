/* Watches the values of all tags for changes, for streams. One thread at a time. */
#ifndef TAGFERRY_API_LIVE_VALUE_WATCH_H
#define TAGFERRY_API_LIVE_VALUE_WATCH_H

#include "api/base/plain_name.h"
#include "api/live/tag_io.h"

struct watched_tag;
struct watched_device;

/* A tag whose messages bring the same value again counts as changed after this time, so that
 * readers know its age. */
enum { VALUE_WATCH_REPEAT_MS = 5000 };

/* Set the first four members and zero the rest before use. */
struct value_watch {
    struct store *store;
    struct live_view *live;
    const struct modbus_links *links;
    const struct common_settings *common;
    int64_t revision;       /* of the store when the tags were read */
    int64_t edition;        /* the same, see store_read_edition */
    uint64_t load_again_ms; /* not before, steady */
    uint64_t tick;          /* number of polls */
    bool is_new;            /* the tags were read after the newest poll */
    size_t count, device_count;
    struct watched_tag *tags;       /* sorted by device and name; NULL: not read yet */
    uint64_t *versions;             /* of each tag: the tick of its newest change; 0: none */
    struct watched_device *devices; /* those that have tags, sorted by name */
    struct register_blocks blocks;
    struct quality_moment moment; /* of the newest poll */
    struct arena arena;           /* of the tags */
};

/* Looks for changes. Reads the tags again if the store has changed; while it changes all the time,
 * this takes at most a fifth of the thread's time. False when the store cannot be read: the values
 * of the tags read before are followed. */
bool value_watch_poll(struct value_watch *watch);
/* Frees the tags; the next value_watch_poll loads them again. */
void value_watch_finish(struct value_watch *watch);
/* Empties the watch after value_watch_poll ran out of memory and its memory was freed. */
void value_watch_reset(struct value_watch *watch);

/* The position of a reader. Zero it before use: the first scan then returns all values. */
struct value_watch_reader {
    uint64_t seen; /* the reader has all changes up to this tick */
    /* While a scan has more values than one call returns, else zeros: */
    bool is_scanning;
    uint64_t scanning;                                        /* the tick at which the scan began */
    int64_t edition;                                          /* of the tags that `at` refers to */
    size_t at;                                                /* the next tag */
    char device[PLAIN_NAME_MAX + 1], tag[PLAIN_NAME_MAX + 1]; /* the one before it */
};

/* True when both would get the same values. */
bool value_watch_reader_is_equal(const struct value_watch_reader *a,
                                 const struct value_watch_reader *b);

/* Writes a JSON array of the values that have changed since the reader's last scan: at most `limit`
 * values, of `device`, or of all devices if it is "". Returns the number of values; writes nothing
 * without values. The scan is complete when `is_scanning` is false after the call. */
size_t value_watch_take_changes(const struct value_watch *watch, struct value_watch_reader *reader,
                                const char *device, size_t limit, struct text *text);

#endif
