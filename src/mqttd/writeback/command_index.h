/* The tags with a way back, by their places, so that what an entry of the journal touches is found
 * at once. The MQTT thread's alone. */
#ifndef TAGFERRY_MQTTD_WRITEBACK_COMMAND_INDEX_H
#define TAGFERRY_MQTTD_WRITEBACK_COMMAND_INDEX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mqttd/config/device_table.h"

#define SITE_FOREIGN UINT32_MAX

struct site {
    uint32_t place; /* unit, table, first register: the order; SITE_FOREIGN comes last */
    uint16_t width;
    struct device *device;
    struct tag *tag;
};

/* Zero it before use. */
struct sites {
    struct site *item;
    size_t count, room;
    uint16_t widest;
    uint64_t generation; /* of the plant, when they were gathered */
    bool is_short;       /* there was no memory for all of them */
};

/* Gathers them again when the plant has changed. Without memory it answers false, and there are
 * none: call it again. */
bool sites_refresh(struct sites *sites, const struct plant *plant);
void sites_finish(struct sites *sites);
uint32_t sites_place(uint8_t unit, uint8_t table, uint16_t address);
/* The first one at or behind a place. */
size_t sites_first(const struct sites *sites, uint32_t place);
/* By the ids of device and tag; NULL when there is none any more. */
const struct site *sites_find(const struct sites *sites, int64_t device, int64_t tag);

#endif
