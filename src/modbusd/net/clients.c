/* Admits clients, keeps the list of them, and closes overdue ones. */
#include "modbusd/net/clients.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <unistd.h>

#include "common/base/log.h"
#include "common/base/require.h"
#include "modbusd/net/clients_internal.h"
#include "modbusd/net/listener.h"

static size_t *clients_count_of(struct clients *clients, enum side side)
{
    return side == SIDE_SCADA ? &clients->scada_count : &clients->process_count;
}

static void clients_show_counts(const struct clients *clients)
{
    counters_set(clients->counters, MODBUSD_CONNECTIONS, clients->scada_count);
    counters_set(clients->counters, MODBUSD_PROCESS_CONNECTIONS, clients->process_count);
}

/* Counts the clients from an address, or only those whose TLS handshake has not ended. */
static size_t clients_count_ip(const struct clients *clients, const struct access_ip *ip,
                               bool only_handshakes)
{
    size_t count = 0;
    for (const struct server_client *client = clients->first; client; client = client->next) {
        if (client->conn->client_session.side == SIDE_SCADA && !client->conn->awaits_header &&
            (client->handshaking || !only_handshakes))
            count += memcmp(&client->conn->source.ip, ip, sizeof *ip) == 0;
    }
    return count;
}

static uint64_t clients_wall_ms(const struct clients *clients, uint64_t now)
{
    return now + clients->service->wall_offset;
}

/* False when out of memory. */
static bool clients_add_client(struct clients *clients, int fd,
                               struct client_session *client_session,
                               const struct access_source *source, const struct client_facts *facts,
                               uint64_t now)
{
    struct server_client *client = calloc(1, sizeof *client);
    if (!client)
        return false;
    *client = (struct server_client){
        .event_source = SOURCE_CLIENT, .interest = EPOLLIN, .protocol = facts->protocol};
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = client};
    client_session->entry = &client->entry;
    client->conn = conn_create(fd, client_session, source, now);
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
    client_table_add_client(clients->service->client_table, facts, &client->entry);
    return true;
}

static void clients_note_refusal(const struct clients *clients, const struct client_facts *facts,
                                 enum client_refusal_reason reason, const char *detail)
{
    struct client_refusal refusal = {
        .port = facts->port, .side = facts->side, .reason = reason, .at_ms = facts->since_ms};
    memcpy(refusal.address, facts->address, sizeof refusal.address);
    snprintf(refusal.detail, sizeof refusal.detail, "%s", detail);
    client_table_note_refusal(clients->service->client_table, &refusal);
}

void clients_note_unaccepted(struct clients *clients, enum side side,
                             const struct sockaddr_storage *at)
{
    struct client_facts facts = {.side = (enum client_side)side,
                                 .port = listener_peer_port(at),
                                 .since_ms = clients_wall_ms(clients, clients->service->now)};
    struct access_ip ip;
    char peer[INET6_ADDRSTRLEN];
    listener_peer_address(at, &ip, peer);
    memcpy(facts.address, ip.bytes, sizeof facts.address);
    counters_add(clients->counters, MODBUSD_REFUSED_LIMIT, 1);
    clients_note_refusal(clients, &facts, CLIENT_NO_DESCRIPTORS,
                         "the process has no file descriptor left: raise LimitNOFILE");
}

/* Decides about a SCADA client by its source, and sets its rights. Of TLS it knows no role yet: the
 * end of the handshake decides about rights. */
static struct admission clients_check_source(const struct clients *clients,
                                             const struct access_source *source,
                                             enum client_protocol protocol,
                                             struct access_rights *rights)
{
    const struct client_limits *limits = clients->limits;
    const bool is_tls = protocol == CLIENT_TLS;
    if (is_tls ? !access_knows_address(limits->allow, source)
               : !access_decide_rights(limits->allow, source, clients->service->units, rights))
        return (struct admission){"no allow rule matches its address", MODBUSD_REFUSED_RULE,
                                  CLIENT_NO_RULE};
    if (limits->max_connections_per_ip != 0 &&
        clients_count_ip(clients, &source->ip, false) >= limits->max_connections_per_ip)
        return (struct admission){"max_connections_per_ip is reached", MODBUSD_REFUSED_IP_LIMIT,
                                  CLIENT_IP_LIMIT};
    if (is_tls && clients_count_ip(clients, &source->ip, true) >= CLIENTS_HANDSHAKES_PER_IP)
        return (struct admission){"too many of its TLS handshakes have not ended",
                                  MODBUSD_REFUSED_IP_LIMIT, CLIENT_TLS_TOO_MANY};
    return (struct admission){.why = NULL};
}

void clients_log_refusal(struct clients *clients, const struct client_facts *facts,
                         const char *peer, const struct admission *admission, uint64_t now)
{
    counters_add(clients->counters, admission->counter, 1);
    clients_note_refusal(clients, facts, admission->reason, admission->why);
    if (!log_limit_count_event(&clients->refusals, now))
        return;
    log_warning("connection refused: %s: %s; %u refused since the last line", peer, admission->why,
                clients->refusals.since);
    log_limit_mark_logged(&clients->refusals, now);
}

struct client_facts clients_facts_of(const struct server_client *client)
{
    const struct conn *conn = client->conn;
    struct client_facts facts = {.side = (enum client_side)conn->client_session.side,
                                 .protocol = client->protocol,
                                 .port = (uint16_t)client->entry.words[CLIENT_WORD_PORT],
                                 .since_ms = client->entry.words[CLIENT_WORD_SINCE]};
    memcpy(facts.address, conn->source.ip.bytes, sizeof facts.address);
    if (conn->source.role)
        snprintf(facts.role, sizeof facts.role, "%s", conn->source.role);
    return facts;
}

void clients_admit(struct clients *clients, int fd, const struct listener *listener,
                   const struct sockaddr_storage *at, uint64_t now)
{
    const enum side side = listener->side;
    struct client_session client_session = {.side = side};
    struct admission admission = {.why = NULL};
    struct access_source source = {.is_serial = false};
    REQUIRE(fd >= 0 && side < SIDE_COUNT);
    listener_peer_address(at, &source.ip, client_session.peer);
    struct client_facts facts = {.side = (enum client_side)side,
                                 .protocol = listener_client_protocol(listener),
                                 .port = listener_peer_port(at),
                                 .since_ms = clients_wall_ms(clients, now)};
    memcpy(facts.address, source.ip.bytes, sizeof facts.address);
    const bool is_proxy =
        side == SIDE_SCADA && access_networks_have(clients->limits->proxies, &source.ip);
    counters_add(clients->counters, MODBUSD_ACCEPTED, 1);

    if (side != SIDE_SCADA) {
        access_grant_all(&client_session.rights);
        if (clients->process_count >= CLIENTS_PROCESS_MAX)
            admission = (struct admission){"the process side is full", MODBUSD_REFUSED_LIMIT,
                                           CLIENT_PROCESS_FULL};
    } else if (clients->scada_count >= clients->limits->max_connections) {
        admission =
            (struct admission){"max_connections is reached", MODBUSD_REFUSED_LIMIT, CLIENT_LIMIT};
    } else if (!is_proxy) {
        admission = clients_check_source(clients, &source, facts.protocol, &client_session.rights);
    }
    if (!admission.why && !clients_add_client(clients, fd, &client_session, &source, &facts, now))
        admission = (struct admission){"no memory for its connection", MODBUSD_REFUSED_MEMORY,
                                       CLIENT_NO_MEMORY};
    if (admission.why) {
        clients_log_refusal(clients, &facts, client_session.peer, &admission, now);
        close(fd);
    } else {
        clients->first->conn->is_rtu = listener->protocol == LISTENER_RTU;
        if (is_proxy)
            conn_expect_header(clients->first->conn, now);
        else if (facts.protocol == CLIENT_TLS &&
                 !clients_begin_handshake(clients, clients->first, now))
            clients_drop_client(clients, clients->first);
    }
    clients_show_counts(clients);
}

void clients_admit_line(struct clients *clients, int fd, const char *name, uint64_t now)
{
    struct client_session client_session = {.side = SIDE_SCADA, .is_serial = true};
    const struct access_source source = {.is_serial = true};
    struct client_facts facts = {
        .side = CLIENT_SCADA, .protocol = CLIENT_SERIAL, .since_ms = clients_wall_ms(clients, now)};
    snprintf(client_session.peer, sizeof client_session.peer, "%s", name);
    /* Without rights it stays silent, until the rules change. */
    access_decide_rights(clients->limits->allow, &source, clients->service->units,
                         &client_session.rights);
    const size_t len = strlen(name),
                 shown = len < sizeof facts.address ? len : sizeof facts.address;
    memcpy(facts.address, name + len - shown, shown);
    if (!clients_add_client(clients, fd, &client_session, &source, &facts, now))
        close(fd);
    clients_show_counts(clients);
}

void clients_take_header(struct clients *clients, struct server_client *client, uint64_t now)
{
    struct conn *conn = client->conn;
    struct client_session *client_session = &conn->client_session;
    struct client_facts facts = clients_facts_of(client);
    struct access_source source = conn->source;
    struct proxy_header header;
    switch (conn_take_header(conn, &header)) {
    case PROXY_HEADER_PART:
        return;
    case PROXY_HEADER_BAD:
        service_log_header(clients->service, client_session, conn->in, conn->in_end);
        return;
    case PROXY_HEADER_WHOLE:
        break;
    }
    if (header.has_address) {
        source.ip = header.ip;
        facts.port = header.port;
        access_ip_format(&source.ip, client_session->peer);
    }
    memcpy(facts.address, source.ip.bytes, sizeof facts.address);
    conn->awaits_header = true; /* so that it does not count itself */
    const struct admission admission =
        clients_check_source(clients, &source, client->protocol, &client_session->rights);
    conn->awaits_header = false;
    conn->source = source;
    if (!admission.why) {
        client_table_remove_client(clients->service->client_table, &client->entry);
        client_table_add_client(clients->service->client_table, &facts, &client->entry);
        if (client->protocol == CLIENT_TLS && !clients_begin_handshake(clients, client, now))
            conn_discard_client(conn);
        return;
    }
    /* A health check asks for nothing: it needs no rule. */
    if (!header.is_local)
        clients_log_refusal(clients, &facts, client_session->peer, &admission, now);
    conn_discard_client(conn);
}

void clients_drop_client(struct clients *clients, struct server_client *client)
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
    client_table_remove_client(clients->service->client_table, &client->entry);
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

void clients_update_epoll(struct clients *clients, struct server_client *client)
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
    for (struct server_client *client = clients->first; client; client = client->next) {
        struct conn *conn = client->conn;
        if (conn->client_session.side != SIDE_SCADA || conn->awaits_header || conn->broken ||
            client->handshaking)
            continue;
        if (!clients_check_certificate(clients, client)) {
            service_note_closed(clients->service, &conn->client_session,
                                tls_session_failure(conn->tls)->reason,
                                tls_session_failure(conn->tls)->detail);
            counters_add(clients->counters, MODBUSD_REFUSED_CERTIFICATE, 1);
            conn_discard_client(conn);
        } else if (!access_decide_rights(clients->limits->allow, &conn->source,
                                         clients->service->units, &conn->client_session.rights) &&
                   !conn->client_session.is_serial) {
            service_note_closed(clients->service, &conn->client_session, CLIENT_RULE_CHANGED,
                                "no allow rule matches its address any more");
            conn_discard_client(conn);
        }
    }
}

void clients_publish_requests(struct clients *clients)
{
    for (struct server_client *client = clients->first; client; client = client->next)
        client_entry_publish(&client->entry, clients_wall_ms(clients, client->conn->active_since));
}

bool clients_keep_table(struct clients *clients)
{
    const struct service *service = clients->service;
    const bool renewed = client_table_repair_file(service->client_table);
    for (struct server_client *client = clients->first; client; client = client->next) {
        client_entry_take_beat(&client->entry, service->now + service->wall_offset);
        if (renewed)
            client_table_write_entry(&client->entry);
    }
    return renewed;
}

static bool clients_deadline_is_over(uint64_t since, uint64_t limit, uint64_t now)
{
    return since != 0 && now - since >= limit;
}

/* `due` or the deadline, if that is sooner. */
static uint64_t clients_sooner_deadline(uint64_t due, uint64_t since, uint64_t limit)
{
    return since != 0 && since + limit < due ? since + limit : due;
}

uint64_t clients_close_overdue(struct clients *clients, uint64_t now)
{
    const struct client_limits *limits = clients->limits;
    uint64_t due = UINT64_MAX;
    for (struct server_client *client = clients->first, *next; client; client = next) {
        const struct conn *conn = client->conn;
        const bool is_idle = limits->idle_timeout_ms != 0 && conn->held == 0 &&
                             conn->client_session.side == SIDE_SCADA &&
                             !conn->client_session.is_serial;
        size_t counter;
        const char *option, *detail;
        enum client_refusal_reason reason;
        next = client->next;
        if (client->queued)
            continue;
        if (client->handshaking) {
            if (clients_deadline_is_over(conn->frame_since, limits->frame_timeout_ms, now))
                clients_end_handshake(clients, client, now);
            else
                due = clients_sooner_deadline(due, conn->frame_since, limits->frame_timeout_ms);
            continue;
        }
        if (conn->awaits_header &&
            clients_deadline_is_over(conn->frame_since, limits->frame_timeout_ms, now)) {
            service_log_header(clients->service, &conn->client_session, conn->in, conn->in_end);
            clients_drop_client(clients, client);
            continue;
        }
        if (!conn_is_blocked(conn) &&
            clients_deadline_is_over(conn->frame_since, limits->frame_timeout_ms, now)) {
            counter = MODBUSD_CLOSED_FRAME_TIMEOUT;
            reason = CLIENT_FRAME_TIMEOUT;
            detail = "it began a request and did not complete it within frame_timeout_ms";
            option = "frame_timeout_ms";
        } else if (clients_deadline_is_over(conn->write_since, limits->write_timeout_ms, now)) {
            counter = MODBUSD_CLOSED_WRITE_TIMEOUT;
            reason = CLIENT_WRITE_TIMEOUT;
            detail = "it did not read its answers for write_timeout_ms";
            option = "write_timeout_ms";
        } else if (is_idle &&
                   clients_deadline_is_over(conn->active_since, limits->idle_timeout_ms, now)) {
            counter = MODBUSD_CLOSED_IDLE;
            reason = CLIENT_IDLE_TIMEOUT;
            detail = "it sent no request for idle_timeout_s";
            option = "idle_timeout_s";
        } else {
            due = clients_sooner_deadline(due, conn->frame_since, limits->frame_timeout_ms);
            due = clients_sooner_deadline(due, conn->write_since, limits->write_timeout_ms);
            if (is_idle)
                due = clients_sooner_deadline(due, conn->active_since, limits->idle_timeout_ms);
            continue;
        }
        counters_add(clients->counters, counter, 1);
        if (!conn->reported) /* else it is known why */
            service_note_closed(clients->service, &conn->client_session, reason, detail);
        log_debug("%s: closed: %s exceeded", conn->client_session.peer, option);
        clients_drop_client(clients, client);
    }
    return due;
}
