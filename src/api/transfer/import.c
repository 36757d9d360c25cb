/* The part of an import that all formats share. */
#include "api/transfer/import.h"

#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"
#include "common/base/require.h"

/* A place in the file: a JSON Pointer, or a row of CSV. */
struct import_place {
    const char *prefix;
    long row;
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
                            .tags = {.arena = arena}};
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

/* Adds a change to the list of changes: of the device if `tag` is NULL, else of the tag, with its
 * registers, for a deletion with the last ones. */
static void import_add_change(struct import *import, const char *action, const char *device,
                              const struct record *tag)
{
    struct text *changes = import->changes;
    if (!changes)
        return;
    json_open(changes, '{');
    json_write_key(changes, "action");
    json_write_string(changes, action);
    json_write_key(changes, "device");
    json_write_string(changes, device);
    json_write_key(changes, "tag");
    json_write_string_or_null(changes, tag ? record_field_text(tag, TAG_NAME) : NULL);
    if (tag)
        record_json_write_location(tag, changes);
    json_close(changes, '}');
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
    size_t before = import->validation.found;
    struct modbus_location location = modbus_location_of(record, common);
    device->local = modbus_location_is_local(&location);
    rules_apply_to_device(record, device->local, &common->units, &import->validation);
    device->bad = import->validation.found > before || record->bad != 0;
    if (device->bad)
        return;
    const char *name = record_field_text(record, DEVICE_NAME);
    struct import_place here = import_current_place(import);
    import_set_place(import, &here);
    if (!record_store_find_device(import->config_service.store, import->config_service.arena, name,
                                  &old)) {
        config_service_create_device(&import->config_service, NULL, record, &import->conflicts,
                                     &import->warnings);
        device->fresh = true;
        import->created++;
        import_add_change(import, "create", name, NULL);
    } else if (!record_is_equal(&device_resource, &old, record)) {
        config_service_change_device(&import->config_service, NULL, &old, record,
                                     &import->conflicts);
        import->changed++;
        import_add_change(import, "change", name, NULL);
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
                              struct record *tag)
{
    config_service_create_tag(&import->config_service, &device->record, tag, &import->conflicts,
                              &import->warnings);
    import->created++;
    if (!record_field_is_null(tag, TAG_ADDRESS)) /* it stays null when the table is full */
        import_add_change(import, "create", record_field_text(&device->record, DEVICE_NAME), tag);
}

void import_store_tag(struct import *import, struct import_device *device, const struct record *old,
                      struct record *tag)
{
    size_t before = import->validation.found;
    bool exists = old->id != 0;
    REQUIRE(!exists || old->device_id == device->record.id);
    struct import_place here = import_current_place(import);
    import_set_place(import, &here);
    rules_apply_to_tag(tag, exists ? old : NULL, device->local, &import->validation,
                       exists ? NULL : &import->warnings);
    if (!exists)
        rules_warn_tag_stale(tag, &device->record, &import->warnings);
    rules_check_tag_sparkplug(tag, &device->record, &import->validation,
                              exists ? NULL : &import->warnings);
    if (device->bad || tag->bad || import->validation.found > before)
        return;
    if (!exists && record_field_is_null(tag, TAG_ADDRESS)) {
        struct import_waiting *waiting = arena_alloc(import->config_service.arena, sizeof *waiting);
        *waiting = (struct import_waiting){.device = device, .place = here, .tag = *tag};
        if (!import->waiting)
            import->waiting_end = &import->waiting;
        *import->waiting_end = waiting;
        import->waiting_end = &waiting->next;
    } else if (!exists) {
        import_create_tag(import, device, tag);
    } else if (!record_is_equal(&tag_resource, old, tag)) {
        config_service_change_tag(&import->config_service, &device->record, old, tag,
                                  &import->conflicts);
        import->changed++;
        import_add_change(import, "change", record_field_text(&device->record, DEVICE_NAME), tag);
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

static bool import_sweep_device(void *context, const struct record *device)
{
    struct import_sweep *import_sweep = context;
    struct import *import = import_sweep->import;
    if (string_map_find(&import->devices, record_field_text(device, DEVICE_NAME)))
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
    if (!string_map_find(&import->tags, key))
        import_add_deletion(import_sweep, tag);
    return true;
}

/* Reports an overlap at the place of the owner if that is in the file. If neither owner is in the
 * file, the error has no place. */
static void import_add_overlap(void *context, const struct overlap *overlap)
{
    struct import *import = context;
    struct import_place *place = string_map_find(&import->tags, overlap->owner);
    if (!place && string_map_find(&import->tags, overlap->other))
        return;
    import_set_place(import, place ? place : &(struct import_place){.prefix = ""});
    const char *detail = register_overlap_describe(import->config_service.arena, overlap);
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
    if (import->validation.found > 0 || store_has_failed(store))
        return;

    /* Devices and tags that are not in the file are deleted first, which frees registers. */
    if (import->replace) {
        const struct record_filter all = {
            .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
        struct import_sweep tags = {.import = import}, devices = {.import = import};
        record_store_each_tag(store, arena, &all, import_sweep_tag, &tags);
        record_store_each_device(store, arena, &all, import_sweep_device, &devices);
        for (struct import_deletion *at = tags.first; at; at = at->next) {
            config_service_delete_tag(config_service, &at->record);
            import->deleted++;
            import_add_change(import, "delete", at->record.device, &at->record);
        }
        for (struct import_deletion *at = devices.first; at; at = at->next) {
            const char *name = record_field_text(&at->record, DEVICE_NAME);
            config_service_delete_device(config_service, &at->record);
            import->deleted++;
            import_add_change(import, "delete", name, NULL);
        }
    }

    /* Then the tags without an address get one. */
    for (struct import_waiting *at = import->waiting; at; at = at->next) {
        import_set_place(import, &at->place);
        import_create_tag(import, at->device, &at->tag);
    }

    /* Then the checks that config_service has not made because of check_late. */
    register_ranges_each_overlap(store, arena, OVERLAPS_OF_ALL, 0, import_add_overlap, import);
    validation_sort(&import->conflicts);
    validation_sort(&import->warnings);
    import_set_place(import, &(struct import_place){.prefix = ""});
    config_service_check_tables(config_service, &import->validation);
}
