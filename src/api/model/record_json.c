/* The JSON edge of devices and tags: cJSON in, text out. */
#include "api/model/record_json.h"

#include <assert.h>
#include <cjson/cJSON.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/utc.h"
#include "common/model/tag.h"

/* cJSON cuts a string at \u0000 without a word. */
static bool has_escaped_nul(const char *body, size_t len)
{
    for (size_t i = 0; i + 1 < len; i++) {
        if (body[i] != '\\')
            continue;
        i++;
        if (body[i] == 'u' && i + 4 < len && memcmp(body + i + 1, "0000", 4) == 0)
            return true;
    }
    return false;
}

bool json_check(const char *body, size_t len, char *why, size_t why_size)
{
    size_t at = 0;
    bool valid = json_text_is_valid(body, len, &at);
    if (len == 0)
        snprintf(why, why_size, "The body is empty; JSON is expected.");
    else if (!valid)
        snprintf(why, why_size, "The body is not valid JSON: byte %zu is wrong.", at);
    else if (has_escaped_nul(body, len))
        snprintf(why, why_size, "The body holds a string with \\u0000, which nothing here can be.");
    else
        return true;
    return false;
}

struct cJSON *json_parse(const char *body, size_t len, char *why, size_t why_size)
{
    if (!json_check(body, len, why, why_size))
        return NULL;
    cJSON *tree = cJSON_ParseWithLengthOpts(body, len, NULL, 0);
    if (!tree)
        snprintf(why, why_size, "The body is not valid JSON.");
    return tree;
}

void json_free(struct cJSON *tree)
{
    cJSON_Delete(tree);
}

struct scalar scalar_of(const struct cJSON *item)
{
    if (cJSON_IsNull(item))
        return (struct scalar){.kind = SCALAR_NULL};
    if (cJSON_IsBool(item))
        return (struct scalar){.kind = SCALAR_BOOL, .truth = cJSON_IsTrue(item)};
    if (cJSON_IsNumber(item))
        return (struct scalar){.kind = SCALAR_NUMBER, .number = item->valuedouble};
    if (cJSON_IsString(item))
        return (struct scalar){
            .kind = SCALAR_STRING, .text = item->valuestring, .len = strlen(item->valuestring)};
    return (struct scalar){.kind = SCALAR_OTHER};
}

/* What reading needs at every depth. */
struct reading {
    const struct resource *resource;
    bool merge;
    const struct server_set *set;
    struct flaws *flaws;
    struct record *record;
};

static bool same_group(const char *a, const char *b)
{
    return a == b || (a && b && strcmp(a, b) == 0);
}

static int find_field(const struct resource *resource, const char *group, const char *name)
{
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        if (same_group(field->group, group) && strcmp(field->name, name) == 0)
            return (int)i;
    }
    return -1;
}

static bool is_read_only(const struct resource *resource, const char *group, const char *name)
{
    char path[80];
    if (strchr(name, '/'))
        return false;
    snprintf(path, sizeof path, "%s%s%.60s", group ? group : "", group ? "/" : "", name);
    return name_index(resource->read_only, path) >= 0;
}

/* True when an earlier member of the object has the same name. */
static bool is_repeated(const cJSON *object, const cJSON *member)
{
    for (const cJSON *other = object->child; other != member; other = other->next) {
        if (strcmp(other->string, member->string) == 0)
            return true;
    }
    return false;
}

static void refuse_member(const struct reading *reading, const char *group, const cJSON *member,
                          const char *code, const char *detail)
{
    flaws_add(reading->flaws, group, pointer_escape(reading->flaws->arena, member->string), code,
              "%s", detail);
}

/* More members than any resource has; looking for repeated ones takes the square of their number.
 */
enum { MEMBERS_MAX = 64 };

/* The entries of a value map that is merged into the old one: null removes one. An entry that is
 * there twice stays so, for map_is_good to refuse. */
static cJSON *merge_map(const char *old, const cJSON *given)
{
    cJSON *map = old ? cJSON_Parse(old) : cJSON_CreateObject();
    const cJSON *entry;
    cJSON_ArrayForEach(entry, given)
    {
        bool again = is_repeated(given, entry);
        if (!again)
            cJSON_DeleteItemFromObjectCaseSensitive(map, entry->string);
        if (again || !cJSON_IsNull(entry))
            cJSON_AddItemToObject(map, entry->string, cJSON_Duplicate(entry, 1));
    }
    return map;
}

static bool map_is_good(const struct reading *reading, size_t field, const cJSON *map)
{
    const struct field *row = &reading->resource->fields[field];
    struct flaws *flaws = reading->flaws;
    size_t before = flaws->found;
    const cJSON *entry;
    if (cJSON_GetArraySize(map) > row->max) {
        flaws_add(flaws, row->group, row->name, "too_long", "must have at most %lld entries",
                  (long long)row->max);
        return false;
    }
    cJSON_ArrayForEach(entry, map)
    {
        const char *place = arena_format(flaws->arena, "%s/%s", row->name,
                                         pointer_escape(flaws->arena, entry->string));
        if (!cJSON_IsNumber(entry))
            flaws_add(flaws, row->group, place, "wrong_type", "must be a number");
        else if (entry->valuedouble - entry->valuedouble != 0)
            flaws_add(flaws, row->group, place, "out_of_range",
                      "must be a number that a double can hold");
        else if (is_repeated(map, entry))
            flaws_add(flaws, row->group, place, "duplicate", "is there twice");
    }
    return flaws->found == before;
}

/* Writes the map with the shortest numbers that read back the same. */
static const char *map_text(struct arena *arena, const cJSON *map)
{
    struct text text = {0};
    const cJSON *entry;
    json_open(&text, '{');
    cJSON_ArrayForEach(entry, map)
    {
        json_key_text(&text, entry->string);
        json_real(&text, entry->valuedouble);
    }
    json_close(&text, '}');
    const char *copy = arena_copy(arena, text.data, text.len);
    text_finish(&text);
    return copy;
}

static void read_map(const struct reading *reading, size_t field, const cJSON *given)
{
    struct record *record = reading->record;
    bool too_many = cJSON_GetArraySize(given) > reading->resource->fields[field].max;
    cJSON *map = reading->merge && !too_many ? merge_map(record_text(record, field), given)
                                             : cJSON_Duplicate(given, 1);
    record->given |= UINT64_C(1) << field;
    if (map_is_good(reading, field, map))
        record->cells[field] =
            (struct cell){.kind = CELL_TEXT, .as.text = map_text(reading->flaws->arena, map)};
    else
        record->bad |= UINT64_C(1) << field;
    cJSON_Delete(map);
}

static void read_field(const struct reading *reading, size_t field, const cJSON *member)
{
    const struct field *row = &reading->resource->fields[field];
    struct objection why;
    struct scalar scalar = scalar_of(member);
    if (scalar.kind == SCALAR_NULL)
        reading->record->cleared |= UINT64_C(1) << field;
    if (row->type == &type_map && cJSON_IsObject(member))
        read_map(reading, field, member);
    else if (!record_set(reading->resource, reading->record, field, &scalar, reading->flaws->arena,
                         &why))
        flaws_add(reading->flaws, row->group, row->name, why.code, "%s", why.detail);
}

static bool is_number(const cJSON *member, int64_t number)
{
    return cJSON_IsNumber(member) && member->valuedouble == (double)number;
}

static bool is_time(const cJSON *member, int64_t wall_ms)
{
    uint64_t given;
    return cJSON_IsString(member) && utc_parse(member->valuestring, &given) &&
           given == (uint64_t)wall_ms;
}

static void refuse_read_only(const struct reading *reading, const cJSON *member, const char *detail)
{
    refuse_member(reading, NULL, member, "read_only", detail);
}

static void read_device_of_tag(const struct reading *reading, const cJSON *member)
{
    const char *device = reading->set->device;
    if (!device || (cJSON_IsString(member) && strcmp(member->valuestring, device) == 0))
        return;
    refuse_read_only(reading, member,
                     arena_format(reading->flaws->arena,
                                  "must be the tag's device, %s, or be left out", device));
}

static void read_revision(const struct reading *reading, const cJSON *member)
{
    const struct record *old = reading->set->old;
    if (!is_number(member, old->revision))
        refuse_read_only(reading, member,
                         arena_format(reading->flaws->arena,
                                      "is %lld now: the resource has changed since it was read; "
                                      "read it again, or leave this out to overwrite it",
                                      (long long)old->revision));
}

/* The members that say who the resource is and when it was changed. */
static void read_stamp(const struct reading *reading, const cJSON *member)
{
    const struct record *old = reading->set->old;
    const char *name = member->string;
    if (reading->set->from_export)
        return;
    if (!old) {
        refuse_read_only(reading, member,
                         "is set by the server; leave it out to create something new");
        return;
    }
    if (strcmp(name, "revision") == 0)
        read_revision(reading, member);
    else if (strcmp(name, "id") == 0 && !is_number(member, old->id))
        refuse_read_only(reading, member,
                         arena_format(reading->flaws->arena, "is %lld and cannot be changed",
                                      (long long)old->id));
    else if (strcmp(name, "created_at") == 0 && !is_time(member, old->created_ms))
        refuse_read_only(reading, member, "is set by the server and cannot be changed");
    else if (strcmp(name, "updated_at") == 0 && !is_time(member, old->updated_ms))
        refuse_read_only(reading, member,
                         "is set by the server: the resource has changed since it was read");
}

/* A member that only the server sets. Warnings are of an answer, not of the resource: what was
 * answered may be sent back with them. */
static void read_server_set(const struct reading *reading, const char *group, const cJSON *member)
{
    const char *name = member->string;
    if (strcmp(name, "quality") == 0 || strcmp(name, "reason") == 0) {
        if (!cJSON_IsString(member) && !cJSON_IsNull(member))
            refuse_member(reading, group, member, "wrong_type", "must be a string or null");
    } else if (strcmp(name, "warnings") == 0) {
        if (!cJSON_IsArray(member))
            refuse_member(reading, group, member, "wrong_type", "must be an array");
    } else if (strcmp(name, "modicon") == 0) {
        const char *text = cJSON_IsString(member) ? member->valuestring : "";
        reading->record->modicon = arena_text(reading->flaws->arena, text);
    } else if (strcmp(name, "device") == 0) {
        read_device_of_tag(reading, member);
    } else {
        read_stamp(reading, member);
    }
}

static void read_object(const struct reading *reading, const char *group, const cJSON *object);

static void read_group(const struct reading *reading, const char *group, const cJSON *member)
{
    if (cJSON_IsNull(member)) {
        record_reset(reading->resource, group, reading->record);
        return;
    }
    if (same_group(group, reading->resource->null_group))
        reading->record->group_given = true;
    if (cJSON_IsObject(member))
        read_object(reading, group, member);
    else
        flaws_add(reading->flaws, NULL, group, "wrong_type", "must be an object");
}

static void read_object(const struct reading *reading, const char *group, const cJSON *object)
{
    const struct resource *resource = reading->resource;
    const cJSON *member;
    if (cJSON_GetArraySize(object) > MEMBERS_MAX) {
        flaws_add_at(reading->flaws, "", "too_long", "an object has more than %d members",
                     MEMBERS_MAX);
        return;
    }
    cJSON_ArrayForEach(member, object)
    {
        int field = find_field(resource, group, member->string);
        int inner = group ? -1 : name_index(resource->groups, member->string);
        if (is_repeated(object, member))
            refuse_member(reading, group, member, "duplicate", "is there twice");
        else if (field >= 0)
            read_field(reading, (size_t)field, member);
        else if (inner >= 0)
            read_group(reading, resource->groups[inner], member);
        else if (is_read_only(resource, group, member->string))
            read_server_set(reading, group, member);
        else
            refuse_member(reading, group, member, "unknown_field", "is no member of this resource");
    }
}

void record_read(const struct resource *resource, const struct cJSON *body, bool merge,
                 const struct server_set *set, struct flaws *flaws, struct record *record)
{
    struct reading reading = {resource, merge, set, flaws, record};
    if (cJSON_IsObject(body))
        read_object(&reading, flaws->root, body);
    else
        flaws_add_at(flaws, "", "wrong_type", "must be an object");
}

static void write_modicon(const struct record *record, struct text *text)
{
    char modicon[MODICON_SIZE];
    modicon_format((enum modbus_table)record_choice(&tag_resource, record, TAG_TABLE),
                   (uint16_t)record_integer(record, TAG_ADDRESS), modicon);
    json_key(text, "modicon");
    json_string(text, modicon);
}

static void write_field(const struct field *field, const struct cell *cell,
                        const struct record *record, struct text *text)
{
    json_key(text, field->name);
    if (cell->kind == CELL_NULL) {
        json_null(text);
        return;
    }
    switch (field->type->shape) {
    case SHAPE_TEXT:
        json_string(text, cell->as.text);
        break;
    case SHAPE_INTEGER:
        json_integer(text, cell->as.integer);
        break;
    case SHAPE_REAL:
        json_real(text, cell->as.real);
        break;
    case SHAPE_FLAG:
        json_bool(text, cell->as.integer != 0);
        break;
    case SHAPE_JSON:
        json_raw(text, cell->as.text);
        break;
    case SHAPE_ADDRESS:
        json_integer(text, cell->as.integer);
        write_modicon(record, text);
        break;
    case SHAPE_STALE:
        if (strcmp(cell->as.text, "nan") == 0)
            json_string(text, cell->as.text);
        else
            json_raw(text, cell->as.text);
        break;
    }
}

static void write_fields(const struct resource *resource, const struct record *record,
                         const char *group, struct text *text)
{
    const char *last = NULL;
    bool wanted = same_group(last, group);
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        if (field->group != last) {
            last = field->group;
            wanted = same_group(last, group);
        }
        if (wanted)
            write_field(field, &record->cells[i], record, text);
    }
}

static bool group_is_null(const struct resource *resource, const struct record *record,
                          const char *group)
{
    for (size_t i = 0; i < resource->count; i++) {
        if (same_group(resource->fields[i].group, group) && !record_is_null(record, i))
            return false;
    }
    return true;
}

static void write_warnings(const struct flaws *warnings, struct text *text)
{
    if (!warnings || warnings->count == 0)
        return;
    json_key(text, "warnings");
    flaws_write(warnings, text);
}

void record_write_group(const struct resource *resource, const struct record *record,
                        const char *group, const struct flaws *warnings, struct text *text)
{
    if (same_group(group, resource->null_group) && group_is_null(resource, record, group)) {
        json_null(text);
        return;
    }
    json_open(text, '{');
    write_fields(resource, record, group, text);
    write_warnings(warnings, text);
    json_close(text, '}');
}

void record_write_place(const struct record *tag, struct text *text)
{
    assert(!record_is_null(tag, TAG_TABLE) && !record_is_null(tag, TAG_ADDRESS));
    json_key(text, "table");
    json_string(text, record_text(tag, TAG_TABLE));
    json_key(text, "address");
    json_integer(text, record_integer(tag, TAG_ADDRESS));
    write_modicon(tag, text);
}

void record_write(const struct resource *resource, const struct record *record,
                  const struct flaws *warnings, struct text *text)
{
    json_open(text, '{');
    if (record->device) {
        json_key(text, "device");
        json_string(text, record->device);
    }
    write_fields(resource, record, NULL, text);
    for (const char *const *group = resource->groups; *group; group++) {
        json_key(text, *group);
        record_write_group(resource, record, *group, NULL, text);
    }
    json_key(text, "id");
    json_integer(text, record->id);
    json_key(text, "revision");
    json_integer(text, record->revision);
    json_key(text, "created_at");
    json_time(text, (uint64_t)record->created_ms);
    json_key(text, "updated_at");
    json_time(text, (uint64_t)record->updated_ms);
    write_warnings(warnings, text);
    json_close(text, '}');
}
