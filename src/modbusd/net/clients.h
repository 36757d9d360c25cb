/* The connected clients: admission by limits and rules, deadlines, and the events to wait for. One
 * thread. */
#ifndef TAGFERRY_MODBUSD_NET_CLIENTS_H
#define TAGFERRY_MODBUSD_NET_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/base/log_limit.h"
#include "common/base/unit_set.h"
#include "common/shared/client_table.h"
#include "common/shared/counters.h"
#include "modbusd/net/conn.h"
#include "modbusd/net/listener.h"
#include "modbusd/requests/access.h"
#include "modbusd/requests/service.h"

/* Connections of the process side; they do not count against the limit of SCADA clients. */
enum { CLIENTS_PROCESS_MAX = 64 };

struct client_limits {
    size_t max_connections, max_connections_per_ip; /* of SCADA clients; the latter 0: no limit */
    uint64_t frame_timeout_ms, write_timeout_ms;
    uint64_t idle_timeout_ms;              /* of SCADA clients; 0: none */
    const struct access_rules *allow;      /* for SCADA clients */
    const struct access_networks *proxies; /* they name their clients in a header */
};

/* The kind of struct that an event of epoll points to: its first member. */
enum event_source { SOURCE_SIGNALS, SOURCE_SYNCER, SOURCE_PORT, SOURCE_HANDSHAKES, SOURCE_CLIENT };

struct server_client {
    enum event_source event_source;
    uint32_t interest; /* events that epoll waits for */
    struct conn *conn;
    enum client_protocol protocol;
    bool handshaking;          /* it is in clients.handshake_epoll, not in the server's */
    struct client_entry entry; /* its requests, for all to see */
    struct server_client *next, *previous; /* of all */
    bool queued;                           /* to be served in this turn */
    struct server_client *next_queued;
};

struct clients {
    const struct client_limits *limits;
    struct service *service;
    struct counters *counters; /* the service's */
    int epoll;                 /* belongs to the server */
    int handshake_epoll;       /* of clients whose TLS handshake has not ended; likewise */
    struct tls_credentials *credentials; /* for new handshakes; NULL: no TLS */
    struct server_client *first;         /* of all */
    size_t scada_count, process_count;
    struct log_limit refusals; /* lines about refused connections */
};

/* Takes ownership of a socket that the listener accepted: creates a client for it, or refuses and
 * closes it. The client of a proxy is only known, and admitted or refused, after the header: see
 * clients_take_header; that of TLS after the handshake: see clients_run_handshake. */
void clients_admit(struct clients *clients, int fd, const struct listener *listener,
                   const struct sockaddr_storage *at, uint64_t now);
/* Takes ownership of the socket of a serial line, which becomes a client without an address that is
 * never refused; `name` is shown. */
void clients_admit_line(struct clients *clients, int fd, const char *name, uint64_t now);
/* Takes the header of a proxy, if it has come, and admits or discards the client that it names.
 * With TLS the handshake follows. */
void clients_take_header(struct clients *clients, struct server_client *client, uint64_t now);
/* Continues one TLS handshake for which bytes have come. Returns the client if it is admitted now:
 * it may have sent requests already. */
struct server_client *clients_run_handshake(struct clients *clients, uint64_t now);
/* Takes ownership of credentials for new handshakes, in place of the earlier ones. */
void clients_take_credentials(struct clients *clients, struct tls_credentials *credentials);
/* Closes and frees a client, which must not be queued. */
void clients_drop_client(struct clients *clients, struct server_client *client);
/* Closes and frees all clients. */
void clients_drop_all(struct clients *clients);
/* Sets the events to wait for from the state of the client. */
void clients_update_epoll(struct clients *clients, struct server_client *client);
/* Decides the rights of all SCADA clients again; discards those that have no rights any more, or
 * whose certificate is not good for the newest credentials. */
void clients_review_rights(struct clients *clients);
/* Notes a client for which no descriptor was free. */
void clients_note_unaccepted(struct clients *clients, enum side side,
                             const struct sockaddr_storage *at);
/* Shows the new requests of all clients in the table. Not done for each request: it would cost more
 * than to count it. */
void clients_publish_requests(struct clients *clients);
/* Call it once a second: computes the rates of the clients, and repairs the file of the table. True
 * if the file is new. */
bool clients_keep_table(struct clients *clients);
/* Closes the clients that have exceeded a deadline. Returns the time, by the clock of `now`, of the
 * first deadline of the others; UINT64_MAX if none has one. Events may set an earlier one. */
uint64_t clients_close_overdue(struct clients *clients, uint64_t now);

#endif
