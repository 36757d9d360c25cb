/* Judges rows of the live table. */
#include "common/shared/quality.h"

#include "common/base/require.h"

const char *const quality_names[] = {"good", "stale", "bad", "never", NULL};

const char *const quality_reason_names[] = {
    "none",        "never_heard",  "silent",       "unavailable",
    "broker_lost", "mqttd_down",   "modbusd_down", "target_down",
    "refused",     "old_messages", "not_json",     "subscription_refused",
    "bad_quality", "expired",      "disabled",     NULL};
_Static_assert(sizeof quality_reason_names / sizeof quality_reason_names[0] == REASON_COUNT + 1,
               "a name for each");

uint16_t quality_code(enum quality quality)
{
    static const uint16_t codes[QUALITY_COUNT] = {[QUALITY_GOOD] = 192, [QUALITY_STALE] = 500};
    REQUIRE(quality < QUALITY_COUNT);
    return codes[quality];
}

/* Clocks of two threads may be read in the wrong order, so that a time lies just ahead. */
static uint64_t quality_age_ms(uint64_t then, uint64_t now)
{
    return now > then ? now - then : 0;
}

struct quality_moment quality_moment(const struct live_table_state *state, uint64_t now_steady_ms)
{
    struct quality_moment moment = {.session = state->session, .now_steady_ms = now_steady_ms};
    /* A heartbeat from the future is one from before the machine's last boot. */
    if (quality_age_ms(state->heartbeat_steady_ms, now_steady_ms) > LIVE_HEARTBEAT_LIMIT_MS ||
        quality_age_ms(now_steady_ms, state->heartbeat_steady_ms) > LIVE_HEARTBEAT_LIMIT_MS)
        moment.gateway = REASON_MQTTD_DOWN;
    else if (!state->connected &&
             quality_age_ms(state->broker_steady_ms, now_steady_ms) > QUALITY_BROKER_LIMIT_MS)
        moment.gateway = REASON_BROKER_LOST;
    return moment;
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

bool quality_is_too_old(const struct quality_moment *moment, const struct live_table_row *row,
                        uint32_t stale_after_s)
{
    return row->value.steady_ms > 0 &&
           (moment->gateway != REASON_NONE || quality_outcome_of(moment, row) == LIVE_CUT_OFF ||
            quality_has_aged(moment, row, stale_after_s));
}

static struct quality_verdict quality_make_verdict(enum quality quality, enum quality_reason reason)
{
    return (struct quality_verdict){quality, reason};
}

/* The server of the registers has not taken the newest value, or does not let them be read. */
static bool is_out_of_reach(const struct quality_moment *moment, const struct live_table_row *row)
{
    const struct live_table_write_fault *fault = &row->write_fault;
    return moment->target_counts && (row->written != row->changed || fault->is_of_poll) &&
           (fault->fault == FAULT_MODBUS_UNREACHABLE || fault->is_of_unit);
}

/* The reason that holds for a row that was never heard. */
static enum quality_reason quality_reason_of_never(const struct quality_moment *moment,
                                                   const struct live_table_row *row,
                                                   const struct quality_terms *terms)
{
    if (terms->is_disabled)
        return REASON_DISABLED;
    if (moment->gateway != REASON_NONE)
        return moment->gateway;
    if (terms->is_foreign && is_out_of_reach(moment, row))
        return REASON_TARGET_DOWN;
    bool refused = row->fault >= FAULT_SUBSCRIPTION_REFUSED && row->fault <= FAULT_TOPIC_TOO_LONG;
    return refused ? REASON_SUBSCRIPTION_REFUSED : REASON_NEVER_HEARD;
}

/* Something outside of the device that keeps its newest value from being read; NONE for nothing. */
static enum quality_reason quality_reason_outside(const struct quality_moment *moment,
                                                  const struct live_table_row *row,
                                                  const struct quality_terms *terms)
{
    bool waits = is_out_of_reach(moment, row);
    if (moment->gateway != REASON_NONE)
        return moment->gateway;
    if (!terms->is_foreign && (moment->modbusd_down || waits))
        return REASON_MODBUSD_DOWN;
    if (waits)
        return REASON_TARGET_DOWN;
    return quality_outcome_of(moment, row) == LIVE_CUT_OFF ? REASON_SUBSCRIPTION_REFUSED
                                                           : REASON_NONE;
}

/* The newest messages came to this, in place of a value; SILENT when there were none. */
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
    default:
        return REASON_SILENT;
    }
}

/* The value's server has refused it: what the registers hold is another one. */
static bool is_refused_by_server(const struct quality_moment *moment,
                                 const struct live_table_row *row)
{
    return moment->target_counts && row->written != row->changed &&
           row->write_fault.fault == FAULT_MODBUS_EXCEPTION && !row->write_fault.is_of_unit;
}

static struct quality_verdict quality_judge_row(const struct quality_moment *moment,
                                                const struct live_table_row *row,
                                                const struct quality_terms *terms)
{
    enum live_table_outcome outcome = quality_outcome_of(moment, row);
    enum quality_reason outside = quality_reason_outside(moment, row, terms);
    if (outcome == LIVE_NONE)
        return quality_make_verdict(QUALITY_NEVER, quality_reason_of_never(moment, row, terms));
    if (outcome == LIVE_UNAVAILABLE)
        return quality_make_verdict(QUALITY_BAD, REASON_UNAVAILABLE);
    if (outside != REASON_NONE)
        return quality_make_verdict(QUALITY_STALE, outside);
    if (quality_has_aged(moment, row, terms->stale_after_s) || outcome == LIVE_OLD ||
        outcome == LIVE_NULL || outcome == LIVE_REPLACED ||
        (outcome == LIVE_RETAINED && terms->stale_after_s > 0))
        return quality_make_verdict(QUALITY_STALE, quality_reason_of_outcome(outcome));
    if (outcome == LIVE_REFUSED || outcome == LIVE_NOT_JSON)
        return quality_make_verdict(QUALITY_BAD, quality_reason_of_outcome(outcome));
    if (is_refused_by_server(moment, row))
        return quality_make_verdict(QUALITY_BAD, REASON_REFUSED);
    return quality_make_verdict(QUALITY_GOOD, REASON_NONE);
}

struct quality_verdict quality_of_device(const struct quality_moment *moment,
                                         const struct live_table_row *device,
                                         const struct quality_terms *terms)
{
    return quality_judge_row(moment, device, terms);
}

struct quality_verdict quality_of_tag(const struct quality_moment *moment,
                                      const struct live_table_row *tag,
                                      const struct live_table_row *device,
                                      const struct quality_terms *terms)
{
    if (quality_outcome_of(moment, device) == LIVE_UNAVAILABLE)
        return quality_make_verdict(QUALITY_BAD, REASON_UNAVAILABLE);
    struct quality_verdict own = quality_judge_row(moment, tag, terms);
    /* The value was refused once, and since then the device has fallen silent as a whole. */
    if (own.quality == QUALITY_STALE && quality_has_aged(moment, tag, terms->stale_after_s) &&
        quality_judge_row(moment, device, terms).reason == REASON_SILENT)
        own.reason = REASON_SILENT;
    return own;
}
