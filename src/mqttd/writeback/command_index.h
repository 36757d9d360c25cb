/* The tags with a way back, by their places, so that what an entry of the journal touches is found
 * at once. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_COMMAND_INDEX_H
#define TAGFERRY_MQTTD_WRITEBACK_COMMAND_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/config/device_table.h"

#define COMMAND_FOREIGN UINT32_MAX

struct command_tag {
    uint32_t place; /* unit, table, first register: the order; COMMAND_FOREIGN comes last */
    uint16_t width;
    struct device *device;
    struct tag *tag;
};

/* Zero it before use. */
struct command_index {
    struct command_tag *item;
    size_t count, room;
    uint16_t widest;
    uint64_t generation; /* of the device_table, when they were gathered */
    bool is_short;       /* there was no memory for all of them */
};

/* Gathers them again when the device_table has changed. Without memory it answers false, and there
 * are none: call it again. */
bool command_index_refresh(struct command_index *command_index,
                           const struct device_table *device_table);
void command_index_finish(struct command_index *command_index);
uint32_t command_index_place_of(uint8_t unit, uint8_t table, uint16_t address);
/* The first one at or behind a place. */
size_t command_index_lower_bound(const struct command_index *command_index, uint32_t place);
/* By the ids of device and tag; NULL when there is none any more. */
const struct command_tag *command_index_find(const struct command_index *command_index,
                                             int64_t device, int64_t tag);

#endif
