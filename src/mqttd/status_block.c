/* Works out and marks the status registers. */
#include "mqttd/status_block.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/shared/quality.h"
#include "mqttd/config/message_results.h"
#include "mqttd/config/on_stale.h"

/* Devices that fall silent together, as behind a switch, are not a line each. */
enum { TOLD_MAX = 20 };

struct sweep {
    struct plant *plant;
    struct quality_moment moment;
    uint64_t not_good, rejects;
    size_t turned;  /* devices that have fallen silent or are heard again */
    size_t unheard; /* devices not heard since an outage of the broker */
    char names[160];
    bool connected;
    uint64_t connected_ms; /* since when, steady clock */
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

static size_t count_names(const char *names)
{
    size_t count = *names != '\0';
    for (; *names; names++)
        count += *names == ',';
    return count;
}

static const char *what_came(enum reason reason)
{
    switch (reason) {
    case REASON_NOT_JSON:
        return ", and what comes is not JSON";
    case REASON_OLD_MESSAGES:
        return ", and what comes is older than the newest by its time stamp";
    case REASON_REFUSED:
        return ", and what comes is refused";
    default:
        return "";
    }
}

/* Several devices that were not heard since the broker is back are one line. */
static void note_outage(struct sweep *sweep, const struct device *device)
{
    size_t used = strlen(sweep->names), room = sizeof sweep->names - used;
    if (sweep->unheard++ == 0)
        snprintf(sweep->names, sizeof sweep->names, "%s", device->name);
    else if (strlen(device->name) + sizeof ", …" + 2 < room)
        snprintf(sweep->names + used, room, ", %s", device->name);
}

static void tell_silent(struct sweep *sweep, struct device *device, enum reason reason)
{
    device->quiet = QUIET_TOLD;
    if (sweep->turned++ >= TOLD_MAX)
        return;
    if (reason == REASON_SILENT)
        log_warning("%s is stale: no message for %u s", device->name, device->stale_after_s);
    else
        log_warning("%s is stale: no valid message for %u s%s", device->name, device->stale_after_s,
                    what_came(reason));
}

/* Says once when a device falls silent by its age alone, and once when it is heard again. While the
 * broker is away, and for as long again after that, nobody can tell. */
static void tell_silence(struct sweep *sweep, struct device *device, const struct live_row *row,
                         struct verdict verdict)
{
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    bool aged = verdict.quality == QUALITY_STALE && device->heard == LIVE_GOOD &&
                sweep->moment.gateway == REASON_NONE &&
                quality_is_too_old(&sweep->moment, row, device->stale_after_s);
    aged = aged && sweep->connected;
    bool since_outage =
        row->value.steady_ms < sweep->connected_ms && verdict.reason == REASON_SILENT;
    if (device->quiet != QUIET_NOT) {
        if (verdict.quality != QUALITY_GOOD)
            return;
        if (device->quiet == QUIET_TOLD && sweep->turned++ < TOLD_MAX)
            log_info("%s is heard again", device->name);
        device->quiet = QUIET_NOT;
    } else if (aged && !since_outage) {
        tell_silent(sweep, device, verdict.reason);
    } else if (aged && sweep->moment.now_steady_ms - sweep->connected_ms > limit_ms) {
        device->quiet = QUIET_SINCE_OUTAGE;
        note_outage(sweep, device);
    }
}

static void look(void *context, struct device *device)
{
    struct sweep *sweep = context;
    struct live_row row;
    if (!live_read(sweep->plant->live, device->slot, live_owner(LIVE_DEVICE, device->id), &row))
        return;
    const struct quality_terms terms = {.stale_after_s = device->stale_after_s};
    bool too_old = quality_is_too_old(&sweep->moment, &row, device->stale_after_s);
    enum live_outcome outcome = heard_outcome(device, too_old, sweep->moment.now_steady_ms);
    if (row.outcome != outcome || row.session != sweep->moment.session)
        live_outcome(sweep->plant->live, device->slot, outcome);
    row.outcome = outcome;
    row.session = sweep->moment.session;
    struct verdict verdict = quality_of_device(&sweep->moment, &row, &terms);
    sweep->not_good += verdict.quality != QUALITY_GOOD;
    sweep->rejects += row.rejects;
    tell_silence(sweep, device, &row, verdict);
    stale_check(sweep->plant, &sweep->moment, device);
    if (device->has_status)
        show(sweep, device, &row, verdict.quality);
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
                          .connected = state.connected,
                          .connected_ms = state.broker_steady_ms};
    status->beats++;
    plant_each(status->plant, look, &sweep);
    size_t untold = sweep.turned > TOLD_MAX ? sweep.turned - TOLD_MAX : 0;
    if (untold > 0)
        log_warning("%zu more device%s fell silent or came back", untold, plural(untold));
    if (sweep.unheard > 0)
        log_warning("%zu device%s not been heard since the broker is back: %s%s", sweep.unheard,
                    sweep.unheard == 1 ? " has" : "s have", sweep.names,
                    sweep.unheard > count_names(sweep.names) ? ", …" : "");
    if (status->gateway.on)
        show_gateway(status, &sweep, connected);
    targets_wake(status->plant->targets);
}
