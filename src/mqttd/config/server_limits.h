/* The pace and the polls of each foreign Modbus server: the slowest pace that its devices ask for,
 * and polls of all their command registers. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_CONFIG_SERVER_LIMITS_H
#define TAGFERRY_MQTTD_CONFIG_SERVER_LIMITS_H

#include "mqttd/config/device_table.h"

/* Sets the paces and polls of all servers, and ends the threads of servers without a device.
 * Without memory a server keeps its pace and polls, and device_table->lacks_server_limits is set.
 */
void server_limits_apply(struct device_table *device_table);

#endif
