/* Brokers that close the connection after a subscription: mqttd finds it, and keeps the other
 * subscriptions. */
#include "subscriptions_fixture.h"

/* Brokers that close after certain filters: their number, and the most connections needed to find
 * them. */
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

/* It is requested again, and interrupts the others less and less often. */
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

/* A changed device requests its filters immediately; a reload requests all. */
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
        assert_int_equal(subscriptions_fault_of(broker->subscriptions, "secret"), FAULT_NONE);
        tear_down(broker);
    }
}

/* mqttd learns that a broker accepts fewer filters per packet than it sends. */
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
        subscriptions_on_disconnect(broker->subscriptions, true, broker->now_ms);
        connect(broker);
        serve(broker);
        assert_int_equal(broker->connections, before + 1);
        tear_down(broker);
    }
}

/* A single close with one packet under way is coincidence: the next connection sends full packets.
 */
static void test_a_broker_that_restarts_is_not_blamed(void **state)
{
    struct broker *broker = set_up();
    (void)state;
    add_many(broker, "d/", 8);
    connect(broker);
    broker->first = broker->last = 0;
    assert_true(subscriptions_on_disconnect(broker->subscriptions, true, broker->now_ms));
    connect(broker);
    serve(broker);
    assert_int_equal(broker->granted, 8);
    subscriptions_on_disconnect(broker->subscriptions, true, broker->now_ms);
    connect(broker);
    assert_int_equal(broker->last, 1);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_NONE), 8);
    tear_down(broker);
}

/* A broker with a maximum number of subscriptions. */
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

/* A broker that closes after any filter: the search ends, and each device reports it. */
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
    /* The permission for all filters is revoked later. */
    broker->closes_behind = "";
    subscriptions_on_disconnect(broker->subscriptions, true, broker->now_ms);
    size_t before = broker->connections;
    connect(broker);
    serve(broker);
    assert_int_equal(count_faults(broker, FAULT_SUBSCRIPTION_DISCONNECTED), 300);
    assert_in_range(broker->connections - before, 2, 40);
    tear_down(broker);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_the_guilty_one_is_given_up),
        cmocka_unit_test(test_the_pauses_grow),
        cmocka_unit_test(test_asked_again_on_a_change),
        cmocka_unit_test(test_smaller_packets),
        cmocka_unit_test(test_a_broker_that_restarts_is_not_blamed),
        cmocka_unit_test(test_too_many_for_the_broker),
        cmocka_unit_test(test_a_broker_that_always_closes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
