/* A profile from a device, and many devices from a profile. */
#include "api/resources/profile_requests.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/string_map.h"
#include "api/handler/precondition.h"
#include "api/handler/transaction.h"
#include "api/http/problem.h"
#include "api/http/route.h"
#include "api/model/profile_use.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/resources/profile_capture.h"
#include "api/resources/profile_service.h"
#include "api/store/profile_store.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

void profile_answer(struct thread_ctx *thread_ctx, const struct request *request,
                    const struct profile *profile, struct response *response)
{
    response->etag = precondition_format_etag(thread_ctx, request, profile->revision);
    profile_write(profile, profile_store_count_devices(thread_ctx->store, profile->name),
                  &response->body);
}

bool profile_commit(struct thread_ctx *thread_ctx, const struct validation *conflicts,
                    struct response *response)
{
    if (store_has_failed(thread_ctx->store)) {
        transaction_answer_failed(thread_ctx, response);
        return false;
    }
    if (conflicts->found > 0) {
        problem_respond_errors(response, conflicts->invalid ? 422 : 409, conflicts);
        return false;
    }
    return !store_has_changed(thread_ctx->store) || transaction_commit(thread_ctx, response);
}

/* Reads what a request for a profile of a device says. */
static bool capture_read_body(const struct config_service *config_service, const cJSON *body,
                              struct record *device, struct profile_use *use, bool *takes,
                              struct validation *validation)
{
    static const char *const names[] = {"from_device", "name", "label", "description",
                                        "params",      "use",  NULL};
    const cJSON *from = cJSON_GetObjectItemCaseSensitive(body, "from_device");
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(body, "name");
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(body, "params");
    const cJSON *wanted = cJSON_GetObjectItemCaseSensitive(body, "use");
    const cJSON *item;
    struct arena *arena = validation->arena;
    json_check_members(body, "", names, validation);
    if (!cJSON_IsString(from) ||
        !record_store_find_device(config_service->store, arena, from->valuestring, device))
        validation_add(validation, NULL, "from_device", "unknown_device",
                       "must be the name of a device");
    if (params && !cJSON_IsNull(params) && !cJSON_IsObject(params))
        validation_add(validation, NULL, "params", "wrong_type",
                       "must be an object, from parameters to their texts in this device");
    cJSON_ArrayForEach(item, params)
    {
        if (!cJSON_IsString(item) || *item->valuestring == '\0')
            validation_add_at(
                validation,
                arena_format(arena, "/params/%s", json_pointer_escape(arena, item->string)),
                "wrong_type", "must be the text that stands in this device");
    }
    if (wanted && !cJSON_IsNull(wanted) && !cJSON_IsBool(wanted))
        validation_add(validation, NULL, "use", "wrong_type", "must be true or false");
    *takes = cJSON_IsTrue(wanted);
    use->name = cJSON_IsString(name) ? name->valuestring : "";
    use->params = cJSON_IsObject(params) ? params : NULL;
    return validation->found == 0;
}

/* The device uses the profile that was made of it. */
static void capture_use_profile(const struct config_service *config_service,
                                const struct record *old, const struct profile_use *use,
                                struct validation *conflicts)
{
    struct record device = *old;
    struct validation warnings = validation_make(config_service->arena);
    profile_use_set(use, config_service->arena, &device);
    config_service_fill_device(config_service, old, &device, conflicts, &warnings);
    if (conflicts->found == 0)
        config_service_change_device(config_service, NULL, old, &device, conflicts);
}

void profile_save_captured(struct thread_ctx *thread_ctx, const struct request *request,
                           const struct cJSON *body, struct response *response)
{
    static const char *const texts[] = {"name", "label", "description"};
    struct config_service config_service = config_service_for_request(thread_ctx, request);
    struct validation validation = validation_make(request->arena),
                      conflicts = validation_make(request->arena);
    struct record device;
    struct profile_use use = {0};
    bool takes;
    struct profile *profile = NULL;
    if (capture_read_body(&config_service, body, &device, &use, &takes, &validation)) {
        cJSON *captured = profile_capture(&config_service, &device, &use);
        for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
            const cJSON *text = cJSON_GetObjectItemCaseSensitive(body, texts[i]);
            cJSON_DeleteItemFromObjectCaseSensitive(captured, texts[i]);
            if (text)
                cJSON_AddItemToObject(captured, texts[i], cJSON_Duplicate(text, 1));
        }
        profile = profile_service_read(&config_service, captured, NULL, true, &validation);
        cJSON_Delete(captured);
    }
    if (validation.found > 0) {
        problem_respond_errors(response, 422, &validation);
        return;
    }
    profile_service_put(&config_service, NULL, profile, &conflicts);
    if (takes && conflicts.found == 0)
        capture_use_profile(&config_service, &device, &use, &conflicts);
    if (!profile_commit(thread_ctx, &conflicts, response))
        return;
    response->status = 201;
    response->location = arena_format(request->arena, API_PREFIX "/profiles/%s", profile->name);
    profile_answer(thread_ctx, request, profile, response);
}

/* Makes an element of the list the body of a device: the members of its profile go into one.
 * Returns true when it has a unit_id of its own, which goes into network. */
static bool devices_complete_item(cJSON *item, const char *profile)
{
    static const char *const inner[] = {"params", "base"};
    cJSON *use = cJSON_CreateObject();
    cJSON_AddStringToObject(use, "name", profile);
    for (size_t i = 0; i < sizeof inner / sizeof inner[0]; i++) {
        cJSON *member = cJSON_DetachItemFromObjectCaseSensitive(item, inner[i]);
        if (member)
            cJSON_AddItemToObject(use, inner[i], member);
    }
    cJSON_AddItemToObject(item, "profile", use);
    cJSON *unit = cJSON_DetachItemFromObjectCaseSensitive(item, "unit_id");
    if (!unit)
        return false;
    cJSON *network = cJSON_GetObjectItemCaseSensitive(item, "network");
    if (!cJSON_IsObject(network)) {
        cJSON_DeleteItemFromObjectCaseSensitive(item, "network");
        network = cJSON_AddObjectToObject(item, "network");
    }
    cJSON_DeleteItemFromObjectCaseSensitive(network, "unit_id");
    cJSON_AddItemToObject(network, "unit_id", unit);
    return true;
}

/* Changes pointers into the completed body to pointers into the element of the list. */
static void devices_restore_pointers(struct validation *validation, size_t from, bool has_unit,
                                     const char *prefix)
{
    static const struct {
        const char *completed, *given;
    } paths[] = {{"/profile/params", "/params"},
                 {"/profile/base", "/base"},
                 {"/profile", ""},
                 {"/network/unit_id", "/unit_id"}};
    size_t skip = strlen(prefix);
    for (; from < validation->count; from++) {
        struct validation_error *error = &validation->items[from];
        for (size_t i = 0; i < sizeof paths / sizeof paths[0] - !has_unit; i++) {
            size_t len = strlen(paths[i].completed);
            if (strncmp(error->pointer + skip, paths[i].completed, len) != 0)
                continue;
            error->pointer = arena_format(validation->arena, "%s%s%s", prefix, paths[i].given,
                                          error->pointer + skip + len);
            break;
        }
    }
}

/* The devices of a request, to report overlaps at their places. */
struct devices_request {
    struct config_service config_service;
    const struct profile *profile;
    struct validation validation, conflicts, warnings;
    struct string_map places; /* of the devices, by their names */
    struct text created;
    int64_t count;
};

static void devices_write_created(const struct record *device, struct text *text)
{
    const char *use = record_field_text(device, DEVICE_PROFILE);
    json_open(text, '{');
    json_write_key(text, "name");
    json_write_string(text, record_field_text(device, DEVICE_NAME));
    json_write_key(text, "unit_id");
    json_write_integer(text, record_field_integer(device, DEVICE_UNIT_ID));
    json_write_key(text, "profile");
    json_write_raw(text, use ? use : "null");
    json_close(text, '}');
}

static void devices_create_item(struct devices_request *devices, cJSON *item, const char *prefix)
{
    const struct config_service *config_service = &devices->config_service;
    struct validation *validation = &devices->validation;
    const struct read_only_values set = {0};
    struct record device = {0}, other;
    size_t from = validation->count, before = validation->found;
    validation->prefix = devices->conflicts.prefix = devices->warnings.prefix = prefix;
    if (!cJSON_IsObject(item)) {
        validation_add_at(validation, "", "wrong_type", "must be an object, a device");
        return;
    }
    if (cJSON_GetObjectItemCaseSensitive(item, "profile")) {
        validation_add(validation, NULL, "profile", "unknown_field",
                       "follows from the path; params and base belong beside the name");
        return;
    }
    bool has_unit = devices_complete_item(item, devices->profile->name);
    record_set_defaults(&device_resource, NULL, &device);
    record_json_read(&device_resource, item, false, &set, validation, &device);
    config_service_fill_device(config_service, NULL, &device, validation, &devices->warnings);
    struct modbus_location location = modbus_location_of(&device, config_service->common);
    rules_apply_to_device(&device, modbus_location_is_local(&location),
                          &config_service->common->units, validation);
    devices_restore_pointers(validation, from, has_unit, prefix);
    if (validation->found > before)
        return;
    const char *name = record_field_text(&device, DEVICE_NAME);
    if (string_map_find(&devices->places, name) ||
        record_store_find_device(config_service->store, config_service->arena, name, &other)) {
        validation_add(&devices->conflicts, NULL, "name", "name_taken",
                       "a device named %s already exists", name);
        return;
    }
    string_map_add(&devices->places, name, (void *)prefix);
    from = devices->conflicts.count;
    config_service_create_device(config_service, NULL, &device, &devices->conflicts,
                                 &devices->warnings);
    devices_restore_pointers(&devices->conflicts, from, has_unit, prefix);
    devices_write_created(&device, &devices->created);
    devices->count++;
}

static void devices_add_overlap(void *context, const struct overlap *overlap)
{
    static const char status[] = "the status block of ";
    struct devices_request *devices = context;
    struct arena *arena = devices->config_service.arena;
    bool is_status = strncmp(overlap->owner, status, sizeof status - 1) == 0;
    const char *name = is_status ? overlap->owner + sizeof status - 1 : overlap->owner;
    const char *place =
        string_map_find(&devices->places, arena_strndup(arena, name, strcspn(name, "/")));
    if (!place)
        return;
    devices->conflicts.prefix = place;
    validation_add_at(&devices->conflicts, "", "overlap",
                      "%s would overlap: %s; give the device another base or unit_id",
                      overlap->owner, register_overlap_describe(arena, overlap));
}

static void devices_add_audit(struct store *store, const struct devices_request *devices)
{
    struct audit *audit = devices->config_service.audit;
    struct text after = {0};
    json_open(&after, '{');
    json_write_key(&after, "profile");
    json_write_string(&after, devices->profile->name);
    json_write_key(&after, "created");
    json_write_integer(&after, devices->count);
    audit_add_bulk_change(store, audit, "create", &after);
}

void profile_create_devices(struct thread_ctx *thread_ctx, const struct request *request,
                            const struct profile *profile, struct cJSON *body,
                            struct response *response)
{
    struct devices_request devices = {.config_service =
                                          config_service_for_request(thread_ctx, request),
                                      .profile = profile,
                                      .validation = validation_make(request->arena),
                                      .conflicts = validation_make(request->arena),
                                      .warnings = validation_make(request->arena),
                                      .places = {.arena = request->arena}};
    struct cJSON *item;
    int number = 0;
    devices.config_service.check_late = true;
    if (!cJSON_IsArray(body) || !body->child)
        validation_add_at(&devices.validation, "", "wrong_type",
                          "must be an array of devices, such as [{\"name\": \"meter-1\", "
                          "\"params\": {\"serial\": \"4711\"}}]");
    for (item = cJSON_IsArray(body) ? body->child : NULL; item; item = item->next)
        devices_create_item(&devices, item, arena_format(request->arena, "/%d", number++));
    if (devices.validation.found > 0) {
        problem_respond_errors(response, 422, &devices.validation);
        text_finish(&devices.created);
        return;
    }
    if (devices.conflicts.found == 0)
        register_ranges_each_overlap(thread_ctx->store, request->arena, OVERLAPS_OF_ALL, 0,
                                     devices_add_overlap, &devices);
    if (devices.conflicts.found == 0)
        devices_add_audit(thread_ctx->store, &devices);
    if (profile_commit(thread_ctx, &devices.conflicts, response)) {
        struct text *text = &response->body;
        response->status = 201;
        json_open(text, '{');
        json_write_key(text, "created");
        json_write_integer(text, devices.count);
        json_write_key(text, "devices");
        json_open(text, '[');
        text_append(text, devices.created.data, devices.created.len);
        json_close(text, ']');
        if (devices.warnings.count > 0) {
            json_write_key(text, "warnings");
            validation_write_errors(&devices.warnings, text);
        }
        json_close(text, '}');
    }
    text_finish(&devices.created);
}
