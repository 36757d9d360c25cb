/* A small broker for the tests of mqttd's subscriptions. */
#ifndef TAGFERRY_TESTS_SUBSCRIPTIONS_FIXTURE_H
#define TAGFERRY_TESTS_SUBSCRIPTIONS_FIXTURE_H

#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttd/broker/subscriptions.h"

enum { MINUTE_MS = 60000, FILTERS_MAX = 400, PACKETS_MAX = 5000, REFUSED = 0x87 };

struct packet {
    int number;
    size_t count;
    char filter[SUBSCRIPTIONS_PER_PACKET][64];
    int qos;
    bool retained;
};

struct broker {
    struct subscriptions *subscriptions;
    uint64_t now_ms;
    /* The behaviour of the broker. */
    const char *closes_behind; /* a part of the filter */
    const char *refuses, *ignores;
    size_t packet_max, total_max, codes_max; /* 0: no limit */
    struct subscription_limits limits;
    /* The requests that it received. */
    char log[2048]; /* "filter:qos", "-filter" */
    struct packet packets[PACKETS_MAX];
    size_t first, last;
    size_t granted, unsubscribed, connections, charged, asked, most_in_packet;
    int number;
    /* The results of the filters: text and fault. */
    struct {
        char text[64];
        enum fault fault;
    } known[FILTERS_MAX];
    size_t known_count;
};

static inline void note(struct broker *broker, const char *text)
{
    size_t used = strlen(broker->log);
    snprintf(broker->log + used, sizeof broker->log - used, "%s%s", used > 0 ? " " : "", text);
}

static inline enum subscribe_result take_subscribe(void *context, const char *const *filters,
                                                   size_t count, int qos, bool retained,
                                                   int *number)
{
    struct broker *broker = context;
    char text[80];
    assert_in_range(count, 1, SUBSCRIPTIONS_PER_PACKET);
    for (size_t i = 0; i < count; i++) {
        if (strstr(filters[i], "impossible"))
            return SUBSCRIBE_IMPOSSIBLE;
    }
    assert_true(broker->last < PACKETS_MAX);
    struct packet *packet = &broker->packets[broker->last++];
    *packet = (struct packet){
        .number = ++broker->number, .count = count, .qos = qos, .retained = retained};
    for (size_t i = 0; i < count; i++) {
        snprintf(packet->filter[i], sizeof packet->filter[i], "%s", filters[i]);
        snprintf(text, sizeof text, "%s:%d%s", filters[i], qos, retained ? "r" : "");
        note(broker, text);
    }
    if (count > broker->most_in_packet)
        broker->most_in_packet = count;
    broker->asked += count;
    *number = packet->number;
    return SUBSCRIBE_SENT;
}

static inline void take_unsubscribe(void *context, const char *const *filters, size_t count)
{
    struct broker *broker = context;
    char text[80];
    assert_in_range(count, 1, SUBSCRIPTIONS_PER_PACKET);
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "-%s", filters[i]);
        note(broker, text);
    }
    broker->unsubscribed += count;
}

static inline void take_change(void *context, const char *filter, enum fault fault)
{
    struct broker *broker = context;
    size_t at = 0;
    while (at < broker->known_count && strcmp(broker->known[at].text, filter) != 0)
        at++;
    if (at == FILTERS_MAX)
        return;
    if (at == broker->known_count) {
        broker->known_count++;
        snprintf(broker->known[at].text, sizeof broker->known[at].text, "%s", filter);
    }
    broker->known[at].fault = fault;
}

static const char *say_reason(int code)
{
    return code == REFUSED ? "Not authorized" : "Unspecified error";
}

static inline struct broker *set_up(void)
{
    struct broker *broker = calloc(1, sizeof *broker);
    assert_non_null(broker);
    broker->subscriptions = subscriptions_create();
    assert_non_null(broker->subscriptions);
    broker->limits.qos_max = 2;
    broker->now_ms = 1000;
    const struct subscriptions_hooks hooks = {.context = broker,
                                              .subscribe = take_subscribe,
                                              .unsubscribe = take_unsubscribe,
                                              .changed = take_change,
                                              .reason = say_reason};
    subscriptions_set_hooks(broker->subscriptions, &hooks);
    return broker;
}

static inline void tear_down(struct broker *broker)
{
    subscriptions_destroy(broker->subscriptions);
    free(broker);
}

static inline bool holds(const char *filter, const char *part)
{
    return part && strstr(filter, part);
}

static inline bool closes(const struct broker *broker, const struct packet *packet)
{
    if (broker->packet_max > 0 && packet->count > broker->packet_max)
        return true;
    if (broker->total_max > 0 && broker->granted + packet->count > broker->total_max)
        return true;
    for (size_t i = 0; i < packet->count; i++) {
        if (holds(packet->filter[i], broker->closes_behind))
            return true;
    }
    return false;
}

static inline void answer(struct broker *broker, const struct packet *packet)
{
    int codes[SUBSCRIPTIONS_PER_PACKET];
    size_t count = packet->count;
    if (broker->codes_max > 0 && count > broker->codes_max)
        count = broker->codes_max;
    for (size_t i = 0; i < packet->count; i++) {
        if (holds(packet->filter[i], broker->ignores))
            return;
    }
    for (size_t i = 0; i < count; i++) {
        codes[i] = holds(packet->filter[i], broker->refuses) ? REFUSED : packet->qos;
        broker->granted += codes[i] < 0x80;
    }
    subscriptions_on_suback(broker->subscriptions, packet->number, codes, count, broker->now_ms);
}

/* Answers until there are no more requests, or closes and accepts the next connection. */
static inline void serve(struct broker *broker)
{
    for (int guard = 0; broker->first < broker->last; guard++) {
        assert_true(guard < 100000);
        struct packet packet = broker->packets[broker->first++];
        broker->now_ms += 1;
        if (!closes(broker, &packet)) {
            answer(broker, &packet);
            continue;
        }
        broker->charged += subscriptions_on_disconnect(broker->subscriptions, true, broker->now_ms);
        broker->first = broker->last = broker->granted = 0;
        broker->now_ms += 500;
        broker->connections++;
        subscriptions_on_connect(broker->subscriptions, &broker->limits, broker->now_ms);
    }
    broker->first = broker->last = 0;
}

static inline void connect(struct broker *broker)
{
    broker->connections++;
    broker->granted = 0;
    subscriptions_on_connect(broker->subscriptions, &broker->limits, broker->now_ms);
}

/* Advances the time, with one call each second. */
static inline void pass(struct broker *broker, uint64_t ms)
{
    for (uint64_t end = broker->now_ms + ms; broker->now_ms < end;) {
        broker->now_ms += 1000;
        subscriptions_update(broker->subscriptions, broker->now_ms);
        serve(broker);
    }
}

static inline void update(struct broker *broker)
{
    subscriptions_update(broker->subscriptions, broker->now_ms);
    serve(broker);
}

static inline void add(struct broker *broker, const char *filter, int qos)
{
    assert_true(subscriptions_add(broker->subscriptions, filter, qos));
}

static inline void add_many(struct broker *broker, const char *stem, int count)
{
    char text[64];
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s%d", stem, i);
        add(broker, text, 1);
    }
}

static inline int compare_words(const void *left, const void *right)
{
    const char *a, *b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return strcmp(a, b);
}

/* The requests since the last call, in alphabetical order. */
static inline void expect_asked(struct broker *broker, const char *expected)
{
    const char *words[64];
    char all[2048] = "";
    size_t count = 0;
    for (char *word = strtok(broker->log, " "); word; word = strtok(NULL, " "))
        words[count++] = word;
    qsort(words, count, sizeof words[0], compare_words);
    for (size_t i = 0; i < count; i++) {
        strcat(all, i > 0 ? " " : "");
        strcat(all, words[i]);
    }
    assert_string_equal(all, expected);
    broker->log[0] = '\0';
}

static inline enum fault fault_of(const struct broker *broker, const char *filter)
{
    for (size_t i = 0; i < broker->known_count; i++) {
        if (strcmp(broker->known[i].text, filter) == 0)
            return broker->known[i].fault;
    }
    return FAULT_COUNT; /* nothing is known yet */
}

static inline size_t count_faults(const struct broker *broker, enum fault fault)
{
    size_t count = 0;
    for (size_t i = 0; i < broker->known_count; i++)
        count += broker->known[i].fault == fault;
    return count;
}

#endif
