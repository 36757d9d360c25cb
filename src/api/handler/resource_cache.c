/* A hash table in which a newer answer replaces an older one of the same slot. */
#include "api/handler/resource_cache.h"

#include <stdlib.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "common/base/hash.h"
#include "common/base/require.h"

enum { RESOURCE_CACHE_SLOTS = 1024, BODY_BYTES_MAX = 4096 };

_Static_assert((RESOURCE_CACHE_SLOTS & (RESOURCE_CACHE_SLOTS - 1)) == 0, "a cheap remainder");

static size_t resource_cache_slot_of(const char *path)
{
    return hash32_add_text(HASH32_START, path) % RESOURCE_CACHE_SLOTS;
}

const struct cached_resource *resource_cache_find(const struct resource_cache *resource_cache,
                                                  const char *path, uint64_t version)
{
    if (!resource_cache->slots || version == 0)
        return NULL;
    const struct cached_resource *answer = &resource_cache->slots[resource_cache_slot_of(path)];
    return answer->version == version && answer->path && strcmp(answer->path, path) == 0 ? answer
                                                                                         : NULL;
}

void resource_cache_keep(struct resource_cache *resource_cache, const char *path, uint64_t version,
                         int64_t revision, const struct text *body)
{
    REQUIRE(path && body->data);
    if (version == 0 || body->len > BODY_BYTES_MAX)
        return;
    if (!resource_cache->slots &&
        !(resource_cache->slots = calloc(RESOURCE_CACHE_SLOTS, sizeof *resource_cache->slots)))
        return;
    struct cached_resource *answer = &resource_cache->slots[resource_cache_slot_of(path)];
    char *copy = memory_try_strdup(path);
    if (!copy || !text_keep_copy(&answer->body, body)) {
        memory_free(copy);
        return;
    }
    memory_free(answer->path);
    answer->path = copy;
    answer->version = version;
    answer->revision = revision;
}

void resource_cache_finish(struct resource_cache *resource_cache)
{
    for (size_t i = 0; resource_cache->slots && i < RESOURCE_CACHE_SLOTS; i++) {
        memory_free(resource_cache->slots[i].path);
        text_finish(&resource_cache->slots[i].body);
    }
    free(resource_cache->slots);
    *resource_cache = (struct resource_cache){0};
}
