/* Calls the functions of common/model/modbus_location.h with the fields of a device. */
#include "api/model/record_location.h"

#include <string.h>

#include "common/model/tag.h"

struct modbus_location modbus_location_of(const struct record *device,
                                          const struct common_settings *common)
{
    const char *framing = record_field_text(device, DEVICE_FRAMING);
    struct modbus_location location =
        modbus_location_make(record_field_text(device, DEVICE_MODBUS_HOST),
                             (uint16_t)record_field_integer(device, DEVICE_MODBUS_PORT),
                             (uint8_t)record_field_integer(device, DEVICE_UNIT_ID),
                             record_field_text(device, DEVICE_GATEWAY), &common->modbus);
    location.is_exclusive |= !modbus_location_is_local(&location) &&
                             (record_field_integer(device, DEVICE_TLS) != 0 ||
                              (framing && strcmp(framing, framing_names[FRAMING_RTU]) == 0));
    return location;
}

struct modbus_location modbus_location_of_status(const struct record *device,
                                                 const struct common_settings *common)
{
    uint8_t unit = (uint8_t)record_field_integer(device, DEVICE_UNIT_ID);
    return modbus_location_make_status(&common->units, unit,
                                       record_field_text(device, DEVICE_GATEWAY));
}

bool record_is_held_here(const struct record *device, const struct common_settings *common)
{
    return gateway_holds_device(common->gateway, record_field_text(device, DEVICE_GATEWAY));
}
