/* Growable arrays. Any struct with these three members is one: an array of the caller's own type,
 * which is indexed, sorted and freed as such.
 *
 *     struct polls {
 *         struct poll *item;
 *         size_t count, room;
 *     };
 *
 * Zero it before use, and free(item) after. The functions never end the process: whoever adds says
 * what happens without memory. */
#ifndef TAGFERRY_COMMON_BASE_ARRAY_H
#define TAGFERRY_COMMON_BASE_ARRAY_H

#include <stdbool.h>
#include <stddef.h>

/* For an array that needs no name of its own: ARRAY_OF(struct poll) polls; */
#define ARRAY_OF(type)                                                                             \
    struct {                                                                                       \
        type *item;                                                                                \
        size_t count, room;                                                                        \
    }

/* True when `more` further items fit, for which memory is taken if need be; it doubles at least.
 * False with errno without memory, or when so many could not be addressed: the array is then as it
 * was. */
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
