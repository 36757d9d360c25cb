/* Converts values to registers and back: types, byte orders, scaling, overflow. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_CODEC_H
#define TAGFERRY_COMMON_MODEL_CODEC_H

#include <stdint.h>

#include "common/model/fault.h"
#include "common/model/tag.h"
#include "common/model/value.h"

/* Registers of one point, point_width of them; a bit, or a bool, is words[0] 0 or 1, and a byte is
 * words[0] 0 to 255. */
struct codec_registers {
    uint16_t words[POINT_REGISTERS_MAX];
};

/* Encodes a value that value_read_scalar returned for the same type. On a fault, `registers` is
 * unchanged.
 */
enum fault codec_encode(const struct point *point, const struct value *value,
                        struct codec_registers *registers);

/* Bytes that codec_decode needs for a string. */
_Static_assert(POINT_REGISTERS_MAX == STRING_REGISTERS_MAX, "a string is the longest value");
enum { CODEC_TEXT_SIZE = 2 * STRING_REGISTERS_MAX };

/* Decodes registers. For a bit or a byte words[0] is the whole register: point_of_content is the
 * point for encoded registers. A string value points into `text` and ends before the first byte
 * that is not valid UTF-8. Registers that codec_is_valid refuses become NaN. */
void codec_decode(const struct point *point, const uint16_t *words, char text[CODEC_TEXT_SIZE],
                  struct value *value);

/* False for registers that cannot be a value of the type: those of binary coded decimal with a
 * digit above 9. */
bool codec_is_valid(const struct point *point, const uint16_t *words);

/* Writes up to four registers of the point as "0x12ab 0x0034". */
enum { CODEC_HEX_SIZE = 4 * 7 };
void codec_format_hex(const struct point *point, const uint16_t *words, char text[CODEC_HEX_SIZE]);

/* Converts registers of one point to registers of another with the same value. Both are as encoded,
 * also a bit or a byte. On a fault, `registers` is unchanged. */
enum fault codec_recode(const struct point *from, const uint16_t *words, const struct point *to,
                        struct codec_registers *registers);

/* Encodes a value that a person or a setting gives, not a message: strings are looked up in the
 * map, numbers and booleans are what a decoded value shows. `is_command`: the value will be
 * published; if there are entries in the map, FAULT_UNMAPPED_NUMBER for a number that no entry
 * stands for. On a fault, `registers` may be changed. */
enum fault codec_encode_given(const struct point *point, const struct value_map *map,
                              bool is_command, const struct scalar *scalar,
                              struct codec_registers *registers);

/* Sets the registers to write when the value becomes stale. False for STALE_HOLD. */
bool codec_encode_stale(const struct point *point, struct codec_registers *registers);

#endif
