/* Deadlines and limits of connections. */
#include "api/http/http_conns.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "common/shared/counters.h"

enum { SWEEP_MS = 250, DROPPED_READS_MAX = 64 };

static bool http_conn_same_address(const struct http_conn *a, const struct http_conn *b)
{
    return memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static void http_conns_count_open(struct http_conns *conns, const struct http_conn *conn,
                                  size_t change)
{
    REQUIRE(change == 1 || conns->open > 0);
    conns->open += change;
    if (conn->spare)
        conns->spares += change;
    counters_add(conns->counters, API_CONNECTIONS, change);
}

/* The library detects the shutdown and reports the end of the connection later. */
static void http_conns_shut_down(struct http_conns *conns, struct http_conn *conn,
                                 enum api_counter reason)
{
    REQUIRE(!conn->closing);
    conn->closing = true;
    shutdown(conn->fd, SHUT_RDWR);
    http_conns_count_open(conns, conn, (size_t)-1);
    counters_add(conns->counters, reason, 1);
}

static void http_conn_set_deadline(struct http_conn *conn, enum http_wait wait, uint64_t ms)
{
    conn->wait = wait;
    conn->deadline_ms = clock_steady_ms() + ms;
}

void http_conn_await_body(const struct http_conns *conns, struct http_conn *conn, bool wanted)
{
    conn->progress = 0;
    conn->unwanted = !wanted;
    http_conn_set_deadline(conn, HTTP_WAIT_BODY, conns->limits.body_ms);
}

void http_conn_await_service(struct http_conn *conn)
{
    conn->wait = HTTP_WAIT_SERVICE;
}

/* The sweep asks the kernel for the acknowledged bytes only when the deadline passes: most answers
 * are complete by then. */
void http_conn_await_answer(const struct http_conns *conns, struct http_conn *conn)
{
    conn->progress = 0;
    http_conn_set_deadline(conn, HTTP_WAIT_ANSWER, conns->limits.body_ms);
}

void http_conn_await_next(const struct http_conns *conns, struct http_conn *conn)
{
    conn->begun = NULL;
    conn->waits_since_ms = clock_steady_ms();
    http_conn_set_deadline(conn, HTTP_WAIT_HEAD, conns->limits.idle_ms + conns->limits.head_ms);
}

void http_conn_note_body(const struct http_conns *conns, struct http_conn *conn, uint64_t bytes)
{
    REQUIRE(bytes >= conn->progress);
    if (bytes - conn->progress < HTTP_PROGRESS_BYTES)
        return;
    conn->progress = bytes;
    http_conn_set_deadline(conn, HTTP_WAIT_BODY, conns->limits.body_ms);
}

/* Closes a connection whose head or body is late. An answer gets another period if the client has
 * acknowledged enough bytes since the last deadline. */
void http_conns_sweep(struct http_conns *conns)
{
    static const struct {
        enum api_counter counter;
        const char *reason;
    } slow[] = {
        [HTTP_WAIT_HEAD] = {API_CLOSED_HEAD, "the head of its request did not arrive in time"},
        [HTTP_WAIT_BODY] = {API_CLOSED_BODY, "the body of its request arrived too slowly"},
        [HTTP_WAIT_ANSWER] = {API_CLOSED_ANSWER, "it read its answer too slowly"}};
    uint64_t now = clock_steady_ms();
    if (now - conns->swept_ms < SWEEP_MS)
        return;
    conns->swept_ms = now;
    for (struct http_conn *conn = conns->first; conn; conn = conn->next) {
        if (conn->closing || conn->wait == HTTP_WAIT_SERVICE || now < conn->deadline_ms)
            continue;
        if (conn->wait == HTTP_WAIT_ANSWER) {
            uint64_t before = conn->progress;
            struct tcp_info info = {0};
            socklen_t size = sizeof info;
            getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &size);
            conn->progress = info.tcpi_bytes_acked;
            conn->deadline_ms = now + conns->limits.body_ms;
            if (conn->progress - before >= HTTP_PROGRESS_BYTES)
                continue;
        }
        if (log_limit_count_event(&conns->slow, now)) {
            log_warning("%s: connection closed: %s; %u slow connection%s closed since the last "
                        "such line",
                        conn->remote, slow[conn->wait].reason, conns->slow.since,
                        plural_suffix(conns->slow.since));
            log_limit_mark_logged(&conns->slow, now);
        }
        http_conns_shut_down(conns, conn, slow[conn->wait].counter);
    }
}

/* Finds the connection that has waited longest among those that may be closed for `newcomer`. No
 * work is lost: its request has not arrived, was refused, or uses no body. `any_address`: not only
 * those of the newcomer's address. `spare`: only spares, else no spares. */
static struct http_conn *http_conns_find_closable(const struct http_conns *conns,
                                                  const struct http_conn *newcomer,
                                                  bool any_address, bool spare)
{
    struct http_conn *found = NULL;
    for (struct http_conn *conn = conns->first; conn; conn = conn->next) {
        bool closable = !conn->closing && (conn->wait == HTTP_WAIT_HEAD ||
                                           (conn->wait == HTTP_WAIT_BODY && conn->unwanted));
        if (conn == newcomer || !closable || conn->spare != spare ||
            !(any_address || http_conn_same_address(conn, newcomer)))
            continue;
        if (!found || conn->waits_since_ms <= found->waits_since_ms)
            found = conn;
    }
    return found;
}

/* Makes the new connection, which is in the list, fit the limits: closes a waiting connection, or
 * marks the new one as a spare. False when neither is possible. */
static bool http_conns_fit_limits(struct http_conns *conns, struct http_conn *conn)
{
    const struct http_limits *limits = &conns->limits;
    size_t of_address = 0;
    for (const struct http_conn *other = conns->first; other; other = other->next)
        of_address += other != conn && !other->closing && !other->spare &&
                      http_conn_same_address(other, conn);
    bool share = limits->most_per_address > 0 && of_address >= limits->most_per_address;
    if (!share && conns->open - conns->spares < limits->most)
        return true;
    uint64_t now = clock_steady_ms();
    if (log_limit_count_event(&conns->full, now)) {
        log_warning("connection limit reached: %s opened one more than %zu (%s); %u connection%s "
                    "too many since the last such line",
                    conn->remote, share ? limits->most_per_address : limits->most,
                    share ? "max_connections_per_ip" : "max_connections", conns->full.since,
                    plural_suffix(conns->full.since));
        log_limit_mark_logged(&conns->full, now);
    }
    struct http_conn *waiting = http_conns_find_closable(conns, conn, !share, false);
    conn->spare = !waiting;
    if (!waiting && conns->spares >= HTTP_SPARES) {
        waiting = http_conns_find_closable(conns, conn, true, true);
        if (!waiting)
            return false;
    }
    if (waiting)
        http_conns_shut_down(conns, waiting, API_CLOSED_FOR_ROOM);
    return true;
}

struct http_conn *http_conns_add(struct http_conns *conns, int fd, const struct sockaddr *address)
{
    REQUIRE(fd >= 0 && conns->counters);
    struct http_conn *conn = calloc(1, sizeof *conn);
    if (!conn) {
        counters_add(conns->counters, API_REFUSED_MEMORY, 1);
        shutdown(fd, SHUT_RDWR);
        return NULL;
    }
    conn->fd = fd;
    conn->address = (struct in6_addr){.s6_addr = {[10] = 0xff, [11] = 0xff}}; /* IPv4, mapped */
    if (address && address->sa_family == AF_INET6)
        conn->address = ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    else if (address && address->sa_family == AF_INET)
        memcpy(&conn->address.s6_addr[12],
               &((const struct sockaddr_in *)(const void *)address)->sin_addr,
               sizeof(struct in_addr));
    if (IN6_IS_ADDR_V4MAPPED(&conn->address))
        inet_ntop(AF_INET, &conn->address.s6_addr[12], conn->remote, sizeof conn->remote);
    else
        inet_ntop(AF_INET6, &conn->address, conn->remote, sizeof conn->remote);
    conn->waits_since_ms = clock_steady_ms();
    http_conn_set_deadline(conn, HTTP_WAIT_HEAD, conns->limits.head_ms);
    conn->next = conns->first;
    if (conns->first)
        conns->first->previous = conn;
    conns->first = conn;
    bool fits = http_conns_fit_limits(conns, conn);
    http_conns_count_open(conns, conn, 1);
    if (!fits)
        http_conns_shut_down(conns, conn, API_REFUSED_LIMIT);
    return conn;
}

/* Reads what has arrived and nobody will answer. If a socket is closed with unread bytes, the
 * kernel resets the connection, and the client loses the answers that it has not read yet. */
static void http_conn_drop_unread(const struct http_conn *conn)
{
    char bytes[16 * 1024];
    for (int i = 0; i < DROPPED_READS_MAX; i++) {
        if (recv(conn->fd, bytes, sizeof bytes, MSG_DONTWAIT) <= 0)
            return;
    }
}

void http_conns_remove(struct http_conns *conns, struct http_conn *conn)
{
    if (!conn)
        return;
    conns->has_ended = true;
    http_conn_drop_unread(conn);
    if (!conn->closing)
        http_conns_count_open(conns, conn, (size_t)-1);
    if (conn->previous)
        conn->previous->next = conn->next;
    else
        conns->first = conn->next;
    if (conn->next)
        conn->next->previous = conn->previous;
    free(conn);
}
