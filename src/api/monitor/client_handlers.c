/* The Modbus clients of tagferry-modbusd: the connected ones, and those refused or closed lately.
 */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "api/handler/thread_ctx.h"
#include "api/http/problem.h"
#include "api/monitor/monitor_routes.h"
#include "common/base/require.h"
#include "common/shared/client_table.h"
#include "common/shared/daemon_info.h"

enum { CLIENTS_SHOWN = 1000, CLIENTS_SHOWN_MAX = 10000, ANY_SIDE = CLIENT_SIDES };

/* The entries that were read, of one side or of all. */
struct client_list {
    struct client_facts *items;
    size_t count;
};

static const char *client_state_name(enum daemon_state state)
{
    static const char *const names[] = {[DAEMON_UP] = "up",
                                        [DAEMON_DOWN] = "down",
                                        [DAEMON_HANGS] = "hangs",
                                        [DAEMON_STARTING] = "starting"};
    REQUIRE((size_t)state < sizeof names / sizeof names[0]);
    return names[state];
}

static void client_write_endpoint(const uint8_t address[CLIENT_ADDRESS_SIZE], uint16_t port,
                                  struct text *text)
{
    static const uint8_t mapped[12] = {[10] = 0xFF, [11] = 0xFF};
    char shown[INET6_ADDRSTRLEN];
    if (memcmp(address, mapped, sizeof mapped) == 0)
        inet_ntop(AF_INET, address + sizeof mapped, shown, sizeof shown);
    else
        inet_ntop(AF_INET6, address, shown, sizeof shown);
    json_write_key(text, "address");
    json_write_string(text, shown);
    json_write_key(text, "port");
    json_write_integer(text, port);
}

static void client_write_address(const uint8_t address[CLIENT_ADDRESS_SIZE], uint16_t port,
                                 enum client_side side, struct text *text)
{
    client_write_endpoint(address, port, text);
    json_write_key(text, "side");
    json_write_string(text, client_side_names[side]);
}

/* Of a serial line the "address" is the end of its path. */
static void client_write_line(const uint8_t name[CLIENT_ADDRESS_SIZE], enum client_side side,
                              struct text *text)
{
    char shown[CLIENT_ADDRESS_SIZE + 1] = "";
    memcpy(shown, name, CLIENT_ADDRESS_SIZE);
    json_write_key(text, "address");
    json_write_string(text, shown);
    json_write_key(text, "port");
    json_write_integer(text, 0);
    json_write_key(text, "side");
    json_write_string(text, client_side_names[side]);
}

/* Writes where tagferry-modbusd listens for SCADA clients. */
static void client_write_listeners(const struct thread_ctx *thread_ctx, struct text *text)
{
    struct daemon_facts facts;
    _Static_assert((int)DAEMON_ADDRESS_SIZE == (int)CLIENT_ADDRESS_SIZE, "the same form");
    daemon_info_read("modbusd", thread_ctx->settings->common.runtime_dir, &facts);
    json_open(text, '[');
    for (size_t i = 0; i < facts.address_count; i++) {
        json_open(text, '{');
        client_write_endpoint(facts.addresses[i].address, facts.addresses[i].port, text);
        json_write_key(text, "protocol");
        json_write_string(text, client_protocol_names[facts.addresses[i].protocol]);
        json_close(text, '}');
    }
    json_close(text, ']');
}

static void client_write_request(const struct client_facts *facts, struct text *text)
{
    const struct client_last_request *last = &facts->last;
    json_write_key(text, "last_request");
    if (facts->last_ms == 0) {
        json_write_null(text);
        return;
    }
    json_open(text, '{');
    json_write_key(text, "at");
    json_write_time(text, facts->last_ms);
    json_write_key(text, "function");
    json_write_integer(text, last->code);
    json_write_key(text, "unit");
    json_write_integer(text, last->unit);
    json_write_key(text, "start");
    if (last->has_range)
        json_write_integer(text, last->start);
    else
        json_write_null(text);
    json_write_key(text, "count");
    if (last->has_range)
        json_write_integer(text, last->count);
    else
        json_write_null(text);
    json_write_key(text, "exception");
    if (last->exception != PDU_OK)
        json_write_integer(text, last->exception);
    else
        json_write_null(text);
    json_close(text, '}');
}

static void client_write_facts(const struct client_facts *facts, struct arena *arena,
                               struct text *text)
{
    json_open(text, '{');
    if (facts->protocol == CLIENT_SERIAL)
        client_write_line(facts->address, facts->side, text);
    else
        client_write_address(facts->address, facts->port, facts->side, text);
    json_write_key(text, "protocol");
    json_write_string(text, client_protocol_names[facts->protocol]);
    json_write_key(text, "role");
    if (facts->role[0] != '\0')
        json_write_string(text, facts->role);
    else
        json_write_null(text);
    json_write_key(text, "since");
    json_write_time(text, facts->since_ms);
    json_write_key(text, "units");
    json_open(text, '[');
    for (unsigned unit = 0; unit < 64 * CLIENT_UNIT_WORDS; unit++) {
        if ((facts->units[unit / 64] >> unit % 64 & 1) != 0)
            json_write_integer(text, unit);
    }
    json_close(text, ']');
    json_write_key(text, "functions");
    json_open(text, '{');
    for (size_t i = 0; i < CLIENT_FUNCTIONS; i++) {
        if (facts->functions[i] == 0)
            continue;
        json_write_key(text, i == CLIENT_FUNCTION_OTHER
                                 ? "other"
                                 : arena_format(arena, "%u", client_function_codes[i]));
        json_write_integer(text, (int64_t)facts->functions[i]);
    }
    json_close(text, '}');
    json_write_key(text, "requests");
    json_write_integer(text, (int64_t)facts->requests);
    json_write_key(text, "exceptions");
    json_write_integer(text, (int64_t)facts->exceptions);
    json_write_key(text, "rate");
    json_write_real(text, (double)facts->rate_milli / 1000);
    client_write_request(facts, text);
    json_close(text, '}');
}

/* By side, address and port: the order stays the same from one request to the next. */
static int client_compare(const void *a, const void *b)
{
    const struct client_facts *left = a, *right = b;
    int order = memcmp(left->address, right->address, CLIENT_ADDRESS_SIZE);
    if (left->side != right->side)
        return left->side < right->side ? -1 : 1;
    return order != 0 ? order : (int)left->port - (int)right->port;
}

static struct client_list client_list_read(const struct client_table *table, size_t side,
                                           struct arena *arena)
{
    struct client_facts facts;
    struct client_list list = {0};
    size_t slots = client_table_count_slots(table), used = 0;
    for (size_t slot = 0; slot < slots; slot++)
        used += client_table_read_client(table, slot, &facts);
    list.items = arena_alloc(arena, (used + 1) * sizeof *list.items);
    for (size_t slot = 0; slot < slots && list.count < used; slot++) {
        if (client_table_read_client(table, slot, &facts) &&
            (side == ANY_SIDE || side == (size_t)facts.side))
            list.items[list.count++] = facts;
    }
    qsort(list.items, list.count, sizeof *list.items, client_compare);
    return list;
}

static int client_refusal_compare(const void *a, const void *b)
{
    const struct client_refusal *left = a, *right = b;
    return left->number == right->number ? 0 : left->number > right->number ? -1 : 1;
}

/* Writes the refusals, newest first. */
static void client_write_refusals(const struct client_table *table, struct arena *arena,
                                  struct text *text)
{
    struct client_refusal *refusals = arena_alloc(arena, CLIENT_REFUSALS * sizeof *refusals);
    size_t count = 0;
    for (size_t place = 0; place < CLIENT_REFUSALS; place++)
        count += client_table_read_refusal(table, place, &refusals[count]);
    qsort(refusals, count, sizeof *refusals, client_refusal_compare);
    for (size_t i = 0; i < count; i++) {
        json_open(text, '{');
        client_write_address(refusals[i].address, refusals[i].port, refusals[i].side, text);
        json_write_key(text, "at");
        json_write_time(text, refusals[i].at_ms);
        json_write_key(text, "since");
        json_write_time(text, refusals[i].first_ms);
        json_write_key(text, "count");
        json_write_integer(text, (int64_t)refusals[i].count);
        json_write_key(text, "reason");
        json_write_string(text, client_refusal_names[refusals[i].reason]);
        json_write_key(text, "detail");
        json_write_string(text, refusals[i].detail);
        json_close(text, '}');
    }
}

static void client_close_table(void *table)
{
    client_table_close(table);
}

/* Opens the table when a tagferry-modbusd runs that has emptied it after its start. */
static bool client_open_table(struct thread_ctx *thread_ctx, struct client_table *table)
{
    const enum daemon_state state = thread_ctx->live.modbusd.state;
    char why[SHM_WHY_SIZE];
    if (state != DAEMON_UP && state != DAEMON_HANGS)
        return false;
    if (!client_table_open_reader(table, thread_ctx->settings->common.runtime_dir, why, sizeof why))
        return false;
    if (client_table_has_writer(table))
        return true;
    client_table_close(table);
    return false;
}

/* Reads the parameter `side`. False when it has answered 400. */
static bool client_read_side(const struct request *request, size_t *side, struct response *response)
{
    const char *text = query_param(&request->query_params, "side", NULL);
    *side = text ? 0 : ANY_SIDE;
    while (text && *side < CLIENT_SIDES && strcmp(text, client_side_names[*side]) != 0)
        ++*side;
    if (text && *side == CLIENT_SIDES)
        problem_respond(response, 400, "side must be scada, inputs or outputs.");
    return !text || *side < CLIENT_SIDES;
}

static void clients_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    const char *why;
    int64_t limit = CLIENTS_SHOWN;
    size_t side;
    if (!query_param_number(&request->query_params, "limit", 1, CLIENTS_SHOWN_MAX, request->arena,
                            &limit, &why)) {
        problem_respond(response, 400, "%s", why);
        return;
    }
    if (!client_read_side(request, &side, response))
        return;
    struct client_table *table = arena_alloc(request->arena, sizeof *table);
    struct client_list list = {0};
    struct memory_block guard;
    struct text *text = &response->body;
    bool is_open = client_open_table(thread_ctx, table);
    if (is_open) {
        memory_guard(&guard, client_close_table, table);
        list = client_list_read(table, side, request->arena);
    }
    json_open(text, '{');
    json_write_key(text, "state");
    json_write_string(text, client_state_name(thread_ctx->live.modbusd.state));
    json_write_key(text, "listen");
    client_write_listeners(thread_ctx, text);
    json_write_key(text, "items");
    json_open(text, '[');
    for (size_t i = 0; i < list.count && i < (size_t)limit; i++)
        client_write_facts(&list.items[i], request->arena, text);
    json_close(text, ']');
    json_write_key(text, "total");
    json_write_integer(text, (int64_t)list.count);
    json_write_key(text, "refused");
    json_open(text, '[');
    if (is_open)
        client_write_refusals(table, request->arena, text);
    json_close(text, ']');
    json_close(text, '}');
    response->status = 200;
    if (is_open) {
        memory_unguard(&guard);
        client_table_close(table);
    }
}

static const struct route client_rows[] = {
    {METHOD_GET, API_PREFIX "/modbus/clients", QUEUE_REPORT, .handle = clients_handle_get,
     .query_params = "side limit"},
};

const struct route_table client_routes = ROUTE_TABLE(client_rows);
