/* Answers to GET of one resource, by path; valid while the store does not change. One thread at a
 * time. Pure. */
#ifndef TAGFERRY_API_HANDLER_RESOURCE_CACHE_H
#define TAGFERRY_API_HANDLER_RESOURCE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/base/text.h"

struct cached_resource {
    char *path;
    uint64_t version; /* of the store when the answer was made, see store_read_version */
    int64_t revision; /* of the resource */
    struct text body;
};

/* Zero it before use. */
struct resource_cache {
    struct cached_resource *slots; /* by hash of the path, the newest in each; NULL when empty */
};

/* Returns the cached answer for a path, as sent; NULL when the cache has none for this version of
 * the store. Valid until the next call. */
const struct cached_resource *resource_cache_find(const struct resource_cache *resource_cache,
                                                  const char *path, uint64_t version);
/* Stores a copy of the body, unless it is larger than 4 KiB or `version` is 0. Does nothing when
 * out of memory. */
void resource_cache_keep(struct resource_cache *resource_cache, const char *path, uint64_t version,
                         int64_t revision, const struct text *body);
void resource_cache_finish(struct resource_cache *resource_cache);

#endif
