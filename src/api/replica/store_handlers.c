/* GET /api/v1/store: what a follower lacks of this store. */
#include <string.h>

#include "api/handler/transaction.h"
#include "api/http/etag.h"
#include "api/http/problem.h"
#include "api/replica/replica.h"
#include "api/replica/replica_routes.h"
#include "api/store/store_delta.h"

/* Answers another gateway that only compares terms. */
static void store_write_state(const struct store_lineage *own, const struct store_role *role,
                              struct response *response)
{
    struct text *body = &response->body;
    json_open(body, '{');
    json_write_key(body, "role");
    json_write_string(body, role->leader[0] ? "follower" : "leader");
    json_write_key(body, "leader");
    json_write_string_or_null(body, role->leader[0] ? role->leader : NULL);
    json_write_key(body, "term");
    json_write_integer(body, own->position.term);
    json_write_key(body, "revision");
    json_write_integer(body, own->position.revision);
    json_write_key(body, "branch");
    json_write_string(body, own->position.branch);
    json_write_key(body, "instance");
    json_write_string(body, role->instance);
    json_close(body, '}');
    response->status = 200;
    response->quiet = true;
}

/* Sets the answer for all requests that get no rows. False when rows are to be sent. */
static bool store_answer_short(struct thread_ctx *thread_ctx, const struct request *request,
                               const struct replica_ask *ask, struct response *response)
{
    struct replica_view *view = &thread_ctx->replica_view;
    uint64_t version = store_read_version(thread_ctx->store);
    if (version == 0 || version != view->version) {
        if (!transaction_begin(thread_ctx, response))
            return true;
        bool ok = store_lineage_read(thread_ctx->store, &view->own) &&
                  store_role_read(thread_ctx->store, &view->role);
        if (!transaction_commit(thread_ctx, response) || !ok)
            return true;
        store_position_format(&view->own.position, view->etag);
        view->version = version;
    }
    replica_note_ask(thread_ctx->replica, ask, &view->own.position);
    if (ask->leads) {
        store_write_state(&view->own, &view->role, response);
        return true;
    }
    if (view->role.leader[0] != '\0') {
        problem_respond_follower(response, view->role.leader);
        response->quiet = true; /* the list of gateways shows it */
        return true;
    }
    if (ask->have.term > view->own.position.term) {
        problem_respond_code(response, 409, "older_term",
                             "This gateway leads with term %lld; a store of term %lld is newer and "
                             "does not follow it.",
                             (long long)view->own.position.term, (long long)ask->have.term);
        response->quiet = true;
        return true;
    }
    if (!request->if_none_match || !etag_matches(request->if_none_match, view->etag, true))
        return false;
    response->etag = view->etag;
    response->status = 304;
    response->quiet = true;
    return true;
}

static bool store_read_ask(const struct request *request, struct replica_ask *ask,
                           struct response *response)
{
    const char *why;
    if (replica_ask_read(&request->query_params, ask, &why))
        return true;
    problem_respond(response, 400, "%s", why);
    return false;
}

/* In the HTTP thread: a poll without news costs no change of threads. */
static bool store_handle_quick(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    struct replica_ask ask;
    return !store_read_ask(request, &ask, response) ||
           store_answer_short(thread_ctx, request, &ask, response);
}

static void store_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                             struct response *response)
{
    struct replica_ask ask;
    struct store_lineage own;
    if (!store_read_ask(request, &ask, response) ||
        store_answer_short(thread_ctx, request, &ask, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    if (store_lineage_read(thread_ctx->store, &own))
        store_delta_write(thread_ctx->store, &ask.have, &response->body);
    if (!transaction_commit(thread_ctx, response))
        return;
    char *etag = arena_alloc(request->arena, STORE_POSITION_SIZE);
    store_position_format(&own.position, etag);
    response->etag = etag;
    response->content_type = "application/vnd.sqlite3";
    response->status = 200;
}

static const struct route store_rows[] = {
    {METHOD_GET, API_PREFIX "/store", QUEUE_REPORT, .handle = store_handle_get,
     .quick = store_handle_quick, .query_params = REPLICA_ASK_PARAMS},
};

const struct route_table store_routes = ROUTE_TABLE(store_rows);
