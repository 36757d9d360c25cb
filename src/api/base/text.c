/* Grows by doubling; calls memory_fail when the machine has no memory left, as arena.c does. */
#include "api/base/text.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "api/base/request_memory.h"
#include "common/base/require.h"
#include "common/base/utc.h"
#include "common/model/value.h"

/* Room for `more` bytes and the NUL. */
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
        memory_fail(); /* nothing else can be wrong with our formats */
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

/* Room for an item of `size` bytes at most and its NUL, behind the comma that it may need: none
 * when it is the first in its bracket or follows its key. json_end_item ends what json_begin_item
 * began. */
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

/* Copies the bytes that need no escape in a JSON string, up to the first that does. */
static size_t json_copy_plain(char *to, const char *string, size_t len)
{
    size_t at = 0;
    for (; at < len && (unsigned char)string[at] >= 0x20 && string[at] != '"' && string[at] != '\\';
         at++)
        to[at] = string[at];
    return at;
}

/* Writes the rest of a string, which begins with a byte that needs an escape. */
static void json_put_escaped(struct text *text, const char *string, size_t len)
{
    static const char plain[] = "\"\\\b\f\n\r\t", letter[] = "\"\\bfnrt";
    _Static_assert(sizeof plain == sizeof letter, "a letter for each");
    while (len > 0) {
        const char *at = *string ? strchr(plain, *string) : NULL;
        if (at)
            text_printf(text, "\\%c", letter[at - plain]);
        else
            text_printf(text, "\\u%04x", (unsigned)(unsigned char)*string);
        size_t span = json_copy_plain(text_reserve(text, len - 1), string + 1, len - 1);
        text->len += span;
        string += span + 1;
        len -= span + 1;
    }
}

void json_write_string_len(struct text *text, const char *string, size_t len)
{
    char *at = json_begin_item(text, len + 2);
    *at++ = '"';
    size_t span = json_copy_plain(at, string, len);
    at += span;
    if (span < len) {
        json_end_item(text, at);
        json_put_escaped(text, string + span, len - span);
        at = text_reserve(text, 1);
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

static void json_put_item(struct text *text, const char *bytes, size_t len)
{
    char *at = json_begin_item(text, len);
    json_end_item(text, (char *)memcpy(at, bytes, len) + len);
}

void json_write_raw(struct text *text, const char *json)
{
    json_put_item(text, json, strlen(json));
}

enum { DIGITS_MAX = 20 };

/* printf would be a third of the time that a list takes. */
void json_write_integer(struct text *text, int64_t number)
{
    char digits[DIGITS_MAX], *first = digits + DIGITS_MAX;
    uint64_t left = number < 0 ? 0 - (uint64_t)number : (uint64_t)number;
    do {
        *--first = (char)('0' + left % 10);
        left /= 10;
    } while (left > 0);
    if (number < 0)
        *--first = '-';
    json_put_item(text, first, (size_t)(digits + DIGITS_MAX - first));
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
    if (wall_ms == 0) {
        json_write_null(text);
        return;
    }
    char *at = json_begin_item(text, UTC_TEXT_SIZE + 2);
    *at++ = '"';
    at += utc_format(wall_ms, at);
    *at++ = '"';
    json_end_item(text, at);
}
