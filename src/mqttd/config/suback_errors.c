/* Marks rows. */
#include "mqttd/config/suback_errors.h"

#include <string.h>

#include "common/base/clock.h"

/* A row that was heard is no longer good; one that never was stays so. */
static void mark(struct live *live, uint32_t slot, uint64_t owner, const struct feed *feed,
                 bool cut_off)
{
    struct live_row row;
    if (!live_read(live, slot, owner, &row))
        return;
    live_fault(live, slot, (enum fault)feed->refusal, feed->filter, strlen(feed->filter),
               clock_wall_ms());
    bool good = row.outcome == LIVE_GOOD || row.outcome == LIVE_RETAINED;
    if (cut_off && good && row.session == live_state(live).session)
        live_outcome(live, slot, LIVE_CUT_OFF);
}

static bool is_refusal(enum fault fault)
{
    return fault >= FAULT_SUBSCRIPTION_REFUSED && fault <= FAULT_TOPIC_TOO_LONG;
}

/* Newer faults stay. */
static void clear(struct live *live, uint32_t slot, uint64_t owner)
{
    struct live_row row;
    if (live_read(live, slot, owner, &row) && is_refusal(row.fault))
        live_fault(live, slot, FAULT_NONE, "", 0, 0);
}

bool refusals_any(const struct device *device)
{
    bool any = false;
    for (uint32_t i = 0; i < device->feed_count; i++)
        any |= device->feeds[i].refusal != FAULT_NONE;
    return any;
}

static void clear_device(struct live *live, const struct device *device)
{
    if (!refusals_any(device))
        clear(live, device->slot, live_owner(LIVE_DEVICE, device->id));
}

/* A broker that does not answer may send all the same. */
static bool is_cut_off(const struct feed *feed)
{
    return feed->refusal != FAULT_NONE && feed->refusal != FAULT_SUBSCRIPTION_UNANSWERED;
}

static void note_tags(struct live *live, const struct feed *feed)
{
    for (uint32_t i = 0; i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index == KEY_OF_TIME)
            continue;
        const struct tag *tag = &feed->device->tags[index];
        if (feed->refusal != FAULT_NONE)
            mark(live, tag->slot, live_owner(LIVE_TAG, tag->id), feed, is_cut_off(feed));
        else
            clear(live, tag->slot, live_owner(LIVE_TAG, tag->id));
    }
}

static void note_feed(struct live *live, struct feed *feed)
{
    struct device *device = feed->device;
    bool cut_off = is_cut_off(feed) && feed->is_main;
    if (feed->kind == FEED_VALUES)
        note_tags(live, feed);
    if (cut_off && device->heard != LIVE_NONE)
        device->heard = LIVE_CUT_OFF;
    if (feed->refusal != FAULT_NONE)
        mark(live, device->slot, live_owner(LIVE_DEVICE, device->id), feed, cut_off);
    else
        clear_device(live, device);
}

struct answer {
    struct live *live;
    enum fault fault;
};

static void take_feed(void *context, struct feed *feed)
{
    const struct answer *answer = context;
    feed->refusal = (uint8_t)answer->fault;
    note_feed(answer->live, feed);
}

void refusals_note(struct live *live, struct match *match, const char *filter, enum fault fault)
{
    struct answer answer = {live, fault};
    match_filter(match, filter, take_feed, &answer);
}

void refusals_show(struct live *live, const struct subscriptions *subscriptions,
                   struct device *device, bool was_refused)
{
    for (uint32_t i = 0; i < device->feed_count; i++)
        device->feeds[i].refusal =
            (uint8_t)subscriptions_fault(subscriptions, device->feeds[i].filter);
    for (uint32_t i = 0; i < device->feed_count; i++) {
        if (was_refused || device->feeds[i].refusal != FAULT_NONE)
            note_feed(live, &device->feeds[i]);
    }
}
