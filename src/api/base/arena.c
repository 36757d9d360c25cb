/* A list of blocks, each of which holds many small pieces. */
#include "api/base/arena.h"

#include <stdalign.h>
#include <stdio.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "common/base/require.h"

enum { ARENA_BLOCK_BYTES = 8192 };

struct arena_block {
    struct arena_block *next;
    size_t used, size;
    alignas(max_align_t) char bytes[];
};

/* Takes a piece from the newest block, or from a new one; its bytes are not set. */
static char *arena_take_piece(struct arena *arena, size_t size)
{
    size_t step = alignof(max_align_t);
    size_t rounded = (size + step - 1) / step * step;
    struct arena_block *block = arena->blocks;
    if (!block || block->size - block->used < rounded) {
        size_t bytes = rounded > ARENA_BLOCK_BYTES ? rounded : ARENA_BLOCK_BYTES;
        block = memory_alloc(sizeof *block + bytes);
        *block = (struct arena_block){.next = arena->blocks, .size = bytes};
        arena->blocks = block;
    }
    char *piece = block->bytes + block->used;
    block->used += rounded;
    return piece;
}

void *arena_alloc(struct arena *arena, size_t size)
{
    return memset(arena_take_piece(arena, size), 0, size);
}

char *arena_strndup(struct arena *arena, const char *text, size_t len)
{
    char *copy = arena_take_piece(arena, len + 1);
    memcpy(copy, text, len);
    copy[len] = '\0';
    return copy;
}

char *arena_strdup(struct arena *arena, const char *text)
{
    return arena_strndup(arena, text, strlen(text));
}

char *arena_vformat(struct arena *arena, const char *format, va_list args)
{
    char small[128], *text;
    va_list again;
    va_copy(again, args);
    size_t len = (size_t)vsnprintf(small, sizeof small, format, args);
    if (len < sizeof small) {
        text = arena_strndup(arena, small, len);
    } else {
        text = arena_take_piece(arena, len + 1);
        vsnprintf(text, len + 1, format, again);
    }
    va_end(again);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = arena_vformat(arena, format, args);
    va_end(args);
    return text;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t *capacity, size_t item_size)
{
    REQUIRE(count <= *capacity && item_size > 0);
    if (count < *capacity)
        return items;
    *capacity = count > 0 ? 2 * count : 16;
    void *grown = arena_alloc(arena, *capacity * item_size);
    if (count > 0)
        memcpy(grown, items, count * item_size);
    return grown;
}

void arena_finish(struct arena *arena)
{
    while (arena->blocks) {
        struct arena_block *next = arena->blocks->next;
        memory_free(arena->blocks);
        arena->blocks = next;
    }
}
