/* Receives datagrams, passes them to the service, sends the answers from the address that was
 * asked. */
#include "modbusd/net/udp_port.h"

#include <errno.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/net.h"
#include "common/base/require.h"
#include "modbusd/net/clients_internal.h"

enum {
    DATAGRAMS_PER_TURN = 32,
    PEERS_MAX = 256, /* the one that has been silent for longest makes room */
    PEER_SILENT_MS = 60000,
    HELD_MAX = 128,
    EXCEPTION_BIT = 0x80,
    REQUEST_SIZE_MAX = MBAP_SIZE + PDU_LONG_MAX,
};

struct udp_peer {
    struct access_source source;
    uint16_t port;
    bool is_refused;
    struct client_session client_session;
    struct client_entry entry;
    uint64_t active_since;
};

/* Where a datagram came from, and to which own address it was sent: an answer goes back that way.
 */
struct udp_way {
    struct sockaddr_storage at;
    socklen_t at_len;
    _Alignas(struct cmsghdr) uint8_t
        control[CMSG_SPACE(sizeof(struct in6_pktinfo)) + CMSG_SPACE(sizeof(struct in_pktinfo))];
    size_t control_len;
};

struct udp_answer {
    uint64_t held;
    struct udp_way way;
    uint8_t bytes[ADU_MAX];
    size_t len;
};

struct udp_port {
    int fd;
    uint16_t number; /* of the port */
    struct clients *clients;
    struct service *service;
    struct udp_peer *peers[PEERS_MAX];
    size_t peer_count;
    struct udp_answer held[HELD_MAX]; /* in the order of their syncs */
    size_t held_count;
};

struct udp_port *udp_port_create(int fd, struct clients *clients)
{
    static const int on = 1;
    struct udp_port *port = calloc(1, sizeof *port);
    if (!port)
        return NULL;
    port->fd = fd;
    port->number = net_bound_port(fd);
    port->clients = clients;
    port->service = clients->service;
    /* One of them fails, depending on the family of the socket. */
    setsockopt(fd, IPPROTO_IP, IP_PKTINFO, &on, sizeof on);
    setsockopt(fd, IPPROTO_IPV6, IPV6_RECVPKTINFO, &on, sizeof on);
    return port;
}

static void udp_port_drop_peer(struct udp_port *port, size_t place)
{
    struct udp_peer *peer = port->peers[place];
    if (!peer->is_refused)
        client_table_remove_client(port->service->client_table, &peer->entry);
    free(peer);
    port->peers[place] = port->peers[--port->peer_count];
}

void udp_port_forget_peers(struct udp_port *port)
{
    while (port->peer_count > 0)
        udp_port_drop_peer(port, port->peer_count - 1);
}

void udp_port_destroy(struct udp_port *port)
{
    if (!port)
        return;
    udp_port_forget_peers(port);
    free(port);
}

static struct udp_peer *udp_port_find_peer(const struct udp_port *port, const struct access_ip *ip,
                                           uint16_t number)
{
    for (size_t i = 0; i < port->peer_count; i++) {
        struct udp_peer *peer = port->peers[i];
        if (peer->port == number && memcmp(&peer->source.ip, ip, sizeof *ip) == 0)
            return peer;
    }
    return NULL;
}

static void udp_port_make_room(struct udp_port *port)
{
    size_t oldest = 0;
    if (port->peer_count < PEERS_MAX)
        return;
    for (size_t i = 1; i < port->peer_count; i++) {
        if (port->peers[i]->active_since < port->peers[oldest]->active_since)
            oldest = i;
    }
    udp_port_drop_peer(port, oldest);
}

/* Decides about a new sender. NULL when out of memory. */
static struct udp_peer *udp_port_add_peer(struct udp_port *port, const struct access_ip *ip,
                                          uint16_t number)
{
    const struct service *service = port->service;
    const struct admission refused = {"no allow rule matches its address", MODBUSD_REFUSED_RULE,
                                      CLIENT_NO_RULE};
    struct client_facts facts = {.side = CLIENT_SCADA,
                                 .protocol = CLIENT_UDP,
                                 .port = number,
                                 .since_ms = service->now + service->wall_offset};
    udp_port_make_room(port);
    struct udp_peer *peer = calloc(1, sizeof *peer);
    if (!peer)
        return NULL;
    peer->source.ip = *ip;
    peer->port = number;
    peer->client_session.side = SIDE_SCADA;
    access_ip_format(ip, peer->client_session.peer);
    memcpy(facts.address, ip->bytes, sizeof facts.address);
    port->peers[port->peer_count++] = peer;
    peer->is_refused = !access_decide_rights(port->clients->limits->allow, &peer->source,
                                             service->units, &peer->client_session.rights);
    if (peer->is_refused) {
        clients_log_refusal(port->clients, &facts, peer->client_session.peer, &refused,
                            service->now);
        return peer;
    }
    peer->client_session.entry = &peer->entry;
    client_table_add_client(service->client_table, &facts, &peer->entry);
    return peer;
}

/* The source of a datagram, also if it has no rights. NULL when out of memory. */
static struct udp_peer *udp_port_take_peer(struct udp_port *port, const struct udp_way *way)
{
    struct access_ip ip;
    char text[INET6_ADDRSTRLEN];
    listener_peer_address(&way->at, &ip, text);
    const uint16_t number = listener_peer_port(&way->at);
    struct udp_peer *peer = udp_port_find_peer(port, &ip, number);
    if (!peer)
        peer = udp_port_add_peer(port, &ip, number);
    if (peer)
        peer->active_since = port->service->now;
    return peer;
}

static ssize_t udp_port_receive(const struct udp_port *port, struct udp_way *way, uint8_t *bytes,
                                size_t size)
{
    struct iovec part = {bytes, size};
    struct msghdr message = {.msg_name = &way->at,
                             .msg_namelen = sizeof way->at,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = way->control,
                             .msg_controllen = sizeof way->control};
    /* With MSG_TRUNC the result is the length of the whole datagram. */
    ssize_t len = recvmsg(port->fd, &message, MSG_DONTWAIT | MSG_TRUNC);
    way->at_len = message.msg_namelen;
    way->control_len = message.msg_controllen;
    return len;
}

static void udp_port_send(const struct udp_port *port, const struct udp_way *way,
                          const uint8_t *bytes, size_t len)
{
    struct udp_way back = *way;
    struct iovec part = {(void *)(uintptr_t)bytes, len};
    struct msghdr message = {.msg_name = &back.at,
                             .msg_namelen = back.at_len,
                             .msg_iov = &part,
                             .msg_iovlen = 1,
                             .msg_control = back.control,
                             .msg_controllen = back.control_len};
    /* The own address stays, the interface is that of the route. */
    for (struct cmsghdr *item = CMSG_FIRSTHDR(&message); item; item = CMSG_NXTHDR(&message, item)) {
        if (item->cmsg_level == IPPROTO_IP && item->cmsg_type == IP_PKTINFO)
            ((struct in_pktinfo *)CMSG_DATA(item))->ipi_ifindex = 0;
    }
    ssize_t sent = sendmsg(port->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent > 0)
        counters_add(port->service->counters, MODBUSD_BYTES_OUT, (uint64_t)sent);
}

/* True for one request. Answers, and what comes from a port like this one, could make two servers
 * answer one another for ever. */
static bool udp_port_is_request(const struct udp_port *port, const struct udp_way *way,
                                const uint8_t *bytes, size_t len, struct pdu_frame *frame)
{
    const uint16_t source = listener_peer_port(&way->at);
    return len <= REQUEST_SIZE_MAX && pdu_cut_request(bytes, len, frame) == FRAME_WHOLE &&
           frame->size == len && (frame->pdu[0] & EXCEPTION_BIT) == 0 && source != 0 &&
           source != port->number;
}

static void udp_port_hold_answer(struct udp_port *port, uint64_t held, const struct udp_way *way,
                                 const struct answers *out)
{
    REQUIRE(port->held_count < HELD_MAX && out->len <= ADU_MAX);
    struct udp_answer *answer = &port->held[port->held_count++];
    answer->held = held;
    answer->way = *way;
    answer->len = out->len;
    memcpy(answer->bytes, out->bytes, out->len);
}

/* Answers one datagram. True if its answer is held. */
static bool udp_port_answer(struct udp_port *port, const struct udp_way *way, const uint8_t *bytes,
                            size_t len, uint64_t held)
{
    struct service *service = port->service;
    uint8_t buffer[ADU_MAX];
    struct answers out = {.bytes = buffer, .size = sizeof buffer};
    struct pdu_frame frame;
    if (!udp_port_is_request(port, way, bytes, len, &frame)) {
        counters_add(service->counters, MODBUSD_UDP_MALFORMED, 1);
        return false;
    }
    const struct udp_peer *peer = udp_port_take_peer(port, way);
    if (!peer || peer->is_refused) {
        counters_add(service->counters, MODBUSD_UDP_REFUSED, 1);
        return false;
    }
    if (port->held_count == HELD_MAX && pdu_is_write(frame.pdu[0])) {
        counters_add(service->counters, MODBUSD_UDP_BUSY, 1);
        return false;
    }
    const uint64_t writes = bank_write_count(service->bank);
    service_answer_frame(service, &peer->client_session, &frame, &out);
    const bool is_held = held != 0 && bank_write_count(service->bank) != writes;
    if (is_held)
        udp_port_hold_answer(port, held, way, &out);
    else if (out.len > 0)
        udp_port_send(port, way, out.bytes, out.len);
    return is_held;
}

bool udp_port_serve(struct udp_port *port, uint64_t held)
{
    uint8_t bytes[REQUEST_SIZE_MAX];
    struct udp_way way;
    bool has_held = false;
    REQUIRE(port->held_count <= HELD_MAX && port->peer_count <= PEERS_MAX);
    for (int i = 0; i < DATAGRAMS_PER_TURN; i++) {
        ssize_t len = udp_port_receive(port, &way, bytes, sizeof bytes);
        if (len < 0)
            break;
        counters_add(port->service->counters, MODBUSD_BYTES_IN, (uint64_t)len);
        has_held = udp_port_answer(port, &way, bytes, (size_t)len, held) || has_held;
    }
    return has_held;
}

void udp_port_release_held(struct udp_port *port, const struct syncer_results *news)
{
    size_t kept = 0;
    for (size_t i = 0; i < port->held_count; i++) {
        const struct udp_answer *answer = &port->held[i];
        if (answer->held > news->done)
            port->held[kept++] = *answer;
        else if (answer->held > news->failed)
            udp_port_send(port, &answer->way, answer->bytes, answer->len);
    }
    port->held_count = kept;
}

void udp_port_publish_requests(struct udp_port *port)
{
    const struct service *service = port->service;
    for (size_t i = port->peer_count; i > 0; i--) {
        struct udp_peer *peer = port->peers[i - 1];
        if (service->now - peer->active_since >= PEER_SILENT_MS)
            udp_port_drop_peer(port, i - 1);
        else if (!peer->is_refused)
            client_entry_publish(&peer->entry, peer->active_since + service->wall_offset);
    }
}

void udp_port_keep_table(struct udp_port *port, bool is_renewed)
{
    const struct service *service = port->service;
    for (size_t i = 0; i < port->peer_count; i++) {
        struct udp_peer *peer = port->peers[i];
        if (peer->is_refused)
            continue;
        client_entry_take_beat(&peer->entry, service->now + service->wall_offset);
        if (is_renewed)
            client_table_write_entry(&peer->entry);
    }
}
