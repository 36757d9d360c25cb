/* Keeps what was sent last for each row with limits, and the rows that wait. */
#include "mqttd/targets/write_limits.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"
#include "mqttd/model/dead_band.h"

void write_limits_finish(struct write_limits *limits)
{
    free(limits->item);
    *limits = (struct write_limits){0};
}

static int compare_limit_slots(const void *left, const void *right)
{
    const struct write_limit *a = left, *b = right;
    return (a->slot > b->slot) - (a->slot < b->slot);
}

struct write_limit *write_limits_find(const struct write_limits *limits, uint32_t slot)
{
    struct write_limit key = {.slot = slot};
    return limits->count == 0 ? NULL
                              : bsearch(&key, limits->item, limits->count, sizeof *limits->item,
                                        compare_limit_slots);
}

static bool write_limit_has_stayed(const struct write_limit *a, const struct write_limit *b)
{
    return a->tag == b->tag && a->settings == b->settings &&
           a->min_interval_ms == b->min_interval_ms && a->min_change <= b->min_change &&
           a->min_change >= b->min_change;
}

void write_limits_replace(struct write_limits *limits, struct write_limits *newer,
                          struct dirty_rows *dirty_rows, uint64_t now_ms)
{
    if (newer->count > 0)
        qsort(newer->item, newer->count, sizeof *newer->item, compare_limit_slots);
    newer->held = 0;
    for (size_t i = 0; i < limits->count; i++) {
        const struct write_limit *old = &limits->item[i];
        struct write_limit *same = write_limits_find(newer, old->slot);
        if (same && write_limit_has_stayed(old, same)) {
            *same = *old;
            if (old->is_held)
                newer->held++;
        } else if (old->is_held) {
            dirty_rows_add(dirty_rows, old->slot, now_ms);
        }
    }
    newer->due_ms = limits->due_ms;
    write_limits_finish(limits);
    *limits = *newer;
    *newer = (struct write_limits){0};
}

bool write_limits_hold(struct write_limits *limits, struct write_limit *limit, uint64_t number,
                       uint64_t now_ms)
{
    uint64_t due_ms = limit->accepted_ms + limit->min_interval_ms;
    if (limit->is_held)
        limits->held--;
    limit->is_held = limit->of_message == number && limit->min_interval_ms > 0 &&
                     limit->accepted_ms > 0 && now_ms < due_ms;
    if (!limit->is_held)
        return false;
    limit->due_ms = due_ms;
    if (limits->held == 0 || due_ms < limits->due_ms)
        limits->due_ms = due_ms;
    limits->held++;
    limit->has_held = true;
    return true;
}

void write_limits_release(struct write_limits *limits, struct dirty_rows *dirty_rows,
                          uint64_t now_ms)
{
    uint64_t due_ms = UINT64_MAX;
    if (limits->held == 0 || now_ms < limits->due_ms)
        return;
    for (size_t i = 0; i < limits->count; i++) {
        struct write_limit *limit = &limits->item[i];
        if (!limit->is_held)
            continue;
        if (limit->due_ms > now_ms) {
            due_ms = limit->due_ms < due_ms ? limit->due_ms : due_ms;
            continue;
        }
        limit->is_held = false;
        limits->held--;
        dirty_rows_add(dirty_rows, limit->slot, limit->due_ms);
    }
    limits->due_ms = due_ms;
}

void write_limits_forget_units(struct write_limits *limits, const uint8_t units[32],
                               uint64_t now_ms)
{
    for (size_t i = 0; i < limits->count; i++) {
        struct write_limit *limit = &limits->item[i];
        if ((units[limit->unit / 8] >> (limit->unit % 8) & 1) == 0)
            continue;
        write_limit_forget(limit);
        limit->accepted_ms = 0;
        limit->due_ms = limits->due_ms = now_ms;
    }
}

bool write_limit_is_unchanged(const struct write_limit *limit, const uint16_t *words)
{
    return limit->has_words &&
           dead_band_holds(&limit->point, limit->min_change, words, limit->words);
}

void write_limit_note_sent(struct write_limit *limit, uint64_t number, const uint16_t *words)
{
    REQUIRE(number != 0);
    limit->sent = number;
    limit->same = 0;
    limit->has_held = false;
    limit->has_words = limit->min_change > 0;
    if (!limit->has_words)
        return;
    REQUIRE(point_width(&limit->point) <= LIMITED_WORDS_MAX);
    memcpy(limit->words, words, point_width(&limit->point) * sizeof *words);
}

bool write_limit_note_accepted(struct write_limit *limit, uint64_t number, uint64_t now_ms)
{
    if (limit->sent != number)
        return false;
    limit->accepted = number;
    limit->accepted_ms = now_ms;
    return true;
}

void write_limit_forget(struct write_limit *limit)
{
    limit->has_words = false;
}
