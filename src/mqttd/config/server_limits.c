/* Works out paces and polls. */
#include "mqttd/config/server_limits.h"

#include "common/base/array.h"

/* The pace that all devices of a server can bear. */
static void server_pace_slow_down(struct target_pace *pace, const struct device *device)
{
    if (device->max_write_registers < pace->max_write_registers)
        pace->max_write_registers = device->max_write_registers;
    if (device->min_interval_ms > pace->min_interval_ms)
        pace->min_interval_ms = device->min_interval_ms;
    pace->write_single |= device->write_single;
}

struct server_limits_ctx {
    const struct target *target;
    struct target_pace pace;
    struct polls polls;
    size_t devices;
    bool is_short; /* there was no memory for all polls */
};

static void server_limits_add_poll(struct server_limits_ctx *server_limits_ctx,
                                   const struct device *device, const struct tag *tag)
{
    const struct point *point = &tag->point;
    const struct poll poll = {.device = device->id,
                              .tag = tag->id,
                              .slot = tag->slot,
                              .unit = device->unit,
                              .table = point->table,
                              .address = point->address,
                              .count = point_width(point),
                              .mask = (uint16_t)(point->bit == NO_BIT ? 0xffff : 1 << point->bit)};
    if (!ARRAY_PUSH(&server_limits_ctx->polls, poll))
        server_limits_ctx->is_short = true;
}

/* The server is polled as often as the least patient of its devices asks for. */
static void server_limits_add_polls(struct server_limits_ctx *server_limits_ctx,
                                    const struct device *device)
{
    if (!device->has_commands)
        return;
    if (server_limits_ctx->polls.interval_ms == 0 ||
        device->poll_interval_ms < server_limits_ctx->polls.interval_ms)
        server_limits_ctx->polls.interval_ms = device->poll_interval_ms;
    for (uint32_t i = 0; i < device->tag_count; i++) {
        if (device->tags[i].command)
            server_limits_add_poll(server_limits_ctx, device, &device->tags[i]);
    }
}

static void server_limits_add_device(void *context, struct device *device)
{
    struct server_limits_ctx *server_limits_ctx = context;
    if (device->target != server_limits_ctx->target)
        return;
    server_limits_ctx->devices++;
    server_pace_slow_down(&server_limits_ctx->pace, device);
    server_limits_add_polls(server_limits_ctx, device);
}

/* A server that no device is at any more loses its thread, and the connection to it. */
void server_limits_apply(struct device_table *device_table)
{
    device_table->lacks_server_limits = false;
    for (size_t i = device_table->targets->count; i-- > 1;) {
        struct server_limits_ctx server_limits_ctx = {.target = device_table->targets->item[i],
                                                      .pace = {.max_write_registers = 123}};
        device_table_for_each(device_table, server_limits_add_device, &server_limits_ctx);
        if (server_limits_ctx.is_short) {
            device_table->lacks_server_limits = true;
            poll_table_finish(&server_limits_ctx.polls);
            continue;
        }
        target_set_pace(device_table->targets->item[i], &server_limits_ctx.pace);
        target_set_polls(device_table->targets->item[i], &server_limits_ctx.polls);
        if (server_limits_ctx.devices == 0 && !target_set_end_target(device_table->targets, i))
            device_table->lacks_server_limits = true;
    }
}
