/* Checks the members of an object and writes them in one form, so that equal values are equal
 * texts. */
#include "api/model/object_fields.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "api/base/json_tree.h"
#include "api/base/text.h"
#include "common/base/json_text.h"
#include "common/base/require.h"
#include "common/model/tag.h"
#include "common/model/topic.h"

/* Merges the members into the object. */
static void object_merge_members(cJSON *object, const cJSON *given)
{
    const cJSON *member;
    cJSON_ArrayForEach(member, given)
    {
        bool again = json_member_is_repeated(given, member);
        cJSON *old = cJSON_GetObjectItemCaseSensitive(object, member->string);
        if (!again && cJSON_IsObject(member) && cJSON_IsObject(old)) {
            object_merge_members(old, member);
            continue;
        }
        if (!again)
            cJSON_DeleteItemFromObjectCaseSensitive(object, member->string);
        if (again || !cJSON_IsNull(member))
            cJSON_AddItemToObject(object, member->string, cJSON_Duplicate(member, 1));
    }
}

cJSON *json_object_merge(const char *old, const cJSON *given)
{
    cJSON *object = old ? cJSON_Parse(old) : cJSON_CreateObject();
    object_merge_members(object, given);
    return object;
}

/* Returns where a member of the field's object is, for an error. */
static const char *object_member_path(const struct field *field, const char *name,
                                      struct validation *validation)
{
    return arena_format(validation->arena, "%s/%s", field->name,
                        json_pointer_escape(validation->arena, name));
}

/* Returns the member, or NULL for none and for null. A repeated member is an error. */
static const cJSON *object_find_member(const struct field *field, const cJSON *object,
                                       const char *name, struct validation *validation)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, name);
    for (const cJSON *other = member ? member->next : NULL; other; other = other->next) {
        if (strcmp(other->string, name) == 0)
            validation_add(validation, field->group, object_member_path(field, name, validation),
                           "duplicate", "appears more than once");
    }
    return cJSON_IsNull(member) ? NULL : member;
}

static const char *object_text_to_arena(struct text *text, struct validation *validation)
{
    const char *copy = arena_strndup(validation->arena, text->data, text->len);
    text_finish(text);
    return copy;
}

/* Numbers by strings. Returns NULL when an entry is refused. */
static const char *map_read_object(const struct field *field, const cJSON *map,
                                   struct validation *validation)
{
    size_t before = validation->found;
    struct text text = {0};
    const cJSON *entry;
    json_open(&text, '{');
    cJSON_ArrayForEach(entry, map)
    {
        const char *path = object_member_path(field, entry->string, validation);
        if (!cJSON_IsNumber(entry))
            validation_add(validation, field->group, path, "wrong_type", "must be a number");
        else if (!isfinite(entry->valuedouble))
            validation_add(validation, field->group, path, "out_of_range",
                           "must be a number in the range of a 64-bit float");
        else if (json_member_is_repeated(map, entry))
            validation_add(validation, field->group, path, "duplicate", "appears more than once");
        json_write_key_escaped(&text, entry->string);
        json_write_real(&text, entry->valuedouble);
    }
    json_close(&text, '}');
    const char *copy = object_text_to_arena(&text, validation);
    return validation->found == before ? copy : NULL;
}

/* Scalars by keys of the payload. Returns NULL when an entry is refused. */
static const char *where_read_object(const struct field *field, const cJSON *where,
                                     struct validation *validation)
{
    size_t before = validation->found;
    struct text text = {0};
    const cJSON *entry;
    json_open(&text, '{');
    cJSON_ArrayForEach(entry, where)
    {
        const char *path = object_member_path(field, entry->string, validation);
        bool is_string = cJSON_IsString(entry);
        if (strlen(entry->string) > FIELD_TEXT_MAX ||
            (is_string && strlen(entry->valuestring) > FIELD_TEXT_MAX))
            validation_add(validation, field->group, path, "too_long",
                           "must have at most %d bytes in key and value", FIELD_TEXT_MAX);
        else if (entry->string[0] == '/' && !json_pointer_is_valid(entry->string))
            validation_add(validation, field->group, path, "invalid_pointer",
                           "must be a JSON Pointer (RFC 6901), because it begins with '/'");
        else if (!is_string && !cJSON_IsBool(entry) && !cJSON_IsNumber(entry))
            validation_add(validation, field->group, path, "wrong_type",
                           "must be a string, a number, true or false");
        else if (cJSON_IsNumber(entry) && !(fabs(entry->valuedouble) < 0x1p53))
            validation_add(validation, field->group, path, "out_of_range",
                           "must be a number below 2^53: greater ones are not told apart; let the "
                           "device send it as a string");
        else if (json_member_is_repeated(where, entry))
            validation_add(validation, field->group, path, "duplicate", "appears more than once");
        json_write_key_escaped(&text, entry->string);
        if (is_string)
            json_write_string(&text, entry->valuestring);
        else if (cJSON_IsNumber(entry))
            json_write_real(&text, entry->valuedouble);
        else
            json_write_bool(&text, cJSON_IsTrue(entry));
    }
    json_close(&text, '}');
    const char *copy = object_text_to_arena(&text, validation);
    return validation->found == before ? copy : NULL;
}

/* Reads an integer member. Without one, `fallback` counts, or below 0 it is required. */
static int64_t request_read_integer(const struct field *field, const cJSON *request,
                                    const char *name, int64_t min, int64_t max, int64_t fallback,
                                    struct validation *validation)
{
    const cJSON *member = object_find_member(field, request, name, validation);
    const char *path = object_member_path(field, name, validation);
    if (!member && fallback >= 0)
        return fallback;
    if (!member)
        validation_add(validation, field->group, path, "required", "is required");
    else if (!cJSON_IsNumber(member) || member->valuedouble != trunc(member->valuedouble) ||
             member->valuedouble < (double)min || member->valuedouble > (double)max)
        validation_add(validation, field->group, path,
                       cJSON_IsNumber(member) && (member->valuedouble < (double)min ||
                                                  member->valuedouble > (double)max)
                           ? "out_of_range"
                           : "wrong_type",
                       "must be an integer from %lld to %lld", (long long)min, (long long)max);
    else
        return (int64_t)member->valuedouble;
    return min;
}

/* A message for the device to answer. Returns NULL when a member is refused. */
static const char *request_read_object(const struct field *field, const cJSON *request,
                                       struct validation *validation)
{
    static const char *const names[] = {"topic", "payload", "interval_s", "qos", NULL};
    size_t before = validation->found;
    const cJSON *member;
    cJSON_ArrayForEach(member, request)
    {
        if (name_list_find(names, member->string) < 0)
            validation_add(validation, field->group,
                           object_member_path(field, member->string, validation), "unknown_field",
                           "unknown member");
    }

    const cJSON *topic = object_find_member(field, request, "topic", validation);
    const cJSON *payload = object_find_member(field, request, "payload", validation);
    const char *topic_text = topic && cJSON_IsString(topic) ? topic->valuestring : NULL;
    const char *topic_path = object_member_path(field, "topic", validation);
    const char *payload_path = object_member_path(field, "payload", validation);
    if (!topic)
        validation_add(validation, field->group, topic_path, "required", "is required");
    else if (!topic_text)
        validation_add(validation, field->group, topic_path, "wrong_type", "must be a string");
    else if (strlen(topic_text) > FIELD_TOPIC_MAX || !topic_name_is_valid(topic_text))
        validation_add(validation, field->group, topic_path, "invalid_topic",
                       "must be an MQTT topic without wildcards, without control characters, with "
                       "at most 200 slashes");
    if (payload && !cJSON_IsString(payload))
        validation_add(validation, field->group, payload_path, "wrong_type", "must be a string");
    else if (payload && strlen(payload->valuestring) > FIELD_TEMPLATE_MAX)
        validation_add(validation, field->group, payload_path, "too_long",
                       "must have at most %d bytes", FIELD_TEMPLATE_MAX);
    int64_t interval_s =
        request_read_integer(field, request, "interval_s", 1, FIELD_SECONDS_MAX, -1, validation);
    int64_t qos = request_read_integer(field, request, "qos", 0, 2, 0, validation);
    if (validation->found != before || !topic_text)
        return NULL;

    struct text text = {0};
    json_open(&text, '{');
    json_write_key(&text, "topic");
    json_write_string(&text, topic_text);
    json_write_key(&text, "payload");
    json_write_string(&text, payload ? payload->valuestring : "");
    json_write_key(&text, "interval_s");
    json_write_integer(&text, interval_s);
    json_write_key(&text, "qos");
    json_write_integer(&text, qos);
    json_close(&text, '}');
    return object_text_to_arena(&text, validation);
}

bool object_field_read(const struct field *field, const cJSON *object,
                       struct validation *validation, struct cell *cell)
{
    REQUIRE(field->type->read_object);
    if (field->max > 0 && cJSON_GetArraySize(object) > field->max) {
        validation_add(validation, field->group, field->name, "too_long",
                       "must have at most %lld entries", (long long)field->max);
        return false;
    }
    const char *text = field->type->read_object(field, object, validation);
    if (!text)
        return false;
    *cell = (struct cell){.kind = CELL_TEXT, .as.text = text};
    if (field->type == &field_type_where && !object->child) /* no condition is the same as null */
        *cell = (struct cell){.kind = CELL_NULL};
    return true;
}

/* Anything but an object. */
static bool field_check_object(const struct field *field, const struct scalar *in,
                               struct arena *arena, struct cell *cell, struct field_error *why)
{
    (void)in, (void)arena, (void)cell;
    *why = (struct field_error){.code = "wrong_type"};
    snprintf(why->detail, sizeof why->detail, "must be null or %s", field->type->object_form);
    return false;
}

const struct field_type field_type_map = {SHAPE_JSON, field_check_object, map_read_object,
                                          "an object of numbers"};
const struct field_type field_type_where = {SHAPE_JSON, field_check_object, where_read_object,
                                            "an object from keys to values, such as {\"id\": 37}"};
const struct field_type field_type_request = {SHAPE_JSON, field_check_object, request_read_object,
                                              "an object with \"topic\" and \"interval_s\""};
