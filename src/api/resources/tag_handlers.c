/* Tags over HTTP. */
#include <string.h>

#include "api/handler/paging.h"
#include "api/handler/request_input.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/live/quality_lookup.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/resources/crud.h"
#include "api/resources/resource_routes.h"

static void tag_apply_rules(const struct config_service *config_service,
                            const struct record *device, const struct record *old,
                            struct record *tag, struct validation *validation,
                            struct validation *warnings)
{
    struct modbus_location location = modbus_location_of(device, config_service->common);
    rules_apply_to_tag(tag, old, modbus_location_is_local(&location), validation, warnings);
    if (!warnings->root || strcmp(warnings->root, "modbus") == 0)
        rules_warn_tag_stale(tag, device, warnings);
    bool warns = !warnings->root || strcmp(warnings->root, "mqtt") == 0;
    rules_check_tag_sparkplug(tag, device, validation, warns ? warnings : NULL);
    if (warns)
        rules_warn_tag_expiry(tag, warnings);
}

static const struct resource_ops tag_ops = {
    .resource = &tag_resource,
    .of_device = true,
    .apply_rules = tag_apply_rules,
    .create = config_service_create_tag,
    .change = config_service_change_tag,
    .remove = config_service_delete_tag,
};

static bool page_add_tag(void *context, const struct record *tag)
{
    struct list_page *page = context;
    if (!paging_count_item(page, record_field_text(tag, TAG_NAME)))
        return false;
    record_json_write(&tag_resource, tag, NULL, &page->items);
    return true;
}

static void device_tags_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                   struct response *response)
{
    struct record_filter list;
    struct record device;
    if (!paging_read_query(request, &list, response) || !transaction_begin(thread_ctx, response))
        return;
    struct list_page page = {.limit = list.limit++};
    if (request_find_device(thread_ctx, request, &device, response) &&
        paging_must_build(thread_ctx, request, response)) {
        list.device = list.after_device = request->param[0];
        int64_t total = record_store_count_tags(thread_ctx->store, &list);
        record_store_each_tag(thread_ctx->store, request->arena, &list, page_add_tag, &page);
        paging_answer(&page, total, response);
        paging_cache_page(thread_ctx, request, response);
    }
    transaction_commit(thread_ctx, response);
}

/* A page of tags over all devices. */
struct tags_page {
    struct list_page page;
    struct quality_lookup lookup;
    struct arena *arena;
    const char *after_device, *after;
    struct verdict_filter filter;
    int64_t total; /* with a filter */
};

static bool page_add_any_tag(void *context, const struct record *tag)
{
    struct tags_page *tags = context;
    const char *place =
        arena_format(tags->arena, "%s/%s", tag->device, record_field_text(tag, TAG_NAME));
    if (!paging_count_item(&tags->page, place))
        return false;
    record_json_write(&tag_resource, tag, NULL, &tags->page.items);
    return true;
}

static bool page_add_judged_tag(void *context, const struct record *tag)
{
    struct tags_page *tags = context;
    struct live_table_row row;
    struct quality_verdict verdict = quality_lookup_tag(&tags->lookup, tag, &row);
    if (!verdict_filter_takes(&tags->filter, verdict))
        return true;
    tags->total++;
    if (paging_is_after(tag, tags->after_device, tags->after) && page_add_any_tag(context, tag))
        verdict_append(verdict, &tags->page.items);
    return true;
}

static void tags_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                            struct response *response)
{
    struct record_filter list;
    struct tags_page tags = {.lookup = thread_ctx_make_lookup(thread_ctx), .arena = request->arena};
    if (!paging_read_query(request, &list, response) ||
        !paging_split_after(request, &list, response) ||
        !verdict_filter_read(request, &tags.filter, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    tags.after_device = list.after_device;
    tags.after = list.after;
    tags.page.limit = list.limit++;
    if (!verdict_filter_is_any(&tags.filter)) {
        /* All tags are read, because `total` counts those that pass the filter. */
        list.after = list.after_device = "";
        list.limit = -1;
        record_store_each_tag(thread_ctx->store, request->arena, &list, page_add_judged_tag, &tags);
        paging_answer(&tags.page, tags.total, response);
    } else if (paging_must_build(thread_ctx, request, response)) {
        record_store_each_tag(thread_ctx->store, request->arena, &list, page_add_any_tag, &tags);
        paging_answer(&tags.page, record_store_count_tags(thread_ctx->store, &list), response);
        paging_cache_page(thread_ctx, request, response);
    }
    transaction_commit(thread_ctx, response);
}

static const struct crud_target tag_whole = {.ops = &tag_ops},
                                tag_merged = {.ops = &tag_ops, .merge = true},
                                tag_mqtt = {.ops = &tag_ops, .group = "mqtt"},
                                tag_modbus = {.ops = &tag_ops, .group = "modbus"};

#define TAGS API_PREFIX "/devices/{device}/tags"
#define TAG  TAGS "/{tag}"

static const struct route tag_rows[] = {
    {METHOD_GET, TAG, QUEUE_INLINE, .handle = crud_handle_get, .operand = &tag_whole},
    {METHOD_PUT, TAG, QUEUE_STORE, BODY_JSON, .handle = crud_handle_put, .operand = &tag_whole,
     .query_params = "dry_run"},
    {METHOD_PATCH, TAG, QUEUE_STORE, BODY_PATCH, .handle = crud_handle_put, .operand = &tag_merged,
     .query_params = "dry_run"},
    {METHOD_DELETE, TAG, QUEUE_STORE, .handle = crud_handle_delete, .operand = &tag_whole,
     .query_params = "dry_run"},
    {METHOD_POST, TAGS, QUEUE_STORE, BODY_JSON, .handle = crud_handle_post, .operand = &tag_whole,
     .query_params = "dry_run"},
    {METHOD_GET, TAGS, QUEUE_INLINE, .handle = device_tags_handle_get,
     .query_params = "limit after q"},
    {METHOD_GET, TAG "/mqtt", QUEUE_INLINE, .handle = crud_handle_get, .operand = &tag_mqtt},
    {METHOD_PUT, TAG "/mqtt", QUEUE_STORE, BODY_JSON, .handle = crud_handle_put,
     .operand = &tag_mqtt},
    {METHOD_GET, TAG "/modbus", QUEUE_INLINE, .handle = crud_handle_get, .operand = &tag_modbus},
    {METHOD_PUT, TAG "/modbus", QUEUE_STORE, BODY_JSON, .handle = crud_handle_put,
     .operand = &tag_modbus},
    {METHOD_GET, API_PREFIX "/tags", QUEUE_REPORT, .handle = tags_handle_get,
     .query_params = "device table quality reason q limit after"},
};

const struct route_table tag_routes = ROUTE_TABLE(tag_rows);
