/* The operations on shared memory that the modules under test call by way of shim.h. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_OPERATIONS_H
#define TAGFERRY_TESTS_INTERLEAVE_OPERATIONS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

/* A place of a source with an operation. */
struct site {
    const char *function;
    const char *operand; /* its text in the source */
    memory_order order;
    unsigned checked; /* the number of the seeding for which `is_mistaken` was computed */
    int is_mistaken;
};

enum rmw { RMW_ADD, RMW_OR };

uint64_t interleave_load(struct site *site, const volatile void *at, size_t size);
void interleave_store(struct site *site, volatile void *at, size_t size, uint64_t number);
/* Returns the number before the operation. */
uint64_t interleave_rmw(struct site *site, volatile void *at, size_t size, enum rmw operation,
                        uint64_t number);
/* Stands for the system call futex, the only one that the modules under test make themselves. */
long interleave_futex(const volatile void *at, int operation, uint32_t value);
/* The next operation is in a function like shared_word_store, on behalf of this site. */
void interleave_name_site(struct site *site);

#endif
