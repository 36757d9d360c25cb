/* The letters of Latin-1 and Latin Extended-A, with the spellings that their readers expect. */
#include "api/base/plain_name.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

/* U+00C0 to U+00FF. */
static const char latin1_letters[64][3] = {
    "A", "A", "A", "A", "Ae", "A", "Ae", "C", "E",  "E", "E", "E", "I",  "I", "I",  "I",
    "D", "N", "O", "O", "O",  "O", "Oe", "x", "Oe", "U", "U", "U", "Ue", "Y", "Th", "ss",
    "a", "a", "a", "a", "ae", "a", "ae", "c", "e",  "e", "e", "e", "i",  "i", "i",  "i",
    "d", "n", "o", "o", "o",  "o", "oe", "",  "oe", "u", "u", "u", "ue", "y", "th", "y",
};
/* U+0100 to U+017F. */
static const char extended_letters[] =
    "AaAaAaCcCcCcCcDdDdEeEeEeEeEeGgGgGgGgHhHhIiIiIiIiIiIiJjKkkLlLlLlLlLlNnNnNnnNnOoOoOoOo"
    "RrRrRrSsSsSsSsTtTtTtUuUuUuUuUuUuWwYyYZzZzZzs";
_Static_assert(sizeof extended_letters - 1 == 128, "a letter for each character");

/* Returns the plain letters of the character at `at`, "" for one that only decorates, NULL for any
 * other; *len receives the character's bytes. */
static const char *plain_letters_of(const unsigned char *at, size_t *len, char one[2])
{
    bool plain = (*at >= 'A' && *at <= 'Z') || (*at >= 'a' && *at <= 'z') ||
                 (*at >= '0' && *at <= '9') || *at == '.' || *at == '_' || *at == '-';
    *len = 1;
    one[0] = (char)*at;
    one[1] = '\0';
    if (plain)
        return one;
    if (*at == '\'')
        return "";
    if (*at < 0x80)
        return NULL;
    while ((at[*len] & 0xc0) == 0x80)
        ++*len;
    if (*len != 2)
        return NULL;
    unsigned code = (at[0] & 0x1fU) << 6 | (at[1] & 0x3fU);
    if (code >= 0xc0 && code <= 0xff)
        return latin1_letters[code - 0xc0];
    if (code >= 0x100 && code <= 0x17f) {
        one[0] = extended_letters[code - 0x100];
        return one;
    }
    switch (code) {
    case 0xb0: /* degree */
        return "";
    case 0xb2:
        return "2";
    case 0xb3:
        return "3";
    case 0xb5: /* micro */
        return "u";
    default:
        return NULL;
    }
}

const char *plain_name_make(struct arena *arena, const char *text, const char *fallback)
{
    char name[PLAIN_NAME_MAX + 4], one[2];
    size_t used = 0, len;
    bool gap = false;
    for (const unsigned char *at = (const unsigned char *)text; *at; at += len) {
        const char *letters = plain_letters_of(at, &len, one);
        bool separates = !letters || strcmp(letters, "_") == 0;
        /* A name begins with a letter or digit. */
        if (separates || (used == 0 && strspn(letters, ".-") > 0)) {
            gap = used > 0;
            continue;
        }
        size_t more = strlen(letters) + (gap && *letters);
        if (used + more > PLAIN_NAME_MAX)
            break;
        if (gap && *letters)
            name[used++] = '_';
        gap = gap && !*letters;
        for (; *letters; letters++)
            name[used++] = *letters;
    }
    while (used > 0 && strchr(".-_", name[used - 1]))
        used--;
    return used > 0 ? arena_strndup(arena, name, used) : fallback;
}

const char *plain_name_number(struct arena *arena, const char *name, unsigned number)
{
    char end[12];
    size_t room = PLAIN_NAME_MAX - (size_t)snprintf(end, sizeof end, "_%u", number);
    return arena_format(arena, "%.*s%s", (int)room, name, end);
}

size_t plain_name_fold(const char *text, char *folded, size_t size)
{
    char one[2];
    size_t used = 0, len;
    for (const unsigned char *at = (const unsigned char *)text; *at; at += len) {
        const char *letters = plain_letters_of(at, &len, one);
        if (!letters || strspn(letters, "._-") > 0)
            continue;
        for (; *letters && used + 1 < size; letters++)
            folded[used++] =
                (char)(*letters >= 'A' && *letters <= 'Z' ? *letters - 'A' + 'a' : *letters);
    }
    folded[used] = '\0';
    return used;
}

const char *plain_name_make_unique(struct string_map *names, const char *name)
{
    const char *unique = name;
    unsigned *next = string_map_find(names, name); /* the number that the next such name gets */
    while (next && string_map_find(names, unique))
        unique = plain_name_number(names->arena, name, ++*next);
    next = arena_alloc(names->arena, sizeof *next);
    *next = 1;
    string_map_add(names, unique, next);
    return unique;
}
