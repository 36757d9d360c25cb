/* Admits clients, keeps the list of them, and closes those that overstay a deadline. */
#include "modbusd/clients.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/log.h"
#include "modbusd/listener.h"

static size_t *clients_count_of(struct clients *clients, enum side side)
{
    return side == SIDE_SCADA ? &clients->scada_count : &clients->process_count;
}

static void clients_show_counts(const struct clients *clients)
{
    counters_set(clients->counters, MODBUSD_CONNECTIONS, clients->scada_count);
    counters_set(clients->counters, MODBUSD_PROCESS_CONNECTIONS, clients->process_count);
}

static bool clients_side_is_full(const struct clients *clients, enum side side)
{
    return side == SIDE_SCADA ? clients->scada_count >= clients->limits->max_connections
                              : clients->process_count >= CLIENTS_PROCESS_MAX;
}

static bool clients_ip_is_full(const struct clients *clients, const struct access_ip *ip)
{
    size_t count = 0;
    if (clients->limits->max_connections_per_ip == 0)
        return false;
    for (const struct client *client = clients->first; client; client = client->next) {
        if (client->conn->client_session.side == SIDE_SCADA)
            count += memcmp(&client->conn->ip, ip, sizeof *ip) == 0;
    }
    return count >= clients->limits->max_connections_per_ip;
}

/* Fills the rights of a new client. MODBUSD_COUNTERS, or the counter of the reason against it. */
static size_t clients_check_rights(const struct clients *clients,
                                   struct client_session *client_session,
                                   const struct access_ip *ip)
{
    if (clients_side_is_full(clients, client_session->side))
        return MODBUSD_REFUSED_LIMIT;
    if (client_session->side != SIDE_SCADA) {
        access_grant_all(&client_session->rights);
        return MODBUSD_COUNTERS;
    }
    if (!access_decide_rights(clients->limits->allow, ip, clients->units, &client_session->rights))
        return MODBUSD_REFUSED_RULE;
    return clients_ip_is_full(clients, ip) ? MODBUSD_REFUSED_IP_LIMIT : MODBUSD_COUNTERS;
}

static const char *refusal_reason_text(size_t refusal, enum side side)
{
    if (side != SIDE_SCADA && refusal == MODBUSD_REFUSED_LIMIT)
        return "the process side is full";
    switch (refusal) {
    case MODBUSD_REFUSED_RULE:
        return "no allow rule fits its address";
    case MODBUSD_REFUSED_MEMORY:
        return "no memory for its connection";
    case MODBUSD_REFUSED_IP_LIMIT:
        return "max_connections_per_ip is reached";
    default:
        return "max_connections is reached";
    }
}

static void clients_log_refused(struct clients *clients,
                                const struct client_session *client_session, size_t refusal,
                                uint64_t now)
{
    counters_add(clients->counters, refusal, 1);
    if (!log_limit_count_event(&clients->refusals, now))
        return;
    log_warning("connection refused: %s: %s; %u refused since the last such line",
                client_session->peer, refusal_reason_text(refusal, client_session->side),
                clients->refusals.since);
    log_limit_mark_logged(&clients->refusals, now);
}

static bool clients_add_client(struct clients *clients, int fd,
                               const struct client_session *client_session,
                               const struct access_ip *ip, uint64_t now)
{
    struct client *client = calloc(1, sizeof *client);
    if (!client)
        return false;
    *client = (struct client){.event_source = SOURCE_CLIENT, .interest = EPOLLIN};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    client->conn = conn_create(fd, client_session, ip, now);
    if (!client->conn || epoll_ctl(clients->epoll, EPOLL_CTL_ADD, fd, &event) != 0) {
        free(client->conn); /* the caller closes the socket */
        free(client);
        return false;
    }
    client->next = clients->first;
    if (client->next)
        client->next->previous = client;
    clients->first = client;
    (*clients_count_of(clients, client_session->side))++;
    return true;
}

void clients_admit(struct clients *clients, int fd, enum side side,
                   const struct sockaddr_storage *at, uint64_t now)
{
    struct client_session client_session = {.side = side};
    struct access_ip ip;
    listener_peer_address(at, &ip, client_session.peer);
    size_t refusal = clients_check_rights(clients, &client_session, &ip);
    counters_add(clients->counters, MODBUSD_ACCEPTED, 1);
    if (refusal == MODBUSD_COUNTERS && !clients_add_client(clients, fd, &client_session, &ip, now))
        refusal = MODBUSD_REFUSED_MEMORY;
    if (refusal != MODBUSD_COUNTERS) {
        clients_log_refused(clients, &client_session, refusal, now);
        close(fd);
    }
    clients_show_counts(clients);
}

void clients_drop_client(struct clients *clients, struct client *client)
{
    if (client->previous)
        client->previous->next = client->next;
    else
        clients->first = client->next;
    if (client->next)
        client->next->previous = client->previous;
    (*clients_count_of(clients, client->conn->client_session.side))--;
    conn_destroy(client->conn);
    free(client);
    clients_show_counts(clients);
}

void clients_drop_all(struct clients *clients)
{
    while (clients->first)
        clients_drop_client(clients, clients->first);
}

/* A client whose answers wait, for the disk or for itself, is not heard until it has them. */
static uint32_t client_wanted_events(const struct conn *conn)
{
    if (conn->held != 0)
        return 0;
    if (conn_is_blocked(conn))
        return EPOLLOUT;
    return conn->eof ? 0 : EPOLLIN;
}

void clients_update_epoll(struct clients *clients, struct client *client)
{
    struct epoll_event event = {.events = client_wanted_events(client->conn), .data.ptr = client};
    if (event.events == client->interest)
        return;
    client->interest = event.events;
    if (epoll_ctl(clients->epoll, EPOLL_CTL_MOD, client->conn->fd, &event) != 0)
        conn_discard_client(client->conn);
}

void clients_review_rights(struct clients *clients)
{
    for (struct client *client = clients->first; client; client = client->next) {
        struct conn *conn = client->conn;
        if (conn->client_session.side == SIDE_SCADA &&
            !access_decide_rights(clients->limits->allow, &conn->ip, clients->units,
                                  &conn->client_session.rights))
            conn_discard_client(conn);
    }
}

static bool deadline_is_overdue(uint64_t since, uint64_t limit, uint64_t now)
{
    return since != 0 && now - since >= limit;
}

/* The counter of the deadline that a client is past, or MODBUSD_COUNTERS. */
static size_t client_deadline_past(const struct client_limits *limits, const struct conn *conn,
                                   uint64_t now)
{
    if (!conn_is_blocked(conn) &&
        deadline_is_overdue(conn->frame_since, limits->frame_timeout_ms, now))
        return MODBUSD_CLOSED_FRAME_TIMEOUT;
    if (deadline_is_overdue(conn->write_since, limits->write_timeout_ms, now))
        return MODBUSD_CLOSED_WRITE_TIMEOUT;
    if (limits->idle_timeout_ms != 0 && conn->client_session.side == SIDE_SCADA &&
        conn->held == 0 && deadline_is_overdue(conn->active_since, limits->idle_timeout_ms, now))
        return MODBUSD_CLOSED_IDLE;
    return MODBUSD_COUNTERS;
}

void clients_close_overdue(struct clients *clients, uint64_t now)
{
    for (struct client *client = clients->first, *next; client; client = next) {
        next = client->next;
        size_t past = client->queued ? MODBUSD_COUNTERS
                                     : client_deadline_past(clients->limits, client->conn, now);
        if (past == MODBUSD_COUNTERS)
            continue;
        counters_add(clients->counters, past, 1);
        log_debug("%s: closed, past its %s", client->conn->client_session.peer,
                  past == MODBUSD_CLOSED_FRAME_TIMEOUT   ? "frame_timeout_ms"
                  : past == MODBUSD_CLOSED_WRITE_TIMEOUT ? "write_timeout_ms"
                                                         : "idle_timeout_s");
        clients_drop_client(clients, client);
    }
}
