/* Filters with wildcards that were given up while mqttd was not running: a broker that has kept the
 * session still sends their topics. The filters in use are kept in a file in runtime_dir, with
 * which the next start compares. (A topic without wildcards that no device uses is known by its
 * messages.) Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H
#define TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqttd/broker/subscriptions.h"

struct abandoned_subs {
    char path[256];
    char *text; /* the file as it was found, a filter per line; NULL once it has been compared */
    bool dirty; /* the filters in use may differ from the file */
};

/* Reads the file, if there is one. Logs why it cannot be read. */
void abandoned_subs_init(struct abandoned_subs *abandoned_subs, const char *runtime_dir);
void abandoned_subs_finish(struct abandoned_subs *abandoned_subs);
/* The first time, calls `unsubscribe` with those filters of the file that are not in use, up to 8
 * at a time. */
void abandoned_subs_unsubscribe(
    struct abandoned_subs *abandoned_subs, const struct subscriptions *subscriptions,
    void (*unsubscribe)(void *context, const char *const *filters, size_t count), void *context);
/* Writes the filters in use to the file, when they have changed. */
void abandoned_subs_save(struct abandoned_subs *abandoned_subs,
                         const struct subscriptions *subscriptions);

#endif
