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

void worker_begins(struct worker *worker)
{
    atomic_store_explicit(&worker->busy_since_ms, clock_steady_ms(), memory_order_relaxed);
}

void worker_ends(struct worker *worker)
{
    atomic_store_explicit(&worker->busy_since_ms, 0, memory_order_relaxed);
}

bool worker_hangs(const struct worker *worker, uint64_t limit_ms)
{
    uint64_t since = atomic_load_explicit(&worker->busy_since_ms, memory_order_relaxed);
    return since != 0 && clock_steady_ms() >= since + limit_ms;
}

void answer_store_failed(struct worker *worker, struct response *response)
{
    store_rollback(worker->store);
    log_error("store: %s", store_reason(worker->store));
    problem(response, 503, "The store cannot be used now: %s.", store_reason(worker->store));
}

static void begin_group(struct worker *worker, size_t jobs)
{
    store_group_begin(worker->store);
    worker->group_jobs = jobs;
    if (jobs == 1)
        return;
    counters_add(worker->counters, API_GROUPS, 1);
    counters_add(worker->counters, API_GROUPED, jobs);
}

static bool commit_group(struct worker *worker)
{
    if (store_group_commit(worker->store))
        return true;
    log_error("store: %s%s", store_reason(worker->store),
              worker->group_jobs > 1 ? "; all changes that waited together are taken back" : "");
    return false;
}

const struct lane_group store_group = {begin_group, commit_group};

void answer_group_lost(struct worker *worker, struct response *response)
{
    text_finish(&response->body);
    *response = (struct response){0};
    problem(response, 503, "The store cannot be used now: %s.", store_reason(worker->store));
}

bool begin(struct worker *worker, struct response *response)
{
    if (store_begin(worker->store))
        return true;
    answer_store_failed(worker, response);
    return false;
}

bool end_read(struct worker *worker, struct response *response)
{
    if (store_commit(worker->store))
        return true;
    answer_store_failed(worker, response);
    return false;
}

struct cJSON *parse_body(const struct request *request, struct response *response)
{
    char why[128];
    struct cJSON *body = json_parse(request->body, request->body_len, why, sizeof why);
    if (!body)
        problem(response, 400, "%s", why);
    return body;
}

static const char *tag_of(const struct request *request, int64_t revision)
{
    return arena_format(request->arena, "\"%lld\"", (long long)revision);
}

void set_etag(const struct request *request, int64_t revision, struct response *response)
{
    response->etag = tag_of(request, revision);
}

static bool if_match_names(const struct request *request, const char *etag,
                           struct response *response)
{
    if (!request->if_match || etag_matches(request->if_match, etag, false))
        return true;
    problem(response, 412, "If-Match does not name the current version%s%s.",
            etag ? ", which is " : ": there is none", etag ? etag : "");
    return false;
}

bool if_match_holds(const struct request *request, int64_t revision, struct response *response)
{
    return if_match_names(request, tag_of(request, revision), response);
}

bool conditions_hold(const struct request *request, int64_t revision, struct response *response)
{
    bool reads = request->method == METHOD_GET;
    if (!request->if_match && !request->if_none_match)
        return true;
    const char *etag = revision > 0 ? tag_of(request, revision) : NULL;
    if (!if_match_names(request, etag, response))
        return false;
    if (!request->if_none_match || !etag_matches(request->if_none_match, etag, reads))
        return true;
    if (reads) {
        response->status = 304;
        response->etag = etag;
    } else {
        problem(response, 412, "If-None-Match names what is there already, version %s.", etag);
    }
    return false;
}

struct registry registry_of(struct worker *worker, const struct request *request)
{
    struct audit *audit = arena_alloc(request->arena, sizeof *audit);
    *audit = (struct audit){.who = request->who,
                            .remote = request->remote,
                            .request_id = request->id,
                            .keep = worker->settings->audit_entries};
    return (struct registry){.store = worker->store,
                             .common = &worker->settings->common,
                             .arena = request->arena,
                             .audit = audit};
}

bool find_device(struct worker *worker, const struct request *request, struct record *device,
                 struct response *response)
{
    if (device_find(worker->store, request->arena, request->param[0], device))
        return true;
    if (store_failed(worker->store))
        answer_store_failed(worker, response);
    else
        problem(response, 404, "There is no device \"%.64s\".", request->param[0]);
    return false;
}

bool find_tag(struct worker *worker, const struct request *request, struct record *tag,
              struct response *response)
{
    struct record device;
    if (tag_find(worker->store, request->arena, request->param[0], request->param[1], tag))
        return true;
    if (!find_device(worker, request, &device, response))
        return false;
    if (store_failed(worker->store))
        answer_store_failed(worker, response);
    else
        problem(response, 404, "The device %.64s has no tag \"%.64s\".", request->param[0],
                request->param[1]);
    return false;
}

static const char *lower_case(struct arena *arena, const char *string)
{
    struct text folded = {0};
    fold_case(&folded, string);
    const char *lower = folded.len ? arena_copy(arena, folded.data, folded.len) : "";
    text_finish(&folded);
    return lower;
}

bool read_page(const struct request *request, struct list *list, struct response *response)
{
    const char *why;
    long limit = 100;
    const struct arguments *arguments = &request->arguments;
    const char *table = argument(arguments, "table", NULL);
    if (!argument_number(arguments, "limit", 1, 1000, request->arena, &limit, &why)) {
        problem(response, 400, "%s", why);
        return false;
    }
    if (table && name_index(table_names, table) < 0) {
        problem(response, 400,
                "table must be coil, discrete_input, input_register or holding_register.");
        return false;
    }
    *list = (struct list){
        .after = argument(arguments, "after", ""),
        .after_device = "",
        .needle = lower_case(request->arena, argument(arguments, "q", "")),
        .device = argument(arguments, "device", ""),
        .table = table ? table : "",
        .limit = limit,
    };
    return true;
}

bool read_tag_place(const struct request *request, struct list *list, struct response *response)
{
    const char *slash = strchr(list->after, '/');
    if (*list->after == '\0')
        return true;
    if (!slash) {
        problem(response, 400, "after must be device/tag, as next gave it.");
        return false;
    }
    list->after_device = arena_copy(request->arena, list->after, (size_t)(slash - list->after));
    list->after = slash + 1;
    return true;
}

bool is_after(const struct record *tag, const char *after_device, const char *after)
{
    int order = strcmp(tag->device, after_device);
    return order > 0 || (order == 0 && strcmp(record_text(tag, TAG_NAME), after) > 0);
}

bool list_has_changed(struct worker *worker, const struct request *request,
                      struct response *response)
{
    int64_t revision = store_revision(worker->store);
    set_etag(request, revision, response);
    response->status = 304;
    if (request->if_none_match && etag_matches(request->if_none_match, response->etag, true))
        return false;
    response->status = 200;
    return !page_cache_find(&worker->pages, request->target, revision, &response->body);
}

void keep_page(struct worker *worker, const struct request *request,
               const struct response *response)
{
    if (!store_failed(worker->store))
        page_cache_keep(&worker->pages, request->target, store_revision(worker->store),
                        &response->body);
}

bool page_takes(struct page *page, const char *name)
{
    if (page->count == page->limit) {
        page->more = true;
        return false;
    }
    page->count++;
    page->last = name;
    return true;
}

void answer_page(struct page *page, int64_t total, struct response *response)
{
    struct text *body = &response->body;
    text_puts(body, "{\"items\":[");
    text_add(body, page->items.data, page->items.len);
    text_puts(body, "],\"total\":");
    text_printf(body, "%lld,\"next\":", (long long)total);
    json_string_or_null(body, page->more ? page->last : NULL);
    json_close(body, '}');
    text_finish(&page->items);
    response->status = 200;
}
