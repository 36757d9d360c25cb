/* Reads JSON scalars as values, formats values as JSON. */
#include "common/model/value.h"

#include <cjson/cJSON.h>
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
                                   "no_match",
                                   "invalid_sparkplug",
                                   "no_birth",
                                   "bad_quality",
                                   "command_refused",
                                   "not_bcd",
                                   NULL};
_Static_assert(sizeof fault_names / sizeof fault_names[0] == FAULT_COUNT + 1, "a name for each");

static const struct {
    const char *word;
    bool truth;
} bool_words[] = {{"on", true},  {"off", false}, {"true", true}, {"false", false},
                  {"yes", true}, {"no", false},  {"open", true}, {"closed", false}};

struct scalar scalar_from_json(const struct cJSON *item)
{
    if (cJSON_IsNull(item))
        return (struct scalar){.kind = SCALAR_NULL};
    if (cJSON_IsBool(item))
        return (struct scalar){.kind = SCALAR_BOOL, .truth = cJSON_IsTrue(item)};
    if (cJSON_IsNumber(item))
        return (struct scalar){.kind = SCALAR_NUMBER, .number = item->valuedouble};
    if (cJSON_IsString(item))
        return (struct scalar){
            .kind = SCALAR_STRING, .text = item->valuestring, .len = strlen(item->valuestring)};
    return (struct scalar){.kind = SCALAR_OTHER};
}

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

/* Rewrites a number with a decimal comma to one with a point. Points between groups of three digits
 * are dropped where they cannot be taken for decimal points: before a comma, or two of them. False
 * when a point or comma is elsewhere, or the first group begins with 0. */
static bool value_rewrite_comma(const char *text, size_t len, char *to, size_t *to_len)
{
    size_t digits = 0, points = 0;
    bool has_ended = false; /* the integer part */
    *to_len = 0;
    for (size_t at = 0; at <= len; at++) {
        int c = at < len ? (unsigned char)text[at] : '\0';
        bool ends = c == '\0' || c == ',' || c == 'e' || c == 'E';
        if (ends && !has_ended && points > 0 && (digits != 3 || (points < 2 && c != ',')))
            return false;
        if ((c == ',' || c == '.') && has_ended)
            return false;
        if (c == '.' && (points == 0 ? digits == 0 || digits > 3 : digits != 3))
            return false;
        if (c == '.' && points == 0 && text[at - digits] == '0')
            return false;
        has_ended |= ends;
        if (c == '.') {
            points++;
            digits = 0;
            continue;
        }
        digits += isdigit(c) != 0;
        if (at < len)
            to[(*to_len)++] = (char)(c == ',' ? '.' : c);
    }
    return true;
}

static enum fault value_read_decimal_comma(const char *text, size_t len, enum value_type type,
                                           struct value *value)
{
    char copy[DECIMAL_BYTES_MAX];
    if (len > sizeof copy || !value_rewrite_comma(text, len, copy, &len))
        return FAULT_NOT_A_NUMBER;
    return value_read_decimal(copy, len, type, value);
}

static enum fault value_read_hex(const char *text, size_t len, enum value_type type,
                                 struct value *value)
{
    uint64_t magnitude = 0;
    if (len > 2 && text[0] == '0' && (text[1] == 'x' || text[1] == 'X')) {
        text += 2;
        len -= 2;
    }
    for (size_t at = 0; at < len; at++) {
        if (!isxdigit((unsigned char)text[at]))
            return FAULT_NOT_A_NUMBER;
    }
    while (len > 1 && text[0] == '0') {
        text++;
        len--;
    }
    if (len == 0)
        return FAULT_NOT_A_NUMBER;
    if (len > 2 * sizeof magnitude)
        return FAULT_OUT_OF_RANGE;
    for (size_t at = 0; at < len; at++) {
        int digit = isdigit((unsigned char)text[at]) ? text[at] - '0'
                                                     : tolower((unsigned char)text[at]) - 'a' + 10;
        magnitude = magnitude << 4 | (uint64_t)digit;
    }
    *value =
        type == TYPE_BOOL ? value_make_bool(magnitude != 0) : value_make_integer(false, magnitude);
    return FAULT_NONE;
}

struct text_span text_span_trim(struct text_span span)
{
    static const char around[] = {' ', '\t', '\r', '\n', '\0'};
    while (span.len > 0 && memchr(around, span.text[0], sizeof around)) {
        span.text++;
        span.len--;
    }
    while (span.len > 0 && memchr(around, span.text[span.len - 1], sizeof around))
        span.len--;
    return span;
}

bool text_span_is_equal(struct text_span a, struct text_span b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.text, b.text, a.len) == 0);
}

static int compare_map_entries(const void *left, const void *right)
{
    const struct value_map_entry *a = left, *b = right;
    return strcmp(a->text, b->text);
}

void value_map_sort(struct value_map_entry *entries, size_t count)
{
    if (count > 0)
        qsort(entries, count, sizeof *entries, compare_map_entries);
}

static const struct value_map_entry *value_map_find_entry(const struct value_map *map,
                                                          struct text_span span)
{
    size_t low = 0, high = map->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        const char *text = map->entries[middle].text;
        size_t len = strlen(text), common = span.len < len ? span.len : len;
        int order = common > 0 ? memcmp(span.text, text, common) : 0;
        if (order == 0)
            order = (span.len > len) - (span.len < len);
        if (order == 0)
            return &map->entries[middle];
        if (order > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return NULL;
}

/* Writes an integer from the end of `text` backwards, and leaves it there. */
static struct text_span value_write_integer(bool negative, uint64_t magnitude,
                                            char text[VALUE_TEXT_SIZE])
{
    size_t at = VALUE_TEXT_SIZE - 1;
    text[at] = '\0';
    do {
        text[--at] = (char)('0' + magnitude % 10);
    } while ((magnitude /= 10) > 0);
    if (negative)
        text[--at] = '-';
    return (struct text_span){text + at, VALUE_TEXT_SIZE - 1 - at};
}

struct text_span value_scalar_text(const struct scalar *scalar, char text[VALUE_TEXT_SIZE])
{
    if (scalar->kind == SCALAR_STRING)
        return (struct text_span){scalar->text, scalar->len};
    if (scalar->kind == SCALAR_BOOL)
        return scalar->truth ? (struct text_span){"true", 4} : (struct text_span){"false", 5};
    REQUIRE(scalar->kind == SCALAR_NUMBER);
    if (scalar->number == trunc(scalar->number) && fabs(scalar->number) < inexact_from)
        return value_write_integer(scalar->number < 0, (uint64_t)fabs(scalar->number), text);
    value_format_double(scalar->number, text);
    return (struct text_span){text, strlen(text)};
}

/* Leaves what the pattern takes out of the text, whose last line ends and NULs it does not see. */
static enum fault text_span_apply_pattern(const struct pattern *pattern, struct text_span *span)
{
    size_t from, to, len = span->len;
    while (len > 0 && memchr("\r\n", span->text[len - 1], sizeof "\r\n"))
        len--;
    if (len > PATTERN_TEXT_MAX)
        return FAULT_TOO_LONG;
    if (!pattern_find(pattern, span->text, len, &from, &to))
        return FAULT_NO_MATCH;
    *span = (struct text_span){span->text + from, to - from};
    return FAULT_NONE;
}

/* Reads a trimmed word or number. */
static enum fault value_read_word(struct text_span span, enum value_type type,
                                  enum number_format format, struct value *value)
{
    for (size_t i = 0; type == TYPE_BOOL && i < sizeof bool_words / sizeof bool_words[0]; i++) {
        const char *word = bool_words[i].word;
        if (strlen(word) == span.len && strncasecmp(word, span.text, span.len) == 0) {
            *value = value_make_bool(bool_words[i].truth);
            return FAULT_NONE;
        }
    }
    switch (format) {
    case NUMBER_DECIMAL_COMMA:
        return value_read_decimal_comma(span.text, span.len, type, value);
    case NUMBER_HEX:
        return value_read_hex(span.text, span.len, type, value);
    case NUMBER_DECIMAL:
        break;
    }
    return value_read_decimal(span.text, span.len, type, value);
}

/* Reads a scalar whose text has to be looked at. */
static __attribute__((noinline)) enum fault value_read_by_text(const struct scalar *scalar,
                                                               enum value_type type,
                                                               const struct value_reading *reading,
                                                               char text[VALUE_TEXT_SIZE],
                                                               struct value *value)
{
    const struct pattern *pattern = reading->pattern;
    const struct value_map *map = reading->map;
    struct text_span whole = value_scalar_text(scalar, text);

    /* The text of an integer of 2^53 or more is not what the device sent. */
    bool is_inexact = scalar->kind == SCALAR_NUMBER && fabs(scalar->number) >= inexact_from;
    if (is_inexact && (type == TYPE_STRING || pattern))
        return FAULT_INEXACT_INTEGER;
    enum fault fault = pattern ? text_span_apply_pattern(pattern, &whole) : FAULT_NONE;
    if (fault != FAULT_NONE)
        return fault;
    if (type == TYPE_STRING) {
        *value = (struct value){.kind = VALUE_TEXT, .text = whole.text, .len = whole.len};
        return FAULT_NONE;
    }

    /* An entry for the text as it is wins over one for what is left of it without blanks. */
    struct text_span trimmed = text_span_trim(whole);
    if (is_inexact && !strchr(text, 'e'))
        map = NULL;
    const struct value_map_entry *entry = map ? value_map_find_entry(map, whole) : NULL;
    if (map && !entry && trimmed.len != whole.len)
        entry = value_map_find_entry(map, trimmed);
    if (entry)
        return value_read_number(entry->number, type, value);
    if (scalar->kind == SCALAR_NUMBER && !pattern)
        return value_read_number(scalar->number, type, value);
    if (scalar->kind == SCALAR_BOOL && !pattern) {
        *value = value_make_bool(scalar->truth);
        return FAULT_NONE;
    }
    fault = value_read_word(trimmed, type, (enum number_format)reading->number, value);
    return fault == FAULT_NOT_A_NUMBER && map && map->count > 0 ? FAULT_UNMAPPED_STRING : fault;
}

enum fault value_read_scalar(const struct scalar *scalar, enum value_type type,
                             const struct value_reading *reading, char text[VALUE_TEXT_SIZE],
                             struct value *value)
{
    static const struct value_reading plain;
    REQUIRE(type < TYPE_COUNT);
    switch (scalar->kind) {
    case SCALAR_NUMBER:
        if (type != TYPE_STRING && (!reading || (!reading->map && !reading->pattern)))
            return value_read_number(scalar->number, type, value);
        if (!isfinite(scalar->number))
            return FAULT_OUT_OF_RANGE;
        break;
    case SCALAR_BOOL:
    case SCALAR_STRING:
        break;
    case SCALAR_NULL:
        return FAULT_NULL_VALUE;
    case SCALAR_OTHER:
        return type == TYPE_STRING ? FAULT_NOT_A_STRING : FAULT_NOT_A_NUMBER;
    }
    return value_read_by_text(scalar, type, reading ? reading : &plain, text, value);
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

bool value_is_good_quality(const struct scalar *quality)
{
    switch (quality->kind) {
    case SCALAR_BOOL:
        return quality->truth;
    case SCALAR_NUMBER:
        return quality->number >= 192 && quality->number <= 255;
    case SCALAR_STRING:
        return quality->len == 4 && strncasecmp(quality->text, "good", 4) == 0;
    default:
        return false;
    }
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
        double wide = strtod(text, NULL);
        if ((float)wide == number) /* as it will be read; strtof rounds only once */
            return wide;
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
