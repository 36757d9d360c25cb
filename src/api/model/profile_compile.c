/* Checks a profile with sample values, and gives its tags their places. */
#include "api/base/json_tree.h"
#include "api/model/profile.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "api/model/object_fields.h"
#include "api/model/record_json.h"
#include "api/model/record_location.h"
#include "api/model/resource_rules.h"
#include "common/base/require.h"

static bool param_is_text(const cJSON *item)
{
    return cJSON_IsString(item) && strlen(item->valuestring) <= FIELD_TEXT_MAX;
}

static void check_profile_param(const cJSON *param, const char *place,
                                struct validation *validation)
{
    static const char *const names[] = {"default", "description", NULL};
    struct arena *arena = validation->arena;
    if (!profile_param_name_is_valid(param->string))
        validation_add_at(validation, place, "invalid_name",
                          "must begin with a letter and have only letters, digits and '_', at most "
                          "%d; device, tag and value have a meaning of their own",
                          (int)PROFILE_PARAM_NAME_MAX);
    if (!cJSON_IsObject(param)) {
        validation_add_at(validation, place, "wrong_type",
                          "must be an object, {} or with default and description");
        return;
    }
    json_check_members(param, place, names, validation);
    const cJSON *description = cJSON_GetObjectItemCaseSensitive(param, "description");
    const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(param, "default");
    if (description && !cJSON_IsNull(description) && !param_is_text(description))
        validation_add_at(validation, arena_format(arena, "%s/description", place), "wrong_type",
                          "must be a string of at most %d bytes", (int)FIELD_TEXT_MAX);
    if (fallback && !cJSON_IsNull(fallback) && !cJSON_IsBool(fallback) &&
        !param_is_text(fallback) && !(cJSON_IsNumber(fallback) && isfinite(fallback->valuedouble)))
        validation_add_at(validation, arena_format(arena, "%s/default", place), "wrong_type",
                          "must be a text of at most %d bytes, a number, true or false",
                          (int)FIELD_TEXT_MAX);
}

static void check_profile_params(const struct profile *profile, struct validation *validation)
{
    const cJSON *param;
    if (cJSON_GetArraySize(profile->params) > PROFILE_PARAMS_MAX) {
        validation_add(validation, NULL, "params", "too_long", "must have at most %d parameters",
                       (int)PROFILE_PARAMS_MAX);
        return;
    }
    cJSON_ArrayForEach(param, profile->params)
    {
        const char *place = arena_format(validation->arena, "/params/%s",
                                         json_pointer_escape(validation->arena, param->string));
        if (json_member_is_repeated(profile->params, param))
            validation_add_at(validation, place, "duplicate", "appears more than once");
        else
            check_profile_param(param, place, validation);
    }
}

/* The members that say where registers are must be the same for all devices. */
static void check_fixed_members(const cJSON *object, const char *group, const char *const *names,
                                struct validation *validation)
{
    const cJSON *members = cJSON_GetObjectItemCaseSensitive(object, group);
    for (; *names; names++) {
        const cJSON *member = cJSON_GetObjectItemCaseSensitive(members, *names);
        if (cJSON_IsString(member) && profile_has_placeholder(member))
            validation_add(validation, group, *names, "placeholder",
                           "cannot have a placeholder: it must be the same for all devices");
    }
}

/* Checks the settings with sample values. */
static void check_profile_device(const struct profile *profile,
                                 const struct common_settings *common,
                                 const struct profile_values *sample, struct record *device,
                                 struct validation *validation)
{
    static const char *const fixed[] = {"table", "address", NULL};
    static const char *const own[] = {"name", "profile", "tags"};
    uint64_t set;
    validation->prefix = arena_format(validation->arena, "%s/device", validation->prefix);
    for (size_t i = 0; i < sizeof own / sizeof own[0]; i++) {
        if (cJSON_GetObjectItemCaseSensitive(profile->device, own[i]))
            validation_add(validation, NULL, own[i], "unknown_field",
                           strcmp(own[i], "tags") == 0 ? "belongs beside device, not into it"
                                                       : "belongs to each device");
        cJSON_DeleteItemFromObjectCaseSensitive(profile->device, own[i]);
    }
    check_fixed_members(profile->device, "status", fixed, validation);
    record_set_defaults(&device_resource, NULL, device);
    device->cells[DEVICE_NAME] = (struct cell){.kind = CELL_TEXT, .as.text = "device"};
    device->cells[DEVICE_TOPIC] = (struct cell){.kind = CELL_TEXT, .as.text = "topic"};
    profile_expand_settings(profile, sample, validation, device, &set);
    struct modbus_location location = modbus_location_of(device, common);
    rules_apply_to_device(device, modbus_location_is_local(&location), &common->units, validation);
}

/* The device says which server has the tag; rules_tag_needs_foreign knows a tag that can only be on
 * a foreign one. There it needs an address: place_profile_tags gives it one if it has none. */
static void check_profile_rules(struct record *tag, struct validation *validation)
{
    bool local = !rules_tag_needs_foreign(tag);
    bool has_sample = !local && record_field_is_null(tag, TAG_ADDRESS);
    if (has_sample)
        tag->cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER};
    rules_apply_to_tag(tag, NULL, local, validation, NULL);
    if (has_sample)
        tag->cells[TAG_ADDRESS] = (struct cell){.kind = CELL_NULL};
}

/* Checks a tag with sample values. Its table is set when it has no errors. */
static void check_profile_tag(struct profile_tag *tag, const struct record *device,
                              const struct profile_values *sample, struct validation *validation)
{
    static const char *const fixed[] = {"table", "address", "type", "length", "bit", NULL};
    size_t before = validation->found;
    check_fixed_members(tag->body, "modbus", fixed, validation);
    if (validation->found > before)
        return;
    tag->varies = profile_has_placeholder(tag->body);
    cJSON *filled =
        tag->varies ? profile_fill(&tag_resource, tag->body, sample, validation) : tag->body;
    const struct read_only_values set = {.from_export = true};
    tag->record = (struct record){0};
    record_set_defaults(&tag_resource, NULL, &tag->record);
    record_json_read(&tag_resource, filled, false, &set, validation, &tag->record);
    check_profile_rules(&tag->record, validation);
    rules_check_tag_sparkplug(&tag->record, device, validation, NULL);
    if (filled != tag->body)
        cJSON_Delete(filled);
    tag->record.given = tag->record.cleared = 0;
    tag->table = validation->found == before && !tag->record.bad
                     ? record_field_choice(&tag_resource, &tag->record, TAG_TABLE)
                     : -1;
}

static void tag_set_place(struct profile_tag *tag, int64_t address)
{
    struct point point;
    tag->record.cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = address};
    point = record_tag_point(&tag->record);
    tag->first = address;
    tag->last = address + point_width(&point) - 1;
    tag->mask = point_mask(&point);
}

/* Gives an address to each tag that has none: that of the old tag, or the next one above all. */
static void place_profile_tags(struct profile *profile, const struct profile *old,
                               struct validation *validation)
{
    int64_t end[TABLE_COUNT] = {0};
    for (int pass = 0; pass < 3; pass++) { /* the given ones, those of old tags, the rest */
        for (size_t i = 0; i < profile->count; i++) {
            struct profile_tag *tag = &profile->tags[i];
            const struct profile_tag *known =
                tag->id != 0 ? profile_find_tag(old, tag->id, NULL) : NULL;
            bool is_given = !record_field_is_null(&tag->record, TAG_ADDRESS);
            bool is_kept = known && known->table == tag->table;
            if (tag->table < 0 || tag->first >= 0 || pass < (is_given ? 0 : is_kept ? 1 : 2))
                continue;
            tag_set_place(tag, is_given  ? record_field_integer(&tag->record, TAG_ADDRESS)
                               : is_kept ? known->first
                                         : end[tag->table]);
            if (pass == 2 && tag->last > tag->first && tag->first % 2 != 0)
                tag_set_place(tag, tag->first + 1);
            if (tag->last > ADDRESS_MAX)
                validation_add_at(
                    validation, arena_format(validation->arena, "/tags/%zu/modbus/address", i),
                    "table_full", "no registers are left above those of the other tags");
            if (tag->last >= end[tag->table])
                end[tag->table] = tag->last + 1;
        }
    }
}

/* Writes table, address and type into the body of the tag. */
static void tag_show_place(struct profile_tag *tag)
{
    const char *table = record_field_text(&tag->record, TAG_TABLE);
    const char *type = record_field_text(&tag->record, TAG_TYPE);
    cJSON *modbus = cJSON_GetObjectItemCaseSensitive(tag->body, "modbus");
    if (!cJSON_IsObject(modbus)) {
        cJSON_DeleteItemFromObjectCaseSensitive(tag->body, "modbus");
        modbus = cJSON_AddObjectToObject(tag->body, "modbus");
    }
    const struct {
        const char *name;
        cJSON *item;
    } members[] = {{"table", cJSON_CreateString(table)},
                   {"address", cJSON_CreateNumber((double)tag->first)},
                   {"type", cJSON_CreateString(type)}};
    for (size_t i = 0; i < sizeof members / sizeof members[0]; i++) {
        if (cJSON_GetObjectItemCaseSensitive(modbus, members[i].name))
            cJSON_ReplaceItemInObjectCaseSensitive(modbus, members[i].name, members[i].item);
        else
            cJSON_AddItemToObject(modbus, members[i].name, members[i].item);
    }
}

static void check_own_overlaps(const struct profile *profile, const struct record *device,
                               struct validation *validation)
{
    bool has_status = record_has_value(device, DEVICE_STATUS_TABLE) &&
                      record_has_value(device, DEVICE_STATUS_ADDRESS);
    int status = has_status
                     ? name_list_find(table_names, record_field_text(device, DEVICE_STATUS_TABLE))
                     : -1;
    int64_t block = record_field_integer(device, DEVICE_STATUS_ADDRESS);
    for (size_t i = 0; i < profile->count; i++) {
        const struct profile_tag *a = &profile->tags[i];
        const char *pointer = arena_format(validation->arena, "/tags/%zu/modbus/address", i);
        if (a->table >= 0 && a->table == status && a->first < block + STATUS_REGISTERS &&
            a->last >= block)
            validation_add_at(validation, pointer, "overlap",
                              "%s %lld to %lld of the profile belong to the status block",
                              table_names[a->table], (long long)block,
                              (long long)block + STATUS_REGISTERS - 1);
        for (size_t k = 0; k < i && a->table >= 0; k++) {
            const struct profile_tag *b = &profile->tags[k];
            if (b->table != a->table || a->first > b->last || b->first > a->last)
                continue;
            if (!(a->mask & b->mask))
                continue;
            const char *range = b->first == b->last
                                    ? arena_format(validation->arena, "%lld", (long long)b->first)
                                    : arena_format(validation->arena, "%lld to %lld",
                                                   (long long)b->first, (long long)b->last);
            validation_add_at(validation, pointer, "overlap",
                              "%s %s of the profile belong%s to the tag %s", table_names[b->table],
                              range, b->first == b->last ? "s" : "", b->name);
        }
    }
}

static void profile_use_registers(struct profile *profile, int table, int64_t first, int64_t last)
{
    if (profile->end[table] == 0 || first < profile->first[table])
        profile->first[table] = first;
    if (last >= profile->end[table])
        profile->end[table] = last + 1;
}

/* Computes the registers that a device needs. */
static void measure_profile(struct profile *profile, const struct record *device,
                            struct validation *validation)
{
    const cJSON *room;
    for (size_t i = 0; i < profile->count; i++) {
        const struct profile_tag *tag = &profile->tags[i];
        if (tag->table < 0)
            continue;
        profile->tags_use[tag->table] = true;
        profile_use_registers(profile, tag->table, tag->first, tag->last);
    }
    if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(profile->device, "status")) &&
        record_has_value(device, DEVICE_STATUS_TABLE)) {
        int64_t block = record_field_integer(device, DEVICE_STATUS_ADDRESS);
        profile_use_registers(
            profile, name_list_find(table_names, record_field_text(device, DEVICE_STATUS_TABLE)),
            block, block + STATUS_REGISTERS - 1);
    }
    cJSON_ArrayForEach(room, profile->room)
    {
        int table = name_list_find(table_names, room->string);
        const char *place = arena_format(validation->arena, "/room/%s",
                                         json_pointer_escape(validation->arena, room->string));
        const char *code, *fault = json_check_table_member(validation->arena, profile->room, room,
                                                           1, ADDRESS_MAX + 1, &code);
        if (fault)
            validation_add_at(validation, place, code, "%s", fault);
        else if (profile->end[table] > 0)
            profile_use_registers(profile, table, profile->first[table],
                                  profile->first[table] + (int64_t)room->valuedouble - 1);
    }
}

void profile_compile(struct profile *profile, const struct profile *old,
                     const struct common_settings *common, struct validation *validation)
{
    const char *prefix = validation->prefix;
    const struct profile_values sample = {
        .device = "device", .declared = profile->params, .sample = true};
    struct record device = {0};
    REQUIRE(profile->params && profile->device && profile->room);
    check_profile_params(profile, validation);
    check_profile_device(profile, common, &sample, &device, validation);
    for (size_t i = 0; i < profile->count; i++) {
        validation->prefix = arena_format(validation->arena, "%s/tags/%zu", prefix, i);
        check_profile_tag(&profile->tags[i], &device, &sample, validation);
    }
    validation->prefix = prefix;
    place_profile_tags(profile, old, validation);
    check_own_overlaps(profile, &device, validation);
    measure_profile(profile, &device, validation);
    for (size_t i = 0; i < profile->count; i++) {
        struct profile_tag *tag = &profile->tags[i];
        if (tag->table >= 0)
            tag_show_place(tag);
        tag->text = json_tree_print(validation->arena, tag->body);
    }
    profile->params_text = json_tree_print(validation->arena, profile->params);
    profile->room_text = json_tree_print(validation->arena, profile->room);
    profile->device_text = json_tree_print(validation->arena, profile->device);
}
