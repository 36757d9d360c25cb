/* A service without sockets and threads: requests go to the handlers of the routes, which see a
 * store, a live table and the files of the other daemons in a folder of their own, and a stand-in
 * for all Modbus servers. The answers are collected as text. Link with the wraps of set_clock.h and
 * those below. */
#ifndef TAGFERRY_TESTS_API_BED_H
#define TAGFERRY_TESTS_API_BED_H

#include "golden.h"
#include "set_clock.h"
#include "store_fixture.h"

#include "api/base/request_memory.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/http_listener.h"
#include "api/http/query.h"
#include "api/model/resource_rules.h"
#include "common/shared/live_table.h"

/* The servers: one set of registers for all, and what is refused. */
static struct {
    uint16_t words[4][65536]; /* by enum modbus_table */
    enum modbus_result result;
    int refused_address; /* exception for each request with it; -1: none */
    bool no_client;
    char link[LINK_COUNT + 1]; /* the clients point here; the last one is of other servers */
    struct text *said;
} bed_server = {.refused_address = -1};

static const char *const bed_link_names[] = {"scada", "inputs", "outputs", "other"};

static const char *bed_link_name(const struct modbus_client *link)
{
    return bed_link_names[(const char *)link - bed_server.link];
}

struct modbus_client *__wrap_modbus_client_create(const struct net_addr *server,
                                                  unsigned timeout_ms);
bool __wrap_modbus_client_trust_server(struct modbus_client *link);
void __wrap_modbus_client_set_repeat(struct modbus_client *link, enum modbus_repeat repeat);
void __wrap_modbus_client_destroy(struct modbus_client *link);
const char *__wrap_modbus_client_reason(const struct modbus_client *link);
enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words);
enum modbus_result __wrap_modbus_client_write(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t count, const uint16_t *words);
enum modbus_result __wrap_modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                                     enum modbus_table table, uint16_t address,
                                                     uint16_t value);
enum modbus_result __wrap_modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                                   uint16_t address, uint16_t mask, uint16_t bits);
enum modbus_result __wrap_modbus_client_request_many(struct modbus_client *link,
                                                     struct pipeline_request *requests,
                                                     size_t count);

struct modbus_client *__wrap_modbus_client_create(const struct net_addr *server,
                                                  unsigned timeout_ms)
{
    size_t which = LINK_COUNT;
    if (bed_server.no_client)
        return NULL;
    if (strcmp(server->host, "127.0.0.1") == 0 && server->port >= 8502 && server->port < 8505)
        which = (size_t)(server->port - 8502);
    text_printf(bed_server.said, "! connect %s: %s port %u, %u ms\n", bed_link_names[which],
                server->host, server->port, timeout_ms);
    return (struct modbus_client *)&bed_server.link[which];
}

bool __wrap_modbus_client_trust_server(struct modbus_client *link)
{
    text_printf(bed_server.said, "! trust %s\n", bed_link_name(link));
    return true;
}

void __wrap_modbus_client_set_repeat(struct modbus_client *link, enum modbus_repeat repeat)
{
    text_printf(bed_server.said, "! repeat %s: %d\n", bed_link_name(link), repeat);
}

void __wrap_modbus_client_destroy(struct modbus_client *link)
{
    if (link)
        text_printf(bed_server.said, "! close %s\n", bed_link_name(link));
}

const char *__wrap_modbus_client_reason(const struct modbus_client *link)
{
    static char reason[64];
    snprintf(reason, sizeof reason, "%s: no luck", bed_link_name(link));
    return reason;
}

/* The port for inputs takes the input tables as the tables that can be written. */
static enum modbus_table bed_written_table(const struct modbus_client *link,
                                           enum modbus_table table)
{
    if (link != (const struct modbus_client *)&bed_server.link[LINK_INPUTS])
        return table;
    return table == TABLE_COIL ? TABLE_DISCRETE_INPUT : TABLE_INPUT_REGISTER;
}

static enum modbus_result bed_check_range(uint16_t address, unsigned count)
{
    if (bed_server.result == MODBUS_OK && bed_server.refused_address >= address &&
        bed_server.refused_address < (int)(address + count))
        return MODBUS_EXCEPTION;
    return bed_server.result;
}

enum modbus_result __wrap_modbus_client_read(struct modbus_client *link, uint8_t unit,
                                             enum modbus_table table, uint16_t address,
                                             uint16_t count, uint16_t *words)
{
    text_printf(bed_server.said, "! read %s unit %u %s %u: %u\n", bed_link_name(link), unit,
                table_names[table], address, count);
    assert_in_range(count, 1, MODBUS_READ_REGISTERS_MAX);
    memcpy(words, bed_server.words[table] + address, count * sizeof *words);
    return bed_check_range(address, count);
}

enum modbus_result __wrap_modbus_client_write(struct modbus_client *link, uint8_t unit,
                                              enum modbus_table table, uint16_t address,
                                              uint16_t count, const uint16_t *words)
{
    text_printf(bed_server.said, "! write %s unit %u %s %u:", bed_link_name(link), unit,
                table_names[table], address);
    for (uint16_t i = 0; i < count; i++) {
        text_printf(bed_server.said, " %u", words[i]);
        bed_server.words[bed_written_table(link, table)][address + i] = words[i];
    }
    text_putc(bed_server.said, '\n');
    return bed_check_range(address, count);
}

enum modbus_result __wrap_modbus_client_write_single(struct modbus_client *link, uint8_t unit,
                                                     enum modbus_table table, uint16_t address,
                                                     uint16_t value)
{
    text_printf(bed_server.said, "! write one of %s unit %u %s %u: %u\n", bed_link_name(link), unit,
                table_names[table], address, value);
    bed_server.words[bed_written_table(link, table)][address] = value;
    return bed_check_range(address, 1);
}

enum modbus_result __wrap_modbus_client_mask_write(struct modbus_client *link, uint8_t unit,
                                                   uint16_t address, uint16_t mask, uint16_t bits)
{
    uint16_t *target = &bed_server.words[TABLE_HOLDING_REGISTER][address];
    text_printf(bed_server.said, "! write bits of %s unit %u %u: mask %04x, bits %04x\n",
                bed_link_name(link), unit, address, mask, bits);
    *target = (uint16_t)((*target & ~mask) | bits);
    return bed_check_range(address, 1);
}

enum modbus_result __wrap_modbus_client_request_many(struct modbus_client *link,
                                                     struct pipeline_request *requests,
                                                     size_t count)
{
    static const enum modbus_table tables[] = {[1] = TABLE_COIL,
                                               [2] = TABLE_DISCRETE_INPUT,
                                               [3] = TABLE_HOLDING_REGISTER,
                                               [4] = TABLE_INPUT_REGISTER};
    enum modbus_result result = MODBUS_OK;
    if (bed_server.result == MODBUS_UNREACHABLE)
        return MODBUS_UNREACHABLE;
    for (size_t i = 0; i < count; i++) {
        struct pipeline_request *request = &requests[i];
        assert_in_range(request->function, 1, 4);
        enum modbus_table table = tables[request->function];
        text_printf(bed_server.said, "! ask %s unit %u %s %u: %u\n", bed_link_name(link),
                    request->unit, table_names[table], request->address, request->count);
        request->answered = true;
        request->exception = bed_check_range(request->address, request->count) == MODBUS_OK ? 0 : 2;
        if (request->exception)
            result = MODBUS_EXCEPTION;
        else
            memcpy(request->read, bed_server.words[table] + request->address,
                   request->count * sizeof request->read[0]);
    }
    return result;
}

/* The number of open descriptors. */
static inline size_t api_bed_count_files(void)
{
    size_t count = 0;
    DIR *files = opendir("/proc/self/fd");
    assert_non_null(files);
    while (readdir(files))
        count++;
    closedir(files);
    return count;
}

struct api_bed {
    size_t files; /* open before; 0: not known */
    struct store_folder folder;
    struct api_settings settings;
    struct store_shared shared;
    struct thread_ctx ctx;
    struct live_table live; /* as tagferry-mqttd writes it */
    const struct route_tables *routes;
    struct text said; /* what the servers and the handlers say */
};

/* The paths of the settings last as long as the bed. */
static inline void api_bed_open(struct api_bed *bed, const struct route_tables *routes)
{
    char why[SHM_WHY_SIZE];
    memset(bed, 0, sizeof *bed);
    bed->files = api_bed_count_files();
    set_clock_ms = SET_CLOCK_START;
    memset(&bed_server, 0, sizeof bed_server);
    bed_server.refused_address = -1;
    bed_server.said = &bed->said;
    bed->routes = routes;
    store_folder_make(&bed->folder);
    struct common_settings *common = &bed->settings.common;
    common->database = bed->folder.database;
    common->runtime_dir = bed->folder.path;
    common->gateway = "hall";
    common->modbus = (struct net_addr){.host = "127.0.0.1", .port = 8502};
    common->modbus_inputs = (struct net_addr){.host = "127.0.0.1", .port = 8503};
    common->modbus_outputs = (struct net_addr){.host = "127.0.0.1", .port = 8504};
    assert_true(unit_set_parse("1-3,20=1", &common->units, why, sizeof why));
    bed->settings.max_body_bytes = 1 << 20;
    bed->settings.audit_entries = 1000;
    bed->settings.profile_dir = bed->folder.path;
    if (!live_table_open_writer(&bed->live, bed->folder.path, why, sizeof why))
        fail_msg("%s", why);
    live_table_set_condition(&bed->live, LIVE_SERVING);
    live_table_set_heartbeat(&bed->live, SET_CLOCK_START);
    live_table_set_broker(
        &bed->live,
        &(struct live_table_broker){.reason = BROKER_CONNECTED, .wall_ms = 1, .steady_ms = 1});
    assert_true(thread_ctx_open(&bed->ctx, &bed->settings, STORE_WRITE, &bed->shared));
    assert_true(modbus_links_open(&bed->ctx.links, common, 750));
}

static inline void api_bed_close(struct api_bed *bed)
{
    thread_ctx_close(&bed->ctx);
    live_table_close(&bed->live);
    store_folder_remove(&bed->folder);
    text_finish(&bed->said);
    assert_true(bed->files == 0 || api_bed_count_files() == bed->files); /* all are closed */
}

/* One request. */
struct bed_request {
    struct api_bed *bed;
    enum http_method method;
    const char *target, *body;
    struct arena arena;
    struct request request;
    struct response response;
    bool is_quick; /* answered by the handler for the HTTP thread */
};

static inline void api_bed_answer(void *context)
{
    struct bed_request *ask = context;
    struct api_bed *bed = ask->bed;
    const struct route *route = NULL;
    const char *allow = "", *why = "";
    struct request *request = &ask->request;
    struct response *response = &ask->response;
    size_t path_len = strcspn(ask->target, "?");
    request->method = ask->method;
    request->target = ask->target;
    request->path = arena_strndup(&ask->arena, ask->target, path_len);
    request->body = ask->body;
    request->body_len = ask->body ? strlen(ask->body) : 0;
    request->arena = &ask->arena;
    snprintf(request->remote, sizeof request->remote, "127.0.0.1");
    snprintf(request->id, sizeof request->id, "request");
    assert_int_equal(route_find(bed->routes, ask->method, request->path, &ask->arena, &route,
                                request->param, &allow),
                     ROUTE_FOUND);
    request->operand = route->operand;
    request->content_type =
        route->body == BODY_PATCH ? "application/merge-patch+json" : "application/json";
    if (ask->target[path_len] == '?' &&
        !query_params_parse(ask->target + path_len + 1, route->query_params, &ask->arena,
                            &request->query_params, &why)) {
        response->status = 400;
        text_puts(&response->body, why);
        return;
    }
    transaction_callbacks.begin(&bed->ctx, &bed->settings);
    ask->is_quick = route->quick && route->quick(&bed->ctx, request, response);
    if (!ask->is_quick)
        route->handle(&bed->ctx, request, response);
    transaction_callbacks.finish(&bed->ctx, true);
    transaction_callbacks.end(&bed->ctx);
}

/* Adds the body with a line for each object of a list. */
static inline void api_bed_write_body(const struct text *body, struct text *said)
{
    for (size_t i = 0; i < body->len; i++) {
        const char *at = body->data + i;
        text_putc(said, *at);
        if ((*at == ',' && i > 0 && at[-1] == '}' && at[1] == '{') ||
            (*at == '[' && i > 0 && at[-1] == ':' && at[1] == '{'))
            text_putc(said, '\n');
    }
    if (body->len > 0 && body->data[body->len - 1] != '\n')
        text_putc(said, '\n');
}

/* Makes a request and adds its answer to `said`. Returns the status. */
static inline int api_bed_ask_with(struct api_bed *bed, enum http_method method, const char *target,
                                   const char *body, const char *if_none_match)
{
    struct memory memory = {0};
    struct bed_request ask = {.bed = bed, .method = method, .target = target, .body = body};
    ask.request.if_none_match = if_none_match;
    text_printf(&bed->said, "\n%s %s %s\n", method_names[method], target, body ? body : "");
    assert_true(memory_run(&memory, api_bed_answer, &ask));
    const struct response *response = &ask.response;
    text_printf(&bed->said, "%d%s%s%s%s%s\n", response->status, response->content_type ? " " : "",
                response->content_type ? response->content_type : "",
                response->quiet ? " quiet" : "", ask.is_quick ? " quick" : "",
                response->stream.open ? " stream" : "");
    api_bed_write_body(&response->body, &bed->said);
    memory_finish(&memory);
    return response->status;
}

static inline int api_bed_get(struct api_bed *bed, const char *target)
{
    return api_bed_ask_with(bed, METHOD_GET, target, NULL, NULL);
}

/* Adds a device or a tag; `said` does not show it. */
static inline void api_bed_post(struct api_bed *bed, const char *target, const char *body)
{
    size_t before = bed->said.len;
    if (api_bed_ask_with(bed, METHOD_POST, target, body, NULL) != 201)
        fail_msg("%s", bed->said.data + before);
    bed->said.len = before;
    bed->said.data[before] = '\0';
}

/* Finds the slot, the id and the point of a tag, or of a device without `tag`. */
struct bed_row {
    uint32_t slot;
    int64_t id;
    struct point point;
    uint8_t unit;
};

static inline struct bed_row api_bed_find(struct api_bed *bed, const char *device, const char *tag)
{
    struct arena arena = {0};
    struct record record;
    assert_true(store_begin(bed->ctx.store));
    assert_true(tag ? record_store_find_tag(bed->ctx.store, &arena, device, tag, &record)
                    : record_store_find_device(bed->ctx.store, &arena, device, &record));
    struct bed_row row = {.slot = (uint32_t)record.slot, .id = record.id, .unit = 1};
    if (tag)
        row.point = record_tag_point(&record);
    assert_true(store_commit(bed->ctx.store));
    arena_finish(&arena);
    return row;
}

/* Gives the device or tag its row in the live table. */
static inline struct bed_row api_bed_claim(struct api_bed *bed, const char *device, const char *tag)
{
    struct bed_row row = api_bed_find(bed, device, tag);
    assert_true(live_table_reserve_rows(&bed->live, 64));
    assert_true(live_table_claim_row(&bed->live, row.slot,
                                     live_table_make_owner(tag ? LIVE_TAG : LIVE_DEVICE, row.id),
                                     tag && row.point.type == TYPE_STRING));
    return row;
}

/* A value arrives in the row `age_ms` ago, and is written a little later. Returns its `changed`. */
static inline uint64_t api_bed_put(struct api_bed *bed, const struct bed_row *row,
                                   const uint16_t *words, uint64_t age_ms)
{
    struct live_table_value value = {.wall_ms = __wrap_clock_wall_ms() - age_ms,
                                     .steady_ms = set_clock_ms - age_ms};
    live_table_set_registers(&value, 77, row->unit, &row->point, words);
    uint64_t changed =
        live_table_put_value(&bed->live, row->slot, &value,
                             row->point.type == TYPE_STRING ? words : NULL, row->point.length);
    live_table_add_message(&bed->live, row->slot, LIVE_GOOD);
    live_table_mark_written(&bed->live, row->slot, changed, value.wall_ms + 20);
    return changed;
}

/* Compares what was said with a file of tests/unit/api. */
static inline void api_bed_check(struct api_bed *bed, const char *name)
{
    char path[600];
    snprintf(path, sizeof path, "%s/%s", TAGFERRY_API_ANSWERS, name);
    assert_true(golden_is_equal(path, bed->said.data));
}

#endif
