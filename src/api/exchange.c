/* The way of a request through libmicrohttpd's callbacks: its head is judged at the first call, the
 * body is collected, the handler runs here or in a lane, the answer is queued. */
#include "api/exchange.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "api/admission.h"
#include "api/gzip.h"
#include "api/handler.h"
#include "api/http.h"
#include "api/http_head.h"
#include "api/problem.h"
#include "api/stream.h"
#include "common/clock.h"
#include "common/log.h"

/* STAGE_REFUSED: the answer is there, and the body is read only so that its sender sees it. */
enum stage { STAGE_NEW, STAGE_BODY, STAGE_REFUSED, STAGE_LANE, STAGE_ANSWER, STAGE_SENT };

/* Smaller answers are sent as they are. */
enum { PACKED_BYTES_MIN = 1024 };

/* Of a body that is not wanted, so much is read before the connection is cut. */
enum { DROPPED_BYTES_MAX = 4 * 1024 * 1024 };

/* One request and its answer. */
struct exchange {
    struct job job; /* first: a lane hands it back */
    struct front *front;
    struct MHD_Connection *connection;
    struct http_conn *conn;
    enum stage stage;
    const char *uri;
    const struct api_settings *settings; /* in force when it began */
    struct head head;
    struct admission admission;
    struct request request;
    struct response response;
    struct text body;
    size_t received, dropped, sent; /* bytes of the bodies */
    size_t reserved;                /* of all bodies' room */
    bool crowded_out;               /* the body found no room */
    struct arena arena;
    uint64_t started_us;
};

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

static void refuse_crowded_out(struct exchange *exchange)
{
    exchange->response.retry_after_s = 5;
    problem(&exchange->response, 503,
            "The bodies of other requests take up all the room (max_pending_bytes); try again.");
}

static bool fits(struct exchange *exchange)
{
    if (exchange->admission.route->body == BODY_NONE ||
        reserve(exchange, (size_t)head_body_length(&exchange->head)))
        return true;
    refuse_crowded_out(exchange);
    return false;
}

static void discard(struct exchange *exchange)
{
    atomic_fetch_sub(exchange->front->service->pending, exchange->reserved);
    if (!exchange->response.stream)
        count_under_way(exchange->front, -1);
    text_finish(&exchange->response.body);
    text_finish(&exchange->body);
    arena_finish(&exchange->arena);
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

/* The first that is heard of a request: its target as it was sent. */
void *exchange_begin(void *context, const char *uri, struct MHD_Connection *connection)
{
    struct front *front = context;
    struct exchange *exchange = calloc(1, sizeof *exchange);
    if (!exchange)
        abort();
    exchange->front = front;
    exchange->connection = connection;
    exchange->conn = conn_of(connection);
    exchange->started_us = clock_steady_us();
    exchange->uri = arena_text(&exchange->arena, uri);
    exchange->request.arena = &exchange->arena;
    count_under_way(front, 1);
    exchange->conn->begun = exchange;
    return exchange;
}

static void log_access(const struct exchange *exchange)
{
    const struct request *request = &exchange->request;
    uint64_t took_us = clock_steady_us() - exchange->started_us;
    log_info("%s %s %s %.200s %d %zu bytes %llu.%llu ms id %s", request->remote,
             request->who[0] ? request->who : "-", exchange->head.method, exchange->uri,
             exchange->response.status, exchange->sent, (unsigned long long)took_us / 1000,
             (unsigned long long)took_us / 100 % 10, request->id);
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
    (void)context, (void)connection, (void)code;
    *state = NULL;
    if (!exchange)
        return;
    http_conn_await_next(&exchange->front->conns, exchange->conn);
    if (exchange->stage == STAGE_SENT) {
        log_access(exchange);
        count_answer(exchange);
    }
    discard(exchange);
}

/* A request id from the client is kept when it is short and plain, else one is made. */
static void note_id(struct exchange *exchange)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._:";
    const char *given = exchange->head.request_id;
    char *id = exchange->request.id;
    if (given && *given && strlen(given) < REQUEST_ID_SIZE && strspn(given, plain) == strlen(given))
        snprintf(id, REQUEST_ID_SIZE, "%s", given);
    else
        snprintf(id, REQUEST_ID_SIZE, "%llx-%llx", (unsigned long long)exchange->started_us,
                 (unsigned long long)++exchange->front->requests);
}

static void read_head(struct exchange *exchange, const char *method)
{
    exchange->head.uri = exchange->uri;
    snprintf(exchange->request.remote, REMOTE_SIZE, "%s", exchange->conn->remote);
    http_head_read(exchange->connection, method, &exchange->head, &exchange->request);
    note_id(exchange);
}

/* A connection beyond the limits gets health checks only, so that these are never shut out. */
static bool has_room(struct exchange *exchange)
{
    const struct route *route = exchange->admission.route;
    if (!exchange->conn->spare)
        return true;
    exchange->response.close = true;
    if (route && route->open)
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
    exchange->settings = *front->service->settings;
    front->auth.tokens.path = exchange->settings->token_file;
    return admission_judge(exchange->settings, front->service->routes, &front->auth,
                           &exchange->head, &exchange->request, &exchange->response,
                           &exchange->admission) &&
           has_room(exchange) && fits(exchange);
}

static void add_header(struct MHD_Response *answer, const char *name, const char *value)
{
    if (value)
        MHD_add_response_header(answer, name, value);
}

static struct MHD_Response *make_stream(struct exchange *exchange)
{
    struct response *response = &exchange->response;
    struct MHD_Response *answer =
        stream_open(exchange->front->service->streams, exchange->connection,
                    exchange->front->wake_fd, response->device);
    response->stream = answer != NULL;
    if (!answer) {
        response->retry_after_s = 5;
        problem(response, 503, "There are too many streams open.");
    }
    return answer;
}

static struct MHD_Response *make_answer(struct exchange *exchange)
{
    struct response *response = &exchange->response;
    struct text *body = &response->body;
    struct MHD_Response *answer = NULL;
    if (response->stream && !exchange->admission.is_head)
        answer = make_stream(exchange);
    if (!answer) {
        exchange->sent = body->len;
        answer = MHD_create_response_from_buffer(body->len, body->data, MHD_RESPMEM_MUST_FREE);
        if (answer)
            *body = (struct text){0};
    }
    return answer;
}

/* What a browser wants to hear before it shows the answer to a page of another origin. */
static void add_cors(const struct exchange *exchange, struct MHD_Response *answer)
{
    if (!exchange->admission.origin)
        return;
    add_header(answer, MHD_HTTP_HEADER_ACCESS_CONTROL_ALLOW_ORIGIN, exchange->admission.origin);
    add_header(answer, "Access-Control-Expose-Headers", "ETag, Location, X-Request-Id");
    if (exchange->admission.preflight) {
        add_header(answer, "Access-Control-Allow-Methods", exchange->response.allow);
        add_header(answer, "Access-Control-Allow-Headers",
                   "Authorization, Content-Type, If-Match, If-None-Match, X-Request-Id");
        add_header(answer, "Access-Control-Max-Age", "600");
    }
}

static void add_headers(struct exchange *exchange, struct MHD_Response *answer)
{
    struct response *response = &exchange->response;
    const char *type = response->content_type ? response->content_type : "application/json";
    if (exchange->sent > 0 || response->stream)
        add_header(answer, MHD_HTTP_HEADER_CONTENT_TYPE, type);
    add_header(answer, MHD_HTTP_HEADER_ETAG, response->etag);
    add_header(answer, MHD_HTTP_HEADER_LOCATION, response->location);
    add_header(answer, MHD_HTTP_HEADER_ALLOW, response->allow);
    add_header(answer, MHD_HTTP_HEADER_CONTENT_DISPOSITION, response->disposition);
    add_header(answer, MHD_HTTP_HEADER_CACHE_CONTROL, "no-cache");
    add_header(answer, MHD_HTTP_HEADER_WWW_AUTHENTICATE, response->challenge);
    add_header(answer, "X-Request-Id", exchange->request.id);
    if (response->retry_after_s > 0)
        add_header(answer, MHD_HTTP_HEADER_RETRY_AFTER,
                   arena_format(&exchange->arena, "%d", response->retry_after_s));
    add_header(answer, MHD_HTTP_HEADER_VARY, "Accept, Accept-Encoding, Origin");
    if (response->packed)
        add_header(answer, MHD_HTTP_HEADER_CONTENT_ENCODING, "gzip");
    add_cors(exchange, answer);
    if (response->close || exchange->front->closing)
        add_header(answer, MHD_HTTP_HEADER_CONNECTION, "close");
}

static enum MHD_Result send_answer(struct exchange *exchange)
{
    struct MHD_Response *answer = make_answer(exchange);
    if (!answer)
        return MHD_NO;
    add_headers(exchange, answer);
    exchange->stage = STAGE_SENT;
    if (exchange->response.stream)
        http_conn_await_service(exchange->conn);
    else
        http_conn_await_answer(&exchange->front->conns, exchange->conn);
    if (exchange->response.stream)
        count_under_way(exchange->front, -1); /* a stream has no end to wait for */
    enum MHD_Result result =
        MHD_queue_response(exchange->connection, (unsigned)exchange->response.status, answer);
    MHD_destroy_response(answer);
    return result;
}

/* In the handler's thread, so that a large answer does not hold up others. */
static void pack(struct exchange *exchange)
{
    struct response *response = &exchange->response;
    if (!exchange->admission.takes_gzip || response->body.len < PACKED_BYTES_MIN ||
        !gzip_text(&response->body))
        return;
    response->packed = true;
    if (response->etag) /* a strong tag names the bytes as sent */
        response->etag = arena_format(&exchange->arena, "%.*s-gzip\"",
                                      (int)strlen(response->etag) - 1, response->etag);
}

static void run_handler(struct exchange *exchange, struct worker *worker)
{
    exchange->request.body = exchange->body.data ? exchange->body.data : "";
    exchange->request.body_len = exchange->body.len;
    worker_begins(worker);
    worker->settings = exchange->settings;
    live_view_refresh(&worker->live);
    exchange->admission.route->handle(worker, &exchange->request, &exchange->response);
}

static void run_in_lane(struct job *job, struct worker *worker)
{
    run_handler((struct exchange *)job, worker);
}

/* Whatever the handler answered rests on a store that has never been when its group was lost. */
static void end_in_lane(struct job *job, struct worker *worker, bool kept)
{
    struct exchange *exchange = (struct exchange *)job;
    struct front *front = exchange->front;
    if (!kept)
        answer_group_lost(worker, &exchange->response);
    pack(exchange);
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

/* The whole request is here. */
static enum MHD_Result dispatch(struct exchange *exchange)
{
    if (exchange->crowded_out) {
        refuse_crowded_out(exchange);
        return send_answer(exchange);
    }
    if (exchange->dropped > 0) {
        problem(&exchange->response, 413, "The body is larger than %zu bytes.",
                exchange->admission.body_limit);
        return send_answer(exchange);
    }
    if (exchange->admission.route->lane == LANE_INLINE) {
        run_handler(exchange, exchange->front->worker);
        pack(exchange);
        worker_ends(exchange->front->worker);
        return send_answer(exchange);
    }
    if (push_to_lane(exchange))
        return MHD_YES;
    exchange->response.retry_after_s = 1;
    problem(&exchange->response, 503, "The service is ending.");
    return send_answer(exchange);
}

/* A body that grows beyond the limit is read on, so that its sender gets an answer, but not without
 * end. */
static enum MHD_Result collect(struct exchange *exchange, const char *data, size_t len)
{
    exchange->received += len;
    http_conn_note_body(&exchange->front->conns, exchange->conn, exchange->received);
    bool wanted = exchange->stage == STAGE_BODY && exchange->dropped == 0;
    if (wanted && exchange->body.len + len <= exchange->admission.body_limit &&
        reserve(exchange, exchange->body.len + len)) {
        text_add(&exchange->body, data, len);
        return MHD_YES;
    }
    exchange->dropped += len;
    text_finish(&exchange->body);
    return exchange->dropped > DROPPED_BYTES_MAX ? MHD_NO : MHD_YES;
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

enum MHD_Result exchange_step(void *context, struct MHD_Connection *connection, const char *url,
                              const char *method, const char *version, const char *data,
                              size_t *len, void **state)
{
    (void)context, (void)connection, (void)url, (void)version;
    struct exchange *exchange = *state;
    if (exchange->conn->closing)
        return MHD_NO;
    switch (exchange->stage) {
    case STAGE_NEW:
        read_head(exchange, method);
        http_conn_await_body(&exchange->front->conns, exchange->conn);
        if (!is_admitted(exchange))
            return refuse(exchange);
        exchange->stage = STAGE_BODY;
        return MHD_YES;
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
