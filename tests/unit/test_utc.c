/* Dates against the C library's, for each day of two cycles of the calendar. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "common/base/utc.h"

enum { DAYS = 2 * 146097 };

static void expect(uint64_t wall_ms)
{
    char text[UTC_TEXT_SIZE], expected[64];
    time_t seconds = (time_t)(wall_ms / 1000);
    struct tm utc;
    gmtime_r(&seconds, &utc);
    size_t len = strftime(expected, sizeof expected, "%Y-%m-%dT%H:%M:%S", &utc);
    snprintf(expected + len, sizeof expected - len, ".%03uZ", (unsigned)(wall_ms % 1000));
    len = utc_format(wall_ms, text);
    assert_string_equal(text, expected);
    assert_int_equal(len, strlen(expected));
}

static void each_day_from_midnight_to_midnight(void **state)
{
    (void)state;
    for (uint64_t day = 0; day < DAYS; day++) {
        expect(day * 86400000);
        expect(day * 86400000 + day % 86400 * 1000 + day % 1000);
        expect(day * 86400000 + 86399999);
    }
}

static void years_of_five_digits_and_more(void **state)
{
    (void)state;
    static const uint64_t moments[] = {253402300799999, 253402300800000, 67767976233532000,
                                       1000000000000000000};
    char text[UTC_TEXT_SIZE];
    for (size_t i = 0; i < 3; i++)
        expect(moments[i]);
    utc_format(moments[3], text);
    assert_memory_equal(text, "31690708-", 9);
    assert_true(utc_format(UINT64_MAX, text) < sizeof text);
}

static void times_of_rfc_3339_are_read(void **state)
{
    static const struct {
        const char *text;
        uint64_t wall_ms;
    } good[] = {
        {"1970-01-01T00:00:00Z", 0},
        {"2026-11-22T19:33:18.332Z", 1795375998332},
        {"2026-11-22T19:33:18.332999z", 1795375998332},
        {"2026-11-22T19:33:18.3+00:00", 1795375998300},
        {"2026-11-22T20:33:18.332+01:00", 1795375998332},
        {"2026-11-22T13:03:18.332-06:30", 1795375998332},
        {"2024-02-29T00:00:00Z", 1709164800000},
        {"9999-12-31T23:59:59.999Z", 253402300799999},
        {"2016-12-31T23:59:60Z", 1483228800000}, /* a leap second */
        {"2038-01-19T03:14:08Z", 2147483648000},
        {"2100-03-01T00:00:00Z", 4107542400000},
        {"2106-02-07T06:28:16Z", 4294967296000},
    };
    static const char *const bad[] = {"",
                                      "Z",
                                      "2026-11-22",
                                      "2026-11-22T19:33:18",
                                      "2026-11-22 19:33:18Z",
                                      "2026-11-22T19:33Z",
                                      "2026-13-22T19:33:18Z",
                                      "2025-02-29T00:00:00Z",
                                      "2026-11-22T24:00:00Z",
                                      "2026-11-22T23:60:00Z",
                                      "2026-11-22T23:59:61Z",
                                      "2100-02-29T00:00:00Z",
                                      "2026-00-22T00:00:00Z",
                                      "2026-11-00T00:00:00Z",
                                      "2026-11-22T19:33:18+24:00",
                                      "2026-11-22T19:33:18+01:60",
                                      "2026-11-22T19:33:18ZZ",
                                      "2026-11-22T19:33:18+1:00",
                                      "1969-12-31T23:59:59Z",
                                      "1970-01-01T00:00:00+01:00"};
    char text[UTC_TEXT_SIZE];
    uint64_t wall_ms;
    (void)state;
    for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
        assert_true(utc_parse(good[i].text, &wall_ms));
        assert_int_equal(wall_ms, good[i].wall_ms);
        utc_format(good[i].wall_ms, text);
        assert_true(utc_parse(text, &wall_ms));
        assert_int_equal(wall_ms, good[i].wall_ms);
    }
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_false(utc_parse(bad[i], &wall_ms));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_day_from_midnight_to_midnight),
        cmocka_unit_test(years_of_five_digits_and_more),
        cmocka_unit_test(times_of_rfc_3339_are_read),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
