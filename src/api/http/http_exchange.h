/* Callbacks for libmicrohttpd: the requests of one listening socket, on the thread that serves it.
 */
#ifndef TAGFERRY_API_HTTP_HTTP_EXCHANGE_H
#define TAGFERRY_API_HTTP_HTTP_EXCHANGE_H

#include <microhttpd.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdint.h>

#include "api/http/auth.h"
#include "api/http/http_conns.h"
#include "common/base/thread.h"

struct http_service;
struct thread_ctx;

/* Shared by the requests of a listening socket. */
struct http_listener_ctx {
    const struct http_service *service;
    struct thread_ctx *thread_ctx;
    struct auth auth;
    struct thread thread; /* wake it after MHD_resume_connection */
    pthread_mutex_t mutex;
    pthread_cond_t idle;
    size_t under_way; /* requests that have begun and not ended, without streams; with the mutex */
    _Atomic bool closing; /* close each connection after its next answer */
    bool queues_closed;   /* the queues accept no more jobs; with the mutex */
    uint64_t rights_ms;   /* when the rights of streams were checked last, steady */
    uint64_t requests;    /* count for request ids; HTTP thread only */
    struct http_conns conns;
    struct MHD_Response *no_memory;   /* a 503, of http_response_make_no_memory */
    struct log_limit no_memory_lines; /* with the mutex */
};

/* The callbacks, in the order of their first calls. The context is a struct http_listener_ctx. */
void http_exchange_notify_connection(void *context, struct MHD_Connection *connection, void **conn,
                                     enum MHD_ConnectionNotificationCode code);
void *http_exchange_begin(void *context, const char *uri, struct MHD_Connection *connection);
enum MHD_Result http_exchange_step(void *context, struct MHD_Connection *connection,
                                   const char *url, const char *method, const char *version,
                                   const char *data, size_t *len, void **state);
void http_exchange_end(void *context, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode code);

/* Ends streams that a new request with their token could not open: the token was revoked, or tokens
 * are needed since. Does nothing if it ran less than a second ago. */
void http_exchange_end_refused_streams(struct http_listener_ctx *listener);

#endif
