/* Filters with wildcards that no device uses any more since a time when mqttd was not running: a
 * broker that has kept the session still sends their topics. A file in runtime_dir holds the
 * filters in use, for comparison at the next start. (A topic without wildcards is unsubscribed when
 * a message for it comes.) Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H
#define TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqttd/broker/subscriptions.h"

struct abandoned_subs {
    char path[256];
    char *text; /* of the file at the start, a filter per line; NULL once it has been compared */
    bool dirty; /* the filters in use may differ from the file */
};

/* Reads the file, if it exists. Logs why it cannot be read. */
void abandoned_subs_init(struct abandoned_subs *abandoned_subs, const char *runtime_dir);
/* Accepts a zeroed one. */
void abandoned_subs_finish(struct abandoned_subs *abandoned_subs);
/* Calls `unsubscribe` with the filters of the file that are not in use, at most
 * SUBSCRIPTIONS_PER_PACKET at a time. Does nothing when it is called again. */
void abandoned_subs_unsubscribe(
    struct abandoned_subs *abandoned_subs, const struct subscriptions *subscriptions,
    void (*unsubscribe)(void *context, const char *const *filters, size_t count), void *context);
/* Writes the filters in use to the file, if `dirty` is set. */
void abandoned_subs_save(struct abandoned_subs *abandoned_subs,
                         const struct subscriptions *subscriptions);

#endif
