/* Encodes and decodes registers. A value has the bytes A B C D, or A to H, the most significant
 * first; the byte order determines their places in words. */
#include "common/model/codec.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/base/json_text.h"
#include "common/base/require.h"

static uint16_t codec_swap_bytes(uint16_t word)
{
    return (uint16_t)(word << 8 | word >> 8);
}

/* The places of words and bytes. Word n, counted from the most significant, has the place n XOR
 * `words`: 1 exchanges neighbours, 2 exchanges the halves of four words, and 3 reverses them. Of
 * two words 3 does what 1 does. */
static const struct order_form {
    uint8_t words;
    bool swaps_bytes;
} order_forms[ORDER_COUNT] = {
    [ORDER_ABCD] = {0, false},     [ORDER_CDAB] = {3, false},     [ORDER_BADC] = {0, true},
    [ORDER_DCBA] = {3, true},      [ORDER_ABCDEFGH] = {0, false}, [ORDER_BADCFEHG] = {0, true},
    [ORDER_CDABGHEF] = {1, false}, [ORDER_DCBAHGFE] = {1, true},  [ORDER_EFGHABCD] = {2, false},
    [ORDER_FEHGBADC] = {2, true},  [ORDER_GHEFCDAB] = {3, false}, [ORDER_HGFEDCBA] = {3, true}};

static bool codec_swaps_bytes(const struct point *point)
{
    return order_forms[point->order].swaps_bytes;
}

/* Stores the low 16 × width bits in words, in the byte order of the point. */
static void codec_put_bits(const struct point *point, uint64_t bits, uint16_t *words)
{
    unsigned width = type_info[point->type].registers;
    unsigned places = order_forms[point->order].words & (width - 1);
    bool swaps_bytes = codec_swaps_bytes(point);
    for (unsigned i = 0; i < width; i++) {
        uint16_t word = (uint16_t)(bits >> (16 * i));
        words[(width - 1 - i) ^ places] = swaps_bytes ? codec_swap_bytes(word) : word;
    }
}

static uint64_t codec_get_bits(const struct point *point, const uint16_t *words)
{
    unsigned width = type_info[point->type].registers;
    unsigned places = order_forms[point->order].words & (width - 1);
    bool swaps_bytes = codec_swaps_bytes(point);
    uint64_t bits = 0;
    for (unsigned i = 0; i < width; i++) {
        uint16_t word = words[(width - 1 - i) ^ places];
        bits |= (uint64_t)(swaps_bytes ? codec_swap_bytes(word) : word) << (16 * i);
    }
    return bits;
}

static bool codec_is_unscaled(const struct point *point)
{
    return point->scale == 1 && point->offset == 0;
}

/* Rounds to nearest, ties away from zero. Scaling by a decimal fraction may be a few units in the
 * last place below a tie (0.15 / 0.1 is 1.4999999999999998), so ties have that tolerance, as long
 * as it is far below one half. */
static double codec_round_register(double number)
{
    double slack = fabs(number) < 0x1p40 ? fabs(number) * 4 * DBL_EPSILON : 0;
    return round(number + copysign(slack, number));
}

/* Sets `bits` to the integer in registers, a negative one in two's complement. Inline: almost every
 * value of a message comes here. */
static inline __attribute__((always_inline)) enum fault
codec_find_integer(const struct point *point, const struct value *value, uint64_t *bits)
{
    const struct type_info *info = &type_info[point->type];
    bool negative = value->negative, fits = true;
    uint64_t magnitude = value->magnitude;
    if (!codec_is_unscaled(point) || value->kind != VALUE_INTEGER) {
        double number = (value_to_double(value) - point->offset) / point->scale;
        if (isnan(number))
            return FAULT_OUT_OF_RANGE;
        double rounded = codec_round_register(number);
        negative = rounded < 0;
        fits = fabs(rounded) < 0x1p64;
        magnitude = fits ? (uint64_t)fabs(rounded) : UINT64_MAX;
    }
    uint64_t limit = negative ? info->below : info->above;
    fits = fits && magnitude <= limit;
    if (!fits && point->overflow == OVERFLOW_REJECT)
        return FAULT_OUT_OF_RANGE;
    if (!fits)
        magnitude = limit;
    *bits = negative ? -magnitude : magnitude;
    return FAULT_NONE;
}

static enum fault codec_encode_integer(const struct point *point, const struct value *value,
                                       uint16_t *words)
{
    uint64_t bits;
    enum fault fault = codec_find_integer(point, value, &bits);
    if (fault == FAULT_NONE)
        codec_put_bits(point, bits, words);
    return fault;
}

/* Binary coded decimal: each digit is four bits. */
static enum fault codec_encode_bcd(const struct point *point, const struct value *value,
                                   uint16_t *words)
{
    uint64_t number, digits = 0;
    enum fault fault = codec_find_integer(point, value, &number);
    if (fault != FAULT_NONE)
        return fault;
    for (unsigned shift = 0; number > 0; shift += 4, number /= 10)
        digits |= number % 10 << shift;
    codec_put_bits(point, digits, words);
    return FAULT_NONE;
}

static enum fault codec_encode_byte(const struct point *point, const struct value *value,
                                    uint16_t *words)
{
    uint64_t bits;
    enum fault fault = codec_find_integer(point, value, &bits);
    if (fault == FAULT_NONE)
        words[0] = (uint8_t)bits;
    return fault;
}

/* True for a 32-bit float, which has two registers; false for a 64-bit one, which has four. */
static bool codec_is_single(const struct point *point)
{
    return type_info[point->type].registers == 2;
}

static enum fault codec_encode_float(const struct point *point, const struct value *value,
                                     uint16_t *words)
{
    double number = value_to_double(value);
    uint64_t bits;
    if (!codec_is_unscaled(point))
        number = (number - point->offset) / point->scale;
    bool overflows = codec_is_single(point) ? isinf((float)number) : isinf(number);
    if (isnan(number) || (overflows && point->overflow == OVERFLOW_REJECT))
        return FAULT_OUT_OF_RANGE;
    if (overflows)
        number = copysign(type_info[point->type].max, number);
    if (codec_is_single(point)) {
        float single = (float)number;
        uint32_t word;
        memcpy(&word, &single, sizeof word);
        bits = word;
    } else {
        memcpy(&bits, &number, sizeof bits);
    }
    codec_put_bits(point, bits, words);
    return FAULT_NONE;
}

static enum fault codec_encode_bool(const struct point *point, const struct value *value,
                                    uint16_t *words)
{
    (void)point;
    words[0] = value->kind == VALUE_BOOL ? value->truth : value_to_double(value) != 0;
    return FAULT_NONE;
}

static enum fault codec_encode_string(const struct point *point, const struct value *value,
                                      uint16_t *words)
{
    size_t capacity = (size_t)2 * point->length;
    size_t len = value->len;
    REQUIRE(point->length <= STRING_REGISTERS_MAX);
    if (len > capacity && point->overflow == OVERFLOW_REJECT)
        return FAULT_TOO_LONG;
    if (len > capacity)
        len = utf8_prefix_len(value->text, len, capacity);
    for (size_t i = 0; i < point->length; i++) {
        unsigned high = 2 * i < len ? (unsigned char)value->text[2 * i] : 0;
        unsigned low = 2 * i + 1 < len ? (unsigned char)value->text[2 * i + 1] : 0;
        uint16_t word = (uint16_t)(high << 8 | low);
        words[i] = codec_swaps_bytes(point) ? codec_swap_bytes(word) : word;
    }
    return FAULT_NONE;
}

/* value = register × scale + offset. The binary result of tenths may be 0.30000000000000004, so it
 * is rounded to the digits that a double always preserves. */
static double codec_scale_up(const struct point *point, double number)
{
    return value_round_double(number * point->scale + point->offset);
}

/* The value of an integer of `width` bits. */
static struct value codec_make_integer(const struct point *point, uint64_t bits, unsigned width)
{
    bool negative = type_info[point->type].below > 0 && (bits >> (width - 1) & 1) != 0;
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

static struct value codec_decode_integer(const struct point *point, const uint16_t *words,
                                         char *text)
{
    (void)text;
    return codec_make_integer(point, codec_get_bits(point, words),
                              16U * type_info[point->type].registers);
}

static struct value codec_decode_byte(const struct point *point, const uint16_t *words, char *text)
{
    (void)text;
    return codec_make_integer(point, point_take_part(point, words[0]), 8);
}

static struct value codec_decode_bcd(const struct point *point, const uint16_t *words, char *text)
{
    uint64_t digits = codec_get_bits(point, words), number = 0;
    (void)text;
    if (!codec_is_valid(point, words))
        return (struct value){.kind = VALUE_REAL, .real = NAN};
    for (unsigned i = 4U * type_info[point->type].registers; i-- > 0;)
        number = number * 10 + (digits >> (4 * i) & 0xf);
    return codec_make_integer(point, number, 32);
}

static struct value codec_decode_float(const struct point *point, const uint16_t *words, char *text)
{
    uint64_t bits = codec_get_bits(point, words);
    double number;
    (void)text;
    if (codec_is_single(point)) {
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

static struct value codec_decode_bool(const struct point *point, const uint16_t *words, char *text)
{
    (void)text;
    bool truth = point->bit == NO_BIT ? words[0] != 0 : (words[0] >> point->bit & 1) != 0;
    return (struct value){.kind = VALUE_BOOL, .truth = truth};
}

static struct value codec_decode_string(const struct point *point, const uint16_t *words,
                                        char *text)
{
    size_t len = (size_t)2 * point->length;
    REQUIRE(point->length <= STRING_REGISTERS_MAX);
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

/* The functions of each type, from the list of value types. */
struct type_coding {
    enum fault (*encode)(const struct point *point, const struct value *value, uint16_t *words);
    struct value (*decode)(const struct point *point, const uint16_t *words, char *text);
};

#define TYPE_CODING(id, name, registers, coding, ...)                                              \
    [TYPE_##id] = {codec_encode_##coding, codec_decode_##coding},
static const struct type_coding codings[TYPE_COUNT] = {VALUE_TYPE_LIST(TYPE_CODING)};

#define TYPE_FITS_POINT(id, name, registers, ...)                                                  \
    _Static_assert((registers) <= sizeof(uint64_t) / sizeof(uint16_t), "bits of a value");
VALUE_TYPE_LIST(TYPE_FITS_POINT)

enum fault codec_encode(const struct point *point, const struct value *value,
                        struct codec_registers *registers)
{
    REQUIRE(point->type < TYPE_COUNT);
    return codings[point->type].encode(point, value, registers->words);
}

bool codec_is_valid(const struct point *point, const uint16_t *words)
{
    REQUIRE(point->type < TYPE_COUNT);
    if (point->type != TYPE_BCD16 && point->type != TYPE_BCD32)
        return true;
    /* A digit above 9 has the bit 8 and one of the bits 4 and 2. */
    for (unsigned i = 0; i < type_info[point->type].registers; i++) {
        if (words[i] & (words[i] << 1 | words[i] << 2) & 0x8888)
            return false;
    }
    return true;
}

void codec_format_hex(const struct point *point, const uint16_t *words, char text[CODEC_HEX_SIZE])
{
    size_t used = 0;
    text[0] = '\0';
    for (unsigned i = 0; i < point_width(point) && i < 4; i++)
        used += (size_t)snprintf(text + used, CODEC_HEX_SIZE - used, "%s0x%04x", i > 0 ? " " : "",
                                 words[i]);
}

void codec_decode(const struct point *point, const uint16_t *words, char text[CODEC_TEXT_SIZE],
                  struct value *value)
{
    REQUIRE(point->type < TYPE_COUNT);
    *value = codings[point->type].decode(point, words, text);
}

enum fault codec_recode(const struct point *from, const uint16_t *words, const struct point *to,
                        struct codec_registers *registers)
{
    char text[CODEC_TEXT_SIZE], json[VALUE_TEXT_SIZE];
    struct value value;
    const struct point content = point_of_content(from);
    if (!codec_is_valid(from, words))
        return FAULT_NOT_BCD;
    codec_decode(&content, words, text, &value);
    if (value.kind == VALUE_TEXT && to->type != TYPE_STRING) {
        const struct scalar scalar = {.kind = SCALAR_STRING, .text = value.text, .len = value.len};
        enum fault fault =
            value_read_scalar(&scalar, (enum value_type)to->type, NULL, json, &value);
        if (fault != FAULT_NONE)
            return fault;
    } else if (value.kind != VALUE_TEXT && to->type == TYPE_STRING) {
        value_format_json(&value, json);
        value = (struct value){.kind = VALUE_TEXT, .text = json, .len = strlen(json)};
    }
    return codec_encode(to, &value, registers);
}

bool codec_encode_stale(const struct point *point, struct codec_registers *registers)
{
    if (point->stale == STALE_HOLD)
        return false;
    if (point->stale == STALE_NAN) {
        codec_put_bits(point,
                       codec_is_single(point) ? UINT64_C(0x7fc00000) : UINT64_C(0x7ff8000000000000),
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

enum fault codec_encode_given(const struct point *point, const struct value_map *map,
                              bool is_command, const struct scalar *scalar,
                              struct codec_registers *registers)
{
    struct value value;
    char digits[VALUE_TEXT_SIZE], text[CODEC_TEXT_SIZE];
    const struct value_reading reading = {.map = scalar->kind == SCALAR_STRING ? map : NULL};
    enum fault fault =
        value_read_scalar(scalar, (enum value_type)point->type, &reading, digits, &value);
    if (fault == FAULT_NONE)
        fault = codec_encode(point, &value, registers);
    if (fault != FAULT_NONE || !is_command || !map || map->count == 0 || point->type == TYPE_STRING)
        return fault;
    const struct point content = point_of_content(point);
    codec_decode(&content, registers->words, text, &value);
    return value_map_find_text(map, &value) ? FAULT_NONE : FAULT_UNMAPPED_NUMBER;
}
