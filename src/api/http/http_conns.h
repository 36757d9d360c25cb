/* The connections of one listening socket: deadlines and limits. All functions run on the thread
 * that serves the socket.
 *
 * A new connection beyond a limit closes the one that has waited longest without a complete request
 * head, or that sends an unwanted body. If there is no such connection, the new one becomes a
 * spare: a few spares are served beyond the limits, for health checks only. */
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

/* At least this many bytes of a body or an answer must pass within body_timeout_s. */
enum { HTTP_PROGRESS_BYTES = 8192 };

/* The event that a connection waits for. */
enum http_wait {
    HTTP_WAIT_HEAD,    /* a complete request head; idle until it begins */
    HTTP_WAIT_BODY,    /* the next part of the body */
    HTTP_WAIT_SERVICE, /* the handler, or a stream: no deadline */
    HTTP_WAIT_ANSWER,  /* the client reads the next part of the answer */
};

/* One connection. */
struct http_conn {
    struct http_conn *previous, *next;
    struct in6_addr address; /* IPv4 as mapped */
    char remote[INET6_ADDRSTRLEN];
    int fd;
    enum http_wait wait;
    uint64_t waits_since_ms, deadline_ms; /* of clock_steady_ms */
    uint64_t progress;                    /* bytes transferred when the deadline was set */
    bool spare;                           /* only health checks are served */
    bool unwanted;                        /* the body is read to its end and dropped */
    bool closing;                         /* shut down; the library has not reported its end yet */
    struct http_exchange *begun;          /* the request under way, or NULL */
};

/* Limits and times, of the settings. */
struct http_limits {
    size_t most, most_per_address; /* connections; most_per_address 0: no such limit */
    uint64_t head_ms, body_ms, idle_ms;
};

/* Set limits and counters and zero the rest before use. */
struct http_conns {
    struct http_limits limits;
    struct counters *counters;
    struct http_conn *first; /* the newest */
    size_t open, spares;     /* not counting those that are closing */
    bool has_ended;          /* a connection has been removed; the caller clears it */
    uint64_t swept_ms;
    struct log_limit slow, full; /* log lines about slow and refused connections */
};

/* Adds an accepted connection; shuts it down if the limits do not allow it. NULL when memory is
 * short: the socket is then shut down. `address` may be NULL. */
struct http_conn *http_conns_add(struct http_conns *conns, int fd, const struct sockaddr *address);
/* Frees a connection that has ended, before its socket is closed. Accepts NULL. */
void http_conns_remove(struct http_conns *conns, struct http_conn *conn);
/* Shuts down connections whose deadline has passed. Does nothing if it ran less than 250 ms ago. */
void http_conns_sweep(struct http_conns *conns);

/* Set the event that the connection waits for, and its deadline. A connection with an unwanted body
 * may be closed in favour of a new one, like one that waits for a head. */
void http_conn_await_body(const struct http_conns *conns, struct http_conn *conn, bool wanted);
void http_conn_await_service(struct http_conn *conn);
void http_conn_await_answer(const struct http_conns *conns, struct http_conn *conn);
/* After an answer: allows idle_ms of silence, then head_ms for the next head. */
void http_conn_await_next(const struct http_conns *conns, struct http_conn *conn);
/* Records the total of body bytes received; extends the deadline after enough progress. */
void http_conn_note_body(const struct http_conns *conns, struct http_conn *conn, uint64_t bytes);

#endif
