/* Pages of lists: query parameters, filter by quality, JSON, cache. */
#ifndef TAGFERRY_API_HANDLER_PAGING_H
#define TAGFERRY_API_HANDLER_PAGING_H

#include "api/http/request.h"
#include "api/store/record_store.h"
#include "common/shared/quality.h"

struct thread_ctx;

/* Reads the parameters limit, after, q, device and table. False when it has answered 400. */
bool paging_read_query(const struct request *request, struct record_filter *list,
                       struct response *response);
/* Splits `after`, "DEVICE/TAG", into list->after_device and list->after. False when it has answered
 * 400. */
bool paging_split_after(const struct request *request, struct record_filter *list,
                        struct response *response);
/* True when the tag follows this position in a list over all devices. */
bool paging_is_after(const struct record *tag, const char *after_device, const char *after);

/* The verdicts that a list shows: one bit per quality and per reason; 0 selects all. */
struct verdict_filter {
    unsigned qualities, reasons;
};
/* Reads the parameters `quality` and `reason`, each a comma-separated list. False when it has
 * answered 400. */
bool verdict_filter_read(const struct request *request, struct verdict_filter *filter,
                         struct response *response);
/* True when the filter selects every verdict. */
bool verdict_filter_is_any(const struct verdict_filter *filter);
bool verdict_filter_takes(const struct verdict_filter *filter, struct quality_verdict verdict);

enum { CACHED_PAGES = 8, CACHED_BYTES_MAX = 256 * 1024 };

/* The newest pages of lists that depend on the store alone, by request target: dashboards request
 * the same pages repeatedly. Zero it before use; one thread at a time. */
struct page_cache {
    int64_t edition; /* of the store, the same for all pages */
    unsigned next;   /* pages stored so far; modulo CACHED_PAGES, the index of the next page */
    struct {
        char *target;
        struct text body;
    } pages[CACHED_PAGES];
};
/* For a list that depends on the store alone: sets the entity tag. False when the response is
 * complete: a 304, or the page from the cache. Call it within a transaction. */
bool paging_must_build(struct thread_ctx *thread_ctx, const struct request *request,
                       struct response *response);
/* Stores a copy of the page in place of the oldest, unless it is larger than CACHED_BYTES_MAX. Does
 * nothing when out of memory. Call it within the same transaction. */
void paging_cache_page(struct thread_ctx *thread_ctx, const struct request *request,
                       const struct response *response);
void paging_finish_cache(struct page_cache *cache);

/* A page while it is built. Write each item that paging_count_item accepts to `items`. */
struct list_page {
    struct text items; /* between the brackets */
    int64_t limit, count;
    bool more;        /* another item follows the page */
    const char *last; /* the name of the page's last item */
};
/* Counts an item. False when the page is full: the item belongs to the next page. */
bool paging_count_item(struct list_page *page, const char *name);
/* Writes the response and frees the items; `total` is the number of items on all pages. */
void paging_answer(struct list_page *page, int64_t total, struct response *response);

#endif
