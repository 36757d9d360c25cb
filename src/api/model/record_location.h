/* The location of a device's registers, from its record. Pure. */
#ifndef TAGFERRY_API_MODEL_RECORD_LOCATION_H
#define TAGFERRY_API_MODEL_RECORD_LOCATION_H

#include "api/model/fields.h"
#include "common/base/settings.h"
#include "common/model/modbus_location.h"

/* Of the device's tags. */
struct modbus_location modbus_location_of(const struct record *device,
                                          const struct common_settings *common);
/* Of the device's status block, whether it has one or not. */
struct modbus_location modbus_location_of_status(const struct record *device,
                                                 const struct common_settings *common);

#endif
