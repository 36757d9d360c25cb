/* The MQTT session: connects with back-off, subscribes, receives and publishes messages, all in the
 * thread of the caller. No other folder uses libmosquitto.
 *
 * Packets, including acknowledgements, are sent by mqtt_session_flush only: a message is
 * acknowledged after the caller has stored its values. */
#ifndef TAGFERRY_MQTTD_BROKER_MQTT_SESSION_H
#define TAGFERRY_MQTTD_BROKER_MQTT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/conf.h"
#include "mqttd/broker/broker_link.h"
#include "mqttd/broker/publications.h"
#include "mqttd/broker/subscriptions.h"

struct mqtt_session;

struct mqtt_session_options {
    const struct conf_addrs *brokers; /* tried in turn */
    const char *client_id;
    const char *username, *password; /* or NULL */
    enum mqtt_version version;
    unsigned keepalive_s, session_expiry_s;
    uint32_t max_packet; /* bytes of a packet that the broker may send; MQTT 5 only */
    bool clean;          /* the broker keeps no session */
    bool is_quiet;       /* log at level debug: the caller says what matters */
    bool tls;
    const char *ca_file;              /* or NULL: the system's authorities */
    const char *cert_file, *key_file; /* of the client, or NULL */
    /* The broker publishes the will, retained, when it loses the client; without a topic there is
     * no will. Its text may change: it is read at each connect and by mqtt_session_destroy. */
    const char *will_topic, *will;
};

enum publish_result {
    PUBLISH_SENT,
    PUBLISH_REFUSED, /* by the library: the message cannot be sent */
    PUBLISH_BLOCKED, /* the broker closes the connection after messages to this topic */
    PUBLISH_NO_MEMORY
};

struct mqtt_message {
    const char *topic;
    const char *payload; /* NULL when empty */
    size_t len;
    bool retained;
    int qos;
};

struct mqtt_session_hooks {
    void *context;
    void (*message)(void *context, const struct mqtt_message *message);
    /* `kept`: the broker still has the session, with its subscriptions. */
    void (*connected)(void *context, bool kept, const struct subscription_limits *limits);
    /* `by_broker`: the broker closed the connection without naming an outage as the reason. Return
     * true to reconnect soon. */
    bool (*lost)(void *context, bool by_broker);
    /* The broker has answered the SUBSCRIBE of this number, with a reason code for each filter. */
    void (*suback)(void *context, int number, const int *codes, size_t count);
    /* The broker has acknowledged the message of this number, by mqtt_session_publish. `refusal`:
     * why the broker refused it, else NULL; a message after which the broker closes the connection
     * is refused, too. */
    void (*published)(void *context, int number, const char *refusal);
};

/* Copies options and hooks and borrows all that they point to. NULL with the reason in `why`. */
struct mqtt_session *mqtt_session_create(const struct mqtt_session_options *options,
                                         const struct mqtt_session_hooks *hooks, char *why,
                                         size_t why_size);
/* Accepts NULL. Publishes the will and disconnects when connected. */
void mqtt_session_destroy(struct mqtt_session *mqtt_session);

/* Replaces the options; client id, version and `tls` must be the same. With `reconnect` it ends the
 * connection and connects again at once. No message is lost: the broker keeps the session, and both
 * sides send unacknowledged messages again. */
void mqtt_session_reconfigure(struct mqtt_session *mqtt_session,
                              const struct mqtt_session_options *options, bool reconnect);

/* Registers the current socket with an epoll instance, under this number. Call it before each wait.
 */
void mqtt_session_watch_socket(struct mqtt_session *mqtt_session, int epoll_fd, uint64_t number);
/* Reads a limited number of packets that have arrived, and calls the hooks. */
void mqtt_session_read(struct mqtt_session *mqtt_session);
/* For a lack of memory: ends the connection without sending the packets that wait, so that the
 * broker sends all unacknowledged messages again. `why` is for the log. */
void mqtt_session_abort(struct mqtt_session *mqtt_session, const char *why);
/* Sends the packets that wait. */
void mqtt_session_flush(struct mqtt_session *mqtt_session);
/* Connects when an attempt is due, and keeps the session alive. Call it once a second, and after
 * mqtt_session_due_ms. */
void mqtt_session_tick(struct mqtt_session *mqtt_session);
/* Milliseconds until the next attempt to connect; -1 when none is planned. */
int mqtt_session_due_ms(const struct mqtt_session *mqtt_session);

/* True between an accepted CONNECT and the end of the connection. */
bool mqtt_session_is_connected(const struct mqtt_session *mqtt_session);
/* True when an attempt to connect has failed, or a connection has ended, since the last CONNECT was
 * accepted. */
bool mqtt_session_has_failed(const struct mqtt_session *mqtt_session);
/* The state of the connection over time: whether it counts as up, since when, and why not. */
const struct broker_link *mqtt_session_link(const struct mqtt_session *mqtt_session);

/* Sends one SUBSCRIBE, for subscriptions_hooks. */
enum subscribe_result mqtt_session_subscribe(struct mqtt_session *mqtt_session,
                                             const char *const *filters, size_t count, int qos,
                                             bool retained, int *number);
/* Sends one UNSUBSCRIBE, for subscriptions_hooks. */
void mqtt_session_unsubscribe(struct mqtt_session *mqtt_session, const char *const *filters,
                              size_t count);
/* The text of a reason code of SUBACK. */
const char *mqtt_session_suback_reason(int code);
/* Publishes the payload on the will's topic, retained, if there is a topic. The payload is copied.
 */
void mqtt_session_announce(struct mqtt_session *mqtt_session, const char *payload);
/* Publishes a message and sets its number, or 0 when no acknowledgement will follow. `qos` and
 * `retain` are lowered to the abilities that the broker has announced. */
enum publish_result mqtt_session_publish(struct mqtt_session *mqtt_session, const char *topic,
                                         const char *payload, size_t len, int qos, bool retain,
                                         int *number);

/* Asks for each message that the broker has not acknowledged what becomes of it: by the hook
 * `lost`, before the next connection would send it again, and again for those that are held. Of a
 * message of QoS 2 that was sent and is then held, the broker may publish two. */
void mqtt_session_review(struct mqtt_session *mqtt_session,
                         enum publication_fate (*judge)(void *context,
                                                        const struct publication *publication),
                         void *context);

#endif
