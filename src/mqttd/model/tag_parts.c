/* Copies value maps, patterns, constants and limits of tags into the block of their device. */
#include "mqttd/model/tag_parts.h"

#include <string.h>

#include "common/model/pattern.h"
#include "mqttd/model/given_value.h"

static size_t tag_parts_pattern_size(const char *text)
{
    struct pattern_room room;
    struct pattern pattern;
    struct pattern_error error;
    if (!text)
        return 0;
    pattern_compile(text, &room, &pattern, &error);
    return aligned_size(sizeof pattern) + aligned_size(pattern.step_count * sizeof *pattern.steps) +
           aligned_size(pattern.range_count * sizeof *pattern.ranges);
}

static bool tag_parts_is_limited(const struct tagdb_tag *row)
{
    return row->modbus_min_change > 0 || row->modbus_min_interval_ms > 0;
}

size_t tag_parts_size(const struct tagdb_tag *row)
{
    const struct value_map *map = &row->mqtt_values;
    size_t size = tag_parts_pattern_size(row->mqtt_pattern);
    if (map->count > 0)
        size += aligned_size(sizeof *map) + aligned_size(map->count * sizeof *map->entries);
    for (size_t entry = 0; entry < map->count; entry++)
        size += aligned_text_size(map->entries[entry].text);
    if (row->direction == CONSTANT)
        size += aligned_size(point_width(&row->point) * sizeof(uint16_t));
    if (tag_parts_is_limited(row))
        size += aligned_size(sizeof(struct write_terms));
    return size;
}

const struct value_map *tag_parts_copy_map(struct device_block *block, const struct value_map *map)
{
    if (map->count == 0)
        return NULL;
    struct value_map_entry *entries = block_alloc(block, map->count * sizeof *entries);
    struct value_map *copy = block_alloc(block, sizeof *copy);
    for (size_t i = 0; i < map->count; i++) {
        entries[i].text = block_copy_text(block, map->entries[i].text);
        entries[i].number = map->entries[i].number;
    }
    *copy = (struct value_map){.count = map->count, .entries = entries};
    return copy;
}

const struct pattern *tag_parts_compile_pattern(struct device_block *block, const char *text)
{
    struct pattern_room room;
    struct pattern_error error;
    if (!text)
        return NULL;
    struct pattern *pattern = block_alloc(block, sizeof *pattern);
    if (!pattern_compile(text, &room, pattern, &error))
        return pattern;
    size_t steps = pattern->step_count * sizeof *pattern->steps;
    size_t ranges = pattern->range_count * sizeof *pattern->ranges;
    pattern->steps = memcpy(block_alloc(block, steps), room.steps, steps);
    pattern->ranges = memcpy(block_alloc(block, ranges), room.ranges, ranges);
    return pattern;
}

const uint16_t *tag_parts_encode_constant(struct device_block *block, const struct tagdb_tag *row,
                                          bool *is_short)
{
    struct codec_registers registers = {{0}};
    size_t size = point_width(&row->point) * sizeof(uint16_t);
    if (row->direction != CONSTANT)
        return NULL;
    enum given_value_result result =
        given_value_encode(&row->point, &row->mqtt_values, false, row->modbus_constant, &registers);
    *is_short |= result == GIVEN_VALUE_NO_MEMORY;
    if (result != GIVEN_VALUE_OK || size > sizeof registers.words)
        return NULL;
    return memcpy(block_alloc(block, size), registers.words, size);
}

const struct write_terms *tag_parts_copy_terms(struct device_block *block,
                                               const struct tagdb_tag *row, bool is_local)
{
    bool is_number = row->point.type != TYPE_BOOL && row->point.type != TYPE_STRING;
    if (is_local || !direction_has_messages(row->direction) || !tag_parts_is_limited(row))
        return NULL;
    struct write_terms *terms = block_alloc(block, sizeof *terms);
    *terms = (struct write_terms){.min_change = is_number ? row->modbus_min_change : 0,
                                  .min_interval_ms = row->modbus_min_interval_ms};
    return terms;
}
