/* Grows by doubling; aborts when the machine has no memory left, as arena.c does. */
#include "api/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/value.h"

static void grow(struct text *text, size_t need)
{
    size_t size = text->size ? text->size : 256;
    while (size < need)
        size *= 2;
    text->data = realloc(text->data, size);
    if (!text->data)
        abort();
    text->size = size;
}

/* Room for `more` bytes and the NUL. */
static char *reserve(struct text *text, size_t more)
{
    size_t need = text->len + more + 1;
    if (need > text->size)
        grow(text, need);
    return text->data + text->len;
}

void text_add(struct text *text, const char *bytes, size_t len)
{
    char *at = reserve(text, len);
    if (len > 0)
        memcpy(at, bytes, len);
    at[len] = '\0';
    text->len += len;
}

void text_puts(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_putc(struct text *text, char c)
{
    char *at = reserve(text, 1);
    at[0] = c;
    at[1] = '\0';
    text->len++;
}

void text_printf(struct text *text, const char *format, ...)
{
    va_list args, again;
    va_start(args, format);
    va_copy(again, args);
    int len = vsnprintf(NULL, 0, format, args);
    reserve(text, (size_t)len);
    vsnprintf(text->data + text->len, (size_t)len + 1, format, again);
    text->len += (size_t)len;
    va_end(again);
    va_end(args);
}

void text_finish(struct text *text)
{
    free(text->data);
    *text = (struct text){0};
}

/* A comma, unless the next item is the first in its bracket or follows its key. */
static void begin_item(struct text *text)
{
    int last = text->len > 0 ? text->data[text->len - 1] : '[';
    if (last != '{' && last != '[' && last != ':')
        text_putc(text, ',');
}

void json_open(struct text *text, char bracket)
{
    begin_item(text);
    text_putc(text, bracket);
}

void json_close(struct text *text, char bracket)
{
    text_putc(text, bracket);
}

static bool is_plain(char c)
{
    return (unsigned char)c >= 0x20 && c != '"' && c != '\\';
}

/* Copies the bytes that stand for themselves in a JSON string, up to the first that does not. */
static size_t copy_plain(char *to, const char *string, size_t len)
{
    size_t at = 0;
    for (; at < len && is_plain(string[at]); at++)
        to[at] = string[at];
    return at;
}

static void put_escape(struct text *text, char c)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    const char *at = c ? strchr(plain, c) : NULL;
    if (at)
        text_printf(text, "\\%c", letter[at - plain]);
    else
        text_printf(text, "\\u%04x", (unsigned)(unsigned char)c);
}

/* The rest of a string, from its first byte that needs an escape on. */
static void put_escaped(struct text *text, const char *string, size_t len)
{
    while (len > 0) {
        put_escape(text, *string);
        size_t span = copy_plain(reserve(text, len - 1), string + 1, len - 1);
        text->len += span;
        string += span + 1;
        len -= span + 1;
    }
}

void json_string_len(struct text *text, const char *string, size_t len)
{
    begin_item(text);
    char *at = reserve(text, len + 2);
    *at++ = '"';
    size_t span = copy_plain(at, string, len);
    text->len += 1 + span;
    if (span < len)
        put_escaped(text, string + span, len - span);
    text_putc(text, '"');
}

void json_string(struct text *text, const char *string)
{
    json_string_len(text, string, strlen(string));
}

void json_string_or_null(struct text *text, const char *string)
{
    if (string)
        json_string(text, string);
    else
        json_null(text);
}

void json_key(struct text *text, const char *key)
{
    size_t len = strlen(key);
    begin_item(text);
    char *at = reserve(text, len + 3);
    *at++ = '"';
    memcpy(at, key, len);
    memcpy(at + len, "\":", 3);
    text->len += len + 3;
}

void json_key_text(struct text *text, const char *key)
{
    json_string(text, key);
    text_putc(text, ':');
}

void json_raw(struct text *text, const char *json)
{
    begin_item(text);
    text_puts(text, json);
}

/* printf would be a third of the time that a list takes. */
static char *put_digits(char *to, uint64_t number, int least)
{
    char digits[20];
    int count = 0;
    for (; number > 0 || count < least; number /= 10)
        digits[count++] = (char)('0' + number % 10);
    while (count > 0)
        *to++ = digits[--count];
    return to;
}

void json_integer(struct text *text, int64_t number)
{
    char digits[24], *end = digits;
    if (number < 0)
        *end++ = '-';
    end = put_digits(end, number < 0 ? 0 - (uint64_t)number : (uint64_t)number, 1);
    begin_item(text);
    text_add(text, digits, (size_t)(end - digits));
}

void json_real(struct text *text, double number)
{
    char digits[VALUE_TEXT_SIZE];
    struct value value = {.kind = VALUE_REAL, .real = number};
    if (fabs(number) < 1e15 && (double)(int64_t)number == number) {
        json_integer(text, (int64_t)number);
        return;
    }
    value_format(&value, digits);
    json_raw(text, digits);
}

void json_bool(struct text *text, bool truth)
{
    json_raw(text, truth ? "true" : "false");
}

void json_null(struct text *text)
{
    json_raw(text, "null");
}

void json_time(struct text *text, uint64_t wall_ms)
{
    struct tm parts;
    time_t seconds = (time_t)(wall_ms / 1000);
    if (wall_ms == 0 || !gmtime_r(&seconds, &parts)) {
        json_null(text);
        return;
    }
    char time_text[40], *end = time_text;
    const struct {
        int number, digits;
        char before;
    } pieces[] = {{parts.tm_year + 1900, 4, '"'}, {parts.tm_mon + 1, 2, '-'},
                  {parts.tm_mday, 2, '-'},        {parts.tm_hour, 2, 'T'},
                  {parts.tm_min, 2, ':'},         {parts.tm_sec, 2, ':'},
                  {(int)(wall_ms % 1000), 3, '.'}};
    for (size_t i = 0; i < sizeof pieces / sizeof *pieces; i++) {
        *end++ = pieces[i].before;
        end = put_digits(end, (uint64_t)pieces[i].number, pieces[i].digits);
    }
    begin_item(text);
    text_add(text, time_text, (size_t)(end - time_text));
    text_puts(text, "Z\"");
}
