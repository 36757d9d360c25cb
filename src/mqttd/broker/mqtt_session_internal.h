/* A session from the inside. mqtt_session.c has the connection and uses the others:
 * mqtt_session_setup.c makes the library's client ready, mqtt_session_packets.c sends packets, and
 * mqtt_session_end.c says why a connection has ended. */
#ifndef TAGFERRY_MQTTD_BROKER_MQTT_SESSION_INTERNAL_H
#define TAGFERRY_MQTTD_BROKER_MQTT_SESSION_INTERNAL_H

#include <mosquitto.h>

#include "common/base/backoff.h"
#include "mqttd/broker/mqtt_session.h"

enum mqtt_session_state { SESSION_DISCONNECTED, SESSION_CONNECTING, SESSION_CONNECTED };

/* Keeps failures to one line for each reason, and to so many lines in a minute. */
struct failure_log {
    /* Digest of the reason logged last, by broker and version; 0: none. */
    uint64_t told[CONF_ADDRS_MAX][MQTT_VERSION_COUNT];
    uint64_t minute_ms; /* when the running minute began, steady clock */
    unsigned lines;     /* in it */
};

struct mqtt_session {
    struct mqtt_session_options options;
    struct mqtt_session_hooks hooks;
    struct mosquitto *mosquitto;
    enum mqtt_session_state state;
    enum mqtt_version version; /* MQTT_VERSION_5 or MQTT_VERSION_3_1_1: of the newest attempt */
    bool failed;
    bool connect_sent; /* the whole CONNECT packet of the newest attempt */
    bool keeps_unsent; /* the library may: a message that there was no memory to send */
    bool renews;       /* the connection is ended to be made again */
    bool outdated;     /* the library's client is to be replaced, see mqtt_session_tick */
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
    } will;    /* as far as brokers have taken it */
    int birth; /* number of the message that mqtt_session_announce sent, 0 once it is there */
    uint64_t since_ms; /* when the state began, steady clock */
    size_t asked;      /* SUBSCRIBEs whose SUBACK is awaited */
};

/* "5" and "3.1.1", by enum mqtt_version. */
extern const char *const mqtt_version_names[];
/* The broker in use. */
const struct net_addr *mqtt_session_broker(const struct mqtt_session *mqtt_session);
const char *mqtt_session_broker_name(const struct mqtt_session *mqtt_session,
                                     char text[NET_TEXT_SIZE]);
/* The connection, or the attempt to make one, has ended: notes and logs why, and plans the next
 * attempt. With BROKER_LOST the reason is derived from the moment of the end. `by_broker`: the
 * broker closed it without naming an outage as the reason. Does nothing when already disconnected.
 */
void mqtt_session_note_end(struct mqtt_session *mqtt_session, enum broker_reason reason,
                           const char *why, bool by_broker);

/* Set options of the library's client for its next connection. False when the library refuses one,
 * or is out of memory. The first sets all of a new client but the will; the others may change
 * between two connections. */
bool mqtt_session_set_options(struct mqtt_session *mqtt_session);
bool mqtt_session_set_credentials(struct mqtt_session *mqtt_session);
bool mqtt_session_set_version(struct mqtt_session *mqtt_session, enum mqtt_version version);
bool mqtt_session_set_will(struct mqtt_session *mqtt_session);

/* The library's callbacks for a SUBACK, and for a message that it has published; `context` is the
 * session. */
void mqtt_session_on_suback(struct mosquitto *mosquitto, void *context, int number, int count,
                            const int *codes, const mosquitto_property *properties);
void mqtt_session_on_publish(struct mosquitto *mosquitto, void *context, int number, int code,
                             const mosquitto_property *properties);

#endif
