/* Checks and prints trees of cJSON. */
#include "api/base/json_tree.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <string.h>

#include "common/model/tag.h"

bool json_member_is_repeated(const cJSON *object, const cJSON *member)
{
    for (const cJSON *other = object->child; other != member; other = other->next) {
        if (strcmp(other->string, member->string) == 0)
            return true;
    }
    return false;
}

void json_check_members(const cJSON *object, const char *pointer, const char *const *names,
                        struct validation *validation)
{
    struct arena *arena = validation->arena;
    const char *known = names[0];
    const cJSON *member;
    for (size_t i = 1; names[i]; i++)
        known = arena_format(arena, "%s, %s", known, names[i]);
    cJSON_ArrayForEach(member, object)
    {
        bool is_known = name_list_find(names, member->string) >= 0;
        if (is_known && !json_member_is_repeated(object, member))
            continue;
        const char *at =
            arena_format(arena, "%s/%s", pointer, json_pointer_escape(arena, member->string));
        if (is_known)
            validation_add_at(validation, at, "duplicate", "appears more than once");
        else
            validation_add_at(validation, at, "unknown_field",
                              "unknown member; expected one of: %s", known);
    }
}

const char *json_check_table_member(struct arena *arena, const cJSON *object, const cJSON *member,
                                    int least, int most, const char **code)
{
    double number = cJSON_IsNumber(member) ? member->valuedouble : NAN;
    *code = "unknown_field";
    if (name_list_find(table_names, member->string) < 0)
        return "is no table; the tables are coil, discrete_input, input_register, "
               "holding_register";
    *code = "duplicate";
    if (json_member_is_repeated(object, member))
        return "appears more than once";
    *code = number < least || number > most ? "out_of_range" : "wrong_type";
    return number >= least && number <= most && number == trunc(number)
               ? NULL
               : arena_format(arena, "must be an integer from %d to %d", least, most);
}

/* cJSON would print some numbers with fewer digits than they have. */
void json_write_tree(struct text *text, const cJSON *tree)
{
    const cJSON *child;
    bool is_object = cJSON_IsObject(tree);
    if (cJSON_IsBool(tree)) {
        json_write_bool(text, cJSON_IsTrue(tree));
    } else if (cJSON_IsNumber(tree)) {
        json_write_real(text, tree->valuedouble);
    } else if (cJSON_IsString(tree)) {
        json_write_string(text, tree->valuestring);
    } else if (is_object || cJSON_IsArray(tree)) {
        json_open(text, is_object ? '{' : '[');
        cJSON_ArrayForEach(child, tree)
        {
            if (is_object)
                json_write_key_escaped(text, child->string);
            json_write_tree(text, child);
        }
        json_close(text, is_object ? '}' : ']');
    } else {
        json_write_null(text);
    }
}

const char *json_tree_print(struct arena *arena, const cJSON *tree)
{
    struct text text = {0};
    json_write_tree(&text, tree);
    const char *copy = arena_strndup(arena, text.data, text.len);
    text_finish(&text);
    return copy;
}

const char *json_scalar_print(struct arena *arena, const cJSON *scalar)
{
    if (cJSON_IsString(scalar))
        return scalar->valuestring;
    if (cJSON_IsBool(scalar))
        return cJSON_IsTrue(scalar) ? "true" : "false";
    if (!cJSON_IsNumber(scalar) || !isfinite(scalar->valuedouble))
        return NULL;
    struct text text = {0};
    json_write_real(&text, scalar->valuedouble);
    const char *copy = arena_strndup(arena, text.data, text.len);
    text_finish(&text);
    return copy;
}
