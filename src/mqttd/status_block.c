/* Computes and writes the status registers, and logs devices that stop sending. */
#include "mqttd/status_block.h"

#include <stdio.h>
#include <string.h>

#include "common/base/clock.h"
#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/shared/quality.h"
#include "mqttd/config/message_results.h"
#include "mqttd/config/on_stale.h"

/* The lines of one second: many devices stop sending together when a switch fails. */
enum { SILENT_LINES_MAX = 20 };

_Static_assert(STATUS_REGISTERS == 4, "quality, age, messages and rejects");

struct status_ctx {
    struct device_table *device_table;
    struct quality_moment moment;
    uint64_t not_good, rejects;
    size_t turned;   /* devices that stop or resume sending in this second */
    size_t unheard;  /* devices that were not heard since an outage of the broker */
    size_t listed;   /* those of them whose names are in `names` */
    char names[160]; /* separated by commas */
    bool connected;
    uint64_t connected_ms; /* since when, steady clock */
};

/* The row's times stay those of the newest message. */
static void status_show_device(struct status_ctx *status_ctx, struct device *device,
                               const struct live_table_row *row, enum quality quality)
{
    uint64_t now = status_ctx->moment.now_steady_ms, then = row->value.steady_ms;
    uint64_t age_s = now > then ? (now - then) / 1000 : 0;
    if (device->heard == LIVE_NONE || age_s > UINT16_MAX)
        age_s = UINT16_MAX;
    const uint16_t words[STATUS_REGISTERS] = {quality_code(quality), (uint16_t)age_s,
                                              (uint16_t)row->messages, (uint16_t)row->rejects};
    struct live_table_value value = row->value;
    live_table_set_registers(&value, device->status_settings, device->status_unit, &device->status,
                             words);
    device->status_raw = value.raw;
    target_put_value(target_set_local(status_ctx->device_table->targets), device->slot, &value,
                     &device->status, words);
}

static const char *reason_log_text(enum quality_reason reason)
{
    switch (reason) {
    case REASON_NOT_JSON:
        return "; the received messages are not JSON";
    case REASON_OLD_MESSAGES:
        return "; the received messages are older than the newest by their time stamps";
    case REASON_REFUSED:
        return "; the received messages are refused";
    default:
        return "";
    }
}

/* Logs a device once when it exceeds stale_after_s, and once when it sends again. While the broker
 * is away, and for stale_after_s after its return, missing messages are not logged: devices that
 * are still silent then are logged together, in one line. */
static void status_check_silence(struct status_ctx *status_ctx, struct device *device,
                                 const struct live_table_row *row, struct quality_verdict verdict)
{
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    bool aged = status_ctx->connected && verdict.quality == QUALITY_STALE &&
                device->heard == LIVE_GOOD && status_ctx->moment.gateway == REASON_NONE &&
                quality_is_too_old(&status_ctx->moment, row, device->stale_after_s);
    bool since_outage =
        row->value.steady_ms < status_ctx->connected_ms && verdict.reason == REASON_SILENT;
    if (device->quiet != QUIET_NOT) {
        if (verdict.quality != QUALITY_GOOD)
            return;
        if (device->quiet == QUIET_LOGGED && status_ctx->turned++ < SILENT_LINES_MAX)
            log_info("%s sends again", device->name);
        device->quiet = QUIET_NOT;
    } else if (aged && !since_outage) {
        device->quiet = QUIET_LOGGED;
        if (status_ctx->turned++ >= SILENT_LINES_MAX)
            return;
        log_warning("%s is stale: no %smessage for %u s%s", device->name,
                    verdict.reason == REASON_SILENT ? "" : "valid ", device->stale_after_s,
                    reason_log_text(verdict.reason));
    } else if (aged && status_ctx->moment.now_steady_ms - status_ctx->connected_ms > limit_ms) {
        device->quiet = QUIET_SINCE_OUTAGE;
        size_t used = strlen(status_ctx->names), left = sizeof status_ctx->names - used;
        status_ctx->unheard++;
        if (used > 0 && strlen(device->name) + sizeof ", , …" > left)
            return;
        snprintf(status_ctx->names + used, left, "%s%s", used > 0 ? ", " : "", device->name);
        status_ctx->listed++;
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
    size_t more = status_ctx.turned > SILENT_LINES_MAX ? status_ctx.turned - SILENT_LINES_MAX : 0;
    if (more > 0)
        log_warning("%zu more device%s stopped or resumed sending", more, plural_suffix(more));
    if (status_ctx.unheard > 0)
        log_warning("%zu device%s not been heard since the broker is back: %s%s",
                    status_ctx.unheard, status_ctx.unheard == 1 ? " has" : "s have",
                    status_ctx.names, status_ctx.unheard > status_ctx.listed ? ", …" : "");
    if (status->gateway.on)
        status_show_gateway(status, &status_ctx, connected);
    target_set_wake_threads(status->device_table->targets);
}
