/* Health of the gateway, readiness, and the OpenAPI document. */
#include <string.h>

#include "api/base/embedded.h"
#include "api/handler/health.h"
#include "api/handler/thread_ctx.h"
#include "api/http/etag.h"
#include "api/http/problem.h"
#include "api/monitor/monitor_routes.h"

static void health_handle_alive(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    (void)thread_ctx, (void)request;
    response->status = 200;
    text_puts(&response->body, "{\"status\":\"ok\"}");
}

/* Parses a list such as "mqttd,store". False for an unknown name and for an empty list. */
static bool health_read_need(const char *text, bool needed[HEALTH_PARTS])
{
    while (true) {
        size_t len = strcspn(text, ","), kind = 0;
        while (kind < HEALTH_PARTS && (strlen(health_part_names[kind]) != len ||
                                       strncmp(health_part_names[kind], text, len) != 0))
            kind++;
        if (kind == HEALTH_PARTS)
            return false;
        needed[kind] = true;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

/* Ready when all parts that `need` lists are up; by default, all parts. */
static void health_handle_ready(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    struct health_part parts[HEALTH_PARTS];
    bool needed[HEALTH_PARTS] = {0}, ready = true;
    int64_t revision;
    if (!health_read_need(query_param(&request->query_params, "need", "mqttd,modbusd,broker,store"),
                          needed)) {
        problem_respond(response, 400,
                        "need must be a comma-separated list of mqttd, modbusd, broker and store.");
        return;
    }
    health_read_parts(thread_ctx, request->arena, parts, &revision);
    for (int i = 0; i < HEALTH_PARTS; i++)
        ready = ready && !(needed[i] && parts[i].reason);
    struct text *body = &response->body;
    json_open(body, '{');
    json_write_key(body, "status");
    json_write_string(body, ready ? "ready" : "not_ready");
    json_write_key(body, "revision");
    if (parts[HEALTH_STORE].reason)
        json_write_null(body);
    else
        json_write_integer(body, revision);
    for (int i = 0; i < HEALTH_PARTS; i++)
        health_write_part(health_part_names[i], &parts[i], body);
    json_close(body, '}');
    response->status = ready ? 200 : 503;
}

/* The document is embedded in the program, so the program's version is its entity tag. */
static void openapi_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    const struct embedded *document = &openapi_files[0];
    (void)thread_ctx;
    response->etag = arena_format(request->arena, "\"%s-%zx\"", TAGFERRY_VERSION, document->len);
    response->status = 304;
    if (request->if_none_match && etag_matches(request->if_none_match, response->etag, true))
        return;
    response->status = 200;
    text_append(&response->body, document->data, document->len);
}

static const struct route health_rows[] = {
    {METHOD_GET, API_PREFIX "/openapi.json", QUEUE_INLINE, .handle = openapi_handle_get},
    {METHOD_GET, "/healthz", QUEUE_INLINE, .handle = health_handle_alive, .open = true,
     .spare = true},
    {METHOD_GET, "/readyz", QUEUE_INLINE, .handle = health_handle_ready, .query_params = "need",
     .open = true, .spare = true},
};

const struct route_table health_routes = ROUTE_TABLE(health_rows);
