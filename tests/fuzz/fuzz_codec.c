/* Converts a decimal string to registers and back, and compares with a simple, slow reference:
 * 128-bit integers, strtod, and byte orders written as letters. */
#include <ctype.h>
#include <float.h>
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/codec.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { TEXT_MAX = 40 };

static void require(bool condition)
{
    if (!condition)
        abort();
}

static const char *const layouts[5][ORDER_COUNT] = {
    [1] = {"AB", "AB", "BA", "BA"},
    [2] = {"ABCD", "CDAB", "BADC", "DCBA"},
    [4] = {"ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA", "ABCDEFGH", "BADCFEHG", "CDABGHEF",
           "DCBAHGFE", "EFGHABCD", "FEHGBADC", "GHEFCDAB", "HGFEDCBA"},
};

/* The types of numbers. */
static const enum value_type types[] = {TYPE_INT16, TYPE_UINT16, TYPE_INT32,   TYPE_UINT32,
                                        TYPE_INT64, TYPE_UINT64, TYPE_FLOAT32, TYPE_FLOAT64,
                                        TYPE_BCD16, TYPE_BCD32,  TYPE_INT8,    TYPE_UINT8};

/* The bits in the order of the specification's letters. */
static void lay_out(const struct point *point, uint64_t bits, uint16_t *words)
{
    unsigned width = type_info[point->type].registers;
    const char *layout = layouts[width][point->order];
    unsigned char bytes[8];
    for (unsigned i = 0; i < 2 * width; i++)
        bytes[i] = (unsigned char)(bits >> (8 * (2 * width - 1 - (unsigned)(layout[i] - 'A'))));
    for (unsigned i = 0; i < width; i++)
        words[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
}

/* Wider than each value; where there is no such type, as wide as possible for fewer digits. */
#ifdef __SIZEOF_INT128__
__extension__ typedef __int128 wide;
enum { INTEGER_DIGITS_MAX = 25 };
#define WIDE_LIMIT(number) (number)
#else
typedef int64_t wide;
enum { INTEGER_DIGITS_MAX = 18 };
#define WIDE_LIMIT(number) ((number) > INT64_MAX ? INT64_MAX : (wide)(number))
#endif

static bool parse_integer(const char *text, wide *number)
{
    size_t len = strlen(text), at = text[0] == '-' ? 1 : 0;
    *number = 0;
    if (len == at || len > INTEGER_DIGITS_MAX)
        return false;
    for (; at < len; at++) {
        if (!isdigit((unsigned char)text[at]))
            return false;
        *number = *number * 10 + (text[at] - '0');
    }
    if (text[0] == '-')
        *number = -*number;
    return true;
}

static void range_of(enum value_type type, wide *min, wide *max)
{
    *max = WIDE_LIMIT(type_info[type].above);
    *min = -(wide)WIDE_LIMIT(type_info[type].below);
}

static void check_integer(const struct point *point, const char *text, enum fault fault,
                          const struct codec_registers *got)
{
    wide number, min, max;
    uint16_t expected[4];
    if (!parse_integer(text, &number))
        return;
    range_of(point->type, &min, &max);
    bool fits = number >= min && number <= max;
    if (!fits && point->overflow == OVERFLOW_REJECT) {
        require(fault == FAULT_OUT_OF_RANGE);
        return;
    }
    require(fault == FAULT_NONE);
    number = number < min ? min : number > max ? max : number;
    uint64_t bits = (uint64_t)number;
    if (point->type == TYPE_BCD16 || point->type == TYPE_BCD32) { /* as its decimal text in hex */
        char digits[24];
        snprintf(digits, sizeof digits, "%llu", (unsigned long long)number);
        bits = strtoull(digits, NULL, 16);
    }
    if (type_info[point->type].is_byte)
        expected[0] = (uint16_t)(bits & 0xff);
    else
        lay_out(point, bits, expected);
    require(memcmp(expected, got->words, 2U * type_info[point->type].registers) == 0);
}

static void check_float(const struct point *point, const char *text, enum fault fault,
                        const struct codec_registers *got)
{
    double number = strtod(text, NULL);
    float single = (float)number;
    bool is_single = point->type == TYPE_FLOAT32;
    uint32_t single_bits;
    uint64_t bits = 0;
    uint16_t expected[4];
    if (fault != FAULT_NONE) {
        require(is_single ? isinf(single) : isinf(number));
        return;
    }
    if (is_single && isinf(single))
        single = copysignf(FLT_MAX, single);
    memcpy(&single_bits, &single, sizeof single);
    memcpy(&bits, &number, sizeof number);
    if (is_single)
        bits = single_bits;
    lay_out(point, bits, expected);
    /* "-0" is the integer 0, "-0.0" is not; either is correct. */
    if (number != 0)
        require(memcmp(expected, got->words, 2U * type_info[point->type].registers) == 0);
}

/* A decoded value, written as JSON and read again, gives the same registers. */
static void check_round_trip(const struct point *point, const struct codec_registers *registers)
{
    char text[CODEC_TEXT_SIZE], printed[VALUE_TEXT_SIZE], own[VALUE_TEXT_SIZE];
    struct value value, again;
    struct codec_registers back = {0};
    require(codec_is_valid(point, registers->words));
    codec_decode(point, registers->words, text, &value);
    if (value.kind == VALUE_REAL && !isfinite(value.real))
        return;
    value_format_json(&value, printed);
    struct scalar scalar = {.kind = SCALAR_STRING, .text = printed, .len = strlen(printed)};
    require(value_read_scalar(&scalar, point->type, NULL, own, &again) == FAULT_NONE);
    require(codec_encode(point, &again, &back) == FAULT_NONE);
    bool negative_zero = value.kind == VALUE_REAL && value.real == 0;
    if (!negative_zero)
        require(memcmp(back.words, registers->words, 2U * type_info[point->type].registers) == 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char text[TEXT_MAX + 1] = "", own[VALUE_TEXT_SIZE];
    struct codec_registers registers = {0};
    struct value value;
    if (size < 3 || size > TEXT_MAX + 3)
        return 0;
    enum value_type type = types[data[0] % (sizeof types / sizeof types[0])];
    unsigned orders = type_info[type].registers == 4 ? ORDER_COUNT : ORDER_OF_EIGHT_BYTES;
    struct point point = {.type = (uint8_t)type,
                          .order = (uint8_t)(data[1] % orders),
                          .overflow = data[2] % 2,
                          .bit = NO_BIT,
                          .scale = 1};
    memcpy(text, data + 3, size - 3);
    struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = size - 3};
    enum fault fault = value_read_scalar(&scalar, point.type, NULL, own, &value);
    if (fault == FAULT_NOT_A_NUMBER)
        return 0;
    if (fault == FAULT_NONE)
        fault = codec_encode(&point, &value, &registers);
    size_t from = 0; /* what counts of the text: no blank or NUL in front */
    while (from < size - 3 && strchr(" \t\r\n", text[from]))
        from++;
    if (type_info[point.type].is_integer)
        check_integer(&point, text + from, fault, &registers);
    else
        check_float(&point, text + from, fault, &registers);
    if (fault == FAULT_NONE)
        check_round_trip(&point, &registers);
    return 0;
}
