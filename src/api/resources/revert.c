/* Makes the opposite change of each item of the undo log. */
#include "api/resources/revert.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <string.h>

#include "api/model/record_diff.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/resources/revert_internal.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

struct revert revert_make(const struct config_service *config_service)
{
    struct revert revert = {.config_service = *config_service,
                            .conflicts = validation_make(config_service->arena),
                            .objects = {.arena = config_service->arena}};
    revert.config_service.check_late = true;
    return revert;
}

/* Returns "boiler-7/temperature", or "boiler-7". */
static const char *revert_name_record(const struct revert *revert, const struct resource *resource,
                                      const struct record *record)
{
    struct arena *arena = revert->conflicts.arena;
    if (resource == &tag_resource)
        return arena_format(arena, "%s/%s", record->device, record_field_text(record, TAG_NAME));
    return arena_strdup(arena, record_field_text(record, DEVICE_NAME));
}

/* Adds the errors of a record as conflicts. */
static void revert_add_conflicts(struct revert *revert, const struct resource *resource,
                                 const struct record *record, const struct validation *validation)
{
    for (size_t i = 0; i < validation->count; i++) {
        const struct validation_error *error = &validation->items[i];
        validation_add_at(&revert->conflicts, "", error->code, "%s: %s %s",
                          revert_name_record(revert, resource, record), error->pointer,
                          error->detail);
    }
}

/* A device or tag that was changed at least once. */
struct revert_object {
    bool existed, exists;
};

void revert_count_object(struct revert *revert, const char *kind, int64_t id, bool existed,
                         bool exists)
{
    struct arena *arena = revert->conflicts.arena;
    const char *name = arena_format(arena, "%s %lld", kind, (long long)id);
    struct revert_object *object = string_map_find(&revert->objects, name);
    if (object) {
        revert->created -= !object->existed && object->exists;
        revert->changed -= object->existed && object->exists;
        revert->deleted -= object->existed && !object->exists;
    } else {
        object = arena_alloc(arena, sizeof *object);
        object->existed = existed;
        string_map_add(&revert->objects, name, object);
    }
    object->exists = exists;
    revert->created += !object->existed && exists;
    revert->changed += object->existed && exists;
    revert->deleted += object->existed && !exists;
}

static void revert_add_change(struct revert *revert, const struct resource *resource,
                              const struct record *before, const struct record *after)
{
    const struct record *record = after ? after : before;
    REQUIRE(record);
    bool is_tag = resource == &tag_resource;
    struct text *changes = revert->changes;
    /* The change of a device or profile stands for the tags that follow it. */
    bool follows = is_tag && record->profile_tag != 0;
    if (!follows || !before || !after)
        revert_count_object(revert, resource->name, record->id, before, after);
    if (!changes || follows)
        return;
    json_open(changes, '{');
    json_write_key(changes, "action");
    json_write_string(changes, !before ? "create" : after ? "change" : "delete");
    json_write_key(changes, "device");
    json_write_string(changes, is_tag ? record->device : record_field_text(record, DEVICE_NAME));
    json_write_key(changes, "tag");
    json_write_string_or_null(changes, is_tag ? record_field_text(record, TAG_NAME) : NULL);
    json_write_key(changes, "diff");
    if (before && after)
        record_diff_write(resource, before, after, &revert->scratch, changes);
    else
        json_write_raw(changes, "[]");
    json_close(changes, '}');
}

/* Checks a record that is stored again against the rules, which depend on the settings. A device
 * follows its profile as that is now. */
static bool revert_check_rules(struct revert *revert, const struct resource *resource,
                               const struct record *device, const struct record *old,
                               struct record *record)
{
    const struct common_settings *common = revert->config_service.common;
    struct validation validation = validation_make(revert->conflicts.arena);
    if (resource == &tag_resource) {
        struct modbus_location location = modbus_location_of(device, common);
        rules_apply_to_tag(record, old, modbus_location_is_local(&location), &validation, NULL);
        rules_check_tag_sparkplug(record, device, &validation, NULL);
    } else {
        if (!revert->is_exact)
            config_service_fill_device(&revert->config_service, old, record, &validation, NULL);
        struct modbus_location location = modbus_location_of(record, common);
        rules_apply_to_device(record, modbus_location_is_local(&location), &common->units,
                              &validation);
    }
    revert_add_conflicts(revert, resource, record, &validation);
    return validation.found == 0;
}

/* Finds the device of a tag that is stored again. */
static bool revert_find_device(struct revert *revert, int64_t id, const struct record *tag,
                               struct record *device)
{
    if (record_store_find_by_id(revert->config_service.store, &revert->scratch, &device_resource,
                                id, device))
        return true;
    validation_add_at(&revert->conflicts, "", "no_device",
                      "the tag %s belongs to a device that does not exist any more: undo the "
                      "deletion of the device",
                      record_field_text(tag, TAG_NAME));
    return false;
}

/* True when the record was last changed by this revision, or by this transaction. */
static bool revert_is_unchanged(const struct revert *revert, int64_t now, int64_t revision)
{
    struct store *store = revert->config_service.store;
    return revert->is_exact || now == revision ||
           (store_has_changed(store) && now == store_raise_revision(store));
}

/* A tag or device was created: deletes it. */
static void revert_creation(struct revert *revert, const struct resource *resource,
                            int64_t revision, const struct record *now)
{
    struct store *store = revert->config_service.store;
    if (!revert_is_unchanged(revert, now->revision, revision)) {
        validation_add_at(&revert->conflicts, "", "changed_since",
                          "%s was changed since it was created, by revision %lld",
                          revert_name_record(revert, resource, now), (long long)now->revision);
        return;
    }
    if (resource == &tag_resource) {
        config_service_delete_tag(&revert->config_service, now);
    } else {
        struct query query = store_prepare_query(
            store, "SELECT id, name, revision FROM tag WHERE device_id = ? ORDER BY name");
        query_bind_integer(&query, now->id);
        bool is_free = true;
        while (query_next_row(&query)) {
            int64_t id = query_read_integer(&query);
            const char *name = query_read_text(&query, &revert->scratch);
            int64_t at = query_read_integer(&query);
            revert_count_object(revert, tag_resource.name, id, true, false);
            if (revert_is_unchanged(revert, at, revision))
                continue;
            is_free = false;
            validation_add_at(&revert->conflicts, "", "changed_since",
                              "%s/%s was created or changed since, by revision %lld",
                              record_field_text(now, DEVICE_NAME), name, (long long)at);
        }
        if (!is_free)
            return;
        config_service_delete_device(&revert->config_service, now);
    }
    revert_add_change(revert, resource, now, NULL);
}

static bool revert_name_is_taken(struct revert *revert, const struct resource *resource,
                                 const struct record *record)
{
    struct store *store = revert->config_service.store;
    const char *name = revert_name_record(revert, resource, record);
    struct record other;
    bool is_taken = resource == &tag_resource
                        ? record_store_find_tag(store, &revert->scratch, record->device,
                                                record_field_text(record, TAG_NAME), &other)
                        : record_store_find_device(store, &revert->scratch, name, &other);
    if (is_taken)
        validation_add_at(&revert->conflicts, "", "name_taken",
                          "%s was deleted, and another %s has this name now", name, resource->name);
    return is_taken;
}

int64_t undo_item_integer(const struct cJSON *item, const char *name)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(item, name);
    return cJSON_IsNumber(member) ? (int64_t)member->valuedouble : 0;
}

/* Returns the index of the field with this column, or -1 for a column that this version does not
 * have. */
static int undo_find_field(const struct resource *resource, const char *column)
{
    for (size_t i = 0; i < resource->count; i++) {
        if (strcmp(resource->fields[i].column, column) == 0)
            return (int)i;
    }
    return -1;
}

/* A tag or device was deleted: creates it with its id. */
static void revert_deletion(struct revert *revert, const struct resource *resource,
                            const cJSON *item)
{
    struct record device = {0}, record = {.id = undo_item_integer(item, "id"),
                                          .slot = undo_item_integer(item, "slot"),
                                          .profile_tag = undo_item_integer(item, "follows"),
                                          .created_ms = undo_item_integer(item, "created_ms")};
    struct validation validation = validation_make(revert->conflicts.arena);
    bool is_tag = resource == &tag_resource;
    const cJSON *cell;
    record_set_defaults(resource, NULL, &record);
    cJSON_ArrayForEach(cell, cJSON_GetObjectItemCaseSensitive(item, "cells"))
    {
        int field = undo_find_field(resource, cell->string);
        if (field >= 0)
            record.cells[field] =
                undo_log_read_cell(&resource->fields[field], cell, &revert->scratch);
    }
    if (is_tag) {
        if (!revert_find_device(revert, undo_item_integer(item, "device_id"), &record, &device))
            return;
        record.device = record_field_text(&device, DEVICE_NAME);
    }
    if (revert_name_is_taken(revert, resource, &record) ||
        !revert_check_rules(revert, resource, &device, NULL, &record))
        return;
    if (is_tag)
        config_service_create_tag(&revert->config_service, &device, &record, &validation,
                                  &validation);
    else
        config_service_create_device(&revert->config_service, NULL, &record, &validation,
                                     &validation);
    revert_add_conflicts(revert, resource, &record, &validation);
    revert_add_change(revert, resource, NULL, &record);
}

/* True when two profiles of a device differ in nothing but the base. */
static bool revert_is_other_base(const struct cell *a, const struct cell *b)
{
    cJSON *first = a->kind == CELL_TEXT ? cJSON_Parse(a->as.text) : NULL;
    cJSON *second = b->kind == CELL_TEXT ? cJSON_Parse(b->as.text) : NULL;
    cJSON_DeleteItemFromObjectCaseSensitive(first, "base");
    cJSON_DeleteItemFromObjectCaseSensitive(second, "base");
    bool is_other = first && cJSON_Compare(first, second, true);
    cJSON_Delete(first);
    cJSON_Delete(second);
    return is_other;
}

/* True when a cell is as the change has set it. A base that this transaction has allocated, when it
 * undid the change of a profile, counts as the base that the change had. */
static bool revert_cell_is_unchanged(const struct revert *revert, const struct resource *resource,
                                     const struct record *now, size_t at, const struct cell *after)
{
    struct store *store = revert->config_service.store;
    if (revert->is_exact || cell_is_equal(&now->cells[at], after))
        return true;
    return resource == &device_resource && at == DEVICE_PROFILE && store_has_changed(store) &&
           now->revision == store_raise_revision(store) &&
           revert_is_other_base(&now->cells[at], after);
}

/* A tag that a device got when it took a profile. */
struct taken_tag {
    int64_t device_id, id;
    struct taken_tag *next;
};

/* Deletes the tags that a device got with its profile, if this transaction let it leave that. */
static void revert_delete_taken(struct revert *revert, int64_t device_id)
{
    struct store *store = revert->config_service.store;
    struct record device, tag;
    if (!record_store_find_by_id(store, &revert->scratch, &device_resource, device_id, &device) ||
        !record_field_is_null(&device, DEVICE_PROFILE) || !store_has_changed(store) ||
        device.revision != store_raise_revision(store))
        return;
    for (struct taken_tag *taken = revert->taken; taken; taken = taken->next) {
        if (taken->device_id != device_id ||
            !record_store_find_by_id(store, &revert->scratch, &tag_resource, taken->id, &tag) ||
            tag.profile_tag != 0 || tag.device_id != device_id)
            continue;
        config_service_delete_tag(&revert->config_service, &tag);
        revert_add_change(revert, &tag_resource, &tag, NULL);
    }
}

/* A device got a tag with a profile: deletes it as soon as the device has left that. */
static void revert_add_taken(struct revert *revert, int64_t device_id, int64_t id)
{
    struct taken_tag *taken = arena_alloc(revert->conflicts.arena, sizeof *taken);
    *taken = (struct taken_tag){.device_id = device_id, .id = id, .next = revert->taken};
    revert->taken = taken;
    revert_delete_taken(revert, device_id);
}

/* Sets a cell back to its value before the change, unless it has changed since. */
static void revert_cell(struct revert *revert, const struct resource *resource,
                        const struct record *now, const cJSON *pair, struct record *record)
{
    int at = undo_find_field(resource, pair->string);
    if (at < 0)
        return;
    const struct field *field = &resource->fields[at];
    struct cell before = undo_log_read_cell(field, cJSON_GetArrayItem(pair, 0), &revert->scratch);
    struct cell after = undo_log_read_cell(field, cJSON_GetArrayItem(pair, 1), &revert->scratch);
    const struct cell *current = &now->cells[at];
    if (cell_is_equal(current, &before))
        return;
    if (revert_cell_is_unchanged(revert, resource, now, (size_t)at, &after)) {
        record->cells[at] = before;
        return;
    }
    struct text is_now = {0}, was_set = {0};
    record_json_write_cell(field, current, &is_now);
    record_json_write_cell(field, &after, &was_set);
    validation_add_at(&revert->conflicts, "", "changed_since",
                      "%s: /%s%s%s is %s now; the change to undo set it to %s",
                      revert_name_record(revert, resource, now), field->group ? field->group : "",
                      field->group ? "/" : "", field->name, is_now.data, was_set.data);
    text_finish(&is_now);
    text_finish(&was_set);
}

/* A tag or device was changed: sets what was changed back, and moves a tag back. */
static void revert_change(struct revert *revert, const struct resource *resource, const cJSON *item,
                          const struct record *now)
{
    struct record device = {0}, record = *now;
    struct validation validation = validation_make(revert->conflicts.arena);
    const cJSON *pair, *move = cJSON_GetObjectItemCaseSensitive(item, "device_id");
    size_t found = revert->conflicts.found;
    bool is_tag = resource == &tag_resource;
    cJSON_ArrayForEach(pair, cJSON_GetObjectItemCaseSensitive(item, "cells"))
    {
        revert_cell(revert, resource, now, pair, &record);
    }
    if (cJSON_IsArray(move)) {
        int64_t from = (int64_t)cJSON_GetNumberValue(cJSON_GetArrayItem(move, 0));
        int64_t to = (int64_t)cJSON_GetNumberValue(cJSON_GetArrayItem(move, 1));
        if (now->device_id == to)
            record.device_id = from;
        else if (now->device_id != from)
            validation_add_at(&revert->conflicts, "", "changed_since",
                              "%s has moved to another device since",
                              revert_name_record(revert, resource, now));
    }
    if (revert->conflicts.found > found ||
        (record.device_id == now->device_id && record_is_equal(resource, now, &record)) ||
        (is_tag && !revert_find_device(revert, record.device_id, &record, &device)) ||
        !revert_check_rules(revert, resource, &device, now, &record))
        return;
    if (is_tag)
        config_service_change_tag(&revert->config_service, &device, now, &record, &validation);
    else
        config_service_change_device(&revert->config_service, NULL, now, &record, &validation);
    revert_add_conflicts(revert, resource, &record, &validation);
    revert_add_change(revert, resource, now, &record);
    if (!is_tag && record_field_is_null(&record, DEVICE_PROFILE))
        revert_delete_taken(revert, now->id);
}

static bool revert_wants_item(const struct revert *revert, const struct resource *resource,
                              int64_t id, const char *op, const cJSON *item)
{
    if (revert->only_profile)
        return false;
    if (!revert->only)
        return true;
    if (revert->only == resource)
        return id == revert->only_id;
    /* The tags that were deleted with the device, and those that it got with a profile. */
    return revert->only == &device_resource && strcmp(op, "change") != 0 &&
           undo_item_integer(item, "device_id") == revert->only_id;
}

static void revert_refuse_damage(struct revert *revert)
{
    validation_add_at(&revert->conflicts, "", "not_kept",
                      "what is needed to undo the changes is damaged in the store");
}

/* Undoes an item of a device or tag. */
static void revert_record(struct revert *revert, const struct resource *resource, int64_t revision,
                          const char *op, const cJSON *item)
{
    struct config_service *config_service = &revert->config_service;
    int64_t id = undo_item_integer(item, "id"), follows = undo_item_integer(item, "follows");
    struct record now;
    if (!revert_wants_item(revert, resource, id, op, item))
        return;
    if (!revert->is_exact && follows != 0) {
        /* The profile is applied again. */
        if (strcmp(op, "create") == 0)
            revert_add_taken(revert, undo_item_integer(item, "device_id"), id);
        return;
    }
    bool exists =
        record_store_find_by_id(config_service->store, &revert->scratch, resource, id, &now);
    if (resource == &tag_resource)
        config_service->by_profile = true; /* its device follows, too */
    config_service->audit->muted = follows != 0;
    if (exists && now.profile_tag != 0 && !revert->is_exact)
        validation_add_at(&revert->conflicts, "", "changed_since",
                          "%s follows the profile of %s now: let the device leave it first",
                          revert_name_record(revert, resource, &now), now.device);
    else if (strcmp(op, "create") == 0 && exists)
        revert_creation(revert, resource, revision, &now);
    else if (strcmp(op, "delete") == 0 && !exists)
        revert_deletion(revert, resource, item);
    else if (strcmp(op, "change") == 0 && exists)
        revert_change(revert, resource, item, &now);
    else if (strcmp(op, "change") == 0)
        validation_add_at(&revert->conflicts, "", "changed_since",
                          "the %s with the id %lld was deleted since", resource->name,
                          (long long)id);
    config_service->audit->muted = false;
}

static bool revert_take_item(void *context, int64_t revision, const cJSON *item)
{
    struct revert *revert = context;
    struct config_service *config_service = &revert->config_service;
    const char *op = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "op"));
    const char *kind = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(item, "kind"));
    int64_t id = undo_item_integer(item, "id");
    struct record now;
    if (op && strcmp(op, "return") == 0) {
        /* What lies between needs not be undone step by step, all the less so with reverts of
         * reverts, whose steps would double each time. */
        int64_t to = undo_item_integer(item, "to");
        revert->jump_to = revert->is_exact && to >= revert->first - 1 ? to : 0;
        return revert->jump_to == 0;
    }
    if (!op || !kind || id <= 0) {
        revert_refuse_damage(revert);
        return false;
    }
    config_service->by_profile = revert->is_exact;
    if (strcmp(kind, "profile") == 0)
        revert_profile(revert, item);
    else if (strcmp(kind, "tag") == 0)
        revert_record(revert, &tag_resource, revision, op, item);
    else if (strcmp(kind, "device") == 0)
        revert_record(revert, &device_resource, revision, op, item);
    else if (revert->is_exact && strcmp(kind, "follow") == 0 &&
             record_store_find_by_id(config_service->store, &revert->scratch, &tag_resource, id,
                                     &now))
        config_service_follow_tag(config_service, &now, undo_item_integer(item, "before"));
    arena_finish(&revert->scratch);
    return !store_has_failed(config_service->store) &&
           revert->conflicts.found < VALIDATION_ERRORS_MAX;
}

bool revert_apply(struct revert *revert, int64_t first, int64_t last)
{
    struct arena *arena = revert->config_service.arena;
    struct store *store = revert->config_service.store;
    REQUIRE(first <= last);
    bool ok;
    revert->config_service.arena = &revert->scratch;
    revert->first = first;
    do {
        revert->jump_to = 0;
        ok = undo_log_each_item(store, first, last, revert_take_item, revert);
        last = revert->jump_to;
    } while (ok && last >= first);
    revert->config_service.arena = arena;
    arena_finish(&revert->scratch);
    if (!ok && !store_has_failed(store))
        revert_refuse_damage(revert);
    return ok;
}

static void revert_add_overlap(void *context, const struct overlap *overlap)
{
    struct revert *revert = context;
    validation_add_at(&revert->conflicts, "", "overlap", "%s: %s", overlap->owner,
                      register_overlap_describe(revert->conflicts.arena, overlap));
}

void revert_finish(struct revert *revert)
{
    register_ranges_each_overlap(revert->config_service.store, revert->config_service.arena,
                                 OVERLAPS_OF_ALL, 0, revert_add_overlap, revert);
    config_service_check_tables(&revert->config_service, &revert->conflicts);
    revert->deleted += *revert->config_service.dropped;
}
