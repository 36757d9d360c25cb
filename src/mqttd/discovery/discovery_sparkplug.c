/* Reads metrics of Sparkplug as values of a survey. */
#include "mqttd/discovery/discovery_sparkplug.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/model/sparkplug_topic.h"
#include "mqttd/sparkplug/sparkplug_payload.h"

/* A longer payload is kept and not decoded: that takes up to 64 times its memory. */
enum { DECODED_BYTES_MAX = 256 * 1024 };

static const char *const metric_type_names[] = {
    [SPARKPLUG_UNKNOWN] = "Unknown", [SPARKPLUG_INT8] = "Int8",
    [SPARKPLUG_INT16] = "Int16",     [SPARKPLUG_INT32] = "Int32",
    [SPARKPLUG_INT64] = "Int64",     [SPARKPLUG_UINT8] = "UInt8",
    [SPARKPLUG_UINT16] = "UInt16",   [SPARKPLUG_UINT32] = "UInt32",
    [SPARKPLUG_UINT64] = "UInt64",   [SPARKPLUG_FLOAT] = "Float",
    [SPARKPLUG_DOUBLE] = "Double",   [SPARKPLUG_BOOLEAN] = "Boolean",
    [SPARKPLUG_STRING] = "String",   [SPARKPLUG_DATETIME] = "DateTime",
    [SPARKPLUG_TEXT] = "Text",       [SPARKPLUG_UUID] = "UUID"};

static void metric_set_number(struct survey_value *value, double number, char text[VALUE_TEXT_SIZE])
{
    value_format_double(number, text);
    const char *point = strchr(text, '.');
    value->kind = number == trunc(number) ? SURVEY_INTEGER : SURVEY_DECIMAL;
    value->number = number;
    value->decimals = point ? (unsigned)strspn(point + 1, "0123456789") : 0;
    value->text = text;
    value->len = strlen(text);
}

/* Reads the value. One that no register can hold, such as a data set, is SURVEY_EMPTY. False when
 * it is an integer without a type, whose sign is unknown. */
static bool discovery_read_metric(const struct sparkplug_metric *metric, char text[VALUE_TEXT_SIZE],
                                  char digits[SPARKPLUG_DIGITS_SIZE], struct survey_value *value)
{
    struct scalar scalar;
    bool is_known = metric->type < sizeof metric_type_names / sizeof metric_type_names[0];
    *value = (struct survey_value){.kind = SURVEY_NULL,
                                   .number = NAN,
                                   .text = "null",
                                   .len = 4,
                                   .type = is_known ? metric_type_names[metric->type] : "Other"};
    if (!sparkplug_metric_read_scalar(metric, metric->type, digits, &scalar))
        return false;
    bool is_text = metric->field == SPARKPLUG_STRING_FIELD;
    switch (scalar.kind) {
    case SCALAR_NULL:
        return true;
    case SCALAR_BOOL:
        value->kind = SURVEY_BOOL;
        value->text = scalar.truth ? "true" : "false";
        value->len = strlen(value->text);
        return true;
    case SCALAR_NUMBER:
        metric_set_number(value, scalar.number, text);
        return true;
    case SCALAR_STRING: /* a text, or an integer beyond 2^53 */
        value->kind = is_text ? SURVEY_TEXT : SURVEY_INTEGER;
        value->number = is_text ? NAN : strtod(digits, NULL);
        value->text = scalar.text;
        value->len = scalar.len;
        return true;
    default:
        value->kind = SURVEY_EMPTY;
        value->text = scalar.text;
        value->len = scalar.len;
        return true;
    }
}

bool discovery_add_sparkplug(struct survey *survey, const struct mqtt_message *message,
                             int64_t now_ms)
{
    struct sparkplug_topic topic;
    struct sparkplug_payload payload;
    if (!sparkplug_topic_read(message->topic, &topic) || message->len > DECODED_BYTES_MAX)
        return false;
    bool is_decoded = sparkplug_payload_decode(&payload, message->payload, message->len);
    struct survey_topic_row *entry =
        is_decoded ? survey_begin_metrics(survey, message->topic, message->payload, message->len,
                                          message->retained, now_ms)
                   : NULL;
    for (size_t i = 0; entry && i < payload.metric_count; i++) {
        char text[VALUE_TEXT_SIZE], digits[SPARKPLUG_DIGITS_SIZE];
        struct sparkplug_metric metric;
        struct survey_value value;
        sparkplug_payload_read_metric(&payload, i, &metric);
        if (metric.name && discovery_read_metric(&metric, text, digits, &value))
            survey_add_metric(survey, entry, metric.name, metric.name_len, &value);
    }
    sparkplug_payload_finish(&payload);
    return is_decoded;
}
