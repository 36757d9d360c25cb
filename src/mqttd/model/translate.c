/* Joins value reading and the register codec. */
#include "mqttd/model/translate.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"

enum fault translate_to_registers(const struct point *point, const struct value_reading *reading,
                                  const struct scalar *scalar, struct codec_registers *registers)
{
    struct value value = {0};
    char text[VALUE_TEXT_SIZE];
    enum fault fault =
        value_read_scalar(scalar, (enum value_type)point->type, reading, text, &value);
    if (fault == FAULT_NONE)
        fault = codec_encode(point, &value, registers);
    return fault;
}

size_t translate_escape_json(const char *text, size_t len, char *to)
{
    char *at = to;
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        if (c == '"' || c == '\\') {
            *at++ = '\\';
            *at++ = (char)c;
        } else if (c < 0x20) {
            at += sprintf(at, "\\u%04x", c);
        } else {
            *at++ = (char)c;
        }
    }
    *at = '\0';
    return (size_t)(at - to);
}

static void translated_put_text(struct translated *translated, const char *text, size_t len)
{
    len = utf8_prefix_len(text, len, sizeof translated->bare - 1);
    memcpy(translated->bare, text, len);
    translated->bare[len] = '\0';
    translated->json[0] = '"';
    size_t used = translate_escape_json(text, len, translated->json + 1);
    memcpy(translated->json + 1 + used, "\"", 2);
}

/* A text that JSON has without quotes, such as the value of a switch that sends true and false. */
static bool text_is_bare_json(const char *text, size_t len)
{
    size_t at;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return true;
    return len > 0 && (text[0] == '-' || isdigit((unsigned char)text[0])) &&
           isdigit((unsigned char)text[len - 1]) && json_text_is_valid(text, len, &at);
}

static void translated_put_word(struct translated *translated, const char *word)
{
    size_t len = strlen(word);
    translated_put_text(translated, word, len);
    if (len < sizeof translated->bare && text_is_bare_json(word, len))
        memcpy(translated->json, word, len + 1);
}

/* The codec cuts a text before its first byte that is no UTF-8. */
static bool value_is_whole_text(const struct point *point, const struct value *value)
{
    return value->len == strnlen(value->text, (size_t)2 * point->length);
}

static enum fault value_number_fault(const struct value_map *map, const struct value *value)
{
    double number = value_to_double(value);
    if (isnan(number))
        return FAULT_NOT_A_NUMBER;
    if (isinf(number))
        return FAULT_OUT_OF_RANGE;
    return map && map->count > 0 ? FAULT_UNMAPPED_NUMBER : FAULT_NONE;
}

static void translated_put_number(struct translated *translated, const struct value *value)
{
    char number[VALUE_TEXT_SIZE];
    value_format_json(value, number);
    snprintf(translated->bare, sizeof translated->bare, "%s", number);
    snprintf(translated->json, sizeof translated->json, value_needs_quotes(value) ? "\"%s\"" : "%s",
             number);
}

enum fault translate_to_json(const struct point *point, const struct value_map *map,
                             const uint16_t *words, struct translated *translated)
{
    char text[CODEC_TEXT_SIZE];
    struct value value;
    codec_decode(point, words, text, &value);
    if (value.kind == VALUE_TEXT) {
        translated_put_text(translated, value.text, value.len);
        return value_is_whole_text(point, &value) ? FAULT_NONE : FAULT_NOT_A_STRING;
    }
    const char *mapped = value_map_find_text(map, &value);
    if (mapped) {
        translated_put_word(translated, mapped);
        return FAULT_NONE;
    }
    enum fault fault = value_number_fault(map, &value);
    if (fault == FAULT_NOT_A_NUMBER || fault == FAULT_OUT_OF_RANGE)
        snprintf(translated->bare, sizeof translated->bare, "%g", value.real);
    else
        translated_put_number(translated, &value);
    return fault;
}
