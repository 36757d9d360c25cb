/* Counts the users of each filter in a hash table of chains, and keeps what each filter waits for.
 */
#include "mqttd/broker/subscriptions.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/hash.h"
#include "common/base/log.h"
#include "common/model/topic.h"
#include "mqttd/broker/subscriptions_internal.h"

static const char shared_prefix[] = "$share/";

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

struct subscription *subscriptions_next(const struct subscriptions *subscriptions,
                                        const struct subscription *subscription)
{
    return (struct subscription *)hash_table_next(&subscriptions->filters,
                                                  subscription ? &subscription->node : NULL);
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
    assert(!subscriptions->is_connected);
    subscriptions->hooks = *hooks;
}

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

static void subscription_mark_changed(struct subscriptions *subscriptions,
                                      struct subscription *subscription)
{
    if (subscription->is_changed)
        return;
    subscription->is_changed = true;
    subscription->changed = subscriptions->changed;
    subscriptions->changed = subscription;
}

static enum subscription_kind subscription_kind_of(const char *text)
{
    if (strncmp(text, shared_prefix, sizeof shared_prefix - 1) == 0)
        return SUBSCRIPTION_SHARED;
    return topic_has_wildcard(text) ? SUBSCRIPTION_WILDCARD : SUBSCRIPTION_PLAIN;
}

static struct subscription *subscriptions_make(struct subscriptions *subscriptions,
                                               const char *text)
{
    size_t size = strlen(text) + 1;
    struct subscription *subscription = calloc(1, sizeof *subscription + size);
    if (!subscription)
        return NULL;
    subscription->asked = NOT_ASKED;
    subscription->kind = (uint8_t)subscription_kind_of(text);
    memcpy(subscription->text, text, size);
    hash_table_add(&subscriptions->filters, &subscription->node,
                   hash32_add_text(HASH32_START, text));
    return subscription;
}

bool subscriptions_add(struct subscriptions *subscriptions, const char *text, int qos)
{
    assert(qos >= 0 && qos < SUBSCRIPTION_QOS_COUNT);
    struct subscription *subscription = subscriptions_find(subscriptions, text);
    if (!subscription && !(subscription = subscriptions_make(subscriptions, text)))
        return false;
    subscription->users[qos]++;
    subscription_mark_changed(subscriptions, subscription);
    return true;
}

void subscriptions_remove(struct subscriptions *subscriptions, const char *text, int qos)
{
    struct subscription *subscription = subscriptions_find(subscriptions, text);
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

/* Leaves out a subscription that cannot be asked for. */
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

static enum subscription_rank subscription_rank_of(const struct subscription *subscription)
{
    if (subscription->is_suspect)
        return RANK_SUSPECT;
    return subscription->is_answered ? RANK_ANSWERED : RANK_UNKNOWN;
}

/* In QoS 2 the library keeps a message to itself after the broker was told that it is here, and
 * takes it along when it is killed. A value that comes twice does no harm. */
static int subscription_asked_qos(const struct subscriptions *subscriptions,
                                  const struct subscription *subscription)
{
    int qos = subscription_qos(subscription), most = subscriptions->limits.qos_max;
    most = most > 1 ? 1 : most;
    return qos > most ? most : qos;
}

size_t subscription_queue_of(const struct subscriptions *subscriptions,
                             const struct subscription *subscription)
{
    size_t rank = subscription_rank_of(subscription), retained = subscription->needs_retained;
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

static void delete (struct subscriptions *subscriptions, struct subscription *subscription)
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
        delete (subscriptions, subscriptions->leaving[i]);
}

void subscription_release(struct subscriptions *subscriptions, struct subscription *subscription)
{
    assert(!subscription->is_changed && subscription->state != STATE_QUEUED &&
           subscription->state != STATE_ASKED);
    if (!subscription->is_subscribed) {
        delete (subscriptions, subscription);
        return;
    }
    subscriptions->leaving[subscriptions->leaving_count++] = subscription;
    if (subscriptions->leaving_count == SUBSCRIPTIONS_PER_PACKET)
        subscriptions_unsubscribe(subscriptions);
}

/* Finds features that the CONNACK excludes: brokers close the connection when asked for them. */
static enum fault subscription_limit_fault(const struct subscription_limits *limits,
                                           const struct subscription *subscription)
{
    enum {
        SUBSCRIBE_OVERHEAD_BYTES = 1 + 4 + 2 + 1 + 2 + 1
    }; /* all but the text of a SUBSCRIBE of one */
    if (subscription->kind == SUBSCRIPTION_SHARED && limits->no_shared)
        return FAULT_SHARED_UNAVAILABLE;
    if (limits->no_wildcards && topic_has_wildcard(topic_filter_body(subscription->text)))
        return FAULT_WILDCARD_UNAVAILABLE;
    if (limits->packet_bytes_max > 0 &&
        SUBSCRIBE_OVERHEAD_BYTES + strlen(subscription->text) > limits->packet_bytes_max)
        return FAULT_TOPIC_TOO_LONG;
    return FAULT_NONE;
}

/* Looks at a wanted subscription. One that was given up waits for its retry. */
static void subscription_ask(struct subscriptions *subscriptions, struct subscription *subscription)
{
    enum fault fault = subscription_limit_fault(&subscriptions->limits, subscription);
    if (fault != FAULT_NONE)
        subscription_fail(subscriptions, subscription, fault, 0, UINT64_MAX);
    else if (subscription->state != STATE_FAILED)
        subscription_enqueue(subscriptions, subscription);
}

static void subscriptions_take_changes(struct subscriptions *subscriptions)
{
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
}

/* Clears the state of the last connection, except faults. */
static void subscription_start_over(struct subscriptions *subscriptions,
                                    struct subscription *subscription)
{
    bool was_given_up = subscription->state == STATE_FAILED &&
                        subscription->fault == FAULT_SUBSCRIPTION_DISCONNECTED;
    subscription->is_changed = false;
    subscription->asked = NOT_ASKED;
    /* A kept session of an earlier process has had what the broker retains. */
    subscription->needs_retained &= subscription->was_answered;
    if (!was_given_up)
        subscription_set_state(subscriptions, subscription, STATE_IDLE);
    if (subscription_qos(subscription) == NOT_ASKED)
        subscription_release(subscriptions, subscription);
    else
        subscription_ask(subscriptions, subscription);
}

void subscriptions_on_connect(struct subscriptions *subscriptions,
                              const struct subscription_limits *limits, uint64_t now_ms)
{
    assert(subscriptions->hooks.subscribe && !subscriptions->is_connected);
    subscriptions->is_connected = true;
    subscriptions->limits = *limits;
    subscriptions->progress_ms = now_ms;
    subscriptions->changed = NULL;
    for (struct subscription *at = subscriptions_next(subscriptions, NULL), *next; at; at = next) {
        next = subscriptions_next(subscriptions, at);
        subscription_start_over(subscriptions, at);
    }
    subscriptions_unsubscribe(subscriptions);
    subscriptions_send_queued(subscriptions, now_ms);
}

void subscriptions_update(struct subscriptions *subscriptions, uint64_t now_ms)
{
    if (!subscriptions->is_connected)
        return;
    subscriptions_take_changes(subscriptions);
    subscriptions_check_timeout(subscriptions, now_ms);
    subscriptions_retry_failed(subscriptions, now_ms);
    subscriptions_send_queued(subscriptions, now_ms);
}
