/* FNV-1a in 32 and 64 bits, byte by byte: for tables, and for digests that tell two settings apart.
 * Values of both are kept in shared files, so that the functions cannot change. Not for input that
 * an attacker may choose in great numbers. */
#ifndef TAGFERRY_COMMON_BASE_HASH_H
#define TAGFERRY_COMMON_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* What a hash starts from. A caller may mix in a number first, such as the hash of a parent. */
#define HASH32_START UINT32_C(2166136261)
#define HASH64_START UINT64_C(14695981039346656037)

/* Each adds to a hash and answers the result. Text is added without its NUL. */
static inline uint32_t hash32_add(uint32_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT32_C(16777619);
    return hash;
}

static inline uint32_t hash32_add_text(uint32_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT32_C(16777619);
    return hash;
}

static inline uint64_t hash64_add(uint64_t hash, const void *bytes, size_t len)
{
    const unsigned char *at = bytes;
    for (size_t i = 0; i < len; i++)
        hash = (hash ^ at[i]) * UINT64_C(1099511628211);
    return hash;
}

static inline uint64_t hash64_add_text(uint64_t hash, const char *text)
{
    for (; *text; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}

#endif
