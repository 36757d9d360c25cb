#include "ctl/members/member_value.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/require.h"
#include "common/model/tag.h"
#include "ctl/base/keep.h"

/* The JSON of the whole text, or NULL. */
static cJSON *member_parse_json(const char *text)
{
    return cJSON_ParseWithOpts(text, NULL, 1);
}

static bool text_is_digits(const char *text)
{
    return text[0] != '\0' && text[strspn(text, "0123456789")] == '\0';
}

static cJSON *member_read_flag(const char *text)
{
    static const char *const yes[] = {"true", "yes", "on", "1"}, *const no[] = {"false", "no",
                                                                                "off", "0"};
    for (size_t i = 0; i < sizeof yes / sizeof yes[0]; i++) {
        if (strcasecmp(text, yes[i]) == 0 || strcasecmp(text, no[i]) == 0)
            return cJSON_CreateBool(strcasecmp(text, yes[i]) == 0);
    }
    return NULL;
}

/* A number, with *why where the text is none. */
static cJSON *member_read_number(const char *text, bool is_whole, const char **why)
{
    cJSON *number = member_parse_json(text);
    if (cJSON_IsNumber(number) && isfinite(number->valuedouble) &&
        (!is_whole || !strpbrk(text, ".eE")))
        return number;
    cJSON_Delete(number);
    *why = is_whole            ? "it must be a whole number, such as 10"
           : strchr(text, ',') ? "it must be a number, with a point before decimals: 0.1"
                               : "it must be a number, such as 0.1";
    return NULL;
}

/* An offset, or a Modicon address as text. */
static cJSON *member_read_address(const char *text, const char **why)
{
    enum modbus_table table;
    uint16_t address;
    bool is_modicon = modicon_parse(text, &table, &address);
    if (is_modicon || !text_is_digits(text)) {
        if (is_modicon)
            return cJSON_CreateString(text);
        *why = "it must be an offset from 0, such as 100, or a Modicon address, such as 40101";
        return NULL;
    }
    return member_read_number(text, true, why);
}

static cJSON *member_read_structure(const struct member *member, const char *text, const char **why)
{
    cJSON *json = member_parse_json(text);
    if (member->kind == MEMBER_ARRAY ? cJSON_IsArray(json) : cJSON_IsObject(json))
        return json;
    cJSON_Delete(json);
    if (member->kind == MEMBER_ARRAY)
        *why = "it must be a JSON array, in the quotes of the shell, or @FILE";
    else
        *why = keep_format("it must be a JSON object, in the quotes of the shell: '%s={\"%s\": 1}'",
                           member_path(member), member->kind == MEMBER_MAP ? "ON" : "a");
    return NULL;
}

cJSON *member_value_read_scalar(const char *text)
{
    cJSON *json = member_parse_json(text);
    if (cJSON_IsNumber(json) || cJSON_IsBool(json) || cJSON_IsNull(json) || cJSON_IsString(json))
        return json;
    cJSON_Delete(json);
    return cJSON_CreateString(text);
}

cJSON *member_value_read(const struct member *member, const char *rest, const char *text,
                         bool is_whole_text, const char **why)
{
    REQUIRE(member && rest && text && why);
    cJSON *value;
    bool is_null = strcmp(text, "null") == 0;
    if (rest[0] != '\0') {
        value = member_parse_json(text);
        return value ? value : cJSON_CreateString(text);
    }
    if (is_null && (member->kind != MEMBER_TEXT || (member->nullable && !is_whole_text)))
        return cJSON_CreateNull();
    switch (member->kind) {
    case MEMBER_TEXT:
    case MEMBER_CHOICE: /* the server knows which names are right here */
        return cJSON_CreateString(text);
    case MEMBER_NUMBER:
        return member_read_number(text, false, why);
    case MEMBER_INTEGER:
        return member_read_number(text, true, why);
    case MEMBER_FLAG:
        value = member_read_flag(text);
        *why = value ? NULL : "it must be true or false";
        return value;
    case MEMBER_ADDRESS:
        return member_read_address(text, why);
    case MEMBER_STALE:
        if (strcasecmp(text, "nan") == 0)
            return cJSON_CreateString("nan");
        value = member_read_number(text, false, why);
        *why = value ? NULL : "it must be a number, nan or null";
        return value;
    case MEMBER_SCALAR:
        return member_value_read_scalar(text);
    case MEMBER_MAP:
    case MEMBER_OBJECT:
    case MEMBER_GROUP:
    case MEMBER_ARRAY:
        break;
    }
    return member_read_structure(member, text, why);
}

/* The object at a member of this name, which is made if it is not there. */
static cJSON *member_enter(cJSON *object, const char *name)
{
    cJSON *inner = cJSON_GetObjectItemCaseSensitive(object, name);
    if (cJSON_IsObject(inner))
        return inner;
    if (inner)
        cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    return cJSON_AddObjectToObject(object, name);
}

void member_value_put(cJSON *object, const struct member *member, const char *rest, cJSON *value)
{
    const char *name = member->name;
    REQUIRE(cJSON_IsObject(object) && value);
    if (member->group)
        object = member_enter(object, member->group);
    if (rest[0] != '\0') {
        object = member_enter(object, name);
        /* The names in a map may have points. */
        for (const char *dot; member->kind == MEMBER_OBJECT && (dot = strchr(rest, '.'));
             rest = dot + 1)
            object = member_enter(object, keep_bytes(rest, (size_t)(dot - rest)));
        name = rest;
    }
    cJSON_DeleteItemFromObjectCaseSensitive(object, name);
    cJSON_AddItemToObject(object, name, value);
}

bool member_address_settle(cJSON *body, const char *table, const char **why)
{
    REQUIRE(cJSON_IsObject(body) && table);
    enum modbus_table named;
    uint16_t address;
    char own[MODICON_SIZE], other[MODICON_SIZE];
    cJSON *modbus = cJSON_GetObjectItemCaseSensitive(body, "modbus");
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(modbus, "address"),
                *given = cJSON_GetObjectItemCaseSensitive(modbus, "table");
    const char *text = cJSON_IsString(item) ? item->valuestring : "";
    table = cJSON_IsString(given) ? given->valuestring : table;
    int index = name_list_find(table_names, table);
    if (strlen(text) != 5 || text[0] == '0' || !text_is_digits(text) || index < 0 ||
        !modicon_parse(text, &named, &address) || (int)named == index)
        return true;
    long offset = strtol(text, NULL, 10);
    if (cJSON_IsString(given)) {
        cJSON_ReplaceItemInObjectCaseSensitive(modbus, "address",
                                               cJSON_CreateNumber((double)offset));
        return true;
    }
    modicon_format((enum modbus_table)index, (uint16_t)offset, own);
    modicon_format(named, address, other);
    *why = keep_format("%s may be the offset %s in %s, which is %s in Modicon form with six "
                       "digits, or it may be %s, which is in %s: write one of these",
                       text, text, table, own, other, table_names[named]);
    return false;
}
