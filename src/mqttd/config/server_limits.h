/* How fast each foreign Modbus server is written to, and what is polled of it: what all of its
 * devices can bear, and ask for. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_SERVER_LIMITS_H
#define TAGFERRY_MQTTD_CONFIG_SERVER_LIMITS_H

#include "mqttd/config/device_table.h"

/* Gives the servers their paces and polls, and ends those that no device is at any more. Without
 * memory a server keeps what it has, and device_table->lacks_server_limits says so. */
void server_limits_apply(struct device_table *device_table);

#endif
