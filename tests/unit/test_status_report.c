/* What mqttd tells the service manager, the live table and the gauges. */
#include "device_fixture.h"
#include "set_clock.h"

#include <stdarg.h>
#include <string.h>

#include "mqttd/status_report.h"

static char said[400]; /* the newest line, with "ready: " or "status: " */
static int lines;

void __wrap_daemon_notify_ready(const char *format, ...);
void __wrap_daemon_notify_status(const char *format, ...);

__attribute__((format(printf, 2, 0))) static void keep_line(const char *kind, const char *format,
                                                            va_list arguments)
{
    int len = snprintf(said, sizeof said, "%s: ", kind);
    vsnprintf(said + len, sizeof said - (size_t)len, format, arguments);
    lines++;
}

__attribute__((format(printf, 1, 2))) void __wrap_daemon_notify_ready(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep_line("ready", format, arguments);
    va_end(arguments);
}

__attribute__((format(printf, 1, 2))) void __wrap_daemon_notify_status(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    keep_line("status", format, arguments);
    va_end(arguments);
}

static struct status_report make_report(struct fixture *f)
{
    said[0] = '\0';
    lines = 0;
    return (struct status_report){.live = f->live, .counters = &f->counters};
}

/* Of the gauges of the broker's state exactly one is on. */
static void check_broker(struct fixture *f, enum broker_reason reason, const char *words,
                         uint64_t since_ms, uint64_t since_wall_ms)
{
    struct live_table_broker broker = live_table_read_broker(f->live);
    assert_int_equal(broker.reason, reason);
    assert_string_equal(broker.words, words);
    assert_int_equal(broker.steady_ms, since_ms);
    assert_int_equal(broker.wall_ms, since_wall_ms);
    assert_int_equal(counters_get(&f->counters, MQTTD_BROKER_CONNECTED),
                     reason == BROKER_CONNECTED);
    for (size_t i = 1; i < BROKER_REASON_COUNT; i++)
        assert_int_equal(counters_get(&f->counters, MQTTD_BROKER_DOWN + i - 1), i == reason);
}

static void test_broker(void **state)
{
    struct fixture *f = *state;
    struct status_report report = make_report(f);
    struct broker_link link;
    uint64_t start_ms = set_clock_ms, wall_ms = UINT64_C(1700000000000) + start_ms;
    broker_link_init(&link, start_ms);
    set_clock_ms += 77;
    status_report_set_broker(&report, &link);
    check_broker(f, BROKER_CONNECTING, "", start_ms, wall_ms);
    static const enum broker_reason reasons[] = {BROKER_UNREACHABLE, BROKER_NO_MEMORY,
                                                 BROKER_REFUSED};
    for (size_t i = 0; i < COUNT(reasons); i++) {
        set_clock_ms += 5000;
        broker_link_set_ended(&link, reasons[i], "in words", set_clock_ms);
        status_report_set_broker(&report, &link);
        check_broker(f, reasons[i], "in words", start_ms, wall_ms);
    }
    broker_link_set_ended(&link, BROKER_REFUSED, "in other words", set_clock_ms);
    status_report_set_broker(&report, &link);
    check_broker(f, BROKER_REFUSED, "in other words", start_ms, wall_ms);
    /* Longer words are cut. */
    char longest[LIVE_BROKER_WORDS_SIZE + 2];
    memset(longest, 'w', sizeof longest - 1);
    longest[sizeof longest - 1] = '\0';
    broker_link_set_ended(&link, BROKER_REFUSED, longest, set_clock_ms);
    status_report_set_broker(&report, &link);
    longest[LIVE_BROKER_WORDS_SIZE - 1] = '\0';
    check_broker(f, BROKER_REFUSED, longest, start_ms, wall_ms);

    set_clock_ms += 1000;
    uint64_t connected_ms = set_clock_ms, connected_wall = UINT64_C(1700000000000) + connected_ms;
    broker_link_set_accepted(&link, "one:1883", connected_ms);
    set_clock_ms += BROKER_LINK_LASTING_MS;
    broker_link_check_lasting(&link, set_clock_ms);
    status_report_set_broker(&report, &link);
    check_broker(f, BROKER_CONNECTED, "one:1883", link.since_ms,
                 connected_wall + (link.since_ms - connected_ms));
    /* Another broker of several, at the same time. */
    snprintf(link.name, sizeof link.name, "two:1884");
    status_report_set_broker(&report, &link);
    check_broker(f, BROKER_CONNECTED, "two:1884", link.since_ms,
                 connected_wall + (link.since_ms - connected_ms));
}

/* A state that has not changed is not written again, so that its time stays. */
static void test_broker_unchanged(void **state)
{
    struct fixture *f = *state;
    struct status_report report = make_report(f);
    struct broker_link link;
    broker_link_init(&link, set_clock_ms);
    status_report_set_broker(&report, &link);
    const struct live_table_broker other = {.reason = BROKER_LOST, .wall_ms = 4711};
    live_table_set_broker(f->live, &other);
    set_clock_ms += 60000;
    status_report_set_broker(&report, &link);
    assert_int_equal(live_table_read_broker(f->live).wall_ms, 4711);
    assert_int_equal(live_table_read_broker(f->live).reason, BROKER_LOST);
}

static void check_said(struct status_report *report, enum live_table_condition condition,
                       bool ready, size_t devices, size_t tags, const char *expected)
{
    said[0] = '\0';
    status_report_set_condition(report, condition, ready, devices, tags);
    assert_string_equal(said, expected);
    assert_int_equal(live_table_read_state(report->live).condition, condition);
}

/* The first line that is ready, and all after it. */
static void test_conditions(void **state)
{
    struct fixture *f = *state;
    struct status_report report = make_report(f);
    check_said(&report, LIVE_STARTING, false, 0, 0, "");
    check_said(&report, LIVE_READING_STORE, false, 0, 0, "");
    assert_false(report.ready);
    check_said(&report, LIVE_WAITING_FOR_STORE, true, 0, 0,
               "ready: 0 devices, 0 tags, waiting for the store, 0 rejects/min");
    assert_true(report.ready);
    check_said(&report, LIVE_READING_STORE, false, 0, 0,
               "status: 0 devices, 0 tags, reading the store, 0 rejects/min");
    check_said(&report, LIVE_WITHOUT_ROOM, false, 1, 1,
               "status: 1 device, 1 tag, no room in the live table, 0 rejects/min");
    check_said(&report, LIVE_STARTING, true, 12, 345,
               "status: 12 devices, 345 tags, starting, 0 rejects/min");
}

static void test_serving(void **state)
{
    struct fixture *f = *state;
    struct status_report report = make_report(f);
    struct broker_link link;
    broker_link_init(&link, set_clock_ms);
    status_report_set_broker(&report, &link);
    check_said(&report, LIVE_SERVING, true, 2, 3,
               "ready: 2 devices, 3 tags, waiting for the broker, 0 rejects/min");
    broker_link_set_ended(&link, BROKER_UNREACHABLE, "Connection refused", set_clock_ms);
    status_report_set_broker(&report, &link);
    check_said(&report, LIVE_SERVING, true, 2, 3,
               "status: 2 devices, 3 tags, waiting for the broker (unreachable: Connection "
               "refused), 0 rejects/min");
    broker_link_set_accepted(&link, "", set_clock_ms);
    set_clock_ms += BROKER_LINK_LASTING_MS;
    broker_link_check_lasting(&link, set_clock_ms);
    status_report_set_broker(&report, &link);
    check_said(&report, LIVE_SERVING, true, 2, 3,
               "status: 2 devices, 3 tags, broker connected, 0 rejects/min");
    assert_int_equal(lines, 3);
}

/* Rejects of the minute before, or of the present one if there are more. */
static void test_rejects(void **state)
{
    struct fixture *f = *state;
    struct status_report report = make_report(f);
    static const struct {
        uint64_t wait_ms, messages, values;
        const char *rejects;
    } steps[] = {
        {0, 5, 7, "0 rejects/min"}, /* from before */
        {1000, 1, 0, "1 reject/min"},
        {1000, 0, 11, "12 rejects/min"},
        {57999, 0, 0, "12 rejects/min"},
        {1, 0, 1, "13 rejects/min"}, /* a minute is over: it had 13 */
        {59999, 0, 3, "13 rejects/min"},
        {1, 0, 0, "3 rejects/min"},
        {1000, 2, 2, "4 rejects/min"},
        {59000, 0, 0, "4 rejects/min"},
        {59999, 0, 0, "4 rejects/min"},
        {1, 0, 0, "0 rejects/min"},
    };
    for (size_t i = 0; i < COUNT(steps); i++) {
        char expected[100];
        set_clock_ms += steps[i].wait_ms;
        counters_add(&f->counters, MQTTD_MESSAGES_REFUSED, steps[i].messages);
        counters_add(&f->counters, MQTTD_VALUES_REFUSED, steps[i].values);
        snprintf(expected, sizeof expected, "%s: 0 devices, 0 tags, starting, %s",
                 i == 0 ? "ready" : "status", steps[i].rejects);
        check_said(&report, LIVE_STARTING, true, 0, 0, expected);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(test_broker, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_broker_unchanged, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_conditions, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_serving, open_fixture, close_fixture),
        cmocka_unit_test_setup_teardown(test_rejects, open_fixture, close_fixture),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
