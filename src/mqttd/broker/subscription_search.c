/* The search for a filter after which the broker closes the connection.
 *
 * After such a close the unanswered filters are asked for one packet at a time, which finds the
 * packet; then those of this packet one at a time, which finds the filter. The filter is given up,
 * and asked for again alone, as a probe: after a minute, then after longer and longer pauses. */
#include "common/base/log.h"
#include "common/base/require.h"
#include "mqttd/broker/subscriptions_internal.h"

enum {
    PROBE_PAUSE_MAX_MS = 3600000,
    CLOSES_ALONE_MAX = 2, /* closes after a filter alone: the first may have another cause */
    /* Closes in a row after which the other filters of the packet are given up without being asked
     * for, then all that the broker has never answered, then all others. */
    CLOSES_UNTIL_GROUP = 6,
    CLOSES_UNTIL_NEW = 12,
    CLOSES_UNTIL_ALL = 24
};

/* If the broker has answered all filters of the packet alone, the packet was too large for it. The
 * first time this may be chance. */
void subscriptions_end_group(struct subscriptions *subscriptions)
{
    size_t group = subscriptions->group;
    subscriptions->group = 0;
    if (subscriptions->group_has_cause || group < 2 || subscriptions->groups_without_cause++ == 0)
        return;
    subscriptions->groups_without_cause = 0;
    subscriptions->packet_filters = group / 2;
    log_warning("the broker closes the connection after %zu topics in one packet; now at most %zu "
                "per packet",
                group, group / 2);
}

/* The filters that were given up together with the filter that caused the close are asked for
 * again. */
void subscriptions_end_probe(struct subscriptions *subscriptions)
{
    subscriptions->probe = NULL;
    subscriptions->probe_ms = 0;
    subscriptions->probe_pause_ms = SUBSCRIPTION_RETRY_MS;
    subscriptions->look_ms = 0;
    subscriptions->closes = 0;
    subscriptions->is_careful = true;
    for (struct subscription *at = subscriptions_next(subscriptions, NULL); at;
         at = subscriptions_next(subscriptions, at)) {
        if (at->state == STATE_FAILED && at->fault == FAULT_SUBSCRIPTION_DISCONNECTED &&
            !at->caused_close)
            subscription_enqueue(subscriptions, at);
    }
}

/* Urgent ones come first, then those that were given up together with others, then those that have
 * waited longest. */
static bool subscription_is_better_probe(const struct subscription *a, const struct subscription *b)
{
    if (!b || a->is_urgent != b->is_urgent)
        return !b || a->is_urgent;
    if (a->caused_close != b->caused_close)
        return !a->caused_close;
    return a->due_ms < b->due_ms;
}

void subscriptions_retry_failed(struct subscriptions *subscriptions, uint64_t now_ms)
{
    struct subscription *probe = NULL;
    if (subscriptions->failed_count == 0 || now_ms < subscriptions->look_ms)
        return;
    subscriptions->look_ms = now_ms + 1000;
    for (struct subscription *at = subscriptions_next(subscriptions, NULL); at;
         at = subscriptions_next(subscriptions, at)) {
        if (at->state != STATE_FAILED || at->due_ms == UINT64_MAX)
            continue;
        if (at->fault == FAULT_SUBSCRIPTION_DISCONNECTED) {
            if (subscription_is_better_probe(at, probe))
                probe = at;
        } else if (now_ms >= at->due_ms) {
            subscription_enqueue(subscriptions, at);
        }
    }
    if (probe && subscriptions->unacked_packets == 0 && subscriptions->queued_count == 0 &&
        (probe->is_urgent || now_ms >= subscriptions->probe_ms)) {
        subscription_set_state(subscriptions, probe, STATE_IDLE);
        subscriptions_log_start(subscriptions, 1);
        subscriptions->probe = probe;
        bool is_sent = subscriptions_send_packet(subscriptions, &probe, 1, now_ms);
        if (!is_sent || probe->state != STATE_ASKED)
            subscriptions->probe = NULL;
    }
}

void subscription_give_up(struct subscriptions *subscriptions, struct subscription *subscription,
                          bool caused_close, uint64_t now_ms)
{
    subscription->caused_close = caused_close;
    subscription->is_subscribed &= subscription->was_answered;
    subscription_fail(subscriptions, subscription, FAULT_SUBSCRIPTION_DISCONNECTED, 0, now_ms);
    subscriptions->probe_ms = now_ms + subscriptions->probe_pause_ms;
}

/* Records that the broker has closed the connection while only this filter was asked for. */
static void subscription_count_close(struct subscriptions *subscriptions,
                                     struct subscription *subscription, uint64_t now_ms)
{
    bool was_probe = subscription == subscriptions->probe;
    REQUIRE(subscription->state == STATE_IDLE);
    subscription->is_answered = false;
    if (++subscription->closes_alone < CLOSES_ALONE_MAX && !was_probe) {
        subscription_set_suspect(subscriptions, subscription, true);
        return;
    }
    if (was_probe && subscriptions->probe_pause_ms < PROBE_PAUSE_MAX_MS)
        subscriptions->probe_pause_ms *= 2;
    if (subscriptions->probe_pause_ms > PROBE_PAUSE_MAX_MS)
        subscriptions->probe_pause_ms = PROBE_PAUSE_MAX_MS;
    subscriptions->group_has_cause = true;
    subscription_give_up(subscriptions, subscription, true, now_ms);
    log_warning("the broker closes the connection after the subscription to \"%s\"; asking for it "
                "again in %llu min",
                subscription->text, (unsigned long long)subscriptions->probe_pause_ms / 60000);
}

bool subscriptions_suspect_unanswered(struct subscriptions *subscriptions, uint64_t now_ms)
{
    size_t packets = subscriptions->unacked_packets, filters = 0, given_up = 0;
    REQUIRE(packets > 0 && subscriptions->queued_count == 0);
    for (struct subscription_packet *at = subscriptions->packets; at; at = at->next)
        filters += at->is_late ? 0 : at->count;
    for (struct subscription_packet *at = subscriptions->packets; at; at = at->next) {
        for (size_t i = 0; i < at->count && !at->is_late; i++) {
            at->list[i]->is_answered = false;
            if (filters == 1)
                subscription_count_close(subscriptions, at->list[i], now_ms);
            else
                subscription_set_suspect(subscriptions, at->list[i], packets == 1);
        }
    }
    if (packets == 1 && filters > 1) {
        subscriptions->group = filters;
        subscriptions->group_has_cause = false;
    }
    subscriptions->is_careful = true;

    /* After many closes in a row other filters are given up, too: the more closes, the more. */
    if (subscriptions->probe || ++subscriptions->closes < CLOSES_UNTIL_GROUP)
        return subscriptions->closes <= CLOSES_UNTIL_ALL;
    for (struct subscription *at = subscriptions_next(subscriptions, NULL); at;
         at = subscriptions_next(subscriptions, at)) {
        bool is_over = subscriptions->closes >= CLOSES_UNTIL_ALL || !at->was_answered;
        bool is_meant =
            subscriptions->closes >= CLOSES_UNTIL_NEW ? !at->is_answered : at->is_suspect;
        if (at->state == STATE_FAILED || subscription_qos(at) == NOT_ASKED || !is_over || !is_meant)
            continue;
        subscription_give_up(subscriptions, at, false, now_ms);
        given_up++;
    }
    subscriptions->group = 0;
    if (given_up > 0)
        log_warning("the broker has closed the connection %u times in a row after a subscription; "
                    "%zu more topic%s given up for %llu min",
                    subscriptions->closes, given_up, given_up == 1 ? " is" : "s are",
                    (unsigned long long)subscriptions->probe_pause_ms / 60000);
    return subscriptions->closes <= CLOSES_UNTIL_ALL;
}
