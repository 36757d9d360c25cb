/* Checks against RFC 8259 first, since cJSON takes much that is none, and then parses. */
#include "mqttd/ingest/payload.h"

#include <cjson/cJSON.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "mqttd/ingest/json_pool.h"

/* cJSON cuts a string at \u0000. The escape is replaced by another of the same length, of a
 * character that Unicode keeps for a program's own use and never for interchange. */
static const char nul_escape[] = "\\u0000";
static const char own_escape[] = "\\ufdd0";
static const char own_text[] = "\xef\xb7\x90";

enum { ESCAPE_BYTES = sizeof nul_escape - 1 };

/* The next \u0000 at or behind `from` that is no part of an escaped backslash, or NULL. */
static char *payload_find_nul(const char *text, const char *from, size_t len)
{
    for (;;) {
        const char *at = memmem(from, len - (size_t)(from - text), nul_escape, ESCAPE_BYTES);
        if (!at)
            return NULL;
        size_t backslashes = 0;
        while (at - backslashes > text && at[-(ptrdiff_t)backslashes - 1] == '\\')
            backslashes++;
        if (backslashes % 2 == 0)
            return (char *)(uintptr_t)at;
        from = at + 1;
    }
}

static bool payload_replace_nuls(struct payload *payload, const char **text, size_t len)
{
    if (!payload_find_nul(*text, *text, len))
        return true;
    payload->ignored = own_text;
    payload->copy = malloc(len);
    if (!payload->copy)
        return false;
    memcpy(payload->copy, *text, len);
    char *at = payload->copy;
    while ((at = payload_find_nul(payload->copy, at, len)))
        memcpy(at, own_escape, ESCAPE_BYTES);
    *text = payload->copy;
    return true;
}

enum fault payload_parse(struct payload *payload, const char *text, size_t len, size_t max,
                         size_t *at)
{
    *payload = (struct payload){0};
    *at = 0;
    if (len > max)
        return FAULT_TOO_LARGE;
    if (len == 0 || !json_text_is_valid(text, len, at))
        return FAULT_INVALID_JSON;
    if (payload_replace_nuls(payload, &text, len))
        payload->root = json_pool_parse(text, len);
    if (payload->root)
        return FAULT_NONE;
    bool is_short = (payload->ignored && !payload->copy) || json_pool_has_failed();
    payload_finish(payload);
    payload->is_short = is_short;
    return FAULT_INVALID_JSON;
}

void payload_finish(struct payload *payload)
{
    json_pool_delete(payload->root);
    free(payload->copy);
    *payload = (struct payload){0};
}

void payload_read_scalar(const struct payload *payload, const struct cJSON *item,
                         struct scalar *scalar)
{
    *scalar = (struct scalar){.kind = SCALAR_OTHER};
    if (cJSON_IsNumber(item)) {
        scalar->kind = SCALAR_NUMBER;
        scalar->number = item->valuedouble;
    } else if (cJSON_IsString(item)) {
        if (payload->ignored && strstr(item->valuestring, payload->ignored))
            return;
        scalar->kind = SCALAR_STRING;
        scalar->text = item->valuestring;
        scalar->len = strlen(item->valuestring);
    } else if (cJSON_IsBool(item)) {
        scalar->kind = SCALAR_BOOL;
        scalar->truth = cJSON_IsTrue(item);
    } else if (cJSON_IsNull(item)) {
        scalar->kind = SCALAR_NULL;
    }
}

void payload_write_excerpt(const struct scalar *scalar, char *text, size_t size)
{
    char number[VALUE_TEXT_SIZE] = "";
    const char *from = number;
    size_t len;
    switch (scalar->kind) {
    case SCALAR_NUMBER:
        value_format_double(scalar->number, number);
        break;
    case SCALAR_STRING:
        from = scalar->text;
        break;
    case SCALAR_BOOL:
        from = scalar->truth ? "true" : "false";
        break;
    case SCALAR_NULL:
        from = "null";
        break;
    case SCALAR_OTHER:
        from = "an array or object";
        break;
    }
    len = from == scalar->text ? scalar->len : strlen(from);
    if (len >= size)
        len = size - 1;
    memcpy(text, from, len);
    text[len] = '\0';
}
