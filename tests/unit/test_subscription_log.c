/* What the log says of subscriptions, and the limits at which they are asked for again. */
#include "said_log.h"
#include "subscriptions_fixture.h"

#include "mqttd/broker/subscriptions_internal.h"

static struct said_log said;

#define check_log(expected)                                                                        \
    do {                                                                                           \
        assert_string_equal(said_log_end(&said), expected);                                        \
        said_log_begin(&said);                                                                     \
    } while (0)

static int open_broker(void **state)
{
    *state = set_up();
    said_log_begin(&said);
    return 0;
}

static int close_broker(void **state)
{
    said_log_end(&said);
    tear_down(*state);
    return 0;
}

static void test_successes(void **state)
{
    struct broker *broker = *state;
    add(broker, "a", 1);
    connect(broker);
    check_log("");
    serve(broker);
    check_log("info    subscribed to 1 topic\n");
    add_many(broker, "d/", 20);
    update(broker);
    check_log("info    subscribed to 20 topics\n");
    update(broker);
    check_log("");
    subscriptions_remove(broker->subscriptions, "a", 1);
    update(broker);
    check_log("");
    /* While no connection lasts, this is not said. */
    subscriptions_on_disconnect(broker->subscriptions, false, broker->now_ms);
    broker->limits.is_quiet = true;
    connect(broker);
    serve(broker);
    check_log("");
}

/* A refusal is said once, and again with another reason. */
static void test_refusals(void **state)
{
    struct broker *broker = *state;
    int code = REFUSED;
    add(broker, "secret", 1);
    connect(broker);
    subscriptions_on_suback(broker->subscriptions, 1, &code, 1, broker->now_ms);
    check_log("warning the broker refuses the subscription to \"secret\": Not authorized; asking "
              "again each minute\n"
              "info    subscribed to 0 topics\n");
    assert_int_equal(fault_of(broker, "secret"), FAULT_SUBSCRIPTION_REFUSED);
    assert_int_equal(subscriptions_fault_of(broker->subscriptions, "secret"),
                     FAULT_SUBSCRIPTION_REFUSED);
    uint64_t refused_ms = broker->now_ms;
    subscriptions_update(broker->subscriptions, refused_ms + 59000);
    subscriptions_update(broker->subscriptions, refused_ms + 59999);
    assert_int_equal(broker->number, 1);
    subscriptions_update(broker->subscriptions, refused_ms + 60000);
    assert_int_equal(broker->number, 2);
    subscriptions_on_suback(broker->subscriptions, 2, &code, 1, refused_ms + 61000);
    check_log("info    subscribed to 0 topics\n");
    /* An answer below 0x80 is a QoS. */
    code = 0x80;
    subscriptions_retry(broker->subscriptions, "secret");
    subscriptions_update(broker->subscriptions, refused_ms + 61001);
    subscriptions_on_suback(broker->subscriptions, 3, &code, 1, refused_ms + 61001);
    check_log("warning the broker refuses the subscription to \"secret\": Unspecified error; "
              "asking again each minute\n"
              "info    subscribed to 0 topics\n");
    code = 0x7f;
    subscriptions_retry(broker->subscriptions, "secret");
    subscriptions_update(broker->subscriptions, refused_ms + 61002);
    subscriptions_on_suback(broker->subscriptions, 99, &code, 1, refused_ms + 61002); /* of none */
    assert_int_equal(fault_of(broker, "secret"), FAULT_SUBSCRIPTION_REFUSED);
    subscriptions_on_suback(broker->subscriptions, 4, &code, 1, refused_ms + 61002);
    check_log("info    the broker now accepts the subscription to \"secret\"\n"
              "info    subscribed to 1 topic\n");
    assert_int_equal(fault_of(broker, "secret"), FAULT_NONE);
    assert_int_equal(subscriptions_fault_of(broker->subscriptions, "secret"), FAULT_NONE);
    assert_int_equal(broker->subscriptions->fault_count, 0);
}

/* No answer for ten seconds. */
static void test_silence(void **state)
{
    struct broker *broker = *state;
    int code = 1;
    add(broker, "a", 1);
    connect(broker);
    uint64_t asked_ms = broker->now_ms;
    subscriptions_update(broker->subscriptions, asked_ms + SUBSCRIPTION_ANSWER_LIMIT_MS);
    check_log("");
    subscriptions_update(broker->subscriptions, asked_ms + SUBSCRIPTION_ANSWER_LIMIT_MS + 1);
    check_log("warning the broker does not answer the subscription to \"a\"; asking again each "
              "minute\n"
              "info    subscribed to 0 topics\n");
    assert_int_equal(fault_of(broker, "a"), FAULT_SUBSCRIPTION_UNANSWERED);
    /* The answer may come within a minute. */
    subscriptions_update(broker->subscriptions, asked_ms + SUBSCRIPTION_RETRY_MS);
    assert_int_equal(broker->subscriptions->late, 1);
    subscriptions_update(broker->subscriptions, asked_ms + SUBSCRIPTION_RETRY_MS + 1);
    assert_int_equal(broker->subscriptions->late, 0);
    uint64_t failed_ms = asked_ms + SUBSCRIPTION_ANSWER_LIMIT_MS + 1;
    subscriptions_update(broker->subscriptions, failed_ms + SUBSCRIPTION_RETRY_MS + 1000);
    assert_int_equal(broker->number, 2);
    subscriptions_update(broker->subscriptions, failed_ms + SUBSCRIPTION_RETRY_MS + 1000 + 10001);
    check_log("info    subscribed to 0 topics\n"); /* it is known */
    assert_int_equal(broker->subscriptions->late, 1);
    subscriptions_on_suback(broker->subscriptions, 2, &code, 1, failed_ms + 90000);
    check_log("info    the broker now accepts the subscription to \"a\"\n");
    assert_int_equal(broker->subscriptions->late, 0);
}

/* A close soon after the request may come from it, a late one does not. */
static void test_limit_of_a_close(void **state)
{
    struct broker *broker = *state;
    for (uint64_t over = 0; over < 2; over++) {
        add(broker, over ? "late" : "soon", 1);
        connect(broker);
        bool is_cause = subscriptions_on_disconnect(
            broker->subscriptions, true, broker->now_ms + SUBSCRIPTION_ANSWER_LIMIT_MS + over);
        assert_int_equal(is_cause, over == 0);
    }
    connect(broker);
    assert_false(subscriptions_on_disconnect(broker->subscriptions, false, broker->now_ms));
}

/* The broker closes after one filter: the pauses double, up to an hour. */
static void test_pauses(void **state)
{
    struct broker *broker = *state;
    static const unsigned minutes[] = {1, 2, 4, 8, 16, 32, 60, 60};
    broker->closes_behind = "forbidden";
    add(broker, "forbidden", 1);
    connect(broker);
    serve(broker);
    for (size_t i = 0; i < COUNT(minutes); i++) {
        char expected[200];
        snprintf(expected, sizeof expected,
                 "warning the broker closes the connection after the subscription to "
                 "\"forbidden\"; asking for it again in %u min\n",
                 minutes[i]);
        check_log(expected);
        int number = broker->number;
        uint64_t due_ms = broker->subscriptions->probe_ms;
        assert_in_range(due_ms - broker->now_ms, minutes[i] * MINUTE_MS - 2000,
                        minutes[i] * MINUTE_MS);
        broker->subscriptions->look_ms = 0;
        subscriptions_update(broker->subscriptions, due_ms - 1);
        assert_int_equal(broker->number, number);
        broker->subscriptions->look_ms = 0;
        subscriptions_update(broker->subscriptions, due_ms);
        assert_int_equal(broker->number, number + 1);
        broker->now_ms = due_ms;
        serve(broker);
    }
    broker->closes_behind = NULL;
    subscriptions_retry(broker->subscriptions, "forbidden");
    said_log_end(&said);
    said_log_begin(&said);
    update(broker);
    check_log("info    the broker now accepts the subscription to \"forbidden\"\n"
              "info    subscribed to 1 topic\n");
    /* The next search begins with a minute. */
    assert_int_equal(broker->subscriptions->probe_pause_ms, MINUTE_MS);
}

/* A broker that closes after more than so many filters in a packet. */
static void test_smaller_packets(void **state)
{
    struct broker *broker = *state;
    broker->packet_max = 3;
    add_many(broker, "d/", 40);
    connect(broker);
    serve(broker);
    assert_int_equal(broker->granted, 40);
    check_log("warning the broker closes the connection after 8 topics in one packet; now at most "
              "4 per packet\n"
              "warning the broker closes the connection after 4 topics in one packet; now at most "
              "2 per packet\n"
              "info    subscribed to 40 topics\n");
    assert_int_equal(broker->subscriptions->packet_filters, 2);
    subscriptions_retry_all(broker->subscriptions);
    assert_int_equal(broker->subscriptions->packet_filters, SUBSCRIPTIONS_PER_PACKET);
}

/* A broker that closes after each packet. */
static void test_all_given_up(void **state)
{
    struct broker *broker = *state;
    broker->closes_behind = "d/";
    add_many(broker, "d/", 30);
    connect(broker);
    serve(broker);
    const char *text = said_log_end(&said);
    said_log_begin(&said);
    /* Two filters are found, then the others of their packet are given up, and then packets. */
    for (int i = 0; i < 2; i++) {
        assert_memory_equal(text, "warning the broker closes the connection after the ", 51);
        assert_memory_equal(strchr(text, ';'), "; asking for it again in 1 min\n", 31);
        text = strchr(text, '\n') + 1;
    }
    assert_string_equal(text,
                        "warning the broker has closed the connection 6 times in a row after a "
                        "subscription; 6 more topics are given up for 1 min\n"
                        "warning the broker has closed the connection 7 times in a row after a "
                        "subscription; 8 more topics are given up for 1 min\n"
                        "warning the broker has closed the connection 8 times in a row after a "
                        "subscription; 8 more topics are given up for 1 min\n"
                        "warning the broker has closed the connection 9 times in a row after a "
                        "subscription; 6 more topics are given up for 1 min\n");
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), 30);
    assert_int_equal(broker->connections, 10);
}

/* The last packet has one filter. */
static void test_one_given_up(void **state)
{
    struct broker *broker = *state;
    broker->closes_behind = "d/";
    add_many(broker, "d/", 25);
    connect(broker);
    serve(broker);
    const char *text = said_log_end(&said);
    said_log_begin(&said);
    assert_non_null(strstr(text, " 1 more topic is given up for 1 min\n"));
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), 25);
}

/* As many filters as fit into the broker's largest packet. */
static void test_bytes_of_a_packet(void **state)
{
    static const struct {
        uint32_t bytes;
        size_t packets;
    } rows[] = {{8 + 4 * 7, 1}, {8 + 4 * 7 - 1, 2}, {8 + 2 * 7, 2}, {8 + 2 * 7 - 1, 4}, {15, 4}};
    close_broker(state);
    for (size_t i = 0; i < COUNT(rows); i++) {
        open_broker(state);
        struct broker *broker = *state;
        broker->limits.packet_bytes_max = rows[i].bytes;
        for (int at = 0; at < 4; at++) {
            char text[20];
            snprintf(text, sizeof text, "t/%02d", at);
            add(broker, text, 1);
        }
        connect(broker);
        assert_int_equal(broker->last, rows[i].packets);
        serve(broker);
        close_broker(state);
    }
    open_broker(state);
}

/* A filter alone that does not fit is not asked for. */
static void test_longest_filter(void **state)
{
    struct broker *broker = *state;
    broker->limits.packet_bytes_max = 11 + 4;
    add(broker, "1234", 1);
    add(broker, "12345", 1);
    connect(broker);
    serve(broker);
    expect_asked(broker, "1234:1");
    assert_int_equal(fault_of(broker, "1234"), FAULT_NONE);
    assert_int_equal(fault_of(broker, "12345"), FAULT_TOPIC_TOO_LONG);
    assert_int_equal(subscriptions_fault_of(broker->subscriptions, "12345"), FAULT_TOPIC_TOO_LONG);
    subscriptions_remove(broker->subscriptions, "12345", 1);
    update(broker);
    assert_int_equal(broker->subscriptions->fault_count, 0);
    expect_asked(broker, ""); /* it was never subscribed */
}

/* What the broker lacks. */
static void test_wildcards(void **state)
{
    struct broker *broker = *state;
    add(broker, "a/+", 1);
    add(broker, "$share/g/b/+", 1);
    add(broker, "$share/g/c", 1);
    broker->limits.no_wildcards = true;
    connect(broker);
    serve(broker);
    expect_asked(broker, "$share/g/c:1");
    assert_int_equal(fault_of(broker, "$share/g/b/+"), FAULT_WILDCARD_UNAVAILABLE);
    subscriptions_on_disconnect(broker->subscriptions, false, broker->now_ms);
    broker->limits = (struct subscription_limits){.qos_max = 2, .no_shared = true};
    connect(broker);
    serve(broker);
    expect_asked(broker, "a/+:1");
    assert_int_equal(fault_of(broker, "$share/g/b/+"), FAULT_SHARED_UNAVAILABLE);
    assert_int_equal(fault_of(broker, "a/+"), FAULT_NONE);
}

/* Retained messages that are wanted on each connection, with news of each answer. */
static void test_wanted_retained(void **state)
{
    struct broker *broker = *state;
    add(broker, "mirror", 1);
    add(broker, "a", 1);
    subscriptions_want_retained(broker->subscriptions, "mirror");
    subscriptions_want_retained(broker->subscriptions, "unknown");
    for (int i = 0; i < 3; i++) {
        connect(broker);
        broker->known_count = 0;
        serve(broker);
        expect_asked(broker, "a:1 mirror:1r");
        assert_int_equal(fault_of(broker, "mirror"), FAULT_NONE);
        assert_int_equal(fault_of(broker, "a"), i == 0 ? FAULT_NONE : FAULT_COUNT);
        subscriptions_on_disconnect(broker->subscriptions, false, broker->now_ms);
    }
}

/* A filter without an answer of its own is asked for again with its retained messages. */
static void test_retained_without_an_answer(void **state)
{
    struct broker *broker = *state;
    add_many(broker, "d/", 3);
    connect(broker);
    serve(broker);
    for (int i = 0; i < 3; i++) {
        char text[20];
        snprintf(text, sizeof text, "d/%d", i);
        subscriptions_request_retained(broker->subscriptions, text);
    }
    broker->log[0] = '\0';
    broker->codes_max = 1;
    update(broker);
    size_t asked = 0;
    for (const char *at = broker->log; (at = strstr(at, ":1r")); at++)
        asked++;
    assert_int_equal(asked, 3 + 2);
    assert_null(strstr(broker->log, ":1 "));
}

/* A probe that ends with the connection, for another reason, keeps what is known of it. */
static void test_probe_without_an_answer(void **state)
{
    struct broker *broker = *state;
    broker->closes_behind = "forbidden";
    add(broker, "forbidden", 1);
    connect(broker);
    serve(broker);
    for (int caused = 1; caused >= 0; caused--) {
        struct subscription *at = subscriptions_next(broker->subscriptions, NULL);
        at->caused_close = caused;
        subscriptions_retry(broker->subscriptions, "forbidden");
        subscriptions_update(broker->subscriptions, broker->now_ms);
        assert_ptr_equal(broker->subscriptions->probe, at);
        broker->now_ms += 1234;
        assert_false(subscriptions_on_disconnect(broker->subscriptions, false, broker->now_ms));
        assert_int_equal(at->caused_close, caused);
        assert_int_equal(at->due_ms, broker->now_ms);
        assert_int_equal(broker->subscriptions->probe_ms, broker->now_ms + MINUTE_MS);
        broker->first = broker->last = 0;
        connect(broker);
    }
}

static void test_restored_dots(void **state)
{
    struct broker *broker = *state;
    char restored[40] = "";
    add(broker, "a.b/c", 1);
    add(broker, "$share/g/x.y", 1);
    add(broker, "gone.z", 1);
    subscriptions_remove(broker->subscriptions, "gone.z", 1);
    static const struct {
        const char *topic, *restored; /* NULL: none */
    } rows[] = {{"a/b/c", "a.b/c"}, {"x/y", "x.y"}, {"gone/z", NULL},
                {"a.b/c", NULL},    {"a/b", NULL},  {"other", NULL}};
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_found = subscriptions_restore_topic(broker->subscriptions, rows[i].topic, restored);
        check_row(is_found == (rows[i].restored != NULL), rows[i].topic);
        check_row(!is_found || strcmp(restored, rows[i].restored) == 0, restored);
    }
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, open_broker, close_broker)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(test_successes),
        TEST(test_refusals),
        TEST(test_silence),
        TEST(test_limit_of_a_close),
        TEST(test_pauses),
        TEST(test_smaller_packets),
        TEST(test_all_given_up),
        TEST(test_one_given_up),
        TEST(test_bytes_of_a_packet),
        TEST(test_longest_filter),
        TEST(test_wildcards),
        TEST(test_wanted_retained),
        TEST(test_retained_without_an_answer),
        TEST(test_probe_without_an_answer),
        TEST(test_restored_dots),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
