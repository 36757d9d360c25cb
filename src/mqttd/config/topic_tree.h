/* Which feeds a topic reaches: exact filters in a hash table, those with wildcards in a trie, so
 * that the cost does not grow with the number of devices. Pure. */
#ifndef TAGFERRY_MQTTD_CONFIG_TOPIC_TREE_H
#define TAGFERRY_MQTTD_CONFIG_TOPIC_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/model/device_model.h"

struct match;

/* NULL when out of memory. */
struct match *match_create(void);
/* Takes NULL. The feeds are the caller's. */
void match_destroy(struct match *match);

/* Feeds are chained through feed->next while they are here. False when out of memory. */
bool match_add(struct match *match, struct feed *feed);
void match_remove(struct match *match, struct feed *feed);

/* Calls `take` for each feed of this very filter. */
void match_filter(struct match *match, const char *filter,
                  void (*take)(void *context, struct feed *feed), void *context);

/* Calls `take` for each feed whose filter matches the topic. Answers how many there were. */
size_t match_topic(const struct match *match, const char *topic,
                   void (*take)(void *context, struct feed *feed), void *context);

#endif
