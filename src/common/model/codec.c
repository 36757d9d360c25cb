/* Encodes and decodes registers. A value becomes bytes from the most significant, A B C D, which
 * the byte order then puts into words. */
#include "common/model/codec.h"

#include <float.h>
#include <math.h>
#include <string.h>

#include "common/base/json_text.h"

static uint16_t codec_swap_bytes(uint16_t word)
{
    return (uint16_t)(word << 8 | word >> 8);
}

static bool codec_swaps_bytes(const struct point *point)
{
    return point->order == ORDER_BADC || point->order == ORDER_DCBA;
}

static bool codec_reverses_words(const struct point *point)
{
    return point->order == ORDER_CDAB || point->order == ORDER_DCBA;
}

/* Lays the low 16 × width bits into words as the point's byte order has them. */
static void codec_put_bits(const struct point *point, uint64_t bits, uint16_t *words)
{
    unsigned width = type_info[point->type].registers;
    for (unsigned i = 0; i < width; i++) {
        unsigned place = codec_reverses_words(point) ? i : width - 1 - i;
        uint16_t word = (uint16_t)(bits >> (16 * i));
        words[place] = codec_swaps_bytes(point) ? codec_swap_bytes(word) : word;
    }
}

static uint64_t codec_get_bits(const struct point *point, const uint16_t *words)
{
    unsigned width = type_info[point->type].registers;
    uint64_t bits = 0;
    for (unsigned i = 0; i < width; i++) {
        unsigned place = codec_reverses_words(point) ? i : width - 1 - i;
        uint64_t word = codec_swaps_bytes(point) ? codec_swap_bytes(words[place]) : words[place];
        bits |= word << (16 * i);
    }
    return bits;
}

static bool codec_is_unscaled(const struct point *point)
{
    return point->scale == 1 && point->offset == 0;
}

/* Rounds to nearest, ties away from zero. Scaling by a decimal fraction may leave a tie a few units
 * in the last place short (0.15 / 0.1 is 1.4999999999999998), so a tie is taken with that much
 * tolerance, as long as it is far below one half. */
static double codec_round_register(double number)
{
    double slack = fabs(number) < 0x1p40 ? fabs(number) * 4 * DBL_EPSILON : 0;
    return round(number + copysign(slack, number));
}

/* The integer limits by type: magnitudes of the least and the greatest value. */
struct integer_limits {
    uint64_t below, above;
};

static struct integer_limits codec_integer_limits(enum value_type type)
{
    unsigned bits = 16U * type_info[type].registers;
    uint64_t half = UINT64_C(1) << (bits - 1);
    if (type_info[type].min < 0)
        return (struct integer_limits){.below = half, .above = half - 1};
    return (struct integer_limits){.below = 0, .above = half - 1 + half};
}

static uint64_t codec_twos_complement(bool negative, uint64_t magnitude)
{
    return negative ? -magnitude : magnitude;
}

static enum fault codec_encode_magnitude(const struct point *point, bool negative,
                                         uint64_t magnitude, uint64_t *bits)
{
    struct integer_limits limits = codec_integer_limits(point->type);
    uint64_t limit = negative ? limits.below : limits.above;
    if (magnitude > limit && point->overflow == OVERFLOW_REJECT)
        return FAULT_OUT_OF_RANGE;
    *bits = codec_twos_complement(negative, magnitude > limit ? limit : magnitude);
    return FAULT_NONE;
}

static enum fault codec_encode_integer(const struct point *point, const struct value *value,
                                       uint64_t *bits)
{
    if (codec_is_unscaled(point) && value->kind == VALUE_INTEGER)
        return codec_encode_magnitude(point, value->negative, value->magnitude, bits);
    double number = (value_to_double(value) - point->offset) / point->scale;
    if (isnan(number))
        return FAULT_OUT_OF_RANGE;
    double rounded = codec_round_register(number);
    uint64_t magnitude = fabs(rounded) < 0x1p64 ? (uint64_t)fabs(rounded) : UINT64_MAX;
    if (fabs(rounded) >= 0x1p64 && point->overflow == OVERFLOW_REJECT)
        return FAULT_OUT_OF_RANGE;
    return codec_encode_magnitude(point, rounded < 0, magnitude, bits);
}

static enum fault codec_encode_float(const struct point *point, const struct value *value,
                                     uint64_t *bits)
{
    double number = value_to_double(value);
    if (!codec_is_unscaled(point))
        number = (number - point->offset) / point->scale;
    bool is_single = point->type == TYPE_FLOAT32;
    bool overflows = is_single ? isinf((float)number) : isinf(number);
    if (isnan(number) || (overflows && point->overflow == OVERFLOW_REJECT))
        return FAULT_OUT_OF_RANGE;
    if (overflows)
        number = copysign(is_single ? (double)FLT_MAX : DBL_MAX, number);
    if (is_single) {
        float single = (float)number;
        uint32_t word;
        memcpy(&word, &single, sizeof word);
        *bits = word;
    } else {
        memcpy(bits, &number, sizeof *bits);
    }
    return FAULT_NONE;
}

static enum fault codec_encode_string(const struct point *point, const struct value *value,
                                      uint16_t *words)
{
    size_t room = (size_t)2 * point->length;
    size_t len = value->len;
    if (len > room && point->overflow == OVERFLOW_REJECT)
        return FAULT_TOO_LONG;
    if (len > room)
        len = utf8_prefix_len(value->text, len, room);
    for (size_t i = 0; i < point->length; i++) {
        unsigned high = 2 * i < len ? (unsigned char)value->text[2 * i] : 0;
        unsigned low = 2 * i + 1 < len ? (unsigned char)value->text[2 * i + 1] : 0;
        uint16_t word = (uint16_t)(high << 8 | low);
        words[i] = codec_swaps_bytes(point) ? codec_swap_bytes(word) : word;
    }
    return FAULT_NONE;
}

static bool codec_truth_of(const struct value *value)
{
    return value->kind == VALUE_BOOL ? value->truth : value_to_double(value) != 0;
}

enum fault codec_encode(const struct point *point, const struct value *value,
                        struct codec_registers *registers)
{
    uint64_t bits;
    enum fault fault;
    if (point->type == TYPE_STRING)
        return codec_encode_string(point, value, registers->words);
    if (point->type == TYPE_BOOL) {
        registers->words[0] = codec_truth_of(value);
        return FAULT_NONE;
    }
    if (type_info[point->type].is_integer)
        fault = codec_encode_integer(point, value, &bits);
    else
        fault = codec_encode_float(point, value, &bits);
    if (fault == FAULT_NONE)
        codec_put_bits(point, bits, registers->words);
    return fault;
}

/* value = register × scale + offset. Computed in binary, tenths would show as 0.30000000000000004,
 * so the result is rounded to the digits that a double surely holds. */
static double codec_scale_up(const struct point *point, double number)
{
    return value_round_double(number * point->scale + point->offset);
}

static struct value codec_decode_integer(const struct point *point, uint64_t bits)
{
    unsigned width = 16U * type_info[point->type].registers;
    bool negative = type_info[point->type].min < 0 && (bits >> (width - 1) & 1) != 0;
    if (negative && width < 64)
        bits |= UINT64_MAX << width;
    struct value value = {
        .kind = VALUE_INTEGER, .negative = negative, .magnitude = negative ? -bits : bits};
    if (!codec_is_unscaled(point)) {
        double number = codec_scale_up(point, value_to_double(&value));
        value = (struct value){.kind = VALUE_REAL, .real = number};
    }
    return value;
}

static struct value codec_decode_float(const struct point *point, uint64_t bits)
{
    double number;
    if (point->type == TYPE_FLOAT32) {
        float single;
        uint32_t word = (uint32_t)bits;
        memcpy(&single, &word, sizeof single);
        number = value_widen_float(single);
    } else {
        memcpy(&number, &bits, sizeof number);
    }
    if (!codec_is_unscaled(point))
        number = codec_scale_up(point, number);
    return (struct value){.kind = VALUE_REAL, .real = number};
}

static struct value codec_decode_string(const struct point *point, const uint16_t *words,
                                        char *text)
{
    size_t len = (size_t)2 * point->length;
    for (size_t i = 0; i < point->length; i++) {
        uint16_t word = codec_swaps_bytes(point) ? codec_swap_bytes(words[i]) : words[i];
        text[2 * i] = (char)(word >> 8);
        text[2 * i + 1] = (char)(word & 0xff);
    }
    const char *nul = memchr(text, '\0', len);
    if (nul)
        len = (size_t)(nul - text);
    return (struct value){.kind = VALUE_TEXT, .text = text, .len = utf8_prefix_len(text, len, len)};
}

void codec_decode(const struct point *point, const uint16_t *words, char text[CODEC_TEXT_SIZE],
                  struct value *value)
{
    if (point->type == TYPE_STRING) {
        *value = codec_decode_string(point, words, text);
    } else if (point->type == TYPE_BOOL) {
        bool truth = point->bit == NO_BIT ? words[0] != 0 : (words[0] >> point->bit & 1) != 0;
        *value = (struct value){.kind = VALUE_BOOL, .truth = truth};
    } else if (type_info[point->type].is_integer) {
        *value = codec_decode_integer(point, codec_get_bits(point, words));
    } else {
        *value = codec_decode_float(point, codec_get_bits(point, words));
    }
}

static enum fault codec_recode_value(const struct value *value, const struct point *to,
                                     struct codec_registers *registers)
{
    char text[VALUE_TEXT_SIZE];
    struct value other = *value;
    enum fault fault = FAULT_NONE;
    if (value->kind == VALUE_TEXT && to->type != TYPE_STRING) {
        const struct scalar scalar = {
            .kind = SCALAR_STRING, .text = value->text, .len = value->len};
        fault = value_read_scalar(&scalar, (enum value_type)to->type, NULL, &other);
    } else if (value->kind != VALUE_TEXT && to->type == TYPE_STRING) {
        value_format_json(value, text);
        other = (struct value){.kind = VALUE_TEXT, .text = text, .len = strlen(text)};
    }
    return fault == FAULT_NONE ? codec_encode(to, &other, registers) : fault;
}

enum fault codec_recode(const struct point *from, const uint16_t *words, const struct point *to,
                        struct codec_registers *registers)
{
    char text[CODEC_TEXT_SIZE];
    struct value value;
    struct point whole = *from;
    whole.bit = NO_BIT;
    codec_decode(&whole, words, text, &value);
    return codec_recode_value(&value, to, registers);
}

bool codec_encode_stale(const struct point *point, struct codec_registers *registers)
{
    if (point->stale == STALE_HOLD)
        return false;
    if (point->stale == STALE_NAN) {
        bool is_single = point->type == TYPE_FLOAT32;
        codec_put_bits(point, is_single ? UINT64_C(0x7fc00000) : UINT64_C(0x7ff8000000000000),
                       registers->words);
        return true;
    }
    struct point raw = *point;
    raw.scale = 1;
    raw.offset = 0;
    raw.overflow = OVERFLOW_CLAMP;
    struct value value = {.kind = VALUE_REAL, .real = point->stale_raw};
    return codec_encode(&raw, &value, registers) == FAULT_NONE;
}
