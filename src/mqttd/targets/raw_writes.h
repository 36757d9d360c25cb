/* Writes without a row of the live table, in order, until their server takes them. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_RAW_WRITES_H
#define TAGFERRY_MQTTD_TARGETS_RAW_WRITES_H

#include <stdbool.h>
#include <stddef.h>

#include "mqttd/targets/target.h"

struct raw_writes {
    struct target_write *item;
    size_t count, room;
};

/* Makes room for so many more. False without memory. */
bool raw_writes_reserve(struct raw_writes *raw_writes, size_t more);
/* Adds a write at the end. Words that wait for the same place are dropped for it. Out of memory it
 * is lost. */
void raw_writes_add(struct raw_writes *raw_writes, const struct target_write *write);
/* Adds all of `newer`, which it empties. False when out of memory: nothing has changed. */
bool raw_writes_append(struct raw_writes *raw_writes, struct raw_writes *newer);
/* A value has been written to these registers, or with a mask to these bits of one: drops the zeros
 * of one register that wait for them, since they are older. */
void raw_writes_drop_zeros(struct raw_writes *raw_writes, uint8_t unit, uint8_t table,
                           uint16_t address, uint16_t count, uint16_t mask);
void raw_writes_finish(struct raw_writes *raw_writes);

#endif
