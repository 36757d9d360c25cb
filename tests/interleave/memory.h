/* Shared memory as C11 lets threads see it: each location has the list of the numbers that were
 * stored to it, its messages, and each thread has a view, which says for each location from which
 * message on it may still read. README.md says which behaviours this covers. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_MEMORY_H
#define TAGFERRY_TESTS_INTERLEAVE_MEMORY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { LOCATIONS_MAX = 256, MESSAGES_MAX = 16 };

/* For each location the index of the oldest message that can be read. */
struct view {
    uint8_t oldest[LOCATIONS_MAX];
};

/* Empties the memory model and puts the numbers back into the real memory that it has changed. */
void memory_reset(void);
/* The real memory, where all numbers are that were there before the execution. */
uint64_t memory_plain_load(const volatile void *at, size_t size);
void memory_plain_store(volatile void *at, size_t size, uint64_t number);

/* The messages that a thread with this view may read, the oldest first, and their number; 0 if
 * nobody has stored there. Leaves out a message if an older one has the same number and tells no
 * more: then everything that can follow the newer one can follow the older one, too. */
unsigned memory_choices(const struct view *view, const volatile void *at,
                        uint8_t messages[MESSAGES_MAX]);
/* Reads one of these messages; `message` is ignored if nobody has stored there. */
uint64_t memory_load(struct view *view, const volatile void *at, size_t size, memory_order order,
                     uint8_t message);
void memory_store(struct view *view, volatile void *at, size_t size, memory_order order,
                  uint64_t number);
/* Replaces the newest number, as any read-modify-write does, by `number` and returns it. `add` is
 * for additions, else the bits are set. */
uint64_t memory_rmw(struct view *view, volatile void *at, size_t size, memory_order order,
                    bool is_addition, uint64_t number);

/* What the first view knows, the second one knows then, too. */
void memory_join(struct view *to, const struct view *from);
/* The view of a thread that knows all that was stored. */
void memory_see_all(struct view *view);
/* The newest number, of which the kernel compares that of a futex. */
uint64_t memory_newest(const volatile void *at, size_t size);
uint64_t memory_hash_view(const struct view *view, uint64_t hash);

#endif
