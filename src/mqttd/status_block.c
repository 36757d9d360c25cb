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
enum { SILENT_LINES_MAX = 20 };

struct status_ctx {
    struct device_table *device_table;
    struct quality_moment moment;
    uint64_t not_good, rejects;
    size_t turned;  /* devices that have fallen silent or are heard again */
    size_t unheard; /* devices not heard since an outage of the broker */
    char names[160];
    bool connected;
    uint64_t connected_ms; /* since when, steady clock */
};

static uint16_t status_age_register(const struct status_ctx *status_ctx,
                                    const struct device *device, const struct live_table_row *row)
{
    uint64_t now = status_ctx->moment.now_steady_ms, then = row->value.steady_ms;
    uint64_t age_s = now > then ? (now - then) / 1000 : 0;
    return device->heard == LIVE_NONE || age_s > UINT16_MAX ? UINT16_MAX : (uint16_t)age_s;
}

static uint64_t pack_words(const uint16_t words[STATUS_REGISTERS])
{
    return (uint64_t)words[0] | (uint64_t)words[1] << 16 | (uint64_t)words[2] << 32 |
           (uint64_t)words[3] << 48;
}

/* The row's times stay those of the newest message. */
static void status_show_device(struct status_ctx *status_ctx, struct device *device,
                               const struct live_table_row *row, enum quality quality)
{
    const uint16_t words[STATUS_REGISTERS] = {quality_code(quality),
                                              status_age_register(status_ctx, device, row),
                                              (uint16_t)row->messages, (uint16_t)row->rejects};
    struct live_table_value value = row->value;
    live_table_set_location(&value, device->status_settings, device->status_unit, &device->status);
    value.raw = device->status_raw = pack_words(words);
    struct target *local = target_set_local(status_ctx->device_table->targets);
    target_lock_rows(local);
    live_table_put_value(status_ctx->device_table->live, device->slot, &value, NULL, 0);
    target_mark_dirty(local, device->slot);
    target_unlock_rows(local);
}

static size_t count_listed_names(const char *names)
{
    size_t count = *names != '\0';
    for (; *names; names++)
        count += *names == ',';
    return count;
}

static const char *reason_log_text(enum quality_reason reason)
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
static void status_note_outage(struct status_ctx *status_ctx, const struct device *device)
{
    size_t used = strlen(status_ctx->names), room = sizeof status_ctx->names - used;
    if (status_ctx->unheard++ == 0)
        snprintf(status_ctx->names, sizeof status_ctx->names, "%s", device->name);
    else if (strlen(device->name) + sizeof ", …" + 2 < room)
        snprintf(status_ctx->names + used, room, ", %s", device->name);
}

static void status_log_silent(struct status_ctx *status_ctx, struct device *device,
                              enum quality_reason reason)
{
    device->quiet = QUIET_LOGGED;
    if (status_ctx->turned++ >= SILENT_LINES_MAX)
        return;
    if (reason == REASON_SILENT)
        log_warning("%s is stale: no message for %u s", device->name, device->stale_after_s);
    else
        log_warning("%s is stale: no valid message for %u s%s", device->name, device->stale_after_s,
                    reason_log_text(reason));
}

/* Says once when a device falls silent by its age alone, and once when it is heard again. While the
 * broker is away, and for as long again after that, nobody can tell. */
static void status_check_silence(struct status_ctx *status_ctx, struct device *device,
                                 const struct live_table_row *row, struct quality_verdict verdict)
{
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    bool aged = verdict.quality == QUALITY_STALE && device->heard == LIVE_GOOD &&
                status_ctx->moment.gateway == REASON_NONE &&
                quality_is_too_old(&status_ctx->moment, row, device->stale_after_s);
    aged = aged && status_ctx->connected;
    bool since_outage =
        row->value.steady_ms < status_ctx->connected_ms && verdict.reason == REASON_SILENT;
    if (device->quiet != QUIET_NOT) {
        if (verdict.quality != QUALITY_GOOD)
            return;
        if (device->quiet == QUIET_LOGGED && status_ctx->turned++ < SILENT_LINES_MAX)
            log_info("%s is heard again", device->name);
        device->quiet = QUIET_NOT;
    } else if (aged && !since_outage) {
        status_log_silent(status_ctx, device, verdict.reason);
    } else if (aged && status_ctx->moment.now_steady_ms - status_ctx->connected_ms > limit_ms) {
        device->quiet = QUIET_SINCE_OUTAGE;
        status_note_outage(status_ctx, device);
    }
}

static void status_check_device(struct status_ctx *status_ctx, struct device *device)
{
    struct live_table_row row;
    if (!live_table_read_row(status_ctx->device_table->live, device->slot,
                             live_table_make_owner(LIVE_DEVICE, device->id), &row))
        return;
    const struct quality_terms terms = {.stale_after_s = device->stale_after_s};
    bool too_old = quality_is_too_old(&status_ctx->moment, &row, device->stale_after_s);
    enum live_table_outcome outcome =
        message_results_outcome(device, too_old, status_ctx->moment.now_steady_ms);
    if (row.outcome != outcome || row.session != status_ctx->moment.session)
        live_table_set_outcome(status_ctx->device_table->live, device->slot, outcome);
    row.outcome = outcome;
    row.session = status_ctx->moment.session;
    struct quality_verdict verdict = quality_of_device(&status_ctx->moment, &row, &terms);
    status_ctx->not_good += verdict.quality != QUALITY_GOOD;
    status_ctx->rejects += row.rejects;
    status_check_silence(status_ctx, device, &row, verdict);
    on_stale_check_device(status_ctx->device_table, &status_ctx->moment, device);
    if (device->has_status)
        status_show_device(status_ctx, device, &row, verdict.quality);
}

static void status_show_gateway(const struct status_block *status,
                                const struct status_ctx *status_ctx, bool connected)
{
    uint64_t not_good = status_ctx->not_good < UINT16_MAX ? status_ctx->not_good : UINT16_MAX;
    const struct target_write write = {
        .unit = status->gateway.unit,
        .table = status->gateway.table,
        .address = status->gateway.address,
        .count = STATUS_REGISTERS,
        .has_words = true,
        .words = {status->beats, connected, (uint16_t)not_good, (uint16_t)status_ctx->rejects}};
    target_queue_write(target_set_local(status->device_table->targets), &write);
}

void status_block_refresh(struct status_block *status, bool connected)
{
    struct live_table_state state = live_table_read_state(status->device_table->live);
    struct status_ctx status_ctx = {.device_table = status->device_table,
                                    .moment = quality_moment(&state, clock_steady_ms()),
                                    .connected = state.connected,
                                    .connected_ms = state.broker_steady_ms};
    status->beats++;
    for (struct device *at = device_table_next(status->device_table, NULL); at;
         at = device_table_next(status->device_table, at))
        status_check_device(&status_ctx, at);
    size_t untold = status_ctx.turned > SILENT_LINES_MAX ? status_ctx.turned - SILENT_LINES_MAX : 0;
    if (untold > 0)
        log_warning("%zu more device%s fell silent or came back", untold, plural_suffix(untold));
    if (status_ctx.unheard > 0)
        log_warning("%zu device%s not been heard since the broker is back: %s%s",
                    status_ctx.unheard, status_ctx.unheard == 1 ? " has" : "s have",
                    status_ctx.names,
                    status_ctx.unheard > count_listed_names(status_ctx.names) ? ", …" : "");
    if (status->gateway.on)
        status_show_gateway(status, &status_ctx, connected);
    target_set_wake_threads(status->device_table->targets);
}
