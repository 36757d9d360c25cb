/* Two caches of answers, each of one thread: single resources by path, and pages of lists by
 * request target. Both hold as long as the store does not change. Pure. */
#ifndef TAGFERRY_API_HANDLER_RESPONSE_CACHE_H
#define TAGFERRY_API_HANDLER_RESPONSE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/base/text.h"

struct cached_resource {
    char *path;
    uint64_t version; /* of the store when it was made, see store_read_version */
    int64_t revision; /* of the resource */
    struct text body;
};

/* Answers to GET of one resource. Zero it before use. */
struct resource_cache {
    struct cached_resource *slots; /* by the path's hash, the newest in each; NULL when empty */
};

/* The answer for a path as it was sent; NULL when there is none of this version of the store. Valid
 * until the next call. */
const struct cached_resource *resource_cache_find(const struct resource_cache *resource_cache,
                                                  const char *path, uint64_t version);
/* Stores a copy, unless it is large, there is no memory, or `version` is 0. */
void resource_cache_keep(struct resource_cache *resource_cache, const char *path, uint64_t version,
                         int64_t revision, const struct text *body);
void resource_cache_finish(struct resource_cache *resource_cache);

enum { CACHED_PAGES = 8, CACHED_BYTES_MAX = 256 * 1024 };

/* The newest pages of lists: dashboards ask for the same ones again and again. Zero it before use.
 */
struct page_cache {
    int64_t revision; /* of the store, the same for all pages */
    unsigned next;    /* counts the pages; the next one takes this place modulo CACHED_PAGES */
    struct {
        char *target;
        struct text body;
    } pages[CACHED_PAGES];
};

/* Appends the page of this request target at this revision to `body`. False when it is not cached.
 */
bool page_cache_find(struct page_cache *cache, const char *target, int64_t revision,
                     struct text *body);
/* Stores a copy of the page in place of the oldest, unless it is large or there is no memory. */
void page_cache_keep(struct page_cache *cache, const char *target, int64_t revision,
                     const struct text *body);
void page_cache_finish(struct page_cache *cache);

#endif
