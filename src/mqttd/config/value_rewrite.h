/* Writes the newest values again to foreign servers that may have forgotten them. */
#ifndef TAGFERRY_MQTTD_CONFIG_VALUE_REWRITE_H
#define TAGFERRY_MQTTD_CONFIG_VALUE_REWRITE_H

#include "mqttd/config/device_table.h"

/* Puts the newest value of each tag that mqttd writes, on the units that were lost since the last
 * call, back into the queue of its server. The MQTT thread alone, before it takes what was polled.
 */
void value_rewrite_lost_units(struct device_table *device_table);

#endif
