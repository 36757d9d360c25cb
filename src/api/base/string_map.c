/* Open addressing with linear probing, at most half full. */
#include "api/base/string_map.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a. */
static uint64_t hash(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

/* The entry of the name, or the free one where it would go. */
static struct names_entry *probe(const struct names *names, const char *name)
{
    size_t at = hash(name) & (names->room - 1);
    while (names->entries[at].name && strcmp(names->entries[at].name, name) != 0)
        at = (at + 1) & (names->room - 1);
    return &names->entries[at];
}

void *names_find(const struct names *names, const char *name)
{
    return names->room == 0 ? NULL : probe(names, name)->value;
}

static void grow(struct names *names)
{
    struct names old = *names;
    names->room = old.room ? 2 * old.room : 64;
    names->entries = arena_alloc(names->arena, names->room * sizeof *names->entries);
    for (size_t i = 0; i < old.room; i++) {
        if (old.entries[i].name)
            *probe(names, old.entries[i].name) = old.entries[i];
    }
}

void names_add(struct names *names, const char *name, void *value)
{
    if (2 * (names->count + 1) > names->room)
        grow(names);
    *probe(names, name) = (struct names_entry){name, value};
    names->count++;
}
