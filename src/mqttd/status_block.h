/* The status registers: four of each device that has a status block, with its quality and counts,
 * and four of the gateway. Used by the MQTT thread only. */
#ifndef TAGFERRY_MQTTD_STATUS_BLOCK_H
#define TAGFERRY_MQTTD_STATUS_BLOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "mqttd/config/device_table.h"
#include "mqttd/options.h"

struct status_block {
    struct device_table *device_table;
    struct gateway_status_location gateway;
    uint16_t beats; /* counts the calls, in the gateway's first register */
};

/* Updates the status registers of all devices and of the gateway, checks their values for on_stale,
 * and logs devices that stop or resume sending. `connected`: the connection to the broker counts as
 * up. Call it once a second, and before the first message. */
void status_block_refresh(struct status_block *status, bool connected);

#endif
