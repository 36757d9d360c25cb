/* What all import formats share. */
#include "api/transfer/import.h"

#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"

/* Where in the file something stands. */
struct import_place {
    const char *prefix;
    long row;
};

/* A tag that wants an address. It gets one when all that the file fixes are taken. */
struct import_waiting {
    struct import_waiting *next;
    struct import_device *device;
    struct import_place place;
    struct record tag;
};

struct import import_begin(const struct registry *registry)
{
    struct arena *arena = registry->arena;
    struct import import = {.registry = *registry,
                            .flaws = flaws_make(arena),
                            .conflicts = flaws_make(arena),
                            .warnings = flaws_make(arena),
                            .devices = {.arena = arena},
                            .tags = {.arena = arena}};
    import.registry.check_late = true;
    return import;
}

static struct import_place place_now(const struct import *import)
{
    return (struct import_place){.prefix = import->flaws.prefix, .row = import->flaws.row};
}

/* Where conflicts are found, and warnings of the store. */
static void set_place(struct import *import, const struct import_place *place)
{
    import->conflicts.prefix = import->warnings.prefix = place->prefix;
    import->conflicts.row = import->warnings.row = place->row;
}

/* A change of a device when `tag` is NULL, else of its tag, with the registers that it has now, or
 * had. */
static void note(struct import *import, const char *action, const char *device,
                 const struct record *tag)
{
    struct text *changes = import->changes;
    if (!changes)
        return;
    json_open(changes, '{');
    json_key(changes, "action");
    json_string(changes, action);
    json_key(changes, "device");
    json_string(changes, device);
    json_key(changes, "tag");
    json_string_or_null(changes, tag ? record_text(tag, TAG_NAME) : NULL);
    if (tag)
        record_write_place(tag, changes);
    json_close(changes, '}');
}

struct import_device *import_device(struct import *import, const char *name, bool *again)
{
    struct arena *arena = import->registry.arena;
    struct import_device *device = names_find(&import->devices, name);
    *again = device != NULL;
    if (device)
        return device;
    device = arena_alloc(arena, sizeof *device);
    device->name = arena_text(arena, name);
    if (*name) /* several without a name are not one */
        names_add(&import->devices, device->name, device);
    bool exists = device_find(import->registry.store, arena, name, &device->record);
    if (!exists || import->base == BASE_DEFAULT)
        record_reset(&device_resource, NULL, &device->record);
    return device;
}

void import_put_device(struct import *import, struct import_device *device)
{
    const struct common_settings *common = import->registry.common;
    struct record *record = &device->record, old;
    size_t before = import->flaws.found;
    struct place place = place_of(record, common);
    device->local = place_is_local(&place);
    device_rules(record, device->local, &common->units, &import->flaws);
    device->bad = import->flaws.found > before || record->bad != 0;
    if (device->bad)
        return;
    const char *name = record_text(record, DEVICE_NAME);
    struct import_place here = place_now(import);
    set_place(import, &here);
    if (!device_find(import->registry.store, import->registry.arena, name, &old)) {
        registry_create_device(&import->registry, record, &import->conflicts);
        device->fresh = true;
        import->created++;
        note(import, "create", name, NULL);
    } else if (!record_equal(&device_resource, &old, record)) {
        registry_change_device(&import->registry, &old, record, &import->conflicts);
        import->changed++;
        note(import, "change", name, NULL);
    }
}

bool import_tag(struct import *import, const struct import_device *device, const char *name,
                struct record *tag, struct record *old)
{
    struct arena *arena = import->registry.arena;
    const char *key = arena_format(arena, "%s/%s", device->name, name);
    if (names_find(&import->tags, key))
        return false;
    struct import_place *place = arena_alloc(arena, sizeof *place);
    *place = place_now(import);
    if (*device->name && *name)
        names_add(&import->tags, key, place);
    *old = (struct record){0};
    if (device->record.id != 0 && !device->fresh)
        tag_find(import->registry.store, arena, device->name, name, old);
    *tag = *old;
    if (old->id == 0 || import->base == BASE_DEFAULT)
        record_reset(&tag_resource, NULL, tag);
    return true;
}

static void create_tag(struct import *import, struct import_device *device, struct record *tag)
{
    registry_create_tag(&import->registry, &device->record, tag, &import->conflicts,
                        &import->warnings);
    import->created++;
    if (!record_is_null(tag, TAG_ADDRESS)) /* not so where the table is full */
        note(import, "create", record_text(&device->record, DEVICE_NAME), tag);
}

static void wait_for_address(struct import *import, struct import_device *device,
                             const struct record *tag)
{
    struct import_waiting *waiting = arena_alloc(import->registry.arena, sizeof *waiting);
    waiting->device = device;
    waiting->place = place_now(import);
    waiting->tag = *tag;
    if (!import->waiting)
        import->waiting_end = &import->waiting;
    *import->waiting_end = waiting;
    import->waiting_end = &waiting->next;
}

void import_put_tag(struct import *import, struct import_device *device, const struct record *old,
                    struct record *tag)
{
    size_t before = import->flaws.found;
    bool exists = old->id != 0;
    struct import_place here = place_now(import);
    set_place(import, &here);
    tag_rules(tag, exists ? old : NULL, device->local, &import->flaws,
              exists ? NULL : &import->warnings);
    if (!exists)
        tag_warn_of_stale(tag, &device->record, &import->warnings);
    if (device->bad || tag->bad || import->flaws.found > before)
        return;
    if (!exists && record_is_null(tag, TAG_ADDRESS)) {
        wait_for_address(import, device, tag);
    } else if (!exists) {
        create_tag(import, device, tag);
    } else if (!record_equal(&tag_resource, old, tag)) {
        registry_change_tag(&import->registry, &device->record, old, tag, &import->conflicts);
        import->changed++;
        note(import, "change", record_text(&device->record, DEVICE_NAME), tag);
    }
}

/* Collects what is to be deleted, since rows cannot go while they are read. */
struct doomed {
    struct doomed *next;
    struct record record;
};

struct sweep {
    struct import *import;
    struct doomed *first;
};

static void doom(struct sweep *sweep, const struct record *record)
{
    struct doomed *doomed = arena_alloc(sweep->import->registry.arena, sizeof *doomed);
    *doomed = (struct doomed){sweep->first, *record};
    sweep->first = doomed;
}

static bool has_tags(struct import *import, const struct record *device)
{
    struct query query =
        store_query(import->registry.store, "SELECT 1 FROM tag WHERE device_id = ? LIMIT 1");
    query_bind(&query, device->id);
    bool found = query_next(&query);
    query_end(&query);
    return found;
}

static bool sweep_device(void *context, const struct record *device)
{
    struct sweep *sweep = context;
    struct import *import = sweep->import;
    if (!names_find(&import->devices, record_text(device, DEVICE_NAME)) &&
        !(import->keep_bare_devices && !has_tags(import, device)))
        doom(sweep, device);
    return true;
}

static bool sweep_tag(void *context, const struct record *tag)
{
    struct sweep *sweep = context;
    struct import *import = sweep->import;
    const char *key =
        arena_format(import->registry.arena, "%s/%s", tag->device, record_text(tag, TAG_NAME));
    if (!names_find(&import->tags, key))
        doom(sweep, tag);
    return true;
}

static void delete_unnamed(struct import *import)
{
    struct list all = {
        .after = "", .after_device = "", .needle = "", .device = "", .table = "", .limit = -1};
    struct sweep tags = {.import = import}, devices = {.import = import};
    struct store *store = import->registry.store;
    tags_each(store, import->registry.arena, &all, sweep_tag, &tags);
    devices_each(store, import->registry.arena, &all, sweep_device, &devices);
    for (struct doomed *at = tags.first; at; at = at->next) {
        registry_delete_tag(&import->registry, &at->record);
        import->deleted++;
        note(import, "delete", at->record.device, &at->record);
    }
    for (struct doomed *at = devices.first; at; at = at->next) {
        registry_delete_device(&import->registry, &at->record);
        import->deleted++;
        note(import, "delete", record_text(&at->record, DEVICE_NAME), NULL);
    }
}

/* An overlap is shown where the file has one of the two tags, or else as such. */
static void take_overlap(void *context, const struct overlap *overlap)
{
    struct import *import = context;
    struct import_place *place = names_find(&import->tags, overlap->owner);
    if (!place && names_find(&import->tags, overlap->other))
        return;
    set_place(import, place ? place : &(struct import_place){.prefix = ""});
    const char *detail = overlap_describe(import->registry.arena, overlap);
    if (place)
        flaws_add(&import->conflicts, "modbus", "address", "overlap", "%s", detail);
    else
        flaws_add_at(&import->conflicts, "", "overlap", "%s: %s", overlap->owner, detail);
}

void import_end(struct import *import)
{
    struct store *store = import->registry.store;
    if (import->flaws.found > 0 || store_failed(store))
        return;
    if (import->replace)
        delete_unnamed(import);
    for (struct import_waiting *at = import->waiting; at; at = at->next) {
        set_place(import, &at->place);
        create_tag(import, at->device, &at->tag);
    }
    spans_overlaps(store, import->registry.arena, take_overlap, import);
    flaws_sort(&import->conflicts);
    flaws_sort(&import->warnings);
    set_place(import, &(struct import_place){.prefix = ""});
    registry_check_tables(&import->registry, &import->flaws);
}
