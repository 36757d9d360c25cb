/* Memory of a request, and the exit when an allocation fails. Pure.
 *
 * memory_run runs a function. All that the thread allocates meanwhile belongs to a scope. When an
 * allocation fails, the function is left at once (longjmp), its allocations are freed, and
 * memory_run returns false. PostgreSQL does the same; the code in between checks no allocation.
 * Therefore the function may hold nothing else but the store of its thread_ctx (see
 * store_abort_request) and objects with a guard. The jump must not skip frames of a library: a
 * callback of SQLite or libmicrohttpd that allocates needs a memory_run of its own. */
#ifndef TAGFERRY_API_BASE_REQUEST_MEMORY_H
#define TAGFERRY_API_BASE_REQUEST_MEMORY_H

#include <stdbool.h>
#include <stddef.h>

/* The header of each piece of memory; or a guard, when `release` is set. */
struct memory_block {
    struct memory_block *next, **at; /* `at`: the pointer to this block; NULL outside a scope */
    void (*release)(void *object);
    void *object;
};

/* A scope: the memory that was allocated in it and is not freed. Zero it before use. One thread at
 * a time uses it. */
struct memory {
    struct memory_block *first; /* the newest */
};

/* Calls run(context). False when an allocation failed. Runs may be nested. */
bool memory_run(struct memory *memory, void (*run)(void *context), void *context);
/* Leaves the innermost memory_run. Outside of a memory_run, as in the commands and at the start of
 * the daemon, it says "no memory" on standard error and ends the process with status 1. */
__attribute__((noreturn)) void memory_fail(void);
/* Frees all memory of the scope. Not to be called within its memory_run. */
void memory_finish(struct memory *memory);

/* Allocate in the scope of the innermost memory_run, or in no scope outside of one. Never NULL:
 * memory_fail is called instead. */
void *memory_alloc(size_t size);
void *memory_realloc(void *old, size_t size); /* accepts NULL */
/* Allocate outside of any scope, for data that outlives a request. NULL when out of memory. */
void *memory_try_alloc(size_t size);
char *memory_try_strdup(const char *text);
/* Frees memory of all these functions. Accepts NULL. */
void memory_free(void *memory);
/* Remove a piece from its scope, or add one without a scope to that of the innermost memory_run.
 * NULL is allowed. */
void memory_disown(void *memory);
void memory_adopt(void *memory);

/* Registers release(object), which memory_fail calls when it leaves the run. The guard lies in the
 * frame that holds the object; memory_unguard removes it before that frame ends. */
void memory_guard(struct memory_block *guard, void (*release)(void *object), void *object);
void memory_unguard(struct memory_block *guard);

#endif
