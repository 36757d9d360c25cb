/* The proposal of a discovery over HTTP. */
#include <string.h>

#include "api/discovery/discovery_heard.h"
#include "api/discovery/discovery_request.h"
#include "api/discovery/discovery_routes.h"
#include "api/discovery/known_store.h"
#include "api/handler/transaction.h"
#include "api/http/accept.h"
#include "api/http/problem.h"
#include "api/proposal/proposal_output.h"
#include "api/recognisers/recogniser.h"
#include "api/resources/register_ranges.h"
#include "api/store/profile_store.h"
#include "api/store/record_store.h"
#include "common/base/clock.h"
#include "common/model/topic.h"

/* The callbacks of a proposal: it gets names and registers that the store does not have yet. */
struct proposal_store {
    struct store *store;
    struct arena *arena;
};

static bool proposal_name_is_taken(void *context, const char *name)
{
    struct proposal_store *proposal_store = context;
    struct record device;
    return record_store_find_device(proposal_store->store, proposal_store->arena, name, &device);
}

static bool proposal_profile_is_taken(void *context, const char *name)
{
    const struct proposal_store *proposal_store = context;
    return profile_store_find(proposal_store->store, proposal_store->arena, name) != NULL;
}

static int32_t proposal_find_registers(void *context, uint8_t unit, enum modbus_table table,
                                       int32_t from, int32_t width)
{
    const struct proposal_store *proposal_store = context;
    const struct modbus_location location = {.unit = unit}; /* of all gateways */
    return (int32_t)register_ranges_find_block(proposal_store->store, &location, table, from,
                                               width);
}

/* The values of the parameters `topic` and `key`. False, with 400, for a topic that is no filter.
 */
static bool proposal_read_choice(const struct request *request, struct proposal_choice *choice,
                                 struct response *response)
{
    const struct query_params *params = &request->query_params;
    const char **filters = arena_alloc(request->arena, (params->count + 1) * sizeof(char *));
    const char **keys = arena_alloc(request->arena, (params->count + 1) * sizeof(char *));
    *choice = (struct proposal_choice){.filters = filters, .keys = keys};
    for (size_t i = 0; i < params->count; i++) {
        const struct query_param *param = &params->item[i];
        if (strcmp(param->name, "key") == 0) {
            keys[choice->key_count++] = param->value;
        } else if (strcmp(param->name, "topic") == 0 && topic_filter_is_valid(param->value)) {
            filters[choice->filter_count++] = param->value;
        } else if (strcmp(param->name, "topic") == 0) {
            problem_respond(response, 400,
                            "topic must be a topic or a filter with + and #, in a URL written as "
                            "%%2B and %%23.");
            return false;
        }
    }
    return true;
}

/* What the request wants, beside topics and keys. */
struct proposal_wishes {
    bool with_profiles, with_configured, only_holding_registers;
    uint8_t unit; /* for new devices; 0: any */
};

/* Reads a parameter that is true or false. False after 400. */
static bool proposal_read_flag(const struct request *request, const char *name, bool *flag,
                               struct response *response)
{
    const char *text = query_param(&request->query_params, name, "false");
    *flag = strcmp(text, "true") == 0;
    if (!*flag && strcmp(text, "false") != 0)
        problem_respond(response, 400, "%s must be true or false.", name);
    return *flag || strcmp(text, "false") == 0;
}

/* Reads all parameters. False after 400. */
static bool proposal_read_wishes(const struct thread_ctx *thread_ctx, const struct request *request,
                                 struct proposal_wishes *wishes, struct response *response)
{
    const struct unit_set *units = &thread_ctx->settings->common.units;
    const char *table = query_param(&request->query_params, "table", NULL), *why;
    int64_t unit = 0;
    *wishes = (struct proposal_wishes){.only_holding_registers = table != NULL};
    if (!proposal_read_flag(request, "profile", &wishes->with_profiles, response) ||
        !proposal_read_flag(request, "configured", &wishes->with_configured, response))
        return false;
    if (table && strcmp(table, table_names[TABLE_HOLDING_REGISTER]) != 0) {
        problem_respond(response, 400,
                        "table can only be holding_register: all values are then proposed there. "
                        "Without it each value gets the table that fits it.");
        return false;
    }
    if (!query_param_number(&request->query_params, "unit_id", UNIT_MIN, UNIT_MAX, request->arena,
                            &unit, &why)) {
        problem_respond(response, 400, "%s", why);
        return false;
    }
    if (unit_set_find_original(units, unit) != 0) {
        problem_respond(response, 400, "unit_id %lld is another name of unit %u: take unit_id %u.",
                        (long long)unit, unit_set_find_original(units, unit),
                        unit_set_find_original(units, unit));
        return false;
    }
    if (unit > 0 && !unit_set_contains(units, (uint8_t)unit)) {
        problem_respond(response, 400,
                        "unit_id %lld is no unit of the local server: [common] units has them.",
                        (long long)unit);
        return false;
    }
    wishes->unit = (uint8_t)unit;
    return true;
}

/* Makes the proposal and writes it. Call it within a transaction, for names and registers. */
static void proposal_respond(struct thread_ctx *thread_ctx, const struct request *request,
                             const struct survey *survey, const struct proposal_choice *choice,
                             const struct proposal_wishes *wishes, struct response *response)
{
    const struct common_settings *common = &thread_ctx->settings->common;
    struct proposal_store proposal_store = {thread_ctx->store, request->arena};
    struct known_store known_store = {thread_ctx->store, request->arena, common, NULL};
    struct proposal_known known = known_store_callbacks(&known_store);
    struct proposal_choice wanted = *choice;
    const struct proposal_place place = {.units = &common->units,
                                         .unit = wishes->unit,
                                         .only_holding_registers = wishes->only_holding_registers,
                                         .is_taken = proposal_name_is_taken,
                                         .find_range = proposal_find_registers,
                                         .context = &proposal_store};
    if (!wishes->with_configured) {
        known_store.tags = known_store_load(thread_ctx->store, request->arena, survey);
        wanted.known = &known;
    }
    struct proposal *proposal = proposal_make(request->arena, survey, recognisers, &wanted);
    proposal_complete(proposal, &place);
    response->status = 200;
    if (wishes->with_profiles)
        proposal_make_profiles(proposal, proposal_profile_is_taken, &proposal_store);
    if (!wishes->with_profiles && accept_prefers(request->accept, "text/csv", "application/json")) {
        proposal_write_csv(proposal, &response->body);
        response->content_type = "text/csv; charset=utf-8; header=present";
        response->disposition = "attachment; filename=\"proposal.csv\"";
    } else {
        proposal_write_json(proposal, &response->body);
    }
    proposal_finish(proposal);
}

static void proposal_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    struct discovery discovery;
    struct discovery_heard heard;
    struct proposal_choice choice;
    struct proposal_wishes wishes;
    if (!proposal_read_choice(request, &choice, response) ||
        !proposal_read_wishes(thread_ctx, request, &wishes, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    if (!discovery_request_find(thread_ctx, request, &discovery, response)) {
        store_rollback(thread_ctx->store);
        return;
    }
    discovery_heard_read(&heard, thread_ctx, &discovery, (int64_t)clock_wall_ms(), request->arena);
    if (heard.survey)
        proposal_respond(thread_ctx, request, heard.survey, &choice, &wishes, response);
    else
        problem_respond(response, 409, "There is nothing to propose yet. %s",
                        heard.reason ? heard.reason : "Ask again in a few seconds.");
    discovery_heard_finish(&heard);
    transaction_commit(thread_ctx, response);
}

static const struct route proposal_rows[] = {
    {METHOD_GET, API_PREFIX "/discoveries/{discovery}/proposal", QUEUE_REPORT,
     .handle = proposal_handle_get, .query_params = "topic* key* profile configured unit_id table"},
};

const struct route_table proposal_routes = ROUTE_TABLE(proposal_rows);
