/* Reads, writes and expands profiles. */
#include "api/model/profile.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/string_map.h"
#include "api/model/object_fields.h"
#include "api/model/record_json.h"
#include "api/model/resource_rules.h"
#include "common/base/require.h"
#include "common/model/modbus_location.h"

void profile_parse(struct profile *profile)
{
    REQUIRE(!profile->params && profile->params_text);
    profile->params = cJSON_Parse(profile->params_text);
    profile->room = cJSON_Parse(profile->room_text);
    profile->device = cJSON_Parse(profile->device_text);
    for (size_t i = 0; i < profile->count; i++)
        profile->tags[i].body = cJSON_Parse(profile->tags[i].text);
}

void profile_finish(struct profile *profile)
{
    if (!profile)
        return;
    cJSON_Delete(profile->params);
    cJSON_Delete(profile->room);
    cJSON_Delete(profile->device);
    profile->params = profile->room = profile->device = NULL;
    for (size_t i = 0; i < profile->count; i++) {
        cJSON_Delete(profile->tags[i].body);
        profile->tags[i].body = NULL;
    }
}

/* Removes the members that only the server sets from a copy of a device or tag. */
static void strip_read_only(const struct resource *resource, cJSON *object)
{
    for (const char *const *path = resource->read_only; *path; path++) {
        const char *slash = strchr(*path, '/');
        cJSON *outer = object;
        if (slash && strncmp(*path, "modbus", 6) == 0)
            outer = cJSON_GetObjectItemCaseSensitive(object, "modbus");
        cJSON_DeleteItemFromObjectCaseSensitive(outer, slash ? slash + 1 : *path);
    }
}

const struct profile_tag *profile_find_tag(const struct profile *profile, int64_t id,
                                           const char *name)
{
    for (size_t i = 0; profile && i < profile->count; i++) {
        const struct profile_tag *tag = &profile->tags[i];
        if (name ? strcmp(tag->name, name) == 0 : tag->id == id)
            return tag;
    }
    return NULL;
}

static void read_profile_tags(struct profile *profile, const cJSON *tags, const struct profile *old,
                              bool by_name, struct validation *validation)
{
    struct string_map names = {.arena = validation->arena};
    const cJSON *item;
    int count = cJSON_IsArray(tags) ? cJSON_GetArraySize(tags) : 0;
    if (tags && !cJSON_IsNull(tags) && !cJSON_IsArray(tags))
        validation_add(validation, NULL, "tags", "wrong_type", "must be an array");
    else if (count > PROFILE_TAGS_MAX)
        validation_add(validation, NULL, "tags", "too_long", "must have at most %d tags",
                       (int)PROFILE_TAGS_MAX);
    if (!cJSON_IsArray(tags) || count > PROFILE_TAGS_MAX)
        return;
    profile->tags = arena_alloc(validation->arena, (size_t)count * sizeof *profile->tags + 1);
    cJSON_ArrayForEach(item, tags)
    {
        struct profile_tag *tag = &profile->tags[profile->count];
        const char *place = arena_format(validation->arena, "/tags/%zu", profile->count++);
        tag->table = -1;
        tag->first = -1;
        tag->body = cJSON_IsObject(item) ? cJSON_Duplicate(item, 1) : cJSON_CreateObject();
        if (!cJSON_IsObject(item))
            validation_add_at(validation, place, "wrong_type", "must be an object");
        const cJSON *name = cJSON_GetObjectItemCaseSensitive(item, "name");
        tag->name = arena_strdup(validation->arena, cJSON_IsString(name) ? name->valuestring : "");
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(item, "id");
        const struct profile_tag *known =
            !by_name && cJSON_IsNumber(id) && id->valuedouble >= 1 && id->valuedouble < 0x1p53
                ? profile_find_tag(old, (int64_t)id->valuedouble, NULL)
                : NULL;
        for (size_t i = 0; known && i + 1 < profile->count; i++) {
            if (profile->tags[i].id == known->id)
                validation_add_at(validation, arena_format(validation->arena, "%s/id", place),
                                  "duplicate", "is the id of an earlier tag, too");
        }
        tag->id = known ? known->id : 0;
        strip_read_only(&tag_resource, tag->body);
        if (*tag->name && string_map_find(&names, tag->name))
            validation_add_at(validation, arena_format(validation->arena, "%s/name", place),
                              "duplicate", "appears more than once in the profile");
        else if (*tag->name)
            string_map_add(&names, tag->name, tag);
    }
    /* The others are known by their names, unless an id has named the old tag. */
    for (size_t i = 0; i < profile->count; i++) {
        struct profile_tag *tag = &profile->tags[i];
        const struct profile_tag *known = tag->id == 0 ? profile_find_tag(old, 0, tag->name) : NULL;
        if (known && !profile_find_tag(profile, known->id, NULL))
            tag->id = known->id;
    }
}

/* Reads an object, an empty one if it is missing. */
static cJSON *read_profile_object(const cJSON *body, const char *name,
                                  struct validation *validation)
{
    const cJSON *object = cJSON_GetObjectItemCaseSensitive(body, name);
    if (cJSON_IsObject(object))
        return cJSON_Duplicate(object, 1);
    if (object && !cJSON_IsNull(object))
        validation_add(validation, NULL, name, "wrong_type", "must be an object");
    return cJSON_CreateObject();
}

/* Reads a text that has the rules of a field of devices. */
static const char *read_profile_text(const cJSON *body, enum device_field field,
                                     struct validation *validation)
{
    const struct field *row = &device_resource.fields[field];
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(body, row->name);
    struct field_error why;
    struct record record = {0};
    if (!item || cJSON_IsNull(item)) {
        if (row->required)
            validation_add(validation, NULL, row->name, "required", "is required");
        return "";
    }
    struct scalar scalar = scalar_from_json(item);
    if (record_set_value(&device_resource, &record, field, &scalar, validation->arena, &why))
        return record_field_text(&record, field);
    validation_add(validation, NULL, row->name, why.code, "%s", why.detail);
    return "";
}

static void check_profile_members(const cJSON *body, const struct profile *old, bool by_name,
                                  struct validation *validation)
{
    static const char *const names[] = {
        "name", "label",    "description", "params",     "room",    "device",   "tags",
        "id",   "revision", "created_at",  "updated_at", "devices", "warnings", NULL};
    json_check_members(body, "", names, validation);
    if (!old || by_name)
        return;
    const cJSON *revision = cJSON_GetObjectItemCaseSensitive(body, "revision");
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(body, "id");
    if (revision && !(cJSON_IsNumber(revision) && revision->valuedouble == (double)old->revision))
        validation_add(validation, NULL, "revision", "read_only",
                       "is %lld now: the profile has changed since you read it; read it again, or "
                       "leave out the revision to overwrite it",
                       (long long)old->revision);
    if (id && !(cJSON_IsNumber(id) && id->valuedouble == (double)old->id))
        validation_add(validation, NULL, "id", "read_only", "is %lld and cannot be changed",
                       (long long)old->id);
}

struct profile *profile_read(const struct cJSON *body, const struct profile *old, bool by_name,
                             struct validation *validation)
{
    struct profile *profile = arena_alloc(validation->arena, sizeof *profile);
    if (!cJSON_IsObject(body))
        validation_add_at(validation, "", "wrong_type", "must be an object");
    else
        check_profile_members(body, old, by_name, validation);
    if (old) {
        profile->id = old->id;
        profile->created_ms = old->created_ms;
    }
    profile->name = read_profile_text(body, DEVICE_NAME, validation);
    profile->label = read_profile_text(body, DEVICE_LABEL, validation);
    profile->description = read_profile_text(body, DEVICE_DESCRIPTION, validation);
    profile->params = read_profile_object(body, "params", validation);
    profile->room = read_profile_object(body, "room", validation);
    profile->device = read_profile_object(body, "device", validation);
    strip_read_only(&device_resource, profile->device);
    read_profile_tags(profile, cJSON_GetObjectItemCaseSensitive(body, "tags"), old, by_name,
                      validation);
    return profile;
}

bool profile_is_equal(const struct profile *a, const struct profile *b)
{
    bool same = a->count == b->count && strcmp(a->name, b->name) == 0 &&
                strcmp(a->label, b->label) == 0 && strcmp(a->description, b->description) == 0 &&
                strcmp(a->params_text, b->params_text) == 0 &&
                strcmp(a->room_text, b->room_text) == 0 &&
                strcmp(a->device_text, b->device_text) == 0;
    for (size_t i = 0; same && i < a->count; i++)
        same = a->tags[i].id == b->tags[i].id && strcmp(a->tags[i].text, b->tags[i].text) == 0;
    return same;
}

void profile_write(const struct profile *profile, int64_t devices, struct text *text)
{
    const struct {
        const char *name, *json;
    } objects[] = {{"params", profile->params_text},
                   {"room", profile->room_text},
                   {"device", profile->device_text}};
    json_open(text, '{');
    json_write_key(text, "name");
    json_write_string(text, profile->name);
    json_write_key(text, "label");
    json_write_string(text, profile->label);
    json_write_key(text, "description");
    json_write_string(text, profile->description);
    for (size_t i = 0; i < sizeof objects / sizeof objects[0]; i++) {
        json_write_key(text, objects[i].name);
        json_write_raw(text, objects[i].json);
    }
    json_write_key(text, "tags");
    json_open(text, '[');
    for (size_t i = 0; i < profile->count; i++) {
        const struct profile_tag *tag = &profile->tags[i];
        json_open(text, '{');
        json_write_key(text, "id");
        json_write_integer(text, tag->id);
        text_putc(text, ','); /* the body begins with a brace, and has a name at least */
        text_puts(text, tag->text + 1);
    }
    json_close(text, ']');
    if (devices >= 0) {
        json_write_key(text, "devices");
        json_write_integer(text, devices);
        record_json_write_stamp(profile->id, profile->revision, profile->created_ms,
                                profile->updated_ms, text);
    }
    json_close(text, '}');
}

void profile_check_params(const struct profile *profile, const struct cJSON *given,
                          struct validation *validation)
{
    const cJSON *param;
    struct arena *arena = validation->arena;
    cJSON_ArrayForEach(param, given)
    {
        if (!cJSON_GetObjectItemCaseSensitive(profile->params, param->string))
            validation_add_at(validation,
                              arena_format(arena, "/profile/params/%s",
                                           json_pointer_escape(arena, param->string)),
                              "unknown_field", "is no parameter of the profile %s", profile->name);
    }
    cJSON_ArrayForEach(param, profile->params)
    {
        const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(param, "default");
        const cJSON *description = cJSON_GetObjectItemCaseSensitive(param, "description");
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(given, param->string);
        if ((value && !cJSON_IsNull(value)) || (fallback && !cJSON_IsNull(fallback)))
            continue;
        bool is_described = cJSON_IsString(description) && *description->valuestring;
        validation_add_at(validation, arena_format(arena, "/profile/params/%s", param->string),
                          "required", "is required by the profile %s%s%s", profile->name,
                          is_described ? ": " : "", is_described ? description->valuestring : "");
    }
}

void profile_expand_settings(const struct profile *profile, const struct profile_values *values,
                             struct validation *validation, struct record *shown, uint64_t *set)
{
    const struct read_only_values server = {.from_export = true};
    cJSON *filled = profile_fill(&device_resource, profile->device, values, validation);
    shown->given = shown->cleared = shown->bad = 0;
    record_json_read(&device_resource, filled, false, &server, validation, shown);
    *set = shown->given | shown->cleared;
    if (cJSON_IsNull(cJSON_GetObjectItemCaseSensitive(filled, "status")))
        *set |= UINT64_C(1) << DEVICE_STATUS_TABLE | UINT64_C(1) << DEVICE_STATUS_ADDRESS;
    if (cJSON_IsObject(cJSON_GetObjectItemCaseSensitive(filled, "status"))) {
        *set |= UINT64_C(1) << DEVICE_STATUS_TABLE | UINT64_C(1) << DEVICE_STATUS_ADDRESS;
        if (record_field_is_null(shown, DEVICE_STATUS_TABLE) && !shown->bad)
            shown->cells[DEVICE_STATUS_TABLE] =
                (struct cell){.kind = CELL_TEXT, .as.text = table_names[TABLE_INPUT_REGISTER]};
    }
    cJSON_Delete(filled);
}

void profile_expand_tag(const struct profile_tag *tag, const struct record *device, bool local,
                        int64_t base, const struct profile_values *values,
                        struct validation *validation, struct record *record)
{
    REQUIRE(base >= 0 && tag->table >= 0);
    *record = tag->record;
    if (tag->varies) {
        const struct read_only_values server = {.from_export = true};
        cJSON *filled = profile_fill(&tag_resource, tag->body, values, validation);
        *record = (struct record){0};
        record_set_defaults(&tag_resource, NULL, record);
        record_json_read(&tag_resource, filled, false, &server, validation, record);
        cJSON_Delete(filled);
        record->given = record->cleared = 0;
    }
    int64_t address = base + tag->first;
    record->cells[TAG_ADDRESS] = (struct cell){
        .kind = CELL_INTEGER, .as.integer = address > ADDRESS_MAX ? ADDRESS_MAX : address};
    if (base + tag->last > ADDRESS_MAX) {
        validation_add(validation, "modbus", "address", "out_of_range",
                       "%lld, the base %lld and %lld, goes beyond the last register, %d",
                       (long long)address, (long long)base, (long long)tag->first, ADDRESS_MAX);
        return;
    }
    rules_apply_to_tag(record, NULL, local, validation, NULL);
    rules_check_tag_sparkplug(record, device, validation, NULL);
}
