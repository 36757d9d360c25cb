/* A table from names to whatever, for a request's life. Pure. */
#ifndef TAGFERRY_API_BASE_STRING_MAP_H
#define TAGFERRY_API_BASE_STRING_MAP_H

#include "api/base/arena.h"

struct names_entry {
    const char *name;
    void *value;
};

/* Zero it, except the arena, before use. */
struct names {
    struct arena *arena;
    struct names_entry *entries; /* open addressing; a power of two */
    size_t count, room;
};

/* The value of a name, or NULL. */
void *names_find(const struct names *names, const char *name);
/* Sets the value of a name, which is not there yet and is not copied. */
void names_add(struct names *names, const char *name, void *value);

#endif
