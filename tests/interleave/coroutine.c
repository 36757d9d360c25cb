/* Coroutines. A context begins each stack; the switches are jumps, which make no system call.
 * AddressSanitizer is told of each switch. */
#undef _FORTIFY_SOURCE /* it takes a jump to another stack for an error */
#include "coroutine.h"

#include <setjmp.h>
#include <stddef.h>
#include <stdlib.h>
#include <ucontext.h>

#include "common/base/require.h"

#ifdef __SANITIZE_ADDRESS__
#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#endif

enum { STACK_SIZE = 256 * 1024 };

struct coroutine {
    jmp_buf bottom, own, caller;
    void (*body)(void);
    bool has_begun, has_ended;
    const void *caller_stack;
    size_t caller_stack_size;
    void *caller_fake, *own_fake;
    ucontext_t first, first_caller;
    char stack[STACK_SIZE];
};

static struct coroutine *coroutine_new; /* the argument of coroutine_run_bodies */

static void coroutine_leave(struct coroutine *coroutine, void **fake)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(fake, coroutine->caller_stack, coroutine->caller_stack_size);
#endif
    (void)fake;
    _longjmp(coroutine->caller, 1);
}

static void coroutine_arrive(struct coroutine *coroutine, void *fake)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(fake, &coroutine->caller_stack, &coroutine->caller_stack_size);
#endif
    (void)coroutine, (void)fake;
}

/* Each start of a body jumps to the bottom of the stack. */
static void coroutine_run_bodies(void)
{
    struct coroutine *volatile coroutine = coroutine_new;
    coroutine_arrive(coroutine, NULL);
    if (_setjmp(coroutine->bottom) == 0)
        coroutine_leave(coroutine, &coroutine->own_fake);
    coroutine_arrive(coroutine, NULL);
    coroutine->body();
    coroutine->has_ended = true;
    coroutine_leave(coroutine, NULL);
}

static void coroutine_enter_begin(struct coroutine *coroutine)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_start_switch_fiber(&coroutine->caller_fake, coroutine->stack, STACK_SIZE);
#endif
    (void)coroutine;
}

static void coroutine_enter_end(struct coroutine *coroutine)
{
#ifdef __SANITIZE_ADDRESS__
    __sanitizer_finish_switch_fiber(coroutine->caller_fake, NULL, NULL);
#endif
    (void)coroutine;
}

struct coroutine *coroutine_create(void)
{
    struct coroutine *coroutine = calloc(1, sizeof *coroutine);
    REQUIRE(coroutine && getcontext(&coroutine->first) == 0);
    coroutine->first.uc_stack.ss_sp = coroutine->stack;
    coroutine->first.uc_stack.ss_size = STACK_SIZE;
    makecontext(&coroutine->first, coroutine_run_bodies, 0);
    coroutine_new = coroutine;
    coroutine_enter_begin(coroutine);
    if (_setjmp(coroutine->caller) == 0)
        swapcontext(&coroutine->first_caller, &coroutine->first);
    coroutine_enter_end(coroutine);
    return coroutine;
}

void coroutine_destroy(struct coroutine *coroutine)
{
    free(coroutine);
}

void coroutine_start(struct coroutine *coroutine, void (*body)(void))
{
#ifdef __SANITIZE_ADDRESS__
    ASAN_UNPOISON_MEMORY_REGION(coroutine->stack, STACK_SIZE);
#endif
    coroutine->body = body;
    coroutine->has_begun = coroutine->has_ended = false;
}

bool coroutine_resume(struct coroutine *coroutine)
{
    REQUIRE(!coroutine->has_ended);
    coroutine_enter_begin(coroutine);
    if (_setjmp(coroutine->caller) == 0) {
        if (coroutine->has_begun)
            _longjmp(coroutine->own, 1);
        coroutine->has_begun = true;
        _longjmp(coroutine->bottom, 1);
    }
    coroutine_enter_end(coroutine);
    return !coroutine->has_ended;
}

void coroutine_give_way(struct coroutine *coroutine)
{
    if (_setjmp(coroutine->own) == 0)
        coroutine_leave(coroutine, &coroutine->own_fake);
    coroutine_arrive(coroutine, coroutine->own_fake);
}
