/* Quality: what a row means at a given time. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/quality.h"

enum { SESSION = 7, NOW = 1000000 };

static struct live_state healthy_state(void)
{
    return (struct live_state){.session = SESSION,
                               .heartbeat_steady_ms = NOW - 500,
                               .connected = 1,
                               .broker_steady_ms = NOW - 60000};
}

static struct live_row row_of(enum live_outcome outcome, uint64_t session, uint64_t age_ms)
{
    return (struct live_row){
        .outcome = outcome, .session = session, .value.steady_ms = NOW - age_ms};
}

static void test_rows(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        enum live_outcome tag, device;
        uint64_t session, age_ms;
        uint32_t stale_after_s;
        enum quality expected;
    } rows[] = {
        {"no message", LIVE_NONE, LIVE_NONE, SESSION, 0, 0, QUALITY_NEVER},
        {"of an older session", LIVE_GOOD, LIVE_GOOD, SESSION - 1, 0, 0, QUALITY_NEVER},
        {"good", LIVE_GOOD, LIVE_GOOD, SESSION, 0, 0, QUALITY_GOOD},
        {"old, no limit", LIVE_GOOD, LIVE_GOOD, SESSION, 900000, 0, QUALITY_GOOD},
        {"at the limit", LIVE_GOOD, LIVE_GOOD, SESSION, 10000, 10, QUALITY_GOOD},
        {"beyond it", LIVE_GOOD, LIVE_GOOD, SESSION, 10001, 10, QUALITY_STALE},
        {"refused", LIVE_REFUSED, LIVE_GOOD, SESSION, 0, 0, QUALITY_BAD},
        {"refused and old", LIVE_REFUSED, LIVE_GOOD, SESSION, 20000, 10, QUALITY_BAD},
        {"unavailable", LIVE_GOOD, LIVE_UNAVAILABLE, SESSION, 0, 0, QUALITY_BAD},
        {"retained", LIVE_RETAINED, LIVE_GOOD, SESSION, 0, 10, QUALITY_STALE},
        {"its topic refused since", LIVE_CUT_OFF, LIVE_GOOD, SESSION, 0, 0, QUALITY_STALE},
        {"retained, no limit", LIVE_RETAINED, LIVE_GOOD, SESSION, 0, 0, QUALITY_GOOD},
        {"replaced by on_stale", LIVE_REPLACED, LIVE_GOOD, SESSION, 0, 0, QUALITY_STALE},
        {"never, beside others", LIVE_NONE, LIVE_GOOD, SESSION, 0, 10, QUALITY_NEVER},
    };
    struct live_state healthy = healthy_state();
    struct quality_moment moment = quality_moment(&healthy, NOW);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct live_row tag = row_of(rows[i].tag, rows[i].session, rows[i].age_ms);
        struct live_row device = row_of(rows[i].device, rows[i].session, 0);
        enum quality quality = quality_of_tag(&moment, &tag, &device, rows[i].stale_after_s);
        if (quality != rows[i].expected)
            fail_msg("%s: %s", rows[i].name, quality_names[quality]);
    }
}

static void test_moments(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t heartbeat, connected, broker;
        enum quality expected;
    } rows[] = {
        {"all is well", NOW, 1, 0, QUALITY_GOOD},
        {"beat at the limit", NOW - 3000, 1, 0, QUALITY_GOOD},
        {"beat missing", NOW - 3001, 1, 0, QUALITY_STALE},
        {"beat just ahead", NOW + 20, 1, 0, QUALITY_GOOD},
        {"beat of an earlier boot", NOW + 100000, 1, 0, QUALITY_STALE},
        {"broker lost a moment ago", NOW, 0, NOW - 5000, QUALITY_GOOD},
        {"broker lost", NOW, 0, NOW - 5001, QUALITY_STALE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct live_state now = {.session = SESSION,
                                 .heartbeat_steady_ms = rows[i].heartbeat,
                                 .connected = rows[i].connected,
                                 .broker_steady_ms = rows[i].broker};
        struct quality_moment moment = quality_moment(&now, NOW);
        struct live_row row = row_of(LIVE_GOOD, SESSION, 0);
        enum quality quality = quality_of_device(&moment, &row, 0);
        if (quality != rows[i].expected)
            fail_msg("%s: %s", rows[i].name, quality_names[quality]);
    }
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
        cmocka_unit_test(test_rows),
        cmocka_unit_test(test_moments),
        cmocka_unit_test(test_codes),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
