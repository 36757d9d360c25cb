/* Works out and marks the status registers. */
#include "mqttd/status.h"

#include "common/clock.h"
#include "common/codec.h"
#include "common/log.h"
#include "common/plural.h"
#include "common/quality.h"

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
    value.settings = device->status_settings;
    value.place = live_place(device->status_unit, &device->status);
    value.raw = device->status_raw = pack(words);
    struct target *local = targets_local(sweep->plant->targets);
    target_hold(local);
    live_put(sweep->plant->live, device->slot, &value, NULL, 0);
    target_mark(local, device->slot);
    target_release(local);
}

/* What a retained message brought is shown although it is stale from the start. */
static bool shows_its_age(const struct sweep *sweep, const struct device *device,
                          const struct live_row *row)
{
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    uint64_t now = sweep->moment.now_steady_ms, then = row->value.steady_ms;
    return sweep->moment.adrift || row->outcome != LIVE_RETAINED ||
           (now > then && now - then > limit_ms);
}

/* What has not come since the start is waited for as long as what fell silent later: until then the
 * registers keep what they held before, and a setpoint stays SCADA's. */
static bool never_came(const struct sweep *sweep, const struct device *device,
                       const struct tag *tag)
{
    uint64_t waited_ms = sweep->moment.now_steady_ms - device->since_ms;
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    if (tag->direction != TO_MODBUS)
        return false;
    return (sweep->moment.adrift && waited_ms > QUALITY_BROKER_LIMIT_MS) ||
           (limit_ms > 0 && waited_ms > limit_ms);
}

static bool is_to_be_replaced(const struct sweep *sweep, const struct device *device,
                              const struct live_row *above, const struct tag *tag,
                              const struct live_row *row)
{
    enum quality quality = quality_of_tag(&sweep->moment, row, above, device->stale_after_s);
    if (quality == QUALITY_BAD)
        return device->unavailable && (tag->has_value || tag->direction == TO_MODBUS);
    if (!tag->has_value)
        return quality == QUALITY_NEVER && never_came(sweep, device, tag);
    return quality == QUALITY_STALE && shows_its_age(sweep, device, row);
}

/* Writes what on_stale says, once, in place of a value that has grown stale. The row's times stay
 * those of the newest message. */
static void replace_stale(struct sweep *sweep, struct device *device, const struct live_row *above,
                          struct tag *tag)
{
    struct registers registers;
    struct live_row row;
    if (tag->shows_stale || tag->direction == TO_MQTT ||
        !live_read(sweep->plant->live, tag->slot, live_owner(LIVE_TAG, tag->id), &row) ||
        !is_to_be_replaced(sweep, device, above, tag, &row) ||
        !codec_encode_stale(&tag->point, &registers))
        return;
    row.value.settings = tag->settings;
    row.value.place = live_place(device->unit, &tag->point);
    row.value.raw = 0;
    for (unsigned i = 0; i < type_info[tag->point.type].registers; i++)
        row.value.raw |= (uint64_t)registers.words[i] << (16 * i);
    target_hold(device->target);
    live_put(sweep->plant->live, tag->slot, &row.value, NULL, 0);
    if (tag->has_value)
        live_outcome(sweep->plant->live, tag->slot, LIVE_REPLACED);
    target_mark(device->target, tag->slot);
    target_release(device->target);
    tag->shows_stale = true;
    if (tag->command)
        tag->command->bit_known = (int8_t)(registers.words[0] & 1);
}

/* Says once when a device falls silent by its age alone, and once when it is heard again. */
static void tell_silence(struct sweep *sweep, struct device *device, enum quality quality)
{
    bool aged = quality == QUALITY_STALE && !sweep->moment.adrift && device->heard == LIVE_GOOD;
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
    if (device->since_ms == 0)
        device->since_ms = sweep->moment.now_steady_ms;
    if (!live_read(sweep->plant->live, device->slot, live_owner(LIVE_DEVICE, device->id), &row))
        return;
    enum quality quality = quality_of_device(&sweep->moment, &row, device->stale_after_s);
    sweep->not_good += quality != QUALITY_GOOD;
    sweep->rejects += row.rejects;
    tell_silence(sweep, device, quality);
    for (uint32_t i = 0; device->has_on_stale && i < device->tag_count; i++) {
        if (device->tags[i].point.stale != STALE_HOLD)
            replace_stale(sweep, device, &row, &device->tags[i]);
    }
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
