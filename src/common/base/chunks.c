/* A list of blocks: pieces come from the newest one. */
#include "common/base/chunks.h"

#include <stdlib.h>

struct chunk {
    struct chunk *next; /* the one before */
    size_t used, size;
    _Alignas(max_align_t) char bytes[];
};

size_t chunk_piece_bytes(size_t size)
{
    return (size + CHUNK_ALIGN - 1) / CHUNK_ALIGN * CHUNK_ALIGN;
}

void *chunk_alloc(struct chunk **chunks, size_t size, size_t chunk_bytes)
{
    struct chunk *chunk = *chunks;
    size_t step = chunk_piece_bytes(size);
    if (step < size)
        return NULL;
    if (!chunk || chunk->size - chunk->used < step) {
        size_t room = step > chunk_bytes ? step : chunk_bytes;
        chunk = malloc(sizeof *chunk + room);
        if (!chunk)
            return NULL;
        *chunk = (struct chunk){.next = *chunks, .size = room};
        *chunks = chunk;
    }
    void *piece = chunk->bytes + chunk->used;
    chunk->used += step;
    return piece;
}

void chunk_reset_all(struct chunk **chunks)
{
    while (*chunks && (*chunks)->next) {
        struct chunk *next = (*chunks)->next;
        free(*chunks);
        *chunks = next;
    }
    if (*chunks)
        (*chunks)->used = 0;
}

void chunk_free_all(struct chunk **chunks)
{
    chunk_reset_all(chunks);
    free(*chunks);
    *chunks = NULL;
}
