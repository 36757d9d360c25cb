/* Works out and marks the status registers. */
#include "mqttd/status.h"

#include "common/clock.h"
#include "common/quality.h"

struct sweep {
    struct plant *plant;
    struct quality_moment moment;
    uint64_t started_wall_ms;
    uint64_t not_good, rejects;
};

static uint16_t age_register(const struct sweep *sweep, const struct live_row *row,
                             enum quality quality)
{
    uint64_t now = sweep->moment.now_steady_ms, then = row->value.steady_ms;
    uint64_t age_s = now > then ? (now - then) / 1000 : 0;
    bool never = quality == QUALITY_NEVER || row->value.wall_ms < sweep->started_wall_ms;
    return never || age_s > UINT16_MAX ? UINT16_MAX : (uint16_t)age_s;
}

static uint64_t pack(const uint16_t words[4])
{
    return (uint64_t)words[0] | (uint64_t)words[1] << 16 | (uint64_t)words[2] << 32 |
           (uint64_t)words[3] << 48;
}

/* The row's times stay those of the newest message. */
static void show(struct sweep *sweep, struct device *device, const struct live_row *row,
                 enum quality quality)
{
    const uint16_t words[4] = {quality_code(quality), age_register(sweep, row, quality),
                               (uint16_t)row->messages, (uint16_t)row->rejects};
    struct live_value value = row->value;
    value.settings = device->status_settings;
    value.place = live_place(device->status_unit, &device->status);
    value.raw = device->status_raw = pack(words);
    live_put(sweep->plant->live, device->slot, &value, NULL, 0);
    target_mark(targets_local(sweep->plant->targets), device->slot);
}

static void look(void *context, struct device *device)
{
    struct sweep *sweep = context;
    struct live_row row;
    if (!live_read(sweep->plant->live, device->slot, live_owner(LIVE_DEVICE, device->id), &row))
        return;
    enum quality quality = quality_of_device(&sweep->moment, &row, device->stale_after_s);
    sweep->not_good += quality != QUALITY_GOOD;
    sweep->rejects += row.rejects;
    if (device->has_status)
        show(sweep, device, &row, quality);
}

static void show_gateway(const struct status *status, const struct sweep *sweep, bool connected)
{
    uint64_t not_good = sweep->not_good < UINT16_MAX ? sweep->not_good : UINT16_MAX;
    const struct target_write write = {
        .unit = status->gateway.unit,
        .table = status->gateway.table,
        .address = status->gateway.address,
        .count = 4,
        .has_words = true,
        .words = {status->beats, connected, (uint16_t)not_good, (uint16_t)sweep->rejects}};
    target_put(targets_local(status->plant->targets), &write);
}

void status_refresh(struct status *status, bool connected)
{
    struct live_state state = live_state(status->plant->live);
    struct sweep sweep = {.plant = status->plant,
                          .moment = quality_moment(&state, clock_steady_ms()),
                          .started_wall_ms = state.started_wall_ms};
    status->beats++;
    plant_each(status->plant, look, &sweep);
    if (status->gateway.on)
        show_gateway(status, &sweep, connected);
    targets_wake(status->plant->targets);
}
