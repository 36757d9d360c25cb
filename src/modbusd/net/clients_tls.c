/* TLS handshakes: one step at a time, in the order of a set of sockets of their own, so that they
 * delay nobody; then the client is admitted by its role, and served like the others. */
#include <sys/epoll.h>

#include "common/base/require.h"
#include "modbusd/net/clients_internal.h"

/* The socket is in one epoll at a time. */
static bool clients_watch_in(struct server_client *client, int epoll, int operation,
                             uint32_t events)
{
    struct epoll_event event = {.events = events, .data.ptr = client};
    client->interest = events;
    return epoll_ctl(epoll, operation, client->conn->fd, &event) == 0;
}

bool clients_begin_handshake(struct clients *clients, struct server_client *client, uint64_t now)
{
    struct conn *conn = client->conn;
    REQUIRE(client->protocol == CLIENT_TLS && !client->handshaking && !conn->tls);
    client->handshaking = true;
    conn->frame_since = now;
    /* Bytes that came with the header of a proxy do not make the socket readable. */
    uint32_t events = conn->in_start < conn->in_end ? EPOLLIN | EPOLLOUT : EPOLLIN;
    return epoll_ctl(clients->epoll, EPOLL_CTL_DEL, conn->fd, NULL) == 0 &&
           clients_watch_in(client, clients->handshake_epoll, EPOLL_CTL_ADD, events);
}

static void clients_refuse_handshake(struct clients *clients, struct server_client *client,
                                     const struct admission *admission, uint64_t now)
{
    const struct client_facts facts = clients_facts_of(client);
    clients_log_refusal(clients, &facts, client->conn->client_session.peer, admission, now);
}

static void clients_note_tls_failure(struct clients *clients, struct server_client *client,
                                     uint64_t now)
{
    const struct tls_failure *failure = tls_session_failure(client->conn->tls);
    const bool is_certificate = failure->reason != CLIENT_TLS_HANDSHAKE;
    const struct admission admission = {failure->detail,
                                        is_certificate ? MODBUSD_REFUSED_CERTIFICATE
                                                       : MODBUSD_CLOSED_TLS_HANDSHAKE,
                                        failure->reason};
    clients_refuse_handshake(clients, client, &admission, now);
}

void clients_end_handshake(struct clients *clients, struct server_client *client, uint64_t now)
{
    const struct admission admission = {
        "it did not complete the TLS handshake within frame_timeout_ms",
        MODBUSD_CLOSED_TLS_HANDSHAKE, CLIENT_TLS_TIMEOUT};
    REQUIRE(client->handshaking);
    clients_refuse_handshake(clients, client, &admission, now);
    clients_drop_client(clients, client);
}

bool clients_check_certificate(const struct clients *clients, const struct server_client *client)
{
    struct tls_session *tls = client->conn->tls;
    return !tls || tls_session_has_credentials(tls, clients->credentials) ||
           tls_session_check_again(tls, clients->credentials);
}

/* After the handshake: decides about the client by its role, too. */
static bool clients_admit_peer(struct clients *clients, struct server_client *client, uint64_t now)
{
    static const struct admission no_rule = {"no allow rule matches its address and role",
                                             MODBUSD_REFUSED_RULE, CLIENT_NO_RULE};
    struct conn *conn = client->conn;
    conn->source.role = tls_session_role(conn->tls);
    if (!clients_check_certificate(clients, client)) {
        clients_note_tls_failure(clients, client, now);
        return false;
    }
    if (!access_decide_rights(clients->limits->allow, &conn->source, clients->service->units,
                              &conn->client_session.rights)) {
        clients_refuse_handshake(clients, client, &no_rule, now);
        return false;
    }
    if (epoll_ctl(clients->handshake_epoll, EPOLL_CTL_DEL, conn->fd, NULL) != 0 ||
        !clients_watch_in(client, clients->epoll, EPOLL_CTL_ADD, EPOLLIN))
        return false;
    client->handshaking = false;
    conn->frame_since = 0;
    conn->active_since = now;
    const struct client_facts facts = clients_facts_of(client);
    client_table_remove_client(clients->service->client_table, &client->entry);
    client_table_add_client(clients->service->client_table, &facts, &client->entry);
    counters_add(clients->counters, MODBUSD_TLS_HANDSHAKES, 1);
    if (tls_session_is_resumed(conn->tls))
        counters_add(clients->counters, MODBUSD_TLS_RESUMED, 1);
    return true;
}

struct server_client *clients_run_handshake(struct clients *clients, uint64_t now)
{
    struct epoll_event event;
    if (epoll_wait(clients->handshake_epoll, &event, 1, 0) != 1)
        return NULL;
    struct server_client *client = event.data.ptr;
    REQUIRE(client->handshaking && clients->credentials);
    switch (conn_shake_hands(client->conn, clients->credentials)) {
    case TLS_WAITS:
        if (clients_watch_in(client, clients->handshake_epoll, EPOLL_CTL_MOD,
                             tls_session_wants_write(client->conn->tls) ? EPOLLOUT : EPOLLIN))
            return NULL;
        break;
    case TLS_OPEN:
        if (clients_admit_peer(clients, client, now))
            return client;
        break;
    case TLS_FAILED:
        clients_note_tls_failure(clients, client, now);
        break;
    case TLS_CLOSED:
        break;
    }
    clients_drop_client(clients, client);
    return NULL;
}

void clients_take_credentials(struct clients *clients, struct tls_credentials *credentials)
{
    if (clients->credentials && credentials)
        tls_credentials_keep_tickets(credentials, clients->credentials);
    tls_credentials_release(clients->credentials);
    clients->credentials = credentials;
}
