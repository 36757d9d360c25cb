/* A few pages in a ring. */
#include "api/handler/page_cache.h"

#include <string.h>

#include "api/base/request_memory.h"

void page_cache_finish(struct page_cache *cache)
{
    for (unsigned i = 0; i < CACHED_PAGES; i++) {
        memory_free(cache->pages[i].target);
        text_finish(&cache->pages[i].body);
    }
    *cache = (struct page_cache){0};
}

bool page_cache_find(struct page_cache *cache, const char *target, int64_t revision,
                     struct text *body)
{
    for (unsigned i = 0; i < CACHED_PAGES && cache->revision == revision; i++) {
        if (cache->pages[i].target && strcmp(cache->pages[i].target, target) == 0) {
            text_append(body, cache->pages[i].body.data, cache->pages[i].body.len);
            return true;
        }
    }
    return false;
}

void page_cache_keep(struct page_cache *cache, const char *target, int64_t revision,
                     const struct text *body)
{
    if (body->len > CACHED_BYTES_MAX)
        return;
    if (cache->revision != revision)
        page_cache_finish(cache);
    cache->revision = revision;
    unsigned place = cache->next % CACHED_PAGES;
    char *copy = memory_try_strdup(target);
    if (!copy || !text_keep_copy(&cache->pages[place].body, body)) {
        memory_free(copy);
        return;
    }
    memory_free(cache->pages[place].target);
    cache->pages[place].target = copy;
    cache->next++;
}
