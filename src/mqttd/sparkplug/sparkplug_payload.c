/* The one file that knows libprotobuf-c.
 *
 * A message of a few bytes can ask for many small pieces of memory: they come out of chunks that
 * are freed together, and their sum is bounded by the length of the message. */
#include "mqttd/sparkplug/sparkplug_payload.h"

#include <math.h>
#include <sparkplug.pb-c.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/chunks.h"
#include "common/base/json_text.h"
#include "common/base/require.h"

enum { CHUNK_BYTES = 8192 };

struct payload_pool {
    struct chunk *chunks;
    size_t budget; /* bytes that may still be taken */
    bool is_short; /* memory was refused by the system */
};

static void *sparkplug_pool_alloc(void *data, size_t size)
{
    struct payload_pool *pool = data;
    if (size > pool->budget)
        return NULL;
    size_t step = chunk_piece_bytes(size);
    pool->budget -= step < pool->budget ? step : pool->budget;
    void *piece = chunk_alloc(&pool->chunks, size, CHUNK_BYTES);
    pool->is_short |= !piece;
    return piece;
}

static void sparkplug_pool_free(void *data, void *piece)
{
    (void)data, (void)piece; /* all chunks are freed at the end */
}

bool sparkplug_payload_decode(struct sparkplug_payload *payload, const char *data, size_t len)
{
    static const uint8_t nothing[1];
    struct payload_pool pool = {.budget = len * SPARKPLUG_BYTES_PER_BYTE + CHUNK_BYTES};
    ProtobufCAllocator allocator = {sparkplug_pool_alloc, sparkplug_pool_free, &pool};
    REQUIRE(data || len == 0);
    Sparkplug__Payload *message =
        sparkplug__payload__unpack(&allocator, len, len > 0 ? (const uint8_t *)data : nothing);
    *payload = (struct sparkplug_payload){
        .message = message, .chunks = pool.chunks, .is_short = !message && pool.is_short};
    if (!message)
        return false;
    payload->metric_count = message->n_metrics;
    payload->timestamp_ms = message->has_timestamp ? message->timestamp : 0;
    payload->has_seq = message->has_seq;
    payload->seq = message->seq;
    return true;
}

void sparkplug_payload_finish(struct sparkplug_payload *payload)
{
    chunk_free_all(&payload->chunks);
    *payload = (struct sparkplug_payload){0};
}

static void metric_read_quality(const Sparkplug__PropertySet *set, struct sparkplug_metric *metric)
{
    static const char name[] = "Quality";
    for (size_t i = 0; set && i < set->n_keys && i < set->n_values; i++) {
        const Sparkplug__PropertyValue *value = set->values[i];
        const ProtobufCBinaryData *key = &set->keys[i];
        bool is_quality =
            key->len == sizeof name - 1 && memcmp(key->data, name, sizeof name - 1) == 0;
        if (!is_quality || (value->has_is_null && value->is_null))
            continue;
        bool is_long = value->value_case == SPARKPLUG__PROPERTY_VALUE__VALUE_LONG_VALUE;
        if (!is_long && value->value_case != SPARKPLUG__PROPERTY_VALUE__VALUE_INT_VALUE)
            continue;
        metric->has_quality = true;
        metric->quality = is_long ? value->long_value : value->int_value;
    }
}

static void metric_read_value(const Sparkplug__Metric *from, struct sparkplug_metric *metric)
{
    switch (from->value_case) {
    case SPARKPLUG__METRIC__VALUE_INT_VALUE:
        metric->field = SPARKPLUG_INT_FIELD;
        metric->integer = from->int_value;
        break;
    case SPARKPLUG__METRIC__VALUE_LONG_VALUE:
        metric->field = SPARKPLUG_LONG_FIELD;
        metric->integer = from->long_value;
        break;
    case SPARKPLUG__METRIC__VALUE_FLOAT_VALUE:
        metric->field = SPARKPLUG_FLOAT_FIELD;
        metric->real = (double)from->float_value;
        break;
    case SPARKPLUG__METRIC__VALUE_DOUBLE_VALUE:
        metric->field = SPARKPLUG_DOUBLE_FIELD;
        metric->real = from->double_value;
        break;
    case SPARKPLUG__METRIC__VALUE_BOOLEAN_VALUE:
        metric->field = SPARKPLUG_BOOLEAN_FIELD;
        metric->truth = from->boolean_value != 0;
        break;
    case SPARKPLUG__METRIC__VALUE_STRING_VALUE:
        metric->field = SPARKPLUG_STRING_FIELD;
        metric->text = from->string_value.data ? (const char *)from->string_value.data : "";
        metric->text_len = from->string_value.len;
        break;
    case SPARKPLUG__METRIC__VALUE_BYTES_VALUE:
        metric->field = SPARKPLUG_BYTES_FIELD;
        break;
    case SPARKPLUG__METRIC__VALUE_DATASET_VALUE:
        metric->field = SPARKPLUG_DATASET_FIELD;
        break;
    case SPARKPLUG__METRIC__VALUE_TEMPLATE_VALUE:
        metric->field = SPARKPLUG_TEMPLATE_FIELD;
        break;
    default: /* a kind of a later edition, or none */
        break;
    }
}

void sparkplug_payload_read_metric(const struct sparkplug_payload *payload, size_t index,
                                   struct sparkplug_metric *metric)
{
    REQUIRE(index < payload->metric_count);
    const Sparkplug__Metric *from = ((const Sparkplug__Payload *)payload->message)->metrics[index];
    *metric = (struct sparkplug_metric){
        .name = from->name.len > 0 ? (const char *)from->name.data : NULL,
        .name_len = from->name.len,
        .has_alias = from->has_alias,
        .alias = from->alias,
        .type = from->has_datatype ? from->datatype : SPARKPLUG_UNKNOWN,
        .timestamp_ms = from->has_timestamp ? from->timestamp : payload->timestamp_ms,
        .is_historical = from->has_is_historical && from->is_historical,
        .is_null = from->has_is_null && from->is_null,
    };
    metric_read_quality(from->properties, metric);
    metric_read_value(from, metric);
}

/* Doubles up to here hold every integer. */
#define EXACT_BELOW (UINT64_C(1) << 53)

/* Larger ones go as text, since that is how value_read_scalar takes them exactly. */
static void scalar_set_integer(struct scalar *scalar, bool negative, uint64_t magnitude,
                               char digits[SPARKPLUG_DIGITS_SIZE])
{
    if (magnitude < EXACT_BELOW) {
        scalar->kind = SCALAR_NUMBER;
        scalar->number = negative ? -(double)magnitude : (double)magnitude;
        return;
    }
    int len = snprintf(digits, SPARKPLUG_DIGITS_SIZE, "%s%llu", negative ? "-" : "",
                       (unsigned long long)magnitude);
    *scalar = (struct scalar){.kind = SCALAR_STRING, .text = digits, .len = (size_t)len};
}

static void scalar_set_signed(struct scalar *scalar, int64_t number,
                              char digits[SPARKPLUG_DIGITS_SIZE])
{
    uint64_t magnitude = number < 0 ? -(uint64_t)number : (uint64_t)number;
    scalar_set_integer(scalar, number < 0, magnitude, digits);
}

static void scalar_set_other(struct scalar *scalar, const char *what)
{
    *scalar = (struct scalar){.kind = SCALAR_OTHER, .text = what, .len = strlen(what)};
}

/* Encoders put negative numbers of the small types into an unsigned field as 8, 16 or 32 bits. */
static bool scalar_read_integer(struct scalar *scalar, uint64_t bits, uint32_t type, bool is_long,
                                char digits[SPARKPLUG_DIGITS_SIZE])
{
    switch (type) {
    case SPARKPLUG_INT8:
        scalar_set_signed(scalar, (int8_t)bits, digits);
        return true;
    case SPARKPLUG_INT16:
        scalar_set_signed(scalar, (int16_t)bits, digits);
        return true;
    case SPARKPLUG_INT32:
        scalar_set_signed(scalar, (int32_t)bits, digits);
        return true;
    case SPARKPLUG_INT64:
        scalar_set_signed(scalar, is_long ? (int64_t)bits : (int32_t)bits, digits);
        return true;
    case SPARKPLUG_BOOLEAN:
        *scalar = (struct scalar){.kind = SCALAR_BOOL, .truth = bits != 0};
        return true;
    case SPARKPLUG_UNKNOWN:
        return false;
    default:
        scalar_set_integer(scalar, false, bits, digits);
        return true;
    }
}

bool sparkplug_metric_read_scalar(const struct sparkplug_metric *metric, uint32_t type,
                                  char digits[SPARKPLUG_DIGITS_SIZE], struct scalar *scalar)
{
    *scalar = (struct scalar){.kind = SCALAR_NULL};
    if (metric->is_null)
        return true;
    switch ((enum sparkplug_field)metric->field) {
    case SPARKPLUG_NO_VALUE:
        scalar_set_other(scalar, "no value, or one of a later edition");
        break;
    case SPARKPLUG_INT_FIELD:
    case SPARKPLUG_LONG_FIELD:
        return scalar_read_integer(scalar, metric->integer, type,
                                   metric->field == SPARKPLUG_LONG_FIELD, digits);
    case SPARKPLUG_FLOAT_FIELD:
    case SPARKPLUG_DOUBLE_FIELD:
        scalar->kind = SCALAR_NUMBER;
        scalar->number = metric->real;
        if (isnan(metric->real))
            scalar_set_other(scalar, "NaN");
        else if (metric->field == SPARKPLUG_FLOAT_FIELD && isfinite(metric->real))
            scalar->number = value_widen_float((float)metric->real);
        break;
    case SPARKPLUG_BOOLEAN_FIELD:
        *scalar = (struct scalar){.kind = SCALAR_BOOL, .truth = metric->truth};
        break;
    case SPARKPLUG_STRING_FIELD:
        *scalar =
            (struct scalar){.kind = SCALAR_STRING, .text = metric->text, .len = metric->text_len};
        if (!utf8_is_valid(metric->text, metric->text_len))
            scalar_set_other(scalar, "a text that is no UTF-8");
        break;
    case SPARKPLUG_BYTES_FIELD:
        scalar_set_other(scalar, "bytes, an array or a file");
        break;
    case SPARKPLUG_DATASET_FIELD:
        scalar_set_other(scalar, "a data set");
        break;
    case SPARKPLUG_TEMPLATE_FIELD:
        scalar_set_other(scalar, "a template");
        break;
    }
    return true;
}

static ProtobufCBinaryData bytes_of(const char *text, size_t len)
{
    return (ProtobufCBinaryData){.len = len, .data = (uint8_t *)(uintptr_t)text};
}

static void metric_set_value(const struct sparkplug_metric *metric, Sparkplug__Metric *to)
{
    switch ((enum sparkplug_field)metric->field) {
    case SPARKPLUG_INT_FIELD:
        to->value_case = SPARKPLUG__METRIC__VALUE_INT_VALUE;
        to->int_value = (uint32_t)metric->integer;
        break;
    case SPARKPLUG_LONG_FIELD:
        to->value_case = SPARKPLUG__METRIC__VALUE_LONG_VALUE;
        to->long_value = metric->integer;
        break;
    case SPARKPLUG_FLOAT_FIELD:
        to->value_case = SPARKPLUG__METRIC__VALUE_FLOAT_VALUE;
        to->float_value = (float)metric->real;
        break;
    case SPARKPLUG_DOUBLE_FIELD:
        to->value_case = SPARKPLUG__METRIC__VALUE_DOUBLE_VALUE;
        to->double_value = metric->real;
        break;
    case SPARKPLUG_BOOLEAN_FIELD:
        to->value_case = SPARKPLUG__METRIC__VALUE_BOOLEAN_VALUE;
        to->boolean_value = metric->truth;
        break;
    case SPARKPLUG_STRING_FIELD:
        to->value_case = SPARKPLUG__METRIC__VALUE_STRING_VALUE;
        to->string_value = bytes_of(metric->text, metric->text_len);
        break;
    default:
        break;
    }
}

bool sparkplug_payload_encode(const struct sparkplug_metric *metric, char *out, size_t size,
                              size_t *len)
{
    Sparkplug__Payload payload = SPARKPLUG__PAYLOAD__INIT;
    Sparkplug__Metric to = SPARKPLUG__METRIC__INIT, *metrics[] = {&to};
    REQUIRE(metric->name || metric->has_alias);
    payload.has_timestamp = to.has_timestamp = true;
    payload.timestamp = to.timestamp = metric->timestamp_ms;
    payload.n_metrics = 1;
    payload.metrics = metrics;
    to.has_name = metric->name != NULL;
    to.name = bytes_of(metric->name, metric->name_len);
    to.has_alias = metric->has_alias;
    to.alias = metric->alias;
    to.has_datatype = metric->type != SPARKPLUG_UNKNOWN;
    to.datatype = metric->type;
    metric_set_value(metric, &to);
    *len = sparkplug__payload__get_packed_size(&payload);
    return *len <= size && sparkplug__payload__pack(&payload, (uint8_t *)out) == *len;
}
