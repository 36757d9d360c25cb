/* TCP connections, with TLS or without, and serial lines behind one interface. */
#include "common/modbus/modbus_transport.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/base/clock.h"
#include "common/base/require.h"
#include "common/modbus/serial_port.h"

void modbus_endpoint_make(const char *host, uint16_t port, enum framing framing, bool is_tls,
                          struct modbus_endpoint *endpoint)
{
    char why[NET_WHY_SIZE];
    *endpoint = (struct modbus_endpoint){.framing = framing, .addr.port = port};
    endpoint->is_serial = serial_line_parse_host(host, &endpoint->line, why, sizeof why);
    endpoint->is_tls = is_tls && !endpoint->is_serial;
    if (endpoint->is_tls)
        endpoint->framing = FRAMING_TCP;
    if (endpoint->is_serial)
        endpoint->framing = FRAMING_RTU;
    else
        snprintf(endpoint->addr.host, sizeof endpoint->addr.host, "%s", host);
}

bool modbus_endpoint_is_equal(const struct modbus_endpoint *a, const struct modbus_endpoint *b)
{
    if (a->is_serial != b->is_serial || a->framing != b->framing || a->is_tls != b->is_tls)
        return false;
    return a->is_serial ? serial_line_is_equal(&a->line, &b->line)
                        : net_addr_is_equal(&a->addr, &b->addr);
}

void modbus_endpoint_format(const struct modbus_endpoint *endpoint, char text[NET_TEXT_SIZE])
{
    if (endpoint->is_serial)
        snprintf(text, NET_TEXT_SIZE, "%s", endpoint->line.path);
    else
        net_addr_format(&endpoint->addr, text);
}

/* For net_connect_watched: from now on transport_interrupt shuts down this socket. */
static bool transport_watch(void *context, int fd)
{
    struct modbus_transport *transport = context;
    pthread_mutex_lock(&transport->lock);
    transport->watched_fd = fd;
    pthread_mutex_unlock(&transport->lock);
    return !transport_is_interrupted(transport);
}

static int transport_tcp_open(struct modbus_transport *transport, unsigned timeout_ms, char *why,
                              size_t why_size)
{
    return net_connect_watched(&transport->endpoint.addr, timeout_ms, transport_watch, transport,
                               why, why_size);
}

static ssize_t transport_tcp_send(struct modbus_transport *transport, const void *bytes, size_t len)
{
    return send(transport->fd, bytes, len, MSG_NOSIGNAL | MSG_DONTWAIT);
}

static ssize_t transport_tcp_receive(struct modbus_transport *transport, void *bytes, size_t size)
{
    return recv(transport->fd, bytes, size, MSG_DONTWAIT);
}

static bool transport_tcp_is_lost(struct modbus_transport *transport)
{
    char byte;
    ssize_t got = recv(transport->fd, &byte, sizeof byte, MSG_PEEK | MSG_DONTWAIT);
    if (got > 0)
        return transport->endpoint.framing != FRAMING_RTU;
    return got == 0 || (errno != EAGAIN && errno != EINTR);
}

static void transport_fd_close(struct modbus_transport *transport)
{
    transport_watch(transport, -1);
    close(transport->fd);
}

static int transport_serial_open(struct modbus_transport *transport, unsigned timeout_ms, char *why,
                                 size_t why_size)
{
    (void)timeout_ms;
    return serial_port_open(&transport->endpoint.line, why, why_size);
}

/* An adapter that was pulled out is a peer that has closed. */
static ssize_t transport_serial_check(ssize_t result)
{
    if (result == 0 || (result < 0 && (errno == EIO || errno == ENXIO || errno == ENODEV))) {
        errno = ECONNRESET;
        return -1;
    }
    return result;
}

static ssize_t transport_serial_send(struct modbus_transport *transport, const void *bytes,
                                     size_t len)
{
    return transport_serial_check(write(transport->fd, bytes, len));
}

static ssize_t transport_serial_receive(struct modbus_transport *transport, void *bytes,
                                        size_t size)
{
    return transport_serial_check(read(transport->fd, bytes, size));
}

static bool transport_serial_is_lost(struct modbus_transport *transport)
{
    struct pollfd one = {.fd = transport->fd};
    return poll(&one, 1, 0) > 0 && (one.revents & (POLLHUP | POLLERR | POLLNVAL)) != 0;
}

static int transport_tls_open(struct modbus_transport *transport, unsigned timeout_ms, char *why,
                              size_t why_size)
{
    const char *host = transport->endpoint.addr.host;
    int fd = transport_tcp_open(transport, timeout_ms, why, why_size);
    if (fd < 0)
        return -1;
    transport->tls = modbus_tls_begin(transport->tls_keeper, fd, host, timeout_ms,
                                      &transport->tls_fault, why, why_size);
    if (transport->tls)
        return fd;
    int error = errno;
    transport_watch(transport, -1);
    close(fd);
    errno = error;
    return -1;
}

static ssize_t transport_tls_check(struct modbus_transport *transport, ssize_t result)
{
    transport->tls_fault = modbus_tls_fault(transport->tls);
    return result;
}

static ssize_t transport_tls_send(struct modbus_transport *transport, const void *bytes, size_t len)
{
    return transport_tls_check(transport, modbus_tls_send(transport->tls, bytes, len));
}

static ssize_t transport_tls_receive(struct modbus_transport *transport, void *bytes, size_t size)
{
    return transport_tls_check(transport, modbus_tls_receive(transport->tls, bytes, size));
}

/* Bytes on the socket may be a ticket for a later session, which is no data. */
static bool transport_tls_is_lost(struct modbus_transport *transport)
{
    char byte;
    return modbus_tls_receive(transport->tls, &byte, sizeof byte) >= 0 || errno != EAGAIN;
}

static void transport_tls_close(struct modbus_transport *transport)
{
    modbus_tls_end(transport->tls);
    transport->tls = NULL;
    transport_fd_close(transport);
}

enum { TRANSPORT_TCP, TRANSPORT_SERIAL, TRANSPORT_TLS };

static const struct transport_type transport_types[] = {
    [TRANSPORT_TCP] = {transport_tcp_open, transport_tcp_send, transport_tcp_receive,
                       transport_tcp_is_lost, transport_fd_close},
    [TRANSPORT_SERIAL] = {transport_serial_open, transport_serial_send, transport_serial_receive,
                          transport_serial_is_lost, transport_fd_close},
    [TRANSPORT_TLS] = {transport_tls_open, transport_tls_send, transport_tls_receive,
                       transport_tls_is_lost, transport_tls_close},
};

void transport_init(struct modbus_transport *transport, const struct modbus_endpoint *endpoint)
{
    int kind = endpoint->is_serial ? TRANSPORT_SERIAL
               : endpoint->is_tls  ? TRANSPORT_TLS
                                   : TRANSPORT_TCP;
    *transport = (struct modbus_transport){
        .type = &transport_types[kind], .endpoint = *endpoint, .fd = -1, .watched_fd = -1};
    atomic_init(&transport->interrupted, false);
    pthread_mutex_init(&transport->lock, NULL);
}

void transport_finish(struct modbus_transport *transport)
{
    REQUIRE(transport->fd < 0);
    pthread_mutex_destroy(&transport->lock);
}

void transport_interrupt(struct modbus_transport *transport)
{
    atomic_store(&transport->interrupted, true);
    pthread_mutex_lock(&transport->lock);
    if (transport->watched_fd >= 0)
        shutdown(transport->watched_fd, SHUT_RDWR);
    pthread_mutex_unlock(&transport->lock);
}

bool transport_is_interrupted(const struct modbus_transport *transport)
{
    return atomic_load(&transport->interrupted);
}

bool transport_open(struct modbus_transport *transport, unsigned timeout_ms, char *why,
                    size_t why_size)
{
    REQUIRE(transport->fd < 0);
    transport->tls_fault = TLS_FAULT_NONE;
    transport->fd = transport->type->open(transport, timeout_ms, why, why_size);
    return transport->fd >= 0;
}

bool transport_is_open(const struct modbus_transport *transport)
{
    return transport->fd >= 0;
}

enum { SERIAL_WAIT_MS = 200 }; /* the longest without a look at `interrupted` */

static int transport_await(const struct modbus_transport *transport, short events,
                           uint64_t until_ms)
{
    struct pollfd one = {.fd = transport->fd, .events = events};
    uint64_t now;
    if (events == POLLIN && transport->tls && modbus_tls_has_pending(transport->tls))
        return 0; /* decrypted already: the socket may have no more */
    /* A serial line cannot be shut down. */
    const uint64_t most = transport->endpoint.is_serial ? SERIAL_WAIT_MS : INT_MAX;
    do {
        if (transport_is_interrupted(transport))
            return ECANCELED;
        now = clock_steady_ms();
        uint64_t left = until_ms > now ? until_ms - now : 0;
        int ready = poll(&one, 1, (int)(left < most ? left : most));
        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR)
            return errno;
    } while (now < until_ms);
    return ETIMEDOUT;
}

int transport_send_all(struct modbus_transport *transport, const uint8_t *bytes, size_t len,
                       uint64_t until_ms)
{
    while (len > 0) {
        ssize_t sent = transport->type->send(transport, bytes, len);
        if (sent > 0) {
            bytes += sent;
            len -= (size_t)sent;
        } else if (errno == EAGAIN) {
            int error = transport_await(transport, POLLOUT, until_ms);
            if (error)
                return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* Reads once. 0 with *got, EAGAIN, ECONNRESET or another errno. */
static int transport_read(struct modbus_transport *transport, uint8_t *bytes, size_t size,
                          size_t *got)
{
    ssize_t len = transport->type->receive(transport, bytes, size);
    if (len == 0)
        return ECONNRESET;
    if (len < 0)
        return errno == EINTR ? EAGAIN : errno;
    *got = (size_t)len;
    return 0;
}

int transport_receive(struct modbus_transport *transport, uint8_t *bytes, size_t size,
                      uint64_t until_ms, size_t *got)
{
    int error = EAGAIN;
    *got = 0;
    while (error == EAGAIN) {
        error = transport_await(transport, POLLIN, until_ms);
        if (error == 0)
            error = transport_read(transport, bytes, size, got);
    }
    return error;
}

int transport_drain(struct modbus_transport *transport, size_t *count)
{
    enum { DRAIN_MAX = 65536 }; /* of one call: bytes may come without end */
    uint8_t bytes[256];
    size_t got = 0;
    int error = 0;
    *count = 0;
    while (error == 0 && *count < DRAIN_MAX) {
        error = transport_read(transport, bytes, sizeof bytes, &got);
        *count += error == 0 ? got : 0;
    }
    return error == EAGAIN ? 0 : error;
}

bool transport_is_lost(struct modbus_transport *transport)
{
    return transport->type->is_lost(transport);
}

bool transport_is_outdated(const struct modbus_transport *transport)
{
    return transport->tls && modbus_tls_is_outdated(transport->tls, transport->tls_keeper);
}

void transport_close(struct modbus_transport *transport)
{
    if (transport->fd >= 0)
        transport->type->close(transport);
    transport->fd = -1;
}
