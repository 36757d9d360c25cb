/* Memory for a program that runs one command: it stays until the program ends.
 *
 * Where memory is short, these functions print so and end the program with status 1, so that no
 * caller checks for NULL. cJSON allocates with them, too. What runs for long, such as `watch`,
 * frees what it takes with malloc. Not thread-safe. */
#ifndef TAGFERRY_CTL_BASE_KEEP_H
#define TAGFERRY_CTL_BASE_KEEP_H

#include <stdarg.h>
#include <stddef.h>

/* Call it before any other function of this program. */
void keep_init(void);

/* Zeroed bytes. */
void *keep_zeroed(size_t size);
/* Bytes, with a NUL behind them. */
char *keep_bytes(const char *bytes, size_t len);
char *keep_text(const char *text);
__attribute__((format(printf, 1, 2))) char *keep_format(const char *format, ...);
__attribute__((format(printf, 1, 0))) char *keep_format_list(const char *format, va_list args);
/* Returns `old`, which may be NULL, with another size: grown bytes are not zeroed. Nothing of it
 * stays at the old place. */
void *keep_resize(void *old, size_t size);

/* A place in the order of allocations. What runs for long releases what a turn has kept. */
void *keep_mark(void);
/* Frees all that was kept after the mark, and the mark. Blocks that were kept before it and grew
 * stay. */
void keep_release(void *mark);

/* malloc and realloc that end the program where memory is short. The caller frees. */
void *keep_malloc(size_t size);
void *keep_realloc(void *old, size_t size);

#endif
