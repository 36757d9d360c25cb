/* The way to a Modbus server: a TCP connection, with TLS or without, or a serial line. It carries
 * bytes; the framing is the caller's. A further kind is a row of transport_types in
 * modbus_transport.c.
 *
 * Functions that wait take a time of the steady clock in ms, and return 0 or an errno: ETIMEDOUT
 * when it has passed, ECONNRESET or EPIPE when the other side has closed or the line is gone, and
 * any of these or ECANCELED after transport_interrupt. */
#ifndef TAGFERRY_COMMON_MODBUS_MODBUS_TRANSPORT_H
#define TAGFERRY_COMMON_MODBUS_MODBUS_TRANSPORT_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/base/net.h"
#include "common/base/serial_line.h"
#include "common/modbus/modbus_tls.h"
#include "common/model/tag.h"

/* A Modbus server as a device names it. */
struct modbus_endpoint {
    bool is_serial;
    bool is_tls;             /* not on a serial line */
    enum framing framing;    /* FRAMING_RTU on a serial line, FRAMING_TCP with TLS */
    struct net_addr addr;    /* unless it is a serial line */
    struct serial_line line; /* if it is one */
};

/* The endpoint of network.modbus_host, which may be "serial:" and a line, modbus_port, framing and
 * tls. A host that is neither is kept: no connection to it succeeds. */
void modbus_endpoint_make(const char *host, uint16_t port, enum framing framing, bool is_tls,
                          struct modbus_endpoint *endpoint);
/* True for the same server with the same parameters, framing and use of TLS. */
bool modbus_endpoint_is_equal(const struct modbus_endpoint *a, const struct modbus_endpoint *b);
/* Writes its name for logs and errors: host and port, or the path of the line. */
void modbus_endpoint_format(const struct modbus_endpoint *endpoint, char text[NET_TEXT_SIZE]);

struct modbus_transport;

/* One kind of transport. `send` and `receive` do not wait: -1 with EAGAIN. */
struct transport_type {
    int (*open)(struct modbus_transport *transport, unsigned timeout_ms, char *why,
                size_t why_size);
    ssize_t (*send)(struct modbus_transport *transport, const void *bytes, size_t len);
    ssize_t (*receive)(struct modbus_transport *transport, void *bytes, size_t size);
    /* True when the other side has closed, or bytes have come that no request asked for. */
    bool (*is_lost)(struct modbus_transport *transport);
    void (*close)(struct modbus_transport *transport);
};

struct modbus_transport {
    const struct transport_type *type;
    struct modbus_endpoint endpoint;
    int fd;                               /* -1: closed */
    struct modbus_tls_keeper *tls_keeper; /* of an endpoint with TLS; NULL: none is trusted */
    struct modbus_tls_session *tls;       /* while it is open */
    enum tls_fault tls_fault; /* why it could not be opened, or was ended by the server */
    atomic_bool interrupted;
    pthread_mutex_t lock; /* for watched_fd */
    int watched_fd;       /* the socket to shut down, also before `fd` has it; -1: none */
};

/* Prepares a closed transport. Do not move it. */
void transport_init(struct modbus_transport *transport, const struct modbus_endpoint *endpoint);
/* The transport is closed. */
void transport_finish(struct modbus_transport *transport);
/* From any thread: ends what the transport waits for, and lets it wait for nothing more. Repeat it
 * until the thread that waits has returned: between two of its steps it may have missed one. */
void transport_interrupt(struct modbus_transport *transport);
bool transport_is_interrupted(const struct modbus_transport *transport);
/* Opens it, within `timeout_ms` for each address of the server, and as much again for the handshake
 * of TLS. False with the reason; errno is
 * ENOMEM when memory ran out. */
bool transport_open(struct modbus_transport *transport, unsigned timeout_ms, char *why,
                    size_t why_size);
bool transport_is_open(const struct modbus_transport *transport);
/* Sends all bytes. */
int transport_send_all(struct modbus_transport *transport, const uint8_t *bytes, size_t len,
                       uint64_t until_ms);
/* Receives 1 to `size` bytes, and sets *got to their number. */
int transport_receive(struct modbus_transport *transport, uint8_t *bytes, size_t size,
                      uint64_t until_ms, size_t *got);
/* Throws away what has come. 0, ECONNRESET, or another errno; sets *count to the number of bytes.
 */
int transport_drain(struct modbus_transport *transport, size_t *count);
/* Checks without waiting whether an idle transport was lost; a serial line or an RTU stream is not
 * lost when bytes come. */
bool transport_is_lost(struct modbus_transport *transport);
/* True for an open one whose certificates have been replaced since: close it. */
bool transport_is_outdated(const struct modbus_transport *transport);
/* Accepts a closed one. */
void transport_close(struct modbus_transport *transport);

#endif
