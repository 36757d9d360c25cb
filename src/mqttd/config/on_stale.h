/* Replaces values that are stale with the on_stale value of their tag. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_ON_STALE_H
#define TAGFERRY_MQTTD_CONFIG_ON_STALE_H

#include <stdbool.h>

#include "common/shared/quality.h"
#include "mqttd/config/device_table.h"

/* Replaces the stale values of a device in service. The targets are to be woken afterwards. */
void on_stale_check_device(struct device_table *device_table, const struct quality_moment *moment,
                           struct device *device);

/* Puts the tag's on_stale value as its newest one, with the times of `message_times`. Lock the rows
 * of the target. False when the tag holds its last value. */
bool on_stale_put_value(struct device_table *device_table, struct device *device, struct tag *tag,
                        const struct live_table_value *message_times);

#endif
