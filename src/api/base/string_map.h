/* A table from names to whatever, for a request's life. Pure. */
#ifndef TAGFERRY_API_BASE_STRING_MAP_H
#define TAGFERRY_API_BASE_STRING_MAP_H

#include "api/base/arena.h"

struct string_map_entry {
    const char *name;
    void *value;
};

/* Zero it, except the arena, before use. */
struct string_map {
    struct arena *arena;
    struct string_map_entry *entries; /* open addressing; a power of two */
    size_t count, room;
};

/* The value of a name, or NULL. */
void *string_map_find(const struct string_map *map, const char *name);
/* Sets the value of a name, which is not there yet and is not copied. */
void string_map_add(struct string_map *map, const char *name, void *value);

#endif
