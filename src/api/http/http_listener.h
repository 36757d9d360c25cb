/* HTTP: a listening socket, its thread and its requests. */
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

/* Shared by all listening sockets. The struct is read-only while they run; the data it points to is
 * not. */
struct http_service {
    const struct api_settings *_Atomic
        *settings; /* in force; each request reads the pointer once */
    const struct route_tables *routes;
    const struct http_callbacks *callbacks;
    struct work_queue *queues; /* by enum queue_id; QUEUE_INLINE is unused */
    struct counters *counters;
    atomic_size_t *pending; /* bytes of bodies and large answers, held or reserved */
};

/* A listening socket; http_listener_start takes ownership of fd. */
struct http_listener {
    int fd;
    struct thread_ctx *thread_ctx; /* of the thread that serves it */
    bool loopback; /* only this machine reaches it: no token is required if the file has none */
};

/* Starts serving. NULL with the reason in `why`; the socket is then closed. */
struct http_server *http_listener_start(const struct http_service *service,
                                        const struct http_listener *listener, char *why,
                                        size_t why_size);
/* True when the loop is `limit_ms` late for its next turn. Any thread may call it. */
bool http_listener_hangs(const struct http_server *http, uint64_t limit_ms);
/* Stops accepting connections and waits at most `wait_ms` for the requests under way. Afterwards
 * passes no job to the queues: further requests are answered 503. A second call, after the queues
 * have stopped, waits for the answers of their last jobs. */
void http_listener_quiesce(struct http_server *http, unsigned wait_ms);
/* Stops serving and frees the server. The queues must have stopped, so that they hold no request.
 * Accepts NULL. */
void http_listener_stop(struct http_server *http);

#endif
