/* A ring. */
#include "mqttd/writeback/inflight.h"

#include <assert.h>

static struct inflight_entry *inflight_slot(struct inflight *inflight, uint64_t number)
{
    return &inflight->ring[number % INFLIGHT_MAX];
}

static struct inflight_entry *inflight_find_entry(struct inflight *inflight, uint64_t number)
{
    bool there = number > inflight->first && number - inflight->first <= inflight->count;
    return there ? inflight_slot(inflight, number) : NULL;
}

uint64_t inflight_add_entry(struct inflight *inflight, uint64_t journal, uint64_t sequence)
{
    assert(inflight->count < INFLIGHT_MAX);
    uint64_t number = inflight->first + ++inflight->count;
    *inflight_slot(inflight, number) =
        (struct inflight_entry){.journal = journal, .sequence = sequence};
    return number;
}

bool inflight_hold_entry(struct inflight *inflight, uint64_t number)
{
    struct inflight_entry *inflight_entry = inflight_find_entry(inflight, number);
    if (inflight_entry)
        inflight_entry->open++;
    return inflight_entry != NULL;
}

void inflight_release_entry(struct inflight *inflight, uint64_t number)
{
    struct inflight_entry *inflight_entry = inflight_find_entry(inflight, number);
    if (inflight_entry && inflight_entry->open > 0)
        inflight_entry->open--;
}

bool inflight_pop_completed(struct inflight *inflight, struct inflight_position *position)
{
    bool landed = false;
    while (inflight->count > 0) {
        const struct inflight_entry *inflight_entry = inflight_slot(inflight, inflight->first + 1);
        if (inflight_entry->open > 0)
            break;
        *position =
            (struct inflight_position){inflight_entry->journal, inflight_entry->sequence + 1};
        inflight->first++;
        inflight->count--;
        landed = true;
    }
    return landed;
}
