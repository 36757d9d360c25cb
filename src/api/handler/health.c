/* Reads the state of the other daemons, of the broker and of the store. */
#include "api/handler/health.h"

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"

const char *const health_part_names[HEALTH_PARTS] = {"mqttd", "modbusd", "broker", "store"};

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
                                broker.words[0] ? arena_format(arena, "%s", broker.words) : NULL};
}

/* `since` is the time of the first check with this result, or of the start. */
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
    if (health->failed == ok) {
        if (!ok)
            log_error("store: %s", detail ? detail : "no memory");
        *health = (struct store_health){.failed = !ok, .since_ms = clock_wall_ms()};
    }
    return (struct health_part){ok ? NULL : "cannot_be_read", health->since_ms, detail};
}

void health_read_parts(struct thread_ctx *thread_ctx, struct arena *arena,
                       struct health_part parts[HEALTH_PARTS], int64_t *revision)
{
    parts[HEALTH_MQTTD] = health_check_mqttd(&thread_ctx->live);
    parts[HEALTH_MODBUSD] =
        (struct health_part){health_daemon_reason(thread_ctx->live.modbusd.state),
                             thread_ctx->live.modbusd.since_ms, NULL};
    parts[HEALTH_BROKER] = health_check_broker(&thread_ctx->live, &parts[HEALTH_MQTTD], arena);
    parts[HEALTH_STORE] = health_check_store(thread_ctx, arena, revision);
}

void health_write_part(const char *name, const struct health_part *part, struct text *body)
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
