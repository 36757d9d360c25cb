/* Takes Sparkplug messages: metrics into live rows, deaths into the state of the device. */
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/config/message_results.h"
#include "mqttd/ingest/ingest_internal.h"
#include "mqttd/targets/target.h"

/* A metric of a Sparkplug message for one tag. */
static void ingest_take_metric(void *context, uint32_t index, const struct sparkplug_metric *metric,
                               const struct scalar *scalar)
{
    struct ingest_ctx *ctx = context;
    struct device *device = ctx->device;
    REQUIRE(index < device->tag_count);
    if (metric->is_historical) { /* of a time when the node was offline */
        counters_add(ctx->ingest->counters, MQTTD_VALUES_HELD, 1);
        ctx->entry.held++;
        return;
    }
    bool is_ahead = metric->timestamp_ms > ctx->wall_ms + SOURCE_TIME_AHEAD_MAX_MS;
    ctx->source_ms = is_ahead ? 0 : metric->timestamp_ms;
    if (ctx->source_ms > device->source_ms)
        device->source_ms = ctx->source_ms;
    if (metric->has_quality && metric->quality != SPARKPLUG_QUALITY_GOOD)
        ingest_refuse_value(ctx, &device->tags[index], FAULT_BAD_QUALITY, scalar);
    else
        ingest_take_scalar(ctx, index, scalar);
}

/* A Sparkplug message with values, a birth or data, from its payload to the rows of its tags. */
void ingest_take_sparkplug(struct ingest_ctx *ctx)
{
    struct ingest *ingest = ctx->ingest;
    struct sparkplug_inbox *inbox = &ingest->sparkplug_inbox;
    struct feed *feed = ctx->feed;
    enum live_table_outcome failure = LIVE_NONE;
    struct sparkplug_counts counts = {0};
    enum fault json_fault = ctx->fault; /* of other feeds */
    size_t json_fault_at = ctx->fault_at;
    ctx->fault = inbox->fault;
    ctx->fault_at = 0;
    if (ctx->fault == FAULT_NONE) {
        target_lock_rows(ctx->device->target);
        counts = sparkplug_inbox_each_value(inbox, feed, ingest_take_metric, ctx);
        target_unlock_rows(ctx->device->target);
    }
    if (counts.unknown > 0 && feed->source)
        sparkplug_nodes_want_rebirth(&ingest->device_table->sparkplug_nodes, feed->source,
                                     ctx->steady_ms, 0);
    if (counts.unknown > 0 && counts.known == 0)
        ctx->fault = FAULT_NO_BIRTH;
    ingest_count_message(ctx, ctx->fault == FAULT_NONE);
    if (ctx->fault != FAULT_NONE)
        failure = ingest_refuse_message(ctx);
    else if (ctx->entry.written + ctx->entry.rejected + ctx->entry.held < ctx->entry.tags)
        sparkplug_inbox_write_names(inbox, ctx->entry.keys, sizeof ctx->entry.keys);
    ctx->fault = json_fault;
    ctx->fault_at = json_fault_at;
    ingest_note_failure(ctx, failure);
}

/* Shows that the device of the feed has died, or is born again. */
static void ingest_show_death(struct ingest_ctx *ctx)
{
    struct device *device = ctx->device;
    bool is_dead = device_table_sees_death(device);
    if (is_dead == device->is_dead)
        return;
    device->is_dead = is_dead;
    log_info("%s is %s", device->name, is_dead ? "unavailable" : "available");
    live_table_set_outcome(ctx->live, device->slot,
                           message_results_outcome(device, false, ctx->steady_ms));
}

/* Opens a message for a Sparkplug feed. False when there is nothing in it for the feed; with
 * ingest->is_short it has to come again. */
bool ingest_open_sparkplug(struct ingest_ctx *ctx)
{
    struct ingest *ingest = ctx->ingest;
    struct sparkplug_inbox *inbox = &ingest->sparkplug_inbox;
    sparkplug_inbox_open(inbox, &ingest->device_table->sparkplug_nodes, ctx->feed, ctx->message,
                         ingest->max_payload, ctx->steady_ms);
    ingest->is_short = inbox->verdict == SPARKPLUG_NO_MEMORY;
    if (!sparkplug_inbox_is_data(inbox))
        ingest_show_death(ctx);
    return sparkplug_inbox_is_meant(inbox, ctx->feed);
}
