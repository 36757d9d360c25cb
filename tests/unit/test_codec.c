/* Values to registers and back: types, byte orders, scaling, overflow, strings, staleness. */
#include "check.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "common/model/codec.h"

static struct point make_point(enum value_type type)
{
    return (struct point){.table = TABLE_HOLDING_REGISTER,
                          .type = (uint8_t)type,
                          .bit = NO_BIT,
                          .scale = 1,
                          .length = 4};
}

static enum fault encode_text(const struct point *point, const char *text,
                              struct codec_registers *registers)
{
    struct scalar scalar = {.kind = SCALAR_STRING, .text = text, .len = strlen(text)};
    struct value value;
    char own[VALUE_TEXT_SIZE];
    enum fault fault = value_read_scalar(&scalar, point->type, NULL, own, &value);
    return fault == FAULT_NONE ? codec_encode(point, &value, registers) : fault;
}

/* Registers for ABCD; the test derives the other orders by the letters of the specification. */
static const struct {
    enum value_type type;
    const char *text;
    uint16_t words[4];
    const char *back; /* expected text after decoding; NULL: the same text */
} rows[] = {
    {TYPE_INT16, "0", {0}, NULL},
    {TYPE_INT16, "-1", {0xffff}, NULL},
    {TYPE_INT16, "-32768", {0x8000}, NULL},
    {TYPE_INT16, "32767", {0x7fff}, NULL},
    {TYPE_INT16, "258", {0x0102}, NULL},
    {TYPE_UINT16, "65535", {0xffff}, NULL},
    {TYPE_UINT16, "2.5", {3}, "3"},
    {TYPE_INT16, "-2.5", {0xfffd}, "-3"},
    {TYPE_INT16, "2.4", {2}, "2"},
    {TYPE_INT32, "16909060", {0x0102, 0x0304}, NULL},
    {TYPE_INT32, "-2", {0xffff, 0xfffe}, NULL},
    {TYPE_INT32, "-2147483648", {0x8000, 0}, NULL},
    {TYPE_UINT32, "4294967295", {0xffff, 0xffff}, NULL},
    {TYPE_INT64, "72623859790382856", {0x0102, 0x0304, 0x0506, 0x0708}, NULL},
    {TYPE_INT64, "-9223372036854775808", {0x8000, 0, 0, 0}, NULL},
    {TYPE_INT64, "9223372036854775807", {0x7fff, 0xffff, 0xffff, 0xffff}, NULL},
    {TYPE_INT64, "-1", {0xffff, 0xffff, 0xffff, 0xffff}, NULL},
    {TYPE_INT64, "9007199254740993", {0x0020, 0, 0, 1}, NULL},
    {TYPE_UINT64, "18446744073709551615", {0xffff, 0xffff, 0xffff, 0xffff}, NULL},
    {TYPE_UINT64, "18446744073709551614", {0xffff, 0xffff, 0xffff, 0xfffe}, NULL},
    {TYPE_FLOAT32, "1", {0x3f80, 0}, NULL},
    {TYPE_FLOAT32, "21.3", {0x41aa, 0x6666}, NULL},
    {TYPE_FLOAT32, "-0.1", {0xbdcc, 0xcccd}, NULL},
    {TYPE_FLOAT64, "1", {0x3ff0, 0, 0, 0}, NULL},
    {TYPE_FLOAT64, "21.3", {0x4035, 0x4ccc, 0xcccc, 0xcccd}, NULL},
    {TYPE_FLOAT64, "-1e-300", {0x81a5, 0x6e1f, 0xc2f8, 0xf359}, NULL},
    {TYPE_BCD16, "0", {0}, NULL},
    {TYPE_BCD16, "9", {0x0009}, NULL},
    {TYPE_BCD16, "1234", {0x1234}, NULL},
    {TYPE_BCD16, "9999", {0x9999}, NULL},
    {TYPE_BCD16, "1233.5", {0x1234}, "1234"},
    {TYPE_BCD32, "12345678", {0x1234, 0x5678}, NULL},
    {TYPE_BCD32, "99999999", {0x9999, 0x9999}, NULL},
    {TYPE_BCD32, "10000", {0x0001, 0x0000}, NULL},
    {TYPE_BOOL, "true", {1}, NULL},
    {TYPE_BOOL, "false", {0}, NULL},
};

/* Byte i of the registers in each order comes from this byte of ABCDEFGH. */
static const char *const layouts[3][ORDER_COUNT] = {
    {"AB", "AB", "BA", "BA"},
    {"ABCD", "CDAB", "BADC", "DCBA"},
    {"ABCDEFGH", "GHEFCDAB", "BADCFEHG", "HGFEDCBA", "ABCDEFGH", "BADCFEHG", "CDABGHEF", "DCBAHGFE",
     "EFGHABCD", "FEHGBADC", "GHEFCDAB", "HGFEDCBA"},
};

static void reorder(enum byte_order order, unsigned width, const uint16_t *from, uint16_t *to)
{
    const char *layout = layouts[width == 4 ? 2 : width - 1][order];
    for (unsigned i = 0; i < width; i++) {
        unsigned high = (unsigned)(layout[2 * i] - 'A'), low = (unsigned)(layout[2 * i + 1] - 'A');
        unsigned a = high % 2 ? from[high / 2] & 0xff : from[high / 2] >> 8;
        unsigned b = low % 2 ? from[low / 2] & 0xff : from[low / 2] >> 8;
        to[i] = (uint16_t)(a << 8 | b);
    }
}

static void test_every_type_and_order(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(rows); i++) {
        bool is_wide = type_info[rows[i].type].registers == 4;
        for (unsigned order = 0; order < (is_wide ? ORDER_COUNT : ORDER_OF_EIGHT_BYTES); order++) {
            struct point point = make_point(rows[i].type);
            unsigned width = point_width(&point);
            struct codec_registers got = {0};
            uint16_t expected[4] = {rows[i].words[0]};
            char text[CODEC_TEXT_SIZE], back[VALUE_TEXT_SIZE], name[80];
            struct value value;
            point.order = (uint8_t)order;
            snprintf(name, sizeof name, "%s as %s %s", rows[i].text, type_names[point.type],
                     order_names[order]);
            if (point.type != TYPE_BOOL)
                reorder(point.order, width, rows[i].words, expected);
            check_row(encode_text(&point, rows[i].text, &got) == FAULT_NONE, name);
            check_row(memcmp(got.words, expected, width * 2) == 0, name);
            codec_decode(&point, got.words, text, &value);
            value_format_json(&value, back);
            check_row(strcmp(back, rows[i].back ? rows[i].back : rows[i].text) == 0, name);
        }
    }
}

/* A new value type is a row in value_types.h and one here. */
static void test_every_type_has_a_row(void **state)
{
    (void)state;
    for (unsigned type = 0; type < TYPE_COUNT; type++) {
        bool found = type == TYPE_STRING || type_info[type].is_byte; /* test_strings, test_bytes */
        for (size_t i = 0; i < COUNT(rows); i++)
            found = found || rows[i].type == type;
        check_row(found, type_names[type]);
    }
}

static const struct {
    enum value_type type;
    const char *text, *clamped;
} overflows[] = {
    {TYPE_INT16, "32768", "32767"},
    {TYPE_INT16, "-32769", "-32768"},
    {TYPE_INT16, "32767.5", "32767"},
    {TYPE_UINT16, "65536", "65535"},
    {TYPE_UINT16, "-1", "0"},
    {TYPE_INT32, "2147483648", "2147483647"},
    {TYPE_INT32, "-2147483649", "-2147483648"},
    {TYPE_UINT32, "4294967296", "4294967295"},
    {TYPE_INT64, "9223372036854775808", "9223372036854775807"},
    {TYPE_INT64, "-9223372036854775809", "-9223372036854775808"},
    {TYPE_UINT64, "18446744073709551616", "18446744073709551615"},
    {TYPE_UINT64, "-1", "0"},
    {TYPE_UINT64, "1e300", "18446744073709551615"},
    {TYPE_BCD16, "10000", "9999"},
    {TYPE_BCD16, "9999.5", "9999"},
    {TYPE_BCD16, "-1", "0"},
    {TYPE_BCD32, "100000000", "99999999"},
    {TYPE_BCD32, "-1", "0"},
    {TYPE_INT8, "128", "127"},
    {TYPE_INT8, "-129", "-128"},
    {TYPE_UINT8, "256", "255"},
    {TYPE_UINT8, "-1", "0"},
    {TYPE_FLOAT32, "1e39", "3.4028235e+38"},
    {TYPE_FLOAT32, "-1e39", "-3.4028235e+38"},
};

static void test_overflow(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(overflows); i++) {
        struct point point = make_point(overflows[i].type);
        struct codec_registers registers = {{0x1234}};
        char text[CODEC_TEXT_SIZE], back[VALUE_TEXT_SIZE];
        struct value value;
        check_row(encode_text(&point, overflows[i].text, &registers) == FAULT_OUT_OF_RANGE,
                  overflows[i].text);
        check_row(registers.words[0] == 0x1234, overflows[i].text);
        point.overflow = OVERFLOW_CLAMP;
        check_row(encode_text(&point, overflows[i].text, &registers) == FAULT_NONE,
                  overflows[i].text);
        codec_decode(&point, registers.words, text, &value);
        value_format_json(&value, back);
        if (strcmp(back, overflows[i].clamped) != 0)
            fail_msg("%s clamps to %s, not %s", overflows[i].text, back, overflows[i].clamped);
    }
}

/* value = register × scale + offset. */
static const struct {
    enum value_type type;
    double scale, offset;
    const char *text;
    uint16_t word; /* the last of the value */
    const char *back;
} scales[] = {
    {TYPE_INT16, 0.1, 0, "21.3", 213, "21.3"},
    {TYPE_INT16, 0.1, 0, "0.3", 3, "0.3"},
    {TYPE_INT16, 0.1, 0, "0.15", 2, "0.2"},
    {TYPE_INT16, 0.1, 0, "-0.15", (uint16_t)-2, "-0.2"},
    {TYPE_INT16, 0.1, 0, "0.35", 4, "0.4"},
    {TYPE_INT16, 0.1, 0, "0.25", 3, "0.3"},
    {TYPE_INT16, 0.1, 0, "0.14999", 1, "0.1"},
    {TYPE_UINT16, 0.001, 0, "12.345", 12345, "12.345"},
    {TYPE_UINT16, 10, 0, "30", 3, "30"},
    {TYPE_UINT16, 7, 0, "21", 3, "21"},
    {TYPE_INT16, -0.5, 0, "2", (uint16_t)-4, "2"},
    {TYPE_INT16, 0.1, -40, "21.5", 615, "21.5"},
    {TYPE_INT16, 1, 100, "90", (uint16_t)-10, "90"},
    {TYPE_UINT16, 0.01, 0, "655.35", 65535, "655.35"},
    {TYPE_BCD16, 0.01, 0, "99.99", 0x9999, "99.99"},
    {TYPE_BCD16, 0.1, -40, "21.5", 0x0615, "21.5"},
    {TYPE_INT8, 0.5, 0, "-64", 0x80, "-64"},
    {TYPE_UINT8, 2, -10, "500", 0xff, "500"},
};

static void test_scale(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(scales); i++) {
        struct point point = make_point(scales[i].type);
        struct codec_registers registers;
        char text[CODEC_TEXT_SIZE], back[VALUE_TEXT_SIZE];
        struct value value;
        point.scale = scales[i].scale;
        point.offset = scales[i].offset;
        check_row(encode_text(&point, scales[i].text, &registers) == FAULT_NONE, scales[i].text);
        if (registers.words[0] != scales[i].word)
            fail_msg("%s is register %u, not %u", scales[i].text, registers.words[0],
                     scales[i].word);
        codec_decode(&point, registers.words, text, &value);
        value_format_json(&value, back);
        if (strcmp(back, scales[i].back) != 0)
            fail_msg("%s reads back as %s", scales[i].text, back);
    }
}

/* Each register value of a scaled 16-bit type survives decoding and encoding. */
static void test_scale_round_trip(void **state)
{
    (void)state;
    static const double scale_list[] = {0.1, 0.01, 0.001, 0.5, 3, -0.25, 1e-6, 123.456};
    for (size_t s = 0; s < COUNT(scale_list); s++) {
        struct point point = make_point(TYPE_INT16);
        point.scale = scale_list[s];
        point.offset = s % 2 ? -12.7 : 0;
        for (uint32_t word = 0; word <= UINT16_MAX; word++) {
            uint16_t in = (uint16_t)word;
            struct codec_registers out;
            struct value value;
            char text[CODEC_TEXT_SIZE];
            codec_decode(&point, &in, text, &value);
            assert_int_equal(codec_encode(&point, &value, &out), FAULT_NONE);
            assert_int_equal(out.words[0], in);
        }
    }
}

static void test_scaled_float(void **state)
{
    (void)state;
    struct point point = make_point(TYPE_FLOAT32);
    struct codec_registers registers;
    struct value value;
    char text[CODEC_TEXT_SIZE], back[VALUE_TEXT_SIZE];
    point.scale = 0.1;
    assert_int_equal(encode_text(&point, "2.13", &registers), FAULT_NONE);
    codec_decode(&point, registers.words, text, &value);
    value_format_json(&value, back);
    assert_string_equal(back, "2.13");
}

static void test_bits(void **state)
{
    (void)state;
    struct point point = make_point(TYPE_BOOL);
    struct codec_registers registers;
    struct value value;
    char text[CODEC_TEXT_SIZE];
    for (int8_t bit = 0; bit < 16; bit++) {
        uint16_t on = (uint16_t)(1U << bit), off = (uint16_t)~on;
        point.bit = bit;
        codec_decode(&point, &on, text, &value);
        assert_true(value.kind == VALUE_BOOL && value.truth);
        codec_decode(&point, &off, text, &value);
        assert_false(value.truth);
        assert_int_equal(encode_text(&point, "ON", &registers), FAULT_NONE);
        assert_int_equal(registers.words[0], 1);
    }
    point.bit = NO_BIT;
    uint16_t any = 0x0100;
    codec_decode(&point, &any, text, &value);
    assert_true(value.truth);
}

/* Each byte value of each part; the other byte does not count. */
static void test_bytes(void **state)
{
    (void)state;
    for (int number = -128; number < 256; number++) {
        for (uint8_t byte = BYTE_LOW; byte <= BYTE_HIGH; byte++) {
            struct point point = make_point(number < 0 ? TYPE_INT8 : TYPE_UINT8);
            struct codec_registers registers;
            struct value value;
            char text[CODEC_TEXT_SIZE], shown[VALUE_TEXT_SIZE];
            point.byte = byte;
            point.order = (uint8_t)((unsigned)number % ORDER_OF_EIGHT_BYTES);
            snprintf(shown, sizeof shown, "%d", number);
            assert_int_equal(encode_text(&point, shown, &registers), FAULT_NONE);
            assert_int_equal(registers.words[0], number & 0xff);
            uint16_t word = point_place_part(&point, registers.words[0]);
            assert_int_equal(word & ~point_mask(&point), 0);
            assert_int_equal(point_take_part(&point, word), registers.words[0]);
            word |= (uint16_t)(~point_mask(&point) & 0x5a5a);
            codec_decode(&point, &word, text, &value);
            value_format_json(&value, text);
            assert_string_equal(text, shown);
            struct point content = point_of_content(&point);
            codec_decode(&content, registers.words, text, &value);
            value_format_json(&value, text);
            assert_string_equal(text, shown);
        }
    }
    struct point high = make_point(TYPE_INT8), low = high, bit = make_point(TYPE_BOOL);
    high.byte = BYTE_HIGH;
    bit.bit = 9;
    assert_int_equal(point_mask(&high), 0xff00);
    assert_int_equal(point_mask(&low), 0x00ff);
    assert_int_equal(point_mask(&bit), 0x0200);
    assert_true(point_is_part(&low) && point_is_part(&bit));
    bit.bit = NO_BIT;
    assert_int_equal(point_mask(&bit), 0xffff);
    assert_false(point_is_part(&bit));
    assert_false(point_is_equal(&high, &low));
}

/* A digit above 9 is no value, in any place and order; all others are. */
static void test_registers_that_are_no_bcd(void **state)
{
    (void)state;
    struct point point = make_point(TYPE_BCD16), number = make_point(TYPE_FLOAT32);
    struct point flag = make_point(TYPE_BOOL), letters = make_point(TYPE_STRING);
    struct codec_registers registers;
    struct value value;
    char text[CODEC_TEXT_SIZE];
    unsigned valid = 0;
    for (uint32_t word = 0; word <= UINT16_MAX; word++) {
        uint16_t words[2] = {(uint16_t)word, 0x1234};
        bool expected = true;
        for (unsigned shift = 0; shift < 16; shift += 4)
            expected = expected && (word >> shift & 0xf) <= 9;
        valid += expected;
        point.type = TYPE_BCD16;
        point.order = word % 2 ? ORDER_BADC : ORDER_ABCD;
        check_row(codec_is_valid(&point, words) == expected, "16 bits");
        codec_decode(&point, words, text, &value);
        check_row(expected ? value.kind == VALUE_INTEGER : isnan(value.real), "16 bits");
        point.type = TYPE_BCD32;
        point.order = (uint8_t)(word % ORDER_OF_EIGHT_BYTES);
        check_row(codec_is_valid(&point, words) == expected, "32 bits");
        if (expected)
            continue;
        check_row(codec_recode(&point, words, &number, &registers) == FAULT_NOT_BCD, "number");
        check_row(codec_recode(&point, words, &flag, &registers) == FAULT_NOT_BCD, "bool");
        check_row(codec_recode(&point, words, &letters, &registers) == FAULT_NOT_BCD, "string");
    }
    assert_int_equal(valid, 10000);
    /* Any other type takes all registers. */
    const uint16_t any[4] = {0xffff, 0xffff, 0xffff, 0xffff};
    for (uint8_t type = 0; type < TYPE_COUNT; type++) {
        point.type = type;
        assert_int_equal(codec_is_valid(&point, any), type != TYPE_BCD16 && type != TYPE_BCD32);
    }
}

static const struct {
    const char *text;
    enum byte_order order;
    enum on_overflow overflow;
    enum fault fault;
    uint16_t words[4];
    const char *back;
} strings[] = {
    {"AB", ORDER_ABCD, OVERFLOW_REJECT, FAULT_NONE, {0x4142}, "AB"},
    {"ABC", ORDER_ABCD, OVERFLOW_REJECT, FAULT_NONE, {0x4142, 0x4300}, "ABC"},
    {"ABC", ORDER_CDAB, OVERFLOW_REJECT, FAULT_NONE, {0x4142, 0x4300}, "ABC"},
    {"ABC", ORDER_BADC, OVERFLOW_REJECT, FAULT_NONE, {0x4241, 0x0043}, "ABC"},
    {"ABC", ORDER_DCBA, OVERFLOW_REJECT, FAULT_NONE, {0x4241, 0x0043}, "ABC"},
    {"", ORDER_ABCD, OVERFLOW_REJECT, FAULT_NONE, {0}, ""},
    {"ABCDEFGH",
     ORDER_ABCD,
     OVERFLOW_REJECT,
     FAULT_NONE,
     {0x4142, 0x4344, 0x4546, 0x4748},
     "ABCDEFGH"},
    {"ABCDEFGHI", ORDER_ABCD, OVERFLOW_REJECT, FAULT_TOO_LONG, {0}, NULL},
    {"ABCDEFGHI",
     ORDER_ABCD,
     OVERFLOW_CLAMP,
     FAULT_NONE,
     {0x4142, 0x4344, 0x4546, 0x4748},
     "ABCDEFGH"},
    {"ABCDEFG\xc3\xa4",
     ORDER_ABCD,
     OVERFLOW_CLAMP,
     FAULT_NONE,
     {0x4142, 0x4344, 0x4546, 0x4700},
     "ABCDEFG"},
    {"\xc3\xa4", ORDER_ABCD, OVERFLOW_REJECT, FAULT_NONE, {0xc3a4}, "\xc3\xa4"},
};

static void test_strings(void **state)
{
    (void)state;
    for (size_t i = 0; i < COUNT(strings); i++) {
        struct point point = make_point(TYPE_STRING);
        struct codec_registers registers = {{1, 2, 3, 4}};
        char text[CODEC_TEXT_SIZE];
        struct value value;
        point.order = (uint8_t)strings[i].order;
        point.overflow = (uint8_t)strings[i].overflow;
        check_row(encode_text(&point, strings[i].text, &registers) == strings[i].fault,
                  strings[i].text);
        if (strings[i].fault != FAULT_NONE) {
            check_row(registers.words[0] == 1, strings[i].text);
            continue;
        }
        check_row(memcmp(registers.words, strings[i].words, 8) == 0, strings[i].text);
        codec_decode(&point, registers.words, text, &value);
        check_row(value.len == strlen(strings[i].back), strings[i].text);
        check_row(memcmp(value.text, strings[i].back, value.len) == 0, strings[i].text);
    }
}

static void test_stale(void **state)
{
    (void)state;
    struct codec_registers registers = {0};
    struct point point = make_point(TYPE_FLOAT32);
    assert_false(codec_encode_stale(&point, &registers));
    point.stale = STALE_NAN;
    assert_true(codec_encode_stale(&point, &registers));
    assert_int_equal(registers.words[0], 0x7fc0);
    point.type = TYPE_FLOAT64;
    assert_true(codec_encode_stale(&point, &registers));
    assert_int_equal(registers.words[0], 0x7ff8);
    assert_int_equal(registers.words[3], 0);
    point = make_point(TYPE_INT16);
    point.stale = STALE_RAW;
    point.stale_raw = -32768;
    point.scale = 0.1;
    assert_true(codec_encode_stale(&point, &registers));
    assert_int_equal(registers.words[0], 0x8000);
    /* From a store that others have changed: as near as possible. */
    point.overflow = OVERFLOW_REJECT;
    point.stale_raw = -40000;
    assert_true(codec_encode_stale(&point, &registers));
    assert_int_equal(registers.words[0], 0x8000);
}

static void test_recode(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        struct point from, to;
        uint16_t words[4], expected[4];
        enum fault fault;
    } recodings[] = {
        {"scale",
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 0.1},
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 0.01},
         {215},
         {2150},
         FAULT_NONE},
        {"order",
         {.type = TYPE_FLOAT32, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_FLOAT32, .order = ORDER_DCBA, .bit = NO_BIT, .scale = 1},
         {0x3fc0, 0},
         {0, 0xc03f},
         FAULT_NONE},
        {"exact over 64 bits",
         {.type = TYPE_UINT64, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_UINT64, .order = ORDER_CDAB, .bit = NO_BIT, .scale = 1},
         {0xffff, 0xffff, 0xffff, 0xfffd},
         {0xfffd, 0xffff, 0xffff, 0xffff},
         FAULT_NONE},
        {"a text with blanks",
         {.type = TYPE_STRING, .bit = NO_BIT, .length = 2, .scale = 1},
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 1},
         {0x2035, 0x0d0a},
         {5},
         FAULT_NONE},
        {"a byte to the other one",
         {.type = TYPE_INT8, .byte = BYTE_HIGH, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_INT8, .bit = NO_BIT, .scale = 1},
         {0xfe},
         {0xfe},
         FAULT_NONE},
        {"a byte to a number",
         {.type = TYPE_INT8, .byte = BYTE_HIGH, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 1},
         {0xfe},
         {0xfffe},
         FAULT_NONE},
        {"a number to BCD",
         {.type = TYPE_UINT32, .order = ORDER_CDAB, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_BCD32, .bit = NO_BIT, .scale = 1},
         {0x614e, 0x00bc},
         {0x1234, 0x5678},
         FAULT_NONE},
        {"too large",
         {.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 1},
         {40000},
         {0},
         FAULT_OUT_OF_RANGE},
        {"bit to number",
         {.type = TYPE_BOOL, .bit = 7, .scale = 1},
         {.type = TYPE_UINT16, .bit = NO_BIT, .scale = 1},
         {1},
         {1},
         FAULT_NONE},
        {"number to bit",
         {.type = TYPE_FLOAT32, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_BOOL, .bit = 3, .scale = 1},
         {0x3fc0, 0},
         {1},
         FAULT_NONE},
        {"text to number",
         {.type = TYPE_STRING, .length = 2, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 0.5},
         {0x2d37, 0},
         {0xfff2},
         FAULT_NONE},
        {"text that is no number",
         {.type = TYPE_STRING, .length = 1, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 1},
         {0x6f6e},
         {0},
         FAULT_NOT_A_NUMBER},
        {"number to text",
         {.type = TYPE_INT16, .bit = NO_BIT, .scale = 0.1},
         {.type = TYPE_STRING, .length = 2, .bit = NO_BIT, .scale = 1},
         {215},
         {0x3231, 0x2e35},
         FAULT_NONE},
        {"a number that fills the text",
         {.type = TYPE_UINT32, .bit = NO_BIT, .scale = 1},
         {.type = TYPE_STRING, .length = 1, .bit = NO_BIT, .scale = 1},
         {0, 70},
         {0x3730, 0},
         FAULT_NONE},
    };
    for (size_t i = 0; i < sizeof recodings / sizeof recodings[0]; i++) {
        struct codec_registers found = {{0}};
        enum fault fault =
            codec_recode(&recodings[i].from, recodings[i].words, &recodings[i].to, &found);
        if (fault != recodings[i].fault ||
            memcmp(found.words, recodings[i].expected, point_width(&recodings[i].to) * 2) != 0)
            fail_msg("%s: %s, %04x %04x", recodings[i].name, fault_names[fault], found.words[0],
                     found.words[1]);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_recode),
        cmocka_unit_test(test_every_type_and_order),
        cmocka_unit_test(test_every_type_has_a_row),
        cmocka_unit_test(test_overflow),
        cmocka_unit_test(test_scale),
        cmocka_unit_test(test_scale_round_trip),
        cmocka_unit_test(test_scaled_float),
        cmocka_unit_test(test_bits),
        cmocka_unit_test(test_bytes),
        cmocka_unit_test(test_registers_that_are_no_bcd),
        cmocka_unit_test(test_strings),
        cmocka_unit_test(test_stale),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
