/* Answers 400, 404 or 503 when the body is invalid or the resource cannot be found. */
#include "api/handler/request_input.h"

#include <string.h>

#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/http/query.h"
#include "api/model/record_json.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

struct cJSON *request_parse_body(const struct request *request, struct response *response)
{
    char why[128];
    struct cJSON *body = json_body_parse(request->body, request->body_len, why, sizeof why);
    if (!body)
        problem_respond(response, 400, "%s", why);
    return body;
}

bool request_read_dry_run(const struct request *request, bool *dry_run, struct response *response)
{
    const char *word = query_param(&request->query_params, "dry_run", "false");
    *dry_run = strcmp(word, "true") == 0;
    if (*dry_run || strcmp(word, "false") == 0)
        return true;
    problem_respond(response, 400, "dry_run must be true or false.");
    return false;
}

bool request_find_device(struct thread_ctx *thread_ctx, const struct request *request,
                         struct record *device, struct response *response)
{
    REQUIRE(request->param[0]);
    if (record_store_find_device(thread_ctx->store, request->arena, request->param[0], device))
        return true;
    if (store_has_failed(thread_ctx->store))
        transaction_answer_failed(thread_ctx, response);
    else
        problem_respond(response, 404, "No device has the name \"%.64s\".", request->param[0]);
    return false;
}

bool request_find_tag(struct thread_ctx *thread_ctx, const struct request *request,
                      struct record *tag, struct response *response)
{
    struct record device;
    REQUIRE(request->param[0] && request->param[1]);
    if (record_store_find_tag(thread_ctx->store, request->arena, request->param[0],
                              request->param[1], tag))
        return true;
    if (!request_find_device(thread_ctx, request, &device, response))
        return false;
    if (store_has_failed(thread_ctx->store))
        transaction_answer_failed(thread_ctx, response);
    else
        problem_respond(response, 404, "The device %.64s has no tag \"%.64s\".", request->param[0],
                        request->param[1]);
    return false;
}
