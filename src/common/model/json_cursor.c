/* Moves through the text of JSON that was checked before. */
#include "common/model/json_cursor.h"

#include <stdlib.h>
#include <string.h>

char json_cursor_skip_space(struct json_cursor *text)
{
    while (text->at < text->end && (unsigned char)*text->at <= ' ')
        text->at++;
    return (char)(text->at < text->end ? *text->at : '\0');
}

struct text_span json_cursor_read_string(struct json_cursor *text)
{
    const char *from = ++text->at;
    while (text->at < text->end && *text->at != '"')
        text->at += *text->at == '\\' ? 2 : 1;
    const struct text_span string = {from, (size_t)(text->at - from)};
    text->at++;
    return string;
}

struct text_span json_cursor_read_word(struct json_cursor *text)
{
    const char *from = text->at;
    while (text->at < text->end && (unsigned char)*text->at > ' ' && !strchr(",]}", *text->at))
        text->at++;
    return (struct text_span){from, (size_t)(text->at - from)};
}

void json_cursor_skip_value(struct json_cursor *text)
{
    size_t open = 0;
    do {
        char c = json_cursor_skip_space(text);
        if (c == '\0')
            return;
        if (c == '"') {
            json_cursor_read_string(text);
        } else if (strchr("{[]},:", c)) {
            open += c == '{' || c == '[';
            open -= c == '}' || c == ']';
            text->at++;
        } else {
            json_cursor_read_word(text);
        }
    } while (open > 0);
}

bool json_cursor_enter(struct json_cursor *text)
{
    text->at++; /* the bracket, or the comma */
    char c = json_cursor_skip_space(text);
    if (c != '}' && c != ']')
        return true;
    text->at++;
    return false;
}

bool json_cursor_has_more(struct json_cursor *text)
{
    if (json_cursor_skip_space(text) == ',') {
        text->at++;
        json_cursor_skip_space(text);
        return true;
    }
    text->at++;
    return false;
}

struct text_span json_cursor_read_name(struct json_cursor *text)
{
    struct text_span name = json_cursor_read_string(text);
    json_cursor_skip_space(text);
    text->at++; /* the colon */
    json_cursor_skip_space(text);
    return name;
}

static unsigned json_hex_unit(const char *digits)
{
    char copy[5] = {digits[0], digits[1], digits[2], digits[3], '\0'};
    return (unsigned)strtoul(copy, NULL, 16);
}

static size_t utf8_write(uint32_t character, char *to)
{
    if (character < 0x80) {
        to[0] = (char)character;
        return 1;
    }
    size_t bytes = character < 0x800 ? 2 : character < 0x10000 ? 3 : 4;
    static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
    for (size_t i = bytes - 1; i > 0; i--, character >>= 6)
        to[i] = (char)(0x80 | (character & 0x3f));
    to[0] = (char)(marks[bytes] | character);
    return bytes;
}

size_t json_cursor_decode_string(struct text_span string, char *to)
{
    static const char escapes[] = "bfnrt", meant[] = "\b\f\n\r\t";
    size_t len = 0;
    for (const char *at = string.text, *end = at + string.len; at < end; at++) {
        if (*at != '\\') {
            to[len++] = *at;
        } else if (*++at != 'u') {
            const char *escape = strchr(escapes, *at);
            to[len++] = (char)(escape ? meant[escape - escapes] : *at);
        } else {
            uint32_t unit = json_hex_unit(at + 1);
            at += 4;
            if (unit >= 0xd800 && unit < 0xdc00) {
                unit = 0x10000 + ((unit - 0xd800) << 10) + (json_hex_unit(at + 3) - 0xdc00);
                at += 6;
            }
            len += utf8_write(unit, to + len);
        }
    }
    return len;
}

bool json_cursor_find_member(const struct json_cursor *object, struct text_span name,
                             struct json_cursor *value)
{
    struct json_cursor at = *object;
    for (bool more = json_cursor_enter(&at); more; more = json_cursor_has_more(&at)) {
        if (text_span_is_equal(json_cursor_read_name(&at), name)) {
            *value = at;
            return true;
        }
        json_cursor_skip_value(&at);
    }
    return false;
}
