/* Threads of a scenario: each has a stack, and runs until it gives way. */
#ifndef TAGFERRY_TESTS_INTERLEAVE_COROUTINE_H
#define TAGFERRY_TESTS_INTERLEAVE_COROUTINE_H

#include <stdbool.h>

struct coroutine;

struct coroutine *coroutine_create(void);
void coroutine_destroy(struct coroutine *coroutine);
/* Begins the body at the next resume. A body that has not ended is abandoned. */
void coroutine_start(struct coroutine *coroutine, void (*body)(void));
/* Runs the body until it gives way or ends. False when it has ended. */
bool coroutine_resume(struct coroutine *coroutine);
/* Returns from coroutine_resume; for the body. */
void coroutine_give_way(struct coroutine *coroutine);

#endif
