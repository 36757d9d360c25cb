/* Which connections to the broker count as successful, and which version of MQTT comes next. */
#include "check.h"

#include "mqttd/broker/broker_link.h"

enum { LASTS = BROKER_LINK_LASTING_MS };

static void test_a_first_connection_counts_at_once(void **state)
{
    struct broker_link link;
    (void)state;
    broker_link_init(&link, 100);
    assert_false(broker_link_is_up(&link));
    assert_int_equal(broker_link_reason(&link), BROKER_CONNECTING);
    broker_link_set_ended(&link, BROKER_UNREACHABLE, "refused", 200);
    assert_int_equal(broker_link_reason(&link), BROKER_UNREACHABLE);
    assert_string_equal(link.words, "refused");
    assert_int_equal(link.since_ms, 100);
    broker_link_set_accepted(&link, "", 300);
    assert_true(broker_link_is_up(&link));
    assert_int_equal(broker_link_reason(&link), BROKER_CONNECTED);
    assert_int_equal(link.since_ms, 300);
}

/* The time of the loss is that of the first loss, however many short connections follow. */
static void test_what_does_not_last_is_lost(void **state)
{
    struct broker_link link;
    uint64_t now = 1000;
    (void)state;
    broker_link_init(&link, 0);
    broker_link_set_accepted(&link, "", now);
    broker_link_set_ended(&link, BROKER_LOST, "gone", now + LASTS - 1);
    assert_int_equal(link.since_ms, now + LASTS - 1);
    for (unsigned i = 2; i < 20; i++) {
        now += LASTS;
        broker_link_set_accepted(&link, "", now);
        assert_false(broker_link_check_lasting(&link, now + LASTS - 1));
        assert_false(broker_link_is_up(&link));
        assert_int_equal(broker_link_reason(&link), BROKER_LOST);
        broker_link_set_ended(&link, BROKER_LOST, "gone", now + LASTS - 1);
        assert_int_equal(link.since_ms, 1000 + LASTS - 1);
        assert_int_equal(link.short_count, i);
        assert_int_equal(broker_link_is_flapping(&link), i >= BROKER_LINK_SHORT_MAX);
    }
    broker_link_set_accepted(&link, "", now += LASTS);
    assert_true(broker_link_check_lasting(&link, now + LASTS));
    assert_false(broker_link_check_lasting(&link, now + LASTS + 1));
    assert_true(broker_link_is_up(&link));
    assert_int_equal(link.since_ms, now + LASTS);
    assert_false(broker_link_is_flapping(&link));
    broker_link_set_ended(&link, BROKER_LOST, "gone", now + LASTS + 5);
    broker_link_set_accepted(&link, "", now + LASTS + 6);
    assert_true(broker_link_is_up(&link));
}

/* Failed attempts do not count as short connections, nor do connections that mqttd ends itself. */
static void test_what_is_no_short_connection(void **state)
{
    struct broker_link link;
    (void)state;
    broker_link_init(&link, 0);
    for (uint64_t now = 1; now < 10; now++)
        broker_link_set_ended(&link, BROKER_UNREACHABLE, "refused", now);
    broker_link_set_accepted(&link, "", 20);
    broker_link_set_renewing(&link, 21);
    assert_int_equal(link.short_count, 0);
    broker_link_set_accepted(&link, "", 22);
    assert_true(broker_link_is_up(&link));
}

static void test_subscriptions_are_counted(void **state)
{
    struct broker_link link;
    (void)state;
    broker_link_init(&link, 0);
    broker_link_set_ended(&link, BROKER_CLOSED, "closed", 1);
    for (uint64_t now = 10; now < 13; now++) {
        broker_link_set_accepted(&link, "", now);
        broker_link_set_ended(&link, BROKER_CLOSED_ON_SUBSCRIBE, "closed", now);
    }
    assert_int_equal(link.on_subscribe, 3);
    broker_link_set_accepted(&link, "", 20);
    assert_true(broker_link_check_lasting(&link, 20 + LASTS));
    assert_int_equal(link.on_subscribe, 0);
}

static void test_versions_alternate(void **state)
{
    struct broker_protocol protocol = {0};
    (void)state;
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_5);
    broker_protocol_note_failure(&protocol);
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_3_1_1);
    broker_protocol_note_failure(&protocol);
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_5);
    broker_protocol_note_failure(&protocol);
    broker_protocol_note_success(&protocol);
    assert_int_equal(protocol.worked, MQTT_VERSION_3_1_1);
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_3_1_1);
    broker_protocol_note_failure(&protocol);
    broker_protocol_note_success(&protocol);
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_5);
}

/* A proxy that closes while its broker is down must not disable version 5 permanently. */
static void test_5_is_asked_for_once_more(void **state)
{
    struct broker_protocol protocol = {0};
    (void)state;
    broker_protocol_note_success(&protocol);
    broker_protocol_note_failure(&protocol);
    broker_protocol_note_success(&protocol);
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_5);
    broker_protocol_note_failure(&protocol);
    broker_protocol_note_success(&protocol);
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_3_1_1);
    broker_protocol_note_success(&protocol);
    assert_int_equal(broker_protocol_next_version(&protocol), MQTT_VERSION_3_1_1);
}

static void test_each_reason_has_a_name(void **state)
{
    (void)state;
    for (int i = 0; i < BROKER_REASON_COUNT; i++)
        assert_non_null(broker_reason_names[i]);
    assert_null(broker_reason_names[BROKER_REASON_COUNT]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_a_first_connection_counts_at_once),
        cmocka_unit_test(test_what_does_not_last_is_lost),
        cmocka_unit_test(test_what_is_no_short_connection),
        cmocka_unit_test(test_subscriptions_are_counted),
        cmocka_unit_test(test_versions_alternate),
        cmocka_unit_test(test_5_is_asked_for_once_more),
        cmocka_unit_test(test_each_reason_has_a_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
