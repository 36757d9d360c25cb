/* The connections of one listening socket: their deadlines, and how many of them an address may
 * have. All on the thread that serves the socket.
 *
 * When there is one too many, the connection is closed that has waited longest without a complete
 * head of a request, or that sends an unwanted body. When there is no such connection, the new one
 * is a spare one: a few of these are served beyond the limits, for health checks only. */
#ifndef TAGFERRY_API_HTTP_HTTP_CONNS_H
#define TAGFERRY_API_HTTP_HTTP_CONNS_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/base/log_limit.h"

struct counters;
struct http_exchange;
struct sockaddr;

/* Connections beyond the limits, for health checks. */
enum { HTTP_SPARES = 16 };

/* Of a body or an answer, so many bytes have to pass within body_timeout_s. */
enum { HTTP_PROGRESS_BYTES = 8192 };

/* The reason for the next deadline of a connection. */
enum http_wait {
    HTTP_WAIT_HEAD,    /* the whole head of a request; none may have begun */
    HTTP_WAIT_BODY,    /* the next part of the body */
    HTTP_WAIT_SERVICE, /* our own work, or a stream: no deadline */
    HTTP_WAIT_ANSWER,  /* the client takes the next part of the answer */
};

/* One connection. */
struct http_conn {
    struct http_conn *previous, *next;
    struct in6_addr address; /* IPv4 as mapped */
    char remote[INET6_ADDRSTRLEN];
    int fd;
    enum http_wait wait;
    uint64_t waits_since_ms, deadline_ms; /* of clock_steady_ms */
    uint64_t progress;                    /* bytes that had passed when the deadline was set */
    bool spare;                           /* only health checks are served */
    bool unwanted;                        /* the body under way is only read to its end */
    bool closing;                /* it was shut down; the library has not reported its end */
    struct http_exchange *begun; /* the request under way, or NULL */
};

/* Limits and times, of the settings. */
struct http_limits {
    size_t most, most_per_address; /* connections; 0 for no share of an address */
    uint64_t head_ms, body_ms, idle_ms;
};

/* Set limits and counters and zero the rest before use. */
struct http_conns {
    struct http_limits limits;
    struct counters *counters;
    struct http_conn *first; /* the newest */
    size_t open, spares;     /* without those that are closing */
    uint64_t swept_ms;
    struct log_limit slow, full; /* log lines */
};

/* Adds a connection that was accepted; one that the limits do not allow is shut down already. NULL
 * when there is no memory: the socket is shut down then. `address` may be NULL. */
struct http_conn *http_conns_add(struct http_conns *conns, int fd, const struct sockaddr *address);
/* Frees a connection that has ended. Takes NULL. */
void http_conns_remove(struct http_conns *conns, struct http_conn *conn);
/* Shuts down those whose deadline has passed. Returns at once when it ran less than 250 ms ago. */
void http_conns_sweep(struct http_conns *conns);

/* Set what the connection waits for, and the deadline. A connection whose body is not wanted may be
 * closed for a new one, like one that waits for a head. */
void http_conn_await_body(const struct http_conns *conns, struct http_conn *conn, bool wanted);
void http_conn_await_service(struct http_conn *conn);
void http_conn_await_answer(const struct http_conns *conns, struct http_conn *conn);
/* After an answer: the connection may be idle for idle_ms, then the next head has head_ms. */
void http_conn_await_next(const struct http_conns *conns, struct http_conn *conn);
/* `bytes` of the body have come in all: moves the deadline when that is enough progress. */
void http_conn_note_body(const struct http_conns *conns, struct http_conn *conn, uint64_t bytes);

#endif
