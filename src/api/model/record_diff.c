/* Compares records, and resources in JSON, member by member. */
#include "api/model/record_diff.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/validation.h"
#include "api/model/record_json.h"
#include "common/base/require.h"

static const char *const unlisted_members[] = {"revision", "updated_at", "modicon", "warnings",
                                               NULL};

static void diff_write_values(const char *pointer, const cJSON *before, const cJSON *after,
                              struct text *text)
{
    json_open(text, '{');
    json_write_key(text, "pointer");
    json_write_string(text, pointer);
    json_write_key(text, "before");
    json_write_tree(text, before);
    json_write_key(text, "after");
    json_write_tree(text, after);
    json_close(text, '}');
}

/* The groups of a resource are the objects at depth 1, and one that is null has no members. The
 * objects below, such as a value map, are members themselves when one of them is null. */
static bool diff_enters(const cJSON *before, const cJSON *after, int depth)
{
    bool has_object = cJSON_IsObject(before) || cJSON_IsObject(after);
    return (cJSON_IsObject(before) && cJSON_IsObject(after)) ||
           (depth <= 1 && has_object &&
            (!before || !after || cJSON_IsNull(before) || cJSON_IsNull(after)));
}

enum { DIFF_DEPTH_MAX = 8 }; /* deeper objects are compared as a whole */

static void diff_write_tree(const char *pointer, const cJSON *before, const cJSON *after, int depth,
                            struct arena *arena, struct text *text)
{
    if (depth == DIFF_DEPTH_MAX || !diff_enters(before, after, depth)) {
        if (before || after)
            if (!cJSON_Compare(before, after, true))
                diff_write_values(pointer, before, after, text);
        return;
    }
    const cJSON *member;
    cJSON_ArrayForEach(member, after)
    {
        if (depth <= 1 && name_list_find(unlisted_members, member->string) >= 0)
            continue;
        const char *token = json_pointer_escape(arena, member->string);
        diff_write_tree(arena_format(arena, "%s/%s", pointer, token),
                        cJSON_GetObjectItemCaseSensitive(before, member->string), member, depth + 1,
                        arena, text);
    }
    cJSON_ArrayForEach(member, before)
    {
        if (cJSON_GetObjectItemCaseSensitive(after, member->string) ||
            (depth <= 1 && name_list_find(unlisted_members, member->string) >= 0))
            continue;
        const char *token = json_pointer_escape(arena, member->string);
        diff_write_tree(arena_format(arena, "%s/%s", pointer, token), member, NULL, depth + 1,
                        arena, text);
    }
}

void record_diff_write_json(const char *before, const char *after, struct arena *arena,
                            struct text *text)
{
    cJSON *from = before && after ? cJSON_Parse(before) : NULL;
    cJSON *to = from ? cJSON_Parse(after) : NULL;
    json_open(text, '[');
    if (from && to)
        diff_write_tree("", from, to, 0, arena, text);
    json_close(text, ']');
    cJSON_Delete(from);
    cJSON_Delete(to);
}

/* Two objects, such as value maps, are compared member by member. */
static bool diff_write_objects(const char *pointer, const struct cell *before,
                               const struct cell *after, struct arena *arena, struct text *text)
{
    if (before->kind != CELL_TEXT || after->kind != CELL_TEXT)
        return false;
    cJSON *from = cJSON_Parse(before->as.text), *to = from ? cJSON_Parse(after->as.text) : NULL;
    if (from && to)
        diff_write_tree(pointer, from, to, 2, arena, text);
    bool done = from && to;
    cJSON_Delete(from);
    cJSON_Delete(to);
    return done;
}

void record_diff_write(const struct resource *resource, const struct record *before,
                       const struct record *after, struct arena *arena, struct text *text)
{
    REQUIRE(before && after);
    json_open(text, '[');
    if (before->device && after->device && strcmp(before->device, after->device) != 0) {
        json_open(text, '{');
        json_write_key(text, "pointer");
        json_write_string(text, "/device");
        json_write_key(text, "before");
        json_write_string(text, before->device);
        json_write_key(text, "after");
        json_write_string(text, after->device);
        json_close(text, '}');
    }
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        const struct cell *old = &before->cells[i], *new = &after->cells[i];
        if (cell_is_equal(old, new))
            continue;
        const char *pointer = field->group
                                  ? arena_format(arena, "/%s/%s", field->group, field->name)
                                  : arena_format(arena, "/%s", field->name);
        if (field->type->shape == SHAPE_JSON && diff_write_objects(pointer, old, new, arena, text))
            continue;
        json_open(text, '{');
        json_write_key(text, "pointer");
        json_write_string(text, pointer);
        json_write_key(text, "before");
        record_json_write_cell(field, old, text);
        json_write_key(text, "after");
        record_json_write_cell(field, new, text);
        json_close(text, '}');
    }
    json_close(text, ']');
}

void record_diff_write_members(const struct resource *resource, const struct record *record,
                               const struct record *other, struct text *text)
{
    const char *open = NULL; /* the group whose object is open; fields of a group are neighbours */
    json_open(text, '{');
    for (size_t i = 0; i < resource->count; i++) {
        const struct field *field = &resource->fields[i];
        const struct cell *same = other ? &other->cells[i] : &field->fallback;
        if (cell_is_equal(&record->cells[i], same))
            continue;
        if (open && (!field->group || strcmp(field->group, open) != 0)) {
            json_close(text, '}');
            open = NULL;
        }
        if (field->group && !open) {
            open = field->group;
            json_write_key(text, open);
            json_open(text, '{');
        }
        json_write_key(text, field->name);
        record_json_write_cell(field, &record->cells[i], text);
    }
    if (open)
        json_close(text, '}');
    json_close(text, '}');
}
