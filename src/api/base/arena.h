/* Memory for the time of a request: taken piece by piece, freed as a whole. Pure.
 *
 * When an allocation fails, memory_fail is called: the request ends with the answer 503. */
#ifndef TAGFERRY_API_BASE_ARENA_H
#define TAGFERRY_API_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

/* Zero it before use. */
struct arena {
    struct arena_block *blocks; /* the newest first */
};

/* Returns zeroed memory, aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* Copies `len` bytes and adds a NUL. The texts that these functions return are never NULL. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
__attribute__((format(printf, 2, 3))) char *arena_format(struct arena *arena, const char *format,
                                                         ...);
__attribute__((format(printf, 2, 0))) char *arena_vformat(struct arena *arena, const char *format,
                                                          va_list args);
/* Makes room for one more item in an array of the arena that has `count` items and room for
 * *capacity, both 0 at first: returns `items`, or a copy with twice the room. */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity,
                 size_t item_size);
/* Frees all pieces. The arena can be used again. */
void arena_finish(struct arena *arena);

#endif
