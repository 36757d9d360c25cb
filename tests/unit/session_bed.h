/* A session with a broker that the test plays, on a clock of the test. */
#ifndef TAGFERRY_TESTS_SESSION_BED_H
#define TAGFERRY_TESTS_SESSION_BED_H

#include "fake_mosquitto.h"
#include "said_log.h"
#include "set_clock.h"

#include <sys/epoll.h>
#include <sys/socket.h>

#include "mqttd/broker/mqtt_session_internal.h"

enum { BROKERS_MAX = 3 };

struct session_bed {
    struct mqtt_session *session;
    struct conf_addrs brokers;
    struct mqtt_session_options options;
    int ends[2];     /* the session's socket, and the other one */
    bool wants_soon; /* what the hook `lost` returns */
    struct said_log said;
};

uint64_t __wrap_clock_steady_us(void);
int __wrap_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event);
int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size);

uint64_t __wrap_clock_steady_us(void)
{
    return set_clock_ms * 1000;
}

/* The first change of an unknown socket fails, as that of the kernel. */
static int known_fd = -1;

int __wrap_epoll_ctl(int epoll_fd, int operation, int fd, struct epoll_event *event)
{
    bool is_unknown = operation != EPOLL_CTL_ADD && fd != known_fd;
    fake_say("epoll %d %s%s%s number=%d%s", epoll_fd,
             operation == EPOLL_CTL_ADD   ? "add"
             : operation == EPOLL_CTL_MOD ? "change"
                                          : "remove",
             event && event->events & EPOLLIN ? " in" : "",
             event && event->events & EPOLLOUT ? " out" : "", event ? (int)event->data.u64 : -1,
             is_unknown ? " fails" : "");
    if (is_unknown) {
        errno = ENOENT;
        return -1;
    }
    known_fd = operation == EPOLL_CTL_DEL ? -1 : fd;
    return 0;
}

int __wrap_setsockopt(int fd, int level, int name, const void *value, socklen_t size)
{
    int number;
    assert_int_equal(fd, fake.socket);
    assert_int_equal(size, sizeof number);
    memcpy(&number, value, sizeof number);
    fake_say("socket %d/%d=%d", level, name, number);
    return 0;
}

static void bed_on_message(void *context, const struct mqtt_message *message)
{
    (void)context;
    fake_say("message %s=%.*s qos=%d%s", message->topic, (int)message->len,
             message->payload ? message->payload : "", message->qos,
             message->retained ? " retained" : "");
}

static void bed_on_connected(void *context, bool kept, const struct subscription_limits *limits)
{
    (void)context;
    fake_say("connected%s packet=%u qos=%d%s%s%s", kept ? " kept" : "", limits->packet_bytes_max,
             limits->qos_max, limits->no_shared ? " no_shared" : "",
             limits->no_wildcards ? " no_wildcards" : "", limits->is_quiet ? " quiet" : "");
}

static bool bed_on_lost(void *context, bool by_broker)
{
    const struct session_bed *bed = context;
    fake_say("lost%s", by_broker ? " by_broker" : "");
    return bed->wants_soon;
}

static void bed_on_suback(void *context, int number, const int *codes, size_t count)
{
    (void)context;
    fake_say("suback %d: %zu, %d", number, count, codes[count - 1]);
}

static void bed_on_published(void *context, int number, const char *refusal)
{
    (void)context;
    fake_say("published %d: %s", number, refusal ? refusal : "taken");
}

static const struct mqtt_session_hooks bed_hooks = {.message = bed_on_message,
                                                    .connected = bed_on_connected,
                                                    .lost = bed_on_lost,
                                                    .suback = bed_on_suback,
                                                    .published = bed_on_published};

static inline void bed_set_brokers(struct session_bed *bed, size_t count)
{
    bed->brokers.count = count;
    for (size_t i = 0; i < count; i++) {
        snprintf(bed->brokers.item[i].host, sizeof bed->brokers.item[i].host, "b%zu", i + 1);
        bed->brokers.item[i].port = (uint16_t)(1883 + i);
    }
}

/* The bed of the test, with options that the test may change before bed_create. */
static inline int bed_open(void **state)
{
    struct session_bed *bed = calloc(1, sizeof *bed);
    assert_non_null(bed);
    fake_reset();
    known_fd = -1;
    set_clock_ms = SET_CLOCK_START;
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, bed->ends), 0);
    fake.socket = bed->ends[0];
    bed_set_brokers(bed, 1);
    bed->options = (struct mqtt_session_options){.brokers = &bed->brokers,
                                                 .client_id = "me",
                                                 .version = MQTT_VERSION_AUTO,
                                                 .keepalive_s = 30,
                                                 .session_expiry_s = 3600,
                                                 .max_packet = 2097152,
                                                 .will_topic = "will",
                                                 .will = "gone"};
    *state = bed;
    said_log_begin(&bed->said);
    return 0;
}

static inline void bed_create(struct session_bed *bed)
{
    char why[200];
    struct mqtt_session_hooks hooks = bed_hooks;
    hooks.context = bed;
    bed->session = mqtt_session_create(&bed->options, &hooks, why, sizeof why);
    assert_non_null(bed->session);
    fake.said[0] = '\0';
}

/* The log since bed_open, or since the last call. */
#define check_log(bed, expected)                                                                   \
    do {                                                                                           \
        assert_string_equal(said_log_end(&(bed)->said), expected);                                 \
        said_log_begin(&(bed)->said);                                                              \
    } while (0)

/* Forgets what was said and logged. */
static inline void bed_forget(struct session_bed *bed)
{
    said_log_end(&bed->said);
    said_log_begin(&bed->said);
    fake.said[0] = '\0';
}

static inline int bed_close(void **state)
{
    struct session_bed *bed = *state;
    mqtt_session_destroy(bed->session);
    said_log_end(&bed->said);
    assert_int_equal(fake.clients, 0);
    close(bed->ends[0]);
    close(bed->ends[1]);
    free(bed);
    return 0;
}

/* What the broker does. */

static inline void bed_connack(int code, int flags, const mosquitto_property *properties)
{
    struct mosquitto *client = fake.newest;
    client->on_connect(client, client->context, code, flags, properties);
}

static inline void bed_disconnect(int code)
{
    struct mosquitto *client = fake.newest;
    client->on_disconnect(client, client->context, code, NULL);
}

static inline void bed_puback(int packet, int code)
{
    struct mosquitto *client = fake.newest;
    client->on_publish(client, client->context, packet, code, NULL);
}

static inline void bed_suback(int packet, int code)
{
    struct mosquitto *client = fake.newest;
    client->on_subscribe(client, client->context, packet, 1, &code, NULL);
}

/* Waits until the next attempt, connects, and sends CONNECT. */
static inline void bed_attempt(struct session_bed *bed)
{
    set_clock_ms += (uint64_t)mqtt_session_due_ms(bed->session);
    mqtt_session_tick(bed->session);
    assert_int_equal(bed->session->state, SESSION_CONNECTING);
    fake.wants_write = true;
    mqtt_session_flush(bed->session);
}

/* The same, and the broker accepts; then nothing is said or logged. */
static inline void bed_connect(struct session_bed *bed)
{
    bed_attempt(bed);
    bed_connack(0, 0, NULL);
    assert_true(mqtt_session_is_connected(bed->session));
    bed_forget(bed);
}

/* The connection lasts from now on. */
static inline void bed_last(struct session_bed *bed)
{
    set_clock_ms += BROKER_LINK_LASTING_MS;
    mqtt_session_tick(bed->session);
    assert_true(bed->session->link.lasts);
    bed_forget(bed);
}

#endif
