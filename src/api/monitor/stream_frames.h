/* What streams send: events, composed once for all clients at the same position. One thread at a
 * time, but for the frames themselves. */
#ifndef TAGFERRY_API_MONITOR_STREAM_FRAMES_H
#define TAGFERRY_API_MONITOR_STREAM_FRAMES_H

#include "api/base/text.h"
#include "api/live/value_watch.h"

/* Bytes that several clients send. They do not change. */
struct stream_frame {
    size_t users; /* protected by the owner's lock */
    size_t len;
    char bytes[];
};

/* With one user. NULL when out of memory. */
struct stream_frame *stream_frame_create(const char *bytes, size_t len);
struct stream_frame *stream_frame_share(struct stream_frame *frame);
/* Frees the frame when it has no more users. Accepts NULL. */
void stream_frame_release(struct stream_frame *frame);

enum { STREAM_NO_EDITION = -1 }; /* nothing was told yet; an empty store has 0 */

/* What a client has been sent. */
struct stream_position {
    char device[PLAIN_NAME_MAX + 1]; /* only values of this one; "": of all */
    struct value_watch_reader reader;
    int64_t edition; /* of the store, the newest whose revision it was told */
    uint64_t sent;   /* values of the first scan */
    bool has_all;    /* the first scan is complete */
};

/* True when the same is to be sent next to clients at both positions. */
bool stream_position_is_equal(const struct stream_position *a, const struct stream_position *b);

/* The step from one position to the next. */
struct stream_step {
    struct stream_position before, after;
    struct stream_frame *frame; /* NULL: nothing to send */
    bool no_memory;             /* it could not be composed: `after` and `frame` do not count */
};

enum { STREAM_STEPS_MAX = 32 };

/* The newest steps. Set the watch and zero the rest before use. */
struct stream_frames {
    const struct value_watch *watch;
    struct memory *memory; /* of `draft` */
    struct text draft;
    struct stream_step steps[STREAM_STEPS_MAX];
    size_t count, next; /* the place of the next step */
};

/* True when there is nothing to send to a client at this position until the next poll. */
bool stream_frames_are_sent(const struct stream_frames *frames,
                            const struct stream_position *position);
/* Finds the step from this position; NULL if it is not composed yet. */
const struct stream_step *stream_frames_find(const struct stream_frames *frames,
                                             const struct stream_position *position);
/* Composes the step from this position, in place of the oldest. Returns the frame of that, which
 * the caller releases under its lock, or NULL. */
struct stream_frame *stream_frames_compose(struct stream_frames *frames,
                                           const struct stream_position *position);

#endif
