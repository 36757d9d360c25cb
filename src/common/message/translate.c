/* Combines the conversion of values with the codec of registers. */
#include "common/message/translate.h"

#include <ctype.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

_Static_assert((int)TRANSLATE_BARE_SIZE >= (int)VALUE_TEXT_SIZE, "a number fits, too");
_Static_assert((int)TRANSLATE_BARE_SIZE >= (int)CODEC_TEXT_SIZE, "the longest text fits");
_Static_assert((int)TRANSLATE_BARE_SIZE >= (int)CODEC_HEX_SIZE, "registers in hex fit");

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
    REQUIRE(len < sizeof translated->bare);
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

enum fault translate_to_json(const struct point *point, const struct value_map *map,
                             const uint16_t *words, struct translated *translated)
{
    char text[CODEC_TEXT_SIZE], number[VALUE_TEXT_SIZE];
    struct value value;
    codec_decode(point, words, text, &value);
    if (value.kind == VALUE_TEXT) {
        /* The codec cuts the text before its first byte that is not UTF-8. */
        bool is_whole = value.len == strnlen(value.text, (size_t)2 * point->length);
        translated_put_text(translated, value.text, value.len);
        return is_whole ? FAULT_NONE : FAULT_NOT_A_STRING;
    }
    const char *mapped = value_map_find_text(map, &value);
    if (mapped) {
        translated_put_word(translated, mapped);
        return FAULT_NONE;
    }

    double real = value_to_double(&value);
    if (!codec_is_valid(point, words)) {
        codec_format_hex(point, words, translated->bare);
        return FAULT_NOT_BCD;
    }
    if (isnan(real) || isinf(real)) {
        snprintf(translated->bare, sizeof translated->bare, "%g", real);
        return isnan(real) ? FAULT_NOT_A_NUMBER : FAULT_OUT_OF_RANGE;
    }
    value_format_json(&value, number);
    snprintf(translated->bare, sizeof translated->bare, "%s", number);
    snprintf(translated->json, sizeof translated->json,
             value_needs_quotes(&value) ? "\"%s\"" : "%s", number);
    return map && map->count > 0 ? FAULT_UNMAPPED_NUMBER : FAULT_NONE;
}
