/* Sends SUBSCRIBE packets and keeps those without a SUBACK. */
#include <stdlib.h>
#include <string.h>

#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "mqttd/broker/subscriptions_internal.h"

enum { SUBSCRIBE_BYTES_MAX = 60000 };

/* The broker usually answers in order: the search ends at the first packet. */
struct subscription_packet *subscriptions_take_packet(struct subscriptions *subscriptions,
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

/* Their filters are asked for again in other packets. */
void subscriptions_drop_late(struct subscriptions *subscriptions, uint64_t now_ms)
{
    while (subscriptions->packets && subscriptions->packets->is_late &&
           now_ms - subscriptions->packets->sent_ms > SUBSCRIPTION_RETRY_MS)
        free(subscriptions_take_packet(subscriptions, subscriptions->packets->number));
}

void subscriptions_log_start(struct subscriptions *subscriptions, size_t count)
{
    if (subscriptions->is_asking)
        return;
    subscriptions->is_asking = true;
    subscriptions->granted = 0;
    log_debug("subscribing to %zu topic%s", count, plural_suffix(count));
}

bool subscriptions_send_packet(struct subscriptions *subscriptions,
                               struct subscription *const *list, size_t count, uint64_t now_ms)
{
    const char *texts[SUBSCRIPTIONS_PER_PACKET];
    struct subscription_packet *packet = malloc(sizeof *packet);
    enum subscribe_result result = SUBSCRIBE_LATER;
    int qos = (int)(subscription_queue_of(subscriptions, list[0]) & 1);
    REQUIRE(subscriptions->is_connected);
    REQUIRE(count >= 1 && count <= SUBSCRIPTIONS_PER_PACKET);
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
    *subscriptions->packets_end = packet;
    subscriptions->packets_end = &packet->next;
    subscriptions->unacked_packets++;
    subscriptions->progress_ms = now_ms;
    return true;
}

/* Removes the first subscription of the queue. */
static struct subscription *subscriptions_dequeue(struct subscriptions *subscriptions,
                                                  size_t number)
{
    struct subscription_queue *queue = &subscriptions->queues[number];
    struct subscription *at = queue->first;
    REQUIRE(at && at->state == STATE_QUEUED);
    queue->first = at->queued;
    if (!queue->first)
        queue->last = &queue->first;
    subscriptions->queued_count--;
    subscription_set_state(subscriptions, at, STATE_IDLE);
    return at;
}

/* Returns the first subscription of the queue that feeds still need and that still belongs there,
 * or NULL. */
static struct subscription *subscriptions_queue_first(struct subscriptions *subscriptions,
                                                      size_t number)
{
    for (struct subscription *at; (at = subscriptions->queues[number].first);) {
        bool is_wanted = subscription_qos(at) != NOT_ASKED;
        if (is_wanted && subscription_queue_of(subscriptions, at) == number)
            return at;
        subscriptions_dequeue(subscriptions, number);
        if (is_wanted)
            subscription_enqueue(subscriptions, at);
        else if (!at->is_changed)
            subscription_release(subscriptions, at);
    }
    return NULL;
}

/* Sends one packet of filters of this queue. False when it has to wait. */
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
        size_t more = 2 + strlen(at->text) + 1;
        if (count == (is_suspect ? 1 : most) || (count > 0 && bytes + more > bytes_max))
            break;
        bytes += more;
        list[count++] = subscriptions_dequeue(subscriptions, number);
    }
    if (count == 0)
        return true;
    subscriptions_log_start(subscriptions, count + subscriptions->queued_count);
    return subscriptions_send_packet(subscriptions, list, count, now_ms);
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
