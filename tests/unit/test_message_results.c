/* The results of messages in the rows of tags and devices. */
#include "device_fixture.h"

#include <string.h>

#include "mqttd/config/message_results.h"

enum { TAGS = 3 };

static struct tagdb_tag tags[TAGS];
static struct tagdb_device row;

/* A device with three tags of one topic. */
static struct device *serve(struct fixture *f, const char *topic)
{
    row = device_row(1);
    row.mqtt_topic = topic;
    static const char *const keys[TAGS] = {"a", "b", "c"};
    for (int64_t i = 0; i < TAGS; i++)
        tags[i] = tag_row(1, i + 1, keys[i]);
    return serve_device(f, &row, tags, TAGS);
}

static void add_value(struct fixture *f, struct device *device, unsigned tag,
                      enum live_table_outcome outcome)
{
    message_results_add_value(f->live, &device->feeds[0], &device->tags[tag], outcome);
}

static void add_message(struct fixture *f, struct device *device, enum live_table_outcome failure)
{
    message_results_add_message(f->live, &device->feeds[0], failure);
}

static void check_outcomes(const struct fixture *f, const char *name,
                           const enum live_table_outcome expected[TAGS])
{
    for (int i = 0; i < TAGS; i++)
        check_row(row_of_tag(f, &tags[i]).outcome == expected[i], name);
}

static void test_values(void **state)
{
    struct fixture *f = *state;
    struct device *device = serve(f, "d");
    struct feed *feed = &device->feeds[0];
    static const struct {
        unsigned tag;
        enum live_table_outcome outcome;
        unsigned valued, refused; /* after it */
    } steps[] = {
        {0, LIVE_GOOD, 1, 0},        {0, LIVE_REFUSED, 1, 1},  {0, LIVE_BAD_QUALITY, 1, 1},
        {1, LIVE_BAD_QUALITY, 2, 2}, {2, LIVE_RETAINED, 3, 2}, {1, LIVE_NULL, 3, 1},
        {0, LIVE_GOOD, 3, 0},        {2, LIVE_REFUSED, 3, 1},
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        char name[16];
        snprintf(name, sizeof name, "step %zu", i);
        add_value(f, device, steps[i].tag, steps[i].outcome);
        check_row(feed->valued_tags == steps[i].valued, name);
        check_row(feed->refused_tags == steps[i].refused, name);
        check_row(device->tags[steps[i].tag].heard == steps[i].outcome, name);
        check_row(row_of_tag(f, &tags[steps[i].tag]).outcome == steps[i].outcome, name);
    }
    assert_int_equal(row_of_tag(f, &tags[0]).messages, 4);
    assert_int_equal(row_of_tag(f, &tags[1]).messages, 2);
    assert_int_equal(row_of_tag(f, &tags[2]).messages, 2);
    assert_int_equal(row_of_tag(f, &tags[2]).rejects, 0);
}

/* A value that on_stale has replaced is shown as such, if the newest one was good. */
static void test_replaced_values(void **state)
{
    struct fixture *f = *state;
    struct device *device = serve(f, "d");
    static const enum live_table_outcome shown[][2] = {
        {LIVE_GOOD, LIVE_REPLACED},
        {LIVE_RETAINED, LIVE_REPLACED},
        {LIVE_NULL, LIVE_NULL},
        {LIVE_REFUSED, LIVE_REFUSED},
    };
    for (size_t i = 0; i < COUNT(shown); i++) {
        device->tags[1].shows_stale = true;
        add_value(f, device, 1, shown[i][0]);
        assert_int_equal(row_of_tag(f, &tags[1]).outcome, shown[i][1]);
        device->tags[1].shows_stale = false;
        add_value(f, device, 1, shown[i][0]);
        assert_int_equal(row_of_tag(f, &tags[1]).outcome, shown[i][0]);
    }
}

/* A message that fails as a whole is shown at all tags, and the next good one ends that. */
static void test_failures(void **state)
{
    struct fixture *f = *state;
    struct device *device = serve(f, "d");
    static const enum live_table_outcome failures[] = {LIVE_NOT_JSON, LIVE_OLD, LIVE_REFUSED};
    for (size_t i = 0; i < COUNT(failures); i++) {
        enum live_table_outcome failure = failures[i];
        add_value(f, device, 0, LIVE_GOOD);
        add_message(f, device, LIVE_NONE);
        assert_int_equal(device->failure, LIVE_NONE);
        assert_int_equal(device->working_feeds, 1);
        check_outcomes(
            f, "good",
            (enum live_table_outcome[]){LIVE_GOOD, i ? LIVE_NULL : LIVE_NONE, LIVE_NONE});
        add_message(f, device, failure);
        assert_int_equal(device->failure, failure);
        assert_int_equal(device->working_feeds, 0);
        check_outcomes(f, "failing", (enum live_table_outcome[]){failure, failure, failure});
        /* A value that comes meanwhile shows the failure, too. */
        add_value(f, device, 1, LIVE_NULL);
        assert_int_equal(row_of_tag(f, &tags[1]).outcome, failure);
        add_message(f, device, LIVE_NONE);
        check_outcomes(f, "again", (enum live_table_outcome[]){LIVE_GOOD, LIVE_NULL, LIVE_NONE});
        assert_int_equal(device->working_feeds, 1);
    }
    /* None of these is a message of the tag. */
    assert_int_equal(row_of_tag(f, &tags[0]).messages, 3);
}

/* A filter with a wildcard fails with the third such message in a row. */
static void test_wildcard(void **state)
{
    struct fixture *f = *state;
    struct device *device = serve(f, "d/+");
    assert_true(device->feeds[0].has_wildcard);
    add_value(f, device, 0, LIVE_GOOD);
    for (int round = 0; round < 2; round++) {
        add_message(f, device, LIVE_NONE);
        assert_int_equal(device->feeds[0].failure_count, 0);
        for (int i = 1; i <= 5; i++) {
            add_message(f, device, LIVE_NOT_JSON);
            assert_int_equal(device->feeds[0].failure_count, i < 3 ? i : 3);
            assert_int_equal(row_of_tag(f, &tags[0]).outcome, i < 3 ? LIVE_GOOD : LIVE_NOT_JSON);
            assert_int_equal(device->working_feeds, i < 3);
            assert_int_equal(device->failure, LIVE_NOT_JSON);
        }
    }
}

/* A tag with the whole payload as a text takes what is not JSON. */
static void test_text(void **state)
{
    struct fixture *f = *state;
    row = device_row(1);
    for (int64_t i = 0; i < TAGS; i++)
        tags[i] = tag_row(1, i + 1, i == 0 ? "" : i == 1 ? "b" : "c");
    tags[0].mqtt_payload = PAYLOAD_TEXT;
    struct device *device = serve_device(f, &row, tags, TAGS);
    assert_true(device->feeds[0].has_text && device->feeds[0].has_json);
    add_value(f, device, 0, LIVE_GOOD);
    add_message(f, device, LIVE_NOT_JSON);
    check_outcomes(f, "text", (enum live_table_outcome[]){LIVE_GOOD, LIVE_NOT_JSON, LIVE_NOT_JSON});
    assert_true(device->feeds[0].is_heard);
    assert_int_equal(device->working_feeds, 1);
    add_message(f, device, LIVE_REFUSED);
    check_outcomes(f, "refused",
                   (enum live_table_outcome[]){LIVE_REFUSED, LIVE_REFUSED, LIVE_REFUSED});
    assert_int_equal(device->working_feeds, 0);
}

/* A device fails when all its tags' values are refused, and works again with one that is not. */
static void test_all_refused(void **state)
{
    struct fixture *f = *state;
    struct device *device = serve(f, "d");
    add_message(f, device, LIVE_NONE);
    assert_int_equal(device->failure, LIVE_NONE); /* it had no values */
    assert_int_equal(device->working_feeds, 1);
    add_value(f, device, 0, LIVE_REFUSED);
    add_value(f, device, 1, LIVE_BAD_QUALITY);
    add_message(f, device, LIVE_NONE);
    assert_int_equal(device->failure, LIVE_REFUSED);
    assert_int_equal(device->working_feeds, 0);
    add_value(f, device, 2, LIVE_NULL);
    add_message(f, device, LIVE_NONE);
    assert_int_equal(device->failure, LIVE_NONE);
    assert_int_equal(device->working_feeds, 1);
}

/* The fault of a whole message is shown with the tags; the tag with the whole payload counts it. */
static void test_fault(void **state)
{
    struct fixture *f = *state;
    row = device_row(1);
    for (int64_t i = 0; i < TAGS; i++)
        tags[i] = tag_row(1, i + 1, i == 0 ? "" : i == 1 ? "b" : "c");
    tags[0].mqtt_payload = PAYLOAD_TEXT;
    struct device *device = serve_device(f, &row, tags, TAGS);
    add_message(f, device, LIVE_NOT_JSON);
    message_results_add_fault(f->live, &device->feeds[0], FAULT_INVALID_JSON, "{x", 4711);
    struct live_table_row of[TAGS];
    for (int i = 0; i < TAGS; i++)
        of[i] = row_of_tag(f, &tags[i]);
    assert_int_equal(of[0].fault, FAULT_NONE);
    for (int i = 1; i < TAGS; i++) {
        assert_int_equal(of[i].fault, FAULT_INVALID_JSON);
        assert_string_equal(of[i].excerpt, "{x");
        assert_int_equal(of[i].fault_wall_ms, 4711);
        assert_int_equal(of[i].messages + of[i].rejects, 0);
    }
    add_message(f, device, LIVE_REFUSED);
    message_results_add_fault(f->live, &device->feeds[0], FAULT_TOO_LARGE, "long", 4712);
    for (int i = 0; i < TAGS; i++) {
        of[i] = row_of_tag(f, &tags[i]);
        assert_int_equal(of[i].fault, FAULT_TOO_LARGE);
        assert_string_equal(of[i].excerpt, "long");
        assert_int_equal(of[i].fault_wall_ms, 4712);
        assert_int_equal(of[i].messages, i == 0);
        assert_int_equal(of[i].rejects, i == 0);
    }
}

/* A key of the message that has the quality of a value is no tag, also that of the first tag. */
static void test_quality_keys(void **state)
{
    struct fixture *f = *state;
    row = device_row(1);
    for (int64_t i = 0; i < TAGS; i++) {
        tags[i] = tag_row(1, i + 1, i == 0 ? "a" : i == 1 ? "b" : "c");
        tags[i].mqtt_quality_key = i == 2 ? NULL : i == 1 ? "qb" : "qa";
    }
    struct device *device = serve_device(f, &row, tags, TAGS);
    add_value(f, device, 0, LIVE_REFUSED);
    add_message(f, device, LIVE_NOT_JSON);
    message_results_add_fault(f->live, &device->feeds[0], FAULT_INVALID_JSON, "x", 1);
    check_outcomes(f, "failing",
                   (enum live_table_outcome[]){LIVE_NOT_JSON, LIVE_NOT_JSON, LIVE_NOT_JSON});
    device->feeds[0].valued_tags = device->feeds[0].refused_tags = 0;
    message_results_count_tags(device);
    assert_int_equal(device->feeds[0].valued_tags, 1);
    assert_int_equal(device->feeds[0].refused_tags, 1);
}

static void test_outcome_of_device(void **state)
{
    static const struct {
        const char *name;
        struct device device;
        bool aged;
        uint64_t now_ms;
        enum live_table_outcome outcome;
    } rows[] = {
        {"nothing", {.heard = LIVE_NONE}, false, 1, LIVE_NONE},
        {"heard", {.heard = LIVE_GOOD}, false, 1, LIVE_GOOD},
        {"unavailable", {.heard = LIVE_GOOD, .unavailable = true}, false, 1, LIVE_UNAVAILABLE},
        {"dead", {.heard = LIVE_GOOD, .is_dead = true}, false, 1, LIVE_UNAVAILABLE},
        {"fails", {.heard = LIVE_GOOD, .failure = LIVE_OLD}, false, 1, LIVE_OLD},
        {"a feed works",
         {.heard = LIVE_GOOD, .failure = LIVE_OLD, .working_feeds = 1},
         false,
         1,
         LIVE_GOOD},
        {"a feed works, aged",
         {.heard = LIVE_GOOD,
          .failure = LIVE_OLD,
          .working_feeds = 1,
          .stale_after_s = 10,
          .any_ms = 5000},
         true,
         15000,
         LIVE_OLD},
        {"silent",
         {.heard = LIVE_GOOD, .failure = LIVE_OLD, .stale_after_s = 10, .any_ms = 5000},
         true,
         15001,
         LIVE_GOOD},
        {"not aged",
         {.heard = LIVE_GOOD, .failure = LIVE_OLD, .stale_after_s = 10, .any_ms = 5000},
         false,
         15001,
         LIVE_OLD},
        {"ahead",
         {.heard = LIVE_GOOD, .failure = LIVE_OLD, .stale_after_s = 10, .any_ms = 50000},
         true,
         15001,
         LIVE_OLD},
        {"at the same time",
         {.heard = LIVE_GOOD, .failure = LIVE_OLD, .any_ms = 50000},
         true,
         50000,
         LIVE_OLD},
    };
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++)
        check_row(message_results_outcome(&rows[i].device, rows[i].aged, rows[i].now_ms) ==
                      rows[i].outcome,
                  rows[i].name);
}

/* What a replacement takes over. */
static void test_carry_over(void **state)
{
    struct fixture *f = *state;
    struct device *old = serve(f, "d"), *newer = build_device(&row, tags, TAGS);
    old->heard = LIVE_RETAINED;
    old->failure = LIVE_OLD;
    old->any_ms = 11;
    old->refusals.logged_ms = 12;
    old->refusals.since = 13;
    old->feeds[0].is_heard = true;
    old->feeds[0].failure = LIVE_NOT_JSON;
    old->feeds[0].failure_count = 2;
    old->feeds[0].live_ms = 14;
    message_results_carry_over(old, newer);
    assert_int_equal(newer->heard, LIVE_RETAINED);
    assert_int_equal(newer->failure, LIVE_OLD);
    assert_int_equal(newer->any_ms, 11);
    assert_int_equal(newer->refusals.logged_ms, 12);
    assert_int_equal(newer->refusals.since, 13);
    assert_true(newer->feeds[0].is_heard);
    assert_int_equal(newer->feeds[0].failure, LIVE_NOT_JSON);
    assert_int_equal(newer->feeds[0].failure_count, 2);
    assert_int_equal(newer->feeds[0].live_ms, 14);

    newer->tags[0].heard = LIVE_REFUSED;
    newer->tags[1].heard = LIVE_GOOD;
    message_results_count_tags(newer);
    assert_int_equal(newer->feeds[0].valued_tags, 2);
    assert_int_equal(newer->feeds[0].refused_tags, 1);
    assert_int_equal(newer->working_feeds, 0);
    device_free(newer);

    /* Another topic is another feed. */
    row.mqtt_topic = "other";
    newer = build_device(&row, tags, TAGS);
    message_results_carry_over(old, newer);
    assert_int_equal(newer->heard, LIVE_RETAINED);
    assert_false(newer->feeds[0].is_heard);
    assert_int_equal(newer->feeds[0].live_ms + newer->feeds[0].failure_count, 0);
    device_free(newer);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_values, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_replaced_values, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_failures, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_wildcard, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_text, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_all_refused, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_fault, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_quality_keys, open_fixture, close_fixture),
        cmocka_unit_test(test_outcome_of_device),
        cmocka_unit_test_setup_teardown(test_carry_over, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
