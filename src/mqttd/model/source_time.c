/* Parses time stamps. */
#include "mqttd/model/source_time.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* From here on a number means milliseconds: as seconds it would be after the year 5000. */
static const double milliseconds_from = 1e11;
static const double latest_ms = 1e15;

enum { SOURCE_TIME_TEXT_SIZE = 48 };

static bool source_time_from_number(double number, uint64_t *wall_ms)
{
    double ms = number < milliseconds_from ? number * 1000 : number;
    if (!isfinite(number) || ms < 0.5 || ms > latest_ms)
        return false;
    *wall_ms = (uint64_t)llround(ms);
    return true;
}

/* Reads exactly `digits` digits. */
static bool read_fixed_digits(const char **text, int digits, int *number)
{
    *number = 0;
    for (int i = 0; i < digits; i++, ++*text) {
        if (**text < '0' || **text > '9')
            return false;
        *number = *number * 10 + (**text - '0');
    }
    return true;
}

static bool skip_any_of(const char **text, const char *any)
{
    if (**text == '\0' || !strchr(any, **text))
        return false;
    ++*text;
    return true;
}

/* Days since 1970 of a day in the Gregorian calendar, counted in years that begin in March. */
static int64_t gregorian_days(int year, int month, int day)
{
    int64_t y = month <= 2 ? year - 1 : year;
    int64_t era = y / 400, of_era = y % 400;
    int64_t of_year = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    return era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719468;
}

static int gregorian_days_of_month(int year, int month)
{
    if (month == 2)
        return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28;
    return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

static bool source_time_read_date(const char **text, int64_t *days)
{
    int year, month, day;
    if (!read_fixed_digits(text, 4, &year) || !skip_any_of(text, "-") ||
        !read_fixed_digits(text, 2, &month) || !skip_any_of(text, "-") ||
        !read_fixed_digits(text, 2, &day) || month < 1 || month > 12 || day < 1 ||
        day > gregorian_days_of_month(year, month))
        return false;
    *days = gregorian_days(year, month, day);
    return true;
}

static bool source_time_read_fraction(const char **text, int64_t *ms)
{
    int64_t weight = 100;
    *ms = 0;
    if (!skip_any_of(text, ".,"))
        return true;
    if (**text < '0' || **text > '9')
        return false;
    for (; **text >= '0' && **text <= '9'; ++*text, weight /= 10)
        *ms += (**text - '0') * weight;
    return true;
}

static bool source_time_read_clock(const char **text, int64_t *ms)
{
    int hour, minute, second = 0;
    int64_t fraction = 0;
    if (!read_fixed_digits(text, 2, &hour) || !skip_any_of(text, ":") ||
        !read_fixed_digits(text, 2, &minute))
        return false;
    if (skip_any_of(text, ":") &&
        (!read_fixed_digits(text, 2, &second) || !source_time_read_fraction(text, &fraction)))
        return false;
    if (hour > 23 || minute > 59 || second > 60)
        return false;
    *ms = ((hour * 60 + minute) * 60 + second) * INT64_C(1000) + fraction;
    return true;
}

static bool source_time_read_zone(const char **text, int64_t *ms)
{
    int hours, minutes = 0;
    *ms = 0;
    if (**text == '\0' || skip_any_of(text, "Zz"))
        return true;
    bool is_negative = **text == '-';
    if (!skip_any_of(text, "+-") || !read_fixed_digits(text, 2, &hours))
        return false;
    bool has_minutes = skip_any_of(text, ":") || **text;
    if ((has_minutes && !read_fixed_digits(text, 2, &minutes)) || hours > 23 || minutes > 59)
        return false;
    *ms = (hours * 60 + minutes) * INT64_C(60000);
    if (is_negative)
        *ms = -*ms;
    return true;
}

static bool source_time_read_iso(const char *text, uint64_t *wall_ms)
{
    int64_t days, clock, zone;
    if (!source_time_read_date(&text, &days) || !skip_any_of(&text, "Tt ") ||
        !source_time_read_clock(&text, &clock) || !source_time_read_zone(&text, &zone) ||
        *text != '\0')
        return false;
    int64_t ms = days * INT64_C(86400000) + clock - zone;
    *wall_ms = (uint64_t)ms;
    return ms > 0;
}

bool source_time_read(const struct scalar *scalar, uint64_t *wall_ms)
{
    char text[SOURCE_TIME_TEXT_SIZE], *end;
    if (scalar->kind == SCALAR_NUMBER)
        return source_time_from_number(scalar->number, wall_ms);
    if (scalar->kind != SCALAR_STRING || scalar->len == 0 || scalar->len >= sizeof text)
        return false;
    memcpy(text, scalar->text, scalar->len);
    text[scalar->len] = '\0';
    double number = strtod(text, &end);
    return *end == '\0' ? source_time_from_number(number, wall_ms)
                        : source_time_read_iso(text, wall_ms);
}
