/* GET and POST /api/v1/gateways: the gateways that are known, and the role of this one. */
#include <cjson/cJSON.h>
#include <stdio.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/handler/health.h"
#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/model/record_json.h"
#include "api/replica/replica.h"
#include "api/replica/replica_routes.h"
#include "api/store/kept_store.h"

/* The list while it is written. */
struct gateway_list {
    struct thread_ctx *thread_ctx;
    const struct request *request;
    struct text items;
    size_t count;
    int64_t anywhere; /* devices that every gateway holds */
    const char *own_gateway, *own_host;
};

struct gateway_count {
    const char *name;
    int64_t devices;
    bool is_listed;
    struct gateway_count *next;
};

/* One gateway. Texts may be NULL. */
struct gateway_item {
    const char *name, *host, *role, *leader;
    bool self;
    const struct store_position *has; /* or NULL: unknown */
    double lag_s;                     /* < 0: none */
    const char *error, *detail;       /* or NULL */
    uint64_t error_ms, seen_ms;       /* since 1970, or 0 */
};

static const char *gateway_text(const char *text)
{
    return text && *text ? text : NULL;
}

/* Counts a device for the gateway, and notes that it is listed. */
static int64_t gateway_count_devices(struct gateway_list *list, struct gateway_count *counts,
                                     const char *name)
{
    for (struct gateway_count *count = counts; count && name; count = count->next) {
        if (strcmp(count->name, name) != 0)
            continue;
        count->is_listed = true;
        return list->anywhere + count->devices;
    }
    return list->anywhere;
}

static void gateway_write_item(struct gateway_list *list, const struct gateway_item *item,
                               int64_t devices)
{
    struct text *text = &list->items;
    json_write_key(text, "name");
    json_write_string_or_null(text, item->name);
    json_write_key(text, "host");
    json_write_string_or_null(text, item->host);
    json_write_key(text, "self");
    json_write_bool(text, item->self);
    json_write_key(text, "role");
    json_write_string_or_null(text, item->role);
    json_write_key(text, "leader");
    json_write_string_or_null(text, item->leader);
    json_write_key(text, "term");
    if (item->has)
        json_write_integer(text, item->has->term);
    else
        json_write_null(text);
    json_write_key(text, "revision");
    if (item->has)
        json_write_integer(text, item->has->revision);
    else
        json_write_null(text);
    json_write_key(text, "lag_s");
    if (item->lag_s >= 0)
        json_write_real(text, (double)(int64_t)(item->lag_s * 10) / 10);
    else
        json_write_null(text);
    json_write_key(text, "last_error");
    if (item->error) {
        json_open(text, '{');
        json_write_key(text, "code");
        json_write_string(text, item->error);
        json_write_key(text, "detail");
        json_write_string(text, item->detail);
        json_write_key(text, "at");
        json_write_time(text, item->error_ms);
        json_close(text, '}');
    } else {
        json_write_null(text);
    }
    json_write_key(text, "devices");
    json_write_integer(text, devices);
    json_write_key(text, "last_seen");
    if (item->seen_ms)
        json_write_time(text, item->seen_ms);
    else
        json_write_null(text);
}

static void gateway_write_state(struct text *text, const char *name, const char *reason)
{
    json_write_key(text, name);
    json_open(text, '{');
    json_write_key(text, "state");
    json_write_string(text, reason ? "down" : "up");
    json_write_key(text, "reason");
    json_write_string_or_null(text, reason);
    json_close(text, '}');
}

/* Writes `ready` and `parts` of this gateway. */
static void gateway_write_own_parts(struct gateway_list *list)
{
    struct text *text = &list->items;
    struct health_part parts[HEALTH_PARTS];
    int64_t revision;
    bool ready = true;
    health_read_parts(list->thread_ctx, list->request->arena, parts, &revision);
    for (int i = 0; i < HEALTH_PARTS; i++)
        ready = ready && !parts[i].reason;
    json_write_key(text, "ready");
    json_write_bool(text, ready);
    json_write_key(text, "parts");
    json_open(text, '{');
    for (int i = 0; i < HEALTH_PARTS; i++)
        gateway_write_state(text, health_part_names[i], parts[i].reason);
    json_close(text, '}');
}

/* The same of a gateway that has told them: "mqttd,modbusd:not_running". */
static void gateway_write_told_parts(struct gateway_list *list, const char *parts)
{
    struct text *text = &list->items;
    json_write_key(text, "ready");
    if (!*parts)
        json_write_null(text);
    else
        json_write_bool(text, strchr(parts, ':') == NULL);
    json_write_key(text, "parts");
    if (!*parts) {
        json_write_null(text);
        return;
    }
    json_open(text, '{');
    for (const char *at = parts; *at;) {
        size_t len = strcspn(at, ",");
        const char *part = arena_strndup(list->request->arena, at, len);
        const char *colon = strchr(part, ':');
        gateway_write_state(
            text, colon ? arena_strndup(list->request->arena, part, (size_t)(colon - part)) : part,
            colon ? colon + 1 : NULL);
        at += len + (at[len] == ',');
    }
    json_close(text, '}');
}

/* Reads how many devices each gateway has. */
static struct gateway_count *gateway_read_counts(struct gateway_list *list)
{
    struct gateway_count *first = NULL, **end = &first;
    struct arena *arena = list->request->arena;
    struct query query = store_prepare_query(
        list->thread_ctx->store, "SELECT coalesce(network_gateway, ''), count(*) FROM device"
                                 " GROUP BY network_gateway ORDER BY network_gateway");
    while (query_next_row(&query)) {
        const char *name = query_read_text(&query, arena);
        int64_t devices = query_read_integer(&query);
        if (!*name) {
            list->anywhere += devices;
            continue;
        }
        struct gateway_count *count = arena_alloc(arena, sizeof *count);
        *count = (struct gateway_count){.name = name, .devices = devices};
        *end = count;
        end = &count->next;
    }
    return first;
}

/* The context of gateway_take_peer. */
struct gateway_peers {
    struct gateway_list *list;
    struct gateway_count *counts;
};

static void gateway_take_peer(void *context, const struct replica_peer *peer, double lag_s)
{
    struct gateway_peers *peers = context;
    struct gateway_list *list = peers->list;
    const struct replica_ask *ask = &peer->ask;
    const char *name = gateway_text(ask->gateway);
    const struct gateway_item item = {.name = name,
                                      .host = gateway_text(ask->host),
                                      .role = ask->leads ? "leader" : "follower",
                                      .has = &ask->have,
                                      .lag_s = ask->leads ? -1 : lag_s,
                                      .error = gateway_text(ask->error),
                                      .detail = ask->detail,
                                      .error_ms = peer->error_wall_ms,
                                      .seen_ms = peer->seen_wall_ms};
    json_open(&list->items, '{');
    gateway_write_item(list, &item, gateway_count_devices(list, peers->counts, name));
    gateway_write_told_parts(list, ask->parts);
    json_close(&list->items, '}');
    list->count++;
}

/* The gateways that the leader knows, but this one: true when its list is known; what this store
 * knows of devices is as new. */
static bool gateway_write_leader_list(struct gateway_list *list, struct gateway_count *counts,
                                      const char *leader)
{
    struct text known = {0};
    size_t before = list->count;
    replica_append_leader_list(list->thread_ctx->replica, &known);
    cJSON *items = known.len ? cJSON_ParseWithLength(known.data, known.len) : NULL;
    cJSON *item;
    cJSON_ArrayForEach(item, items)
    {
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name"),
                    *host = cJSON_GetObjectItemCaseSensitive(item, "host"),
                    *role = cJSON_GetObjectItemCaseSensitive(item, "role");
        const char *name_text = cJSON_IsString(name) ? name->valuestring : "";
        const char *host_text = cJSON_IsString(host) ? host->valuestring : "";
        bool is_own = strcmp(name_text, list->own_gateway) == 0 &&
                      strcmp(host_text, list->own_host) == 0 &&
                      !cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(item, "self"));
        if (!cJSON_IsObject(item) || !cJSON_IsString(role) || is_own)
            continue; /* names without a gateway are added below */
        cJSON_ReplaceItemInObjectCaseSensitive(item, "self", cJSON_CreateFalse());
        gateway_count_devices(list, counts, name_text);
        json_write_tree(&list->items, item);
        list->count++;
    }
    cJSON_Delete(items);
    text_finish(&known);
    if (list->count > before)
        return true;
    /* Nothing was heard of the leader yet. */
    const struct gateway_item unknown = {.host = leader, .lag_s = -1};
    json_open(&list->items, '{');
    gateway_write_item(list, &unknown, list->anywhere);
    gateway_write_told_parts(list, "");
    json_close(&list->items, '}');
    list->count++;
    return false;
}

static void gateway_write_self(struct gateway_list *list, struct gateway_count *counts,
                               const struct store_position *has, const struct store_role *role)
{
    struct replica_status status;
    replica_read_status(list->thread_ctx->replica, &status);
    const char *name = gateway_text(list->own_gateway);
    const char *code = replica_code_names[status.fault.code];
    bool follows = role->leader[0] != '\0';
    const struct gateway_item item = {.name = name,
                                      .host = gateway_text(list->own_host),
                                      .role = follows ? "follower" : "leader",
                                      .leader = gateway_text(role->leader),
                                      .self = true,
                                      .has = has,
                                      .lag_s = follows && status.follows ? status.lag_s : -1,
                                      .error = code,
                                      .detail = status.fault.detail,
                                      .error_ms = status.fault.at_ms};
    json_open(&list->items, '{');
    gateway_write_item(list, &item, gateway_count_devices(list, counts, name));
    gateway_write_own_parts(list);
    json_close(&list->items, '}');
    list->count++;
}

/* The stores that this gateway has kept as files. */
static void gateway_write_kept(const char *database, struct text *text)
{
    struct kept_store_file files[KEPT_FILES];
    size_t count = kept_store_list(database, KEPT_TERM, files);
    for (size_t i = 0; i < count; i++) {
        json_open(text, '{');
        json_write_key(text, "name");
        json_write_string(text, files[i].name);
        json_write_key(text, "at");
        json_write_string(text, files[i].at);
        json_write_key(text, "term");
        json_write_integer(text, files[i].number);
        json_close(text, '}');
    }
}

static void gateways_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    char gateway[REPLICA_NAME_SIZE], host[REPLICA_HOST_SIZE];
    struct gateway_list list = {.thread_ctx = thread_ctx, .request = request};
    struct store_lineage own;
    struct store_role role;
    replica_name_self(thread_ctx->settings, gateway, host);
    list.own_gateway = gateway;
    list.own_host = host;
    if (!transaction_begin(thread_ctx, response))
        return;
    struct gateway_count *counts = gateway_read_counts(&list);
    bool ok =
        store_lineage_read(thread_ctx->store, &own) && store_role_read(thread_ctx->store, &role);
    if (!transaction_commit(thread_ctx, response) || !ok)
        return;
    gateway_write_self(&list, counts, &own.position, &role);
    struct gateway_peers peers = {&list, counts};
    if (role.leader[0] == '\0' || !gateway_write_leader_list(&list, counts, role.leader))
        replica_each_peer(thread_ctx->replica, gateway_take_peer, &peers);
    for (struct gateway_count *count = counts; count; count = count->next) {
        const struct gateway_item unheard = {.name = count->name, .lag_s = -1};
        if (count->is_listed)
            continue;
        json_open(&list.items, '{');
        gateway_write_item(&list, &unheard, list.anywhere + count->devices);
        gateway_write_told_parts(&list, "");
        json_close(&list.items, '}');
        list.count++;
    }
    text_puts(&response->body, "{\"items\":[");
    text_append(&response->body, list.items.data, list.items.len);
    text_printf(&response->body, "],\"total\":%zu,\"kept\":[", list.count);
    gateway_write_kept(thread_ctx->settings->common.database, &response->body);
    text_puts(&response->body, "]}");
    text_finish(&list.items);
    response->status = 200;
}

/* Reads {"role": "leader"} or {"role": "follower", "leader": URL}. */
static bool gateway_read_command(const cJSON *body, struct replica_command *command,
                                 struct validation *validation)
{
    static const char *const members[] = {"role", "leader", NULL};
    const char *why;
    if (!cJSON_IsObject(body)) {
        validation_add_at(validation, "", "wrong_type", "must be an object");
        return false;
    }
    json_check_members(body, "", members, validation);
    const cJSON *role = cJSON_GetObjectItemCaseSensitive(body, "role"),
                *leader = cJSON_GetObjectItemCaseSensitive(body, "leader");
    const char *text = role && cJSON_IsString(role) ? role->valuestring : "";
    const char *url = leader && cJSON_IsString(leader) ? leader->valuestring : "";
    bool leads = strcmp(text, "leader") == 0;
    if (!leads && strcmp(text, "follower") != 0)
        validation_add(validation, NULL, "role", "invalid_choice", "must be leader or follower");
    else if (leads && leader && !cJSON_IsNull(leader))
        validation_add(validation, NULL, "leader", "not_allowed",
                       "a leader follows nobody: leave leader out");
    else if (!leads && !store_role_read_url(url, command->follow, &why))
        validation_add(validation, NULL, "leader", "wrong_format", "%s", why);
    return validation->found == 0;
}

static void gateways_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    struct validation validation = {.arena = request->arena, .prefix = ""};
    struct audit audit = {.who = request->who,
                          .remote = request->remote,
                          .request_id = request->id,
                          .keep = thread_ctx->settings->audit_entries};
    struct replica_command command = {.audit = &audit};
    char said[REPLICA_SAID_SIZE];
    cJSON *body = request_parse_body(request, response);
    if (!body)
        return;
    bool ok = gateway_read_command(body, &command, &validation);
    json_body_free(body);
    if (!ok) {
        problem_respond_errors(response, 422, &validation);
        return;
    }
    switch (replica_run_command(thread_ctx->replica, &command, said)) {
    case REPLICA_DONE:
    case REPLICA_NOTHING:
        gateways_handle_get(thread_ctx, request, response);
        return;
    case REPLICA_DENIED:
        problem_respond(response, 409, "%s", said);
        return;
    case REPLICA_FAILED:
        problem_respond(response, 503, "%s", said);
        return;
    }
}

static const struct route gateway_rows[] = {
    {METHOD_GET, API_PREFIX "/gateways", QUEUE_REPORT, .handle = gateways_handle_get},
    {METHOD_POST, API_PREFIX "/gateways", QUEUE_REPORT, BODY_JSON, .handle = gateways_handle_post},
};

const struct route_table gateway_routes = ROUTE_TABLE(gateway_rows);
