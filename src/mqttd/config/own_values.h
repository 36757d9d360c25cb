/* Writes the values that Tagferry sets itself: constants (direction "constant"), and companions
 * (direction "companion"), which show the quality or the time of another tag's value. Used by the
 * MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_OWN_VALUES_H
#define TAGFERRY_MQTTD_CONFIG_OWN_VALUES_H

#include "mqttd/config/device_table.h"

/* Puts the constants of a device, whose rows are claimed, as their newest values and marks them.
 * Its companions follow with the next refresh. */
void own_values_put(struct device_table *device_table, struct device *device);
/* Puts companions that have changed, and on the local server also values that SCADA has written to
 * since, and all of them after a lost connection. Call it once a second, and
 * target_set_wake_threads afterwards. `runtime_dir`: the folder of common/shared/write_times.h;
 * without that file, SCADA's writes are not noticed. */
void own_values_refresh(struct device_table *device_table, const char *runtime_dir);

#endif
