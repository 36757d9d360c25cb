/* Outcomes of messages. */
#include "mqttd/config/message_results.h"

#include <assert.h>
#include <string.h>

/* inline: nothing but assertions use it, and a release has none. */
static inline bool outcome_is_trouble(enum live_table_outcome outcome)
{
    return outcome == LIVE_NOT_JSON || outcome == LIVE_OLD || outcome == LIVE_REFUSED;
}

/* Messages of a topic that brings several are in trouble after a row of them. */
static bool feed_is_in_trouble(const struct feed *feed)
{
    return feed->trouble != LIVE_NONE &&
           (!feed->has_wildcard || feed->trouble_count >= TROUBLE_COUNT_MAX);
}

/* Bare texts are never wrong as JSON, nor old. */
static bool tag_is_in_trouble(const struct feed *feed, const struct tag *tag)
{
    return feed_is_in_trouble(feed) &&
           (tag->payload == PAYLOAD_JSON || feed->trouble == LIVE_REFUSED);
}

static enum live_table_outcome tag_live_outcome(const struct feed *feed, const struct tag *tag)
{
    bool replaced = tag->shows_stale && (tag->heard == LIVE_GOOD || tag->heard == LIVE_RETAINED);
    if (tag_is_in_trouble(feed, tag))
        return (enum live_table_outcome)feed->trouble;
    return replaced ? LIVE_REPLACED : (enum live_table_outcome)tag->heard;
}

static void feed_count_tag(struct feed *feed, const struct tag *tag)
{
    feed->valued_tags += tag->heard != LIVE_NONE;
    feed->refused_tags += tag->heard == LIVE_REFUSED;
}

static void feed_uncount_tag(struct feed *feed, const struct tag *tag)
{
    feed->valued_tags -= tag->heard != LIVE_NONE;
    feed->refused_tags -= tag->heard == LIVE_REFUSED;
}

void message_results_add_value(struct live_table *live, struct feed *feed, struct tag *tag,
                               enum live_table_outcome outcome)
{
    assert(feed->kind == FEED_VALUES);
    feed_uncount_tag(feed, tag);
    tag->heard = (uint8_t)outcome;
    feed_count_tag(feed, tag);
    live_table_add_message(live, tag->slot, tag_live_outcome(feed, tag));
}

static bool feed_all_refused(const struct feed *feed)
{
    return feed->valued_tags > 0 && feed->refused_tags == feed->valued_tags;
}

/* True while something that the feed brings is taken. */
static bool is_fine(const struct feed *feed)
{
    bool texts_go_on = feed->has_text && feed->trouble == LIVE_NOT_JSON;
    return feed->is_heard && (!feed_is_in_trouble(feed) || texts_go_on) && !feed_all_refused(feed);
}

static void feed_update_fine(struct feed *feed)
{
    struct device *device = feed->device;
    bool fine = is_fine(feed);
    device->fine_feeds += fine && !feed->is_fine;
    device->fine_feeds -= !fine && feed->is_fine;
    feed->is_fine = fine;
}

/* Tells the feed's tags when it comes into trouble and out of it. */
static void feed_update_tags(struct live_table *live, const struct feed *feed)
{
    for (uint32_t i = 0; i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index == KEY_OWNER_TIMESTAMP)
            continue;
        const struct tag *tag = &feed->device->tags[index];
        live_table_set_outcome(live, tag->slot, tag_live_outcome(feed, tag));
    }
}

void message_results_add_message(struct live_table *live, struct feed *feed,
                                 enum live_table_outcome trouble)
{
    struct device *device = feed->device;
    bool was = feed_is_in_trouble(feed);
    enum live_table_outcome before = (enum live_table_outcome)feed->trouble;
    assert(trouble == LIVE_NONE || outcome_is_trouble(trouble));
    feed->is_heard |= trouble == LIVE_NONE || (feed->has_text && trouble == LIVE_NOT_JSON);
    feed->trouble = (uint8_t)trouble;
    feed->trouble_count = trouble == LIVE_NONE ? 0
                          : feed->trouble_count < TROUBLE_COUNT_MAX
                              ? (uint8_t)(feed->trouble_count + 1)
                              : feed->trouble_count;
    bool now = feed_is_in_trouble(feed);
    if (now != was || (now && before != trouble))
        feed_update_tags(live, feed);
    feed_update_fine(feed);
    device->trouble = (uint8_t)(trouble != LIVE_NONE     ? trouble
                                : feed_all_refused(feed) ? LIVE_REFUSED
                                                         : LIVE_NONE);
}

enum live_table_outcome message_results_outcome(const struct device *device, bool aged,
                                                uint64_t now_ms)
{
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    bool silent = aged && now_ms > device->any_ms && now_ms - device->any_ms > limit_ms;
    if (device->unavailable)
        return LIVE_UNAVAILABLE;
    if (device->trouble != LIVE_NONE && !silent && (aged || device->fine_feeds == 0))
        return (enum live_table_outcome)device->trouble;
    return (enum live_table_outcome)device->heard;
}

static const struct feed *device_find_same_feed(const struct device *old, const struct feed *feed,
                                                uint32_t *at)
{
    for (uint32_t tries = 0; tries < old->feed_count; tries++) {
        const struct feed *each = &old->feeds[(*at)++ % old->feed_count];
        if (each->kind == feed->kind && strcmp(each->filter, feed->filter) == 0)
            return each;
    }
    return NULL;
}

static void feed_count_tags(struct feed *feed)
{
    for (uint32_t i = 0; i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index != KEY_OWNER_TIMESTAMP)
            feed_count_tag(feed, &feed->device->tags[index]);
    }
}

void message_results_count_tags(struct device *device)
{
    for (uint32_t i = 0; i < device->feed_count; i++) {
        if (device->feeds[i].kind == FEED_VALUES)
            feed_count_tags(&device->feeds[i]);
        feed_update_fine(&device->feeds[i]);
    }
}

/* Both lists are mostly in the same order, so that the next one is looked at first. */
void message_results_carry_over(const struct device *old, struct device *newer)
{
    uint32_t at = 0;
    newer->heard = old->heard;
    newer->trouble = old->trouble;
    newer->any_ms = old->any_ms;
    newer->refusals.said_ms = old->refusals.said_ms;
    newer->refusals.since = old->refusals.since;
    for (uint32_t i = 0; i < newer->feed_count; i++) {
        struct feed *feed = &newer->feeds[i];
        const struct feed *like =
            feed->kind == FEED_VALUES ? device_find_same_feed(old, feed, &at) : NULL;
        if (!like)
            continue;
        feed->is_heard = like->is_heard;
        feed->trouble = like->trouble;
        feed->trouble_count = like->trouble_count;
        feed->live_ms = like->live_ms;
    }
}
