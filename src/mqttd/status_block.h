/* The registers that tell how fresh the others are: four of each device that wants them, and four
 * of the gateway. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_STATUS_BLOCK_H
#define TAGFERRY_MQTTD_STATUS_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "mqttd/config/device_table.h"
#include "mqttd/options.h"

struct status_block {
    struct device_table *device_table;
    struct gateway_status_location gateway;
    uint16_t beats;
};

/* Brings all of them up to date. Call it once a second, and before the first message. */
void status_block_refresh(struct status_block *status, bool connected);

#endif
