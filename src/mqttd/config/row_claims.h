/* The rows of the live table that the devices in service have. A value that was made for other
 * settings goes over into those of now, and is never written as it was. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H
#define TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H

#include <stdbool.h>

#include "mqttd/config/device_table.h"

/* Makes room for what the reload brings. False with errno when the disk has none. */
bool row_claims_reserve(struct device_table *device_table, const struct store_update *reload);
/* Gives a device, whose target is set, its rows. */
void row_claims_acquire(struct device_table *device_table, struct device *device);
/* When a tag gets another value map and is the same otherwise: the word that the device said newly,
 * as the old map knows it, is put in as the new one has it. No target copies rows meanwhile. */
void row_claims_remap(struct device_table *device_table, const struct tag *old,
                      const struct tag *newer);
/* Frees the rows of what the newer device, if there is one, lacks. */
void row_claims_release(struct device_table *device_table, const struct device *old,
                        const struct device *newer);

#endif
