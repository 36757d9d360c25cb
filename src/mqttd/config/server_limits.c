/* Collects the pace, the polls and the limits of writes of a server from its devices. */
#include "mqttd/config/server_limits.h"

#include "common/base/array.h"
#include "common/modbus/pdu.h"

struct server_limits_ctx {
    struct target_pace pace; /* that all devices of the server accept */
    struct polls polls;
    struct write_limits write_limits;
    size_t devices;
    bool is_short; /* there was no memory for all polls and limits */
};

static void server_limits_add_writes(struct server_limits_ctx *server_limits_ctx,
                                     const struct device *device)
{
    for (uint32_t i = 0; i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        if (!tag->write_terms)
            continue;
        const struct write_limit limit = {.tag = tag->id,
                                          .settings = tag->settings,
                                          .slot = tag->slot,
                                          .unit = device->unit,
                                          .min_interval_ms = tag->write_terms->min_interval_ms,
                                          .min_change = tag->write_terms->min_change,
                                          .point = tag->point};
        if (!ARRAY_PUSH(&server_limits_ctx->write_limits, limit))
            server_limits_ctx->is_short = true;
    }
}

static void server_limits_add_device(struct server_limits_ctx *server_limits_ctx,
                                     const struct device *device)
{
    struct target_pace *pace = &server_limits_ctx->pace;
    struct polls *polls = &server_limits_ctx->polls;
    server_limits_ctx->devices++;
    if (device->max_write_registers < pace->max_write_registers)
        pace->max_write_registers = device->max_write_registers;
    if (device->min_interval_ms > pace->min_interval_ms)
        pace->min_interval_ms = device->min_interval_ms;
    pace->write_single |= device->write_single;
    server_limits_add_writes(server_limits_ctx, device);
    if (!device->has_commands)
        return;

    /* The device with the shortest interval decides how often the server is polled. */
    if (polls->interval_ms == 0 || device->poll_interval_ms < polls->interval_ms)
        polls->interval_ms = device->poll_interval_ms;
    for (uint32_t i = 0; i < device->tag_count; i++) {
        const struct tag *tag = &device->tags[i];
        const struct point *point = &tag->point;
        const struct poll poll = {.device = device->id,
                                  .tag = tag->id,
                                  .slot = tag->slot,
                                  .unit = device->unit,
                                  .table = point->table,
                                  .address = point->address,
                                  .count = point_width(point),
                                  .mask = point_mask(point)};
        if (tag->command && !ARRAY_PUSH(polls, poll))
            server_limits_ctx->is_short = true;
    }
}

void server_limits_apply(struct device_table *device_table)
{
    struct targets *targets = device_table->targets;
    device_table->lacks_server_limits = false;
    for (size_t i = targets->count; i-- > 1;) {
        struct server_limits_ctx server_limits_ctx = {
            .pace = {.max_write_registers = MODBUS_WRITE_REGISTERS_MAX}};
        for (const struct device *at = device_table_next(device_table, NULL); at;
             at = device_table_next(device_table, at)) {
            if (at->target == targets->item[i])
                server_limits_add_device(&server_limits_ctx, at);
        }
        if (server_limits_ctx.is_short) {
            device_table->lacks_server_limits = true;
            poll_table_finish(&server_limits_ctx.polls);
            write_limits_finish(&server_limits_ctx.write_limits);
            continue;
        }
        target_set_limits(targets->item[i], &server_limits_ctx.pace, &server_limits_ctx.polls,
                          &server_limits_ctx.write_limits);
        if (server_limits_ctx.devices == 0 && !target_set_end_target(targets, i))
            device_table->lacks_server_limits = true;
    }
}
