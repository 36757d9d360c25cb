/* The value types, one row each. The enum, the names and the table in tag.[hc] and the dispatch in
 * codec.c follow from the rows. A new type needs a row at the end, a row in
 * tests/unit/test_codec.c and, if no other type has the same coding, an encoder and a decoder in
 * codec.c.
 * The live table stores the numbers of types: do not change the order.
 *
 *   TYPE(id, name, registers, coding, limits...)
 *
 * id         TYPE_<id> is the constant
 * name       in the REST API, the store and CSV files
 * registers  of one value; 0 when modbus.length of the tag gives the number
 * coding     codec_encode_<coding> and codec_decode_<coding>
 * limits     of a register's value, before scaling: one of the macros below */
#ifndef TAGFERRY_COMMON_MODEL_VALUE_TYPES_H
#define TAGFERRY_COMMON_MODEL_VALUE_TYPES_H

#include <float.h>
#include <stdint.h>

/* The magnitudes of the minimum and the maximum. */
#define INTEGER_LIMITS(lowest, highest)                                                            \
    .is_integer = true, .below = (lowest), .above = (highest), .min = -(double)(lowest),           \
    .max = (double)(highest)
#define FLOAT_LIMIT(highest) .is_float = true, .min = -(highest), .max = (highest)
#define BOOL_LIMITS          .min = 0, .max = 1
/* Of one byte of a register, which modbus.byte of the tag names. */
#define BYTE_LIMITS(lowest, highest) .is_byte = true, INTEGER_LIMITS(lowest, highest)
#define NO_LIMITS                    .min = 0, .max = 0

/* clang-format off */
#define VALUE_TYPE_LIST(TYPE)                                                                      \
    TYPE(BOOL,    "bool",    1, bool,    BOOL_LIMITS)                                              \
    TYPE(INT16,   "int16",   1, integer, INTEGER_LIMITS(0x8000U, INT16_MAX))                       \
    TYPE(UINT16,  "uint16",  1, integer, INTEGER_LIMITS(0U, UINT16_MAX))                           \
    TYPE(INT32,   "int32",   2, integer, INTEGER_LIMITS(0x80000000U, INT32_MAX))                   \
    TYPE(UINT32,  "uint32",  2, integer, INTEGER_LIMITS(0U, UINT32_MAX))                           \
    TYPE(INT64,   "int64",   4, integer, INTEGER_LIMITS(UINT64_C(1) << 63, INT64_MAX))             \
    TYPE(UINT64,  "uint64",  4, integer, INTEGER_LIMITS(0U, UINT64_MAX))                           \
    TYPE(FLOAT32, "float32", 2, float,   FLOAT_LIMIT((double)FLT_MAX))                             \
    TYPE(FLOAT64, "float64", 4, float,   FLOAT_LIMIT(DBL_MAX))                                     \
    TYPE(STRING,  "string",  0, string,  NO_LIMITS)                                                \
    TYPE(BCD16,   "bcd16",   1, bcd,     INTEGER_LIMITS(0U, 9999U))                                \
    TYPE(BCD32,   "bcd32",   2, bcd,     INTEGER_LIMITS(0U, 99999999U))                            \
    TYPE(INT8,    "int8",    1, byte,    BYTE_LIMITS(0x80U, INT8_MAX))                             \
    TYPE(UINT8,   "uint8",   1, byte,    BYTE_LIMITS(0U, UINT8_MAX))
/* clang-format on */

#endif
