/* Follows connections to the broker and SUBACKs, and keeps the state of the subscriptions. */
#include "mqttd/broker/subscriptions.h"

#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/require.h"
#include "common/model/topic.h"
#include "mqttd/broker/subscriptions_internal.h"

enum { SUBACK_ERROR = 0x80 }; /* a reason code from here on is a refusal */

struct subscriptions *subscriptions_create(void)
{
    struct subscriptions *subscriptions = calloc(1, sizeof *subscriptions);
    if (!subscriptions)
        return NULL;
    subscriptions->packet_filters = SUBSCRIPTIONS_PER_PACKET;
    subscriptions->probe_pause_ms = SUBSCRIPTION_RETRY_MS;
    subscriptions->packets_end = &subscriptions->packets;
    for (size_t i = 0; i < SUBSCRIPTION_QUEUE_COUNT; i++)
        subscriptions->queues[i].last = &subscriptions->queues[i].first;
    if (hash_table_init(&subscriptions->filters))
        return subscriptions;
    free(subscriptions);
    return NULL;
}

void subscriptions_destroy(struct subscriptions *subscriptions)
{
    if (!subscriptions)
        return;
    subscriptions_drop_packets(subscriptions);
    for (struct subscription *at = subscriptions_next(subscriptions, NULL), *next; at; at = next) {
        next = subscriptions_next(subscriptions, at);
        free(at);
    }
    hash_table_finish(&subscriptions->filters);
    free(subscriptions);
}

void subscriptions_set_hooks(struct subscriptions *subscriptions,
                             const struct subscriptions_hooks *hooks)
{
    REQUIRE(!subscriptions->is_connected);
    subscriptions->hooks = *hooks;
}

/* Queues a subscription to be asked for, unless the CONNACK excludes it: brokers close the
 * connection when they are asked for features that they lack. One that has failed waits for its
 * retry. */
static void subscription_ask(struct subscriptions *subscriptions, struct subscription *subscription)
{
    enum { OVERHEAD_BYTES = 1 + 4 + 2 + 1 + 2 + 1 }; /* of a SUBSCRIBE for one filter */
    const struct subscription_limits *limits = &subscriptions->limits;
    enum fault fault = FAULT_NONE;
    if (subscription->kind == SUBSCRIPTION_SHARED && limits->no_shared)
        fault = FAULT_SHARED_UNAVAILABLE;
    else if (limits->no_wildcards && topic_has_wildcard(topic_filter_body(subscription->text)))
        fault = FAULT_WILDCARD_UNAVAILABLE;
    else if (limits->packet_bytes_max > 0 &&
             OVERHEAD_BYTES + strlen(subscription->text) > limits->packet_bytes_max)
        fault = FAULT_TOPIC_TOO_LONG;
    if (fault != FAULT_NONE)
        subscription_fail(subscriptions, subscription, fault, 0, UINT64_MAX);
    else if (subscription->state != STATE_FAILED)
        subscription_enqueue(subscriptions, subscription);
}

void subscriptions_on_connect(struct subscriptions *subscriptions,
                              const struct subscription_limits *limits, uint64_t now_ms)
{
    REQUIRE(subscriptions->hooks.subscribe && !subscriptions->is_connected);
    REQUIRE(subscriptions->queued_count == 0 && !subscriptions->packets);
    subscriptions->is_connected = true;
    subscriptions->limits = *limits;
    subscriptions->progress_ms = now_ms;
    subscriptions->changed = NULL;
    for (struct subscription *at = subscriptions_next(subscriptions, NULL), *next; at; at = next) {
        /* Resets the state of the last connection, except faults. */
        next = subscriptions_next(subscriptions, at);
        at->is_changed = false;
        at->asked = NOT_ASKED;
        /* The broker has sent its retained messages to the session of an earlier process. */
        at->needs_retained = at->wants_retained || (at->needs_retained && at->was_answered);
        if (at->state != STATE_FAILED || at->fault != FAULT_SUBSCRIPTION_DISCONNECTED)
            subscription_set_state(subscriptions, at, STATE_IDLE);
        if (subscription_qos(at) == NOT_ASKED)
            subscription_release(subscriptions, at);
        else
            subscription_ask(subscriptions, at);
    }
    subscriptions_unsubscribe(subscriptions);
    subscriptions_send_queued(subscriptions, now_ms);
}

bool subscriptions_on_disconnect(struct subscriptions *subscriptions, bool by_broker,
                                 uint64_t now_ms)
{
    bool may_be_cause = by_broker && subscriptions->unacked_packets > 0 &&
                        now_ms - subscriptions->progress_ms <= SUBSCRIPTION_ANSWER_LIMIT_MS;

    /* All filters leave the packets and the queues. */
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

    bool may_retry_soon = false;
    if (may_be_cause)
        may_retry_soon = subscriptions_suspect_unanswered(subscriptions, now_ms);
    else if (subscriptions->probe)
        subscription_give_up(subscriptions, subscriptions->probe,
                             subscriptions->probe->caused_close, now_ms);
    subscriptions->probe = NULL;
    subscriptions_drop_packets(subscriptions);
    subscriptions->is_connected = subscriptions->is_asking = false;
    return may_retry_soon;
}

/* Handles the broker's answer for one filter of a packet. */
static void subscription_take_code(struct subscriptions *subscriptions,
                                   struct subscription *subscription, int code, uint64_t now_ms)
{
    if (code >= SUBACK_ERROR) {
        if (subscription->fault != FAULT_SUBSCRIPTION_REFUSED || subscription->reason != code)
            log_warning("the broker refuses the subscription to \"%s\": %s; asking again each "
                        "minute",
                        subscription->text, subscriptions->hooks.reason(code));
        if (subscription->is_suspect)
            subscriptions->group_has_cause = true;
        subscription_fail(subscriptions, subscription, FAULT_SUBSCRIPTION_REFUSED, code,
                          now_ms + SUBSCRIPTION_RETRY_MS);
    } else {
        bool is_news = subscription->fault != FAULT_NONE || !subscription->was_answered ||
                       subscription->asked_retained;
        if (subscription->fault != FAULT_NONE)
            log_info("the broker now accepts the subscription to \"%s\"", subscription->text);
        subscription_set_state(subscriptions, subscription, STATE_GRANTED);
        subscriptions->fault_count -= subscription->fault != FAULT_NONE;
        subscription->fault = FAULT_NONE;
        subscription->reason = 0;
        subscriptions->granted++;
        if (is_news)
            subscriptions->hooks.changed(subscriptions->hooks.context, subscription->text,
                                         FAULT_NONE);
    }

    /* The broker has not closed the connection after this filter. */
    if (!subscription->is_answered)
        subscriptions->closes = 0;
    subscription_set_suspect(subscriptions, subscription, false);
    subscription->is_answered = subscription->was_answered = true;
    subscription->caused_close = subscription->is_urgent = false;
    subscription->closes_alone = 0;
}

static void subscription_fail_unanswered(struct subscriptions *subscriptions,
                                         struct subscription *subscription, uint64_t now_ms)
{
    if (subscription->fault != FAULT_SUBSCRIPTION_UNANSWERED)
        log_warning("the broker does not answer the subscription to \"%s\"; asking again each "
                    "minute",
                    subscription->text);
    subscription_fail(subscriptions, subscription, FAULT_SUBSCRIPTION_UNANSWERED, 0,
                      now_ms + SUBSCRIPTION_RETRY_MS);
}

void subscriptions_on_suback(struct subscriptions *subscriptions, int number, const int *codes,
                             size_t count, uint64_t now_ms)
{
    struct subscription_packet *packet = subscriptions_take_packet(subscriptions, number);
    if (!packet)
        return;
    subscriptions->progress_ms = now_ms;
    if (packet->count == subscriptions->packet_filters)
        subscriptions->groups_without_cause = 0;
    for (size_t i = 0; i < packet->count; i++) {
        struct subscription *at = packet->list[i];
        bool waits = at && (packet->is_late ? at->state == STATE_FAILED : at->state == STATE_ASKED);
        if (!waits)
            continue;
        bool is_suspect = at->is_suspect, is_probe = at == subscriptions->probe;
        if (i < count) {
            subscription_take_code(subscriptions, at, codes[i], now_ms);
        } else if (packet->count == 1) {
            subscription_fail_unanswered(subscriptions, at, now_ms);
        } else {
            /* Fewer codes than filters: the others are asked for alone. */
            subscription_set_state(subscriptions, at, STATE_IDLE);
            subscription_set_suspect(subscriptions, at, true);
            at->needs_retained |= at->asked_retained;
            subscription_enqueue(subscriptions, at);
        }

        /* Another QoS may be needed by now, retained messages, or no subscription. */
        bool may_change = !at->is_changed && at->state != STATE_QUEUED;
        if (may_change && subscription_qos(at) == NOT_ASKED)
            subscription_release(subscriptions, at);
        else if (may_change && at->state == STATE_GRANTED &&
                 (at->needs_retained || subscription_asked_qos(subscriptions, at) != at->asked))
            subscription_enqueue(subscriptions, at);

        if (is_suspect && subscriptions->suspect_count == 0)
            subscriptions_end_group(subscriptions);
        if (is_probe)
            subscriptions_end_probe(subscriptions);
    }
    free(packet);
    subscriptions_send_queued(subscriptions, now_ms);
}

void subscriptions_update(struct subscriptions *subscriptions, uint64_t now_ms)
{
    if (!subscriptions->is_connected)
        return;
    struct subscription *at = subscriptions->changed;
    subscriptions->changed = NULL;
    for (struct subscription *next; at; at = next) {
        next = at->changed;
        at->is_changed = false;
        bool waits = at->state == STATE_QUEUED || at->state == STATE_ASKED;
        if (subscription_qos(at) == NOT_ASKED) {
            if (!waits)
                subscription_release(subscriptions, at);
        } else if (at->needs_retained || subscription_asked_qos(subscriptions, at) != at->asked) {
            subscription_ask(subscriptions, at);
        }
    }
    subscriptions_unsubscribe(subscriptions);

    /* SUBACKs that do not come. */
    bool is_overdue = subscriptions->unacked_packets > 0 &&
                      now_ms - subscriptions->progress_ms > SUBSCRIPTION_ANSWER_LIMIT_MS;
    if (is_overdue)
        subscriptions->group = 0;
    struct subscription_packet *packet = is_overdue ? subscriptions->packets : NULL;
    for (; packet; packet = packet->next) {
        if (packet->is_late)
            continue;
        packet->is_late = true;
        subscriptions->unacked_packets--;
        subscriptions->late++;
        for (size_t i = 0; i < packet->count; i++) {
            subscription_fail_unanswered(subscriptions, packet->list[i], now_ms);
            if (packet->list[i] == subscriptions->probe)
                subscriptions_end_probe(subscriptions);
        }
    }

    subscriptions_drop_late(subscriptions, now_ms);
    subscriptions_retry_failed(subscriptions, now_ms);
    subscriptions_send_queued(subscriptions, now_ms);
}
