/* The connected clients: admission by limits and rules, deadlines, and the events to wait for. One
 * thread. */
#ifndef TAGFERRY_MODBUSD_CLIENTS_H
#define TAGFERRY_MODBUSD_CLIENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#include "common/base/log_limit.h"
#include "common/base/unit_set.h"
#include "common/shared/counters.h"
#include "modbusd/access.h"
#include "modbusd/conn.h"

/* Connections of the process side; they do not count against the limit of SCADA clients. */
enum { CLIENTS_PROCESS_MAX = 64 };

struct client_limits {
    size_t max_connections, max_connections_per_ip; /* of SCADA clients; the latter 0: no limit */
    uint64_t frame_timeout_ms, write_timeout_ms;
    uint64_t idle_timeout_ms;         /* of SCADA clients; 0: none */
    const struct access_rules *allow; /* for SCADA clients */
};

/* The kind of struct that an event of epoll points to: its first member. */
enum event_source { SOURCE_SIGNALS, SOURCE_SYNCER, SOURCE_PORT, SOURCE_CLIENT };

struct client {
    enum event_source event_source;
    uint32_t interest; /* events that epoll waits for */
    struct conn *conn;
    struct client *next, *previous; /* of all */
    bool queued;                    /* to be served in this turn */
    struct client *next_queued;
};

struct clients {
    const struct client_limits *limits;
    const struct unit_set *units;
    struct counters *counters;
    int epoll;            /* belongs to the server */
    struct client *first; /* of all */
    size_t scada_count, process_count;
    struct log_limit refusals; /* lines about refused connections */
};

/* Takes ownership of an accepted socket: creates a client for it, or refuses and closes it. */
void clients_admit(struct clients *clients, int fd, enum side side,
                   const struct sockaddr_storage *at, uint64_t now);
/* Closes and frees a client, which must not be queued. */
void clients_drop_client(struct clients *clients, struct client *client);
/* Closes and frees all clients. */
void clients_drop_all(struct clients *clients);
/* Sets the events to wait for from the state of the client. */
void clients_update_epoll(struct clients *clients, struct client *client);
/* Decides the rights of all SCADA clients again; discards those that have no rights any more. */
void clients_review_rights(struct clients *clients);
/* Closes the clients that have exceeded a deadline. */
void clients_close_overdue(struct clients *clients, uint64_t now);

#endif
