/* Open addressing with linear probing, at most half full. */
#include "api/base/string_map.h"

#include "common/base/require.h"

#include <stdint.h>
#include <string.h>

#include "common/base/hash.h"

/* Returns the entry of the name, or the free entry for it. */
static struct string_map_entry *string_map_probe(const struct string_map *map, const char *name)
{
    uint64_t hash = hash64_add_text(HASH64_START, name);
    size_t at = (size_t)(hash ^ hash >> 29) & (map->capacity - 1);
    while (map->entries[at].name && strcmp(map->entries[at].name, name) != 0)
        at = (at + 1) & (map->capacity - 1);
    return &map->entries[at];
}

void *string_map_find(const struct string_map *map, const char *name)
{
    return map->capacity == 0 ? NULL : string_map_probe(map, name)->value;
}

void string_map_add(struct string_map *map, const char *name, void *value)
{
    if (2 * (map->count + 1) > map->capacity) {
        struct string_map old = *map;
        map->capacity = old.capacity ? 2 * old.capacity : 64;
        map->entries = arena_alloc(map->arena, map->capacity * sizeof *map->entries);
        for (size_t i = 0; i < old.capacity; i++) {
            if (old.entries[i].name)
                *string_map_probe(map, old.entries[i].name) = old.entries[i];
        }
    }
    struct string_map_entry *entry = string_map_probe(map, name);
    REQUIRE(!entry->name);
    *entry = (struct string_map_entry){name, value};
    map->count++;
}
