/* Makes the records of each copy, with other topics and addresses. */
#include "api/resources/device_copy.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/request_memory.h"
#include "api/base/text.h"
#include "api/model/copy_names.h"
#include "api/model/object_fields.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "api/store/record_store.h"
#include "common/base/plural.h"
#include "common/base/require.h"

/* One copy: its place in the body, and what differs from the source. */
struct copy_ctx {
    struct device_copy *device_copy;
    int64_t number; /* from 1 */
    const char *pointer;
    bool has_own_unit;
    bool shares_topic; /* with the source */
    struct copy_names names;
    struct record device;
    int64_t shift[TABLE_COUNT]; /* added to the addresses of the source */
};

static void copy_set_text(struct record *record, size_t field, const char *text)
{
    record->cells[field] = (struct cell){.kind = CELL_TEXT, .as.text = text};
}

static void copy_adapt_topic(const struct copy_names *names, struct record *record, size_t field)
{
    const char *topic = record_field_text(record, field);
    if (topic)
        copy_set_text(record, field, copy_names_in_topic(names, topic));
}

static void copy_adapt_text(const struct copy_names *names, struct record *record, size_t field)
{
    const char *text = record_field_text(record, field);
    if (text)
        copy_set_text(record, field, copy_names_in_text(names, text));
}

/* Adapts the texts among the values of an object, and its member "topic" as a topic. */
static void copy_adapt_object(const struct copy_names *names, struct record *record, size_t field)
{
    const char *text = record_field_text(record, field);
    cJSON *object = text ? cJSON_Parse(text) : NULL;
    cJSON *copy = object ? cJSON_CreateObject() : NULL;
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        const char *old = cJSON_GetStringValue(member);
        if (!old)
            cJSON_AddItemToObject(copy, member->string, cJSON_Duplicate(member, true));
        else
            cJSON_AddStringToObject(copy, member->string,
                                    strcmp(member->string, "topic") == 0
                                        ? copy_names_in_topic(names, old)
                                        : copy_names_in_text(names, old));
    }
    if (copy)
        copy_set_text(record, field, json_tree_print(names->arena, copy));
    cJSON_Delete(copy);
    cJSON_Delete(object);
}

/* Adds an error at a member of the copy in the body. */
__attribute__((format(printf, 5, 6))) static void
copy_add_error(const struct copy_ctx *copy, struct validation *validation, const char *member,
               const char *code, const char *format, ...)
{
    struct arena *arena = validation->arena;
    va_list args;
    va_start(args, format);
    const char *detail = arena_vformat(arena, format, args);
    va_end(args);
    validation_add_at(validation, arena_format(arena, "%s%s", copy->pointer, member), code, "%s",
                      detail);
}

/* Adds errors of a device or tag at the members of the copy that they follow from. `name` is the
 * tag's, or NULL. */
static void copy_add_errors(const struct copy_ctx *copy, const char *name,
                            const struct validation *from, struct validation *to)
{
    static const struct {
        const char *pointer, *member;
    } members[] = {
        {"/name", "/name"},        {"/mqtt/topic", "/topic"},      {"/network/unit_id", "/unit_id"},
        {"/mqtt/where", "/where"}, {"/profile/params", "/params"}, {"/label", "/label"}};
    to->invalid |= from->invalid;
    for (size_t i = 0; i < from->count; i++) {
        const struct validation_error *error = &from->items[i];
        const char *member = NULL;
        for (size_t at = 0; !name && at < sizeof members / sizeof members[0]; at++) {
            size_t len = strlen(members[at].pointer);
            if (strncmp(error->pointer, members[at].pointer, len) == 0)
                member = members[at].member;
        }
        if (!member && strcmp(error->pointer, "/profile") == 0)
            member = ""; /* the detail names the place in the profile */
        if (member)
            copy_add_error(copy, to, member, error->code, "%s", error->detail);
        else
            copy_add_error(copy, to, "", error->code, "%s%s%s %s", name ? "the tag " : "",
                           name ? name : "", error->pointer, error->detail);
    }
}

/* Reads a member of the copy into a field of its device. */
static void copy_read_field(struct copy_ctx *copy, size_t field, const cJSON *member)
{
    struct validation *validation = &copy->device_copy->validation;
    const struct field *row = &device_resource.fields[field];
    struct validation found = validation_make(validation->arena);
    struct field_error why;
    struct scalar scalar = scalar_from_json(member);
    if (row->type->read_object && cJSON_IsObject(member)) {
        copy->device.given |= UINT64_C(1) << field;
        if (!object_field_read(row, member, &found, &copy->device.cells[field]))
            copy->device.bad |= UINT64_C(1) << field;
        copy_add_errors(copy, NULL, &found, validation);
    } else if (!record_set_value(&device_resource, &copy->device, field, &scalar, validation->arena,
                                 &why)) {
        copy_add_error(copy, validation, arena_format(validation->arena, "/%s", member->string),
                       why.code, "%s", why.detail);
    }
}

static void copy_read_members(struct copy_ctx *copy, const cJSON *object)
{
    static const struct {
        const char *name;
        size_t field;
    } members[] = {{"name", DEVICE_NAME},
                   {"topic", DEVICE_TOPIC},
                   {"unit_id", DEVICE_UNIT_ID},
                   {"where", DEVICE_WHERE},
                   {"label", DEVICE_LABEL}};
    struct validation *validation = &copy->device_copy->validation;
    const cJSON *member;
    cJSON_ArrayForEach(member, object)
    {
        size_t at = 0;
        while (at < sizeof members / sizeof members[0] &&
               strcmp(members[at].name, member->string) != 0)
            at++;
        const char *escaped = json_pointer_escape(validation->arena, member->string);
        const char *pointer = arena_format(validation->arena, "/%s", escaped);
        bool is_params = strcmp(member->string, "params") == 0;
        if (at == sizeof members / sizeof members[0] && !is_params)
            copy_add_error(copy, validation, pointer, "unknown_field", "unknown member");
        else if (json_member_is_repeated(object, member))
            copy_add_error(copy, validation, pointer, "duplicate", "appears more than once");
        else if (!is_params)
            copy_read_field(copy, members[at].field, member);
        else if (!copy->device_copy->has_profile) /* else copy_set_profile reads them */
            copy_add_error(copy, validation, pointer, "no_profile",
                           "%s does not use a profile, so that there are no parameters",
                           record_field_text(&copy->device_copy->source, DEVICE_NAME));
    }
}

/* Gives the copy the device's profile, with its own parameters, or the device's with its own name
 * in place of the device's; and its own base, which is allocated without a stride. */
static void copy_set_profile(struct copy_ctx *copy, const cJSON *given)
{
    struct device_copy *device_copy = copy->device_copy;
    const char *text = record_field_text(&device_copy->source, DEVICE_PROFILE);
    cJSON *profile = text ? cJSON_Parse(text) : NULL, *item;
    if (!profile)
        return;
    if (given) {
        cJSON_ReplaceItemInObjectCaseSensitive(profile, "params", cJSON_Duplicate(given, true));
    } else {
        cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(profile, "params"))
        {
            if (cJSON_IsString(item))
                cJSON_SetValuestring(item, copy_names_in_text(&copy->names, item->valuestring));
        }
    }
    cJSON *base = cJSON_GetObjectItemCaseSensitive(profile, "base");
    for (int table = 0; table < TABLE_COUNT && !copy->has_own_unit; table++) {
        item = cJSON_GetObjectItemCaseSensitive(base, table_names[table]);
        if (!cJSON_IsNumber(item))
            continue;
        if (device_copy->stride[table] != 0)
            cJSON_SetNumberValue(item, item->valuedouble +
                                           (double)(device_copy->stride[table] * copy->number));
        else
            cJSON_DeleteItemFromObjectCaseSensitive(base, table_names[table]);
    }
    copy_read_field(copy, DEVICE_PROFILE, profile);
    cJSON_Delete(profile);
}

/* Gives the copy the topic of its source with the name replaced, or an error where the topic does
 * not contain the name. Returns the topic, or NULL. */
static const char *copy_name_topic(struct copy_ctx *copy, const char *old_name, const char *name,
                                   const char *old_topic, struct validation *validation)
{
    struct copy_names by_name =
        copy_names_make(validation->arena, old_name, name, old_topic, old_topic);
    const char *topic = copy_names_in_topic(&by_name, old_topic);
    if (strcmp(topic, old_topic) != 0 || strcmp(name, old_name) == 0) {
        copy_set_text(&copy->device, DEVICE_TOPIC, topic);
        return topic;
    }
    copy_add_error(copy, validation, "/topic", "required",
                   "is required: the topic %s does not contain the name %s", old_topic, old_name);
    return NULL;
}

/* Reads a copy, and makes the record of its device. Without a topic it gets the source's with its
 * own name in place of the source's. */
static void copy_read_device(struct copy_ctx *copy, const cJSON *object)
{
    struct device_copy *device_copy = copy->device_copy;
    const struct record *source = &device_copy->source;
    struct validation *validation = &device_copy->validation;
    struct validation found = validation_make(validation->arena);
    struct record *device = &copy->device, other;
    const char *old_name = record_field_text(source, DEVICE_NAME);
    const char *old_topic = record_field_text(source, DEVICE_TOPIC);

    *device = *source;
    device->id = device->slot = 0;
    device->cells[DEVICE_NAME] = device->cells[DEVICE_TOPIC] = device->cells[DEVICE_ADDRESS] =
        (struct cell){.kind = CELL_NULL};
    copy_read_members(copy, object);
    const char *name = record_field_text(device, DEVICE_NAME);
    copy->has_own_unit = !record_field_is_null(device, DEVICE_UNIT_ID) &&
                         record_field_integer(device, DEVICE_UNIT_ID) !=
                             record_field_integer(source, DEVICE_UNIT_ID);
    if (device_copy->has_profile && name) {
        copy->names = copy_names_make(validation->arena, old_name, name, old_topic, old_topic);
        copy_set_profile(copy, cJSON_GetObjectItemCaseSensitive(object, "params"));
        config_service_fill_device(&device_copy->config_service, NULL, device, &found,
                                   &device_copy->warnings);
        copy_add_errors(copy, NULL, &found, validation);
        if (found.found > 0)
            return;
    }
    const char *topic = record_field_text(device, DEVICE_TOPIC);
    if (name && !topic && !record_is_given(device, DEVICE_TOPIC))
        topic = copy_name_topic(copy, old_name, name, old_topic, validation);
    copy->shares_topic = topic && strcmp(topic, old_topic) == 0;
    copy->names = copy_names_make(validation->arena, old_name, name ? name : "", old_topic,
                                  topic ? topic : "");
    copy_adapt_topic(&copy->names, device, DEVICE_AVAILABILITY_TOPIC);
    copy_adapt_object(&copy->names, device, DEVICE_REQUEST);
    if (!record_is_given(device, DEVICE_WHERE))
        copy_adapt_object(&copy->names, device, DEVICE_WHERE);
    if (!record_is_given(device, DEVICE_LABEL))
        copy_adapt_text(&copy->names, device, DEVICE_LABEL);
    copy_adapt_text(&copy->names, device, DEVICE_DESCRIPTION);

    if (!name && !(device->bad >> DEVICE_NAME & 1))
        copy_add_error(copy, validation, "/name", "required", "is required");
    struct config_service *config_service = &device_copy->config_service;
    if (name && topic) {
        rules_apply_to_device(device, device_copy->is_local, &config_service->common->units,
                              &found);
        copy_add_errors(copy, NULL, &found, validation);
    }
    if (name &&
        record_store_find_device(config_service->store, config_service->arena, name, &other))
        copy_add_error(copy, &device_copy->conflicts, "/name", "name_taken",
                       "a device named %s already exists", name);
}

/* Chooses how far the registers of the copy are from the source's. */
static void copy_choose_shifts(struct copy_ctx *copy)
{
    struct device_copy *device_copy = copy->device_copy;
    struct store *store = device_copy->config_service.store;
    struct modbus_location location =
        modbus_location_of(&copy->device, device_copy->config_service.common);
    for (int table = 0; table < TABLE_COUNT; table++) {
        bool reused = false;
        int64_t width = device_copy->end[table] - device_copy->first[table];
        if (device_copy->end[table] == 0)
            continue;
        copy->shift[table] = device_copy->stride[table] * copy->number;
        if (device_copy->stride[table] != 0 || copy->has_own_unit)
            continue;
        if (!device_copy->is_local) {
            validation_add_at(
                &device_copy->validation,
                arena_format(device_copy->validation.arena, "/stride/%s", table_names[table]),
                "required",
                "is required: addresses are not allocated on a Modbus server that is "
                "not the local one");
            continue;
        }
        copy->shift[table] = register_ranges_allocate_block(store, &location, table_names[table],
                                                            device_copy->first[table],
                                                            device_copy->end[table], &reused);
        if (copy->shift[table] < 0)
            copy_add_error(copy, &device_copy->conflicts, "", "table_full",
                           "%s of unit %u has no gap of %lld free register%s; a stride for it may "
                           "fit",
                           table_names[table], location.unit, (long long)width,
                           plural_suffix((size_t)width));
        else if (reused)
            copy_add_error(copy, &device_copy->warnings, "", "address_reused",
                           "an earlier tag may have had its addresses in %s", table_names[table]);
    }
}

/* Moves the status block with the registers of its table, or where it is free. */
static void copy_move_status(struct copy_ctx *copy)
{
    struct device_copy *device_copy = copy->device_copy;
    struct record *device = &copy->device;
    if (record_field_is_null(device, DEVICE_STATUS_TABLE) ||
        !cell_is_equal(&device->cells[DEVICE_STATUS_ADDRESS],
                       &device_copy->source.cells[DEVICE_STATUS_ADDRESS]))
        return; /* none, or the profile has placed it */
    const struct common_settings *common = device_copy->config_service.common;
    struct modbus_location from = modbus_location_of_status(&device_copy->source, common),
                           to = modbus_location_of_status(device, common);
    int table = name_list_find(table_names, record_field_text(device, DEVICE_STATUS_TABLE));
    int64_t address = record_field_integer(device, DEVICE_STATUS_ADDRESS);
    bool reused = false;
    if (device_copy->is_local && !device_copy->has_profile) {
        address += copy->shift[table];
    } else if (modbus_location_is_equal(&from, &to)) {
        int64_t shift = register_ranges_allocate_block(device_copy->config_service.store, &to,
                                                       table_names[table], address,
                                                       address + STATUS_REGISTERS, &reused);
        address = shift < 0 ? ADDRESS_MAX : address + shift;
    }
    device->cells[DEVICE_STATUS_ADDRESS] =
        (struct cell){.kind = CELL_INTEGER, .as.integer = address};
    if (address + STATUS_REGISTERS - 1 > ADDRESS_MAX)
        copy_add_error(copy, &device_copy->validation, "", "out_of_range",
                       "the status block would be at %lld of %s, beyond the last address",
                       (long long)address, table_names[table]);
}

static void copy_make_tag(struct copy_ctx *copy, const struct record *source)
{
    struct device_copy *device_copy = copy->device_copy;
    struct validation found = validation_make(device_copy->validation.arena);
    struct record tag = *source;
    const char *name = record_field_text(source, TAG_NAME);
    int table = name_list_find(table_names, record_field_text(source, TAG_TABLE));
    struct point point = record_tag_point(source);
    int64_t address = record_field_integer(source, TAG_ADDRESS) + copy->shift[table];
    tag.id = tag.slot = 0;
    copy_adapt_topic(&copy->names, &tag, TAG_TOPIC);
    copy_adapt_topic(&copy->names, &tag, TAG_COMMAND_TOPIC);
    copy_adapt_text(&copy->names, &tag, TAG_COMMAND_TEMPLATE);
    /* On one topic the keys tell the devices apart. */
    if (copy->shares_topic && *record_field_text(&tag, TAG_KEY) == '/')
        copy_adapt_text(&copy->names, &tag, TAG_KEY);
    tag.cells[TAG_ADDRESS] = (struct cell){.kind = CELL_INTEGER, .as.integer = address};
    if (address < 0 || address + point_width(&point) - 1 > ADDRESS_MAX) {
        struct arena *arena = device_copy->validation.arena;
        validation_add_at(&device_copy->validation,
                          arena_format(arena, "/stride/%s", table_names[table]), "out_of_range",
                          "%s/%s would be at %lld of %s, beyond the last address",
                          record_field_text(&copy->device, DEVICE_NAME), name, (long long)address,
                          table_names[table]);
        return;
    }
    rules_apply_to_tag(&tag, NULL, device_copy->is_local, &found, NULL);
    rules_check_tag_sparkplug(&tag, &copy->device, &found, NULL);
    copy_add_errors(copy, name, &found, &device_copy->validation);
    if (found.found > 0)
        return;
    config_service_create_tag(&device_copy->config_service, &copy->device, &tag, &found, &found);
    copy_add_errors(copy, name, &found, &device_copy->conflicts);
    device_copy->created++;
    string_map_add(&device_copy->owners,
                   arena_format(device_copy->validation.arena, "%s/%s", tag.device, name),
                   (void *)copy->pointer);
    if (device_copy->devices)
        record_json_write(&tag_resource, &tag, NULL, device_copy->devices);
}

static void copy_make_device(struct copy_ctx *copy)
{
    struct device_copy *device_copy = copy->device_copy;
    struct text *out = device_copy->devices;
    struct validation found = validation_make(device_copy->validation.arena);
    const char *name = record_field_text(&copy->device, DEVICE_NAME);
    config_service_create_device(&device_copy->config_service, NULL, &copy->device, &found, &found);
    copy_add_errors(copy, NULL, &found, &device_copy->conflicts);
    device_copy->created +=
        1 + config_service_count_tags(&device_copy->config_service, &copy->device);
    string_map_add(&device_copy->owners, arena_format(found.arena, "the status block of %s", name),
                   (void *)copy->pointer);
    if (out) {
        record_json_write(&device_resource, &copy->device, NULL, out);
        REQUIRE(out->len > 0 && out->data[out->len - 1] == '}');
        out->len--; /* the closing brace follows the tags */
        json_write_key(out, "tags");
        json_open(out, '[');
    }
    for (size_t i = 0; i < device_copy->tag_count; i++)
        copy_make_tag(copy, &device_copy->tags[i]);
    if (out) {
        json_close(out, ']');
        json_close(out, '}');
    }
}

/* Makes one copy. Nothing of it is stored when its device has errors. */
static void copy_make(struct device_copy *device_copy, const cJSON *object, int64_t number,
                      struct string_map *seen)
{
    struct copy_ctx copy = {.device_copy = device_copy, .number = number};
    struct validation *validation = &device_copy->validation;
    size_t before = validation->found, conflicts = device_copy->conflicts.found;
    copy.pointer = arena_format(validation->arena, "/copies/%lld", (long long)number - 1);
    if (!cJSON_IsObject(object)) {
        validation_add_at(validation, copy.pointer, "wrong_type", "must be an object");
        return;
    }
    copy_read_device(&copy, object);
    const char *name = record_field_text(&copy.device, DEVICE_NAME);
    if (name && string_map_find(seen, name))
        copy_add_error(&copy, validation, "/name", "duplicate", "is the name of another copy");
    else if (name)
        string_map_add(seen, name, device_copy);
    if (validation->found > before || device_copy->conflicts.found > conflicts)
        return;
    copy_choose_shifts(&copy);
    copy_move_status(&copy);
    if (validation->found == before && device_copy->conflicts.found == conflicts)
        copy_make_device(&copy);
}

static bool copy_take_tag(void *context, const struct record *tag)
{
    struct device_copy *device_copy = context;
    if (tag->profile_tag == 0) /* the others come with the profile */
        device_copy->tags[device_copy->tag_count++] = *tag;
    return true;
}

static void copy_widen(struct device_copy *device_copy, int table, int64_t first, int64_t width)
{
    if (device_copy->end[table] == 0 || first < device_copy->first[table])
        device_copy->first[table] = first;
    if (first + width > device_copy->end[table])
        device_copy->end[table] = first + width;
}

/* Reads the tags of the source and its registers in each table. */
static void copy_read_source(struct device_copy *device_copy)
{
    struct config_service *config_service = &device_copy->config_service;
    const struct record *source = &device_copy->source;
    const char *name = record_field_text(source, DEVICE_NAME);
    struct modbus_location location = modbus_location_of(source, config_service->common);
    struct record_filter all = {
        .after = "", .after_device = name, .needle = "", .device = name, .table = "", .limit = -1};
    int64_t count = config_service_count_tags(config_service, source);
    device_copy->has_profile = !record_field_is_null(source, DEVICE_PROFILE);
    device_copy->is_local = modbus_location_is_local(&location);
    device_copy->tags =
        arena_alloc(config_service->arena, (size_t)(count + 1) * sizeof *device_copy->tags);
    record_store_each_tag(config_service->store, config_service->arena, &all, copy_take_tag,
                          device_copy);
    for (size_t i = 0; i < device_copy->tag_count; i++) {
        struct point point = record_tag_point(&device_copy->tags[i]);
        copy_widen(device_copy, point.table, point.address, point_width(&point));
    }
    if (device_copy->is_local && !device_copy->has_profile &&
        !record_field_is_null(source, DEVICE_STATUS_TABLE))
        copy_widen(device_copy,
                   name_list_find(table_names, record_field_text(source, DEVICE_STATUS_TABLE)),
                   record_field_integer(source, DEVICE_STATUS_ADDRESS), STATUS_REGISTERS);
}

static void copy_read_strides(struct device_copy *device_copy, const cJSON *strides)
{
    struct validation *validation = &device_copy->validation;
    const cJSON *stride;
    if (!strides || cJSON_IsNull(strides))
        return;
    if (!cJSON_IsObject(strides)) {
        validation_add_at(validation, "/stride", "wrong_type",
                          "must be an object from tables to numbers, such as "
                          "{\"holding_register\": 100}");
        return;
    }
    cJSON_ArrayForEach(stride, strides)
    {
        const char *escaped = json_pointer_escape(validation->arena, stride->string);
        const char *pointer = arena_format(validation->arena, "/stride/%s", escaped);
        const char *code, *fault = json_check_table_member(validation->arena, strides, stride, 1,
                                                           ADDRESS_MAX, &code);
        if (fault)
            validation_add_at(validation, pointer, code, "%s", fault);
        else
            device_copy->stride[name_list_find(table_names, stride->string)] =
                (int64_t)stride->valuedouble;
    }
}

/* Reports an overlap at the copy that it is of. */
static void copy_add_overlap(void *context, const struct overlap *overlap)
{
    struct device_copy *device_copy = context;
    const char *pointer = string_map_find(&device_copy->owners, overlap->owner);
    if (pointer)
        validation_add_at(&device_copy->conflicts, pointer, "overlap", "%s: %s", overlap->owner,
                          register_overlap_describe(device_copy->conflicts.arena, overlap));
}

bool device_copy_make(struct device_copy *device_copy, const struct record *source,
                      const struct cJSON *body)
{
    struct validation *validation = &device_copy->validation;
    struct string_map seen = {.arena = validation->arena};
    static const char *const body_members[] = {"copies", "stride", NULL};
    const cJSON *copies = cJSON_GetObjectItemCaseSensitive(body, "copies"), *member;
    int64_t number = 0;
    if (!cJSON_IsObject(body)) {
        validation_add_at(validation, "", "wrong_type", "must be an object");
        return true;
    }
    device_copy->config_service.check_late = true;
    device_copy->owners = (struct string_map){.arena = validation->arena};
    device_copy->source = *source;
    copy_read_source(device_copy);
    json_check_members(body, "", body_members, validation);
    copy_read_strides(device_copy, cJSON_GetObjectItemCaseSensitive(body, "stride"));
    if (!copies)
        validation_add_at(validation, "/copies", "required", "is required");
    else if (!cJSON_IsArray(copies) || cJSON_GetArraySize(copies) < 1 ||
             cJSON_GetArraySize(copies) > COPIES_MAX)
        validation_add_at(validation, "/copies", "wrong_type",
                          "must be an array of 1 to %d objects, one for each copy", COPIES_MAX);
    else
        cJSON_ArrayForEach(member, copies)
        {
            copy_make(device_copy, member, ++number, &seen);
        }
    if (validation->found == 0 && device_copy->conflicts.found == 0)
        register_ranges_each_overlap(device_copy->config_service.store,
                                     device_copy->config_service.arena, OVERLAPS_OF_ALL, 0,
                                     copy_add_overlap, device_copy);
    return !store_has_failed(device_copy->config_service.store);
}
