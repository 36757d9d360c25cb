/* Splits and decodes queries. */
#include "api/http/query.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/json_text.h"

static int hex_digit(char c)
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
            int high = len - i > 2 ? hex_digit(text[i + 1]) : -1;
            int low = len - i > 2 ? hex_digit(text[i + 2]) : -1;
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

/* True when the word is one of a list separated by blanks. */
static bool is_listed(const char *word, const char *list)
{
    size_t len = strlen(word);
    while (len > 0 && *list) {
        size_t item = strcspn(list, " ");
        if (item == len && memcmp(list, word, len) == 0)
            return true;
        list += item + (list[item] == ' ');
    }
    return false;
}

static bool add_argument(const char *name, const char *value, const char *allowed,
                         struct arena *arena, struct arguments *arguments, const char **why)
{
    if (!name || !value) {
        *why = "The query has a broken %-escape, or text that is not UTF-8.";
        return false;
    }
    if (!is_listed(name, allowed)) {
        *why = arena_format(arena, "The query has an unknown parameter \"%.64s\"; known here: %s.",
                            name, *allowed ? allowed : "none");
        return false;
    }
    if (argument(arguments, name, NULL) || arguments->count == ARGUMENTS_MAX) {
        *why = arena_format(arena, "The query has \"%s\" more than once.", name);
        return false;
    }
    arguments->item[arguments->count++] = (struct argument){name, value};
    return true;
}

bool arguments_parse(const char *query, const char *allowed, struct arena *arena,
                     struct arguments *arguments, const char **why)
{
    *arguments = (struct arguments){0};
    while (*query) {
        size_t len = strcspn(query, "&"), name_len = strcspn(query, "&=");
        size_t skip = name_len < len ? 1 : 0;
        if (len > 0 && !add_argument(percent_decode(arena, query, name_len, true),
                                     percent_decode(arena, query + name_len + skip,
                                                    len - name_len - skip, true),
                                     allowed, arena, arguments, why))
            return false;
        query += len + (query[len] == '&');
    }
    return true;
}

const char *argument(const struct arguments *arguments, const char *name, const char *fallback)
{
    for (size_t i = 0; i < arguments->count; i++) {
        if (strcmp(arguments->item[i].name, name) == 0)
            return arguments->item[i].value;
    }
    return fallback;
}

bool argument_number(const struct arguments *arguments, const char *name, long min, long max,
                     struct arena *arena, long *number, const char **why)
{
    const char *text = argument(arguments, name, NULL);
    if (!text)
        return true;
    size_t digits = strspn(text, "0123456789");
    errno = 0;
    long read = strtol(text, NULL, 10);
    if (digits == 0 || text[digits] || errno || read < min || read > max) {
        *why = arena_format(arena, "%s must be a whole number from %ld to %ld.", name, min, max);
        return false;
    }
    *number = read;
    return true;
}
