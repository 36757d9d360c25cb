/* The table of filters, with the users and the state of each, and the queues of filters to be asked
 * for. */
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/require.h"
#include "common/model/topic.h"
#include "mqttd/broker/subscriptions_internal.h"

static struct subscription *subscriptions_find(const struct subscriptions *subscriptions,
                                               const char *text)
{
    uint32_t hash = hash32_add_text(HASH32_START, text);
    for (struct hash_node *at = hash_table_chain(&subscriptions->filters, hash); at;
         at = at->next) {
        struct subscription *subscription = (struct subscription *)at;
        if (at->hash == hash && strcmp(subscription->text, text) == 0)
            return subscription;
    }
    return NULL;
}

struct subscription *subscriptions_next(const struct subscriptions *subscriptions,
                                        const struct subscription *subscription)
{
    return (struct subscription *)hash_table_next(&subscriptions->filters,
                                                  subscription ? &subscription->node : NULL);
}

static void subscription_mark_changed(struct subscriptions *subscriptions,
                                      struct subscription *subscription)
{
    if (subscription->is_changed)
        return;
    subscription->is_changed = true;
    subscription->changed = subscriptions->changed;
    subscriptions->changed = subscription;
}

bool subscriptions_add(struct subscriptions *subscriptions, const char *text, int qos)
{
    static const char shared_prefix[] = "$share/";
    REQUIRE(qos >= 0);
    qos = qos < SUBSCRIPTION_QOS_COUNT ? qos : SUBSCRIPTION_QOS_COUNT - 1;
    struct subscription *subscription = subscriptions_find(subscriptions, text);
    if (!subscription) {
        size_t size = strlen(text) + 1;
        subscription = calloc(1, sizeof *subscription + size);
        if (!subscription)
            return false;
        memcpy(subscription->text, text, size);
        subscription->asked = NOT_ASKED;
        subscription->kind = SUBSCRIPTION_PLAIN;
        if (strncmp(text, shared_prefix, sizeof shared_prefix - 1) == 0)
            subscription->kind = SUBSCRIPTION_SHARED;
        else if (topic_has_wildcard(text))
            subscription->kind = SUBSCRIPTION_WILDCARD;
        hash_table_add(&subscriptions->filters, &subscription->node,
                       hash32_add_text(HASH32_START, text));
    }
    subscription->users[qos]++;
    subscription_mark_changed(subscriptions, subscription);
    return true;
}

void subscriptions_remove(struct subscriptions *subscriptions, const char *text, int qos)
{
    struct subscription *subscription = subscriptions_find(subscriptions, text);
    REQUIRE(qos >= 0);
    qos = qos < SUBSCRIPTION_QOS_COUNT ? qos : SUBSCRIPTION_QOS_COUNT - 1;
    if (!subscription || subscription->users[qos] == 0)
        return;
    subscription->users[qos]--;
    subscription_mark_changed(subscriptions, subscription);
}

void subscriptions_request_retained(struct subscriptions *subscriptions, const char *text)
{
    struct subscription *subscription = subscriptions_find(subscriptions, text);
    if (!subscription)
        return;
    subscription->needs_retained = true;
    subscription_mark_changed(subscriptions, subscription);
}

void subscriptions_want_retained(struct subscriptions *subscriptions, const char *text)
{
    struct subscription *subscription = subscriptions_find(subscriptions, text);
    if (subscription)
        subscription->wants_retained = true;
    subscriptions_request_retained(subscriptions, text);
}

/* Does nothing for a subscription that cannot be asked for on this connection. */
static void subscription_ask_soon(struct subscriptions *subscriptions,
                                  struct subscription *subscription)
{
    if (subscription->due_ms == UINT64_MAX)
        return;
    subscription->due_ms = 0;
    subscriptions->look_ms = 0;
}

void subscriptions_retry(struct subscriptions *subscriptions, const char *text)
{
    struct subscription *subscription = subscriptions_find(subscriptions, text);
    if (!subscription || subscription->state != STATE_FAILED)
        return;
    subscription->is_urgent = true;
    subscription_ask_soon(subscriptions, subscription);
}

void subscriptions_retry_all(struct subscriptions *subscriptions)
{
    subscriptions->probe_ms = 0;
    subscriptions->probe_pause_ms = SUBSCRIPTION_RETRY_MS;
    subscriptions->packet_filters = SUBSCRIPTIONS_PER_PACKET;
    for (struct subscription *at = subscriptions_next(subscriptions, NULL); at;
         at = subscriptions_next(subscriptions, at)) {
        if (at->state == STATE_FAILED)
            subscription_ask_soon(subscriptions, at);
    }
}

int subscription_qos(const struct subscription *subscription)
{
    int qos = SUBSCRIPTION_QOS_COUNT - 1;
    while (qos >= 0 && subscription->users[qos] == 0)
        qos--;
    return qos < 0 ? NOT_ASKED : qos;
}

bool subscriptions_has_filter(const struct subscriptions *subscriptions, const char *text)
{
    const struct subscription *subscription = subscriptions_find(subscriptions, text);
    return subscription && subscription_qos(subscription) != NOT_ASKED;
}

bool subscriptions_restore_topic(const struct subscriptions *subscriptions, const char *topic,
                                 char *restored)
{
    if (subscriptions_has_filter(subscriptions, topic))
        return false;
    for (const struct subscription *at = subscriptions_next(subscriptions, NULL); at;
         at = subscriptions_next(subscriptions, at)) {
        const char *body = topic_filter_body(at->text);
        if (strchr(body, '.') && subscription_qos(at) != NOT_ASKED &&
            topic_restore_dots(body, topic, restored))
            return true;
    }
    return false;
}

enum fault subscriptions_fault_of(const struct subscriptions *subscriptions, const char *text)
{
    const struct subscription *subscription =
        subscriptions->fault_count > 0 ? subscriptions_find(subscriptions, text) : NULL;
    return subscription ? (enum fault)subscription->fault : FAULT_NONE;
}

void subscriptions_for_each(const struct subscriptions *subscriptions,
                            void (*take)(void *context, const char *filter), void *context)
{
    for (const struct subscription *at = subscriptions_next(subscriptions, NULL); at;
         at = subscriptions_next(subscriptions, at)) {
        if (subscription_qos(at) != NOT_ASKED)
            take(context, at->text);
    }
}

void subscription_set_state(struct subscriptions *subscriptions, struct subscription *subscription,
                            enum subscription_state state)
{
    subscriptions->failed_count -= subscription->state == STATE_FAILED;
    subscriptions->failed_count += state == STATE_FAILED;
    subscription->state = (uint8_t)state;
}

void subscription_set_suspect(struct subscriptions *subscriptions,
                              struct subscription *subscription, bool is_suspect)
{
    subscriptions->suspect_count -= subscription->is_suspect;
    subscriptions->suspect_count += is_suspect;
    subscription->is_suspect = is_suspect;
}

void subscription_fail(struct subscriptions *subscriptions, struct subscription *subscription,
                       enum fault fault, int reason, uint64_t due_ms)
{
    bool is_new = subscription->fault != fault || subscription->reason != reason;
    subscription_set_state(subscriptions, subscription, STATE_FAILED);
    subscription_set_suspect(subscriptions, subscription, false);
    subscriptions->fault_count += subscription->fault == FAULT_NONE;
    subscription->fault = (uint8_t)fault;
    subscription->reason = reason;
    subscription->due_ms = due_ms;
    subscription->is_urgent = false;
    if (is_new)
        subscriptions->hooks.changed(subscriptions->hooks.context, subscription->text, fault);
}

/* Not QoS 2: the library keeps such a message in memory after it has acknowledged it to the broker,
 * so that a crash of mqttd loses it. QoS 1 may deliver a value twice, which does no harm. */
int subscription_asked_qos(const struct subscriptions *subscriptions,
                           const struct subscription *subscription)
{
    int qos = subscription_qos(subscription), most = subscriptions->limits.qos_max;
    most = most > 1 ? 1 : most;
    return qos > most ? most : qos;
}

size_t subscription_queue_of(const struct subscriptions *subscriptions,
                             const struct subscription *subscription)
{
    size_t rank = subscription->is_answered ? RANK_ANSWERED : RANK_UNKNOWN;
    if (subscription->is_suspect)
        rank = RANK_SUSPECT;
    size_t retained = subscription->needs_retained;
    size_t qos = subscription_asked_qos(subscriptions, subscription) > 0;
    return ((rank * SUBSCRIPTION_KIND_COUNT + subscription->kind) * 2 + retained) * 2 + qos;
}

void subscription_enqueue(struct subscriptions *subscriptions, struct subscription *subscription)
{
    if (subscription->state == STATE_ASKED || subscription->state == STATE_QUEUED)
        return;
    struct subscription_queue *queue =
        &subscriptions->queues[subscription_queue_of(subscriptions, subscription)];
    subscription->queued = NULL;
    *queue->last = subscription;
    queue->last = &subscription->queued;
    subscriptions->queued_count++;
    subscription_set_state(subscriptions, subscription, STATE_QUEUED);
}

static void subscription_delete(struct subscriptions *subscriptions,
                                struct subscription *subscription)
{
    hash_table_remove(&subscriptions->filters, &subscription->node);
    subscription_set_state(subscriptions, subscription, STATE_IDLE);
    subscription_set_suspect(subscriptions, subscription, false);
    subscriptions->fault_count -= subscription->fault != FAULT_NONE;
    struct subscription_packet *packet = subscriptions->late > 0 ? subscriptions->packets : NULL;
    for (; packet; packet = packet->next) {
        for (size_t i = 0; i < packet->count; i++) {
            if (packet->list[i] == subscription)
                packet->list[i] = NULL;
        }
    }
    free(subscription);
}

void subscriptions_unsubscribe(struct subscriptions *subscriptions)
{
    const char *texts[SUBSCRIPTIONS_PER_PACKET];
    size_t count = subscriptions->leaving_count;
    if (count == 0)
        return;
    for (size_t i = 0; i < count; i++)
        texts[i] = subscriptions->leaving[i]->text;
    subscriptions->hooks.unsubscribe(subscriptions->hooks.context, texts, count);
    subscriptions->leaving_count = 0;
    for (size_t i = 0; i < count; i++)
        subscription_delete(subscriptions, subscriptions->leaving[i]);
}

void subscription_release(struct subscriptions *subscriptions, struct subscription *subscription)
{
    REQUIRE(!subscription->is_changed && subscription->state != STATE_QUEUED &&
            subscription->state != STATE_ASKED);
    if (!subscription->is_subscribed) {
        subscription_delete(subscriptions, subscription);
        return;
    }
    subscriptions->leaving[subscriptions->leaving_count++] = subscription;
    if (subscriptions->leaving_count == SUBSCRIPTIONS_PER_PACKET)
        subscriptions_unsubscribe(subscriptions);
}
