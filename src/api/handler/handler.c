/* Transactions, bodies, conditions and pages, as most handlers need them. */
#include "api/handler/handler.h"

#include <stdatomic.h>
#include <string.h>

#include "api/base/casefold.h"
#include "api/http/etag.h"
#include "api/http/work_queue.h"
#include "api/model/record_json.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/shared/counters.h"

void thread_ctx_begin_work(struct thread_ctx *thread_ctx)
{
    atomic_store_explicit(&thread_ctx->busy_since_ms, clock_steady_ms(), memory_order_relaxed);
}

void thread_ctx_end_work(struct thread_ctx *thread_ctx)
{
    atomic_store_explicit(&thread_ctx->busy_since_ms, 0, memory_order_relaxed);
}

bool thread_ctx_hangs(const struct thread_ctx *thread_ctx, uint64_t limit_ms)
{
    uint64_t since = atomic_load_explicit(&thread_ctx->busy_since_ms, memory_order_relaxed);
    return since != 0 && clock_steady_ms() >= since + limit_ms;
}

void transaction_answer_failed(struct thread_ctx *thread_ctx, struct response *response)
{
    store_rollback(thread_ctx->store);
    log_error("store: %s", store_failure_reason(thread_ctx->store));
    problem_respond(response, 503, "The store cannot be used now: %s.",
                    store_failure_reason(thread_ctx->store));
}

static void transaction_begin_group(struct thread_ctx *thread_ctx, size_t jobs)
{
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
              thread_ctx->group_jobs > 1 ? "; all changes that waited together are taken back"
                                         : "");
    return false;
}

const struct work_queue_group transaction_group = {transaction_begin_group,
                                                   transaction_commit_group};

void transaction_answer_group_lost(struct thread_ctx *thread_ctx, struct response *response)
{
    text_finish(&response->body);
    *response = (struct response){0};
    problem_respond(response, 503, "The store cannot be used now: %s.",
                    store_failure_reason(thread_ctx->store));
}

bool transaction_begin(struct thread_ctx *thread_ctx, struct response *response)
{
    if (store_begin(thread_ctx->store))
        return true;
    transaction_answer_failed(thread_ctx, response);
    return false;
}

bool transaction_end(struct thread_ctx *thread_ctx, struct response *response)
{
    if (store_commit(thread_ctx->store))
        return true;
    transaction_answer_failed(thread_ctx, response);
    return false;
}

struct cJSON *request_parse_body(const struct request *request, struct response *response)
{
    char why[128];
    struct cJSON *body = json_body_parse(request->body, request->body_len, why, sizeof why);
    if (!body)
        problem_respond(response, 400, "%s", why);
    return body;
}

static const char *precondition_format_etag(const struct request *request, int64_t revision)
{
    return arena_format(request->arena, "\"%lld\"", (long long)revision);
}

void precondition_set_etag(const struct request *request, int64_t revision,
                           struct response *response)
{
    response->etag = precondition_format_etag(request, revision);
}

static bool precondition_if_match_names(const struct request *request, const char *etag,
                                        struct response *response)
{
    if (!request->if_match || etag_matches(request->if_match, etag, false))
        return true;
    problem_respond(response, 412, "If-Match does not name the current version%s%s.",
                    etag ? ", which is " : ": there is none", etag ? etag : "");
    return false;
}

bool precondition_check_if_match(const struct request *request, int64_t revision,
                                 struct response *response)
{
    return precondition_if_match_names(request, precondition_format_etag(request, revision),
                                       response);
}

bool precondition_check(const struct request *request, int64_t revision, struct response *response)
{
    bool reads = request->method == METHOD_GET;
    if (!request->if_match && !request->if_none_match)
        return true;
    const char *etag = revision > 0 ? precondition_format_etag(request, revision) : NULL;
    if (!precondition_if_match_names(request, etag, response))
        return false;
    if (!request->if_none_match || !etag_matches(request->if_none_match, etag, reads))
        return true;
    if (reads) {
        response->status = 304;
        response->etag = etag;
    } else {
        problem_respond(response, 412, "If-None-Match names what is there already, version %s.",
                        etag);
    }
    return false;
}

struct config_service config_service_for_request(struct thread_ctx *thread_ctx,
                                                 const struct request *request)
{
    struct audit *audit = arena_alloc(request->arena, sizeof *audit);
    *audit = (struct audit){.who = request->who,
                            .remote = request->remote,
                            .request_id = request->id,
                            .keep = thread_ctx->settings->audit_entries};
    return (struct config_service){.store = thread_ctx->store,
                                   .common = &thread_ctx->settings->common,
                                   .arena = request->arena,
                                   .audit = audit};
}

bool request_find_device(struct thread_ctx *thread_ctx, const struct request *request,
                         struct record *device, struct response *response)
{
    if (record_store_find_device(thread_ctx->store, request->arena, request->param[0], device))
        return true;
    if (store_has_failed(thread_ctx->store))
        transaction_answer_failed(thread_ctx, response);
    else
        problem_respond(response, 404, "There is no device \"%.64s\".", request->param[0]);
    return false;
}

bool request_find_tag(struct thread_ctx *thread_ctx, const struct request *request,
                      struct record *tag, struct response *response)
{
    struct record device;
    if (record_store_find_tag(thread_ctx->store, request->arena, request->param[0],
                              request->param[1], tag))
        return true;
    if (!request_find_device(thread_ctx, request, &device, response))
        return false;
    if (store_has_failed(thread_ctx->store))
        transaction_answer_failed(thread_ctx, response);
    else
        problem_respond(response, 404, "The device %.64s has no tag \"%.64s\".", request->param[0],
                        request->param[1]);
    return false;
}

static const char *paging_fold_needle(struct arena *arena, const char *string)
{
    struct text folded = {0};
    casefold_text(&folded, string);
    const char *lower = folded.len ? arena_strndup(arena, folded.data, folded.len) : "";
    text_finish(&folded);
    return lower;
}

bool paging_read_query(const struct request *request, struct record_filter *list,
                       struct response *response)
{
    const char *why;
    long limit = 100;
    const struct query_params *query_params = &request->query_params;
    const char *table = query_param(query_params, "table", NULL);
    if (!query_param_number(query_params, "limit", 1, 1000, request->arena, &limit, &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    if (table && name_list_find(table_names, table) < 0) {
        problem_respond(response, 400,
                        "table must be coil, discrete_input, input_register or holding_register.");
        return false;
    }
    *list = (struct record_filter){
        .after = query_param(query_params, "after", ""),
        .after_device = "",
        .needle = paging_fold_needle(request->arena, query_param(query_params, "q", "")),
        .device = query_param(query_params, "device", ""),
        .table = table ? table : "",
        .limit = limit,
    };
    return true;
}

bool paging_split_after(const struct request *request, struct record_filter *list,
                        struct response *response)
{
    const char *slash = strchr(list->after, '/');
    if (*list->after == '\0')
        return true;
    if (!slash) {
        problem_respond(response, 400, "after must be device/tag, as next gave it.");
        return false;
    }
    list->after_device = arena_strndup(request->arena, list->after, (size_t)(slash - list->after));
    list->after = slash + 1;
    return true;
}

bool paging_is_after(const struct record *tag, const char *after_device, const char *after)
{
    int order = strcmp(tag->device, after_device);
    return order > 0 || (order == 0 && strcmp(record_field_text(tag, TAG_NAME), after) > 0);
}

bool paging_must_build(struct thread_ctx *thread_ctx, const struct request *request,
                       struct response *response)
{
    int64_t revision = store_read_revision(thread_ctx->store);
    precondition_set_etag(request, revision, response);
    response->status = 304;
    if (request->if_none_match && etag_matches(request->if_none_match, response->etag, true))
        return false;
    response->status = 200;
    return !page_cache_find(&thread_ctx->pages, request->target, revision, &response->body);
}

void paging_cache_page(struct thread_ctx *thread_ctx, const struct request *request,
                       const struct response *response)
{
    if (!store_has_failed(thread_ctx->store))
        page_cache_keep(&thread_ctx->pages, request->target, store_read_revision(thread_ctx->store),
                        &response->body);
}

bool paging_count_item(struct list_page *page, const char *name)
{
    if (page->count == page->limit) {
        page->more = true;
        return false;
    }
    page->count++;
    page->last = name;
    return true;
}

void paging_answer(struct list_page *page, int64_t total, struct response *response)
{
    struct text *body = &response->body;
    text_puts(body, "{\"items\":[");
    text_append(body, page->items.data, page->items.len);
    text_puts(body, "],\"total\":");
    text_printf(body, "%lld,\"next\":", (long long)total);
    json_write_string_or_null(body, page->more ? page->last : NULL);
    json_close(body, '}');
    text_finish(&page->items);
    response->status = 200;
}
