/* Open addressing with linear probing, at most half full. */
#include "api/base/string_map.h"

#include <stdint.h>
#include <string.h>

/* FNV-1a. */
static uint64_t string_map_hash(const char *name)
{
    uint64_t hash = UINT64_C(0xcbf29ce484222325);
    for (; *name; name++)
        hash = (hash ^ (unsigned char)*name) * UINT64_C(0x100000001b3);
    return hash ^ hash >> 29;
}

/* The entry of the name, or the free one where it would go. */
static struct string_map_entry *string_map_probe(const struct string_map *map, const char *name)
{
    size_t at = string_map_hash(name) & (map->room - 1);
    while (map->entries[at].name && strcmp(map->entries[at].name, name) != 0)
        at = (at + 1) & (map->room - 1);
    return &map->entries[at];
}

void *string_map_find(const struct string_map *map, const char *name)
{
    return map->room == 0 ? NULL : string_map_probe(map, name)->value;
}

static void string_map_grow(struct string_map *map)
{
    struct string_map old = *map;
    map->room = old.room ? 2 * old.room : 64;
    map->entries = arena_alloc(map->arena, map->room * sizeof *map->entries);
    for (size_t i = 0; i < old.room; i++) {
        if (old.entries[i].name)
            *string_map_probe(map, old.entries[i].name) = old.entries[i];
    }
}

void string_map_add(struct string_map *map, const char *name, void *value)
{
    if (2 * (map->count + 1) > map->room)
        string_map_grow(map);
    *string_map_probe(map, name) = (struct string_map_entry){name, value};
    map->count++;
}
