/* Most clients are at the same position most of the time: one step serves them all. */
#include "api/monitor/stream_frames.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "common/base/require.h"

enum { VALUES_AT_ONCE = 500 };

struct stream_frame *stream_frame_create(const char *bytes, size_t len)
{
    struct stream_frame *frame = malloc(sizeof *frame + len);
    if (!frame)
        return NULL;
    *frame = (struct stream_frame){.users = 1, .len = len};
    memcpy(frame->bytes, bytes, len);
    return frame;
}

struct stream_frame *stream_frame_share(struct stream_frame *frame)
{
    frame->users++;
    return frame;
}

void stream_frame_release(struct stream_frame *frame)
{
    REQUIRE(!frame || frame->users > 0);
    if (frame && --frame->users == 0)
        free(frame);
}

bool stream_position_is_equal(const struct stream_position *a, const struct stream_position *b)
{
    return a->edition == b->edition && a->sent == b->sent && a->has_all == b->has_all &&
           value_watch_reader_is_equal(&a->reader, &b->reader) && strcmp(a->device, b->device) == 0;
}

bool stream_frames_are_sent(const struct stream_frames *frames,
                            const struct stream_position *position)
{
    const struct value_watch *watch = frames->watch;
    return !watch->tags || (position->has_all && position->edition == watch->edition &&
                            !position->reader.is_scanning && position->reader.seen == watch->tick);
}

const struct stream_step *stream_frames_find(const struct stream_frames *frames,
                                             const struct stream_position *position)
{
    for (size_t i = 0; i < frames->count; i++) {
        if (stream_position_is_equal(&frames->steps[i].before, position))
            return &frames->steps[i];
    }
    return NULL;
}

/* The context of stream_frames_write_events. */
struct stream_draft {
    const struct value_watch *watch;
    struct stream_position *position;
    struct text *text;
};

/* Writes the events of a step and advances the position. */
static void stream_frames_write_events(void *context)
{
    struct stream_draft *draft = context;
    const struct value_watch *watch = draft->watch;
    struct stream_position *position = draft->position;
    struct text *text = draft->text;
    if (position->edition != watch->edition) {
        position->edition = watch->edition;
        text_printf(text, "event: revision\ndata:{\"revision\":%" PRId64 "}\n\n", watch->revision);
    }
    size_t before = text->len;
    text_puts(text, "event: values\ndata:");
    size_t count =
        value_watch_take_changes(watch, &position->reader, position->device, VALUES_AT_ONCE, text);
    if (count > 0)
        text_puts(text, "\n\n");
    else
        text->len = before;
    if (!position->has_all) {
        position->sent += count;
        position->has_all = !position->reader.is_scanning;
        if (position->has_all)
            text_printf(text, "event: complete\ndata:{\"count\":%" PRIu64 "}\n\n", position->sent);
    }
}

struct stream_frame *stream_frames_compose(struct stream_frames *frames,
                                           const struct stream_position *position)
{
    REQUIRE(frames->watch && frames->memory);
    struct stream_step *step = &frames->steps[frames->next];
    struct stream_frame *oldest = frames->next < frames->count ? step->frame : NULL;
    frames->next = (frames->next + 1) % STREAM_STEPS_MAX;
    if (frames->count < STREAM_STEPS_MAX)
        frames->count++;
    *step = (struct stream_step){.before = *position, .after = *position};
    struct stream_draft draft = {frames->watch, &step->after, &frames->draft};
    frames->draft.len = 0;
    if (!memory_run(frames->memory, stream_frames_write_events, &draft)) {
        memory_finish(frames->memory);
        frames->draft = (struct text){0};
        step->no_memory = true;
    } else if (frames->draft.len > 0) {
        step->frame = stream_frame_create(frames->draft.data, frames->draft.len);
        step->no_memory = !step->frame;
    }
    return oldest;
}
