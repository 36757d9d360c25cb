/* Replaces the atomic operations of a source by calls into the explorer. The build includes this
 * file before the first line of the modules under test, which are otherwise compiled as they are.
 *
 * Each place of a source with an operation is a site. It has the function and the text of the
 * operand, so that a mistake can be seeded there by name. A fence, and any operation that is not
 * here, does not compile: the model has to know it first. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_SHIM_H
#define TAGFERRY_TESTS_INTERLEAVE_SHIM_H

#include <stdatomic.h>
#include <unistd.h>

#include "operations.h"

#undef atomic_load_explicit
#undef atomic_store_explicit
#undef atomic_fetch_add_explicit
#undef atomic_fetch_add
#undef atomic_fetch_or
#undef atomic_fetch_or_explicit
#undef atomic_load
#undef atomic_store
#undef atomic_thread_fence
#undef atomic_exchange
#undef atomic_exchange_explicit
#undef atomic_compare_exchange_strong
#undef atomic_compare_exchange_weak

#define INTERLEAVE_SITE(text, with)                                                                \
    static struct site site_here = {.operand = text, .order = with};                               \
    site_here.function = __func__

#define atomic_load_explicit(object, with)                                                         \
    __extension__({                                                                                \
        INTERLEAVE_SITE(#object, with);                                                            \
        (__typeof__((void)0, *(object)))interleave_load(&site_here, object, sizeof *(object));     \
    })
#define atomic_store_explicit(object, number, with)                                                \
    __extension__({                                                                                \
        INTERLEAVE_SITE(#object, with);                                                            \
        interleave_store(&site_here, object, sizeof *(object), number);                            \
    })
#define atomic_fetch_add_explicit(object, number, with)                                            \
    __extension__({                                                                                \
        INTERLEAVE_SITE(#object, with);                                                            \
        (__typeof__((void)0, *(object)))interleave_rmw(&site_here, object, sizeof *(object),       \
                                                       RMW_ADD, number);                           \
    })
#define atomic_fetch_or_explicit(object, number, with)                                             \
    __extension__({                                                                                \
        INTERLEAVE_SITE(#object, with);                                                            \
        (__typeof__((void)0, *(object)))interleave_rmw(&site_here, object, sizeof *(object),       \
                                                       RMW_OR, number);                            \
    })
#define atomic_fetch_add(object, number)                                                           \
    atomic_fetch_add_explicit(object, number, memory_order_seq_cst)
#define atomic_fetch_or(object, number)                                                            \
    atomic_fetch_or_explicit(object, number, memory_order_seq_cst)

#define syscall(call, at, operation, value, timeout, ...)                                          \
    ((void)(call), (void)(timeout), interleave_futex(at, operation, value))

#include "common/shared/shared_word.h"

#define shared_word_load(object)                                                                   \
    __extension__({                                                                                \
        const word *loaded_here = (object);                                                        \
        INTERLEAVE_SITE(#object, memory_order_relaxed);                                            \
        interleave_name_site(&site_here);                                                          \
        (shared_word_load)(loaded_here);                                                           \
    })
#define shared_word_store(object, number)                                                          \
    __extension__({                                                                                \
        word *stored_here = (object);                                                              \
        uint64_t number_here = (number);                                                           \
        INTERLEAVE_SITE(#object, memory_order_relaxed);                                            \
        interleave_name_site(&site_here);                                                          \
        (shared_word_store)(stored_here, number_here);                                             \
    })

#endif
