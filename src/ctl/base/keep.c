/* A list of blocks, which the end of the program frees. */
#include "ctl/base/keep.h"

#include <cjson/cJSON.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "ctl/base/ctl_status.h"

/* A header before the bytes of each block. */
struct keep_block {
    _Alignas(max_align_t) struct keep_block *before;
    struct keep_block *next;
};

static struct keep_block *newest_block;

__attribute__((noreturn)) static void keep_give_up(void)
{
    fputs("tagferryctl: no memory\n", stderr);
    exit(CTL_REFUSED);
}

static void keep_free_all(void)
{
    while (newest_block) {
        struct keep_block *before = newest_block->before;
        free(newest_block);
        newest_block = before;
    }
}

void *keep_malloc(size_t size)
{
    void *bytes = malloc(size ? size : 1);
    if (!bytes)
        keep_give_up();
    return bytes;
}

void *keep_realloc(void *old, size_t size)
{
    void *bytes = realloc(old, size ? size : 1);
    if (!bytes)
        keep_give_up();
    return bytes;
}

void keep_init(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = keep_malloc, .free_fn = free});
    atexit(keep_free_all);
}

void *keep_resize(void *old, size_t size)
{
    struct keep_block *block = old ? (struct keep_block *)old - 1 : NULL;
    if (size > SIZE_MAX - sizeof *block)
        keep_give_up();
    struct keep_block *moved = keep_realloc(block, sizeof *block + size);
    if (block) {
        if (moved->before)
            moved->before->next = moved;
    } else {
        moved->before = newest_block;
        moved->next = NULL;
        if (newest_block)
            newest_block->next = moved;
    }
    if (moved->next)
        moved->next->before = moved;
    else
        newest_block = moved;
    return moved + 1;
}

void *keep_mark(void)
{
    return keep_resize(NULL, 0);
}

void keep_release(void *mark)
{
    struct keep_block *last = (struct keep_block *)mark - 1;
    bool is_last = false;
    while (!is_last && newest_block) {
        struct keep_block *before = newest_block->before;
        is_last = newest_block == last;
        free(newest_block);
        newest_block = before;
    }
    if (newest_block)
        newest_block->next = NULL;
}

void *keep_zeroed(size_t size)
{
    return memset(keep_resize(NULL, size), 0, size);
}

char *keep_bytes(const char *bytes, size_t len)
{
    REQUIRE(bytes || len == 0);
    char *copy = keep_resize(NULL, len + 1);
    if (len > 0)
        memcpy(copy, bytes, len);
    copy[len] = '\0';
    return copy;
}

char *keep_text(const char *text)
{
    return keep_bytes(text, strlen(text));
}

char *keep_format_list(const char *format, va_list args)
{
    va_list again;
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    if (len < 0)
        keep_give_up();
    char *text = keep_resize(NULL, (size_t)len + 1);
    vsnprintf(text, (size_t)len + 1, format, again);
    va_end(again);
    return text;
}

char *keep_format(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    char *text = keep_format_list(format, args);
    va_end(args);
    return text;
}
