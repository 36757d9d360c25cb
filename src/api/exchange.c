/* The way of a request through libmicrohttpd's callbacks: its head is judged at the first call, the
 * body is collected, the handler runs here or in a lane, the answer is queued. */
#include "api/exchange.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/eventfd.h>

#include "api/admission.h"
#include "api/gzip.h"
#include "api/handler.h"
#include "api/http.h"
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

/* Headers that say how long the body is and for whom it is, counted: two of them, both kinds, or a
 * blank before the colon are how requests are smuggled past a proxy. */
struct framing {
    int lengths, codings, hosts;
    bool odd;
};

/* One request and its answer. */
struct exchange {
    struct job job; /* first: a lane hands it back */
    struct front *front;
    struct MHD_Connection *connection;
    enum stage stage;
    const char *uri;
    const struct api_settings *settings; /* in force when it began */
    struct head head;
    struct framing framing;
    struct admission admission;
    struct request request;
    struct response response;
    struct text body;
    size_t dropped, sent;
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

/* What is kept of a connection: its request that has begun and not ended. Of one that the library
 * refuses by itself, before it has asked for an answer, it tells the end of the connection only. */
struct guest {
    struct exchange *begun;
};

static struct guest *guest_of(struct MHD_Connection *connection)
{
    return MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT)->socket_context;
}

static void discard(struct exchange *exchange)
{
    if (!exchange->response.stream)
        count_under_way(exchange->front, -1);
    text_finish(&exchange->response.body);
    text_finish(&exchange->body);
    arena_finish(&exchange->arena);
    free(exchange);
}

void exchange_connection(void *context, struct MHD_Connection *connection, void **guest,
                         enum MHD_ConnectionNotificationCode code)
{
    (void)context, (void)connection;
    if (code == MHD_CONNECTION_NOTIFY_STARTED) {
        *guest = calloc(1, sizeof(struct guest));
        if (!*guest)
            abort();
        return;
    }
    struct exchange *begun = ((struct guest *)*guest)->begun;
    if (begun)
        discard(begun);
    free(*guest);
    *guest = NULL;
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
    exchange->started_us = clock_steady_us();
    exchange->uri = arena_text(&exchange->arena, uri);
    exchange->request.arena = &exchange->arena;
    count_under_way(front, 1);
    guest_of(connection)->begun = exchange;
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
    (void)context, (void)code;
    *state = NULL;
    if (!exchange)
        return;
    guest_of(connection)->begun = NULL;
    if (exchange->stage == STAGE_SENT) {
        log_access(exchange);
        count_answer(exchange);
    }
    discard(exchange);
}

/* Whether the name is this one, or begins with it: of a header that goes on in the next line the
 * library takes that line for a part of the name when there is nothing behind the colon. */
static bool begins_with(const char *name, const char *whole, bool *odd)
{
    size_t len = strlen(whole);
    if (strncasecmp(name, whole, len) != 0)
        return false;
    *odd = *odd || name[len] != '\0';
    return true;
}

static void count_framing(struct framing *framing, const char *name, const char *value)
{
    bool *odd = &framing->odd;
    if (begins_with(name, "Content-Length", odd)) {
        framing->lengths++;
        *odd = *odd || !value || strspn(value, "0123456789") != strlen(value);
    } else if (begins_with(name, "Transfer-Encoding", odd)) {
        framing->codings++;
        *odd = *odd || !value || strcasecmp(value, "chunked") != 0;
    } else if (strcasecmp(name, "Host") == 0) {
        framing->hosts++;
    } else if (strpbrk(name, " \t")) {
        *odd = true;
    }
}

/* Where a header of a request goes. Texts are copied: the library's go when the body comes. */
static const struct {
    const char *name;
    size_t place; /* in struct exchange, of a pointer */
} headers[] = {
#define HEADER(name, place)                                                                        \
    {                                                                                              \
        name, offsetof(struct exchange, place)                                                     \
    }
    HEADER("Accept", request.accept),
    HEADER("Accept-Encoding", head.accept_encoding),
    HEADER("Access-Control-Request-Method", head.asked_method),
    HEADER("Authorization", head.authorization),
    HEADER("Content-Length", head.content_length),
    HEADER("Content-Type", request.content_type),
    HEADER("Expect", head.expect),
    HEADER("If-Match", request.if_match),
    HEADER("If-None-Match", request.if_none_match),
    HEADER("Origin", head.origin),
    HEADER("Transfer-Encoding", head.transfer_encoding),
    HEADER("X-Request-Id", head.request_id),
#undef HEADER
};

/* Of a header that comes twice the first counts. */
static enum MHD_Result read_header(void *context, enum MHD_ValueKind kind, const char *name,
                                   const char *value)
{
    struct exchange *exchange = context;
    (void)kind;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        if (strcasecmp(headers[i].name, name) != 0)
            continue;
        const char **place = (const char **)(void *)((char *)exchange + headers[i].place);
        if (!*place && value)
            *place = arena_text(&exchange->arena, value);
        break;
    }
    count_framing(&exchange->framing, name, value);
    return MHD_YES;
}

/* As a rule it is the client of the request before. */
static void note_ipv4(struct front *front, const struct in_addr *addr, char remote[REMOTE_SIZE])
{
    if (front->known.text[0] == '\0' || front->known.addr.s_addr != addr->s_addr) {
        front->known.addr = *addr;
        inet_ntop(AF_INET, addr, front->known.text, sizeof front->known.text);
    }
    memcpy(remote, front->known.text, sizeof front->known.text);
}

static void note_remote(struct exchange *exchange)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(exchange->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    const struct sockaddr *addr = info ? info->client_addr : NULL;
    char *remote = exchange->request.remote;
    if (addr && addr->sa_family == AF_INET)
        note_ipv4(exchange->front, &((const struct sockaddr_in *)(const void *)addr)->sin_addr,
                  remote);
    else if (addr && addr->sa_family == AF_INET6)
        inet_ntop(AF_INET6, &((const struct sockaddr_in6 *)(const void *)addr)->sin6_addr, remote,
                  REMOTE_SIZE);
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

/* Reads what the headers say. */
static void read_head(struct exchange *exchange, const char *method)
{
    const struct framing *framing = &exchange->framing;
    exchange->head.method = arena_text(&exchange->arena, method);
    exchange->head.uri = exchange->uri;
    MHD_get_connection_values(exchange->connection, MHD_HEADER_KIND, read_header, exchange);
    exchange->head.sane_framing =
        !framing->odd && framing->lengths + framing->codings <= 1 && framing->hosts <= 1;
    note_remote(exchange);
    note_id(exchange);
}

static bool is_admitted(struct exchange *exchange)
{
    struct front *front = exchange->front;
    exchange->settings = *front->service->settings;
    front->auth.tokens.path = exchange->settings->token_file;
    return admission_judge(exchange->settings, front->service->routes, &front->auth,
                           &exchange->head, &exchange->request, &exchange->response,
                           &exchange->admission);
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
    bool wanted = exchange->stage == STAGE_BODY && exchange->dropped == 0;
    if (wanted && exchange->body.len + len <= exchange->admission.body_limit) {
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
    switch (exchange->stage) {
    case STAGE_NEW:
        read_head(exchange, method);
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
