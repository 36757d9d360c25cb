/* Memory of a request, and the way out when the machine has none left. Pure.
 *
 * memory_run runs a function; whatever this thread allocates meanwhile belongs to a scope. When an
 * allocation is refused, what the function had allocated is freed and memory_run answers false: the
 * function is left in its midst (longjmp), as PostgreSQL does it, so that none of the code in
 * between has to look after each allocation. Therefore it may hold nothing but such memory, the
 * thread_ctx's store (see store_abort_request), and what it has guarded. No frame of a library that
 * does not expect it may lie in between: a callback of SQLite or libmicrohttpd has a memory_run of
 * its own.
 */
#ifndef TAGFERRY_API_BASE_REQUEST_MEMORY_H
#define TAGFERRY_API_BASE_REQUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* In front of each piece of memory; or a guard, when `release` is set. */
struct memory_block {
    struct memory_block *next, **at; /* `at` points to what points here; NULL in no scope */
    void (*release)(void *object);
    void *object;
};

/* All that was allocated and is not freed. Zero it before use; of one thread at a time. */
struct memory {
    struct memory_block *first; /* the newest */
};

/* False when there was no memory. Scopes may be nested. */
bool memory_run(struct memory *memory, void (*run)(void *context), void *context);
/* Leaves the innermost memory_run. Without any it ends the process: so it is at the start of the
 * daemon, and in the commands. */
__attribute__((noreturn)) void memory_fail(void);
/* Frees all that belongs to the scope, outside of its memory_run. */
void memory_finish(struct memory *memory);

/* Never NULL. In no memory_run they belong to nobody but their user. */
void *memory_alloc(size_t size);
void *memory_realloc(void *old, size_t size); /* takes NULL */
/* Belongs to no scope, for what outlives a request. NULL when there is no memory. */
void *memory_try_alloc(size_t size);
char *memory_try_strdup(const char *text);
/* Frees what any of these gave. Takes NULL. */
void memory_free(void *memory);
/* Takes a piece out of its scope, or one that is in none into that of the run. Takes NULL. */
void memory_disown(void *memory);
void memory_adopt(void *memory);

/* Has `release` called with the object if the run is left. In the frame that holds the object;
 * unguard before that ends. */
void memory_guard(struct memory_block *guard, void (*release)(void *object), void *object);
void memory_unguard(struct memory_block *guard);

#endif
