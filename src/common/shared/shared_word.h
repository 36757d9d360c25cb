/* Words of the shared files: atomic, stored with release and loaded with acquire, so that a reader
 * that sees a new word also sees all words that were stored before it. */
#ifndef TAGFERRY_COMMON_SHARED_SHARED_WORD_H
#define TAGFERRY_COMMON_SHARED_SHARED_WORD_H

#include <stdatomic.h>
#include <stdint.h>

typedef _Atomic uint64_t word;

_Static_assert(ATOMIC_LLONG_LOCK_FREE == 2, "processes share atomic words without a lock");
_Static_assert(sizeof(word) == sizeof(uint64_t), "a word has the size of its number");

static inline uint64_t shared_word_load(const word *at)
{
    return atomic_load_explicit(at, memory_order_acquire);
}

static inline void shared_word_store(word *at, uint64_t number)
{
    atomic_store_explicit(at, number, memory_order_release);
}

#endif
