/* Copies of a device over HTTP. */
#include "api/handler/precondition.h"
#include "api/handler/request_input.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/model/record_json.h"
#include "api/resources/device_copy.h"
#include "api/resources/resource_routes.h"

static void copy_add_audit(struct store *store, const struct device_copy *device_copy)
{
    struct audit *audit = device_copy->config_service.audit;
    struct text after = {0};
    json_open(&after, '{');
    json_write_key(&after, "copied");
    json_write_string(&after, record_field_text(&device_copy->source, DEVICE_NAME));
    json_write_key(&after, "created");
    json_write_integer(&after, device_copy->created);
    audit_add_bulk_change(store, audit, "copy", &after);
}

/* Commits and answers, unless there are errors. */
static void copy_commit(struct thread_ctx *thread_ctx, const struct device_copy *device_copy,
                        bool dry_run, struct response *response)
{
    struct text *body = &response->body;
    if (device_copy->validation.found > 0) {
        problem_respond_errors(response, 422, &device_copy->validation);
        return;
    }
    if (device_copy->conflicts.found > 0) {
        problem_respond_errors(response, 409, &device_copy->conflicts);
        return;
    }
    if (!dry_run) {
        copy_add_audit(thread_ctx->store, device_copy);
        if (!transaction_commit(thread_ctx, response))
            return;
    }
    response->status = dry_run ? 200 : 201;
    json_open(body, '{');
    json_write_key(body, "created");
    json_write_integer(body, device_copy->created);
    json_write_key(body, "dry_run");
    json_write_bool(body, dry_run);
    if (device_copy->warnings.count > 0) {
        json_write_key(body, "warnings");
        validation_write_errors(&device_copy->warnings, body);
    }
    json_write_key(body, "devices");
    json_open(body, '[');
    text_append(body, device_copy->devices->data, device_copy->devices->len);
    json_close(body, ']');
    json_close(body, '}');
}

static void copy_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                             struct response *response)
{
    bool dry_run;
    struct text devices = {0};
    struct record source;
    if (!request_read_dry_run(request, &dry_run, response))
        return;
    struct cJSON *body = request_parse_body(request, response);
    if (body && transaction_begin(thread_ctx, response)) {
        struct device_copy device_copy = {.config_service =
                                              config_service_for_request(thread_ctx, request),
                                          .validation = validation_make(request->arena),
                                          .conflicts = validation_make(request->arena),
                                          .warnings = validation_make(request->arena),
                                          .devices = &devices};
        if (request_find_device(thread_ctx, request, &source, response) &&
            precondition_check_if_match(thread_ctx, request, source.revision, response)) {
            if (device_copy_make(&device_copy, &source, body))
                copy_commit(thread_ctx, &device_copy, dry_run, response);
            else
                transaction_answer_failed(thread_ctx, response);
        }
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
    text_finish(&devices);
}

static const struct route copy_rows[] = {
    {METHOD_POST, API_PREFIX "/devices/{device}/copy", QUEUE_STORE, BODY_JSON,
     .handle = copy_handle_post, .query_params = "dry_run"},
};

const struct route_table copy_routes = ROUTE_TABLE(copy_rows);
