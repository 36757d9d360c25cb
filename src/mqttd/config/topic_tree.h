/* Finds the feeds that a message's topic matches: filters without wildcards in a hash table, the
 * others in a trie, so that the cost does not grow with the number of devices. Pure. */
#ifndef TAGFERRY_MQTTD_CONFIG_TOPIC_TREE_H
#define TAGFERRY_MQTTD_CONFIG_TOPIC_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/model/device_model.h"

struct topic_tree;

/* Returns NULL when out of memory. */
struct topic_tree *topic_tree_create(void);
/* Accepts NULL. The feeds remain the caller's. */
void topic_tree_destroy(struct topic_tree *topic_tree);

/* Borrows the feed and links it through feed->next. False when out of memory. */
bool topic_tree_add(struct topic_tree *topic_tree, struct feed *feed);
/* Does nothing if the feed is not in the tree. */
void topic_tree_remove(struct topic_tree *topic_tree, struct feed *feed);

/* Calls `take` for each feed with exactly this filter. */
void topic_tree_find_filter(struct topic_tree *topic_tree, const char *filter,
                            void (*take)(void *context, struct feed *feed), void *context);

/* Calls `take` for each feed whose filter matches the topic. Returns their
 * number. `take` may not change the tree. */
size_t topic_tree_match_topic(const struct topic_tree *topic_tree, const char *topic,
                              void (*take)(void *context, struct feed *feed), void *context);

#endif
