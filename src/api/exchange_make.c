/* Makes answers, also when there is no memory for them: each part of the way runs in a memory_run
 * and leaves nothing behind when that is left. */
#include "api/exchange_inside.h"

#include "api/handler.h"
#include "api/http.h"
#include "api/http_answer.h"
#include "api/problem.h"
#include "api/stream.h"
#include "common/clock.h"
#include "common/log.h"

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

/* The answer is made before the change is kept for good: there is no change without its answer. */
void exchange_run_handler(struct exchange *exchange, struct worker *worker)
{
    worker_begins(worker);
    worker->settings = exchange->settings;
    if (exchange_make(exchange, worker, fill_by_handler)) {
        store_settle(worker->store, true);
        return;
    }
    store_abandon(worker->store);
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
