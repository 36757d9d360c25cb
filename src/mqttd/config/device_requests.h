/* mqtt.request of the devices in service: messages that devices answer with their values. The MQTT
 * thread's. */
#ifndef TAGFERRY_MQTTD_CONFIG_DEVICE_REQUESTS_H
#define TAGFERRY_MQTTD_CONFIG_DEVICE_REQUESTS_H

#include "mqttd/broker/mqtt_session.h"
#include "mqttd/config/device_table.h"

/* Makes all requests due: the broker is connected again. */
void device_requests_restart(struct device_table *device_table);
/* Publishes the requests that are due, as many as one turn of the loop should send; the others
 * follow with the next call. Call it once a second while connected. False when out of memory. */
bool device_requests_publish(struct device_table *device_table, struct mqtt_session *mqtt_session,
                             uint64_t now_ms);

#endif
