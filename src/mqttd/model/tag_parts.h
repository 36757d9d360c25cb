/* The parts of a tag whose size depends on its settings, in the block of its device. Used in this
 * folder only. */
#ifndef TAGFERRY_MQTTD_MODEL_TAG_PARTS_H
#define TAGFERRY_MQTTD_MODEL_TAG_PARTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/store/tagdb.h"
#include "mqttd/model/device_block.h"
#include "mqttd/model/device_model.h"

/* The bytes of the block that the functions below take for this row. */
size_t tag_parts_size(const struct tagdb_tag *row);
/* NULL for an empty map. */
const struct value_map *tag_parts_copy_map(struct device_block *block, const struct value_map *map);
/* Compiles the pattern; NULL for NULL. The API takes only those that compile; another one in the
 * store matches nothing, and its tag says so with the first message. */
const struct pattern *tag_parts_compile_pattern(struct device_block *block, const char *text);
/* Returns the registers of a constant; NULL for other tags, and for a value that has no registers.
 * Sets *is_short when out of memory. */
const uint16_t *tag_parts_encode_constant(struct device_block *block, const struct tagdb_tag *row,
                                          bool *is_short);
/* Returns the limits of writes; NULL if there are none. `is_local`: the registers are on the local
 * server, which has none. */
const struct write_terms *tag_parts_copy_terms(struct device_block *block,
                                               const struct tagdb_tag *row, bool is_local);

#endif
