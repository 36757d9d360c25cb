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
#include "api/store/store_role.h"

struct counters;
struct history;
struct replica;
struct stream_hub;

/* The result of the newest check of the store, and when it first had this result. */
struct store_health {
    bool failed;
    uint64_t since_ms; /* ms since 1970; 0: not checked yet */
};

/* What the store has and whom it follows, as of this version of the store. */
struct replica_view {
    uint64_t version; /* see store_read_version; 0: not read yet */
    struct store_lineage own;
    struct store_role role;
    char etag[STORE_POSITION_SIZE];
};

/* Used by one thread, except for members that say otherwise. Zero it before thread_ctx_open. */
struct thread_ctx {
    const struct api_settings *settings; /* in force when the request began */
    struct store *store;
    char etag_mark[STORE_MARK_SIZE]; /* as of the last transaction_begin, see store_read_mark */
    struct store_health store_health;
    struct live_view live;
    struct resource_cache resource_cache; /* single resources */
    struct page_cache pages;              /* lists that depend on the store alone */
    struct modbus_links links;            /* Modbus queue and streams only, else zeros */
    struct stream_hub *streams;           /* shared by all; NULL before it starts */
    struct history *history;              /* the same */
    struct replica *replica;              /* the same */
    struct replica_view replica_view;
    struct counters *counters;      /* store queue only, else NULL */
    size_t group_jobs;              /* store queue only: jobs in the current group */
    _Atomic uint64_t busy_since_ms; /* when its work began, 0: idle; for any thread */
};

/* Opens the store and sets the folder of the live table. False after it has logged why the store
 * cannot be opened. */
bool thread_ctx_open(struct thread_ctx *thread_ctx, const struct api_settings *settings,
                     enum store_mode mode, struct store_shared *shared);
/* Closes the context and zeroes it. Accepts a zeroed context. */
void thread_ctx_close(struct thread_ctx *thread_ctx);

/* Call these around each request, and around other work of the thread. */
void thread_ctx_begin_work(struct thread_ctx *thread_ctx);
void thread_ctx_end_work(struct thread_ctx *thread_ctx);
/* True when the current work has lasted `limit_ms` or longer. Any thread may call it. */
bool thread_ctx_hangs(const struct thread_ctx *thread_ctx, uint64_t limit_ms);

/* Makes a lookup with the thread's store, live view and settings; valid during one request. */
struct quality_lookup thread_ctx_make_lookup(const struct thread_ctx *thread_ctx);

#endif
