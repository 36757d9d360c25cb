/* Decides which channels may send, and in which order. */
#include "mqttd/targets/unit_backoff.h"

#include "common/base/require.h"

_Static_assert(CHANNELS_MAX == UINT8_MAX + 1, "item has a channel for each uint8_t");

void unit_backoff_begin_round(struct channels *channels)
{
    channels->round++;
    channels->had_silence = false;
}

void unit_backoff_close(struct channels *channels, uint8_t channel)
{
    channels->item[channel].closed = channels->round;
}

void unit_backoff_close_all(struct channels *channels)
{
    channels->all_closed = channels->round;
}

bool unit_backoff_may_send(const struct channels *channels, uint8_t channel, uint64_t now_ms)
{
    const struct channel *at = &channels->item[channel];
    return at->closed != channels->round && channels->all_closed != channels->round &&
           (at->has_answered || !channels->had_silence) &&
           backoff_remaining_ms(&at->backoff, now_ms) == 0;
}

unsigned unit_backoff_left_ms(const struct channels *channels, uint8_t channel, uint64_t now_ms)
{
    return backoff_remaining_ms(&channels->item[channel].backoff, now_ms);
}

bool unit_backoff_note_answer(struct channels *channels, uint8_t channel)
{
    struct channel *at = &channels->item[channel];
    bool was_down = at->is_down;
    at->has_answered = true;
    at->is_down = false;
    at->backoff = (struct backoff){0};
    return was_down;
}

bool unit_backoff_note_silence(struct channels *channels, uint8_t channel, uint8_t exception,
                               uint64_t now_us)
{
    struct channel *at = &channels->item[channel];
    bool was_down = at->is_down;
    unit_backoff_note_doubt(channels, channel);
    at->is_down = true;
    at->exception = exception;
    backoff_add_failure(&at->backoff, now_us);
    return !was_down;
}

void unit_backoff_note_doubt(struct channels *channels, uint8_t channel)
{
    channels->item[channel].has_answered = false;
    unit_backoff_close(channels, channel);
    channels->had_silence = true;
}

/* An insertion sort: equal ones stay in their order. */
void unit_backoff_sort(const struct channels *channels, uint8_t *order, size_t count)
{
    REQUIRE(count <= CHANNELS_MAX);
    for (size_t i = 1; i < count; i++) {
        uint8_t channel = order[i];
        const struct channel *at = &channels->item[channel];
        size_t place = i;
        while (place > 0) {
            const struct channel *before = &channels->item[order[place - 1]];
            bool is_later = at->has_answered == before->has_answered
                                ? at->backoff.until_ms >= before->backoff.until_ms
                                : before->has_answered;
            if (is_later)
                break;
            order[place] = order[place - 1];
            place--;
        }
        order[place] = channel;
    }
}
