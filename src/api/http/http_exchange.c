/* The way of a request through libmicrohttpd's callbacks: its head is judged at the first call, the
 * body is collected, the handler runs here or in a lane, the answer is queued. */
#include "api/http/http_exchange_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "api/handler/handler.h"
#include "api/http/http_head.h"
#include "api/http/http_listener.h"
#include "api/http/problem.h"
#include "common/base/clock.h"
#include "common/base/log.h"

/* Of a body that is not wanted, so much is read before the connection is cut. */
enum { DROPPED_BYTES_MAX = 4 * 1024 * 1024 };

static void count_under_way(struct front *front, int change)
{
    pthread_mutex_lock(&front->mutex);
    front->under_way += (size_t)change;
    if (front->under_way == 0)
        pthread_cond_broadcast(&front->idle);
    pthread_mutex_unlock(&front->mutex);
}

/* NULL for one that there was no memory for. */
static struct http_conn *conn_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

/* Takes room for so much of the body, of all that bodies may have in hand at a time. Imports leave
 * an eighth of it to small requests. */
static bool reserve(struct exchange *exchange, size_t bytes)
{
    atomic_size_t *pending = exchange->front->service->pending;
    size_t most = (size_t)exchange->settings->max_pending_bytes;
    if (exchange->admission.route->body == BODY_TABLE)
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

static bool fits(struct exchange *exchange)
{
    if (exchange->admission.route->body == BODY_NONE ||
        reserve(exchange, (size_t)head_body_length(&exchange->head)))
        return true;
    exchange_fill_crowded_out(exchange, NULL);
    return false;
}

static void discard(struct exchange *exchange)
{
    atomic_fetch_sub(exchange->front->service->pending, exchange->reserved);
    if (!exchange->response.stream)
        count_under_way(exchange->front, -1);
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    memory_finish(&exchange->memory);
    free(exchange);
}

/* Of a request that the library refuses by itself, before it has asked for an answer, it tells the
 * end of the connection only. */
void exchange_connection(void *context, struct MHD_Connection *connection, void **conn,
                         enum MHD_ConnectionNotificationCode code)
{
    struct front *front = context;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        int fd = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD)->connect_fd;
        const union MHD_ConnectionInfo *info =
            MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
        *conn = http_conns_add(&front->conns, fd, info ? info->client_addr : NULL);
        return;
    }
    struct http_conn *ended = *conn;
    if (ended && ended->begun)
        discard(ended->begun);
    http_conns_remove(&front->conns, ended);
    *conn = NULL;
}

/* The first that is heard of a request: its target as it was sent. NULL when there is no memory. */
void *exchange_begin(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct front *front = context;
    struct http_conn *conn = conn_of(connection);
    size_t size = strlen(uri) + 1;
    struct exchange *exchange = conn ? calloc(1, sizeof *exchange + size) : NULL;
    if (!exchange)
        return NULL;
    memcpy(exchange->uri, uri, size);
    exchange->front = front;
    exchange->connection = connection;
    exchange->conn = conn;
    exchange->started_us = clock_steady_us();
    exchange->request.arena = &exchange->arena;
    snprintf(exchange->request.remote, REMOTE_SIZE, "%s", conn->remote);
    snprintf(exchange->request.id, REQUEST_ID_SIZE, "%llx-%llx",
             (unsigned long long)exchange->started_us, (unsigned long long)++front->requests);
    count_under_way(front, 1);
    conn->begun = exchange;
    return exchange;
}

static void log_access(const struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    uint64_t took_us = clock_steady_us() - exchange->started_us;
    log_info(
        "%s %s %s %.200s %d %zu bytes %llu.%llu ms id %s", request->remote,
        request->who[0] ? request->who : "-", exchange->head.method ? exchange->head.method : "-",
        exchange->uri, exchange->response.status, exchange->response.length,
        (unsigned long long)took_us / 1000, (unsigned long long)took_us / 100 % 10, request->id);
}

static void count_answer(const struct exchange *exchange)
{
    struct counters *counters = exchange->front->service->counters;
    int class = exchange->response.status / 100;
    counters_add(counters, API_REQUESTS, 1);
    if (class == 4)
        counters_add(counters, API_ERRORS_CLIENT, 1);
    if (class == 5)
        counters_add(counters, API_ERRORS_SERVER, 1);
}

void exchange_end(void *context, struct MHD_Connection *connection, void **state,
                  enum MHD_RequestTerminationCode code)
{
    struct exchange *exchange = *state;
    struct front *front = context;
    struct http_conn *conn = conn_of(connection);
    (void)code;
    *state = NULL;
    if (conn)
        http_conn_await_next(&front->conns, conn);
    if (!exchange)
        return;
    if (exchange->stage == STAGE_SENT) {
        log_access(exchange);
        count_answer(exchange);
    }
    discard(exchange);
}

/* A request id from the client is kept when it is short and plain. */
static void take_id(struct exchange *exchange)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:";
    const char *given = exchange->head.request_id;
    if (given && *given && strlen(given) < REQUEST_ID_SIZE && strspn(given, plain) == strlen(given))
        snprintf(exchange->request.id, REQUEST_ID_SIZE, "%s", given);
}

/* A connection beyond the limits gets health checks only, and none that has a body to wait for, so
 * that these are never shut out. */
static bool has_room(struct exchange *exchange)
{
    const struct route *route = exchange->admission.route;
    if (!exchange->conn->spare)
        return true;
    exchange->response.close = true;
    if (route && route->open && !head_announces_body(&exchange->head))
        return true;
    counters_add(exchange->front->service->counters, API_REFUSED_SPARE, 1);
    exchange->response.retry_after_s = 1;
    problem(&exchange->response, 503,
            "There are too many connections; see max_connections and "
            "max_connections_per_ip.");
    return false;
}

static bool is_admitted(struct exchange *exchange)
{
    struct front *front = exchange->front;
    http_head_read(exchange->connection, &exchange->head, &exchange->request);
    take_id(exchange);
    exchange->head.uri = exchange->uri;
    exchange->settings = *front->service->settings;
    front->auth.tokens.path = exchange->settings->token_file;
    return admission_judge(exchange->settings, front->service->routes, &front->auth,
                           &exchange->head, &exchange->request, &exchange->response,
                           &exchange->admission) &&
           has_room(exchange) && fits(exchange);
}

static enum MHD_Result queue(struct exchange *exchange)
{
    struct front *front = exchange->front;
    struct MHD_Response *answer = exchange->answer ? exchange->answer : front->no_memory;
    if (exchange->answer && front->closing && !exchange->response.close)
        MHD_add_response_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
    return MHD_queue_response(exchange->connection, (unsigned)exchange->response.status, answer);
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
    exchange->stage = STAGE_SENT;
    if (exchange->response.stream) {
        http_conn_await_service(exchange->conn);
        count_under_way(exchange->front, -1); /* a stream has no end to wait for */
    } else {
        http_conn_await_answer(&exchange->front->conns, exchange->conn);
    }
    enum MHD_Result result = queue(exchange);
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    exchange->answer = NULL;
    return result;
}

static void run_in_lane(struct job *job, struct worker *worker)
{
    exchange_run_handler((struct exchange *)job, worker);
}

/* Whatever the handler answered rests on a store that has never been when its group was lost. */
static void end_in_lane(struct job *job, struct worker *worker, bool kept)
{
    struct exchange *exchange = (struct exchange *)job;
    struct front *front = exchange->front;
    if (!kept)
        exchange_make_group_lost(exchange, worker);
    worker_ends(worker);
    exchange->stage = STAGE_ANSWER;
    MHD_resume_connection(exchange->connection); /* and the exchange is the HTTP thread's */
    if (!atomic_exchange(&front->woken, true))
        eventfd_write(front->wake_fd, 1);
}

/* False when the lanes end: libmicrohttpd aborts when a connection is still suspended then. */
static bool push_to_lane(struct exchange *exchange)
{
    struct front *front = exchange->front;
    pthread_mutex_lock(&front->mutex);
    bool taken = !front->lanes_end;
    if (taken) {
        exchange->stage = STAGE_LANE;
        http_conn_await_service(exchange->conn);
        exchange->job = (struct job){.alone = exchange->admission.route->body == BODY_TABLE,
                                     .run = run_in_lane,
                                     .end = end_in_lane};
        MHD_suspend_connection(exchange->connection);
        lane_push(&front->service->lanes[exchange->admission.route->lane], &exchange->job);
    }
    pthread_mutex_unlock(&front->mutex);
    return taken;
}

static bool fill_ending(struct exchange *exchange, struct worker *worker)
{
    (void)worker;
    exchange->response.retry_after_s = 1;
    problem(&exchange->response, 503, "The service is shutting down.");
    return true;
}

/* Of a body that was not kept. */
static bool fill_no_body(struct exchange *exchange, struct worker *worker)
{
    if (exchange->crowded_out)
        return exchange_fill_crowded_out(exchange, worker);
    problem(&exchange->response, 413, "The body is larger than %zu bytes.",
            exchange->admission.body_limit);
    return true;
}

/* The whole request is here. */
static enum MHD_Result dispatch(struct exchange *exchange)
{
    struct worker *worker = exchange->front->worker;
    bool whole = exchange->dropped == 0 && !exchange->no_memory;
    if (whole && exchange->admission.route->lane == LANE_INLINE) {
        exchange_run_handler(exchange, worker);
        worker_ends(worker);
        return send_answer(exchange);
    }
    if (whole && push_to_lane(exchange))
        return MHD_YES;
    if (exchange->no_memory || !exchange_make(exchange, NULL, whole ? fill_ending : fill_no_body))
        exchange_make_no_memory(exchange);
    return send_answer(exchange);
}

/* A part of the body. */
struct piece {
    struct text *body;
    const char *data;
    size_t len;
};

static void add_piece(void *context)
{
    const struct piece *piece = context;
    text_add(piece->body, piece->data, piece->len);
}

static bool keep_piece(struct exchange *exchange, const char *data, size_t len)
{
    struct piece piece = {&exchange->body, data, len};
    if (exchange->stage != STAGE_BODY || exchange->dropped > 0 ||
        exchange->body.len + len > exchange->admission.body_limit ||
        !reserve(exchange, exchange->body.len + len))
        return false;
    exchange->no_memory = !memory_run(&exchange->memory, add_piece, &piece);
    return !exchange->no_memory;
}

/* A body that grows beyond the limit is read on, so that its sender gets an answer, but not without
 * end. */
static enum MHD_Result collect(struct exchange *exchange, const char *data, size_t len)
{
    exchange->received += len;
    http_conn_note_body(&exchange->front->conns, exchange->conn, exchange->received);
    if (keep_piece(exchange, data, len))
        return MHD_YES;
    exchange->dropped += len;
    text_finish(&exchange->body);
    return exchange->dropped > DROPPED_BYTES_MAX ? MHD_NO : MHD_YES;
}

/* Whether it ends with its head. */
static bool fill_by_head(struct exchange *exchange, struct worker *worker)
{
    (void)worker;
    exchange->admitted = is_admitted(exchange);
    return !exchange->admitted;
}

/* The answer is an error. An unread body would make the system reset the connection, and the answer
 * might be lost; a client that waits for leave to send one is told at once. */
static enum MHD_Result refuse(struct exchange *exchange)
{
    if (!head_announces_body(&exchange->head)) {
        exchange->stage = STAGE_ANSWER;
        return MHD_YES;
    }
    if (exchange->response.close || exchange->head.expect ||
        head_body_length(&exchange->head) > DROPPED_BYTES_MAX)
        return send_answer(exchange);
    exchange->stage = STAGE_REFUSED;
    return MHD_YES;
}

static enum MHD_Result take_head(struct exchange *exchange, const char *method, const char *version)
{
    exchange->head.needs_host = strcmp(version, MHD_HTTP_VERSION_1_0) != 0;
    exchange->head.method = method;
    bool made = exchange_make(exchange, NULL, fill_by_head);
    if (!made) {
        exchange->head = (struct head){0}; /* it names what is the library's */
        exchange_make_no_memory(exchange);
        return send_answer(exchange);
    }
    bool wanted = exchange->admitted && exchange->admission.route->body != BODY_NONE;
    http_conn_await_body(&exchange->front->conns, exchange->conn, wanted);
    if (!exchange->admitted)
        return refuse(exchange);
    exchange->stage = STAGE_BODY;
    return MHD_YES;
}

enum MHD_Result exchange_step(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *len, void **state)
{
    (void)url;
    const struct front *front = context;
    struct exchange *exchange = *state;
    if (!exchange)
        return MHD_queue_response(connection, 503, front->no_memory);
    if (exchange->conn->closing)
        return MHD_NO;
    switch (exchange->stage) {
    case STAGE_NEW:
        return take_head(exchange, method, version);
    case STAGE_BODY:
    case STAGE_REFUSED:
        if (*len > 0) {
            enum MHD_Result result = collect(exchange, data, *len);
            *len = 0;
            return result;
        }
        return exchange->stage == STAGE_BODY ? dispatch(exchange) : send_answer(exchange);
    case STAGE_ANSWER:
        return send_answer(exchange);
    case STAGE_LANE:
    case STAGE_SENT:
        break;
    }
    return MHD_YES;
}
