/* Dates against the C library's, for each day of two cycles of the calendar. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "check.h"
#include "common/utc.h"

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

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_day_from_midnight_to_midnight),
        cmocka_unit_test(years_of_five_digits_and_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
