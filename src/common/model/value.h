/* Converts JSON scalars to values and values to JSON. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_VALUE_H
#define TAGFERRY_COMMON_MODEL_VALUE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/fault.h"
#include "common/model/pattern.h"
#include "common/model/tag.h"

struct cJSON;

enum scalar_kind { SCALAR_NULL, SCALAR_BOOL, SCALAR_NUMBER, SCALAR_STRING, SCALAR_OTHER };

/* A JSON value as a parser hands it over; OTHER is an array or an object, or what `text` says. A
 * payload that is read as a text is a STRING. */
struct scalar {
    enum scalar_kind kind;
    bool truth;       /* of BOOL */
    double number;    /* of NUMBER */
    const char *text; /* of STRING: UTF-8, borrowed; of OTHER: what it is, or NULL */
    size_t len;
};

/* A value of a tree of JSON, whose text it borrows. */
struct scalar scalar_from_json(const struct cJSON *item);

/* mqtt.values: texts that stand for numbers. Strings, numbers and booleans are looked up by their
 * text. */
struct value_map_entry {
    const char *text;
    double number;
};
struct value_map {
    size_t count;
    const struct value_map_entry *entries; /* borrowed; in the order of value_map_sort */
};

/* How a tag reads scalars. Zeroed: numbers in decimal. */
struct value_reading {
    const struct value_map *map;   /* or NULL */
    const struct pattern *pattern; /* or NULL: takes the value out of the text, before all else */
    uint8_t number;                /* enum number_format of texts; a JSON number is decimal */
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

enum { VALUE_TEXT_SIZE = 40 };

/* A piece of a text: borrowed, not terminated. */
struct text_span {
    const char *text;
    size_t len;
};
/* Leaves out what devices send around a value: blanks, line ends, NULs. */
struct text_span text_span_trim(struct text_span span);
bool text_span_is_equal(struct text_span a, struct text_span b);
/* Returns the JSON text of a STRING, BOOL or NUMBER, a string without quotes. It is in `text`, or
 * borrowed. An integer below 2^53 has all its digits. */
struct text_span value_scalar_text(const struct scalar *scalar, char text[VALUE_TEXT_SIZE]);

/* Reads the scalar as a value of this type. FAULT_NONE, or the reason why it is refused. An integer
 * of 2^53 or more is accepted only as a string, since parsers round numbers of that size. Blanks,
 * line ends and NULs around a number or a word do not count. A VALUE_TEXT borrows the scalar's text
 * or lies in `text`. `reading` may be NULL: the same as a zeroed one. */
enum fault value_read_scalar(const struct scalar *scalar, enum value_type type,
                             const struct value_reading *reading, char text[VALUE_TEXT_SIZE],
                             struct value *value);

/* Puts the entries into the order that lookups need. */
void value_map_sort(struct value_map_entry *entries, size_t count);

/* The nearest double of a REAL, INTEGER or BOOL. */
double value_to_double(const struct value *value);
/* The text that stands for this number in the map, or NULL. */
const char *value_map_find_text(const struct value_map *map, const struct value *value);

/* True for a quality that says "good": true, 192 to 255, or the word in any case. */
bool value_is_good_quality(const struct scalar *quality);
/* The shortest text that reads back as the same double. */
void value_format_double(double number, char text[VALUE_TEXT_SIZE]);
/* Rounds the number to the 15 significant digits that a double always preserves. */
double value_round_double(double number);
/* The double of the shortest decimal whose double rounds to the same float: 21.3f becomes 21.3. */
double value_widen_float(float number);
/* Formats REAL, INTEGER and BOOL as JSON; NaN and infinities become null. */
void value_format_json(const struct value *value, char text[VALUE_TEXT_SIZE]);
/* True for an integer that a double may not represent exactly: JSON needs a string. */
bool value_needs_quotes(const struct value *value);

#endif
