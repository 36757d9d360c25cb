/* A map from names to pointers, in the memory of a request. Pure. */
#ifndef TAGFERRY_API_BASE_STRING_MAP_H
#define TAGFERRY_API_BASE_STRING_MAP_H

#include "api/base/arena.h"

struct string_map_entry {
    const char *name;
    void *value;
};

/* Set the arena and zero the rest before use. */
struct string_map {
    struct arena *arena;
    struct string_map_entry *entries; /* open addressing; a power of two */
    size_t count, capacity;
};

/* Returns the value of a name, or NULL. */
void *string_map_find(const struct string_map *map, const char *name);
/* Adds a name that the map does not have. The name is not copied and must outlive the map. */
void string_map_add(struct string_map *map, const char *name, void *value);

#endif
