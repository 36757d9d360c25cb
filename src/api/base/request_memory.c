/* Each scope has a list of blocks; a run remembers where its own blocks begin. */
#include "api/base/request_memory.h"

#include "common/base/require.h"

#include <setjmp.h>
#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A memory_run that has not returned. */
struct memory_run_frame {
    struct memory_run_frame *outer;
    struct memory *memory;
    struct memory_block mark; /* in the list: the blocks before it are newer than the run */
    jmp_buf way_out;
};

/* The innermost memory_run of each thread. It is a global because cJSON, too, allocates through
 * these functions, and its hooks take no context. */
static _Thread_local struct memory_run_frame *innermost;

_Static_assert(sizeof(struct memory_block) % alignof(max_align_t) == 0, "memory is aligned");

static void memory_link_block(struct memory_block *block, struct memory_block **at)
{
    block->at = at;
    block->next = *at;
    if (block->next)
        block->next->at = &block->next;
    *at = block;
}

static void memory_unlink_block(struct memory_block *block)
{
    if (!block->at)
        return;
    *block->at = block->next;
    if (block->next)
        block->next->at = block->at;
    block->at = NULL;
}

/* Frees the blocks that are newer than `end`; all when it is NULL. */
static void memory_free_until(struct memory *memory, const struct memory_block *end)
{
    while (memory->first != end) {
        struct memory_block *block = memory->first;
        memory_unlink_block(block);
        if (block->release)
            block->release(block->object);
        else
            free(block);
    }
}

/* No local variable of this frame changes after setjmp. */
static bool memory_enter_run(struct memory_run_frame *here, void (*run)(void *context),
                             void *context)
{
    if (setjmp(here->way_out) != 0)
        return false;
    run(context);
    return true;
}

bool memory_run(struct memory *memory, void (*run)(void *context), void *context)
{
    struct memory_run_frame here = {.outer = innermost, .memory = memory};
    memory_link_block(&here.mark, &memory->first);
    innermost = &here;
    bool enough = memory_enter_run(&here, run, context);
    REQUIRE(innermost == &here);
    innermost = here.outer;
    memory_unlink_block(&here.mark);
    return enough;
}

void memory_fail(void)
{
    struct memory_run_frame *run = innermost;
    if (!run) {
        fputs("no memory\n", stderr);
        _exit(EXIT_FAILURE);
    }
    memory_free_until(run->memory, &run->mark);
    longjmp(run->way_out, 1);
}

void memory_finish(struct memory *memory)
{
    memory_free_until(memory, NULL);
}

static struct memory_block *memory_block_of(void *memory)
{
    return (struct memory_block *)memory - 1;
}

void *memory_try_alloc(size_t size)
{
    struct memory_block *block =
        size < SIZE_MAX - sizeof *block ? malloc(sizeof *block + size) : NULL;
    if (!block)
        return NULL;
    *block = (struct memory_block){0};
    return block + 1;
}

char *memory_try_strdup(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = memory_try_alloc(size);
    return copy ? memcpy(copy, text, size) : NULL;
}

void *memory_alloc(size_t size)
{
    void *memory = memory_try_alloc(size);
    if (!memory)
        memory_fail();
    memory_adopt(memory);
    return memory;
}

/* The block keeps its position in the list, so that a run that fails frees only its own blocks. */
void *memory_realloc(void *old, size_t size)
{
    if (!old)
        return memory_alloc(size);
    struct memory_block *block = memory_block_of(old), **at = block->at;
    memory_unlink_block(block);
    struct memory_block *moved =
        size < SIZE_MAX - sizeof *block ? realloc(block, sizeof *block + size) : NULL;
    if (at)
        memory_link_block(moved ? moved : block, at);
    if (!moved)
        memory_fail();
    return moved + 1;
}

void memory_free(void *memory)
{
    if (!memory)
        return;
    memory_unlink_block(memory_block_of(memory));
    free(memory_block_of(memory));
}

void memory_disown(void *memory)
{
    if (memory)
        memory_unlink_block(memory_block_of(memory));
}

void memory_adopt(void *memory)
{
    if (memory && innermost)
        memory_link_block(memory_block_of(memory), &innermost->memory->first);
}

void memory_guard(struct memory_block *guard, void (*release)(void *object), void *object)
{
    REQUIRE(release);
    *guard = (struct memory_block){.release = release, .object = object};
    if (innermost)
        memory_link_block(guard, &innermost->memory->first);
}

void memory_unguard(struct memory_block *guard)
{
    memory_unlink_block(guard);
}
