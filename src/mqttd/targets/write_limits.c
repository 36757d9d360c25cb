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

static struct write_limit *heap_get(const struct write_limits *limits, size_t at)
{
    REQUIRE(at < limits->held);
    return &limits->item[limits->item[at].in_heap];
}

static void heap_put(struct write_limits *limits, size_t at, struct write_limit *limit)
{
    limits->item[at].in_heap = (uint32_t)(limit - limits->item);
    limit->heap_at = (uint32_t)at;
}

/* Moves a row up or down to its place. */
static void heap_settle(struct write_limits *limits, struct write_limit *limit, size_t at)
{
    while (at > 0 && heap_get(limits, (at - 1) / 2)->due_ms > limit->due_ms) {
        heap_put(limits, at, heap_get(limits, (at - 1) / 2));
        at = (at - 1) / 2;
    }
    for (;;) {
        size_t child = 2 * at + 1;
        if (child + 1 < limits->held &&
            heap_get(limits, child + 1)->due_ms < heap_get(limits, child)->due_ms)
            child++;
        if (child >= limits->held || heap_get(limits, child)->due_ms >= limit->due_ms)
            break;
        heap_put(limits, at, heap_get(limits, child));
        at = child;
    }
    heap_put(limits, at, limit);
    limits->due_ms = heap_get(limits, 0)->due_ms;
}

static void write_limits_take_in(struct write_limits *limits, struct write_limit *limit)
{
    limit->is_held = true;
    heap_settle(limits, limit, limits->held++);
}

static void write_limits_let_go(struct write_limits *limits, struct write_limit *limit)
{
    size_t at = limit->heap_at;
    struct write_limit *last = heap_get(limits, limits->held - 1);
    REQUIRE(limit->is_held && heap_get(limits, at) == limit);
    limit->is_held = false;
    limits->held--;
    if (last != limit)
        heap_settle(limits, last, at);
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
            uint32_t in_heap = same->in_heap;
            *same = *old;
            same->in_heap = in_heap;
            if (old->is_held)
                write_limits_take_in(newer, same);
        } else if (old->is_held) {
            dirty_rows_add(dirty_rows, old->slot, now_ms);
        }
    }
    write_limits_finish(limits);
    *limits = *newer;
    *newer = (struct write_limits){0};
}

bool write_limits_hold(struct write_limits *limits, struct write_limit *limit, uint64_t number,
                       uint64_t now_ms)
{
    uint64_t due_ms = limit->accepted_ms + limit->min_interval_ms;
    if (limit->is_held)
        write_limits_let_go(limits, limit);
    if (limit->of_message != number || limit->min_interval_ms == 0 || limit->accepted_ms == 0 ||
        now_ms >= due_ms)
        return false;
    limit->due_ms = due_ms;
    write_limits_take_in(limits, limit);
    limit->has_held = true;
    return true;
}

void write_limits_release(struct write_limits *limits, struct dirty_rows *dirty_rows,
                          uint64_t now_ms)
{
    while (limits->held > 0 && limits->due_ms <= now_ms) {
        struct write_limit *limit = heap_get(limits, 0);
        write_limits_let_go(limits, limit);
        dirty_rows_add(dirty_rows, limit->slot, limit->due_ms);
    }
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
        limit->due_ms = now_ms;
        if (limit->is_held)
            heap_settle(limits, limit, limit->heap_at);
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
