/* Filters with wildcards that the broker's kept session may still have although nobody wants them
 * any more, because they were given up while mqttd was away. Those in use are noted in a file in
 * runtime_dir; the next start compares. (A topic without wildcards that nobody wants is known by
 * its messages.) */
#ifndef TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H
#define TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqttd/broker/subscriptions.h"

struct abandoned_subs {
    char path[256];
    char *text; /* the file as it was found: a filter a line; NULL once it was told */
    bool dirty; /* the file is not what is in use */
};

/* Reads the file, if there is one. */
void abandoned_subs_init(struct abandoned_subs *abandoned_subs, const char *runtime_dir);
void abandoned_subs_finish(struct abandoned_subs *abandoned_subs);
/* Calls `unsubscribe` with the noted filters that are not among those in use, up to 8 at a time,
 * the first time only. */
void abandoned_subs_unsubscribe(
    struct abandoned_subs *abandoned_subs, const struct subscriptions *subscriptions,
    void (*unsubscribe)(void *context, const char *const *filters, size_t count), void *context);
/* Notes what is in use, when that has changed. */
void abandoned_subs_save(struct abandoned_subs *abandoned_subs,
                         const struct subscriptions *subscriptions);

#endif
