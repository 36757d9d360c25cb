/* FNV-1a with 32 and 64 bits, for hash tables and for digests that detect changed settings. Shared
 * files store hashes, so the functions must not change. An attacker can construct collisions: do
 * not use it for tables that grow with an attacker's input. Pure. */
#ifndef TAGFERRY_COMMON_BASE_HASH_H
#define TAGFERRY_COMMON_BASE_HASH_H

#include <stddef.h>
#include <stdint.h>

/* The initial hash. A caller may combine it with a number, such as the hash of a parent. */
#define HASH32_START UINT32_C(2166136261)
#define HASH64_START UINT64_C(14695981039346656037)

/* Each adds bytes to a hash and returns the result. The NUL of a text is not added. */
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
