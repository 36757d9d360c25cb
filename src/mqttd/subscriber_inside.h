/* A subscriber from the inside: subscriber.c has the connection, subscriber_topics.c the packets by
 * which topics are asked for. */
#ifndef TAGFERRY_MQTTD_SUBSCRIBER_INSIDE_H
#define TAGFERRY_MQTTD_SUBSCRIBER_INSIDE_H

#include <mosquitto.h>

#include "common/backoff.h"
#include "mqttd/subscriber.h"

enum state { AWAY, CONNECTING, CONNECTED };

struct subscriber {
    struct subscriber_options options;
    struct subscriber_hooks hooks;
    struct mosquitto *mosquitto;
    enum state state;
    bool failed, failure_logged;
    bool renews;   /* the connection is ended to be made again */
    bool outdated; /* the library's client is to be replaced, see replace_client */
    struct {
        size_t count;
        uint64_t bits[(UINT16_MAX + 1) / 64]; /* by number */
    } unconfirmed;                            /* messages of QoS 1 and 2 that the library keeps */
    size_t broker;                            /* place of the one in use */
    char complaint[120]; /* the library's last words, which are more than its codes; may be empty */
    struct backoff backoff;
    uint64_t since_ms; /* when the state began, steady clock */
    size_t asked;      /* SUBSCRIBEs whose SUBACK is awaited */
};

/* The library's callback for a SUBACK; the context is the subscriber. */
void subscriber_take_suback(struct mosquitto *mosquitto, void *context, int number, int count,
                            const int *codes, const mosquitto_property *properties);

#endif
