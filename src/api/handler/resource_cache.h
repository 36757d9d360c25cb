/* Answers to GETs of one resource, kept until the store changes, so that the same question need not
 * be put to the store twice. Of one thread. */
#ifndef TAGFERRY_API_HANDLER_RESOURCE_CACHE_H
#define TAGFERRY_API_HANDLER_RESOURCE_CACHE_H

#include <stdint.h>

#include "api/base/text.h"

struct answer {
    char *path;
    uint64_t version; /* of the store when it was made, see store_version */
    int64_t revision; /* of the resource */
    struct text body;
};

/* Zero it before use. */
struct answers {
    struct answer *slots; /* by the path's hash, the newest in each; NULL before the first */
};

/* The answer for a path as it was sent, unless the store has changed meanwhile; else NULL. It is
 * valid until the next call. */
const struct answer *answers_find(const struct answers *answers, const char *path,
                                  uint64_t version);
/* Keeps a copy, unless it is large, there is no memory, or `version` is 0. */
void answers_keep(struct answers *answers, const char *path, uint64_t version, int64_t revision,
                  const struct text *body);
void answers_finish(struct answers *answers);

#endif
