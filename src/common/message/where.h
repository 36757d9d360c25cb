/* mqtt.where of a device: keys of a payload, and the values that a message of the device has there.
 * Pure.
 *
 * The conditions are kept as packed texts, so that devices with the same keys can be found by
 * one look-up of the values. */
#ifndef TAGFERRY_COMMON_MESSAGE_WHERE_H
#define TAGFERRY_COMMON_MESSAGE_WHERE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/value.h"

enum { WHERE_COUNT_MAX = 16 };

/* Packed texts: each is terminated, the next one follows. A value begins with a letter for its
 * type. */
struct where {
    uint32_t count;
    const char *keys; /* sorted, without repetition */
    const char *values;
    uint32_t keys_size, values_size; /* with the terminators */
};

/* Reads the column device.mqtt_where. `where` borrows from *memory, which the caller frees. Without
 * a condition, *memory is NULL. Returns false when out of memory, and for a text that is not an
 * object of 1 to WHERE_COUNT_MAX scalars. */
bool where_parse(const char *json, struct where *where, char **memory);

/* A scalar of a message in the form in which values are compared. It borrows the scalar's text. */
struct where_value {
    char type;
    const char *text; /* or NULL: `digits` */
    size_t len;
    char digits[VALUE_TEXT_SIZE];
};
/* Returns false for a scalar that no condition can have: null, an array, an object. */
bool where_value_read(const struct scalar *scalar, struct where_value *value);

/* Hashes of packed values, and of as many values of a message: equal for equal values. */
uint32_t where_hash_packed(const struct where *where);
uint32_t where_hash_values(const struct where_value *values, uint32_t count);
/* True when the values of a message, in the order of the keys, are those of the conditions. */
bool where_is_met(const struct where *where, const struct where_value *values);

#endif
