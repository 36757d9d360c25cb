/* Computes dates itself: gmtime and strftime take about a thousand instructions. */
#include "common/base/utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A day of the Gregorian calendar, which repeats every 400 years. */
struct utc_date {
    uint64_t year;
    unsigned month, day;
};

enum { DAYS_OF_400_YEARS = 146097, DAYS_OF_100_YEARS = 36524, DAYS_OF_4_YEARS = 1461 };
/* From 0000-03-01 to 1970-01-01. In years that begin in March, the leap day is the last day. */
enum { DAYS_BEFORE_1970 = 719468 };
_Static_assert(DAYS_OF_4_YEARS == 4 * 365 + 1, "one leap day");
_Static_assert(DAYS_OF_100_YEARS == 25 * DAYS_OF_4_YEARS - 1, "the last year has no leap day");
_Static_assert(DAYS_OF_400_YEARS == 4 * DAYS_OF_100_YEARS + 1, "the last year has a leap day");
/* 2^64 ms are about 584,554,050 years. */
_Static_assert(sizeof "584556019-12-31T23:59:59.999Z" <= UTC_TEXT_SIZE, "every time fits");

static struct utc_date utc_date_of_day(uint64_t days_since_1970)
{
    uint64_t days = days_since_1970 + DAYS_BEFORE_1970;
    unsigned left = (unsigned)(days % DAYS_OF_400_YEARS);
    unsigned centuries = left / DAYS_OF_100_YEARS - left / (DAYS_OF_400_YEARS - 1);
    left -= centuries * DAYS_OF_100_YEARS;
    unsigned fours = left / DAYS_OF_4_YEARS;
    left -= fours * DAYS_OF_4_YEARS;
    unsigned years = left / 365 - left / (DAYS_OF_4_YEARS - 1);
    left -= years * 365;
    unsigned month = (5 * left + 2) / 153; /* from March: 31, 30, 31, 30, 31 days, repeated */
    uint64_t year =
        days / DAYS_OF_400_YEARS * 400 + UINT64_C(100) * centuries + UINT64_C(4) * fours + years;
    return (struct utc_date){.year = year + (month >= 10),
                             .month = month < 10 ? month + 3 : month - 9,
                             .day = left - (153 * month + 2) / 5 + 1};
}

static char *utc_put_two_digits(char *to, unsigned number, char separator)
{
    to[0] = (char)('0' + number / 10);
    to[1] = (char)('0' + number % 10);
    to[2] = separator;
    return to + 3;
}

size_t utc_format(uint64_t wall_ms, char text[UTC_TEXT_SIZE])
{
    struct utc_date date = utc_date_of_day(wall_ms / 86400000);
    unsigned left = (unsigned)(wall_ms % 86400000);
    char *to = text;
    if (date.year > 9999) {
        to += snprintf(to, UTC_TEXT_SIZE, "%llu-", (unsigned long long)date.year);
    } else {
        to[0] = (char)('0' + date.year / 1000);
        to[1] = (char)('0' + date.year / 100 % 10);
        to = utc_put_two_digits(to + 2, (unsigned)(date.year % 100), '-');
    }
    to = utc_put_two_digits(to, date.month, '-');
    to = utc_put_two_digits(to, date.day, 'T');
    to = utc_put_two_digits(to, left / 3600000, ':');
    to = utc_put_two_digits(to, left / 60000 % 60, ':');
    to = utc_put_two_digits(to, left / 1000 % 60, '.');
    *to++ = (char)('0' + left % 1000 / 100);
    to = utc_put_two_digits(to, left % 100, 'Z');
    *to = '\0';
    return (size_t)(to - text);
}

/* Skips text that matches `form`, in which 0 matches any digit. NULL when it does not match. */
static const char *utc_skip_form(const char *text, const char *form)
{
    for (; *form; form++, text++) {
        bool digit = *text >= '0' && *text <= '9';
        if (*form == '0' ? !digit : *text != *form)
            return NULL;
    }
    return text;
}

static int64_t utc_read_two_digits(const char *text)
{
    return (text[0] - '0') * 10 + (text[1] - '0');
}

bool utc_parse(const char *text, uint64_t *wall_ms)
{
    int64_t ahead = 0, ms = 0;
    const char *at = utc_skip_form(text, "0000-00-00T00:00:00");
    if (!at)
        return false;
    struct tm utc = {
        .tm_year = (int)(utc_read_two_digits(text) * 100 + utc_read_two_digits(text + 2) - 1900),
        .tm_mon = (int)utc_read_two_digits(text + 5) - 1,
        .tm_mday = (int)utc_read_two_digits(text + 8),
        .tm_hour = (int)utc_read_two_digits(text + 11),
        .tm_min = (int)utc_read_two_digits(text + 14),
        .tm_sec = (int)utc_read_two_digits(text + 17)};
    if (*at == '.') {
        for (int64_t weight = 100; *++at >= '0' && *at <= '9'; weight /= 10)
            ms += (*at - '0') * weight;
    }
    /* The zone, in seconds ahead of UTC. */
    if (*at == '+' || *at == '-') {
        const char *end = utc_skip_form(at + 1, "00:00");
        if (!end || *end != '\0' || utc_read_two_digits(at + 1) > 23 ||
            utc_read_two_digits(at + 4) > 59)
            return false;
        ahead = (utc_read_two_digits(at + 1) * 60 + utc_read_two_digits(at + 4)) *
                (*at == '-' ? -60 : 60);
    } else if (strcmp(at, "Z") != 0 && strcmp(at, "z") != 0) {
        return false;
    }
    if (utc.tm_hour > 23 || utc.tm_min > 59 || utc.tm_sec > 60)
        return false;
    struct tm normal = utc;
    normal.tm_sec = 0;
    const time_t seconds = timegm(&normal) + utc.tm_sec;
    if (normal.tm_mon != utc.tm_mon || normal.tm_mday != utc.tm_mday || seconds < ahead)
        return false;
    *wall_ms = (uint64_t)(seconds - ahead) * 1000 + (uint64_t)ms;
    return true;
}
