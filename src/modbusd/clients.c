/* Admits clients, keeps the list of them, and closes overdue ones. */
#include "modbusd/clients.h"

#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/require.h"
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

static size_t clients_count_ip(const struct clients *clients, const struct access_ip *ip)
{
    size_t count = 0;
    for (const struct client *client = clients->first; client; client = client->next) {
        if (client->conn->client_session.side == SIDE_SCADA)
            count += memcmp(&client->conn->ip, ip, sizeof *ip) == 0;
    }
    return count;
}

/* False when out of memory. */
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
    const struct client_limits *limits = clients->limits;
    struct client_session client_session = {.side = side};
    struct access_ip ip;
    size_t counter = MODBUSD_REFUSED_LIMIT;
    const char *reason = NULL; /* of a refusal */
    REQUIRE(fd >= 0 && side < SIDE_COUNT);
    listener_peer_address(at, &ip, client_session.peer);
    counters_add(clients->counters, MODBUSD_ACCEPTED, 1);

    if (side != SIDE_SCADA) {
        access_grant_all(&client_session.rights);
        if (clients->process_count >= CLIENTS_PROCESS_MAX)
            reason = "the process side is full";
    } else if (clients->scada_count >= limits->max_connections) {
        reason = "max_connections is reached";
    } else if (!access_decide_rights(limits->allow, &ip, clients->units, &client_session.rights)) {
        counter = MODBUSD_REFUSED_RULE;
        reason = "no allow rule matches its address";
    } else if (limits->max_connections_per_ip != 0 &&
               clients_count_ip(clients, &ip) >= limits->max_connections_per_ip) {
        counter = MODBUSD_REFUSED_IP_LIMIT;
        reason = "max_connections_per_ip is reached";
    }
    if (!reason && !clients_add_client(clients, fd, &client_session, &ip, now)) {
        counter = MODBUSD_REFUSED_MEMORY;
        reason = "no memory for its connection";
    }

    if (reason) {
        counters_add(clients->counters, counter, 1);
        if (log_limit_count_event(&clients->refusals, now)) {
            log_warning("connection refused: %s: %s; %u refused since the last line",
                        client_session.peer, reason, clients->refusals.since);
            log_limit_mark_logged(&clients->refusals, now);
        }
        close(fd);
    }
    clients_show_counts(clients);
}

void clients_drop_client(struct clients *clients, struct client *client)
{
    size_t *count = clients_count_of(clients, client->conn->client_session.side);
    REQUIRE(!client->queued && *count > 0);
    if (client->previous)
        client->previous->next = client->next;
    else
        clients->first = client->next;
    if (client->next)
        client->next->previous = client->previous;
    (*count)--;
    conn_destroy(client->conn);
    free(client);
    clients_show_counts(clients);
}

void clients_drop_all(struct clients *clients)
{
    while (clients->first) {
        clients->first->queued = false; /* the queue is not used any more */
        clients_drop_client(clients, clients->first);
    }
}

void clients_update_epoll(struct clients *clients, struct client *client)
{
    const struct conn *conn = client->conn;
    /* Do not receive from a client whose answers wait for the disk or for the client. */
    struct epoll_event event = {.events = conn->held != 0         ? 0
                                          : conn_is_blocked(conn) ? EPOLLOUT
                                          : conn->eof             ? 0
                                                                  : EPOLLIN,
                                .data.ptr = client};
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

static bool clients_deadline_is_over(uint64_t since, uint64_t limit, uint64_t now)
{
    return since != 0 && now - since >= limit;
}

void clients_close_overdue(struct clients *clients, uint64_t now)
{
    const struct client_limits *limits = clients->limits;
    for (struct client *client = clients->first, *next; client; client = next) {
        const struct conn *conn = client->conn;
        const bool is_idle = limits->idle_timeout_ms != 0 && conn->held == 0 &&
                             conn->client_session.side == SIDE_SCADA;
        size_t counter;
        const char *option;
        next = client->next;
        if (client->queued)
            continue;
        if (!conn_is_blocked(conn) &&
            clients_deadline_is_over(conn->frame_since, limits->frame_timeout_ms, now)) {
            counter = MODBUSD_CLOSED_FRAME_TIMEOUT;
            option = "frame_timeout_ms";
        } else if (clients_deadline_is_over(conn->write_since, limits->write_timeout_ms, now)) {
            counter = MODBUSD_CLOSED_WRITE_TIMEOUT;
            option = "write_timeout_ms";
        } else if (is_idle &&
                   clients_deadline_is_over(conn->active_since, limits->idle_timeout_ms, now)) {
            counter = MODBUSD_CLOSED_IDLE;
            option = "idle_timeout_s";
        } else {
            continue;
        }
        counters_add(clients->counters, counter, 1);
        log_debug("%s: closed: %s exceeded", conn->client_session.peer, option);
        clients_drop_client(clients, client);
    }
}
