/* The subscriptions that the devices in service need: each filter once, however many feeds share
 * it, with what the broker was asked for and what it answered. A filter that the broker refuses, or
 * answers by closing the connection, must not take the others with it.
 *
 * Knows no library: packets leave through the hooks, answers come in by the functions. Times are
 * milliseconds of the steady clock. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_BROKER_SUBSCRIPTIONS_H
#define TAGFERRY_MQTTD_BROKER_SUBSCRIPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/fault.h"

/* Some brokers close the connection on more filters in one packet. */
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
    SUBSCRIBE_LATER,     /* no connection or no memory: ask again */
    SUBSCRIBE_IMPOSSIBLE /* one of the filters cannot be sent */
};

struct subscriptions_hooks {
    void *context;
    /* Sends one SUBSCRIBE with these 1 to 8 filters and sets the number of the packet. With
     * `retained` the broker is to send what it retains even if it knows the filter already. */
    enum subscribe_result (*subscribe)(void *context, const char *const *filters, size_t count,
                                       int qos, bool retained, int *number);
    /* Sends one UNSUBSCRIBE with these 1 to 8 filters. */
    void (*unsubscribe)(void *context, const char *const *filters, size_t count);
    /* The broker sends the topics of this filter (FAULT_NONE), or the reason why it does not. */
    void (*changed)(void *context, const char *filter, enum fault fault);
    /* The words for a reason code of SUBACK. */
    const char *(*reason)(int code);
};

struct subscriptions;

/* NULL when out of memory. */
struct subscriptions *subscriptions_create(void);
/* Takes NULL. */
void subscriptions_destroy(struct subscriptions *subscriptions);
/* Once, before subscriptions_on_connect. The hooks are copied. */
void subscriptions_set_hooks(struct subscriptions *subscriptions,
                             const struct subscriptions_hooks *hooks);

/* One more, or one fewer, feed needs the filter at this QoS (0 to 2; anything above counts as 2,
 * which is asked for as 1). False when out of memory. subscriptions_update tells the broker. */
bool subscriptions_add(struct subscriptions *subscriptions, const char *filter, int qos);
void subscriptions_remove(struct subscriptions *subscriptions, const char *filter, int qos);
/* Asks for the filter again, so that the broker sends what it retains. */
void subscriptions_request_retained(struct subscriptions *subscriptions, const char *filter);

/* Asks again at once for a filter that the broker does not serve, or for all of them. */
void subscriptions_retry(struct subscriptions *subscriptions, const char *filter);
void subscriptions_retry_all(struct subscriptions *subscriptions);

bool subscriptions_has_filter(const struct subscriptions *subscriptions, const char *filter);
/* Why the broker does not send the topics of this filter, as far as that is known. */
enum fault subscriptions_fault_of(const struct subscriptions *subscriptions, const char *filter);
/* Calls `take` with each filter that some feed needs. */
void subscriptions_for_each(const struct subscriptions *subscriptions,
                            void (*take)(void *context, const char *filter), void *context);

/* A connection has begun: asks for all filters. */
void subscriptions_on_connect(struct subscriptions *subscriptions,
                              const struct subscription_limits *limits, uint64_t now_ms);
/* The connection has ended. `by_broker`: the broker closed it without naming an outage as the
 * reason. True when a subscription is to blame: connect again soon, the next connection asks in
 * another way.
 */
bool subscriptions_on_disconnect(struct subscriptions *subscriptions, bool by_broker,
                                 uint64_t now_ms);
/* A SUBACK, with its reason codes. */
void subscriptions_on_suback(struct subscriptions *subscriptions, int number, const int *codes,
                             size_t count, uint64_t now_ms);
/* Asks the broker for what has changed, and again for what it refused, where that is due. Call it
 * after changes, and once a second. */
void subscriptions_update(struct subscriptions *subscriptions, uint64_t now_ms);

#endif
