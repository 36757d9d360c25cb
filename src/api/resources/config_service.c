/* What a change to a device or tag entails. */
#include "api/resources/config_service.h"

#include "api/model/resource_rules.h"
#include "api/store/record_store.h"

/* The lowest free slot, so that the live table stays dense. */
static int64_t take_slot(struct store *store)
{
    struct query query = store_query(
        store, "SELECT coalesce((SELECT min(slot) FROM free_slot), -1), next_slot FROM store");
    if (!query_next(&query))
        return 0;
    int64_t freed = query_integer(&query), next = query_integer(&query);
    query_end(&query);
    if (freed >= 0)
        store_run(store, "DELETE FROM free_slot WHERE slot = ?", freed);
    else
        store_run(store, "UPDATE store SET next_slot = ?", next + 1);
    return freed >= 0 ? freed : next;
}

static void stamp_new(struct store *store, struct record *record)
{
    record->revision = store_touch(store);
    record->created_ms = record->updated_ms = store_now(store);
    record->slot = take_slot(store);
}

static void stamp_changed(struct store *store, const struct record *old, struct record *record)
{
    record->id = old->id;
    record->slot = old->slot;
    record->created_ms = old->created_ms;
    record->device_id = old->device_id;
    record->device = old->device;
    record->revision = store_touch(store);
    record->updated_ms = store_now(store);
}

static void keep_stamp(const struct record *old, struct record *record)
{
    record->id = old->id;
    record->slot = old->slot;
    record->created_ms = old->created_ms;
    record->updated_ms = old->updated_ms;
    record->revision = old->revision;
    record->device_id = old->device_id;
    record->device = old->device;
}

static void refuse_tag(void *context, const struct overlap *overlap)
{
    struct flaws *flaws = context;
    flaws_add(flaws, "modbus", "address", "overlap", "%s", overlap_describe(flaws->arena, overlap));
}

/* Where a change of a device brings an overlap, its place or its status block is at fault. */
static void refuse_device(void *context, const struct overlap *overlap)
{
    struct flaws *flaws = context;
    const char *detail = overlap_describe(flaws->arena, overlap);
    if (overlap->owner_is_status)
        flaws_add(flaws, "status", "address", "overlap", "%s", detail);
    else
        flaws_add(flaws, "network", "unit_id", "overlap", "%s would lie where %s", overlap->owner,
                  detail);
}

static void check_tag(const struct registry *registry, const struct record *tag,
                      struct flaws *flaws)
{
    if (!registry->check_late)
        spans_overlaps_of_tag(registry->store, registry->arena, tag->id, refuse_tag, flaws);
}

static void check_status(const struct registry *registry, const struct record *device,
                         struct flaws *flaws)
{
    if (!registry->check_late)
        spans_overlaps_of_status(registry->store, registry->arena, device->id, refuse_device,
                                 flaws);
}

static void check_tags(const struct registry *registry, const struct record *device,
                       struct flaws *flaws)
{
    if (!registry->check_late)
        spans_overlaps_of_tags(registry->store, registry->arena, device->id, refuse_device, flaws);
}

void registry_check_tables(const struct registry *registry, struct flaws *flaws)
{
    struct query query = store_query(
        registry->store, "SELECT d.name, t.name, t.modbus_table FROM span s"
                         " JOIN tag t ON t.id = s.tag_id JOIN device d ON d.id = t.device_id"
                         " WHERE s.server <> '' AND s.\"table\" IN"
                         " ('input_register', 'discrete_input') ORDER BY 1, 2 LIMIT 100");
    while (query_next(&query)) {
        const char *device = query_text(&query, registry->arena);
        const char *tag = query_text(&query, registry->arena);
        const char *table = query_text(&query, registry->arena);
        flaws_add_at(flaws, "", "read_only_table",
                     "%s/%s is in %s, which Tagferry can fill on the local server only", device,
                     tag, table);
    }
}

void registry_create_device(const struct registry *registry, struct record *device,
                            struct flaws *flaws)
{
    struct record other;
    if (!registry->check_late &&
        device_find(registry->store, registry->arena, record_text(device, DEVICE_NAME), &other)) {
        flaws_add(flaws, NULL, "name", "name_taken", "there is a device %s already",
                  record_text(device, DEVICE_NAME));
        return;
    }
    stamp_new(registry->store, device);
    device_insert(registry->store, device);
    audit_note(registry->store, registry->audit, &device_resource, NULL, device);
    if (record_is_null(device, DEVICE_STATUS_TABLE))
        return;
    spans_put_status(registry->store, registry->common, device);
    check_status(registry, device, flaws);
}

static bool allocate(const struct registry *registry, const struct place *place, struct record *tag,
                     struct flaws *flaws, struct flaws *warnings)
{
    bool reused;
    if (!record_is_null(tag, TAG_ADDRESS))
        return true;
    int64_t address = spans_allocate(registry->store, place, tag, &reused);
    const char *table = record_text(tag, TAG_TABLE);
    if (address < 0) {
        struct point point = tag_point(tag);
        flaws_add(flaws, "modbus", "address", "table_full",
                  "%s of unit %u has no gap of %u free registers", table, place->unit,
                  point_width(&point));
        return false;
    }
    if (reused)
        flaws_add(warnings, "modbus", "address", "address_reused",
                  "no address is left above the highest one that was allocated in %s of unit %u: "
                  "%lld is the lowest free one, and an earlier tag may have had it",
                  table, place->unit, (long long)address);
    tag->cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = address};
    return true;
}

void registry_create_tag(const struct registry *registry, const struct record *device,
                         struct record *tag, struct flaws *flaws, struct flaws *warnings)
{
    struct record other;
    struct place place = place_of(device, registry->common);
    tag->device_id = device->id;
    tag->device = record_text(device, DEVICE_NAME);
    if (!registry->check_late && tag_find(registry->store, registry->arena, tag->device,
                                          record_text(tag, TAG_NAME), &other)) {
        flaws_add(flaws, NULL, "name", "name_taken", "%s has a tag %s already", tag->device,
                  record_text(tag, TAG_NAME));
        return;
    }
    if (!allocate(registry, &place, tag, flaws, warnings))
        return;
    stamp_new(registry->store, tag);
    tag_insert(registry->store, tag);
    audit_note(registry->store, registry->audit, &tag_resource, NULL, tag);
    spans_put_tag(registry->store, &place, tag);
    check_tag(registry, tag, flaws);
}

static bool same_cell(const struct record *a, const struct record *b, size_t field)
{
    return cell_equal(&a->cells[field], &b->cells[field]);
}

/* Tags that a foreign server cannot hold. */
static void check_tables(const struct registry *registry, const struct record *device,
                         struct flaws *flaws)
{
    struct query query = store_query(
        registry->store, "SELECT name, modbus_table FROM tag WHERE device_id = ? AND modbus_table"
                         " IN ('input_register', 'discrete_input') ORDER BY name LIMIT 100");
    query_bind(&query, device->id);
    while (query_next(&query)) {
        const char *name = query_text(&query, registry->arena);
        const char *table = query_text(&query, registry->arena);
        flaws_add(flaws, "network", "modbus_host", "read_only_table",
                  "the tag %s is in %s, which Tagferry can fill on the local server only", name,
                  table);
    }
}

static bool status_moves(const struct record *old, const struct record *device)
{
    return !same_cell(old, device, DEVICE_STATUS_TABLE) ||
           !same_cell(old, device, DEVICE_STATUS_ADDRESS) ||
           !same_cell(old, device, DEVICE_UNIT_ID);
}

static void move_device(const struct registry *registry, const struct record *old,
                        const struct record *device, struct flaws *flaws)
{
    struct place from = place_of(old, registry->common), to = place_of(device, registry->common);
    bool tags_move = !place_same(&from, &to), block_moves = status_moves(old, device);
    if (!tags_move && !block_moves)
        return;
    if (!place_is_local(&to) && !registry->check_late)
        check_tables(registry, device, flaws);
    spans_abandon_device(registry->store, device->id);
    if (tags_move)
        spans_move(registry->store, device->id, &to);
    if (block_moves)
        spans_put_status(registry->store, registry->common, device);
    if (tags_move)
        check_tags(registry, device, flaws);
    if (block_moves)
        check_status(registry, device, flaws);
}

void registry_change_device(const struct registry *registry, const struct record *old,
                            struct record *device, struct flaws *flaws)
{
    if (record_equal(&device_resource, old, device)) {
        keep_stamp(old, device);
        return;
    }
    stamp_changed(registry->store, old, device);
    device_update(registry->store, device);
    audit_note(registry->store, registry->audit, &device_resource, old, device);
    move_device(registry, old, device, flaws);
}

static bool tag_moves(const struct record *old, const struct record *tag)
{
    static const enum tag_field moving[] = {TAG_TABLE, TAG_ADDRESS, TAG_BIT};
    struct point before = tag_point(old), after = tag_point(tag);
    for (size_t i = 0; i < sizeof moving / sizeof moving[0]; i++) {
        if (!same_cell(old, tag, moving[i]))
            return true;
    }
    return point_width(&before) != point_width(&after);
}

void registry_change_tag(const struct registry *registry, const struct record *device,
                         const struct record *old, struct record *tag, struct flaws *flaws)
{
    struct place place = place_of(device, registry->common);
    if (record_equal(&tag_resource, old, tag)) {
        keep_stamp(old, tag);
        return;
    }
    stamp_changed(registry->store, old, tag);
    tag_update(registry->store, tag);
    audit_note(registry->store, registry->audit, &tag_resource, old, tag);
    if (!tag_moves(old, tag))
        return;
    spans_drop_tag(registry->store, tag->id);
    spans_put_tag(registry->store, &place, tag);
    check_tag(registry, tag, flaws);
}

static bool note_deleted_tag(void *context, const struct record *tag)
{
    const struct registry *registry = context;
    audit_note(registry->store, registry->audit, &tag_resource, tag, NULL);
    return true;
}

void registry_delete_device(const struct registry *registry, const struct record *device)
{
    struct store *store = registry->store;
    int64_t revision = store_touch(store);
    const char *name = record_text(device, DEVICE_NAME);
    struct list tags = {.after = "",
                        .after_device = name,
                        .needle = "",
                        .device = name,
                        .table = "",
                        .limit = AUDIT_DETAILS_MAX};
    struct registry context = *registry;
    tags_each(store, registry->arena, &tags, note_deleted_tag, &context);
    audit_note(store, registry->audit, &device_resource, device, NULL);
    spans_abandon_device(store, device->id);
    store_run(store,
              "INSERT INTO gone (revision, kind, id) SELECT ?1, 'tag', id FROM tag"
              " WHERE device_id = ?2",
              revision, device->id);
    store_run(store, "INSERT INTO gone (revision, kind, id) VALUES (?, 'device', ?)", revision,
              device->id);
    store_run(store, "INSERT INTO free_slot SELECT slot FROM tag WHERE device_id = ?", device->id);
    store_run(store, "INSERT INTO free_slot VALUES (?)", device->slot);
    store_run(store, "DELETE FROM device WHERE id = ?", device->id);
}

void registry_delete_tag(const struct registry *registry, const struct record *tag)
{
    struct store *store = registry->store;
    audit_note(store, registry->audit, &tag_resource, tag, NULL);
    spans_abandon_tag(store, tag->id);
    store_run(store, "INSERT INTO gone (revision, kind, id) VALUES (?, 'tag', ?)",
              store_touch(store), tag->id);
    store_run(store, "INSERT INTO free_slot VALUES (?)", tag->slot);
    store_run(store, "DELETE FROM tag WHERE id = ?", tag->id);
}

enum { GONE_MAX = 100000 };

void registry_forget(struct store *store)
{
    struct query query =
        store_query(store, "SELECT revision FROM gone ORDER BY revision DESC LIMIT 1 OFFSET ?");
    query_bind(&query, GONE_MAX);
    if (!query_next(&query))
        return;
    int64_t revision = query_integer(&query);
    query_end(&query);
    store_run(store, "DELETE FROM gone WHERE revision <= ?", revision);
    store_run(store, "UPDATE store SET gone_from = max(gone_from, ?)", revision);
}
