/* What handlers work with, and what many of them do alike. */
#ifndef TAGFERRY_API_HANDLER_HANDLER_H
#define TAGFERRY_API_HANDLER_HANDLER_H

#include "api/base/api_options.h"
#include "api/base/validation.h"
#include "api/handler/page_cache.h"
#include "api/handler/resource_cache.h"
#include "api/http/problem.h"
#include "api/http/request.h"
#include "api/live/live_view.h"
#include "api/model/fields.h"
#include "api/resources/config_service.h"
#include "api/store/record_store.h"
#include "api/store/store.h"

struct cJSON;
struct counters;
struct work_queue_group;
struct modbus_client;

/* The local Modbus server's three ports. */
enum { LINK_SCADA, LINK_INPUTS, LINK_OUTPUTS, LINK_COUNT };

/* Whether the store could be read when it was looked at last, and since when that is so. */
struct store_health {
    bool failed;
    uint64_t since_ms; /* since 1970; 0: not looked at yet */
};

/* The context of one thread. No other thread touches it, except members that say so. */
struct thread_ctx {
    const struct api_settings *settings; /* those that its request began with */
    struct store *store;
    struct store_health store_health;
    struct live_view live;
    struct resource_cache resource_cache;    /* of single resources */
    struct page_cache pages;                 /* of lists that follow from the store alone */
    struct modbus_client *links[LINK_COUNT]; /* of the Modbus queue, NULL elsewhere */
    struct counters *counters;               /* of the store queue, NULL elsewhere */
    size_t group_jobs;                       /* of the store queue: in the group under way */
    _Atomic uint64_t busy_since_ms;          /* when its request began, 0 without; the main thread
                                                looks at it */
};

/* Around each request, or whatever the thread does in one go. */
void thread_ctx_begin_work(struct thread_ctx *thread_ctx);
void thread_ctx_end_work(struct thread_ctx *thread_ctx);
/* Whether it has been at the same thing for so long. For any thread. */
bool thread_ctx_hangs(const struct thread_ctx *thread_ctx, uint64_t limit_ms);

/* Answers 503 for a store that failed, and takes the transaction back. */
void transaction_answer_failed(struct thread_ctx *thread_ctx, struct response *response);
/* The store queue's: all changes that wait are one transaction of the store, so that they wait for
 * the disk once, and none of them is answered before. */
extern const struct work_queue_group transaction_group;
/* Answers 503 in place of what a handler answered in a group that was lost. */
void transaction_answer_group_lost(struct thread_ctx *thread_ctx, struct response *response);
/* Begins a transaction; false when the response is a 503. */
bool transaction_begin(struct thread_ctx *thread_ctx, struct response *response);
/* Ends a transaction that only read. False when the response became a 503. */
bool transaction_end(struct thread_ctx *thread_ctx, struct response *response);

/* Parses the body. NULL when the response is a 400. */
struct cJSON *request_parse_body(const struct request *request, struct response *response);

/* Whether the request's conditions hold for what has this revision; 0 for what does not exist. When
 * they do not, the response is a 412, or for a read a 304. */
bool precondition_check(const struct request *request, int64_t revision, struct response *response);
/* If-Match alone, for what is added to a list or sent to an import: the revision is the store's, as
 * in the lists' entity tags. When it does not hold, the response is a 412. */
bool precondition_check_if_match(const struct request *request, int64_t revision,
                                 struct response *response);
/* Sets the entity tag of a revision. */
void precondition_set_etag(const struct request *request, int64_t revision,
                           struct response *response);

struct config_service config_service_for_request(struct thread_ctx *thread_ctx,
                                                 const struct request *request);

/* Looks for the device, or tag, that the path names. False when the response is a 404 or 503. */
bool request_find_device(struct thread_ctx *thread_ctx, const struct request *request,
                         struct record *device, struct response *response);
bool request_find_tag(struct thread_ctx *thread_ctx, const struct request *request,
                      struct record *tag, struct response *response);

/* The page that the query asks for. False when the response is a 400. */
bool paging_read_query(const struct request *request, struct record_filter *list,
                       struct response *response);
/* Splits the "device/tag" of `after`. False when the response is a 400. */
bool paging_split_after(const struct request *request, struct record_filter *list,
                        struct response *response);
/* True when the tag comes after this place in a list over all devices. */
bool paging_is_after(const struct record *tag, const char *after_device, const char *after);
/* Sets the entity tag of a list that follows from the store alone. False when the response is there
 * already: a 304, or the page as it was kept. Within a transaction. */
bool paging_must_build(struct thread_ctx *thread_ctx, const struct request *request,
                       struct response *response);
/* Keeps the page of such a list for the next who asks. Within the same transaction. */
void paging_cache_page(struct thread_ctx *thread_ctx, const struct request *request,
                       const struct response *response);

/* The JSON of a list in the making. Give each item to the text `items`. */
struct list_page {
    struct text items; /* between the brackets */
    int64_t limit, count;
    bool more;        /* there is an item beyond the page */
    const char *last; /* the name of the page's last item */
};
/* Counts an item, or notes that it is beyond the page: then false. */
bool paging_count_item(struct list_page *page, const char *name);
void paging_answer(struct list_page *page, int64_t total, struct response *response);

#endif
