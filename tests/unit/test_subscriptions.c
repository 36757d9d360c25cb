/* Subscriptions: each filter once, at the highest QoS required; only changes are sent to the
 * broker. */
#include "subscriptions_fixture.h"

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
    subscriptions_remove(broker->subscriptions, "a", 1);
    update(broker);
    expect_asked(broker, "");
    assert_true(subscriptions_has_filter(broker->subscriptions, "a"));
    subscriptions_remove(broker->subscriptions, "a", 1);
    assert_false(subscriptions_has_filter(broker->subscriptions, "a"));
    update(broker);
    expect_asked(broker, "-a");
    subscriptions_remove(broker->subscriptions, "a", 1);
    subscriptions_remove(broker->subscriptions, "never", 0);
    update(broker);
    expect_asked(broker, "");
    subscriptions_on_disconnect(broker->subscriptions, true, broker->now_ms);
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
    subscriptions_remove(broker->subscriptions, "a", 2);
    update(broker);
    expect_asked(broker, "");
    subscriptions_remove(broker->subscriptions, "a", 1);
    update(broker);
    expect_asked(broker, "a:0");
    tear_down(broker);
}

/* A replaced device drops and adds the same filters: nothing is sent to the broker. */
static void test_dropped_and_added(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    connect(broker);
    add(broker, "a", 1);
    update(broker);
    expect_asked(broker, "a:1");
    subscriptions_remove(broker->subscriptions, "a", 1);
    add(broker, "a", 1);
    update(broker);
    expect_asked(broker, "");
    add(broker, "b", 1);
    subscriptions_remove(broker->subscriptions, "b", 1);
    update(broker);
    expect_asked(broker, "");
    subscriptions_request_retained(broker->subscriptions, "a");
    subscriptions_request_retained(broker->subscriptions, "unknown");
    update(broker);
    expect_asked(broker, "a:1r");
    update(broker);
    expect_asked(broker, "");
    tear_down(broker);
}

/* The broker sends retained messages also if the connection ended before its answer. */
static void test_a_repeat_outlives_a_connection(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add(broker, "a", 1);
    subscriptions_request_retained(broker->subscriptions,
                                   "a"); /* not at the start: the broker keeps the session */
    connect(broker);
    serve(broker);
    subscriptions_request_retained(broker->subscriptions, "a");
    subscriptions_update(broker->subscriptions, broker->now_ms);
    broker->first = broker->last = 0;
    assert_false(subscriptions_on_disconnect(broker->subscriptions, false, broker->now_ms));
    expect_asked(broker, "a:1 a:1r");
    connect(broker);
    serve(broker);
    expect_asked(broker, "a:1r");
    tear_down(broker);
}

/* While its SUBACK is pending, a filter is dropped or required at another QoS. */
static void test_changes_before_the_answer(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add(broker, "a", 0);
    add(broker, "b", 0);
    connect(broker);
    subscriptions_remove(broker->subscriptions, "a", 0);
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
    subscriptions_for_each(broker->subscriptions, count_one, &each);
    assert_int_equal(each, MANY);
    connect(broker);
    assert_int_equal(broker->last, MANY / SUBSCRIPTIONS_PER_PACKET);
    serve(broker);
    assert_int_equal(broker->granted, MANY);
    assert_int_equal(broker->most_in_packet, 8);
    for (int i = 0; i < MANY; i++) {
        snprintf(text, sizeof text, "plant/%d", i);
        subscriptions_remove(broker->subscriptions, text, 1);
    }
    update(broker);
    assert_int_equal(broker->unsubscribed, MANY);
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
    /* A close long after the request has another cause. */
    assert_false(subscriptions_on_disconnect(broker->subscriptions, true, broker->now_ms));
    connect(broker);
    serve(broker);
    pass(broker, 15000);
    /* The answer to the first packet of this connection is late. */
    broker->ignores = NULL;
    int code = 1;
    for (int number = broker->number - 2; number <= broker->number; number++)
        subscriptions_on_suback(broker->subscriptions, number, &code, 1, broker->now_ms);
    assert_int_equal(fault_of(broker, "silent"), FAULT_NONE);
    tear_down(broker);
}

/* An answer may come when its filters are gone. */
static void test_a_late_answer_to_what_was_removed(void **state)
{
    struct broker *broker = set_up();
    static const int codes[SUBSCRIPTIONS_PER_PACKET] = {1, 1, 1, 1, 1, 1, 1, 1};
    (void)state;
    broker->ignores = "d/";
    add_many(broker, "d/", SUBSCRIPTIONS_PER_PACKET);
    connect(broker);
    serve(broker);
    pass(broker, 15000);
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_UNANSWERED), SUBSCRIPTIONS_PER_PACKET);
    for (int i = 0; i < SUBSCRIPTIONS_PER_PACKET; i++) {
        char text[16];
        snprintf(text, sizeof text, "d/%d", i);
        subscriptions_remove(broker->subscriptions, text, 1);
    }
    update(broker);
    for (int number = 1; number <= broker->number; number++)
        subscriptions_on_suback(broker->subscriptions, number, codes, COUNT(codes), broker->now_ms);
    add(broker, "d/0", 1);
    broker->ignores = NULL;
    update(broker);
    assert_int_equal(fault_of(broker, "d/0"), FAULT_NONE);
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
    subscriptions_on_disconnect(broker->subscriptions, false, broker->now_ms);
    broker->limits = (struct subscription_limits){.qos_max = 2};
    connect(broker);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_NONE), COUNT(filters));
    tear_down(broker);
}

/* Packets stay below the broker's size limit. */
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
    subscriptions_remove(broker->subscriptions, "impossible", 1);
    update(broker);
    assert_false(subscriptions_has_filter(broker->subscriptions, "impossible"));
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
        cmocka_unit_test(test_refused_ones_are_asked_for_each_minute),
        cmocka_unit_test(test_no_answer),
        cmocka_unit_test(test_a_late_answer_to_what_was_removed),
        cmocka_unit_test(test_fewer_codes_than_filters),
        cmocka_unit_test(test_what_connack_says_is_not_asked_for),
        cmocka_unit_test(test_the_largest_packet),
        cmocka_unit_test(test_one_that_cannot_be_sent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
