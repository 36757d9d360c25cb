/* The rows of the live table that the devices in service have. A value that was made for other
 * settings goes over into those of now, and is never written as it was. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H
#define TAGFERRY_MQTTD_CONFIG_ROW_CLAIMS_H

#include <stdbool.h>

#include "mqttd/config/device_table.h"

/* Makes room for what the reload brings. False with errno when the disk has none. */
bool claims_make_room(struct plant *plant, const struct reload *reload);
/* Gives a device, whose target is set, its rows. */
void claims_take(struct plant *plant, struct device *device);
/* When a tag gets another value map and is the same otherwise: the word that the device said newly,
 * as the old map knows it, is put in as the new one has it. No target copies rows meanwhile. */
void claims_remap(struct plant *plant, const struct tag *old, const struct tag *newer);
/* Frees the rows of what the newer device, if there is one, lacks. */
void claims_release(struct plant *plant, const struct device *old, const struct device *newer);

#endif
