/* Whose turn it is. */
#include "mqttd/targets/unit_backoff.h"

void lanes_begin_round(struct lanes *lanes)
{
    lanes->round++;
    lanes->had_silence = false;
}

void lanes_close(struct lanes *lanes, uint8_t lane)
{
    lanes->item[lane].closed = lanes->round;
}

void lanes_close_all(struct lanes *lanes)
{
    lanes->all_closed = lanes->round;
}

bool lanes_may_go(const struct lanes *lanes, uint8_t lane, uint64_t now_ms)
{
    const struct lane *at = &lanes->item[lane];
    return at->closed != lanes->round && lanes->all_closed != lanes->round &&
           (at->has_answered || !lanes->had_silence) && backoff_left_ms(&at->backoff, now_ms) == 0;
}

unsigned lanes_left_ms(const struct lanes *lanes, uint8_t lane, uint64_t now_ms)
{
    return backoff_left_ms(&lanes->item[lane].backoff, now_ms);
}

bool lanes_note_answer(struct lanes *lanes, uint8_t lane)
{
    struct lane *at = &lanes->item[lane];
    bool was_down = at->is_down;
    at->has_answered = true;
    at->is_down = false;
    at->backoff = (struct backoff){0};
    return was_down;
}

bool lanes_note_silence(struct lanes *lanes, uint8_t lane, uint8_t exception, uint64_t now_us)
{
    struct lane *at = &lanes->item[lane];
    bool was_down = at->is_down;
    lanes_note_doubt(lanes, lane);
    at->is_down = true;
    at->exception = exception;
    backoff_fail(&at->backoff, now_us);
    return !was_down;
}

void lanes_note_doubt(struct lanes *lanes, uint8_t lane)
{
    lanes->item[lane].has_answered = false;
    lanes_close(lanes, lane);
    lanes->had_silence = true;
}

static bool comes_before(const struct lane *a, const struct lane *b)
{
    if (a->has_answered != b->has_answered)
        return a->has_answered;
    return a->backoff.until_ms < b->backoff.until_ms;
}

/* Equal ones stay in their order. */
void lanes_sort(const struct lanes *lanes, uint8_t *order, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        uint8_t lane = order[i];
        size_t at = i;
        for (; at > 0 && comes_before(&lanes->item[lane], &lanes->item[order[at - 1]]); at--)
            order[at] = order[at - 1];
        order[at] = lane;
    }
}
