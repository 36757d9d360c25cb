/* The context of one thread that runs handlers. */
#ifndef TAGFERRY_API_HANDLER_THREAD_CTX_H
#define TAGFERRY_API_HANDLER_THREAD_CTX_H

#include "api/base/api_options.h"
#include "api/handler/paging.h"
#include "api/handler/resource_cache.h"
#include "api/live/live_view.h"
#include "api/live/quality_lookup.h"
#include "api/live/tag_io.h"
#include "api/store/store.h"

struct counters;
struct stream_hub;

/* Whether the store could be read when it was last looked at, and since when that is so. */
struct store_health {
    bool failed;
    uint64_t since_ms; /* since 1970; 0: not looked at yet */
};

/* No other thread touches it, except members that say so. Zero it before thread_ctx_open. */
struct thread_ctx {
    const struct api_settings *settings; /* in force when its request began */
    struct store *store;
    struct store_health store_health;
    struct live_view live;
    struct resource_cache resource_cache; /* single resources */
    struct page_cache pages;              /* pages of lists that depend on the store alone */
    struct modbus_links links;            /* of the Modbus queue and the streams, else zeros */
    struct stream_hub *streams;           /* shared by all; NULL before it is started */
    struct counters *counters;            /* of the store queue, NULL elsewhere */
    size_t group_jobs;                    /* of the store queue: jobs in the current group */
    _Atomic uint64_t busy_since_ms;       /* when its work began, 0 without; for any thread */
};

/* Opens the store and names the live table's folder. False, with a log line, when the store cannot
 * be opened. */
bool thread_ctx_open(struct thread_ctx *thread_ctx, const struct api_settings *settings,
                     enum store_mode mode, struct store_shared *shared);
/* Takes a zeroed one. */
void thread_ctx_close(struct thread_ctx *thread_ctx);

/* Around each request, and around other work of the thread. */
void thread_ctx_begin_work(struct thread_ctx *thread_ctx);
void thread_ctx_end_work(struct thread_ctx *thread_ctx);
/* True when the work has lasted `limit_ms` or longer. For any thread. */
bool thread_ctx_hangs(const struct thread_ctx *thread_ctx, uint64_t limit_ms);

/* A lookup with the thread's store, live view and settings; valid during one request. */
struct quality_lookup thread_ctx_make_lookup(const struct thread_ctx *thread_ctx);

#endif
