/* Time stamps of messages. */
#include "check.h"

#include <string.h>

#include "mqttd/model/source_time.h"

static void test_texts(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        uint64_t wall_ms; /* 0: refused */
    } rows[] = {
        {"1970-01-01T00:00:01Z", 1000},
        {"2026-01-02T03:04:05.678Z", 1767323045678},
        {"2026-01-02 03:04:05.678", 1767323045678},
        {"2026-01-02T03:04:05.6789123Z", 1767323045678},
        {"2026-01-02T04:04:05+01:00", 1767323045000},
        {"2026-01-01T22:04:05-0500", 1767323045000},
        {"2026-01-02T04:04:05+01", 1767323045000},
        {"2026-01-02T03:04", 1767323040000},
        {"2024-02-29T12:00:00Z", 1709208000000},
        {"2000-03-01T00:00:00Z", 951868800000},
        {"2016-12-31T23:59:60Z", 1483228800000}, /* a leap second */
        {"2038-01-19T03:14:08Z", 2147483648000},
        {"2100-02-28T23:59:59Z", 4107542399000},
        {"2100-03-01T00:00:00Z", 4107542400000},
        {"2106-02-07T06:28:16Z", 4294967296000},
        {"1767323045", 1767323045000},
        {"1767323045678", 1767323045678},
        {"1767323045.5", 1767323045500},
        {"", 0},
        {"yesterday", 0},
        {"2026-13-01T00:00:00Z", 0},
        {"2026-00-01T00:00:00Z", 0},
        {"2026-01-00T00:00:00Z", 0},
        {"2026-02-29T00:00:00Z", 0},
        {"2100-02-29T00:00:00Z", 0},
        {"2026-04-31T00:00:00Z", 0},
        {"2026-01-02T03:60:00Z", 0},
        {"2026-01-02T03:04:61Z", 0},
        {"2026-01-02T03:04:05+24:00", 0},
        {"2026-01-02T03:04:05+01:60", 0},
        {"2026-01-02", 0},
        {"2026-01-02T25:00:00Z", 0},
        {"2026-01-02T03:04:05.Z", 0},
        {"2026-01-02T03:04:05Zx", 0},
        {"2026-01-02T03:04:05+1", 0},
        {"-5", 0},
        {"1e300", 0},
        {"nan", 0},
        {"0001-01-01T00:00:00Z", 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        struct scalar scalar = {
            .kind = SCALAR_STRING, .text = rows[i].text, .len = strlen(rows[i].text)};
        uint64_t wall_ms = 0;
        bool ok = source_time_read(&scalar, &wall_ms);
        if (ok != (rows[i].wall_ms != 0) || (ok && wall_ms != rows[i].wall_ms))
            fail_msg("%s: %llu", rows[i].text, (unsigned long long)wall_ms);
    }
}

static void test_numbers(void **state)
{
    (void)state;
    uint64_t wall_ms = 0;
    struct scalar scalar = {.kind = SCALAR_NUMBER, .number = 1767323045.25};
    assert_true(source_time_read(&scalar, &wall_ms));
    assert_int_equal(wall_ms, 1767323045250);
    scalar.number = 1767323045678;
    assert_true(source_time_read(&scalar, &wall_ms));
    assert_int_equal(wall_ms, 1767323045678);
    scalar.kind = SCALAR_BOOL;
    assert_false(source_time_read(&scalar, &wall_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_texts),
        cmocka_unit_test(test_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
