/* The memory of a text doubles as the text grows. */
#include "api/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "common/base/require.h"
#include "common/base/utc.h"
#include "common/model/value.h"

/* Makes space for `more` bytes and the NUL; returns the end of the text. */
static char *text_reserve(struct text *text, size_t more)
{
    size_t need = text->len + more + 1;
    REQUIRE(need > text->len);
    if (need > text->size) {
        size_t size = text->size ? text->size : 256;
        while (size < need)
            size *= 2;
        text->data = memory_realloc(text->data, size);
        text->size = size;
    }
    return text->data + text->len;
}

void text_append(struct text *text, const char *bytes, size_t len)
{
    char *at = text_reserve(text, len);
    if (len > 0)
        memcpy(at, bytes, len);
    at[len] = '\0';
    text->len += len;
}

void text_puts(struct text *text, const char *string)
{
    text_append(text, string, strlen(string));
}

void text_putc(struct text *text, char c)
{
    char *at = text_reserve(text, 1);
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
    if (len < 0)
        memory_fail(); /* the formats are correct, so that only memory can be missing */
    text_reserve(text, (size_t)len);
    vsnprintf(text->data + text->len, (size_t)len + 1, format, again);
    text->len += (size_t)len;
    va_end(again);
    va_end(args);
}

bool text_keep_copy(struct text *copy, const struct text *text)
{
    char *data = memory_try_alloc(text->len + 1);
    if (!data)
        return false;
    memcpy(data, text->data ? text->data : "", text->len);
    data[text->len] = '\0';
    memory_free(copy->data);
    *copy = (struct text){.data = data, .len = text->len, .size = text->len + 1};
    return true;
}

void text_finish(struct text *text)
{
    memory_free(text->data);
    *text = (struct text){0};
}

/* Begins an item of at most `size` bytes: makes space for it and its NUL, and writes the comma
 * before it, unless the item is the first in its bracket or follows its key. The caller writes the
 * item at the place that this returns, then calls json_end_item with its end. */
static char *json_begin_item(struct text *text, size_t size)
{
    char *at = text_reserve(text, size + 1);
    int last = text->len > 0 ? at[-1] : '[';
    if (last != '{' && last != '[' && last != ':')
        *at++ = ',';
    return at;
}

static void json_end_item(struct text *text, char *end)
{
    *end = '\0';
    REQUIRE(end >= text->data && (size_t)(end - text->data) < text->size);
    text->len = (size_t)(end - text->data);
}

void json_open(struct text *text, char bracket)
{
    REQUIRE(bracket == '{' || bracket == '[');
    char *at = json_begin_item(text, 1);
    *at++ = bracket;
    json_end_item(text, at);
}

void json_close(struct text *text, char bracket)
{
    REQUIRE((bracket == '}' || bracket == ']') && text->len > 0);
    text_putc(text, bracket);
}

/* Copies bytes up to the first that needs an escape in a JSON string. Returns their number. */
static size_t json_copy_plain(char *to, const char *string, size_t len)
{
    size_t at = 0;
    for (; at < len && (unsigned char)string[at] >= 0x20 && string[at] != '"' && string[at] != '\\';
         at++)
        to[at] = string[at];
    return at;
}

void json_write_string_len(struct text *text, const char *string, size_t len)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    _Static_assert(sizeof plain == sizeof letter, "a letter for each");
    char *at = json_begin_item(text, len + 2);
    *at++ = '"';
    size_t done = json_copy_plain(at, string, len);
    at += done;
    while (done < len) { /* the next byte needs an escape */
        unsigned char c = (unsigned char)string[done++];
        const char *known = c ? strchr(plain, c) : NULL;
        json_end_item(text, at);
        if (known)
            text_printf(text, "\\%c", letter[known - plain]);
        else
            text_printf(text, "\\u%04x", (unsigned)c);
        at = text_reserve(text, len - done + 1);
        size_t span = json_copy_plain(at, string + done, len - done);
        done += span;
        at += span;
    }
    *at++ = '"';
    json_end_item(text, at);
}

void json_write_string(struct text *text, const char *string)
{
    json_write_string_len(text, string, strlen(string));
}

void json_write_string_or_null(struct text *text, const char *string)
{
    if (string)
        json_write_string(text, string);
    else
        json_write_null(text);
}

void json_write_hex(struct text *text, const char *bytes, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    char *at = json_begin_item(text, 2 * len + 2);
    *at++ = '"';
    for (size_t i = 0; i < len; i++) {
        *at++ = digits[(unsigned char)bytes[i] >> 4];
        *at++ = digits[(unsigned char)bytes[i] & 15];
    }
    *at++ = '"';
    json_end_item(text, at);
}

void json_write_key(struct text *text, const char *key)
{
    size_t len = strlen(key);
    char *at = json_begin_item(text, len + 3);
    *at++ = '"';
    at = (char *)memcpy(at, key, len) + len;
    *at++ = '"';
    *at++ = ':';
    json_end_item(text, at);
}

void json_write_key_escaped(struct text *text, const char *key)
{
    json_write_string(text, key);
    text_putc(text, ':');
}

void json_write_raw(struct text *text, const char *json)
{
    size_t len = strlen(json);
    char *at = json_begin_item(text, len);
    json_end_item(text, (char *)memcpy(at, json, len) + len);
}

enum { INTEGER_CHARS = 20 }; /* of INT64_MIN */

/* printf would take a third of the time that a list needs. */
void json_write_integer(struct text *text, int64_t number)
{
    char digits[INTEGER_CHARS + 1], *first = digits + INTEGER_CHARS;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    *first = '\0';
    do {
        *--first = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0)
        *--first = '-';
    json_write_raw(text, first);
}

void json_write_real(struct text *text, double number)
{
    char digits[VALUE_TEXT_SIZE];
    struct value value = {.kind = VALUE_REAL, .real = number};
    if (fabs(number) < 1e15 && (double)(int64_t)number == number) {
        json_write_integer(text, (int64_t)number);
        return;
    }
    value_format_json(&value, digits);
    json_write_raw(text, digits);
}

void json_write_bool(struct text *text, bool truth)
{
    json_write_raw(text, truth ? "true" : "false");
}

void json_write_null(struct text *text)
{
    json_write_raw(text, "null");
}

void json_write_time(struct text *text, uint64_t wall_ms)
{
    if (wall_ms == 0 || wall_ms > UTC_YEAR_9999_END_MS) {
        json_write_null(text);
        return;
    }
    char *at = json_begin_item(text, UTC_TEXT_SIZE + 2);
    *at++ = '"';
    at += utc_format(wall_ms, at);
    *at++ = '"';
    json_end_item(text, at);
}
