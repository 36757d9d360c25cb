/* Quality: the verdict on a row at a given time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/shared/quality.h"

enum { SESSION = 7, NOW = 1000000 };

static struct live_table_state healthy_state(void)
{
    return (struct live_table_state){.session = SESSION,
                                     .heartbeat_steady_ms = NOW - 500,
                                     .connected = 1,
                                     .broker_steady_ms = NOW - 60000};
}

static struct live_table_row row_of(enum live_table_outcome outcome, uint64_t session,
                                    uint64_t age_ms)
{
    return (struct live_table_row){
        .outcome = outcome, .session = session, .value.steady_ms = NOW - age_ms};
}

static void check(const char *name, struct quality_verdict found, enum quality quality,
                  enum quality_reason reason)
{
    if (found.quality != quality || found.reason != reason)
        fail_msg("%s: %s, %s", name, quality_names[found.quality],
                 quality_reason_names[found.reason]);
}

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum live_table_outcome tag, device;
        uint64_t session, age_ms;
        uint32_t stale_after_s;
        enum quality quality;
        enum quality_reason reason;
    } rows[] = {
        {"no message", LIVE_NONE, LIVE_NONE, SESSION, 0, 0, QUALITY_NEVER, REASON_NEVER_HEARD},
        {"of an older session", LIVE_GOOD, LIVE_GOOD, SESSION - 1, 0, 0, QUALITY_NEVER,
         REASON_NEVER_HEARD},
        {"good", LIVE_GOOD, LIVE_GOOD, SESSION, 0, 0, QUALITY_GOOD, REASON_NONE},
        {"old, no limit", LIVE_GOOD, LIVE_GOOD, SESSION, 900000, 0, QUALITY_GOOD, REASON_NONE},
        {"at the limit", LIVE_GOOD, LIVE_GOOD, SESSION, 10000, 10, QUALITY_GOOD, REASON_NONE},
        {"beyond it", LIVE_GOOD, LIVE_GOOD, SESSION, 10001, 10, QUALITY_STALE, REASON_SILENT},
        {"refused", LIVE_REFUSED, LIVE_GOOD, SESSION, 0, 0, QUALITY_BAD, REASON_REFUSED},
        {"refused and old", LIVE_REFUSED, LIVE_GOOD, SESSION, 20000, 10, QUALITY_STALE,
         REASON_REFUSED},
        {"refused, old, no limit", LIVE_REFUSED, LIVE_GOOD, SESSION, 20000, 0, QUALITY_BAD,
         REASON_REFUSED},
        {"unavailable", LIVE_GOOD, LIVE_UNAVAILABLE, SESSION, 0, 0, QUALITY_BAD,
         REASON_UNAVAILABLE},
        {"refused and unavailable", LIVE_REFUSED, LIVE_UNAVAILABLE, SESSION, 0, 0, QUALITY_BAD,
         REASON_UNAVAILABLE},
        {"retained", LIVE_RETAINED, LIVE_GOOD, SESSION, 0, 10, QUALITY_STALE, REASON_SILENT},
        {"its topic refused since", LIVE_CUT_OFF, LIVE_GOOD, SESSION, 0, 0, QUALITY_STALE,
         REASON_SUBSCRIPTION_REFUSED},
        {"retained, no limit", LIVE_RETAINED, LIVE_GOOD, SESSION, 0, 0, QUALITY_GOOD, REASON_NONE},
        {"replaced by on_stale", LIVE_REPLACED, LIVE_GOOD, SESSION, 0, 0, QUALITY_STALE,
         REASON_SILENT},
        {"null, replaced", LIVE_NULL, LIVE_GOOD, SESSION, 0, 0, QUALITY_STALE, REASON_REFUSED},
        {"rubbish", LIVE_NOT_JSON, LIVE_NOT_JSON, SESSION, 0, 0, QUALITY_BAD, REASON_NOT_JSON},
        {"rubbish for long", LIVE_NOT_JSON, LIVE_NOT_JSON, SESSION, 20000, 10, QUALITY_STALE,
         REASON_NOT_JSON},
        {"dropped as old", LIVE_OLD, LIVE_OLD, SESSION, 0, 0, QUALITY_STALE, REASON_OLD_MESSAGES},
        {"never, beside others", LIVE_NONE, LIVE_GOOD, SESSION, 0, 10, QUALITY_NEVER,
         REASON_NEVER_HEARD},
    };
    struct live_table_state healthy = healthy_state();
    struct quality_moment moment = quality_moment(&healthy, NOW);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct quality_terms terms = {.stale_after_s = rows[i].stale_after_s};
        struct live_table_row tag = row_of(rows[i].tag, rows[i].session, rows[i].age_ms);
        struct live_table_row device = row_of(rows[i].device, rows[i].session, 0);
        check(rows[i].name, quality_of_tag(&moment, &tag, &device, &terms), rows[i].quality,
              rows[i].reason);
    }
}

/* The value was refused, and no message followed. */
static void test_silence_after_a_refusal(void **state)
{
    (void)state;
    struct live_table_state healthy = healthy_state();
    struct quality_moment moment = quality_moment(&healthy, NOW);
    const struct quality_terms terms = {.stale_after_s = 10};
    struct live_table_row tag = row_of(LIVE_REFUSED, SESSION, 30000);
    struct live_table_row device = row_of(LIVE_GOOD, SESSION, 20000);
    check("silent", quality_of_tag(&moment, &tag, &device, &terms), QUALITY_STALE, REASON_SILENT);
    tag.value.steady_ms = 0;
    check("no value ever", quality_of_tag(&moment, &tag, &device, &terms), QUALITY_BAD,
          REASON_REFUSED);
}

static void test_time_alone(void **state)
{
    (void)state;
    static const struct {
        uint64_t age_ms;
        uint32_t stale_after_s;
        uint64_t from_ms;
    } rows[] = {
        {0, 0, UINT64_MAX},   {0, 10, NOW + 10001},    {9999, 10, NOW + 2},
        {10000, 10, NOW + 1}, {10001, 10, UINT64_MAX}, {0, UINT32_MAX, NOW + 4294967295001},
    };
    struct live_table_state healthy = healthy_state();
    struct quality_moment moment = quality_moment(&healthy, NOW);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct quality_terms terms = {.stale_after_s = rows[i].stale_after_s};
        struct live_table_row row = row_of(LIVE_GOOD, SESSION, rows[i].age_ms);
        uint64_t from_ms = quality_stale_from_ms(&moment, &row, rows[i].stale_after_s);
        assert_int_equal(from_ms, rows[i].from_ms);
        if (from_ms == UINT64_MAX)
            continue;
        struct quality_moment before = moment, then = moment;
        before.now_steady_ms = from_ms - 1;
        then.now_steady_ms = from_ms;
        assert_true(quality_moment_is_same(&before, &then));
        check("before", quality_of_device(&before, &row, &terms), QUALITY_GOOD, REASON_NONE);
        check("then", quality_of_device(&then, &row, &terms), QUALITY_STALE, REASON_SILENT);
    }
    struct live_table_row none = {0};
    assert_int_equal(quality_stale_from_ms(&moment, &none, 10), UINT64_MAX);
    struct quality_moment other = moment;
    other.modbusd_down = true;
    assert_false(quality_moment_is_same(&moment, &other));
}

static void test_moments(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t heartbeat, connected, broker;
        enum quality quality;
        enum quality_reason reason;
    } rows[] = {
        {"all is well", NOW, 1, 0, QUALITY_GOOD, REASON_NONE},
        {"beat at the limit", NOW - 3000, 1, 0, QUALITY_GOOD, REASON_NONE},
        {"beat missing", NOW - 3001, 1, 0, QUALITY_STALE, REASON_MQTTD_DOWN},
        {"beat just ahead", NOW + 20, 1, 0, QUALITY_GOOD, REASON_NONE},
        {"beat of an earlier boot", NOW + 100000, 1, 0, QUALITY_STALE, REASON_MQTTD_DOWN},
        {"broker lost a moment ago", NOW, 0, NOW - 5000, QUALITY_GOOD, REASON_NONE},
        {"broker lost", NOW, 0, NOW - 5001, QUALITY_STALE, REASON_BROKER_LOST},
    };
    const struct quality_terms terms = {0}, disabled = {.is_disabled = true},
                               elsewhere = {.is_elsewhere = true};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct live_table_state now = {.session = SESSION,
                                       .heartbeat_steady_ms = rows[i].heartbeat,
                                       .connected = rows[i].connected,
                                       .broker_steady_ms = rows[i].broker};
        struct quality_moment moment = quality_moment(&now, NOW);
        struct live_table_row good = row_of(LIVE_GOOD, SESSION, 0), none = {0};
        struct live_table_row refused = row_of(LIVE_REFUSED, SESSION, 0);
        check(rows[i].name, quality_of_device(&moment, &good, &terms), rows[i].quality,
              rows[i].reason);
        check(rows[i].name, quality_of_device(&moment, &none, &terms), QUALITY_NEVER,
              rows[i].reason ? rows[i].reason : REASON_NEVER_HEARD);
        check(rows[i].name, quality_of_device(&moment, &none, &disabled), QUALITY_NEVER,
              REASON_DISABLED);
        struct live_table_row gone = row_of(LIVE_UNAVAILABLE, SESSION, 0);
        check(rows[i].name, quality_of_device(&moment, &good, &elsewhere), QUALITY_NEVER,
              REASON_OTHER_GATEWAY);
        check(rows[i].name, quality_of_tag(&moment, &good, &gone, &elsewhere), QUALITY_NEVER,
              REASON_OTHER_GATEWAY);
        if (rows[i].reason != REASON_NONE)
            check(rows[i].name, quality_of_device(&moment, &refused, &terms), QUALITY_STALE,
                  rows[i].reason);
    }
}

static void test_servers(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum fault fault;
        uint64_t written;
        bool foreign, modbusd_down, counts;
        enum quality quality;
        enum quality_reason reason;
        bool of_unit;
    } rows[] = {
        {"written", FAULT_NONE, 7, false, false, true, QUALITY_GOOD, REASON_NONE, false},
        {"on its way", FAULT_NONE, 6, false, false, true, QUALITY_GOOD, REASON_NONE, false},
        {"local, waits", FAULT_MODBUS_UNREACHABLE, 6, false, false, true, QUALITY_STALE,
         REASON_MODBUSD_DOWN, false},
        {"foreign, waits", FAULT_MODBUS_UNREACHABLE, 6, true, false, true, QUALITY_STALE,
         REASON_TARGET_DOWN, false},
        {"written since", FAULT_MODBUS_UNREACHABLE, 7, true, false, true, QUALITY_GOOD, REASON_NONE,
         false},
        {"exception", FAULT_MODBUS_EXCEPTION, 6, true, false, true, QUALITY_BAD, REASON_REFUSED,
         false},
        {"a gateway's exception", FAULT_MODBUS_EXCEPTION, 6, true, false, true, QUALITY_STALE,
         REASON_TARGET_DOWN, true},
        {"of no concern", FAULT_MODBUS_UNREACHABLE, 6, true, false, false, QUALITY_GOOD,
         REASON_NONE, false},
        {"modbusd is down", FAULT_NONE, 7, false, true, true, QUALITY_STALE, REASON_MODBUSD_DOWN,
         false},
        {"and not concerned", FAULT_NONE, 7, true, true, true, QUALITY_GOOD, REASON_NONE, false},
    };
    struct live_table_state healthy = healthy_state();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct quality_moment moment = quality_moment(&healthy, NOW);
        const struct quality_terms terms = {.is_foreign = rows[i].foreign};
        struct live_table_row row = row_of(LIVE_GOOD, SESSION, 0),
                              device = row_of(LIVE_GOOD, SESSION, 0);
        moment.modbusd_down = rows[i].modbusd_down;
        moment.target_counts = rows[i].counts;
        row.changed = 7;
        row.written = rows[i].written;
        row.write_fault =
            (struct live_table_write_fault){.fault = rows[i].fault, .is_of_unit = rows[i].of_unit};
        check(rows[i].name, quality_of_tag(&moment, &row, &device, &terms), rows[i].quality,
              rows[i].reason);
    }
    /* A poll that fails. */
    struct quality_moment moment = quality_moment(&healthy, NOW);
    const struct quality_terms foreign = {.is_foreign = true};
    struct live_table_row row = row_of(LIVE_GOOD, SESSION, 0), none = {0};
    row.write_fault =
        (struct live_table_write_fault){.fault = FAULT_MODBUS_UNREACHABLE, .is_of_poll = true};
    none.write_fault = row.write_fault;
    moment.target_counts = true;
    check("poll", quality_of_tag(&moment, &row, &row, &foreign), QUALITY_STALE, REASON_TARGET_DOWN);
    check("poll, never heard", quality_of_tag(&moment, &none, &none, &foreign), QUALITY_NEVER,
          REASON_TARGET_DOWN);
}

/* on_stale depends on the age of the value, whatever the register holds. */
static void test_too_old(void **state)
{
    (void)state;
    struct live_table_state healthy = healthy_state();
    struct quality_moment moment = quality_moment(&healthy, NOW);
    static const enum live_table_outcome outcomes[] = {LIVE_GOOD, LIVE_REFUSED,  LIVE_RETAINED,
                                                       LIVE_OLD,  LIVE_NOT_JSON, LIVE_NULL};
    for (size_t i = 0; i < sizeof outcomes / sizeof outcomes[0]; i++) {
        struct live_table_row fresh = row_of(outcomes[i], SESSION, 9000);
        struct live_table_row aged = row_of(outcomes[i], SESSION, 11000);
        assert_false(quality_is_too_old(&moment, &fresh, 10));
        assert_true(quality_is_too_old(&moment, &aged, 10));
        assert_false(quality_is_too_old(&moment, &aged, 0));
    }
    struct live_table_row none = {.outcome = LIVE_REFUSED, .session = SESSION};
    assert_false(quality_is_too_old(&moment, &none, 10));
    moment.gateway = REASON_BROKER_LOST;
    struct live_table_row refused = row_of(LIVE_REFUSED, SESSION, 0);
    assert_true(quality_is_too_old(&moment, &refused, 0));
}

static void test_codes(void **state)
{
    (void)state;
    assert_int_equal(quality_code(QUALITY_GOOD), 192);
    assert_int_equal(quality_code(QUALITY_STALE), 500);
    assert_int_equal(quality_code(QUALITY_BAD), 0);
    assert_int_equal(quality_code(QUALITY_NEVER), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_rows),    cmocka_unit_test(test_silence_after_a_refusal),
        cmocka_unit_test(test_moments), cmocka_unit_test(test_servers),
        cmocka_unit_test(test_too_old), cmocka_unit_test(test_time_alone),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
