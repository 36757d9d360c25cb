/* The pace, the polls and the limits of writes of each foreign Modbus server: the slowest pace of
 * its devices, polls of all their command registers, and modbus.min_change and min_interval_ms of
 * their tags. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_CONFIG_SERVER_LIMITS_H
#define TAGFERRY_MQTTD_CONFIG_SERVER_LIMITS_H

#include "mqttd/config/device_table.h"

/* Sets the paces, polls and limits of all foreign servers, and ends the targets of servers without
 * a device. When out of memory for a server, sets device_table->lacks_server_limits; that server
 * keeps what it has. */
void server_limits_apply(struct device_table *device_table);

#endif
