/* Checks the member `profile` and writes it in one form: the name, the parameters in the order of
 * their names, the base in the order of the tables. */
#include "api/model/profile_use.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/text.h"
#include "api/base/validation.h"
#include "api/model/object_fields.h"
#include "api/model/profile_text.h"
#include "common/base/require.h"

__attribute__((format(printf, 4, 5))) static void use_refuse_member(struct validation *validation,
                                                                    const char *path,
                                                                    const char *code,
                                                                    const char *format, ...)
{
    va_list args;
    va_start(args, format);
    const char *detail = arena_vformat(validation->arena, format, args);
    va_end(args);
    validation_add(validation, NULL, arena_format(validation->arena, "profile%s", path), code, "%s",
                   detail);
}

static const char *use_inner_path(struct validation *validation, const char *outer,
                                  const cJSON *member)
{
    return arena_format(validation->arena, "/%s/%s", outer,
                        json_pointer_escape(validation->arena, member->string));
}

static void use_check_params(const cJSON *params, struct validation *validation)
{
    const cJSON *param;
    if (!cJSON_IsObject(params)) {
        use_refuse_member(validation, "/params", "wrong_type",
                          "must be an object, such as {\"serial\": \"4711\"}");
        return;
    }
    if (cJSON_GetArraySize(params) > PROFILE_PARAMS_MAX) {
        use_refuse_member(validation, "/params", "too_long", "must have at most %d parameters",
                          (int)PROFILE_PARAMS_MAX);
        return;
    }
    cJSON_ArrayForEach(param, params)
    {
        const char *path = use_inner_path(validation, "params", param);
        size_t characters = 0;
        for (const char *at = cJSON_IsString(param) ? param->valuestring : ""; *at; at++)
            characters += ((unsigned char)*at & 0xc0) != 0x80;
        if (json_member_is_repeated(params, param))
            use_refuse_member(validation, path, "duplicate", "appears more than once");
        else if (!cJSON_IsString(param) && !cJSON_IsBool(param) && !cJSON_IsNull(param) &&
                 !(cJSON_IsNumber(param) && isfinite(param->valuedouble)))
            use_refuse_member(validation, path, "wrong_type",
                              "must be a text, a number, true or false");
        else if (characters > PROFILE_PARAM_TEXT_MAX)
            use_refuse_member(validation, path, "too_long", "must have at most %d characters",
                              (int)PROFILE_PARAM_TEXT_MAX);
    }
}

static void use_check_base(const cJSON *base, struct validation *validation)
{
    const cJSON *table;
    if (cJSON_IsString(base) && strcmp(base->valuestring, "new") == 0)
        return;
    if (!cJSON_IsObject(base)) {
        use_refuse_member(validation, "/base", "wrong_type",
                          "must be an object from tables to registers, such as "
                          "{\"holding_register\": 100}, or \"new\", which allocates");
        return;
    }
    cJSON_ArrayForEach(table, base)
    {
        const char *path = use_inner_path(validation, "base", table);
        const char *code,
            *fault = json_check_table_member(validation->arena, base, table, 0, ADDRESS_MAX, &code);
        if (fault && !(cJSON_IsNull(table) && strcmp(code, "wrong_type") == 0))
            use_refuse_member(validation, path, code, "%s", fault);
    }
}

static int compare_item_names(const void *left, const void *right)
{
    const cJSON *const *a = left, *const *b = right;
    return strcmp((*a)->string, (*b)->string);
}

static void use_write_params(const cJSON *params, struct text *text)
{
    const cJSON *sorted[PROFILE_PARAMS_MAX], *param;
    size_t count = 0;
    cJSON_ArrayForEach(param, params)
    {
        if (!cJSON_IsNull(param) && count < PROFILE_PARAMS_MAX)
            sorted[count++] = param;
    }
    if (count > 1)
        qsort(sorted, count, sizeof sorted[0], compare_item_names);
    json_write_key(text, "params");
    json_open(text, '{');
    for (size_t i = 0; i < count; i++) {
        json_write_key_escaped(text, sorted[i]->string);
        if (cJSON_IsString(sorted[i]))
            json_write_string(text, sorted[i]->valuestring);
        else if (cJSON_IsBool(sorted[i]))
            json_write_bool(text, cJSON_IsTrue(sorted[i]));
        else
            json_write_real(text, sorted[i]->valuedouble);
    }
    json_close(text, '}');
}

static const char *use_format(const struct profile_use *use, struct arena *arena)
{
    struct text text = {0};
    json_open(&text, '{');
    json_write_key(&text, "name");
    json_write_string(&text, use->name);
    use_write_params(use->params, &text);
    json_write_key(&text, "base");
    if (use->wants_new_base) {
        json_write_string(&text, "new");
    } else {
        json_open(&text, '{');
        for (size_t i = 0; i < TABLE_COUNT; i++) {
            if (use->base[i] == BASE_NONE)
                continue;
            json_write_key(&text, table_names[i]);
            json_write_integer(&text, use->base[i]);
        }
        json_close(&text, '}');
    }
    json_close(&text, '}');
    const char *copy = arena_strndup(arena, text.data, text.len);
    text_finish(&text);
    return copy;
}

/* Takes what has been checked. */
static void use_take_members(const cJSON *object, struct profile_use *use)
{
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");
    const cJSON *base = cJSON_GetObjectItemCaseSensitive(object, "base");
    use->name = cJSON_IsString(name) ? name->valuestring : "";
    use->params = cJSON_GetObjectItemCaseSensitive(object, "params");
    use->wants_new_base = cJSON_IsString(base);
    for (size_t i = 0; i < TABLE_COUNT; i++) {
        const cJSON *table = cJSON_GetObjectItemCaseSensitive(base, table_names[i]);
        use->base[i] = cJSON_IsNumber(table) ? (int64_t)table->valuedouble : BASE_NONE;
    }
}

static const char *use_read_object(const struct field *field, const cJSON *object,
                                   struct validation *validation)
{
    static const char *const names[] = {"name", "params", "base", NULL};
    size_t before = validation->found;
    const cJSON *member;
    (void)field;
    cJSON_ArrayForEach(member, object)
    {
        const char *path = arena_format(validation->arena, "/%s",
                                        json_pointer_escape(validation->arena, member->string));
        if (name_list_find(names, member->string) < 0)
            use_refuse_member(validation, path, "unknown_field",
                              "unknown member; it has name, params and base");
        else if (json_member_is_repeated(object, member))
            use_refuse_member(validation, path, "duplicate", "appears more than once");
    }
    const cJSON *name = cJSON_GetObjectItemCaseSensitive(object, "name");
    const cJSON *params = cJSON_GetObjectItemCaseSensitive(object, "params");
    const cJSON *base = cJSON_GetObjectItemCaseSensitive(object, "base");
    if (!name || cJSON_IsNull(name))
        use_refuse_member(validation, "/name", "required", "is required");
    else if (!cJSON_IsString(name))
        use_refuse_member(validation, "/name", "wrong_type", "must be a string");
    else if (!resource_name_is_valid(name->valuestring))
        use_refuse_member(validation, "/name", "invalid_name", "is not the name of a profile");
    if (params && !cJSON_IsNull(params))
        use_check_params(params, validation);
    if (base && !cJSON_IsNull(base))
        use_check_base(base, validation);
    if (validation->found != before)
        return NULL;
    struct profile_use use = {0};
    use_take_members(object, &use);
    return use_format(&use, validation->arena);
}

/* A text: the name of the profile alone; or the JSON of the object, as in a cell of a table. */
static bool use_check_text(const struct field *field, const struct scalar *in, struct arena *arena,
                           struct cell *cell, struct field_error *why)
{
    struct validation validation = validation_make(arena);
    const char *text = in->kind == SCALAR_STRING ? arena_strndup(arena, in->text, in->len) : "";
    cJSON *object = text[0] == '{' ? cJSON_Parse(text) : NULL;
    *why = (struct field_error){.code = "wrong_type"};
    snprintf(why->detail, sizeof why->detail, "must be null, the name of a profile, or %s",
             field->type->object_form);
    if (text[0] != '{' && resource_name_is_valid(text)) {
        object = cJSON_CreateObject();
        cJSON_AddStringToObject(object, "name", text);
    }
    if (!object)
        return false;
    const char *form = use_read_object(field, object, &validation);
    cJSON_Delete(object);
    if (!form) {
        why->code = validation.items[0].code;
        snprintf(why->detail, sizeof why->detail, "%s: %s", validation.items[0].pointer,
                 validation.items[0].detail);
        return false;
    }
    *cell = (struct cell){.kind = CELL_TEXT, .as.text = form};
    return true;
}

const struct field_type field_type_profile = {
    SHAPE_JSON, use_check_text, use_read_object,
    "an object such as {\"name\": \"meter\", \"params\": {\"serial\": \"4711\"}}"};

bool profile_use_read(const struct record *device, struct profile_use *use)
{
    const char *text = record_field_text(device, DEVICE_PROFILE);
    *use = (struct profile_use){0};
    if (text)
        use->tree = cJSON_Parse(text);
    if (!use->tree)
        return false;
    use_take_members(use->tree, use);
    return true;
}

void profile_use_finish(struct profile_use *use)
{
    cJSON_Delete(use->tree);
    *use = (struct profile_use){0};
}

void profile_use_set(const struct profile_use *use, struct arena *arena, struct record *device)
{
    REQUIRE(use->name);
    device->cells[DEVICE_PROFILE] =
        (struct cell){.kind = CELL_TEXT, .as.text = use_format(use, arena)};
}

const char *profile_use_name(const struct record *device, struct arena *arena)
{
    struct profile_use use;
    const char *name = profile_use_read(device, &use) ? arena_strdup(arena, use.name) : NULL;
    profile_use_finish(&use);
    return name;
}
