/* Each request that changes something is one transaction: find, check, read the body, apply the
 * rules, store, commit, answer. */
#include "api/resources/crud.h"

#include <string.h>

#include "api/handler/confirm.h"
#include "api/handler/precondition.h"
#include "api/handler/request_input.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/http/route.h"
#include "api/model/record_json.h"
#include "api/store/record_store.h"
#include "common/base/plural.h"
#include "common/base/require.h"

/* The name is the first field of every resource. */
enum { NAME_FIELD = 0 };
_Static_assert((int)DEVICE_NAME == (int)NAME_FIELD && (int)TAG_NAME == (int)NAME_FIELD,
               "the name is the first field");

/* A request for one resource. */
struct crud_ctx {
    struct thread_ctx *thread_ctx;
    const struct request *request;
    const struct crud_target *target;
    struct config_service config_service;
    struct record device; /* of a tag: the device that it belongs to */
    bool dry_run;         /* answer as if it were done */
    int64_t confirm;      /* of a change or deletion: see confirm_read */
};

static struct crud_ctx crud_make_ctx(struct thread_ctx *thread_ctx, const struct request *request)
{
    REQUIRE(request->operand);
    return (struct crud_ctx){.thread_ctx = thread_ctx,
                             .request = request,
                             .target = request->operand,
                             .config_service = config_service_for_request(thread_ctx, request)};
}

/* Returns the name of the resource in the path. The path of a POST has none. */
static const char *crud_path_name(const struct crud_ctx *crud_ctx)
{
    return crud_ctx->request->param[crud_ctx->target->ops->of_device ? 1 : 0];
}

/* Finds the device of a tag. False when the response is a 404 or 503. */
static bool crud_find_device(struct crud_ctx *crud_ctx, struct response *response)
{
    return !crud_ctx->target->ops->of_device ||
           request_find_device(crud_ctx->thread_ctx, crud_ctx->request, &crud_ctx->device,
                               response);
}

/* Finds the resource of the path. False when the response is a 404 or 503. With `may_be_missing` a
 * resource that does not exist is no error: it gets the id 0. */
static bool crud_find_record(struct crud_ctx *crud_ctx, bool may_be_missing, struct record *record,
                             struct response *response)
{
    struct store *store = crud_ctx->thread_ctx->store;
    struct arena *arena = crud_ctx->request->arena;
    const char *const *param = crud_ctx->request->param;
    const struct resource_ops *ops = crud_ctx->target->ops;
    *record = (struct record){0};
    if (!crud_find_device(crud_ctx, response))
        return false;
    if (ops->of_device ? record_store_find_tag(store, arena, param[0], param[1], record)
                       : record_store_find_device(store, arena, param[0], record))
        return true;
    if (store_has_failed(store)) {
        transaction_answer_failed(crud_ctx->thread_ctx, response);
        return false;
    }
    if (!may_be_missing)
        problem_respond(response, 404, "There is no %s \"%.64s\".", ops->resource->name,
                        crud_path_name(crud_ctx));
    return may_be_missing;
}

static void crud_write_response(const struct crud_ctx *crud_ctx, const struct record *record,
                                const struct validation *warnings, struct response *response)
{
    const struct crud_target *target = crud_ctx->target;
    if (!crud_ctx->dry_run)
        response->etag =
            precondition_format_etag(crud_ctx->thread_ctx, crud_ctx->request, record->revision);
    if (target->group)
        record_json_write_group(target->ops->resource, record, target->group, warnings,
                                &response->body);
    else
        record_json_write(target->ops->resource, record, warnings, &response->body);
}

/* Finds the device that a patch moves a tag to; without a move that is the tag's own. False when
 * the response has an error of the store. */
static bool crud_find_new_device(const struct crud_ctx *crud_ctx, const struct record *record,
                                 struct record *device, struct validation *validation,
                                 struct response *response)
{
    struct store *store = crud_ctx->thread_ctx->store;
    *device = crud_ctx->device;
    if (!record->move_to ||
        strcmp(record->move_to, record_field_text(&crud_ctx->device, DEVICE_NAME)) == 0)
        return true;
    if (record_store_find_device(store, crud_ctx->request->arena, record->move_to, device))
        return true;
    if (store_has_failed(store)) {
        transaction_answer_failed(crud_ctx->thread_ctx, response);
        return false;
    }
    *device = crud_ctx->device;
    validation_add(validation, NULL, "device", "unknown_device", "no device has the name \"%.64s\"",
                   record->move_to);
    return true;
}

/* Commits a change, or leaves a dry run to be rolled back. False, with an error in the response,
 * when there are conflicts or the store fails. */
static bool crud_commit(const struct crud_ctx *crud_ctx, const struct validation *conflicts,
                        struct response *response)
{
    struct thread_ctx *thread_ctx = crud_ctx->thread_ctx;
    if (store_has_failed(thread_ctx->store)) {
        transaction_answer_failed(thread_ctx, response);
        return false;
    }
    if (conflicts->found > 0) {
        problem_respond_errors(response, conflicts->invalid ? 422 : 409, conflicts);
        return false;
    }
    if (!crud_ctx->dry_run)
        return !store_has_changed(thread_ctx->store) || transaction_commit(thread_ctx, response);
    if (!store_may_commit(thread_ctx->store)) {
        transaction_answer_failed(thread_ctx, response);
        return false;
    }
    return true;
}

/* False when it has answered: a device with another profile loses so many tags of the former one
 * that this must be confirmed. */
static bool crud_confirm_dropped(const struct crud_ctx *crud_ctx, struct response *response)
{
    int64_t dropped = *crud_ctx->config_service.dropped;
    return dropped == 0 || crud_ctx->dry_run ||
           confirm_check(crud_ctx->request, crud_ctx->confirm, dropped,
                         "tags of the former profile that the new one does not have", response);
}

/* Stores the resource of the body: it replaces `old`, or is new when `old` is NULL. Within a
 * transaction, which the caller rolls back if it was not committed. */
static void crud_save_body(const struct crud_ctx *crud_ctx, const struct cJSON *body,
                           const struct record *old, struct response *response)
{
    const struct crud_target *target = crud_ctx->target;
    const struct resource_ops *ops = target->ops;
    struct arena *arena = crud_ctx->request->arena;
    struct validation validation = validation_make(arena), warnings = validation_make(arena),
                      conflicts = validation_make(arena);
    validation.root = warnings.root = conflicts.root = target->group;
    REQUIRE(old ? crud_ctx->request->method != METHOD_POST : !target->merge && !target->group);

    /* Fields that are not in the body keep their values in a merge patch, and get their defaults
     * otherwise. Fields of other groups keep their values. */
    struct record record = target->merge || target->group ? *old : (struct record){0};
    if (!target->merge)
        record_set_defaults(ops->resource, target->group, &record);
    const char *name = crud_ctx->request->method == METHOD_POST ? NULL : crud_path_name(crud_ctx);
    bool may_rename = target->merge;
    if (name)
        record.cells[NAME_FIELD] = (struct cell){.kind = CELL_TEXT, .as.text = name};
    const struct read_only_values set = {.old = old,
                                         .device =
                                             record_field_text(&crud_ctx->device, DEVICE_NAME),
                                         .may_move = may_rename};
    struct record device;
    record_json_read(ops->resource, body, target->merge, &set, &validation, &record);

    /* Each field has been checked by itself. Now the name, and the rules between fields. */
    if (name && !resource_name_is_valid(name))
        validation_add(&validation, NULL, "name", "invalid_name",
                       "the name in the path is not a valid name");
    else if (name && !may_rename && record_has_value(&record, NAME_FIELD) &&
             strcmp(record_field_text(&record, NAME_FIELD), name) != 0)
        validation_add(&validation, NULL, "name", "name_mismatch",
                       "must be the name in the path, %s", name);
    if (!crud_find_new_device(crud_ctx, &record, &device, &validation, response))
        return;
    ops->apply_rules(&crud_ctx->config_service, &device, old, &record, &validation, &warnings);
    if (validation.found > 0) {
        problem_respond_errors(response, 422, &validation);
        return;
    }

    if (old)
        ops->change(&crud_ctx->config_service, &device, old, &record, &conflicts);
    else
        ops->create(&crud_ctx->config_service, &device, &record, &conflicts, &warnings);
    if (conflicts.found == 0 && !crud_confirm_dropped(crud_ctx, response))
        return;
    if (!crud_commit(crud_ctx, &conflicts, response))
        return;
    response->status = old || crud_ctx->dry_run ? 200 : 201;
    if (target->merge || (!old && !crud_ctx->dry_run))
        response->location =
            ops->of_device ? arena_format(arena, API_PREFIX "/devices/%s/tags/%s", record.device,
                                          record_field_text(&record, NAME_FIELD))
                           : arena_format(arena, API_PREFIX "/devices/%s",
                                          record_field_text(&record, NAME_FIELD));
    crud_write_response(crud_ctx, &record, &warnings, response);
    if (crud_ctx->dry_run && old) /* nothing has changed: for If-Match of the change itself */
        response->etag =
            precondition_format_etag(crud_ctx->thread_ctx, crud_ctx->request, old->revision);
}

void crud_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                     struct response *response)
{
    /* An earlier response is still right if the store has not changed. */
    uint64_t version = store_read_version(thread_ctx->store);
    const struct cached_resource *cached =
        resource_cache_find(&thread_ctx->resource_cache, request->path, version);
    if (cached) {
        if (precondition_check(thread_ctx, request, cached->revision, response)) {
            response->status = 200;
            response->etag = precondition_format_etag(thread_ctx, request, cached->revision);
            text_append(&response->body, cached->body.data, cached->body.len);
        }
        return;
    }
    if (!transaction_begin(thread_ctx, response))
        return;
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    struct record record;
    if (crud_find_record(&crud_ctx, false, &record, response) &&
        transaction_commit(thread_ctx, response) &&
        precondition_check(thread_ctx, request, record.revision, response)) {
        response->status = 200;
        crud_write_response(&crud_ctx, &record, NULL, response);
        resource_cache_keep(&thread_ctx->resource_cache, request->path, version, record.revision,
                            &response->body);
    }
    store_rollback(thread_ctx->store);
}

void crud_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                      struct response *response)
{
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    if (!request_read_dry_run(request, &crud_ctx.dry_run, response))
        return;
    struct cJSON *body = request_parse_body(request, response);
    if (body && transaction_begin(thread_ctx, response)) {
        if (crud_find_device(&crud_ctx, response) &&
            precondition_check_if_match(thread_ctx, request, store_read_revision(thread_ctx->store),
                                        response))
            crud_save_body(&crud_ctx, body, NULL, response);
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
}

/* PUT of the whole resource also creates it; PUT of a group and PATCH only change it. */
void crud_handle_put(struct thread_ctx *thread_ctx, const struct request *request,
                     struct response *response)
{
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    bool may_create = !crud_ctx.target->merge && !crud_ctx.target->group;
    struct record old;
    if (!request_read_dry_run(request, &crud_ctx.dry_run, response) ||
        !confirm_read(request, &crud_ctx.confirm, response))
        return;
    struct cJSON *body = request_parse_body(request, response);
    if (body && transaction_begin(thread_ctx, response)) {
        if (crud_find_record(&crud_ctx, may_create, &old, response) &&
            precondition_check(thread_ctx, request, old.id != 0 ? old.revision : 0, response))
            crud_save_body(&crud_ctx, body, old.id != 0 ? &old : NULL, response);
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
}

/* False when the device has so many tags that their deletion must be confirmed. */
static bool crud_confirm_deletion(const struct crud_ctx *crud_ctx, const struct record *record,
                                  struct response *response)
{
    if (crud_ctx->target->ops->of_device || crud_ctx->dry_run)
        return true;
    const char *name = record_field_text(record, DEVICE_NAME);
    int64_t tags = config_service_count_tags(&crud_ctx->config_service, record);
    const char *what = arena_format(crud_ctx->request->arena, "the device %s with its %lld tag%s",
                                    name, (long long)tags, plural_suffix((size_t)tags));
    return confirm_check(crud_ctx->request, crud_ctx->confirm, 1 + tags, what, response);
}

/* False when it has answered 409: the tag follows a profile. */
static bool crud_may_delete(const struct crud_ctx *crud_ctx, const struct record *record,
                            struct response *response)
{
    struct validation conflicts = validation_make(crud_ctx->request->arena);
    if (record->profile_tag == 0)
        return true;
    validation_add_at(&conflicts, "", "profile_tag",
                      "the tag %s follows the device's profile: delete it there, or let the device "
                      "leave the profile and keep its tags, with PATCH of the device and "
                      "{\"profile\": null}",
                      crud_path_name(crud_ctx));
    problem_respond_errors(response, 409, &conflicts);
    return false;
}

void crud_handle_delete(struct thread_ctx *thread_ctx, const struct request *request,
                        struct response *response)
{
    struct crud_ctx crud_ctx = crud_make_ctx(thread_ctx, request);
    const struct validation no_conflicts = {0};
    struct record record;
    REQUIRE(!crud_ctx.target->group);
    if (!request_read_dry_run(request, &crud_ctx.dry_run, response) ||
        !confirm_read(request, &crud_ctx.confirm, response) ||
        !transaction_begin(thread_ctx, response))
        return;
    if (crud_find_record(&crud_ctx, false, &record, response) &&
        precondition_check(thread_ctx, request, record.revision, response) &&
        crud_may_delete(&crud_ctx, &record, response) &&
        crud_confirm_deletion(&crud_ctx, &record, response)) {
        crud_ctx.target->ops->remove(&crud_ctx.config_service, &record);
        if (crud_commit(&crud_ctx, &no_conflicts, response))
            response->status = 204;
    }
    store_rollback(thread_ctx->store);
}
