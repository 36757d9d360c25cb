/* Memory that is given out in pieces and freed as a whole. Not thread-safe. Pure. */
#ifndef TAGFERRY_COMMON_BASE_CHUNKS_H
#define TAGFERRY_COMMON_BASE_CHUNKS_H

#include <stddef.h>

struct chunk;

/* The pieces begin at a multiple of this many bytes. */
enum { CHUNK_ALIGN = _Alignof(max_align_t) };

/* The bytes that a piece of this size takes. */
size_t chunk_piece_bytes(size_t size);
/* Returns a piece, aligned as malloc's. *chunks is the newest chunk, NULL at first; a new one has
 * `chunk_bytes` bytes, or as many as the piece needs. NULL when out of memory. */
void *chunk_alloc(struct chunk **chunks, size_t size, size_t chunk_bytes);
/* Frees all pieces, and keeps one chunk for the next ones. */
void chunk_reset_all(struct chunk **chunks);
/* Frees all pieces and chunks; *chunks becomes NULL. */
void chunk_free_all(struct chunk **chunks);

#endif
