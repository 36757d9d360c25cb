/* Compares records, and resources in JSON, member by member; lists of objects by their ids. */
#include "api/model/record_diff.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/string_map.h"
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

/* Returns the elements of an array by their ids. False for anything but an array of objects with
 * ids, such as the tags of a profile. */
static bool diff_index_elements(const cJSON *array, struct string_map *map)
{
    const cJSON *element;
    cJSON_ArrayForEach(element, array)
    {
        const cJSON *id = cJSON_GetObjectItemCaseSensitive(element, "id");
        if (!cJSON_IsNumber(id))
            return false;
        const char *name = arena_format(map->arena, "%.17g", id->valuedouble);
        if (!string_map_find(map, name))
            string_map_add(map, name, (void *)element);
    }
    return cJSON_IsArray(array);
}

static const cJSON *diff_find_element(const struct string_map *map, const cJSON *element)
{
    const cJSON *id = cJSON_GetObjectItemCaseSensitive(element, "id");
    return string_map_find(map, arena_format(map->arena, "%.17g", id->valuedouble));
}

/* True when the elements that are in both arrays are in the same order. */
static bool diff_keeps_order(const cJSON *before, const cJSON *after, const struct string_map *old)
{
    const cJSON *element, *at = before->child;
    cJSON_ArrayForEach(element, after)
    {
        const cJSON *known = diff_find_element(old, element);
        while (known && at && at != known)
            at = at->next;
        if (known && !at)
            return false;
    }
    return true;
}

static void diff_write_tree(const char *pointer, const cJSON *before, const cJSON *after, int depth,
                            struct arena *arena, struct text *text);

/* Compares elements that have the same id, at their places in `after`; those that are gone are at
 * their places in `before`. False when the arrays must be compared as a whole. */
static bool diff_write_elements(const char *pointer, const cJSON *before, const cJSON *after,
                                int depth, struct arena *arena, struct text *text)
{
    struct string_map old = {.arena = arena}, new = {.arena = arena};
    const cJSON *element;
    int place = 0;
    if (!diff_index_elements(before, &old) || !diff_index_elements(after, &new) ||
        !diff_keeps_order(before, after, &old))
        return false;
    cJSON_ArrayForEach(element, before)
    {
        const char *at = arena_format(arena, "%s/%d", pointer, place++);
        if (!diff_find_element(&new, element))
            diff_write_values(at, element, NULL, text);
    }
    place = 0;
    cJSON_ArrayForEach(element, after)
    {
        const cJSON *known = diff_find_element(&old, element);
        const char *at = arena_format(arena, "%s/%d", pointer, place++);
        if (known)
            diff_write_tree(at, known, element, depth + 1, arena, text);
        else
            diff_write_values(at, NULL, element, text);
    }
    return true;
}

static void diff_write_tree(const char *pointer, const cJSON *before, const cJSON *after, int depth,
                            struct arena *arena, struct text *text)
{
    if (depth < DIFF_DEPTH_MAX && cJSON_IsArray(before) && cJSON_IsArray(after) &&
        diff_write_elements(pointer, before, after, depth, arena, text))
        return;
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
