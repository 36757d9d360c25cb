#include "ctl/watch/event_stream.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/keep.h"

/* Appends to a growing text that always has room for a NUL. */
static void event_append(char **text, size_t *len, size_t *room, const char *bytes, size_t more)
{
    if (*room - *len <= more) {
        *room = (*len + more) * 2 + 1;
        *text = keep_realloc(*text, *room);
    }
    memcpy(*text + *len, bytes, more);
    *len += more;
    (*text)[*len] = '\0';
}

static void event_end(struct event_stream *stream)
{
    if (stream->has_data && !stream->is_too_large)
        stream->on_event(stream->context, stream->name[0] ? stream->name : "message", stream->data,
                         stream->len);
    stream->name[0] = '\0';
    stream->len = 0;
    stream->has_data = stream->is_too_large = false;
}

static void event_take_line(struct event_stream *stream, const char *line, size_t len)
{
    static const char event[] = "event:", data[] = "data:";
    len -= len > 0 && line[len - 1] == '\r';
    if (len == 0) {
        event_end(stream);
    } else if (len >= sizeof event - 1 && memcmp(line, event, sizeof event - 1) == 0) {
        size_t at = sizeof event - 1;
        at += at < len && line[at] == ' ';
        snprintf(stream->name, sizeof stream->name, "%.*s", (int)(len - at), line + at);
    } else if (len >= sizeof data - 1 && memcmp(line, data, sizeof data - 1) == 0) {
        size_t at = sizeof data - 1;
        at += at < len && line[at] == ' ';
        stream->is_too_large = stream->is_too_large || stream->len + len > EVENT_DATA_MAX;
        if (!stream->is_too_large) {
            if (stream->has_data)
                event_append(&stream->data, &stream->len, &stream->room, "\n", 1);
            event_append(&stream->data, &stream->len, &stream->room, line + at, len - at);
        }
        stream->has_data = true;
    } /* else a comment, or a field that is not used */
}

void event_stream_take(struct event_stream *stream, const char *bytes, size_t len)
{
    REQUIRE(stream->on_event);
    REQUIRE(bytes || len == 0);
    const char *end;
    while (len > 0 && (end = memchr(bytes, '\n', len))) {
        size_t part = (size_t)(end - bytes);
        if (stream->line_len > 0) {
            event_append(&stream->line, &stream->line_len, &stream->line_room, bytes, part);
            event_take_line(stream, stream->line, stream->line_len);
            stream->line_len = 0;
        } else {
            event_take_line(stream, bytes, part);
        }
        bytes += part + 1;
        len -= part + 1;
    }
    if (stream->line_len + len > EVENT_DATA_MAX) { /* a line without an end */
        stream->is_too_large = true;
        stream->line_len = 0;
        return;
    }
    if (len > 0)
        event_append(&stream->line, &stream->line_len, &stream->line_room, bytes, len);
}

void event_stream_reset(struct event_stream *stream)
{
    stream->line_len = stream->len = 0;
    stream->name[0] = '\0';
    stream->has_data = stream->is_too_large = false;
}

void event_stream_finish(struct event_stream *stream)
{
    free(stream->line);
    free(stream->data);
}
