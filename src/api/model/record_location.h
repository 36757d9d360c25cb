/* The location of a device's registers. Pure. */
#ifndef TAGFERRY_API_MODEL_RECORD_LOCATION_H
#define TAGFERRY_API_MODEL_RECORD_LOCATION_H

#include "api/model/fields.h"
#include "common/base/settings.h"
#include "common/model/modbus_location.h"

/* Returns the location of the registers of the device's tags. */
struct modbus_location modbus_location_of(const struct record *device,
                                          const struct common_settings *common);
/* Returns the location of its status block, which is on the local server, even if it has none. */
struct modbus_location modbus_location_of_status(const struct record *device,
                                                 const struct common_settings *common);
/* True when this gateway holds the device. */
bool record_is_held_here(const struct record *device, const struct common_settings *common);

#endif
