/* The fields whose value is a JSON object: value maps, mqtt.where and mqtt.request. Pure. */
#ifndef TAGFERRY_API_MODEL_OBJECT_FIELDS_H
#define TAGFERRY_API_MODEL_OBJECT_FIELDS_H

#include <stdbool.h>

#include "api/base/validation.h"
#include "api/model/fields.h"

struct cJSON;

extern const struct field_type field_type_map, field_type_where, field_type_request;

/* Returns a new object: the one that `old` is the text of, or an empty one for NULL, changed by the
 * members of `given` as RFC 7396 has it. A member that `given` repeats is repeated in the result.
 * Free it with cJSON_Delete. */
struct cJSON *json_object_merge(const char *old, const struct cJSON *given);

/* Checks the object and converts it into a cell, whose text goes into the arena of `validation`.
 * Returns false, with errors in `validation`, when it is refused. The field's type is one of the
 * above. */
bool object_field_read(const struct field *field, const struct cJSON *object,
                       struct validation *validation, struct cell *cell);

#endif
