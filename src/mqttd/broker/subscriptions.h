/* The subscriptions that the devices in service need: each filter once, with its feeds, the request
 * to the broker and the answer. A filter that the broker refuses, or after which it closes the
 * connection, does not affect the others.
 *
 * Independent of the MQTT library: packets are sent through hooks, answers are passed to functions.
 * Times are milliseconds of the steady clock. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_BROKER_SUBSCRIPTIONS_H
#define TAGFERRY_MQTTD_BROKER_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/fault.h"

/* Some brokers close the connection when a packet has more filters. */
enum { SUBSCRIPTIONS_PER_PACKET = 8 };

/* The broker's abilities and limits, as its CONNACK announces them. */
struct subscription_limits {
    bool is_quiet; /* no connection lasts: log successes at level debug */
    bool no_shared, no_wildcards;
    int qos_max;               /* 0 to 2 */
    uint32_t packet_bytes_max; /* 0: no limit */
};

enum subscribe_result {
    SUBSCRIBE_SENT,
    SUBSCRIBE_LATER,     /* no connection or no memory: try again */
    SUBSCRIBE_IMPOSSIBLE /* one of the filters cannot be sent */
};

struct subscriptions_hooks {
    void *context;
    /* Sends one SUBSCRIBE with these 1 to 8 filters and sets the number of the packet. With
     * `retained` it asks for retained messages even if the session has the filter already. */
    enum subscribe_result (*subscribe)(void *context, const char *const *filters, size_t count,
                                       int qos, bool retained, int *number);
    /* Sends one UNSUBSCRIBE with these 1 to 8 filters. */
    void (*unsubscribe)(void *context, const char *const *filters, size_t count);
    /* Called when the broker sends the topics of this filter (FAULT_NONE), or does not. */
    void (*changed)(void *context, const char *filter, enum fault fault);
    /* Returns the text of a reason code of SUBACK. */
    const char *(*reason)(int code);
};

struct subscriptions;

/* NULL when out of memory. */
struct subscriptions *subscriptions_create(void);
/* Accepts NULL. */
void subscriptions_destroy(struct subscriptions *subscriptions);
/* Copies the hooks. Call it once, before subscriptions_on_connect. */
void subscriptions_set_hooks(struct subscriptions *subscriptions,
                             const struct subscriptions_hooks *hooks);

/* Count one feed more, or one fewer, that needs the filter at this QoS (0 to 2; more counts as 2;
 * the broker is asked for 1 at most). False when out of memory. Call subscriptions_update
 * afterwards. */
bool subscriptions_add(struct subscriptions *subscriptions, const char *filter, int qos);
void subscriptions_remove(struct subscriptions *subscriptions, const char *filter, int qos);
/* Subscribes again, so that the broker sends the retained messages of the filter. */
void subscriptions_request_retained(struct subscriptions *subscriptions, const char *filter);
/* From now on the broker is asked for the retained messages of the filter on each connection, and
 * `changed` is called with each of its answers. */
void subscriptions_want_retained(struct subscriptions *subscriptions, const char *filter);

/* Ask again at once for a filter that has failed, or for all of them. */
void subscriptions_retry(struct subscriptions *subscriptions, const char *filter);
void subscriptions_retry_all(struct subscriptions *subscriptions);

/* True when some feed needs the filter. */
bool subscriptions_has_filter(const struct subscriptions *subscriptions, const char *filter);
/* Why the broker does not send the topics of this filter; FAULT_NONE when it does or may do so. */
enum fault subscriptions_fault_of(const struct subscriptions *subscriptions, const char *filter);
/* True when the topic is one that a filter with a dot matches, as RabbitMQ delivers it. `restored`
 * is then the topic, and has room for it. Takes time for each filter. */
bool subscriptions_restore_topic(const struct subscriptions *subscriptions, const char *topic,
                                 char *restored);
/* Calls `take` with each filter that some feed needs. */
void subscriptions_for_each(const struct subscriptions *subscriptions,
                            void (*take)(void *context, const char *filter), void *context);

/* A connection has begun: asks for all filters. */
void subscriptions_on_connect(struct subscriptions *subscriptions,
                              const struct subscription_limits *limits, uint64_t now_ms);
/* The connection has ended. `by_broker`: the broker closed it without naming an outage as the
 * reason. True when a subscription may be the cause: connect again soon, since the next connection
 * asks for other filters. */
bool subscriptions_on_disconnect(struct subscriptions *subscriptions, bool by_broker,
                                 uint64_t now_ms);
/* Handles a SUBACK with its reason codes. */
void subscriptions_on_suback(struct subscriptions *subscriptions, int number, const int *codes,
                             size_t count, uint64_t now_ms);
/* Asks the broker for changed subscriptions, and again for failed ones that are due. Call it after
 * changes, and once a second. */
void subscriptions_update(struct subscriptions *subscriptions, uint64_t now_ms);

#endif
