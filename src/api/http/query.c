/* Splits and decodes queries, encodes and decodes percent-escapes. */
#include "api/http/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

static int percent_hex_digit(char c)
{
    static const char digits[] = "0123456789abcdef";
    const char *at = c ? strchr(digits, c >= 'A' && c <= 'F' ? c + 'a' - 'A' : c) : NULL;
    return at ? (int)(at - digits) : -1;
}

const char *percent_decode(struct arena *arena, const char *text, size_t len, bool plus)
{
    char *decoded = arena_alloc(arena, len + 1);
    size_t used = 0;
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (c == '%') {
            int high = len - i > 2 ? percent_hex_digit(text[i + 1]) : -1;
            int low = len - i > 2 ? percent_hex_digit(text[i + 2]) : -1;
            if (high < 0 || low < 0)
                return NULL;
            c = (char)(high * 16 + low);
            i += 2;
        } else if (c == '+' && plus) {
            c = ' ';
        }
        if (c == '\0')
            return NULL;
        decoded[used++] = c;
    }
    return utf8_is_valid(decoded, used) ? decoded : NULL;
}

const char *percent_encode(struct arena *arena, const char *text)
{
    static const char plain[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~";
    static const char digits[] = "0123456789ABCDEF";
    char *encoded = arena_alloc(arena, 3 * strlen(text) + 1), *to = encoded;
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (strchr(plain, *text)) {
            *to++ = *text;
        } else {
            *to++ = '%';
            *to++ = digits[c >> 4];
            *to++ = digits[c & 15];
        }
    }
    return encoded;
}

static bool query_params_add(const char *name, const char *value, const char *allowed,
                             struct arena *arena, struct query_params *query_params,
                             const char **why)
{
    if (!name || !value) {
        *why = "The query contains an invalid %-escape, or text that is not UTF-8.";
        return false;
    }
    bool known = false, repeats = false;
    for (const char *at = allowed; *at && !known; at += strspn(at, " ")) {
        size_t len = strcspn(at, " *");
        known = len == strlen(name) && memcmp(at, name, len) == 0;
        repeats = at[len] == '*';
        at += strcspn(at, " ");
    }
    if (!known) {
        *why = arena_format(arena, "Unknown query parameter \"%.64s\"; this path supports: %s.",
                            name, *allowed ? allowed : "none");
        return false;
    }
    if (query_params->count == QUERY_PARAMS_MAX) {
        *why = arena_format(arena, "The query has more than %d parameters.", QUERY_PARAMS_MAX);
        return false;
    }
    if (!repeats && query_param(query_params, name, NULL)) {
        *why = arena_format(arena, "The query parameter \"%s\" appears more than once.", name);
        return false;
    }
    query_params->item[query_params->count++] = (struct query_param){name, value};
    return true;
}

bool query_params_parse(const char *query, const char *allowed, struct arena *arena,
                        struct query_params *query_params, const char **why)
{
    *query_params = (struct query_params){0};
    while (*query) {
        size_t len = strcspn(query, "&"), name_len = strcspn(query, "&=");
        size_t skip = name_len < len ? 1 : 0;
        if (len > 0 && !query_params_add(percent_decode(arena, query, name_len, true),
                                         percent_decode(arena, query + name_len + skip,
                                                        len - name_len - skip, true),
                                         allowed, arena, query_params, why))
            return false;
        query += len + (query[len] == '&');
    }
    return true;
}

const char *query_param(const struct query_params *query_params, const char *name,
                        const char *fallback)
{
    for (size_t i = 0; i < query_params->count; i++) {
        if (strcmp(query_params->item[i].name, name) == 0)
            return query_params->item[i].value;
    }
    return fallback;
}

bool query_param_number(const struct query_params *query_params, const char *name, int64_t min,
                        int64_t max, struct arena *arena, int64_t *number, const char **why)
{
    const char *text = query_param(query_params, name, NULL);
    REQUIRE(min >= 0 && min <= max);
    if (!text)
        return true;
    size_t digits = strspn(text, "0123456789");
    errno = 0;
    long long read = strtoll(text, NULL, 10);
    if (digits == 0 || text[digits] || errno || read < min || read > max) {
        *why = arena_format(arena, "%s must be an integer from %lld to %lld.", name, (long long)min,
                            (long long)max);
        return false;
    }
    *number = read;
    return true;
}
