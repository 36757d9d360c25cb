/* Memory that lives as long as a request: taken piece by piece, given back all at once. Pure.
 *
 * When the machine has none left, memory_fail is called: the request is left, and answered 503. */
#ifndef TAGFERRY_API_BASE_ARENA_H
#define TAGFERRY_API_BASE_ARENA_H

#include <stdarg.h>
#include <stddef.h>

struct arena_block;

/* Zero it before use. */
struct arena {
    struct arena_block *blocks; /* the newest first */
};

/* Zeroed and aligned for any type. Never NULL. */
void *arena_alloc(struct arena *arena, size_t size);
/* Copies `len` bytes and ends them with a NUL. */
char *arena_strndup(struct arena *arena, const char *text, size_t len);
char *arena_strdup(struct arena *arena, const char *text);
__attribute__((format(printf, 2, 3))) char *arena_format(struct arena *arena, const char *format,
                                                         ...);
__attribute__((format(printf, 2, 0))) char *arena_vformat(struct arena *arena, const char *format,
                                                          va_list args);
/* Gives everything back; the arena may be used again. */
void arena_finish(struct arena *arena);

#endif
