/* Converts JSON scalars to values and values to JSON. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_VALUE_H
#define TAGFERRY_COMMON_MODEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/fault.h"
#include "common/model/tag.h"

enum scalar_kind { SCALAR_NULL, SCALAR_BOOL, SCALAR_NUMBER, SCALAR_STRING, SCALAR_OTHER };

/* A JSON value from a parser; OTHER is an array or object. */
struct scalar {
    enum scalar_kind kind;
    bool truth;       /* of BOOL */
    double number;    /* of NUMBER */
    const char *text; /* of STRING: UTF-8, borrowed */
    size_t len;
};

/* mqtt.values: strings that represent numbers. */
struct value_map_entry {
    const char *text;
    double number;
};
struct value_map {
    size_t count;
    const struct value_map_entry *entries; /* borrowed */
};

enum value_kind { VALUE_NONE, VALUE_REAL, VALUE_INTEGER, VALUE_BOOL, VALUE_TEXT };

/* A value in engineering units. Integers are sign and magnitude: exact over int64 and uint64. */
struct value {
    enum value_kind kind;
    bool negative, truth;
    uint64_t magnitude;
    double real;
    const char *text; /* UTF-8, borrowed, not terminated */
    size_t len;
};

/* Converts the scalar to a value of this type. FAULT_NONE, or the reason of a refusal. An integer
 * of 2^53 or more is accepted only as a string, since parsers round numbers of that size. `map` may
 * be NULL. */
enum fault value_read_scalar(const struct scalar *scalar, enum value_type type,
                             const struct value_map *map, struct value *value);

/* The nearest double of a REAL, INTEGER or BOOL. */
double value_to_double(const struct value *value);
/* The string of the map for this number, or NULL. */
const char *value_map_find_text(const struct value_map *map, const struct value *value);

enum { VALUE_TEXT_SIZE = 40 };
/* Formats as the shortest text that parses to the same double. */
void value_format_double(double number, char text[VALUE_TEXT_SIZE]);
/* Rounds the number to the 15 significant digits that a double always preserves. */
double value_round_double(double number);
/* The double of the shortest decimal that parses to the same float: 21.3f becomes 21.3. */
double value_widen_float(float number);
/* Formats REAL, INTEGER and BOOL as JSON; NaN and infinities become null. */
void value_format_json(const struct value *value, char text[VALUE_TEXT_SIZE]);
/* True for an integer that a double may not represent exactly: JSON needs a string. */
bool value_needs_quotes(const struct value *value);

#endif
