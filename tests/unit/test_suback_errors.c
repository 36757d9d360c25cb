/* The answers of the broker to subscriptions, in the rows of devices and tags. */
#include "device_fixture.h"
#include "set_clock.h"

#include <string.h>

#include "mqttd/config/suback_errors.h"

static struct tagdb_device device;
static struct tagdb_tag tags[3];

static struct device *serve(struct fixture *f)
{
    device = device_row(1);
    tags[0] = tag_row(1, 1, "a");
    tags[0].mqtt_quality_key = "q"; /* it is no tag */
    tags[1] = tag_row(1, 2, "b");
    tags[2] = tag_row(1, 3, "c");
    tags[2].mqtt_topic = "other";
    return serve_device(f, &device, tags, COUNT(tags));
}

static void send(struct fixture *f, const char *topic, const char *payload)
{
    const struct mqtt_message message = {
        .topic = topic, .payload = payload, .len = strlen(payload), .qos = 1};
    ingest_message(&f->ingest, &message);
}

static void note(struct fixture *f, const char *filter, enum fault fault)
{
    suback_errors_note(f->live, f->device_table.topic_tree, filter, fault);
}

static void check_row_of(struct live_table_row row, enum fault fault, const char *excerpt,
                         enum live_table_outcome outcome)
{
    assert_int_equal(row.fault, fault);
    assert_string_equal(row.excerpt, excerpt);
    assert_int_equal(row.outcome, outcome);
    if (fault != FAULT_NONE)
        assert_int_equal(row.fault_wall_ms, UINT64_C(1700000000000) + set_clock_ms);
}

/* Good values are cut off by each answer but a missing one. */
static void test_each_answer(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f);
    for (int fault = FAULT_SUBSCRIPTION_REFUSED; fault <= FAULT_TOPIC_TOO_LONG; fault++) {
        set_clock_ms += 1000;
        bool cuts = fault != FAULT_SUBSCRIPTION_UNANSWERED;
        enum live_table_outcome after = cuts ? LIVE_CUT_OFF : LIVE_GOOD;
        send(f, "d", "{\"q\":true,\"a\":1,\"b\":-1}");
        send(f, "other", "{\"c\":1}");
        built->tags[1].heard = LIVE_REFUSED;
        note(f, "d", (enum fault)fault);
        check_row_of(row_of_tag(f, &tags[0]), (enum fault)fault, "d", after);
        check_row_of(row_of_tag(f, &tags[1]), (enum fault)fault, "d", LIVE_REFUSED);
        check_row_of(row_of_tag(f, &tags[2]), FAULT_NONE, "", LIVE_GOOD);
        check_row_of(row_of_device(f, &device), (enum fault)fault, "d", after);
        assert_int_equal(built->heard, after);
        assert_int_equal(built->feeds[0].refusal, fault);
        assert_true(suback_errors_has_any(built));
        note(f, "d", FAULT_NONE);
        check_row_of(row_of_tag(f, &tags[0]), FAULT_NONE, "", after);
        check_row_of(row_of_device(f, &device), FAULT_NONE, "", after);
        assert_false(suback_errors_has_any(built));
    }
}

/* The topic of a tag: the device's row shows the error, and is not cut off. */
static void test_topic_of_a_tag(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f);
    send(f, "d", "{\"q\":true,\"a\":1}");
    send(f, "other", "{\"c\":1}");
    note(f, "other", FAULT_SUBSCRIPTION_REFUSED);
    check_row_of(row_of_tag(f, &tags[0]), FAULT_NONE, "", LIVE_GOOD);
    check_row_of(row_of_tag(f, &tags[2]), FAULT_SUBSCRIPTION_REFUSED, "other", LIVE_CUT_OFF);
    check_row_of(row_of_device(f, &device), FAULT_SUBSCRIPTION_REFUSED, "other", LIVE_GOOD);
    assert_int_equal(built->heard, LIVE_GOOD);

    /* With two errors, the row keeps one until both have ended. */
    note(f, "d", FAULT_WILDCARD_UNAVAILABLE);
    check_row_of(row_of_device(f, &device), FAULT_WILDCARD_UNAVAILABLE, "d", LIVE_CUT_OFF);
    note(f, "other", FAULT_NONE);
    check_row_of(row_of_device(f, &device), FAULT_WILDCARD_UNAVAILABLE, "d", LIVE_CUT_OFF);
    check_row_of(row_of_tag(f, &tags[2]), FAULT_NONE, "", LIVE_CUT_OFF);
    note(f, "d", FAULT_NONE);
    check_row_of(row_of_device(f, &device), FAULT_NONE, "", LIVE_CUT_OFF);
}

/* A device that was never heard stays so; a fault of another kind stays, too. */
static void test_other_faults(void **state)
{
    struct fixture *f = *state;
    struct device *built = serve(f);
    note(f, "d", FAULT_SUBSCRIPTION_REFUSED);
    check_row_of(row_of_device(f, &device), FAULT_SUBSCRIPTION_REFUSED, "d", LIVE_NONE);
    check_row_of(row_of_tag(f, &tags[0]), FAULT_SUBSCRIPTION_REFUSED, "d", LIVE_NONE);
    assert_int_equal(built->heard, LIVE_NONE);
    uint64_t wall_ms = UINT64_C(1700000000000) + set_clock_ms;
    live_table_set_fault(f->live, tags[0].slot, FAULT_OUT_OF_RANGE, "9", 1, wall_ms);
    live_table_set_fault(f->live, device.slot, FAULT_INVALID_JSON, "x", 1, wall_ms);
    note(f, "d", FAULT_NONE);
    check_row_of(row_of_tag(f, &tags[0]), FAULT_OUT_OF_RANGE, "9", LIVE_NONE);
    check_row_of(row_of_tag(f, &tags[1]), FAULT_NONE, "", LIVE_NONE);
    check_row_of(row_of_device(f, &device), FAULT_INVALID_JSON, "x", LIVE_NONE);
    note(f, "unknown", FAULT_SUBSCRIPTION_REFUSED);
    assert_false(suback_errors_has_any(built));
}

/* A value of an earlier session is not shown as one that was good in this one. */
static void test_earlier_session(void **state)
{
    struct fixture *f = *state;
    serve(f);
    send(f, "d", "{\"q\":true,\"a\":1}");
    assert_int_equal(row_of_tag(f, &tags[0]).outcome, LIVE_GOOD);
    uint64_t session = row_of_tag(f, &tags[0]).session;
    size_t held = target_set_lock_rows(&f->targets);
    reopen(f->folder);
    target_set_unlock_rows(&f->targets, held);
    note(f, "d", FAULT_SUBSCRIPTION_REFUSED);
    check_row_of(row_of_tag(f, &tags[0]), FAULT_SUBSCRIPTION_REFUSED, "d", LIVE_GOOD);
    assert_int_equal(row_of_tag(f, &tags[0]).session, session);
}

/* A device that replaces another shows what is known of its topics. */
static void test_replacement(void **state)
{
    struct fixture *f = *state;
    serve(f);
    struct device *built = device_table_find(&f->device_table, 1);
    send(f, "d", "{\"q\":true,\"a\":1}");
    for (int i = 0; i < 2; i++) {
        note(f, "d", FAULT_SUBSCRIPTION_REFUSED);
        built->feeds[0].refusal = FAULT_SUBSCRIPTION_REFUSED;
        suback_errors_show(f->live, f->device_table.subscriptions, built, i == 0);
        /* The subscriptions know of no error. Rows are touched only after one. */
        assert_false(suback_errors_has_any(built));
        enum fault fault = i == 0 ? FAULT_NONE : FAULT_SUBSCRIPTION_REFUSED;
        assert_int_equal(row_of_tag(f, &tags[0]).fault, fault);
        assert_int_equal(row_of_device(f, &device).fault, fault);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_each_answer, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_topic_of_a_tag, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_other_faults, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_earlier_session, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_replacement, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
