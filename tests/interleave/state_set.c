/* An open hash table, which is cleared by a new generation of its places. */
#include "state_set.h"

#include <stdlib.h>

#include "common/base/require.h"

enum { PLACES = 1 << 20 };

struct state_set {
    uint32_t generation, count;
    struct {
        uint64_t state;
        uint32_t generation;
    } places[PLACES];
};

struct state_set *state_set_create(void)
{
    struct state_set *set = calloc(1, sizeof *set);
    REQUIRE(set);
    set->generation = 1;
    return set;
}

void state_set_destroy(struct state_set *set)
{
    free(set);
}

void state_set_clear(struct state_set *set)
{
    set->generation++;
    set->count = 0;
}

bool state_set_add(struct state_set *set, uint64_t state)
{
    size_t i = (size_t)(state * UINT64_C(0x9e3779b97f4a7c15) >> 40) % PLACES;
    for (; set->places[i].generation == set->generation; i = (i + 1) % PLACES)
        if (set->places[i].state == state)
            return false;
    REQUIRE(++set->count < PLACES / 2);
    set->places[i].state = state;
    set->places[i].generation = set->generation;
    return true;
}
