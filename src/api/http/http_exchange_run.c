/* Makes answers, also when there is no memory for them: each part of the way runs in a memory_run
 * and leaves nothing behind when that is left. */
#include "api/http/http_exchange_internal.h"

#include "api/http/http_listener.h"
#include "api/http/http_response.h"
#include "api/http/problem.h"
#include "common/base/clock.h"
#include "common/base/log.h"

/* Memory that every connection may have in hand. */
enum { SMALL_ANSWER_BYTES = 64 * 1024 };

/* False when there are too many; the response says so. */
static void exchange_open_stream(struct http_exchange *exchange)
{
    struct response *response = &exchange->response;
    exchange->answer = response->stream.open(response->stream.context, response->stream.device,
                                             exchange->connection, &exchange->listener->thread);
    if (!exchange->answer) {
        response->stream.open = NULL;
        response->retry_after_s = 5;
        problem_respond(response, 503, "There are too many streams open.");
    }
}

/* One part of an exchange's way, which may need more memory than there is. */
struct fill_args {
    struct http_exchange *exchange;
    struct thread_ctx *thread_ctx; /* or NULL */
    http_exchange_fill *fill;
};

static void exchange_run_fill(void *context)
{
    const struct fill_args *stretch = context;
    struct http_exchange *exchange = stretch->exchange;
    struct response *response = &exchange->response;
    if (!stretch->fill(exchange, stretch->thread_ctx))
        return;
    if (response->stream.open && !exchange->checks.is_head)
        exchange_open_stream(exchange);
    response->close = response->close || exchange->conn->spare;
    http_response_make(&exchange->answer, &exchange->checks, &exchange->request, response);
}

static void exchange_drop_answer(struct http_exchange *exchange)
{
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    exchange->answer = NULL;
    exchange->response = (struct response){0};
}

bool http_exchange_make_answer(struct http_exchange *exchange, struct thread_ctx *thread_ctx,
                               http_exchange_fill *fill)
{
    struct fill_args stretch = {exchange, thread_ctx, fill};
    struct arena arena = exchange->arena;
    exchange_drop_answer(exchange);
    if (memory_run(&exchange->memory, exchange_run_fill, &stretch))
        return true;
    exchange->arena = arena;
    exchange_drop_answer(exchange);
    return false;
}

static bool exchange_fill_no_memory(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    (void)thread_ctx;
    exchange->response.retry_after_s = 1;
    problem_respond(&exchange->response, 503, "There is no memory for this request now.");
    return true;
}

/* If not even the answer about it can be made, the one that was made at the start is sent. */
void http_exchange_make_no_memory(struct http_exchange *exchange)
{
    struct http_listener_ctx *listener = exchange->listener;
    uint64_t now = clock_steady_ms();
    counters_add(listener->service->counters, API_NO_MEMORY, 1);
    pthread_mutex_lock(&listener->mutex);
    if (log_limit_count_event(&listener->no_memory_lines, now)) {
        log_error("no memory for a request; %u answered 503 since the last such line",
                  listener->no_memory_lines.since);
        log_limit_mark_logged(&listener->no_memory_lines, now);
    }
    pthread_mutex_unlock(&listener->mutex);
    if (!http_exchange_make_answer(exchange, NULL, exchange_fill_no_memory))
        exchange->response.status = 503;
}

static bool exchange_fill_by_handler(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    exchange->request.body = exchange->body.data ? exchange->body.data : "";
    exchange->request.body_len = exchange->body.len;
    exchange->checks.route->handle(thread_ctx, &exchange->request, &exchange->response);
    return true;
}

/* Takes room for the answer until its client has taken it: of all bodies' room, so that clients
 * that do not read cannot fill the memory. Small answers count for nothing; an answer that tells of
 * a change is never refused, nor is one that is alone. */
static bool exchange_reserve_answer(struct http_exchange *exchange)
{
    atomic_size_t *pending = exchange->listener->service->pending;
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

bool http_exchange_fill_crowded_out(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    (void)thread_ctx;
    exchange->response.retry_after_s = 5;
    problem_respond(
        &exchange->response, 503,
        "The bodies of other requests and answers take up all the room (max_pending_bytes); "
        "try again.");
    return true;
}

/* The answer is made before the change is kept for good: there is no change without its answer. */
void http_exchange_run_handler(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    const struct http_callbacks *callbacks = exchange->listener->service->callbacks;
    callbacks->begin(thread_ctx, exchange->settings);
    if (!http_exchange_make_answer(exchange, thread_ctx, exchange_fill_by_handler)) {
        callbacks->abort(thread_ctx);
        http_exchange_make_no_memory(exchange);
        return;
    }
    callbacks->keep(thread_ctx);
    if (!exchange_reserve_answer(exchange) &&
        !http_exchange_make_answer(exchange, NULL, http_exchange_fill_crowded_out))
        http_exchange_make_no_memory(exchange);
}

static bool exchange_fill_group_lost(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    exchange->listener->service->callbacks->answer_group_lost(thread_ctx, &exchange->response);
    return true;
}

void http_exchange_make_group_lost(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    if (!http_exchange_make_answer(exchange, thread_ctx, exchange_fill_group_lost))
        http_exchange_make_no_memory(exchange);
}
