/* Body in, rules, store, answer: each request that changes something is one transaction. */
#include "api/resources/crud.h"

#include <string.h>

#include "api/handler/precondition.h"
#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/model/record_json.h"

/* The name is the first field of every resource. */
enum { NAME_FIELD = 0 };

static struct crud_ctx crud_make_ctx(struct thread_ctx *thread_ctx, const struct request *request)
{
    return (struct crud_ctx){.thread_ctx = thread_ctx,
                             .request = request,
                             .config_service = config_service_for_request(thread_ctx, request)};
}

/* Finds the resource that the path names, or answers why not. */
static bool crud_find_record(struct crud_ctx *crud_ctx, const struct resource_ops *ops,
                             struct record *record, struct response *response)
{
    const char *name = crud_ctx->request->param[ops->param];
    if (ops->find_parent && !ops->find_parent(crud_ctx, response))
        return false;
    if (ops->find(crud_ctx, name, record))
        return true;
    if (store_has_failed(crud_ctx->thread_ctx->store))
        transaction_answer_failed(crud_ctx->thread_ctx, response);
    else
        problem_respond(response, 404, "There is no %s \"%.64s\".", ops->resource->name, name);
    return false;
}

static void crud_write_response(const struct crud_ctx *crud_ctx, const struct crud_target *target,
                                const struct record *record, const struct validation *warnings,
                                struct response *response)
{
    const struct resource *resource = target->ops->resource;
    precondition_set_etag(crud_ctx->request, record->revision, response);
    if (target->group)
        record_json_write_group(resource, record, target->group, warnings, &response->body);
    else
        record_json_write(resource, record, warnings, &response->body);
}

/* Answers as before when nothing in the store has changed since. */
static bool crud_write_cached(struct thread_ctx *thread_ctx, const struct request *request,
                              uint64_t version, struct response *response)
{
    const struct cached_resource *kept =
        resource_cache_find(&thread_ctx->resource_cache, request->path, version);
    if (!kept)
        return false;
    if (precondition_check(request, kept->revision, response)) {
        response->status = 200;
        precondition_set_etag(request, kept->revision, response);
        text_append(&response->body, kept->body.data, kept->body.len);
    }
    return true;
}

void crud_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                     struct response *response)
{
    const struct crud_target *target = request->operand;
    struct record record;
    uint64_t version = store_read_version(thread_ctx->store);
    if (crud_write_cached(thread_ctx, request, version, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    if (crud_find_record(&crud_ctx, target->ops, &record, response) &&
        transaction_commit(thread_ctx, response) &&
        precondition_check(request, record.revision, response)) {
        response->status = 200;
        crud_write_response(&crud_ctx, target, &record, NULL, response);
        resource_cache_keep(&thread_ctx->resource_cache, request->path, version, record.revision,
                            &response->body);
    }
    store_rollback(thread_ctx->store);
}

static void check_path_name(const struct record *record, const char *name,
                            struct validation *validation)
{
    if (!resource_name_is_valid(name))
        validation_add(validation, NULL, "name", "invalid_name",
                       "the name in the path is no valid name");
    else if (record_has_value(record, NAME_FIELD) &&
             strcmp(record_field_text(record, NAME_FIELD), name) != 0)
        validation_add(validation, NULL, "name", "name_mismatch",
                       "must be the name in the path, %s", name);
}

/* Fills `record` from the body and applies all rules. `name` is the path's, NULL for a POST. */
static void crud_read_body(const struct crud_ctx *crud_ctx, const struct crud_target *target,
                           const struct cJSON *body, const struct record *old, const char *name,
                           struct record *record, struct validation *validation,
                           struct validation *warnings)
{
    const struct resource_ops *ops = target->ops;
    *record = target->merge || target->group ? *old : (struct record){0};
    if (!target->merge)
        record_set_defaults(ops->resource, target->group, record);
    if (name)
        record->cells[NAME_FIELD] = (struct cell){.kind = CELL_TEXT, .as.text = name};
    validation->root = warnings->root = target->group;
    struct read_only_values set = {.old = old,
                                   .device = record_field_text(&crud_ctx->device, DEVICE_NAME)};
    record_json_read(ops->resource, body, target->merge, &set, validation, record);
    if (name)
        check_path_name(record, name, validation);
    ops->apply_rules(crud_ctx, old, record, validation, warnings);
}

/* Some changes are wrong in themselves though only the store can tell. */
static int conflict_status(const struct validation *conflicts)
{
    for (size_t i = 0; i < conflicts->count; i++) {
        if (strcmp(conflicts->items[i].code, "read_only_table") == 0)
            return 422;
    }
    return 409;
}

/* Ends the transaction. True when what was done stays. */
static bool crud_end_transaction(struct thread_ctx *thread_ctx, const struct validation *conflicts,
                                 struct response *response)
{
    if (store_has_failed(thread_ctx->store)) {
        transaction_answer_failed(thread_ctx, response);
        return false;
    }
    if (conflicts->found > 0) {
        problem_respond_errors(response, conflict_status(conflicts), conflicts);
        return false;
    }
    if (!store_has_changed(thread_ctx->store))
        return true;
    return transaction_commit(thread_ctx, response);
}

static void crud_save_record(const struct crud_ctx *crud_ctx, const struct crud_target *target,
                             const struct cJSON *body, const struct record *old, const char *name,
                             struct response *response)
{
    const struct resource_ops *ops = target->ops;
    struct record record;
    struct arena *arena = crud_ctx->request->arena;
    struct validation validation = validation_make(arena), warnings = validation_make(arena);
    struct validation conflicts = validation_make(arena);
    crud_read_body(crud_ctx, target, body, old, name, &record, &validation, &warnings);
    if (validation.found > 0) {
        problem_respond_errors(response, 422, &validation);
        return;
    }
    conflicts.root = target->group;
    if (old)
        ops->change(crud_ctx, old, &record, &conflicts);
    else
        ops->create(crud_ctx, &record, &conflicts, &warnings);
    if (!crud_end_transaction(crud_ctx->thread_ctx, &conflicts, response))
        return;
    response->status = old ? 200 : 201;
    if (!old)
        response->location = ops->location(crud_ctx, &record);
    crud_write_response(crud_ctx, target, &record, &warnings, response);
}

void crud_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                      struct response *response)
{
    const struct crud_target *target = request->operand;
    const struct resource_ops *ops = target->ops;
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    struct cJSON *body = request_parse_body(request, response);
    if (body && transaction_begin(thread_ctx, response)) {
        if ((!ops->find_parent || ops->find_parent(&crud_ctx, response)) &&
            (!request->if_match || precondition_check_if_match(
                                       request, store_read_revision(thread_ctx->store), response)))
            crud_save_record(&crud_ctx, target, body, NULL, NULL, response);
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
}

/* Looks for what is to be changed: false when the request ends here. A whole body may also create
 * it, *old is then NULL. */
static bool crud_find_old(struct crud_ctx *crud_ctx, const struct crud_target *target,
                          struct record *found, const struct record **old,
                          struct response *response)
{
    const struct resource_ops *ops = target->ops;
    const char *name = crud_ctx->request->param[ops->param];
    bool may_create = !target->merge && !target->group;
    if (!may_create) {
        if (!crud_find_record(crud_ctx, ops, found, response))
            return false;
        *old = found;
    } else {
        if (ops->find_parent && !ops->find_parent(crud_ctx, response))
            return false;
        *old = ops->find(crud_ctx, name, found) ? found : NULL;
        if (store_has_failed(crud_ctx->thread_ctx->store)) {
            transaction_answer_failed(crud_ctx->thread_ctx, response);
            return false;
        }
    }
    return precondition_check(crud_ctx->request, *old ? (*old)->revision : 0, response);
}

void crud_handle_put(struct thread_ctx *thread_ctx, const struct request *request,
                     struct response *response)
{
    const struct crud_target *target = request->operand;
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    struct record found;
    const struct record *old;
    struct cJSON *body = request_parse_body(request, response);
    if (body && transaction_begin(thread_ctx, response)) {
        if (crud_find_old(&crud_ctx, target, &found, &old, response))
            crud_save_record(&crud_ctx, target, body, old, request->param[target->ops->param],
                             response);
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
}

void crud_handle_delete(struct thread_ctx *thread_ctx, const struct request *request,
                        struct response *response)
{
    const struct crud_target *target = request->operand;
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    struct record record;
    struct validation none = validation_make(request->arena);
    if (!transaction_begin(thread_ctx, response))
        return;
    if (crud_find_record(&crud_ctx, target->ops, &record, response) &&
        precondition_check(request, record.revision, response)) {
        target->ops->remove(&crud_ctx, &record);
        if (crud_end_transaction(thread_ctx, &none, response))
            response->status = 204;
    }
    store_rollback(thread_ctx->store);
}
