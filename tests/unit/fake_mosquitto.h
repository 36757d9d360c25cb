/* libmosquitto without a network: what is asked of it goes into a text, and the test plays the
 * broker. Link with --wrap of each function; properties and words are those of the library. */
#ifndef TAGFERRY_TESTS_FAKE_MOSQUITTO_H
#define TAGFERRY_TESTS_FAKE_MOSQUITTO_H

#include "check.h"

#include <errno.h>
#include <mosquitto.h>
#include <mqtt_protocol.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct mosquitto {
    void *context;
    void (*on_connect)(struct mosquitto *, void *, int, int, const mosquitto_property *);
    void (*on_disconnect)(struct mosquitto *, void *, int, const mosquitto_property *);
    void (*on_publish)(struct mosquitto *, void *, int, int, const mosquitto_property *);
    void (*on_message)(struct mosquitto *, void *, const struct mosquitto_message *,
                       const mosquitto_property *);
    void (*on_subscribe)(struct mosquitto *, void *, int, int, const int *,
                         const mosquitto_property *);
    void (*on_log)(struct mosquitto *, void *, int, const char *);
};

static struct {
    struct mosquitto *newest;
    int clients;       /* that exist */
    int calls_left;    /* before one fails for lack of memory; -1: all work */
    char said[200000]; /* the calls, and what the hooks of the test add */
    int socket;        /* -1: none */
    bool wants_write;
    int packet; /* number of the newest one */
    /* The results of the functions. */
    int connected, read, written, misc, published, subscribed, unsubscribed;
    bool keeps_packet; /* a message that cannot be sent has a number nevertheless */
    unsigned reads;    /* calls */
    int error;         /* errno of a connect */
    void (*reading)(void);
} fake;

__attribute__((format(printf, 1, 2))) static void fake_say(const char *format, ...)
{
    size_t len = strlen(fake.said);
    va_list arguments;
    if (len > 0)
        fake.said[len++] = '\n';
    va_start(arguments, format);
    vsnprintf(fake.said + len, sizeof fake.said - len, format, arguments);
    va_end(arguments);
}

static void fake_reset(void)
{
    memset(&fake, 0, sizeof fake);
    fake.calls_left = fake.socket = -1;
}

/* Compares what was said since the last call, one line each. */
#define check_said(expected)                                                                       \
    do {                                                                                           \
        assert_string_equal(fake.said, expected);                                                  \
        fake.said[0] = '\0';                                                                       \
    } while (0)

static bool fake_fails(void)
{
    if (fake.calls_left == 0)
        return true;
    fake.calls_left -= fake.calls_left > 0;
    return false;
}

static const char *fake_text(const char *text)
{
    return text ? text : "-";
}

#define FAKE(type, name, ...)                                                                      \
    type __wrap_mosquitto_##name(__VA_ARGS__);                                                     \
    type __wrap_mosquitto_##name(__VA_ARGS__)

FAKE(struct mosquitto *, new, const char *id, bool clean, void *context)
{
    if (fake_fails())
        return NULL;
    fake.newest = calloc(1, sizeof *fake.newest);
    assert_non_null(fake.newest);
    fake.newest->context = context;
    fake.clients++;
    fake_say("new %s%s", id, clean ? " clean" : "");
    return fake.newest;
}

FAKE(void, destroy, struct mosquitto *mosquitto)
{
    if (!mosquitto)
        return;
    fake.clients--;
    fake_say("destroy");
    free(mosquitto);
}

FAKE(void, connect_v5_callback_set, struct mosquitto *mosquitto,
     void (*call)(struct mosquitto *, void *, int, int, const mosquitto_property *))
{
    mosquitto->on_connect = call;
}

FAKE(void, disconnect_v5_callback_set, struct mosquitto *mosquitto,
     void (*call)(struct mosquitto *, void *, int, const mosquitto_property *))
{
    mosquitto->on_disconnect = call;
}

FAKE(void, publish_v5_callback_set, struct mosquitto *mosquitto,
     void (*call)(struct mosquitto *, void *, int, int, const mosquitto_property *))
{
    mosquitto->on_publish = call;
}

FAKE(void, message_v5_callback_set, struct mosquitto *mosquitto,
     void (*call)(struct mosquitto *, void *, const struct mosquitto_message *,
                  const mosquitto_property *))
{
    mosquitto->on_message = call;
}

FAKE(void, subscribe_v5_callback_set, struct mosquitto *mosquitto,
     void (*call)(struct mosquitto *, void *, int, int, const int *, const mosquitto_property *))
{
    mosquitto->on_subscribe = call;
}

FAKE(void, log_callback_set, struct mosquitto *mosquitto,
     void (*call)(struct mosquitto *, void *, int, const char *))
{
    mosquitto->on_log = call;
}

FAKE(int, username_pw_set, struct mosquitto *mosquitto, const char *username, const char *password)
{
    (void)mosquitto;
    fake_say("user %s password %s", fake_text(username), fake_text(password));
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

FAKE(int, tls_set, struct mosquitto *mosquitto, const char *ca_file, const char *ca_path,
     const char *cert_file, const char *key_file, int (*call)(char *, int, int, void *))
{
    (void)mosquitto;
    assert_null(call);
    fake_say("tls %s %s %s %s", fake_text(ca_file), fake_text(ca_path), fake_text(cert_file),
             fake_text(key_file));
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

FAKE(int, tls_opts_set, struct mosquitto *mosquitto, int checks, const char *version,
     const char *ciphers)
{
    (void)mosquitto;
    fake_say("tls checks=%d %s %s", checks, version, fake_text(ciphers));
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

FAKE(int, threaded_set, struct mosquitto *mosquitto, bool threaded)
{
    (void)mosquitto;
    fake_say("threaded=%d", threaded);
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

FAKE(int, int_option, struct mosquitto *mosquitto, enum mosq_opt_t option, int value)
{
    static const struct {
        enum mosq_opt_t option;
        const char *name;
    } names[] = {{MOSQ_OPT_PROTOCOL_VERSION, "protocol"},
                 {MOSQ_OPT_TCP_NODELAY, "nodelay"},
                 {MOSQ_OPT_RECEIVE_MAXIMUM, "receive_maximum"}};
    (void)mosquitto;
    for (size_t i = 0; i < COUNT(names); i++) {
        if (names[i].option == option)
            fake_say("%s=%d", names[i].name, value);
    }
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

int __real_mosquitto_property_add_int32(mosquitto_property **list, int identifier, uint32_t value);

FAKE(int, property_add_int32, mosquitto_property **list, int identifier, uint32_t value)
{
    return fake_fails() ? MOSQ_ERR_NOMEM
                        : __real_mosquitto_property_add_int32(list, identifier, value);
}

/* The way to set properties for later connects. */
FAKE(int, connect_bind_v5, struct mosquitto *mosquitto, const char *host, int port, int keepalive,
     const char *bind_address, const mosquitto_property *properties)
{
    uint32_t expiry_s = 0, packet = 0;
    (void)mosquitto, (void)port, (void)keepalive;
    assert_null(host);
    assert_null(bind_address);
    if (properties) {
        mosquitto_property_read_int32(properties, MQTT_PROP_SESSION_EXPIRY_INTERVAL, &expiry_s,
                                      false);
        mosquitto_property_read_int32(properties, MQTT_PROP_MAXIMUM_PACKET_SIZE, &packet, false);
        fake_say("expiry=%u packet=%u", expiry_s, packet);
    } else {
        fake_say("no properties");
    }
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_INVAL;
}

FAKE(int, connect_bind_async, struct mosquitto *mosquitto, const char *host, int port,
     int keepalive, const char *bind_address)
{
    (void)mosquitto;
    assert_null(bind_address);
    fake_say("connect %s:%d keepalive=%d", host, port, keepalive);
    errno = fake.error;
    return fake.connected;
}

FAKE(int, will_set, struct mosquitto *mosquitto, const char *topic, int len, const void *payload,
     int qos, bool retain)
{
    (void)mosquitto;
    fake_say("will %s=%.*s qos=%d%s", topic, len, (const char *)payload, qos,
             retain ? " retain" : "");
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

FAKE(int, will_clear, struct mosquitto *mosquitto)
{
    (void)mosquitto;
    fake_say("no will");
    return fake_fails() ? MOSQ_ERR_NOMEM : MOSQ_ERR_SUCCESS;
}

FAKE(int, disconnect, struct mosquitto *mosquitto)
{
    (void)mosquitto;
    fake_say("disconnect");
    return MOSQ_ERR_SUCCESS;
}

FAKE(int, socket, struct mosquitto *mosquitto)
{
    (void)mosquitto;
    return fake.socket;
}

FAKE(bool, want_write, struct mosquitto *mosquitto)
{
    (void)mosquitto;
    return fake.wants_write;
}

FAKE(int, loop_read, struct mosquitto *mosquitto, int packets)
{
    (void)mosquitto;
    assert_int_equal(packets, 1);
    fake.reads++;
    if (fake.reading)
        fake.reading();
    return fake.read;
}

FAKE(int, loop_write, struct mosquitto *mosquitto, int packets)
{
    (void)mosquitto;
    assert_int_equal(packets, 1);
    fake_say("write");
    fake.wants_write = false;
    return fake.written;
}

FAKE(int, loop_misc, struct mosquitto *mosquitto)
{
    (void)mosquitto;
    return fake.misc;
}

FAKE(int, publish, struct mosquitto *mosquitto, int *packet, const char *topic, int len,
     const void *payload, int qos, bool retain)
{
    (void)mosquitto;
    fake_say("publish %s=%.*s qos=%d%s", topic, len, (const char *)payload, qos,
             retain ? " retain" : "");
    if (fake.published == MOSQ_ERR_SUCCESS || fake.keeps_packet)
        *packet = ++fake.packet;
    if (fake.published == MOSQ_ERR_QOS_NOT_SUPPORTED && qos == 0) {
        *packet = ++fake.packet;
        return MOSQ_ERR_SUCCESS;
    }
    return fake.published;
}

FAKE(int, subscribe_multiple, struct mosquitto *mosquitto, int *packet, int count,
     char *const *const filters, int qos, int options, const mosquitto_property *properties)
{
    (void)mosquitto;
    assert_null(properties);
    for (int i = 0; i < count; i++)
        fake_say("subscribe %s qos=%d options=%d", filters[i], qos, options);
    if (fake.subscribed == MOSQ_ERR_SUCCESS)
        *packet = ++fake.packet;
    return fake.subscribed;
}

FAKE(int, unsubscribe_multiple, struct mosquitto *mosquitto, int *packet, int count,
     char *const *const filters, const mosquitto_property *properties)
{
    (void)mosquitto;
    assert_null(packet);
    assert_null(properties);
    for (int i = 0; i < count; i++)
        fake_say("unsubscribe %s", filters[i]);
    return fake.unsubscribed;
}

#endif
