/* Encodes scalars of the settings. */
#include "mqttd/model/given_value.h"

#include <cjson/cJSON.h>
#include <string.h>

#include "common/base/require.h"

enum given_value_result given_value_encode(const struct point *point, const struct value_map *map,
                                           bool is_command, const char *json,
                                           struct codec_registers *registers)
{
    struct scalar scalar = {.kind = SCALAR_OTHER};
    REQUIRE(point && registers);
    if (!json)
        return GIVEN_VALUE_NONE;
    /* The store has valid JSON: only memory can be lacking. */
    cJSON *item = cJSON_Parse(json);
    if (!item)
        return GIVEN_VALUE_NO_MEMORY;
    if (cJSON_IsString(item))
        scalar = (struct scalar){
            .kind = SCALAR_STRING, .text = item->valuestring, .len = strlen(item->valuestring)};
    else if (cJSON_IsNumber(item))
        scalar = (struct scalar){.kind = SCALAR_NUMBER, .number = item->valuedouble};
    else if (cJSON_IsBool(item))
        scalar = (struct scalar){.kind = SCALAR_BOOL, .truth = cJSON_IsTrue(item)};
    enum fault fault = codec_encode_given(point, map, is_command, &scalar, registers);
    cJSON_Delete(item);
    return fault == FAULT_NONE ? GIVEN_VALUE_OK : GIVEN_VALUE_NONE;
}
