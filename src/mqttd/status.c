/* Works out and marks the status registers. */
#include "mqttd/status.h"

#include "common/clock.h"
#include "common/log.h"
#include "common/plural.h"
#include "common/quality.h"
#include "mqttd/heard.h"
#include "mqttd/stale.h"

/* Devices that fall silent together, as behind a switch, are not a line each. */
enum { TOLD_MAX = 20 };

struct sweep {
    struct plant *plant;
    struct quality_moment moment;
    uint64_t not_good, rejects;
    size_t turned; /* devices that have fallen silent or are heard again */
};

static uint16_t age_register(const struct sweep *sweep, const struct device *device,
                             const struct live_row *row)
{
    uint64_t now = sweep->moment.now_steady_ms, then = row->value.steady_ms;
    uint64_t age_s = now > then ? (now - then) / 1000 : 0;
    return device->heard == LIVE_NONE || age_s > UINT16_MAX ? UINT16_MAX : (uint16_t)age_s;
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
    const uint16_t words[4] = {quality_code(quality), age_register(sweep, device, row),
                               (uint16_t)row->messages, (uint16_t)row->rejects};
    struct live_value value = row->value;
    live_locate(&value, device->status_settings, device->status_unit, &device->status);
    value.raw = device->status_raw = pack(words);
    struct target *local = targets_local(sweep->plant->targets);
    target_hold(local);
    live_put(sweep->plant->live, device->slot, &value, NULL, 0);
    target_mark(local, device->slot);
    target_release(local);
}

/* Says once when a device falls silent by its age alone, and once when it is heard again. */
static void tell_silence(struct sweep *sweep, struct device *device, enum quality quality)
{
    bool aged = quality == QUALITY_STALE && sweep->moment.gateway == REASON_NONE &&
                device->heard == LIVE_GOOD;
    if (device->quiet ? quality != QUALITY_GOOD : !aged)
        return;
    device->quiet = aged;
    if (sweep->turned++ >= TOLD_MAX)
        return;
    if (aged)
        log_warning("%s is stale: no message for %u s", device->name, device->stale_after_s);
    else
        log_info("%s is heard again", device->name);
}

static void look(void *context, struct device *device)
{
    struct sweep *sweep = context;
    struct live_row row;
    if (!live_read(sweep->plant->live, device->slot, live_owner(LIVE_DEVICE, device->id), &row))
        return;
    const struct quality_terms terms = {.stale_after_s = device->stale_after_s};
    bool too_old = quality_is_too_old(&sweep->moment, &row, device->stale_after_s);
    heard_show(sweep->plant->live, device, too_old, sweep->moment.now_steady_ms);
    enum quality quality = quality_of_device(&sweep->moment, &row, &terms).quality;
    sweep->not_good += quality != QUALITY_GOOD;
    sweep->rejects += row.rejects;
    tell_silence(sweep, device, quality);
    stale_check(sweep->plant, &sweep->moment, device);
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
                          .moment = quality_moment(&state, clock_steady_ms())};
    status->beats++;
    plant_each(status->plant, look, &sweep);
    size_t untold = sweep.turned > TOLD_MAX ? sweep.turned - TOLD_MAX : 0;
    if (untold > 0)
        log_warning("%zu more device%s fell silent or came back", untold, plural(untold));
    if (status->gateway.on)
        show_gateway(status, &sweep, connected);
    targets_wake(status->plant->targets);
}
