/* Puts what on_stale says into registers whose value must not pass for a new one. The MQTT thread's
 * alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_ON_STALE_H
#define TAGFERRY_MQTTD_CONFIG_ON_STALE_H

#include <stdbool.h>

#include "common/shared/quality.h"
#include "mqttd/config/device_table.h"

/* Looks at each tag of a device in service. Wakes no target. */
void stale_check(struct plant *plant, const struct quality_moment *moment, struct device *device);

/* Puts it in at once, as the newest value, with the times of `heard`. The target is held. False
 * when the tag's last value is to be held. */
bool stale_put(struct plant *plant, struct device *device, struct tag *tag,
               const struct live_value *heard);

#endif
