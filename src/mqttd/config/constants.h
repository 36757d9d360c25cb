/* Writes the constants of devices (direction "constant"): when a device comes into service, when
 * SCADA has written to their registers, and when the local server may have lost them. Used by the
 * MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_CONSTANTS_H
#define TAGFERRY_MQTTD_CONFIG_CONSTANTS_H

#include "mqttd/config/device_table.h"

/* Puts the constants of a device, whose rows are claimed, as their newest values and marks them. */
void constants_put(struct device_table *device_table, struct device *device);
/* Puts constants on the local server again whose registers SCADA has written since, and all of them
 * after a lost connection. Call it once a second, and target_set_wake_threads afterwards.
 * `runtime_dir`: the folder of common/shared/write_times.h; without that file, SCADA's writes are
 * not noticed. */
void constants_restore(struct device_table *device_table, const char *runtime_dir);

#endif
