/* Devices and tags from and to JSON: cJSON in, text out. */
#include "api/model/record_json.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/model/object_fields.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/base/utc.h"
#include "common/model/tag.h"

bool json_body_check(const char *body, size_t len, char *why, size_t why_size)
{
    size_t at = 0;
    if (len == 0) {
        snprintf(why, why_size, "The body is empty; JSON is expected.");
        return false;
    }
    if (!json_text_is_valid(body, len, &at)) {
        snprintf(why, why_size, "The body is not valid JSON: syntax error at byte %zu.", at);
        return false;
    }
    for (size_t i = 0; i + 1 < len; i++) {
        if (body[i] != '\\')
            continue;
        i++; /* the escaped character */
        if (body[i] == 'u' && i + 4 < len && memcmp(body + i + 1, "0000", 4) == 0) {
            snprintf(why, why_size, "The body has a string with \\u0000, which is not allowed.");
            return false;
        }
    }
    return true;
}

struct cJSON *json_body_parse(const char *body, size_t len, char *why, size_t why_size)
{
    if (!json_body_check(body, len, why, why_size))
        return NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(body, len, NULL, 0);
    if (!tree)
        snprintf(why, why_size, "The body is not valid JSON.");
    return tree;
}

void json_body_free(struct cJSON *tree)
{
    cJSON_Delete(tree);
}

/* The arguments of record_json_read. */
struct json_reader {
    const struct resource *resource;
    bool merge;
    const struct read_only_values *set;
    struct validation *validation;
    struct record *record;
};

static bool group_is_equal(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static bool member_is_read_only(const struct resource *resource, const char *group,
                                const char *name)
{
    char path[80];
    if (strchr(name, '/'))
        return false;
    snprintf(path, sizeof path, "%s%s%.60s", group ? group : "", group ? "/" : "", name);
    return name_list_find(resource->read_only, path) >= 0;
}

__attribute__((format(printf, 5, 6))) static void
refuse_json_member(const struct json_reader *reader, const char *group, const cJSON *member,
                   const char *code, const char *format, ...)
{
    struct arena *arena = reader->validation->arena;
    va_list args;
    va_start(args, format);
    const char *detail = arena_vformat(arena, format, args);
    va_end(args);
    validation_add(reader->validation, group, json_pointer_escape(arena, member->string), code,
                   "%s", detail);
}

/* More members than any resource has. The limit is needed because the time of the search for
 * repeated members grows with the square of their number. */
enum { MEMBERS_MAX = 64 };

/* A field whose value is an object, which a merge patch merges into the old one. */
static void read_json_object_field(const struct json_reader *reader, size_t field,
                                   const cJSON *given)
{
    const struct field *row = &reader->resource->fields[field];
    struct record *record = reader->record;
    bool too_many = row->max > 0 && cJSON_GetArraySize(given) > row->max;
    cJSON *object = reader->merge && !too_many
                        ? json_object_merge(record_field_text(record, field), given)
                        : cJSON_Duplicate(given, 1);
    record->given |= UINT64_C(1) << field;
    if (!object_field_read(row, object, reader->validation, &record->cells[field]))
        record->bad |= UINT64_C(1) << field;
    cJSON_Delete(object);
}

static void read_json_field(const struct json_reader *reader, size_t field, const cJSON *member)
{
    const struct field *row = &reader->resource->fields[field];
    struct field_error why;
    struct scalar scalar = scalar_from_json(member);
    if (scalar.kind == SCALAR_NULL)
        reader->record->cleared |= UINT64_C(1) << field;
    if (row->type->read_object && cJSON_IsObject(member))
        read_json_object_field(reader, field, member);
    else if (!record_set_value(reader->resource, reader->record, field, &scalar,
                               reader->validation->arena, &why))
        validation_add(reader->validation, row->group, row->name, why.code, "%s", why.detail);
}

/* Checks a member that only the server sets: it must have the server's value. `warnings`,
 * `quality`, `reason` and `live` are not part of the resource, so only their types are checked. */
static void read_json_read_only(const struct json_reader *reader, const char *group,
                                const cJSON *member)
{
    const struct read_only_values *set = reader->set;
    const struct record *old = set->old;
    const char *name = member->string;
    double number = cJSON_IsNumber(member) ? member->valuedouble : -1; /* -1 is never right */
    uint64_t wall_ms = 0;
    bool is_time = cJSON_IsString(member) && utc_parse(member->valuestring, &wall_ms);
    if (strcmp(name, "quality") == 0 || strcmp(name, "reason") == 0) {
        if (!cJSON_IsString(member) && !cJSON_IsNull(member))
            refuse_json_member(reader, group, member, "wrong_type", "must be a string or null");
    } else if (strcmp(name, "live") == 0) {
        if (!cJSON_IsObject(member))
            refuse_json_member(reader, group, member, "wrong_type", "must be an object");
    } else if (strcmp(name, "warnings") == 0) {
        if (!cJSON_IsArray(member))
            refuse_json_member(reader, group, member, "wrong_type", "must be an array");
    } else if (strcmp(name, "profile") == 0) {
        if (!cJSON_IsBool(member))
            refuse_json_member(reader, group, member, "wrong_type", "must be true or false");
    } else if (strcmp(name, "modicon") == 0) {
        const char *text = cJSON_IsString(member) ? member->valuestring : "";
        reader->record->modicon = arena_strdup(reader->validation->arena, text);
    } else if (strcmp(name, "device") == 0) {
        if (set->may_move && cJSON_IsString(member)) {
            reader->record->move_to = arena_strdup(reader->validation->arena, member->valuestring);
            return;
        }
        bool is_same =
            cJSON_IsString(member) && set->device && strcmp(member->valuestring, set->device) == 0;
        if (set->device && !is_same)
            refuse_json_member(reader, NULL, member, "read_only",
                               "must be the tag's device, %s, or be left out", set->device);
    } else if (set->from_export) {
        return;
    } else if (!old) {
        refuse_json_member(reader, NULL, member, "read_only",
                           "is set by the server; leave it out to create a resource");
    } else if (strcmp(name, "revision") == 0 && number != (double)old->revision) {
        refuse_json_member(reader, NULL, member, "read_only",
                           "is %lld now: the resource has changed since you read it; read it "
                           "again, or leave out the revision to overwrite it",
                           (long long)old->revision);
    } else if (strcmp(name, "id") == 0 && number != (double)old->id) {
        refuse_json_member(reader, NULL, member, "read_only", "is %lld and cannot be changed",
                           (long long)old->id);
    } else if (strcmp(name, "created_at") == 0 &&
               !(is_time && wall_ms == (uint64_t)old->created_ms)) {
        refuse_json_member(reader, NULL, member, "read_only",
                           "is set by the server and cannot be changed");
    } else if (strcmp(name, "updated_at") == 0 &&
               !(is_time && wall_ms == (uint64_t)old->updated_ms)) {
        refuse_json_member(reader, NULL, member, "read_only",
                           "is set by the server: the resource has changed since you read it");
    }
}

/* Reads the members of the resource, or of one of its groups. */
static void read_json_object(const struct json_reader *reader, const char *group,
                             const cJSON *object)
{
    const struct resource *resource = reader->resource;
    const cJSON *member;
    if (cJSON_GetArraySize(object) > MEMBERS_MAX) {
        validation_add_at(reader->validation, "", "too_long", "an object has more than %d members",
                          MEMBERS_MAX);
        return;
    }
    cJSON_ArrayForEach(member, object)
    {
        int field = resource_find_field(resource, group, member->string);
        int at = group ? -1 : name_list_find(resource->groups, member->string);
        const char *inner = at >= 0 ? resource->groups[at] : NULL;
        if (json_member_is_repeated(object, member)) {
            refuse_json_member(reader, group, member, "duplicate", "appears more than once");
        } else if (field >= 0) {
            read_json_field(reader, (size_t)field, member);
        } else if (inner && cJSON_IsNull(member)) {
            record_set_defaults(resource, inner, reader->record);
        } else if (inner) {
            reader->record->group_given |= group_is_equal(inner, resource->null_group);
            if (cJSON_IsObject(member))
                read_json_object(reader, inner, member);
            else
                validation_add(reader->validation, NULL, inner, "wrong_type", "must be an object");
        } else if (member_is_read_only(resource, group, member->string)) {
            read_json_read_only(reader, group, member);
        } else {
            refuse_json_member(reader, group, member, "unknown_field", "unknown member");
        }
    }
}

void record_json_read(const struct resource *resource, const struct cJSON *body, bool merge,
                      const struct read_only_values *set, struct validation *validation,
                      struct record *record)
{
    struct json_reader reader = {resource, merge, set, validation, record};
    if (cJSON_IsObject(body))
        read_json_object(&reader, validation->root, body);
    else
        validation_add_at(validation, "", "wrong_type", "must be an object");
}

static void write_json_modicon(const struct record *record, struct text *text)
{
    char modicon[MODICON_SIZE];
    modicon_format((enum modbus_table)record_field_choice(&tag_resource, record, TAG_TABLE),
                   (uint16_t)record_field_integer(record, TAG_ADDRESS), modicon);
    json_write_key(text, "modicon");
    json_write_string(text, modicon);
}

void record_json_write_cell(const struct field *field, const struct cell *cell, struct text *text)
{
    if (cell->kind == CELL_NULL) {
        json_write_null(text);
        return;
    }
    switch (field->type->shape) {
    case SHAPE_TEXT:
        json_write_string(text, cell->as.text);
        break;
    case SHAPE_INTEGER:
    case SHAPE_ADDRESS:
        json_write_integer(text, cell->as.integer);
        break;
    case SHAPE_REAL:
        json_write_real(text, cell->as.real);
        break;
    case SHAPE_FLAG:
        json_write_bool(text, cell->as.integer != 0);
        break;
    case SHAPE_JSON:
    case SHAPE_SCALAR:
        json_write_raw(text, cell->as.text);
        break;
    case SHAPE_STALE:
        if (strcmp(cell->as.text, "nan") == 0)
            json_write_string(text, cell->as.text);
        else
            json_write_raw(text, cell->as.text);
        break;
    }
}

/* Writes the members of a group, or of the resource itself when `group` is NULL. */
static void write_json_fields(const struct resource *resource, const struct record *record,
                              const char *group, struct text *text)
{
    const char *last = NULL;
    bool wanted = group_is_equal(last, group);
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        if (field->group != last) { /* the fields of a group are neighbours */
            last = field->group;
            wanted = group_is_equal(last, group);
        }
        if (!wanted)
            continue;
        json_write_key(text, field->name);
        record_json_write_cell(field, &record->cells[i], text);
        if (field->type->shape == SHAPE_ADDRESS && !record_field_is_null(record, i))
            write_json_modicon(record, text);
    }
}

static void write_json_warnings(const struct validation *warnings, struct text *text)
{
    if (!warnings || warnings->count == 0)
        return;
    json_write_key(text, "warnings");
    validation_write_errors(warnings, text);
}

void record_json_write_group(const struct resource *resource, const struct record *record,
                             const char *group, const struct validation *warnings,
                             struct text *text)
{
    bool is_null = group_is_equal(group, resource->null_group);
    for (size_t i = 0; i < resource->count && is_null; i++)
        is_null =
            !group_is_equal(resource->fields[i].group, group) || record_field_is_null(record, i);
    if (is_null) {
        json_write_null(text);
        return;
    }
    json_open(text, '{');
    write_json_fields(resource, record, group, text);
    write_json_warnings(warnings, text);
    json_close(text, '}');
}

void record_json_write_location(const struct record *tag, struct text *text)
{
    REQUIRE(!record_field_is_null(tag, TAG_TABLE) && !record_field_is_null(tag, TAG_ADDRESS));
    json_write_key(text, "table");
    json_write_string(text, record_field_text(tag, TAG_TABLE));
    json_write_key(text, "address");
    json_write_integer(text, record_field_integer(tag, TAG_ADDRESS));
    write_json_modicon(tag, text);
}

void record_json_write_stamp(int64_t id, int64_t revision, int64_t created_ms, int64_t updated_ms,
                             struct text *text)
{
    json_write_key(text, "id");
    json_write_integer(text, id);
    json_write_key(text, "revision");
    json_write_integer(text, revision);
    json_write_key(text, "created_at");
    json_write_time(text, (uint64_t)created_ms);
    json_write_key(text, "updated_at");
    json_write_time(text, (uint64_t)updated_ms);
}

void record_json_write(const struct resource *resource, const struct record *record,
                       const struct validation *warnings, struct text *text)
{
    json_open(text, '{');
    if (record->device) {
        json_write_key(text, "device");
        json_write_string(text, record->device);
    }
    write_json_fields(resource, record, NULL, text);
    for (const char *const *group = resource->groups; *group; group++) {
        json_write_key(text, *group);
        record_json_write_group(resource, record, *group, NULL, text);
    }
    if (record->device) {
        json_write_key(text, "profile");
        json_write_bool(text, record->profile_tag != 0);
    }
    record_json_write_stamp(record->id, record->revision, record->created_ms, record->updated_ms,
                            text);
    write_json_warnings(warnings, text);
    json_close(text, '}');
}
