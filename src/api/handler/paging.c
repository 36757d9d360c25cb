/* Reads queries and filters, writes pages and caches them. */
#include "api/handler/paging.h"

#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/precondition.h"
#include "api/handler/thread_ctx.h"
#include "api/http/etag.h"
#include "api/http/problem.h"
#include "common/base/require.h"

_Static_assert((CACHED_PAGES) * (CACHED_BYTES_MAX) <= 4 * 1024 * 1024, "bounded for each thread");

bool paging_read_query(const struct request *request, struct record_filter *list,
                       struct response *response)
{
    const char *why;
    int64_t limit = 100;
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
        .needle = query_param(query_params, "q", ""),
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
        problem_respond(response, 400,
                        "after must be DEVICE/TAG, the value of next in the previous page.");
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

bool verdict_filter_read(const struct request *request, struct verdict_filter *filter,
                         struct response *response)
{
    const struct {
        const char *name, *const *words;
        int first; /* the first of the words that is allowed */
        unsigned *bits;
    } params[] = {{"quality", quality_names, 0, &filter->qualities},
                  {"reason", quality_reason_names, REASON_NONE + 1, &filter->reasons}};
    *filter = (struct verdict_filter){0};
    for (size_t i = 0; i < sizeof params / sizeof params[0]; i++) {
        const char *const *words = params[i].words;
        const char *at = query_param(&request->query_params, params[i].name, NULL);
        while (at) {
            size_t len = strcspn(at, ",");
            int index = name_list_find(words, arena_strndup(request->arena, at, len));
            if (index < params[i].first) {
                const char *all = words[params[i].first];
                for (int word = params[i].first + 1; words[word]; word++)
                    all = arena_format(request->arena, "%s, %s", all, words[word]);
                problem_respond(response, 400, "%s must be one of %s.", params[i].name, all);
                return false;
            }
            *params[i].bits |= 1U << index;
            at = at[len] == ',' ? at + len + 1 : NULL;
        }
    }
    return true;
}

bool verdict_filter_is_any(const struct verdict_filter *filter)
{
    return filter->qualities == 0 && filter->reasons == 0;
}

bool verdict_filter_takes(const struct verdict_filter *filter, struct quality_verdict verdict)
{
    return (filter->qualities == 0 || (filter->qualities >> verdict.quality & 1) != 0) &&
           (filter->reasons == 0 || (filter->reasons >> verdict.reason & 1) != 0);
}

bool paging_must_build(struct thread_ctx *thread_ctx, const struct request *request,
                       struct response *response)
{
    int64_t revision = store_read_revision(thread_ctx->store);
    response->etag = precondition_format_etag(thread_ctx, request, revision);
    response->status = 304;
    if (request->if_none_match && etag_matches(request->if_none_match, response->etag, true))
        return false;
    response->status = 200;
    const struct page_cache *cache = &thread_ctx->pages;
    int64_t edition = store_read_edition(thread_ctx->store);
    for (unsigned i = 0; i < CACHED_PAGES && cache->edition == edition; i++) {
        if (cache->pages[i].target && strcmp(cache->pages[i].target, request->target) == 0) {
            text_append(&response->body, cache->pages[i].body.data, cache->pages[i].body.len);
            return false;
        }
    }
    return true;
}

void paging_finish_cache(struct page_cache *cache)
{
    for (unsigned i = 0; i < CACHED_PAGES; i++) {
        memory_free(cache->pages[i].target);
        text_finish(&cache->pages[i].body);
    }
    *cache = (struct page_cache){0};
}

void paging_cache_page(struct thread_ctx *thread_ctx, const struct request *request,
                       const struct response *response)
{
    struct page_cache *cache = &thread_ctx->pages;
    REQUIRE(request->target && response->body.data);
    if (store_has_failed(thread_ctx->store) || response->body.len > CACHED_BYTES_MAX)
        return;
    int64_t edition = store_read_edition(thread_ctx->store);
    if (cache->edition != edition)
        paging_finish_cache(cache);
    cache->edition = edition;
    unsigned place = cache->next % CACHED_PAGES;
    char *target = memory_try_strdup(request->target);
    if (!target || !text_keep_copy(&cache->pages[place].body, &response->body)) {
        memory_free(target);
        return;
    }
    memory_free(cache->pages[place].target);
    cache->pages[place].target = target;
    cache->next++;
}

bool paging_count_item(struct list_page *page, const char *name)
{
    REQUIRE(page->limit > 0 && page->count <= page->limit);
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
    REQUIRE(!page->more || page->last);
    REQUIRE(body->len == 0);
    text_puts(body, "{\"items\":[");
    text_append(body, page->items.data, page->items.len);
    text_puts(body, "],\"total\":");
    text_printf(body, "%lld,\"next\":", (long long)total);
    json_write_string_or_null(body, page->more ? page->last : NULL);
    json_close(body, '}');
    text_finish(&page->items);
    response->status = 200;
}
