/* What a device and its tags have gathered in service, for their replacements after a change of the
 * configuration. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_CARRY_OVER_H
#define TAGFERRY_MQTTD_CONFIG_CARRY_OVER_H

#include <stdbool.h>

#include "mqttd/config/device_table.h"

/* Copies the state of a tag that stays in service to its replacement, which has the same id. */
void tag_carry_over(struct device_table *device_table, const struct tag *old, struct tag *newer);
/* Copies the state of a device, and of the tags that both have, to its replacement. */
void device_carry_over(struct device_table *device_table, const struct device *old,
                       struct device *newer);
/* True when the newer device takes something from a topic that the old one did not take: a tag that
 * is new, has other settings or another key, or a topic. */
bool device_has_gained(const struct device *old, const struct device *newer);

#endif
