/* Answers to GETs of one resource, kept until the store changes, so that the same question need not
 * be put to the store twice. Of one thread. */
#ifndef TAGFERRY_API_HANDLER_RESOURCE_CACHE_H
#define TAGFERRY_API_HANDLER_RESOURCE_CACHE_H

#include <stdint.h>

#include "api/base/text.h"

struct cached_resource {
    char *path;
    uint64_t version; /* of the store when it was made, see store_read_version */
    int64_t revision; /* of the resource */
    struct text body;
};

/* Zero it before use. */
struct resource_cache {
    struct cached_resource
        *slots; /* by the path's hash, the newest in each; NULL before the first */
};

/* The answer for a path as it was sent, unless the store has changed meanwhile; else NULL. It is
 * valid until the next call. */
const struct cached_resource *resource_cache_find(const struct resource_cache *resource_cache,
                                                  const char *path, uint64_t version);
/* Keeps a copy, unless it is large, there is no memory, or `version` is 0. */
void resource_cache_keep(struct resource_cache *resource_cache, const char *path, uint64_t version,
                         int64_t revision, const struct text *body);
void resource_cache_finish(struct resource_cache *resource_cache);

#endif
