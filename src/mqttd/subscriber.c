/* The connection to the broker: libmosquitto with a loop of our own. */
#include <errno.h>
#include <mqtt_protocol.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "common/clock.h"
#include "common/log.h"
#include "mqttd/subscriber_inside.h"

enum {
    CONNECT_LIMIT_MS = 10000,
    PACKETS_A_TURN = 256,
    RECEIVE_MAXIMUM = 1000,
    SOON_MS = 500 /* until the next attempt, where that will go better */
};

static const struct net_addr *broker_of(const struct subscriber *s)
{
    return &s->options.brokers->item[s->broker % s->options.brokers->count];
}

static const char *broker_name(const struct subscriber *s, char text[NET_TEXT_SIZE])
{
    net_addr_format(broker_of(s), text);
    return text;
}

/* One line when the broker goes, not one for each attempt. */
static void log_failure(struct subscriber *s, const char *reason, bool was_connected)
{
    char name[NET_TEXT_SIZE], why[256];
    size_t len = strlen(reason);
    int stem = (int)(len > 0 && reason[len - 1] == '.' ? len - 1 : len);
    snprintf(why, sizeof why, s->complaint[0] ? "%.*s (%s)" : "%.*s", stem, reason, s->complaint);
    if (was_connected)
        log_warning("connection to broker %s lost: %s", broker_name(s, name), why);
    else if (!s->failure_logged)
        log_warning("cannot connect to broker %s: %s; trying on", broker_name(s, name), why);
    else
        log_debug("cannot connect to broker %s: %s", broker_name(s, name), why);
    s->failure_logged = true;
}

/* `by_broker`: it closed the connection, and named no outage as the reason. */
static void end(struct subscriber *s, const char *why, bool by_broker)
{
    if (s->state == AWAY)
        return;
    bool was_connected = s->state == CONNECTED;
    s->state = AWAY;
    s->asked = 0;
    if (s->renews) {
        s->renews = by_broker = false;
    } else {
        log_failure(s, why, was_connected);
        s->failed = true;
        s->broker += !was_connected;
        backoff_fail(&s->backoff, clock_steady_us());
    }
    if (was_connected && s->hooks.lost(s->hooks.context, by_broker))
        s->backoff.until_ms = clock_steady_ms() + SOON_MS;
}

static void fail(struct subscriber *s, const char *why)
{
    end(s, why, false);
}

static struct subscription_limits limits_of(const mosquitto_property *properties)
{
    struct subscription_limits limits = {0};
    uint8_t shared = 1, wildcards = 1, qos = 2;
    mosquitto_property_read_byte(properties, MQTT_PROP_SHARED_SUB_AVAILABLE, &shared, false);
    mosquitto_property_read_byte(properties, MQTT_PROP_WILDCARD_SUB_AVAILABLE, &wildcards, false);
    mosquitto_property_read_byte(properties, MQTT_PROP_MAXIMUM_QOS, &qos, false);
    mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
                                  &limits.packet_bytes_max, false);
    limits.no_shared = shared == 0;
    limits.no_wildcards = wildcards == 0;
    limits.qos_max = qos;
    return limits;
}

static void on_connect(struct mosquitto *mosquitto, void *context, int code, int flags,
                       const mosquitto_property *properties)
{
    struct subscriber *s = context;
    char name[NET_TEXT_SIZE];
    (void)mosquitto;
    if (code != 0) {
        fail(s, s->options.version == MQTT_5 ? mosquitto_reason_string(code)
                                             : mosquitto_connack_string(code));
        return;
    }
    s->state = CONNECTED;
    s->failed = s->failure_logged = false;
    s->complaint[0] = '\0';
    s->backoff = (struct backoff){0};
    bool kept = (flags & 1) != 0;
    log_info("connected to broker %s as \"%s\", %s", broker_name(s, name), s->options.client_id,
             kept ? "session kept" : "new session");
    const struct subscription_limits limits = limits_of(properties);
    s->hooks.connected(s->hooks.context, kept, &limits);
}

/* Why a broker ends any connection, whatever the client has asked for. */
static bool is_outage(int code)
{
    switch (code) {
    case MOSQ_ERR_KEEPALIVE:
    case MOSQ_ERR_NOMEM:
    case MQTT_RC_SERVER_BUSY:
    case MQTT_RC_SERVER_SHUTTING_DOWN:
    case MQTT_RC_KEEP_ALIVE_TIMEOUT:
    case MQTT_RC_SESSION_TAKEN_OVER:
    case MQTT_RC_ADMINISTRATIVE_ACTION:
    case MQTT_RC_USE_ANOTHER_SERVER:
    case MQTT_RC_SERVER_MOVED:
    case MQTT_RC_CONNECTION_RATE_EXCEEDED:
    case MQTT_RC_MAXIMUM_CONNECT_TIME:
        return true;
    default:
        return false;
    }
}

static void on_disconnect(struct mosquitto *mosquitto, void *context, int code,
                          const mosquitto_property *properties)
{
    (void)mosquitto, (void)properties;
    end(context, code > 0 && code < 0x80 ? mosquitto_strerror(code) : mosquitto_reason_string(code),
        !is_outage(code));
}

/* Why TLS failed; "error:0A000086:SSL routines::certificate verify failed" ends with what is said.
 */
static void on_log(struct mosquitto *mosquitto, void *context, int level, const char *text)
{
    struct subscriber *s = context;
    (void)mosquitto;
    if (level != MOSQ_LOG_ERR)
        return;
    const char *colon = strncmp(text, "OpenSSL Error", 13) == 0 ? strrchr(text, ':') : NULL;
    snprintf(s->complaint, sizeof s->complaint, "%s", colon ? colon + 1 : text);
}

static void on_message(struct mosquitto *mosquitto, void *context,
                       const struct mosquitto_message *message,
                       const mosquitto_property *properties)
{
    struct subscriber *s = context;
    (void)mosquitto, (void)properties;
    struct subscriber_message handed = {.topic = message->topic,
                                        .payload = message->payload,
                                        .len = (size_t)message->payloadlen,
                                        .retained = message->retain};
    s->hooks.message(s->hooks.context, &handed);
}

static void note_unconfirmed(struct subscriber *s, int number, bool unconfirmed)
{
    uint64_t *word = &s->unconfirmed.bits[(uint16_t)number / 64];
    uint64_t bit = 1ULL << (number % 64);
    if (((*word & bit) != 0) == unconfirmed)
        return;
    *word ^= bit;
    s->unconfirmed.count += unconfirmed ? 1 : (size_t)-1;
}

/* Of QoS 0, too, as soon as it is written. */
static void on_publish(struct mosquitto *mosquitto, void *context, int number, int code,
                       const mosquitto_property *properties)
{
    struct subscriber *s = context;
    (void)mosquitto, (void)properties;
    note_unconfirmed(s, number, false);
    s->hooks.published(s->hooks.context, number,
                       code >= 0x80 ? mosquitto_reason_string(code) : NULL);
}

/* The library takes these for later connects, too, and only in this call: it keeps them before it
 * looks at the host, of which there is none. */
static bool set_session_expiry(struct subscriber *s)
{
    mosquitto_property *properties = NULL;
    if (mosquitto_property_add_int32(&properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL,
                                     s->options.session_expiry_s) != MOSQ_ERR_SUCCESS)
        return false;
    int rc = mosquitto_connect_bind_v5(s->mosquitto, NULL, 0, 60, NULL, properties);
    mosquitto_property_free_all(&properties);
    return rc == MOSQ_ERR_INVAL;
}

/* The broker's certificate and its name are checked. */
static int set_tls(struct subscriber *s)
{
    const struct subscriber_options *options = &s->options;
    return mosquitto_tls_set(s->mosquitto, options->ca_file,
                             options->ca_file ? NULL : "/etc/ssl/certs", options->cert_file,
                             options->key_file, NULL);
}

/* What may change between two connections. */
static bool set_credentials(struct subscriber *s)
{
    if (mosquitto_username_pw_set(s->mosquitto, s->options.username, s->options.password) !=
        MOSQ_ERR_SUCCESS)
        return false;
    if (s->options.tls && set_tls(s) != MOSQ_ERR_SUCCESS)
        return false;
    return s->options.version != MQTT_5 || set_session_expiry(s);
}

static bool set_options(struct subscriber *s)
{
    bool v5 = s->options.version == MQTT_5;
    if (mosquitto_int_option(s->mosquitto, MOSQ_OPT_PROTOCOL_VERSION,
                             v5 ? MQTT_PROTOCOL_V5 : MQTT_PROTOCOL_V311) != MOSQ_ERR_SUCCESS ||
        mosquitto_threaded_set(s->mosquitto, true) != MOSQ_ERR_SUCCESS ||
        mosquitto_int_option(s->mosquitto, MOSQ_OPT_TCP_NODELAY, 1) != MOSQ_ERR_SUCCESS)
        return false;
    /* Once only, since the library forgets what it had. */
    if (s->options.tls &&
        mosquitto_tls_opts_set(s->mosquitto, 1, "tlsv1.2", NULL) != MOSQ_ERR_SUCCESS)
        return false;
    if (!set_credentials(s))
        return false;
    return !v5 || mosquitto_int_option(s->mosquitto, MOSQ_OPT_RECEIVE_MAXIMUM, RECEIVE_MAXIMUM) ==
                      MOSQ_ERR_SUCCESS;
}

static void set_callbacks(struct mosquitto *mosquitto)
{
    mosquitto_log_callback_set(mosquitto, on_log);
    mosquitto_connect_v5_callback_set(mosquitto, on_connect);
    mosquitto_disconnect_v5_callback_set(mosquitto, on_disconnect);
    mosquitto_message_v5_callback_set(mosquitto, on_message);
    mosquitto_publish_v5_callback_set(mosquitto, on_publish);
    mosquitto_subscribe_v5_callback_set(mosquitto, subscriber_take_suback);
}

static bool make_client(struct subscriber *s)
{
    s->mosquitto = mosquitto_new(s->options.client_id, false, s);
    if (!s->mosquitto || !set_options(s))
        return false;
    set_callbacks(s->mosquitto);
    return true;
}

/* What the library's client has once read as an authority it trusts for as long as it lives. It can
 * be replaced between two connections, when it keeps no message that the broker may not have; the
 * rest of the session is the broker's. */
static void replace_client(struct subscriber *s)
{
    struct mosquitto *old = s->mosquitto;
    s->outdated = false;
    if (!make_client(s)) {
        log_error("cannot set up the MQTT client anew");
        mosquitto_destroy(s->mosquitto);
        s->mosquitto = old;
        return;
    }
    mosquitto_destroy(old);
}

struct subscriber *subscriber_create(const struct subscriber_options *options,
                                     const struct subscriber_hooks *hooks, char *why,
                                     size_t why_size)
{
    struct subscriber *s = calloc(1, sizeof *s);
    mosquitto_lib_init();
    if (s) {
        s->options = *options;
        s->hooks = *hooks;
    }
    if (!s || !make_client(s)) {
        snprintf(why, why_size, "cannot set up the MQTT client: %s", strerror(errno));
        subscriber_destroy(s);
        return NULL;
    }
    return s;
}

void subscriber_destroy(struct subscriber *s)
{
    if (!s)
        return;
    if (s->mosquitto && s->state == CONNECTED) {
        /* An orderly end discards the will, so its message is sent as any other. */
        mosquitto_disconnect_v5_callback_set(s->mosquitto, NULL);
        mosquitto_publish(s->mosquitto, NULL, s->options.will_topic, (int)strlen(s->options.will),
                          s->options.will, 1, true);
        mosquitto_disconnect(s->mosquitto);
        mosquitto_loop_write(s->mosquitto, 1);
    }
    mosquitto_destroy(s->mosquitto);
    mosquitto_lib_cleanup();
    free(s);
}

static void renew(struct subscriber *s)
{
    log_info("connecting to the broker anew");
    s->renews = true;
    mosquitto_disconnect(s->mosquitto);
}

void subscriber_change(struct subscriber *s, const struct subscriber_options *options, bool anew)
{
    s->options = *options;
    if (!anew)
        return;
    if (!set_credentials(s))
        log_error("cannot set up the MQTT client anew");
    s->backoff.until_ms = 0;
    s->failure_logged = false;
    s->outdated = s->options.tls;
    if (s->state == CONNECTED)
        renew(s);
}

/* A reconnect may bring the same descriptor number, which epoll has forgotten. */
void subscriber_watch(struct subscriber *s, int epoll_fd, uint64_t number)
{
    int fd = mosquitto_socket(s->mosquitto);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = number};
    if (fd < 0)
        return;
    if (s->state == AWAY) {
        /* The library keeps a socket that failed until the next attempt. */
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    /* While it connects, too: the CONNECT packet waits. */
    if (mosquitto_want_write(s->mosquitto))
        event.events |= EPOLLOUT;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT)
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

static bool has_bytes(const struct subscriber *s)
{
    int bytes = 0;
    int fd = mosquitto_socket(s->mosquitto);
    return fd >= 0 && ioctl(fd, FIONREAD, &bytes) == 0 && bytes > 0;
}

static void note(struct subscriber *s, int rc)
{
    if (rc == MOSQ_ERR_SUCCESS || rc == MOSQ_ERR_NO_CONN)
        return;
    end(s, rc == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(rc), !is_outage(rc));
}

/* The library's TLS takes a refused or reset connection for one that is still under way, and may
 * have read away the socket's error. */
static bool has_broken(struct subscriber *s)
{
    int error = 0;
    socklen_t len = sizeof error;
    struct pollfd socket = {.fd = mosquitto_socket(s->mosquitto)};
    if (s->state != CONNECTING || poll(&socket, 1, 0) <= 0)
        return false;
    getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &len);
    fail(s, error ? strerror(error) : "Connection refused or reset");
    return true;
}

void subscriber_read(struct subscriber *s)
{
    if (has_broken(s))
        return;
    /* The first call also finds the end of the connection, which brings no bytes. */
    int rc = mosquitto_loop_read(s->mosquitto, 1);
    for (int i = 1; i < PACKETS_A_TURN && rc == MOSQ_ERR_SUCCESS && has_bytes(s); i++)
        rc = mosquitto_loop_read(s->mosquitto, 1);
    note(s, rc);
}

void subscriber_flush(struct subscriber *s)
{
    if (mosquitto_socket(s->mosquitto) >= 0 && mosquitto_want_write(s->mosquitto))
        note(s, mosquitto_loop_write(s->mosquitto, 1));
}

static void connect_now(struct subscriber *s)
{
    const struct net_addr *broker = broker_of(s);
    s->state = CONNECTING;
    s->since_ms = clock_steady_ms();
    mosquitto_will_set(s->mosquitto, s->options.will_topic, (int)strlen(s->options.will),
                       s->options.will, 1, true);
    s->complaint[0] = '\0';
    note(s, mosquitto_connect_bind_async(s->mosquitto, broker->host, broker->port,
                                         (int)s->options.keepalive_s, NULL));
}

void subscriber_tick(struct subscriber *s)
{
    uint64_t now = clock_steady_ms();
    bool replaces = s->outdated && s->unconfirmed.count == 0 && !s->renews;
    if (replaces && s->state == CONNECTED)
        renew(s);
    else if (replaces && s->state == AWAY)
        replace_client(s);
    if (s->state == AWAY && backoff_left_ms(&s->backoff, now) == 0)
        connect_now(s);
    else if (s->state == CONNECTING && now - s->since_ms > CONNECT_LIMIT_MS)
        fail(s, "no answer");
    else if (s->state == CONNECTED)
        note(s, mosquitto_loop_misc(s->mosquitto));
}

int subscriber_due_ms(const struct subscriber *s)
{
    uint64_t now = clock_steady_ms();
    if (s->state != AWAY)
        return -1;
    return (int)backoff_left_ms(&s->backoff, now);
}

bool subscriber_is_connected(const struct subscriber *s)
{
    return s->state == CONNECTED;
}

bool subscriber_has_failed(const struct subscriber *s)
{
    return s->failed;
}

bool subscriber_publish(struct subscriber *s, const char *topic, const char *payload, size_t len,
                        int qos, bool retain, int *number)
{
    int rc = mosquitto_publish(s->mosquitto, number, topic, (int)len, payload, qos, retain);
    while (rc == MOSQ_ERR_QOS_NOT_SUPPORTED && qos > 0)
        rc = mosquitto_publish(s->mosquitto, number, topic, (int)len, payload, --qos, retain);
    if (rc != MOSQ_ERR_SUCCESS && rc != MOSQ_ERR_NO_CONN) {
        log_warning("cannot publish to %s: %s", topic, mosquitto_strerror(rc));
        return false;
    }
    if (qos > 0)
        note_unconfirmed(s, *number, true);
    return true;
}
