/* The subscriptions that the devices in service need: each filter once, however many feeds share
 * it, and what has to be told the broker since the last time. */
#ifndef TAGFERRY_MQTTD_FILTERS_H
#define TAGFERRY_MQTTD_FILTERS_H

#include <stdbool.h>
#include <stddef.h>

struct filters;

/* NULL when out of memory. */
struct filters *filters_create(void);
/* Takes NULL. */
void filters_destroy(struct filters *filters);

/* One more, or one fewer, feed needs the filter at this QoS. False when out of memory. */
bool filters_add(struct filters *filters, const char *filter, int qos);
void filters_drop(struct filters *filters, const char *filter, int qos);

/* The broker is to be told of a filter again, so that it sends what it retains. */
void filters_repeat(struct filters *filters, const char *filter);

bool filters_has(const struct filters *filters, const char *filter);
/* Calls `take` with each filter that some feed needs. */
void filters_each(const struct filters *filters, void (*take)(void *context, const char *filter),
                  void *context);

/* What the broker is told: filters of one QoS, or (QoS -1) those to unsubscribe from. */
typedef void filters_tell(void *context, const char *const *list, size_t count, int qos);

/* Tells what has changed since the last call. */
bool filters_tell_changes(struct filters *filters, filters_tell *tell, void *context);
/* Tells all: for a new connection. */
bool filters_tell_all(struct filters *filters, filters_tell *tell, void *context);

#endif
