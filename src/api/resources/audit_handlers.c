/* The audit over HTTP. */
#include <stdlib.h>
#include <string.h>

#include "api/handler/paging.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/resources/resource_routes.h"
#include "api/store/audit.h"
#include "common/base/utc.h"

/* Reads `since`: a time, or a revision after which the changes are listed. */
static bool audit_read_since(const char *since, struct audit_filter *filter)
{
    uint64_t wall_ms;
    filter->after_revision = -1;
    if (!since)
        return true;
    if (*since && since[strspn(since, "0123456789")] == '\0' && strlen(since) <= 18) {
        filter->after_revision = strtoll(since, NULL, 10);
        return true;
    }
    if (!utc_parse(since, &wall_ms))
        return false;
    filter->since_ms = (int64_t)wall_ms;
    return true;
}

static void audit_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                             struct response *response)
{
    const char *why;
    int64_t limit = 100, after = INT32_MAX;
    const struct query_params *params = &request->query_params;
    struct audit_filter filter = {.device = query_param(params, "device", ""),
                                  .tag = query_param(params, "tag", ""),
                                  .profile = query_param(params, "profile", ""),
                                  .who = query_param(params, "who", NULL)};
    if (!query_param_number(params, "limit", 1, 1000, request->arena, &limit, &why) ||
        !query_param_number(params, "after", 1, INT32_MAX, request->arena, &after, &why)) {
        problem_respond(response, 400, "%s", why);
        return;
    }
    if (!audit_read_since(query_param(params, "since", NULL), &filter)) {
        problem_respond(response, 400,
                        "since must be a revision, such as 42, or a time, such as "
                        "2026-01-02T03:04:05Z.");
        return;
    }
    filter.before_id = after;
    filter.limit = limit;
    if (!transaction_begin(thread_ctx, response))
        return;
    struct list_page page = {0};
    int64_t last = audit_write_page(thread_ctx->store, request->arena, &filter, &page.items);
    page.more = last > 0;
    page.last = arena_format(request->arena, "%lld", (long long)last);
    paging_answer(&page, audit_count_rows(thread_ctx->store, &filter), response);
    transaction_commit(thread_ctx, response);
}

static const struct route audit_rows[] = {
    {METHOD_GET, API_PREFIX "/audit", QUEUE_REPORT, .handle = audit_handle_get,
     .query_params = "device tag profile who since limit after"},
};

const struct route_table audit_routes = ROUTE_TABLE(audit_rows);
