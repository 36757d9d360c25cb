/* Subscriptions: each filter once, at the highest QoS that is needed; the broker is asked only for
 * what has changed; and a filter that it cannot bear takes no other with it. The broker is a small
 * one of the test's own. */
#include "check.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mqttd/subscriptions.h"

enum { MINUTE_MS = 60000, FILTERS_MAX = 400, PACKETS_MAX = 5000, REFUSED = 0x87 };

struct packet {
    int number;
    size_t count;
    char filter[SUBSCRIPTIONS_A_PACKET][64];
    int qos;
    bool retained;
};

struct broker {
    struct subscriptions *subscriptions;
    uint64_t now_ms;
    /* What it is like. */
    const char *closes_behind; /* a part of the filter */
    const char *refuses, *ignores;
    size_t packet_max, total_max, codes_max; /* 0: no limit */
    struct subscription_limits limits;
    /* What it was asked. */
    char log[2048]; /* "filter:qos", "-filter" */
    struct packet packets[PACKETS_MAX];
    size_t first, last;
    size_t granted, unsubscribed, connections, charged, asked, most_in_packet;
    int number;
    /* What became of the filters: text and fault. */
    struct {
        char text[64];
        enum fault fault;
    } known[FILTERS_MAX];
    size_t known_count;
};

static void note(struct broker *broker, const char *text)
{
    size_t used = strlen(broker->log);
    snprintf(broker->log + used, sizeof broker->log - used, "%s%s", used > 0 ? " " : "", text);
}

static enum subscribe_result take_subscribe(void *context, const char *const *filters, size_t count,
                                            int qos, bool retained, int *number)
{
    struct broker *broker = context;
    char text[80];
    assert_in_range(count, 1, SUBSCRIPTIONS_A_PACKET);
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

static void take_unsubscribe(void *context, const char *const *filters, size_t count)
{
    struct broker *broker = context;
    char text[80];
    assert_in_range(count, 1, SUBSCRIPTIONS_A_PACKET);
    for (size_t i = 0; i < count; i++) {
        snprintf(text, sizeof text, "-%s", filters[i]);
        note(broker, text);
    }
    broker->unsubscribed += count;
}

static void take_change(void *context, const char *filter, enum fault fault)
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

static struct broker *set_up(void)
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

static void tear_down(struct broker *broker)
{
    subscriptions_destroy(broker->subscriptions);
    free(broker);
}

static bool holds(const char *filter, const char *part)
{
    return part && strstr(filter, part);
}

static bool closes(const struct broker *broker, const struct packet *packet)
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

static void answer(struct broker *broker, const struct packet *packet)
{
    int codes[SUBSCRIPTIONS_A_PACKET];
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
    subscriptions_answered(broker->subscriptions, packet->number, codes, count, broker->now_ms);
}

/* Answers until nothing is asked any more, or closes, and is connected to again. */
static void serve(struct broker *broker)
{
    for (int guard = 0; broker->first < broker->last; guard++) {
        assert_true(guard < 100000);
        struct packet packet = broker->packets[broker->first++];
        broker->now_ms += 1;
        if (!closes(broker, &packet)) {
            answer(broker, &packet);
            continue;
        }
        broker->charged += subscriptions_lost(broker->subscriptions, true, broker->now_ms);
        broker->first = broker->last = broker->granted = 0;
        broker->now_ms += 500;
        broker->connections++;
        subscriptions_connected(broker->subscriptions, &broker->limits, broker->now_ms);
    }
    broker->first = broker->last = 0;
}

static void connect(struct broker *broker)
{
    broker->connections++;
    broker->granted = 0;
    subscriptions_connected(broker->subscriptions, &broker->limits, broker->now_ms);
}

/* So much time goes by, with a call each second. */
static void pass(struct broker *broker, uint64_t ms)
{
    for (uint64_t end = broker->now_ms + ms; broker->now_ms < end;) {
        broker->now_ms += 1000;
        subscriptions_update(broker->subscriptions, broker->now_ms);
        serve(broker);
    }
}

static void update(struct broker *broker)
{
    subscriptions_update(broker->subscriptions, broker->now_ms);
    serve(broker);
}

static void add(struct broker *broker, const char *filter, int qos)
{
    assert_true(subscriptions_add(broker->subscriptions, filter, qos));
}

static void add_many(struct broker *broker, const char *stem, int count)
{
    char text[64];
    for (int i = 0; i < count; i++) {
        snprintf(text, sizeof text, "%s%d", stem, i);
        add(broker, text, 1);
    }
}

static int compare_words(const void *left, const void *right)
{
    const char *a, *b;
    memcpy(&a, left, sizeof a);
    memcpy(&b, right, sizeof b);
    return strcmp(a, b);
}

/* What the broker was asked since the last time, in order of the alphabet. */
static void expect_asked(struct broker *broker, const char *expected)
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

static enum fault fault_of(const struct broker *broker, const char *filter)
{
    for (size_t i = 0; i < broker->known_count; i++) {
        if (strcmp(broker->known[i].text, filter) == 0)
            return broker->known[i].fault;
    }
    return FAULT_COUNT; /* nothing is known */
}

static size_t count_faults(const struct broker *broker, enum fault fault)
{
    size_t count = 0;
    for (size_t i = 0; i < broker->known_count; i++)
        count += broker->known[i].fault == fault;
    return count;
}

static void test_users(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add(broker, "a", 1);
    add(broker, "a", 1);
    add(broker, "b/+", 0);
    expect_asked(broker, "");
    connect(broker);
    serve(broker);
    expect_asked(broker, "a:1 b/+:0");
    subscriptions_drop(broker->subscriptions, "a", 1);
    update(broker);
    expect_asked(broker, "");
    assert_true(subscriptions_has(broker->subscriptions, "a"));
    subscriptions_drop(broker->subscriptions, "a", 1);
    assert_false(subscriptions_has(broker->subscriptions, "a"));
    update(broker);
    expect_asked(broker, "-a");
    subscriptions_drop(broker->subscriptions, "a", 1);
    subscriptions_drop(broker->subscriptions, "never", 0);
    update(broker);
    expect_asked(broker, "");
    subscriptions_lost(broker->subscriptions, true, broker->now_ms);
    connect(broker);
    expect_asked(broker, "b/+:0");
    tear_down(broker);
}

static void test_the_highest_qos_counts(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    connect(broker);
    add(broker, "a", 0);
    update(broker);
    expect_asked(broker, "a:0");
    add(broker, "a", 2);
    add(broker, "a", 1);
    update(broker);
    expect_asked(broker, "a:1");
    subscriptions_drop(broker->subscriptions, "a", 2);
    update(broker);
    expect_asked(broker, "");
    subscriptions_drop(broker->subscriptions, "a", 1);
    update(broker);
    expect_asked(broker, "a:0");
    tear_down(broker);
}

/* A device that is exchanged drops and adds the same filters: the broker need not know. */
static void test_dropped_and_added(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    connect(broker);
    add(broker, "a", 1);
    update(broker);
    expect_asked(broker, "a:1");
    subscriptions_drop(broker->subscriptions, "a", 1);
    add(broker, "a", 1);
    update(broker);
    expect_asked(broker, "");
    add(broker, "b", 1);
    subscriptions_drop(broker->subscriptions, "b", 1);
    update(broker);
    expect_asked(broker, "");
    subscriptions_repeat(broker->subscriptions, "a");
    subscriptions_repeat(broker->subscriptions, "unknown");
    update(broker);
    expect_asked(broker, "a:1r");
    update(broker);
    expect_asked(broker, "");
    tear_down(broker);
}

/* The broker sends what it retains when the connection ends before it could answer, too. */
static void test_a_repeat_outlives_a_connection(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add(broker, "a", 1);
    subscriptions_repeat(broker->subscriptions, "a"); /* not at the start: the session is kept */
    connect(broker);
    serve(broker);
    subscriptions_repeat(broker->subscriptions, "a");
    subscriptions_update(broker->subscriptions, broker->now_ms);
    broker->first = broker->last = 0;
    assert_false(subscriptions_lost(broker->subscriptions, false, broker->now_ms));
    expect_asked(broker, "a:1 a:1r");
    connect(broker);
    serve(broker);
    expect_asked(broker, "a:1r");
    tear_down(broker);
}

/* While its SUBACK is on the way, a filter is dropped, or needed at another QoS. */
static void test_changes_before_the_answer(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add(broker, "a", 0);
    add(broker, "b", 0);
    connect(broker);
    subscriptions_drop(broker->subscriptions, "a", 0);
    add(broker, "b", 1);
    subscriptions_update(broker->subscriptions, broker->now_ms);
    expect_asked(broker, "a:0 b:0");
    serve(broker);
    update(broker);
    expect_asked(broker, "-a b:1");
    tear_down(broker);
}

static void count_one(void *context, const char *filter)
{
    size_t *count = context;
    assert_int_equal(strncmp(filter, "plant/", 6), 0);
    ++*count;
}

static void test_many_come_and_go_eight_a_packet(void **state)
{
    enum { MANY = 20000 };
    struct broker *broker = set_up();
    char text[32];
    size_t each = 0;
    (void)state;
    add_many(broker, "plant/", MANY);
    subscriptions_each(broker->subscriptions, count_one, &each);
    assert_int_equal(each, MANY);
    connect(broker);
    assert_int_equal(broker->last, MANY / SUBSCRIPTIONS_A_PACKET);
    serve(broker);
    assert_int_equal(broker->granted, MANY);
    assert_int_equal(broker->most_in_packet, 8);
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "plant/%d", i);
        subscriptions_drop(broker->subscriptions, text, 1);
    }
    update(broker);
    assert_int_equal(broker->unsubscribed, MANY);
    tear_down(broker);
}

/* Brokers that close behind some filters, their number, and the most connections that it may take
 * to find them. */
static void test_the_guilty_one_is_given_up(void **state)
{
    static const struct {
        const char *names, *guilty;
        int others, guilties;
        size_t connections;
    } cases[] = {
        {"d/", "$share/g/x/", 100, 1, 6},   {"d/", "forbidden/", 100, 1, 6},
        {"d/", "forbidden/", 0, 1, 6},      {"d/", "forbidden/", 7, 1, 6},
        {"d/+/", "forbidden/", 100, 5, 20}, {"d/", "forbidden/", 300, 12, 60},
    };
    (void)state;
    for (size_t c = 0; c < COUNT(cases); c++) {
        struct broker *broker = set_up();
        broker->closes_behind = cases[c].guilty[0] == '$' ? "$share" : "forbidden";
        add_many(broker, cases[c].names, cases[c].others);
        add_many(broker, cases[c].guilty, cases[c].guilties);
        connect(broker);
        serve(broker);
        assert_int_equal(broker->granted, cases[c].others);
        assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), cases[c].guilties);
        assert_int_equal(count_faults(broker, FAULT_NONE), cases[c].others);
        assert_in_range(broker->connections, 3, cases[c].connections);
        assert_int_equal(broker->charged, broker->connections - 1);
        tear_down(broker);
    }
}

/* It is asked for again, and takes the others down ever more rarely. */
static void test_the_pauses_grow(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    broker->closes_behind = "forbidden";
    add_many(broker, "d/", 20);
    add_many(broker, "forbidden/", 3);
    connect(broker);
    serve(broker);
    static const struct {
        unsigned minutes, closes;
    } steps[] = {{2, 1}, {2, 1}, {4, 1}, {8, 1}, {16, 1}, {32, 1}, {1440, 24}};
    for (size_t i = 0; i < COUNT(steps); i++) {
        size_t before = broker->connections;
        pass(broker, steps[i].minutes * (uint64_t)MINUTE_MS);
        assert_in_range(broker->connections - before, steps[i].closes > 1 ? 20 : 0,
                        steps[i].closes + 1);
        assert_int_equal(broker->granted, 20);
    }
    broker->closes_behind = NULL;
    pass(broker, 61 * (uint64_t)MINUTE_MS);
    assert_int_equal(broker->granted, 23);
    assert_int_equal(count_faults(broker, FAULT_NONE), 23);
    tear_down(broker);
}

/* A changed device asks at once, a reload for all. */
static void test_asked_again_on_a_change(void **state)
{
    (void)state;
    for (int all = 0; all < 2; all++) {
        struct broker *broker = set_up();
        broker->closes_behind = "forbidden";
        broker->refuses = "secret";
        add_many(broker, "d/", 20);
        add_many(broker, "forbidden/", 2);
        add(broker, "secret", 1);
        connect(broker);
        serve(broker);
        pass(broker, 70000);
        pass(broker, 70000);
        assert_int_equal(fault_of(broker, "forbidden/1"), FAULT_SUBSCRIPTION_DISCONNECTED);
        broker->closes_behind = broker->refuses = NULL;
        if (all) {
            subscriptions_retry_all(broker->subscriptions);
        } else {
            subscriptions_retry(broker->subscriptions, "forbidden/1");
            subscriptions_retry(broker->subscriptions, "secret");
        }
        update(broker);
        pass(broker, 2000);
        assert_int_equal(fault_of(broker, "forbidden/1"), FAULT_NONE);
        assert_int_equal(fault_of(broker, "secret"), FAULT_NONE);
        assert_int_equal(subscriptions_fault(broker->subscriptions, "secret"), FAULT_NONE);
        tear_down(broker);
    }
}

/* A broker that takes fewer filters in a packet than we send is learned. */
static void test_smaller_packets(void **state)
{
    (void)state;
    for (size_t most = 1; most < 8; most += 3) {
        struct broker *broker = set_up();
        broker->packet_max = most;
        add_many(broker, "d/", 100);
        connect(broker);
        serve(broker);
        assert_int_equal(broker->granted, 100);
        assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), 0);
        assert_in_range(broker->connections, 2, 20);
        size_t before = broker->connections;
        subscriptions_lost(broker->subscriptions, true, broker->now_ms);
        connect(broker);
        serve(broker);
        assert_int_equal(broker->connections, before + 1);
        tear_down(broker);
    }
}

/* One close while one packet was on its way is chance: the next connection sends full packets. */
static void test_a_broker_that_restarts_is_not_blamed(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add_many(broker, "d/", 8);
    connect(broker);
    broker->first = broker->last = 0;
    assert_true(subscriptions_lost(broker->subscriptions, true, broker->now_ms));
    connect(broker);
    serve(broker);
    assert_int_equal(broker->granted, 8);
    subscriptions_lost(broker->subscriptions, true, broker->now_ms);
    connect(broker);
    assert_int_equal(broker->last, 1);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_NONE), 8);
    tear_down(broker);
}

/* A broker that takes so many subscriptions and no more. */
static void test_too_many_for_the_broker(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    broker->total_max = 50;
    add_many(broker, "d/", 200);
    connect(broker);
    serve(broker);
    assert_int_equal(broker->granted, 50);
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), 150);
    assert_in_range(broker->connections, 2, 30);
    size_t before = broker->connections;
    pass(broker, 1440 * (uint64_t)MINUTE_MS);
    assert_in_range(broker->connections - before, 1, 35);
    assert_int_equal(broker->granted, 50);
    broker->total_max = 0;
    pass(broker, 62 * (uint64_t)MINUTE_MS);
    assert_int_equal(broker->granted, 200);
    assert_int_equal(count_faults(broker, FAULT_NONE), 200);
    tear_down(broker);
}

/* A broker that closes whatever is asked for ends in peace, with every device told. */
static void test_a_broker_that_always_closes(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    broker->closes_behind = "";
    add_many(broker, "d/", 300);
    connect(broker);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), 300);
    assert_in_range(broker->connections, 2, 26);
    broker->closes_behind = NULL;
    pass(broker, 2 * MINUTE_MS);
    assert_int_equal(broker->granted, 300);
    /* The permission for all is taken away later. */
    broker->closes_behind = "";
    subscriptions_lost(broker->subscriptions, true, broker->now_ms);
    size_t before = broker->connections;
    connect(broker);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), 300);
    assert_in_range(broker->connections - before, 2, 40);
    tear_down(broker);
}

static void test_refused_ones_are_asked_for_each_minute(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    broker->refuses = "secret";
    add_many(broker, "d/", 9);
    add_many(broker, "secret/", 9);
    connect(broker);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_REFUSED), 9);
    assert_int_equal(broker->asked, 18);
    pass(broker, 3 * MINUTE_MS + 5000);
    assert_int_equal(broker->asked, 18 + 3 * 9);
    assert_int_equal(broker->connections, 1);
    broker->refuses = NULL;
    pass(broker, MINUTE_MS + 1000);
    assert_int_equal(count_faults(broker, FAULT_NONE), 18);
    pass(broker, 5 * MINUTE_MS);
    assert_int_equal(broker->asked, 18 + 4 * 9);
    tear_down(broker);
}

static void test_no_answer(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    broker->ignores = "silent";
    add(broker, "silent", 1);
    add_many(broker, "$share/g/", 9); /* another packet */
    connect(broker);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_NONE), 9);
    pass(broker, 15000);
    assert_int_equal(fault_of(broker, "silent"), FAULT_SUBSCRIPTION_UNANSWERED);
    /* A close long after it has another cause. */
    assert_false(subscriptions_lost(broker->subscriptions, true, broker->now_ms));
    connect(broker);
    serve(broker);
    pass(broker, 15000);
    /* The answer to the first packet of this connection comes late. */
    broker->ignores = NULL;
    int code = 1;
    for (int number = broker->number - 2; number <= broker->number; number++)
        subscriptions_answered(broker->subscriptions, number, &code, 1, broker->now_ms);
    assert_int_equal(fault_of(broker, "silent"), FAULT_NONE);
    tear_down(broker);
}

static void test_fewer_codes_than_filters(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    broker->codes_max = 1;
    add_many(broker, "d/", 20);
    connect(broker);
    serve(broker);
    assert_int_equal(broker->granted, 20);
    assert_int_equal(count_faults(broker, FAULT_NONE), 20);
    tear_down(broker);
}

static void test_what_connack_says_is_not_asked_for(void **state)
{
    struct broker *broker = set_up();
    char longer[64] = "";
    (void)state;
    memset(longer, 'x', 60);
    const char *filters[] = {"plain", "$share/g/shared", "wild/+", "$share/g/#", longer};
    for (size_t i = 0; i < COUNT(filters); i++)
        add(broker, filters[i], 1);
    broker->limits = (struct subscription_limits){
        .no_shared = true, .no_wildcards = true, .qos_max = 0, .packet_bytes_max = 70};
    connect(broker);
    serve(broker);
    expect_asked(broker, "plain:0");
    assert_int_equal(fault_of(broker, "plain"), FAULT_NONE);
    assert_int_equal(fault_of(broker, "$share/g/shared"), FAULT_SHARED_UNAVAILABLE);
    assert_int_equal(fault_of(broker, "wild/+"), FAULT_WILDCARD_UNAVAILABLE);
    assert_int_equal(fault_of(broker, "$share/g/#"), FAULT_SHARED_UNAVAILABLE);
    assert_int_equal(fault_of(broker, longer), FAULT_TOPIC_TOO_LONG);
    subscriptions_retry_all(broker->subscriptions);
    subscriptions_retry(broker->subscriptions, "wild/+");
    pass(broker, 5 * MINUTE_MS);
    expect_asked(broker, "");
    subscriptions_lost(broker->subscriptions, false, broker->now_ms);
    broker->limits = (struct subscription_limits){.qos_max = 2};
    connect(broker);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_NONE), COUNT(filters));
    tear_down(broker);
}

/* Packets stay below the broker's limit. */
static void test_the_largest_packet(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    broker->limits.packet_bytes_max = 64;
    add_many(broker, "a/topic/of/20/bytes/", 40);
    connect(broker);
    serve(broker);
    assert_int_equal(broker->granted, 40);
    assert_int_equal(broker->most_in_packet, 2);
    tear_down(broker);
}

static void test_one_that_cannot_be_sent(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add_many(broker, "d/", 20);
    add(broker, "impossible", 1);
    connect(broker);
    serve(broker);
    assert_int_equal(broker->granted, 20);
    assert_int_equal(fault_of(broker, "impossible"), FAULT_SUBSCRIPTION_REFUSED);
    pass(broker, 2 * MINUTE_MS);
    assert_int_equal(broker->connections, 1);
    subscriptions_drop(broker->subscriptions, "impossible", 1);
    update(broker);
    assert_false(subscriptions_has(broker->subscriptions, "impossible"));
    tear_down(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_users),
        cmocka_unit_test(test_the_highest_qos_counts),
        cmocka_unit_test(test_dropped_and_added),
        cmocka_unit_test(test_a_repeat_outlives_a_connection),
        cmocka_unit_test(test_changes_before_the_answer),
        cmocka_unit_test(test_many_come_and_go_eight_a_packet),
        cmocka_unit_test(test_the_guilty_one_is_given_up),
        cmocka_unit_test(test_the_pauses_grow),
        cmocka_unit_test(test_asked_again_on_a_change),
        cmocka_unit_test(test_smaller_packets),
        cmocka_unit_test(test_a_broker_that_restarts_is_not_blamed),
        cmocka_unit_test(test_too_many_for_the_broker),
        cmocka_unit_test(test_a_broker_that_always_closes),
        cmocka_unit_test(test_refused_ones_are_asked_for_each_minute),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_fewer_codes_than_filters),
        cmocka_unit_test(test_what_connack_says_is_not_asked_for),
        cmocka_unit_test(test_the_largest_packet),
        cmocka_unit_test(test_one_that_cannot_be_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
