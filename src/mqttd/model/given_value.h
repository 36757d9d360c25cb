/* Values that the settings of a tag give: modbus.constant and mqtt.expire_value. Pure. */
#ifndef TAGFERRY_MQTTD_MODEL_GIVEN_VALUE_H
#define TAGFERRY_MQTTD_MODEL_GIVEN_VALUE_H

#include <stdbool.h>

#include "common/model/codec.h"

enum given_value_result {
    GIVEN_VALUE_OK,
    GIVEN_VALUE_NONE, /* no text, or the registers cannot hold it, which tagferry-api refuses */
    GIVEN_VALUE_NO_MEMORY
};

/* Encodes a scalar of the settings. `json`: its JSON, or NULL. `is_command` as for
 * codec_encode_given. On any other result than OK, `registers` may be changed. */
enum given_value_result given_value_encode(const struct point *point, const struct value_map *map,
                                           bool is_command, const char *json,
                                           struct codec_registers *registers);

#endif
