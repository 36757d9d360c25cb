/* HTTP: one listening socket, its thread, and its requests. */
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

/* Functions of the service around each handler, called on the thread that runs the handler. */
struct http_callbacks {
    /* Called before the handler, with the settings in force when the request began. */
    void (*begin)(struct thread_ctx *thread_ctx, const struct api_settings *settings);
    /* Called after the handler. True: the response is complete, keep the handler's changes. False:
     * the handler was interrupted for lack of memory, undo its changes. */
    void (*finish)(struct thread_ctx *thread_ctx, bool complete);
    /* Returns why the store rolled back the group of the request; valid until the next call on this
     * thread. */
    const char *(*lost_group_reason)(const struct thread_ctx *thread_ctx);
    /* Called last, when the response is final. */
    void (*end)(struct thread_ctx *thread_ctx);
};

/* Shared by all listening sockets. Once they run, the struct is read-only; the data that it points
 * to is not. */
struct http_service {
    const struct api_settings *_Atomic *settings; /* those in force */
    const struct route_tables *routes;
    const struct http_callbacks *callbacks;
    struct work_queue *queues; /* by enum queue_id; the inline one is not used */
    struct counters *counters;
    atomic_size_t *pending; /* bytes of bodies, also of answers, in hand or admitted */
};

/* A listening socket; http_listener_start becomes its owner. */
struct http_listener {
    int fd;
    struct thread_ctx *thread_ctx; /* of the thread that serves it */
    bool loopback; /* only this machine reaches it: without any token every request is accepted */
};

/* Starts serving. NULL with the reason in `why`: the socket is closed then. */
struct http_server *http_listener_start(const struct http_service *service,
                                        const struct http_listener *listener, char *why,
                                        size_t why_size);
/* True when the loop is `limit_ms` late for its next turn. From any thread. */
bool http_listener_hangs(const struct http_server *http, uint64_t limit_ms);
/* Accepts no new connections, and waits at most `wait_ms` for the requests under way. From then on
 * nothing is handed to the queues: further requests get a 503. A second call, once the queues are
 * stopped, waits for the answers of their last jobs. */
void http_listener_quiesce(struct http_server *http, unsigned wait_ms);
/* Stops serving and frees it. The queues must be stopped, so that they have no request. Takes NULL.
 */
void http_listener_stop(struct http_server *http);

#endif
