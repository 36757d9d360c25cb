/* Dates by arithmetic: the C library takes a thousand instructions to write one. */
#include "common/base/utc.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

/* A day of the Gregorian calendar, which repeats itself every 400 years. */
struct utc_date {
    uint64_t year;
    unsigned month, day;
};

enum { DAYS_OF_400_YEARS = 146097, DAYS_OF_100_YEARS = 36524, DAYS_OF_4_YEARS = 1461 };
/* From 0000-03-01 to 1970-01-01. In years that begin with March the leap day is the last. */
enum { DAYS_BEFORE_1970 = 719468 };

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
    unsigned month = (5 * left + 2) / 153; /* from March on 31, 30, 31, 30, 31 days, and again */
    uint64_t year =
        days / DAYS_OF_400_YEARS * 400 + UINT64_C(100) * centuries + UINT64_C(4) * fours + years;
    return (struct utc_date){.year = year + (month >= 10),
                             .month = month < 10 ? month + 3 : month - 9,
                             .day = left - (153 * month + 2) / 5 + 1};
}

static char *utc_put_two_digits(char *to, unsigned number, char behind)
{
    to[0] = (char)('0' + number / 10);
    to[1] = (char)('0' + number % 10);
    to[2] = behind;
    return to + 3;
}

static char *utc_put_year(char *to, uint64_t year)
{
    if (year > 9999)
        return to + snprintf(to, UTC_TEXT_SIZE, "%llu-", (unsigned long long)year);
    to[0] = (char)('0' + year / 1000);
    to[1] = (char)('0' + year / 100 % 10);
    return utc_put_two_digits(to + 2, (unsigned)(year % 100), '-');
}

size_t utc_format(uint64_t wall_ms, char text[UTC_TEXT_SIZE])
{
    struct utc_date date = utc_date_of_day(wall_ms / 86400000);
    unsigned left = (unsigned)(wall_ms % 86400000);
    char *to = utc_put_year(text, date.year);
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

/* Skips what looks like `form`, in which 0 stands for any digit. NULL when the text differs. */
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

/* Seconds that the zone is ahead of UTC. */
static bool utc_read_zone(const char *text, int64_t *ahead)
{
    *ahead = 0;
    if (strcmp(text, "Z") == 0 || strcmp(text, "z") == 0)
        return true;
    if (*text != '+' && *text != '-')
        return false;
    const char *end = utc_skip_form(text + 1, "00:00");
    if (!end || *end != '\0')
        return false;
    *ahead = (utc_read_two_digits(text + 1) * 60 + utc_read_two_digits(text + 4)) *
             (*text == '-' ? -60 : 60);
    return true;
}

bool utc_parse(const char *text, uint64_t *wall_ms)
{
    int64_t ahead, ms = 0;
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
    struct tm normal = utc;
    time_t seconds = timegm(&normal);
    if (normal.tm_mon != utc.tm_mon || normal.tm_mday != utc.tm_mday || utc.tm_hour > 23 ||
        !utc_read_zone(at, &ahead) || seconds < ahead)
        return false;
    *wall_ms = (uint64_t)(seconds - ahead) * 1000 + (uint64_t)ms;
    return true;
}
