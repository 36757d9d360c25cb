/* Packs conditions and compares them with the values of a message. */
#include "common/message/where.h"

#include <cjson/cJSON.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/require.h"

static const char *where_value_text(const struct where_value *value)
{
    return value->text ? value->text : value->digits;
}

bool where_value_read(const struct scalar *scalar, struct where_value *value)
{
    switch (scalar->kind) {
    case SCALAR_BOOL:
        *value = (struct where_value){.type = scalar->truth ? 't' : 'f', .text = "", .len = 0};
        return true;
    case SCALAR_NUMBER:
        if (!(fabs(scalar->number) < 0x1p53)) /* it may be another one in the payload */
            return false;
        value->type = 'n';
        value->text = NULL;
        value_format_double(scalar->number, value->digits);
        value->len = strlen(value->digits);
        return true;
    case SCALAR_STRING:
        value->type = 's';
        value->text = scalar->text;
        value->len = scalar->len;
        return true;
    case SCALAR_NULL:
    case SCALAR_OTHER:
        break;
    }
    return false;
}

static int compare_json_names(const void *left, const void *right)
{
    const cJSON *const *a = left, *const *b = right;
    return strcmp((*a)->string, (*b)->string);
}

/* Packs the entries, sorted by key, into new memory. */
static bool where_pack(const cJSON *object, struct where *where, char **memory)
{
    const cJSON *items[WHERE_COUNT_MAX], *item;
    struct where_value values[WHERE_COUNT_MAX];
    uint32_t count = 0;
    size_t keys_size = 0, values_size = 0;
    cJSON_ArrayForEach(item, object)
    {
        if (count == WHERE_COUNT_MAX)
            return false;
        items[count++] = item;
    }
    if (count == 0)
        return false;
    qsort(items, count, sizeof items[0], compare_json_names);
    for (uint32_t i = 0; i < count; i++) {
        struct scalar scalar = scalar_from_json(items[i]);
        if (!where_value_read(&scalar, &values[i]))
            return false;
        keys_size += strlen(items[i]->string) + 1;
        values_size += 1 + values[i].len + 1;
    }

    char *keys = malloc(keys_size + values_size);
    if (!keys)
        return false;
    *memory = keys;
    *where = (struct where){.count = count,
                            .keys = keys,
                            .values = keys + keys_size,
                            .keys_size = (uint32_t)keys_size,
                            .values_size = (uint32_t)values_size};
    char *text = keys + keys_size;
    for (uint32_t i = 0; i < count; i++) {
        size_t size = strlen(items[i]->string) + 1;
        memcpy(keys, items[i]->string, size);
        keys += size;
        *text++ = values[i].type;
        memcpy(text, where_value_text(&values[i]), values[i].len);
        text[values[i].len] = '\0';
        text += values[i].len + 1;
    }
    return true;
}

bool where_parse(const char *json, struct where *where, char **memory)
{
    *where = (struct where){0};
    *memory = NULL;
    if (!json)
        return true;
    cJSON *object = cJSON_Parse(json);
    bool is_read = cJSON_IsObject(object) && where_pack(object, where, memory);
    cJSON_Delete(object);
    return is_read;
}

uint32_t where_hash_packed(const struct where *where)
{
    return hash32_add(HASH32_START, where->values, where->values_size);
}

uint32_t where_hash_values(const struct where_value *values, uint32_t count)
{
    uint32_t hash = HASH32_START;
    for (uint32_t i = 0; i < count; i++) {
        hash = hash32_add(hash, &values[i].type, 1);
        hash = hash32_add(hash, where_value_text(&values[i]), values[i].len);
        hash = hash32_add(hash, "", 1);
    }
    return hash;
}

bool where_is_met(const struct where *where, const struct where_value *values)
{
    const char *packed = where->values, *end = where->values + where->values_size;
    for (uint32_t i = 0; i < where->count; i++) {
        REQUIRE(packed < end);
        size_t len = strlen(packed + 1);
        if (packed[0] != values[i].type || len != values[i].len ||
            memcmp(packed + 1, where_value_text(&values[i]), len) != 0)
            return false;
        packed += 1 + len + 1;
    }
    return true;
}
