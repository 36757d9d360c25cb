/* The raw registers of the local server, with their owners. Runs in the Modbus queue. */
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/monitor/monitor_routes.h"
#include "common/base/require.h"
#include "common/modbus/modbus_client.h"

enum { START_MAX = 65535, COUNT_MAX = 1000 };

/* The widest tag begins 122 registers before its last one. */
_Static_assert(START_MAX == UINT16_MAX, "the last register of a table");
_Static_assert(POINT_REGISTERS_MAX <= 123, "the query of owners looks back far enough");

/* The registers that the request selects. */
struct register_window {
    enum modbus_table table;
    int64_t unit, start, count;
    uint16_t words[COUNT_MAX];
};

static bool registers_read_window(const struct thread_ctx *thread_ctx,
                                  const struct request *request, struct register_window *window,
                                  struct response *response)
{
    const char *why = NULL;
    const struct unit_set *units = &thread_ctx->settings->common.units;
    const struct query_params *query_params = &request->query_params;
    int table = name_list_find(table_names, request->param[0]);
    *window = (struct register_window){
        .table = (enum modbus_table)table, .unit = units->id[0], .start = 0, .count = 100};
    if (table < 0) {
        problem_respond(response, 404, "No table has the name \"%.64s\".", request->param[0]);
        return false;
    }
    if (!query_param_number(query_params, "unit", 0, 255, request->arena, &window->unit, &why) ||
        !query_param_number(query_params, "start", 0, START_MAX, request->arena, &window->start,
                            &why) ||
        !query_param_number(query_params, "count", 1, COUNT_MAX, request->arena, &window->count,
                            &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    if (unit_set_find_original(units, window->unit) != 0) {
        problem_respond(response, 400, "Unit %lld is another name of unit %u: ask for unit %u.",
                        (long long)window->unit, unit_set_find_original(units, window->unit),
                        unit_set_find_original(units, window->unit));
        return false;
    }
    if (!unit_set_contains(units, window->unit)) {
        problem_respond(response, 400, "The local server does not serve unit %lld.",
                        (long long)window->unit);
        return false;
    }
    if (window->start + window->count > START_MAX + 1)
        window->count = START_MAX + 1 - window->start;
    return true;
}

static bool registers_fetch_window(struct thread_ctx *thread_ctx, struct register_window *window,
                                   struct response *response)
{
    struct modbus_client *link = thread_ctx->links.client[LINK_SCADA];
    REQUIRE(link && window->start + window->count <= START_MAX + 1);
    for (int64_t done = 0; done < window->count; done += MODBUS_READ_REGISTERS_MAX) {
        int64_t count = window->count - done;
        if (count > MODBUS_READ_REGISTERS_MAX)
            count = MODBUS_READ_REGISTERS_MAX;
        if (modbus_client_read(link, (uint8_t)window->unit, window->table,
                               (uint16_t)(window->start + done), (uint16_t)count,
                               window->words + done) != MODBUS_OK) {
            problem_respond(response, 503, "The Modbus server did not serve this request: %s.",
                            modbus_client_reason(link));
            return false;
        }
    }
    return true;
}

/* An owner of registers in the window; a list sorted by first register. */
struct register_owner {
    struct register_owner *next;
    const char *device, *tag, *gateway; /* gateway "": every one holds it */
    int64_t first, last, bit, bits;
};

static struct register_owner *registers_find_owners(struct thread_ctx *thread_ctx,
                                                    struct arena *arena,
                                                    const struct register_window *window)
{
    struct register_owner *first = NULL, **end = &first;
    struct query query = store_prepare_query(
        thread_ctx->store,
        "SELECT d.name, t.name, s.gateway, s.first, s.last, coalesce(s.bit, -1), s.bits FROM"
        " span s"
        " LEFT JOIN tag t ON t.id = s.tag_id"
        " JOIN device d ON d.id = coalesce(s.status_of, t.device_id)"
        " WHERE s.server = '' AND s.unit = ?1 AND s.\"table\" = ?2"
        " AND s.gateway IN ('', ?5) AND s.first BETWEEN ?3 - 122 AND ?4 AND s.last >= ?3"
        " ORDER BY s.first, s.bit");
    query_bind_integer(&query, window->unit);
    query_bind_text(&query, table_names[window->table]);
    query_bind_integer(&query, window->start);
    query_bind_integer(&query, window->start + window->count - 1);
    query_bind_text(&query, thread_ctx->settings->common.gateway);
    while (query_next_row(&query)) {
        struct register_owner *owner = arena_alloc(arena, sizeof *owner);
        owner->device = query_read_text(&query, arena);
        owner->tag = query_read_text(&query, arena);
        owner->gateway = query_read_text(&query, arena);
        owner->first = query_read_integer(&query);
        owner->last = query_read_integer(&query);
        owner->bit = query_read_integer(&query);
        owner->bits = query_read_integer(&query);
        *end = owner;
        end = &owner->next;
    }
    return first;
}

static void registers_write_register(const struct register_window *window, int64_t place,
                                     const struct register_owner *owners, struct text *text)
{
    char modicon[MODICON_SIZE];
    REQUIRE(place < window->count);
    int64_t address = window->start + place;
    modicon_format(window->table, (uint16_t)address, modicon);
    json_open(text, '{');
    json_write_key(text, "address");
    json_write_integer(text, address);
    json_write_key(text, "modicon");
    json_write_string(text, modicon);
    json_write_key(text, "raw");
    json_write_integer(text, window->words[place]);
    json_write_key(text, "owners");
    json_open(text, '[');
    for (const struct register_owner *owner = owners; owner; owner = owner->next) {
        if (address < owner->first || address > owner->last)
            continue;
        json_open(text, '{');
        json_write_key(text, "device");
        json_write_string(text, owner->device);
        json_write_key(text, "tag"); /* null: the device's status block */
        json_write_string_or_null(text, owner->tag);
        json_write_key(text, "gateway"); /* null: every gateway holds the device */
        json_write_string_or_null(text, owner->gateway && *owner->gateway ? owner->gateway : NULL);
        owner_write_part(owner->bit, owner->bits, text);
        json_close(text, '}');
    }
    json_close(text, ']');
    json_close(text, '}');
}

static void registers_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    struct register_window window;
    struct text *body = &response->body;
    if (!registers_read_window(thread_ctx, request, &window, response) ||
        !registers_fetch_window(thread_ctx, &window, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    const struct register_owner *owners =
        registers_find_owners(thread_ctx, request->arena, &window);
    if (!transaction_commit(thread_ctx, response))
        return;
    json_open(body, '{');
    json_write_key(body, "table");
    json_write_string(body, table_names[window.table]);
    json_write_key(body, "unit");
    json_write_integer(body, window.unit);
    json_write_key(body, "start");
    json_write_integer(body, window.start);
    json_write_key(body, "count");
    json_write_integer(body, window.count);
    json_write_key(body, "items");
    json_open(body, '[');
    for (int64_t i = 0; i < window.count; i++)
        registers_write_register(&window, i, owners, body);
    json_close(body, ']');
    json_close(body, '}');
    response->status = 200;
}

static const struct route register_rows[] = {
    {METHOD_GET, API_PREFIX "/registers/{table}", QUEUE_MODBUS, .handle = registers_handle_get,
     .query_params = "unit start count"},
};

const struct route_table register_routes = ROUTE_TABLE(register_rows);
