/* The newest pages of lists, as long as the store has not changed: dashboards ask for the same ones
 * over and over. Of one thread. */
#ifndef TAGFERRY_API_HANDLER_PAGE_CACHE_H
#define TAGFERRY_API_HANDLER_PAGE_CACHE_H

#include <stdbool.h>
#include <stdint.h>

#include "api/base/text.h"

enum { CACHED_PAGES = 8, CACHED_BYTES_MAX = 256 * 1024 };

/* Zero it before use. */
struct page_cache {
    int64_t revision; /* of the store that all pages are of */
    unsigned next;    /* the place that the next page takes */
    struct {
        char *target;
        struct text body;
    } pages[CACHED_PAGES];
};

/* Adds the page of this request target at this revision to `body`. False when it is not kept. */
bool page_cache_find(struct page_cache *cache, const char *target, int64_t revision,
                     struct text *body);
/* Keeps a page, in place of the oldest, unless there is no memory. */
void page_cache_keep(struct page_cache *cache, const char *target, int64_t revision,
                     const struct text *body);
void page_cache_finish(struct page_cache *cache);

#endif
