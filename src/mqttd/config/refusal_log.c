/* Limits and writes the lines about refusals. */
#include "mqttd/config/refusal_log.h"

#include <stdarg.h>
#include <stdio.h>

#include "common/base/log.h"
#include "common/base/plural.h"
#include "common/base/require.h"
#include "common/model/payload_format.h"

enum { REFUSAL_LINE_SIZE = 512, EXCERPT_SIZE = 49 };

/* Logs the line, or counts the refusal when the device had a line less than REFUSAL_LOG_MS ago. */
__attribute__((format(printf, 3, 4))) static void
refusal_log_write(struct device *device, uint64_t now_ms, const char *format, ...)
{
    char line[REFUSAL_LINE_SIZE];
    va_list arguments;
    uint32_t since = device->refusals.since;
    if (device->refusals.logged_ms != 0 && now_ms - device->refusals.logged_ms < REFUSAL_LOG_MS) {
        device->refusals.since++;
        return;
    }
    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (since > 0)
        log_warning("%s; %u more refusal%s of this device since the last such line", line, since,
                    plural_suffix(since));
    else
        log_warning("%s", line);
    device->refusals.logged_ms = now_ms;
    device->refusals.since = 0;
}

void refusal_log_value(struct device *device, const struct tag *tag, enum fault fault,
                       const char *excerpt, uint64_t now_ms)
{
    REQUIRE(fault > FAULT_NONE && fault < FAULT_COUNT);
    refusal_log_write(device, now_ms, "%s/%s: the value was refused, %s: %s", device->name,
                      tag->name, fault_names[fault], excerpt);
}

void refusal_log_command(struct device *device, const struct tag *tag, enum fault fault,
                         const char *value, uint64_t now_ms)
{
    REQUIRE(fault > FAULT_NONE && fault < FAULT_COUNT);
    refusal_log_write(device, now_ms, "%s/%s: SCADA's value is not published, %s: %s", device->name,
                      tag->name, fault_names[fault], value);
}

void refusal_log_message(struct device *device, const struct mqtt_message *message,
                         enum fault fault, size_t at, uint64_t now_ms)
{
    const struct payload_sample payload = {.topic = message->topic,
                                           .bytes = message->payload,
                                           .len = message->len,
                                           .total = message->len};
    char excerpt[EXCERPT_SIZE];
    REQUIRE(fault > FAULT_NONE && fault < FAULT_COUNT);
    payload_format_write_excerpt(&payload, 0, excerpt, sizeof excerpt);
    refusal_log_write(
        device, now_ms,
        "%s: a message of %zu bytes on %.200s was refused, %s at byte %zu; it begins with: %s",
        device->name, message->len, message->topic, fault_names[fault], at,
        message->len > 0 ? excerpt : "");
}

void refusal_log_old(struct device *device, const struct mqtt_message *message, uint64_t now_ms)
{
    refusal_log_write(
        device, now_ms,
        "%s: a message on %.200s was dropped: its time stamp is older than that of the newest",
        device->name, message->topic);
}
