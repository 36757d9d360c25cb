/* The types of fields. Pure. */
#ifndef TAGFERRY_API_MODEL_FIELD_TYPES_H
#define TAGFERRY_API_MODEL_FIELD_TYPES_H

#include "api/model/fields.h"

extern const struct field_type field_type_name, field_type_text, field_type_integer,
    field_type_real, field_type_scale, field_type_distance, field_type_flag, field_type_choice,
    field_type_filter, field_type_topic, field_type_key, field_type_host, field_type_address,
    field_type_on_stale, field_type_pattern, field_type_quality_key, field_type_scalar,
    field_type_gateway;

#endif
