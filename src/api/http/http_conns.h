/* The connections of one listening socket: what each has to do by when, and how many an address may
 * have. All on the thread that serves the socket.
 *
 * A connection that is too many makes room: the one that has waited longest without a whole head of
 * a request, or sends a body that nobody reads, is closed. When none waits, the new one is a spare:
 * a few of these are served beyond the limits, for health checks only. */
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

/* Of a body or an answer, so much has to pass within body_timeout_s. */
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
    bool closing;                         /* it was shut down, its end is still to come */
    struct http_exchange *begun;          /* the request under way, or NULL */
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

/* Takes in a connection that was accepted; one that there is no room for at all is closing already.
 * NULL when there is no memory: the socket is shut down then. `address` may be NULL. */
struct http_conn *http_conns_add(struct http_conns *conns, int fd, const struct sockaddr *address);
/* Its end. Frees it. Takes NULL. */
void http_conns_remove(struct http_conns *conns, struct http_conn *conn);
/* Shuts down those whose deadline has passed. Costs nothing when it was done a moment ago. */
void http_conns_sweep(struct http_conns *conns);

/* Set what the connection waits for, and the deadline. A connection whose body is not wanted makes
 * room like one that waits for a head. */
void http_conn_await_body(const struct http_conns *conns, struct http_conn *conn, bool wanted);
void http_conn_await_service(struct http_conn *conn);
void http_conn_await_answer(const struct http_conns *conns, struct http_conn *conn);
/* After an answer: the connection may be idle, and then the next head has to come. */
void http_conn_await_next(const struct http_conns *conns, struct http_conn *conn);
/* So many bytes of the body have come in all: moves the deadline when that is enough. */
void http_conn_note_body(const struct http_conns *conns, struct http_conn *conn, uint64_t bytes);

#endif
