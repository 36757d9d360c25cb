/* HTTP: one listening socket, its thread, and requests on their way through the queues. */
#ifndef TAGFERRY_API_HTTP_HTTP_LISTENER_H
#define TAGFERRY_API_HTTP_HTTP_LISTENER_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "api/base/api_options.h"
#include "api/http/route.h"
#include "api/http/work_queue.h"
#include "common/shared/counters.h"

struct http_server;

/* Shared by all listening sockets. Once they run, the struct is read-only; the data that it points
 * to is not. */
struct http_service {
    const struct api_settings *_Atomic *settings; /* those in force */
    const struct route_tables *routes;
    struct work_queue *queues; /* by enum queue_id; the inline one is not used */
    struct counters *counters;
    struct stream_hub *streams;
    atomic_size_t *pending; /* bytes of bodies, also of answers, in hand or admitted */
};

/* A listening socket, which http_listener_start takes over. */
struct http_listener {
    int fd;
    struct thread_ctx *thread_ctx; /* of the thread that serves it */
    bool loopback; /* only this machine reaches it: without any token everybody is let in */
};

/* Serves. NULL with the reason in `why`; the socket is closed then. */
struct http_server *http_listener_start(const struct http_service *service,
                                        const struct http_listener *listener, char *why,
                                        size_t why_size);
/* True when the loop has not turned for so long after it had to. From any thread. */
bool http_listener_hangs(const struct http_server *http, uint64_t limit_ms);
/* Takes no new connections, and waits at most `wait_ms` for the requests under way. Afterwards the
 * queues are left alone: connections that are still there get a 503. Called again it waits for what
 * the queues have given back. */
void http_listener_quiesce(struct http_server *http, unsigned wait_ms);
/* Ends it. The queues must be stopped, so that no request is with them. Takes NULL. */
void http_listener_stop(struct http_server *http);

#endif
