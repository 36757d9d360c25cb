/* Payloads of Sparkplug B, from bytes to metrics and back. Pure. */
#ifndef TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_PAYLOAD_H
#define TAGFERRY_MQTTD_SPARKPLUG_SPARKPLUG_PAYLOAD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/fault.h"
#include "common/model/value.h"

/* Types of metrics, as a birth and a metric name them. */
enum sparkplug_type {
    SPARKPLUG_UNKNOWN,
    SPARKPLUG_INT8,
    SPARKPLUG_INT16,
    SPARKPLUG_INT32,
    SPARKPLUG_INT64,
    SPARKPLUG_UINT8,
    SPARKPLUG_UINT16,
    SPARKPLUG_UINT32,
    SPARKPLUG_UINT64,
    SPARKPLUG_FLOAT,
    SPARKPLUG_DOUBLE,
    SPARKPLUG_BOOLEAN,
    SPARKPLUG_STRING,
    SPARKPLUG_DATETIME,
    SPARKPLUG_TEXT,
    SPARKPLUG_UUID
};

/* The field that holds the value, whatever the type. */
enum sparkplug_field {
    SPARKPLUG_NO_VALUE,
    SPARKPLUG_INT_FIELD,
    SPARKPLUG_LONG_FIELD,
    SPARKPLUG_FLOAT_FIELD,
    SPARKPLUG_DOUBLE_FIELD,
    SPARKPLUG_BOOLEAN_FIELD,
    SPARKPLUG_STRING_FIELD,
    SPARKPLUG_BYTES_FIELD,
    SPARKPLUG_DATASET_FIELD,
    SPARKPLUG_TEMPLATE_FIELD
};

enum { SPARKPLUG_QUALITY_GOOD = 192 };

/* Texts are borrowed from the payload, not terminated, and may be any bytes. */
struct sparkplug_metric {
    const char *name; /* or NULL: it has only an alias */
    size_t name_len;
    bool has_alias, has_quality, is_historical, is_null;
    uint8_t field; /* enum sparkplug_field */
    uint32_t type; /* enum sparkplug_type or beyond; SPARKPLUG_UNKNOWN: not given */
    uint64_t alias;
    uint64_t timestamp_ms; /* since 1970, or 0 */
    uint64_t quality;      /* the property "Quality" */
    uint64_t integer;      /* of INT and LONG, as on the wire */
    double real;           /* of FLOAT and DOUBLE */
    bool truth;            /* of BOOLEAN */
    const char *text;      /* of STRING */
    size_t text_len;
};

struct chunk;

struct sparkplug_payload {
    void *message;        /* of libprotobuf-c; NULL: nothing was decoded */
    struct chunk *chunks; /* the memory it lies in */
    size_t metric_count;
    uint64_t timestamp_ms; /* or 0 */
    uint64_t seq;
    bool has_seq;
    bool is_short; /* there was no memory: it may be a payload or not */
};

/* A payload takes at most so many bytes of memory for each of its own, and a chunk. */
enum { SPARKPLUG_BYTES_PER_BYTE = 64 };

/* Decodes the bytes. False when they are no payload, or would take too much memory. `data` may be
 * NULL when `len` is 0. Call sparkplug_payload_finish in either case. */
bool sparkplug_payload_decode(struct sparkplug_payload *payload, const char *data, size_t len);
/* Takes a zeroed one. */
void sparkplug_payload_finish(struct sparkplug_payload *payload);
/* Reads the metric at `index`, which is below metric_count. */
void sparkplug_payload_read_metric(const struct sparkplug_payload *payload, size_t index,
                                   struct sparkplug_metric *metric);

/* Bytes for the digits of an integer that a double may not hold. */
enum { SPARKPLUG_DIGITS_SIZE = 24 };

/* The value of the metric, read as this type, which is the metric's own or that of its birth. What
 * is no scalar becomes SCALAR_OTHER with a text that says what it is. The text of `scalar` lies in
 * the payload or in `digits`. False when an integer's sign is unknown, for want of a type. */
bool sparkplug_metric_read_scalar(const struct sparkplug_metric *metric, uint32_t type,
                                  char digits[SPARKPLUG_DIGITS_SIZE], struct scalar *scalar);

/* Encodes a payload of one metric: by its name, or by its alias when that is NULL. False when
 * `size` is too small. */
bool sparkplug_payload_encode(const struct sparkplug_metric *metric, char *out, size_t size,
                              size_t *len);

#endif
