/* Values of tags with modbus.min_change or min_interval_ms, on a slow foreign server. */
#include "common/shared/quality.h"
#include "mqttd/ingest/ingest_internal.h"
#include "mqttd/targets/target.h"

/* True when the tag has been good since its newest value came, which was on this connection. Else
 * the value that comes now is the first one after a time without. */
static bool ingest_is_steady(const struct ingest_ctx *ctx, const struct tag *tag)
{
    const struct device *device = ctx->device;
    struct live_table_row row, device_row;
    if (!tag->has_value || tag->shows_stale ||
        !live_table_read_row(ctx->live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id),
                             &row) ||
        row.value.steady_ms < ctx->ingest->connected_ms)
        return false;
    live_table_read_row(ctx->live, device->slot, live_table_make_owner(LIVE_DEVICE, device->id),
                        &device_row);
    struct live_table_state state = live_table_read_state(ctx->live);
    struct quality_moment moment = quality_moment(&state, ctx->steady_ms);
    const struct quality_terms terms = {.stale_after_s = device->stale_after_s, .is_foreign = true};
    return quality_of_tag(&moment, &row, &device_row, &terms).quality == QUALITY_GOOD;
}

enum ingest_write ingest_judge_write(const struct ingest_ctx *ctx, const struct tag *tag,
                                     struct codec_registers *registers)
{
    if (!ingest_is_steady(ctx, tag))
        return INGEST_WRITE_AT_ONCE;
    return target_is_unchanged(ctx->device->target, tag->slot, registers->words)
               ? INGEST_WRITE_NOT
               : INGEST_WRITE_LIMITED;
}

/* A poll that was read before a value which counts as unchanged is not older than this value. */
static void ingest_note_same(struct tag_command *command, uint64_t changed)
{
    if (command->shown_to != changed - 1)
        command->shown_from = changed - 1;
    command->shown_to = changed;
}

void ingest_mark_row(const struct ingest_ctx *ctx, const struct tag *tag, enum ingest_write verdict,
                     uint64_t changed)
{
    struct target *target = ctx->device->target;
    if (verdict == INGEST_WRITE_AT_ONCE) {
        target_mark_dirty(target, tag->slot);
    } else if (verdict == INGEST_WRITE_LIMITED) {
        target_mark_limited(target, tag->slot, changed);
    } else {
        target_skip_unchanged(target, tag->slot, changed);
        if (tag->command)
            ingest_note_same(tag->command, changed);
    }
}
