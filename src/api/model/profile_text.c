/* Copies a tree and replaces the placeholders in its texts, each in the way of its place. */
#include "api/model/profile_text.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/text.h"
#include "common/base/require.h"
#include "common/model/tag.h"

/* How a parameter is put into a text. */
enum fill_role {
    FILL_PLAIN,
    FILL_TOPIC,   /* checked */
    FILL_POINTER, /* escaped as in a JSON Pointer */
    FILL_JSON,    /* escaped as in a string of JSON */
};

/* A place in the template: members from the inside to the outside. */
struct fill_place {
    const struct fill_place *outer; /* NULL: the resource */
    const char *name;
};

struct filler {
    const struct resource *resource;
    const struct profile_values *values;
    struct validation *validation;
};

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
static const char name_characters[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_";

/* Commands have these placeholders. */
static const char *const command_words[] = {"value", "tag", "device", NULL};

bool profile_param_name_is_valid(const char *name)
{
    size_t len = strlen(name);
    return len >= 1 && len <= PROFILE_PARAM_NAME_MAX && strchr(letters, name[0]) &&
           strspn(name, name_characters) == len && name_list_find(command_words, name) < 0;
}

/* Returns the length of the name of the placeholder that begins here, 0 for none. */
static size_t placeholder_name_length(const char *text)
{
    if (text[0] != '{' || text[1] == '\0' || !strchr(letters, text[1]))
        return 0;
    size_t len = strspn(text + 1, name_characters);
    return text[1 + len] == '}' ? len : 0;
}

static bool text_has_placeholder(const char *text)
{
    for (const char *at = strchr(text, '{'); at; at = strchr(at + 1, '{')) {
        if (placeholder_name_length(at) > 0)
            return true;
    }
    return false;
}

bool profile_has_placeholder(const struct cJSON *tree)
{
    const cJSON *item;
    if (!tree)
        return false;
    if (cJSON_IsString(tree))
        return text_has_placeholder(tree->valuestring);
    cJSON_ArrayForEach(item, tree)
    {
        if (profile_has_placeholder(item))
            return true;
    }
    return false;
}

__attribute__((format(printf, 4, 5))) static void fill_refuse_place(const struct filler *filler,
                                                                    const struct fill_place *place,
                                                                    const char *code,
                                                                    const char *format, ...)
{
    struct arena *arena = filler->validation->arena;
    const char *pointer = "";
    va_list args;
    va_start(args, format);
    const char *detail = arena_vformat(arena, format, args);
    va_end(args);
    for (; place; place = place->outer)
        pointer = arena_format(arena, "/%s%s", json_pointer_escape(arena, place->name), pointer);
    validation_add_at(filler->validation, pointer, code, "%s", detail);
}

/* Returns the value of a parameter: of the device, or the default. NULL when it has none. */
static const cJSON *profile_find_value(const struct profile_values *values, const char *name)
{
    const cJSON *given = cJSON_GetObjectItemCaseSensitive(values->given, name);
    const cJSON *declared = cJSON_GetObjectItemCaseSensitive(values->declared, name);
    const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(declared, "default");
    if (given && !cJSON_IsNull(given))
        return given;
    return fallback && !cJSON_IsNull(fallback) ? fallback : NULL;
}

static enum fill_role fill_role_of(const struct fill_place *place, const char *template_text)
{
    static const char *const topics[] = {"topic", "availability_topic", "command_topic", NULL};
    static const char *const keys[] = {"key", "quality_key", "timestamp_key", "availability_key",
                                       NULL};
    if (name_list_find(topics, place->name) >= 0)
        return FILL_TOPIC;
    if (name_list_find(keys, place->name) >= 0)
        return template_text[0] == '/' || strncmp(template_text, "./", 2) == 0 ? FILL_POINTER
                                                                               : FILL_PLAIN;
    bool in_request = place->outer && strcmp(place->outer->name, "request") == 0;
    if (strcmp(place->name, "command_template") == 0 ||
        (in_request && strcmp(place->name, "payload") == 0))
        return FILL_JSON;
    return FILL_PLAIN;
}

/* Appends the text of a parameter, as its role demands. */
static void fill_append_escaped(struct arena *arena, struct text *out, enum fill_role role,
                                const char *word)
{
    if (role == FILL_JSON) {
        struct text quoted = {0};
        json_write_string(&quoted, word);
        text_append(out, quoted.data + 1, quoted.len - 2);
        text_finish(&quoted);
        return;
    }
    text_puts(out, role == FILL_POINTER ? json_pointer_escape(arena, word) : word);
}

static bool word_suits_topic(const char *word)
{
    for (const char *at = word; *at; at++) {
        if (*at == '+' || *at == '#' || (unsigned char)*at < 0x20 || *at == 0x7f)
            return false;
    }
    return *word != '\0';
}

/* Returns the text that a scalar has in another text; "" for what is no scalar, which has errors of
 * its own. */
static const char *fill_scalar_text(const struct filler *filler, const cJSON *scalar)
{
    const char *text = json_scalar_print(filler->validation->arena, scalar);
    return text ? text : "";
}

enum { FILLED_BYTES_MAX = FIELD_TOPIC_MAX + 1 };

/* Fills a text that is more than one placeholder. Returns false, with errors, when it is refused.
 */
static bool fill_text(const struct filler *filler, const struct fill_place *place,
                      const char *template_text, struct text *out)
{
    enum fill_role role = fill_role_of(place, template_text);
    size_t before = filler->validation->found;
    for (const char *at = template_text; *at;) {
        size_t len = placeholder_name_length(at);
        if (len == 0) {
            text_putc(out, *at++);
            continue;
        }
        const char *name = arena_strndup(filler->validation->arena, at + 1, len);
        const char *word = strcmp(name, "device") == 0 ? filler->values->device : NULL;
        bool is_declared = cJSON_GetObjectItemCaseSensitive(filler->values->declared, name);
        const cJSON *value = is_declared ? profile_find_value(filler->values, name) : NULL;
        bool is_command = strcmp(place->name, "command_template") == 0 &&
                          name_list_find(command_words, name) >= 0;
        if (value)
            word = fill_scalar_text(filler, value);
        else if (is_declared && filler->values->sample)
            word = "x";
        if (is_command || (!word && !is_declared && role == FILL_JSON)) {
            text_append(out, at, len + 2);
        } else if (!word && !is_declared) {
            fill_refuse_place(filler, place, "unknown_placeholder",
                              "{%s} is no parameter: declare it in params", name);
        } else if (word && role == FILL_TOPIC && !word_suits_topic(word)) {
            fill_refuse_place(
                filler, place, "invalid_topic",
                "the parameter %s must not be empty and must not have +, # or control "
                "characters: it is a part of a topic",
                name);
        } else if (word) {
            fill_append_escaped(filler->validation->arena, out, role, word);
        }
        at += len + 2;
        if (out->len > FILLED_BYTES_MAX) {
            fill_refuse_place(filler, place, "too_long",
                              "is longer than %d bytes when it is filled", (int)FILLED_BYTES_MAX);
            break;
        }
    }
    return filler->validation->found == before;
}

static void item_set_text(cJSON *item, const char *text)
{
    cJSON *copy = cJSON_CreateString(text);
    char *old = item->valuestring;
    item->valuestring = copy->valuestring;
    item->type = cJSON_String;
    copy->valuestring = NULL;
    cJSON_free(old);
    cJSON_Delete(copy);
}

static void item_set_number(cJSON *item, double number)
{
    cJSON_free(item->valuestring);
    item->valuestring = NULL;
    item->type = cJSON_Number;
    cJSON_SetNumberHelper(item, number);
}

static void item_set_bool(cJSON *item, bool truth)
{
    cJSON_free(item->valuestring);
    item->valuestring = NULL;
    item->type = truth ? cJSON_True : cJSON_False;
}

/* Converts the value of a text that is one placeholder to what its field takes. */
static void fill_set_value(const struct filler *filler, const struct field *field, bool inside,
                           cJSON *item, const cJSON *value)
{
    enum json_shape shape = field && !inside ? field->type->shape : SHAPE_JSON;
    if (cJSON_IsString(value) && shape != SHAPE_TEXT && shape != SHAPE_JSON) {
        const char *word = value->valuestring;
        char *end;
        double number = strtod(word, &end);
        if (shape == SHAPE_FLAG && (strcmp(word, "true") == 0 || strcmp(word, "false") == 0)) {
            item_set_bool(item, word[0] == 't');
            return;
        }
        if (shape != SHAPE_FLAG && *word && *end == '\0' &&
            strspn(word, "+-.0123456789eE") == strlen(word)) {
            item_set_number(item, number);
            return;
        }
    }
    if (cJSON_IsString(value) || shape == SHAPE_TEXT)
        item_set_text(item, fill_scalar_text(filler, value));
    else if (cJSON_IsBool(value))
        item_set_bool(item, cJSON_IsTrue(value));
    else
        item_set_number(item, value->valuedouble);
}

/* The value of a parameter that has none, for a check without a device. Returns false when the
 * member is left out instead. */
static bool fill_set_sample(const struct field *field, bool inside, cJSON *item)
{
    bool in_map = inside && field && strcmp(field->name, "where") != 0;
    /* Any type can hold 1. */
    if (in_map || (field && strcmp(field->name, "constant") == 0))
        item_set_number(item, 1);
    else if (inside || (field && field->type->shape == SHAPE_TEXT && !field->names))
        item_set_text(item, "x");
    else
        return false;
    return true;
}

/* Fills a text. `inside`: it lies in the object of the field. Returns false when the member is left
 * out. */
static bool fill_string(const struct filler *filler, const struct fill_place *place,
                        const struct field *field, bool inside, cJSON *item)
{
    const struct profile_values *values = filler->values;
    size_t len = placeholder_name_length(item->valuestring);
    enum fill_role role = fill_role_of(place, item->valuestring);
    if (len > 0 && item->valuestring[len + 2] == '\0' && role == FILL_PLAIN) {
        const char *name = arena_strndup(filler->validation->arena, item->valuestring + 1, len);
        const cJSON *value = cJSON_GetObjectItemCaseSensitive(values->declared, name)
                                 ? profile_find_value(values, name)
                                 : NULL;
        if (value) {
            fill_set_value(filler, field, inside, item, value);
            return true;
        }
        if (values->sample && cJSON_GetObjectItemCaseSensitive(values->declared, name))
            return fill_set_sample(field, inside, item);
    }
    struct text out = {0};
    if (fill_text(filler, place, item->valuestring, &out))
        item_set_text(item, out.data ? out.data : "");
    text_finish(&out);
    return true;
}

/* Fills the members of an object or the elements of an array. `group` is the group of the resource
 * whose members these are, NULL for the resource itself; `field` is set inside a field's object. */
static void fill_members(const struct filler *filler, const struct fill_place *outer,
                         const char *group, const struct field *field, cJSON *object)
{
    cJSON *next;
    for (cJSON *item = object->child; item; item = next) {
        struct fill_place place = {outer, item->string ? item->string : "0"};
        const struct resource *resource = filler->resource;
        next = item->next;
        int at = field ? -1 : resource_find_field(resource, group, place.name);
        const struct field *own = at >= 0 ? &resource->fields[at] : field;
        bool is_name = !outer && strcmp(place.name, "name") == 0;
        if (cJSON_IsString(item) && !is_name && text_has_placeholder(item->valuestring)) {
            if (!fill_string(filler, &place, own, field != NULL, item))
                cJSON_Delete(cJSON_DetachItemViaPointer(object, item));
        } else if (cJSON_IsObject(item) || cJSON_IsArray(item)) {
            bool is_group = !outer && name_list_find(resource->groups, place.name) >= 0;
            fill_members(filler, &place, is_group ? place.name : NULL, is_group ? NULL : own, item);
        }
    }
}

struct cJSON *profile_fill(const struct resource *resource, const struct cJSON *members,
                           const struct profile_values *values, struct validation *validation)
{
    struct filler filler = {resource, values, validation};
    REQUIRE(values->device);
    cJSON *copy = cJSON_Duplicate(members, 1);
    fill_members(&filler, NULL, NULL, NULL, copy);
    return copy;
}
