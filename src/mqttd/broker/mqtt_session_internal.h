/* A subscriber from the inside: subscriber.c has the connection, subscriber_setup.c what it is to
 * be like, connection_end.c how it ends, subscriber_topics.c the packets by which topics are asked
 * for. */
#ifndef TAGFERRY_MQTTD_BROKER_MQTT_SESSION_INTERNAL_H
#define TAGFERRY_MQTTD_BROKER_MQTT_SESSION_INTERNAL_H

#include <mosquitto.h>

#include "common/base/backoff.h"
#include "mqttd/broker/mqtt_session.h"

enum state { AWAY, CONNECTING, CONNECTED };

/* Keeps failures to one line for each reason, and to so many lines in a minute. */
struct failure_log {
    /* Digest of the reason logged last, by broker and version; 0: none. */
    uint64_t told[CONF_ADDRS_MAX][MQTT_VERSIONS];
    uint64_t minute_ms; /* when the running minute began, steady clock */
    unsigned lines;     /* in it */
};

struct subscriber {
    struct subscriber_options options;
    struct subscriber_hooks hooks;
    struct mosquitto *mosquitto;
    enum state state;
    enum mqtt_version version; /* MQTT_5 or MQTT_3_1_1: of the newest attempt */
    bool failed;
    bool connect_sent; /* the whole CONNECT packet of the newest attempt */
    bool keeps_unsent; /* the library may: a message that there was no memory to send */
    bool renews;       /* the connection is ended to be made again */
    bool outdated;     /* the library's client is to be replaced, see replace_client */
    struct {
        size_t count;
        uint64_t bits[(UINT16_MAX + 1) / 64]; /* by number */
    } unconfirmed;                            /* messages of QoS 1 and 2 that the library keeps */
    size_t broker;                            /* place of the one in use */
    char complaint[120]; /* the library's last words, which are more than its codes; may be empty */
    struct backoff backoff; /* goes on growing until a connection has lasted */
    struct broker_link link;
    struct broker_protocol protocols[CONF_ADDRS_MAX]; /* by broker */
    struct failure_log failure_log;
    /* The abilities that the broker's newest CONNACK announces; an ability that it does not
     * mention counts as present. */
    struct {
        bool retain;
        int qos; /* the highest */
    } available;
    struct {
        bool retain;
        int qos;
    } will;            /* as far as brokers have taken it */
    int birth;         /* number of the message that subscriber_announce sent, 0 once it is there */
    uint64_t since_ms; /* when the state began, steady clock */
    size_t asked;      /* SUBSCRIBEs whose SUBACK is awaited */
};

/* "5" and "3.1.1", by enum mqtt_version. */
extern const char *const subscriber_version_names[];
/* The broker in use. */
const struct net_addr *subscriber_broker(const struct subscriber *subscriber);
const char *subscriber_broker_name(const struct subscriber *subscriber, char text[NET_TEXT_SIZE]);
/* The connection, or the attempt to make one, has ended: notes and logs why, and plans the next
 * attempt. BROKER_LOST stands for what the moment of the end says. `by_broker`: the broker closed
 * it, and named no outage as the reason. Does nothing when there is no connection any more. */
void subscriber_end(struct subscriber *subscriber, enum broker_reason reason, const char *why,
                    bool by_broker);

/* Tell the library's client what the next connection is to be like; false when it refuses, or is
 * out of memory. All of it for a new client, */
bool subscriber_set_options(struct subscriber *subscriber);
/* what may change between two connections, */
bool subscriber_set_credentials(struct subscriber *subscriber);
bool subscriber_set_version(struct subscriber *subscriber, enum mqtt_version version);
bool subscriber_set_will(struct subscriber *subscriber);

/* The library's callback for a SUBACK; the context is the subscriber. */
void subscriber_take_suback(struct mosquitto *mosquitto, void *context, int number, int count,
                            const int *codes, const mosquitto_property *properties);

#endif
