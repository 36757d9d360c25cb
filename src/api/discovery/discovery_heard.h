/* What a discovery has heard so far, from the file that tagferry-mqttd keeps of it. */
#ifndef TAGFERRY_API_DISCOVERY_DISCOVERY_HEARD_H
#define TAGFERRY_API_DISCOVERY_DISCOVERY_HEARD_H

#include "api/base/request_memory.h"
#include "api/base/text.h"
#include "api/discovery/discovery_store.h"
#include "api/handler/thread_ctx.h"
#include "common/shared/discovery_file.h"

struct discovery_heard {
    struct discovery_file file;
    const struct survey *survey; /* NULL: nothing yet */
    enum discovery_state state;
    const char *reason; /* why it waits, or what went wrong; NULL: all is well */
    struct memory_block guard;
};

/* Reads the file, within a transaction or after it. Call discovery_heard_finish in the same
 * function, which must not return before.
 */
void discovery_heard_read(struct discovery_heard *heard, const struct thread_ctx *thread_ctx,
                          const struct discovery *discovery, int64_t now_ms, struct arena *arena);
void discovery_heard_finish(struct discovery_heard *heard);

/* Writes the members of a discovery that lists show, too, into an open object. */
void discovery_heard_write(const struct discovery_heard *heard, const struct discovery *discovery,
                           struct text *text);

#endif
