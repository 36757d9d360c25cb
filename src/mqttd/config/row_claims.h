/* Claims rows of the live table for devices that come into service, and releases those of devices
 * that leave it. A value that was encoded with other settings is encoded again with the present
 * ones before it is written. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H
#define TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H

#include <stdbool.h>

#include "mqttd/config/device_table.h"

/* Reserves the rows and strings that the update needs. False with errno when the files cannot grow.
 */
bool row_claims_reserve(struct device_table *device_table, const struct store_update *update);
/* Claims the rows of a device, whose target is set, and of its tags. Logs an error if that fails.
 */
void row_claims_acquire(struct device_table *device_table, struct device *device);
/* For a tag whose value map alone has changed: finds the text of the present value in the old map
 * and puts the number that the new map gives it. Call it with the target's rows locked. */
void row_claims_remap(struct device_table *device_table, const struct tag *old,
                      const struct tag *newer);
/* Releases the rows of the tags that `newer`, the replacement of the device, does not have. NULL:
 * releases all rows of the old device. */
void row_claims_release(struct device_table *device_table, const struct device *old,
                        const struct device *newer);

#endif
