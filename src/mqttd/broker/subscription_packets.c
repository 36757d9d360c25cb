/* Packets of subscriptions on their way, and what the broker answers. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/plural.h"
#include "mqttd/broker/subscriptions_internal.h"

enum { SUBSCRIBE_BYTES_MAX = 60000 };

static void subscriptions_add_packet(struct subscriptions *subscriptions,
                                     struct subscription_packet *packet)
{
    packet->next = NULL;
    *subscriptions->packets_end = packet;
    subscriptions->packets_end = &packet->next;
    subscriptions->unacked_packets++;
}

/* Takes out the packet of this number; NULL when it is unknown. The broker mostly answers in
 * order. */
static struct subscription_packet *subscriptions_take_packet(struct subscriptions *subscriptions,
                                                             int number)
{
    struct subscription_packet **at = &subscriptions->packets;
    while (*at && (*at)->number != number)
        at = &(*at)->next;
    struct subscription_packet *packet = *at;
    if (!packet)
        return NULL;
    *at = packet->next;
    if (!packet->next)
        subscriptions->packets_end = at;
    subscriptions->unacked_packets -= !packet->is_late;
    subscriptions->late -= packet->is_late;
    return packet;
}

void subscriptions_drop_packets(struct subscriptions *subscriptions)
{
    for (struct subscription_packet *at = subscriptions->packets, *next; at; at = next) {
        next = at->next;
        free(at);
    }
    subscriptions->packets = NULL;
    subscriptions->packets_end = &subscriptions->packets;
    subscriptions->unacked_packets = subscriptions->late = 0;
}

void subscriptions_log_start(struct subscriptions *subscriptions, size_t count)
{
    if (subscriptions->is_asking)
        return;
    subscriptions->is_asking = true;
    subscriptions->granted = 0;
    log_debug("subscribing to %zu topic%s", count, plural_suffix(count));
}

/* Sends one packet. False when it has to wait; then its filters are queued again. */
bool subscriptions_send_packet(struct subscriptions *subscriptions,
                               struct subscription *const *list, size_t count, uint64_t now_ms)
{
    const char *texts[SUBSCRIPTIONS_PER_PACKET];
    struct subscription_packet *packet = malloc(sizeof *packet);
    enum subscribe_result result = SUBSCRIBE_LATER;
    int qos = (int)(subscription_queue_of(subscriptions, list[0]) & 1);
    assert(count >= 1 && count <= SUBSCRIPTIONS_PER_PACKET);
    for (size_t i = 0; i < count; i++)
        texts[i] = list[i]->text;
    if (packet) {
        *packet = (struct subscription_packet){.sent_ms = now_ms, .count = count};
        result = subscriptions->hooks.subscribe(subscriptions->hooks.context, texts, count, qos,
                                                list[0]->needs_retained, &packet->number);
    }
    for (size_t i = 0; i < count; i++) {
        if (result == SUBSCRIBE_SENT) {
            subscription_set_state(subscriptions, list[i], STATE_ASKED);
            list[i]->asked = (int8_t)qos;
            list[i]->asked_retained = list[i]->needs_retained;
            list[i]->needs_retained = false;
            list[i]->is_subscribed = true;
            packet->list[i] = list[i];
        } else if (result == SUBSCRIBE_IMPOSSIBLE && count == 1) {
            subscription_fail(subscriptions, list[i], FAULT_SUBSCRIPTION_REFUSED, 0, UINT64_MAX);
        } else {
            subscription_set_suspect(subscriptions, list[i],
                                     list[i]->is_suspect || result == SUBSCRIBE_IMPOSSIBLE);
            subscription_enqueue(subscriptions, list[i]);
        }
    }
    if (result != SUBSCRIBE_SENT) {
        free(packet);
        return result == SUBSCRIBE_IMPOSSIBLE;
    }
    subscriptions_add_packet(subscriptions, packet);
    subscriptions->progress_ms = now_ms;
    return true;
}

/* The next one of the queue that is still wanted, and wanted so; NULL at the end. */
static struct subscription *subscriptions_queue_first(struct subscriptions *subscriptions,
                                                      size_t number)
{
    struct subscription_queue *queue = &subscriptions->queues[number];
    while (queue->first) {
        struct subscription *at = queue->first;
        bool is_wanted = subscription_qos(at) != NOT_ASKED;
        if (is_wanted && subscription_queue_of(subscriptions, at) == number)
            return at;
        queue->first = at->queued;
        if (!queue->first)
            queue->last = &queue->first;
        subscriptions->queued_count--;
        subscription_set_state(subscriptions, at, STATE_IDLE);
        if (is_wanted)
            subscription_enqueue(subscriptions, at);
        else if (!at->is_changed)
            subscription_release(subscriptions, at);
    }
    return NULL;
}

static void subscriptions_dequeue(struct subscriptions *subscriptions, size_t number)
{
    struct subscription_queue *queue = &subscriptions->queues[number];
    struct subscription *at = queue->first;
    queue->first = at->queued;
    if (!queue->first)
        queue->last = &queue->first;
    subscriptions->queued_count--;
    subscription_set_state(subscriptions, at, STATE_IDLE);
}

static size_t subscription_wire_bytes(const struct subscription *subscription)
{
    return 2 + strlen(subscription->text) + 1;
}

static bool subscriptions_send_queue(struct subscriptions *subscriptions, size_t number,
                                     uint64_t now_ms)
{
    struct subscription *list[SUBSCRIPTIONS_PER_PACKET];
    size_t count = 0, bytes = 1 + 4 + 2 + 1, most = subscriptions->packet_filters;
    size_t bytes_max = subscriptions->limits.packet_bytes_max;
    bool is_suspect = number / (SUBSCRIPTION_QUEUE_COUNT / RANK_COUNT) == RANK_SUSPECT;
    if (bytes_max == 0 || bytes_max > SUBSCRIBE_BYTES_MAX)
        bytes_max = SUBSCRIBE_BYTES_MAX;
    for (struct subscription *at; (at = subscriptions_queue_first(subscriptions, number));) {
        if (count == (is_suspect ? 1 : most) ||
            (count > 0 && bytes + subscription_wire_bytes(at) > bytes_max))
            break;
        subscriptions_dequeue(subscriptions, number);
        bytes += subscription_wire_bytes(at);
        list[count++] = at;
    }
    if (count == 0)
        return true;
    subscriptions_log_start(subscriptions, count + subscriptions->queued_count);
    return subscriptions_send_packet(subscriptions, list, count, now_ms);
}

static void subscriptions_log_finish(struct subscriptions *subscriptions)
{
    if (subscriptions->unacked_packets > 0 || subscriptions->queued_count > 0)
        return;
    subscriptions->is_careful = false;
    subscriptions->closes = 0;
    if (!subscriptions->is_asking)
        return;
    subscriptions->is_asking = false;
    void (*say)(const char *format, ...) = subscriptions->limits.is_quiet ? log_debug : log_info;
    say("subscribed to %zu topic%s", subscriptions->granted, plural_suffix(subscriptions->granted));
}

void subscriptions_send_queued(struct subscriptions *subscriptions, uint64_t now_ms)
{
    bool goes_on = subscriptions->is_connected;
    while (goes_on && subscriptions->queued_count > 0 && !subscriptions->probe) {
        size_t number = 0;
        while (!subscriptions->queues[number].first)
            number++;
        if (subscriptions->is_careful && number >= SUBSCRIPTION_QUEUE_COUNT / RANK_COUNT &&
            subscriptions->unacked_packets > 0)
            break;
        goes_on = subscriptions_send_queue(subscriptions, number, now_ms);
    }
    subscriptions_unsubscribe(subscriptions);
    subscriptions_log_finish(subscriptions);
}

static void subscription_grant(struct subscriptions *subscriptions,
                               struct subscription *subscription)
{
    bool is_news = subscription->fault != FAULT_NONE || !subscription->was_answered ||
                   subscription->asked_retained;
    if (subscription->fault != FAULT_NONE)
        log_info("the broker takes the subscription to \"%s\" now", subscription->text);
    subscription_set_state(subscriptions, subscription, STATE_GRANTED);
    subscriptions->fault_count -= subscription->fault != FAULT_NONE;
    subscription->fault = FAULT_NONE;
    subscription->reason = 0;
    subscriptions->granted++;
    if (is_news)
        subscriptions->hooks.changed(subscriptions->hooks.context, subscription->text, FAULT_NONE);
}

static void subscription_refuse(struct subscriptions *subscriptions,
                                struct subscription *subscription, int code, uint64_t now_ms)
{
    if (subscription->fault != FAULT_SUBSCRIPTION_REFUSED || subscription->reason != code)
        log_warning("the broker refuses the subscription to \"%s\": %s; asking again each minute",
                    subscription->text, subscriptions->hooks.reason(code));
    if (subscription->is_suspect)
        subscriptions->group_is_guilty = true;
    subscription_fail(subscriptions, subscription, FAULT_SUBSCRIPTION_REFUSED, code,
                      now_ms + SUBSCRIPTION_RETRY_MS);
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

/* The SUBACK had fewer codes than its SUBSCRIBE filters. */
static void subscription_ask_alone(struct subscriptions *subscriptions,
                                   struct subscription *subscription)
{
    subscription_set_state(subscriptions, subscription, STATE_IDLE);
    subscription_set_suspect(subscriptions, subscription, true);
    subscription->needs_retained |= subscription->asked_retained;
    subscription_enqueue(subscriptions, subscription);
}

/* The broker has lived to answer for it. */
static void subscription_note_answer(struct subscriptions *subscriptions,
                                     struct subscription *subscription)
{
    if (!subscription->is_answered)
        subscriptions->closes = 0;
    subscription_set_suspect(subscriptions, subscription, false);
    subscription->is_answered = subscription->was_answered = true;
    subscription->is_guilty = subscription->is_urgent = false;
    subscription->strikes = 0;
}

/* It changed while it was asked for. */
static void subscription_apply_changes(struct subscriptions *subscriptions,
                                       struct subscription *subscription)
{
    bool is_wanted = subscription_qos(subscription) != NOT_ASKED;
    if (subscription->is_changed || subscription->state == STATE_QUEUED)
        return;
    if (!is_wanted)
        subscription_release(subscriptions, subscription);
    else if (subscription->state == STATE_GRANTED &&
             (subscription->needs_retained ||
              (int)(subscription_queue_of(subscriptions, subscription) & 1) != subscription->asked))
        subscription_enqueue(subscriptions, subscription);
}

void subscriptions_on_suback(struct subscriptions *subscriptions, int number, const int *codes,
                             size_t count, uint64_t now_ms)
{
    struct subscription_packet *packet = subscriptions_take_packet(subscriptions, number);
    if (!packet)
        return;
    subscriptions->progress_ms = now_ms;
    if (packet->count == subscriptions->packet_filters)
        subscriptions->innocent_groups = 0;
    for (size_t i = 0; i < packet->count; i++) {
        struct subscription *at = packet->list[i];
        bool waits = at && (packet->is_late ? at->state == STATE_FAILED : at->state == STATE_ASKED);
        if (!waits)
            continue;
        bool is_suspect = at->is_suspect, is_probe = at == subscriptions->probe;
        if (i >= count && packet->count > 1) {
            subscription_ask_alone(subscriptions, at);
        } else if (i >= count) {
            subscription_fail_unanswered(subscriptions, at, now_ms);
        } else if (codes[i] >= 0x80) {
            subscription_refuse(subscriptions, at, codes[i], now_ms);
            subscription_note_answer(subscriptions, at);
        } else {
            subscription_grant(subscriptions, at);
            subscription_note_answer(subscriptions, at);
        }
        subscription_apply_changes(subscriptions, at);
        if (is_suspect && subscriptions->suspect_count == 0)
            subscriptions_end_group(subscriptions);
        if (is_probe)
            subscriptions_end_probe(subscriptions);
    }
    free(packet);
    subscriptions_send_queued(subscriptions, now_ms);
}

void subscriptions_check_timeout(struct subscriptions *subscriptions, uint64_t now_ms)
{
    if (subscriptions->unacked_packets == 0 ||
        now_ms - subscriptions->progress_ms <= SUBSCRIPTION_ANSWER_LIMIT_MS)
        return;
    subscriptions->group = 0;
    for (struct subscription_packet *at = subscriptions->packets; at; at = at->next) {
        if (at->is_late)
            continue;
        at->is_late = true;
        subscriptions->unacked_packets--;
        subscriptions->late++;
        for (size_t i = 0; i < at->count; i++) {
            subscription_fail_unanswered(subscriptions, at->list[i], now_ms);
            if (at->list[i] == subscriptions->probe)
                subscriptions_end_probe(subscriptions);
        }
    }
}

/* SUBACKs that are this late do not come, and their filters have been asked for again. */
void subscriptions_drop_late(struct subscriptions *subscriptions, uint64_t now_ms)
{
    while (subscriptions->packets && subscriptions->packets->is_late &&
           now_ms - subscriptions->packets->sent_ms > SUBSCRIPTION_RETRY_MS)
        free(subscriptions_take_packet(subscriptions, subscriptions->packets->number));
}
