/* Claims rows of the live table for devices in service, and releases them. A value that was encoded
 * with other settings is encoded again with the present ones before it is written. The MQTT
 * thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H
#define TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H

#include <stdbool.h>

#include "mqttd/config/device_table.h"

/* Reserves the rows that the update needs. False with errno when the disk is full. */
bool row_claims_reserve(struct device_table *device_table, const struct store_update *reload);
/* Claims the rows of a device, whose target is set, and of its tags. */
void row_claims_acquire(struct device_table *device_table, struct device *device);
/* For a tag whose value map alone has changed: finds the word of the present value in the old map
 * and puts the number that the new map gives it. Lock the rows of the target. */
void row_claims_remap(struct device_table *device_table, const struct tag *old,
                      const struct tag *newer);
/* Releases the rows of the old device and its tags that the newer one, or NULL, does not have. */
void row_claims_release(struct device_table *device_table, const struct device *old,
                        const struct device *newer);

#endif
