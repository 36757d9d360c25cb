/* The part of an import that all formats share. */
#include "api/transfer/import.h"

#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/resources/profile_service.h"
#include "api/store/profile_store.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

/* A place in the file: a JSON Pointer, or a row of CSV. */
struct import_place {
    const char *prefix;
    long row;
    bool bad; /* the tag has errors: it is not stored as the file has it */
};

/* A tag without an address. It gets one at the end, when all addresses in the file are taken. */
struct import_waiting {
    struct import_waiting *next;
    struct import_device *device;
    struct import_place place;
    struct record tag;
};

struct import import_make_ctx(const struct config_service *config_service)
{
    struct arena *arena = config_service->arena;
    struct import import = {.config_service = *config_service,
                            .validation = validation_make(arena),
                            .conflicts = validation_make(arena),
                            .warnings = validation_make(arena),
                            .devices = {.arena = arena},
                            .tags = {.arena = arena},
                            .profiles = {.arena = arena}};
    import.config_service.check_late = true;
    return import;
}

static struct import_place import_current_place(const struct import *import)
{
    return (struct import_place){.prefix = import->validation.prefix,
                                 .row = import->validation.row};
}

/* Sets the place of the conflicts and warnings that follow. */
static void import_set_place(struct import *import, const struct import_place *place)
{
    import->conflicts.prefix = import->warnings.prefix = place->prefix;
    import->conflicts.row = import->warnings.row = place->row;
}

/* Adds a change of a device to the report. */
static void import_report_device(struct import *import, const char *action,
                                 const struct record *before, const struct record *after,
                                 size_t first_warning)
{
    const char *name = record_field_text(after ? after : before, DEVICE_NAME);
    import_report_add(&import->report, &(struct import_change){.action = action,
                                                               .resource = &device_resource,
                                                               .device = name,
                                                               .before = before,
                                                               .after = after,
                                                               .warnings = &import->warnings,
                                                               .first_warning = first_warning});
}

/* Adds a change of a tag to the report, with its registers, for a deletion with the last ones. */
static void import_report_tag(struct import *import, const char *action, const char *device,
                              const struct record *before, const struct record *after,
                              size_t first_warning)
{
    const char *name = record_field_text(after ? after : before, TAG_NAME);
    import_report_add(&import->report, &(struct import_change){.action = action,
                                                               .resource = &tag_resource,
                                                               .device = device,
                                                               .tag = name,
                                                               .before = before,
                                                               .after = after,
                                                               .warnings = &import->warnings,
                                                               .first_warning = first_warning});
}

bool import_has_tag(const struct import *import, const char *device, const char *name)
{
    const char *key = arena_format(import->config_service.arena, "%s/%s", device, name);
    return string_map_find(&import->tags, key) != NULL;
}

static void import_report_profile(struct import *import, const char *action, const char *name)
{
    import_report_add(&import->report, &(struct import_change){.action = action, .profile = name});
}

void import_store_profile(struct import *import, const struct profile *old, struct profile *profile)
{
    if (old && profile_is_equal(old, profile))
        return;
    profile_service_put(&import->config_service, old, profile, &import->conflicts);
    if (old)
        import->changed++;
    else
        import->created++;
    import_report_profile(import, old ? "change" : "create", profile->name);
}

struct import_device *import_find_device(struct import *import, const char *name, bool *again)
{
    struct arena *arena = import->config_service.arena;
    struct import_device *device = string_map_find(&import->devices, name);
    *again = device != NULL;
    if (device)
        return device;
    device = arena_alloc(arena, sizeof *device);
    device->name = arena_strdup(arena, name);
    if (*name) /* devices without a name are all different */
        string_map_add(&import->devices, device->name, device);
    bool exists =
        record_store_find_device(import->config_service.store, arena, name, &device->record);
    if (!exists || import->base == IMPORT_BASE_DEFAULTS)
        record_set_defaults(&device_resource, NULL, &device->record);
    return device;
}

void import_store_device(struct import *import, struct import_device *device)
{
    const struct common_settings *common = import->config_service.common;
    struct record *record = &device->record, old = {0};
    REQUIRE(!device->fresh); /* each device is stored once */
    size_t before = import->validation.found, warned = import->warnings.count;
    device->given = *record;
    const char *given = record_field_text(record, DEVICE_NAME);
    bool exists = given && record_store_find_device(import->config_service.store,
                                                    import->config_service.arena, given, &old);
    config_service_fill_device(&import->config_service, exists ? &old : NULL, record,
                               &import->validation, exists ? NULL : &import->warnings);
    struct modbus_location location = modbus_location_of(record, common);
    device->local = modbus_location_is_local(&location);
    rules_apply_to_device(record, device->local, &common->units, &import->validation);
    device->bad = import->validation.found > before || record->bad != 0;
    if (device->bad)
        return;
    struct import_place here = import_current_place(import);
    import_set_place(import, &here);
    if (!exists) {
        config_service_create_device(&import->config_service, NULL, record, &import->conflicts,
                                     &import->warnings);
        device->fresh = record_field_is_null(record, DEVICE_PROFILE);
        import->created++;
        import_report_device(import, "create", NULL, record, warned);
    } else if (!record_is_equal(&device_resource, &old, record)) {
        config_service_change_device(&import->config_service, NULL, &old, record,
                                     &import->conflicts);
        import->changed++;
        import_report_device(import, "change", &old, record, warned);
    }
}

bool import_read_tag(struct import *import, const struct import_device *device, const char *name,
                     struct record *tag, struct record *old)
{
    struct arena *arena = import->config_service.arena;
    const char *key = arena_format(arena, "%s/%s", device->name, name);
    if (string_map_find(&import->tags, key))
        return false;
    struct import_place *place = arena_alloc(arena, sizeof *place);
    *place = import_current_place(import);
    if (*device->name && *name)
        string_map_add(&import->tags, key, place);
    *old = (struct record){0};
    if (device->record.id != 0 && !device->fresh)
        record_store_find_tag(import->config_service.store, arena, device->name, name, old);
    *tag = *old;
    if (old->id == 0 || import->base == IMPORT_BASE_DEFAULTS)
        record_set_defaults(&tag_resource, NULL, tag);
    return true;
}

static void import_create_tag(struct import *import, struct import_device *device,
                              struct record *tag, size_t first_warning)
{
    config_service_create_tag(&import->config_service, &device->record, tag, &import->conflicts,
                              &import->warnings);
    import->created++;
    if (!record_field_is_null(tag, TAG_ADDRESS)) /* it stays null when the table is full */
        import_report_tag(import, "create", record_field_text(&device->record, DEVICE_NAME), NULL,
                          tag, first_warning);
}

void import_store_tag(struct import *import, struct import_device *device, const struct record *old,
                      struct record *tag)
{
    size_t before = import->validation.found, warned = import->warnings.count;
    bool exists = old->id != 0;
    const char *device_name = record_field_text(&device->record, DEVICE_NAME);
    REQUIRE(!exists || old->device_id == device->record.id);
    struct import_place here = import_current_place(import);
    import_set_place(import, &here);
    rules_apply_to_tag(tag, exists ? old : NULL, device->local, &import->validation,
                       exists ? NULL : &import->warnings);
    if (!exists) {
        rules_warn_tag_stale(tag, &device->record, &import->warnings);
        rules_warn_tag_expiry(tag, &import->warnings);
    }
    rules_check_tag_sparkplug(tag, &device->record, &import->validation,
                              exists ? NULL : &import->warnings);
    if (device->bad || tag->bad || import->validation.found > before) {
        const char *name = record_field_text(tag, TAG_NAME);
        struct import_place *place =
            name ? string_map_find(&import->tags, arena_format(import->config_service.arena,
                                                               "%s/%s", device->name, name))
                 : NULL;
        if (place)
            place->bad = true;
        return;
    }
    if (!exists && record_field_is_null(tag, TAG_ADDRESS)) {
        struct import_waiting *waiting = arena_alloc(import->config_service.arena, sizeof *waiting);
        *waiting = (struct import_waiting){.device = device, .place = here, .tag = *tag};
        if (!import->waiting)
            import->waiting_end = &import->waiting;
        *import->waiting_end = waiting;
        import->waiting_end = &waiting->next;
    } else if (!exists) {
        import_create_tag(import, device, tag, warned);
    } else if (!record_is_equal(&tag_resource, old, tag)) {
        config_service_change_tag(&import->config_service, &device->record, old, tag,
                                  &import->conflicts);
        import->changed++;
        import_report_tag(import, "change", device_name, old, tag, warned);
    } else if (import->show_unchanged) {
        import_report_tag(import, "unchanged", device_name, old, tag, warned);
    }
}

/* A record to delete later: rows cannot be deleted while they are read. */
struct import_deletion {
    struct import_deletion *next;
    struct record record;
};

struct import_sweep {
    struct import *import;
    struct import_deletion *first;
};

static void import_add_deletion(struct import_sweep *import_sweep, const struct record *record)
{
    struct import_deletion *import_deletion =
        arena_alloc(import_sweep->import->config_service.arena, sizeof *import_deletion);
    *import_deletion = (struct import_deletion){import_sweep->first, *record};
    import_sweep->first = import_deletion;
}

static bool import_may_delete(const struct import *import, const char *device)
{
    return !import->within || string_map_find(import->within, device);
}

static bool import_sweep_device(void *context, const struct record *device)
{
    struct import_sweep *import_sweep = context;
    struct import *import = import_sweep->import;
    if (string_map_find(&import->devices, record_field_text(device, DEVICE_NAME)) ||
        !import_may_delete(import, record_field_text(device, DEVICE_NAME)))
        return true;
    struct query query = store_prepare_query(import->config_service.store,
                                             "SELECT 1 FROM tag WHERE device_id = ? LIMIT 1");
    query_bind_integer(&query, device->id);
    bool has_tags = query_next_row(&query);
    query_finish(&query);
    if (has_tags || !import->keep_bare_devices)
        import_add_deletion(import_sweep, device);
    return true;
}

static bool import_sweep_tag(void *context, const struct record *tag)
{
    struct import_sweep *import_sweep = context;
    struct import *import = import_sweep->import;
    const char *key = arena_format(import->config_service.arena, "%s/%s", tag->device,
                                   record_field_text(tag, TAG_NAME));
    if (tag->profile_tag != 0) /* goes with the profile or with its device */
        return true;
    if (!string_map_find(&import->tags, key) && import_may_delete(import, tag->device))
        import_add_deletion(import_sweep, tag);
    return true;
}

/* Names of profiles to delete. */
struct profile_sweep {
    const struct import *import;
    const char **names;
    size_t count;
};

static bool import_sweep_profile(void *context, const char *name)
{
    struct profile_sweep *sweep = context;
    struct store *store = sweep->import->config_service.store;
    if (!string_map_find(&sweep->import->profiles, name) &&
        profile_store_count_devices(store, name) == 0)
        sweep->names[sweep->count++] = name;
    return true;
}

/* Deletes the profiles that are not in the file, except those that a device uses. */
static void import_delete_profiles(struct import *import)
{
    const struct config_service *config_service = &import->config_service;
    struct store *store = config_service->store;
    struct arena *arena = config_service->arena;
    size_t total = (size_t)profile_store_count(store, "");
    struct profile_sweep sweep = {.import = import,
                                  .names = arena_alloc(arena, (total + 1) * sizeof(char *))};
    profile_store_each_name(store, arena, "", "", import_sweep_profile, &sweep);
    for (size_t i = 0; i < sweep.count; i++) {
        const struct profile *profile = profile_store_find(store, arena, sweep.names[i]);
        if (!profile)
            continue;
        profile_service_delete(config_service, profile, &import->conflicts);
        import->deleted++;
        import->deleted_profiles++;
        import_report_profile(import, "delete", profile->name);
    }
}

/* Reports an overlap at the place of the owner if that is in the file. If neither owner is in the
 * file, the error has no place. */
static void import_add_overlap(void *context, const struct overlap *overlap)
{
    struct import *import = context;
    struct import_place *place = string_map_find(&import->tags, overlap->owner);
    struct import_place *other = string_map_find(&import->tags, overlap->other);
    /* A tag with errors may still have registers in the store that it leaves. */
    if ((place && place->bad) || (other && other->bad) || (!place && other))
        return;
    import_set_place(import, place ? place : &(struct import_place){.prefix = ""});
    const char *detail = register_overlap_describe(import->config_service.arena, overlap);
    if (import->is_proposal && !other) /* which was made before the other one came */
        detail = arena_format(import->config_service.arena,
                              "%s; ask for the proposal again to get free registers", detail);
    if (place)
        validation_add(&import->conflicts, "modbus", "address", "overlap", "%s", detail);
    else
        validation_add_at(&import->conflicts, "", "overlap", "%s: %s", overlap->owner, detail);
}

void import_finish(struct import *import)
{
    const struct config_service *config_service = &import->config_service;
    struct store *store = config_service->store;
    struct arena *arena = config_service->arena;
    REQUIRE(config_service->check_late);
    if (store_has_failed(store))
        return;

    /* Devices and tags that are not in the file are deleted first, which frees registers. */
    if (import->replace && !import->keep_devices) {
        const struct record_filter all = {
            .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
        struct import_sweep tags = {.import = import}, devices = {.import = import};
        record_store_each_tag(store, arena, &all, import_sweep_tag, &tags);
        record_store_each_device(store, arena, &all, import_sweep_device, &devices);
        for (struct import_deletion *at = tags.first; at; at = at->next) {
            config_service_delete_tag(config_service, &at->record);
            import->deleted++;
            import_report_tag(import, "delete", at->record.device, &at->record, NULL,
                              import->warnings.count);
        }
        for (struct import_deletion *at = devices.first; at; at = at->next) {
            config_service_delete_device(config_service, &at->record);
            import->deleted++;
            import->deleted_devices++;
            import_report_device(import, "delete", &at->record, NULL, import->warnings.count);
        }
    }

    if (import->replace && import->has_profiles)
        import_delete_profiles(import);

    /* Then the tags without an address get one. */
    for (struct import_waiting *at = import->waiting; at; at = at->next) {
        import_set_place(import, &at->place);
        import_create_tag(import, at->device, &at->tag, import->warnings.count);
    }

    /* Then the checks that config_service has not made because of check_late. */
    register_ranges_each_overlap(store, arena, OVERLAPS_OF_ALL, 0, import_add_overlap, import);
    validation_sort(&import->conflicts);
    validation_sort(&import->warnings);
    import_set_place(import, &(struct import_place){.prefix = ""});
    config_service_check_tables(config_service, &import->validation);
}
