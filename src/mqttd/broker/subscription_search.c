/* The search for a filter behind which the broker closes the connection.
 *
 * After such a close what was not answered is asked for one packet at a time, which names the
 * packet; then its filters one at a time, which names the filter. It is given up, and asked for
 * again, alone, after a minute and then ever more rarely. */
#include "common/base/log.h"
#include "mqttd/broker/subscriptions_internal.h"

enum {
    PROBE_PAUSE_MAX_MS = 3600000,
    PROBE_STRIKES_MAX = 2, /* closes behind one filter alone: the first may have another cause */
    /* Closes in a row after which the other filters of the packet are given up unasked, then all
     * that the broker has never answered for, then all others. */
    CLOSES_UNTIL_GROUP = 6,
    CLOSES_UNTIL_NEW = 12,
    CLOSES_UNTIL_ALL = 24
};

/* A packet was closed upon, and all of its filters were answered when they came alone. Once that
 * may be chance. */
void subscriptions_end_group(struct subscriptions *subscriptions)
{
    size_t group = subscriptions->group;
    subscriptions->group = 0;
    if (subscriptions->group_is_guilty || group < 2 || subscriptions->innocent_groups++ == 0)
        return;
    subscriptions->innocent_groups = 0;
    subscriptions->packet_filters = group / 2;
    log_warning("the broker closes the connection behind %zu topics in one packet; asking for %zu",
                group, group / 2);
}

/* The broker bears one that was given up: those that were given up along with others are asked for
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
            !at->is_guilty)
            subscription_enqueue(subscriptions, at);
    }
}

/* Urgent ones first, then those that no close has named, then the longest waiting. */
static bool subscription_is_better_probe(const struct subscription *a, const struct subscription *b)
{
    if (!b || a->is_urgent != b->is_urgent)
        return !b || a->is_urgent;
    if (a->is_guilty != b->is_guilty)
        return !a->is_guilty;
    return a->due_ms < b->due_ms;
}

static void subscriptions_start_probe(struct subscriptions *subscriptions,
                                      struct subscription *probe, uint64_t now_ms)
{
    subscription_set_state(subscriptions, probe, STATE_IDLE);
    subscriptions_log_start(subscriptions, 1);
    subscriptions->probe = probe;
    if (!subscriptions_send_packet(subscriptions, &probe, 1, now_ms) || probe->state != STATE_ASKED)
        subscriptions->probe = NULL;
}

void subscriptions_retry_failed(struct subscriptions *subscriptions, uint64_t now_ms)
{
    struct subscription *probe = NULL;
    subscriptions_drop_late(subscriptions, now_ms);
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
        (probe->is_urgent || now_ms >= subscriptions->probe_ms))
        subscriptions_start_probe(subscriptions, probe, now_ms);
}

static void subscription_give_up(struct subscriptions *subscriptions,
                                 struct subscription *subscription, bool is_guilty, uint64_t now_ms)
{
    subscription->is_guilty = is_guilty;
    subscription->is_subscribed &= subscription->was_answered;
    subscription_fail(subscriptions, subscription, FAULT_SUBSCRIPTION_DISCONNECTED, 0, now_ms);
    subscriptions->probe_ms = now_ms + subscriptions->probe_pause_ms;
}

/* The broker has closed while only this one was asked for. */
static void subscription_add_strike(struct subscriptions *subscriptions,
                                    struct subscription *subscription, uint64_t now_ms)
{
    bool was_probe = subscription == subscriptions->probe;
    subscription->is_answered = false;
    if (++subscription->strikes < PROBE_STRIKES_MAX && !was_probe) {
        subscription_set_suspect(subscriptions, subscription, true);
        return;
    }
    if (was_probe && subscriptions->probe_pause_ms < PROBE_PAUSE_MAX_MS)
        subscriptions->probe_pause_ms *= 2;
    if (subscriptions->probe_pause_ms > PROBE_PAUSE_MAX_MS)
        subscriptions->probe_pause_ms = PROBE_PAUSE_MAX_MS;
    subscriptions->group_is_guilty = true;
    subscription_give_up(subscriptions, subscription, true, now_ms);
    log_warning("the broker closes the connection behind the subscription to \"%s\"; asking for it "
                "again in %llu min",
                subscription->text, (unsigned long long)subscriptions->probe_pause_ms / 60000);
}

/* Gives up more, the longer the broker has done nothing but close. */
static void subscriptions_give_up_others(struct subscriptions *subscriptions, uint64_t now_ms)
{
    size_t count = 0;
    for (struct subscription *at = subscriptions_next(subscriptions, NULL); at;
         at = subscriptions_next(subscriptions, at)) {
        bool is_over = subscriptions->closes >= CLOSES_UNTIL_ALL || !at->was_answered;
        bool is_meant =
            subscriptions->closes >= CLOSES_UNTIL_NEW ? !at->is_answered : at->is_suspect;
        if (at->state == STATE_FAILED || subscription_qos(at) == NOT_ASKED || !is_over || !is_meant)
            continue;
        subscription_give_up(subscriptions, at, false, now_ms);
        count++;
    }
    subscriptions->group = 0;
    if (count > 0)
        log_warning("the broker has closed the connection %u times in a row behind a subscription; "
                    "%zu more topic%s given up for %llu min",
                    subscriptions->closes, count, count == 1 ? " is" : "s are",
                    (unsigned long long)subscriptions->probe_pause_ms / 60000);
}

/* Charges a close to the packets on their way. */
static void subscriptions_blame_inflight(struct subscriptions *subscriptions, uint64_t now_ms)
{
    size_t packets = subscriptions->unacked_packets, filters = 0;
    for (struct subscription_packet *at = subscriptions->packets; at; at = at->next)
        filters += at->is_late ? 0 : at->count;
    for (struct subscription_packet *at = subscriptions->packets; at; at = at->next) {
        for (size_t i = 0; i < at->count && !at->is_late; i++) {
            at->list[i]->is_answered = false;
            if (filters == 1)
                subscription_add_strike(subscriptions, at->list[i], now_ms);
            else
                subscription_set_suspect(subscriptions, at->list[i], packets == 1);
        }
    }
    if (packets == 1 && filters > 1) {
        subscriptions->group = filters;
        subscriptions->group_is_guilty = false;
    }
    subscriptions->is_careful = true;
    if (!subscriptions->probe && ++subscriptions->closes >= CLOSES_UNTIL_GROUP)
        subscriptions_give_up_others(subscriptions, now_ms);
}

/* Takes all filters out of packets and queues. */
static void subscriptions_reset_inflight(struct subscriptions *subscriptions)
{
    for (struct subscription_packet *at = subscriptions->packets; at; at = at->next) {
        for (size_t i = 0; i < at->count && !at->is_late; i++) {
            at->list[i]->needs_retained |= at->list[i]->asked_retained;
            subscription_set_state(subscriptions, at->list[i], STATE_IDLE);
        }
    }
    for (size_t i = 0; i < SUBSCRIPTION_QUEUE_COUNT; i++) {
        struct subscription_queue *queue = &subscriptions->queues[i];
        for (struct subscription *at = queue->first; at; at = at->queued)
            subscription_set_state(subscriptions, at, STATE_IDLE);
        queue->first = NULL;
        queue->last = &queue->first;
    }
    subscriptions->queued_count = 0;
}

bool subscriptions_on_disconnect(struct subscriptions *subscriptions, bool by_broker,
                                 uint64_t now_ms)
{
    bool is_charged = by_broker && subscriptions->unacked_packets > 0 &&
                      now_ms - subscriptions->progress_ms <= SUBSCRIPTION_ANSWER_LIMIT_MS;
    subscriptions_reset_inflight(subscriptions);
    if (is_charged)
        subscriptions_blame_inflight(subscriptions, now_ms);
    else if (subscriptions->probe)
        subscription_give_up(subscriptions, subscriptions->probe, subscriptions->probe->is_guilty,
                             now_ms);
    subscriptions->probe = NULL;
    subscriptions_drop_packets(subscriptions);
    subscriptions->is_connected = subscriptions->is_asking = false;
    return is_charged && subscriptions->closes <= CLOSES_UNTIL_ALL;
}
