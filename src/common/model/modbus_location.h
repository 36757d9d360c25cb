/* The Modbus server and unit of a device's registers. tagferry-api, which assigns registers to
 * tags, and tagferry-mqttd, which writes them, use the same rules. Pure. */
#ifndef TAGFERRY_COMMON_MODEL_MODBUS_LOCATION_H
#define TAGFERRY_COMMON_MODEL_MODBUS_LOCATION_H

#include "common/base/gateway_name.h"
#include "common/base/net.h"
#include "common/base/unit_set.h"

/* Registers of a status block: quality, age, messages, refused messages. */
enum { STATUS_REGISTERS = 4 };

struct modbus_location {
    /* "" for the local server, else its normalised host:port, or "serial:" and the path of a line.
     */
    char server[NET_TEXT_SIZE];
    /* On the local server: the gateway that holds the device, whose registers are its own; "" for
     * every gateway. A foreign server is the same one for all gateways: "". */
    char gateway[GATEWAY_NAME_SIZE];
    uint8_t unit;
    /* Reached by RTU or TLS: tagferry-mqttd alone uses it. No part of the comparison. */
    bool is_exclusive;
};

/* True when a device with this host and port has its registers on the local Modbus server, whose
 * address for SCADA is `local`: the host is NULL, or host and port equal `local`. */
bool modbus_server_is_local(const char *host, uint16_t port, const struct net_addr *local);
/* The location of the tags of a device with this host, port and unit, which names this gateway;
 * NULL: none. A serial line has no port, and is_exclusive is true for it. */
struct modbus_location modbus_location_make(const char *host, uint16_t port, uint8_t unit,
                                            const char *gateway, const struct net_addr *local);
/* The location of a device's status block, which is on the local server. `unit` is the device's. */
struct modbus_location modbus_location_make_status(const struct unit_set *units, uint8_t unit,
                                                   const char *gateway);
/* The unit of a device's status block, which is always on the local server: the device's own unit
 * id if it is one of the local `units`, else the first of them. `units` must not be empty. */
uint8_t modbus_location_status_unit(const struct unit_set *units, uint8_t unit);

/* True for a location on the local server. */
bool modbus_location_is_local(const struct modbus_location *location);
/* True when server, gateway and unit are equal. */
bool modbus_location_is_equal(const struct modbus_location *a, const struct modbus_location *b);

#endif
