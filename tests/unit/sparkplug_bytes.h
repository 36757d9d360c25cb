/* Payloads of Sparkplug B written byte by byte, as protobuf says: no code of the decoder is used.
 */
#ifndef TAGFERRY_TESTS_SPARKPLUG_BYTES_H
#define TAGFERRY_TESTS_SPARKPLUG_BYTES_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct bytes {
    char data[4096];
    size_t len;
};

static inline void put_byte(struct bytes *to, unsigned byte)
{
    to->data[to->len++] = (char)byte;
}

static inline void put_varint(struct bytes *to, uint64_t number)
{
    for (; number > 127; number >>= 7)
        put_byte(to, (unsigned)(number & 127) | 128);
    put_byte(to, (unsigned)number);
}

/* A field of wire type 0. */
static inline void put_number(struct bytes *to, unsigned field, uint64_t number)
{
    put_varint(to, field << 3);
    put_varint(to, number);
}

/* Of wire type 2. */
static inline void put_text(struct bytes *to, unsigned field, const void *data, size_t len)
{
    put_varint(to, field << 3 | 2);
    put_varint(to, len);
    memcpy(to->data + to->len, data, len);
    to->len += len;
}

/* The lowest byte first, in each byte order. */
static inline void put_fixed(struct bytes *to, uint64_t number, size_t size)
{
    for (size_t i = 0; i < size; i++)
        put_byte(to, (unsigned)(number >> (8 * i)) & 255);
}

static inline void put_float(struct bytes *to, unsigned field, float number)
{
    uint32_t bits;
    memcpy(&bits, &number, sizeof bits);
    put_varint(to, field << 3 | 5);
    put_fixed(to, bits, sizeof bits);
}

static inline void put_double(struct bytes *to, unsigned field, double number)
{
    uint64_t bits;
    memcpy(&bits, &number, sizeof bits);
    put_varint(to, field << 3 | 1);
    put_fixed(to, bits, sizeof bits);
}

/* Numbers of the fields. */
enum { PAYLOAD_TIMESTAMP = 1, PAYLOAD_METRIC = 2, PAYLOAD_SEQ = 3 };
enum {
    METRIC_NAME = 1,
    METRIC_ALIAS = 2,
    METRIC_TIMESTAMP = 3,
    METRIC_TYPE = 4,
    METRIC_HISTORICAL = 5,
    METRIC_NULL = 7,
    METRIC_PROPERTIES = 9,
    METRIC_INT = 10,
    METRIC_LONG = 11,
    METRIC_FLOAT = 12,
    METRIC_DOUBLE = 13,
    METRIC_BOOLEAN = 14,
    METRIC_STRING = 15,
    METRIC_BYTES = 16,
    METRIC_DATASET = 17,
    METRIC_TEMPLATE = 18
};

static inline void put_name(struct bytes *metric, const char *name)
{
    put_text(metric, METRIC_NAME, name, strlen(name));
}

static inline void put_quality(struct bytes *metric, unsigned quality)
{
    struct bytes set = {.len = 0}, value = {.len = 0};
    put_number(&value, 1, 3); /* Int32 */
    put_number(&value, 3, quality);
    put_text(&set, 1, "Quality", 7);
    put_text(&set, 2, value.data, value.len);
    put_text(metric, METRIC_PROPERTIES, set.data, set.len);
}

static inline void put_metric(struct bytes *payload, const struct bytes *metric)
{
    put_text(payload, PAYLOAD_METRIC, metric->data, metric->len);
}

/* A metric with a whole number; `name` may be NULL, `alias` 0 for none, `type` 0 for none. */
static inline void put_integer_metric(struct bytes *payload, const char *name, uint64_t alias,
                                      unsigned type, uint64_t number)
{
    struct bytes metric = {.len = 0};
    if (name)
        put_name(&metric, name);
    if (alias)
        put_number(&metric, METRIC_ALIAS, alias);
    if (type)
        put_number(&metric, METRIC_TYPE, type);
    put_number(&metric, METRIC_INT, number);
    put_metric(payload, &metric);
}

#endif
