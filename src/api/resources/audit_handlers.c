/* The audit over HTTP. */
#include "api/handler/paging.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/resources/resource_routes.h"
#include "api/store/audit.h"

static void audit_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                             struct response *response)
{
    const char *why;
    long limit = 100, after = INT32_MAX;
    const char *device = query_param(&request->query_params, "device", "");
    if (!query_param_number(&request->query_params, "limit", 1, 1000, request->arena, &limit,
                            &why) ||
        !query_param_number(&request->query_params, "after", 1, INT32_MAX, request->arena, &after,
                            &why)) {
        problem_respond(response, 400, "%s", why);
        return;
    }
    if (!transaction_begin(thread_ctx, response))
        return;
    struct list_page page = {0};
    int64_t last =
        audit_write_page(thread_ctx->store, request->arena, after, device, limit, &page.items);
    page.more = last > 0;
    page.last = arena_format(request->arena, "%lld", (long long)last);
    paging_answer(&page, audit_count_rows(thread_ctx->store, device), response);
    transaction_commit(thread_ctx, response);
}

static const struct route audit_rows[] = {
    {METHOD_GET, API_PREFIX "/audit", QUEUE_REPORT, .handle = audit_handle_get,
     .query_params = "device limit after"},
};

const struct route_table audit_routes = ROUTE_TABLE(audit_rows);
