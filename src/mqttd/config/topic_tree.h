/* Finds the feeds that a message's topic matches: filters without wildcards in a hash table, the
 * others in a trie, so that the cost does not grow with the number of devices. Pure. */
#ifndef TAGFERRY_MQTTD_CONFIG_TOPIC_TREE_H
#define TAGFERRY_MQTTD_CONFIG_TOPIC_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/config/where_index.h"
#include "mqttd/model/device_model.h"

struct topic_tree;

/* Returns NULL when out of memory. */
struct topic_tree *topic_tree_create(void);
/* Accepts NULL. The feeds remain the caller's. */
void topic_tree_destroy(struct topic_tree *topic_tree);

/* Borrows the feed and links it through feed->next, or through feed->where_node if its device has
 * conditions for values. False when out of memory. */
bool topic_tree_add(struct topic_tree *topic_tree, struct feed *feed);
/* Does nothing if the feed is not in the tree. */
void topic_tree_remove(struct topic_tree *topic_tree, struct feed *feed);

/* Calls `take` for each feed with exactly this filter. */
void topic_tree_find_filter(struct topic_tree *topic_tree, const char *filter,
                            void (*take)(void *context, struct feed *feed), void *context);

/* What a match calls; it may not change the tree. */
struct topic_visitor {
    void *context;
    void (*take)(void *context, struct feed *feed);
    /* For the feeds of one filter whose devices have conditions: where_index_match finds those that
     * the message is for. */
    void (*take_where)(void *context, const struct where_index *index);
};
/* Calls the visitor for everything whose filter matches the topic. Returns the number of calls. */
size_t topic_tree_match_topic(const struct topic_tree *topic_tree, const char *topic,
                              const struct topic_visitor *visitor);

#endif
