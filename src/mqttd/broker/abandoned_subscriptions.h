/* Filters with wildcards that the broker's kept session may still have although nobody wants them
 * any more, because they were given up while mqttd was away. Those in use are noted in a file in
 * runtime_dir; the next start compares. (A topic without wildcards that nobody wants is known by
 * its messages.) */
#ifndef TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H
#define TAGFERRY_MQTTD_BROKER_ABANDONED_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "mqttd/broker/subscriptions.h"

struct leftovers {
    char path[256];
    char *text; /* the file as it was found: a filter a line; NULL once it was told */
    bool dirty; /* the file is not what is in use */
};

/* Reads the file, if there is one. */
void leftovers_init(struct leftovers *leftovers, const char *runtime_dir);
void leftovers_finish(struct leftovers *leftovers);
/* Calls `unsubscribe` with the noted filters that are not among those in use, up to 8 at a time,
 * the first time only. */
void leftovers_tell(struct leftovers *leftovers, const struct subscriptions *subscriptions,
                    void (*unsubscribe)(void *context, const char *const *filters, size_t count),
                    void *context);
/* Notes what is in use, when that has changed. */
void leftovers_save(struct leftovers *leftovers, const struct subscriptions *subscriptions);

#endif
