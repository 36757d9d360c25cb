/* A request in libmicrohttpd's callbacks, by its stages:
 *
 *     NEW, BODY, SENT                  the handler runs in this thread
 *     NEW, BODY, QUEUED, ANSWER, SENT  the handler runs in a queue
 *     NEW, ANSWER, SENT                refused by its head; there is no body
 *     NEW, REFUSED, SENT               refused by its head; the body is read to its end and dropped
 *     NEW, SENT                        refused by its head; the body is not read and the
 *                                      connection is closed
 *
 * The head is checked at the first call, the body is collected, the handler runs in this thread or
 * in a queue, and the answer is queued in the library. */
#include "api/http/http_exchange_internal.h"

#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "api/http/http_head.h"
#include "api/http/http_listener.h"
#include "api/http/problem.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

/* The most bytes of an unwanted body that are read before the connection is closed. */
enum { DROPPED_BYTES_MAX = 4 * 1024 * 1024 };

/* How often the tokens of open streams are checked. */
enum { RIGHTS_MS = 1000 };

_Static_assert(offsetof(struct http_exchange, job) == 0, "a queue's job is its exchange");

static void exchange_count_under_way(struct http_listener_ctx *listener, int change)
{
    pthread_mutex_lock(&listener->mutex);
    REQUIRE(change > 0 || listener->under_way > 0);
    listener->under_way += (size_t)change;
    if (listener->under_way == 0)
        pthread_cond_broadcast(&listener->idle);
    pthread_mutex_unlock(&listener->mutex);
}

/* NULL when memory was short when the connection began. */
static struct http_conn *exchange_get_conn(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* Reserves `bytes` in total for the body, out of max_pending_bytes. Imports may use seven eighths
 * of these. False when they do not suffice. */
static bool exchange_reserve_bytes(struct http_exchange *exchange, size_t bytes)
{
    atomic_size_t *pending = exchange->listener->service->pending;
    size_t most = (size_t)exchange->settings->max_pending_bytes;
    if (exchange->checks.route->body == BODY_TABLE)
        most -= most / 8;
    if (bytes <= exchange->reserved)
        return true;
    size_t more = bytes - exchange->reserved;
    exchange->reserved = bytes;
    if (atomic_fetch_add(pending, more) + more <= most)
        return true;
    exchange->crowded_out = true;
    return false;
}

static void exchange_discard(struct http_exchange *exchange)
{
    REQUIRE(exchange->stage != STAGE_QUEUED);
    size_t before = atomic_fetch_sub(exchange->listener->service->pending, exchange->reserved);
    REQUIRE(before >= exchange->reserved);
    if (!exchange->response.stream.open)
        exchange_count_under_way(exchange->listener, -1);
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    memory_finish(&exchange->memory);
    free(exchange);
}

/* When the library refuses a request by itself, it reports only the end of the connection. */
void http_exchange_notify_connection(void *context, struct MHD_Connection *connection, void **conn,
                                     enum MHD_ConnectionNotificationCode code)
{
    struct http_listener_ctx *listener = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        *conn = http_conns_add(&listener->conns, fd, info ? info->client_addr : NULL);
        return;
    }
    struct http_conn *ended = *conn;
    if (ended && ended->begun)
        exchange_discard(ended->begun);
    http_conns_remove(&listener->conns, ended);
    *conn = NULL;
}

/* The first call of a request, with its target as sent. NULL when out of memory. */
void *http_exchange_begin(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct http_listener_ctx *listener = context;
    struct http_conn *conn = exchange_get_conn(connection);
    size_t size = strlen(uri) + 1;
    struct http_exchange *exchange = conn ? calloc(1, sizeof *exchange + size) : NULL;
    if (!exchange)
        return NULL;
    memcpy(exchange->uri, uri, size);
    exchange->listener = listener;
    exchange->connection = connection;
    exchange->conn = conn;
    exchange->started_us = clock_steady_us();
    exchange->request.arena = &exchange->arena;
    snprintf(exchange->request.remote, REMOTE_SIZE, "%s", conn->remote);
    snprintf(exchange->request.id, REQUEST_ID_SIZE, "%llx-%llx",
             (unsigned long long)exchange->started_us, (unsigned long long)++listener->requests);
    exchange_count_under_way(listener, 1);
    conn->begun = exchange;
    return exchange;
}

void http_exchange_end(void *context, struct MHD_Connection *connection, void **state,
                       enum MHD_RequestTerminationCode code)
{
    struct http_exchange *exchange = *state;
    struct http_listener_ctx *listener = context;
    struct http_conn *conn = exchange_get_conn(connection);
    (void)code;
    *state = NULL;
    if (conn)
        http_conn_await_next(&listener->conns, conn);
    if (!exchange)
        return;
    if (exchange->stage == STAGE_SENT) {
        const struct request *request = &exchange->request;
        const struct response *response = &exchange->response;
        struct counters *counters = listener->service->counters;
        uint64_t took_us = clock_steady_us() - exchange->started_us;
        if (!response->quiet)
            log_info("%s %s %s %.200s %d %zu bytes %llu.%llu ms id %s", request->remote,
                     request->who[0] ? request->who : "-",
                     exchange->head.method ? exchange->head.method : "-", exchange->uri,
                     response->status, response->length, (unsigned long long)took_us / 1000,
                     (unsigned long long)took_us / 100 % 10, request->id);
        counters_add(counters, API_REQUESTS, 1);
        if (response->status / 100 == 4)
            counters_add(counters, API_ERRORS_CLIENT, 1);
        if (response->status / 100 == 5)
            counters_add(counters, API_ERRORS_SERVER, 1);
    }
    exchange_discard(exchange);
}

void http_exchange_end_refused_streams(struct http_listener_ctx *listener)
{
    uint64_t now = clock_steady_ms();
    if (now - listener->rights_ms < RIGHTS_MS)
        return;
    listener->rights_ms = now;
    listener->auth.tokens.path = (*listener->service->settings)->token_file;
    for (struct http_conn *conn = listener->conns.first; conn; conn = conn->next) {
        const struct http_exchange *exchange = conn->begun;
        if (!exchange || !exchange->is_stream) /* the rest may belong to a queue's thread */
            continue;
        const struct request *request = &exchange->request;
        if (auth_still_allows(&listener->auth, request->scope ? request->token_digest : NULL))
            continue;
        log_info("%s: stream of %s ended: its token does not count any more", request->remote,
                 request->scope ? request->who : "a client without a token");
        shutdown(conn->fd, SHUT_RDWR); /* the stream notices it within a second */
    }
}

/* Checks the head. True when the response is complete; false when the body may be read. */
static bool exchange_fill_by_head(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    static const char id_characters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:";
    static const struct http_refusal too_many_connections = {
        .status = 503,
        .retry_after_s = 1,
        .detail = "Too many connections; see max_connections and "
                  "max_connections_per_ip."};
    struct http_listener_ctx *listener = exchange->listener;
    (void)thread_ctx;
    http_head_read(exchange->connection, &exchange->head, &exchange->request);

    /* Keep the client's request id if it is short and of plain characters. */
    const char *id = exchange->head.request_id;
    if (id && *id && strlen(id) < REQUEST_ID_SIZE && strspn(id, id_characters) == strlen(id))
        snprintf(exchange->request.id, REQUEST_ID_SIZE, "%s", id);

    exchange->head.uri = exchange->uri;
    exchange->settings = *listener->service->settings;
    listener->auth.tokens.path = exchange->settings->token_file;
    if (!request_checks_run(exchange->settings, listener->service->routes, &listener->auth,
                            &exchange->head, &exchange->request, &exchange->response,
                            &exchange->checks))
        return true;
    const struct route *route = exchange->checks.route;
    REQUIRE(route && route->handle);

    /* A spare connection serves health checks only, without a body: so these work when the limits
     * are reached. */
    if (exchange->conn->spare) {
        exchange->response.close = true;
        if (!route->spare || head_announces_body(&exchange->head)) {
            counters_add(listener->service->counters, API_REFUSED_SPARE, 1);
            http_exchange_set_refusal(exchange, &too_many_connections);
            return true;
        }
    }
    if (route->body != BODY_NONE &&
        !exchange_reserve_bytes(exchange, (size_t)head_body_length(&exchange->head))) {
        http_exchange_set_refusal(exchange, &http_refusal_crowded_out);
        return true;
    }
    exchange->admitted = true;
    return false;
}

static bool exchange_has_body(const struct http_exchange *exchange)
{
    return exchange->head.transfer_encoding || head_body_length(&exchange->head) > 0;
}

/* True when the library asks for the answer too early, and asks again: after "100 Continue" to a
 * request without a body, if the next request in the pipeline has arrived. */
static bool exchange_is_asked_early(struct http_exchange *exchange)
{
    if (!exchange->head.expect || exchange_has_body(exchange) || exchange->was_asked_early)
        return false;
    exchange->was_asked_early = true;
    exchange->stage = STAGE_ANSWER;
    return true;
}

static enum MHD_Result exchange_send_answer(struct http_exchange *exchange)
{
    struct http_listener_ctx *listener = exchange->listener;
    REQUIRE(exchange->stage != STAGE_SENT && exchange->stage != STAGE_QUEUED);
    struct MHD_Response *answer = exchange->answer ? exchange->answer : listener->no_memory;
    if (exchange->answer && listener->closing && !exchange->response.close) {
        MHD_add_response_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
        exchange->response.close = true;
    }
    enum MHD_Result result =
        MHD_queue_response(exchange->connection, (unsigned)exchange->response.status, answer);
    if (result != MHD_YES && exchange_is_asked_early(exchange))
        return MHD_YES;
    exchange->stage = STAGE_SENT;
    exchange->is_stream = exchange->response.stream.open != NULL;
    if (exchange->response.stream.open) {
        http_conn_await_service(exchange->conn);
        exchange_count_under_way(listener, -1); /* shutdown does not wait for streams */
    } else {
        http_conn_await_answer(&listener->conns, exchange->conn);
    }
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    exchange->answer = NULL;
    return result;
}

static enum MHD_Result exchange_take_head(struct http_exchange *exchange, const char *method,
                                          const char *version)
{
    exchange->head.needs_host = strcmp(version, MHD_HTTP_VERSION_1_0) != 0;
    exchange->head.method = method;
    if (!http_exchange_make_answer(exchange, NULL, exchange_fill_by_head)) {
        exchange->head = (struct http_head){0}; /* its texts belong to the library */
        http_exchange_make_no_memory(exchange);
        return exchange_send_answer(exchange);
    }
    bool wanted = exchange->admitted && exchange->checks.route->body != BODY_NONE;
    http_conn_await_body(&exchange->listener->conns, exchange->conn, wanted);
    if (exchange->admitted) {
        exchange->stage = STAGE_BODY;
        return MHD_YES;
    }
    if (!exchange_has_body(exchange)) {
        exchange->stage = STAGE_ANSWER;
        return MHD_YES;
    }
    /* If the body stays unread, the kernel resets the connection and the answer may be lost. A
     * client that waits for "100 Continue" gets the answer immediately. */
    if (exchange->response.close || exchange->head.expect ||
        head_body_length(&exchange->head) > DROPPED_BYTES_MAX)
        return exchange_send_answer(exchange);
    exchange->stage = STAGE_REFUSED;
    return MHD_YES;
}

/* A part of the body. */
struct body_piece {
    struct text *body;
    const char *data;
    size_t len;
};

static void exchange_append_piece(void *context)
{
    const struct body_piece *piece = context;
    text_append(piece->body, piece->data, piece->len);
}

/* Reads the rest of a body beyond its limit, up to DROPPED_BYTES_MAX, so that the client gets the
 * answer. */
static enum MHD_Result exchange_collect_body(struct http_exchange *exchange, const char *data,
                                             size_t len)
{
    struct body_piece piece = {&exchange->body, data, len};
    exchange->received += len;
    http_conn_note_body(&exchange->listener->conns, exchange->conn, exchange->received);
    if (exchange->stage == STAGE_BODY && exchange->dropped == 0 &&
        exchange->body.len + len <= exchange->checks.body_limit &&
        exchange_reserve_bytes(exchange, exchange->body.len + len)) {
        if (memory_run(&exchange->memory, exchange_append_piece, &piece))
            return MHD_YES;
        exchange->no_memory = true;
    }
    exchange->dropped += len;
    text_finish(&exchange->body);
    return exchange->dropped > DROPPED_BYTES_MAX ? MHD_NO : MHD_YES;
}

static void exchange_run_job(struct queue_job *job, struct thread_ctx *thread_ctx)
{
    http_exchange_run_handler((struct http_exchange *)job, thread_ctx);
}

/* When the group was rolled back, replaces the handler's answer: its changes are not in the store.
 */
static void exchange_end_job(struct queue_job *job, struct thread_ctx *thread_ctx, bool kept)
{
    struct http_exchange *exchange = (struct http_exchange *)job;
    struct http_listener_ctx *listener = exchange->listener;
    const struct http_callbacks *callbacks = listener->service->callbacks;
    REQUIRE(exchange->stage == STAGE_QUEUED);
    if (!kept) {
        char detail[512];
        snprintf(detail, sizeof detail, "The store is unavailable now: %s.",
                 callbacks->lost_group_reason(thread_ctx));
        http_exchange_refuse(exchange, &(struct http_refusal){.status = 503, .detail = detail});
    }
    callbacks->end(thread_ctx);
    exchange->stage = STAGE_ANSWER;
    MHD_resume_connection(
        exchange->connection); /* from here on the exchange belongs to the HTTP thread */
    thread_wake(&listener->thread);
}

/* Passes the request to its queue. False when the queues accept no more jobs: libmicrohttpd aborts
 * when it stops while a connection is suspended. */
static bool exchange_push_job(struct http_exchange *exchange)
{
    struct http_listener_ctx *listener = exchange->listener;
    pthread_mutex_lock(&listener->mutex);
    bool taken = !listener->queues_closed;
    if (taken) {
        exchange->stage = STAGE_QUEUED;
        http_conn_await_service(exchange->conn);
        exchange->job = (struct queue_job){.alone = exchange->checks.route->body == BODY_TABLE,
                                           .run = exchange_run_job,
                                           .end = exchange_end_job};
        MHD_suspend_connection(exchange->connection);
        work_queue_push(&listener->service->queues[exchange->checks.route->queue_id],
                        &exchange->job);
    }
    pthread_mutex_unlock(&listener->mutex);
    return taken;
}

/* The request is complete: runs or queues its handler, or refuses it. */
static enum MHD_Result exchange_dispatch(struct http_exchange *exchange)
{
    static const struct http_refusal shutting_down = {
        .status = 503, .retry_after_s = 1, .detail = "The service is shutting down."};
    struct http_listener_ctx *listener = exchange->listener;
    REQUIRE(exchange->stage == STAGE_BODY);
    if (exchange->no_memory) {
        http_exchange_make_no_memory(exchange);
    } else if (exchange->crowded_out) {
        http_exchange_refuse(exchange, &http_refusal_crowded_out);
    } else if (exchange->dropped > 0) {
        char detail[64];
        snprintf(detail, sizeof detail, "The body is larger than %zu bytes.",
                 exchange->checks.body_limit);
        http_exchange_refuse(exchange, &(struct http_refusal){.status = 413, .detail = detail});
    } else if (exchange->checks.route->quick &&
               http_exchange_run_quick(exchange, listener->thread_ctx)) {
        return exchange_send_answer(exchange);
    } else if (exchange->checks.route->queue_id == QUEUE_INLINE) {
        http_exchange_run_handler(exchange, listener->thread_ctx);
        listener->service->callbacks->end(listener->thread_ctx);
    } else if (exchange_push_job(exchange)) {
        return MHD_YES;
    } else {
        http_exchange_refuse(exchange, &shutting_down);
    }
    return exchange_send_answer(exchange);
}

enum MHD_Result http_exchange_step(void *context, struct MHD_Connection *connection,
                                   const char *url, const char *method, const char *version,
                                   const char *data, size_t *len, void **state)
{
    (void)url;
    const struct http_listener_ctx *listener = context;
    struct http_exchange *exchange = *state;
    if (!exchange)
        return MHD_queue_response(connection, 503, listener->no_memory);
    if (exchange->conn->closing)
        return MHD_NO;
    switch (exchange->stage) {
    case STAGE_NEW:
        return exchange_take_head(exchange, method, version);
    case STAGE_BODY:
    case STAGE_REFUSED:
        if (*len > 0) {
            enum MHD_Result result = exchange_collect_body(exchange, data, *len);
            *len = 0;
            return result;
        }
        return exchange->stage == STAGE_BODY ? exchange_dispatch(exchange)
                                             : exchange_send_answer(exchange);
    case STAGE_ANSWER:
        return exchange_send_answer(exchange);
    case STAGE_QUEUED:
    case STAGE_SENT:
        break;
    }
    return MHD_YES;
}
