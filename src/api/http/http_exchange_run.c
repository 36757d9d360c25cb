/* Makes answers. Each step runs in a memory_run and frees all that it allocated when memory runs
 * out. */
#include "api/http/http_exchange_internal.h"

#include <unistd.h>

#include "api/http/http_listener.h"
#include "api/http/http_response.h"
#include "api/http/problem.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

/* Answers up to this size need no reservation: each connection may hold one. */
enum { SMALL_ANSWER_BYTES = 64 * 1024 };

const struct http_refusal http_refusal_crowded_out = {
    .status = 503,
    .retry_after_s = 5,
    .detail = "Other requests and answers use all of max_pending_bytes; try again later."};

void http_exchange_set_refusal(struct http_exchange *exchange, const struct http_refusal *refusal)
{
    exchange->response.retry_after_s = refusal->retry_after_s;
    problem_respond(&exchange->response, refusal->status, "%s", refusal->detail);
}

/* Arguments of exchange_run_fill. */
struct fill_args {
    struct http_exchange *exchange;
    struct thread_ctx *thread_ctx; /* or NULL */
    http_exchange_fill *fill;
};

static void exchange_run_fill(void *context)
{
    static const struct http_refusal too_many_streams = {
        .status = 503,
        .retry_after_s = 5,
        .detail = "As many streams are open as max_streams allows: close a page that shows live "
                  "values, or raise max_streams."};
    const struct fill_args *args = context;
    struct http_exchange *exchange = args->exchange;
    struct response *response = &exchange->response;
    if (!args->fill(exchange, args->thread_ctx))
        return;
    if (response->stream.open && !exchange->checks.is_head) {
        exchange->answer = response->stream.open(response->stream.context, response->stream.device,
                                                 exchange->connection, &exchange->listener->thread);
        if (!exchange->answer) {
            response->stream.open = NULL;
            http_exchange_set_refusal(exchange, &too_many_streams);
        }
    }
    response->close = response->close || exchange->conn->spare;
    http_response_make(&exchange->answer, &exchange->checks, &exchange->request, response);
}

static void exchange_drop_answer(struct http_exchange *exchange)
{
    if (exchange->answer)
        MHD_destroy_response(exchange->answer);
    if (exchange->response.file.size > 0)
        close(exchange->response.file.fd);
    exchange->answer = NULL;
    exchange->response = (struct response){0};
}

bool http_exchange_make_answer(struct http_exchange *exchange, struct thread_ctx *thread_ctx,
                               http_exchange_fill *fill)
{
    struct fill_args args = {exchange, thread_ctx, fill};
    struct arena arena = exchange->arena;
    REQUIRE(exchange->stage != STAGE_SENT);
    exchange_drop_answer(exchange);
    if (memory_run(&exchange->memory, exchange_run_fill, &args))
        return true;
    exchange->arena = arena;
    exchange_drop_answer(exchange);
    return false;
}

static bool exchange_fill_refusal(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    (void)thread_ctx;
    http_exchange_set_refusal(exchange, exchange->refusal);
    return true;
}

void http_exchange_refuse(struct http_exchange *exchange, const struct http_refusal *refusal)
{
    exchange->refusal = refusal;
    if (!http_exchange_make_answer(exchange, NULL, exchange_fill_refusal))
        http_exchange_make_no_memory(exchange);
    exchange->refusal = NULL;
}

/* If out of memory for this answer, too, listener->no_memory is sent. */
void http_exchange_make_no_memory(struct http_exchange *exchange)
{
    static const struct http_refusal no_memory = {
        .status = 503,
        .retry_after_s = 1,
        .detail = "The service has no memory for this request now."};
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
    exchange->refusal = &no_memory;
    if (!http_exchange_make_answer(exchange, NULL, exchange_fill_refusal))
        exchange->response.status = 503;
}

static bool exchange_fill_by_handler(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    exchange->request.body = exchange->body.data ? exchange->body.data : "";
    exchange->request.body_len = exchange->body.len;
    exchange->checks.route->handle(thread_ctx, &exchange->request, &exchange->response);
    return true;
}

static bool exchange_fill_by_quick(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    return exchange->checks.route->quick(thread_ctx, &exchange->request, &exchange->response);
}

bool http_exchange_run_quick(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    const struct http_callbacks *callbacks = exchange->listener->service->callbacks;
    callbacks->begin(thread_ctx, exchange->settings);
    bool complete = http_exchange_make_answer(exchange, thread_ctx, exchange_fill_by_quick);
    callbacks->finish(thread_ctx, complete);
    callbacks->end(thread_ctx);
    return exchange->answer != NULL;
}

/* Reserves the answer's bytes, out of max_pending_bytes, until the client has read it: clients that
 * do not read cannot fill the memory. Does not count small answers. Never refuses the answer to a
 * change, nor an answer while nothing else is pending. */
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

/* Makes the answer before it keeps the change, so each change has an answer. */
void http_exchange_run_handler(struct http_exchange *exchange, struct thread_ctx *thread_ctx)
{
    const struct http_callbacks *callbacks = exchange->listener->service->callbacks;
    callbacks->begin(thread_ctx, exchange->settings);
    bool complete = http_exchange_make_answer(exchange, thread_ctx, exchange_fill_by_handler);
    callbacks->finish(thread_ctx, complete);
    if (!complete)
        http_exchange_make_no_memory(exchange);
    else if (!exchange_reserve_answer(exchange))
        http_exchange_refuse(exchange, &http_refusal_crowded_out);
}
