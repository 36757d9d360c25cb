/* Compares a device's Modbus server with the local one. */
#include "common/model/modbus_location.h"

#include <stdio.h>
#include <string.h>

#include "common/base/require.h"
#include "common/base/serial_line.h"

bool modbus_server_is_local(const char *host, uint16_t port, const struct net_addr *local)
{
    char device_host[NET_HOST_SIZE], local_host[NET_HOST_SIZE];
    if (!host)
        return true;
    if (port != local->port)
        return false;
    net_host_normalise(host, device_host);
    net_host_normalise(local->host, local_host);
    return strcmp(device_host, local_host) == 0;
}

static void modbus_location_set_gateway(struct modbus_location *location, const char *gateway)
{
    if (gateway)
        snprintf(location->gateway, sizeof location->gateway, "%s", gateway);
}

struct modbus_location modbus_location_make(const char *host, uint16_t port, uint8_t unit,
                                            const char *gateway, const struct net_addr *local)
{
    struct modbus_location location = {.unit = unit};
    struct serial_line line;
    char why[NET_WHY_SIZE];
    if (modbus_server_is_local(host, port, local)) {
        modbus_location_set_gateway(&location, gateway);
    } else if (serial_line_parse_host(host, &line, why, sizeof why)) {
        snprintf(location.server, sizeof location.server, SERIAL_HOST_PREFIX "%s", line.path);
        location.is_exclusive = true;
    } else {
        struct net_addr server = {.port = port};
        net_host_normalise(host, server.host);
        net_addr_format(&server, location.server);
    }
    return location;
}

uint8_t modbus_location_status_unit(const struct unit_set *units, uint8_t unit)
{
    REQUIRE(units->count > 0);
    return unit_set_contains(units, unit) ? unit : units->id[0];
}

struct modbus_location modbus_location_make_status(const struct unit_set *units, uint8_t unit,
                                                   const char *gateway)
{
    struct modbus_location location = {.unit = modbus_location_status_unit(units, unit)};
    modbus_location_set_gateway(&location, gateway);
    return location;
}

bool modbus_location_is_local(const struct modbus_location *location)
{
    return location->server[0] == '\0';
}

bool modbus_location_is_equal(const struct modbus_location *a, const struct modbus_location *b)
{
    return a->unit == b->unit && strcmp(a->server, b->server) == 0 &&
           strcmp(a->gateway, b->gateway) == 0;
}
