/* The feeds of one topic filter whose devices have mqtt.where. A message costs one look-up for each
 * set of keys that the devices use, whatever the number of devices. Pure; the MQTT thread's. */
#ifndef TAGFERRY_MQTTD_CONFIG_WHERE_INDEX_H
#define TAGFERRY_MQTTD_CONFIG_WHERE_INDEX_H

#include <stdbool.h>

#include "common/message/key_tree.h"
#include "mqttd/model/device_model.h"

struct cJSON;
struct where_index;

/* Borrows the feed, whose device has conditions. Makes the index if *index is NULL. False when out
 * of memory. */
bool where_index_add(struct where_index **index, struct feed *feed);
/* Removes a feed if it is there. An index without feeds is freed, and *index becomes NULL. */
void where_index_remove(struct where_index **index, struct feed *feed);
/* Takes NULL. The feeds remain the caller's. */
void where_index_destroy(struct where_index *index);
/* Calls `take` for each feed; it may not change the index. Accepts NULL. */
void where_index_for_each(const struct where_index *index,
                          void (*take)(void *context, struct feed *feed), void *context);

/* A message, and what to do with it. */
struct where_reader {
    void *context; /* of all */
    /* Finds keys in the message as key_tree_walk does. False when out of memory. */
    bool (*find)(void *context, const struct key_tree *keys, key_tree_found *found,
                 void *found_context);
    /* Fills the scalar of an item. */
    void (*read)(void *context, const struct cJSON *item, struct scalar *scalar);
    void (*take)(void *context, struct feed *feed);
};
/* Calls `take` for each feed whose conditions the message meets. False when
 * out of memory: some feeds may not have been found. */
bool where_index_match(const struct where_index *index, const struct where_reader *reader);

#endif
