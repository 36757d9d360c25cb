/* Marks rows. */
#include "mqttd/config/suback_errors.h"

#include <string.h>

#include "common/base/clock.h"

/* A row that was heard is no longer good; one that never was stays so. */
static void suback_errors_mark_row(struct live_table *live, uint32_t slot, uint64_t owner,
                                   const struct feed *feed, bool cut_off)
{
    struct live_table_row row;
    if (!live_table_read_row(live, slot, owner, &row))
        return;
    live_table_set_fault(live, slot, (enum fault)feed->refusal, feed->filter, strlen(feed->filter),
                         clock_wall_ms());
    bool good = row.outcome == LIVE_GOOD || row.outcome == LIVE_RETAINED;
    if (cut_off && good && row.session == live_table_read_state(live).session)
        live_table_set_outcome(live, slot, LIVE_CUT_OFF);
}

static bool fault_is_suback_error(enum fault fault)
{
    return fault >= FAULT_SUBSCRIPTION_REFUSED && fault <= FAULT_TOPIC_TOO_LONG;
}

/* Newer faults stay. */
static void suback_errors_clear_row(struct live_table *live, uint32_t slot, uint64_t owner)
{
    struct live_table_row row;
    if (live_table_read_row(live, slot, owner, &row) && fault_is_suback_error(row.fault))
        live_table_set_fault(live, slot, FAULT_NONE, "", 0, 0);
}

bool suback_errors_has_any(const struct device *device)
{
    bool any = false;
    for (uint32_t i = 0; i < device->feed_count; i++)
        any |= device->feeds[i].refusal != FAULT_NONE;
    return any;
}

static void suback_errors_clear_device(struct live_table *live, const struct device *device)
{
    if (!suback_errors_has_any(device))
        suback_errors_clear_row(live, device->slot, live_table_make_owner(LIVE_DEVICE, device->id));
}

/* A broker that does not answer may send all the same. */
static bool feed_is_cut_off(const struct feed *feed)
{
    return feed->refusal != FAULT_NONE && feed->refusal != FAULT_SUBSCRIPTION_UNANSWERED;
}

static void suback_errors_note_tags(struct live_table *live, const struct feed *feed)
{
    for (uint32_t i = 0; i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index == KEY_OWNER_TIMESTAMP)
            continue;
        const struct tag *tag = &feed->device->tags[index];
        if (feed->refusal != FAULT_NONE)
            suback_errors_mark_row(live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id), feed,
                                   feed_is_cut_off(feed));
        else
            suback_errors_clear_row(live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id));
    }
}

static void suback_errors_note_feed(struct live_table *live, struct feed *feed)
{
    struct device *device = feed->device;
    bool cut_off = feed_is_cut_off(feed) && feed->is_main;
    if (feed->kind == FEED_VALUES)
        suback_errors_note_tags(live, feed);
    if (cut_off && device->heard != LIVE_NONE)
        device->heard = LIVE_CUT_OFF;
    if (feed->refusal != FAULT_NONE)
        suback_errors_mark_row(live, device->slot, live_table_make_owner(LIVE_DEVICE, device->id),
                               feed, cut_off);
    else
        suback_errors_clear_device(live, device);
}

struct suback_result {
    struct live_table *live;
    enum fault fault;
};

static void suback_errors_set_feed(void *context, struct feed *feed)
{
    const struct suback_result *answer = context;
    feed->refusal = (uint8_t)answer->fault;
    suback_errors_note_feed(answer->live, feed);
}

void suback_errors_note(struct live_table *live, struct topic_tree *topic_tree, const char *filter,
                        enum fault fault)
{
    struct suback_result answer = {live, fault};
    topic_tree_find_filter(topic_tree, filter, suback_errors_set_feed, &answer);
}

void suback_errors_show(struct live_table *live, const struct subscriptions *subscriptions,
                        struct device *device, bool was_refused)
{
    for (uint32_t i = 0; i < device->feed_count; i++)
        device->feeds[i].refusal =
            (uint8_t)subscriptions_fault_of(subscriptions, device->feeds[i].filter);
    for (uint32_t i = 0; i < device->feed_count; i++) {
        if (was_refused || device->feeds[i].refusal != FAULT_NONE)
            suback_errors_note_feed(live, &device->feeds[i]);
    }
}
