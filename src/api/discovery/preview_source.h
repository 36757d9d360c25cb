/* The newest message of a topic that is still known: from the discoveries, or from the trace of
 * messages that GET /messages shows. */
#ifndef TAGFERRY_API_DISCOVERY_PREVIEW_SOURCE_H
#define TAGFERRY_API_DISCOVERY_PREVIEW_SOURCE_H

#include "api/discovery/preview.h"
#include "api/handler/thread_ctx.h"

struct preview_source {
    bool found;
    struct preview_message message; /* in the arena */
    int64_t at_ms;                  /* since 1970 */
    bool retained;
    int64_t discovery; /* that heard it; 0: the trace */
    bool has_metric;   /* of a tag for Sparkplug: this is its metric */
    struct survey_key metric;
};

/* Finds the newest message that is the tag's: by its topic, or its device's, and by mqtt.where. A
 * message that is known as a whole is preferred to one that is cut. For a tag of Sparkplug B it is
 * the newest one with its metric. Call it within a transaction. */
void preview_source_find(struct thread_ctx *thread_ctx, const struct record *device,
                         const struct record *tag, struct arena *arena,
                         struct preview_source *source);

#endif
