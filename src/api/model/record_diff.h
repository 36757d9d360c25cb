/* The members in which two states of a device or tag differ, as the JSON array
 * [{"pointer": "/modbus/scale", "before": 1, "after": 0.1}]. Revisions, the time of the change and
 * the Modicon form of an address are left out: they follow from the other members. Pure. */
#ifndef TAGFERRY_API_MODEL_RECORD_DIFF_H
#define TAGFERRY_API_MODEL_RECORD_DIFF_H

#include "api/base/text.h"
#include "api/model/fields.h"

/* Writes the differences between two records of one resource. */
void record_diff_write(const struct resource *resource, const struct record *before,
                       const struct record *after, struct arena *arena, struct text *text);
/* Writes the members of `record` that differ from those of `other`, or from the defaults for NULL,
 * as a JSON object with their groups: {"modbus": {"scale": 1}}. */
void record_diff_write_members(const struct resource *resource, const struct record *record,
                               const struct record *other, struct text *text);
/* Writes the differences between two states in JSON: an empty array when one of them is NULL, which
 * is a creation or a deletion, or is not JSON. */
void record_diff_write_json(const char *before, const char *after, struct arena *arena,
                            struct text *text);

#endif
