/* The newest message with a Sparkplug payload: decoded once for all feeds, and noted once in its
 * node; and the values in it for the tags of a feed. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_INGEST_SPARKPLUG_INBOX_H
#define TAGFERRY_MQTTD_INGEST_SPARKPLUG_INBOX_H

#include "mqttd/broker/mqtt_session.h"
#include "mqttd/model/device_model.h"
#include "mqttd/sparkplug/sparkplug_nodes.h"

/* Zero it before use. */
struct sparkplug_inbox {
    bool is_open;     /* it is decoded */
    bool is_noted;    /* in its node */
    enum fault fault; /* of the payload: NONE, TOO_LARGE or INVALID_SPARKPLUG */
    enum sparkplug_verdict verdict;
    struct sparkplug_payload payload;
    struct sparkplug_message message;
};

/* Decodes the message, unless an earlier feed has done so, and notes it in the feed's node. */
void sparkplug_inbox_open(struct sparkplug_inbox *inbox, struct sparkplug_nodes *nodes,
                          const struct feed *feed, const struct mqtt_message *message,
                          size_t max_payload, uint64_t now_ms);
/* True when the message is about the feed's device or node, and not about another. */
bool sparkplug_inbox_is_meant(const struct sparkplug_inbox *inbox, const struct feed *feed);
/* True for the death of a node or a device: it has no values. */
bool sparkplug_inbox_is_death(const struct sparkplug_inbox *inbox);
/* True for data, which change nothing about births and deaths. */
bool sparkplug_inbox_is_data(const struct sparkplug_inbox *inbox);
/* Frees the payload: no feed needs it any more. */
void sparkplug_inbox_close(struct sparkplug_inbox *inbox);

/* How many metrics of a payload have a known name and type, and how many have not. */
struct sparkplug_counts {
    size_t known, unknown;
};

typedef void sparkplug_take_value(void *context, uint32_t owner,
                                  const struct sparkplug_metric *metric,
                                  const struct scalar *scalar);

/* Calls `take` for each tag of the feed that a metric of the payload is of, which is decoded. */
struct sparkplug_counts sparkplug_inbox_each_value(const struct sparkplug_inbox *inbox,
                                                   const struct feed *feed,
                                                   sparkplug_take_value *take, void *context);
/* Writes the names of the metrics, as many as fit, separated by ", ". */
void sparkplug_inbox_write_names(const struct sparkplug_inbox *inbox, char *text, size_t size);

#endif
