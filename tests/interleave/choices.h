/* Choices of a depth-first search that runs the program again for each execution. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_CHOICES_H
#define TAGFERRY_TESTS_INTERLEAVE_CHOICES_H

#include <stdbool.h>
#include <stdint.h>

#include "common/base/require.h"

enum { CHOICES_MAX = 1024 };

struct choices {
    unsigned depth, count;
    unsigned repeated; /* choices that are as in the execution before, and the one that differs */
    struct {
        uint16_t chosen, of;
    } list[CHOICES_MAX];
};

/* The number of an alternative, below `of`: the first one, or as the execution before. */
static inline unsigned choices_take(struct choices *choices, unsigned of)
{
    if (of == 1)
        return 0;
    REQUIRE(of > 0 && choices->depth < CHOICES_MAX);
    if (choices->depth == choices->count) {
        choices->list[choices->count].chosen = 0;
        choices->list[choices->count++].of = (uint16_t)of;
    }
    REQUIRE(choices->list[choices->depth].of == of);
    return choices->list[choices->depth++].chosen;
}

/* Goes to the next execution. False when there is none. */
static inline bool choices_advance(struct choices *choices)
{
    while (choices->count > 0 &&
           choices->list[choices->count - 1].chosen + 1 == choices->list[choices->count - 1].of)
        choices->count--;
    choices->depth = 0;
    choices->repeated = choices->count;
    if (choices->count == 0)
        return false;
    choices->list[choices->count - 1].chosen++;
    return true;
}

/* True when this execution differs from the one before in a choice that it has taken already. */
static inline bool choices_are_new(const struct choices *choices)
{
    return choices->depth >= choices->repeated;
}

#endif
