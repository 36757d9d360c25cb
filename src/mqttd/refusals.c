/* Marks rows. */
#include "mqttd/refusals.h"

#include <string.h>

#include "common/clock.h"

/* A row that was heard is no longer good; one that never was stays so. */
static void mark(struct live *live, uint32_t slot, uint64_t owner, const struct feed *feed,
                 bool cut_off)
{
    struct live_row row;
    if (!live_read(live, slot, owner, &row))
        return;
    live_fault(live, slot, FAULT_SUBSCRIPTION_REFUSED, feed->filter, strlen(feed->filter),
               clock_wall_ms());
    bool good = row.outcome == LIVE_GOOD || row.outcome == LIVE_RETAINED;
    if (cut_off && good && row.session == live_state(live).session)
        live_outcome(live, slot, LIVE_CUT_OFF);
}

/* Newer faults stay. */
static void clear(struct live *live, uint32_t slot, uint64_t owner)
{
    struct live_row row;
    if (live_read(live, slot, owner, &row) && row.fault == FAULT_SUBSCRIPTION_REFUSED)
        live_fault(live, slot, FAULT_NONE, "", 0, 0);
}

static bool any_refused(const struct device *device)
{
    bool any = false;
    for (uint32_t i = 0; i < device->feed_count; i++)
        any |= device->feeds[i].is_refused;
    return any;
}

static void clear_device(struct live *live, const struct device *device)
{
    if (!any_refused(device))
        clear(live, device->slot, live_owner(LIVE_DEVICE, device->id));
}

static void note_tags(struct live *live, const struct feed *feed)
{
    for (uint32_t i = 0; i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index == KEY_OF_TIME)
            continue;
        const struct tag *tag = &feed->device->tags[index];
        if (feed->is_refused)
            mark(live, tag->slot, live_owner(LIVE_TAG, tag->id), feed, true);
        else
            clear(live, tag->slot, live_owner(LIVE_TAG, tag->id));
    }
}

struct answer {
    struct live *live;
    bool refused;
};

static void take_feed(void *context, struct feed *feed)
{
    const struct answer *answer = context;
    struct device *device = feed->device;
    feed->is_refused = answer->refused;
    if (feed->kind == FEED_VALUES)
        note_tags(answer->live, feed);
    if (answer->refused && feed->is_main && device->heard != LIVE_NONE)
        device->heard = LIVE_CUT_OFF;
    if (answer->refused)
        mark(answer->live, device->slot, live_owner(LIVE_DEVICE, device->id), feed, feed->is_main);
    else
        clear_device(answer->live, device);
}

void refusals_note(struct live *live, struct match *match, const char *filter, bool refused)
{
    struct answer answer = {live, refused};
    match_filter(match, filter, take_feed, &answer);
}

static bool was_refused(const struct device *device, const struct feed *like)
{
    for (uint32_t i = 0; i < device->feed_count; i++) {
        const struct feed *feed = &device->feeds[i];
        if (feed->is_refused && strcmp(feed->filter, like->filter) == 0)
            return true;
    }
    return false;
}

void refusals_carry_over(struct live *live, const struct device *old, struct device *newer)
{
    if (!any_refused(old))
        return;
    for (uint32_t i = 0; i < newer->feed_count; i++) {
        newer->feeds[i].is_refused = was_refused(old, &newer->feeds[i]);
        if (newer->feeds[i].kind == FEED_VALUES)
            note_tags(live, &newer->feeds[i]);
    }
    clear_device(live, newer);
}
