/* Server-sent events, from the bytes of a stream that come in any portions. Pure. */
#ifndef TAGFERRY_CTL_WATCH_EVENT_STREAM_H
#define TAGFERRY_CTL_WATCH_EVENT_STREAM_H

#include <stdbool.h>
#include <stddef.h>

enum { EVENT_NAME_SIZE = 32 };
/* More data in one event are dropped, and so is that event. */
#define EVENT_DATA_MAX ((size_t)64 << 20)

/* Zero it, then set on_event. */
struct event_stream {
    /* Called for each event. The data end with a NUL, and are valid during the call. */
    void (*on_event)(void *context, const char *name, const char *data, size_t len);
    void *context;
    char name[EVENT_NAME_SIZE];
    char *line; /* the beginning of a line whose end has not come */
    size_t line_len, line_room;
    char *data;
    size_t len, room;
    bool has_data, is_too_large;
};

void event_stream_take(struct event_stream *stream, const char *bytes, size_t len);
/* Forgets what has come of an event, for a new connection. */
void event_stream_reset(struct event_stream *stream);
/* Frees what it has. */
void event_stream_finish(struct event_stream *stream);

#endif
