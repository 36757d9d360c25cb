/* The types that the field tables are made of. Pure. */
#ifndef TAGFERRY_API_MODEL_FIELD_TYPES_H
#define TAGFERRY_API_MODEL_FIELD_TYPES_H

#include "api/model/fields.h"

extern const struct field_type type_name, type_text, type_integer, type_real, type_scale, type_flag,
    type_choice, type_filter, type_topic, type_key, type_host, type_address, type_on_stale;

#endif
