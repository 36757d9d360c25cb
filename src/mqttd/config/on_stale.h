/* Puts what on_stale says into registers whose value must not pass for a new one. The MQTT thread's
 * alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_ON_STALE_H
#define TAGFERRY_MQTTD_CONFIG_ON_STALE_H

#include <stdbool.h>

#include "common/shared/quality.h"
#include "mqttd/config/device_table.h"

/* Looks at each tag of a device in service. Wakes no target. */
void on_stale_check_device(struct device_table *device_table, const struct quality_moment *moment,
                           struct device *device);

/* Puts it in at once, as the newest value, with the times of `message_times`. The target is held.
 * False when the tag's last value is to be held. */
bool on_stale_put_value(struct device_table *device_table, struct device *device, struct tag *tag,
                        const struct live_table_value *message_times);

#endif
