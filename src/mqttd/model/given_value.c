/* Encodes scalars of the settings. */
#include "mqttd/model/given_value.h"

#include <cjson/cJSON.h>

#include "common/base/require.h"

enum given_value_result given_value_encode(const struct point *point, const struct value_map *map,
                                           bool is_command, const char *json,
                                           struct codec_registers *registers)
{
    REQUIRE(point && registers);
    if (!json)
        return GIVEN_VALUE_NONE;
    /* The store has valid JSON: only memory can be lacking. */
    cJSON *item = cJSON_Parse(json);
    if (!item)
        return GIVEN_VALUE_NO_MEMORY;
    const struct scalar scalar = scalar_from_json(item);
    enum fault fault = codec_encode_given(point, map, is_command, &scalar, registers);
    cJSON_Delete(item);
    return fault == FAULT_NONE ? GIVEN_VALUE_OK : GIVEN_VALUE_NONE;
}
