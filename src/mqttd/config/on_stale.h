/* Replaces values that are stale with the on_stale value of their tag. Used by the MQTT
 * thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_ON_STALE_H
#define TAGFERRY_MQTTD_CONFIG_ON_STALE_H

#include <stdbool.h>

#include "common/shared/quality.h"
#include "mqttd/config/device_table.h"

/* Replaces the stale values of a device in service. Call target_set_wake_threads afterwards. */
void on_stale_check_device(struct device_table *device_table, const struct quality_moment *moment,
                           struct device *device);

/* Puts the tag's on_stale value as its newest one, with the times of `message_times`, and marks the
 * row. Call it with the target's rows locked. False when on_stale of the tag is "hold". */
bool on_stale_put_value(struct device_table *device_table, struct device *device, struct tag *tag,
                        const struct live_table_value *message_times);

#endif
