/* Health of the gateway, readiness, and the OpenAPI document. */
#include <string.h>

#include "api/base/embedded.h"
#include "api/handler/thread_ctx.h"
#include "api/http/etag.h"
#include "api/http/problem.h"
#include "api/monitor/monitor_routes.h"
#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

static void health_handle_alive(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    (void)thread_ctx, (void)request;
    response->status = 200;
    text_puts(&response->body, "{\"status\":\"ok\"}");
}

/* The parts that a working gateway needs. */
enum part_kind { PART_MQTTD, PART_MODBUSD, PART_BROKER, PART_STORE, PARTS };

static const char *const part_names[] = {"mqttd", "modbusd", "broker", "store"};
_Static_assert(sizeof part_names / sizeof part_names[0] == PARTS, "a name for each part");

struct health_part {
    const char *reason; /* NULL: it is up */
    uint64_t since_ms;  /* when this state began, ms since 1970; 0: unknown */
    const char *detail; /* text from the broker or the system, or NULL */
};

static const char *health_daemon_reason(enum daemon_state state)
{
    static const char *const reasons[] = {[DAEMON_UP] = NULL,
                                          [DAEMON_DOWN] = "not_running",
                                          [DAEMON_HANGS] = "hangs",
                                          [DAEMON_STARTING] = "starting"};
    REQUIRE((size_t)state < sizeof reasons / sizeof reasons[0]);
    return reasons[state];
}

static struct health_part health_check_mqttd(const struct live_view *live)
{
    static const char *const conditions[] = {[LIVE_STARTING] = "starting",
                                             [LIVE_WAITING_FOR_STORE] = "waiting_for_store",
                                             [LIVE_READING_STORE] = "reading_store",
                                             [LIVE_WITHOUT_ROOM] = "no_room",
                                             [LIVE_SERVING] = NULL};
    if (live->mqttd == DAEMON_DOWN || live->mqttd == DAEMON_HANGS)
        return (struct health_part){
            health_daemon_reason(live->mqttd),
            daemons_view_wall_ms(live->state.heartbeat_steady_ms, live->now_ms), NULL};
    return (struct health_part){conditions[live->state.condition], live->state.started_wall_ms,
                                NULL};
}

/* The last report of mqttd is invalid once mqttd is down. */
static struct health_part health_check_broker(const struct live_view *live,
                                              const struct health_part *mqttd, struct arena *arena)
{
    if (live->mqttd == DAEMON_DOWN || live->mqttd == DAEMON_HANGS)
        return (struct health_part){"mqttd_down", mqttd->since_ms, NULL};
    struct live_table_broker broker = live_table_read_broker(&live->live);
    bool up = broker.reason == BROKER_CONNECTED;
    return (struct health_part){up ? NULL : broker_reason_names[broker.reason], broker.wall_ms,
                                up || !broker.words[0] ? NULL
                                                       : arena_format(arena, "%s", broker.words)};
}

/* `since` is the time of the first check with this result. */
static struct health_part health_check_store(struct thread_ctx *thread_ctx, struct arena *arena,
                                             int64_t *revision)
{
    const char *detail = NULL;
    struct store_health *health = &thread_ctx->store_health;
    bool ok = store_begin(thread_ctx->store);
    *revision = ok ? store_read_revision(thread_ctx->store) : 0;
    ok = ok && store_commit(thread_ctx->store);
    if (!ok) {
        store_rollback(thread_ctx->store);
        detail = arena_format(arena, "%s", store_failure_reason(thread_ctx->store));
    }
    if (health->since_ms == 0 || health->failed == ok) {
        if (!ok)
            log_error("store: %s", detail ? detail : "no memory");
        *health = (struct store_health){.failed = !ok, .since_ms = clock_wall_ms()};
    }
    return (struct health_part){ok ? NULL : "cannot_be_read", health->since_ms, detail};
}

/* Parses a list such as "mqttd,store". False for an unknown name and for an empty list. */
static bool health_read_need(const char *text, bool needed[PARTS])
{
    while (true) {
        size_t len = strcspn(text, ","), kind = 0;
        while (kind < PARTS &&
               (strlen(part_names[kind]) != len || strncmp(part_names[kind], text, len) != 0))
            kind++;
        if (kind == PARTS)
            return false;
        needed[kind] = true;
        if (text[len] == '\0')
            return true;
        text += len + 1;
    }
}

static void health_write_part(const char *name, const struct health_part *part, struct text *body)
{
    json_write_key(body, name);
    json_open(body, '{');
    json_write_key(body, "state");
    json_write_string(body, part->reason ? "down" : "up");
    json_write_key(body, "reason");
    json_write_string_or_null(body, part->reason);
    json_write_key(body, "detail");
    json_write_string_or_null(body, part->detail);
    json_write_key(body, "since");
    if (part->since_ms)
        json_write_time(body, part->since_ms);
    else
        json_write_null(body);
    json_close(body, '}');
}

/* Ready when all parts that `need` lists are up; by default, all parts. */
static void health_handle_ready(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    struct health_part parts[PARTS];
    bool needed[PARTS] = {0}, ready = true;
    int64_t revision;
    if (!health_read_need(query_param(&request->query_params, "need", "mqttd,modbusd,broker,store"),
                          needed)) {
        problem_respond(response, 400,
                        "need must be a comma-separated list of mqttd, modbusd, broker and store.");
        return;
    }
    parts[PART_MQTTD] = health_check_mqttd(&thread_ctx->live);
    parts[PART_MODBUSD] = (struct health_part){health_daemon_reason(thread_ctx->live.modbusd.state),
                                               thread_ctx->live.modbusd.since_ms, NULL};
    parts[PART_BROKER] = health_check_broker(&thread_ctx->live, &parts[PART_MQTTD], request->arena);
    parts[PART_STORE] = health_check_store(thread_ctx, request->arena, &revision);
    for (int i = 0; i < PARTS; i++)
        ready = ready && !(needed[i] && parts[i].reason);
    struct text *body = &response->body;
    json_open(body, '{');
    json_write_key(body, "status");
    json_write_string(body, ready ? "ready" : "not_ready");
    json_write_key(body, "revision");
    if (parts[PART_STORE].reason)
        json_write_null(body);
    else
        json_write_integer(body, revision);
    for (int i = 0; i < PARTS; i++)
        health_write_part(part_names[i], &parts[i], body);
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
    {METHOD_GET, "/healthz", QUEUE_INLINE, .handle = health_handle_alive, .open = true},
    {METHOD_GET, "/readyz", QUEUE_INLINE, .handle = health_handle_ready, .query_params = "need",
     .open = true},
};

const struct route_table health_routes = ROUTE_TABLE(health_rows);
