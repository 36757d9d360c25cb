/* Values to registers and back: types, byte orders, scaling, overflow. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_CODEC_H
#define TAGFERRY_COMMON_MODEL_CODEC_H

#include <stdint.h>

#include "common/model/fault.h"
#include "common/model/tag.h"
#include "common/model/value.h"

/* Registers of one point, point_width of them; a bit, or a bool, is words[0] 0 or 1. */
struct codec_registers {
    uint16_t words[POINT_REGISTERS_MAX];
};

/* Encodes what value_read_scalar made for the same type. On a fault nothing is written. */
enum fault codec_encode(const struct point *point, const struct value *value,
                        struct codec_registers *registers);

/* Bytes that codec_decode needs for a string. */
_Static_assert(POINT_REGISTERS_MAX == STRING_REGISTERS_MAX, "a string is the longest value");
enum { CODEC_TEXT_SIZE = 2 * STRING_REGISTERS_MAX };

/* Decodes. For a point with a bit, words[0] is the whole register. The value of a string lies in
 * `text`; it ends before the first byte that is not valid UTF-8. */
void codec_decode(const struct point *point, const uint16_t *words, char text[CODEC_TEXT_SIZE],
                  struct value *value);

/* Converts registers of one point to those of another, so that both mean the same value. A bit is
 * words[0] 0 or 1 on both sides. On a fault nothing is written. */
enum fault codec_recode(const struct point *from, const uint16_t *words, const struct point *to,
                        struct codec_registers *registers);

/* The registers to write when the value becomes stale. False when the last value is to be kept. */
bool codec_encode_stale(const struct point *point, struct codec_registers *registers);

#endif
