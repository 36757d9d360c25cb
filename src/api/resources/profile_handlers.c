/* Profiles over HTTP. */
#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/handler/confirm.h"
#include "api/handler/paging.h"
#include "api/handler/precondition.h"
#include "api/handler/request_input.h"
#include "api/handler/thread_ctx.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/model/object_fields.h"
#include "api/model/record_json.h"
#include "api/resources/profile_library.h"
#include "api/resources/profile_requests.h"
#include "api/resources/profile_service.h"
#include "api/resources/resource_routes.h"
#include "api/store/profile_store.h"
#include "api/store/record_store.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"

/* Finds the profile of the path. NULL when it has answered 404 or 503. */
static struct profile *request_find_profile(struct thread_ctx *thread_ctx,
                                            const struct request *request,
                                            struct response *response)
{
    const char *name = request->param[0];
    struct profile *profile = profile_store_find(thread_ctx->store, request->arena, name);
    if (profile)
        return profile;
    if (store_has_failed(thread_ctx->store))
        transaction_answer_failed(thread_ctx, response);
    else
        problem_respond(response, 404, "No profile has the name \"%.64s\".", name);
    return NULL;
}

/* Reads the parameter `library`. False when it has answered 400. */
static bool request_wants_library(const struct request *request, bool *library,
                                  struct response *response)
{
    const char *word = query_param(&request->query_params, "library", "false");
    *library = strcmp(word, "true") == 0;
    if (*library || strcmp(word, "false") == 0)
        return true;
    problem_respond(response, 400, "library must be true or false.");
    return false;
}

/* A line of the library: what a person chooses by. */
static void library_write_entry(const cJSON *tree, const char *name, struct text *text)
{
    static const char *const texts[] = {"label", "description"};
    json_open(text, '{');
    json_write_key(text, "name");
    json_write_string(text, name);
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        const cJSON *item = cJSON_GetObjectItemCaseSensitive(tree, texts[i]);
        json_write_key(text, texts[i]);
        json_write_string(text, cJSON_IsString(item) ? item->valuestring : "");
    }
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(tree, "params");
    json_write_key(text, "params");
    if (cJSON_IsObject(params))
        json_write_tree(text, params);
    else
        json_write_raw(text, "{}");
    json_write_key(text, "tags");
    json_write_integer(text, cJSON_GetArraySize(cJSON_GetObjectItemCaseSensitive(tree, "tags")));
    json_close(text, '}');
}

static void library_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               const struct record_filter *list, struct response *response)
{
    const char *folder = thread_ctx->settings->profile_dir, *why;
    struct list_page page = {.limit = list->limit};
    int64_t total = 0;
    for (const char **name = profile_library_list(folder, request->arena); *name; name++) {
        if (*list->needle && !strcasestr(*name, list->needle))
            continue;
        total++;
        if (strcmp(*name, list->after) <= 0 || page.more || !paging_count_item(&page, *name))
            continue;
        struct cJSON *tree = profile_library_read(folder, *name, request->arena, &why);
        if (!tree)
            log_warning("library of profiles: %s", why);
        library_write_entry(tree, *name, &page.items);
        json_body_free(tree);
    }
    paging_answer(&page, total, response);
}

/* A page of profiles. */
struct profiles_page {
    struct list_page page;
    struct thread_ctx *thread_ctx;
    struct arena *arena;
};

static bool page_add_profile(void *context, const char *name)
{
    struct profiles_page *profiles = context;
    struct store *store = profiles->thread_ctx->store;
    if (!paging_count_item(&profiles->page, name))
        return false;
    const struct profile *profile = profile_store_find(store, profiles->arena, name);
    if (profile)
        profile_write(profile, profile_store_count_devices(store, name), &profiles->page.items);
    return profile != NULL;
}

static void profiles_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                struct response *response)
{
    struct record_filter list;
    bool library;
    if (!paging_read_query(request, &list, response) ||
        !request_wants_library(request, &library, response))
        return;
    if (library) {
        library_handle_get(thread_ctx, request, &list, response);
        return;
    }
    if (!transaction_begin(thread_ctx, response))
        return;
    struct profiles_page profiles = {
        .page = {.limit = list.limit}, .thread_ctx = thread_ctx, .arena = request->arena};
    if (paging_must_build(thread_ctx, request, response)) {
        profile_store_each_name(thread_ctx->store, request->arena, list.after, list.needle,
                                page_add_profile, &profiles);
        paging_answer(&profiles.page, profile_store_count(thread_ctx->store, list.needle),
                      response);
        paging_cache_page(thread_ctx, request, response);
    }
    transaction_commit(thread_ctx, response);
}

static void profile_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    bool library;
    const char *why;
    if (!request_wants_library(request, &library, response))
        return;
    if (library) {
        struct cJSON *tree = profile_library_read(thread_ctx->settings->profile_dir,
                                                  request->param[0], request->arena, &why);
        if (!tree) {
            problem_respond(response, 404, "%s", why);
            return;
        }
        json_write_tree(&response->body, tree);
        json_body_free(tree);
        response->status = 200;
        return;
    }
    if (!transaction_begin(thread_ctx, response))
        return;
    const struct profile *profile = request_find_profile(thread_ctx, request, response);
    if (profile && precondition_check(thread_ctx, request, profile->revision, response)) {
        response->status = 200;
        profile_answer(thread_ctx, request, profile, response);
    }
    store_rollback(thread_ctx->store);
}

/* A tag that the profile has no longer is deleted in each device. False when it has answered 400,
 * or 409 because the request does not confirm that. */
static bool profile_confirm_deletions(struct thread_ctx *thread_ctx, const struct request *request,
                                      const struct profile *old, const struct profile *profile,
                                      struct response *response)
{
    int64_t confirm;
    int64_t removed = 0;
    for (size_t i = 0; old && i < old->count; i++) {
        bool stays = false;
        for (size_t k = 0; k < profile->count && !stays; k++)
            stays = profile->tags[k].id == old->tags[i].id;
        removed += !stays;
    }
    int64_t devices = removed ? profile_store_count_devices(thread_ctx->store, old->name) : 0;
    return confirm_read(request, &confirm, response) &&
           confirm_check(request, confirm, removed * devices,
                         arena_format(request->arena,
                                      "%lld tag%s of the profile in %s%lld device%s",
                                      (long long)removed, plural_suffix((size_t)removed),
                                      devices == 1 ? "" : "each of ", (long long)devices,
                                      plural_suffix((size_t)devices)),
                         response);
}

/* Stores the profile of the body: it replaces `old`, or is new when `old` is NULL. */
static void profile_save_body(struct thread_ctx *thread_ctx, const struct request *request,
                              const struct cJSON *body, const struct profile *old,
                              struct response *response)
{
    struct config_service config_service = config_service_for_request(thread_ctx, request);
    struct validation validation = validation_make(request->arena),
                      conflicts = validation_make(request->arena);
    if (old)
        old = profile_service_find(&config_service, old->name);
    struct profile *profile = profile_service_read(&config_service, body, old, false, &validation);
    if (request->method == METHOD_PUT && strcmp(profile->name, request->param[0]) != 0)
        validation_add(&validation, NULL, "name", "name_mismatch",
                       "must be the name in the path, %s", request->param[0]);
    if (validation.found > 0) {
        problem_respond_errors(response, 422, &validation);
        return;
    }
    if (old && !profile_confirm_deletions(thread_ctx, request, old, profile, response))
        return;
    profile_service_put(&config_service, old, profile, &conflicts);
    if (!profile_commit(thread_ctx, &conflicts, response))
        return;
    response->status = old ? 200 : 201;
    if (!old)
        response->location = arena_format(request->arena, API_PREFIX "/profiles/%s", profile->name);
    profile_answer(thread_ctx, request, profile, response);
}

/* Replaces the body {"library": NAME} by the file. NULL when it has answered 422. */
static struct cJSON *profile_take_file(struct thread_ctx *thread_ctx, const struct request *request,
                                       struct cJSON *body, struct response *response)
{
    static const char *const members[] = {"library", "name", NULL};
    const char *why = "must be the name of a profile in the library";
    const cJSON *library = cJSON_GetObjectItemCaseSensitive(body, "library");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(body, "name");
    struct cJSON *tree = cJSON_IsString(library)
                             ? profile_library_read(thread_ctx->settings->profile_dir,
                                                    library->valuestring, request->arena, &why)
                             : NULL;
    struct validation validation = validation_make(request->arena);
    json_check_members(body, "", members, &validation);
    if (!tree)
        validation_add(&validation, NULL, "library", "unknown_profile", "%s", why);
    else if (name) /* take it in by another name */
        cJSON_ReplaceItemInObjectCaseSensitive(tree, "name", cJSON_Duplicate(name, 1));
    if (validation.found > 0) {
        problem_respond_errors(response, 422, &validation);
        json_body_free(tree);
        tree = NULL;
    }
    return tree;
}

static void profiles_handle_post(struct thread_ctx *thread_ctx, const struct request *request,
                                 struct response *response)
{
    struct cJSON *body = request_parse_body(request, response);
    if (cJSON_GetObjectItemCaseSensitive(body, "library")) {
        struct cJSON *file = profile_take_file(thread_ctx, request, body, response);
        json_body_free(body);
        body = file;
    }
    if (body && transaction_begin(thread_ctx, response)) {
        if (!precondition_check_if_match(thread_ctx, request,
                                         store_read_revision(thread_ctx->store), response))
            ;
        else if (cJSON_GetObjectItemCaseSensitive(body, "from_device"))
            profile_save_captured(thread_ctx, request, body, response);
        else
            profile_save_body(thread_ctx, request, body, NULL, response);
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
}

/* Returns the profile as JSON, changed by a merge patch (RFC 7396). */
static struct cJSON *profile_merge(const struct profile *old, const struct cJSON *patch)
{
    struct text text = {0};
    profile_write(old, 0, &text);
    struct cJSON *merged = json_object_merge(text.data, patch);
    text_finish(&text);
    return merged;
}

static void profile_handle_put(struct thread_ctx *thread_ctx, const struct request *request,
                               struct response *response)
{
    bool merge = request->method == METHOD_PATCH;
    struct cJSON *body = request_parse_body(request, response);
    if (body && transaction_begin(thread_ctx, response)) {
        struct profile *old =
            merge ? request_find_profile(thread_ctx, request, response)
                  : profile_store_find(thread_ctx->store, request->arena, request->param[0]);
        if ((old || !merge) &&
            precondition_check(thread_ctx, request, old ? old->revision : 0, response)) {
            if (merge && cJSON_IsObject(body)) {
                struct cJSON *merged = profile_merge(old, body);
                json_body_free(body);
                body = merged;
            } else if (cJSON_IsObject(body) && !cJSON_GetObjectItemCaseSensitive(body, "name")) {
                cJSON_AddStringToObject(body, "name", request->param[0]);
            }
            profile_save_body(thread_ctx, request, body, old, response);
        }
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
}

static void profile_handle_delete(struct thread_ctx *thread_ctx, const struct request *request,
                                  struct response *response)
{
    if (!transaction_begin(thread_ctx, response))
        return;
    struct config_service config_service = config_service_for_request(thread_ctx, request);
    struct validation conflicts = validation_make(request->arena);
    const struct profile *profile = request_find_profile(thread_ctx, request, response);
    if (profile && precondition_check(thread_ctx, request, profile->revision, response)) {
        profile_service_delete(&config_service, profile, &conflicts);
        if (profile_commit(thread_ctx, &conflicts, response))
            response->status = 204;
    }
    store_rollback(thread_ctx->store);
}

static void profile_devices_handle_get(struct thread_ctx *thread_ctx, const struct request *request,
                                       struct response *response)
{
    struct record_filter list;
    if (!paging_read_query(request, &list, response) || !transaction_begin(thread_ctx, response))
        return;
    const struct profile *profile = request_find_profile(thread_ctx, request, response);
    if (profile && paging_must_build(thread_ctx, request, response)) {
        struct list_page page = {.limit = list.limit};
        struct record device;
        const char **name = profile_store_list_devices(thread_ctx->store, request->arena,
                                                       profile->name, list.after, list.limit + 1);
        for (; *name && paging_count_item(&page, *name); name++) {
            if (record_store_find_device(thread_ctx->store, request->arena, *name, &device))
                record_json_write(&device_resource, &device, NULL, &page.items);
        }
        paging_answer(&page, profile_store_count_devices(thread_ctx->store, profile->name),
                      response);
        paging_cache_page(thread_ctx, request, response);
    }
    transaction_commit(thread_ctx, response);
}

static void profile_devices_handle_post(struct thread_ctx *thread_ctx,
                                        const struct request *request, struct response *response)
{
    struct cJSON *body = request_parse_body(request, response);
    if (body && transaction_begin(thread_ctx, response)) {
        const struct profile *profile = request_find_profile(thread_ctx, request, response);
        if (profile && precondition_check_if_match(
                           thread_ctx, request, store_read_revision(thread_ctx->store), response))
            profile_create_devices(thread_ctx, request, profile, body, response);
        store_rollback(thread_ctx->store);
    }
    json_body_free(body);
}

#define PROFILES API_PREFIX "/profiles"
#define PROFILE  PROFILES "/{profile}"

static const struct route profile_rows[] = {
    {METHOD_GET, PROFILES, QUEUE_REPORT, .handle = profiles_handle_get,
     .query_params = "library q limit after"},
    {METHOD_POST, PROFILES, QUEUE_STORE, BODY_JSON, .handle = profiles_handle_post},
    {METHOD_GET, PROFILE, QUEUE_REPORT, .handle = profile_handle_get, .query_params = "library"},
    {METHOD_PUT, PROFILE, QUEUE_STORE, BODY_JSON, .handle = profile_handle_put,
     .query_params = "confirm"},
    {METHOD_PATCH, PROFILE, QUEUE_STORE, BODY_PATCH, .handle = profile_handle_put,
     .query_params = "confirm"},
    {METHOD_DELETE, PROFILE, QUEUE_STORE, .handle = profile_handle_delete},
    {METHOD_GET, PROFILE "/devices", QUEUE_REPORT, .handle = profile_devices_handle_get,
     .query_params = "limit after"},
    {METHOD_POST, PROFILE "/devices", QUEUE_STORE, BODY_JSON,
     .handle = profile_devices_handle_post},
};

const struct route_table profile_routes = ROUTE_TABLE(profile_rows);
