/* Values over HTTP: read, list, write, stream. Handlers that use Modbus run in the Modbus queue. */
#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/handler/paging.h"
#include "api/handler/precondition.h"
#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/history/history.h"
#include "api/http/problem.h"
#include "api/live/quality_lookup.h"
#include "api/live/tag_io.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/monitor/monitor_routes.h"
#include "api/monitor/stream.h"
#include "common/base/require.h"

/* A request for the value of one tag. */
struct value_ctx {
    struct record tag;
    struct tag_io read;
    struct live_table_row row;
    struct quality_verdict verdict;
    const char *gateway; /* that holds the device, if this one does not; else NULL */
};

static bool value_handler_find(struct thread_ctx *thread_ctx, const struct request *request,
                               struct value_ctx *ctx, struct response *response)
{
    struct quality_lookup lookup = thread_ctx_make_lookup(thread_ctx);
    if (!transaction_begin(thread_ctx, response))
        return false;
    if (!request_find_tag(thread_ctx, request, &ctx->tag, response)) {
        store_rollback(thread_ctx->store);
        return false;
    }
    ctx->verdict = quality_lookup_tag(&lookup, &ctx->tag, &ctx->row);
    ctx->read = tag_io_make(&ctx->tag, &lookup.place, &lookup.terms);
    ctx->gateway = lookup.terms.is_elsewhere ? arena_strdup(request->arena, lookup.gateway) : NULL;
    ctx->read.write_single = lookup.write_single && !modbus_location_is_local(&lookup.place);
    return transaction_commit(thread_ctx, response);
}

/* Answers with the value that was read or written, or with its failure. */
static void value_handler_answer(struct thread_ctx *thread_ctx, const struct value_ctx *ctx,
                                 struct response *response)
{
    if (!ctx->read.ok && ctx->read.fault != FAULT_NONE) {
        problem_respond(response, 503, "The Modbus server cannot serve this value (%s): %s.",
                        fault_names[ctx->read.fault], ctx->read.reason);
        return;
    }
    response->status = 200;
    tag_io_write_json(&ctx->read, &ctx->row, ctx->verdict, thread_ctx->live.now_ms,
                      &response->body);
}

static void value_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                             struct response *response)
{
    struct value_ctx ctx;
    if (!value_handler_find(thread_ctx, request, &ctx, response))
        return;
    tag_io_fetch(&thread_ctx->links, request->arena, &ctx.row, &ctx.read, 1);
    value_handler_answer(thread_ctx, &ctx, response);
}

/* Encodes the value of the body. Its strings are looked up in the tag's map of values; numbers and
 * booleans are what GET shows, so that a value that was read can be written back. */
static enum fault value_handler_encode(const struct request *request, const struct value_ctx *ctx,
                                       const cJSON *item, struct codec_registers *registers)
{
    const struct value_map map = record_tag_values(&ctx->tag, request->arena);
    struct scalar scalar = scalar_from_json(item);
    return codec_encode_given(&ctx->read.point, &map, ctx->read.is_command, &scalar, registers);
}

/* True unless the registers are behind a serial line, where a second client would disturb
 * tagferry-mqttd, or TLS, for which it has the certificates; else it has answered 409. */
static bool value_handler_may_connect(const struct value_ctx *ctx, struct response *response)
{
    if (ctx->read.place.is_exclusive)
        problem_respond(response, 409,
                        "The device %s is reached by RTU or TLS on %s, where only tagferry-mqttd "
                        "may send requests: publish the value to the topic of the tag instead.",
                        ctx->tag.device, ctx->read.place.server);
    return !ctx->read.place.is_exclusive;
}

/* What may be written to the tag: ", which goes from 0 to 65535; or one of the words off, on". */
static const char *value_handler_describe(const struct request *request,
                                          const struct value_ctx *ctx)
{
    const struct point *point = &ctx->read.point;
    const struct type_info *info = &type_info[point->type];
    const struct value_map map = record_tag_values(&ctx->tag, request->arena);
    const char *text = "";
    if (point->type == TYPE_STRING)
        return arena_format(request->arena, ", which is a text of at most %d bytes",
                            2 * point->length);
    if (info->is_integer && point->scale == 1 && point->offset == 0)
        text = arena_format(request->arena, ", which goes from %s%llu to %llu",
                            info->below > 0 ? "-" : "", (unsigned long long)info->below,
                            (unsigned long long)info->above);
    else if (info->is_integer) {
        double first = info->min * point->scale + point->offset;
        double last = info->max * point->scale + point->offset;
        text = arena_format(request->arena, ", which goes from %.15g to %.15g with its scale",
                            first < last ? first : last, first < last ? last : first);
    } else if (info->is_float)
        text = ", which is a finite number";
    for (size_t i = 0; i < map.count; i++)
        text = arena_format(request->arena, "%s%s%s", text,
                            i == 0 ? "; mqtt.values has the words " : ", ", map.entries[i].text);
    return text;
}

/* How to have the value accepted. A JSON number of 2^53 or more is rounded when it is read: the
 * highest uint64 becomes 2^64, which is out of range. */
static const char *value_handler_hint(enum fault fault, int type, const cJSON *item)
{
    bool is_rounded = item && cJSON_IsNumber(item) && fabs(item->valuedouble) >= 0x1p53;
    if (fault == FAULT_OUT_OF_RANGE && is_rounded && (type == TYPE_INT64 || type == TYPE_UINT64))
        fault = FAULT_INEXACT_INTEGER;
    return quality_lookup_refusal_hint(fault, type);
}

/* Returns the member "value" of the body; adds an error if it is missing or not the only member. */
static const cJSON *value_handler_read_body(const cJSON *body, struct validation *validation)
{
    static const char *const members[] = {"value", NULL};
    if (!cJSON_IsObject(body)) {
        validation_add_at(validation, "", "wrong_type", "must be an object");
        return NULL;
    }
    json_check_members(body, "", members, validation);
    const cJSON *value = cJSON_GetObjectItemCaseSensitive(body, "value");
    if (!value)
        validation_add(validation, NULL, "value", "required", "is required");
    return value;
}

/* Passes the value that is in the registers after a write on to the history. */
static void value_handler_note_write(struct thread_ctx *thread_ctx, const struct value_ctx *ctx)
{
    char text[CODEC_TEXT_SIZE];
    struct value value = {.kind = VALUE_NONE};
    if (ctx->read.ok)
        codec_decode(&ctx->read.point, ctx->read.registers.words, text, &value);
    history_note_write(thread_ctx->history, ctx->tag.id, &value);
}

/* True when this gateway holds the registers; else it has answered 409. */
static bool value_handler_is_here(const struct thread_ctx *thread_ctx, const struct value_ctx *ctx,
                                  struct response *response)
{
    const char *own = thread_ctx->settings->common.gateway;
    if (ctx->gateway && *own)
        problem_respond(response, 409,
                        "The device %s belongs to the gateway %s, and this gateway is %s: write "
                        "the value there.",
                        ctx->tag.device, ctx->gateway, own);
    else if (ctx->gateway)
        problem_respond(response, 409,
                        "The device %s belongs to the gateway %s, and this gateway has no name: "
                        "write the value there, or set [common] gateway here.",
                        ctx->tag.device, ctx->gateway);
    return !ctx->gateway;
}

/* True for a tag whose value may be written; else it has answered 409. */
static bool value_handler_may_write(const struct value_ctx *ctx, struct response *response)
{
    int direction = record_field_choice(&tag_resource, &ctx->tag, TAG_DIRECTION);
    if (direction_is_own(direction))
        problem_respond(response, 409,
                        "Tagferry sets the value of the tag %s/%s itself, and would write its own "
                        "again%s.",
                        ctx->tag.device, record_field_text(&ctx->tag, TAG_NAME),
                        direction == CONSTANT ? ": change modbus.constant of the tag" : "");
    return !direction_is_own(direction);
}

static void value_handler_write(struct thread_ctx *thread_ctx, const struct request *request,
                                const cJSON *body, struct response *response)
{
    struct value_ctx ctx;
    struct codec_registers registers;
    struct validation validation = validation_make(request->arena);
    if (!value_handler_find(thread_ctx, request, &ctx, response) ||
        !precondition_check_if_match(thread_ctx, request, ctx.tag.revision, response) ||
        !value_handler_is_here(thread_ctx, &ctx, response) ||
        !value_handler_may_write(&ctx, response) || !value_handler_may_connect(&ctx, response))
        return;
    const cJSON *item = value_handler_read_body(body, &validation);
    enum fault fault =
        validation.found == 0 ? value_handler_encode(request, &ctx, item, &registers) : FAULT_NONE;
    if (fault != FAULT_NONE)
        validation_add(&validation, NULL, "value", fault_names[fault],
                       "is not a value of type %s%s%s", record_field_text(&ctx.tag, TAG_TYPE),
                       value_handler_describe(request, &ctx),
                       value_handler_hint(fault, ctx.read.point.type, item));
    if (validation.found > 0) {
        problem_respond_errors(response, 422, &validation);
        return;
    }
    bool written = tag_io_write(&thread_ctx->links, request->arena, &registers, &ctx.read);
    if (written && modbus_location_is_local(&ctx.read.place))
        tag_io_fetch(&thread_ctx->links, request->arena, &ctx.row, &ctx.read, 1);
    if (written)
        value_handler_note_write(thread_ctx, &ctx);
    value_handler_answer(thread_ctx, &ctx, response);
}

static void value_handle_put(struct thread_ctx *thread_ctx, const struct request *request,
                             struct response *response)
{
    cJSON *body = request_parse_body(request, response);
    if (body)
        value_handler_write(thread_ctx, request, body, response);
    cJSON_Delete(body);
}

/* A page of values while it is built: parallel arrays of `count` items. */
struct values_page {
    struct list_page page;
    struct quality_lookup lookup;
    struct arena *arena;
    size_t count;
    struct tag_io *reads;
    struct live_table_row *rows;
    struct quality_verdict *verdicts;
    const char *after_device, *after;
    struct verdict_filter filter;
    int64_t total; /* tags that match the filter; counted only with a filter */
};

static bool values_page_take_tag(void *context, const struct record *tag)
{
    struct values_page *values = context;
    size_t i = values->count;
    REQUIRE((int64_t)i <= values->page.limit);
    const char *place =
        arena_format(values->arena, "%s/%s", tag->device, record_field_text(tag, TAG_NAME));
    if (!paging_count_item(&values->page, place))
        return false;
    values->verdicts[i] = quality_lookup_tag(&values->lookup, tag, &values->rows[i]);
    values->reads[i] = tag_io_make(tag, &values->lookup.place, &values->lookup.terms);
    values->count++;
    return true;
}

static bool values_page_filter_tag(void *context, const struct record *tag)
{
    struct values_page *values = context;
    struct live_table_row row;
    if (!verdict_filter_takes(&values->filter, quality_lookup_tag(&values->lookup, tag, &row)))
        return true;
    values->total++;
    if (paging_is_after(tag, values->after_device, values->after))
        values_page_take_tag(context, tag);
    return true;
}

/* Lists the tags of the page and returns the total. With a filter by quality, it checks every tag
 * and counts the matches. */
static int64_t values_page_list_tags(struct thread_ctx *thread_ctx, struct record_filter *list,
                                     struct values_page *values)
{
    if (verdict_filter_is_any(&values->filter)) {
        record_store_each_tag(thread_ctx->store, values->arena, list, values_page_take_tag, values);
        return record_store_count_tags(thread_ctx->store, list);
    }
    list->after = list->after_device = "";
    list->limit = -1;
    record_store_each_tag(thread_ctx->store, values->arena, list, values_page_filter_tag, values);
    return values->total;
}

static void values_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                              struct response *response)
{
    struct record_filter list;
    struct verdict_filter filter;
    struct arena *arena = request->arena;
    if (!paging_read_query(request, &list, response) ||
        !paging_split_after(request, &list, response) ||
        !verdict_filter_read(request, &filter, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    size_t limit = (size_t)list.limit;
    struct values_page values = {
        .page = {.limit = list.limit++},
        .lookup = thread_ctx_make_lookup(thread_ctx),
        .arena = arena,
        .reads = arena_alloc(arena, limit * sizeof(struct tag_io)),
        .rows = arena_alloc(arena, limit * sizeof(struct live_table_row)),
        .verdicts = arena_alloc(arena, limit * sizeof(struct quality_verdict)),
        .after_device = list.after_device,
        .after = list.after,
        .filter = filter,
    };
    int64_t total = values_page_list_tags(thread_ctx, &list, &values);
    if (!transaction_commit(thread_ctx, response))
        return;
    tag_io_fetch(&thread_ctx->links, arena, values.rows, values.reads, values.count);
    for (size_t i = 0; i < values.count; i++)
        tag_io_write_json(&values.reads[i], &values.rows[i], values.verdicts[i],
                          thread_ctx->live.now_ms, &values.page.items);
    paging_answer(&values.page, total, response);
}

static void values_handle_stream(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    const char *device = query_param(&request->query_params, "device", NULL);
    struct record found;
    if (!transaction_begin(thread_ctx, response))
        return;
    if (device && !record_store_find_device(thread_ctx->store, request->arena, device, &found))
        problem_respond(response, 404, "No device has the name \"%.64s\".", device);
    else
        *response =
            (struct response){.status = 200,
                              .stream = {stream_hub_open_stream, thread_ctx->streams, device},
                              .content_type = "text/event-stream"};
    transaction_commit(thread_ctx, response);
}

#define VALUE API_PREFIX "/devices/{device}/tags/{tag}/value"

static const struct route value_rows[] = {
    {METHOD_GET, VALUE, QUEUE_MODBUS, .handle = value_handle_get},
    {METHOD_PUT, VALUE, QUEUE_MODBUS, BODY_JSON, .handle = value_handle_put},
    {METHOD_GET, API_PREFIX "/values", QUEUE_MODBUS, .handle = values_handle_get,
     .query_params = "device table quality reason q limit after"},
    {METHOD_GET, API_PREFIX "/values/stream", QUEUE_INLINE, .handle = values_handle_stream,
     .query_params = "device"},
};

const struct route_table value_routes = ROUTE_TABLE(value_rows);
