/* A queue of writes that have no row of the live table: zeros and status registers. Pure. */
#ifndef TAGFERRY_MQTTD_TARGETS_RAW_WRITES_H
#define TAGFERRY_MQTTD_TARGETS_RAW_WRITES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/model/tag.h"

enum { RAW_WRITE_REGISTERS_MAX = 123, RAW_WRITE_WORDS_MAX = 4 };

struct target_write {
    uint8_t unit;
    uint8_t table;           /* enum modbus_table */
    uint16_t address, count; /* 1 to RAW_WRITE_REGISTERS_MAX, RAW_WRITE_WORDS_MAX with words */
    uint16_t mask;           /* not 0: only these bits of one register */
    bool has_words;          /* else zeros */
    uint16_t words[RAW_WRITE_WORDS_MAX];
};

struct raw_writes {
    struct target_write *item;
    size_t count, room;
};

/* Adds a write at the end and drops words that wait for the same place. False when out of memory:
 * then the write is not added. Never false after ARRAY_RESERVE. */
bool raw_writes_add(struct raw_writes *raw_writes, const struct target_write *write);
/* Adds all of `newer` and empties it. False when out of memory: then nothing has changed. */
bool raw_writes_append(struct raw_writes *raw_writes, struct raw_writes *newer);
/* Call it when a value was written to these registers, or with a mask to these bits of one
 * register: drops the zeros for them, which are older. Each queued write is of one register. */
void raw_writes_drop_zeros(struct raw_writes *raw_writes, uint8_t unit, uint8_t table,
                           uint16_t address, uint16_t count, uint16_t mask);
void raw_writes_finish(struct raw_writes *raw_writes);

#endif
