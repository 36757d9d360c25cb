/* From a message to the live rows and the targets' marks. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_INGEST_INGEST_H
#define TAGFERRY_MQTTD_INGEST_INGEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/counters.h"
#include "common/shared/message_trace.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_table.h"
#include "mqttd/model/key_tree.h"

struct cJSON;

/* A key of a feed that the message has. */
struct ingest_hit {
    uint32_t owner;
    const struct cJSON *item;
};

struct ingest {
    struct device_table *device_table;
    struct counters *counters;
    struct message_trace *explain;
    size_t max_payload;
    struct key_tree_scratch scratch;
    struct ingest_hit *hits;
    size_t hit_count, hit_room;
    bool is_short;         /* there was no memory for the newest message: it was not taken */
    uint64_t connected_ms; /* since when the broker is, steady clock */
    uint64_t message;      /* the number of the newest one */
};

/* Puts all values of the message into their rows, or, with `is_short`, not all: it has to come
 * again. Answers how many feeds it reached. */
size_t ingest_message(struct ingest *ingest, const struct mqtt_message *message);
void ingest_finish(struct ingest *ingest);

#endif
