/* A set of hashes of states. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_STATE_SET_H
#define TAGFERRY_TESTS_INTERLEAVE_STATE_SET_H

#include <stdbool.h>
#include <stdint.h>

struct state_set;

struct state_set *state_set_create(void);
void state_set_destroy(struct state_set *set);
void state_set_clear(struct state_set *set);
/* False if the state is in the set already. */
bool state_set_add(struct state_set *set, uint64_t state);

#endif
