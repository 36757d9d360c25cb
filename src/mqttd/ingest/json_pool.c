/* A block that only grows until its last tree is deleted. What is not in use is poisoned for
 * AddressSanitizer, as the heap would be. */
#include "mqttd/ingest/json_pool.h"

#include <cjson/cJSON.h>
#include <sanitizer/asan_interface.h>
#include <stdalign.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>

enum { JSON_POOL_BYTES = 32 * 1024, JSON_POOL_ALIGN = alignof(max_align_t) };

static _Thread_local struct {
    alignas(max_align_t) char bytes[JSON_POOL_BYTES];
    size_t used;
    size_t trees;
    bool parsing;
    bool failed; /* memory was refused since the newest parse began */
} pool;

static void json_pool_reset(void)
{
    pool.used = 0;
    ASAN_POISON_MEMORY_REGION(pool.bytes, JSON_POOL_BYTES);
}

static void *json_pool_alloc(size_t size)
{
    size_t step = (size / JSON_POOL_ALIGN + 1) *
                  JSON_POOL_ALIGN; /* at least a byte between two pieces is poisoned */
    if (!pool.parsing || size > JSON_POOL_BYTES || step > JSON_POOL_BYTES - pool.used) {
        void *piece = malloc(size);
        pool.failed |= !piece;
        return piece;
    }
    char *piece = pool.bytes + pool.used;
    pool.used += step;
    ASAN_UNPOISON_MEMORY_REGION(piece, size);
    return piece;
}

static void json_pool_free(void *piece)
{
    uintptr_t at = (uintptr_t)piece, begin = (uintptr_t)pool.bytes;
    if (at - begin >= JSON_POOL_BYTES)
        free(piece);
}

void json_pool_install(void)
{
    cJSON_InitHooks(&(cJSON_Hooks){.malloc_fn = json_pool_alloc, .free_fn = json_pool_free});
}

cJSON *json_pool_parse(const char *text, size_t len)
{
    if (pool.trees == 0)
        json_pool_reset();
    pool.failed = false;
    pool.parsing = true;
    cJSON *tree = cJSON_ParseWithLength(text, len);
    pool.parsing = false;
    pool.trees += tree != NULL;
    return tree;
}

bool json_pool_has_failed(void)
{
    return pool.failed;
}

void json_pool_delete(cJSON *tree)
{
    cJSON_Delete(tree);
    pool.trees -= tree != NULL;
}
