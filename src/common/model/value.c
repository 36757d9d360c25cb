/* Reads JSON scalars as values, formats values as JSON. */
#include "common/model/value.h"

#include <ctype.h>
#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/base/require.h"

/* From here on, a double may represent several integers. */
static const double inexact_from = 0x1p53;

const char *const fault_names[] = {"none",
                                   "invalid_json",
                                   "too_large",
                                   "not_a_number",
                                   "out_of_range",
                                   "inexact_integer",
                                   "null_value",
                                   "unmapped_string",
                                   "too_long",
                                   "not_a_string",
                                   "modbus_unreachable",
                                   "modbus_exception",
                                   "subscription_refused",
                                   "subscription_unanswered",
                                   "subscription_disconnected",
                                   "shared_subscriptions_unavailable",
                                   "wildcard_subscriptions_unavailable",
                                   "topic_too_long",
                                   "unmapped_number",
                                   NULL};
_Static_assert(sizeof fault_names / sizeof fault_names[0] == FAULT_COUNT + 1, "a name for each");

static const struct {
    const char *word;
    bool truth;
} bool_words[] = {{"on", true},  {"off", false}, {"true", true}, {"false", false},
                  {"yes", true}, {"no", false},  {"open", true}, {"closed", false}};

static struct value value_make_bool(bool truth)
{
    return (struct value){.kind = VALUE_BOOL, .truth = truth};
}

static struct value value_make_integer(bool negative, uint64_t magnitude)
{
    return (struct value){
        .kind = VALUE_INTEGER, .negative = negative && magnitude > 0, .magnitude = magnitude};
}

static enum fault value_read_number(double number, enum value_type type, struct value *value)
{
    if (!isfinite(number))
        return FAULT_OUT_OF_RANGE;
    const struct type_info *info = &type_info[type];
    bool is_wide = info->is_integer && info->registers == 4;
    if (is_wide && fabs(number) >= inexact_from && number >= info->min && number < info->max)
        return FAULT_INEXACT_INTEGER;
    if (type == TYPE_BOOL)
        *value = value_make_bool(number != 0);
    else if (fabs(number) < inexact_from && number == trunc(number))
        *value = value_make_integer(number < 0, (uint64_t)fabs(number));
    else
        *value = (struct value){.kind = VALUE_REAL, .real = number};
    return FAULT_NONE;
}

/* True when the whole text is a decimal number: sign, digits, fraction, exponent. */
static bool value_is_decimal(const char *text, size_t len, bool *is_integer)
{
    size_t at = 0, digits = 0;
    if (at < len && (text[at] == '-' || text[at] == '+'))
        at++;
    for (; at < len && isdigit((unsigned char)text[at]); at++)
        digits++;
    *is_integer = at == len;
    if (digits == 0)
        return false;
    if (at < len && text[at] == '.') {
        for (at++, digits = 0; at < len && isdigit((unsigned char)text[at]); at++)
            digits++;
        if (digits == 0)
            return false;
    }
    if (at < len && (text[at] == 'e' || text[at] == 'E')) {
        at++;
        if (at < len && (text[at] == '-' || text[at] == '+'))
            at++;
        for (digits = 0; at < len && isdigit((unsigned char)text[at]); at++)
            digits++;
        if (digits == 0)
            return false;
    }
    return at == len;
}

/* False when the number exceeds 64 bits. */
static bool value_read_digits(const char *text, size_t len, struct value *value)
{
    uint64_t magnitude = 0;
    size_t at = text[0] == '-' || text[0] == '+' ? 1 : 0;
    for (; at < len; at++) {
        uint64_t digit = (uint64_t)(text[at] - '0');
        if (__builtin_mul_overflow(magnitude, 10U, &magnitude) ||
            __builtin_add_overflow(magnitude, digit, &magnitude))
            return false;
    }
    *value = value_make_integer(text[0] == '-', magnitude);
    return true;
}

/* Refuses a decimal string longer than any sensible number. */
enum { DECIMAL_BYTES_MAX = 400 };

static enum fault value_read_decimal(const char *text, size_t len, enum value_type type,
                                     struct value *value)
{
    char copy[DECIMAL_BYTES_MAX + 1];
    bool is_integer;
    if (len > DECIMAL_BYTES_MAX || !value_is_decimal(text, len, &is_integer))
        return FAULT_NOT_A_NUMBER;
    if (is_integer && value_read_digits(text, len, value)) {
        if (type == TYPE_BOOL)
            *value = value_make_bool(value->magnitude != 0);
        return FAULT_NONE;
    }
    memcpy(copy, text, len);
    copy[len] = '\0';
    double number = strtod(copy, NULL);
    return value_read_number(number, type, value);
}

static enum fault value_read_string(const struct scalar *scalar, enum value_type type,
                                    const struct value_map *map, struct value *value)
{
    for (size_t i = 0; map && i < map->count; i++) {
        const char *text = map->entries[i].text;
        if (strlen(text) == scalar->len && memcmp(text, scalar->text, scalar->len) == 0)
            return value_read_number(map->entries[i].number, type, value);
    }
    for (size_t i = 0; type == TYPE_BOOL && i < sizeof bool_words / sizeof bool_words[0]; i++) {
        const char *word = bool_words[i].word;
        if (strlen(word) == scalar->len && strncasecmp(word, scalar->text, scalar->len) == 0) {
            *value = value_make_bool(bool_words[i].truth);
            return FAULT_NONE;
        }
    }
    enum fault fault = value_read_decimal(scalar->text, scalar->len, type, value);
    if (fault == FAULT_NOT_A_NUMBER && map && map->count > 0)
        return FAULT_UNMAPPED_STRING;
    return fault;
}

enum fault value_read_scalar(const struct scalar *scalar, enum value_type type,
                             const struct value_map *map, struct value *value)
{
    REQUIRE(type < TYPE_COUNT);
    if (scalar->kind == SCALAR_NULL)
        return FAULT_NULL_VALUE;
    if (type == TYPE_STRING) {
        if (scalar->kind != SCALAR_STRING)
            return FAULT_NOT_A_STRING;
        *value = (struct value){.kind = VALUE_TEXT, .text = scalar->text, .len = scalar->len};
        return FAULT_NONE;
    }
    switch (scalar->kind) {
    case SCALAR_BOOL:
        *value = value_make_bool(scalar->truth);
        return FAULT_NONE;
    case SCALAR_NUMBER:
        return value_read_number(scalar->number, type, value);
    case SCALAR_STRING:
        return value_read_string(scalar, type, map, value);
    case SCALAR_NULL:
    case SCALAR_OTHER:
        break;
    }
    return FAULT_NOT_A_NUMBER;
}

double value_to_double(const struct value *value)
{
    switch (value->kind) {
    case VALUE_BOOL:
        return value->truth ? 1 : 0;
    case VALUE_INTEGER:
        return value->negative ? -(double)value->magnitude : (double)value->magnitude;
    case VALUE_REAL:
        return value->real;
    case VALUE_NONE:
    case VALUE_TEXT:
        break;
    }
    return NAN;
}

const char *value_map_find_text(const struct value_map *map, const struct value *value)
{
    double number = value_to_double(value);
    /* An integer above 2^53 may be between two doubles: then no entry matches. */
    if (value->kind == VALUE_INTEGER &&
        !(fabs(number) < 0x1p64 && (uint64_t)fabs(number) == value->magnitude))
        return NULL;
    for (size_t i = 0; map && i < map->count; i++) {
        if (map->entries[i].number == number)
            return map->entries[i].text;
    }
    return NULL;
}

void value_format_double(double number, char text[VALUE_TEXT_SIZE])
{
    if (number == trunc(number) && fabs(number) < 1e15) {
        snprintf(text, VALUE_TEXT_SIZE, "%.0f", number == 0 ? 0.0 : number);
        return;
    }
    /* A double preserves any 15 digits; subnormal ones have fewer. */
    for (int digits = fabs(number) < DBL_MIN ? 1 : 15; digits <= 17; digits++) {
        snprintf(text, VALUE_TEXT_SIZE, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            return;
    }
}

double value_round_double(double number)
{
    char text[VALUE_TEXT_SIZE];
    snprintf(text, sizeof text, "%.*g", DBL_DIG, number);
    return strtod(text, NULL);
}

double value_widen_float(float number)
{
    char text[VALUE_TEXT_SIZE];
    for (int digits = fabsf(number) < FLT_MIN ? 1 : 6; digits <= 9; digits++) {
        snprintf(text, sizeof text, "%.*g", digits, (double)number);
        if (strtof(text, NULL) == number)
            return strtod(text, NULL);
    }
    return (double)number;
}

void value_format_json(const struct value *value, char text[VALUE_TEXT_SIZE])
{
    if (value->kind == VALUE_BOOL)
        snprintf(text, VALUE_TEXT_SIZE, "%s", value->truth ? "true" : "false");
    else if (value->kind == VALUE_INTEGER)
        snprintf(text, VALUE_TEXT_SIZE, "%s%llu", value->negative ? "-" : "",
                 (unsigned long long)value->magnitude);
    else if (value->kind == VALUE_REAL && isfinite(value->real))
        value_format_double(value->real, text);
    else
        snprintf(text, VALUE_TEXT_SIZE, "null");
}

bool value_needs_quotes(const struct value *value)
{
    return value->kind == VALUE_INTEGER && value->magnitude >= UINT64_C(1) << 53;
}
