/* Makes answers, also when there is no memory for them: each part of the way runs in a memory_run
 * and leaves nothing behind when that is left. */
#include "api/http/http_exchange_internal.h"

#include "api/handler/handler.h"
#include "api/http/http_listener.h"
#include "api/http/http_response.h"
#include "api/http/problem.h"
#include "api/monitor/stream.h"
#include "common/base/clock.h"
#include "common/base/log.h"

/* Memory that every connection may have in hand. */
enum { SMALL_ANSWER_BYTES = 64 * 1024 };

/* False when there are too many; the response says so. */
static void open_stream(struct exchange *exchange)
{
    struct response *response = &exchange->response;
    exchange->answer = stream_open(exchange->front->service->streams, exchange->connection,
                                   exchange->front->wake_fd, response->device);
    response->stream = exchange->answer != NULL;
    if (!response->stream) {
        response->retry_after_s = 5;
        problem(response, 503, "There are too many streams open.");
    }
}

/* One part of an exchange's way, which may need more memory than there is. */
struct stretch {
    struct exchange *exchange;
    struct worker *worker; /* or NULL */
    exchange_fill *fill;
};

static void go(void *context)
{
    const struct stretch *stretch = context;
    struct exchange *exchange = stretch->exchange;
    struct response *response = &exchange->response;
    if (!stretch->fill(exchange, stretch->worker))
        return;
    if (response->stream && !exchange->admission.is_head)
        open_stream(exchange);
    response->close = response->close || exchange->conn->spare;
    http_answer_make(&exchange->answer, &exchange->admission, &exchange->request, response);
}

static void drop_answer(struct exchange *exchange)
{
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    exchange->answer = NULL;
    exchange->response = (struct response){0};
}

bool exchange_make(struct exchange *exchange, struct worker *worker, exchange_fill *fill)
{
    struct stretch stretch = {exchange, worker, fill};
    struct arena arena = exchange->arena;
    drop_answer(exchange);
    if (memory_run(&exchange->memory, go, &stretch))
        return true;
    exchange->arena = arena;
    drop_answer(exchange);
    return false;
}

static bool fill_no_memory(struct exchange *exchange, struct worker *worker)
{
    (void)worker;
    exchange->response.retry_after_s = 1;
    problem(&exchange->response, 503, "There is no memory for this request now.");
    return true;
}

/* If not even the answer about it can be made, the one that was made at the start is sent. */
void exchange_make_no_memory(struct exchange *exchange)
{
    struct front *front = exchange->front;
    uint64_t now = clock_steady_ms();
    counters_add(front->service->counters, API_NO_MEMORY, 1);
    pthread_mutex_lock(&front->mutex);
    if (rate_due(&front->no_memory_lines, now)) {
        log_error("no memory for a request; %u answered 503 since the last such line",
                  front->no_memory_lines.since);
        rate_said(&front->no_memory_lines, now);
    }
    pthread_mutex_unlock(&front->mutex);
    if (!exchange_make(exchange, NULL, fill_no_memory))
        exchange->response.status = 503;
}

static bool fill_by_handler(struct exchange *exchange, struct worker *worker)
{
    exchange->request.body = exchange->body.data ? exchange->body.data : "";
    exchange->request.body_len = exchange->body.len;
    live_view_refresh(&worker->live);
    exchange->admission.route->handle(worker, &exchange->request, &exchange->response);
    return true;
}

/* Takes room for the answer until its client has taken it: of all bodies' room, so that clients
 * that do not read cannot fill the memory. Small answers count for nothing; an answer that tells of
 * a change is never refused, nor is one that is alone. */
static bool answer_fits(struct exchange *exchange)
{
    atomic_size_t *pending = exchange->front->service->pending;
    size_t bytes = exchange->response.length;
    size_t most = (size_t)exchange->settings->max_pending_bytes;
    if (bytes <= SMALL_ANSWER_BYTES)
        return true;
    size_t others = atomic_fetch_add(pending, bytes);
    if (others == 0 || others + bytes <= most - most / 8 ||
        exchange->request.method != METHOD_GET) {
        exchange->reserved += bytes;
        return true;
    }
    atomic_fetch_sub(pending, bytes);
    return false;
}

bool exchange_fill_crowded_out(struct exchange *exchange, struct worker *worker)
{
    (void)worker;
    exchange->response.retry_after_s = 5;
    problem(&exchange->response, 503,
            "The bodies of other requests and answers take up all the room (max_pending_bytes); "
            "try again.");
    return true;
}

/* The answer is made before the change is kept for good: there is no change without its answer. */
void exchange_run_handler(struct exchange *exchange, struct worker *worker)
{
    worker_begins(worker);
    worker->settings = exchange->settings;
    if (!exchange_make(exchange, worker, fill_by_handler)) {
        store_abandon(worker->store);
        exchange_make_no_memory(exchange);
        return;
    }
    store_settle(worker->store, true);
    if (!answer_fits(exchange) && !exchange_make(exchange, NULL, exchange_fill_crowded_out))
        exchange_make_no_memory(exchange);
}

static bool fill_group_lost(struct exchange *exchange, struct worker *worker)
{
    answer_group_lost(worker, &exchange->response);
    return true;
}

void exchange_make_group_lost(struct exchange *exchange, struct worker *worker)
{
    if (!exchange_make(exchange, worker, fill_group_lost))
        exchange_make_no_memory(exchange);
}
