/* Connects to the broker and runs libmosquitto from mqttd's own loop. */
#include <errno.h>
#include <mqtt_protocol.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/broker/library_guard.h"
#include "mqttd/broker/mqtt_session_internal.h"

enum { CONNECT_LIMIT_MS = 10000, PACKETS_PER_READ = 256 };

static enum broker_reason connack_broker_reason(int code)
{
    switch (code) {
    case CONNACK_REFUSED_PROTOCOL_VERSION:
    case MQTT_RC_UNSUPPORTED_PROTOCOL_VERSION:
        return BROKER_PROTOCOL_REFUSED;
    case CONNACK_REFUSED_IDENTIFIER_REJECTED:
    case MQTT_RC_CLIENTID_NOT_VALID:
        return BROKER_CLIENT_ID_REFUSED;
    case CONNACK_REFUSED_BAD_USERNAME_PASSWORD:
    case CONNACK_REFUSED_NOT_AUTHORIZED:
    case MQTT_RC_BAD_USERNAME_OR_PASSWORD:
    case MQTT_RC_NOT_AUTHORIZED:
    case MQTT_RC_BANNED:
    case MQTT_RC_BAD_AUTHENTICATION_METHOD:
        return BROKER_NOT_AUTHORIZED;
    default:
        return BROKER_REFUSED;
    }
}

/* Ends the connection without sending the packets that wait. */
static void session_cut(struct mqtt_session *s, enum broker_reason reason, const char *why)
{
    int fd = mosquitto_socket(s->mosquitto);
    if (s->state == SESSION_DISCONNECTED)
        return;
    if (fd >= 0)
        shutdown(fd, SHUT_RDWR);
    mqtt_session_note_end(s, reason, why, false);
}

static void session_on_connect(struct mosquitto *mosquitto, void *context, int code, int flags,
                               const mosquitto_property *properties)
{
    struct mqtt_session *s = context;
    struct subscription_limits limits = {0};
    char name[NET_TEXT_SIZE];
    (void)mosquitto;
    mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE,
                                  &limits.packet_bytes_max, false);
    if (limits.packet_bytes_max > 0)
        s->has_packet_limit = true;
    if (s->state != SESSION_CONNECTING) {
        /* The library takes it for the beginning of a connection. */
        session_cut(s, BROKER_LOST, "the broker sent a second CONNACK");
        return;
    }
    if (code != 0) {
        /* The will of the next attempt asks for less. */
        if (code == MQTT_RC_RETAIN_NOT_SUPPORTED)
            s->will.retain = false;
        if (code == MQTT_RC_QOS_NOT_SUPPORTED)
            s->will.qos = 0;
        mqtt_session_note_end(s, connack_broker_reason(code),
                              code >= MQTT_RC_UNSPECIFIED ? mosquitto_reason_string(code)
                                                          : mosquitto_connack_string(code),
                              false);
        return;
    }

    /* The library applies the limit of an earlier CONNACK until another one has a limit, and would
     * refuse what this broker takes: connect again with a new client of the library. There may have
     * been no memory for one. */
    if (s->has_packet_limit && limits.packet_bytes_max == 0 && !s->searches) {
        s->searches = s->renews = true;
        session_cut(s, BROKER_LOST, "");
        return;
    }

    /* The broker has all abilities that the CONNACK does not mention. */
    uint8_t retain = 1, qos = 2, shared = 1, wildcards = 1;
    mosquitto_property_read_byte(properties, MQTT_PROP_RETAIN_AVAILABLE, &retain, false);
    mosquitto_property_read_byte(properties, MQTT_PROP_MAXIMUM_QOS, &qos, false);
    mosquitto_property_read_byte(properties, MQTT_PROP_SHARED_SUB_AVAILABLE, &shared, false);
    mosquitto_property_read_byte(properties, MQTT_PROP_WILDCARD_SUB_AVAILABLE, &wildcards, false);
    limits.no_shared = shared == 0;
    limits.no_wildcards = wildcards == 0;
    limits.qos_max = s->available.qos = qos;
    if (s->lacks_qos_2[s->broker % CONF_ADDRS_MAX] && qos > 1)
        s->available.qos = 1;
    s->available.retain = retain != 0;

    s->state = SESSION_CONNECTED;
    s->quiet_ms = clock_steady_ms();
    s->failed = false;
    s->complaint[0] = '\0';
    broker_protocol_note_success(&s->protocols[s->broker % CONF_ADDRS_MAX]);
    s->version_worked = s->version;
    mqtt_session_broker_name(s, name);
    broker_link_set_accepted(&s->link, s->options.brokers->count > 1 ? name : "",
                             clock_steady_ms());
    limits.is_quiet = broker_link_is_flapping(&s->link);
    bool kept = (flags & 1) != 0;
    void (*say)(const char *format, ...) =
        limits.is_quiet || s->options.is_quiet ? log_debug : log_info;
    say("connected to broker %s as \"%s\" with MQTT %s, %s", name, s->options.client_id,
        mqtt_version_names[s->version], kept ? "session kept" : "new session");
    if (s->will.is_left_out && !s->will.was_taken)
        say("broker %s does not take the topic of the will, \"%s\": there are no birth and will "
            "messages",
            name, s->options.will_topic);
    s->will.was_taken |= !s->will.is_left_out;
    s->hooks.connected(s->hooks.context, kept, &limits);
    mqtt_session_send_waiting(s);
}

/* True for the reasons for which a broker ends connections whatever the client has asked for. */
static bool is_broker_outage(int code)
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

/* Of some ends the library says "Unknown error" or "Success". */
static const char *session_error_words(int code)
{
    switch (code) {
    case 0:
        return "it ended the connection";
    case MOSQ_ERR_ERRNO:
        return strerror(errno);
    case MOSQ_ERR_KEEPALIVE:
        return "it does not answer any more";
    case MOSQ_ERR_MALFORMED_PACKET:
        return "it sent a malformed packet";
    default:
        return code < MQTT_RC_UNSPECIFIED ? mosquitto_strerror(code)
                                          : mosquitto_reason_string(code);
    }
}

static void session_on_disconnect(struct mosquitto *mosquitto, void *context, int code,
                                  const mosquitto_property *properties)
{
    enum broker_reason reason = code == MQTT_RC_SESSION_TAKEN_OVER ? BROKER_SESSION_TAKEN_OVER
                                : code == MOSQ_ERR_NOMEM           ? BROKER_NO_MEMORY
                                                                   : BROKER_LOST;
    (void)mosquitto, (void)properties;
    mqtt_session_note_end(context, reason, session_error_words(code), !is_broker_outage(code));
}

/* Keeps why TLS failed: the last part of "error:0A000086:SSL routines::certificate verify failed".
 * With a log function the library formats a line for each packet: without TLS there is no such
 * function. */
static void session_on_log(struct mosquitto *mosquitto, void *context, int level, const char *text)
{
    struct mqtt_session *s = context;
    (void)mosquitto;
    if (level != MOSQ_LOG_ERR)
        return;
    const char *colon = strncmp(text, "OpenSSL Error", 13) == 0 ? strrchr(text, ':') : NULL;
    snprintf(s->complaint, sizeof s->complaint, "%s", colon ? colon + 1 : text);
}

static void session_on_message(struct mosquitto *mosquitto, void *context,
                               const struct mosquitto_message *message,
                               const mosquitto_property *properties)
{
    struct mqtt_session *s = context;
    (void)mosquitto, (void)properties;
    struct mqtt_message handed = {.topic = message->topic,
                                  .payload = message->payload,
                                  .len = (size_t)message->payloadlen,
                                  .retained = message->retain,
                                  .qos = message->qos};
    s->hooks.message(s->hooks.context, &handed);
}

static bool session_make_client(struct mqtt_session *s)
{
    s->mosquitto = mosquitto_new(s->options.client_id, s->options.clean, s);
    if (!s->mosquitto || !mqtt_session_set_options(s))
        return false;
    if (s->options.tls)
        mosquitto_log_callback_set(s->mosquitto, session_on_log);
    mosquitto_connect_v5_callback_set(s->mosquitto, session_on_connect);
    mosquitto_disconnect_v5_callback_set(s->mosquitto, session_on_disconnect);
    mosquitto_message_v5_callback_set(s->mosquitto, session_on_message);
    mosquitto_publish_v5_callback_set(s->mosquitto, mqtt_session_on_publish);
    mosquitto_subscribe_v5_callback_set(s->mosquitto, mqtt_session_on_suback);
    return true;
}

/* Other settings may name another broker. */
static void session_reset_limits(struct mqtt_session *s)
{
    memset(s->protocols, 0, sizeof s->protocols);
    s->version_worked = MQTT_VERSION_AUTO;
    memset(&s->failure_log, 0, sizeof s->failure_log);
    memset(s->lacks_qos_2, 0, sizeof s->lacks_qos_2);
    publications_retry_all(&s->publications);
    s->will.retain = true;
    s->will.qos = 1;
    s->will.is_left_out = s->will.was_taken = false;
}

struct mqtt_session *mqtt_session_create(const struct mqtt_session_options *options,
                                         const struct mqtt_session_hooks *hooks, char *why,
                                         size_t why_size)
{
    struct mqtt_session *s = calloc(1, sizeof *s);
    mosquitto_lib_init();
    if (s) {
        s->options = *options;
        s->hooks = *hooks;
        s->version = options->version == MQTT_VERSION_AUTO ? MQTT_VERSION_5 : options->version;
        publications_init(&s->publications);
        session_reset_limits(s);
        broker_link_init(&s->link, clock_steady_ms());
    }
    if (!s || !session_make_client(s)) {
        snprintf(why, why_size, "cannot set up the MQTT client: %s", strerror(errno));
        mqtt_session_destroy(s);
        return NULL;
    }
    return s;
}

void mqtt_session_destroy(struct mqtt_session *s)
{
    if (!s)
        return;
    if (s->mosquitto && s->state == SESSION_CONNECTED) {
        /* An orderly end discards the will, so its message is sent as any other. */
        mosquitto_disconnect_v5_callback_set(s->mosquitto, NULL);
        s->publications.is_careful = false;
        mqtt_session_announce(s, s->options.will);
        mosquitto_disconnect(s->mosquitto);
        mosquitto_loop_write(s->mosquitto, 1);
    }
    mosquitto_destroy(s->mosquitto);
    mosquitto_lib_cleanup();
    publications_finish(&s->publications);
    free(s);
}

static void session_start_renewal(struct mqtt_session *s)
{
    REQUIRE(s->state == SESSION_CONNECTED && !s->renews);
    log_info("reconnecting to the broker");
    s->renews = true;
    mosquitto_disconnect(s->mosquitto);
}

void mqtt_session_reconfigure(struct mqtt_session *s, const struct mqtt_session_options *options,
                              bool reconnect)
{
    s->options = *options;
    publications_retry_all(&s->publications);
    if (!reconnect)
        return;
    if (!mqtt_session_set_credentials(s))
        log_error("cannot set up the MQTT client again");
    s->backoff.until_ms = 0;
    session_reset_limits(s);
    s->outdated = s->options.tls;
    if (s->state == SESSION_CONNECTED)
        session_start_renewal(s);
}

/* The socket of a new connection may have the number of the old one, which epoll has removed. */
void mqtt_session_watch_socket(struct mqtt_session *s, int epoll_fd, uint64_t number)
{
    int fd = mosquitto_socket(s->mosquitto);
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = number};
    if (fd < 0)
        return;
    if (s->state == SESSION_DISCONNECTED) {
        /* The library keeps a socket that failed until the next attempt. */
        epoll_ctl(epoll_fd, EPOLL_CTL_DEL, fd, NULL);
        return;
    }
    /* Also while it connects: the CONNECT packet waits. */
    if (mosquitto_want_write(s->mosquitto))
        event.events |= EPOLLOUT;
    if (epoll_ctl(epoll_fd, EPOLL_CTL_MOD, fd, &event) != 0 && errno == ENOENT)
        epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event);
}

/* A call of the library has failed: the connection has ended. */
static void session_note_error(struct mqtt_session *s, int rc)
{
    REQUIRE(rc != MOSQ_ERR_SUCCESS);
    if (rc == MOSQ_ERR_NO_CONN)
        return;
    enum broker_reason reason = rc == MOSQ_ERR_NOMEM ? BROKER_NO_MEMORY : BROKER_LOST;
    if (s->state == SESSION_CONNECTING && rc == MOSQ_ERR_TLS)
        reason = BROKER_TLS_FAILED;
    else if (s->connect_sent && s->state == SESSION_CONNECTING && rc == MOSQ_ERR_MALFORMED_PACKET)
        reason = BROKER_PROTOCOL_REFUSED; /* an answer of another version */
    mqtt_session_note_end(s, reason, session_error_words(rc), !is_broker_outage(rc));
}

void mqtt_session_read(struct mqtt_session *s)
{
    struct pollfd socket = {.fd = mosquitto_socket(s->mosquitto)};
    if (s->state == SESSION_CONNECTING && poll(&socket, 1, 0) > 0) {
        /* With TLS the library regards a refused or reset connection as one that is still being
         * made, and may have read the socket's error already. */
        int error = 0;
        socklen_t len = sizeof error;
        getsockopt(socket.fd, SOL_SOCKET, SO_ERROR, &error, &len);
        mqtt_session_note_end(s, BROKER_LOST,
                              error ? strerror(error) : "Connection refused or reset", false);
        return;
    }

    /* The first call also finds the end of the connection, at which there are no bytes to read. */
    int rc = library_guard_read(s->mosquitto);
    for (int i = 1; i < PACKETS_PER_READ && rc == MOSQ_ERR_SUCCESS; i++) {
        int bytes = 0, fd = mosquitto_socket(s->mosquitto);
        if (fd < 0 || s->state == SESSION_DISCONNECTED || ioctl(fd, FIONREAD, &bytes) != 0 ||
            bytes <= 0)
            break;
        rc = library_guard_read(s->mosquitto);
    }
    if (rc != MOSQ_ERR_SUCCESS)
        session_note_error(s, rc);
}

void mqtt_session_abort(struct mqtt_session *s, const char *why)
{
    session_cut(s, BROKER_NO_MEMORY, why);
}

void mqtt_session_flush(struct mqtt_session *s)
{
    if (s->state == SESSION_DISCONNECTED || mosquitto_socket(s->mosquitto) < 0)
        return;
    if (mosquitto_want_write(s->mosquitto)) {
        int rc = mosquitto_loop_write(s->mosquitto, 1);
        if (rc != MOSQ_ERR_SUCCESS)
            session_note_error(s, rc);
        /* The library wants to write CONNECT when the connection, and TLS, are established. */
        if (s->state == SESSION_CONNECTING)
            s->connect_sent = !mosquitto_want_write(s->mosquitto);
    }
    /* The library may keep a message that it had no memory to send, and send it on the next
     * connection, after newer messages: end this connection now, before there are newer ones. */
    if (s->keeps_unsent)
        mqtt_session_abort(s, "no memory for a message to the broker");
    s->keeps_unsent = false;
}

/* A network that is cut does not close the connection, and a session that is only subscribed sends
 * nothing that would stay unanswered: the kernel asks, and ends the connection. */
static void session_watch_network(const struct mqtt_session *s)
{
    int fd = mosquitto_socket(s->mosquitto), on = 1;
    int idle_s = (int)s->options.keepalive_s / 5;
    int interval_s = idle_s, limit_ms = 2 * idle_s * 1000;
    if (fd < 0)
        return;
    setsockopt(fd, SOL_SOCKET, SO_KEEPALIVE, &on, sizeof on);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPIDLE, &idle_s, sizeof idle_s);
    setsockopt(fd, IPPROTO_TCP, TCP_KEEPINTVL, &interval_s, sizeof interval_s);
    setsockopt(fd, IPPROTO_TCP, TCP_USER_TIMEOUT, &limit_ms, sizeof limit_ms);
}

static void session_connect_now(struct mqtt_session *s)
{
    const struct net_addr *broker = mqtt_session_broker(s);
    enum mqtt_version version = s->options.version;
    REQUIRE(s->state == SESSION_DISCONNECTED);
    if (version == MQTT_VERSION_AUTO) {
        /* The nodes of a cluster have the same abilities. */
        struct broker_protocol *protocol = &s->protocols[s->broker % CONF_ADDRS_MAX];
        if (protocol->next == MQTT_VERSION_AUTO && protocol->worked == MQTT_VERSION_AUTO)
            protocol->next = s->version_worked;
        version = broker_protocol_next_version(protocol);
    }
    s->state = SESSION_CONNECTING;
    s->since_ms = clock_steady_ms();
    s->connect_sent = false;
    s->complaint[0] = '\0';
    if (!mqtt_session_set_version(s, version) || !mqtt_session_set_will(s)) {
        mqtt_session_note_end(s, BROKER_LOST, "cannot set up the MQTT client", false);
        return;
    }
    if (version == MQTT_VERSION_3_1_1 && s->options.password && !s->options.username) {
        mqtt_session_note_end(s, BROKER_PROTOCOL_REFUSED, "a password needs a user name", false);
        return;
    }
    int rc = mosquitto_connect_bind_async(s->mosquitto, broker->host, broker->port,
                                          (int)s->options.keepalive_s, NULL);
    session_watch_network(s);
    if (rc != MOSQ_ERR_SUCCESS)
        session_note_error(s, rc);
}

static void session_replace_client(struct mqtt_session *s)
{
    struct mosquitto *old = s->mosquitto;
    s->outdated = false;
    bool made = session_make_client(s);
    if (!made)
        log_error("cannot set up the MQTT client again");
    mosquitto_destroy(made ? old : s->mosquitto);
    s->mosquitto = made ? s->mosquitto : old;
    s->searches &= !made;
    s->has_packet_limit &= !made;
    if (made)
        publications_reset_sent(&s->publications);
}

void mqtt_session_tick(struct mqtt_session *s)
{
    uint64_t now = clock_steady_ms();
    char name[NET_TEXT_SIZE];
    int rc = MOSQ_ERR_SUCCESS;

    /* The library's client reads the authorities that it trusts only once. It can be replaced
     * between two connections, while it keeps no message that the broker may not have received; the
     * rest of the session is kept by the broker. The old client stays when a new one cannot be
     * made. */
    bool may_replace =
        (s->searches || (s->outdated && s->publications.sent_count == 0)) && !s->renews;
    if (may_replace && s->state == SESSION_CONNECTED)
        session_start_renewal(s);
    else if (may_replace && s->state == SESSION_DISCONNECTED)
        session_replace_client(s);

    if (s->state == SESSION_DISCONNECTED && backoff_remaining_ms(&s->backoff, now) == 0)
        session_connect_now(s);
    else if (s->state == SESSION_CONNECTING && now - s->since_ms > CONNECT_LIMIT_MS)
        mqtt_session_note_end(s, s->connect_sent ? BROKER_NO_ANSWER : BROKER_UNREACHABLE,
                              "no answer", false);
    else if (s->state == SESSION_CONNECTED)
        rc = mosquitto_loop_misc(s->mosquitto);
    if (rc != MOSQ_ERR_SUCCESS)
        session_note_error(s, rc);
    mqtt_session_send_waiting(s);

    /* Only a connection that lasts resets the back-off. */
    bool flapped = broker_link_is_flapping(&s->link);
    if (broker_link_check_lasting(&s->link, now)) {
        s->backoff = (struct backoff){0};
        if (flapped && !s->options.is_quiet)
            log_info("the connection to broker %s is stable again",
                     mqtt_session_broker_name(s, name));
    }
    if (s->link.lasts)
        publications_note_lasting(&s->publications);
}

int mqtt_session_due_ms(const struct mqtt_session *s)
{
    uint64_t now = clock_steady_ms();
    if (s->state != SESSION_DISCONNECTED)
        return -1;
    return (int)backoff_remaining_ms(&s->backoff, now);
}

bool mqtt_session_is_connected(const struct mqtt_session *s)
{
    return s->state == SESSION_CONNECTED;
}

bool mqtt_session_has_failed(const struct mqtt_session *s)
{
    return s->failed;
}

const struct broker_link *mqtt_session_link(const struct mqtt_session *s)
{
    return &s->link;
}
