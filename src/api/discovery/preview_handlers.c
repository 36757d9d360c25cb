/* POST /discoveries/preview: what the newest message of a tag's topic, or one that the request
 * gives, would write. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/discovery/discovery_json.h"
#include "api/discovery/discovery_routes.h"
#include "api/discovery/preview.h"
#include "api/discovery/preview_source.h"
#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/live/quality_lookup.h"
#include "api/model/record_json.h"
#include "api/model/record_location.h"
#include "api/model/resource_rules.h"
#include "api/resources/register_ranges.h"
#include "api/store/record_store.h"
#include "common/base/clock.h"
#include "common/model/topic.h"

/* The device and tag of the request, after the change that it describes. */
struct preview_ctx {
    struct thread_ctx *thread_ctx;
    struct arena *arena;
    struct validation validation, warnings;
    struct record device, tag;
    bool is_local;
    struct modbus_location location;
    bool is_new_address;                   /* the tag has none yet: it would get this one */
    bool has_message;                      /* the request gives one */
    struct preview_message message;        /* its topic may be NULL */
    const char *other_code, *other_detail; /* why the given message is not the tag's; or NULL */
};

/* Reads a resource: a merge patch of the stored one, or a new one. */
static void preview_read_resource(struct preview_ctx *ctx, const struct resource *resource,
                                  const cJSON *body, const struct record *old, const char *prefix,
                                  struct record *record)
{
    const struct read_only_values set = {.old = old, .from_export = true};
    ctx->validation.prefix = prefix;
    ctx->warnings.prefix = prefix;
    if (old)
        *record = *old;
    else
        record_set_defaults(resource, NULL, record);
    record_json_read(resource, body, old != NULL, &set, &ctx->validation, record);
}

/* Gives a new resource a name: the preview needs none. */
static void preview_give_name(cJSON *resource)
{
    if (cJSON_IsObject(resource) && !cJSON_HasObjectItem(resource, "name"))
        cJSON_AddStringToObject(resource, "name", "new");
}

/* Reads the member "device": a name, or a body. */
static void preview_read_device(struct preview_ctx *ctx, cJSON *member)
{
    const struct common_settings *common = &ctx->thread_ctx->settings->common;
    struct record old = {0};
    const cJSON *name =
        cJSON_IsObject(member) ? cJSON_GetObjectItemCaseSensitive(member, "name") : member;
    bool exists =
        cJSON_IsString(name) &&
        record_store_find_device(ctx->thread_ctx->store, ctx->arena, name->valuestring, &old);
    ctx->validation.prefix = "";
    preview_give_name(member);
    if (cJSON_IsObject(member)) {
        preview_read_resource(ctx, &device_resource, member, exists ? &old : NULL, "/device",
                              &ctx->device);
    } else if (exists) {
        ctx->device = old;
    } else if (cJSON_IsString(name)) {
        validation_add(&ctx->validation, NULL, "device", "unknown_device",
                       "no device has the name \"%.64s\"", name->valuestring);
        return;
    } else {
        validation_add(&ctx->validation, NULL, "device", member ? "wrong_type" : "required",
                       "must be the name of a device, or a device; only a tag with an mqtt.topic "
                       "of its own needs none");
        return;
    }
    ctx->location = modbus_location_of(&ctx->device, common);
    ctx->is_local = modbus_location_is_local(&ctx->location);
    rules_apply_to_device(&ctx->device, ctx->is_local, &common->units, &ctx->validation);
}

static const char *preview_tag_text(const cJSON *tag, const char *name)
{
    const cJSON *mqtt = cJSON_GetObjectItemCaseSensitive(tag, "mqtt");
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(mqtt, name));
}

/* Reads the member "tag". A tag that exists in the device gets the members as a merge patch. */
static void preview_read_tag(struct preview_ctx *ctx, cJSON *member)
{
    struct record old = {0};
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(member, "name");
    const char *device = record_field_text(&ctx->device, DEVICE_NAME);
    if (!cJSON_IsObject(member)) {
        ctx->validation.prefix = "";
        validation_add(&ctx->validation, NULL, "tag", member ? "wrong_type" : "required",
                       "must be a tag");
        return;
    }
    bool exists =
        device && cJSON_IsString(name) &&
        record_store_find_tag(ctx->thread_ctx->store, ctx->arena, device, name->valuestring, &old);
    if (preview_tag_text(member, "key"))
        preview_give_name(member);
    preview_read_resource(ctx, &tag_resource, member, exists ? &old : NULL, "/tag", &ctx->tag);
    rules_apply_to_tag(&ctx->tag, exists ? &old : NULL, ctx->is_local, &ctx->validation,
                       &ctx->warnings);
    rules_check_tag_sparkplug(&ctx->tag, &ctx->device, &ctx->validation, &ctx->warnings);
}

/* Reads the member "message". */
static void preview_read_message(struct preview_ctx *ctx, const cJSON *member)
{
    static const char *const members[] = {"topic", "payload", NULL};
    struct validation *validation = &ctx->validation;
    const cJSON *topic = cJSON_GetObjectItemCaseSensitive(member, "topic");
    const cJSON *payload = cJSON_GetObjectItemCaseSensitive(member, "payload");
    if (!member)
        return;
    validation->prefix = "";
    if (!cJSON_IsObject(member)) {
        validation_add(validation, NULL, "message", "wrong_type",
                       "must be an object with the members topic and payload");
        return;
    }
    json_check_members(member, "/message", members, validation);
    if (!cJSON_IsString(payload))
        validation_add(validation, "message", "payload", payload ? "wrong_type" : "required",
                       "must be the payload as text");
    if (topic && (!cJSON_IsString(topic) || !topic_name_is_valid(topic->valuestring)))
        validation_add(validation, "message", "topic", "invalid_topic",
                       "must be a topic without wildcards");
    if (validation->found > 0)
        return;
    ctx->has_message = true;
    ctx->message.payload = arena_strdup(ctx->arena, payload->valuestring);
    ctx->message.len = ctx->message.whole_len = strlen(ctx->message.payload);
    ctx->message.topic = topic ? arena_strdup(ctx->arena, topic->valuestring) : NULL;
}

/* The message that the request gives. Without a topic it is one of the tag's topic. */
static void preview_take_given(struct preview_ctx *ctx, struct preview_source *source)
{
    const char *own = record_field_text(&ctx->tag, TAG_TOPIC);
    const char *filter = own ? own : record_field_text(&ctx->device, DEVICE_TOPIC);
    struct preview_message *message = &ctx->message;
    if (!message->topic)
        message->topic = topic_filter_body(filter);
    else if (!topic_matches(topic_filter_body(filter), message->topic)) {
        ctx->other_code = "other_topic";
        ctx->other_detail = arena_format(ctx->arena, "the topic of the tag is %.200s", filter);
    }
    if (record_field_choice(&tag_resource, &ctx->tag, TAG_PAYLOAD) == PAYLOAD_SPARKPLUG) {
        ctx->other_code = "not_text";
        ctx->other_detail = "messages of Sparkplug B are not text, so that none can be given";
    } else if (!ctx->other_code && !preview_message_is_meant(&ctx->device, message, ctx->arena)) {
        ctx->other_code = "other_device";
        ctx->other_detail = "mqtt.where of the device does not hold for the message";
    }
    *source = (struct preview_source){
        .found = true, .message = *message, .at_ms = (int64_t)clock_wall_ms()};
}

/* Shows the address that a new tag would get. */
static void preview_find_address(struct preview_ctx *ctx)
{
    if (!record_field_is_null(&ctx->tag, TAG_ADDRESS))
        return;
    struct point point = record_tag_point(&ctx->tag);
    int64_t address =
        register_ranges_find_block(ctx->thread_ctx->store, &ctx->location,
                                   (enum modbus_table)point.table, 0, point_width(&point));
    ctx->is_new_address = address >= 0;
    if (ctx->is_new_address)
        ctx->tag.cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = address};
}

static void preview_write_message(const struct preview_source *source, struct text *text)
{
    const struct preview_message *message = &source->message;
    json_write_key(text, "message");
    if (!source->found) {
        json_write_null(text);
        return;
    }
    json_open(text, '{');
    json_write_key(text, "topic");
    json_write_string(text, message->topic);
    json_write_key(text, "at");
    json_write_time(text, (uint64_t)source->at_ms);
    json_write_key(text, "retained");
    json_write_bool(text, source->retained);
    discovery_write_payload(message->topic, message->payload, message->len, message->whole_len,
                            text);
    json_write_key(text, "discovery");
    if (source->discovery > 0)
        json_write_integer(text, source->discovery);
    else
        json_write_null(text);
    json_close(text, '}');
}

/* Writes what the registers would hold, and show. */
static void preview_write_registers(const struct preview_ctx *ctx,
                                    const struct preview_value *preview, struct text *text)
{
    char bytes[CODEC_TEXT_SIZE], number[VALUE_TEXT_SIZE];
    struct point point = record_tag_point(&ctx->tag);
    struct codec_registers registers = preview->registers;
    struct value value;
    uint16_t width = point_width(&point);
    if (point_is_part(&point)) /* as it is within its register */
        registers.words[0] = point_place_part(&point, registers.words[0]);
    json_write_key(text, "value");
    if (preview->has_registers) {
        codec_decode(&point, registers.words, bytes, &value);
        if (value.kind == VALUE_TEXT) {
            json_write_string_len(text, value.text, value.len);
        } else {
            value_format_json(&value, number);
            if (value_needs_quotes(&value))
                json_write_string(text, number);
            else
                json_write_raw(text, number);
        }
    } else {
        json_write_null(text);
    }
    json_write_key(text, "raw");
    json_open(text, '[');
    for (uint16_t i = 0; preview->has_registers && i < width; i++)
        json_write_integer(text, registers.words[i]);
    json_close(text, ']');
    json_write_key(text, "hex");
    json_open(text, '[');
    for (uint16_t i = 0; preview->has_registers && i < width; i++) {
        snprintf(number, sizeof number, "%04X", registers.words[i]);
        json_write_string(text, number);
    }
    json_close(text, ']');
}

/* Writes why nothing would be written, or null. */
static void preview_write_error(const struct preview_ctx *ctx, const struct preview_source *source,
                                const struct preview_value *preview, struct text *text)
{
    const struct preview_message *message = &source->message;
    const char *code = NULL, *detail = NULL;
    if (!source->found) {
        code = "no_message";
        detail = "no message of this topic is known; start a discovery of it (POST " API_PREFIX
                 "/discoveries), and ask again when it was heard";
    } else if (ctx->other_code) {
        code = ctx->other_code;
        detail = ctx->other_detail;
    } else if (message->len < message->whole_len && !source->has_metric) {
        code = "payload_cut";
        detail = arena_format(ctx->arena,
                              "only the first %zu of %zu bytes are known; a discovery of the topic "
                              "keeps all of them",
                              message->len, message->whole_len);
    } else if (!direction_has_messages(
                   record_field_choice(&tag_resource, &ctx->tag, TAG_DIRECTION))) {
        code = "no_values";
        detail =
            arena_format(ctx->arena, "the direction is %s: messages do not change the registers",
                         record_field_text(&ctx->tag, TAG_DIRECTION));
    } else if (preview->fault != FAULT_NONE) {
        struct point point = record_tag_point(&ctx->tag);
        code = fault_names[preview->fault];
        detail = arena_format(ctx->arena, "%s%s", preview->detail,
                              quality_lookup_refusal_hint(preview->fault, point.type));
    } else if (!preview->found) {
        code = "key_not_found";
        detail = "the message does not have the key";
    }
    json_write_key(text, "error");
    if (!code) {
        json_write_null(text);
        return;
    }
    json_open(text, '{');
    json_write_key(text, "code");
    json_write_string(text, code);
    json_write_key(text, "detail");
    json_write_string(text, detail);
    json_close(text, '}');
}

static void preview_respond(struct preview_ctx *ctx, struct response *response)
{
    struct text *text = &response->body;
    struct preview_source source;
    struct preview_value preview = {0};
    preview_find_address(ctx);
    if (ctx->has_message)
        preview_take_given(ctx, &source);
    else
        preview_source_find(ctx->thread_ctx, &ctx->device, &ctx->tag, ctx->arena, &source);
    if (source.has_metric)
        preview = preview_take_metric(&ctx->tag, &source.metric, ctx->arena);
    else if (source.found && !ctx->other_code && source.message.len == source.message.whole_len &&
             direction_has_messages(record_field_choice(&tag_resource, &ctx->tag, TAG_DIRECTION)))
        preview = preview_take_message(&ctx->tag, &source.message, ctx->arena);
    response->status = 200;
    json_open(text, '{');
    json_write_key(text, "device");
    json_write_string(text, record_field_text(&ctx->device, DEVICE_NAME));
    json_write_key(text, "tag");
    json_write_string(text, record_field_text(&ctx->tag, TAG_NAME));
    preview_write_message(&source, text);
    json_write_key(text, "key");
    json_write_string(text, record_field_text(&ctx->tag, TAG_KEY));
    json_write_key(text, "found");
    json_write_bool(text, preview.found);
    json_write_key(text, "json");
    if (preview.json)
        json_write_raw(text, preview.json);
    else
        json_write_null(text);
    json_write_key(text, "matched");
    json_write_string_or_null(text, preview.matched);
    json_write_key(text, "read");
    if (preview.read)
        json_write_raw(text, preview.read);
    else
        json_write_null(text);
    preview_write_registers(ctx, &preview, text);
    json_write_key(text, "is_on_stale");
    json_write_bool(text, preview.is_on_stale);
    json_write_key(text, "unit_id");
    json_write_integer(text, ctx->location.unit);
    json_write_key(text, "server");
    json_write_string_or_null(text, ctx->is_local ? NULL : ctx->location.server);
    if (!record_field_is_null(&ctx->tag, TAG_ADDRESS))
        record_json_write_location(&ctx->tag, text);
    json_write_key(text, "is_new_address");
    json_write_bool(text, ctx->is_new_address);
    preview_write_error(ctx, &source, &preview, text);
    if (ctx->warnings.count > 0) {
        json_write_key(text, "warnings");
        validation_write_errors(&ctx->warnings, text);
    }
    json_close(text, '}');
}

static void preview_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    static const char *const members[] = {"device", "tag", "message", NULL};
    struct preview_ctx *ctx = arena_alloc(request->arena, sizeof *ctx);
    cJSON *body = request_parse_body(request, response);
    if (!body)
        return;
    *ctx = (struct preview_ctx){.thread_ctx = thread_ctx,
                                .arena = request->arena,
                                .is_local = true, /* unless the device says something else */
                                .validation = validation_make(request->arena),
                                .warnings = validation_make(request->arena)};
    ctx->validation.prefix = "";
    if (!cJSON_IsObject(body)) {
        json_body_free(body);
        validation_add_at(&ctx->validation, "", "wrong_type",
                          "must be an object with the members device and tag");
        problem_respond_errors(response, 422, &ctx->validation);
        return;
    }
    json_check_members(body, "", members, &ctx->validation);
    if (!transaction_begin(thread_ctx, response)) {
        json_body_free(body);
        return;
    }
    cJSON *device = cJSON_GetObjectItemCaseSensitive(body, "device");
    cJSON *tag = cJSON_GetObjectItemCaseSensitive(body, "tag");
    const char *topic = preview_tag_text(tag, "topic");
    if (!device && topic) {
        device = cJSON_AddObjectToObject(body, "device");
        cJSON_AddStringToObject(cJSON_AddObjectToObject(device, "mqtt"), "topic", topic);
    }
    preview_read_device(ctx, device);
    preview_read_tag(ctx, tag);
    preview_read_message(ctx, cJSON_GetObjectItemCaseSensitive(body, "message"));
    json_body_free(body);
    if (store_has_failed(thread_ctx->store)) {
        transaction_answer_failed(thread_ctx, response);
        return;
    }
    if (ctx->validation.found > 0)
        problem_respond_errors(response, 422, &ctx->validation);
    else
        preview_respond(ctx, response);
    transaction_commit(thread_ctx, response);
}

static const struct route preview_rows[] = {
    {METHOD_POST, API_PREFIX "/discoveries/preview", QUEUE_REPORT, BODY_JSON,
     .handle = preview_handle_post, .reads = true},
};

const struct route_table preview_routes = ROUTE_TABLE(preview_rows);
