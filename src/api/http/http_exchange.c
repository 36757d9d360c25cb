/* The way of a request through libmicrohttpd's callbacks: its head is judged at the first call, the
 * body is collected, the handler runs here or in a queue, the answer is queued. */
#include "api/http/http_exchange_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/http/http_head.h"
#include "api/http/http_listener.h"
#include "api/http/problem.h"
#include "common/base/clock.h"
#include "common/base/log.h"

/* Of a body that is not wanted, so much is read before the connection is cut. */
enum { DROPPED_BYTES_MAX = 4 * 1024 * 1024 };

static void exchange_count_under_way(struct http_listener_ctx *listener, int change)
{
    pthread_mutex_lock(&listener->mutex);
    listener->under_way += (size_t)change;
    if (listener->under_way == 0)
        pthread_cond_broadcast(&listener->idle);
    pthread_mutex_unlock(&listener->mutex);
}

/* NULL for one that there was no memory for. */
static struct http_conn *exchange_get_conn(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* Takes room for so much of the body, of all that bodies may have in hand at a time. Imports leave
 * an eighth of it to small requests. */
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

static bool exchange_reserve_body(struct http_exchange *exchange)
{
    if (exchange->checks.route->body == BODY_NONE ||
        exchange_reserve_bytes(exchange, (size_t)head_body_length(&exchange->head)))
        return true;
    http_exchange_fill_crowded_out(exchange, NULL);
    return false;
}

static void exchange_discard(struct http_exchange *exchange)
{
    atomic_fetch_sub(exchange->listener->service->pending, exchange->reserved);
    if (!exchange->response.stream.open)
        exchange_count_under_way(exchange->listener, -1);
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    memory_finish(&exchange->memory);
    free(exchange);
}

/* Of a request that the library refuses by itself, before it has asked for an answer, it tells the
 * end of the connection only. */
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

/* The first that is heard of a request: its target as it was sent. NULL when there is no memory. */
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

static void exchange_log_access(const struct http_exchange *exchange)
{
    const struct request *request = &exchange->request;
    uint64_t took_us = clock_steady_us() - exchange->started_us;
    log_info(
        "%s %s %s %.200s %d %zu bytes %llu.%llu ms id %s", request->remote,
        request->who[0] ? request->who : "-", exchange->head.method ? exchange->head.method : "-",
        exchange->uri, exchange->response.status, exchange->response.length,
        (unsigned long long)took_us / 1000, (unsigned long long)took_us / 100 % 10, request->id);
}

static void exchange_count_answer(const struct http_exchange *exchange)
{
    struct counters *counters = exchange->listener->service->counters;
    int class = exchange->response.status / 100;
    counters_add(counters, API_REQUESTS, 1);
    if (class == 4)
        counters_add(counters, API_ERRORS_CLIENT, 1);
    if (class == 5)
        counters_add(counters, API_ERRORS_SERVER, 1);
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
        exchange_log_access(exchange);
        exchange_count_answer(exchange);
    }
    exchange_discard(exchange);
}

/* A request id from the client is kept when it is short and plain. */
static void exchange_take_request_id(struct http_exchange *exchange)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:";
    const char *given = exchange->head.request_id;
    if (given && *given && strlen(given) < REQUEST_ID_SIZE && strspn(given, plain) == strlen(given))
        snprintf(exchange->request.id, REQUEST_ID_SIZE, "%s", given);
}

/* A connection beyond the limits gets health checks only, and none that has a body to wait for, so
 * that these are never shut out. */
static bool exchange_has_conn_room(struct http_exchange *exchange)
{
    const struct route *route = exchange->checks.route;
    if (!exchange->conn->spare)
        return true;
    exchange->response.close = true;
    if (route && route->open && !head_announces_body(&exchange->head))
        return true;
    counters_add(exchange->listener->service->counters, API_REFUSED_SPARE, 1);
    exchange->response.retry_after_s = 1;
    problem_respond(&exchange->response, 503,
                    "There are too many connections; see max_connections and "
                    "max_connections_per_ip.");
    return false;
}

static bool exchange_check_head(struct http_exchange *exchange)
{
    struct http_listener_ctx *listener = exchange->listener;
    http_head_read(exchange->connection, &exchange->head, &exchange->request);
    exchange_take_request_id(exchange);
    exchange->head.uri = exchange->uri;
    exchange->settings = *listener->service->settings;
    listener->auth.tokens.path = exchange->settings->token_file;
    return request_checks_run(exchange->settings, listener->service->routes, &listener->auth,
                              &exchange->head, &exchange->request, &exchange->response,
                              &exchange->checks) &&
           exchange_has_conn_room(exchange) && exchange_reserve_body(exchange);
}

static enum MHD_Result exchange_queue_answer(struct http_exchange *exchange)
{
    struct http_listener_ctx *listener = exchange->listener;
    struct MHD_Response *answer = exchange->answer ? exchange->answer : listener->no_memory;
    if (exchange->answer && listener->closing && !exchange->response.close)
        MHD_add_response_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    return MHD_queue_response(exchange->connection, (unsigned)exchange->response.status, answer);
}

static enum MHD_Result exchange_send_answer(struct http_exchange *exchange)
{
    exchange->stage = STAGE_SENT;
    if (exchange->response.stream.open) {
        http_conn_await_service(exchange->conn);
        exchange_count_under_way(exchange->listener, -1); /* a stream has no end to wait for */
    } else {
        http_conn_await_answer(&exchange->listener->conns, exchange->conn);
    }
    enum MHD_Result result = exchange_queue_answer(exchange);
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    exchange->answer = NULL;
    return result;
}

static void exchange_run_job(struct queue_job *job, struct thread_ctx *thread_ctx)
{
    http_exchange_run_handler((struct http_exchange *)job, thread_ctx);
}

/* Whatever the handler answered rests on a store that has never been when its group was lost. */
static void exchange_end_job(struct queue_job *job, struct thread_ctx *thread_ctx, bool kept)
{
    struct http_exchange *exchange = (struct http_exchange *)job;
    struct http_listener_ctx *listener = exchange->listener;
    if (!kept)
        http_exchange_make_group_lost(exchange, thread_ctx);
    listener->service->callbacks->end(thread_ctx);
    exchange->stage = STAGE_ANSWER;
    MHD_resume_connection(exchange->connection); /* and the exchange is the HTTP thread's */
    thread_wake(&listener->thread);
}

/* False when the queues end: libmicrohttpd aborts when a connection is still suspended then. */
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

static bool exchange_fill_shutdown(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    (void)thread_ctx;
    exchange->response.retry_after_s = 1;
    problem_respond(&exchange->response, 503, "The service is shutting down.");
    return true;
}

/* Of a body that was not kept. */
static bool exchange_fill_no_body(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    if (exchange->crowded_out)
        return http_exchange_fill_crowded_out(exchange, thread_ctx);
    problem_respond(&exchange->response, 413, "The body is larger than %zu bytes.",
                    exchange->checks.body_limit);
    return true;
}

/* The whole request is here. */
static enum MHD_Result exchange_dispatch(struct http_exchange *exchange)
{
    struct thread_ctx *thread_ctx = exchange->listener->thread_ctx;
    bool whole = exchange->dropped == 0 && !exchange->no_memory;
    if (whole && exchange->checks.route->queue_id == QUEUE_INLINE) {
        http_exchange_run_handler(exchange, thread_ctx);
        exchange->listener->service->callbacks->end(thread_ctx);
        return exchange_send_answer(exchange);
    }
    if (whole && exchange_push_job(exchange))
        return MHD_YES;
    if (exchange->no_memory ||
        !http_exchange_make_answer(exchange, NULL,
                                   whole ? exchange_fill_shutdown : exchange_fill_no_body))
        http_exchange_make_no_memory(exchange);
    return exchange_send_answer(exchange);
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

static bool exchange_keep_piece(struct http_exchange *exchange, const char *data, size_t len)
{
    struct body_piece piece = {&exchange->body, data, len};
    if (exchange->stage != STAGE_BODY || exchange->dropped > 0 ||
        exchange->body.len + len > exchange->checks.body_limit ||
        !exchange_reserve_bytes(exchange, exchange->body.len + len))
        return false;
    exchange->no_memory = !memory_run(&exchange->memory, exchange_append_piece, &piece);
    return !exchange->no_memory;
}

/* A body that grows beyond the limit is read on, so that its sender gets an answer, but not without
 * end. */
static enum MHD_Result exchange_collect_body(struct http_exchange *exchange, const char *data,
                                             size_t len)
{
    exchange->received += len;
    http_conn_note_body(&exchange->listener->conns, exchange->conn, exchange->received);
    if (exchange_keep_piece(exchange, data, len))
        return MHD_YES;
    exchange->dropped += len;
    text_finish(&exchange->body);
    return exchange->dropped > DROPPED_BYTES_MAX ? MHD_NO : MHD_YES;
}

/* Whether it ends with its head. */
static bool exchange_fill_by_head(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    (void)thread_ctx;
    exchange->admitted = exchange_check_head(exchange);
    return !exchange->admitted;
}

/* The answer is an error. An unread body would make the system reset the connection, and the answer
 * might be lost; a client that waits for leave to send one is told at once. */
static enum MHD_Result exchange_refuse_request(struct http_exchange *exchange)
{
    if (!head_announces_body(&exchange->head)) {
        exchange->stage = STAGE_ANSWER;
        return MHD_YES;
    }
    if (exchange->response.close || exchange->head.expect ||
        head_body_length(&exchange->head) > DROPPED_BYTES_MAX)
        return exchange_send_answer(exchange);
    exchange->stage = STAGE_REFUSED;
    return MHD_YES;
}

static enum MHD_Result exchange_take_head(struct http_exchange *exchange, const char *method,
                                          const char *version)
{
    exchange->head.needs_host = strcmp(version, MHD_HTTP_VERSION_1_0) != 0;
    exchange->head.method = method;
    bool made = http_exchange_make_answer(exchange, NULL, exchange_fill_by_head);
    if (!made) {
        exchange->head = (struct http_head){0}; /* it names what is the library's */
        http_exchange_make_no_memory(exchange);
        return exchange_send_answer(exchange);
    }
    bool wanted = exchange->admitted && exchange->checks.route->body != BODY_NONE;
    http_conn_await_body(&exchange->listener->conns, exchange->conn, wanted);
    if (!exchange->admitted)
        return exchange_refuse_request(exchange);
    exchange->stage = STAGE_BODY;
    return MHD_YES;
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
