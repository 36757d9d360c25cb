#include "ctl/base/json_read.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "common/model/value.h"
#include "ctl/base/keep.h"

enum { JSON_NAME_SIZE = 64 };

const cJSON *json_read_member(const cJSON *object, const char *path)
{
    REQUIRE(path && path[0]);
    while (object) {
        char name[JSON_NAME_SIZE];
        size_t len = strcspn(path, ".");
        if (len >= sizeof name || !cJSON_IsObject(object))
            return NULL;
        memcpy(name, path, len);
        name[len] = '\0';
        object = cJSON_GetObjectItemCaseSensitive(object, name);
        if (path[len] == '\0')
            return object;
        path += len + 1;
    }
    return NULL;
}

/* Replaces the numbers of a tree by their texts: cJSON would print some with fewer digits than they
 * have. */
static void json_write_numbers(cJSON *value)
{
    char text[VALUE_TEXT_SIZE];
    for (cJSON *item = value->child; item; item = item->next)
        json_write_numbers(item);
    if (!cJSON_IsNumber(value))
        return;
    const struct value number = {.kind = VALUE_REAL, .real = value->valuedouble};
    value_format_json(&number, text);
    value->valuestring = cJSON_malloc(strlen(text) + 1);
    strcpy(value->valuestring, text);
    value->type = (value->type & ~0xff) | cJSON_Raw; /* the other bits are flags */
}

const char *json_value_json(const cJSON *value)
{
    cJSON *copy = cJSON_Duplicate(value, true);
    if (copy)
        json_write_numbers(copy);
    char *json = cJSON_PrintUnformatted(copy);
    cJSON_Delete(copy);
    if (!json) /* nested too deeply */
        return "";
    char *kept = keep_text(json);
    free(json);
    return kept;
}

const char *json_quote_text(const char *text)
{
    cJSON *value = cJSON_CreateStringReference(text);
    const char *json = json_value_json(value);
    cJSON_Delete(value);
    return json;
}

const char *json_value_text(const cJSON *value)
{
    if (!value || cJSON_IsNull(value))
        return "";
    if (cJSON_IsString(value))
        return value->valuestring;
    if (cJSON_IsBool(value))
        return cJSON_IsTrue(value) ? "true" : "false";
    return json_value_json(value);
}

const char *json_read_text(const cJSON *object, const char *path)
{
    return json_value_text(json_read_member(object, path));
}

double json_read_number(const cJSON *object, const char *path)
{
    const cJSON *member = json_read_member(object, path);
    return member && cJSON_IsNumber(member) ? member->valuedouble : 0;
}

int json_read_int(const cJSON *object, const char *path)
{
    const cJSON *member = json_read_member(object, path);
    return member && cJSON_IsNumber(member) ? member->valueint : 0;
}

bool json_read_bool(const cJSON *object, const char *path)
{
    return cJSON_IsTrue(json_read_member(object, path));
}

const cJSON *json_read_array(const cJSON *object, const char *path)
{
    const cJSON *member = json_read_member(object, path);
    return cJSON_IsArray(member) ? member : NULL;
}

const cJSON *json_read_object(const cJSON *object, const char *path)
{
    const cJSON *member = json_read_member(object, path);
    return cJSON_IsObject(member) ? member : NULL;
}

const char *duration_text(double ms)
{
    double s = ms / 1000;
    if (s < 10)
        return keep_format("%.1f s", s);
    if (s < 120)
        return keep_format("%.0f s", s);
    if (s < 2 * 3600)
        return keep_format("%.0f min", s / 60);
    if (s < 48 * 3600)
        return keep_format("%.0f h", s / 3600);
    return keep_format("%.0f d", s / 86400);
}
