/* Each change of a device or tag, with the updates that belong to it. */
#include "api/resources/config_service.h"

#include <string.h>

#include "api/base/string_map.h"
#include "api/handler/thread_ctx.h"
#include "api/http/request.h"
#include "api/model/profile_use.h"
#include "api/model/resource_rules.h"
#include "api/resources/profile_apply.h"
#include "api/resources/server_ways.h"
#include "api/store/record_store.h"
#include "common/base/plural.h"
#include "common/base/require.h"

/* Sets revision, times and slot of a new record. The slot is the lowest free one, so that the live
 * table stays dense. A record that is restored keeps its time and, if that is free, its slot. */
static void record_stamp_new(struct store *store, struct record *record)
{
    bool is_restored = record->id != 0;
    record->revision = store_raise_revision(store);
    record->updated_ms = store_transaction_ms(store);
    if (!is_restored)
        record->created_ms = record->updated_ms;
    struct query own = store_prepare_query(store, "SELECT 1 FROM free_slot WHERE slot = ?");
    query_bind_integer(&own, record->slot);
    bool is_free = query_next_row(&own);
    query_finish(&own);
    if (is_restored && is_free) {
        store_execute(store, "DELETE FROM free_slot WHERE slot = ?", record->slot);
        return;
    }
    struct query query = store_prepare_query(
        store, "SELECT coalesce((SELECT min(slot) FROM free_slot), -1), next_slot FROM store");
    if (!query_next_row(&query))
        return; /* the store has failed */
    int64_t freed = query_read_integer(&query), next = query_read_integer(&query);
    query_finish(&query);
    record->slot = freed >= 0 ? freed : next;
    if (freed >= 0)
        store_execute(store, "DELETE FROM free_slot WHERE slot = ?", freed);
    else
        store_execute(store, "UPDATE store SET next_slot = ?", next + 1);
}

/* Copies the members that only the server sets from the old record. */
static void record_keep_stamp(const struct record *old, struct record *record)
{
    REQUIRE(old->id != 0);
    record->id = old->id;
    record->slot = old->slot;
    record->created_ms = old->created_ms;
    record->updated_ms = old->updated_ms;
    record->revision = old->revision;
    record->device_id = old->device_id;
    record->device = old->device;
    record->profile_tag = old->profile_tag;
}

static bool record_cell_is_equal(const struct record *a, const struct record *b, size_t field)
{
    return cell_is_equal(&a->cells[field], &b->cells[field]);
}

static void refuse_tag_overlap(void *context, const struct overlap *overlap)
{
    struct validation *validation = context;
    validation_add(validation, "modbus", "address", "overlap", "%s",
                   register_overlap_describe(validation->arena, overlap));
}

/* The change of a device that is checked. */
struct device_move {
    struct validation *validation;
    const char *member; /* of "network" that moves its registers, or NULL */
};

/* Reports an overlap that a change of a device causes at its status block or at its unit. */
static void refuse_device_overlap(void *context, const struct overlap *overlap)
{
    const struct device_move *move = context;
    struct validation *validation = move->validation;
    const char *detail = register_overlap_describe(validation->arena, overlap);
    if (overlap->owner_is_status && !move->member)
        validation_add(validation, "status", "address", "overlap", "%s", detail);
    else
        validation_add(validation, "network", move->member ? move->member : "unit_id", "overlap",
                       "%s would overlap: %s", overlap->owner, detail);
}

/* The same for a device that follows a profile: its base is what can be changed. */
static void refuse_base_overlap(void *context, const struct overlap *overlap)
{
    struct validation *validation = context;
    validation_add(validation, NULL, "profile/base", "overlap", "%s would overlap: %s",
                   overlap->owner, register_overlap_describe(validation->arena, overlap));
}

static void config_service_check_tag_overlaps(const struct config_service *config_service,
                                              int64_t id, struct validation *validation)
{
    if (!config_service->check_late)
        register_ranges_each_overlap(config_service->store, config_service->arena, OVERLAPS_OF_TAG,
                                     id, refuse_tag_overlap, validation);
}

/* Checks the tags of a device, or its status block. */
static void config_service_check_overlaps(const struct config_service *config_service,
                                          enum overlap_scope scope, int64_t id, const char *member,
                                          struct validation *validation)
{
    struct device_move move = {validation, member};
    if (!config_service->check_late)
        register_ranges_each_overlap(config_service->store, config_service->arena, scope, id,
                                     refuse_device_overlap, &move);
}

/* Checks all registers of a device that follows a profile. */
static void config_service_check_base(const struct config_service *config_service,
                                      const struct record *device, struct validation *validation)
{
    static const enum overlap_scope scopes[] = {OVERLAPS_OF_DEVICE_TAGS, OVERLAPS_OF_STATUS_BLOCK};
    for (size_t i = 0; i < sizeof scopes / sizeof scopes[0] && !config_service->check_late; i++)
        register_ranges_each_overlap(config_service->store, config_service->arena, scopes[i],
                                     device->id, refuse_base_overlap, validation);
}

/* The tables that Tagferry can write only on the local server. */
#define READ_ONLY_TABLES "('input_register', 'discrete_input')"

#define NEEDS_LOCAL_SERVER "(t.modbus_table IN " READ_ONLY_TABLES " OR t.mqtt_expires_s > 0)"

/* rules_tag_needs_foreign in SQL */
#define FOREIGN_NUMBER(field, column) " OR t." #column " > 0"
#define FOREIGN_CHOSEN(field, column, other, other_column, choice)                                 \
    " OR t." #column " > 0 AND t." #other_column " = '" choice "'"
#define NEEDS_FOREIGN_SERVER "(0" RULES_FOREIGN_NUMBERS(FOREIGN_NUMBER, FOREIGN_CHOSEN) ")"

/* Writes why a tag cannot be on its server, by its table. Returns the code of the error. */
static const char *config_service_name_place(struct arena *arena, bool local, const char *table,
                                             const char **why)
{
    if (local) {
        *why = "has modbus.min_change or min_interval_ms, or mqtt.min_change without command_on "
               "change, which are possible only on a foreign Modbus server";
        return "foreign_only";
    }
    bool is_read_only = strcmp(table, table_names[TABLE_INPUT_REGISTER]) == 0 ||
                        strcmp(table, table_names[TABLE_DISCRETE_INPUT]) == 0;
    *why = is_read_only
               ? arena_format(arena, "is in %s, which Tagferry can write only on the local server",
                              table)
               : "has mqtt.expires_s, which is possible only on the local server";
    return is_read_only ? "read_only_table" : "local_only";
}

void config_service_check_tables(const struct config_service *config_service,
                                 struct validation *validation)
{
    struct query query = store_prepare_query(
        config_service->store,
        "SELECT d.name, t.name, t.modbus_table, s.server = '' FROM span s"
        " JOIN tag t ON t.id = s.tag_id JOIN device d ON d.id = t.device_id"
        " WHERE s.server <> '' AND " NEEDS_LOCAL_SERVER
        " OR s.server = '' AND " NEEDS_FOREIGN_SERVER " ORDER BY 1, 2 LIMIT 100");
    while (query_next_row(&query)) {
        const char *device = query_read_text(&query, config_service->arena);
        const char *tag = query_read_text(&query, config_service->arena);
        const char *table = query_read_text(&query, config_service->arena), *why;
        bool local = query_read_integer(&query) != 0;
        const char *code = config_service_name_place(config_service->arena, local, table, &why);
        validation_add_at(validation, "", code, "%s/%s %s", device, tag, why);
    }
    server_ways_check_all(config_service->store, config_service->common, validation);
}

/* The same for the tags of a device that moves to another server. */
static void config_service_check_device_tables(const struct config_service *config_service,
                                               const struct record *device, bool local,
                                               struct validation *validation)
{
    struct query query =
        store_prepare_query(config_service->store,
                            local ? "SELECT t.name, t.modbus_table FROM tag t WHERE t.device_id = ?"
                                    " AND " NEEDS_FOREIGN_SERVER " ORDER BY 1 LIMIT 100"
                                  : "SELECT t.name, t.modbus_table FROM tag t WHERE t.device_id = ?"
                                    " AND " NEEDS_LOCAL_SERVER " ORDER BY 1 LIMIT 100");
    query_bind_integer(&query, device->id);
    while (query_next_row(&query)) {
        const char *name = query_read_text(&query, config_service->arena);
        const char *table = query_read_text(&query, config_service->arena), *why;
        const char *code = config_service_name_place(config_service->arena, local, table, &why);
        validation_add(validation, "network", "modbus_host", code, "the tag %s %s", name, why);
        validation->invalid = true;
    }
}

/* Checks a new device, or one whose server or way to it has changed, against the other devices. */
static void config_service_check_way(const struct config_service *config_service,
                                     const struct record *old, const struct record *device,
                                     struct validation *validation)
{
    bool is_same = old && record_cell_is_equal(old, device, DEVICE_MODBUS_HOST) &&
                   record_cell_is_equal(old, device, DEVICE_MODBUS_PORT) &&
                   record_cell_is_equal(old, device, DEVICE_FRAMING);
    if (!is_same && !config_service->check_late)
        server_ways_check_device(config_service->store, config_service->common, device, validation);
}

void config_service_create_device(const struct config_service *config_service,
                                  const struct record *parent, struct record *device,
                                  struct validation *validation, struct validation *warnings)
{
    struct store *store = config_service->store;
    const char *name = record_field_text(device, DEVICE_NAME);
    struct record other;
    (void)parent;
    (void)warnings;
    if (!config_service->check_late &&
        record_store_find_device(store, config_service->arena, name, &other)) {
        validation_add(validation, NULL, "name", "name_taken", "a device named %s already exists",
                       name);
        return;
    }
    record_stamp_new(store, device);
    record_store_insert(store, &device_resource, device);
    audit_add_change(store, config_service->audit, &device_resource, NULL, device);
    if (!record_field_is_null(device, DEVICE_STATUS_TABLE))
        register_ranges_put_status(store, config_service->common, device);
    if (!config_service->by_profile)
        profile_apply_device(config_service, NULL, device, validation);
    if (!record_field_is_null(device, DEVICE_PROFILE))
        config_service_check_base(config_service, device, validation);
    else if (!record_field_is_null(device, DEVICE_STATUS_TABLE))
        config_service_check_overlaps(config_service, OVERLAPS_OF_STATUS_BLOCK, device->id, NULL,
                                      validation);
    config_service_check_way(config_service, NULL, device, validation);
}

void config_service_create_tag(const struct config_service *config_service,
                               const struct record *device, struct record *tag,
                               struct validation *validation, struct validation *warnings)
{
    struct store *store = config_service->store;
    struct modbus_location location = modbus_location_of(device, config_service->common);
    struct record other;
    tag->device_id = device->id;
    tag->device = record_field_text(device, DEVICE_NAME);
    const char *name = record_field_text(tag, TAG_NAME);
    if (!config_service->check_late &&
        record_store_find_tag(store, config_service->arena, tag->device, name, &other)) {
        validation_add(validation, NULL, "name", "name_taken",
                       "the device %s already has a tag named %s", tag->device, name);
        return;
    }
    if (record_field_is_null(tag, TAG_ADDRESS)) {
        bool reused;
        const char *table = record_field_text(tag, TAG_TABLE);
        int64_t address = register_ranges_allocate(store, &location, tag, &reused);
        if (address < 0) {
            struct point point = record_tag_point(tag);
            validation_add(validation, "modbus", "address", "table_full",
                           "%s of unit %u has no gap of %u free register%s", table, location.unit,
                           point_width(&point), plural_suffix(point_width(&point)));
            return;
        }
        if (reused)
            validation_add(warnings, "modbus", "address", "address_reused",
                           "all addresses above the highest one that was ever allocated in %s of "
                           "unit %u are used: %lld is the lowest free address, and an earlier tag "
                           "may have had it",
                           table, location.unit, (long long)address);
        tag->cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = address};
    }
    record_stamp_new(store, tag);
    record_store_insert(store, &tag_resource, tag);
    audit_add_change(store, config_service->audit, &tag_resource, NULL, tag);
    register_ranges_put_tag(store, &location, tag);
    config_service_check_tag_overlaps(config_service, tag->id, validation);
}

/* The member of "network" whose change moves the registers of the device, if one does. */
static const char *device_moving_member(const struct record *old, const struct record *device)
{
    static const struct {
        int field;
        const char *name;
    } members[] = {{DEVICE_GATEWAY, "gateway"},
                   {DEVICE_UNIT_ID, "unit_id"},
                   {DEVICE_MODBUS_HOST, "modbus_host"},
                   {DEVICE_MODBUS_PORT, "modbus_port"}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (!record_cell_is_equal(old, device, (size_t)members[i].field))
            return members[i].name;
    }
    return "unit_id";
}

void config_service_change_device(const struct config_service *config_service,
                                  const struct record *parent, const struct record *old,
                                  struct record *device, struct validation *validation)
{
    struct store *store = config_service->store;
    const struct common_settings *common = config_service->common;
    const char *name = record_field_text(device, DEVICE_NAME);
    struct record other;
    (void)parent;
    record_keep_stamp(old, device);
    if (record_is_equal(&device_resource, old, device))
        return;
    if (!record_cell_is_equal(old, device, DEVICE_NAME) &&
        record_store_find_device(store, config_service->arena, name, &other)) {
        validation_add(validation, NULL, "name", "name_taken", "a device named %s already exists",
                       name);
        return;
    }
    device->revision = store_raise_revision(store);
    device->updated_ms = store_transaction_ms(store);
    record_store_update(store, &device_resource, device);
    audit_add_change(store, config_service->audit, &device_resource, old, device);

    /* The registers of its tags and of its status block move with it. */
    struct modbus_location from = modbus_location_of(old, common),
                           to = modbus_location_of(device, common);
    const char *member = device_moving_member(old, device);
    bool gateway_changes = strcmp(member, "gateway") == 0;
    bool tags_move = !modbus_location_is_equal(&from, &to),
         block_moves = !record_cell_is_equal(old, device, DEVICE_STATUS_TABLE) ||
                       !record_cell_is_equal(old, device, DEVICE_STATUS_ADDRESS) ||
                       !record_cell_is_equal(old, device, DEVICE_UNIT_ID) || gateway_changes;
    if (tags_move || block_moves)
        register_ranges_orphan_device(store, device->id);
    if (tags_move)
        register_ranges_move(store, device->id, &to);
    if (block_moves)
        register_ranges_put_status(store, common, device);
    bool follows = !config_service->by_profile && (!record_field_is_null(old, DEVICE_PROFILE) ||
                                                   !record_field_is_null(device, DEVICE_PROFILE));
    if (follows)
        profile_apply_device(config_service, old, device, validation);
    config_service_check_way(config_service, old, device, validation);
    if (tags_move && !config_service->check_late)
        config_service_check_device_tables(config_service, device, modbus_location_is_local(&to),
                                           validation);
    if (follows && !record_field_is_null(device, DEVICE_PROFILE)) {
        config_service_check_base(config_service, device, validation);
        return;
    }
    if (tags_move)
        config_service_check_overlaps(config_service, OVERLAPS_OF_DEVICE_TAGS, device->id, member,
                                      validation);
    if (block_moves)
        config_service_check_overlaps(config_service, OVERLAPS_OF_STATUS_BLOCK, device->id,
                                      gateway_changes ? member : NULL, validation);
}

/* Refuses a change of a tag that follows a profile. */
static bool config_service_may_change_tag(const struct config_service *config_service,
                                          const struct record *tag, struct validation *validation)
{
    struct record device;
    if (tag->profile_tag == 0 || config_service->by_profile ||
        !record_store_find_device(config_service->store, config_service->arena, tag->device,
                                  &device))
        return true;
    const char *profile = profile_use_name(&device, config_service->arena);
    validation_add_at(validation, "", "profile_tag",
                      "the tag %s of the device %s follows the profile %s: change it there, at "
                      "/api/v1/profiles/%s, or let the device leave the profile and keep its tags, "
                      "with PATCH of the device and {\"profile\": null}",
                      record_field_text(tag, TAG_NAME), tag->device, profile ? profile : "",
                      profile ? profile : "");
    return false;
}

/* The companions of a tag follow its name. Those of a profile are as the profile says. */
static void config_service_rename_companions(const struct config_service *config_service,
                                             const struct record *old, const struct record *tag)
{
    struct store *store = config_service->store;
    struct arena *arena = config_service->arena;
    const char *after = "";
    while (after) {
        struct record before, companion;
        struct query query = store_prepare_query(
            store, "SELECT name FROM tag WHERE device_id = ? AND modbus_companion_of = ?"
                   " AND profile_tag_id IS NULL AND name > ? ORDER BY name LIMIT 1");
        query_bind_integer(&query, tag->device_id);
        query_bind_text(&query, record_field_text(old, TAG_NAME));
        query_bind_text(&query, after);
        after = query_next_row(&query) ? query_read_text(&query, arena) : NULL;
        query_finish(&query);
        if (!after || !record_store_find_tag(store, arena, tag->device, after, &before))
            return;
        companion = before;
        companion.cells[TAG_COMPANION_OF] = tag->cells[TAG_NAME];
        companion.revision = store_raise_revision(store);
        companion.updated_ms = store_transaction_ms(store);
        record_store_update(store, &tag_resource, &companion);
        audit_add_change(store, config_service->audit, &tag_resource, &before, &companion);
    }
}

void config_service_change_tag(const struct config_service *config_service,
                               const struct record *device, const struct record *old,
                               struct record *tag, struct validation *validation)
{
    struct store *store = config_service->store;
    const char *name = record_field_text(tag, TAG_NAME);
    bool moves = old->device_id != device->id;
    struct record other, former = *device;
    record_keep_stamp(old, tag);
    tag->device_id = device->id;
    tag->device = record_field_text(device, DEVICE_NAME);
    if ((!moves && record_is_equal(&tag_resource, old, tag)) ||
        !config_service_may_change_tag(config_service, old, validation))
        return;
    if ((moves || !record_cell_is_equal(old, tag, TAG_NAME)) &&
        record_store_find_tag(store, config_service->arena, tag->device, name, &other)) {
        validation_add(validation, NULL, moves ? "device" : "name", "name_taken",
                       "the device %s already has a tag named %s", tag->device, name);
        return;
    }
    if (moves && !record_store_find_device(store, config_service->arena, old->device, &former))
        return; /* the store has failed */
    tag->revision = store_raise_revision(store);
    tag->updated_ms = store_transaction_ms(store);
    if (moves)
        record_store_move_tag(store, tag);
    record_store_update(store, &tag_resource, tag);
    audit_add_change(store, config_service->audit, &tag_resource, old, tag);
    if (!moves && !record_cell_is_equal(old, tag, TAG_NAME))
        config_service_rename_companions(config_service, old, tag);

    struct modbus_location from = modbus_location_of(&former, config_service->common),
                           location = modbus_location_of(device, config_service->common);
    struct point before = record_tag_point(old), after = record_tag_point(tag);
    if (modbus_location_is_equal(&from, &location) && before.table == after.table &&
        before.address == after.address && point_mask(&before) == point_mask(&after) &&
        point_width(&before) == point_width(&after))
        return;
    register_ranges_change_tag(store, &location, tag);
    config_service_check_tag_overlaps(config_service, tag->id, validation);
}

static bool audit_deleted_tag(void *context, const struct record *tag)
{
    const struct config_service *config_service = context;
    audit_add_deletion_with_device(config_service->store, config_service->audit, tag);
    return true;
}

void config_service_delete_device(const struct config_service *config_service,
                                  const struct record *device)
{
    struct store *store = config_service->store;
    int64_t revision = store_raise_revision(store);
    const char *name = record_field_text(device, DEVICE_NAME);
    struct record_filter tags = {
        .after = "", .after_device = name, .needle = "", .device = name, .table = "", .limit = -1};
    struct config_service context = *config_service;
    record_store_each_tag(store, config_service->arena, &tags, audit_deleted_tag, &context);
    audit_add_change(store, config_service->audit, &device_resource, device, NULL);
    register_ranges_orphan_device(store, device->id);
    store_execute(store,
                  "INSERT INTO gone (revision, kind, id) SELECT ?1, 'tag', id FROM tag"
                  " WHERE device_id = ?2",
                  revision, device->id);
    store_execute(store, "INSERT INTO gone (revision, kind, id) VALUES (?, 'device', ?)", revision,
                  device->id);
    store_execute(store, "INSERT INTO free_slot SELECT slot FROM tag WHERE device_id = ?",
                  device->id);
    store_execute(store, "INSERT INTO free_slot VALUES (?)", device->slot);
    store_execute(store, "DELETE FROM device WHERE id = ?", device->id);
}

void config_service_delete_tag(const struct config_service *config_service,
                               const struct record *tag)
{
    struct store *store = config_service->store;
    audit_add_change(store, config_service->audit, &tag_resource, tag, NULL);
    register_ranges_orphan_tag(store, tag->id);
    store_execute(store, "INSERT INTO gone (revision, kind, id) VALUES (?, 'tag', ?)",
                  store_raise_revision(store), tag->id);
    store_execute(store, "INSERT INTO free_slot VALUES (?)", tag->slot);
    store_execute(store, "DELETE FROM tag WHERE id = ?", tag->id);
}

void config_service_follow_tag(const struct config_service *config_service,
                               const struct record *tag, int64_t profile_tag)
{
    struct store *store = config_service->store;
    store_execute(store, "UPDATE tag SET profile_tag_id = nullif(?, 0), revision = ? WHERE id = ?",
                  profile_tag, store_raise_revision(store), tag->id);
    undo_log_add_follow(store, config_service->audit->undo, tag->id, tag->profile_tag, profile_tag);
}

void config_service_leave_profile(const struct config_service *config_service,
                                  const struct record *device)
{
    struct store *store = config_service->store;
    struct query query = store_prepare_query(store, "SELECT id, profile_tag_id FROM tag"
                                                    " WHERE device_id = ?"
                                                    " AND profile_tag_id IS NOT NULL");
    query_bind_integer(&query, device->id);
    while (query_next_row(&query)) {
        int64_t id = query_read_integer(&query);
        undo_log_add_follow(store, config_service->audit->undo, id, query_read_integer(&query), 0);
    }
    store_execute(store,
                  "UPDATE tag SET profile_tag_id = NULL, revision = ?"
                  " WHERE device_id = ? AND profile_tag_id IS NOT NULL",
                  store_raise_revision(store), device->id);
}

int64_t config_service_count_tags(const struct config_service *config_service,
                                  const struct record *device)
{
    struct query query =
        store_prepare_query(config_service->store, "SELECT count(*) FROM tag WHERE device_id = ?");
    query_bind_integer(&query, device->id);
    int64_t count = query_next_row(&query) ? query_read_integer(&query) : 0;
    query_finish(&query);
    return count;
}

enum { DELETIONS_MAX = 100000 };

void config_service_trim_deletions(struct store *store)
{
    struct query query = store_prepare_query(
        store, "SELECT revision FROM gone ORDER BY revision DESC LIMIT 1 OFFSET ?");
    query_bind_integer(&query, DELETIONS_MAX);
    if (!query_next_row(&query))
        return;
    int64_t revision = query_read_integer(&query);
    query_finish(&query);
    store_execute(store, "DELETE FROM gone WHERE revision <= ?", revision);
    store_execute(store, "UPDATE store SET gone_from = max(gone_from, ?)", revision);
}

struct config_service config_service_for_request(struct thread_ctx *thread_ctx,
                                                 const struct request *request)
{
    struct audit *audit = arena_alloc(request->arena, sizeof *audit);
    struct undo_log *undo_log = arena_alloc(request->arena, sizeof *undo_log);
    undo_log->keep_bytes = (int64_t)thread_ctx->settings->undo_mb << 20;
    *audit = (struct audit){.who = request->who,
                            .remote = request->remote,
                            .request_id = request->id,
                            .keep = thread_ctx->settings->audit_entries,
                            .undo = undo_log};
    struct string_map *profiles = arena_alloc(request->arena, sizeof *profiles);
    profiles->arena = request->arena;
    int64_t *dropped = arena_alloc(request->arena, sizeof *dropped);
    *dropped = 0;
    return (struct config_service){.store = thread_ctx->store,
                                   .common = &thread_ctx->settings->common,
                                   .arena = request->arena,
                                   .audit = audit,
                                   .profiles = profiles,
                                   .dropped = dropped};
}
