/* Takes an MQTT message: puts its values into live rows and marks the rows for the targets that
 * write them. Counts and traces each message. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_INGEST_INGEST_H
#define TAGFERRY_MQTTD_INGEST_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"
#include "common/message/key_tree.h"
#include "common/shared/counters.h"
#include "common/shared/message_trace.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_table.h"
#include "mqttd/ingest/sparkplug_inbox.h"

struct cJSON;

/* A key of a feed that the message has. */
struct ingest_hit {
    uint32_t owner; /* as in the key tree */
    const struct cJSON *item;
};

/* Set the first five members and zero the rest before the first message. */
struct ingest {
    struct device_table *device_table;
    struct counters *counters;
    struct message_trace *message_trace;
    size_t max_payload;    /* bytes; a longer message is refused */
    uint64_t connected_ms; /* when the connection to the broker began, steady clock */

    bool has_restored_dots; /* a message came with slashes in place of the dots of its topic */
    bool is_short;          /* there was no memory for the newest message */
    uint64_t message;       /* number of the newest message */
    struct key_tree_scratch scratch;
    ARRAY_OF(struct ingest_hit) hits;       /* of the newest message and feed */
    struct sparkplug_inbox sparkplug_inbox; /* the newest message, if it is one of Sparkplug */
};

/* Puts all values of the message into the rows of their tags. Returns 0 if no device has its topic.
 * If `is_short` is set, some feeds did not use the message: do not acknowledge a message of QoS 1
 * or 2, so that the broker sends it again. */
size_t ingest_message(struct ingest *ingest, const struct mqtt_message *message);
/* Accepts a zeroed one. */
void ingest_finish(struct ingest *ingest);

#endif
