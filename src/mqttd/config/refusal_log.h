/* Logs the messages, values and commands of a device that are refused: one line for each device in
 * ten minutes, with the number of refusals since the last one. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_REFUSAL_LOG_H
#define TAGFERRY_MQTTD_CONFIG_REFUSAL_LOG_H

#include <stddef.h>

#include "common/model/fault.h"
#include "mqttd/broker/mqtt_session.h"
#include "mqttd/model/device_model.h"

enum { REFUSAL_LOG_MS = 600000 };

/* For all functions: `now_ms` is of the steady clock, and `fault` is not FAULT_NONE.
 *
 * A value of a message was refused; `excerpt` is its beginning. */
void refusal_log_value(struct device *device, const struct tag *tag, enum fault fault,
                       const char *excerpt, uint64_t now_ms);
/* A value of SCADA cannot be published. */
void refusal_log_command(struct device *device, const struct tag *tag, enum fault fault,
                         const char *value, uint64_t now_ms);
/* A whole message was refused; `at` is the offset of the first wrong byte. */
void refusal_log_message(struct device *device, const struct mqtt_message *message,
                         enum fault fault, size_t at, uint64_t now_ms);
/* A message was dropped, since it is older than the newest one by its time stamp. */
void refusal_log_old(struct device *device, const struct mqtt_message *message, uint64_t now_ms);

#endif
