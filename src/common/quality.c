/* Judges rows of the live table. */
#include "common/quality.h"

const char *const quality_names[] = {"good", "stale", "bad", "never", NULL};

uint16_t quality_code(enum quality quality)
{
    static const uint16_t codes[QUALITY_COUNT] = {[QUALITY_GOOD] = 192, [QUALITY_STALE] = 500};
    return codes[quality];
}

/* Clocks of two threads may be read in the wrong order, so that a time lies just ahead. */
static uint64_t age_ms(uint64_t then, uint64_t now)
{
    return now > then ? now - then : 0;
}

static bool is_gone(uint64_t heartbeat_ms, uint64_t now_ms)
{
    /* A beat from the future is one from before the machine's last boot. */
    return age_ms(heartbeat_ms, now_ms) > LIVE_HEARTBEAT_LIMIT_MS ||
           age_ms(now_ms, heartbeat_ms) > LIVE_HEARTBEAT_LIMIT_MS;
}

struct quality_moment quality_moment(const struct live_state *state, uint64_t now_steady_ms)
{
    bool lost = !state->connected &&
                age_ms(state->broker_steady_ms, now_steady_ms) > QUALITY_BROKER_LIMIT_MS;
    return (struct quality_moment){
        .session = state->session,
        .now_steady_ms = now_steady_ms,
        .adrift = lost || is_gone(state->heartbeat_steady_ms, now_steady_ms),
    };
}

static enum live_outcome outcome_of(const struct quality_moment *moment, const struct live_row *row)
{
    return row->session == moment->session ? row->outcome : LIVE_NONE;
}

static enum quality judge(const struct quality_moment *moment, const struct live_row *row,
                          uint32_t stale_after_s)
{
    enum live_outcome outcome = outcome_of(moment, row);
    uint64_t limit_ms = (uint64_t)stale_after_s * 1000;
    if (outcome == LIVE_NONE)
        return QUALITY_NEVER;
    if (outcome == LIVE_REFUSED || outcome == LIVE_UNAVAILABLE)
        return QUALITY_BAD;
    if (moment->adrift || outcome == LIVE_REPLACED || outcome == LIVE_CUT_OFF)
        return QUALITY_STALE;
    if (limit_ms == 0)
        return QUALITY_GOOD;
    bool old = age_ms(row->value.steady_ms, moment->now_steady_ms) > limit_ms;
    return old || outcome == LIVE_RETAINED ? QUALITY_STALE : QUALITY_GOOD;
}

enum quality quality_of_device(const struct quality_moment *moment, const struct live_row *device,
                               uint32_t stale_after_s)
{
    return judge(moment, device, stale_after_s);
}

enum quality quality_of_tag(const struct quality_moment *moment, const struct live_row *tag,
                            const struct live_row *device, uint32_t stale_after_s)
{
    if (outcome_of(moment, device) == LIVE_UNAVAILABLE)
        return QUALITY_BAD;
    return judge(moment, tag, stale_after_s);
}
