/* Finds command tags by their registers, and compares entries of the journal with them. Used by the
 * MQTT thread only. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_COMMAND_INDEX_H
#define TAGFERRY_MQTTD_WRITEBACK_COMMAND_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/shared/journal.h"
#include "mqttd/config/device_table.h"

/* The place of tags of foreign Modbus servers, which have no journal: after all others. */
#define COMMAND_FOREIGN UINT32_MAX

struct command_tag {
    uint32_t place; /* unit, table, first register: the order; or COMMAND_FOREIGN */
    uint16_t width; /* registers, or 1 for a coil */
    struct device *device;
    struct tag *tag;
};

/* Zero it before use. */
struct command_index {
    struct command_tag *item;
    size_t count, room;
    uint16_t widest;
    uint64_t generation; /* of the device table that it was made from */
    bool is_short;       /* there was no memory for all tags */
};

/* Makes the index again if the device table has changed: an update of the configuration frees
 * devices and tags. False when out of memory: then the index is empty, and the next call tries
 * again. */
bool command_index_refresh(struct command_index *command_index,
                           const struct device_table *device_table);
/* Accepts a zeroed one. */
void command_index_finish(struct command_index *command_index);

/* The place of a register or coil of the local server. `table` is an enum modbus_table that SCADA
 * can write. */
uint32_t command_index_place_of(uint8_t unit, uint8_t table, uint16_t address);
/* Returns the index of the first tag at this place or after it; `count` without such a tag. */
size_t command_index_lower_bound(const struct command_index *command_index, uint32_t place);
/* Returns the index of the first tag that may have registers of the entry, and sets *end to the
 * place after the last one. */
size_t command_index_first_of(const struct command_index *command_index,
                              const struct journal_entry *entry, uint32_t *end);
/* Returns the tag of this id if its registers are at this place, else NULL. */
const struct command_tag *command_index_find_at(const struct command_index *command_index,
                                                uint32_t place, int64_t tag);
/* Returns the tag of this id, or NULL. Slow: searches all tags. */
const struct command_tag *command_index_find(const struct command_index *command_index,
                                             int64_t tag);

enum command_match {
    COMMAND_MATCH_NONE,  /* the entry wrote other registers, or other bits of the tag's register */
    COMMAND_MATCH_PART,  /* it wrote some of the tag's registers */
    COMMAND_MATCH_WHOLE, /* it wrote the tag's value */
};

/* Compares the registers and bits of an entry with those of a tag of the same unit and table. With
 * COMMAND_MATCH_WHOLE it fills `words`, point_width of them: registers, the whole register of a
 * point with a bit, or a coil as 0 or 1. */
enum command_match command_match_entry(const struct journal_entry *entry, const struct point *point,
                                       uint16_t words[POINT_REGISTERS_MAX]);

#endif
