/* Keeps the results in devices, feeds and tags, and shows them in the live rows. */
#include "mqttd/config/message_results.h"

#include <string.h>

#include "common/base/require.h"

/* A filter with a wildcard receives messages of several topics: it fails only after several faulty
 * messages in a row. */
static bool feed_is_failing(const struct feed *feed)
{
    return feed->failure != LIVE_NONE &&
           (!feed->has_wildcard || feed->failure_count >= FAILURE_COUNT_MAX);
}

static bool feed_all_refused(const struct feed *feed)
{
    return feed->valued_tags > 0 && feed->refused_tags == feed->valued_tags;
}

static bool outcome_is_refusal(enum live_table_outcome outcome)
{
    return outcome == LIVE_REFUSED || outcome == LIVE_BAD_QUALITY;
}

static bool tag_is_refused(const struct tag *tag)
{
    return outcome_is_refusal((enum live_table_outcome)tag->heard);
}

/* Messages of plain text are neither parsed as JSON nor checked for their time stamp. */
static bool tag_shows_failure(const struct feed *feed, const struct tag *tag)
{
    return feed_is_failing(feed) && (tag->payload == PAYLOAD_JSON || feed->failure == LIVE_REFUSED);
}

static enum live_table_outcome tag_live_outcome(const struct feed *feed, const struct tag *tag)
{
    if (tag_shows_failure(feed, tag))
        return (enum live_table_outcome)feed->failure;
    if (tag->shows_stale && (tag->heard == LIVE_GOOD || tag->heard == LIVE_RETAINED))
        return LIVE_REPLACED;
    return (enum live_table_outcome)tag->heard;
}

/* A feed works while some of its values are accepted. */
static void feed_update_works(struct feed *feed)
{
    struct device *device = feed->device;
    bool texts_work = feed->has_text && feed->failure == LIVE_NOT_JSON;
    bool works =
        feed->is_heard && (!feed_is_failing(feed) || texts_work) && !feed_all_refused(feed);
    device->working_feeds += works && !feed->works;
    device->working_feeds -= !works && feed->works;
    feed->works = works;
    REQUIRE(device->working_feeds <= device->feed_count);
}

void message_results_add_value(struct live_table *live, struct feed *feed, struct tag *tag,
                               enum live_table_outcome outcome)
{
    REQUIRE(feed->kind == FEED_VALUES && outcome != LIVE_NONE);
    REQUIRE(!tag_is_refused(tag) || feed->refused_tags > 0);
    feed->valued_tags += tag->heard == LIVE_NONE;
    feed->refused_tags -= tag_is_refused(tag);
    feed->refused_tags += outcome_is_refusal(outcome);
    tag->heard = (uint8_t)outcome;
    live_table_add_message(live, tag->slot, tag_live_outcome(feed, tag));
}

void message_results_add_message(struct live_table *live, struct feed *feed,
                                 enum live_table_outcome failure)
{
    REQUIRE(failure == LIVE_NONE || failure == LIVE_NOT_JSON || failure == LIVE_OLD ||
            failure == LIVE_REFUSED);
    bool was_failing = feed_is_failing(feed);
    feed->is_heard |= failure == LIVE_NONE || (feed->has_text && failure == LIVE_NOT_JSON);
    feed->failure = (uint8_t)failure;
    if (failure == LIVE_NONE)
        feed->failure_count = 0;
    else if (feed->failure_count < FAILURE_COUNT_MAX)
        feed->failure_count++;

    /* The rows of all tags of the feed show the failure; some of the tags may be new. */
    bool shows = was_failing || feed_is_failing(feed);
    for (uint32_t i = 0; shows && i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index >= KEY_OWNER_QUALITY)
            continue;
        const struct tag *tag = &feed->device->tags[index];
        live_table_set_outcome(live, tag->slot, tag_live_outcome(feed, tag));
    }

    feed_update_works(feed);
    if (failure == LIVE_NONE && feed_all_refused(feed))
        failure = LIVE_REFUSED;
    feed->device->failure = (uint8_t)failure;
}

void message_results_add_fault(struct live_table *live, const struct feed *feed, enum fault fault,
                               const char *excerpt, uint64_t wall_ms)
{
    REQUIRE(feed->kind == FEED_VALUES && fault != FAULT_NONE);
    for (uint32_t i = 0; i < feed->keys.leaf_count; i++) {
        uint32_t index = feed->keys.leaves[i].owner;
        if (index >= KEY_OWNER_QUALITY || !tag_shows_failure(feed, &feed->device->tags[index]))
            continue;
        const struct tag *tag = &feed->device->tags[index];
        if (tag->key[0] != '\0') {
            live_table_set_fault(live, tag->slot, fault, excerpt, strlen(excerpt), wall_ms);
            continue;
        }
        live_table_count_message(live, tag->slot);
        live_table_reject_value(live, tag->slot, fault, excerpt, strlen(excerpt), wall_ms);
    }
}

enum live_table_outcome message_results_outcome(const struct device *device, bool aged,
                                                uint64_t now_ms)
{
    uint64_t limit_ms = (uint64_t)device->stale_after_s * 1000;
    bool silent = aged && now_ms > device->any_ms && now_ms - device->any_ms > limit_ms;
    if (device->unavailable || device->is_dead)
        return LIVE_UNAVAILABLE;
    if (device->failure != LIVE_NONE && !silent && (aged || device->working_feeds == 0))
        return (enum live_table_outcome)device->failure;
    return (enum live_table_outcome)device->heard;
}

void message_results_count_tags(struct device *device)
{
    for (uint32_t i = 0; i < device->feed_count; i++) {
        struct feed *feed = &device->feeds[i];
        for (uint32_t leaf = 0; feed->kind == FEED_VALUES && leaf < feed->keys.leaf_count; leaf++) {
            uint32_t index = feed->keys.leaves[leaf].owner;
            if (index >= KEY_OWNER_QUALITY)
                continue;
            feed->valued_tags += device->tags[index].heard != LIVE_NONE;
            feed->refused_tags += tag_is_refused(&device->tags[index]);
        }
        feed_update_works(feed);
    }
}

void message_results_carry_over(const struct device *old, struct device *newer)
{
    uint32_t at = 0;
    newer->heard = old->heard;
    newer->failure = old->failure;
    newer->any_ms = old->any_ms;
    newer->refusals.logged_ms = old->refusals.logged_ms;
    newer->refusals.since = old->refusals.since;
    for (uint32_t i = 0; i < newer->feed_count; i++) {
        struct feed *feed = &newer->feeds[i];
        const struct feed *same = device_find_same_feed(old, feed, &at);
        if (!same || feed->kind != FEED_VALUES)
            continue;
        feed->is_heard = same->is_heard;
        feed->failure = same->failure;
        feed->failure_count = same->failure_count;
        feed->live_ms = same->live_ms;
    }
}
