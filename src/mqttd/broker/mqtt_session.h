/* The MQTT session: connects with back-off, subscribes, takes and publishes messages, all in the
 * thread that calls. No other module knows libmosquitto.
 *
 * Packets, acknowledgements included, are sent by mqtt_session_flush only. So a message is
 * acknowledged only after the caller has made its values safe. */
#ifndef TAGFERRY_MQTTD_BROKER_MQTT_SESSION_H
#define TAGFERRY_MQTTD_BROKER_MQTT_SESSION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/conf.h"
#include "mqttd/broker/broker_link.h"
#include "mqttd/broker/subscriptions.h"

struct mqtt_session;

struct mqtt_session_options {
    const struct conf_addrs *brokers; /* tried in turn */
    const char *client_id;
    const char *username, *password; /* or NULL */
    enum mqtt_version version;
    unsigned keepalive_s, session_expiry_s;
    uint32_t max_packet; /* bytes of a packet that the broker may send; MQTT 5 only */
    bool tls;
    const char *ca_file;              /* or NULL: the system's authorities */
    const char *cert_file, *key_file; /* of the client, or NULL */
    /* The broker publishes it, retained, when we are lost; no topic, no will. The text may change
     * meanwhile: it is read at each connect, and at the end. */
    const char *will_topic, *will;
};

enum publish_result {
    PUBLISH_SENT,
    PUBLISH_REFUSED, /* by the library: it cannot be sent */
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
    /* `by_broker`: the broker closed the connection without naming an outage as the reason. True
     * asks for the next attempt soon. */
    bool (*lost)(void *context, bool by_broker);
    /* The broker has answered the SUBSCRIBE of this number, with a reason code for each filter. */
    void (*suback)(void *context, int number, const int *codes, size_t count);
    /* The broker has taken the message that mqtt_session_publish numbered, or refused it, which
     * gives the reason, else NULL. */
    void (*published)(void *context, int number, const char *refusal);
};

/* NULL with the reason. The options and hooks are copied, what they point to is not. */
struct mqtt_session *mqtt_session_create(const struct mqtt_session_options *options,
                                         const struct mqtt_session_hooks *hooks, char *why,
                                         size_t why_size);
/* Takes NULL. Publishes the will and disconnects when connected. */
void mqtt_session_destroy(struct mqtt_session *mqtt_session);

/* Takes other options, with the same client id, version and `tls`. With `reconnect` the connection
 * is ended and made again at once. No message is lost: the broker keeps the session, and both sides
 * send again what has not been acknowledged. */
void mqtt_session_reconfigure(struct mqtt_session *mqtt_session,
                              const struct mqtt_session_options *options, bool reconnect);

/* Registers the current socket with an epoll instance, under this number. Call it before each wait.
 */
void mqtt_session_watch_socket(struct mqtt_session *mqtt_session, int epoll_fd, uint64_t number);
/* Reads what has arrived, in bounds, and calls the hooks. */
void mqtt_session_read(struct mqtt_session *mqtt_session);
/* Out of memory: ends the connection without sending what waits, so that the broker sends all
 * messages again that were not acknowledged. `why` is for the log. */
void mqtt_session_abort(struct mqtt_session *mqtt_session, const char *why);
/* Sends what waits. */
void mqtt_session_flush(struct mqtt_session *mqtt_session);
/* Connects when that is due, and keeps the session alive. Call it each second, and when
 * mqtt_session_due_ms says so. */
void mqtt_session_tick(struct mqtt_session *mqtt_session);
/* Milliseconds until the next attempt to connect; -1 when none is planned. */
int mqtt_session_due_ms(const struct mqtt_session *mqtt_session);

bool mqtt_session_is_connected(const struct mqtt_session *mqtt_session);
/* True once an attempt to connect has failed. */
bool mqtt_session_has_failed(const struct mqtt_session *mqtt_session);
/* Whether the connection counts as up, and why not; mqtt_session_is_connected knows only this
 * moment. */
const struct broker_link *mqtt_session_link(const struct mqtt_session *mqtt_session);

/* One SUBSCRIBE, as subscriptions_hooks says. */
enum subscribe_result mqtt_session_subscribe(struct mqtt_session *mqtt_session,
                                             const char *const *filters, size_t count, int qos,
                                             bool retained, int *number);
/* One UNSUBSCRIBE. */
void mqtt_session_unsubscribe(struct mqtt_session *mqtt_session, const char *const *filters,
                              size_t count);
/* The words for a code of SUBACK. */
const char *mqtt_session_suback_reason(int code);
/* Publishes at the will's topic, retained, if there is one. The payload may change afterwards. */
void mqtt_session_announce(struct mqtt_session *mqtt_session, const char *payload);
/* Within the limits that the broker has announced: `qos` is lowered, `retain` left out. */
enum publish_result mqtt_session_publish(struct mqtt_session *mqtt_session, const char *topic,
                                         const char *payload, size_t len, int qos, bool retain,
                                         int *number);

#endif
