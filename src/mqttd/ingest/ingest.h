/* From an MQTT message to the values in live rows, marked for the targets that write them. Counts
 * and traces each message. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_INGEST_INGEST_H
#define TAGFERRY_MQTTD_INGEST_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/array.h"
#include "common/shared/counters.h"
#include "common/shared/message_trace.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_table.h"
#include "mqttd/model/key_tree.h"

struct cJSON;

/* A key of a feed that the message has. */
struct ingest_hit {
    uint32_t owner; /* index of the tag, or KEY_OWNER_TIMESTAMP */
    const struct cJSON *item;
};

/* Set the first five and zero the rest before the first message. */
struct ingest {
    struct device_table *device_table;
    struct counters *counters;
    struct message_trace *message_trace;
    size_t max_payload;    /* bytes; a longer message is refused */
    uint64_t connected_ms; /* since when the broker is connected, steady clock */

    bool is_short;    /* there was no memory for the newest message */
    uint64_t message; /* counts the messages */
    struct key_tree_scratch scratch;
    ARRAY_OF(struct ingest_hit) hits; /* of the newest message and feed */
};

/* Puts all values of the message into the rows of their tags. Returns the number of feeds that have
 * its topic. With `is_short` some feeds did not use it: a message of QoS 1 or 2 has to come again.
 */
size_t ingest_message(struct ingest *ingest, const struct mqtt_message *message);
void ingest_finish(struct ingest *ingest);

#endif
