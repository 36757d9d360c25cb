/* Who owns which registers, of the local server and of others, as the store has it. */
#include <string.h>

#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/etag.h"
#include "api/http/problem.h"
#include "api/monitor/monitor_routes.h"
#include "common/base/gateway_name.h"
#include "common/base/hash.h"
#include "common/base/require.h"

/* Writes the gateway that holds registers; null: every gateway. */
static void owners_write_gateway(const char *gateway, struct text *text)
{
    json_write_key(text, "gateway");
    json_write_string_or_null(text, gateway && *gateway ? gateway : NULL);
}

/* Writes a table that has owners, of one unit of one server. */
static void owners_write_place(struct query *query, struct arena *arena, struct text *text)
{
    const char *server = query_read_text(query, arena);
    REQUIRE(server);
    json_open(text, '{');
    json_write_key(text, "server"); /* null: the local one */
    json_write_string_or_null(text, server[0] ? server : NULL);
    owners_write_gateway(query_read_text(query, arena), text);
    json_write_key(text, "unit");
    json_write_integer(text, query_read_integer(query));
    json_write_key(text, "table");
    json_write_string_or_null(text, query_read_text(query, arena));
    json_write_key(text, "owners");
    json_write_integer(text, query_read_integer(query));
    json_write_key(text, "first");
    json_write_integer(text, query_read_integer(query));
    json_write_key(text, "last");
    json_write_integer(text, query_read_integer(query));
    json_close(text, '}');
}

static void owners_handle_places(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    const struct unit_set *units = &thread_ctx->settings->common.units;
    char server[NET_TEXT_SIZE];
    struct text *body = &response->body;
    if (!transaction_begin(thread_ctx, response))
        return;
    net_addr_format(&thread_ctx->settings->common.modbus, server);
    json_open(body, '{');
    json_write_key(body, "server");
    json_write_string(body, server);
    owners_write_gateway(thread_ctx->settings->common.gateway, body); /* null: it has no name */
    json_write_key(body, "units");
    json_open(body, '[');
    for (size_t i = 0; i < units->count; i++)
        json_write_integer(body, units->id[i]);
    json_close(body, ']');
    json_write_key(body, "items");
    json_open(body, '[');
    struct query query = store_prepare_query(
        thread_ctx->store,
        "SELECT server, gateway, unit, \"table\", count(*), min(first), max(last)"
        " FROM span GROUP BY 1, 2, 3, 4 ORDER BY 1, 2, 3, 4");
    while (query_next_row(&query))
        owners_write_place(&query, request->arena, body);
    json_close(body, ']');
    json_close(body, '}');
    response->status = 200;
    transaction_commit(thread_ctx, response);
}

void owner_write_part(int64_t bit, int64_t bits, struct text *text)
{
    json_write_key(text, "bit");
    if (bit < 0 || bits > 1)
        json_write_null(text);
    else
        json_write_integer(text, bit);
    json_write_key(text, "byte");
    json_write_string_or_null(
        text, bit >= 0 && bits > 1 ? byte_names[bit > 0 ? BYTE_HIGH : BYTE_LOW] : NULL);
}

static void owners_write_owner(struct query *query, struct arena *arena, struct text *text)
{
    static const char *const words[] = {"device", "tag", "type", "byte_order", "unit"};
    json_open(text, '{');
    json_write_key(text, "first");
    json_write_integer(text, query_read_integer(query));
    json_write_key(text, "last");
    json_write_integer(text, query_read_integer(query));
    int64_t bit = query_read_integer(query), bits = query_read_integer(query);
    owner_write_part(bit, bits, text);
    owners_write_gateway(query_read_text(query, arena), text);
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        json_write_key(text, words[i]); /* all but the device are null for a status block */
        json_write_string_or_null(text, query_read_text(query, arena));
    }
    struct cell scale = query_read_cell(query, arena), offset = query_read_cell(query, arena);
    json_write_key(text, "scale");
    json_write_real(text, scale.kind == CELL_REAL ? scale.as.real : 1);
    json_write_key(text, "offset");
    json_write_real(text, offset.kind == CELL_REAL ? offset.as.real : 0);
    json_close(text, '}');
}

/* Whose registers the request asks for. */
struct owners_place {
    int64_t unit;
    const char *server, *gateway;
};

/* Reads the place that the request names. False when it has answered. */
static bool owners_read_place(const struct thread_ctx *thread_ctx, const struct request *request,
                              struct owners_place *place, struct response *response)
{
    const char *why;
    const struct query_params *query_params = &request->query_params;
    const struct common_settings *common = &thread_ctx->settings->common;
    *place = (struct owners_place){.unit = common->units.id[0],
                                   .server = query_param(query_params, "server", ""),
                                   .gateway = query_param(query_params, "gateway", NULL)};
    if (name_list_find(table_names, request->param[0]) < 0) {
        problem_respond(response, 404, "No table has the name \"%.64s\".", request->param[0]);
        return false;
    }
    if (!query_param_number(query_params, "unit", 0, 255, request->arena, &place->unit, &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    if (place->gateway && !gateway_name_is_valid(place->gateway)) {
        problem_respond(response, 400, "gateway " GATEWAY_NAME_RULE ".");
        return false;
    }
    if (!place->gateway)
        place->gateway = common->gateway;
    return true;
}

/* Sets the entity tag: of the revision, and of the settings that say which registers are local and
 * which gateway this is, because a change of these has no revision. False when it has answered 304.
 */
static bool owners_must_build(struct thread_ctx *thread_ctx, const struct request *request,
                              struct response *response)
{
    const char *local = "";
    struct query query = store_prepare_query(thread_ctx->store, "SELECT local FROM store");
    if (query_next_row(&query))
        local = query_read_text(&query, request->arena);
    query_finish(&query);
    uint64_t hash = hash64_add_text(HASH64_START, local ? local : "");
    if (*thread_ctx->settings->common.gateway)
        hash = hash64_add_text(hash, thread_ctx->settings->common.gateway);
    response->etag =
        arena_format(request->arena, "\"%lld-%016llx\"",
                     (long long)store_read_revision(thread_ctx->store), (unsigned long long)hash);
    if (!request->if_none_match || !etag_matches(request->if_none_match, response->etag, true))
        return true;
    response->status = 304;
    transaction_commit(thread_ctx, response);
    return false;
}

static void owners_handle_owners(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    struct owners_place place;
    struct text *body = &response->body;
    if (!owners_read_place(thread_ctx, request, &place, response) ||
        !transaction_begin(thread_ctx, response) ||
        !owners_must_build(thread_ctx, request, response))
        return;
    struct query query = store_prepare_query(
        thread_ctx->store,
        "SELECT s.first, s.last, coalesce(s.bit, -1), s.bits, s.gateway, d.name, t.name, "
        "t.modbus_type,"
        " t.modbus_byte_order, t.unit, t.modbus_scale, t.modbus_offset FROM span s"
        " LEFT JOIN tag t ON t.id = s.tag_id"
        " JOIN device d ON d.id = coalesce(s.status_of, t.device_id)"
        " WHERE s.server = ?1 AND s.unit = ?2 AND s.\"table\" = ?3 AND s.gateway IN ('', ?4)"
        " ORDER BY s.first, s.bit");
    query_bind_text(&query, place.server);
    query_bind_integer(&query, place.unit);
    query_bind_text(&query, request->param[0]);
    query_bind_text(&query, place.gateway);
    json_open(body, '{');
    json_write_key(body, "server");
    json_write_string_or_null(body, place.server[0] ? place.server : NULL);
    owners_write_gateway(place.gateway, body);
    json_write_key(body, "unit");
    json_write_integer(body, place.unit);
    json_write_key(body, "table");
    json_write_string(body, request->param[0]);
    json_write_key(body, "items");
    json_open(body, '[');
    while (query_next_row(&query))
        owners_write_owner(&query, request->arena, body);
    json_close(body, ']');
    json_close(body, '}');
    response->status = 200;
    transaction_commit(thread_ctx, response);
}

static const struct route owner_rows[] = {
    {METHOD_GET, API_PREFIX "/registers", QUEUE_REPORT, .handle = owners_handle_places},
    {METHOD_GET, API_PREFIX "/registers/{table}/owners", QUEUE_REPORT,
     .handle = owners_handle_owners, .query_params = "server unit gateway"},
};

const struct route_table owner_routes = ROUTE_TABLE(owner_rows);
