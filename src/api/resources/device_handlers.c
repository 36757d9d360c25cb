/* Devices over HTTP. */
#include <string.h>

#include "api/handler/paging.h"
#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/live/quality_lookup.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/resources/crud.h"
#include "api/resources/resource_routes.h"
#include "common/base/require.h"

static void device_apply_rules(const struct config_service *config_service,
                               const struct record *parent, const struct record *old,
                               struct record *device, struct validation *validation,
                               struct validation *warnings)
{
    const struct common_settings *common = config_service->common;
    (void)parent;
    config_service_fill_device(config_service, old, device, validation, warnings);
    struct modbus_location location = modbus_location_of(device, common);
    rules_apply_to_device(device, modbus_location_is_local(&location), &common->units, validation);
    if (!old || warnings->root)
        return;
    /* A tag whose on_stale is written only when the device becomes stale. */
    struct query query = store_prepare_query(
        config_service->store, "SELECT min(name) FROM tag WHERE device_id = ?"
                               " AND modbus_on_stale IS NOT NULL AND modbus_on_null = 'hold'");
    query_bind_integer(&query, old->id);
    const char *tag =
        query_next_row(&query) ? query_read_text(&query, config_service->arena) : NULL;
    query_finish(&query);
    rules_warn_device_stale(device, tag, warnings);
    query = store_prepare_query(config_service->store,
                                "SELECT min(name) FROM tag WHERE device_id = ?"
                                " AND mqtt_payload = 'sparkplug' AND mqtt_topic IS NULL");
    query_bind_integer(&query, old->id);
    const char *metric =
        query_next_row(&query) ? query_read_text(&query, config_service->arena) : NULL;
    query_finish(&query);
    rules_warn_device_sparkplug(device, metric, warnings);
}

static const struct resource_ops device_ops = {
    .resource = &device_resource,
    .apply_rules = device_apply_rules,
    .create = config_service_create_device,
    .change = config_service_change_device,
    .remove = config_service_delete_device,
};

/* A page of devices. */
struct devices_page {
    struct list_page page;
    struct quality_lookup lookup;
    const char *after;
    struct verdict_filter filter;
    int64_t total; /* with a filter */
    bool with_live;
};

static bool page_add_device(void *context, const struct record *device)
{
    struct devices_page *devices = context;
    if (!paging_count_item(&devices->page, record_field_text(device, DEVICE_NAME)))
        return false;
    record_json_write(&device_resource, device, NULL, &devices->page.items);
    return true;
}

static int64_t count_device_tags(struct store *store, const struct record *device)
{
    struct query query = store_prepare_query(store, "SELECT count(*) FROM tag WHERE device_id = ?");
    query_bind_integer(&query, device->id);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}

/* Writes the member "live" into the object at the end of `text`. */
static void append_device_live(const struct quality_lookup *lookup, const struct record *device,
                               const struct live_table_row *row, struct text *text)
{
    REQUIRE(text->len > 0 && text->data[text->len - 1] == '}');
    text->len--;
    json_write_key(text, "live");
    json_open(text, '{');
    json_write_key(text, "last_message_at");
    json_write_time(text, row->value.wall_ms);
    row_write_age(row, lookup->live->now_ms, text);
    json_write_key(text, "messages");
    json_write_integer(text, (int64_t)row->messages);
    json_write_key(text, "rejects");
    json_write_integer(text, (int64_t)row->rejects);
    json_write_key(text, "tags");
    json_write_integer(text, count_device_tags(lookup->store, device));
    json_close(text, '}');
    json_close(text, '}');
}

static bool page_add_judged_device(void *context, const struct record *device)
{
    struct devices_page *devices = context;
    struct live_table_row row;
    struct quality_verdict verdict = quality_lookup_device(&devices->lookup, device, &row);
    if (!verdict_filter_takes(&devices->filter, verdict))
        return true;
    devices->total++;
    if (strcmp(record_field_text(device, DEVICE_NAME), devices->after) <= 0)
        return true;
    if (!page_add_device(context, device))
        return !verdict_filter_is_any(&devices->filter); /* count the others, too */
    verdict_append(verdict, &devices->page.items);
    if (devices->with_live)
        append_device_live(&devices->lookup, device, &row, &devices->page.items);
    return true;
}

/* Reads the parameter `live`. False when it has answered 400. */
static bool read_live_param(const struct request *request, bool *with_live,
                            struct response *response)
{
    const char *word = query_param(&request->query_params, "live", "false");
    *with_live = strcmp(word, "true") == 0;
    if (*with_live || strcmp(word, "false") == 0)
        return true;
    problem_respond(response, 400, "live must be true or false.");
    return false;
}

static void devices_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    struct record_filter list;
    struct devices_page devices = {.lookup = thread_ctx_make_lookup(thread_ctx)};
    if (!paging_read_query(request, &list, response) ||
        !verdict_filter_read(request, &devices.filter, response) ||
        !read_live_param(request, &devices.with_live, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    devices.after = list.after;
    devices.page.limit = list.limit++;
    if (verdict_filter_is_any(&devices.filter) && devices.with_live) {
        record_store_each_device(thread_ctx->store, request->arena, &list, page_add_judged_device,
                                 &devices);
        paging_answer(&devices.page, record_store_count_devices(thread_ctx->store, &list),
                      response);
    } else if (!verdict_filter_is_any(&devices.filter)) {
        list.after = "";
        list.limit = -1;
        record_store_each_device(thread_ctx->store, request->arena, &list, page_add_judged_device,
                                 &devices);
        paging_answer(&devices.page, devices.total, response);
    } else if (paging_must_build(thread_ctx, request, response)) {
        record_store_each_device(thread_ctx->store, request->arena, &list, page_add_device,
                                 &devices);
        paging_answer(&devices.page, record_store_count_devices(thread_ctx->store, &list),
                      response);
        paging_cache_page(thread_ctx, request, response);
    }
    transaction_commit(thread_ctx, response);
}

/* Copies the newest failed write of the device's tags to the device's row: a device can receive
 * messages while its Modbus server refuses writes. Returns the type of the tag that has refused the
 * newest refused value of the device, or -1. */
static int merge_tag_faults(struct thread_ctx *thread_ctx, const struct record *device,
                            struct arena *arena, struct live_table_row *row)
{
    int type = -1;
    struct query query = store_prepare_query(
        thread_ctx->store, "SELECT id, slot, modbus_type FROM tag WHERE device_id = ?");
    query_bind_integer(&query, device->id);
    while (query_next_row(&query)) {
        struct live_table_row tag;
        int64_t id = query_read_integer(&query), slot = query_read_integer(&query);
        live_view_read_row(&thread_ctx->live, LIVE_TAG, id, slot, &tag);
        if (tag.fault != FAULT_NONE && tag.fault == row->fault &&
            tag.fault_wall_ms == row->fault_wall_ms && strcmp(tag.excerpt, row->excerpt) == 0)
            type = name_list_find(type_names, query_read_text(&query, arena));
        if (tag.write_fault.fault == FAULT_NONE ||
            (row->write_fault.fault != FAULT_NONE &&
             tag.write_fault_wall_ms <= row->write_fault_wall_ms))
            continue;
        row->write_fault = tag.write_fault;
        row->write_fault_wall_ms = tag.write_fault_wall_ms;
    }
    return type;
}

static void device_handle_status(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    struct record device;
    struct live_table_row row;
    if (!transaction_begin(thread_ctx, response))
        return;
    if (!request_find_device(thread_ctx, request, &device, response)) {
        store_rollback(thread_ctx->store);
        return;
    }
    struct quality_lookup lookup = thread_ctx_make_lookup(thread_ctx);
    struct quality_verdict verdict = quality_lookup_device(&lookup, &device, &row);
    bool is_here = record_is_held_here(&device, &thread_ctx->settings->common);
    int type = is_here ? merge_tag_faults(thread_ctx, &device, request->arena, &row) : -1;
    if (transaction_commit(thread_ctx, response)) {
        struct text *body = &response->body;
        struct modbus_location location =
            modbus_location_of(&device, &thread_ctx->settings->common);
        json_open(body, '{');
        json_write_key(body, "device");
        json_write_string(body, record_field_text(&device, DEVICE_NAME));
        verdict_write(verdict, body);
        json_write_key(body, "gateway");
        json_write_string_or_null(body, record_field_text(&device, DEVICE_GATEWAY));
        json_write_key(body, "last_message_at");
        json_write_time(body, row.value.wall_ms);
        json_write_key(body, "messages");
        json_write_integer(body, (int64_t)row.messages);
        json_write_key(body, "rejects");
        json_write_integer(body, (int64_t)row.rejects);
        json_write_key(body, "last_error");
        quality_lookup_write_error(&row, type, &location, body);
        json_close(body, '}');
        response->status = 200;
    }
    store_rollback(thread_ctx->store);
}

static const struct crud_target device_whole = {.ops = &device_ops},
                                device_merged = {.ops = &device_ops, .merge = true},
                                device_network = {.ops = &device_ops, .group = "network"},
                                device_mqtt = {.ops = &device_ops, .group = "mqtt"};

#define DEVICES API_PREFIX "/devices"
#define DEVICE  DEVICES "/{device}"

static const struct route device_rows[] = {
    {METHOD_GET, DEVICE, QUEUE_INLINE, .handle = crud_handle_get, .operand = &device_whole},
    {METHOD_PUT, DEVICE, QUEUE_STORE, BODY_JSON, .handle = crud_handle_put,
     .operand = &device_whole, .query_params = "confirm dry_run"},
    {METHOD_PATCH, DEVICE, QUEUE_STORE, BODY_PATCH, .handle = crud_handle_put,
     .operand = &device_merged, .query_params = "confirm dry_run"},
    {METHOD_DELETE, DEVICE, QUEUE_STORE, .handle = crud_handle_delete, .operand = &device_whole,
     .query_params = "confirm dry_run"},
    {METHOD_POST, DEVICES, QUEUE_STORE, BODY_JSON, .handle = crud_handle_post,
     .operand = &device_whole, .query_params = "dry_run"},
    {METHOD_GET, DEVICES, QUEUE_REPORT, .handle = devices_handle_get,
     .query_params = "quality reason live q limit after"},
    {METHOD_GET, DEVICE "/network", QUEUE_INLINE, .handle = crud_handle_get,
     .operand = &device_network},
    {METHOD_PUT, DEVICE "/network", QUEUE_STORE, BODY_JSON, .handle = crud_handle_put,
     .operand = &device_network},
    {METHOD_GET, DEVICE "/mqtt", QUEUE_INLINE, .handle = crud_handle_get, .operand = &device_mqtt},
    {METHOD_PUT, DEVICE "/mqtt", QUEUE_STORE, BODY_JSON, .handle = crud_handle_put,
     .operand = &device_mqtt},
    {METHOD_GET, DEVICE "/status", QUEUE_INLINE, .handle = device_handle_status},
};

const struct route_table device_routes = ROUTE_TABLE(device_rows);
