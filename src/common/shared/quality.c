/* Determines quality from rows of the live table. */
#include "common/shared/quality.h"

#include "common/base/require.h"

const char *const quality_names[] = {"good", "stale", "bad", "never", NULL};

const char *const quality_reason_names[] = {"none",          "never_heard", "silent",
                                            "unavailable",   "broker_lost", "mqttd_down",
                                            "modbusd_down",  "target_down", "refused",
                                            "old_messages",  "not_json",    "subscription_refused",
                                            "bad_quality",   "expired",     "disabled",
                                            "other_gateway", NULL};
_Static_assert(sizeof quality_reason_names / sizeof quality_reason_names[0] == REASON_COUNT + 1,
               "a name for each");

uint16_t quality_code(enum quality quality)
{
    static const uint16_t codes[QUALITY_COUNT] = {[QUALITY_GOOD] = 192, [QUALITY_STALE] = 500};
    REQUIRE(quality < QUALITY_COUNT);
    return codes[quality];
}

/* 0 for a time just ahead of `now`: another thread may have read the clock later. */
static uint64_t quality_age_ms(uint64_t then, uint64_t now)
{
    return now > then ? now - then : 0;
}

struct quality_moment quality_moment(const struct live_table_state *state, uint64_t now_steady_ms)
{
    struct quality_moment moment = {.session = state->session, .now_steady_ms = now_steady_ms};
    /* A heartbeat in the future is from before the last boot. */
    if (quality_age_ms(state->heartbeat_steady_ms, now_steady_ms) > LIVE_HEARTBEAT_LIMIT_MS ||
        quality_age_ms(now_steady_ms, state->heartbeat_steady_ms) > LIVE_HEARTBEAT_LIMIT_MS)
        moment.gateway = REASON_MQTTD_DOWN;
    else if (!state->connected &&
             quality_age_ms(state->broker_steady_ms, now_steady_ms) > QUALITY_BROKER_LIMIT_MS)
        moment.gateway = REASON_BROKER_LOST;
    return moment;
}

bool quality_moment_is_same(const struct quality_moment *a, const struct quality_moment *b)
{
    return a->session == b->session && a->gateway == b->gateway &&
           a->modbusd_down == b->modbusd_down && a->target_counts == b->target_counts;
}

static enum live_table_outcome quality_outcome_of(const struct quality_moment *moment,
                                                  const struct live_table_row *row)
{
    return row->session == moment->session ? row->outcome : LIVE_NONE;
}

static bool quality_has_aged(const struct quality_moment *moment, const struct live_table_row *row,
                             uint32_t stale_after_s)
{
    uint64_t limit_ms = (uint64_t)stale_after_s * 1000;
    return limit_ms > 0 && row->value.steady_ms > 0 &&
           quality_age_ms(row->value.steady_ms, moment->now_steady_ms) > limit_ms;
}

uint64_t quality_stale_from_ms(const struct quality_moment *moment,
                               const struct live_table_row *row, uint32_t stale_after_s)
{
    bool will_age = stale_after_s > 0 && row->value.steady_ms > 0 &&
                    !quality_has_aged(moment, row, stale_after_s);
    return will_age ? row->value.steady_ms + (uint64_t)stale_after_s * 1000 + 1 : UINT64_MAX;
}

bool quality_is_too_old(const struct quality_moment *moment, const struct live_table_row *row,
                        uint32_t stale_after_s)
{
    return row->value.steady_ms > 0 &&
           (moment->gateway != REASON_NONE || quality_outcome_of(moment, row) == LIVE_CUT_OFF ||
            quality_has_aged(moment, row, stale_after_s));
}

/* The reason why the newest messages had no value; REASON_SILENT if there were no messages. */
static enum quality_reason quality_reason_of_outcome(enum live_table_outcome outcome)
{
    switch (outcome) {
    case LIVE_REFUSED:
    case LIVE_NULL:
        return REASON_REFUSED;
    case LIVE_NOT_JSON:
        return REASON_NOT_JSON;
    case LIVE_OLD:
        return REASON_OLD_MESSAGES;
    case LIVE_BAD_QUALITY:
        return REASON_BAD_QUALITY;
    default:
        return REASON_SILENT;
    }
}

static struct quality_verdict quality_judge_row(const struct quality_moment *moment,
                                                const struct live_table_row *row,
                                                const struct quality_terms *terms)
{
    enum live_table_outcome outcome = quality_outcome_of(moment, row);
    const struct live_table_write_fault *fault = &row->write_fault;
    /* The server, or the unit, of the registers cannot be reached for the newest value. */
    bool out_of_reach = moment->target_counts &&
                        (row->written != row->changed || fault->is_of_poll) &&
                        (fault->fault == FAULT_MODBUS_UNREACHABLE || fault->is_of_unit);

    if (terms->is_elsewhere)
        return (struct quality_verdict){QUALITY_NEVER, REASON_OTHER_GATEWAY};
    /* No message in this session. */
    if (outcome == LIVE_NONE) {
        enum quality_reason reason = REASON_NEVER_HEARD;
        if (terms->is_disabled)
            reason = REASON_DISABLED;
        else if (moment->gateway != REASON_NONE)
            reason = moment->gateway;
        else if (terms->is_foreign && out_of_reach)
            reason = REASON_TARGET_DOWN;
        else if (row->fault >= FAULT_SUBSCRIPTION_REFUSED && row->fault <= FAULT_TOPIC_TOO_LONG)
            reason = REASON_SUBSCRIPTION_REFUSED;
        return (struct quality_verdict){QUALITY_NEVER, reason};
    }
    if (outcome == LIVE_UNAVAILABLE)
        return (struct quality_verdict){QUALITY_BAD, REASON_UNAVAILABLE};

    /* A cause outside the device: its newest value cannot be received, written or read. */
    if (moment->gateway != REASON_NONE)
        return (struct quality_verdict){QUALITY_STALE, moment->gateway};
    if (!terms->is_foreign && (moment->modbusd_down || out_of_reach))
        return (struct quality_verdict){QUALITY_STALE, REASON_MODBUSD_DOWN};
    if (out_of_reach)
        return (struct quality_verdict){QUALITY_STALE, REASON_TARGET_DOWN};
    if (outcome == LIVE_CUT_OFF)
        return (struct quality_verdict){QUALITY_STALE, REASON_SUBSCRIPTION_REFUSED};

    /* The newest message, and the age of the value. */
    if (quality_has_aged(moment, row, terms->stale_after_s) || outcome == LIVE_OLD ||
        outcome == LIVE_NULL || outcome == LIVE_REPLACED ||
        (outcome == LIVE_RETAINED && terms->stale_after_s > 0))
        return (struct quality_verdict){QUALITY_STALE, quality_reason_of_outcome(outcome)};
    if (outcome == LIVE_REFUSED || outcome == LIVE_NOT_JSON || outcome == LIVE_BAD_QUALITY)
        return (struct quality_verdict){QUALITY_BAD, quality_reason_of_outcome(outcome)};

    /* The server has refused the value: the registers contain another one. */
    if (moment->target_counts && row->written != row->changed &&
        fault->fault == FAULT_MODBUS_EXCEPTION && !fault->is_of_unit)
        return (struct quality_verdict){QUALITY_BAD, REASON_REFUSED};
    return (struct quality_verdict){QUALITY_GOOD, REASON_NONE};
}

struct quality_verdict quality_of_device(const struct quality_moment *moment,
                                         const struct live_table_row *device,
                                         const struct quality_terms *terms)
{
    return quality_judge_row(moment, device, terms);
}

/* Of a value that no message brings: it does not age, and needs neither its device nor the broker.
 */
static struct quality_verdict quality_of_own_value(const struct quality_moment *moment,
                                                   const struct live_table_row *tag,
                                                   const struct quality_terms *terms)
{
    struct quality_moment without_broker = *moment;
    struct quality_terms ageless = *terms;
    if (moment->gateway == REASON_BROKER_LOST)
        without_broker.gateway = REASON_NONE;
    ageless.stale_after_s = 0;
    return quality_judge_row(&without_broker, tag, &ageless);
}

struct quality_verdict quality_of_tag(const struct quality_moment *moment,
                                      const struct live_table_row *tag,
                                      const struct live_table_row *device,
                                      const struct quality_terms *terms)
{
    if (terms->is_elsewhere)
        return (struct quality_verdict){QUALITY_NEVER, REASON_OTHER_GATEWAY};
    if (terms->is_own)
        return quality_of_own_value(moment, tag, terms);
    if (tag->expiry.is_expired && !terms->is_disabled && moment->gateway != REASON_MQTTD_DOWN)
        return (struct quality_verdict){QUALITY_BAD, REASON_EXPIRED};
    if (quality_outcome_of(moment, device) == LIVE_UNAVAILABLE)
        return (struct quality_verdict){QUALITY_BAD, REASON_UNAVAILABLE};
    struct quality_verdict own = quality_judge_row(moment, tag, terms);
    /* A value was refused, and after that the whole device has become silent. */
    if (own.quality == QUALITY_STALE && quality_has_aged(moment, tag, terms->stale_after_s) &&
        quality_judge_row(moment, device, terms).reason == REASON_SILENT)
        own.reason = REASON_SILENT;
    return own;
}
