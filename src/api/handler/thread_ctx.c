/* Opens and closes contexts, and measures how long a thread has worked on one request. */
#include "api/handler/thread_ctx.h"

#include <stdatomic.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/require.h"
#include "common/store/db.h"

bool thread_ctx_open(struct thread_ctx *thread_ctx, const struct api_settings *settings,
                     enum store_mode mode, struct store_shared *shared)
{
    char why[DB_WHY_SIZE];
    REQUIRE(!thread_ctx->store && settings && shared);
    thread_ctx->settings = settings;
    thread_ctx->live.directory = settings->common.runtime_dir;
    thread_ctx->store = store_open(settings->common.database, mode, why, sizeof why);
    if (!thread_ctx->store) {
        log_error("store: %s", why);
        return false;
    }
    store_set_shared(thread_ctx->store, shared);
    thread_ctx->store_health.since_ms = clock_wall_ms();
    return true;
}

void thread_ctx_close(struct thread_ctx *thread_ctx)
{
    store_close(thread_ctx->store);
    live_view_close(&thread_ctx->live);
    resource_cache_finish(&thread_ctx->resource_cache);
    paging_finish_cache(&thread_ctx->pages);
    modbus_links_close(&thread_ctx->links);
    *thread_ctx = (struct thread_ctx){0};
}

void thread_ctx_begin_work(struct thread_ctx *thread_ctx)
{
    atomic_store_explicit(&thread_ctx->busy_since_ms, clock_steady_ms(), memory_order_relaxed);
}

void thread_ctx_end_work(struct thread_ctx *thread_ctx)
{
    atomic_store_explicit(&thread_ctx->busy_since_ms, 0, memory_order_relaxed);
}

bool thread_ctx_hangs(const struct thread_ctx *thread_ctx, uint64_t limit_ms)
{
    uint64_t since = atomic_load_explicit(&thread_ctx->busy_since_ms, memory_order_relaxed);
    return since != 0 && clock_steady_ms() >= since + limit_ms;
}

struct quality_lookup thread_ctx_make_lookup(const struct thread_ctx *thread_ctx)
{
    REQUIRE(thread_ctx->store && thread_ctx->settings);
    return (struct quality_lookup){.store = thread_ctx->store,
                                   .live = &thread_ctx->live,
                                   .common = &thread_ctx->settings->common};
}
