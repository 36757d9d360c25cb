/* Deadlines and shares of connections. */
#include "api/http/http_conns.h"

#include <arpa/inet.h>
#include <linux/tcp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/shared/counters.h"

enum { SWEEP_MS = 250 };

static struct in6_addr http_conn_address_of(const struct sockaddr *address)
{
    struct in6_addr mapped = {.s6_addr = {[10] = 0xff, [11] = 0xff}};
    if (address && address->sa_family == AF_INET6)
        return ((const struct sockaddr_in6 *)(const void *)address)->sin6_addr;
    if (address && address->sa_family == AF_INET)
        memcpy(&mapped.s6_addr[12], &((const struct sockaddr_in *)(const void *)address)->sin_addr,
               sizeof(struct in_addr));
    return mapped;
}

static bool http_conn_same_address(const struct http_conn *a, const struct http_conn *b)
{
    return memcmp(&a->address, &b->address, sizeof a->address) == 0;
}

static void http_conn_set_remote(struct http_conn *conn)
{
    if (IN6_IS_ADDR_V4MAPPED(&conn->address))
        inet_ntop(AF_INET, &conn->address.s6_addr[12], conn->remote, sizeof conn->remote);
    else
        inet_ntop(AF_INET6, &conn->address, conn->remote, sizeof conn->remote);
}

static void http_conns_count_open(struct http_conns *conns, const struct http_conn *conn,
                                  size_t change)
{
    conns->open += change;
    if (conn->spare)
        conns->spares += change;
    counters_add(conns->counters, API_CONNECTIONS, change);
}

/* The library notices by itself, and tells of the end later. */
static void http_conns_shut_down(struct http_conns *conns, struct http_conn *conn,
                                 enum api_counter reason)
{
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

/* The bytes that the client has acknowledged since the connection began. */
static uint64_t acknowledged(const struct http_conn *conn)
{
    struct tcp_info info = {0};
    socklen_t size = sizeof info;
    getsockopt(conn->fd, IPPROTO_TCP, TCP_INFO, &info, &size);
    return info.tcpi_bytes_acked;
}

/* The bytes acknowledged before are asked for only when the deadline passes: most answers are gone
 * by then. */
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
    if (bytes - conn->progress < HTTP_PROGRESS_BYTES)
        return;
    conn->progress = bytes;
    http_conn_set_deadline(conn, HTTP_WAIT_BODY, conns->limits.body_ms);
}

/* Of a head or a body the deadline is the end. An answer goes on while enough of it is taken. */
static bool http_conn_is_too_slow(const struct http_conns *conns, struct http_conn *conn,
                                  uint64_t now)
{
    if (conn->closing || conn->wait == HTTP_WAIT_SERVICE || now < conn->deadline_ms)
        return false;
    if (conn->wait != HTTP_WAIT_ANSWER)
        return true;
    uint64_t taken = acknowledged(conn);
    bool slow = taken - conn->progress < HTTP_PROGRESS_BYTES;
    conn->progress = taken;
    conn->deadline_ms = now + conns->limits.body_ms;
    return slow;
}

static void http_conns_log_slow(struct http_conns *conns, const struct http_conn *conn,
                                uint64_t now)
{
    static const char *const parts[] = {[HTTP_WAIT_HEAD] = "the head of its request did not come",
                                        [HTTP_WAIT_BODY] =
                                            "the body of its request came too slowly",
                                        [HTTP_WAIT_ANSWER] = "it took its answer too slowly"};
    if (!log_limit_count_event(&conns->slow, now))
        return;
    log_warning("%s: connection closed, %s; %u slow connection%s closed since the last such line",
                conn->remote, parts[conn->wait], conns->slow.since,
                plural_suffix(conns->slow.since));
    log_limit_mark_logged(&conns->slow, now);
}

void http_conns_sweep(struct http_conns *conns)
{
    static const enum api_counter reasons[] = {[HTTP_WAIT_HEAD] = API_CLOSED_HEAD,
                                               [HTTP_WAIT_BODY] = API_CLOSED_BODY,
                                               [HTTP_WAIT_ANSWER] = API_CLOSED_ANSWER};
    uint64_t now = clock_steady_ms();
    if (now - conns->swept_ms < SWEEP_MS)
        return;
    conns->swept_ms = now;
    for (struct http_conn *conn = conns->first; conn; conn = conn->next) {
        if (!http_conn_is_too_slow(conns, conn, now))
            continue;
        http_conns_log_slow(conns, conn, now);
        http_conns_shut_down(conns, conn, reasons[conn->wait]);
    }
}

/* Whether nothing is lost with it: no request has come yet, or it has been refused, or uses no
 * body. */
static bool http_conn_is_closable(const struct http_conn *conn)
{
    return !conn->closing &&
           (conn->wait == HTTP_WAIT_HEAD || (conn->wait == HTTP_WAIT_BODY && conn->unwanted));
}

/* Of the others that may make room, the one that has waited longest: with this one's address, or
 * any; among the spare ones, or the rest. */
static struct http_conn *http_conns_longest_waiting(const struct http_conns *conns,
                                                    const struct http_conn *but, bool any_address,
                                                    bool spare)
{
    struct http_conn *found = NULL;
    for (struct http_conn *conn = conns->first; conn; conn = conn->next) {
        if (conn == but || !http_conn_is_closable(conn) || conn->spare != spare ||
            !(any_address || http_conn_same_address(conn, but)))
            continue;
        if (!found || conn->waits_since_ms <= found->waits_since_ms)
            found = conn;
    }
    return found;
}

static size_t http_conns_count_address(const struct http_conns *conns,
                                       const struct http_conn *address)
{
    size_t count = 0;
    for (const struct http_conn *conn = conns->first; conn; conn = conn->next)
        count += conn != address && !conn->closing && !conn->spare &&
                 http_conn_same_address(conn, address);
    return count;
}

static void http_conns_log_full(struct http_conns *conns, const struct http_conn *conn, bool share)
{
    uint64_t now = clock_steady_ms();
    if (!log_limit_count_event(&conns->full, now))
        return;
    if (share)
        log_warning("%s has as many connections as one address may (%zu, max_connections_per_ip); "
                    "%u connection%s too many since the last such line",
                    conn->remote, conns->limits.most_per_address, conns->full.since,
                    plural_suffix(conns->full.since));
    else
        log_warning("there are as many connections as may be (%zu, max_connections), and one more "
                    "from %s; %u connection%s too many since the last such line",
                    conns->limits.most, conn->remote, conns->full.since,
                    plural_suffix(conns->full.since));
    log_limit_mark_logged(&conns->full, now);
}

/* The new connection is in the list. False when there is no room for it at all. */
static bool http_conns_make_room(struct http_conns *conns, struct http_conn *conn)
{
    const struct http_limits *limits = &conns->limits;
    bool share = limits->most_per_address > 0 &&
                 http_conns_count_address(conns, conn) >= limits->most_per_address;
    if (!share && conns->open - conns->spares < limits->most)
        return true;
    http_conns_log_full(conns, conn, share);
    struct http_conn *waiting = http_conns_longest_waiting(conns, conn, !share, false);
    conn->spare = !waiting;
    if (!waiting && conns->spares >= HTTP_SPARES &&
        !(waiting = http_conns_longest_waiting(conns, conn, true, true)))
        return false;
    if (waiting)
        http_conns_shut_down(conns, waiting, API_CLOSED_FOR_ROOM);
    return true;
}

struct http_conn *http_conns_add(struct http_conns *conns, int fd, const struct sockaddr *address)
{
    struct http_conn *conn = calloc(1, sizeof *conn);
    if (!conn) {
        counters_add(conns->counters, API_REFUSED_MEMORY, 1);
        shutdown(fd, SHUT_RDWR);
        return NULL;
    }
    conn->fd = fd;
    conn->address = http_conn_address_of(address);
    http_conn_set_remote(conn);
    conn->waits_since_ms = clock_steady_ms();
    http_conn_set_deadline(conn, HTTP_WAIT_HEAD, conns->limits.head_ms);
    conn->next = conns->first;
    if (conns->first)
        conns->first->previous = conn;
    conns->first = conn;
    bool room = http_conns_make_room(conns, conn);
    http_conns_count_open(conns, conn, 1);
    if (!room)
        http_conns_shut_down(conns, conn, API_REFUSED_LIMIT);
    return conn;
}

void http_conns_remove(struct http_conns *conns, struct http_conn *conn)
{
    if (!conn)
        return;
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
