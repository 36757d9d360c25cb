/* Grows by doubling; aborts when the machine has no memory left, as arena.c does. */
#include "api/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/value.h"

static void reserve(struct text *text, size_t more)
{
    size_t need = text->len + more + 1;
    if (need <= text->size)
        return;
    size_t size = text->size ? text->size : 256;
    while (size < need)
        size *= 2;
    text->data = realloc(text->data, size);
    if (!text->data)
        abort();
    text->size = size;
}

void text_add(struct text *text, const char *bytes, size_t len)
{
    reserve(text, len);
    if (len > 0)
        memcpy(text->data + text->len, bytes, len);
    text->len += len;
    text->data[text->len] = '\0';
}

void text_puts(struct text *text, const char *string)
{
    text_add(text, string, strlen(string));
}

void text_putc(struct text *text, char c)
{
    text_add(text, &c, 1);
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

/* Bytes that stand for themselves in a JSON string. */
static size_t plain_span(const char *string, size_t len)
{
    size_t at = 0;
    while (at < len && (unsigned char)string[at] >= 0x20 && string[at] != '"' && string[at] != '\\')
        at++;
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

void json_string_len(struct text *text, const char *string, size_t len)
{
    begin_item(text);
    text_putc(text, '"');
    while (len > 0) {
        size_t span = plain_span(string, len);
        text_add(text, string, span);
        if (span < len)
            put_escape(text, string[span++]);
        string += span;
        len -= span;
    }
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
    json_string(text, key);
    text_putc(text, ':');
}

void json_raw(struct text *text, const char *json)
{
    begin_item(text);
    text_puts(text, json);
}

void json_integer(struct text *text, int64_t number)
{
    begin_item(text);
    text_printf(text, "%lld", (long long)number);
}

void json_real(struct text *text, double number)
{
    char digits[VALUE_TEXT_SIZE];
    struct value value = {.kind = VALUE_REAL, .real = number};
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
    begin_item(text);
    text_printf(text, "\"%04d-%02d-%02dT%02d:%02d:%02d.%03dZ\"", parts.tm_year + 1900,
                parts.tm_mon + 1, parts.tm_mday, parts.tm_hour, parts.tm_min, parts.tm_sec,
                (int)(wall_ms % 1000));
}
