/* From a text to a metric of a given type. */
#include "mqttd/sparkplug/sparkplug_command.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "common/base/require.h"

/* Of integers. */
static const struct {
    int64_t least;
    uint64_t greatest;
    uint8_t field; /* where the encoders of others put it */
} integer_types[] = {
    [SPARKPLUG_INT8] = {INT8_MIN, INT8_MAX, SPARKPLUG_INT_FIELD},
    [SPARKPLUG_INT16] = {INT16_MIN, INT16_MAX, SPARKPLUG_INT_FIELD},
    [SPARKPLUG_INT32] = {INT32_MIN, INT32_MAX, SPARKPLUG_INT_FIELD},
    [SPARKPLUG_INT64] = {INT64_MIN, INT64_MAX, SPARKPLUG_LONG_FIELD},
    [SPARKPLUG_UINT8] = {0, UINT8_MAX, SPARKPLUG_INT_FIELD},
    [SPARKPLUG_UINT16] = {0, UINT16_MAX, SPARKPLUG_INT_FIELD},
    [SPARKPLUG_UINT32] = {0, UINT32_MAX, SPARKPLUG_LONG_FIELD},
    [SPARKPLUG_UINT64] = {0, UINT64_MAX, SPARKPLUG_LONG_FIELD},
    [SPARKPLUG_DATETIME] = {0, INT64_MAX, SPARKPLUG_LONG_FIELD},
};

/* Reads a whole text of decimal digits with a sign. */
static bool text_read_integer(const char *text, bool *negative, uint64_t *magnitude)
{
    char *end;
    *negative = text[0] == '-';
    const char *digits = text + (*negative ? 1 : 0);
    if (digits[0] < '0' || digits[0] > '9')
        return false;
    errno = 0;
    *magnitude = strtoull(digits, &end, 10);
    return *end == '\0' && errno == 0;
}

static bool text_read_number(const char *text, double *number)
{
    char *end;
    *number = strtod(text, &end);
    return end != text && *end == '\0' && isfinite(*number);
}

static bool text_is_number(const char *text)
{
    double number;
    return (text[0] == '-' || (text[0] >= '0' && text[0] <= '9')) &&
           text_read_number(text, &number);
}

/* True and false are numbers where the metric is one. */
static const char *text_of_truth(const char *text)
{
    if (strcmp(text, "true") == 0)
        return "1";
    return strcmp(text, "false") == 0 ? "0" : text;
}

static enum fault metric_set_integer(struct sparkplug_metric *metric, const char *text,
                                     uint8_t birth_field)
{
    bool negative;
    uint64_t magnitude;
    text = text_of_truth(text);
    if (!text_read_integer(text, &negative, &magnitude))
        return text_is_number(text) ? FAULT_OUT_OF_RANGE : FAULT_NOT_A_NUMBER;
    uint64_t lowest = -(uint64_t)integer_types[metric->type].least;
    uint64_t greatest = integer_types[metric->type].greatest;
    if (negative ? magnitude > lowest : magnitude > greatest)
        return FAULT_OUT_OF_RANGE;
    metric->integer = negative ? -magnitude : magnitude;
    bool as_in_birth = birth_field == SPARKPLUG_INT_FIELD || birth_field == SPARKPLUG_LONG_FIELD;
    metric->field = as_in_birth && metric->type == SPARKPLUG_UINT32
                        ? birth_field
                        : integer_types[metric->type].field;
    return FAULT_NONE;
}

static enum fault metric_set_real(struct sparkplug_metric *metric, const char *text)
{
    text = text_of_truth(text);
    if (!text_is_number(text) || !text_read_number(text, &metric->real))
        return FAULT_NOT_A_NUMBER;
    if (metric->type == SPARKPLUG_FLOAT && fabs(metric->real) > (double)FLT_MAX)
        return FAULT_OUT_OF_RANGE;
    metric->field =
        metric->type == SPARKPLUG_FLOAT ? SPARKPLUG_FLOAT_FIELD : SPARKPLUG_DOUBLE_FIELD;
    return FAULT_NONE;
}

static enum fault metric_set_boolean(struct sparkplug_metric *metric, const char *text)
{
    double number;
    text = text_of_truth(text);
    if (!text_is_number(text) || !text_read_number(text, &number))
        return FAULT_NOT_A_NUMBER;
    metric->field = SPARKPLUG_BOOLEAN_FIELD;
    metric->truth = number != 0;
    return FAULT_NONE;
}

/* The type of a metric whose birth is not known: what its tag's values are. */
static uint32_t text_guess_type(const char *text, enum value_type type)
{
    bool negative;
    uint64_t magnitude;
    if (type == TYPE_STRING)
        return SPARKPLUG_STRING;
    if (strcmp(text, "true") == 0 || strcmp(text, "false") == 0)
        return SPARKPLUG_BOOLEAN;
    if (!text_is_number(text))
        return SPARKPLUG_STRING;
    if (type == TYPE_FLOAT32)
        return SPARKPLUG_FLOAT;
    if (type == TYPE_FLOAT64 || !text_read_integer(text, &negative, &magnitude))
        return SPARKPLUG_DOUBLE;
    if (magnitude <= INT32_MAX)
        return SPARKPLUG_INT32;
    return negative || magnitude <= INT64_MAX ? SPARKPLUG_INT64 : SPARKPLUG_UINT64;
}

enum fault sparkplug_command_encode(const struct sparkplug_command *command, char *out, size_t size,
                                    size_t *len)
{
    const struct sparkplug_birth_metric *birth = command->metric;
    struct sparkplug_metric metric = {.timestamp_ms = command->wall_ms};
    enum fault fault;
    REQUIRE(command->name && command->value);
    metric.has_alias = birth && birth->has_alias;
    metric.alias = metric.has_alias ? birth->alias : 0;
    metric.name = metric.has_alias ? NULL : command->name;
    metric.name_len = metric.has_alias ? 0 : strlen(command->name);
    metric.type = birth && birth->type != SPARKPLUG_UNKNOWN
                      ? birth->type
                      : text_guess_type(command->value, command->type);
    switch (metric.type) {
    case SPARKPLUG_FLOAT:
    case SPARKPLUG_DOUBLE:
        fault = metric_set_real(&metric, command->value);
        break;
    case SPARKPLUG_BOOLEAN:
        fault = metric_set_boolean(&metric, command->value);
        break;
    case SPARKPLUG_STRING:
    case SPARKPLUG_TEXT:
    case SPARKPLUG_UUID:
        metric.field = SPARKPLUG_STRING_FIELD;
        metric.text = command->value;
        metric.text_len = strlen(command->value);
        fault = FAULT_NONE;
        break;
    default:
        if (metric.type > SPARKPLUG_DATETIME)
            return FAULT_NOT_A_NUMBER; /* a data set, a template, bytes */
        fault = metric_set_integer(&metric, command->value, birth ? birth->field : 0);
    }
    if (fault != FAULT_NONE)
        return fault;
    return sparkplug_payload_encode(&metric, out, size, len) ? FAULT_NONE : FAULT_TOO_LONG;
}
