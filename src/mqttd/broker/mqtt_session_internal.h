/* The inner parts of a session. mqtt_session.c keeps the connection and uses the other files:
 * mqtt_session_setup.c sets the options of the library's client, mqtt_session_packets.c sends
 * packets, and mqtt_session_end.c handles the end of a connection. */
#ifndef TAGFERRY_MQTTD_BROKER_MQTT_SESSION_INTERNAL_H
#define TAGFERRY_MQTTD_BROKER_MQTT_SESSION_INTERNAL_H

#include <mosquitto.h>

#include "common/base/backoff.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/broker/publications.h"

enum mqtt_session_state { SESSION_DISCONNECTED, SESSION_CONNECTING, SESSION_CONNECTED };

/* Limits failures to one line for each reason, and to a number of lines per minute. */
struct failure_log {
    /* Digest of the reason logged last, by broker and version; 0: none. */
    uint64_t logged[CONF_ADDRS_MAX][MQTT_VERSION_COUNT];
    uint64_t minute_ms; /* when the present minute began, steady clock */
    unsigned lines;     /* in this minute */
};

struct mqtt_session {
    struct mqtt_session_options options;
    struct mqtt_session_hooks hooks;
    struct mosquitto *mosquitto;
    enum mqtt_session_state state;
    enum mqtt_version version; /* MQTT_VERSION_5 or MQTT_VERSION_3_1_1: of the newest attempt */
    bool failed;           /* an attempt to connect, or a connection, since the newest CONNACK */
    bool connect_sent;     /* the whole CONNECT packet of the newest attempt was sent */
    bool keeps_unsent;     /* the library may keep a message that it had no memory to send */
    bool renews;           /* the connection is being ended to connect again */
    bool outdated;         /* the library's client has to be replaced, see mqtt_session_tick */
    bool searches;         /* the same, without the messages that it keeps: see publications.h */
    bool has_packet_limit; /* a CONNACK has limited the packets of the library's client */
    struct publications publications;
    uint64_t quiet_ms; /* when the newest SUBACK or, without any, CONNACK came, steady clock */
    size_t
        failed_in_turn;  /* failed attempts since the newest connection, each with another broker */
    size_t broker;       /* index of the one in use */
    char complaint[120]; /* the library's newest error in words, or an empty text */
    struct backoff backoff; /* grows until a connection has lasted */
    struct broker_link link;
    struct broker_protocol protocols[CONF_ADDRS_MAX]; /* by broker */
    enum mqtt_version version_worked;                 /* with any broker, or MQTT_VERSION_AUTO */
    bool is_second_try; /* the newest attempt followed at once after one with another version */
    struct failure_log failure_log;
    /* The abilities that the broker's newest CONNACK announces; an ability that it does not
     * mention counts as present. */
    struct {
        bool retain;
        int qos; /* the highest */
    } available;
    bool lacks_qos_2[CONF_ADDRS_MAX]; /* by broker: it closes after a message of QoS 2 */
    struct {
        bool retain;
        int qos;          /* lowered when the broker refuses it */
        bool is_left_out; /* the broker may close the connection because of its topic */
        bool was_taken;   /* some broker has accepted a CONNECT with it */
    } will;
    int birth;         /* number of mqtt_session_announce's message, 0 once it is acknowledged */
    uint64_t since_ms; /* when the state began, steady clock */
    size_t asked;      /* SUBSCRIBEs without a SUBACK */
};

/* "5" and "3.1.1", by enum mqtt_version. */
extern const char *const mqtt_version_names[];
/* The broker in use. */
const struct net_addr *mqtt_session_broker(const struct mqtt_session *mqtt_session);
const char *mqtt_session_broker_name(const struct mqtt_session *mqtt_session,
                                     char text[NET_TEXT_SIZE]);
/* Handles the end of the connection, or of the attempt to connect: keeps and logs the reason, and
 * plans the next attempt. With BROKER_LOST the reason is derived from the moment of the end.
 * `by_broker`: the broker closed it without naming an outage as the reason. Does nothing when
 * already disconnected. */
void mqtt_session_note_end(struct mqtt_session *mqtt_session, enum broker_reason reason,
                           const char *why, bool by_broker);

/* Set options of the library's client for its next connection. False when the library refuses one,
 * or is out of memory. The first function sets all options of a new client except the will; the
 * others may be called between two connections. */
bool mqtt_session_set_options(struct mqtt_session *mqtt_session);
bool mqtt_session_set_credentials(struct mqtt_session *mqtt_session);
bool mqtt_session_set_version(struct mqtt_session *mqtt_session, enum mqtt_version version);
bool mqtt_session_set_will(struct mqtt_session *mqtt_session);

/* Sends the messages that wait, as far as they may be sent now. */
void mqtt_session_send_waiting(struct mqtt_session *mqtt_session);
/* Looks for a message that made the broker close the connection, which has just ended. True when
 * the search needs another connection soon. */
bool mqtt_session_search_publications(struct mqtt_session *mqtt_session, bool by_broker);

/* The library's callbacks for a SUBACK and for a published message; `context` is the session. */
void mqtt_session_on_suback(struct mosquitto *mosquitto, void *context, int number, int count,
                            const int *codes, const mosquitto_property *properties);
void mqtt_session_on_publish(struct mosquitto *mosquitto, void *context, int number, int code,
                             const mosquitto_property *properties);

#endif
