/* Discoveries over HTTP: asked for, listed, read, deleted. tagferry-mqttd sees them in the store.
 */
#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/discovery/discovery_heard.h"
#include "api/discovery/discovery_json.h"
#include "api/discovery/discovery_request.h"
#include "api/discovery/discovery_routes.h"
#include "api/discovery/known_store.h"
#include "api/handler/paging.h"
#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/model/record_json.h"
#include "api/resources/config_service.h"
#include "common/base/clock.h"
#include "common/base/utc.h"
#include "common/model/topic.h"

enum { SECONDS_DEFAULT = 60, SECONDS_MAX = 3600 };

bool discovery_request_find(struct thread_ctx *thread_ctx, const struct request *request,
                            struct discovery *discovery, struct response *response)
{
    char *end;
    const char *text = request->param[0];
    long long id = strtoll(text, &end, 10);
    bool is_id = *text >= '0' && *text <= '9' && *end == '\0' && strlen(text) <= 18;
    if (is_id && discovery_store_find(thread_ctx->store, request->arena, id, discovery))
        return true;
    if (store_has_failed(thread_ctx->store))
        transaction_answer_failed(thread_ctx, response);
    else
        problem_respond(response, 404,
                        "There is no discovery %.32s. GET " API_PREFIX
                        "/discoveries lists those that are kept.",
                        text);
    return false;
}

/* Checks a filter of the body. */
static void check_discovery_topic(const cJSON *topic, const char *pointer,
                                  struct validation *validation)
{
    if (!cJSON_IsString(topic))
        validation_add_at(validation, pointer, "wrong_type", "must be a string");
    else if (!topic_filter_is_valid(topic->valuestring))
        validation_add_at(validation, pointer, "bad_topic",
                          "must be an MQTT topic filter, such as tele/# or plant/+/state");
    else if (topic_filter_body(topic->valuestring) != topic->valuestring)
        validation_add_at(validation, pointer, "bad_topic",
                          "must not be a shared subscription: it would take messages away from the "
                          "others that share it");
}

/* Reads {"topic" or "topics", "seconds"}. Returns the topics as a JSON array, or NULL with errors.
 */
static const char *discovery_read_body(const cJSON *body, struct validation *validation,
                                       int64_t *seconds)
{
    static const char *const members[] = {"topic", "topics", "seconds", NULL};
    struct text topics = {0};
    const cJSON *item;
    *seconds = SECONDS_DEFAULT;
    if (!cJSON_IsObject(body)) {
        validation_add_at(validation, "", "wrong_type",
                          "must be an object such as {\"topic\": \"tele/#\", \"seconds\": 60}");
        return NULL;
    }
    json_check_members(body, "", members, validation);
    const cJSON *one = cJSON_GetObjectItemCaseSensitive(body, "topic");
    const cJSON *many = cJSON_GetObjectItemCaseSensitive(body, "topics");
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(body, "seconds");
    bool is_number = cJSON_IsNumber(given);
    bool is_in_range = is_number && given->valuedouble >= 1 && given->valuedouble <= SECONDS_MAX;
    if (given && (!is_in_range || given->valuedouble != floor(given->valuedouble)))
        validation_add(validation, NULL, "seconds",
                       is_number && !is_in_range ? "out_of_range" : "wrong_type",
                       "must be an integer from 1 to %d", SECONDS_MAX);
    else if (given)
        *seconds = (int64_t)given->valuedouble;
    json_open(&topics, '[');
    if (!one == !many)
        validation_add(validation, NULL, one ? "topics" : "topic", one ? "duplicate" : "required",
                       "%s",
                       one ? "topic and topics exclude each other" : "topic or topics is required");
    if (one) {
        check_discovery_topic(one, "/topic", validation);
        json_write_string(&topics, cJSON_IsString(one) ? one->valuestring : "");
    }
    if (many && (!cJSON_IsArray(many) || cJSON_GetArraySize(many) < 1 ||
                 cJSON_GetArraySize(many) > DISCOVERY_FILTERS_MAX))
        validation_add(validation, NULL, "topics", "wrong_type",
                       "must be an array of 1 to %d topic filters", (int)DISCOVERY_FILTERS_MAX);
    int number = 0;
    cJSON_ArrayForEach(item, many)
    {
        check_discovery_topic(item, arena_format(validation->arena, "/topics/%d", number++),
                              validation);
        json_write_string(&topics, cJSON_IsString(item) ? item->valuestring : "");
    }
    json_close(&topics, ']');
    return topics.data;
}

/* False, with 409, when as many discoveries run as may. */
static bool discovery_may_begin(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    struct discovery all[DISCOVERY_ROWS_MAX], *first = NULL;
    size_t count = discovery_store_list(thread_ctx->store, request->arena, all), running = 0;
    for (size_t i = 0; i < count; i++) {
        if (all[i].ends_ms <= store_transaction_ms(thread_ctx->store))
            continue;
        running++;
        first = !first || all[i].ends_ms < first->ends_ms ? &all[i] : first;
    }
    if (running < DISCOVERY_RUNNING_MAX)
        return true;
    char time[UTC_TEXT_SIZE + 1];
    time[utc_format((uint64_t)first->ends_ms, time)] = '\0';
    problem_respond(
        response, 409,
        "%zu discoveries are running, which is the most. The next one ends at %s: wait, "
        "or end one now with DELETE " API_PREFIX "/discoveries/%lld.",
        running, time, (long long)first->id);
    return false;
}

/* Writes the discovery with what it has heard, without its topics. */
static void discovery_write_resource(struct thread_ctx *thread_ctx, const struct request *request,
                                     const struct discovery *discovery, struct text *text)
{
    struct discovery_heard heard;
    discovery_heard_read(&heard, thread_ctx, discovery, (int64_t)clock_wall_ms(), request->arena);
    json_open(text, '{');
    discovery_heard_write(&heard, discovery, text);
    json_close(text, '}');
    discovery_heard_finish(&heard);
}

/* What the audit has of a discovery. */
static const char *discovery_describe(struct arena *arena, const struct discovery *discovery)
{
    return arena_format(arena, "{\"id\":%lld,\"topics\":%s,\"seconds\":%lld}",
                        (long long)discovery->id, discovery->topics, (long long)discovery->seconds);
}

static void discoveries_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                                    struct response *response)
{
    struct validation validation = validation_make(request->arena);
    struct discovery discovery = {.who = request->who};
    struct config_service service = config_service_for_request(thread_ctx, request);
    cJSON *body = request_parse_body(request, response);
    if (!body)
        return;
    validation.prefix = "";
    discovery.topics = discovery_read_body(body, &validation, &discovery.seconds);
    json_body_free(body);
    if (validation.found > 0) {
        problem_respond_errors(response, 422, &validation);
        return;
    }
    if (!transaction_begin(thread_ctx, response))
        return;
    if (!discovery_may_begin(thread_ctx, request, response)) {
        store_rollback(thread_ctx->store);
        return;
    }
    discovery_store_insert(thread_ctx->store, &discovery);
    audit_add_discovery(thread_ctx->store, service.audit, "create", NULL,
                        discovery_describe(request->arena, &discovery));
    if (store_has_failed(thread_ctx->store)) {
        transaction_answer_failed(thread_ctx, response);
        return;
    }
    if (!transaction_commit(thread_ctx, response))
        return;
    response->status = 201;
    response->location =
        arena_format(request->arena, API_PREFIX "/discoveries/%lld", (long long)discovery.id);
    discovery_write_resource(thread_ctx, request, &discovery, &response->body);
}

static void discoveries_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                   struct response *response)
{
    struct discovery all[DISCOVERY_ROWS_MAX];
    struct list_page page = {.limit = DISCOVERY_ROWS_MAX};
    if (!transaction_begin(thread_ctx, response))
        return;
    size_t count = discovery_store_list(thread_ctx->store, request->arena, all);
    if (!transaction_commit(thread_ctx, response))
        return;
    for (size_t i = 0; i < count; i++) {
        if (paging_count_item(&page, ""))
            discovery_write_resource(thread_ctx, request, &all[i], &page.items);
    }
    paging_answer(&page, (int64_t)count, response);
}

/* Writes a page of the topics that contain `needle`, after the topic with the number `after`. */
static void discovery_write_topics(struct known_tags *known, const char *needle, int64_t after,
                                   int64_t limit, int64_t elapsed_ms, struct text *text)
{
    const struct survey *survey = known->survey;
    struct survey_topic topic;
    int64_t total = 0, written = 0, last = -1;
    bool more = false;
    json_write_key(text, "items");
    json_open(text, '[');
    for (uint32_t i = 0; survey && survey_read_topic(survey, i, &topic); i++) {
        if (*needle && !strcasestr(topic.topic, needle))
            continue;
        total++;
        if ((int64_t)i <= after)
            continue;
        more = written == limit;
        if (more)
            continue;
        discovery_write_topic(survey, &topic, known, elapsed_ms, text);
        written++;
        last = (int64_t)i;
    }
    json_close(text, ']');
    json_write_key(text, "total");
    json_write_integer(text, total);
    json_write_key(text, "next");
    if (more)
        json_write_integer(text, last);
    else
        json_write_null(text);
}

static void discovery_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    const struct query_params *params = &request->query_params;
    const char *why;
    int64_t limit = 100, after = -1;
    struct discovery discovery;
    struct discovery_heard heard;
    if (!query_param_number(params, "limit", 1, 1000, request->arena, &limit, &why) ||
        !query_param_number(params, "after", 0, INT32_MAX, request->arena, &after, &why)) {
        problem_respond(response, 400, "%s", why);
        return;
    }
    if (!transaction_begin(thread_ctx, response))
        return;
    if (!discovery_request_find(thread_ctx, request, &discovery, response)) {
        store_rollback(thread_ctx->store);
        return;
    }
    struct known_tags *known = known_store_load(thread_ctx->store, request->arena, NULL);
    if (!transaction_commit(thread_ctx, response))
        return;
    int64_t now = (int64_t)clock_wall_ms();
    discovery_heard_read(&heard, thread_ctx, &discovery, now, request->arena);
    int64_t until = now < discovery.ends_ms ? now : discovery.ends_ms;
    response->status = 200;
    json_open(&response->body, '{');
    discovery_heard_write(&heard, &discovery, &response->body);
    known->survey = heard.survey;
    discovery_write_topics(known, query_param(params, "q", ""), after, limit,
                           until - discovery.created_ms, &response->body);
    json_close(&response->body, '}');
    discovery_heard_finish(&heard);
}

static void discovery_handle_delete(struct thread_ctx *thread_ctx, const struct request *request,
                                    struct response *response)
{
    struct config_service service = config_service_for_request(thread_ctx, request);
    struct discovery discovery;
    if (!transaction_begin(thread_ctx, response))
        return;
    if (!discovery_request_find(thread_ctx, request, &discovery, response)) {
        store_rollback(thread_ctx->store);
        return;
    }
    discovery_store_delete(thread_ctx->store, discovery.id);
    audit_add_discovery(thread_ctx->store, service.audit, "delete",
                        discovery_describe(request->arena, &discovery), NULL);
    if (transaction_commit(thread_ctx, response))
        response->status = 204;
}

#define DISCOVERIES API_PREFIX "/discoveries"

static const struct route discovery_rows[] = {
    {METHOD_POST, DISCOVERIES, QUEUE_STORE, BODY_JSON, .handle = discoveries_handle_post},
    {METHOD_GET, DISCOVERIES, QUEUE_REPORT, .handle = discoveries_handle_get},
    {METHOD_GET, DISCOVERIES "/{discovery}", QUEUE_REPORT, .handle = discovery_handle_get,
     .query_params = "limit after q"},
    {METHOD_DELETE, DISCOVERIES "/{discovery}", QUEUE_STORE, .handle = discovery_handle_delete},
};

const struct route_table discovery_routes = ROUTE_TABLE(discovery_rows);
