/* Growable arrays. Any struct with these three members is one; its items have the caller's type and
 * are indexed and sorted as usual.
 *
 *     struct polls {
 *         struct poll *item;
 *         size_t count, room;
 *     };
 *
 * Zero it before use, and free(item) after. When out of memory, the macros return false: the caller
 * decides what to do. */
#ifndef TAGFERRY_COMMON_BASE_ARRAY_H
#define TAGFERRY_COMMON_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* An array without a struct tag: ARRAY_OF(struct poll) polls; */
#define ARRAY_OF(type)                                                                             \
    struct {                                                                                       \
        type *item;                                                                                \
        size_t count, room;                                                                        \
    }

/* Makes space for `more` items; at least doubles the memory when it must grow. On error, without
 * memory or because the size overflows, false with errno ENOMEM; the array is unchanged. */
#define ARRAY_RESERVE(array, more)                                                                 \
    ((more) <= (array)->room - (array)->count ||                                                   \
     array_grow(&(array)->item, &(array)->room, (array)->count, (more), sizeof *(array)->item))

/* Adds an item at the end. False as for ARRAY_RESERVE. */
#define ARRAY_PUSH(array, value)                                                                   \
    (ARRAY_RESERVE(array, 1) && ((array)->item[(array)->count++] = (value), true))

/* Extends the array to `wanted` items, zeroed, if it has fewer. False as for ARRAY_RESERVE. */
#define ARRAY_EXTEND(array, wanted)                                                                \
    ((wanted) <= (array)->count || array_extend(&(array)->item, &(array)->room, &(array)->count,   \
                                                (wanted), sizeof *(array)->item))

/* Use the macros. `items` points to the pointer to the items. */
bool array_grow(void *items, size_t *room, size_t count, size_t more, size_t size);
bool array_extend(void *items, size_t *room, size_t *count, size_t wanted, size_t size);

#endif
