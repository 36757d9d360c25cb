/* Shows the answers of the broker to subscriptions in the rows of the live table. */
#include "mqttd/config/suback_errors.h"

#include <string.h>

#include "common/base/clock.h"
#include "common/base/require.h"

static bool fault_is_suback_error(enum fault fault)
{
    return fault >= FAULT_SUBSCRIPTION_REFUSED && fault <= FAULT_TOPIC_TOO_LONG;
}

/* Shows the feed's refusal in a row. With `cut_off` a row that was good in this session is no
 * longer good. Without a refusal, an earlier one is removed; newer faults of another kind stay. */
static void suback_errors_update_row(struct live_table *live, uint32_t slot, uint64_t owner,
                                     const struct feed *feed, bool cut_off)
{
    struct live_table_row row;
    if (!live_table_read_row(live, slot, owner, &row))
        return;
    if (feed->refusal == FAULT_NONE) {
        if (fault_is_suback_error(row.fault))
            live_table_set_fault(live, slot, FAULT_NONE, "", 0, 0);
        return;
    }
    live_table_set_fault(live, slot, (enum fault)feed->refusal, feed->filter, strlen(feed->filter),
                         clock_wall_ms());
    bool good = row.outcome == LIVE_GOOD || row.outcome == LIVE_RETAINED;
    if (cut_off && good && row.session == live_table_read_state(live).session)
        live_table_set_outcome(live, slot, LIVE_CUT_OFF);
}

bool suback_errors_has_any(const struct device *device)
{
    bool any = false;
    for (uint32_t i = 0; i < device->feed_count; i++)
        any |= device->feeds[i].refusal != FAULT_NONE;
    return any;
}

static void suback_errors_update_feed(struct live_table *live, struct feed *feed)
{
    struct device *device = feed->device;
    /* A broker that does not answer may send the topic nevertheless. */
    bool cut_off = feed->refusal != FAULT_NONE && feed->refusal != FAULT_SUBSCRIPTION_UNANSWERED;
    for (uint32_t i = 0; feed->kind == FEED_VALUES && i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index >= KEY_OWNER_QUALITY)
            continue;
        const struct tag *tag = &device->tags[index];
        suback_errors_update_row(live, tag->slot, live_table_make_owner(LIVE_TAG, tag->id), feed,
                                 cut_off);
    }
    cut_off = cut_off && feed->is_main;
    if (cut_off && device->heard != LIVE_NONE)
        device->heard = LIVE_CUT_OFF;
    /* The device's row keeps the error while any of its topics has one. */
    if (feed->refusal != FAULT_NONE || !suback_errors_has_any(device))
        suback_errors_update_row(live, device->slot, live_table_make_owner(LIVE_DEVICE, device->id),
                                 feed, cut_off);
}

struct suback_result {
    struct live_table *live;
    enum fault fault;
};

static void suback_errors_set_feed(void *context, struct feed *feed)
{
    const struct suback_result *suback_result = context;
    feed->refusal = (uint8_t)suback_result->fault;
    suback_errors_update_feed(suback_result->live, feed);
}

void suback_errors_note(struct live_table *live, struct topic_tree *topic_tree, const char *filter,
                        enum fault fault)
{
    struct suback_result suback_result = {live, fault};
    REQUIRE(fault == FAULT_NONE || fault_is_suback_error(fault));
    topic_tree_find_filter(topic_tree, filter, suback_errors_set_feed, &suback_result);
}

void suback_errors_show(struct live_table *live, const struct subscriptions *subscriptions,
                        struct device *device, bool was_refused)
{
    for (uint32_t i = 0; i < device->feed_count; i++)
        device->feeds[i].refusal =
            (uint8_t)subscriptions_fault_of(subscriptions, device->feeds[i].filter);
    for (uint32_t i = 0; i < device->feed_count; i++) {
        if (was_refused || device->feeds[i].refusal != FAULT_NONE)
            suback_errors_update_feed(live, &device->feeds[i]);
    }
}
