/* Begins, commits and rolls back: groups of requests, and single requests. */
#include "api/handler/transaction.h"

#include "api/http/http_listener.h"
#include "api/http/problem.h"
#include "api/http/work_queue.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/shared/counters.h"

void transaction_answer_failed(struct thread_ctx *thread_ctx, struct response *response)
{
    const char *leader = store_refusing_leader(thread_ctx->store);
    store_rollback(thread_ctx->store);
    if (leader) {
        problem_respond_follower(response, leader);
        return;
    }
    log_error("store: %s", store_failure_reason(thread_ctx->store));
    problem_respond(response, 503, "The store is unavailable now: %s.",
                    store_failure_reason(thread_ctx->store));
}

static void transaction_begin_group(struct thread_ctx *thread_ctx, size_t jobs)
{
    REQUIRE(jobs >= 1 && thread_ctx->counters);
    store_group_begin(thread_ctx->store);
    thread_ctx->group_jobs = jobs;
    if (jobs == 1)
        return;
    counters_add(thread_ctx->counters, API_GROUPS, 1);
    counters_add(thread_ctx->counters, API_GROUPED, jobs);
}

static bool transaction_commit_group(struct thread_ctx *thread_ctx)
{
    if (store_group_commit(thread_ctx->store))
        return true;
    log_error("store: %s%s", store_failure_reason(thread_ctx->store),
              thread_ctx->group_jobs > 1 ? "; all changes of the group are rolled back" : "");
    return false;
}

const struct work_queue_group transaction_group = {transaction_begin_group,
                                                   transaction_commit_group};

bool transaction_begin(struct thread_ctx *thread_ctx, struct response *response)
{
    if (store_begin(thread_ctx->store)) {
        store_read_mark(thread_ctx->store, thread_ctx->etag_mark);
        return true;
    }
    transaction_answer_failed(thread_ctx, response);
    return false;
}

bool transaction_commit(struct thread_ctx *thread_ctx, struct response *response)
{
    if (store_commit(thread_ctx->store))
        return true;
    transaction_answer_failed(thread_ctx, response);
    return false;
}

static void transaction_begin_request(struct thread_ctx *thread_ctx,
                                      const struct api_settings *settings)
{
    REQUIRE(settings && thread_ctx->store);
    thread_ctx_begin_work(thread_ctx);
    thread_ctx->settings = settings;
    live_view_refresh(&thread_ctx->live);
}

static void transaction_finish_request(struct thread_ctx *thread_ctx, bool complete)
{
    if (complete)
        store_finish_change(thread_ctx->store, true);
    else
        store_abort_request(thread_ctx->store);
}

static const char *transaction_lost_group_reason(const struct thread_ctx *thread_ctx)
{
    return store_failure_reason(thread_ctx->store);
}

const struct http_callbacks transaction_callbacks = {
    .begin = transaction_begin_request,
    .finish = transaction_finish_request,
    .lost_group_reason = transaction_lost_group_reason,
    .end = thread_ctx_end_work,
};
